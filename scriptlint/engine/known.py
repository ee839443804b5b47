"""The judgements that are known: those of earlier runs that still hold are taken, and the others are made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from scriptlint.engine.cache import Cache
from scriptlint.engine.joining import joined, pieces_of
from scriptlint.engine.judgement import Judgement, Part
from scriptlint.engine.memory import Memory
from scriptlint.engine.moving import moved, renewed
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
        cut = {part: self._pieces(part) for part, known in found.items() if known is None}
        known = {**found, **{part: one for pieces in cut.values() for part, one in pieces.items()}}
        self.done += [one for one in known.values() if one is not None]
        unknown = [part for part, one in known.items() if one is None and not cut.get(part)]
        for made in self._judge(unknown) if unknown else ():
            known[made.part] = made
            self.done.append(made)
            if made.part in found:
                self._keep(made.part, made)
        for part, pieces in cut.items():
            judged = [one for piece in pieces if (one := known[piece]) is not None]
            if judged:
                made = known[part] = joined(part, judged)
                self._keep(part, made)
        return [one for part in found if (one := known[part]) is not None]

    def _pieces(self, part: Part) -> dict[Part, Judgement | None]:
        """Return what is known of each class of a part; empty where all is to be judged as one.

        That is cheaper, and is done the first time: who changes a file once is likely to do so again.
        """
        before = list(self._kept(self._name(part))) if part.kind == "classes" and not part.counts else []
        kept = [piece for one in before for piece in pieces_of(one)]
        outline = self._present.outline(part.path) if before else None
        found: dict[Part, Judgement | None] = {}
        for number in range(0 if outline is None else outline.classes):
            piece = msgspec.structs.replace(part, only=number)
            held = self._held(piece, kept)
            found[piece] = None if held is None else renewed(held, self._present)
        return found

    def _holding(self, part: Part) -> Judgement | None:
        return self._held(part, self._kept(self._name(part)))

    def _held(self, part: Part, kept: Iterable[Judgement]) -> Judgement | None:
        """Return the first of some judgements that holds for a part, with the places as they are now."""
        for one in kept:
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
