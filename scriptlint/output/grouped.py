"""Formats of one line for each finding besides `concise`: by file, as pylint prints them, as a table in Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from scriptlint.diag import Diagnostic
from scriptlint.engine.paths import printable, shown
from scriptlint.output.places import Places
from scriptlint.output.words import sentence


def grouped(findings: Sequence[Diagnostic], places: Places) -> str:
    """Return the findings under the name of their file, places and codes in columns."""
    lines: list[str] = []
    for path, group in groupby(findings, key=lambda one: shown(one.span.path)):
        of_file = [(str(places.start(one.span)), one) for one in group]
        width = max(len(place) for place, _ in of_file)
        lines += ["", f"{printable(path)}:"] if lines else [f"{printable(path)}:"]
        lines += [f"  {place:>{width}}  {one.severity:7}  {one.code}  {sentence(one)}" for place, one in of_file]
    return "\n".join(lines)


def pylint(findings: Sequence[Diagnostic], places: Places) -> str:
    """Return `path:row: [CODE] message` for each finding, as pylint's parseable format."""
    return "\n".join(
        f"{printable(shown(one.span.path))}:{places.start(one.span).row}: [{one.code}] {sentence(one)}"
        for one in findings
    )


def markdown(findings: Sequence[Diagnostic], places: Places) -> str:
    """Return a table, as the summary of a job on a code host shows it."""
    rows = [f"| `{places.text(one.span)}` | {one.severity} | {one.code} | {_cell(sentence(one))} |" for one in findings]
    return "\n".join(["| Place | Severity | Rule | Finding |", "| --- | --- | --- | --- |", *rows])


def _cell(text: str) -> str:
    return text.replace("|", r"\|").replace("<", "&lt;")
