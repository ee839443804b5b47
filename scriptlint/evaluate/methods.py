"""The methods of Python's own objects: texts, lists, dictionaries, sets and numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scriptlint.evaluate import (
    builtins,
    classes,
    comparisons,
    containers,
    dictionaries,
    keys,
    plain,
    regular,
    symbols,
    versions,
)
from scriptlint.evaluate.arguments import Arguments
from scriptlint.evaluate.frames import Frame, Raised, condition_text
from scriptlint.evaluate.values import (
    ClassValue,
    Const,
    FunctionValue,
    Items,
    Mapping,
    PythonObject,
    Some,
    Symbol,
    TupleClass,
    Unknown,
    Value,
)
from scriptlint.syntax import nodes as n

if TYPE_CHECKING:
    from scriptlint.evaluate.evaluator import Evaluator

_TEXTS = frozenset(
    "capitalize casefold center expandtabs format join ljust lower lstrip replace rjust rstrip strip swapcase title upper "
    "zfill removeprefix removesuffix translate".split()
)
_FLAGS = frozenset("endswith startswith isalnum isalpha isdigit isidentifier islower isnumeric isspace isupper".split())
_SETS = frozenset("union intersection difference symmetric_difference issubset issuperset isdisjoint".split())
# Methods of containers that leave them as they are.
READING = _SETS | frozenset(
    "copy index count get items values keys fromkeys __getitem__ __len__ __contains__ _asdict _replace".split()
)


def call(
    ev: Evaluator, receiver: Value, name: str, given: Arguments, node: n.Node | None, frame: Frame | None
) -> Value | None:
    """Return what a method of an object of Python returns; None where the receiver is something else."""
    if isinstance(receiver, Mapping):
        dictionaries.refresh(ev, receiver)
    if isinstance(receiver, (Items, Mapping)) and name not in READING:
        ev.domain.on_change(ev, receiver)
        if isinstance(receiver, Mapping) and receiver.owner is not None:
            before, was_exact = dict(receiver.items), receiver.exact
            made = _of_dict(ev, receiver, name, given, node, frame)
            span = frame.module.span(node) if frame is not None and node is not None else None
            dictionaries.carry(ev, receiver, before, was_exact, span)
            return made
    match receiver:
        case Const(value=str()):
            return _of_text(ev, receiver, name, given, node, frame)
        case Const():
            return plain.computed(getattr(receiver.value, name, None) or _nothing, given.positional)
        case Some(kind="str"):
            return Some("str") if name in _TEXTS else Some("bool") if name in _FLAGS else Unknown(f"`{name}` of a text")
        case Symbol(kind="str"):
            return call(ev, Some("str"), name, given, node, frame)
        case Items(kind="set"):
            return _of_set(ev, receiver, name, given, node, frame)
        case Items():
            return _of_list(ev, receiver, name, given, node, frame)
        case Mapping():
            return _of_dict(ev, receiver, name, given, node, frame)
        case ClassValue() if name == "__subclasses__":
            return Items("list", [], exact=False)
        case TupleClass() if name == "_make":
            items = containers.iterate(ev, given.first(), node, frame)
            return classes.make_tuple(ev, receiver, Arguments(list(items.items), {}, items.exact), node, frame)
        case TupleClass() if name == "__new__":
            rest = Arguments(given.positional[1:], given.keywords, given.exact)
            return classes.make_tuple(ev, receiver, rest, node, frame)
        case ClassValue() if name == "__new__" and isinstance(cls := ev.resolved(given.first()), ClassValue):
            return classes.new_tuple(ev, cls.symbol, Arguments(given.positional[1:], given.keywords, given.exact))
        case PythonObject() if receiver.itself is not None:
            return regular.method(ev, receiver, name, given)
        case FunctionValue() if name == "__get__":
            return FunctionValue(receiver.function, ev.resolved(given.first()), receiver.scope, receiver.defaults)
        case _:
            return None


def _nothing(*_: object) -> None:
    raise AttributeError


def _of_text(
    ev: Evaluator, receiver: Const, name: str, given: Arguments, node: n.Node | None, frame: Frame | None
) -> Value:
    if name == "join":
        items = containers.iterate(ev, given.first(), node, frame)
        given = Arguments([Items("list", [ev.resolved(one) for one in items.items], items.exact)], {})
    function = getattr(str(receiver.value), name, None)
    if function is None:
        raise Raised("builtins.AttributeError", None, node, frame.module if frame is not None else None)
    if name in ("center", "ljust", "rjust", "zfill", "expandtabs"):
        width = ev.resolved(given.first())
        if isinstance(width, Const) and isinstance(width.value, int) and width.value > plain.LONGEST:
            return Some("str")
    if name == "format" and any(len(digits) > 3 for digits in _digits(str(receiver.value))):
        return Some("str")
    settled = [symbols.settled(ev, one) for one in given.positional]
    named = {key: symbols.settled(ev, one) for key, one in given.keywords.items()}
    made = plain.computed(function, settled, named)
    if made == Unknown():
        return Some("str") if name in _TEXTS else Some("bool") if name in _FLAGS else Unknown(f"`{name}` of a text")
    return made


def _digits(text: str) -> list[str]:
    return "".join(one if one.isdigit() else " " for one in text).split()


def _of_list(
    ev: Evaluator, receiver: Items, name: str, given: Arguments, node: n.Node | None, frame: Frame | None
) -> Value:
    values = given.positional
    first = ev.resolved(values[0]) if values else None
    match name, first:
        case "append", value if value is not None:
            containers.extend(ev, receiver, Items("list", [values[0]]))
        case "extend", value if value is not None:
            containers.extend(ev, receiver, containers.iterate(ev, value, node, frame))
        case "appendleft", value if value is not None:
            receiver.items.insert(0, values[0])
        case "popleft", None if receiver.items:
            return receiver.items.pop(0) if receiver.exact else receiver.items[0]
        case "insert", Const(value=int() as index) if len(values) == 2:
            receiver.items.insert(index, values[1])
        case "pop", Const() | None as index if receiver.exact:
            at = -1 if index is None else index.value
            if not isinstance(at, int):
                receiver.exact = False
                return receiver.items[0] if receiver.items else Unknown("`pop`")
            if not -len(receiver.items) <= at < len(receiver.items):
                raise Raised("builtins.IndexError", None, node, frame.module if frame is not None else None)
            return receiver.items.pop(at)
        case "pop", _:
            return receiver.items[-1] if receiver.items else Unknown("`pop`")
        case "clear", None:
            receiver.items.clear()
            receiver.exact = True
        case "reverse", None:
            receiver.items.reverse()
        case "sort", _:
            ordered = builtins.sort(ev, receiver, given.keywords, node, frame)
            receiver.items[:] = ordered.items
            receiver.exact = ordered.exact
        case "copy", None:
            return Items(receiver.kind, list(receiver.items), receiver.exact)
        case "remove", value if value is not None:
            for index, one in enumerate(receiver.items):
                if comparisons.equals(ev, ev.resolved(one), value):
                    del receiver.items[index]
                    break
            else:
                receiver.exact = False
        case "index" | "count", value if value is not None:
            answers = [comparisons.equals(ev, ev.resolved(one), value) for one in receiver.items]
            if receiver.exact and None not in answers:
                if name == "count":
                    return Const(answers.count(True))
                if True in answers:
                    return Const(answers.index(True))
                raise Raised("builtins.ValueError", None, node, frame.module if frame is not None else None)
            return Some("int")
        case _:
            return _of_named_tuple(ev, receiver, name, given, node, frame)
    return Const(None)


def _of_named_tuple(
    ev: Evaluator, receiver: Items, name: str, given: Arguments, node: n.Node | None, frame: Frame | None
) -> Value:

    if receiver.made_by is not None:
        made = classes.named_tuple_method(ev, receiver, receiver.made_by, name, given, node, frame)
        if made is not None:
            return made
    if name == "__getitem__":
        index = ev.resolved(given.first())
        if isinstance(index, Const) and isinstance(index.value, int) and receiver.exact:
            if -len(receiver.items) <= index.value < len(receiver.items):
                return receiver.items[index.value]
    if name == "__len__":
        return Const(len(receiver.items)) if receiver.exact else Some("int")
    return Unknown(f"`{name}` of a {receiver.kind}")


def _of_dict(
    ev: Evaluator, receiver: Mapping, name: str, given: Arguments, node: n.Node | None, frame: Frame | None
) -> Value:
    values = given.positional
    match name:
        case "get" | "pop" | "setdefault" | "__getitem__" if values:
            return _lookup(ev, receiver, name, given, node, frame)
        case "copy" if not values:
            return Mapping(dict(receiver.items), receiver.exact, receiver.factory)
        case "items":
            pairs: list[Value] = [Items("tuple", [keys.of_key(key), one]) for key, one in receiver.items.items()]
            return Items("list", pairs, receiver.exact)
        case "values":
            return Items("list", list(receiver.items.values()), receiver.exact)
        case "keys":
            return Items("list", [keys.of_key(key) for key in receiver.items], receiver.exact)
        case "update":
            for one in values:
                more = containers.as_mapping(ev, one)
                if more is None:
                    receiver.exact = False
                else:
                    containers.update(receiver, more)
            receiver.items.update(given.keywords.items())
            receiver.exact = receiver.exact and given.exact
            return Const(None)
        case "clear":
            receiver.items.clear()
            receiver.exact = True
            return Const(None)
        case "popitem" if receiver.exact and receiver.items:
            key, value = receiver.items.popitem()
            return Items("tuple", [keys.of_key(key), value])
        case "move_to_end" if values and isinstance(known := ev.resolved(values[0]), Const):
            if known.value in receiver.items:
                receiver.items[known.value] = receiver.items.pop(known.value)
            return Const(None)
        case "fromkeys":
            filler = values[1] if len(values) > 1 else Const(None)
            items = containers.iterate(ev, given.first(), node, frame)
            return containers.of_pairs(ev, Items("list", [Items("tuple", [one, filler]) for one in items.items]))
        case _:
            receiver.forget()
            return Unknown(f"`{name}` of a dictionary")


def _lookup(
    ev: Evaluator, receiver: Mapping, name: str, given: Arguments, node: n.Node | None, frame: Frame | None
) -> Value:
    first = ev.resolved(given.positional[0])
    if isinstance(first, Symbol) and name != "setdefault":
        for option in receiver.items:
            if isinstance(option, str) and option not in first.excluded and symbols.equals(ev, first, option):
                first = Const(option)
                break
    key = keys.key_in(ev, first, receiver)
    default = given.get(1, "default")
    if ev.namespaces.registries.fill(receiver, key):
        return receiver.items.pop(key) if name == "pop" else receiver.items[key]
    if name == "get" and not receiver.exact and node is not None and frame is not None:
        if ev.namespaces.registries.lacks(receiver, key, condition_text(f"{frame.text(node)} is None")):
            return default or Const(None)
    if key is keys.NO_KEY or not receiver.exact:
        if name == "setdefault" and key is not keys.NO_KEY:
            receiver.items[key] = Unknown("an item of a dictionary")
        return Unknown(f"`{name}` of a dictionary")
    if name == "setdefault":
        receiver.items[key] = default or Const(None)
        return receiver.items[key]
    if name == "get" or default is not None:
        return default or Const(None)
    raise Raised("builtins.KeyError", None, node, frame.module if frame is not None else None)


def _of_set(
    ev: Evaluator, receiver: Items, name: str, given: Arguments, node: n.Node | None, frame: Frame | None
) -> Value:
    match name:
        case "add":
            receiver.items[:] = containers.distinct(ev, [*receiver.items, *given.positional])
        case "update":
            for one in given.positional:
                more = containers.iterate(ev, one, node, frame)
                receiver.items[:] = containers.distinct(ev, [*receiver.items, *more.items])
                receiver.exact = receiver.exact and more.exact
        case "discard" | "remove":
            gone = ev.resolved(given.first())
            left = [one for one in receiver.items if not comparisons.equals(ev, ev.resolved(one), gone)]
            receiver.items[:] = left
        case "copy":
            return Items("set", list(receiver.items), receiver.exact)
        case _ if name in _SETS:
            others = [containers.iterate(ev, one, node, frame) for one in given.positional]
            known = [Items("set", [ev.resolved(one) for one in other.items], other.exact) for other in others]
            return plain.computed(getattr(frozenset, name), [receiver, *known])
        case _:
            receiver.forget()
            return Unknown(f"`{name}` of a set")
    return Const(None)


def attribute(value: Value, name: str) -> Value | None:
    """Return an attribute of an object of Python that is not a method; None where there is none."""
    if isinstance(value, Const) and isinstance(value.value, (int, float)) and name in ("real", "imag"):
        return Const(getattr(value.value, name))
    if isinstance(value, PythonObject):
        return regular.attribute(value, name) if value.itself is not None else versions.attribute(value, name)
    return None
