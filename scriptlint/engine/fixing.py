"""Repairing files: rounds of fixes, each of which is parsed and judged before it counts.

Everything happens in memory. A round takes the fixes that can go together, and all files are judged again with them. If
a model or function that had no error has one then, or a file is no Python any more, the fixes that did it are found by
halving, and taken back. What was blocked before may show errors that were hidden behind those that are fixed. An error that
fixes bring and that has a fix itself is left to the next round. If a model is left with one at the end, everything is
repaired anew, and that model may not get an error even for one round.
"""

from __future__ import annotations

import codecs
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import NamedTuple

from scriptlint.diag import Diagnostic, Severity, Span
from scriptlint.engine.lint import Linted
from scriptlint.engine.rules import FAILURES
from scriptlint.text import MARKDOWN, NOTEBOOK, Fix, SourceFile, UnreadableSource, applied, compatible
from scriptlint.text.source import encode

ROUNDS = 10
_RESTARTS = 3
# Beyond this a round gives up looking for the fixes to take back, and takes back all that may be meant.
_TRIALS = 24

Lint = Callable[[Mapping[str, bytes]], Linted]
Choose = Callable[[list[Diagnostic], Callable[[Diagnostic], tuple[bytes, bytes]]], list[Diagnostic]]
"""Which of some findings are fixed; it is given what shows the file of a fix before and after."""
Place = tuple[str, str]
"""A file, and the name of one of its top-level definitions; empty for what stands before the first."""

_SUBJECT = re.compile(r"`(\w+)")
_WORD = re.compile(r"[^\W\d]\w*")
_DEFINITION = re.compile(r"^(?:class|(?:async\s+)?def)\s+(\w+)", re.M)


@dataclass
class Repair:
    """What became of the files: `contents` of those that changed, the findings that were fixed, and what is left.

    `places` are the definitions that each of the fixes changed. `taken_back` are the findings among these whose fixes would have broken something.
    """

    linted: Linted
    contents: dict[str, bytes] = field(default_factory=dict)
    fixed: list[Diagnostic] = field(default_factory=list)
    places: list[frozenset[Place]] = field(default_factory=list)
    taken_back: list[Diagnostic] = field(default_factory=list)


def repair(
    lint: Lint,
    originals: Mapping[str, bytes],
    wanted: Callable[[Diagnostic], bool],
    choose: Choose | None = None,
    within: frozenset[Place] | None = None,
) -> Repair:
    """Apply the fixes of all `wanted` findings, round by round until nothing changes.

    `lint` judges the files with some of them changed; `originals` are the contents of those that may be changed.
    `choose` gives those of the fixes that can go together which are to be applied; the others are not offered again.
    With `within` nothing else is changed than these definitions and the imports.
    """
    start = Repair(lint({}))
    impatient: set[Place] | None = set() if choose is None else None
    for left in range(_RESTARTS, -1, -1):
        state = _repaired(lint, start, originals, wanted, choose, within, impatient)
        brought = _blocked(state.linted).keys() - _blocked(start.linted).keys()
        if not brought or impatient is None:
            break
        impatient = impatient | brought if left > 1 else None
    return state


def _repaired(
    lint: Lint,
    state: Repair,
    originals: Mapping[str, bytes],
    wanted: Callable[[Diagnostic], bool],
    choose: Choose | None,
    within: frozenset[Place] | None,
    impatient: set[Place] | None,
) -> Repair:
    """Run all rounds. What is in `impatient`, or everything if that is None, may not get an error even for one round."""
    refused: set[tuple[object, ...]] = set()
    broken: set[tuple[object, ...]] = set()

    def is_offered(one: Diagnostic, linted: Linted) -> bool:
        return (
            one.fix is not None
            and one.fix.path in originals
            and wanted(one)
            and (within is None or _places(_changed(one), linted) <= within)
            and _name(one, linted) not in refused
        )

    for _ in range(ROUNDS):
        chosen = _compatible([one for one in _repairable(state.linted) if is_offered(one, state.linted)])
        trial = _Round(lint, state, originals, impatient, is_offered)
        if choose is not None:
            compatible_ones, chosen = chosen, choose(chosen, trial.preview)
            refused |= {_name(one, state.linted) for one in compatible_ones if one not in chosen}
        if not chosen:
            break
        kept = trial.accept([], chosen)
        broken |= {_name(one, state.linted) for one in trial.refused}
        refused |= broken
        if kept:
            contents = {**state.contents, **trial.contents(kept)}
            places = [*state.places, *(_places(_changed(one), state.linted) for one in kept)]
            state = Repair(trial.linted(kept), contents, [*state.fixed, *kept], places)
    left = _repairable(state.linted)
    taken_back = [one for one in left if one.fix is not None and _name(one, state.linted) in broken]
    return replace(state, taken_back=taken_back)


