"""An answer held against the findings: each is confirmed, refuted or not reached; the rest was unforeseen.

A refusal confirms a finding when it names a place that the finding covers in words that the finding's rule knows, or when
it underlines the very place where the finding begins. A finding is refuted when the compiler accepts the object that it
is about with the finding's unit in it. Everything else is not reached: it stands behind another refusal in the same
unit, in a unit that was put aside, or under a condition.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from scriptlint.confirm import trouble
from scriptlint.confirm.plan import Job
from scriptlint.confirm.rules import UNFORESEEN_DIFFERENCE, UNFORESEEN_REFUSAL
from scriptlint.diag import Confirmation, Diagnostic, Report, Rule, Severity, Span, Target
from scriptlint.diag.messages import Place, cut, read
from scriptlint.engine.fates import Fate
from scriptlint.engine.paths import shown
from scriptlint.engine.settle import once
from scriptlint.text import SourceFile

CONFIRMED, REFUTED, NOT_REACHED = "confirmed", "refuted", "not reached"
Sources = Callable[[str], SourceFile]


@dataclass(eq=False)
class Outcome:
    """What became of a job.

    `script` and `trace` are one word or a few: `compiles`, `refused`, `faithful`, `differs`, empty where nothing was
    asked. `skipped` is why nothing could be built. `disagreements` are those between scriptlint and torch.
    """

    job: Job
    answer: dict[str, Any]
    static: str
    findings: list[Diagnostic] = field(default_factory=list)
    script: str = ""
    trace: str = ""
    skipped: str | None = None
    notes: list[str] = field(default_factory=list)
    disagreements: list[str] = field(default_factory=list)


def static_verdict(fate: Fate | None) -> str:
    """Return what scriptlint says of scripting: ok, blocked, depends or unknown."""
    if fate is None:
        return "unknown"
    errors = [one for one in fate.script if one.severity == Severity.ERROR.value]
    if any(one.when is None for one in errors):
        return "blocked"
    conditional = [one for one in fate.script if one.when is not None]
    return "depends" if conditional else "unknown" if fate.unseen else "ok"


def judge(job: Job, answer: dict[str, Any], rules: dict[str, Rule], sources: Sources) -> Outcome:
    """Return the outcome of a job."""
    outcome = Outcome(job, answer, static_verdict(job.fate))
    outcome.skipped = trouble.reason(job, answer)
    fate = job.fate
    found = once([*fate.script, *fate.trace]) if fate is not None else []
    asked = [one for one in found if one.target in job.asks]
    held = _Held(job, asked, rules, sources)
    if outcome.skipped is None:
        if "script" in job.asks:
            _script(held, answer, outcome)
        if "trace" in job.asks:
            _trace(held, answer, outcome)
        outcome.notes += trouble.notes(answer)
    outcome.findings = held.settled()
    outcome.disagreements += [
        f"{one.code} {one.name} is refuted" for one in outcome.findings if _verdict(one) == REFUTED
    ]
    return outcome


def _verdict(finding: Diagnostic) -> str:
    return finding.confirmation.verdict if finding.confirmation is not None else ""


class _Held:
    """The findings about one object, and what is known of each by now."""

    def __init__(self, job: Job, findings: list[Diagnostic], rules: dict[str, Rule], sources: Sources) -> None:
        self.job = job
        self.findings = findings
        self.rules = rules
        self.unforeseen = Report()
        self._sources = sources
        self._said: dict[int, Confirmation] = {}

    def say(self, finding: Diagnostic, verdict: str, words: str) -> None:
        """Settles a finding; what was said first holds."""
        self._said.setdefault(id(finding), Confirmation(verdict, cut(words, 300)))

    def open(self, target: Target) -> list[Diagnostic]:
        """Return the findings about which nothing is known."""
        return [one for one in self.findings if one.target == target.value and id(one) not in self._said]

    def settled(self) -> list[Diagnostic]:
        """Return all findings with their confirmations, and what nobody foresaw."""
        known = [
            msgspec.structs.replace(
                one, confirmation=self._said.get(id(one), Confirmation(NOT_REACHED, "the object could not be built"))
            )
            for one in self.findings
        ]
        new = [
            msgspec.structs.replace(one, confirmation=Confirmation(CONFIRMED, "this is what torch itself says"))
            for one in self.unforeseen.diagnostics
        ]
        return [*known, *once(new)]

    def covers(self, finding: Diagnostic, place: Place) -> bool:
        """Return True if a place lies in the rows of a finding."""
        first, last = self.rows(finding.span)
        return finding.span.path == place.path and first <= place.row <= last

    def rows(self, span: Span) -> tuple[int, int]:
        """Return the first and the last row of a span."""
        source = self._sources(span.path)
        return source.location(span.start).row, source.location(max(span.end - 1, span.start)).row

    def text(self, span: Span) -> str:
        """Return what a span holds."""
        return self._sources(span.path).text[span.start : span.end]

    def begins(self, finding: Diagnostic, place: Place, column: int | None) -> bool:
        """Return True if a finding begins at this row and column."""
        if finding.span.path != place.path:
            return False
        begins = self._sources(place.path).location(finding.span.start)
        return (begins.row, begins.column) == (place.row, column)

    def span(self, place: Place, column: int | None, length: int) -> Span:
        """Return the span that the compiler underlines; all of the row where it does not underline."""
        try:
            source = self._sources(place.path)
        except Exception:
            return self.job.span or Span(self.job.filename, 0, 0)
        line = source.line(place.row)
        first = (column or len(line) - len(line.lstrip()) + 1) - 1
        start = source.line_starts[min(place.row, len(source.line_starts)) - 1] + first
        return Span(place.path, start, start + max(min(length or len(line) - first, len(line) - first), 1))


# torch.jit.script


def _script(held: _Held, answer: dict[str, Any], outcome: Outcome) -> None:
    rounds = answer.get("rounds") or []
    if not rounds and answer["stage"] == "script" and answer["end"] != "done":
        rounds = [{"refusal": None, "units": [], "crash": answer["end"], "stubbed": None}]
    if not rounds:
        outcome.script = "no answer"
        return
    first = rounds[0]
    outcome.script = "crashes" if first.get("crash") else "refused" if first["refusal"] is not None else "compiles"
    sure = True
    for number, one in enumerate(rounds):
        refusal = one["refusal"]
        if one.get("crash"):
            _crash(held, one["crash"], "torch.jit.script", outcome)
            break
        if refusal is None:
            break
        matched = _matching(held, refusal, one)
        if matched is not None:
            held.say(matched, CONFIRMED, _headline(refusal))
        elif sure:
            _unforeseen(held, refusal, "torch.jit.script")
            if number == 0 and outcome.static == "ok":
                outcome.disagreements.append("torch.jit.script refuses what scriptlint found nothing against")
        # What a unit returns that was put aside is a guess: what is refused after it may be the guess's fault.
        failing = one.get("failing")
        sure = sure and not any(
            unit.get("guessed") for unit in one["units"] if [unit["file"], unit["row"], unit["name"]] == failing
        )
    last = rounds[-1]
    accepted = last["refusal"] is None and not last.get("crash")
    stubs = [one["stubbed"] for one in rounds if one.get("stubbed")]
    stubbed = [one["unit"] for one in stubs]
    exact = sure and not any(one["level"] for one in stubs)
    for finding in held.open(Target.SCRIPT):
        if finding.severity == Severity.ERROR.value or finding.when is not None:
            _remaining(held, finding, last["units"], stubbed, accepted=accepted, exact=exact)
    _saved(held, answer.get("save"), outcome)
    _ran(held, answer.get("run"), outcome)
    for finding in held.open(Target.SCRIPT):
        held.say(finding, NOT_REACHED, "nothing was run that shows it")


def _crash(held: _Held, how: str, compiler: str, outcome: Outcome) -> None:
    words = f"it does not survive this ({trouble.death(how)})"
    span = held.job.span or Span(held.job.filename, 0, 0)
    held.unforeseen.report(UNFORESEEN_REFUSAL, span, compiler=compiler, words=words)
    if compiler == "torch.jit.script" and outcome.static == "ok":
        outcome.disagreements.append("the compiler dies of what scriptlint found nothing against")


def _matching(held: _Held, refusal: dict[str, Any], one: dict[str, Any]) -> Diagnostic | None:
    """Return the finding that foresaw a refusal."""
    message = read(refusal["message"])
    words = f"{refusal['error']}: {message.words}"
    findings = [
        finding
        for finding in held.findings
        if finding.target == Target.SCRIPT.value and (finding.severity == Severity.ERROR.value or finding.when)
    ]
    known = [finding for finding in findings if _knows(held.rules[finding.code], words)]
    column, _ = _caret(refusal["message"])
    frames = [Place(file, row) for file, row in reversed(refusal["frames"])]
    for number, place in enumerate([*message.places, *frames]):
        exact = [finding for finding in findings if number == 0 and held.begins(finding, place, column)]
        there = [finding for finding in known if held.covers(finding, place)]
        best = [finding for finding in there if finding in exact] or there or exact
        if best:
            return best[0]
    called = _calling(held, findings, one)
    if called is not None:
        return called
    if message.places and not all(held.job.filename != place.path for place in message.places):
        return None
    # Without a place of the user's, the words and the unit must do.
    failing = one.get("failing")
    for finding in known:
        first, _ = held.rows(finding.span)
        inside = [
            unit for unit in one["units"] if unit["file"] == finding.span.path and unit["row"] <= first <= unit["end"]
        ]
        if failing is None or not inside or any([u["file"], u["row"], u["name"]] == failing for u in inside):
            return finding
    return None


def _calling(held: _Held, findings: list[Diagnostic], one: dict[str, Any]) -> Diagnostic | None:
    """Return the finding that a function cannot be called, where the compiler stops somewhere inside of that function."""
    units = {(unit["file"], unit["row"], unit["name"]): unit for unit in one["units"]}
    failing = units.get(tuple(one.get("failing") or ()))
    if failing is None or failing["caller"] is None:
        return None
    _, path, row = failing["caller"]
    name = failing["name"].rpartition(".")[2]
    for finding in findings:
        if held.covers(finding, Place(path, row)) and re.search(rf"\b{re.escape(name)}$", held.text(finding.span)):
            return finding
    return None


def _knows(rule: Rule, words: str) -> bool:
    return rule.compiler is not None and re.search(rule.compiler, words, re.S) is not None


def _caret(message: str) -> tuple[int | None, int]:
    """Return the column (from 1) and the length of what is underlined first."""
    marked = re.search(r"^( *)(~+)", message, re.M)
    return (len(marked[1]) + 1, len(marked[2])) if marked else (None, 0)


def _unforeseen(held: _Held, refusal: dict[str, Any], compiler: str) -> None:
    message = read(refusal["message"])
    frames = [Place(file, row) for file, row in reversed(refusal["frames"])]
    # The compiler may stop in a file of torch: the place in the user's code that leads there says more.
    own = [one for one in [*message.places, *frames] if held.job.owns(one.path)]
    headline = _headline(refusal)
    if not own:
        span = held.job.span or Span(held.job.filename, 0, 0)
    elif message.places[:1] == (own[0],):
        span = held.span(own[0], *_caret(refusal["message"]))
    else:
        span = held.span(own[0], None, 0)
    held.unforeseen.report(UNFORESEEN_REFUSAL, span, compiler=compiler, words=headline)


def _headline(refusal: dict[str, Any]) -> str:
    """Return the words of a message that say what is wrong, on one line."""
    words = [line.strip() for line in read(refusal["message"]).words.splitlines() if line.strip()]
    said = re.sub(r" ?\(of Python compilation unit at: 0x\w+\)", "", " ".join(words[:2]))
    said = cut(said, 200).rstrip(": ") or "no reason given"
    return said if refusal["error"] == "RuntimeError" else f"{refusal['error']}: {said}"


def _remaining(
    held: _Held, finding: Diagnostic, units: list[dict[str, Any]], stubbed: list[Any], *, accepted: bool, exact: bool
) -> None:
    """What is to be said of a finding that no refusal was about.

    `exact` says that what was put aside still takes and returns what it did: otherwise it may be why torch accepts a call.
    """
    first, _ = held.rows(finding.span)
    inside = [one for one in units if one["file"] == finding.span.path and one["row"] <= first <= one["end"]]
    aside = any([one["file"], one["row"], one["name"]] in stubbed for one in inside)
    untold = any(one.get("failed") for one in inside)
    if not accepted:
        held.say(finding, NOT_REACHED, "the compiler stops before it comes here")
    elif aside:
        held.say(finding, NOT_REACHED, "the compiler stops at another place of the same function")
    elif untold:
        held.say(finding, NOT_REACHED, "this is refused, but nothing that is compiled uses it")
    elif finding.when is not None:
        held.say(finding, NOT_REACHED, "the object that was built compiles; others may not")
    elif not exact:
        held.say(finding, NOT_REACHED, "torch accepts this now that other functions are put aside, which may be why")
    elif inside or not stubbed:
        held.say(finding, REFUTED, "torch.jit.script compiles this")
    else:
        held.say(finding, NOT_REACHED, "what leads here was put aside")


def _saved(held: _Held, save: dict[str, Any] | None, outcome: Outcome) -> None:
    if save is None:
        return
    about = [one for one in held.open(Target.SCRIPT) if held.rules[one.code].compiler is not None]
    if save["refusal"] is None:
        for finding in about:
            if finding.when is None:
                held.say(finding, REFUTED, "this can be saved and loaded again")
        return
    outcome.script = "compiles, cannot be saved"
    words = read(save["refusal"]["message"]).words
    known = [one for one in about if _knows(held.rules[one.code], words)]
    for finding in known[:1]:
        held.say(finding, CONFIRMED, _headline(save["refusal"]))
    if not known:
        _unforeseen(held, save["refusal"], "torch.jit.save")


def _ran(held: _Held, run: dict[str, Any] | None, outcome: Outcome) -> None:
    if run is None:
        return
    if run["eager"] is not None:
        outcome.notes.append(f"the model itself fails on these inputs: {run['eager']}")
        return
    if run.get("random"):
        outcome.notes.append("the model gives something else each time, so results are not compared")
        return
    how = (run["scripted"] and f"it raises {run['scripted']}") or (
        run["differs"] and f"results differ: {run['differs']}"
    )
    if not how:
        outcome.script = outcome.script.replace("compiles", "compiles, runs the same")
        return
    outcome.script = outcome.script.replace("compiles", "compiles, differs")
    about = [one for one in held.open(Target.SCRIPT) if held.rules[one.code].compiler is None]
    if len(about) == 1:
        held.say(about[0], CONFIRMED, f"compiled, {how}")
    elif not about:
        span = held.job.span or Span(held.job.filename, 0, 0)
        held.unforeseen.report(UNFORESEEN_DIFFERENCE, span, compiler="torch.jit.script", words=how)
    for finding in about[1:] and about:
        held.say(finding, NOT_REACHED, f"compiled, {how}; which of {len(about)} findings that is cannot be told")


# torch.jit.trace


def _trace(held: _Held, answer: dict[str, Any], outcome: Outcome) -> None:
    trace = answer.get("trace")
    if trace is None or trace.get("eager") is not None:
        why = "no inputs are known" if trace is None else f"the model fails on its inputs: {trace['eager']}"
        if answer.get("trace crash", "").startswith("signal"):
            _crash(held, answer["trace crash"], "torch.jit.trace", outcome)
        if "trace crash" in answer:
            why = f"tracing ended early ({trouble.death(answer['trace crash'])})"
        elif outcome.answer.get("end") != "done":
            why = "it was not traced"
        outcome.trace = "" if trace is None and "trace crash" not in answer else "not traced"
        if trace is not None:
            outcome.notes.append(why)
        for finding in held.open(Target.TRACE):
            held.say(finding, NOT_REACHED, why)
        return
    if trace["refusal"] is not None:
        _trace_refused(held, trace["refusal"], outcome)
        if not trace["relaxed"]:
            for finding in held.open(Target.TRACE):
                held.say(finding, NOT_REACHED, "tracing stops before it comes here")
            return
    _warned(held, trace["warnings"], outcome)
    # A trace keeps the mode in which it was made, as everybody who exports a model expects.
    of_mode = [one for one in trace["divergences"] if one["on"] == "training mode"]
    divergences = [f"{one['detail']} ({one['on']})" for one in trace["divergences"] if one not in of_mode]
    for finding in held.open(Target.TRACE):
        first, last = held.rows(finding.span)
        ran = any(first <= row <= last for row in trace["executed"].get(finding.span.path, ()))
        silent = held.rules[finding.code].compiler is None or "torch does not warn" in finding.message
        if not ran:
            held.say(finding, NOT_REACHED, "the example does not lead here")
        elif (
            not divergences
            and not trace["warnings"]  # one that came before may be why torch is silent here
            and not silent
            and finding.when is None
            and finding.severity != Severity.NOTE.value
        ):
            held.say(finding, REFUTED, f"torch does not warn, and the trace is right on {_count(trace['tried'])}")
    _diverged(held, divergences)
    for finding in held.open(Target.TRACE):
        held.say(finding, NOT_REACHED, f"no difference was seen on {_count(trace['tried'])}")
    same = "same, with warnings" if trace["warnings"] else "same"
    found = "differs" if divergences else f"{same}, not in training mode" if of_mode else same
    if trace.get("random"):
        found = "not compared"
        outcome.notes.append("the model gives something else each time, so its trace is not compared")
    outcome.trace = found if trace["refusal"] is None else f"refused; with strict=False: {found}"
    outcome.notes += [f"traced, {one}" for one in divergences[:3]]


def _count(tried: list[str]) -> str:
    return f"{len(tried)} variation{'s' * (len(tried) != 1)} of its inputs"


def _trace_refused(held: _Held, refusal: dict[str, Any], outcome: Outcome) -> None:
    outcome.trace = "refused"
    message = read(refusal["message"])
    places = [Place(file, row) for file, row in reversed(refusal["frames"])]
    for finding in held.open(Target.TRACE):
        known = _knows(held.rules[finding.code], f"{refusal['error']}: {message.words}")
        if known and (not places or any(held.covers(finding, place) for place in places)):
            held.say(finding, CONFIRMED, _headline(refusal))
            break
    else:
        _unforeseen(held, refusal, "torch.jit.trace")


def _warned(held: _Held, warnings: list[dict[str, Any]], outcome: Outcome) -> None:
    """Confirms what the tracer warns of, and reports what else it warns of in the user's code."""
    inside: set[str] = set()
    every = [one for one in held.findings if one.target == Target.TRACE.value]
    for warning in warnings:
        place = Place(warning["file"], warning["row"])
        there = [one for one in every if held.covers(one, place)]
        known = [one for one in there if _knows(held.rules[one.code], warning["message"])]
        for finding in known or there:
            held.say(finding, CONFIRMED, f"torch warns here: {_sentence(warning['message'])}")
        if not there and warning["inside"] is not None:
            inside.add(os.path.basename(warning["inside"]))
        elif not there and held.job.owns(place.path):
            span = held.span(place, None, 0)
            words = f"it warns: {_sentence(warning['message'])}"
            held.unforeseen.report(UNFORESEEN_DIFFERENCE, span, compiler="torch.jit.trace", words=words)
    if inside:
        outcome.notes.append(f"traced, torch warns of its own code ({', '.join(sorted(inside))})")


def _sentence(words: str) -> str:
    return cut(words.partition(". ")[0], 200)


def _diverged(held: _Held, divergences: list[str]) -> None:
    if not divergences:
        return
    about = held.open(Target.TRACE)
    explained = len(about) < len([one for one in held.findings if one.target == Target.TRACE.value])
    if len(about) == 1 and not explained:
        held.say(about[0], CONFIRMED, f"traced, {divergences[0]}")
    elif not about and not explained and not held.unforeseen.diagnostics:
        span = held.job.span or Span(held.job.filename, 0, 0)
        held.unforeseen.report(UNFORESEEN_DIFFERENCE, span, compiler="torch.jit.trace", words=divergences[0])
    for finding in about:
        held.say(finding, NOT_REACHED, f"traced, {divergences[0]}; whether this is why cannot be told")


def describe(job: Job) -> str:
    """Return a job as people are told of it."""
    return job.target if "::" in job.target or ":" in job.target else shown(job.target)
