"""The format for grep and for narrow places: one line per finding."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scriptlint.diag import Diagnostic
from scriptlint.engine.fixability import Fixability
from scriptlint.output.paint import Paint
from scriptlint.output.places import Places
from scriptlint.output.words import sentence


def concise(
    findings: Iterable[Diagnostic], places: Places, paint: Paint, fixability: Fixability | None = None
) -> Iterator[str]:
    """`path:row:column: severity CODE [*] message`, with the condition if there is one; `[*]` marks what `--fix` would repair."""
    for finding in findings:
        code = paint(f"{finding.severity} {paint.code(finding.code)}", finding.severity)
        asked = f" [{finding.confirmation.verdict}]" if finding.confirmation is not None else ""
        mark = paint(" [*]", "good") if fixability is not None and fixability.applies(finding) else ""
        yield f"{places.text(finding.span)}: {code}{mark} {sentence(finding)}{asked}"
