"""Attributes that `__init__` sets in some branches only, or as plain lists of modules."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from scriptlint.fixes.first_values import first_value
from scriptlint.fixes.imports import Speller
from scriptlint.fixes.layout import indentation, next_line
from scriptlint.fixes.places import is_named, outermost, uses_in
from scriptlint.program.module import Class, Function, ModuleInfo
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import statements, walk
from scriptlint.text import Edit, Fix, Safety
from scriptlint.types.model import Type

# What stands in for a module that some objects have and others do not; everything else is an Identity.
_STAND_INS = {"ModuleList": "ModuleList", "ModuleDict": "ModuleDict", "Sequential": "Sequential"}


def set_in_every_branch(initialiser: Function, name: str) -> Fix | None:
    """Give the modules that only some branches of `__init__` set a stand-in in the others.

    Only code that is never run with such an object uses it, but it is compiled.
    """
    module, node = initialiser.module, initialiser.node
    places = [one for one in node.body if name in _assigned_anywhere([one])]
    if len(places) != 1 or not isinstance(places[0], n.If):
        return None
    spell = Speller(module, outermost(module, node).start)
    package = spell("torch.nn")
    wanted = {
        attribute: f"{package}.{_STAND_INS.get(made, 'Identity')}()"
        for attribute, made in _modules(initialiser.owner, places[0]).items()
        if attribute not in _assigned([places[0]]) and not _is_asked_for(module, attribute)
    }
    if package is None or name not in wanted:
        return None
    try:
        edits = list(_completed(module, places[0], wanted))
    except _NotCompleted:
        return None
    titles = ", ".join(f"`self.{one}`" for one in wanted)
    title = f"set {titles} in every branch"
    return Fix(module.path, title, Safety.UNSAFE.value, tuple(edits), tuple(spell.imports)) if edits else None


class _NotCompleted(Exception):
    """A block stands on the line of its header, or sets an attribute in a loop or more than once."""


def _completed(module: ModuleInfo, node: n.If, wanted: dict[str, str]) -> Iterator[Edit]:
    text = module.source.text
    outer = indentation(text, node.start)
    inner = indentation(text, node.body[0].start)
    if outer is None or inner is None:
        raise _NotCompleted
    yield from _appended(module, node.body, inner, wanted)
    if not node.orelse:
        lines = [f"{outer}else:\n", *(f"{inner}self.{name} = {made}\n" for name, made in wanted.items())]
        yield _at_line_end(text, node.end, "".join(lines))
    elif isinstance(node.orelse[0], n.If) and text.startswith("elif", node.orelse[0].start):
        yield from _completed(module, node.orelse[0], wanted)
    else:
        blanks = indentation(text, node.orelse[0].start)
        if blanks is None:
            raise _NotCompleted
        yield from _appended(module, node.orelse, blanks, wanted)


def _appended(module: ModuleInfo, body: list[n.Stmt], blanks: str, wanted: dict[str, str]) -> Iterator[Edit]:
    """Stand-ins at the end of a block; where an `if` in it sets one in some branches, in the others of that."""
    text = module.source.text
    lacking = {name: made for name, made in wanted.items() if name not in _assigned(body)}
    if isinstance(body[-1], (n.Raise, n.Return)):
        return
    for name in lacking.keys() & _assigned_anywhere(body):
        holders = [one for one in body if name in _assigned_anywhere([one])]
        if len(holders) != 1 or not isinstance(holders[0], n.If):
            raise _NotCompleted
        yield from _completed(module, holders[0], {name: lacking.pop(name)})
    if lacking:
        lines = "".join(f"{blanks}self.{name} = {made}\n" for name, made in lacking.items())
        yield _at_line_end(text, body[-1].end, lines)


def _at_line_end(text: str, at: int, lines: str) -> Edit:
    place = next_line(text, at)
    return Edit(place, place, lines if text[:place].endswith(("\n", "\r")) else f"\n{lines}")


def _targets(one: n.Stmt) -> Iterator[tuple[str, n.Expr | None]]:
    """Yield the attributes of `self` that a statement assigns, with what they are given."""
    targets = one.targets if isinstance(one, n.Assign) else [one.target] if isinstance(one, n.AnnAssign) else []
    for target in targets:
        if isinstance(target, n.Attribute) and isinstance(target.value, n.Name) and target.value.id == "self":
            yield target.attr, one.value if isinstance(one, (n.Assign, n.AnnAssign)) else None


def _assigned_anywhere(body: list[n.Stmt]) -> set[str]:
    return {name for one in statements(body) for name, _ in _targets(one)}


def _assigned(body: Iterable[n.Stmt]) -> set[str]:
    """Return the attributes that a block surely assigns."""
    found: set[str] = set()
    for one in body:
        found |= {name for name, _ in _targets(one)}
        if isinstance(one, n.If):
            found |= _assigned(one.body) & _assigned(one.orelse)
        elif isinstance(one, n.With):
            found |= _assigned(one.body)
    return found


def _modules(cls: Class | None, node: n.If) -> dict[str, str]:
    """Return the attributes that are only ever given modules below a statement, and the class of one of them."""
    found: dict[str, str] = {}
    others: set[str] = set()
    for one in statements([node]):
        for name, value in _targets(one):
            last = _made(cls, value)
            if last[:1].isupper() and last != "Parameter":
                found[name] = last
            else:
                others.add(name)
    return {name: made for name, made in found.items() if name not in others}


def _made(cls: Class | None, value: n.Expr | None) -> str:
    """Return the name of what is called to make a value; for a method of the class, of what that returns."""
    if not isinstance(value, n.Call):
        return ""
    method = cls.functions.get(_last(value.func)) if cls is not None and isinstance(value.func, n.Attribute) else None
    if method is None:
        return _last(value.func)
    given = [one.value for one in statements(method.node.body) if isinstance(one, n.Return)]
    made = {_last(one.func) if isinstance(one, n.Call) else "" for one in given}
    return made.pop() if len(made) == 1 else ""


def _last(node: n.Expr) -> str:
    return node.attr if isinstance(node, n.Attribute) else node.id if isinstance(node, n.Name) else ""


def _is_asked_for(module: ModuleInfo, name: str) -> bool:
    """Return True if code asks if an object has the attribute, and would be told something else."""
    return re.search(rf"(?:hasattr|getattr)\(\s*\w+\s*,\s*['\"]{name}['\"]", module.source.text) is not None


def registered(initialiser: Function, name: str) -> Fix | None:
    """A plain list of modules becomes a ModuleList, and a plain dictionary a ModuleDict: they are registered then."""
    module, node = initialiser.module, initialiser.node
    given = [value for one in statements(node.body) for attribute, value in _targets(one) if attribute == name]
    if len(given) != 1 or not isinstance(given[0], (n.List, n.ListComp, n.Dict, n.DictComp)):
        return None
    if any(isinstance(one, n.Attribute) and one.attr in ("add_module", "register_module") for one in walk(node)):
        return None  # they have names already, under which checkpoints hold them
    kind = "ModuleList" if isinstance(given[0], (n.List, n.ListComp)) else "ModuleDict"
    if kind == "ModuleDict" and not all(_may_be_name(key, function) for key, function in _keys(initialiser, name)):
        return None
    spell = Speller(module, outermost(module, node).start)
    package = spell("torch.nn")
    if package is None:
        return None
    edits: tuple[Edit, ...] = (
        Edit(given[0].start, given[0].start, f"{package}.{kind}("),
        Edit(given[0].end, given[0].end, ")"),
    )
    if isinstance(given[0], n.Dict) and not given[0].keys:
        edits = (Edit(given[0].start, given[0].end, f"{package}.{kind}()"),)
    return Fix(module.path, f"make a `{kind}` of `self.{name}`", Safety.UNSAFE.value, edits, tuple(spell.imports))


def _keys(initialiser: Function, name: str) -> Iterator[tuple[n.Expr, n.FunctionDef]]:
    """Yield the keys under which a dictionary of an object is made and used, each with the method that does it."""
    for attribute, value in (one for part in statements(initialiser.node.body) for one in _targets(part)):
        if attribute == name and isinstance(value, n.Dict):
            yield from ((key, initialiser.node) for key in value.keys if key is not None)
        elif attribute == name and isinstance(value, n.DictComp):
            yield value.key, initialiser.node
    methods = initialiser.owner.functions.values() if initialiser.owner is not None else [initialiser]
    for function in methods:
        for one in walk(*function.node.body):
            if isinstance(one, n.Subscript) and isinstance(one.value, n.Attribute) and one.value.attr == name:
                yield one.slice, function.node


def _may_be_name(key: n.Expr, function: n.FunctionDef) -> bool:
    """Return True if a key may be a string that can name a module."""
    match key:
        case n.Constant():
            return isinstance(key.value, str) and key.kind == "str" and key.value != "" and "." not in key.value
        case n.Tuple() | n.List() | n.UnaryOp():
            return False
        case n.BinOp():
            return any(isinstance(one, n.JoinedStr) or getattr(one, "kind", "") == "str" for one in walk(key))
        case n.Name():
            return not any(_numbers(one.target, one.iter, key.id) for one in walk(function) if isinstance(one, _LOOPS))
        case _:
            return True


_LOOPS = (n.For, n.Comprehension)


def _numbers(target: n.Expr, iterated: n.Expr, name: str) -> bool:
    """Return True if a loop gives numbers to a name."""
    if not isinstance(iterated, n.Call):
        return False
    first = target.elts[0] if isinstance(target, n.Tuple) and target.elts else target
    called = {"range": target, "enumerate": first}.get(_last(iterated.func))
    return isinstance(called, n.Name) and called.id == name


def as_buffer(initialiser: Function, name: str) -> Fix | None:
    """`self.x = torch.ones(3)` becomes a buffer that no `state_dict` holds, and that moves with the module."""
    module, node = initialiser.module, initialiser.node
    given = [one for one in statements(node.body) for attribute, _ in _targets(one) if attribute == name]
    if len(given) != 1 or given[0] not in node.body or not isinstance(given[0], n.Assign) or len(given[0].targets) != 1:
        return None
    if initialiser.owner is not None and _is_there_before(initialiser.owner, name):
        return None
    if isinstance(given[0].value, n.Constant):
        return None  # the tensor comes from elsewhere
    prepared = any(one.end <= given[0].start and "__init__" in module.text(one) for one in node.body)
    text = module.source.text
    if not prepared or text[given[0].targets[0].end : given[0].value.start].strip() != "=":
        return None
    edits = (
        Edit(given[0].start, given[0].value.start, f'self.register_buffer("{name}", '),
        Edit(given[0].end, given[0].end, ", persistent=False)"),
    )
    return Fix(module.path, f"make a buffer of `self.{name}`", Safety.UNSAFE.value, edits)


def _is_there_before(cls: Class, name: str) -> bool:
    """Return True if a class of the file gives its objects an attribute before the constructor does: a buffer of that name is
    refused then."""
    seen, pending = {cls}, [cls]
    while pending:
        one = pending.pop()
        initialiser = one.functions.get("__init__") if one is not cls else None
        if name in one.scope.bindings or (initialiser is not None and name in initialiser.assigned_attributes):
            return True
        bases = [
            other
            for other in cls.module.classes.values()
            if other not in seen and any(is_named(base, other.node.name) for base in one.node.bases)
        ]
        seen.update(bases)
        pending += bases
    return False


def instead_of_none(initialiser: Function, name: str, default: str) -> Fix | None:
    """`def __init__(self, rate=None)`, which only keeps the rate, gets the default of the function that is given it."""
    module, node = initialiser.module, initialiser.node
    given = [value for one in statements(node.body) for attribute, value in _targets(one) if attribute == name]
    if len(given) != 1 or not isinstance(given[0], n.Name) or len(uses_in(node).get(given[0].id, ())) != 1:
        return None
    parameter = next((one for one in node.args.all() if one.name == given[0].id), None)
    if parameter is None or parameter.annotation is not None:
        return None
    if not isinstance(parameter.default, n.Constant) or parameter.default.kind != "none":
        return None
    edit = Edit(parameter.default.start, parameter.default.end, default)
    return Fix(module.path, f"make `{default}` the default of `{parameter.name}`", Safety.UNSAFE.value, (edit,))


def as_plain_number(initialiser: Function, name: str, kind: str) -> Fix | None:
    """`self.n = np.prod(shape)` becomes `self.n = int(np.prod(shape))`: an attribute has to be a number of Python."""
    module, node = initialiser.module, initialiser.node
    given = [value for one in statements(node.body) for attribute, value in _targets(one) if attribute == name]
    called = Speller(module, outermost(module, node).start)(f"builtins.{kind}")
    if len(given) != 1 or given[0] is None or called is None or isinstance(given[0], n.Tuple):
        return None
    edits = (Edit(given[0].start, given[0].start, f"{called}("), Edit(given[0].end, given[0].end, ")"))
    return Fix(module.path, f"make `self.{name}` a number of Python", Safety.UNSAFE.value, edits)


def as_list_of_ints(initialiser: Function, name: str) -> Fix | None:
    """`self.steps = range(n)` becomes `self.steps = list(range(n))`; it is safe where the file only goes through it."""
    module, node = initialiser.module, initialiser.node
    given = [value for one in statements(node.body) for attribute, value in _targets(one) if attribute == name]
    called = Speller(module, outermost(module, node).start, frozenset(initialiser.scope.bindings))("builtins.list")
    if len(given) != 1 or called is None or not isinstance(given[0], n.Call) or not is_named(given[0].func, "range"):
        return None
    reads = [one for one in walk(module.tree) if isinstance(one, n.Attribute) and one.attr == name]
    gone_through = [
        one.iter for one in walk(module.tree) if isinstance(one, (n.For, n.Comprehension)) and is_named(one.iter, name)
    ]
    safety = Safety.SAFE if len(reads) == len(gone_through) + 1 else Safety.UNSAFE
    edits = (Edit(given[0].start, given[0].start, f"{called}("), Edit(given[0].end, given[0].end, ")"))
    return Fix(module.path, f"make a list of `self.{name}`", safety.value, edits)


def set_first(initialiser: Function, name: str, kind: Type) -> Fix | None:
    """Set an attribute that only `forward` sets at the end of `__init__` too, to a value of its type."""
    module, node = initialiser.module, initialiser.node
    spell = Speller(module, outermost(module, node).start, frozenset(initialiser.scope.bindings))
    value = first_value(kind, spell)
    blanks = indentation(module.source.text, node.body[0].start)
    given = name in initialiser.assigned_attributes or _is_asked_for(module, name)
    if value is None or blanks is None or given or isinstance(node.body[-1], (n.Return, n.Raise)):
        return None
    edit = _at_line_end(module.source.text, node.body[-1].end, f"{blanks}self.{name} = {value}\n")
    return Fix(module.path, f"set `self.{name}` in `__init__`", Safety.UNSAFE.value, (edit,), tuple(spell.imports))
