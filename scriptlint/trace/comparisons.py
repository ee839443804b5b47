"""Comparisons under trace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from scriptlint.evaluate.values import ClassValue, Const, ExternalValue, Instance
from scriptlint.syntax import nodes as n
from scriptlint.trace import hazards
from scriptlint.trace.expressions import evaluate
from scriptlint.trace.frames import Frame, fills
from scriptlint.trace.values import FALSE, NONE, PYTHON, TRUE, UNKNOWN, Kind, Length, Traced, Why, arithmetic, baked

if TYPE_CHECKING:
    from scriptlint.trace.flow import Flow


def compare(flow: Flow, node: n.Compare, frame: Frame) -> Traced:
    """Return what a comparison gives."""
    asks = _asks_whether(node)
    flow.asking += asks
    values = [evaluate(flow, one, frame) for one in (node.left, *node.comparators)]
    flow.asking -= asks
    known = _known(node.ops, values)
    if known is not None:
        why = Why.TRACING if any(one.why is Why.TRACING for one in values) else None
        return replace(TRUE if known else FALSE, why=why)
    if any(one in ("is", "is not") for one in node.ops):
        return _identity(flow, node, values, frame)
    if any(one in ("in", "not in") for one in node.ops):
        return _membership(flow, node, values, frame)
    if any(isinstance(one.value, Const) and isinstance(one.value.value, (str, type(None))) for one in values):
        rest = [one for one in values if one.kind is Kind.BAKED]
        return rest[0] if rest else PYTHON
    if any(one.kind is Kind.SEQUENCE for one in values):
        return _sequences(values)
    if any(one.kind is Kind.TENSOR and not one.sure for one in values) and not any(one.is_tensor for one in values):
        return UNKNOWN
    if any(one.kind is Kind.OBJECT for one in values) and not any(one.kind is Kind.SIZE for one in values):
        rest = [one for one in values if one.kind is Kind.BAKED]
        return rest[0] if rest else UNKNOWN
    result = arithmetic(*values)
    if result.kind is Kind.PYTHON:
        return PYTHON
    return Traced(
        result.kind, sure=result.sure, fixed=result.fixed, constant=result.constant, why=result.why, said=result.said
    )


def _asks_whether(node: n.Compare) -> bool:
    """Return True if a comparison only asks whether there is something: that is no use of its value."""
    return node.ops[0] in ("in", "not in") or any(
        isinstance(one, n.Constant) and one.kind == "none" for one in node.comparators
    )


def _sequences(values: list[Traced]) -> Traced:
    shapes = [one for one in values if one.kind is Kind.SEQUENCE]
    items = [part for one in shapes for part in (one.items or (one.item or UNKNOWN,))]
    if any(one.kind is Kind.SIZE and not one.fixed for one in items):
        return baked(Why.SIZE)
    if any(one.kind is Kind.SIZE for one in items):
        return Traced(Kind.SIZE, fixed=True)
    if any(one.is_linked for one in items):
        return baked(Why.CONTENT)
    return PYTHON


def _identity(flow: Flow, node: n.Compare, values: list[Traced], frame: Frame) -> Traced:
    kinds = {one.kind for one in values}
    if Kind.SIZE in kinds and Kind.PYTHON in kinds:
        flow.say(hazards.SIZE_TYPE, frame, node, text=frame.text(node))
        return FALSE if node.ops[0] == "is" else TRUE
    asked = [one for one in values if one.kind is Kind.BAKED]
    if asked:
        return asked[0]
    return PYTHON if Kind.UNKNOWN not in kinds else UNKNOWN


def _membership(flow: Flow, node: n.Compare, values: list[Traced], frame: Frame) -> Traced:
    if len(values) != 2:
        return UNKNOWN
    key, container = values
    if container.is_tensor and not container.constant:
        flow.say(hazards.SILENT_QUERY, frame, node, text=frame.text(node))
        return baked(Why.CONTENT, True)
    if container.kind is Kind.MAPPING:
        if container.items == ():
            return TRUE if node.ops[0] == "not in" else FALSE
        if key.kind is Kind.SIZE and key.sure:
            if container.element().kind is not Kind.UNKNOWN and not fills(frame, node.comparators[0]):
                flow.say(hazards.SIZE_TYPE, frame, node, text=frame.text(node))
            return TRUE if node.ops[0] == "not in" else FALSE
        if container.length is Length.EXAMPLE:
            return baked(Why.KEYS)
        return PYTHON if key.kind is Kind.PYTHON else UNKNOWN
    if key.value == ExternalValue("torch.Tensor") and container.items:
        names = [one.value.name if isinstance(one.value, ExternalValue) else "" for one in container.items]
        return FALSE if all(one.startswith("builtins.") for one in names) else UNKNOWN
    if container.kind is Kind.SEQUENCE:
        if key.kind is Kind.SIZE and key.sure:
            return Traced(Kind.SIZE, fixed=key.fixed)
        if key.is_tensor and not key.constant:
            return baked(Why.CONTENT)
        if container.is_shape:
            element = container.element()
            return element if element.kind is Kind.SIZE else baked(Why.SIZE)
        if key.kind is Kind.BAKED:
            return key
        return PYTHON if key.kind is Kind.PYTHON else UNKNOWN
    return next((one for one in values if one.kind is Kind.BAKED), UNKNOWN)


def _known(operators: list[str], values: list[Traced]) -> bool | None:
    """Return the truth of a comparison that the kinds of its operands decide: with None, or of classes."""
    if len(operators) != 1:
        return None
    operator, (left, right) = operators[0], values
    classes = [one.value.name for one in values if isinstance(one.value, ExternalValue)]
    if "torch.Tensor" in classes and any(one.startswith("builtins.") for one in classes):
        return {"is": False, "==": False, "is not": True, "!=": True}.get(operator)  # no class of Python is torch's
    if operator in ("is", "is not") or (operator in ("==", "!=") and NONE in values):
        if left.value == Const(None):
            left, right = right, left
        if right.value != Const(None):
            return None
        if left.kind is Kind.PYTHON and isinstance(left.value, Const):
            return (left.value.value is None) == (operator in ("is", "=="))
        if left.mixed:
            return None
        sure = left.truth is True or left.kind in (Kind.SEQUENCE, Kind.SIZE, Kind.MAPPING) or left.is_tensor
        sure = sure or (left.kind is Kind.BAKED and left.why is not Why.GRAD)
        module = left.kind is Kind.OBJECT and isinstance(left.value, (Instance, ClassValue, ExternalValue))
        return operator in ("is not", "!=") if sure or module else None
    return None
