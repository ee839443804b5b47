"""The format for reading: each finding with the code it is about, the other places that explain it, and the way there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from scriptlint.diag import Diagnostic, Label, Span, Target
from scriptlint.engine.fixability import Fixability
from scriptlint.engine.paths import printable
from scriptlint.output.frame import Mark, draw, rows
from scriptlint.output.paint import Paint
from scriptlint.output.places import Places
from scriptlint.text import Safety

_HOW = {Safety.SAFE: "", Safety.UNSAFE: " (unsafe)", Safety.DISPLAY: " (to be completed by hand)"}


def full(
    findings: Iterable[Diagnostic],
    places: Places,
    paint: Paint,
    limit: int = 140,
    fixability: Fixability | None = None,
) -> Iterator[str]:
    """Yield the findings as lines of text, a blank one behind each; code is cut to `limit` cells.

    `fixability` tells which of them are marked as fixable, and how safe that is.
    """
    for finding in findings:
        yield from _one(finding, places, paint, limit, fixability)
        yield ""


def _one(finding: Diagnostic, places: Places, paint: Paint, limit: int, fixability: Fixability | None) -> Iterator[str]:
    title = paint(f"{finding.severity}[{paint.code(finding.code)}]", finding.severity)
    if fixability is not None and fixability.applies(finding):
        title += paint(" [*]", "good")
    yield f"{title} {paint(f'{finding.name}: {printable(finding.message)}', 'strong')}"
    frames = list(_frames(finding, places))
    last = max((_last(path, mark, places) for path, marks in frames for mark in marks), default=1)
    gutter = len(str(last))
    for index, (path, marks) in enumerate(frames):
        arrow = "-->" if index == 0 else ":::"
        place = places.text(Span(path, marks[0].start, marks[0].end))
        yield f"{' ' * gutter}{paint(arrow, 'gutter')} {place}"
        source = places.source(path)
        if source is not None:
            yield from draw(source, marks, paint, gutter, limit)
    for sign, note in _notes(finding, places):
        yield f"{paint(f'{sign:>{gutter + 2}}', 'gutter')} {note}"
    if finding.help:
        yield f"{paint('help', 'help')}: {printable(finding.help)}"
    safety = fixability.safety(finding) if fixability is not None else None
    if finding.fix is not None and safety is not None:
        yield f"{paint('fix', 'good')}: {printable(finding.fix.title)}{_HOW[safety]}"


def _frames(finding: Diagnostic, places: Places) -> Iterator[tuple[str, Sequence[Mark]]]:
    """Yield the finding's own frame, with every label that is close enough to be seen in it, then one for each other label."""
    span = finding.span
    main = Mark(span.start, span.end, "", finding.severity, True)
    near = [label for label in finding.labels if _touches(label, span, main, places)]
    yield span.path, [main, *map(_mark, near)]
    for label in finding.labels:
        if label not in near:
            yield label.span.path, [_mark(label)]


def _touches(label: Label, span: Span, main: Mark, places: Places) -> bool:
    source = places.source(span.path)
    if source is None or label.span.path != span.path:
        return False
    one, other = rows(source, main), rows(source, _mark(label))
    return one.start <= other.stop and other.start <= one.stop


def _last(path: str, mark: Mark, places: Places) -> int:
    source = places.source(path)
    return source.number(rows(source, mark)[-1]) if source is not None else 1


def _mark(label: Label) -> Mark:
    return Mark(label.span.start, label.span.end, printable(label.text), "gutter", False)


def _notes(finding: Diagnostic, places: Places) -> Iterator[tuple[str, str]]:
    """Yield what stands below the frames, each line with its sign; a line without one continues the one above."""
    if finding.when is not None:
        yield "=", f"when {printable(finding.when)}"
    if finding.first:
        yield "=", "torch.jit.script stops here, and prints no error but this one"
    if finding.confirmation is not None:
        yield "=", f"{finding.confirmation.verdict}: {printable(finding.confirmation.words)}"
    lead = f"{'traced' if finding.target == Target.TRACE.value else 'compiled'} because "
    for index, step in enumerate(finding.trail):
        text = f"{printable(step.message)} ({places.text(step.span)})"
        yield ("=", lead + text) if index == 0 else ("", f"{'-> ':>{len(lead)}}{text}")
