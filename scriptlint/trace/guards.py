"""Tests for tracing itself: the trace takes one side, eager mode the other (trace-hazards.md 1.9).

That is meant: mostly the sides compute the same in two ways. Reported are sides that differ for certain.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from scriptlint.diag import Severity
from scriptlint.syntax import nodes as n
from scriptlint.trace import hazards, pointwise
from scriptlint.trace.frames import Frame
from scriptlint.trace.hazards import hazard
from scriptlint.trace.values import Traced, Why

if TYPE_CHECKING:
    from scriptlint.trace.flow import Flow

TRACING_GUARD = hazard(
    "SL885",
    "tracing-guard",
    "`{test}` answers differently while tracing, and the side that the trace takes computes something else",
    "compute the same on both sides, or script the function that asks",
)

# Operators with a constant that changes nothing.
_NEUTRAL = {"+": 0, "-": 0, "*": 1, "/": 1, "**": 1, "//": 1}


def judge(
    flow: Flow, test: n.Expr, value: Traced, taken: Sequence[n.Node], other: Sequence[n.Node], frame: Frame
) -> None:
    """Report a test for tracing whose sides do different things."""
    if value.why is not Why.TRACING:
        return
    if not taken and other and isinstance(other[0], n.Assert):
        warns = "torch does not warn"
        text = frame.text(other[0].test)
        flow.say(hazards.LOST_CHECK, frame, other[0].test, Severity.NOTE, test=text, torch=warns)
    elif _differ(taken, other) or pointwise.differ(flow, taken, other, frame):
        flow.say(TRACING_GUARD, frame, test, test=frame.text(test))


def _differ(first: Sequence[n.Node], second: Sequence[n.Node]) -> bool:
    """Return True if two blocks surely compute different things: they are the same but for some constants."""
    if not first or not second:
        return any(_changes(one) for one in (*first, *second))
    constants: list[bool] = []
    return _alike(list(first), list(second), constants) and any(constants)


def _changes(node: n.Node) -> bool:
    """Return True if a statement gives a variable another value than it has: `x = x * 2`."""
    match node:
        case n.Assign(targets=[n.Name(id=name)], value=n.BinOp(left=n.Name(id=left), op=op, right=n.Constant(value=k))):
            return name == left and op in _NEUTRAL and _NEUTRAL[op] != k
        case n.AugAssign(target=n.Name(), op=op, value=n.Constant(value=k)):
            return op in _NEUTRAL and _NEUTRAL[op] != k
    return False


def _alike(first: object, second: object, constants: list[bool]) -> bool:
    """Compare two trees, constants aside; for each of these `constants` is given whether it differs."""
    if type(first) is not type(second):
        return False
    if isinstance(first, n.Constant) and isinstance(second, n.Constant):
        constants.append(first.value != second.value)
        return first.kind == second.kind and first.kind in ("int", "float")
    if isinstance(first, n.Node):
        names = [name for name in first.__struct_fields__ if name not in ("start", "end")]
        return all(_alike(getattr(first, name), getattr(second, name), constants) for name in names)
    if isinstance(first, list) and isinstance(second, list):
        pairs = zip(first, second, strict=False)
        return len(first) == len(second) and all(_alike(one, two, constants) for one, two in pairs)
    return first == second
