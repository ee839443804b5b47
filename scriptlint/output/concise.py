"""The format for grep and for narrow places: one line per finding."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scriptlint.diag import Diagnostic
from scriptlint.engine.paths import printable
from scriptlint.output.paint import Paint
from scriptlint.output.places import Places


def concise(findings: Iterable[Diagnostic], places: Places, paint: Paint) -> Iterator[str]:
    """`path:row:column: CODE message`, and the condition if there is one."""
    for finding in findings:
        when = f" (when {finding.when})" if finding.when is not None else ""
        code = paint(finding.code, finding.severity)
        yield f"{places.text(finding.span)}: {code} {printable(finding.message + when)}"
