"""What becomes of one class, function or object under both compilers."""

from __future__ import annotations

from dataclasses import dataclass

from scriptlint.diag import Diagnostic, Span
from scriptlint.program.module import Class


@dataclass(frozen=True, eq=False)
class Fate:
    """What was found for one class, function or object; `modules` are the classes that are compiled with it."""

    name: str
    qualified_name: str
    span: Span
    script: list[Diagnostic]
    trace: list[Diagnostic]
    unseen: tuple[str, ...] = ()  # what could not be seen, so that silence proves nothing
    modules: frozenset[Class] = frozenset()
    untraced: tuple[str, ...] = ()  # the same for what a trace would run
    assumed: tuple[str, ...] = ()  # what nobody could know, and was taken for granted
    is_refused: bool = False  # whether no object compiles, each for a reason of its own
    is_refused_by_trace: bool = False


def failed(name: str, qualified_name: str, span: Span) -> Fate:
    """What became of something on which scriptlint failed."""
    unseen = (f"`{name}`, on which scriptlint failed",)
    return Fate(name, qualified_name, span, [], [], unseen, untraced=unseen)
