"""A text that is not Python, cut where Python may begin anew: into its statements, or a class into its members.

Only lines and columns decide. A line that stands in a string, in brackets or after a backslash begins nothing, but a
word that is in no expression ends brackets that were never closed. What stands between the markers of a merge conflict
is not cut. One pass over the text, or two where a string in triple quotes was never closed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from scriptlint.syntax.depth import STATEMENTS
from scriptlint.syntax.trivia import Comment

_MARKER = re.compile(r"(?:<{7}|\|{7}|={7}|>{7})(?![<|=>])[^\r\n]*")
_TOKEN = re.compile(
    rf"""
      (?P<marker> (?<![^\r\n]) {_MARKER.pattern} )
    | (?P<long> (?P<quotes> \"\"\" | ''' ) )
    | (?P<string> " [^"\\\r\n]* (?: \\ (?: \r\n | . ) [^"\\\r\n]* )* "?
                | ' [^'\\\r\n]* (?: \\ (?: \r\n | . ) [^'\\\r\n]* )* '? )
    | (?P<comment> \#[^\r\n]* )
    | (?P<joined> \\ (?: \r\n? | \n ) )
    | (?P<line> \r\n? | \n )
    | (?P<open> [(\[{{] )
    | (?P<close> [)\]}}] )
    """,
    re.X | re.S,
)
_END_OF_LONG = {
    quotes: re.compile(rf"[^{quotes[0]}\\]*(?:(?:\\.|{quotes[0]}(?!{quotes[1:]}))[^{quotes[0]}\\]*)*({quotes})?", re.S)
    for quotes in ('"""', "'''")
}
_CHARACTER = re.compile(r"[^\r\n]")
_BEGINNING = re.compile(r"(?P<blanks>[ \t\f]*)(?P<word>async[ \t]+def\b|\w+|@|[^#\r\n])?")
_DEFINITION = re.compile(
    r"(?<![^\r\n])(?P<blanks>[ \t]*)(?:(?:async[ \t]+)?def[ \t]+\w+[ \t]*\(|class[ \t]+\w+[ \t]*[(:])"
)
DEFINING = frozenset({"def", "async def", "class", "@"})
_BLOCKS = DEFINING | set("async if elif else for while with try except finally match".split())
CLAUSES = frozenset("elif else except finally".split())
_WITHCLAUSES = frozenset("if for while try async".split())


class Line(NamedTuple):
    """A line with code on it: where it begins, its column, its first word or sign, and if it is inside of brackets."""

    start: int
    column: int
    word: str
    inside: bool

    @property
    def is_marker(self) -> bool:
        """Return True for a line that git writes at a conflict."""
        return len(self.word) == 7 and self.word in "<<<<<<<|||||||=======>>>>>>>"


class Lines(NamedTuple):
    """The lines of a text that have code on them, its comments, and where strings begin that were never closed."""

    lines: list[Line]
    comments: list[Comment]
    unclosed: list[int]


def lines_of(text: str) -> Lines:
    """Return the lines of a text."""
    scan = _Scan(text, ends_strings=False)
    return (_Scan(text, ends_strings=True) if scan.is_unclosed else scan).found


class _Scan:
    """One pass. `ends_strings` says that a string in triple quotes ends at a definition that stands further left than it."""

    def __init__(self, text: str, *, ends_strings: bool) -> None:
        self.found = Lines([], [], [])
        self.is_unclosed = False
        self._text = text
        self._ends_strings = ends_strings
        self._depth = 0
        self._begin(0)
        at: int | None = 0
        while at is not None:
            at = self._run(at)

    def _run(self, start: int) -> int | None:
        """Scan up to the next string in triple quotes and over it; None at the end of the text."""
        for token in _TOKEN.finditer(self._text, start):
            kind = token.lastgroup
            if kind == "line":
                self._begin(token.end())
            elif kind == "comment":
                self.found.comments.append(Comment(token.start(), token[0]))
            elif kind == "open":
                self._depth += 1
            elif kind == "close":
                self._depth = max(self._depth - 1, 0)
            elif kind == "long":
                return self._long(token)
        return None

    def _long(self, token: re.Match[str]) -> int:
        end = _END_OF_LONG[token["quotes"]].match(self._text, token.end())
        assert end is not None
        if self._ends_strings:
            line = max(self._text.rfind("\n", 0, token.start()), self._text.rfind("\r", 0, token.start())) + 1
            column = _column(_BEGINNING.match(self._text, line)["blanks"])  # type: ignore[index]  # matches everything
            for one in _DEFINITION.finditer(self._text, token.end(), end.end()):
                if _column(one["blanks"]) < column:
                    self.found.unclosed.append(token.start())
                    self._depth = 0
                    self._begin(one.start())
                    return one.start()
        if end[1] is None:
            self.is_unclosed = True
            self.found.unclosed.append(token.start())
        return end.end()

    def _begin(self, at: int) -> None:
        """A line begins."""
        beginning = _BEGINNING.match(self._text, at)
        assert beginning is not None
        marker = _MARKER.match(self._text, at)
        word = marker[0][:7] if marker is not None else beginning["word"]
        if word is None:
            return
        lines = self.found.lines
        word = "async def" if word.startswith("async") and word.endswith("def") else word
        column = _column(beginning["blanks"])
        if self._depth and (word in STATEMENTS or word == "async def"):
            self._depth = 0
            above = len(lines)
            while above and lines[above - 1].word == "@" and lines[above - 1].column == column:
                above -= 1
                lines[above] = lines[above]._replace(inside=False)
        lines.append(Line(at, column, word, inside=bool(self._depth)))


def _column(blanks: str) -> int:
    return len(blanks.rpartition("\f")[2].expandtabs(8))


Piece = Sequence[Line]


def pieces(lines: Piece, column: int) -> list[Piece]:
    """Return the statements that begin in a column, each with its decorators, clauses and whatever follows it.

    What stands before the first is the first piece. A piece that goes on with the block of one before it, as if a line in
    the middle had slipped to the left, is one with that.
    """
    found: list[list[Line]] = []
    first = last = ""  # words of the current piece that stand in the column
    at = 0
    while at < len(lines):
        end = _end_of_conflict(lines, at)
        inner = next((one for one in lines[at:end] if not one.is_marker), lines[at])
        begins = inner.column == column and not inner.inside
        continues = last == "@" or (inner.word in CLAUSES and first in _WITHCLAUSES)
        if not found or (begins and not continues):
            found.append([])
            first = ""
        if begins:
            first, last = first or inner.word, inner.word
        found[-1] += lines[at:end]
        at = end
    return _joined(found, column)


def _end_of_conflict(lines: Piece, at: int) -> int:
    """Return the index after a line, or after the conflict that begins with it."""
    if lines[at].word != "<<<<<<<":
        return at + 1
    for index in range(at + 1, len(lines)):
        if lines[index].word == "<<<<<<<":
            break
        if lines[index].word == ">>>>>>>":
            return index + 1
    return at + 1


def _joined(found: list[list[Line]], column: int) -> list[Piece]:
    made: list[list[Line]] = []
    block = -1  # where the last piece is that has a block, and the columns of that block
    columns: set[int] = set()
    for piece in found:
        own = {one.column for one in piece if not one.inside and one.column > column}
        goes_on = piece[0].word in CLAUSES or _stray(piece, column) in columns
        if block >= 0 and goes_on:
            for one in [*made[block + 1 :], piece]:
                made[block] += one
            del made[block + 1 :]
            columns |= own
        else:
            made.append(piece)
            if own:
                block, columns = len(made) - 1, own
    return list(made)


def _stray(piece: Piece, column: int) -> int | None:
    """Return the column of the first line of a piece that is in none of its blocks; None where all are."""
    block: int | None = None
    opened = False
    for line in piece:
        if line.inside or line.is_marker:
            continue
        if line.column <= column:
            opened, block = line.word in _BLOCKS, None
        elif not opened or (block is not None and line.column < block):
            return line.column
        elif block is None:
            block = line.column
    return None


def blanked_text(text: str, parts: Iterable[tuple[int, int]]) -> str:
    """Return a text with blanks in place of some parts of its lines."""
    made: list[str] = []
    done = 0
    for start, end in parts:
        made += [text[done:start], _CHARACTER.sub(" ", text[start:end])]
        done = end
    return "".join([*made, text[done:]])
