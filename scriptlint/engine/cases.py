"""The cases of a test: the arguments that its decorators list, and whether it is expected to fail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scriptlint.evaluate import attributes
from scriptlint.evaluate.values import Const, Items, Value
from scriptlint.instances.machine import Machine
from scriptlint.program.module import Class, Function, ModuleInfo
from scriptlint.program.project import Global
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk

_MOST = 24

Given = n.Expr | Value


def cases(function: Function, machine: Machine) -> Sequence[Mapping[str, Given]]:
    """Return the arguments of the cases of a test; one case without any for other functions.

    They are expressions of its file where these are listed there, and values where the list is computed. Several lists
    are not multiplied: each argument is varied while the others are as they are first.
    """
    lists = [found for one in _decorators(function) if (found := _listed(one, function, machine))]
    first = {name: value for one in reversed(lists) for name, value in one[0].items()}
    varied = [{**first, **case} for one in lists for case in one[1:]]
    return [first, *varied][:_MOST]


def expects_failure(function: Function) -> bool:
    """Return True if a test says of itself that it fails."""
    return any(last_name(one) in ("xfail", "expectedFailure") for one in _decorators(function))


def _decorators(function: Function) -> list[n.Expr]:
    cls: Class | None = function.owner
    return [*function.node.decorators, *(cls.node.decorators if cls is not None else ())]


def _listed(decorator: n.Expr, function: Function, machine: Machine) -> list[dict[str, Given]]:
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
    literal = _items(rows, function, machine)
    if literal is not None:
        found: list[dict[str, Given]] = [_case(row, names, is_row=is_row) for row in literal]
    else:
        found = _varied([_values(row, names, is_row=is_row) for row in _computed(rows, function, machine)])
    return [one for one in found if one and set(one) <= set(parameters)]


def _names(node: n.Expr) -> list[str]:
    if isinstance(node, n.Constant) and isinstance(node.value, str):
        return [one.strip() for one in node.value.split(",")]
    if isinstance(node, (n.List, n.Tuple)):
        return [one.value for one in node.elts if isinstance(one, n.Constant) and isinstance(one.value, str)]
    return []


def _items(node: n.Expr, function: Function, machine: Machine) -> list[n.Expr] | None:
    """Return the items of a list that is written in the file of a test; None where it is computed."""
    if isinstance(node, n.Name):
        symbol = machine.project.resolve(node, function.module)
        node = (
            symbol.value if isinstance(symbol, Global) and symbol.module is function.module and symbol.value else node
        )
    return list(node.elts) if isinstance(node, (n.List, n.Tuple)) else None


def _computed(node: n.Expr, function: Function, machine: Machine) -> list[Value]:
    value = machine.evaluate_outside(node, function.module.text(node), function.module)
    return value.items if isinstance(value, Items) and value.exact else []


def _values(row: Value, names: list[str], *, is_row: bool) -> dict[str, Given]:
    values = row.items if is_row and isinstance(row, Items) else [row]
    return dict(zip(names, values, strict=True)) if len(values) == len(names) else {}


def _varied(rows: list[dict[str, Given]]) -> list[dict[str, Given]]:
    """Return the rows of a product that have something that none before them has."""
    seen: set[object] = set()
    found = []
    for row in rows:
        parts = {(name, (type(one.value), one) if isinstance(one, Const) else id(one)) for name, one in row.items()}
        if not parts <= seen:
            seen |= parts
            found.append(row)
    return found


def _case(row: n.Expr, names: list[str], *, is_row: bool) -> dict[str, Given]:
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
