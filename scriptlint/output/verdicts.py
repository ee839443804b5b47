"""The fate of modules: the table of `scriptlint modules` and its JSON, which scripts depend on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from scriptlint.engine.paths import printable, shown
from scriptlint.output.json_format import encode, location
from scriptlint.output.paint import Paint
from scriptlint.output.tally import plural
from scriptlint.text import Location

_STYLE = {"ok": "good", "faithful": "good", "unknown": "faint", "blocked": "error", "refused": "error"}


class Reason(Protocol):
    """A blocker or a hazard."""

    @property
    def code(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def filename(self) -> str: ...
    @property
    def location(self) -> Location: ...
    @property
    def when(self) -> str | None: ...


class Verdict(Protocol):
    """What becomes of one class, or of the object or function that `target` names."""

    @property
    def filename(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def qualified_name(self) -> str: ...
    @property
    def location(self) -> Location: ...
    @property
    def end_location(self) -> Location: ...
    @property
    def script_verdict(self) -> str: ...
    @property
    def blockers(self) -> Sequence[Reason]: ...
    @property
    def unseen(self) -> Sequence[str]: ...
    @property
    def trace_verdict(self) -> str: ...
    @property
    def hazards(self) -> Sequence[Reason]: ...
    @property
    def untraced(self) -> Sequence[str]: ...
    @property
    def assuming(self) -> Sequence[str]: ...
    @property
    def target(self) -> str | None: ...


def verdicts_json(verdicts: Sequence[Verdict]) -> str:
    """Return the contract's object; `target` is there only where one was given."""
    return encode({"version": 1, "modules": [_one(verdict) for verdict in verdicts]})


def verdicts_table(verdicts: Sequence[Verdict], paint: Paint, reasons: bool = False) -> Iterator[str]:
    """Yield the modules under the names of their files, then how many of them fare how.

    What stands behind a verdict is listed under it with `reasons`, and where the verdict is about a single target.
    """
    longest = max((len(_name(one)) for one in verdicts), default=0)
    rows = max((len(_row(one)) for one in verdicts), default=0)
    script = [_fate(one.script_verdict, one.blockers, one.unseen) for one in verdicts]
    widest = max(map(len, script), default=0)
    file = None
    for one, fate in zip(verdicts, script, strict=True):
        if one.filename != file:
            file = one.filename
            yield paint(printable(shown(file)), "strong")
        scripted = paint(fate, _style(one.script_verdict)) + " " * (widest - len(fate))
        traced = paint(_fate(one.trace_verdict, one.hazards, one.untraced), _style(one.trace_verdict))
        yield f"  {_row(one):>{rows}}  {_name(one):<{longest}}  script: {scripted}  trace: {traced}"
        if reasons or one.target is not None:
            indent = " " * (rows + 4)
            yield from (indent + line for line in _reasons(one, paint))
    yield summary(verdicts)


def _reasons(verdict: Verdict, paint: Paint) -> Iterator[str]:
    listed: set[tuple[str, str, Location]] = set()
    for reason in (*verdict.blockers, *verdict.hazards):
        key = (reason.code, reason.filename, reason.location)
        if key not in listed:  # what only one of two ways of building meets is a finding for each
            listed.add(key)
            place = paint(f"{printable(shown(reason.filename))}:{reason.location}", "faint")
            when = "" if reason.when is None else f" (when {printable(reason.when)})"
            yield f"{place}  {paint(reason.code, 'strong')}  {printable(reason.message)}{when}"
    for fate, verdict_word, unseen in (
        ("script", verdict.script_verdict, verdict.unseen),
        ("trace", verdict.trace_verdict, verdict.untraced),
    ):
        if verdict_word == "unknown" and len(unseen) > 1:  # a single one stands in the line itself
            yield paint(f"{fate}: could not be seen: {printable(', '.join(unseen))}", "faint")
    if verdict.assuming:
        yield paint(f"assuming {printable(', '.join(verdict.assuming))}", "faint")


def summary(verdicts: Sequence[Verdict]) -> str:
    """Return how many modules fare how."""
    fates = [one.script_verdict for one in verdicts]
    counts = [f"{fates.count(fate)} {fate}" for fate in ("ok", "depends", "blocked", "unknown") if fate in fates]
    traced = [one.trace_verdict for one in verdicts]
    counts_traced = [
        f"{traced.count(fate)} {fate}"
        for fate in ("faithful", "depends", "erases", "refused", "unknown")
        if fate in traced
    ]
    if not verdicts:
        return "No nn.Module classes found."
    return f"{plural(len(verdicts), 'module')}. script: {', '.join(counts)}; trace: {', '.join(counts_traced)}."


def _row(verdict: Verdict) -> str:
    """Return where a class begins in its file: `row`, in a notebook `cell number:row`."""
    return str(verdict.location).rpartition(":")[0]


def _name(verdict: Verdict) -> str:
    return printable(verdict.target.partition("::")[2] if verdict.target is not None else verdict.qualified_name)


def _fate(fate: str, reasons: Sequence[Reason], unseen: Sequence[str]) -> str:
    if fate == "unknown" and unseen:
        first = printable(unseen[0] if "`" in unseen[0] else f"`{unseen[0]}`")
        return f"{fate} ({first}{f' and {len(unseen) - 1} more' * (len(unseen) > 1)})"
    codes = list(dict.fromkeys(reason.code for reason in reasons))
    if not codes:
        return fate
    more = "" if len(codes) <= 4 else f" and {len(codes) - 4} more"
    return f"{fate} ({', '.join(codes[:4])}{more})"


def _style(fate: str) -> str:
    return _STYLE.get(fate, "warning")


def _one(verdict: Verdict) -> dict[str, object]:
    entry: dict[str, object] = {
        "filename": shown(verdict.filename),
        "name": verdict.name,
        "qualified_name": verdict.qualified_name,
        "location": location(verdict.location),
        "end_location": location(verdict.end_location),
        "script": {
            "verdict": verdict.script_verdict,
            "blockers": [_reason(one) for one in verdict.blockers],
            "unseen": list(verdict.unseen),
        },
        "trace": {
            "verdict": verdict.trace_verdict,
            "hazards": [_reason(one) for one in verdict.hazards],
            "unseen": list(verdict.untraced),
        },
        "assuming": list(verdict.assuming),
    }
    if verdict.target is not None:
        entry["target"] = verdict.target
    return entry


def _reason(reason: Reason) -> dict[str, object]:
    return {
        "code": reason.code,
        "message": reason.message,
        "filename": shown(reason.filename),
        "location": location(reason.location),
        "when": reason.when,
    }
