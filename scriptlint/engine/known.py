"""The judgements that are known: those of earlier runs that still hold are taken, and the others are made."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from scriptlint.engine.cache import Cache
from scriptlint.engine.interruption import Interrupted
from scriptlint.engine.judgement import Judgement, Part
from scriptlint.engine.memory import Memory
from scriptlint.engine.moving import moved
from scriptlint.engine.present import Present
from scriptlint.engine.rules import INTERNAL_ERROR


class Known:
    """Remembers judgements; `key` stands for the settings, `prepare` has the trees of files made that will be asked for.

    `done` are the judgements so far, for who ends a run early: the thread that makes them ends once `is_over` is set.
    """

    def __init__(
        self,
        present: Present,
        cache: Cache,
        memory: Memory | None,
        key: str,
        prepare: Callable[[Sequence[str]], None],
    ) -> None:
        self.present = present
        self._cache = cache
        self._memory = memory
        self._key = key
        self._prepare = prepare
        self.done: list[Judgement] = []
        self.is_over = False

    def judged(self, parts: Sequence[Part], judge: Callable[[Part], Judgement]) -> list[Judgement]:
        """Return what is found about some parts."""
        found = {part: self._holding(part) for part in parts}
        unknown = [part for part, known in found.items() if known is None]
        self.done += [one for one in found.values() if one is not None]
        self._prepare([part.path for part in unknown])
        for part in unknown:
            if self.is_over:
                raise Interrupted
            found[part] = made = judge(part)
            self.done.append(made)
            self._keep(part, made)
        return [one for one in found.values() if one is not None]

    def _holding(self, part: Part) -> Judgement | None:
        name = self._name(part)
        kept = [] if self._memory is None else self._memory.judgements.get(name, [])
        stored = self._cache.judgement(name)
        known = [*kept, stored] if stored is not None else kept
        holding = (one for one in known if one.part == part and self.present.agrees(one.basis))
        return next((found for one in holding if (found := moved(one, self.present)) is not None), None)

    def _keep(self, part: Part, made: Judgement) -> None:
        if all(one.code != INTERNAL_ERROR.code for one in made.diagnostics):
            name = self._name(part)
            if self._memory is not None:
                self._memory.judgements.setdefault(name, []).append(made)
            self._cache.store_judgement(name, made)

    def _name(self, part: Part) -> str:
        return f"{part.kind}\n{part.path}\n{self._key}"
