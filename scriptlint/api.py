"""What programs may call: what `import scriptlint` offers, loaded when one of its names is first used.

The names in `__all__` and their fields stay as they are within a major version; fields may be added. Everything else in
the package may change at any time. Nothing here runs the code that is judged, and nothing is written but the cache of
`lint_paths`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeVar

if TYPE_CHECKING:
    from scriptlint.diag import Diagnostic, Span
    from scriptlint.engine.discover import Discovered
    from scriptlint.engine.fixability import Fixability
    from scriptlint.engine.lint import Linted
    from scriptlint.engine.pipeline import ModuleVerdict, Reason
    from scriptlint.engine.settings import Finder
    from scriptlint.text import SourceFile

__all__ = [
    "Blocker",
    "Edit",
    "Finding",
    "Fix",
    "Location",
    "Report",
    "ScriptlintError",
    "Step",
    "Verdict",
    "judge",
    "lint_paths",
    "lint_source",
]

T = TypeVar("T")
Target = Literal["auto", "script", "trace", "both"]


class ScriptlintError(Exception):
    """The question cannot be answered: settings that are not in order, a file that is not there. One sentence."""


@dataclass(frozen=True)
class Location:
    """A range of a file, as people count: rows and columns from 1, columns in characters, the end behind the last one.

    `cell` is that of a notebook, in which rows are counted.
    """

    path: str
    row: int
    column: int
    end_row: int
    end_column: int
    cell: int | None = None


@dataclass(frozen=True)
class Step:
    """Another place that explains a finding: what is compiled and why, or where something is defined."""

    message: str
    location: Location


@dataclass(frozen=True)
class Edit:
    """A range that is replaced by a text."""

    location: Location
    text: str


@dataclass(frozen=True)
class Fix:
    """A repair of one file, applied as a whole: `safety` is safe, unsafe or display (to be completed by hand)."""

    title: str
    safety: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True)
class Finding:
    """One finding: `severity` is error, warning or note, `target` is script, trace or tool.

    `when` is the condition under which it holds, None if it always does; `is_first` marks what the compiler itself would
    print; `related` are other places; `trail` says why this code is compiled or traced; `url` is the page of the rule.
    """

    code: str
    name: str
    severity: str
    target: str
    message: str
    help: str
    location: Location
    when: str | None
    is_first: bool
    related: tuple[Step, ...]
    trail: tuple[Step, ...]
    fix: Fix | None
    url: str | None


@dataclass(frozen=True)
class Report:
    """The findings in some files, in order; `problems` are sentences about paths that could not be read.

    `is_complete` says that all that reaches the compiler was seen; if not, `unseen` has the first reasons.
    """

    findings: tuple[Finding, ...]
    problems: tuple[str, ...]
    is_complete: bool
    unseen: tuple[str, ...]


@dataclass(frozen=True)
class Blocker:
    """What stands behind a verdict, at the beginning of a place."""

    code: str
    message: str
    path: str
    row: int
    column: int
    when: str | None


@dataclass(frozen=True)
class Verdict:
    """What becomes of a class, function or object.

    `script` is ok, blocked, depends or unknown; `trace` is faithful, refused, erases, depends or unknown. `unseen` and
    `untraced` are what could not be seen, `assuming` what nobody could know and was taken for granted.
    """

    name: str
    qualified_name: str
    location: Location
    script: str
    blockers: tuple[Blocker, ...]
    unseen: tuple[str, ...]
    trace: str
    hazards: tuple[Blocker, ...]
    untraced: tuple[str, ...]
    assuming: tuple[str, ...]

    @property
    def is_good(self) -> bool:
        """Whether it compiles, and a trace of it is faithful."""
        return self.script == "ok" and self.trace == "faithful"


def lint_source(
    source: str,
    filename: str = "<source>",
    *,
    select: Sequence[str] | None = None,
    ignore: Sequence[str] = (),
    target: Target | None = None,
    config: str | os.PathLike[str] | None = None,
    isolated: bool = False,
) -> Report:
    """Lint a text as if it were the content of `filename`, whose folder decides on settings and imports.

    Settings are those of `scriptlint check`: `config` names a file of them, `isolated` ignores all files. Raises
    ScriptlintError.
    """
    from scriptlint.engine.discover import Discovered

    finder = _finder(select, ignore, target, config, isolated)
    path = os.path.abspath(filename)
    settings = _asked(lambda: finder.of(os.path.dirname(path)))
    _refuse_unknown((*(select or ()), *ignore))
    found = Discovered([path], {path: settings}, [], [path])
    return _report(found, {path: source.encode("utf-8", "surrogatepass")}, cache=False, jobs=1)


def lint_paths(
    paths: Iterable[str | os.PathLike[str]],
    *,
    select: Sequence[str] | None = None,
    ignore: Sequence[str] = (),
    target: Target | None = None,
    config: str | os.PathLike[str] | None = None,
    isolated: bool = False,
    cache: bool = True,
    jobs: int = 1,
) -> Report:
    """Lint files and folders, as `scriptlint check` does; `jobs` are the processes that parse. Raises ScriptlintError."""
    from scriptlint.engine.discover import discover

    finder = _finder(select, ignore, target, config, isolated)
    found = _asked(lambda: discover([os.fspath(one) for one in paths], finder))
    _refuse_unknown((*(select or ()), *ignore))
    return _report(found, {}, cache=cache, jobs=jobs)


def judge(
    target: str | os.PathLike[str],
    *,
    source: str | None = None,
    config: str | os.PathLike[str] | None = None,
    isolated: bool = False,
) -> tuple[Verdict, ...]:
    """Return the verdict of every nn.Module class in a file, or of the one object that `FILE::Net(3)` names.

    `source` is what is taken for the content of the file. Raises ScriptlintError.
    """
    from scriptlint.engine import pipeline
    from scriptlint.engine.paths import split_target

    finder = _finder(None, (), None, config, isolated)
    name = os.fspath(target)
    path, expression = split_target(name)
    path = os.path.abspath(path)
    if source is None and not os.path.isfile(path):
        raise ScriptlintError(f"{path}: there is no such file")
    settings = _asked(lambda: finder.of(os.path.dirname(path)))
    overlay = {} if source is None else {path: source.encode("utf-8", "surrogatepass")}
    asked = [f"{path}::{expression}" if expression else path]
    judged = _asked(
        lambda: pipeline.modules(asked, settings, objects=bool(expression), cache=False, jobs=1, overlay=overlay)
    )
    if judged.problems:
        raise ScriptlintError(judged.problems[0])
    if judged.failures:
        raise ScriptlintError(f"{path}: {judged.failures[0].message}")
    return tuple(map(_verdict, judged.verdicts))


def _refuse_unknown(selectors: Iterable[str]) -> None:
    """Raise the error about the first selector that means nothing, once the packs of all settings are known."""
    from scriptlint.engine.selectors import matching, nearest

    for name in selectors:
        if not matching(name):
            raise ScriptlintError(f"unknown rule `{name}`{nearest(name)}")


def _finder(
    select: Sequence[str] | None,
    ignore: Sequence[str],
    target: Target | None,
    config: str | os.PathLike[str] | None,
    isolated: bool,
) -> Finder:
    from scriptlint.engine.settings import TARGETS, Finder, Selection

    overrides: dict[str, object] = {
        "command_line": Selection(None if select is None else tuple(select), tuple(ignore)),
        "output_format": "json",
    }
    if target is not None:
        if target not in TARGETS:
            raise ScriptlintError(f"`{target}` is not a target: there are {', '.join(TARGETS)}")
        overrides["target"] = target
    path = None if config is None else os.fspath(config)
    return _asked(lambda: Finder(config=path, isolated=isolated, overrides=overrides))


def _asked(work: Callable[[], T]) -> T:
    """Return the result of some work, whose errors for users are ours."""
    from scriptlint.engine.settings import SettingsError
    from scriptlint.engine.snapshots import BrokenSnapshot
    from scriptlint.torchlib.library import SnapshotMissing

    try:
        return work()
    except (SettingsError, SnapshotMissing, BrokenSnapshot) as error:
        raise ScriptlintError(str(error)) from None


def _report(found: Discovered, overlay: dict[str, bytes], *, cache: bool, jobs: int) -> Report:
    from scriptlint.engine.fixability import Fixability
    from scriptlint.engine.lint import lint

    linted = _asked(lambda: lint(found, overlay, cache=cache, jobs=jobs))
    fixability = Fixability(lambda path: found.settings.get(path) or next(iter(found.settings.values())), found.files)
    return Report(
        findings=tuple(_finding(one, linted, fixability) for one in linted.findings),
        problems=tuple(found.problems),
        is_complete=linted.outcomes.is_complete,
        unseen=tuple(linted.outcomes.unseen),
    )


def _finding(finding: Diagnostic, linted: Linted, fixability: Fixability) -> Finding:
    from scriptlint.diag import Span, pages

    sources = linted.sources
    fix, safety = finding.fix, fixability.safety(finding)
    repair = None
    if fix is not None and safety is not None:
        edits = [Edit(_location(Span(fix.path, one.start, one.end), sources), one.text) for one in fix.all_edits]
        repair = Fix(fix.title, safety.value, tuple(edits))
    return Finding(
        code=finding.code,
        name=finding.name,
        severity=finding.severity,
        target=finding.target,
        message=finding.message,
        help=finding.help,
        location=_location(finding.span, sources),
        when=finding.when,
        is_first=finding.first,
        related=tuple(Step(one.text, _location(one.span, sources)) for one in finding.labels),
        trail=tuple(Step(one.message, _location(one.span, sources)) for one in finding.trail),
        fix=repair,
        url=pages.url(finding.code),
    )


def _location(span: Span, sources: Callable[[str], SourceFile]) -> Location:
    source = sources(span.path)
    start, end = source.place(span.start), source.place(span.end)
    return Location(span.path, start.row, start.column, end.row, end.column, start.cell)


def _verdict(verdict: ModuleVerdict) -> Verdict:
    start, end = verdict.location, verdict.end_location
    return Verdict(
        name=verdict.name,
        qualified_name=verdict.qualified_name,
        location=Location(verdict.filename, start.row, start.column, end.row, end.column, start.cell),
        script=verdict.script_verdict,
        blockers=tuple(map(_blocker, verdict.blockers)),
        unseen=tuple(verdict.unseen),
        trace=verdict.trace_verdict,
        hazards=tuple(map(_blocker, verdict.hazards)),
        untraced=tuple(verdict.untraced),
        assuming=tuple(verdict.assuming),
    )


def _blocker(reason: Reason) -> Blocker:
    return Blocker(
        reason.code, reason.message, reason.filename, reason.location.row, reason.location.column, reason.when
    )
