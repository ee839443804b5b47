"""Which way a statement goes: the truth of its test, where only one answer goes on, or where one leads to a compiler."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scriptlint.evaluate import exceptions
from scriptlint.evaluate.frames import Frame, Raised, condition_text, negate
from scriptlint.evaluate.values import Const, Symbol
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk

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
        answer = ev.decide(test, frame, likely)
    finally:
        ev.path.committed -= 1
    if answer is not likely and _is_of_chosen(ev, test, frame):
        text = condition_text(frame.text(test))
        ev.path.assume(f"`{text if likely else negate(text)}`")
        return likely
    return answer


def _is_of_chosen(ev: Evaluator, test: n.Expr, frame: Frame) -> bool:
    """Return True if a test is of a number that was chosen for what nobody gives, where others would pass it."""
    computed = [inner for node in walk(test) if isinstance(node, (n.BinOp, n.Call)) for inner in walk(node)]
    for node in walk(test):
        if isinstance(node, (n.Name, n.Attribute)):
            try:
                value = ev.evaluate(node, frame)
            except Raised:
                continue
            if isinstance(value, Symbol) and _is_free(value, node in computed):
                return True
    return False


def _is_free(symbol: Symbol, is_computed: bool) -> bool:
    """Return True if nothing but a choice says which number a symbol, or what is computed of it, is."""
    if symbol.value is None:
        return is_computed and symbol.kind in ("", "int", "float") and not symbol.excluded and symbol.default is None
    return symbol.usual is not None and symbol.value == Const(symbol.usual)
