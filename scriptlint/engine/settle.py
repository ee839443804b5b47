"""From everything that was found to what is said.

Order matters: suppressions see every finding whose rule is on, so that "unused" is the truth; only then are duplicates
merged. A finding in a helper is judged by the comments and settings of the helper's file.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from scriptlint.diag import Diagnostic, Severity, Span, Target
from scriptlint.engine.discover import Globs
from scriptlint.engine.rules import FAILURES, NORMAL_NOTES, QUIET_NOTES
from scriptlint.engine.selectors import enabled, rules_of, severities
from scriptlint.engine.settings import Settings
from scriptlint.engine.suppress import Suppressions, needs_registry
from scriptlint.text import SourceFile

if TYPE_CHECKING:
    from scriptlint.syntax.trivia import Comment

_RANK = {Severity.ERROR.value: 0, Severity.WARNING.value: 1, Severity.NOTE.value: 2}


def settle(
    found: Iterable[Diagnostic],
    *,
    settings_of: Callable[[str], Settings],
    sources: Callable[[str], SourceFile],
    comments: Callable[[str], Sequence[Comment]],
    linted: Collection[str],
    unjudged: Iterable[Span] = (),
) -> list[Diagnostic]:
    """Return the findings to print, in the order of path and offset.

    Paths are those that findings carry. `linted` are the files that were asked for: only their suppressions are judged
    as used or not, and not those in `unjudged` places.
    """
    silent: dict[str, list[Span]] = {}
    for place in unjudged:
        silent.setdefault(place.path, []).append(place)
    by_path: dict[str, list[Diagnostic]] = {path: [] for path in linted}
    for finding in found:
        by_path.setdefault(finding.span.path, []).append(finding)
    opinions = _Opinions(settings_of)
    said: list[Diagnostic] = []
    for path, findings in by_path.items():
        opinion = opinions.of(path)
        kept = [opinion.weighed(finding) for finding in findings if opinion.on(finding.code)]
        kept = [finding for finding in kept if not opinion.hides(finding)]
        broken = any(finding.code in FAILURES for finding in findings)
        written = comments(path)
        if needs_registry(written):
            suppressions = Suppressions(sources(path), written, path)
            kept = [finding for finding in kept if finding.code in FAILURES or not suppressions.covers(finding)]
            if path in linted:
                about = suppressions.findings(frozenset() if broken else opinion.judged())
                about = [one for one in about if not any(_holds(place, one.span) for place in silent.get(path, ()))]
                kept += [opinion.weighed(finding) for finding in about if opinion.on(finding.code)]
        said += once(opinions.outside_ignored_classes(path, kept, sources))
    return sorted(said, key=lambda one: (one.span, _RANK[one.severity], one.code))


def _holds(outer: Span, inner: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def once(findings: Iterable[Diagnostic]) -> list[Diagnostic]:
    """One finding per rule and span: the most certain one, and of these the one with the shortest trail."""
    best: dict[tuple[str, object], Diagnostic] = {}
    for finding in findings:
        key = (finding.code, finding.span)
        other = best.get(key)
        if other is None:
            best[key] = finding
        else:
            better = finding if _order(finding) < _order(other) else other
            first = finding.first or other.first
            best[key] = better if better.first == first else msgspec.structs.replace(better, first=first)
    return list(best.values())


def _order(finding: Diagnostic) -> tuple[object, ...]:
    trail = [(step.span, step.message) for step in finding.trail]
    return (_RANK[finding.severity], finding.when is not None, len(trail), trail, finding.message, finding.when or "")


def as_error(finding: Diagnostic) -> Diagnostic:
    """Return a warning as an error, and everything else as it is."""
    if finding.severity != Severity.WARNING.value:
        return finding
    return msgspec.structs.replace(finding, severity=Severity.ERROR.value)


class _Opinion:
    """What the settings say about the rules in one file."""

    def __init__(
        self, settings: Settings, on: frozenset[str] | None, ignored: frozenset[str], severities: Mapping[str, str]
    ) -> None:
        self._target = settings.target
        quiet = NORMAL_NOTES if settings.output_format in ("json", "json-lines") else NORMAL_NOTES | QUIET_NOTES
        self._quiet = frozenset() if settings.notes or on is not None else quiet
        self._on = on
        self._ignored = ignored
        self._severities = severities

    def on(self, code: str) -> bool:
        return (self._on is None or code in self._on) and code not in self._ignored

    def weighed(self, finding: Diagnostic) -> Diagnostic:
        """Return a finding with the severity that the settings give its rule; what the tool could not do stays an error."""
        severity = self._severities.get(finding.code)
        if severity is None or finding.code in FAILURES:
            return finding
        return msgspec.structs.replace(finding, severity=severity)

    def hides(self, finding: Diagnostic) -> bool:
        """Return True if a finding is a note that nobody asked for."""
        return finding.code in self._quiet and finding.severity == Severity.NOTE.value

    def judged(self) -> frozenset[str] | None:
        """Return the codes whose absence means something: switched on, and of a target that was looked at. None for all."""
        if self._on is None and not self._ignored and self._target in ("auto", "both"):
            return None
        from scriptlint.engine.registry import all_rules

        other = {"script": Target.TRACE, "trace": Target.SCRIPT}.get(self._target)
        return frozenset(code for code, rule in all_rules().items() if self.on(code) and rule.target is not other)


class _PerFile:
    """The files that a key of per-file-ignores speaks of; a leading `!` means all others, as in ruff."""

    def __init__(self, glob: str, root: str) -> None:
        self._globs = Globs([glob.removeprefix("!")], root)
        self._others = glob.startswith("!")

    def __contains__(self, path: str) -> bool:
        return self._globs.match(path) != self._others


class _Shared(NamedTuple):
    """What all files under the same settings share."""

    settings: Settings
    on: frozenset[str] | None
    per_file: list[tuple[_PerFile, frozenset[str]]]
    per_class: list[tuple[str, frozenset[str]]]
    severities: Mapping[str, str]


class _Opinions:
    """Opinions by path; files under the same settings share what can be shared."""

    def __init__(self, settings_of: Callable[[str], Settings]) -> None:
        self._settings_of = settings_of
        self._shared: dict[int, _Shared] = {}

    def _of_settings(self, path: str) -> _Shared:
        settings = self._settings_of(path)
        shared = self._shared.get(id(settings))
        if shared is None:
            per_file = [
                (_PerFile(glob, settings.root), _codes(selectors))
                for glob, selectors in settings.per_file_ignores.items()
            ]
            per_class = [(name, _codes(selectors)) for name, selectors in settings.per_class_ignores.items()]
            on, levels = enabled(settings.selections), severities(settings.severity)
            shared = self._shared[id(settings)] = _Shared(settings, on, per_file, per_class, levels)
        return shared

    def of(self, path: str) -> _Opinion:
        shared = self._of_settings(path)
        ignored = [codes for files, codes in shared.per_file if path in files]
        return _Opinion(shared.settings, shared.on, frozenset[str]().union(*ignored), shared.severities)

    def outside_ignored_classes(
        self, path: str, findings: list[Diagnostic], sources: Callable[[str], SourceFile]
    ) -> list[Diagnostic]:
        """Return the findings without those in classes whose rules the settings ignore."""
        per_class = self._of_settings(path).per_class
        if not per_class or not findings:
            return findings
        from scriptlint.engine.definitions import Definitions
        from scriptlint.program.module import dotted_name

        module, definitions = dotted_name(path), Definitions(sources(path))

        def is_ignored(finding: Diagnostic) -> bool:
            held_by = definitions.classes(finding.span.start) if finding.code not in FAILURES else []
            names = [*held_by, *(f"{module}.{name}" for name in held_by)]
            return any(
                finding.code in codes and any(fnmatchcase(name, pattern) for name in names)
                for pattern, codes in per_class
            )

        return [one for one in findings if not is_ignored(one)]


def _codes(selectors: Iterable[str]) -> frozenset[str]:
    return frozenset[str]().union(*map(rules_of, selectors))
