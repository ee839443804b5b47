"""Text to tree: one libcst parse, one counting pass, one lowering; the libcst tree is dropped on return."""

from __future__ import annotations

import ast
import re
import warnings

import libcst as cst

from scriptlint.syntax import nodes
from scriptlint.syntax.depth import TooDeep, allow_depth, depth
from scriptlint.syntax.lower import lower
from scriptlint.syntax.lower_expr import LargeInteger
from scriptlint.syntax.room import with_room
from scriptlint.syntax.spans import measure
from scriptlint.syntax.trivia import Comment, comments
from scriptlint.text import SourceFile

_TOO_DEEP = "it is nested too deeply to be read"
# What may stand behind the last statement; a character that libcst lost or added moves the end away from there. There is
# one way to match each text, or a long one that does not match would be tried in all of them.
_REST = re.compile(r"[ \t\f]*;?(?:[ \t\f\\]*(?:#[^\r\n]*)?(?:\r(?!\n)|\r?\n))*[ \t\f\\]*(?:#[^\r\n]*)?")


class SyntaxFailure(Exception):
    """The text is no Python that libcst reads; `offset` is where it stopped, `reason` one clause about why."""

    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.offset = offset


def parse(text: str) -> tuple[nodes.Module, list[Comment]]:
    """Return the tree of a source text and its comments; raises SyntaxFailure.

    The grammar is the newest that libcst knows, whatever Python runs this.
    """
    try:
        depth(text)
        return with_room(lambda: _parsed(text))
    except TooDeep as error:
        raise SyntaxFailure(_TOO_DEEP, error.offset) from None
    except RecursionError:
        raise SyntaxFailure(_TOO_DEEP, 0) from None


def _parsed(text: str) -> tuple[nodes.Module, list[Comment]]:
    allow_depth()
    try:
        module = cst.parse_module(text)
    except cst.ParserSyntaxError as error:
        raise _failure(text, error) from None
    state = measure(module)
    end = _last_end(module, state.spans)
    lost = text[end - 1 : end].isspace() or not _REST.fullmatch(text, end)
    if lost or ("\f" in text and module.code != text):
        raise SyntaxFailure("libcst does not give its text back as it stands, so nothing in it can be located", 0)
    try:
        tree, strings = lower(module, state.spans, text)
    except LargeInteger as error:
        raise SyntaxFailure(
            "an integer has more digits than Python reads (4,300 of a decimal one)", error.offset
        ) from None
    return tree, comments(text, strings)


def _last_end(module: cst.Module, spans: dict[int, tuple[int, int]]) -> int:
    """Return where the last statement ends."""
    if not module.body:
        return 0
    last = module.body[-1]
    return spans[id(last.body[-1] if isinstance(last, cst.SimpleStatementLine) else last)][1]


def parse_expression(text: str) -> nodes.Expr:
    """Return the tree of a text that is one expression; raises SyntaxFailure."""
    tree, _ = parse(text)
    if len(tree.body) != 1 or not isinstance(tree.body[0], nodes.ExprStmt):
        raise SyntaxFailure("it is no expression", 0)
    return tree.body[0].value


def _failure(text: str, error: cst.ParserSyntaxError) -> SyntaxFailure:
    """Python's own word for what is wrong, where Python agrees that something is: libcst's places and words are poorer."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as told:
        return SyntaxFailure(told.msg, _offset(text, told.lineno or 1, (told.offset or 1) - 1))
    except (ValueError, MemoryError, RecursionError):
        pass
    _, _, reason = error.message.removeprefix("parser error: ").partition(": ")
    unhelpful = not reason or reason.startswith("expected one of")
    return SyntaxFailure("unexpected text" if unhelpful else reason, _offset(text, error.raw_line, error.raw_column))


def _offset(text: str, row: int, column: int) -> int:
    source = SourceFile("", text, "-")
    starts = source.line_starts
    start = starts[min(max(row, 1), len(starts)) - 1]
    return min(start + max(column, 0), max(len(text) - 1, 0))
