"""The report as one page of HTML (see output.html).

Every object is a section with its module tree, what was compiled from where, and its findings in the code they are about.
The script filters by verdict and by words.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from scriptlint.confirm.report import Report, verdict_of
from scriptlint.confirm.verdict import CONFIRMED, NOT_REACHED, REFUTED, Outcome
from scriptlint.diag import Diagnostic
from scriptlint.engine.paths import shown
from scriptlint.output.html.parts import (
    breakable,
    code_of,
    document,
    filters,
    line,
    prose,
    rule_link,
    rules,
    text,
    tiles,
)
from scriptlint.output.places import Places
from scriptlint.output.tally import plural
from scriptlint.version import __version__

_BAD = ("refused", "crashes", "blocked", "compiles, cannot", "compiles, differs", "differs")


def page(report: Report) -> str:
    """Return the page as text."""
    places = Places(report.source)
    count = Counter(verdict_of(one) for one in report.findings)
    built = [one for one in report.outcomes if one.skipped is None]
    skipped = [one for one in report.outcomes if one.skipped is not None]
    numbers = [
        ("plain", len(built), "objects asked about"),
        ("good", sum(one.script.startswith("compiles") for one in built), "compile"),
        ("confirmed", count[CONFIRMED], "findings confirmed"),
        ("refuted", count[REFUTED], "refuted"),
        ("unreached", count[NOT_REACHED], "not reached"),
        ("plain", len(skipped), "not built"),
    ]
    header = f"""<h1>scriptlint confirm</h1>
<p>scriptlint {text(__version__)} asked torch {text(report.torch or "(none)")}, which took {report.seconds:.1f} s.</p>
{tiles(numbers)}
{filters((_class(one), one) for one in _VERDICTS)}"""
    main = f"""{_overview(report.outcomes)}
{"".join(_section(number, one, places) for number, one in enumerate(report.outcomes) if one.skipped is None)}
{_skipped(skipped)}
{rules(one.code for one in report.findings)}"""
    return document("scriptlint confirm", header, main)


_VERDICTS = (CONFIRMED, REFUTED, NOT_REACHED)


def _class(verdict: str) -> str:
    return {CONFIRMED: "confirmed", REFUTED: "refuted"}.get(verdict, "unreached")


def _overview(outcomes: list[Outcome]) -> str:
    rows = "".join(
        f'<tr><td class="name"><a href="#object{number}">{breakable(shown(one.job.target))}</a><td>{text(one.job.origin)}'
        f"<td>{_badge(one.static if 'script' in one.job.asks else '')}<td>{_badge(one.script)}<td>{_badge(one.trace)}"
        + "".join(
            f'<td class="number {_class(verdict)}">{sum(verdict_of(f) == verdict for f in one.findings) or ""}'
            for verdict in _VERDICTS
        )
        for number, one in enumerate(outcomes)
        if one.skipped is None
    )
    titles = ("object", "arguments", "scriptlint says", "script", "trace", *_VERDICTS)
    heads = "".join(f'<th scope="col">{title}' for title in titles)
    table = f"<table class='overview'><thead><tr>{heads}<tbody>{rows}</table>"
    return f"<div class='wide' tabindex='0'>{table}</div>" if rows else ""


def _badge(words: str) -> str:
    if not words:
        return ""
    said = words.removeprefix("trace: ")
    bad = said.startswith(_BAD) or "differs" in said
    kind = "bad" if bad else "good" if said.startswith(("compiles", "same", "ok")) else "plain"
    return f'<span class="badge {kind}">{text(words)}</span>'


def _section(number: int, outcome: Outcome, places: Places) -> str:
    answer = outcome.answer
    rounds = answer.get("rounds") or []
    built = answer.get("built") or {}
    facts = [
        ("arguments", outcome.job.origin),
        ("inputs", built.get("inputs")),
        ("guessed", ", ".join(built.get("guessed", ()))),
        ("took", f"{answer.get('seconds', 0.0):.2f} s"),
    ]
    listed = "".join(f"<div><dt>{name}<dd>{text(value)}</div>" for name, value in facts if value)
    notes = "".join(f"<li>{text(one)}" for one in [*outcome.notes, *outcome.disagreements])
    units = [unit for one in rounds for unit in one["units"]]
    return f"""<section class="object" id="object{number}">
