"""`match`: which case runs, as far as its pattern is known.

The tree keeps of a pattern only what it binds and the expressions it evaluates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scriptlint.evaluate import symbols
from scriptlint.evaluate.frames import End, Frame
from scriptlint.evaluate.values import Const, Unknown, Value
from scriptlint.syntax import nodes as n

if TYPE_CHECKING:
    from scriptlint.evaluate.evaluator import Evaluator


def run(ev: Evaluator, node: n.Match, frame: Frame) -> End | None:
    """Run a `match` statement."""
    subject = ev.evaluate(node.subject, frame)
    for case in node.cases:
        if _fits(ev, subject, case, node, frame):
            return ev.block(case.body, frame)
    return None


def _fits(ev: Evaluator, subject: Value, case: n.MatchCase, node: n.Match, frame: Frame) -> bool:
    for name in case.binds:
        frame.variables[name.id] = subject if len(case.binds) == 1 and not case.values else Unknown("part of a pattern")
    known = True
    if case.values:
        known = any(_equals(ev, subject, one, node, frame) for one in case.values)
    return known and (case.guard is None or ev.decide(case.guard, frame))


def _equals(ev: Evaluator, subject: Value, pattern: n.Expr, node: n.Match, frame: Frame) -> bool:
    value = ev.evaluate(pattern, frame)
    result = symbols.compared(ev, "==", subject, value, pattern, frame)
    if isinstance(result, Const):
        return bool(result.value)
    subject_text, text = frame.text(node.subject), frame.text(pattern)
    question = (frame.module.path, pattern.start, pattern.end)
    return ev.path.choose(question, (f"{subject_text} == {text}", f"{subject_text} != {text}")) == 0
