"""Chooses the format and writes."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from typing import TextIO

from scriptlint.diag import Diagnostic
from scriptlint.engine.fixability import Fixability
from scriptlint.engine.outcomes import Outcomes
from scriptlint.engine.settings import Settings
from scriptlint.output.paint import Paint
from scriptlint.output.places import Places
from scriptlint.text import SourceFile


def write(
    findings: Sequence[Diagnostic],
    sources: Callable[[str], SourceFile],
    stream: TextIO,
    *,
    output_format: str = "full",
    colour: bool = False,
    statistics: bool = False,
    quiet: bool = False,
    fixability: Fixability | None = None,
    fixed: int = 0,
    outcomes: Outcomes | None = None,
    has_environment: bool = False,
) -> None:
    """Writes findings to `stream` as `full`, `concise`, `json` or `sarif`.

    `statistics` counts them instead; `quiet` leaves out the summary; `fixability` tells which can be fixed, and `fixed`
    how many were; `outcomes` say what was judged, and `has_environment` that packages were looked for where the user said.
    """
    fixability = fixability or Fixability(lambda _: Settings())
    paint = Paint(colour)
    places = Places(sources)
    if output_format == "json":
        from scriptlint.output.json_format import as_json
        from scriptlint.output.tally import statistics_json

        print(statistics_json(findings) if statistics else as_json(findings, places, fixability), file=stream)
        return
    if output_format == "sarif" and not statistics:
        from scriptlint.output.sarif import sarif

        print(sarif(findings, places), file=stream)
        return
    from scriptlint.output.tally import statistics_table, summary

    if statistics:
        lines = statistics_table(findings, paint)
    elif output_format == "concise":
        from scriptlint.output.concise import concise

        lines = concise(findings, places, paint, fixability)
    else:
        from scriptlint.output.full import full

        lines = full(findings, places, paint, code_width(stream), fixability)
    for line in lines:
        print(line, file=stream)
    if not quiet:
        for line in summary(findings, paint, fixability, fixed, outcomes, has_environment, places):
            print(line, file=stream)


def code_width(stream: TextIO) -> int:
    """How wide a line of code may become: what the terminal has beside the gutter, a generous number elsewhere."""
    return max(40, shutil.get_terminal_size().columns - 10) if stream.isatty() else 140
