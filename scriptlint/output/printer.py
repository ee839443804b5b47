"""Chooses the format and writes."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from functools import partial
from typing import TextIO

from scriptlint.diag import Diagnostic
from scriptlint.engine.baseline import Compared
from scriptlint.engine.fixability import Fixability
from scriptlint.engine.outcomes import Outcomes
from scriptlint.engine.settings import Settings
from scriptlint.output.paint import Paint, wants_links
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
    compared: Compared | None = None,
) -> None:
    """Write findings to `stream` in one of the formats that the settings know.

    `statistics` counts them instead; `quiet` leaves out the summary; `fixability` tells which can be fixed, and `fixed`
    how many were; `outcomes` say what was judged, and `has_environment` that packages were looked for where the user said.
    `compared` is what a baseline says of the findings, which are those that it does not know.
    """
    fixability = fixability or Fixability(lambda _: Settings())
    paint = Paint(colour, colour and wants_links(stream))
    places = Places(sources)
    whole = _whole(output_format, fixability, compared)
    if output_format == "json" and statistics:
        from scriptlint.output.tally import statistics_json

        print(statistics_json(findings), file=stream)
        return
    if whole is not None and not statistics:
        text = whole(findings, places)
        if text:
            print(text, file=stream)
        return
    from scriptlint.output.tally import statistics_table, summary

    if output_format == "html" and not statistics:
        from scriptlint.output.html.findings import page

        told = summary(findings, Paint(False), fixability, fixed, outcomes, has_environment, places, compared)
        print(page(findings, places, fixability, told), file=stream)
        return
    if statistics:
        lines = statistics_table(findings, paint)
    elif output_format == "concise":
        from scriptlint.output.concise import concise

        lines = concise(findings, places, paint, fixability)
    elif output_format == "grouped":
        from scriptlint.output.grouped import grouped

        lines = iter(grouped(findings, places).splitlines())
    else:
        from scriptlint.output.full import full

        lines = full(findings, places, paint, code_width(stream), fixability)
    for line in lines:
        print(line, file=stream)
    if not quiet:
        for line in summary(findings, paint, fixability, fixed, outcomes, has_environment, places, compared):
            print(line, file=stream)


def _whole(
    output_format: str, fixability: Fixability, compared: Compared | None
) -> Callable[[Sequence[Diagnostic], Places], str] | None:
    """Return what makes a whole report in a format that has no summary; None for a format with one."""
    match output_format:
        case "json":
            from scriptlint.output.json_format import as_json

            return partial(as_json, fixability=fixability)
        case "json-lines":
            from scriptlint.output.json_format import as_lines

            return partial(as_lines, fixability=fixability)
        case "sarif":
            from scriptlint.output.sarif import sarif

            return partial(sarif, known=None if compared is None else compared.known)
        case "github" | "azure":
            from scriptlint.output import workflow_commands

            return workflow_commands.github if output_format == "github" else workflow_commands.azure
        case "gitlab":
            from scriptlint.output.gitlab import gitlab

            return gitlab
        case "junit":
            from scriptlint.output.junit import junit

            return junit
        case "rdjson":
            from scriptlint.output.rdjson import rdjson

            return rdjson
        case "pylint" | "markdown":
            from scriptlint.output import grouped

            return grouped.pylint if output_format == "pylint" else grouped.markdown
    return None


def code_width(stream: TextIO) -> int:
    """Return how wide a line of code may become: what the terminal has beside the gutter, a generous number elsewhere."""
    return max(40, shutil.get_terminal_size().columns - 10) if stream.isatty() else 140