<h2>{text(shown(outcome.job.target))} {_badge(outcome.script)} {_badge(outcome.trace and f"trace: {outcome.trace}")}</h2>
<dl>{listed}</dl>
{f'<ul class="notes">{notes}</ul>' if notes else ""}
{"".join(_finding(one, places) for one in outcome.findings)}
{_tree(built.get("tree") or [], units, outcome.findings, places)}
{_units(units)}
{_printed(answer.get("output", ""))}
</section>
"""


def _finding(finding: Diagnostic, places: Places) -> str:
    verdict = verdict_of(finding)
    words = finding.confirmation.words if finding.confirmation is not None else ""
    when = f'<p class="when">when {text(finding.when)}</p>' if finding.when is not None else ""
    trail = " &rarr; ".join(prose(step.message) for step in finding.trail)
    return f"""<article class="finding {_class(verdict)}" data-verdict="{_class(verdict)}">
<h3><span class="badge {_class(verdict)}">{text(verdict)}</span> {rule_link(finding.code)} {prose(finding.message)}</h3>
<p class="words">{text(words)}</p>{when}
<p class="place">{text(places.text(finding.span))}{f" &middot; {trail}" if trail else ""}</p>
{code_of(finding, places)}
{f'<p class="help">{prose(finding.help)}</p>' if finding.help else ""}
</article>
"""


def _tree(
    nodes: list[dict[str, Any]], units: list[dict[str, Any]], findings: Iterable[Diagnostic], places: Places
) -> str:
    """Return the submodules, each below the one that holds it, with marks where something was found in its code."""
    if not nodes:
        return ""
    children: dict[str, list[dict[str, Any]]] = {}
    for node in nodes[1:]:
        children.setdefault(node["name"].rpartition(".")[0], []).append(node)
    marked: dict[tuple[str, int], str] = {}
    for finding in findings:
        row = places.start(finding.span).row
        for unit in units:
            if unit["file"] == finding.span.path and unit["row"] <= row <= unit["end"]:
                key = (unit["file"], unit["row"])
                if marked.get(key) != "confirmed":
                    marked[key] = _class(verdict_of(finding))
    compiled = {(unit["file"], unit["row"]) for unit in units}

    def shown_node(node: dict[str, Any]) -> str:
        key = (node["file"], node["row"])
        state = marked.get(key) or ("compiled" if key in compiled else "unread")
        name = node["name"].rpartition(".")[2] or "the object"
        size = f"{node['parameters']:,} parameters" if node["parameters"] else ""
        label = (
            f'<i class="dot {state}" title="{state}"></i><b>{text(name)}</b> {text(node["class"])}'
            f" <small>{text(node['extra'])} {size}</small>"
        )
        below = children.get(node["name"], [])
        if not below:
            return f"<li>{label}</li>"
        inner = "".join(map(shown_node, below))
        return f"<li><details open><summary>{label}</summary><ul>{inner}</ul></details></li>"

    return f'<details class="part" open><summary>Module tree</summary><ul class="tree">{shown_node(nodes[0])}</ul></details>'


def _units(units: list[dict[str, Any]]) -> str:
    """Return what was compiled, and the call that led to it."""
    rows = []
    seen = set()
    for unit in units:
        key = (unit["file"], unit["row"], unit["name"])
        if key in seen:
            continue
        seen.add(key)
        caller = unit.get("caller")
        where = f"{text(caller[0])} <small>{text(_short(caller[1]))}:{caller[2]}</small>" if caller else "the object"
        place = f"<small>{text(_short(unit['file']))}:{unit['row']}</small>"
        rows.append(f"<tr><td>{text(unit['name'])} {place}<td>{where}")
    if not rows:
        return ""
    heads = '<th scope="col">compiled<th scope="col">because of'
    table = f"<table><thead><tr>{heads}<tbody>{''.join(rows)}</table>"
    return f'<details class="part"><summary>{plural(len(rows), "function")} compiled</summary>{table}</details>'


def _short(path: str) -> str:
    _, packages, tail = path.rpartition(f"site-packages{os.sep}")
    return tail if packages else shown(path)


def _printed(output: str) -> str:
    lines = "\n".join(line(one) for one in output.splitlines())
    return (
        f'<details class="part"><summary>Output</summary><pre tabindex="0">{lines}</pre></details>'
        if output.strip()
        else ""
    )


def _skipped(outcomes: list[Outcome]) -> str:
    def items() -> Iterator[str]:
        for one in outcomes:
            yield f"<li><b>{text(shown(one.job.target))}</b> {text(one.skipped)}"

    return f"<section><h2>Not built</h2><ul class='skipped'>{''.join(items())}</ul></section>" if outcomes else ""