class _Round:
    def __init__(
        self,
        lint: Lint,
        state: Repair,
        originals: Mapping[str, bytes],
        impatient: set[Place] | None,
        is_offered: Callable[[Diagnostic, Linted], bool],
    ) -> None:
        self._lint = lint
        self._state = state
        self._originals = originals
        self._impatient = impatient
        self._is_offered = is_offered
        self._blocked = _blocked(state.linted)
        self._last: tuple[list[Diagnostic], Linted] | None = None
        self._trials = 0
        self.refused: list[Diagnostic] = []

    def contents(self, fixed: Sequence[Diagnostic]) -> dict[str, bytes]:
        """Return the files as these fixes leave them; raises UnreadableSource where their encoding cannot say it."""
        by_path: dict[str, list[Fix]] = {}
        for one in fixed:
            if one.fix is not None:
                by_path.setdefault(one.fix.path, []).append(one.fix)
        changed = {}
        for path, fixes in by_path.items():
            before = self._state.contents.get(path, self._originals[path])
            changed[path] = with_fixes(self._state.linted.sources(path), fixes, before)
        return changed

    def preview(self, one: Diagnostic) -> tuple[bytes, bytes]:
        """Return the file of a fix before and after it alone."""
        assert one.fix is not None
        path = one.fix.path
        return self._state.contents.get(path, self._originals[path]), self.contents([one])[path]

    def linted(self, fixed: list[Diagnostic]) -> Linted:
        """Return what is found with these fixes."""
        if self._last is None or self._last[0] != fixed:
            self._trials += 1
            self._last = fixed, self._lint({**self._state.contents, **self.contents(fixed)})
        return self._last[1]

    def accept(self, kept: list[Diagnostic], more: list[Diagnostic]) -> list[Diagnostic]:
        """`kept`, and those of `more` that break nothing."""
        brought = self._brought([*kept, *more])
        if brought is None:
            return [*kept, *more]
        suspects = self._suspects(more, brought)
        rest = [one for one in more if one not in suspects]
        if len(suspects) == 1 or self._trials >= _TRIALS:
            self.refused += suspects
            return self.accept(kept, rest) if rest else kept
        middle = len(suspects) // 2
        for part in (rest, suspects[:middle], suspects[middle:]):
            if part:
                kept = self.accept(kept, part)
        return kept

    def _brought(self, fixed: list[Diagnostic]) -> list[_Traces] | None:
        """Return what the errors that these fixes bring have to do with, None if they bring none."""
        try:
            linted = self.linted(fixed)
        except UnreadableSource:
            return []
        found = [
            one
            for root, errors in _blocked(linted).items()
            if root not in self._blocked and not self._may_be_repaired(root, errors, linted)
            for one in errors[:1]
        ]
        return [
            _Traces(_places([one.span, *_trail(one)], linted), _words(_line(one.span, linted))) for one in found
        ] or None

    def _may_be_repaired(self, root: Place, errors: list[Diagnostic], linted: Linted) -> bool:
        """Return True if a later round repairs some of the errors that a model or function has now, and with that perhaps all."""
        if self._impatient is None or root in self._impatient:
            return False
        return any(self._is_offered(one, linted) for one in errors)

    def _suspects(self, fixed: list[Diagnostic], brought: list[_Traces]) -> list[Diagnostic]:
        """Return the likeliest of some fixes to bring errors: of the same names in the same definitions, or else there, or
        else in the same files, or else all.
        """
        linted = self._state.linted
        traces = [(one, _Traces(_places(_changed(one), linted), _words(_text(one.span, linted)))) for one in fixed]
        return (
            [one for one, trace in traces if any(trace.places & it.places and trace.words & it.words for it in brought)]
            or [one for one, trace in traces if any(trace.places & it.places for it in brought)]
            or [one for one, trace in traces if any(trace.paths & it.paths for it in brought)]
            or fixed
        )


def with_fixes(source: SourceFile, fixes: Sequence[Fix], content: bytes) -> bytes:
    """Return the content of a file, a notebook or a page after fixes; raises UnreadableSource where it cannot be written."""
    if source.path.endswith(NOTEBOOK):
        from scriptlint.syntax.notebook_fixes import rewritten

        return rewritten(content, fixes)
    if source.path.endswith(MARKDOWN):
        from scriptlint.syntax import markdown

        mark = codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b""
        return mark + markdown.rewritten(content.removeprefix(mark).decode(), fixes).encode()
    return encode(applied(source.text, fixes, source.newline), content)


