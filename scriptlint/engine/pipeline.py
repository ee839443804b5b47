"""A run: files in, findings or verdicts out. `engine/__init__` tells the whole journey."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from scriptlint.diag import Diagnostic, Report, Span
from scriptlint.engine import project_files, snapshots
from scriptlint.engine.cache import Cache, Run
from scriptlint.engine.environment import site_packages
from scriptlint.engine.foreign import brought_home
from scriptlint.engine.memory import Memory, Recall
from scriptlint.engine.outcomes import Outcomes
from scriptlint.engine.paths import split_target
from scriptlint.engine.project_files import Others
from scriptlint.engine.root_text import gives_to_compiler
from scriptlint.engine.rules import INTERNAL_ERROR, SYNTAX_ERROR, UNREADABLE_FILE
from scriptlint.engine.settings import Settings
from scriptlint.engine.store import Store
from scriptlint.syntax.depth import allow_depth
from scriptlint.syntax.room import with_room
from scriptlint.syntax.trivia import Comment
from scriptlint.text import Location, SourceFile, UnreadableSource

if TYPE_CHECKING:
    from scriptlint.engine.questions import Questions
    from scriptlint.program.module import ModuleInfo
    from scriptlint.program.project import Project
    from scriptlint.torchlib.library import Library

Progress = Callable[[int, int, str], None]

_ROW = re.compile(r"\bline (\d+)")
_CONSEQUENCES = {
    True: "what this part defines is unknown, and the rest of the file is judged",
    False: "nothing in this file is judged",
}
_FAILURE_RULES = {"unreadable": UNREADABLE_FILE, "internal": INTERNAL_ERROR}


@dataclass(frozen=True)
class Checked:
    """The raw findings of a run, and its files: their texts and the comments that may be suppressions.

    `outcomes` says what was judged, `unjudged` where the classes are that were not.
    """

    diagnostics: list[Diagnostic]
    outcomes: Outcomes
    unjudged: list[Span]
    sources: Callable[[str], SourceFile]
    comments: Callable[[str], list[Comment]]


class Reason(msgspec.Struct, frozen=True):
    """A blocker or a hazard, located as people count."""

    code: str
    message: str
    filename: str
    location: Location
    when: str | None


@dataclass(frozen=True)
class Judged:
    """The verdicts of a run, findings for files that could not be judged as a whole, and what is wrong with targets."""

    verdicts: list[ModuleVerdict]
    failures: list[Diagnostic]
    problems: list[str]
    sources: Callable[[str], SourceFile]


class ModuleVerdict(msgspec.Struct, frozen=True):
    """What becomes of one class, or of the object or function that `target` names.

    `unseen` is what the compiler would look at and could not be seen here, `untraced` what a trace would run. `assuming` is
    what nobody could know and was taken for granted.
    """

    filename: str
    name: str
    qualified_name: str
    location: Location
    end_location: Location
    script_verdict: str
    blockers: list[Reason]
    unseen: list[str]
    trace_verdict: str
    hazards: list[Reason]
    untraced: list[str]
    target: str | None = None
    assuming: list[str] = []


def check(
    files: Sequence[str],
    settings: Settings,
    *,
    overlay: Mapping[str, bytes] | None = None,
    cache: bool = True,
    jobs: int = 0,
    progress: Progress | None = None,
    memory: Memory | None = None,
    tops: Sequence[str] = (),
) -> Checked:
    """Judges files together; `files` are absolute paths, `memory` what those keep who judge them again and again.

    `tops` are the paths that were asked for: the rest of their project is searched for what gives something to torch.jit.

    `overlay` has the content of files that are not as they are on disk: standard input, or trials of fixes. Nothing raises for what stands in a file: that is
    a finding. Raises SettingsError where the settings ask for a torch of which there is no snapshot.
    """
    remembered = Cache(settings.cache_place if cache else None)
    store = Store(remembered, dict(overlay or {}), memory, markdown=settings.markdown)
    is_wanted = bool(tops) and settings.target == "auto"
    others = project_files.others(files, tops, settings, remembered) if is_wanted else project_files.Others()
    key = _key(files, others, settings)
    run = None if memory is None else memory.runs.get(key)
    run = run if run is not None and _holds(run, store) else remembered.run(key)
    if run is None or not _holds(run, store):
        store.prepare([*files, *others.leading], jobs, progress)
        run = with_room(lambda: _run(files, others, settings, store, memory))
        if all(one.code != INTERNAL_ERROR.code for one in run.diagnostics):
            remembered.store_run(key, run)
    if memory is not None:
        memory.runs[key] = run
    kept = run.comments
    return Checked(run.diagnostics, run.outcomes, run.unjudged, store.source, lambda path: kept.get(path, []))


def _key(files: Sequence[str], others: Others, settings: Settings) -> str:
    folders = site_packages(settings.python, settings.root)
    wanted = [settings.root, str(settings.markdown), settings.target, settings.unreached, settings.target_torch or ""]
    parts = [*wanted, *map(str, folders), *snapshots.stamp(), ""]
    parts += [*sorted(files), "", *sorted(others.leading), str(others.has_roots)]
    return "\n".join(parts)


def _holds(run: Run, store: Store) -> bool:
    from scriptlint.program.lookup import locate

    return all(store.digest(path) == digest for path, digest in run.files.items()) and all(
        locate(Path(root), name) == found for root, name, found in run.lookups
    )


def _run(
    files: Sequence[str],
    others: Others,
    settings: Settings,
    store: Store,
    memory: Memory | None,
) -> Run:
    from scriptlint.engine.analysis import Analysis

    known = _library(settings)
    project = _project(settings, store, known)
    modules = [module for path in files if (module := project.module(path)) is not None and not module.is_stub]
    recall = None if memory is None else Recall(memory, store.digest)
    roots = [module for path in others.leading if (module := project.module(path)) is not None]
    counts = settings.unreached == "count"
    analysis = Analysis(
        project,
        known,
        modules,
        settings.target,
        recall,
        roots,
        counts_unreached=counts,
        has_roots=others.has_roots or any(gives_to_compiler(one.source.text) for one in modules),
    )
    packages = [str(one) for one in site_packages(settings.python, settings.root)]
    asked = frozenset(files)

    def is_own(path: str) -> bool:
        return path in asked or not any(path.startswith(os.path.join(one, "")) for one in packages)

    found = brought_home(analysis.run(), is_own)
    diagnostics = [*(_without_fix(one, store) for one in found), *_failures(files, store)]
    analysis.outcomes.missing = project.missing
    return Run(
        files={path: store.digest(path) for path in project.paths},
        lookups=[(str(root), name, found) for (root, name), found in project.lookups.items()],
        diagnostics=diagnostics,
        comments={
            module.path: kept
            for module in modules
            if (kept := [one for one in module.comments if "scriptlint" in one.text or "noqa" in one.text.lower()])
        },
        outcomes=analysis.outcomes,
        unjudged=analysis.unjudged,
    )


def _library(settings: Settings) -> Library:
    from scriptlint.torchlib.library import SnapshotMissing

    try:
        return snapshots.load(settings.target_torch)
    except SnapshotMissing as error:
        raise settings.error("target_torch", str(error)) from None


def _project(settings: Settings, store: Store, known: Library) -> Project:
    from scriptlint.program.project import Project

    allow_depth()
    root = Path(settings.root or os.getcwd())
    roots = [root, root / "src", *site_packages(settings.python, settings.root)]
    return Project(store.load, roots, known)


def _without_fix(finding: Diagnostic, store: Store) -> Diagnostic:
    """Return a finding without its fix where that cannot be written: to a file that is half Python, or beside its cells."""
    fix = finding.fix
    if fix is None or (fix.path not in store.failures and fix.path not in store.embedded):
        return finding
    if fix.path not in store.failures:
        from scriptlint.engine.fixing import with_fixes

        with contextlib.suppress(UnreadableSource):
            with_fixes(store.source(fix.path), [fix], store.embedded[fix.path])
            return finding
    return msgspec.structs.replace(finding, fix=None)


def _failures(files: Sequence[str], store: Store) -> list[Diagnostic]:
    report = Report()
    for path in files:
        for failure in store.failures.get(path, ()):
            span = Span(path, failure.offset, failure.offset)
            if failure.kind == "syntax":
                source = store.source(path)
                reason = _ROW.sub(lambda row: f"line {source.number(int(row[1]))}", failure.reason)  # noqa: B023
                consequence = _CONSEQUENCES[failure.is_partial]
                report.report(SYNTAX_ERROR, span, reason=reason, consequence=consequence)
            else:
                report.report(_FAILURE_RULES[failure.kind], span, reason=failure.reason)
    return report.diagnostics


@dataclass(frozen=True)
class Session:
    """An analysis that can be asked about single objects, over files that have been read."""

    analysis: Questions
    modules: dict[str, ModuleInfo]
    failures: list[Diagnostic]
    sources: Callable[[str], SourceFile]


def session(
    paths: Sequence[str],
    settings: Settings,
    *,
    cache: bool = True,
    jobs: int = 0,
    progress: Progress | None = None,
    overlay: dict[str, bytes] | None = None,
) -> Session:
    """Reads files, given by absolute paths; those that have no tree are among the failures.

    `overlay` has the content of files that are not as they are on the disk.
    """
    from scriptlint.engine.questions import Questions

    store = Store(Cache(settings.cache_place if cache else None), overlay or {}, markdown=settings.markdown)
    store.prepare(paths, jobs, progress)
    known = _library(settings)
    project = _project(settings, store, known)
    loaded = with_room(lambda: [project.module(path) for path in paths])
    linted = {module.path: module for module in loaded if module is not None and not module.is_stub}
    analysis = Questions(project, known, linted.values(), settings.target)
    return Session(analysis, linted, _failures(paths, store), store.source)


def modules(
    targets: Sequence[str],
    settings: Settings,
    *,
    objects: bool = False,
    cache: bool = True,
    jobs: int = 0,
    progress: Progress | None = None,
    overlay: Mapping[str, bytes] | None = None,
) -> Judged:
    """The verdicts of every class in files, or, where the targets are `objects`, of what `FILE::expression` names.

    `overlay` has the content of files that are not as they are on disk. A target that cannot be built has the verdict unknown; one that names nothing in its file is a problem.
    """
    files = [os.path.abspath(split_target(one)[0] if objects else one) for one in targets]
    read = session(
        list(dict.fromkeys(files)), settings, cache=cache, jobs=jobs, progress=progress, overlay=dict(overlay or {})
    )
    return with_room(lambda: _judged(targets, files, read, objects))


def _judged(targets: Sequence[str], files: Sequence[str], read: Session, objects: bool) -> Judged:
    from scriptlint.engine.verdicts import TargetError, of_file, of_target

    found: list[ModuleVerdict] = []
    problems: list[str] = []
    for target, path in zip(targets, files, strict=True):
        module = read.modules.get(path)
        if module is None:
            if objects and path.endswith(".pyi"):
                problems.append(f"{target}: a stub only declares, so there is nothing in it to judge")
            continue
        if objects:
            try:
                found.append(of_target(read.analysis, module, split_target(target)[1], target, read.sources))
            except TargetError as error:
                problems.append(f"{target}: {error}")
        else:
            found += of_file(read.analysis, module, read.sources)
    return Judged(found, [*read.failures, *read.analysis.failures()], problems, read.sources)
