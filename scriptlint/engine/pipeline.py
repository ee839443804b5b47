"""A run: files in, findings or verdicts out. `engine/__init__` tells the whole journey."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from scriptlint.diag import Diagnostic, Report, Span
from scriptlint.engine import project_files, snapshots
from scriptlint.engine.cache import Cache, Run
from scriptlint.engine.environment import import_roots, site_packages
from scriptlint.engine.foreign import brought_home
from scriptlint.engine.interruption import CutShort
from scriptlint.engine.judgement import Basis, Judgement, Part
from scriptlint.engine.known import Known
from scriptlint.engine.memory import Memory
from scriptlint.engine.outcomes import Outcomes
from scriptlint.engine.packs import compilers, packs_of
from scriptlint.engine.parsing import Failure
from scriptlint.engine.paths import split_target
from scriptlint.engine.present import Present
from scriptlint.engine.rules import INTERNAL_ERROR, SYNTAX_ERROR, UNREADABLE_FILE
from scriptlint.engine.settings import Settings
from scriptlint.engine.store import Store
from scriptlint.syntax.depth import allow_depth
from scriptlint.syntax.room import with_room
from scriptlint.syntax.trivia import Comment
from scriptlint.text import Location, SourceFile

if TYPE_CHECKING:
    from scriptlint.engine.questions import Questions
    from scriptlint.engine.whole import Whole
    from scriptlint.program.module import ModuleInfo
    from scriptlint.program.project import Project

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


class Verdicts(msgspec.Struct):
    """The verdicts of a run, findings for files that could not be judged as a whole, and what is wrong with targets.

    They depend on the whole of the files of `basis`, and on the modules that were looked for.
    """

    basis: Basis
    verdicts: list[ModuleVerdict]
    failures: list[Diagnostic]
    problems: list[str]


@dataclass(frozen=True)
class Judged:
    """The verdicts of a run, and the texts of its files."""

    verdicts: list[ModuleVerdict]
    failures: list[Diagnostic]
    problems: list[str]
    sources: Callable[[str], SourceFile]


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
    """Judge files together; `files` are absolute paths, `memory` what those keep who judge them again and again.

    `tops` are the paths that were asked for: the rest of their project is searched for what gives something to torch.jit.

    `overlay` has the content of files that are not as they are on disk: standard input, or trials of fixes. Nothing raises for what stands in a file: that is
    a finding. Raises SettingsError where the settings ask for a torch of which there is no snapshot, and CutShort for Ctrl-C.
    """
    place = settings.cache_place if cache else None
    remembered = Cache(place)
    store = Store(remembered, dict(overlay or {}), memory, markdown=settings.markdown)
    is_wanted = bool(tops) and settings.target == "auto"
    others = project_files.others(files, tops, settings, remembered, memory) if is_wanted else project_files.Others()
    present = Present([*files, *others.leading], store, settings)
    key = _key(settings)
    name = "\n".join([key, settings.unreached, *sorted(files), "", *sorted(others.leading), str(others.has_roots)])
    run = None if memory is None else memory.runs.get(name)
    run = run if run is not None and present.agrees(run.basis) else remembered.run(name)
    if run is None or not present.agrees(run.basis):
        from scriptlint.engine.whole import Whole

        def judge(parts: Sequence[Part]) -> Iterator[Judgement]:
            from scriptlint.engine.judging import Judging  # a run that judges nothing does not pay for it

            store.prepare([part.path for part in parts], jobs, progress)
            if not judges:
                among = [*files, *others.leading]
                judges.append(Judging(store, present, settings, among, place=place, jobs=jobs))
            return judges[0](parts)

        judges: list[Callable[[Sequence[Part]], Iterator[Judgement]]] = []
        known = Known(present, remembered, memory, key, judge)
        counts = settings.unreached == "count"
        names = compilers(packs_of(settings))
        whole = Whole(files, others.leading, others.has_roots, names, counts, settings.target, store.source)
        try:
            whole.run(known.judged)
        except KeyboardInterrupt as error:
            if type(error) is not KeyboardInterrupt:  # a signal that ends the process at once is one too
                raise
            run = _made(whole, whole.found(known.done), known.done, settings, store, present)
            raise CutShort(_checked(run, store)) from None
        run = _made(whole, whole.diagnostics, whole.judgements, settings, store, present)
        if all(one.code != INTERNAL_ERROR.code for one in run.diagnostics):
            remembered.store_run(name, run)
    if memory is not None:
        memory.runs[name] = run
    return _checked(run, store)


def _checked(run: Run, store: Store) -> Checked:
    kept = run.comments
    return Checked(run.diagnostics, run.outcomes, run.unjudged, store.source, lambda path: kept.get(path, []))


def _key(settings: Settings) -> str:
    """Return what the judgement of a part depends on beside its files."""
    wanted = [settings.root, str(settings.markdown), settings.target, settings.target_torch or ""]
    wanted += [part for one in packs_of(settings) for part in (one.name, *one.stamp)]
    return "\n".join([*wanted, *map(str, site_packages(settings.python, settings.root)), *snapshots.stamp(), ""])


def _made(
    whole: Whole,
    found: Sequence[Diagnostic],
    judgements: Sequence[Judgement],
    settings: Settings,
    store: Store,
    present: Present,
) -> Run:
    """Return a run with these findings; some judgements may be missing."""
    packages = [str(one) for one in site_packages(settings.python, settings.root)]
    asked = frozenset(whole.files)

    def is_own(path: str) -> bool:
        return path in asked or not any(path.startswith(os.path.join(one, "")) for one in packages)

    of_files = {one.part.path: one for one in judgements if one.part.kind == "classes"}
    failures = {path: one.failures for path, one in of_files.items()}
    return Run(
        basis=_basis(judgements, present),
        diagnostics=[*brought_home(found, is_own), *_failures(whole.files, failures, store)],
        comments={path: one.comments for path, one in of_files.items() if one.comments},
        outcomes=whole.outcomes,
        unjudged=whole.unjudged,
    )


def _basis(judgements: Sequence[Judgement], present: Present) -> Basis:
    """Return what some judgements rest on together: the whole of all files that were read or searched."""
    each = [one.basis for one in judgements]
    paths = {path for one in each for path in (*one.files, *(searched for searched, *_ in one.words))}
    lookups = {lookup for one in each for lookup in one.lookups}
    return Basis({path: present.state(path, whole=True) for path in sorted(paths)}, lookups=sorted(lookups, key=str))


def _failures(files: Sequence[str], failures: Mapping[str, Sequence[Failure]], store: Store) -> list[Diagnostic]:
    report = Report()
    for path in files:
        for failure in failures.get(path, ()):
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
    memory: Memory | None = None,
) -> Session:
    """Read files, given by absolute paths; those that have no tree are among the failures.

    `overlay` has the content of files that are not as they are on the disk, `memory` what was parsed before.
    """
    from scriptlint.engine.questions import Questions
    from scriptlint.program.project import Project

    allow_depth()
    remembered = Cache(settings.cache_place if cache else None)
    store = Store(remembered, overlay or {}, memory, markdown=settings.markdown)
    store.prepare(paths, jobs, progress)
    known = snapshots.library_of(settings)
    project = Project(store.load, import_roots(settings.python, settings.root), known, store.bytes)
    loaded = with_room(lambda: [project.module(path) for path in paths])
    linted = {module.path: module for module in loaded if module is not None and not module.is_stub}
    analysis = Questions(project, known, settings.target)
    return Session(analysis, linted, _failures(paths, store.failures, store), store.source)


def modules(
    targets: Sequence[str],
    settings: Settings,
    *,
    objects: bool = False,
    cache: bool = True,
    jobs: int = 0,
    progress: Progress | None = None,
    overlay: Mapping[str, bytes] | None = None,
    memory: Memory | None = None,
) -> Judged:
    """Return the verdicts of every class in files, or, where the targets are `objects`, of what `FILE::expression` names.

    A target that cannot be built has the verdict unknown; one that names nothing in its file is a problem. `overlay` and
    `memory` are those of `session`.
    """
    files = [os.path.abspath(split_target(one)[0] if objects else one) for one in targets]
    changed = dict(overlay or {})
    paths = list(dict.fromkeys(files))
    remembered = Cache(settings.cache_place if cache else None)
    store = Store(remembered, changed, memory, markdown=settings.markdown)
    present = Present((), store)
    name = "\n".join([_key(settings), os.getcwd(), str(objects), *targets])
    known = remembered.verdicts(name, Verdicts)
    if known is not None and present.agrees(known.basis):
        return Judged(known.verdicts, known.failures, known.problems, store.source)
    read = session(paths, settings, cache=cache, jobs=jobs, progress=progress, overlay=changed, memory=memory)
    found = with_room(lambda: _judged(targets, files, read, objects))
    if cache and all(one.code != INTERNAL_ERROR.code for one in found.failures):
        basis = _basis_of(read.analysis.project, present)
        remembered.store_verdicts(name, Verdicts(basis, found.verdicts, found.failures, found.problems))
    return found


def _basis_of(project: Project, present: Present) -> Basis:
    """Return what an analysis rests on: the whole of each file that it read."""
    return Basis(
        {path: present.state(path, whole=True) for path in project.paths},
        lookups=[(str(root), name, path) for (root, name), path in project.lookups.items()],
        words=[(*key, answer) for key, answer in project.words.items()],
    )


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
