"""Containers: iteration, items, slices, unpacking, and how lists and dictionaries grow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from scriptlint.evaluate import calls, classes, dictionaries, keys, metaclasses, plain, symbols, versions
from scriptlint.evaluate.arguments import Arguments, hide
from scriptlint.evaluate.frames import Frame, Raised
from scriptlint.evaluate.values import (
    ClassValue,
    Const,
    EnumMember,
    FunctionValue,
    Instance,
    Items,
    Mapping,
    Slice,
    Some,
    Symbol,
    Unknown,
    Value,
    identity,
)
from scriptlint.program.classes import Member
from scriptlint.program.module import Class
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk_scope

if TYPE_CHECKING:
    from scriptlint.evaluate.evaluator import Evaluator


def iterate(ev: Evaluator, value: Value, node: n.Node | None = None, frame: Frame | None = None) -> Items:
    """Return what iterating over a value gives; samples of it where that is not known."""
    value = symbols.settled(ev, value)
    match value:
        case Items():
            return value
        case Mapping():
            dictionaries.refresh(ev, value)
            return Items("iterator", [keys.of_key(key) for key in value.items], value.exact)
        case Const(value=str() as text):
            return Items("iterator", [Const(one) for one in text])
        case Symbol():
            if value.kind in ("", "list", "dict") and value.is_argument:
                return symbols.elements(ev, value)
        case Instance():
            return _iterate_object(ev, value)
        case ClassValue():
            members = _enum_members(ev, value.symbol)
            if members is not None:
                return members
    parts = ev.domain.iterate(ev, value)
    if parts is not None:
        return parts
    what = frame.text(node) if frame is not None and node is not None else "a loop"
    reason = value.reason if isinstance(value, Unknown) and value.reason else f"`{what}`"
    assumed = isinstance(value, Unknown) and value.assumed
    return Items("iterator", [Unknown(reason, assumed)] * 2, exact=False)


def _iterate_object(ev: Evaluator, instance: Instance) -> Items:

    if isinstance(instance.cls, Class):
        own = ev.classes.member(instance.cls, "__iter__")
        if isinstance(own, Member):
            made = ev.resolved(calls.call(ev, ev.attribute(instance, "__iter__"), Arguments([], {})))
            return made if isinstance(made, Items) else Items("iterator", [Unknown("an iterator")] * 2, exact=False)
    parts = ev.domain.iterate(ev, instance)
    if parts is not None:
        return parts
    return Items("iterator", [Unknown(f"a `{instance.class_name}`")] * 2, exact=False)


def _enum_members(ev: Evaluator, cls: Class) -> Items | None:

    names = classes.enum_names(ev, cls)
    return None if names is None else Items("iterator", [EnumMember(cls, name) for name in names])


def as_mapping(ev: Evaluator, value: Value) -> Mapping | None:
    """Return the dictionary that a value is, or that is made of its pairs; None where that is not known."""
    value = symbols.settled(ev, value)
    match value:
        case Mapping():
            dictionaries.refresh(ev, value)
            return value
        case Items():
            return of_pairs(ev, value)
        case Instance():
            return ev.domain.as_mapping(ev, value)
        case _:
            return None


def of_pairs(ev: Evaluator, pairs: Items) -> Mapping:
    """Return the dictionary that is made of pairs."""
    made = Mapping({}, pairs.exact)
    for one in pairs.items:
        pair = ev.resolved(one)
        items = pair.items if isinstance(pair, Items) and pair.exact else []
        key: Any = keys.key_of(ev, items[0]) if len(items) == 2 else keys.NO_KEY
        if key is keys.NO_KEY:
            made.exact = False
        else:
            made.items[key] = items[1]
    return made


def update(mapping: Mapping, more: Mapping) -> None:
    """Add the items of a dictionary to another."""
    mapping.items.update(more.items)
    mapping.exact = mapping.exact and more.exact


def extend(ev: Evaluator, items: Items, more: Items) -> None:
    """Add items to a list."""
    added = list(more.items)
    ev.spend(len(added))
    ev.domain.on_change(ev, items)
    if len(items.items) + len(added) > plain.LONGEST:
        items.exact = False
        return
    items.items += added
    items.exact = items.exact and more.exact


def distinct(ev: Evaluator, items: Sequence[Value]) -> list[Value]:
    """Return the members of a set of these values, in the order in which they come."""
    made: dict[object, Value] = {}
    for one in items:
        key = keys.key_of(ev, one)
        made.setdefault(id(one) if key is keys.NO_KEY else ("key", key), one)
    return list(made.values())


def grows(ev: Evaluator, body: Sequence[n.Stmt], frame: Frame) -> None:
    """Make inexact what grows in a loop of which not all rounds are known."""
    for node in walk_scope(list(body)):
        owner: n.Expr | None = None
        match node:
            case n.Call(func=n.Attribute(value=n.Name() | n.Attribute() as owner, attr=attr)) if attr in _GROWING:
                pass
            case n.AugAssign(target=n.Name() | n.Attribute() as owner):
                pass
            case n.Assign(targets=[n.Subscript(value=n.Name() | n.Attribute() as owner)]):
                pass
        if owner is None or not _is_simple(owner):
            continue
        try:
            grown = ev.resolved(ev.evaluate(owner, frame))
        except Raised:
            continue
        if isinstance(grown, (Items, Mapping, Instance)):
            ev.domain.on_change(ev, grown)
        if isinstance(grown, (Items, Mapping)) and not (isinstance(grown, Items) and grown.kind == "tuple"):
            grown.exact = False
        elif isinstance(grown, Instance):
            grown.open = True


def forget_loop(ev: Evaluator, loop: n.For, frame: Frame) -> None:
    """Forget what a loop sets, whose rounds are not all evaluated; objects that it may change are hidden."""
    grows(ev, loop.body, frame)
    for node in walk_scope([loop]):
        targets: list[n.Expr] = []
        used: list[n.Expr] = []
        match node:
            case n.Assign():
                targets = node.targets
            case n.AugAssign() | n.AnnAssign() | n.For() | n.NamedExpr():
                targets = [node.target]
            case n.Call(func=n.Attribute(value=owner)):
                used = [owner, *node.args]
            case n.Call():
                used = node.args
        for target in targets:
            for name in _names(target):
                frame.variables[name] = Unknown(f"`{name}`, which a long loop sets")
            used += [target.value] if isinstance(target, n.Attribute) else []
        names = [one.id for one in used if isinstance(one, n.Name)]
        hide(ev, Arguments([frame.variables[name] for name in names if name in frame.variables], {}))


def _names(target: n.Expr) -> list[str]:
    """Return the names that a target binds."""
    match target:
        case n.Name():
            return [target.id]
        case n.Tuple() | n.List():
            return [name for one in target.elts for name in _names(one)]
        case _:
            return []


_GROWING = frozenset("add add_module append extend insert pop register_module setdefault update".split())


def _is_simple(node: n.Expr) -> bool:
    while isinstance(node, n.Attribute):
        node = node.value
    return isinstance(node, n.Name)


# Items


def item(ev: Evaluator, owner: Value, key: Value, node: n.Subscript, frame: Frame) -> Value:
    """Return `owner[key]`."""
    owner = symbols.settled(ev, owner)
    key = ev.resolved(key)
    if isinstance(owner, Symbol):
        return _of_symbol(ev, owner, key, node, frame)
    owner = versions.text_of_torch(ev, owner)
    if owner == versions.OF_PYTHON:
        return (
            Const(3) if key == Const(0) else owner if isinstance(key, Slice) and not key.bounds.start else Some("int")
        )
    own = _by_class(ev, owner, "__getitem__", [key], node, frame)
    if own is not None:
        return own
    if isinstance(key, Slice):
        return _sliced(ev, owner, key.bounds) or Unknown(f"`{frame.text(node)}`")
    match owner:
        case Items():
            return _of_list(ev, owner, symbols.settled(ev, key), node, frame)
        case Mapping():
            dictionaries.refresh(ev, owner)
            return _of_mapping(ev, owner, key, node, frame)
        case Const(value=str()):
            return _of_text(owner, key, node, frame)
        case ClassValue():
            return _of_class(ev, owner, key) or owner
        case _:
            return ev.domain.item(ev, owner, key, node, frame)


def _of_symbol(ev: Evaluator, owner: Symbol, key: Value, node: n.Subscript, frame: Frame) -> Value:
    key = symbols.settled(ev, key)
    if isinstance(key, Const) and isinstance(key.value, int) and owner.kind == "list":
        made = symbols.elements(ev, owner)
        return (
            _of_list(ev, made, key, node, frame) if -len(made.items) <= key.value < len(made.items) else made.items[-1]
        )
    if isinstance(key, Slice):
        return _sliced(ev, symbols.elements(ev, owner), key.bounds) or Unknown(f"`{frame.text(node)}`")
    text = f"[{key.value!r}]" if isinstance(key, Const) else f"[{frame.text(node.slice)}]"
    return symbols.part(ev, owner, text)


def _of_list(ev: Evaluator, owner: Items, key: Value, node: n.Subscript, frame: Frame) -> Value:
    if not isinstance(key, Const) or not isinstance(key.value, int):
        same = {identity(one) for one in owner.items}
        if owner.exact and len(same) == 1 and None not in same:
            return owner.items[0]
        return Unknown(f"`{frame.text(node)}`")
    index = key.value
    if not owner.exact:
        known = 0 <= index < len(owner.items) and owner.kind == "tuple"
        return owner.items[index] if known else owner.items[0] if owner.items else Unknown(f"`{frame.text(node)}`")
    if -len(owner.items) <= index < len(owner.items):
        return owner.items[index]
    raise Raised("builtins.IndexError", None, node, frame.module)


def _of_mapping(ev: Evaluator, owner: Mapping, key: Value, node: n.Subscript, frame: Frame) -> Value:

    key = ev.resolved(key)
    if isinstance(key, Symbol) and owner.items:
        for option in owner.items:
            if isinstance(option, (str, int)) and option not in key.excluded and symbols.equals(ev, key, option):
                return owner.items[option]
        if not owner.exact:
            return Unknown(f"`{frame.text(node)}`")
        raise Raised("builtins.KeyError", None, node, frame.module)
    known = keys.key_in(ev, key, owner)
    if ev.namespaces.registries.fill(owner, known):
        return owner.items[known]
    if owner.factory is not None and known is not keys.NO_KEY:
        made = calls.call(ev, owner.factory, Arguments([], {}), node, frame)
        ev.domain.on_change(ev, owner)
        owner.items[known] = made
        return made
    # Another number than the chosen one may be a key: how many blocks there are says which widths are asked for.
    may_be_another = ev.path.has_chosen and isinstance(known, int)
    if known is keys.NO_KEY or not owner.exact or may_be_another:
        return Unknown(f"`{frame.text(node)}`")
    raise Raised("builtins.KeyError", None, node, frame.module)


def _of_text(owner: Const, key: Value, node: n.Subscript, frame: Frame) -> Value:
    if not isinstance(key, Const) or not isinstance(key.value, int):
        return Some("str")
    try:
        return Const(str(owner.value)[key.value])
    except IndexError:
        raise Raised("builtins.IndexError", None, node, frame.module) from None


def _of_class(ev: Evaluator, owner: ClassValue, key: Value) -> Value | None:
    """Return the member of an enum that a class is asked for by name; None where it is no enum."""

    names = classes.enum_names(ev, owner.symbol)
    if names is None:
        return None
    return EnumMember(owner.symbol, key.value) if isinstance(key, Const) and key.value in names else Unknown()


def _sliced(ev: Evaluator, owner: Value, bounds: slice) -> Value | None:
    if isinstance(owner, Items):
        kind = "tuple" if owner.kind == "tuple" else "list" if owner.kind != "range" else "range"
        return Items(kind, owner.items[bounds], owner.exact)
    if isinstance(owner, Const) and isinstance(owner.value, str):
        return Const(owner.value[bounds])
    return ev.domain.part(ev, owner, bounds)


def _by_class(
    ev: Evaluator, owner: Value, name: str, arguments: list[Value], node: n.Node, frame: Frame
) -> Value | None:
    """Return what a class of the project makes of `[]`; None where it says nothing."""

    if isinstance(owner, Instance) and isinstance(owner.cls, Class):
        found = ev.classes.member(owner.cls, name)
        if isinstance(found, Member):
            return calls.call(ev, ev.attribute(owner, name), Arguments(arguments, {}), node, frame)
    if isinstance(owner, ClassValue) and classes.enum_names(ev, owner.symbol) is None:
        own = ev.classes.method(owner.symbol, "__class_getitem__") if name == "__getitem__" else None
        if own is not None:
            return calls.call(ev, FunctionValue(own, owner), Arguments(arguments, {}), node, frame)
        return metaclasses.answer(ev, owner.symbol, name, arguments)
    return None


def store(ev: Evaluator, owner: Value, key: Value, value: Value, target: n.Subscript, frame: Frame) -> None:
    """Evaluate `owner[key] = value`."""
    owner, key = symbols.settled(ev, owner), symbols.settled(ev, key)
    ev.domain.on_change(ev, owner)
    if _by_class(ev, owner, "__setitem__", [key, value], target, frame) is not None:
        return
    match owner:
        case Mapping():
            known = keys.key_of(ev, key)
            if known is keys.NO_KEY:
                owner.exact = False
            else:
                owner.items[known] = value
            if owner.owner is not None:
                dictionaries.put(ev, owner, key, value, frame.module.span(target))
        case Items():
            _store_in_list(ev, owner, key, value, target, frame)
        case _:
            ev.domain.store_item(ev, owner, key, value, target, frame)


def _store_in_list(ev: Evaluator, owner: Items, key: Value, value: Value, target: n.Subscript, frame: Frame) -> None:
    if isinstance(key, Const) and isinstance(key.value, int) and owner.exact:
        if not -len(owner.items) <= key.value < len(owner.items):
            raise Raised("builtins.IndexError", None, target, frame.module)
        owner.items[key.value] = value
    elif isinstance(key, Slice) and owner.exact and (more := iterate(ev, value)).exact:
        try:
            owner.items[key.bounds] = more.items
        except ValueError:
            owner.forget()
    else:
        owner.exact = False
        if owner.kind == "list":
            owner.items.append(value)


def delete(ev: Evaluator, owner: Value, key: Value, target: n.Subscript, frame: Frame) -> None:
    """Evaluate `del owner[key]`."""
    owner, key = symbols.settled(ev, owner), symbols.settled(ev, key)
    ev.domain.on_change(ev, owner)
    known = keys.key_of(ev, key)
    if isinstance(owner, Mapping):
        if known not in owner.items and owner.exact and known is not keys.NO_KEY:
            raise Raised("builtins.KeyError", None, target, frame.module)
        owner.items.pop(known, None)
        if owner.owner is not None:
            dictionaries.take(ev, owner, key)
    elif (
        isinstance(owner, Items)
        and owner.exact
        and isinstance(known, int)
        and -len(owner.items) <= known < len(owner.items)
    ):
        del owner.items[known]
    elif isinstance(owner, Items) and isinstance(key, Slice):
        del owner.items[key.bounds]
    elif isinstance(owner, Items):
        owner.forget()
    else:
        ev.domain.delete_item(ev, owner, key)


def unpack(ev: Evaluator, target: n.Tuple | n.List, value: Value, frame: Frame) -> list[Value]:
    """Return what the parts of a target get."""
    count = len(target.elts)
    starred = next((index for index, one in enumerate(target.elts) if isinstance(one, n.Starred)), None)
    resolved = symbols.settled(ev, value)
    if isinstance(resolved, Symbol):
        parts = [symbols.part(ev, resolved, f"[{index}]") for index in range(count)]
        if starred is not None:
            parts[starred] = Items("list", [parts[starred]], exact=False)
        return parts
    items = iterate(ev, resolved, target, frame)
    if not items.exact:
        parts = (items.items * count)[:count] if items.items else [Unknown(f"`{frame.text(target)}`")] * count
        if starred is not None:
            parts[starred] = Items("list", [parts[starred]], exact=False)
        return parts
    if starred is None:
        if len(items.items) != count:
            raise Raised("builtins.ValueError", None, target, frame.module)
        return list(items.items)
    after = count - starred - 1
    if len(items.items) < count - 1:
        raise Raised("builtins.ValueError", None, target, frame.module)
    middle = items.items[starred : len(items.items) - after]
    return [*items.items[:starred], Items("list", middle), *items.items[len(items.items) - after :]]
