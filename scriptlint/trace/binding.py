"""Arguments become parameters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from scriptlint.program.decorators import Kind as Reached
from scriptlint.program.decorators import decoration
from scriptlint.program.module import Function
from scriptlint.syntax import nodes as n
from scriptlint.trace.frames import Frame
from scriptlint.trace.roles import role
from scriptlint.trace.values import ASSUMED, TENSOR, UNKNOWN, Kind, Length, Traced, many, sequence

if TYPE_CHECKING:
    from scriptlint.trace.flow import Flow


def bind(
    flow: Flow,
    frame: Frame,
    function: Function,
    arguments: Sequence[Traced],
    keywords: dict[str, Traced],
    exact: bool,
) -> None:
    """Give the parameters of a function their values; `exact` False says that more may be given than is known."""
    node = function.node.args
    parameters = [*node.posonly, *node.args]
    static = decoration(function, flow.project).kind is Reached.STATIC
    if frame.instance is not None and parameters and frame.outer is None and not static:
        frame.variables[parameters[0].name] = Traced(Kind.OBJECT, frame.instance)
        parameters = parameters[1:]
    elif function.owner is not None and not static and parameters:
        frame.variables[parameters[0].name] = UNKNOWN
        parameters = parameters[1:]
    left = dict(keywords)
    for index, parameter in enumerate(parameters):
        given = left.pop(parameter.name, None)
        if given is None and index < len(arguments):
            given = arguments[index]
        frame.variables[parameter.name] = _value(flow, frame, function, parameter, given, exact)
    for parameter in node.kwonly:
        given = left.pop(parameter.name, None)
        frame.variables[parameter.name] = _value(flow, frame, function, parameter, given, exact)
    if node.vararg is not None:
        more = arguments[len(parameters) :]
        length = Length.EXAMPLE if frame.root else Length.PYTHON
        frame.variables[node.vararg.name] = (
            sequence(more, length) if exact and (more or not frame.top) else many(UNKNOWN)
        )
    if node.kwarg is not None:
        known = exact and (bool(left) or not frame.top)
        frame.variables[node.kwarg.name] = Traced(
            Kind.MAPPING, keys=tuple(left) if known else None, items=tuple(left.values()) if known else None
        )


def _value(
    flow: Flow, frame: Frame, function: Function, parameter: n.Parameter, given: Traced | None, exact: bool
) -> Traced:
    if given is not None:
        if given.kind is not Kind.UNKNOWN and not (given.kind is Kind.TENSOR and not given.sure):
            return given
        known = role(flow.project, parameter, function)
        return known if known.kind is not Kind.UNKNOWN or given.kind is Kind.UNKNOWN else given
    if frame.top and not flow.rooted:
        known = role(flow.project, parameter, function)
        # What is asked is what a trace of it would do, and a trace takes tensors.
        return TENSOR if flow.outputs and known is ASSUMED and parameter.default is None else known
    if parameter.default is not None and exact:
        from scriptlint.trace.expressions import evaluate  # expressions need calls, and calls need this

        outside = type(frame)(function.owner or function.outer or function.module, outer=frame.outer)
        return evaluate(flow, parameter.default, outside)
    return role(flow.project, parameter, function)
