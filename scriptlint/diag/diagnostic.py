"""A finding, as plain data: it outlives the tree it was made from, and the cache keeps it.

Positions are offsets; rows and columns are made from them when a finding is printed, by the file's SourceFile.
"""

from __future__ import annotations

import msgspec

from scriptlint.text.edit import Fix


class Span(msgspec.Struct, frozen=True, array_like=True, order=True):
    """A half-open range of offsets in one file; `path` is the file's absolute path."""

    path: str
    start: int
    end: int


class Label(msgspec.Struct, frozen=True, array_like=True):
    """A second place that explains a finding: the attribute in `__init__`, the call, the definition."""

    span: Span
    text: str


class Step(msgspec.Struct, frozen=True, array_like=True):
    """One link of a trail: how the compiler gets from a root to the finding."""

    message: str
    span: Span


class Confirmation(msgspec.Struct, frozen=True, array_like=True):
    """What the real torch said: `verdict` is confirmed, refuted or not reached, `words` how that is known."""

    verdict: str
    words: str


class Diagnostic(msgspec.Struct, frozen=True, array_like=True):
    """One finding.

    `code`, `name`, `severity` and `target` are the rule's (severity may be lowered by the door, see Report); `message`
    and `help` are its sentences with the facts filled in; `trail` leads from the root to the unit it was found in;
    `when` is the condition under which it holds, None if it always does; `first` marks the finding that the compiler
    itself would print, since it stops there; `fix` is what repairs it, if anything does; `confirmation` is there once
    torch was asked.
    """

    code: str
    name: str
    severity: str
    target: str
    message: str
    help: str
    span: Span
    labels: tuple[Label, ...] = ()
    trail: tuple[Step, ...] = ()
    when: str | None = None
    first: bool = False
    fix: Fix | None = None
    confirmation: Confirmation | None = None
