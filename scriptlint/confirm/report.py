"""A whole run: targets are planned, run and judged, and their findings merged."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from scriptlint.confirm import runner
from scriptlint.confirm.minimal import reduced
from scriptlint.confirm.plan import Job, Planner, file_of
from scriptlint.confirm.runner import How
from scriptlint.confirm.verdict import CONFIRMED, NOT_REACHED, REFUTED, Outcome, judge
from scriptlint.diag import Confirmation, Diagnostic, Severity
from scriptlint.engine import pipeline
from scriptlint.engine.discover import discover
from scriptlint.engine.environment import interpreter, site_packages
from scriptlint.engine.paths import shown
from scriptlint.engine.registry import all_rules
from scriptlint.engine.rules import FAILURES
from scriptlint.engine.settings import Finder, Settings
from scriptlint.engine.settle import settle
from scriptlint.engine.sizes import size
from scriptlint.text import SourceFile
from scriptlint.version import __version__

REPORTS = 3  # files that one run makes for reports, each for another rule
_RANK = {CONFIRMED: 0, REFUTED: 1, NOT_REACHED: 2}
Progress = Callable[[int, int, str], None]


@dataclass
class Options:
    """What the command line says; None leaves a limit to the settings."""

    jobs: int = 0
    timeout: float | None = None
    memory: str | None = None
    network: bool = False
    guess: bool = False
    first: bool = False
    tree: bool = False
    cache: bool = True
    executor: Executor | None = None


@dataclass
class Report:
    """What became of everything: `findings` are merged over all objects, settled, and ready to be printed."""

    outcomes: list[Outcome] = field(default_factory=list)
    findings: list[Diagnostic] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    torch: str = ""
    seconds: float = 0.0
    texts: dict[str, Callable[[str], SourceFile]] = field(default_factory=dict)
    reports: list[str] = field(default_factory=list)

    def source(self, path: str) -> SourceFile:
        """The text of a file in which something was found; as it was read, though it may have changed since."""
        reader = self.texts.get(path) or next(iter(self.texts.values()))
        return reader(path)

    @property
    def disagreements(self) -> list[tuple[Outcome, str]]:
        """Where scriptlint and torch say different things."""
        kept = {(one.code, one.span) for one in self.findings}
        return [
            (outcome, said)
            for outcome in self.outcomes
            for said in outcome.disagreements
            if "is refuted" not in said or any((one.code, one.span) in kept for one in refuted(outcome.findings))
        ]

    @property
    def failed(self) -> bool:
        """Whether the tool could not do all of its work."""
        return bool(self.problems) or any(one.code in FAILURES for one in self.findings)

    @property
    def found(self) -> bool:
        """Whether there are findings that count."""
        return any(one.severity != Severity.NOTE.value and verdict_of(one) != REFUTED for one in self.findings)


def verdict_of(finding: Diagnostic) -> str:
    """The verdict on a finding; empty where torch was not asked."""
    return finding.confirmation.verdict if finding.confirmation is not None else ""


def refuted(findings: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The findings that torch refutes."""
    return [one for one in findings if verdict_of(one) == REFUTED]


def confirm(targets: Sequence[str], finder: Finder, options: Options, progress: Progress) -> Report:
    """Asks torch about everything that the targets name.

    Raises CannotRun where there is no torch to ask, and what settings and snapshots raise.
    """
    started = time.monotonic()
    report = Report()
    for settings, files, objects in _grouped(targets, finder, report.problems):
        _group(settings, files, objects, options, progress, report)
    report.seconds = time.monotonic() - started
    return report


def _grouped(
    targets: Sequence[str], finder: Finder, problems: list[str]
) -> list[tuple[Settings, list[str], dict[str, str]]]:
    """The files and the objects (with their files) under the settings that govern them."""
    paths = [one for one in targets if not _names_object(one)]
    found = discover(paths, finder)
    problems += found.problems
    groups: dict[int, tuple[Settings, list[str], dict[str, str]]] = {}
    for settings, files in found.groups():
        groups[id(settings)] = (settings, files, {})
    for target in targets:
        if not _names_object(target):
            continue
        here = finder.of(os.getcwd())
        root = Path(here.root or os.getcwd())
        packages = site_packages(here.python, here.root)
        path = file_of(target, [Path.cwd(), root, root / "src", *packages])
        if path is None:
            name = target.partition("::" if "::" in target else ":")[0]
            problems.append(f"{target}: there is no {'file' if '::' in target else 'module'} `{name}`")
            continue
        settings = finder.of(os.path.dirname(path)) if "::" in target else here
        groups.setdefault(id(settings), (settings, [], {}))[2][target] = path
    return list(groups.values())


def _names_object(target: str) -> bool:
    return "::" in target or (":" in target and not os.path.exists(target))


def _group(
    settings: Settings,
    files: list[str],
    objects: dict[str, str],
    options: Options,
    progress: Progress,
    report: Report,
) -> None:
    paths = list(dict.fromkeys([*files, *objects.values()]))
    session = pipeline.session(paths, settings, cache=options.cache, jobs=options.jobs, progress=progress)
    planner = Planner(session, settings)
    jobs = [job for path in files for job in planner.file(path)]
    jobs += [planner.target(target, path) for target, path in objects.items()]
    report.texts.update(dict.fromkeys(paths, session.sources))

    def rows(span: Any) -> tuple[int, int]:
        source = session.sources(span.path)
        return source.location(span.start).row, source.location(max(span.end - 1, span.start)).row

    requests = [one.request(guess=options.guess, first=options.first, tree=options.tree, rows=rows) for one in jobs]
    outcomes = _outcomes(jobs, requests, how(settings, options), options, progress, planner, session)
    report.outcomes += outcomes
    report.torch = next((one.answer["torch"] for one in outcomes if one.answer.get("torch")), report.torch)
    raw = [*session.failures, *(finding for one in outcomes for finding in one.findings)]
    report.texts.update({one.span.path: session.sources for one in raw if one.span.path not in report.texts})
    comments = {path: module.comments for path, module in session.modules.items()}
    report.reports += _reports(outcomes, settings, how(settings, options), options)
    report.findings += settle(
        merged(raw),
        settings_of=lambda _: settings,
        sources=session.sources,
        comments=lambda path: comments.get(path, []),
        linted=(),
    )


