"""How the numbers that are chosen for symbols compare: a path may be told the other answer before it chooses."""

from __future__ import annotations

import operator as python
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from scriptlint.evaluate.frames import negate
from scriptlint.evaluate.values import Const, Symbol, Value

if TYPE_CHECKING:
    from scriptlint.evaluate.evaluator import Evaluator

ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": python.lt,
    "<=": python.le,
    ">": python.gt,
    ">=": python.ge,
    "==": python.eq,
    "!=": python.ne,
}


def reordered(ev: Evaluator, operator: str, symbol: Symbol, limit: Value) -> bool | None:
    """Return how a number that was chosen for a symbol compares with another one; a path may be told the other answer."""
    if not isinstance(limit, Const) or type(limit.value) not in (int, float) or not isinstance(symbol.value, Const):
        return None
    test, wanted, chosen = ORDER[operator], limit.value, symbol.value.value
    if symbol.usual is None or not isinstance(chosen, (int, float)) or not isinstance(wanted, (int, float)):
        return None
    usual, answer = test(symbol.usual, wanted), test(chosen, wanted)
    question = (symbol.key, "chosen", operator, wanted)
    if usual != answer and question not in ev.path.told:
        return answer
    condition = f"{symbol.name} {operator} {wanted!r}"
    ev.path.choose(question, (condition, negate(condition)) if usual else (negate(condition), condition))
    return answer


def told(ev: Evaluator, symbol: Symbol, usual: int) -> int:
    """Return the number that a path has to choose for a symbol, by what it is told of later comparisons."""
    for question, case in ev.path.told.items():
        if not isinstance(question, tuple) or question[:2] != (symbol.key, "chosen") or not case:
            continue
        test, limit = ORDER[question[2]], int(question[3])
        for other in (limit, 2 * limit, limit // 2, limit + 1, limit - 1):
            if test(other, limit) != test(usual, limit) and other > 0:
                return other
    return usual