class _Traces(NamedTuple):
    """What an error or a fix has to do with: definitions, and the words of the code that it is about."""

    places: frozenset[Place]
    words: frozenset[str]

    @property
    def paths(self) -> frozenset[str]:
        return frozenset(path for path, _ in self.places)


def _places(spans: Iterable[Span], linted: Linted) -> frozenset[Place]:
    return frozenset(_place(one.path, one.start, linted) for one in spans)


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text)) - {"self"}


def _text(span: Span, linted: Linted) -> str:
    return linted.sources(span.path).text[span.start : span.end]


def _line(span: Span, linted: Linted) -> str:
    """Return the lines of a span: what an error is about may stand beside it, as the arguments of a call do."""
    source = linted.sources(span.path)
    first, last = source.location(span.start).row, source.location(span.end).row
    return "\n".join(source.line(row) for row in range(first, last + 1))


def _trail(finding: Diagnostic) -> list[Span]:
    return [step.span for step in finding.trail]


def _changed(finding: Diagnostic) -> list[Span]:
    """Return where the fix of a finding changes something."""
    fix = finding.fix
    return [] if fix is None else [Span(fix.path, one.start, one.end) for one in fix.edits]


def _repairable(linted: Linted) -> list[Diagnostic]:
    """Return the findings that are reported, and those with a fix that are not, since another of their rule is reported for
    the same code: one call may have a method of each subclass to repair.
    """
    said = {(one.code, one.span) for one in linted.findings}
    seen = {one.fix for one in linted.findings}
    found = list(linted.findings)
    for one in linted.raw:
        if one.fix not in seen and (one.code, one.span) in said:
            seen.add(one.fix)
            found.append(one)
    return found


def _compatible(offered: Sequence[Diagnostic]) -> list[Diagnostic]:
    """Return the findings whose fixes can go together; of each file in its order."""
    by_path: dict[str, list[Fix]] = {}
    for one in offered:
        if one.fix is not None:
            by_path.setdefault(one.fix.path, []).append(one.fix)
    taken = {id(fix) for fixes in by_path.values() for fix in compatible(fixes)}
    return [one for one in offered if id(one.fix) in taken]


def _blocked(linted: Linted) -> dict[Place, list[Diagnostic]]:
    """Return the models and functions that have errors, with them; for a file that cannot be judged its path alone."""
    found: dict[Place, list[Diagnostic]] = {}
    for one in linted.raw:
        if one.code in FAILURES:
            found[one.span.path, ""] = [one]
        elif one.severity == Severity.ERROR.value:
            found.setdefault(_root(one, linted), []).append(one)
    return found


def _root(finding: Diagnostic, linted: Linted) -> Place:
    """Return what is compiled or traced when this is found."""
    if finding.trail:
        first = finding.trail[0]
        named = _SUBJECT.match(first.message)
        if named is not None:
            return first.span.path, named[1]
    return _place(finding.span.path, finding.span.end, linted)


def _place(path: str, offset: int, linted: Linted) -> Place:
    return path, definition_at(linted.sources(path).text, offset)


def definition_at(text: str, offset: int) -> str:
    """Return the name of the top-level definition that an offset of a file stands in, or behind."""
    starts, names = _definitions(text)
    at = bisect_right(starts, offset) - 1
    return names[at] if at >= 0 else ""


@lru_cache(maxsize=64)
def _definitions(text: str) -> tuple[list[int], list[str]]:
    found = list(_DEFINITION.finditer(text))
    return [one.start() for one in found], [one[1] for one in found]


def _name(finding: Diagnostic, linted: Linted) -> tuple[object, ...]:
    """Return what a finding is called from round to round, when places have moved."""
    title = "" if finding.fix is None else finding.fix.title
    return _place(finding.span.path, finding.span.start, linted), finding.code, finding.message, title


def counted(fixed: Iterable[Diagnostic]) -> dict[str, dict[str, list[Diagnostic]]]:
    """Return what was fixed, by file and rule."""
    counts: dict[str, dict[str, list[Diagnostic]]] = {}
    for one in fixed:
        path = one.span.path if one.fix is None else one.fix.path
        counts.setdefault(path, {}).setdefault(one.code, []).append(one)
    return counts
