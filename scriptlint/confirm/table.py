"""The report in a terminal: findings with their verdicts, then a table of the objects and what could not be built."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial
from itertools import groupby
from typing import TextIO

from scriptlint.confirm.report import Report, verdict_of
from scriptlint.confirm.verdict import CONFIRMED, NOT_REACHED, REFUTED, Outcome
from scriptlint.engine.paths import printable, shown
from scriptlint.output.concise import concise
from scriptlint.output.full import full
from scriptlint.output.paint import Paint
from scriptlint.output.places import Places
from scriptlint.output.printer import code_width
from scriptlint.output.tally import plural

_STYLE = {
    "compiles": "green",
    "same": "green",
    "refused": "red",
    "differs": "yellow",
    "crashes": "red",
    "blocked": "red",
    "ok": "green",
    "depends": "yellow",
}


def write(report: Report, stream: TextIO, *, output_format: str, colour: bool, quiet: bool) -> None:
    """Write a report as `full` or `concise`; `quiet` leaves out all but the findings."""
    paint = Paint(colour)
    places = Places(report.source)
    lines = partial(full, limit=code_width(stream)) if output_format == "full" else concise
    for line in lines(report.findings, places, paint):
        print(line, file=stream)
    if quiet:
        return
    built = [one for one in report.outcomes if one.skipped is None]
    if built:
        _table(built, stream, colour)
    for outcome in report.outcomes:
        if outcome.skipped is not None:
            title = paint("not built", "warning")
            print(f"{title} {printable(shown(outcome.job.target))}: {printable(outcome.skipped)}", file=stream)
    for line in summary(report, paint):
        print(line, file=stream)


_TITLES = ("object", "arguments", "scriptlint says", "script", "trace", "confirmed", "refuted", "not reached")
_COUNTED = (CONFIRMED, REFUTED, NOT_REACHED)


def _table(outcomes: list[Outcome], stream: TextIO, colour: bool) -> None:
    """The objects below the files they are in; columns in which nothing stands are left out."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    rows: list[tuple[str, ...]] = []
    for file, group in groupby(outcomes, lambda one: _parts(one)[0]):
        rows.append((file, *[""] * (len(_TITLES) - 1)))
        rows += map(_cells, group)
    table = Table(box=None, pad_edge=False, header_style="bold")
    filled = [column for column in range(len(_TITLES)) if any(row[column] for row in rows)]
    for column in filled:
        number = _TITLES[column] in _COUNTED
        table.add_column(_TITLES[column], justify="right" if number else "left", no_wrap=number, overflow="fold")
    for row in rows:
        heading = not any(row[1:])
        table.add_row(*(Text(row[column], style="bold" if heading else _style(row[column])) for column in filled))
    width = None if stream.isatty() else 160
    console = Console(file=stream, width=width, force_terminal=colour, no_color=not colour, highlight=False)
    console.print(table)
    for one in outcomes:
        for note in one.notes:
            print(f"{printable(shown(one.job.target))}: {printable(note)}", file=stream)


def _parts(outcome: Outcome) -> tuple[str, str]:
    """Return the file or module of an object, and what it is called there."""
    target = printable(shown(outcome.job.target))
    file, _, name = target.partition("::" if "::" in target else ":")
    return file, name


def _cells(outcome: Outcome) -> tuple[str, ...]:
    count = Counter(verdict_of(finding) for finding in outcome.findings)
    return (
        f"  {_parts(outcome)[1]}",
        printable(outcome.job.origin),
        printable(outcome.static) if "script" in outcome.job.asks else "",
        printable(outcome.script),
        printable(outcome.trace),
        *(str(count[verdict] or "") for verdict in _COUNTED),
    )


def _style(cell: str) -> str:
    return next((style for word, style in _STYLE.items() if cell.startswith(word)), "")


def summary(report: Report, paint: Paint) -> Iterator[str]:
    """Yield the last lines of a run."""
    if not report.outcomes:
        yield "No nn.Module classes and no calls of torch.jit found."
        return
    count = Counter(verdict_of(one) for one in report.findings)
    unforeseen = sum(one.code in ("SL906", "SL907") for one in report.findings)
    skipped = sum(one.skipped is not None for one in report.outcomes)
    said = [
        f"{count[CONFIRMED] - unforeseen} confirmed",
        f"{count[REFUTED]} refuted",
        f"{count[NOT_REACHED]} not reached",
        *([f"{unforeseen} unforeseen"] if unforeseen else []),
    ]
    objects = plural(len(report.outcomes), "object")
    built = f" ({skipped} not built)" if skipped else ""
    yield f"Asked torch {report.torch or '(none)'} about {objects}{built} in {report.seconds:.1f} s: {', '.join(said)}."
    for path in report.reports:
        yield f"This is a bug of scriptlint; please report it with {printable(shown(path))}, which shows it."
    for outcome, what in report.disagreements:
        place = printable(shown(outcome.job.target))
        yield f"{paint('disagreement', 'error')} {place}: {printable(what)}"
