"""What stands between the tokens: comments. They are found in the text, with the help of the tree's strings."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

import msgspec


class Comment(msgspec.Struct, array_like=True, frozen=True):
    """A comment: the offset of its `#` and its text from there to the end of the line."""

    start: int
    text: str


def comments(text: str, strings: Iterable[tuple[int, int]]) -> list[Comment]:
    """Return the comments of a source text; `strings` are the ranges of its string literals, where a `#` is only a character."""
    ranges = sorted(strings)
    starts = [start for start, _ in ranges]
    found = []
    at = text.find("#")
    while at >= 0:
        inside = bisect_right(starts, at) - 1
        if inside >= 0 and at < ranges[inside][1]:
            at = text.find("#", ranges[inside][1])
            continue
        end = at
        while end < len(text) and text[end] not in "\r\n":
            end += 1
        found.append(Comment(at, text[at:end]))
        at = text.find("#", end)
    return found
