"""Code frames: some lines of a file with a gutter, and carets under what is meant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from scriptlint.output.cells import Row
from scriptlint.output.paint import Paint
from scriptlint.text import SourceFile

CONTEXT = 2


class Mark(msgspec.Struct, frozen=True):
    """Something to point at: where it starts and ends, what to say there, and the style of the pointer.

    Of a mark that spans rows the first is underlined. The mark that the frame is about has carets, others have dashes.
    """

    start: int
    end: int
    text: str
    style: str
    main: bool


def rows(source: SourceFile, mark: Mark) -> range:
    """Return the rows that are shown for a mark."""
    row = source.location(mark.start).row
    _, top, bottom = source.cell(row) or (0, 1, len(source.line_starts))
    first, last = max(top, row - CONTEXT), min(max(bottom, row), row + CONTEXT)
    while first < row and not source.line(first).strip():
        first += 1
    while last > row and not source.line(last).strip():
        last -= 1
    return range(first, last + 1)


def draw(source: SourceFile, marks: Sequence[Mark], paint: Paint, gutter: int, limit: int) -> Iterator[str]:
    """Yield the lines of a frame that shows all marks, with `...` where rows are left out between them."""
    bar = paint(f"{' ' * gutter} |", "gutter")
    yield bar
    before = None
    for row in sorted({row for mark in marks for row in rows(source, mark)}):
        if before is not None and row != before + 1:
            yield paint("..." + " " * (gutter - 1), "gutter").rstrip()
        before = row
        here = [mark for mark in marks if source.location(mark.start).row == row]
        focus = source.location(here[0].start).column - 1 if here else 0
        line = Row(source.line(row), limit, focus)
        number = source.number(row)
        yield f"{paint(f'{number:>{gutter}} |', 'gutter')} {line.text}".rstrip()
        for mark in here:
            yield f"{bar} {_pointer(source, mark, row, line, paint)}"
    yield bar


def _pointer(source: SourceFile, mark: Mark, row: int, line: Row, paint: Paint) -> str:
    start = source.location(mark.start).column - 1
    end = source.location(mark.end)
    stop = end.column - 1 if end.row == row else len(source.line(row))
    left = line.cell(start)
    pointer = ("^" if mark.main else "-") * max(1, line.cell(stop) - left)
    return " " * left + paint(pointer + (f" {mark.text}" if mark.text else ""), mark.style)
