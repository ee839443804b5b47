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
        steps = [] if is_own(one.span.path) else [step for step in one.trail if is_own(step.span.path)]
        if not steps:
            yield one
            continue
        last = len(one.trail) - 1 - next(at for at, step in enumerate(reversed(one.trail)) if step is steps[-1])
        label = Label(one.span, "it is found here")
        message = f"{one.message} (in {os.path.basename(one.span.path)})"
        yield msgspec.structs.replace(
            one, message=message, span=steps[-1].span, trail=one.trail[:last], labels=(label, *one.labels), fix=None
        )
