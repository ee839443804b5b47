"""Functions inside of functions, moved to where TorchScript takes them: to the file, or to the class if they use `self`.

What such a function takes from the one around it becomes parameters, so every use must be a call.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from scriptlint.fixes.annotations import TYPE_COMMENT
from scriptlint.fixes.imports import first_of
from scriptlint.fixes.layout import above_comments, indentation, line_start, next_line, shifted, without
from scriptlint.fixes.places import (
    above,
    family,
    free_name,
    names_in,
    names_within,
    operand,
    outermost,
    scope_in,
    statement_of,
    uses_in,
)
from scriptlint.program.module import Function, ModuleInfo
from scriptlint.program.scopes import Scope, scope_of
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import statements, walk
from scriptlint.text import Edit, Fix, Safety

_SCOPES = (n.FunctionDef, n.ClassDef, n.Lambda, n.ListComp, n.SetComp, n.DictComp, n.GeneratorExp)
_STEP = "    "
# A function that takes more than this from around it is part of it, and to be taken apart by a person.
_MOST = 6


@dataclass(frozen=True)
class _Inner:
    """A function inside of another: the statement that makes it, its name, parameters and what it evaluates."""

    stmt: n.Stmt
    name: str
    args: n.Arguments
    body: Sequence[n.Stmt | n.Expr]


def moved_out(module: ModuleInfo, function: n.FunctionDef, node: n.FunctionDef | n.Lambda) -> Fix | None:
    """Move a nested `def`, or a `lambda` that is given a name, out of a function that is compiled."""
    inner = _inner(function, node)
    place = statement_of(function, inner.stmt) if inner is not None else None
    if inner is None or place is None or not _is_plain(module, inner):
        return None
    scope = scope_in(function)
    if len(scope.bindings.get(inner.name, [])) != 1 or scope.bindings[inner.name][0].conditional:
        return None
    captured = _captured(inner, set(scope.bindings))
    calls, values = _uses(function, inner, is_value=captured is not None and set(captured) <= {"self"})
    if calls is None or captured is None or any(_is_function(scope, one) for one in captured):
        return None
    if len(captured) > _MOST:
        return None
    if captured and any(_is_inside(function, one) for one in calls):
        return None
    if any(_shadowed(function, call, captured) for call in calls):
        return None
    owner = _owner(module, function)
    top = outermost(module, function)
    if owner is None and top is not function:
        return None
    instance = function.args.args[0].name if owner is not None and function.args.args else None
    as_method = instance is not None and instance in captured
    if as_method:
        name = f"_{inner.name.lstrip('_')}"
        if instance != "self" or function.decorators or _is_taken(module, owner, inner, name):
            return None
        captured.remove("self")
        captured.insert(0, "self")
    else:
        name = _name(module, function, inner)
    removed = without(module.source.text, place[1], inner.stmt)
    made = _definition(module, function, inner, name, captured, as_method)
    if removed is None or made is None:
        return None
    edits = [made, _tidied(module.source.text, place[1], inner.stmt, removed)]
    for call in calls:
        callee = f"self.{name}" if as_method else name
        given = [one for one in captured if not (as_method and one == "self")]
        edits += _called(module, call, inner.name, callee, given)
    edits += [Edit(one.start, one.end, f"self.{name}" if as_method else name) for one in values]
    safety = Safety.UNSAFE if as_method else Safety.SAFE
    title = f"make `{name}` a method" if as_method else f"move `{name}` to the top level"
    return Fix(module.path, title, safety.value, tuple(sorted(edits)))


def _inner(function: n.FunctionDef, node: n.FunctionDef | n.Lambda) -> _Inner | None:
    if isinstance(node, n.FunctionDef):
        return None if node.is_async else _Inner(node, node.name, node.args, node.body)
    place = statement_of(function, node)
    stmt = place[0] if place is not None else None
    if not isinstance(stmt, n.Assign) or stmt.value is not node or len(stmt.targets) != 1:
        return None
    target = stmt.targets[0]
    return _Inner(stmt, target.id, node.args, [node.body]) if isinstance(target, n.Name) else None


def _is_plain(module: ModuleInfo, inner: _Inner) -> bool:
    if inner.args.vararg or inner.args.kwarg or inner.args.kwonly or inner.args.posonly:
        return False
    if isinstance(inner.stmt, n.FunctionDef) and (
        inner.stmt.decorators or TYPE_COMMENT.search(module.text(inner.stmt))
    ):
        return False
    if any(one.default is not None and not isinstance(one.default, n.Constant) for one in inner.args.all()):
        return False
    odd = (n.Global, n.Nonlocal, n.Yield, n.YieldFrom, n.NamedExpr, n.ClassDef)
    for part in inner.body:
        for one in walk(part):
            if isinstance(one, odd) or (isinstance(one, (n.Constant, n.JoinedStr)) and "\n" in module.text(one)):
                return False
            if isinstance(one, n.Name) and one.id in ("super", "locals", "__class__"):
                return False
    return True


def _uses(function: n.FunctionDef, inner: _Inner, *, is_value: bool) -> tuple[list[n.Call] | None, list[n.Name]]:
    """Return the calls of the inner function, and where it is given to another as a value; no calls if it is used in another way."""
    calls: list[n.Call] = []
    values: list[n.Name] = []
    for one in uses_in(function).get(inner.name, ()):
        if one in getattr(inner.stmt, "targets", ()):
            continue
        call = next(iter(above(function, one)), None)
        if isinstance(call, n.Call) and call.func is one:
            calls.append(call)
        elif isinstance(call, n.Call) and one in call.args and is_value:
            values.append(one)
        else:
            return None, []
    return calls, values


def _is_inside(function: n.FunctionDef, node: n.Node) -> bool:
    """Return True if a node belongs to another function inside of this one."""
    return any(isinstance(one, (n.FunctionDef, n.Lambda)) for one in above(function, node)[:-1])


def _is_function(scope: Scope, name: str) -> bool:
    """Return True if a variable is another nested function, which has to be moved first."""
    return any(isinstance(one.node, n.FunctionDef) or isinstance(one.value, n.Lambda) for one in scope.bindings[name])


def _captured(inner: _Inner, outer: set[str]) -> list[str] | None:
    """Return the variables of the outer function that the inner one reads, None where that is not clear."""
    own = {one.name for one in inner.args.all()}
    body = inner.stmt.body if isinstance(inner.stmt, n.FunctionDef) else []
    bound = own | set(scope_of(body).bindings)
    found: list[str] = []
    for part in inner.body:
        for one in walk(part):
            if isinstance(one, (n.FunctionDef, n.Lambda)):
                return None
            if isinstance(one, n.Comprehension) and names_in([one.target]) & outer:
                return None
            if isinstance(one, n.Name) and one.id in outer and one.id not in bound and one.id not in found:
                found.append(one.id)
    return [one for one in found if one != inner.name]


def _shadowed(function: n.FunctionDef, call: n.Call, captured: list[str]) -> bool:
    """Return True if a variable of a comprehension around a call hides what the function captured."""
    comps = [one for one in above(function, call) if isinstance(one, _SCOPES[3:])]
    return any(names_in(gen.target for gen in one.generators) & set(captured) for one in comps)


def _owner(module: ModuleInfo, function: n.FunctionDef) -> n.ClassDef | None:
    top = outermost(module, function)
    return top if isinstance(top, n.ClassDef) and function in top.body else None


_ATTRIBUTES: WeakKeyDictionary[ModuleInfo, dict[str, list[tuple[int, bool]]]] = WeakKeyDictionary()


def _attributes(module: ModuleInfo) -> dict[str, list[tuple[int, bool]]]:
    """Return where attributes and functions of a name stand in a file, and whether it is as one of `self` or in a class."""
    module.is_read = True
    if module not in _ATTRIBUTES:
        found: dict[str, list[tuple[int, bool]]] = {}
        for one in walk(module.tree):
            if isinstance(one, n.Attribute):
                own = isinstance(one.value, n.Name) and one.value.id == "self"
                found.setdefault(one.attr, []).append((one.start, own))
            elif isinstance(one, n.FunctionDef):
                found.setdefault(one.name, []).append((one.start, True))
        _ATTRIBUTES[module] = found
    return _ATTRIBUTES[module]


def _is_taken(module: ModuleInfo, owner: n.ClassDef | None, inner: _Inner, name: str) -> bool:
    """Return True if an attribute of a class, of those next to it in its family, or of any other object has a name."""
    related = family(module, owner) if owner is not None else []
    return any(
        not is_own or any(one.start <= start < one.end for one in related)
        for start, is_own in _attributes(module).get(name, ())
        if not inner.stmt.start <= start < inner.stmt.end
    )


def _name(module: ModuleInfo, function: n.FunctionDef, inner: _Inner) -> str:
    """Its own name where the file has no other use for it."""
    taken = set(module.scope.bindings)
    if inner.name not in taken and not module.scope.is_open and free_name(inner.name, ()) == inner.name:
        return inner.name
    return free_name(f"_{inner.name.lstrip('_')}", taken | names_within(function))


def _definition(
    module: ModuleInfo, function: n.FunctionDef, inner: _Inner, name: str, captured: list[str], as_method: bool
) -> Edit | None:
    text = module.source.text
    holder = function if as_method else outermost(module, function)
    at = above_comments(text, first_of(holder))  # type: ignore[arg-type]
    indent = indentation(text, function.start) if as_method else ""
    if indent is None:
        return None
    first = [_captured_parameter(module, function, one) for one in captured]
    if isinstance(inner.stmt, n.FunctionDef):
        blanks = indentation(text, inner.stmt.start)
        if blanks is None or indentation(text, inner.body[0].start) is None:
            return None
        opening = text.find("(", inner.stmt.name_start)
        about = text[above_comments(text, inner.stmt.start) : line_start(text, inner.stmt.start)]
        rest = text[opening + 1 : next_line(text, inner.stmt.end)]
        separator = ", " if first and inner.args.all() else ""
        head = f"{about}{blanks}def {name}({', '.join(first)}{separator}{rest}"
        made = shifted(head if head.endswith("\n") else f"{head}\n", blanks, indent)
    else:
        own = [module.source.text[one.start : (one.default or one).end] for one in inner.args.all()]
        value = operand(module, inner.body[0]) if "\n" in module.text(inner.body[0]) else module.text(inner.body[0])  # type: ignore[arg-type]
        made = f"{indent}def {name}({', '.join([*first, *own])}):\n{indent}{_STEP}return {value}\n"
    return Edit(at, at, made + ("\n" if as_method else "\n\n"))


def _captured_parameter(module: ModuleInfo, function: n.FunctionDef, name: str) -> str:
    """Return a captured variable as a parameter, typed where it is one of the outer function that keeps its value."""
    kind = next((one.annotation for one in function.args.all() if one.name == name), None)
    if kind is None or len(scope_in(function).bindings[name]) > 1:
        return name
    return f"{name}: {module.text(kind)}"


def _tidied(text: str, body: list[n.Stmt], stmt: n.Stmt, removed: Edit) -> Edit:
    """Take the empty lines behind a definition away with it, where nothing or an empty line stands before it."""
    if removed.text:
        return removed
    if isinstance(stmt, n.FunctionDef):
        removed = Edit(
            above_comments(text, stmt.start), next_line(text, stmt.end), ""
        )  # comments above it and on its last line move too
    if not text[: removed.end].endswith(("\n", "\r")):
        return removed  # something of its lines stays
    before = text[: removed.start].rstrip(" \t")[-4:].replace("\r\n", "\n")
    end = removed.end
    if body[0] is stmt or before.endswith(("\n\n", ":\n")):
        while text[end : next_line(text, end)].strip() == "" and end < len(text):
            end = next_line(text, end)
    return Edit(line_start(text, removed.start), end, "")


def _called(module: ModuleInfo, call: n.Call, old: str, name: str, given: list[str]) -> list[Edit]:
    edits = [] if old == name else [Edit(call.func.start, call.func.end, name)]
    if given:
        opening = module.source.text.find("(", call.func.end) + 1
        separator = ", " if call.args or call.keywords else ""
        edits.append(Edit(opening, opening, ", ".join(given) + separator))
    return edits


def kept_as_call(initialiser: Function, name: str, inputs: list[str]) -> Fix | None:
    """`self.act = partial(F.leaky_relu, negative_slope=0.2)` becomes `self.act = _act`, a function that calls it.

    `inputs` are the parameters that are left to the caller.
    """
    module, node = initialiser.module, initialiser.node
    given = [value for one in statements(node.body) if (value := _kept(one, name)) is not None]
    top = outermost(module, node)
    match given:
        case [n.Call(args=[n.Name() | n.Attribute() as callee], keywords=options) as made]:
            arguments = [one.value for one in options]
        case _:
            return None
    outer = set(initialiser.scope.bindings)
    if not isinstance(top, n.ClassDef) or node not in top.body or names_in([callee, *arguments]) & outer:
        return None
    if any(one.arg is None or not isinstance(one.value, (n.Constant, n.UnaryOp)) for one in options):
        return None
    called = free_name(f"_{name.lstrip('_')}", {*module.scope.bindings, *names_within(node)})
    text = module.source.text
    passed = ", ".join([*inputs, *(module.text(one) for one in options)])
    function = f"def {called}({', '.join(inputs)}):\n{_STEP}return {module.text(callee)}({passed})\n\n\n"
    at = above_comments(text, first_of(top))
    edits = (Edit(at, at, function), Edit(made.start, made.end, called))
    return Fix(module.path, f"make a function of `self.{name}`", Safety.UNSAFE.value, edits)


def _kept(stmt: n.Stmt, name: str) -> n.Expr | None:
    """Return what a statement gives to an attribute of that name."""
    match stmt:
        case n.Assign(targets=[n.Attribute(attr=attribute)], value=value) if attribute == name:
            return value
    return None


def kept_as_function(initialiser: Function, name: str) -> Fix | None:
    """`self.act = lambda x: x * 2` becomes `self.act = _act`, a function of the file."""
    module, node = initialiser.module, initialiser.node
    given = [(one, value) for one in statements(node.body) if (value := _kept(one, name)) is not None]
    stmt, value = given[0] if len(given) == 1 else (None, None)
    top = outermost(module, node)
    if stmt is None or not isinstance(value, n.Lambda) or not isinstance(top, n.ClassDef) or node not in top.body:
        return None
    inner = _Inner(stmt, "", value.args, [value.body])
    outer = set(initialiser.scope.bindings)
    if not _is_plain(module, inner) or _captured(inner, outer) != []:
        return None
    called = free_name(f"_{name.lstrip('_')}", {*module.scope.bindings, *names_within(node)})
    text = module.source.text
    own = [text[one.start : (one.default or one).end] for one in value.args.all()]
    body = module.text(value.body)
    made = f"def {called}({', '.join(own)}):\n{_STEP}return {operand(module, value.body) if chr(10) in body else body}\n\n\n"
    at = above_comments(text, first_of(top))
    edits = (Edit(at, at, made), Edit(value.start, value.end, called))
    return Fix(module.path, f"make a function of `self.{name}`", Safety.SAFE.value, edits)
