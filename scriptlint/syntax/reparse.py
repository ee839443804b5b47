"""The tree of a text of which an older version has a tree: only the top-level statements that changed are parsed.

That is sound since Python begins anew at a line that begins a top-level statement: nothing above it, as long as it is
complete, has a say in how the rest is read. Where what changed is not complete by itself, the whole text is parsed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from scriptlint.syntax import nodes as n
from scriptlint.syntax.parse import SyntaxFailure, parse
from scriptlint.syntax.trivia import Comment
from scriptlint.syntax.walk import walk

# What may stand between the end of a statement and the line of the next.
_BETWEEN = re.compile(r"[ \t\f]*;?(?:[ \t\f]*(?:#[^\r\n]*)?(?:\r\n?|\n))*")


def reparse(text: str, older: str, tree: n.Module, comments: list[Comment]) -> tuple[n.Module, list[Comment]]:
    """What `parse` gives for `text`; raises SyntaxFailure. `tree` and `comments` are those of `older`, and are used up."""
    same = _common(text, older)
    same_end = _common(text[same:][::-1], older[same:][::-1])
    beginnings = _beginnings(older, tree)
    start = max((one for one in beginnings if one <= same), default=0)
    end = min((one for one in beginnings if one >= len(older) - same_end and one >= start), default=len(older))
    moved = len(text) - len(older)
    changed = text[start : end + moved]
    if end < len(older) and not _ends_line(text, end + moved):
        return parse(text)
    try:
        middle, said = parse(changed)
    except SyntaxFailure:
        return parse(text)
    before = [one for one in tree.body if one.start < start]
    after = [one for one in tree.body if one.start >= end]
    _move(middle.body, start)
    _move(after, moved)
    return n.Module(0, len(text), [*before, *middle.body, *after]), [
        *(one for one in comments if one.start < start),
        *(Comment(one.start + start, one.text) for one in said),
        *(Comment(one.start + moved, one.text) for one in comments if one.start >= end),
    ]


def _common(one: str, other: str) -> int:
    """The length of the longest common beginning."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _beginnings(text: str, tree: n.Module) -> list[int]:
    """Where lines begin that begin a top-level statement, its decorators included."""
    found = []
    end = 0
    for one in tree.body:
        decorators = one.decorators if isinstance(one, (n.FunctionDef, n.ClassDef)) else []
        first = min([one.start, *(decorator.start for decorator in decorators)])
        line = max(text.rfind("\n", 0, first), text.rfind("\r", 0, first)) + 1
        if line >= end and _BETWEEN.fullmatch(text, end, line):
            found.append(line)
        end = one.end
    return found


def _ends_line(text: str, at: int) -> bool:
    """Whether a logical line ends before an offset, as far as the line itself tells."""
    before = text[max(0, at - 3) : at]
    line = before.removesuffix("\n").removesuffix("\r")
    return at == 0 or (line != before and not line.endswith("\\"))


def _move(nodes: Iterable[n.Node], by: int) -> None:
    for one in walk(*nodes):
        one.start += by
        one.end += by
        if isinstance(one, (n.FunctionDef, n.ClassDef)):
            one.name_start += by
            one.header_end += by
