"""Functions that `torch.compile` made: traced code that calls one in many places has one mistake, where it is made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import msgspec

from scriptlint.diag import Diagnostic, Label, Span
from scriptlint.engine.annotated import is_marked
from scriptlint.text import SourceFile

_NAME = "dynamo-in-trace"


def folded(findings: Iterable[Diagnostic], sources: Callable[[str], SourceFile]) -> Iterator[Diagnostic]:
    """Return the findings; several calls of one function that `torch.compile` made are one, at the first of them.

    A finding on whose line something is suppressed stays where it is.
    """
    groups: dict[Span, list[Diagnostic]] = {}
    for one in findings:
        if one.name == _NAME and one.labels and not is_marked(one.span, sources):
            groups.setdefault(one.labels[0].span, []).append(one)
        else:
            yield one
    for group in groups.values():
        first = min(group, key=lambda one: (one.when is not None, one.span))
        more = len({one.span for one in group}) - 1
        if more:
            made = first.labels[0]
            places = "1 more place" if more == 1 else f"{more} more places"
            label = Label(made.span, f"{made.text}, and called in {places}")
            first = msgspec.structs.replace(first, labels=(label, *first.labels[1:]))
        yield first
