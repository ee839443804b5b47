"""The report as one page of HTML that needs nothing else: for people who would rather look than read.

Every object is a section with its module tree, what was compiled from where, and its findings in the code they are about.
The page works without its script; the script filters by verdict and by words. Everything that comes from outside is escaped.
"""

from __future__ import annotations

import html
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from importlib import resources
from typing import Any

from scriptlint.confirm.report import Report, verdict_of
from scriptlint.confirm.verdict import CONFIRMED, NOT_REACHED, REFUTED, Outcome
from scriptlint.diag import Diagnostic
from scriptlint.engine.paths import printable, shown
from scriptlint.output.places import Places
from scriptlint.output.tally import plural
from scriptlint.version import __version__

_AROUND = 3
_BAD = ("refused", "crashes", "blocked", "compiles, cannot", "compiles, differs", "differs")


def page(report: Report) -> str:
    """The page as text."""
    places = Places(report.source)
    style, script = (resources.files(__package__).joinpath(name).read_text("utf-8") for name in ("page.css", "page.js"))
    count = Counter(verdict_of(one) for one in report.findings)
    built = [one for one in report.outcomes if one.skipped is None]
    skipped = [one for one in report.outcomes if one.skipped is not None]
    tiles = "".join(
        f'<div class="tile {kind}"><b>{number}</b>{words}</div>'
        for kind, number, words in (
            ("plain", len(built), "objects asked about"),
            ("good", sum(one.script.startswith("compiles") for one in built), "compile"),
            ("confirmed", count[CONFIRMED], "findings confirmed"),
            ("refuted", count[REFUTED], "refuted"),
            ("unreached", count[NOT_REACHED], "not reached"),
            ("plain", len(skipped), "not built"),
        )
    )
    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>scriptlint confirm</title>
<style>{style}</style>
<header>
<h1>scriptlint confirm</h1>
<p>scriptlint {_text(__version__)} asked torch {_text(report.torch or "(none)")}, which took {report.seconds:.1f} s.</p>
<div class="tiles">{tiles}</div>
<div class="filters" hidden>
<input type="search" placeholder="Filter by name, code or words" aria-label="Filter">
{"".join(f'<label><input type="checkbox" value="{_class(one)}" checked> {one}</label>' for one in _VERDICTS)}
</div>
</header>
<main>
{_overview(report.outcomes)}
{"".join(_section(number, one, places) for number, one in enumerate(report.outcomes) if one.skipped is None)}
{_skipped(skipped)}
</main>
<script>{script}</script>
</html>
"""


_VERDICTS = (CONFIRMED, REFUTED, NOT_REACHED)


def _text(value: object) -> str:
    return html.escape(printable(str(value)))


def _prose(sentence: str) -> str:
    """A sentence in which code stands between backticks."""
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", _text(sentence))


def _breakable(target: str) -> str:
    """A target that may go on in the next line, but not anywhere."""
    return re.sub(r"(::|[/.(_])", r"\1<wbr>", _text(target))


def _class(verdict: str) -> str:
    return {CONFIRMED: "confirmed", REFUTED: "refuted"}.get(verdict, "unreached")


def _overview(outcomes: list[Outcome]) -> str:
    rows = "".join(
        f'<tr><td class="name"><a href="#object{number}">{_breakable(shown(one.job.target))}</a><td>{_text(one.job.origin)}'
        f"<td>{_badge(one.static if 'script' in one.job.asks else '')}<td>{_badge(one.script)}<td>{_badge(one.trace)}"
        + "".join(
            f'<td class="number {_class(verdict)}">{sum(verdict_of(f) == verdict for f in one.findings) or ""}'
            for verdict in _VERDICTS
        )
        for number, one in enumerate(outcomes)
        if one.skipped is None
    )
    titles = ("object", "arguments", "scriptlint says", "script", "trace", *_VERDICTS)
    heads = "".join(f"<th>{title}" for title in titles)
    table = f"<table class='overview'><thead><tr>{heads}<tbody>{rows}</table>"
    return f"<div class='wide'>{table}</div>" if rows else ""


def _badge(words: str) -> str:
    if not words:
        return ""
    said = words.removeprefix("trace: ")
    bad = said.startswith(_BAD) or "differs" in said
    kind = "bad" if bad else "good" if said.startswith(("compiles", "same", "ok")) else "plain"
    return f'<span class="badge {kind}">{_text(words)}</span>'


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
    listed = "".join(f"<div><dt>{name}<dd>{_text(value)}</div>" for name, value in facts if value)
    notes = "".join(f"<li>{_text(one)}" for one in [*outcome.notes, *outcome.disagreements])
    units = [unit for one in rounds for unit in one["units"]]
    return f"""<section class="object" id="object{number}">
