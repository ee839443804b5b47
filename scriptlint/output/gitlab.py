"""GitLab's code quality report: https://docs.gitlab.com/ci/testing/code_quality/"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from hashlib import sha256

from scriptlint.diag import Diagnostic
from scriptlint.engine.paths import shown
from scriptlint.output.json_format import encode
from scriptlint.output.places import Places
from scriptlint.output.words import sentence

_SEVERITIES = {"error": "major", "warning": "minor", "note": "info"}


def gitlab(findings: Sequence[Diagnostic], places: Places) -> str:
    """Return the findings as a report; a finding that only moved to another line keeps its fingerprint."""
    met: Counter[tuple[str, str, str]] = Counter()
    issues = []
    for one in findings:
        path, words = shown(one.span.path), sentence(one)
        identity = (one.code, path, words)
        start, end = places.start(one.span), places.end(one.span)
        issues.append(
            {
                "check_name": one.code,
                "description": f"{one.code}: {words}",
                "fingerprint": _digest(*identity, str(met[identity])),
                "severity": _SEVERITIES[one.severity],
                "location": {
                    "path": path,
                    "positions": {
                        "begin": {"line": start.row, "column": start.column},
                        "end": {"line": end.row, "column": end.column},
                    },
                },
            }
        )
        met[identity] += 1
    return encode(issues)


def _digest(*parts: str) -> str:
    return sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()
