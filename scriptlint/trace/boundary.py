"""The compiled code that a trace calls: its branches are kept, what crosses into it is not followed (trace-hazards.md 2)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scriptlint.diag import Label, Severity, Span
from scriptlint.evaluate.values import Compiled, FunctionValue, Instance
from scriptlint.program.module import Class, Function
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk_scope
from scriptlint.trace.frames import Frame
from scriptlint.trace.hazards import hazard
from scriptlint.trace.schemas import Arguments
from scriptlint.trace.values import TENSOR, UNKNOWN, Kind, Traced, many, sequence

if TYPE_CHECKING:
    from scriptlint.trace.flow import Flow

SCRIPTED_ARGUMENT = hazard(
    "SL866",
    "frozen-scripted-argument",
    "`{text}`, given to `{name}: {kind}` of a scripted function, is the example's value for ever; {torch}",
    "give the scripted function the tensor, and ask for its size or number there",
)

NESTED_TRACE = hazard(
    "SL867",
    "nested-trace",
    "`{text}` traces inside of what is traced, which torch refuses",
    "trace before, in `__init__`, or call the function itself",
    "Tracing can't be nested",
    Severity.ERROR,
)

REENTRANT = hazard(
    "SL868",
    "reentrant-checkpoint",
    "`{text}` with `use_reentrant=True` cannot be traced",
    "pass `use_reentrant=False`",
    "unordered_map::at",
    Severity.ERROR,
)

COMPILED_FUNCTION = hazard(
    "SL869",
    "dynamo-in-trace",
    "`{text}` calls what `torch.compile` made, which cannot be traced",
    "trace the function itself",
    "Detected that you are using FX to torch.jit.trace",
    Severity.ERROR,
)

SCRIPTED_NONE = hazard(
    "SL870",
    "scripted-none",
    "the scripted function `{name}` returns nothing, and a trace cannot record such a call",
    "return a tensor from it",
    "Tracer cannot set value trace for type None",
    Severity.ERROR,
)

UNREGISTERED_SCRIPTED = hazard(
    "SL872",
    "unregistered-scripted-module",
    "`{text}` was scripted but is no submodule of what is traced, so its call cannot be recorded",
    "assign it to an attribute of the module",
    "not part of the active trace",
    Severity.ERROR,
)

# The words of annotations that speak of nothing but numbers.
_NUMBER_WORDS = frozenset("int float bool list List tuple Tuple Optional None typing".split())
_WORD = re.compile(r"\w+")


def call_compiled(
    flow: Flow, value: Compiled, given: Arguments, node: n.Call, frame: Frame, method: str | None = None
) -> Traced:
    """Return the value of a call of what torch.jit gave back: its branches are kept, parameters of Python's types not followed."""
    inner = value.inner
    if isinstance(inner, FunctionValue):
        return call_scripted(flow, inner.function, given, node, frame)
    if isinstance(inner, Instance) and isinstance(inner.cls, Class) and value.how == "script":
        if inner not in flow.registered and flow.rooted:
            flow.say(UNREGISTERED_SCRIPTED, frame, node.func, flow.refusal, text=frame.text(node.func))
        function = flow.classes.method(inner.cls, method or "forward")
        if function is not None:
            _judge_scripted(flow, function, given, frame, skip=1)
            return _returned(flow, function, inner, given)
    return _given_back(given)


def call_scripted(flow: Flow, function: Function, given: Arguments, node: n.Call, frame: Frame) -> Traced:
    """Return the value of a call of a scripted function."""
    _judge_scripted(flow, function, given, frame, skip=0)
    returns = [one for one in walk_scope(function.node.body) if isinstance(one, n.Return)]
    if all(one.value is None for one in returns):
        flow.say(SCRIPTED_NONE, frame, node, flow.refusal, name=function.node.name)
    return _returned(flow, function, None, given)


def call_dynamo(flow: Flow, node: n.Call, frame: Frame, made: Span | None = None) -> Traced:
    """Return the value of a call of what torch.compile made, at this decorator where that is known."""
    labels = () if made is None else (Label(made, "made by `torch.compile` here"),)
    flow.say_because(COMPILED_FUNCTION, frame, node, labels, text=frame.text(node))
    return TENSOR


def _returned(flow: Flow, function: Function, instance: Instance | None, given: Arguments) -> Traced:
    """Return what compiled code gives: tensors, whose content and sizes the trace follows whatever happens inside."""
    result = flow.result_of(function, instance, [one for one, _ in given.positional])
    if result.kind is Kind.SEQUENCE:
        return sequence([TENSOR] * len(result.items)) if result.items is not None else many(TENSOR)
    return _given_back(given)


def _given_back(given: Arguments) -> Traced:
    kinds = {one.kind for one in given.values}
    return (
        TENSOR
        if Kind.TENSOR in kinds and not all(one.kind is Kind.TENSOR and not one.sure for one in given.values)
        else UNKNOWN
    )


def _judge_scripted(flow: Flow, function: Function, given: Arguments, frame: Frame, skip: int) -> None:
    node = function.node.args
    parameters = [*node.posonly, *node.args][skip:]
    for index, parameter in enumerate([*parameters, *node.kwonly]):
        found = given.get(index, parameter.name) if index < len(parameters) else given.keywords.get(parameter.name)
        if found is None or parameter.annotation is None:
            continue
        value, at = found
        kind = function.module.text(parameter.annotation).strip("'\"")
        items = (
            value.items if value.items is not None else (value.element(),) if value.kind is Kind.SEQUENCE else (value,)
        )
        moving = any(one.kind in (Kind.SIZE, Kind.TENSOR) and one.is_linked and not one.fixed for one in items)
        if not moving:
            continue
        if set(_WORD.findall(kind)) <= _NUMBER_WORDS:
            loud = kind in ("float", "bool") or (value.kind is Kind.TENSOR and kind != "int")
            torch = "torch warns of it" if loud else "torch does not warn"
            flow.say(SCRIPTED_ARGUMENT, frame, at, text=frame.text(at), name=parameter.name, kind=kind, torch=torch)
