"""Where values stand in JSON: what is changed in a notebook is replaced, and the rest stays byte for byte."""

from __future__ import annotations

import re
from collections.abc import Iterator

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}:,]|[^\s\[\]{}:,"]+', re.S)
Way = tuple[str | int, ...]


def places(text: str, wanted: str) -> Iterator[tuple[Way, int, int]]:
    """Return the values of all keys `wanted` in a JSON text: the way there, and where the value begins and ends."""
    way: list[str | int] = []
    in_object: list[bool] = []  # of the containers around
    is_key = False
    begun: list[tuple[Way, int]] = []
    for token in _TOKEN.finditer(text):
        word = token[0]
        if word == ":":
            continue
        if word == ",":
            is_key = in_object[-1]
            if not is_key:
                way[-1] = int(way[-1]) + 1
            continue
        if word in "]}":
            in_object.pop()
            way.pop()
        elif is_key:
            way[-1] = word[1:-1]
            is_key = False
            continue
        else:
            if way and way[-1] == wanted and in_object[-1]:
                begun.append((tuple(way), token.start()))
            if word in "[{":
                is_key = word == "{"
                in_object.append(is_key)
                way.append("" if is_key else 0)
                continue
        if begun and begun[-1][0] == tuple(way):
            yield *begun.pop(), token.end()
