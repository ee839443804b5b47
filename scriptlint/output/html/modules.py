"""The page of `scriptlint modules`: what blocks most modules, then every module of every file with what stands behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from scriptlint.engine.paths import shown
from scriptlint.output.html.parts import breakable, document, filters, prose, rule_link, rules, table, text, tiles
from scriptlint.output.ranking import Rank, by_place, by_rule
from scriptlint.output.verdicts import Reason, Verdict, summary
from scriptlint.version import __version__

_SCRIPT = ("ok", "depends", "blocked", "unknown")
_TRACE = ("faithful", "erases", "refused", "depends", "unknown")
_KINDS = {"ok": "good", "faithful": "good", "blocked": "error", "refused": "error", "unknown": "plain"}
_PLACES = 50  # places of the ranking that are shown


def page(verdicts: Sequence[Verdict]) -> str:
    """Return the page."""
    script = Counter(one.script_verdict for one in verdicts)
    trace = Counter(one.trace_verdict for one in verdicts)
    counts = [(_kind(word), script[word], f"script: {word}") for word in _SCRIPT if script[word]]
    counts += [(_kind(word), trace[word], f"trace: {word}") for word in _TRACE if trace[word]]
    header = "\n".join(
        (
            "<h1>scriptlint modules</h1>",
            f"<p>scriptlint {text(__version__)}. {text(summary(verdicts))}</p>",
            tiles(counts),
            filters((word, f"script: {word}") for word in _SCRIPT if script[word]),
        )
    )
    sections = "".join(
        f'<section class="object"><h2>{breakable(shown(path))}</h2>{"".join(map(_module, group))}</section>'
        for path, group in groupby(verdicts, key=lambda one: one.filename)
    )
    codes = {reason.code for one in verdicts for reason in (*one.blockers, *one.hazards)}
    return document("scriptlint modules", header, f"{_rankings(verdicts)}{sections}{rules(codes)}")


def _kind(word: str) -> str:
    return _KINDS.get(word, "warning")


def _badge(what: str, word: str) -> str:
    return f'<span class="badge {_kind(word)}">{what}: {word}</span>'


def _rankings(verdicts: Sequence[Verdict]) -> str:
    from scriptlint.engine.registry import all_rules

    known = all_rules()
    counts = ("blocked", "alone", "depends")
    of_rules = table(
        ("rule", "name", *counts),
        (
            (
                rule_link(one.reason.code),
                text(known[one.reason.code].name if one.reason.code in known else ""),
                *_counts(one),
            )
            for one in by_rule(verdicts)
        ),
    )
    of_places = table(
        ("place", "rule", "what is found", *counts),
        (
            (breakable(_place(one.reason)), rule_link(one.reason.code), prose(one.reason.message), *_counts(one))
            for one in by_place(verdicts)[:_PLACES]
        ),
    )
    of_files = table(("file", "modules", *(f"script: {word}" for word in _SCRIPT)), _files(verdicts))
    if not of_rules:
        return f"<section><h2>Files</h2>{of_files}</section>" if of_files else ""
    return f"""<section><h2>What blocks most modules</h2>
<p><i>Alone</i> counts the modules that nothing else blocks: mend it, and they compile.</p>
<h3>By rule</h3>{of_rules}<h3>By place</h3>{of_places}<h3>By file</h3>{of_files}</section>
"""


def _files(verdicts: Sequence[Verdict]) -> list[tuple[str, ...]]:
    """Return a row for each file, the one with most modules that do not compile first."""
    counts: dict[str, Counter[str]] = {}
    for one in verdicts:
        counts.setdefault(one.filename, Counter())[one.script_verdict] += 1
    ordered = sorted(counts.items(), key=lambda item: (-item[1]["blocked"], -item[1]["depends"], item[0]))
    return [(breakable(shown(path)), str(of.total()), *(str(of[word]) for word in _SCRIPT)) for path, of in ordered]


def _counts(rank: Rank) -> tuple[str, ...]:
    return str(rank.blocked), str(rank.alone), str(rank.depends)


def _place(reason: Reason) -> str:
    return f"{shown(reason.filename)}:{reason.location}"


def _module(verdict: Verdict) -> str:
    name = verdict.target.partition("::")[2] if verdict.target is not None else verdict.qualified_name
    return f"""<article class="finding {_kind(verdict.script_verdict)}" data-verdict="{verdict.script_verdict}">
<h3>{breakable(name)} {_badge("script", verdict.script_verdict)} {_badge("trace", verdict.trace_verdict)}</h3>
<p class="place">{text(shown(verdict.filename))}:{text(verdict.location)}</p>
{"".join(_behind(verdict))}
</article>
"""


def _behind(verdict: Verdict) -> Iterator[str]:
    for title, reasons in (("Script", verdict.blockers), ("Trace", verdict.hazards)):
        listed = dict.fromkeys(_reason(one) for one in reasons)
        if listed:
            yield f'<details class="part"><summary>{title}: {len(listed)} found</summary><ul>{"".join(listed)}</ul></details>'
    for title, names in (
        ("Could not be seen for script", verdict.unseen),
        ("Could not be seen for trace", verdict.untraced),
        ("Assuming", verdict.assuming),
    ):
        if names:
            items = "".join(f"<li>{prose(one)}" for one in names)
            yield f'<details class="part"><summary>{title}: {len(names)}</summary><ul>{items}</ul></details>'


def _reason(reason: Reason) -> str:
    when = f" (when {prose(reason.when)})" if reason.when is not None else ""
    return f"<li>{rule_link(reason.code)} {prose(reason.message)}{when} <small>{breakable(_place(reason))}</small>"
