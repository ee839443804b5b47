"""Signatures that annotations make too long: parameters go on lines of their own, as black or the file itself breaks them."""

from __future__ import annotations

import bisect
import re
from weakref import WeakKeyDictionary

from scriptlint.fixes.layout import indentation, line_start
from scriptlint.program.module import ModuleInfo
from scriptlint.syntax import nodes as n
from scriptlint.text import Edit

# A file is kept to its own longest line of code, as far as that is within what formatters are set to.
_SHORTEST, _LONGEST = 88, 120
_CODE = re.compile(r"^[^#'\"\n]+$", re.M)
_NEW_LINE = re.compile(r"[ \t]*\r?\n[ \t]*")
_GAP = re.compile(r"\s*,(\s*)\**")


def wrapped(module: ModuleInfo, function: n.FunctionDef, edits: list[Edit]) -> list[Edit]:
    """Return the edits of a signature, and line breaks before the parameters that they would push beyond the file's width."""
    text = module.source.text
    parameters = sorted(function.args.all(), key=lambda one: one.start)
    starts = [one.start for one in parameters]
    breaks: list[Edit] = []
    for first in sorted({line_start(text, edit.start) for edit in edits}):
        end = _line_end(text, first)
        end = function.header_end if first < function.header_end < end else end
        own = parameters[bisect.bisect_left(starts, first) : bisect.bisect_left(starts, end)]
        if own and end - first <= _width(module) < _length(text, first, end, edits):
            hanging = [] if _is_aligned(module) else _hanging(module, function, edits)
            if hanging:
                return _joined([*edits, *hanging])
            breaks += _breaks(module, first, end, own, edits)
    return sorted([*edits, *breaks])


def _is_aligned(module: ModuleInfo) -> bool:
    """Return True if the file breaks a signature below its first parameter, as black would not."""
    text = module.source.text
    for function in module.functions.values():
        parameters = sorted(function.node.args.all(), key=lambda one: one.start)
        if parameters and "\n" in text[parameters[0].start : parameters[-1].end]:
            if indentation(text, parameters[0].start) is None:
                return True
    return False


def _hanging(module: ModuleInfo, function: n.FunctionDef, edits: list[Edit]) -> list[Edit]:
    """Put all parameters on one line of their own, or else each on one; nothing where they are laid out in a third way."""
    text = module.source.text
    parameters = sorted(function.args.all(), key=lambda one: one.start)
    ends = [one.end if one.default is None else one.default.end for one in parameters]
    opening, closing = text.find("(", function.name_start), text.find(")", ends[-1])
    header = text[line_start(text, function.name_start) : function.name_start]
    blanks = header[: len(header) - len(header.lstrip())]
    gaps = [_GAP.fullmatch(text, end, one.start) for end, one in zip(ends, parameters[1:], strict=False)]
    tail = text[ends[-1] : closing].strip()
    if None in gaps or "\n" in text[parameters[0].start : ends[-1]] or tail not in ("", ","):
        return []
    before, after = text[opening + 1 : parameters[0].start].strip("*"), text[ends[-1] : closing]
    inner = blanks + " " * 4
    comma = "" if tail else ","
    found = []
    if not before and "\n" not in after:
        length = closing - opening - 1 + _growth(edits, opening, closing + 1)
        found = [Edit(opening + 1, opening + 1, f"\n{inner}")]
        if len(inner) + length <= _width(module):
            return [*found, Edit(closing, closing, f"\n{blanks}")]
        found.append(Edit(closing, closing, f"{comma}\n{blanks}"))
    elif _NEW_LINE.fullmatch(before) and "\n" in after:
        inner = before.rpartition("\n")[2]
        found.append(Edit(ends[-1], ends[-1], comma))
    else:
        return []
    return [*found, *(Edit(one.start(1), one.end(1), f"\n{inner}") for one in gaps if one is not None)]


def _joined(edits: list[Edit]) -> list[Edit]:
    """Return the edits in order, insertions at one place as one: an annotation, and what follows it."""
    found: list[Edit] = []
    for one in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        if found and found[-1].start == found[-1].end == one.start == one.end:
            found[-1] = Edit(one.start, one.end, found[-1].text + one.text)
        else:
            found.append(one)
    return found


def _breaks(module: ModuleInfo, first: int, end: int, parameters: list[n.Parameter], edits: list[Edit]) -> list[Edit]:
    text = module.source.text
    width = _width(module)
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


_WIDTHS: WeakKeyDictionary[ModuleInfo, int] = WeakKeyDictionary()


def _width(module: ModuleInfo) -> int:
    module.is_read_whole = True
    if module not in _WIDTHS:
        text, pieces, at = module.source.text, [], 0
        bodies = [module.tree.body, *(one.node.body for one in module.classes.values())]
        bodies += [one.node.body for one in module.functions.values()]
        for first in sorted((body[0] for body in bodies if body), key=lambda one: one.start):
            if isinstance(first, n.ExprStmt) and isinstance(first.value, n.Constant):
                pieces.append(text[at : first.start])
                at = first.end
        lines = _CODE.findall("".join([*pieces, text[at:]]))
        _WIDTHS[module] = min(_LONGEST, max([_SHORTEST, *map(len, lines)]))
    return _WIDTHS[module]
