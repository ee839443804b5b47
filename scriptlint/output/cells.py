"""How a line of source looks in a terminal: tabs, wide characters, and lines that are too long."""

from __future__ import annotations

import unicodedata

from scriptlint.engine.paths import printable

TAB = 4
CUT = "..."


class Row:
    """One line as it is shown, at most `limit` cells wide; if it is longer, the part around column `focus` is shown.

    Columns count code points of the line from 0.
    """

    def __init__(self, line: str, limit: int, focus: int = 0) -> None:
        # A line of megabytes is never measured as a whole.
        slack = 4 * limit
        self._first = max(0, min(focus, len(line)) - slack // 2) if len(line) > slack else 0
        pieces, offsets = _laid_out(line[self._first : self._first + slack])
        self._offsets = offsets
        self._from, to = 0, len(pieces)
        room = limit - 2 * len(CUT)
        if self._first or self._first + len(pieces) < len(line) or offsets[-1] > limit:
            wanted = offsets[min(max(focus - self._first, 0), len(pieces))]
            if self._first or wanted > room * 2 // 3:
                self._from = _index(offsets, wanted - room // 3)
            to = _index(offsets, offsets[self._from] + room)
        self._lead = CUT if self._first or self._from else ""
        tail = CUT if self._first + to < len(line) else ""
        self._to = to
        self.text = self._lead + "".join(pieces[self._from : to]) + tail

    def cell(self, column: int) -> int:
        """Return how many cells stand before this column; a column in a part that is not shown counts as its edge."""
        index = min(max(column - self._first, self._from), self._to)
        return len(self._lead) + self._offsets[index] - self._offsets[self._from]


def width(text: str) -> int:
    """Return the number of cells that a printable text fills."""
    return sum(map(_width, text))


def _width(char: str) -> int:
    if char.isascii():
        return 1
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _laid_out(text: str) -> tuple[list[str], list[int]]:
    """Return what is written for each character, and the cells before each of them (one more, for the end)."""
    if text.isascii() and text.isprintable():
        return list(text), list(range(len(text) + 1))
    pieces, offsets, at = [], [0], 0
    for char in text:
        piece = " " * (TAB - at % TAB) if char == "\t" else printable(char)
        at += width(piece)
        pieces.append(piece)
        offsets.append(at)
    return pieces, offsets


def _index(offsets: list[int], cell: int) -> int:
    """Return the last position that begins at or before this cell."""
    low = 0
    for index, offset in enumerate(offsets):
        if offset > cell:
            break
        low = index
    return low
