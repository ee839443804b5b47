"""What functions make of numbers that nobody gives: a number of which nothing else is known, and no unknown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from scriptlint.evaluate import symbols
from scriptlint.evaluate.frames import Frame
from scriptlint.evaluate.values import Items, Symbol, Value
from scriptlint.syntax import nodes as n

if TYPE_CHECKING:
    from scriptlint.evaluate.evaluator import Evaluator

_NUMBERS = ("", "int", "float")


def number(
    ev: Evaluator, values: Iterable[Value], kind: str, node: n.Node | None, frame: Frame | None
) -> Symbol | None:
    """Return the number that a function makes of these; None where the code gives all of them, or one is no number."""
    given = next(_symbols(ev, values), None)
    if given is None or node is None or frame is None or given.kind not in _NUMBERS:
        return None
    return symbols.derived(given, frame.text(node), kind, node, frame)


def _symbols(ev: Evaluator, values: Iterable[Value]) -> Iterator[Symbol]:
    for one in values:
        value = ev.resolved(one)
        if isinstance(value, Symbol) and value.default is None:
            yield value
        elif isinstance(value, Items) and value.exact:
            yield from (inner for item in value.items if isinstance(inner := ev.resolved(item), Symbol))
