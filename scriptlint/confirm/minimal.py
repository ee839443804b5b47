"""The smallest part of a file that still shows what scriptlint says wrongly: what a report needs.

Statements are left out one by one, the last ones first, those of the file and then those of its classes, as long as
scriptlint goes on saying the same of the same object. That torch goes on accepting it is for the caller to check.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Callable, Iterator

SECONDS = 20.0


def reduced(text: str, shows: Callable[[str], bool], seconds: float = SECONDS) -> str:
    """Return the text without what `shows` does not need."""
    deadline = time.monotonic() + seconds
    again = True
    while again:
        again = False
        for first, last in reversed(list(_removable(text))):
            if time.monotonic() > deadline:
                return text
            lines = text.splitlines(keepends=True)
            shorter = "".join(lines[: first - 1] + lines[last:])
            if _parses(shorter) and shows(shorter):
                text, again = shorter, True
    return text


def _removable(text: str) -> Iterator[tuple[int, int]]:
    """Yield the first and last rows of the statements of the file, and of the bodies of its classes and functions."""
    bodies: list[list[ast.stmt]] = [ast.parse(text).body]
    while bodies:
        body = bodies.pop()
        for one in body:
            decorators = getattr(one, "decorator_list", [])
            yield min([one.lineno, *(each.lineno for each in decorators)]), one.end_lineno or one.lineno
            if isinstance(one, (ast.ClassDef, ast.FunctionDef)):
                bodies.append(one.body)


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True
