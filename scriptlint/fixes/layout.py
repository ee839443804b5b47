"""Lines and indentation, for edits that add, move or remove statements."""

from __future__ import annotations

import re

from scriptlint.text import Edit


def line_start(text: str, at: int) -> int:
    """The offset of the first character of the line that holds an offset."""
    return max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1


def next_line(text: str, at: int) -> int:
    """The offset of the first character of the line after the one that holds an offset."""
    found = re.compile(r"\r\n?|\n").search(text, at)
    return found.end() if found else len(text)


def indentation(text: str, at: int) -> str | None:
    """The blanks before a statement, None where something else stands before it on its line."""
    before = text[line_start(text, at) : at]
    return None if before.strip() else before


def before(text: str, at: int, lines: list[str]) -> Edit | None:
    """Puts lines above the statement that begins at an offset, None where it does not begin its line."""
    blanks = indentation(text, at)
    if blanks is None:
        return None
    return Edit(at, at, "".join(f"{one}\n{blanks}" for one in lines))
