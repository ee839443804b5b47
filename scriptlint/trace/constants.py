"""Tensors that code makes of Python's values while a trace is made: constants of it, of which torch mostly warns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from scriptlint.diag import Severity
from scriptlint.fixes import tracing
from scriptlint.syntax import nodes as n
from scriptlint.text import Safety
from scriptlint.trace import frozen
from scriptlint.trace.frames import Frame
from scriptlint.trace.schemas import Arguments, literals
from scriptlint.trace.values import LITERAL, UNKNOWN, Kind, Length, Traced, Why, arithmetic, is_constant, parts

if TYPE_CHECKING:
    from scriptlint.trace.flow import Flow


def legacy(flow: Flow, given: Arguments, node: n.Call, frame: Frame) -> Traced:
    """Return what `x.new(...)` and `torch.FloatTensor(...)` give: a constant, whose size is the example's."""
    values = [part for one in given.values for part in (one.items or (one.element() if one.is_shape else one,))]
    if any(one.kind in (Kind.SIZE, Kind.TENSOR) and one.is_linked and not one.fixed for one in values):
        sizes = all(one.kind in (Kind.SIZE, Kind.PYTHON) or one.is_shape for one in given.values)
        safety = Safety.SAFE if frame.root else Safety.UNSAFE
        fix = tracing.new_empty(frame.function, node, safety) if sizes and given.exact else None
        flow.say(frozen.LEGACY_CONSTRUCTOR, frame, node, fix=fix, text=frame.text(node))
    return LITERAL


def copied(flow: Flow, name: str, given: Arguments, node: n.Call, frame: Frame, warned: bool) -> Traced:
    """Return what `torch.tensor(...)` and its like give; `warned` says that torch warns of each such call."""
    first = given.get(0, "data")
    value = first[0] if first is not None else UNKNOWN
    text = frame.text(node)
    literals(flow, given, frame)
    if value.kind in (Kind.TENSOR, Kind.SIZE):
        if warned:
            flow.say(frozen.RECORDED_COPY, frame, node, text=text)
        return arithmetic(value) if value.kind is Kind.TENSOR else Traced(Kind.TENSOR)
    if name == "new_tensor":
        flow.say(frozen.DTYPE, frame, node, text=text)
    if depends(value):
        flow.say(frozen.TENSOR_LITERAL, frame, node, text=text)
        return LITERAL
    made = [one for one in parts(value) if one.kind is Kind.BAKED]
    ours = [one for one in made if one.why in (Why.SIZE, Why.CONTENT)]
    if ours or not all(one.said for one in made):
        # What was reported where it was made, and a number of dimensions, are worth a note.
        severity = None if any(not one.said for one in ours) else Severity.NOTE
        flow.say(frozen.TENSOR_LITERAL, frame, node, severity, text=text)
        return LITERAL
    if warned:
        say_constant(flow, [value], node, frame)
    return LITERAL


def say_constant(flow: Flow, values: Iterable[Traced], node: n.Call, frame: Frame) -> None:
    """Say that torch warns of a constant which, as far as is known, is made of nothing that follows the inputs."""
    is_same = all(map(is_constant, values))
    where = "here: it is the same for every input" if is_same else "only if it is the same for every input"
    flow.say(frozen.HARMLESS_CONSTANT, frame, node, text=frame.text(node), where=where)


def depends(value: Traced) -> bool:
    """Return True if a list or number holds anything that follows the inputs."""
    if value.kind in (Kind.TENSOR, Kind.SIZE):
        return value.is_linked and not (value.kind is Kind.SIZE and value.fixed)
    if value.kind is Kind.SEQUENCE:
        return value.length is Length.RANGE or any(
            depends(one) for one in (value.items if value.items is not None else (value.item or UNKNOWN,))
        )
    return False


def of_class(flow: Flow, given: Arguments, node: n.Call, frame: Frame) -> Traced:
    """Return what `torch.Tensor(...)` gives, which takes sizes, values or a tensor."""
    values = given.values
    if len(values) == 1 and values[0].kind is Kind.TENSOR:
        flow.say(frozen.RECORDED_COPY, frame, node, text=frame.text(node))
        return values[0]
    if any(map(depends, values)):
        flow.say(frozen.TENSOR_LITERAL, frame, node, text=frame.text(node))
    else:
        say_constant(flow, values, node, frame)
    return LITERAL
