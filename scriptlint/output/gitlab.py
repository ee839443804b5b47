"""GitLab's code quality report: https://docs.gitlab.com/ci/testing/code_quality/"""

from __future__ import annotations

from collections.abc import Sequence

from scriptlint.diag import Diagnostic
from scriptlint.engine.paths import shown
from scriptlint.output.identity import identities
from scriptlint.output.json_format import encode
from scriptlint.output.places import Places
from scriptlint.output.words import sentence

_SEVERITIES = {"error": "major", "warning": "minor", "note": "info"}


def gitlab(findings: Sequence[Diagnostic], places: Places) -> str:
    """Return the findings as a report; a finding that only moved to another line keeps its fingerprint."""
    issues = []
    for one, identity in zip(findings, identities(findings, places), strict=True):
        start, end = places.start(one.span), places.end(one.span)
        issues.append(
            {
                "check_name": one.code,
                "description": f"{one.code}: {sentence(one)}",
                "fingerprint": identity.fingerprint,
                "severity": _SEVERITIES[one.severity],
                "location": {
                    "path": shown(one.span.path),
                    "positions": {
                        "begin": {"line": start.row, "column": start.column},
                        "end": {"line": end.row, "column": end.column},
                    },
                },
            }
        )
    return encode(issues)
