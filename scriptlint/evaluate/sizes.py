"""How large a value is, its parts and theirs counted as often as they are met: a list may hold itself, or twice the same."""

from __future__ import annotations

from scriptlint.evaluate.values import Choice, Items, Mapping, Partial, Value

LARGEST = 50_000
"""How many parts are looked at, of whatever the code makes; a larger value is unknown to those who need all of it."""


def is_small(value: Value) -> bool:
    """Whether a value has no more parts than anybody looks at."""
    left = LARGEST
    pending = [value]
    while pending:
        one = pending.pop()
        parts: list[Value]
        match one:
            case Items():
                parts = one.items
            case Mapping():
                parts = list(one.items.values())
            case Partial():
                parts = [one.callee, *one.arguments, *one.keywords.values()]
            case Choice():
                parts = [option.value for option in one.options]
            case _:
                continue
        left -= len(parts)
        if left < 0:
            return False
        pending += parts
    return True
