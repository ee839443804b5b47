"""From the parts of a run to its findings.

Intent decides who is judged for what: first what the code itself gives to a compiler, in every file that may do so, then the
classes that none of it reaches. Where there are roots these are only counted, if the settings do not say otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from scriptlint.diag import Diagnostic, Report, Span
from scriptlint.engine import annotated, wrapped
from scriptlint.engine.judgement import Judgement, Part, Place, Verdict
from scriptlint.engine.outcomes import Outcomes
from scriptlint.engine.root_text import may_hold
from scriptlint.engine.rules import INTERNAL_ERROR
from scriptlint.text import SourceFile

Judge = Callable[[Sequence[Part]], list[Judgement]]
_KINDS = ("roots", "classes", "marks")


@dataclass
class Whole:
    """What was found about some files; `others` may hold roots as well, `has_roots` says that the project has some.

    `compilers` are the last names of the functions that packs say compile what they are given. `counts` says that a class that no root reaches is not judged where there are roots.
    """

    files: Sequence[str]
    others: Sequence[str]
    has_roots: bool
    compilers: Collection[str]
    counts: bool
    target: str
    sources: Callable[[str], SourceFile]
    judgements: list[Judgement] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    outcomes: Outcomes = field(default_factory=Outcomes)
    unjudged: list[Span] = field(default_factory=list)

    def run(self, judge: Judge) -> None:
        """Judge the parts and put together what was found."""
        may_hold_roots = [
            path for path in [*self.files, *self.others] if may_hold(self.sources(path).text, self.compilers)
        ]
        rooted = judge([Part("roots", path) for path in may_hold_roots])
        has_roots = self.has_roots or any(one.has_roots for one in rooted)
        counts = self.counts and self.target == "auto" and has_roots
        held = _numbers(place for one in rooted if self.target == "auto" for place in one.rooted)
        classes = judge([Part("classes", path, counts, held.get(path, ())) for path in self.files])
        both = [*rooted, *classes]
        reached = _numbers(place for one in both for place in one.reached)
        excluded = _numbers(place for one in both for place in one.excluded)
        looked_at = _numbers(place for one in both for place in one.looked_at)
        marks = judge(
            [
                Part("marks", path, False, (), reached.get(path, ()), excluded.get(path, ()), looked_at.get(path, ()))
                for path in self.files
            ]
        )
        self.judgements = [*both, *marks]
        self.diagnostics = self.found(self.judgements, self._of_loads(rooted))
        self._count(rooted, classes)

    def found(self, judgements: Sequence[Judgement], more: Iterable[Diagnostic] = ()) -> list[Diagnostic]:
        """Return what some judgements have found, of all or of those so far, with what only all of them tell."""
        rooted, classes, marks = ([one for one in judgements if one.part.kind == kind] for kind in _KINDS)
        found = [*self._of_roots(rooted), *more, *self._here(one for part in classes for one in part.diagnostics)]
        found += [one for part in marks for one in part.diagnostics]
        both = [*rooted, *classes]
        annotations = {span: cls for one in both for span, cls in one.annotations}
        used = {place for one in both for place in one.used}
        return list(wrapped.folded(annotated.folded(found, annotations, used, self.sources), self.sources))

    def _of_roots(self, judgements: Sequence[Judgement]) -> Iterator[Diagnostic]:
        """Return what was found about roots; of one in a file that was not asked for only what lies in one that was."""
        files = set(self.files)
        for about, found in (one for judgement in judgements for one in judgement.findings):
            yield from found if about in files else self._here(found)

    def _of_loads(self, judgements: Sequence[Judgement]) -> Iterator[Diagnostic]:
        report = Report()
        saves = {path: span for one in judgements for path, span in one.saves}
        loads = [load for one in judgements for load in one.loads if load[0] in saves]
        if loads:
            from scriptlint.script import saving  # a run that judges nothing does not pay for the judges

            saving.check_loads(loads, saves, report)
        yield from self._here(report.diagnostics)

    def _here(self, found: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
        files = set(self.files)
        yield from (one for one in found if one.span.path in files or one.code == INTERNAL_ERROR.code)

    def _count(self, rooted: Sequence[Judgement], classes: Sequence[Judgement]) -> None:
        outcomes = self.outcomes
        for verdict in _verdicts(rooted, classes):
            counts = outcomes.verdicts.setdefault(verdict.how, {})
            counts[verdict.verdict] = counts.get(verdict.verdict, 0) + 1
            if verdict.reason is not None:
                outcomes.unseen[verdict.reason] = outcomes.unseen.get(verdict.reason, 0) + 1
        told: dict[Span, bool] = {}
        for call, is_told in (one for judgement in rooted for one in judgement.told):
            told[call] = told.get(call, False) or is_told
        outcomes.untold = sorted(call for call, is_told in told.items() if not is_told)
        unreached = [span for one in classes for span in one.unreached]
        outcomes.unreached = len(unreached)
        for span in unreached:
            # Comments behind the last statement are of it too.
            end = self.sources(span.path).text.find("\n", span.end)
            self.unjudged.append(Span(span.path, span.start, span.end if end < 0 else end))
        lookups = (lookup for one in self.judgements for lookup in one.basis.lookups)
        there = {name.partition(".")[0] for _, name, path in lookups if path is not None}
        outcomes.missing = sorted({name for one in self.judgements for name in one.stated} - there)


def _verdicts(rooted: Sequence[Judgement], classes: Sequence[Judgement]) -> Iterator[Verdict]:
    """Return each verdict once: what a call compiles may be met in files that use the one in which it stands."""
    said: set[tuple[str, Place]] = set()
    by_call: dict[Span | None, str] = {}
    for own in (True, False):
        for one in rooted:
            for verdict in one.verdicts:
                if verdict.call is not None and (verdict.call.path == one.part.path) is own:
                    by_call.setdefault(verdict.call, one.part.path)
    for one in (*rooted, *classes):
        for verdict in one.verdicts:
            if verdict.of is None:
                if by_call[verdict.call] == one.part.path:
                    yield verdict
            elif (verdict.how, verdict.of) not in said:
                said.add((verdict.how, verdict.of))
                yield verdict


def _numbers(places: Iterable[Place]) -> dict[str, tuple[int, ...]]:
    """Return the numbers of some definitions of each file, in order."""
    found: dict[str, set[int]] = {}
    for path, number in places:
        found.setdefault(path, set()).add(number)
    return {path: tuple(sorted(numbers)) for path, numbers in found.items()}
