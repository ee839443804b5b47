"""Signatures that annotations make too long: parameters go on lines of their own, as a person would break them."""

from __future__ import annotations

import bisect

from scriptlint.fixes.layout import line_start
from scriptlint.program.module import ModuleInfo
from scriptlint.syntax import nodes as n
from scriptlint.text import Edit

# A file is kept to its own longest line, as far as that is within what formatters are set to.
_SHORTEST, _LONGEST = 88, 120


def wrapped(module: ModuleInfo, function: n.FunctionDef, edits: list[Edit]) -> list[Edit]:
    """The edits of a signature, and line breaks before the parameters that they would push beyond the file's width."""
    text = module.source.text
    parameters = sorted(function.args.all(), key=lambda one: one.start)
    starts = [one.start for one in parameters]
    breaks: list[Edit] = []
    for first in sorted({line_start(text, edit.start) for edit in edits}):
        end = _line_end(text, first)
        end = function.header_end if first < function.header_end < end else end
        own = parameters[bisect.bisect_left(starts, first) : bisect.bisect_left(starts, end)]
        if own and end - first <= _width(text) < _length(text, first, end, edits):
            breaks += _breaks(text, first, end, own, edits)
    return sorted([*edits, *breaks])


def _breaks(text: str, first: int, end: int, parameters: list[n.Parameter], edits: list[Edit]) -> list[Edit]:
    width = _width(text)
    opening = text.find("(", first, parameters[0].start)
    blanks = text[first : len(text[:end]) - len(text[first:end].lstrip())]
    indent = blanks if opening < 0 else blanks + " " * (opening + 1 - first - len(blanks))
    found: list[Edit] = []
    begin, shift = first, 0
    for place, one in enumerate(parameters):
        after = parameters[place + 1].start if place + 1 < len(parameters) else end
        reach = len(text[begin:after].rstrip()) + shift + _growth(edits, begin, after)
        gap = len(text[: one.start].rstrip())
        if reach > width and place and text[gap - 1] == ",":
            found.append(Edit(gap, one.start, f"\n{indent}"))
            begin, shift = one.start, len(indent)
    return found


def _length(text: str, first: int, end: int, edits: list[Edit]) -> int:
    return end - first + _growth(edits, first, end)


def _growth(edits: list[Edit], start: int, end: int) -> int:
    return sum(len(one.text) - (one.end - one.start) for one in edits if start <= one.start < end)


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text[: end if end >= 0 else len(text)].rstrip("\r"))


def _width(text: str) -> int:
    return min(_LONGEST, max(_SHORTEST, *(len(line) for line in text.splitlines())))
