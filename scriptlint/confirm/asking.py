"""Everything that one group of settings governs: planned, asked while it is still being planned, and judged."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from scriptlint.confirm import runner
from scriptlint.confirm.minimal import reduced
from scriptlint.confirm.options import Options
from scriptlint.confirm.plan import Job, Planner
from scriptlint.confirm.report import Report, merged, refuted
from scriptlint.confirm.run import Group
from scriptlint.confirm.runner import How, Workers
from scriptlint.confirm.verdict import Outcome, judge
from scriptlint.diag import Diagnostic
from scriptlint.engine import pipeline
from scriptlint.engine.cache_folder import REPORTS, Foreign, claim
from scriptlint.engine.folder import Folder
from scriptlint.engine.paths import shown
from scriptlint.engine.registry import all_rules
from scriptlint.engine.settings import Settings
from scriptlint.engine.settle import settle
from scriptlint.text import SourceFile
from scriptlint.text.reading import read
from scriptlint.version import __version__

LIMIT = 3  # files that one run makes for reports, each for another rule
_ODD = re.compile(r"[^\w.-]", re.ASCII)
Progress = Callable[[int, int, str], None]


def ask(group: Group, how: How, options: Options, progress: Progress, report: Report, workers: Workers | None) -> None:
    """Ask about everything in a group, and add what became of it to the report. Raises CannotRun."""
    settings = group.settings
    paths = list(dict.fromkeys([*group.files, *group.objects.values()]))
    session = pipeline.session(paths, settings, cache=options.cache, jobs=options.jobs, progress=progress)
    report.texts.update(dict.fromkeys(paths, session.sources))
    outcomes = _outcomes(group, how, options, progress, session, workers)
    report.outcomes += outcomes
    report.torch = next((one.answer["torch"] for one in outcomes if one.answer.get("torch")), report.torch)
    raw = [*session.failures, *session.analysis.failures(), *(finding for one in outcomes for finding in one.findings)]
    report.texts.update({one.span.path: session.sources for one in raw if one.span.path not in report.texts})
    comments = {path: module.comments for path, module in session.modules.items()}
    if not options.values:
        report.reports += _reports(outcomes, settings, how, options)
    report.findings += settle(
        merged(raw),
        settings_of=lambda _: settings,
        sources=session.sources,
        comments=lambda path: comments.get(path, []),
        linted=(),
    )


def _outcomes(
    group: Group,
    how: How,
    options: Options,
    progress: Progress,
    session: pipeline.Session,
    workers: Workers | None,
) -> list[Outcome]:
    rules = dict(all_rules())
    planner = Planner(session, group.settings)
    jobs: list[Job] = []
    found: dict[int, Outcome] = {}

    def rows(span: Any) -> tuple[int, int]:
        source = session.sources(span.path)
        return source.location(span.start).row, source.location(max(span.end - 1, span.start)).row

    def requests() -> Iterator[dict[str, Any]]:
        in_files = (job for path in group.files for job in planner.file(path))
        named = (planner.target(target, path) for target, path in group.objects.items())
        for job in chain(in_files, named):
            jobs.append(job)
            yield job.request(options, rows)

    def stage(number: int, name: str) -> None:
        progress(len(found), len(jobs), f"{shown(jobs[number].target)}  {name}")

    at_once = options.jobs or min(os.cpu_count() or 1, 8)
    answers = runner.run(requests(), how, at_once=at_once, stage=stage, executor=options.executor, workers=workers)
    for number, answer in answers:
        job = jobs[number]
        guessed = [one for one in (answer.get("built") or {}).get("guessed", ()) if not one.startswith("inputs: ")]
        if guessed:
            planner.guessed(job, guessed)
        found[number] = judge(job, answer, rules, session.sources)
        progress(len(found), len(jobs), f"{shown(job.target)}  {answer['seconds']:.1f} s")
    return [found[number] for number in sorted(found)]


def _reports(outcomes: list[Outcome], settings: Settings, how: How, options: Options) -> list[str]:
    """Write a file for every error that torch refutes, as small as it can be made, and give their paths."""
    written: dict[str, str] = {}
    folder = _folder(settings)
    if folder is None:
        return []
    for outcome in outcomes:
        job = outcome.job
        for finding in refuted(outcome.findings):
            if len(written) == LIMIT or finding.code in written or finding.target != "script" or job.make is None:
                continue
            text = _smallest(job, finding, settings, how, options)
            name = f"{finding.code}-{_ODD.sub('_', Path(job.filename).stem)[:80]}.py"
            call = job.make if "(" in job.make or finding.span is None else f"{job.make}()"
            head = f"# scriptlint {__version__} says: {finding.code} {' '.join(finding.message.split())}\n"
            tail = f"\n\nimport torch\n\ntorch.jit.script({call})  # torch {outcome.answer['torch']} compiles it\n"
            with contextlib.suppress(OSError):
                folder.replace(name, (head + text.rstrip() + tail).encode("utf-8", "backslashreplace"))
                written[finding.code] = os.path.join(folder.path, name)
    return list(written.values())


def _folder(settings: Settings) -> Folder | None:
    """Return the folder for reports, beside what is remembered; None where nothing may be written there."""
    try:
        with claim(settings.cache_place) as cache:
            return cache.enter(REPORTS, make=0o777)
    except (Foreign, OSError, ValueError):
        return None


def _smallest(job: Job, finding: Diagnostic, settings: Settings, how: How, options: Options) -> str:
    """Return the part of a job's file that torch accepts and about which scriptlint says the same."""
    whole = SourceFile.from_bytes(job.filename, read(job.filename)).text
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
        request = {**job.request(Options(compile_only=True), lambda _: (1, 1)), "file": path}
        request.update(import_as=Path(path).stem)
        zygote = runner.Zygote(how)
        try:
            answer = zygote.run(request)
        finally:
            zygote.close()
    rounds = answer.get("rounds")
    accepted = rounds is not None and rounds[0]["refusal"] is None and not rounds[0].get("crash")
    return small if accepted else whole
