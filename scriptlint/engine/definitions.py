"""Which class or function a place is in: the name of a finding's surroundings, which stays when lines move.

Findings that are remembered come without a tree, so the file is parsed with Python's own parser, which is cheap, and only
where a baseline, a report or a setting asks. A file that does not parse has no definitions.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from typing import NamedTuple

from scriptlint.syntax.room import with_room
from scriptlint.text import SourceFile

_Defines = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


class Definition(NamedTuple):
    """A class or function with its decorators: its rows, and its name with those of what it is defined in."""

    first: int
    last: int
    name: str
    is_class: bool


class Definitions:
    """The classes and functions of one file."""

    def __init__(self, source: SourceFile) -> None:
        self._source = source
        self._found = list(_found(source.text))

    def name(self, offset: int) -> str:
        """Return the name of the innermost definition that holds an offset, such as `Net.forward`; empty where none does."""
        return next((one.name for one in reversed(self._around(offset))), "")

    def classes(self, offset: int) -> list[str]:
        """Return the names of the classes that hold an offset, the outermost first."""
        return [one.name for one in self._around(offset) if one.is_class]

    def _around(self, offset: int) -> list[Definition]:
        row = self._source.location(offset).row
        return [one for one in self._found if one.first <= row <= one.last]


def _found(text: str) -> Iterator[Definition]:
    """Yield the definitions of a text, those that hold others before these."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about escapes in strings, which are not our business
            tree = with_room(lambda: ast.parse(text))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    waiting: list[tuple[ast.AST, str]] = [(tree, "")]
    while waiting:
        node, outer = waiting.pop()
        name = outer
        if isinstance(node, _Defines):
            name = f"{outer}.{node.name}" if outer else node.name
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            yield Definition(first, node.end_lineno or node.lineno, name, isinstance(node, ast.ClassDef))
        waiting += [(child, name) for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt | _HOLDERS)]


_HOLDERS = ast.ExceptHandler | ast.match_case
