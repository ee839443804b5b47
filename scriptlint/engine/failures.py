"""Errors of scriptlint itself: they cost the piece of work in which they happen, and nothing else."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable
from typing import TypeVar

from scriptlint.diag import Report, Span
from scriptlint.engine import interruption
from scriptlint.engine.rules import INTERNAL_ERROR
from scriptlint.syntax.room import with_room

T = TypeVar("T")

# A recursion without an end has thousands of entries, of which the last say where it turns.
_ENTRIES = 60


def show(error: BaseException) -> None:
    """Print the traceback of an internal error to stderr if SCRIPTLINT_TRACEBACK is set."""
    if os.environ.get("SCRIPTLINT_TRACEBACK"):
        entries = [error.__traceback__]
        while (last := entries[-1]) is not None and last.tb_next is not None:
            entries.append(last.tb_next)
        traceback.print_exception(type(error), error, entries[-_ENTRIES:][0])


def reason(error: BaseException) -> str:
    """Return the line that a finding has for an internal error."""
    return f"{type(error).__name__}: {error}".splitlines()[0]


def guard(report: Report, path: str, work: Callable[[], T]) -> T | None:
    """Do a piece of work that is about the file `path`, and return its result; None where an internal error ends it.

    Between two such pieces a run that is not wanted any more ends.

    The error is reported in the place of what the piece had reported before: a part of a judgement may be wrong.
    """
    interruption.check()
    before = len(report.diagnostics)
    try:
        return with_room(work)
    except Exception as error:
        show(error)
        del report.diagnostics[before:]
        report.report(INTERNAL_ERROR, Span(path, 0, 0), reason=reason(error))
        return None
