"""Paths: the ways through an evaluation whose tests the code alone does not decide.

No state is copied. Each path runs from the start and is told which case to take at some of its *questions*; at the others
it takes the first. A question is asked once per path: it is identified by the tested value and the test, so two tests of
one value agree by themselves. The paths that remain to be explored are those with another case at a question that was met.

The idea is CrossHair's (`crosshair/statespace.py`), with the order that users expect: the defaults first, then each answer
turned over by itself, then pairs.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator
from math import inf
from typing import TYPE_CHECKING, Generic, TypeVar

from msgspec import Struct, field

if TYPE_CHECKING:
    from scriptlint.evaluate.values import Value
    from scriptlint.program.module import Class

Question = Hashable
_LEADING = 2  # how many paths that lead to something are followed whatever those before them cost


class Answer(Struct, frozen=True):
    """The case that was taken at a question, of how many, and the condition under which it is the one, as messages say it.

    `leads` says that another case may lead to what the paths are followed for, `is_read` that a file would tell.
    """

    case: int
    cases: int
    condition: str
    leads: bool = False
    is_read: bool = False


class Path(Struct, eq=False):
    """One way through an evaluation: what it is told, what was asked, and what was taken for granted on the way."""

    told: dict[Question, int] = field(default_factory=dict)
    answers: dict[Question, Answer] = field(default_factory=dict)
    assumed: dict[str, None] = field(default_factory=dict)
    changed: dict[tuple[Class, str], Value | None] = field(default_factory=dict)  # what was set on classes before
    sizes: int = 0  # how many sizes were chosen, each smaller than the one before
    has_chosen: bool = False  # whether some number stands for one that nobody gives
    committed: int = 0  # how many tests are being evaluated of which one answer ends the path
    leading: int = 0  # how many tests are being evaluated of statements in which something may be compiled
    guesses: int = 0  # how often a test was met that the code does not decide
    steps: int = 0  # how many were taken
    depth: int = 0  # how deep the objects are nested that are being made for arguments

    def choose(self, question: Question, conditions: tuple[str, ...], *, is_read: bool = False) -> int:
        """Return the case to take at a question, which has as many as there are conditions."""
        known = self.answers.get(question)
        if known is None:
            case = min(self.told.get(question, 0), len(conditions) - 1)
            cases = 1 if self.committed else len(conditions)
            known = self.answers[question] = Answer(case, cases, conditions[case], self.leading > 0, is_read)
        self.guesses += known.cases > 1
        return known.case

    def assume(self, text: str) -> None:
        """Note what is taken for granted."""
        self.assumed[text] = None

    def unproved(self, others: Iterable[Path]) -> tuple[str, ...]:
        """Return the conditions that a file would tell and whose other cases none of some other paths took."""
        taken: dict[Question, set[int]] = {}
        for path in others:
            for question, answer in path.answers.items():
                taken.setdefault(question, set()).add(answer.case)
        read = [(question, one) for question, one in self.answers.items() if one.is_read]
        return tuple(one.condition for question, one in read if one.cases > 1 and len(taken.get(question, ())) < 2)

    @property
    def conditions(self) -> tuple[str, ...]:
        """The conditions that hold on this path, in the order in which they were asked."""
        return tuple(one.condition for one in self.answers.values() if one.condition)


T = TypeVar("T")


class Leaf(Struct, Generic[T], frozen=True, eq=False):
    """The end of a path and what its evaluation returned."""

    path: Path
    result: T


class Exploration(Struct, Generic[T], frozen=True, eq=False):
    """The paths that were explored, and how many are known that were not."""

    leaves: list[Leaf[T]]
    left: int


def explore(run: Callable[[Path], T], limit: int, steps: float = inf) -> Exploration[T]:
    """Evaluate along at most `limit` paths; none is begun after those before it took as many steps as this.

    First comes the path of all first cases, then those that turn one of its answers over, with what is only asked then,
    those that lead to something before the others and whatever the path before them cost; pairs come last and fill half
    of the limit at most.
    """
    leaves: list[Leaf[T]] = []
    taken = 0
    first: set[Question] = set()
    leading: deque[dict[Question, int]] = deque([{}])
    singles: deque[dict[Question, int]] = deque()
    pairs: deque[dict[Question, int]] = deque()
    seen: set[frozenset[tuple[Question, int]]] = {frozenset()}
    while leading or singles or pairs:
        is_wanted = bool(leading) and len(leaves) <= _LEADING
        if len(leaves) >= (limit if leading or singles else limit // 2) or (taken >= steps and not is_wanted):
            break
        told = (leading or singles or pairs).popleft()
        path = Path(told)
        leaves.append(Leaf(path, run(path)))
        taken += path.steps
        if not told:
            first = set(path.answers)
        for further, question in _turned(path, told, seen):
            leads = path.answers[question].leads
            (leading if leads else pairs if told and question in first else singles).append(further)
    return Exploration(leaves, len(leading) + len(singles) + len(pairs))


def _turned(
    path: Path, told: dict[Question, int], seen: set[frozenset[tuple[Question, int]]]
) -> Iterator[tuple[dict[Question, int], Question]]:
    """Iterate over what further paths are told: what this one was, and one more answer turned over."""
    for question, answer in path.answers.items():
        if question in told:
            continue
        for case in range(answer.cases):
            if case != answer.case:
                further = {**told, question: case}
                key = frozenset(further.items())
                if key not in seen:
                    seen.add(key)
                    yield further, question
