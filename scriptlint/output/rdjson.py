"""reviewdog's rdjson: https://github.com/reviewdog/reviewdog/tree/master/proto/rdf. Its columns count bytes of UTF-8."""

from __future__ import annotations

from collections.abc import Sequence

from scriptlint.diag import Diagnostic, Span
from scriptlint.engine.paths import shown
from scriptlint.output.json_format import encode
from scriptlint.output.places import Places
from scriptlint.output.words import sentence

_SEVERITIES = {"error": "ERROR", "warning": "WARNING", "note": "INFO"}


def rdjson(findings: Sequence[Diagnostic], places: Places) -> str:
    """Return the findings; a fix of one edit in the same file is a suggestion, since several would be alternatives."""
    return encode({"source": {"name": "scriptlint"}, "diagnostics": [_one(finding, places) for finding in findings]})


def _one(finding: Diagnostic, places: Places) -> dict[str, object]:
    span, fix = finding.span, finding.fix
    said: dict[str, object] = {
        "message": sentence(finding),
        "severity": _SEVERITIES[finding.severity],
        "code": {"value": finding.code},
        "location": {"path": shown(span.path), "range": _range(span, places)},
    }
    edits = fix.all_edits if fix is not None and fix.path == span.path else ()
    if len(edits) == 1:
        (edit,) = edits
        said["suggestions"] = [{"range": _range(Span(span.path, edit.start, edit.end), places), "text": edit.text}]
    return said


def _range(span: Span, places: Places) -> dict[str, object]:
    return {"start": _position(span.path, span.start, places), "end": _position(span.path, span.end, places)}


def _position(path: str, offset: int, places: Places) -> dict[str, int]:
    at = places.start(Span(path, offset, offset))
    source = places.source(path)
    before = "" if source is None else source.text[offset - at.column + 1 : offset]
    return {"line": at.row, "column": len(before.encode("utf-8", "surrogatepass")) + 1}