def _reports(outcomes: list[Outcome], settings: Settings, how: How, options: Options) -> list[str]:
    """Writes a file for every error that torch refutes, as small as it can be made, and gives their paths."""
    written: dict[str, str] = {}
    for outcome in outcomes:
        job = outcome.job
        for finding in refuted(outcome.findings):
            if len(written) == REPORTS or finding.code in written or finding.target != "script" or job.make is None:
                continue
            text = _smallest(job, finding, settings, how, options)
            name = f"{finding.code}-{Path(job.filename).stem}.py"
            path = os.path.join(settings.cache_folder, "reports", name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            call = job.make if "(" in job.make or finding.span is None else f"{job.make}()"
            head = f"# scriptlint {__version__} says: {finding.code} {' '.join(finding.message.split())}\n"
            tail = f"\n\nimport torch\n\ntorch.jit.script({call})  # torch {outcome.answer['torch']} compiles it\n"
            Path(path).write_text(head + text.rstrip() + tail, encoding="utf-8")
            written[finding.code] = path
    return list(written.values())


def _smallest(job: Job, finding: Diagnostic, settings: Settings, how: How, options: Options) -> str:
    """The part of a job's file that torch accepts and about which scriptlint says the same."""
    with open(job.filename, "rb") as file:
        whole = SourceFile.from_bytes(job.filename, file.read()).text
    if finding.span.path != job.filename:
        return whole

    def shows(text: str) -> bool:
        overlay = {job.filename: text.encode()}
        session = pipeline.session([job.filename], settings, cache=False, overlay=overlay)
        if job.filename not in session.modules:
            return False
        fate = Planner(session, settings).target(f"{job.filename}::{job.make}", job.filename).fate
        return fate is not None and any(one.code == finding.code and one.when is None for one in fate.script)

    if not shows(whole):
        return whole
    small = reduced(whole, shows)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, os.path.basename(job.filename))
        Path(path).write_text(small, encoding="utf-8")
        request = {**job.request(guess=False, first=True, tree=False, rows=lambda _: (1, 1)), "file": path}
        request.update(inputs=None, asks=["script"], watch={}, import_as=Path(path).stem)
        zygote = runner.Zygote(how)
        try:
            answer = zygote.run(request)
        finally:
            zygote.close()
    rounds = answer.get("rounds")
    accepted = rounds is not None and rounds[0]["refusal"] is None and not rounds[0].get("crash")
    return small if accepted else whole


def merged(findings: Iterable[Diagnostic]) -> list[Diagnostic]:
    """One finding per rule and place, with the strongest verdict that any object gave it."""
    best: dict[tuple[str, object], Diagnostic] = {}
    for one in findings:
        key = (one.code, one.span)
        known = best.get(key)
        if known is None or _RANK.get(verdict_of(one), 3) < _RANK.get(verdict_of(known), 3):
            best[key] = one
    return list(best.values())


def how(settings: Settings, options: Options) -> How:
    """Under which interpreter and limits the jobs of these settings run."""
    given = settings.confirm
    memory = options.memory or given.get("memory")
    timeout = options.timeout or given.get("timeout")
    known = How(
        python=interpreter(settings.python, settings.root), network=options.network or bool(given.get("network"))
    )
    if memory is not None:
        known = msgspec.structs.replace(known, memory=size(memory))
    return known if timeout is None else msgspec.structs.replace(known, timeout=float(timeout))


def _outcomes(
    jobs: list[Job],
    requests: list[dict[str, Any]],
    how: How,
    options: Options,
    progress: Progress,
    planner: Planner,
    session: pipeline.Session,
) -> list[Outcome]:
    rules = dict(all_rules())
    found: dict[int, Outcome] = {}

    def stage(number: int, name: str) -> None:
        progress(len(found), len(jobs), f"{shown(jobs[number].target)}  {name}")

    workers = options.jobs or min(os.cpu_count() or 1, 8)
    answers = runner.run(requests, how, workers=workers, stage=stage, executor=options.executor)
    for number, answer in answers:
        job = jobs[number]
        guessed = [one for one in (answer.get("built") or {}).get("guessed", ()) if not one.startswith("inputs: ")]
        if guessed:
            planner.guessed(job, guessed)
        found[number] = judge(job, answer, rules, session.sources)
        progress(len(found), len(jobs), f"{shown(job.target)}  {answer['seconds']:.1f} s")
    return [found[number] for number in sorted(found)]


def annotated(findings: Iterable[Diagnostic], report: Report) -> list[Diagnostic]:
    """Findings of a check with what torch says of them, and what else it says, in their order."""
    asked = {(one.code, one.span): one for one in report.findings}
    nobody = Confirmation(NOT_REACHED, "nothing that was built leads here")
    known = []
    for one in findings:
        answer = asked.pop((one.code, one.span), None)
        confirmation = answer.confirmation if answer is not None else None
        known.append(msgspec.structs.replace(one, confirmation=confirmation or nobody))
    new = [one for one in asked.values() if verdict_of(one) == CONFIRMED]
    return sorted([*known, *new], key=lambda one: (one.span, one.code))