<h2>{_text(shown(outcome.job.target))} {_badge(outcome.script)} {_badge(outcome.trace and f"trace: {outcome.trace}")}</h2>
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
    when = f'<p class="when">when {_text(finding.when)}</p>' if finding.when is not None else ""
    trail = " &rarr; ".join(_prose(step.message) for step in finding.trail)
    return f"""<article class="finding {_class(verdict)}" data-verdict="{_class(verdict)}">
<h3><span class="badge {_class(verdict)}">{_text(verdict)}</span> <code>{_text(finding.code)}</code> {_prose(finding.message)}</h3>
<p class="words">{_text(words)}</p>{when}
<p class="place">{_text(places.text(finding.span))}{f" &middot; {trail}" if trail else ""}</p>
{_code(finding, places)}
{f'<p class="help">{_prose(finding.help)}</p>' if finding.help else ""}
</article>
"""


def _code(finding: Diagnostic, places: Places) -> str:
    source = places.source(finding.span.path)
    if source is None:
        return ""
    start, end = places.start(finding.span), places.end(finding.span)
    lines = []
    for row in range(max(1, start.row - _AROUND), min(len(source.line_starts), start.row + _AROUND) + 1):
        text = source.line(row)[:400]
        if row == start.row:
            stop = end.column - 1 if end.row == row else len(text)
            parts = text[: start.column - 1], text[start.column - 1 : stop], text[stop:]
            shown_text = f"{_line(parts[0])}<mark>{_line(parts[1])}</mark>{_line(parts[2])}"
        else:
            shown_text = _line(text)
        lines.append(f'<span class="row">{row}</span>{shown_text}')
    return f"<pre>{chr(10).join(lines)}</pre>"


def _line(text: str) -> str:
    return html.escape(printable(text.replace("\t", "    ")))


def _tree(
    nodes: list[dict[str, Any]], units: list[dict[str, Any]], findings: Iterable[Diagnostic], places: Places
) -> str:
    """The submodules, each below the one that holds it, with marks where something was found in its code."""
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
            f'<i class="dot {state}" title="{state}"></i><b>{_text(name)}</b> {_text(node["class"])}'
            f" <small>{_text(node['extra'])} {size}</small>"
        )
        below = children.get(node["name"], [])
        if not below:
            return f"<li>{label}</li>"
        inner = "".join(map(shown_node, below))
        return f"<li><details open><summary>{label}</summary><ul>{inner}</ul></details></li>"

    return f'<details class="part" open><summary>Module tree</summary><ul class="tree">{shown_node(nodes[0])}</ul></details>'


def _units(units: list[dict[str, Any]]) -> str:
    """What was compiled, and the call that led to it."""
    rows = []
    seen = set()
    for unit in units:
        key = (unit["file"], unit["row"], unit["name"])
        if key in seen:
            continue
        seen.add(key)
        caller = unit.get("caller")
        where = f"{_text(caller[0])} <small>{_text(_short(caller[1]))}:{caller[2]}</small>" if caller else "the object"
        place = f"<small>{_text(_short(unit['file']))}:{unit['row']}</small>"
        rows.append(f"<tr><td>{_text(unit['name'])} {place}<td>{where}")
    if not rows:
        return ""
    table = f"<table><thead><tr><th>compiled<th>because of<tbody>{''.join(rows)}</table>"
    return f'<details class="part"><summary>{plural(len(rows), "function")} compiled</summary>{table}</details>'


def _short(path: str) -> str:
    _, packages, tail = path.rpartition(f"site-packages{os.sep}")
    return tail if packages else shown(path)


def _printed(output: str) -> str:
    lines = "\n".join(_line(one) for one in output.splitlines())
    return f'<details class="part"><summary>Output</summary><pre>{lines}</pre></details>' if output.strip() else ""


def _skipped(outcomes: list[Outcome]) -> str:
    def items() -> Iterator[str]:
        for one in outcomes:
            yield f"<li><b>{_text(shown(one.job.target))}</b> {_text(one.skipped)}"

    return f"<section><h2>Not built</h2><ul class='skipped'>{''.join(items())}</ul></section>" if outcomes else ""
