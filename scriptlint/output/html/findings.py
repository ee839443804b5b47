"""The page of `scriptlint check`: the rules that are found most, then every finding in its code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from scriptlint.diag import Diagnostic, Severity
from scriptlint.engine.fixability import Fixability
from scriptlint.engine.paths import shown
from scriptlint.output.html.parts import (
    breakable,
    code_of,
    document,
    filters,
    prose,
    rule_link,
    rules,
    table,
    text,
    tiles,
)
from scriptlint.output.places import Places
from scriptlint.output.tally import statistics
from scriptlint.version import __version__


def page(
    findings: Sequence[Diagnostic], places: Places, fixability: Fixability | None = None, summary: Iterable[str] = ()
) -> str:
    """Return the page; `summary` are the sentences that end a run."""
    counts = [
        (level.value, sum(one.severity == level.value for one in findings), f"{level.value}s") for level in Severity
    ]
    fixable = sum(map(fixability.applies, findings)) if fixability is not None else 0
    files = len({one.span.path for one in findings})
    header = "\n".join(
        (
            "<h1>scriptlint check</h1>",
            f"<p>scriptlint {text(__version__)}. {' '.join(map(prose, summary))}</p>",
            tiles([*counts, ("plain", files, "files"), ("good", fixable, "fixable with --fix")]),
            filters((level.value, f"{level.value}s") for level in Severity),
        )
    )
    sections = "".join(
        f'<section class="object"><h2>{breakable(shown(path))}</h2>{"".join(_finding(one, places, fixability) for one in group)}</section>'
        for path, group in groupby(findings, key=lambda one: one.span.path)
    )
    return document("scriptlint check", header, f"{_ranking(findings)}{sections}{rules(one.code for one in findings)}")


def _ranking(findings: Sequence[Diagnostic]) -> str:
    rows = (
        (
            rule_link(str(one["code"])),
            text(one["name"]),
            _badge(str(one["severity"])),
            str(one["count"]),
            str(one["files"]),
        )
        for one in statistics(findings)
    )
    return table(("rule", "name", "severity", "findings", "files"), rows)


def _badge(severity: str) -> str:
    return f'<span class="badge {severity}">{severity}</span>'


def _finding(finding: Diagnostic, places: Places, fixability: Fixability | None) -> str:
    when = f'<p class="when">when {prose(finding.when)}</p>' if finding.when is not None else ""
    trail = " &rarr; ".join(prose(step.message) for step in finding.trail)
    labels = "".join(f"<li>{prose(one.text)} ({text(places.text(one.span))})" for one in finding.labels)
    safety = fixability.safety(finding) if fixability is not None else None
    fix = f'<p class="fix">{prose(finding.fix.title)} ({safety.value})</p>' if finding.fix and safety else ""
    return f"""<article class="finding {finding.severity}" data-verdict="{finding.severity}">
<h3>{_badge(finding.severity)} {rule_link(finding.code)} {prose(finding.message)}</h3>
<p class="place">{text(places.text(finding.span))}{f" &middot; {trail}" if trail else ""}</p>{when}
{code_of(finding, places)}
{f'<ul class="labels">{labels}</ul>' if labels else ""}
{f'<p class="help">{prose(finding.help)}</p>' if finding.help else ""}{fix}
</article>
"""
