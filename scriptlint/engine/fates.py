"""What becomes of one class, function or object under both compilers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scriptlint.diag import Diagnostic, Severity, Span
from scriptlint.engine.configurations import Branch, merged
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
    """Return what became of something on which scriptlint failed."""
    unseen = (f"`{name}`, on which scriptlint failed",)
    return Fate(name, qualified_name, span, [], [], unseen, untraced=unseen)


def joined_fates(fates: Sequence[Fate], conditions: Sequence[tuple[str, ...]]) -> Fate:
    """Return the fate of what is made in several ways, of the fate of each and the conditions under which it is made."""
    if len(fates) == 1:
        return fates[0]
    first = fates[0]
    return Fate(
        first.name,
        first.qualified_name,
        first.span,
        merged([Branch(when, one.script) for when, one in zip(conditions, fates, strict=True)]),
        merged([Branch(when, one.trace) for when, one in zip(conditions, fates, strict=True)]),
        unseen=tuple(dict.fromkeys(text for one in fates for text in one.unseen)),
        modules=frozenset().union(*(one.modules for one in fates)),
        untraced=tuple(dict.fromkeys(text for one in fates for text in one.untraced)),
        assumed=tuple(dict.fromkeys(text for one in fates for text in one.assumed)),
        is_refused=all(has_error(one.script) for one in fates),
        is_refused_by_trace=all(has_error(one.trace) for one in fates),
    )


def has_error(findings: Iterable[Diagnostic]) -> bool:
    """Return True if one of the findings is an error."""
    return any(one.severity == Severity.ERROR.value for one in findings)
