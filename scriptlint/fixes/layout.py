"""Lines and indentation, for edits that add, move or remove statements."""

from __future__ import annotations

import re
from collections.abc import Sequence

from scriptlint.syntax import nodes as n
from scriptlint.text import Edit


def line_start(text: str, at: int) -> int:
    """Return the offset of the first character of the line that holds an offset."""
    return max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1


def next_line(text: str, at: int) -> int:
    """Return the offset of the first character of the line after the one that holds an offset."""
    found = re.compile(r"\r\n?|\n").search(text, at)
    return found.end() if found else len(text)


def indentation(text: str, at: int) -> str | None:
    """Return the blanks before a statement, None where something else stands before it on its line."""
    before = text[line_start(text, at) : at]
    return None if before.strip() else before


def before(text: str, at: int, lines: list[str]) -> Edit | None:
    """Put lines above the statement that begins at an offset, None where it does not begin its line."""
    blanks = indentation(text, at)
    if blanks is None:
        return None
    return Edit(at, at, "".join(f"{one}\n{blanks}" for one in lines))


def without(text: str, body: Sequence[n.Stmt], statement: n.Stmt) -> Edit | None:
    """Take a statement out of its block, with its lines where it has them to itself.

    The only statement of a block becomes `pass`; None where another one stands on a line of it.
    """
    if len(body) == 1:
        return Edit(statement.start, statement.end, "pass")
    start, end = line_start(text, statement.start), next_line(text, statement.end)
    rest = text[statement.end : end].strip()
    if indentation(text, statement.start) is None or (rest and not rest.startswith("#")):
        return None
    if rest:
        return Edit(statement.start, text.index("#", statement.end), "")  # the comment stays, on a line of its own
    return Edit(start, end, "")


def shifted(text: str, blanks: str, by: str) -> str:
    """Lines of code whose first stands at the indentation `blanks`, moved to the indentation `by`."""
    return "".join(
        by + line[len(blanks) :] if line.startswith(blanks) and line.strip() else line
        for line in text.splitlines(keepends=True)
    )


def above_comments(text: str, at: int) -> int:
    """Return the beginning of the lines of comments that stand right above the line of an offset."""
    start = line_start(text, at)
    while start > 0:
        before_it = line_start(text, start - 1)
        if not text[before_it:start].lstrip().startswith("#"):
            break
        start = before_it
    return start
