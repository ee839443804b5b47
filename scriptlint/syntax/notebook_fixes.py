"""Fixes of a notebook's program, written into the sources of its cells; the rest of the file stays byte for byte."""

from __future__ import annotations

import codecs
import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

from scriptlint.syntax.notebook import program
from scriptlint.text import Edit, Fix, UnreadableSource
from scriptlint.text.edit import merged, written
from scriptlint.text.json_values import places

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.S)


def rewritten(content: bytes, fixes: Sequence[Fix]) -> bytes:
    """Return a notebook with fixes of its program. Raises UnreadableSource where they cannot be written."""
    cells = _Cells(content)
    imports = written({one for fix in fixes for one in fix.imports})
    by_cell: dict[int, list[Edit]] = {}
    for edit in merged(fixes):
        at, moved = cells.placed(edit, is_import=edit in imports)
        by_cell.setdefault(at, []).append(moved)
    mark = codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b""
    text = content.removeprefix(mark).decode()
    numbers = {cell.number - 1: at for at, cell in enumerate(cells.cells)}
    pieces, done = [], 0
    for way, start, end in places(text, "source"):
        if len(way) == 3 and way[0] == "cells" and (at := numbers.get(int(way[1]), -1)) in by_cell:
            pieces += [text[done:start], _encoded(cells.edited(at, by_cell[at]), text[start:end])]
            done = end
    return mark + "".join([*pieces, text[done:]]).encode()


class _Cells:
    """The cells with code, and where each begins in the program."""

    def __init__(self, content: bytes) -> None:
        self._program, self.cells, self._written = program(content)
        self._sources = [one if one.endswith(("\n", "\r")) else one + "\n" for one in self._written]
        self._starts = [0, *accumulate(len(one) for one in self._sources)]

    def placed(self, edit: Edit, *, is_import: bool) -> tuple[int, Edit]:
        """Return the cell that an edit changes, and the edit of its text."""
        at = min(bisect_right(self._starts, edit.start), len(self._sources)) - 1
        if edit.start == edit.end == self._starts[at]:
            has_magic = self._sources[at].lstrip().startswith("%%")  # with which the cell must go on to begin
            at -= has_magic or (is_import and at > 0)
        if at < 0 or edit.end > self._starts[at + 1]:
            raise UnreadableSource("a fix that changes more than one cell")
        start, end = edit.start - self._starts[at], edit.end - self._starts[at]
        if self._sources[at][start:end] != self._program[edit.start : edit.end]:
            raise UnreadableSource("a fix that changes what only IPython understands")
        return at, Edit(start, end, edit.text)

    def edited(self, at: int, edits: Iterable[Edit]) -> str:
        """Return the source of a cell after some edits, in order; the line end that the program adds is not in it."""
        source, pieces, done = self._sources[at], [], 0
        for edit in edits:
            pieces += [source[done : edit.start], edit.text]
            done = edit.end
        made = "".join([*pieces, source[done:]])
        return made if self._written[at] == source else made.removesuffix("\n")


def _encoded(source: str, before: str) -> str:
    """Return JSON for the source of a cell, written as it was before: as one text, or as a list of lines."""
    is_ascii = before.isascii()
    if not before.startswith("["):
        return json.dumps(source, ensure_ascii=is_ascii)
    known = {str(json.loads(one)): one for one in _STRING.findall(before)}
    lines = [known.get(line) or json.dumps(line, ensure_ascii=is_ascii) for line in _LINE.findall(source)]
    first = _STRING.search(before)
    lead = before[1 : first.start()] if first is not None else ""
    tail = before[len(before.rstrip("]").rstrip()) : -1]
    separator = "," + (lead if "\n" in lead else " ")
    return f"[{lead}{separator.join(lines)}{tail}]"
