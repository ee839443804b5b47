"""Findings in packages that are not the project's: they are said where the project's own code leads there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator

import msgspec

from scriptlint.diag import Diagnostic, Label


def brought_home(findings: Iterable[Diagnostic], is_own: Callable[[str], bool]) -> Iterator[Diagnostic]:
    """Return the findings; one in a foreign file stands at the last place of the project's own on the way to it.

    There it can be suppressed, and there something can be done about it. The foreign place becomes a label. What no file
    of the project leads to stays where it is.
    """
    for one in findings:
        own = [] if is_own(one.span.path) else [at for at, step in enumerate(one.trail) if is_own(step.span.path)]
        if not own:
            yield one
            continue
        yield msgspec.structs.replace(
            one,
            message=f"{one.message} (in {os.path.basename(one.span.path)})",
            span=one.trail[own[-1]].span,
            trail=one.trail[: own[-1]],
            labels=(Label(one.span, "it is found here"), *one.labels),
            fix=None,
        )
