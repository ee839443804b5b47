"""Half a file: the tree of what is Python in a text that as a whole is not, with a Gap for each part that is left out.

A statement that does not parse by itself is left out, but of a class only its methods that do not, if the rest of it does.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator

from scriptlint.syntax import nodes as n
from scriptlint.syntax.depth import TooDeep, depth
from scriptlint.syntax.parse import SyntaxFailure, parse
from scriptlint.syntax.pieces import CLAUSES, DEFINING, Line, Piece, blanked_text, lines_of, pieces
from scriptlint.syntax.trivia import Comment
from scriptlint.syntax.walk import gaps_of, shift
from scriptlint.text import SourceFile

_PYTHON = (n.FunctionDef, n.ClassDef, n.Import, n.ImportFrom)  # what tells half a program from another text
_HEADER = "if 1:\n"  # what a method is parsed below
_STAND_IN = "0"  # the shortest statement
_WORD = re.compile(r"[^\W\d]\w*")
_DEFINED = re.compile(r"[ \t\f]*(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)")
_GLOBAL = re.compile(r"\bglobal\b([^\r\n#;]*)")
_DECLARED = re.compile(r"\b(?:for|as|case|import|def|class)\b[ \t]*(\([^)]*|[^\r\n#;:(]*)|\b(\w+)[ \t]*:=")
_LINE = re.compile(r"[^\r\n;]+")
_CALL = re.compile(r"\w[ \t]*\(")
_CHANGED = re.compile(r"\w+(?:[ \t]*(?:\.[ \t]*\w+|\[[^\]]*\]))+")  # `a.b` or `a[b]`: no name is bound
_ROW = re.compile(r"\bline (\d+)")
_CONFLICT = "the markers of a merge conflict are left in it"


def recover(text: str, failure: SyntaxFailure) -> tuple[n.Module, list[Comment]] | None:
    """Return what `parse` would for what is left of a text that it refuses; None where neither a definition nor an import is left."""
    lines, comments, unclosed = lines_of(text)
    try:
        depth(blanked_text(text, [(at, at + 3) for at in unclosed]))
    except TooDeep:
        return None
    half = _Half(text)
    body: list[n.Stmt] = []
    for piece, start, end in _ranges(pieces(lines, 0), 0, len(text)):
        statements = half.statements(piece, start, end)
        if statements and body and isinstance(gap := statements[0], n.Gap) and isinstance(last := body[-1], n.Gap):
            last.end = gap.end
            last.names += gap.names
        else:
            body += statements
    gaps = list(gaps_of(body))
    if not gaps or not any(isinstance(one, _PYTHON) for one in body):
        return None
    for gap in gaps:
        is_meant = gap.start <= failure.offset <= gap.end or len(gaps) == 1
        if is_meant and gap.reason != _CONFLICT:  # of a whole file Python can say more than of a part of it
            gap.reason, gap.at = failure.reason, failure.offset
    return n.Module(0, len(text), body), comments


class _Half:
    """The text of half a file, read piece by piece."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._source = SourceFile("", text, "-")

    def statements(self, piece: Piece, start: int, end: int) -> list[n.Stmt]:
        """Return the statements of a piece."""
        try:
            body = self._parsed(start, end)
        except SyntaxFailure as failure:
            return self._class(piece, start, end) or [self._gap(piece, end, 0, failure)]
        shift(body, start)
        return body

    def _parsed(self, start: int, end: int, header: str = "") -> list[n.Stmt]:
        """Return the statements in a part of the text; raises SyntaxFailure with places in the whole."""
        try:
            return parse(header + self._text[start:end])[0].body
        except SyntaxFailure as failure:
            above = self._source.location(start).row - 1 - header.count("\n")
            reason = _ROW.sub(lambda row: f"line {int(row[1]) + above}", failure.reason)
            raise SyntaxFailure(reason, start + failure.offset - len(header)) from None

    def _class(self, piece: Piece, start: int, end: int) -> list[n.Stmt] | None:
        """Return a class with gaps for the methods that do not parse; None where something else of it does not."""
        header = next((at for at, one in enumerate(piece) if one.word == "class" and one.column == 0), len(piece))
        first = next((at for at in range(header, len(piece)) if piece[at].column > 0 and not piece[at].inside), None)
        if first is None:
            return None
        column = min(one.column for one in piece[first:] if one is piece[first] or _defines(one))
        gaps: dict[int, n.Gap] = {}
        blanked: list[tuple[int, int]] = []
        for member, begin, stop in _ranges(pieces(piece[first:], column), piece[first].start, end):
            failure = self._member_failure(member, begin, stop, column)
            if failure is None:
                continue
            own = _own(member, column)
            if not own or not _defines(own[0]) or not {*DEFINING, *CLAUSES}.issuperset(one.word for one in own):
                return None
            gap = self._gap(member, stop, column, failure)
            gaps[gap.start] = gap
            blanked.append((begin - start, stop - start))
        remaining = list(blanked_text(self._text[start:end], blanked))
        for at in gaps:
            remaining[at - start] = _STAND_IN
        try:
            body = parse("".join(remaining))[0].body
        except SyntaxFailure:
            return None
        shift(body, start)
        for one in body:
            if isinstance(one, n.ClassDef):
                one.body = [gaps.get(statement.start, statement) for statement in one.body]
        return body

    def _member_failure(self, member: Piece, begin: int, end: int, column: int) -> SyntaxFailure | None:
        slipped = next((one for one in member if one.column < column and not (one.inside or one.is_marker)), None)
        if slipped is not None:
            return SyntaxFailure("the lines after this one go on with the class", slipped.start)
        try:
            self._parsed(begin, end, _HEADER)
        except SyntaxFailure as failure:
            return failure
        return None

    def _gap(self, piece: Piece, end: int, column: int, failure: SyntaxFailure) -> n.Gap:
        """Return the gap for a piece."""
        own = _own(piece, column) or [piece[0]]
        start = self._text.index(own[0].word[0], own[0].start)
        whole = self._text[piece[0].start : end].rstrip()
        stop = piece[0].start + len(whole)
        names = _GLOBAL.findall(whole)
        if all(one.word in DEFINING for one in own):
            found = (_DEFINED.match(self._text, one.start) for one in piece if one.column <= column)
            names += [one[1] for one in found if one is not None]
        else:
            names += _bound(whole)
        words = [one for part in names for one in _WORD.findall(part) if not keyword.iskeyword(one)]
        words = list(dict.fromkeys(words))
        marker = next((one for one in piece if one.is_marker), None)
        if marker is not None:
            return n.Gap(start, stop, words, _CONFLICT, marker.start)
        return n.Gap(start, stop, words, failure.reason, min(max(failure.offset, start), stop))


def _ranges(cut: list[Piece], start: int, end: int) -> Iterator[tuple[Piece, int, int]]:
    """Iterate over pieces with where the text of each begins and ends; that of the first begins at `start`."""
    starts = [start, *(one[0].start for one in cut[1:])]
    return zip(cut, starts, [*starts[1:], end], strict=False)  # there may be none


def _defines(line: Line) -> bool:
    return line.word in DEFINING and line.column > 0 and not line.inside


def _own(piece: Piece, column: int) -> list[Line]:
    """Return the lines that begin the statements of a piece."""
    return [one for one in piece if one.column == column and not one.inside and not one.is_marker]


def _bound(text: str) -> Iterator[str]:
    """Iterate over texts in which stand the names that some statements bind; of an assignment all that it assigns to."""
    for found in _DECLARED.findall(text):
        yield from found
    for line in _LINE.findall(text):
        target, equals, value = line.partition("=")
        if equals and not value.startswith("=") and not _CALL.search(target):
            yield _CHANGED.sub("", target.partition(":")[0])
