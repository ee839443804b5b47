"""What those remember who judge the same files again and again, as a repair does, each time with a few of them changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from scriptlint.diag import Diagnostic, Span

if TYPE_CHECKING:
    from scriptlint.engine.cache import Run

Place = tuple[str, int]
"""A file, and where in it a definition begins."""

# What is kept of old states: judgements of one class, trees, and runs.
_STATES, _TREES, _RUNS = 4, 2_000, 40


@dataclass(frozen=True)
class Judgement:
    """What was found about a class, its verdict for each target, and the functions and classes that were looked at for it;
    also which annotations have classes compiled, and which classes are used in other ways.

    `files` are the digests of all files on which it depends.
    """

    files: dict[str, str]
    findings: list[Diagnostic]
    verdicts: dict[str, str]
    reached: list[Place]
    excluded: list[Place]
    judged: list[Place]
    annotations: dict[Span, Place]
    used: list[Place]


@dataclass
class Memory:
    """What is remembered: trees, encoded, by the digest of their file; the text and the tree that a file had last;
    judgements by the place of their class, one for each state of its files; and the last run of each set of files.
    """

    parsed: dict[str, bytes] = field(default_factory=dict)
    latest: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    judgements: dict[Place, list[Judgement]] = field(default_factory=dict)
    runs: dict[str, Run] = field(default_factory=dict)

    def forget_old(self) -> None:
        """Forget the oldest states beyond what somebody who edits files for a long time needs."""
        for known in self.judgements.values():
            del known[:-_STATES]
        for kept, most in ((self.parsed, _TREES), (self.runs, _RUNS)):
            for key in list(kept)[: max(0, len(kept) - most)]:
                kept.pop(key)


class Recall:
    """The judgements of a memory that hold in one run, in which the content of a file is what `digest` says."""

    def __init__(self, memory: Memory, digest: Callable[[str], str]) -> None:
        self._judgements = memory.judgements
        self._digest = cache(digest)

    def __call__(self, place: Place) -> Judgement | None:
        """The judgement of the class at a place, if it was judged when all its files were as they are now."""
        known = self._judgements.get(place, ())
        return next((one for one in known if one.files == self.digests(one.files)), None)

    def keep(self, place: Place, judgement: Judgement) -> None:
        """Remembers the judgement of the class at a place."""
        self._judgements.setdefault(place, []).append(judgement)

    def digests(self, paths: Iterable[str]) -> dict[str, str]:
        """What these files are now."""
        return {path: self._digest(path) for path in paths}
