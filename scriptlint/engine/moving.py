"""Judgements of code that has moved: comments and lines came or went around it, and it is the same.

Fixes are not moved: who builds one looks at all of a file, so that its judgement does not outlive a changed comment.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from scriptlint.diag import Diagnostic, Label, Span, Step
from scriptlint.engine.judgement import Judgement
from scriptlint.engine.present import Present
from scriptlint.syntax.trivia import Comment
from scriptlint.text.code import Code


def spans(judgement: Judgement) -> Iterator[Span]:
    """Return all that a judgement says of places in files."""
    for one in judgement.diagnostics:
        yield one.span
        yield from (label.span for label in one.labels)
        yield from (step.span for step in one.trail)
    yield from (one.call for one in judgement.verdicts if one.call is not None)
    yield from (span for span, _ in judgement.told)
    yield from (span for span, _ in judgement.annotations)
    yield from judgement.unreached
    yield from (span for _, span in judgement.saves)
    yield from (span for _, span in judgement.loads)


class Unmoved(Exception):
    """It cannot be told where something is now."""


def moved(judgement: Judgement, present: Present) -> Judgement | None:
    """Return a judgement that holds, with the places as they are now; None where that cannot be told."""
    changed: dict[str, _Text] = {}
    for path, text in judgement.texts.items():
        now = present.code(path)
        if present.digest(path) != text.digest and now is not None:
            then = judgement.basis.files.get(path)
            is_same = then is not None and then.code == now.digest
            before, after = ([], []) if is_same else (text.bodies, present.bodies(path))
            changed[path] = _Text(Code("", text.gaps), now, before, after)
    if not changed:
        return judgement
    try:
        return _Move(changed, present).judgement(judgement)
    except Unmoved:
        return None


def renewed(judgement: Judgement, present: Present) -> Judgement:
    """Return a judgement that holds, with the places as they are now, resting on the files as they are now."""
    changed = {path for path, state in judgement.basis.files.items() if state.digest != present.digest(path)}
    if not changed:
        return judgement
    files = {
        path: present.state(path, whole=not state.code) if path in changed else state
        for path, state in judgement.basis.files.items()
    }
    texts = {
        path: present.text(path, is_apart=path in judgement.basis.outlines) if path in changed else text
        for path, text in judgement.texts.items()
    }
    return msgspec.structs.replace(judgement, basis=msgspec.structs.replace(judgement.basis, files=files), texts=texts)


class _Text(NamedTuple):
    """The code of a text then and now, and where in it bodies began and begin, each with its end."""

    then: Code
    now: Code
    before: Sequence[tuple[int, int]]
    after: Sequence[tuple[int, int]]

    def moved(self, start: int, end: int) -> tuple[int, int] | None:
        """Return a range as it is now; None where that cannot be told."""
        return self.then.moved(start, end, self.now, self._shifted)

    def _shifted(self, at: int) -> int | None:
        """Return a position in the code as it is now: in a body it counts from where that begins, else from the last end."""
        number = bisect_left(self.before, (at, 0)) - 1  # of the last body that begins before it
        if number < 0:
            return at
        (start, end), (begin, finish) = self.before[number], self.after[number]
        if at < end:
            return begin + at - start if end - start == finish - begin else None
        return finish + at - end


class _Move:
    def __init__(self, changed: dict[str, _Text], present: Present) -> None:
        self._changed = changed
        self._present = present

    def judgement(self, old: Judgement) -> Judgement:
        """Return a judgement with all places as they are now."""
        return msgspec.structs.replace(
            old,
            findings=[(about, [self._diagnostic(one) for one in found]) for about, found in old.findings],
            verdicts=[
                msgspec.structs.replace(one, call=None if one.call is None else self._span(one.call))
                for one in old.verdicts
            ],
            told=[(self._span(span), is_told) for span, is_told in old.told],
            annotations=[(self._span(span), cls) for span, cls in old.annotations],
            unreached=[self._span(one) for one in old.unreached],
            saves=[(path, self._span(span)) for path, span in old.saves],
            loads=[(path, self._span(span)) for path, span in old.loads],
            comments=self._comments(old),
        )

    def _comments(self, old: Judgement) -> list[Comment]:
        return self._present.suppressions(old.part.path) if old.part.path in self._changed else old.comments

    def _diagnostic(self, old: Diagnostic) -> Diagnostic:
        return msgspec.structs.replace(
            old,
            span=self._span(old.span),
            labels=tuple(Label(self._span(one.span), one.text) for one in old.labels),
            trail=tuple(Step(one.message, self._span(one.span)) for one in old.trail),
        )

    def _span(self, span: Span) -> Span:
        if span.path not in self._changed:
            return span
        place = self._changed[span.path].moved(span.start, span.end)
        if place is None:
            raise Unmoved
        return Span(span.path, *place)
