"""Which way a statement goes: the truth of its test, where only one answer goes on, or where one leads to a compiler."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scriptlint.evaluate import exceptions
from scriptlint.evaluate.frames import Frame
from scriptlint.syntax import nodes as n

if TYPE_CHECKING:
    from scriptlint.evaluate.evaluator import Evaluator


def of_if(ev: Evaluator, node: n.If, frame: Frame) -> bool:
    """Return whether the body of an `if` runs."""
    if not node.orelse and exceptions.always_raises(node.body):
        return of_check(ev, node.test, frame, likely=False)
    leads = ev.domain.leads(node, frame)
    ev.path.leading += leads
    try:
        return ev.decide(node.test, frame)
    finally:
        ev.path.leading -= leads


def of_check(ev: Evaluator, test: n.Expr, frame: Frame, likely: bool) -> bool:
    """Return the truth of a test whose other answer ends the path; it is no reason to explore another one."""
    match test:
        case n.BoolOp(op=op):
            for one in test.values:
                if of_check(ev, one, frame, likely) is (op == "or"):
                    return op == "or"
            return op == "and"
        case n.UnaryOp(op="not"):
            return not of_check(ev, test.operand, frame, not likely)
    ev.path.committed += 1
    try:
        return ev.decide(test, frame, likely)
    finally:
        ev.path.committed -= 1
