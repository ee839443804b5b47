"""Text to tree: one libcst parse, one counting pass, one lowering; the libcst tree is dropped on return."""

from __future__ import annotations

import sys

import libcst as cst

from scriptlint.syntax import nodes
from scriptlint.syntax.lower import lower
from scriptlint.syntax.spans import measure
from scriptlint.syntax.trivia import Comment, comments

# A chain of a thousand `+` is a thousand nodes deep, and every pass below recurses along it.
_RECURSION_LIMIT = 12_000


class SyntaxFailure(Exception):
    """The text is no Python that libcst reads; `offset` is where it stopped, `reason` one clause about why."""

    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.offset = offset


def parse(text: str) -> tuple[nodes.Module, list[Comment]]:
    """The tree of a source text and its comments; raises SyntaxFailure.

    The grammar is the newest that libcst knows, whatever Python runs this.
    """
    if sys.getrecursionlimit() < _RECURSION_LIMIT:
        sys.setrecursionlimit(_RECURSION_LIMIT)
    try:
        module = cst.parse_module(text)
    except cst.ParserSyntaxError as error:
        raise SyntaxFailure(_reason(error), _offset(text, error.raw_line, error.raw_column)) from None
    except RecursionError:
        raise SyntaxFailure("it is nested too deeply to be read", 0) from None
    try:
        state = measure(module)
        # A file without a final line end is read as if it had one.
        if not len(text) <= state.at <= len(text) + 2:
            raise SyntaxFailure("libcst does not give its text back as it stands, so nothing in it can be located", 0)
        tree, strings = lower(module, state.spans, text)
    except RecursionError:
        raise SyntaxFailure("it is nested too deeply to be read", 0) from None
    return tree, comments(text, strings)


def _reason(error: cst.ParserSyntaxError) -> str:
    # libcst's message is "parser error: error at 1:7: expected one of !=, %, ..."; the list helps nobody.
    message = error.message.removeprefix("parser error: ")
    _, _, tail = message.partition(": ")
    tail = tail or message
    return "unexpected text" if tail.startswith("expected one of") else tail


def _offset(text: str, row: int, column: int) -> int:
    lines = text.splitlines(keepends=True)
    before = sum(len(line) for line in lines[: max(row - 1, 0)])
    return min(before + max(column, 0), max(len(text) - 1, 0))
