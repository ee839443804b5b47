"""Classes that are only annotations: what is wrong with one is one finding, where the annotation stands.

The compiler compiles all methods of a class that a parameter is annotated with. Where compiled code makes no object of it and
calls no method, nobody wants a review of the class: it is the annotation that is wrong. What such a class lacks is not said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Set

import msgspec

from scriptlint.diag import Diagnostic, Label, Severity, Span
from scriptlint.engine.judgement import Annotated, Place
from scriptlint.text import SourceFile

_RANK = [one.value for one in Severity]


def folded(
    findings: Iterable[Diagnostic],
    annotations: Mapping[Span, Annotated],
    used: Set[Place],
    sources: Callable[[str], SourceFile],
) -> Iterator[Diagnostic]:
    """Return the findings; several in a class that is only an annotation are one, at the first annotation.

    `annotations` are those that have a class compiled, `used` the classes that compiled code uses in other ways. A finding
    on whose line something is suppressed stays where it is.
    """
    groups: dict[Annotated, list[tuple[Diagnostic, int]]] = {}
    others: list[Diagnostic] = []
    for one in findings:
        at = next((at for at, step in enumerate(one.trail) if step.span in annotations), -1)
        cls = annotations[one.trail[at].span] if at >= 0 else None
        if cls is None or cls.place in used or is_marked(one.span, sources):
            others.append(one)
        else:
            groups.setdefault(cls, []).append((one, at))
    counts = {cls: len({(one.code, one.span) for one, _ in group}) for cls, group in groups.items()}
    many = [cls for cls, count in counts.items() if count > 1]
    if not many:
        yield from (*others, *(one for group in groups.values() for one, _ in group))
        return
    from scriptlint.script.infer.attributes import MISSING  # a run that judges nothing does not pay for the judges

    lacking = re.compile("|".join(f"`{re.escape(cls.name)}` has no " for cls in many) or "(?!)")
    yield from (one for one in others if one.code != MISSING.code or lacking.match(one.message) is None)
    for cls, group in groups.items():
        if cls not in many:
            yield from (one for one, _ in group)
            continue
        first, at = min(group, key=lambda pair: (_RANK.index(pair[0].severity), not pair[0].first, pair[0].span))
        yield msgspec.structs.replace(
            first,
            message=f"{first.message} (in `{cls.qualname}`, which this annotation has compiled: {counts[cls]} findings)",
            help=f"{first.help}; or annotate what is used of `{cls.qualname}`: a Tensor, a Dict[str, Tensor], a named tuple",
            span=first.trail[at].span,
            trail=first.trail[:at],
            labels=(Label(first.span, "it is found here"), *first.labels),
        )


def is_marked(span: Span, sources: Callable[[str], SourceFile]) -> bool:
    """Return True if something may be suppressed on a line."""
    source = sources(span.path)
    line = source.line(source.location(span.start).row)
    return "scriptlint" in line or "noqa" in line
