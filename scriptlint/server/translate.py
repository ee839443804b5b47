"""Findings as the protocol has them."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from scriptlint.diag import Diagnostic, Severity, Span, Target, pages
from scriptlint.engine.paths import printable
from scriptlint.server.documents import Place, Places

SOURCE = "scriptlint"
_SEVERITY = {
    Severity.ERROR.value: types.DiagnosticSeverity.Error,
    Severity.WARNING.value: types.DiagnosticSeverity.Warning,
    Severity.NOTE.value: types.DiagnosticSeverity.Information,
}


def diagnostic(finding: Diagnostic, place: Place, places: Places) -> types.Diagnostic:
    """Return a finding, with its other places and its trail as related information."""
    page = pages.url(finding.code)
    return types.Diagnostic(
        range=place.range,
        message=_message(finding),
        severity=_SEVERITY[finding.severity],
        code=finding.code,
        code_description=None if page is None else types.CodeDescription(page),
        source=SOURCE,
        related_information=[
            types.DiagnosticRelatedInformation(types.Location(*places.place(span)), text)
            for span, text in _related(finding)
        ],
    )


def trouble(problem: str) -> types.Diagnostic:
    """Return what prevents a document from being judged, shown at its top."""
    top = types.Range(types.Position(0, 0), types.Position(0, 1))
    return types.Diagnostic(
        range=top, message=f"nothing is judged: {problem}", severity=types.DiagnosticSeverity.Error, source=SOURCE
    )


def _message(finding: Diagnostic) -> str:
    lines = [printable(finding.message)]
    if finding.when is not None:
        lines.append(f"when {printable(finding.when)}")
    if finding.first:
        lines.append("torch.jit.script stops here, and prints no error but this one")
    if finding.help:
        lines.append(f"help: {printable(finding.help)}")
    return "\n".join(lines)


def _related(finding: Diagnostic) -> Iterator[tuple[Span, str]]:
    for label in finding.labels:
        yield label.span, printable(label.text)
    lead = "traced because " if finding.target == Target.TRACE.value else "compiled because "
    for step in finding.trail:
        yield step.span, lead + printable(step.message)
        lead = "-> "
