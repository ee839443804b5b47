"""The judgements that are known: those of earlier runs that still hold are taken, and the others are made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from scriptlint.engine.cache import Cache
from scriptlint.engine.judgement import Judgement, Part
from scriptlint.engine.memory import Memory
from scriptlint.engine.moving import moved
from scriptlint.engine.present import Present
from scriptlint.engine.rules import INTERNAL_ERROR


class Known:
    """Remembers judgements, and lets `judge` make those that are not known; `key` stands for the settings.

    `done` are the judgements so far, for who ends a run early.
    """

    def __init__(
        self,
        present: Present,
        cache: Cache,
        memory: Memory | None,
        key: str,
        judge: Callable[[Sequence[Part]], Iterator[Judgement]],
    ) -> None:
        self._present = present
        self._cache = cache
        self._memory = memory
        self._key = key
        self._judge = judge
        self.done: list[Judgement] = []

    def judged(self, parts: Sequence[Part]) -> list[Judgement]:
        """Return what is found about some parts."""
        found = {part: self._holding(part) for part in parts}
        unknown = [part for part, known in found.items() if known is None]
        self.done += [one for one in found.values() if one is not None]
        for made in self._judge(unknown) if unknown else ():
            found[made.part] = made
            self.done.append(made)
            self._keep(made.part, made)
        return [one for one in found.values() if one is not None]

    def _holding(self, part: Part) -> Judgement | None:
        for one in self._kept(self._name(part)):
            if one.part == part and self._present.agrees(one.basis):
                found = moved(one, self._present)
                if found is not None:
                    return found
        return None

    def _kept(self, name: str) -> Iterator[Judgement]:
        yield from () if self._memory is None else self._memory.judgements.get(name, ())
        stored = self._cache.judgement(name)
        if stored is not None:
            yield stored

    def _keep(self, part: Part, made: Judgement) -> None:
        if all(one.code != INTERNAL_ERROR.code for one in made.diagnostics):
            name = self._name(part)
            if self._memory is not None:
                self._memory.judgements.setdefault(name, []).append(made)
            self._cache.store_judgement(name, made)

    def _name(self, part: Part) -> str:
        return f"{part.kind}\n{part.path}\n{self._key}"
