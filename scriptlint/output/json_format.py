"""The machine interface: a list of objects whose keys only ever grow. Rows and columns count from 1, in code points."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from scriptlint.diag import Diagnostic, Span
from scriptlint.output.places import Places
from scriptlint.text import Location


def as_json(findings: Iterable[Diagnostic], places: Places) -> str:
    """The findings as JSON; file names are absolute."""
    return encode([_one(finding, places) for finding in findings])


def encode(value: object) -> str:
    """JSON as every command prints it."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def location(place: Location) -> dict[str, int]:
    """A place as the contract spells it."""
    return {"row": place.row, "column": place.column}


def _one(finding: Diagnostic, places: Places) -> dict[str, object]:
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity,
        "target": finding.target,
        "message": finding.message,
        **_span(finding.span, places),
        "fix": None,
        "when": finding.when,
        "first": finding.first,
        "trail": [{"message": step.message, **_span(step.span, places)} for step in finding.trail],
        "labels": [{"message": label.text, **_span(label.span, places)} for label in finding.labels],
        "confirmed": None,
        "url": None,
    }


def _span(span: Span, places: Places) -> dict[str, object]:
    return {
        "filename": span.path,
        "location": location(places.start(span)),
        "end_location": location(places.end(span)),
    }
