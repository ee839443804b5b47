"""Judging parts, here or in worker processes; both give the same, since a part does not depend on the others."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence

from scriptlint.diag import Report, Span
from scriptlint.engine import interruption
from scriptlint.engine.cache import Cache
from scriptlint.engine.cache_folder import Place
from scriptlint.engine.environment import import_roots
from scriptlint.engine.judgement import Judgement, Part
from scriptlint.engine.packs import packs_of
from scriptlint.engine.parsing import WORTH_A_POOL, Outcome
from scriptlint.engine.parts import Parts
from scriptlint.engine.present import Present
from scriptlint.engine.rules import INTERNAL_ERROR
from scriptlint.engine.settings import Settings
from scriptlint.engine.snapshots import library_of
from scriptlint.engine.store import Store
from scriptlint.syntax.depth import allow_depth
from scriptlint.syntax.room import with_room


class Judging:
    """Judges parts of the files of a store, in at most `jobs` processes; 0 takes every processor.

    Callers of helpers are `among` some of the files; `place` is where the cache lies, if there is one.
    """

    def __init__(
        self,
        store: Store,
        present: Present,
        settings: Settings,
        among: Sequence[str],
        *,
        place: Place | None,
        jobs: int,
    ) -> None:
        self._place = place
        self._store = store
        self._present = present
        self._settings = settings
        self._among = among
        self._jobs = jobs or os.cpu_count() or 1
        self._parts = _parts(store, present, settings, among)

    def __call__(self, parts: Sequence[Part]) -> Iterator[Judgement]:
        """Yield what is found about some parts, as it is done. Raises interruption.Interrupted."""
        sizes = {part: self._store.size(part.path) for part in parts}
        total = sum({part.path: size for part, size in sizes.items()}.values())
        if self._jobs == 1 or len(parts) == 1 or total < WORTH_A_POOL:
            for part in parts:
                yield self._here(part)
            return
        from scriptlint.engine.workers import results  # a run that judges little does not pay for it

        first = sorted(parts, key=lambda part: -sizes[part])  # so that no worker is left alone with one at the end
        pieces = {str(number): str(number).encode() for number in range(len(first))}
        work = _Work(self._settings, self._place, self._store.overlay, self._store.fresh, self._among, first)
        for name, made in results(work, pieces, ([one] for one in pieces), self._jobs):
            interruption.check()
            part = first[int(name)]
            if made is None:
                yield _died(part)
            else:
                # A file may have changed since it was read here.
                yield made if self._present.agrees(made.basis) else self._here(part)

    def _here(self, part: Part) -> Judgement:
        return with_room(lambda: self._parts.judge(part))


class _Work:
    """Judges the parts with some numbers, in a process of its own: `trees` are those that no cache may hold."""

    def __init__(
        self,
        settings: Settings,
        place: Place | None,
        overlay: Mapping[str, bytes],
        trees: Mapping[str, Outcome],
        among: Sequence[str],
        parts: Sequence[Part],
    ) -> None:
        self._settings = settings
        self._place = place
        self._overlay = dict(overlay)
        self._trees = dict(trees)
        self._among = among
        self._wanted = parts
        self._parts: Parts | None = None

    def __call__(self, number: bytes) -> Judgement:
        return with_room(lambda: self._judge(self._wanted[int(number)]))

    def _judge(self, part: Part) -> Judgement:
        if self._parts is None:
            store = Store(Cache(self._place), self._overlay, markdown=self._settings.markdown)
            store.fresh.update(self._trees)
            self._parts = _parts(store, Present(self._among, store), self._settings, self._among)
        return self._parts.judge(part)


def _parts(store: Store, present: Present, settings: Settings, among: Sequence[str]) -> Parts:
    allow_depth()
    roots = import_roots(settings.python, settings.root)
    return Parts(store, present, roots, library_of(settings), settings.target, among, packs_of(settings))


def _died(part: Part) -> Judgement:
    report = Report()
    report.report(INTERNAL_ERROR, Span(part.path, 0, 0), reason="the process that judged it died")
    return Judgement(part, findings=[("", report.diagnostics)])
