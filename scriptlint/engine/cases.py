"""The cases of a test: the arguments that its decorators list, and whether it is expected to fail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scriptlint.evaluate import attributes
from scriptlint.program.module import Class, Function, ModuleInfo
from scriptlint.program.project import Global, Project
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk

_MOST = 24


def cases(function: Function, project: Project) -> Sequence[Mapping[str, n.Expr]]:
    """Return the arguments of the cases of a test as expressions of its file; one case without any for other functions.

    Several lists are not multiplied: each argument is varied while the others are as they are first.
    """
    lists = [found for one in _decorators(function) if (found := _listed(one, function, project))]
    first = {name: value for one in reversed(lists) for name, value in one[0].items()}
    varied = [{**first, **case} for one in lists for case in one[1:]]
    return [first, *varied][:_MOST]


def expects_failure(function: Function) -> bool:
    """Return True if a test says of itself that it fails."""
    return any(last_name(one) in ("xfail", "expectedFailure") for one in _decorators(function))


def _decorators(function: Function) -> list[n.Expr]:
    cls: Class | None = function.owner
    return [*function.node.decorators, *(cls.node.decorators if cls is not None else ())]


def _listed(decorator: n.Expr, function: Function, project: Project) -> list[dict[str, n.Expr]]:
    """Return the cases that one decorator lists: pytest's, or that of the package `parameterized`."""
    if not isinstance(decorator, n.Call):
        return []
    kind, given = last_name(decorator), decorator.args
    parameters = [one.name for one in (*function.node.args.args, *function.node.args.kwonly)]
    if kind == "parametrize" and len(given) >= 2:
        names, rows = _names(given[0]), given[1]
    elif kind in ("expand", "parameterized") and given:
        names, rows = parameters[1:] if function.owner is not None else parameters, given[0]
    else:
        return []
    is_row = len(names) > 1 or kind != "parametrize"
    found = [_case(row, names, is_row=is_row) for row in _items(rows, function, project)]
    return [one for one in found if one and set(one) <= set(parameters)]


def _names(node: n.Expr) -> list[str]:
    if isinstance(node, n.Constant) and isinstance(node.value, str):
        return [one.strip() for one in node.value.split(",")]
    if isinstance(node, (n.List, n.Tuple)):
        return [one.value for one in node.elts if isinstance(one, n.Constant) and isinstance(one.value, str)]
    return []


def _items(node: n.Expr, function: Function, project: Project) -> list[n.Expr]:
    if isinstance(node, n.Name):
        symbol = project.resolve(node, function.module)
        node = (
            symbol.value if isinstance(symbol, Global) and symbol.module is function.module and symbol.value else node
        )
    return list(node.elts) if isinstance(node, (n.List, n.Tuple)) else []


def _case(row: n.Expr, names: list[str], *, is_row: bool) -> dict[str, n.Expr]:
    if isinstance(row, n.Call) and last_name(row) == "param":
        values = row.args
    else:
        values = row.elts if is_row and isinstance(row, (n.Tuple, n.List)) else [row]
    return dict(zip(names, values, strict=True)) if len(values) == len(names) else {}


def failing(module: ModuleInfo) -> list[range]:
    """Return the parts of a file that its tests expect to fail."""
    blocks = [one for one in walk(module.tree) if isinstance(one, n.With)]
    parts: list[n.Node] = [one.node for one in module.functions.values() if expects_failure(one)]
    parts += [one for one in blocks if any(attributes.expects_failure(item.context) for item in one.items)]
    return [range(one.start, one.end) for one in parts]


def last_name(node: n.Expr) -> str:
    """Return the last part of a dotted name, or of what is called by one; empty for other expressions."""
    node = node.func if isinstance(node, n.Call) else node
    return node.attr if isinstance(node, n.Attribute) else getattr(node, "id", "")
