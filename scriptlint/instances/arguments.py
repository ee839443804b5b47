"""What the parameters of a function hold when it is called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from scriptlint.evaluate.values import Const, Items, Mapping, Some, Unknown, Value
from scriptlint.instances.frames import Frame
from scriptlint.program.module import Function
from scriptlint.syntax import nodes as n

if TYPE_CHECKING:
    from scriptlint.instances.machine import Machine


_CONSTANTS = frozenset({"int", "float", "bool", "str"})


def bind(
    machine: Machine,
    function: Function,
    arguments: Sequence[Value],
    keywords: dict[str, Value],
    bound: Value | None,
    exact: bool,
) -> dict[str, Value]:
    """The parameters of a call by name; where the arguments are not `exact`, others may have been given too."""
    given = [bound, *arguments] if bound is not None else list(arguments)
    node = function.node.args
    positional = [*node.posonly, *node.args]
    left = dict(keywords)
    found: dict[str, Value] = {}
    for index, parameter in enumerate(positional):
        if index < len(given):
            found[parameter.name] = given[index] or Unknown()
        elif parameter.name in left:
            found[parameter.name] = left.pop(parameter.name)
        else:
            found[parameter.name] = _default(machine, function, parameter, exact)
    for parameter in node.kwonly:
        known = parameter.name in left
        value = left.pop(parameter.name) if known else _default(machine, function, parameter, exact)
        found[parameter.name] = value
    if node.vararg:
        extra = [one or Unknown() for one in given[len(positional) :]]
        found[node.vararg.name] = Items("tuple", extra, exact)
    if node.kwarg:
        found[node.kwarg.name] = Mapping(dict(left.items()), exact)
    return found


def _default(machine: Machine, function: Function, parameter: n.Parameter, exact: bool) -> Value:
    """What a parameter is when nothing is given for it, or (not `exact`) when something else may be."""
    if parameter.default is None:
        kind = parameter.annotation.id if isinstance(parameter.annotation, n.Name) else ""
        return Some(kind) if kind in _CONSTANTS else Unknown(f"the argument `{parameter.name}`")
    place = function.owner or function.outer or function.module
    return perhaps(machine.evaluate(parameter.default, Frame(place)), parameter.name, exact)


def perhaps(default: Value, name: str, exact: bool) -> Value:
    """A default, or where another argument may have been given, one of its type."""
    if exact or not isinstance(default, Const):
        return default
    return Unknown(f"the argument `{name}`") if default.value is None else Some(type(default.value).__name__)
