"""The tree of a text of which an older version has a tree: only the top-level statements that changed are parsed.

That is sound since Python begins anew at a line that begins a top-level statement: nothing above it, as long as it is
complete, has a say in how the rest is read. Where what changed is not complete by itself, the whole text is parsed.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from itertools import pairwise

from scriptlint.syntax import nodes as n
from scriptlint.syntax.parse import SyntaxFailure, parse
from scriptlint.syntax.trivia import Comment
from scriptlint.syntax.walk import shift

# What may stand between the end of a statement and the line of the next.
_BETWEEN = re.compile(r"[ \t\f]*;?(?:[ \t\f]*(?:#[^\r\n]*)?(?:\r(?!\n)|\r?\n))*")

# Among how many pieces the nearest is looked for.
_NEAR = 8


def reparse(text: str, older: str, tree: n.Module, comments: list[Comment]) -> tuple[n.Module, list[Comment]]:
    """Return what `parse` gives for `text`; raises SyntaxFailure. `tree` and `comments` are those of `older`, and are used up."""
    body: list[n.Stmt] = []
    said: list[Comment] = []
    beginnings, places = [one.start for one in tree.body], [one.start for one in comments]
    begun: int | None = None
    for start, end, kept in _parts(text, older, tree):
        if kept is None or begun is not None:
            # A decorator alone is not complete, but it is with what follows.
            by = start if begun is None else begun
            parsed = _complete(text, by, end)
            if parsed is None and begun is None:
                begun = by
                continue
            if parsed is None:
                return parse(text)
            begun = None
            statements, more = parsed[0].body, parsed[1]
        else:
            by = start - kept
            statements = tree.body[bisect_left(beginnings, kept) : bisect_left(beginnings, end - by)]
            more = comments[bisect_left(places, kept) : bisect_left(places, end - by)]
        if by:
            shift(statements, by)
        body += statements
        said += [Comment(one.start + by, one.text) for one in more]
    return parse(text) if begun is not None else (n.Module(0, len(text), body), said)


def _complete(text: str, start: int, end: int) -> tuple[n.Module, list[Comment]] | None:
    """Return the tree of a part of a text, None if it does not stand by itself."""
    if end < len(text) and not _ends_line(text, end):
        return None
    try:
        return parse(text[start:end])
    except SyntaxFailure:
        return None


def _parts(text: str, older: str, tree: n.Module) -> Iterator[tuple[int, int, int | None]]:
    """Yield the parts of `text`, from where to where, with the place in `older` where the same stands as a whole, if it does."""
    pieces = list(pairwise([0, *(one for one in _beginnings(older, tree) if one), len(older)]))
    at = following = 0
    while at < len(text):
        found, number = _next(text, at, older, pieces, following)
        if found > at:
            yield at, found, None
        if number < len(pieces):
            start, end = pieces[number]
            yield found, found + end - start, start
            found += end - start
        at, following = found, number + 1


def _next(text: str, at: int, older: str, pieces: list[tuple[int, int]], following: int) -> tuple[int, int]:
    """Return where in `text` the next piece stands, and its number; the ends of both if there is none.

    Of some that follow the nearest counts, since small ones may stand anywhere.
    """
    best = len(text), len(pieces)
    for number in range(following, len(pieces)):
        start, end = pieces[number]
        found = _line_of(text, older[start:end], at)
        if found is not None:
            best = min(best, (found, number))
        if found == at or (best[1] < len(pieces) and number - following >= _NEAR):
            break
    return best


def _line_of(text: str, piece: str, start: int) -> int | None:
    """Return where a piece stands in a text as whole lines, from `start` on."""
    at = text.find(piece, start)
    while at >= 0:
        end = at + len(piece)
        if (at == 0 or text[at - 1] in "\r\n") and (end == len(text) or text[end - 1] in "\r\n"):
            return at
        at = text.find(piece, at + 1)
    return None


def _beginnings(text: str, tree: n.Module) -> Iterator[int]:
    """Yield where lines begin that begin a top-level statement, its decorators included."""
    end = 0
    for one in tree.body:
        decorators = one.decorators if isinstance(one, (n.FunctionDef, n.ClassDef)) else []
        first = min([one.start, *(decorator.start for decorator in decorators)])
        line = max(text.rfind("\n", 0, first), text.rfind("\r", 0, first)) + 1
        if line >= end and _BETWEEN.fullmatch(text, end, line):
            yield line
        end = one.end


def _ends_line(text: str, at: int) -> bool:
    """Return True if a logical line ends before an offset, as far as the line itself tells."""
    before = text[max(0, at - 3) : at]
    line = before.removesuffix("\n").removesuffix("\r")
    return at == 0 or (line != before and not line.endswith("\\"))
