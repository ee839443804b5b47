"""The machine interface: a list of objects whose keys only ever grow. Rows and columns count from 1, in code points."""

from __future__ import annotations

import json
from collections.abc import Iterable

import msgspec

from scriptlint.diag import Diagnostic, Span, pages
from scriptlint.engine.fixability import Fixability
from scriptlint.engine.paths import shown
from scriptlint.output.places import Places
from scriptlint.text import Location, Safety, ended


def as_json(findings: Iterable[Diagnostic], places: Places, fixability: Fixability | None = None) -> str:
    """Return the findings as JSON; the names of files below the working folder are relative to it."""
    return encode([one(finding, places, fixability) for finding in findings])


def as_lines(findings: Iterable[Diagnostic], places: Places, fixability: Fixability | None = None) -> str:
    """Return the same objects, each on a line of its own."""
    return "\n".join(
        json.dumps(msgspec.to_builtins(one(finding, places, fixability)), separators=(",", ":")) for finding in findings
    )


def encode(value: object) -> str:
    """JSON as every command prints it."""
    try:
        return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    except UnicodeEncodeError:  # half of a surrogate pair, as in the name of a file that is no UTF-8
        return json.dumps(msgspec.to_builtins(value), indent=2)


def location(place: Location) -> dict[str, int]:
    """Return a place as the contract spells it; `cell` is there only in a notebook."""
    return {"row": place.row, "column": place.column, **({} if place.cell is None else {"cell": place.cell})}


def one(finding: Diagnostic, places: Places, fixability: Fixability | None = None) -> dict[str, object]:
    """One finding as the contract has it."""
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity,
        "target": finding.target,
        "message": finding.message,
        **_span(finding.span, places),
        "fix": _fix(finding, places, fixability),
        "when": finding.when,
        "first": finding.first,
        "trail": [{"message": step.message, **_span(step.span, places)} for step in finding.trail],
        "labels": [{"message": label.text, **_span(label.span, places)} for label in finding.labels],
        "confirmed": finding.confirmation.verdict if finding.confirmation is not None else None,
        "url": pages.url(finding.code),
    }


def _fix(finding: Diagnostic, places: Places, fixability: Fixability | None) -> dict[str, object] | None:
    """Return the edits in the order of the file, imports among them, so that they can be applied by themselves."""
    fix = finding.fix
    safety = None if fix is None else Safety(fix.safety) if fixability is None else fixability.safety(finding)
    if fix is None or safety is None:
        return None
    source = places.source(fix.path)
    newline = "\n" if source is None else source.newline
    edits = [
        {
            "content": ended(one.text, newline),
            "location": location(places.start(Span(fix.path, one.start, one.end))),
            "end_location": location(places.end(Span(fix.path, one.start, one.end))),
        }
        for one in fix.all_edits
    ]
    return {"applicability": safety.value, "message": fix.title, "filename": shown(fix.path), "edits": edits}


def _span(span: Span, places: Places) -> dict[str, object]:
    return {
        "filename": shown(span.path),
        "location": location(places.start(span)),
        "end_location": location(places.end(span)),
    }
