"""Calls that were followed before: equal arguments give an equal result.

A model of fifty blocks, and the sixteen configurations of it, follow the constructor of a block once for each kind of block.
A call is remembered if nothing is left of it but its result: it changed none of its arguments and nothing that others share.
What it asked its path is asked again, and it is followed again where the answers are others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct

from scriptlint.evaluate import copying
from scriptlint.evaluate.arguments import Arguments
from scriptlint.evaluate.contents import Changing, Contents, Unlike
from scriptlint.evaluate.path import Answer, Question
from scriptlint.evaluate.values import FunctionValue, Instance, Items, Mapping, Symbol, Value, now
from scriptlint.program.module import Class, Function

if TYPE_CHECKING:
    from scriptlint.evaluate.evaluator import Evaluator

_ARGUMENTS = 256
_ARGUMENTS_OF_FUNCTION = 4096
_RESULT = 512
_ANSWERS = 8
_LONG_CONSTRUCTOR = 40
_LONG_FUNCTION = 200
"""How many steps a call takes that is worth looking for: finding out what its arguments hold is work as well."""

V = TypeVar("V", bound=Value)


class _Known(Struct, frozen=True, eq=False):
    """What a call gave, what of its arguments may change, what it asked its path, and how many parts the result has."""

    result: Value
    arguments: Sequence[Value]
    log: Sequence[tuple[Question, Answer] | str]
    size: int


class Remembering:
    """Remembers the calls of one evaluator."""

    def __init__(self, ev: Evaluator) -> None:
        self._ev = ev
        self._known: dict[object, list[_Known]] = {}
        self._numbers: dict[object, int] = {}
        self._longest: dict[Class | Function, int] = {}
        self._oldest: float = inf
        """When the oldest object was made that the call that is followed now has changed."""

    def note_change(self, owner: Value | None) -> None:
        """Hear that an object or a container is changed, or something that is shared."""
        born = owner.born if isinstance(owner, (Instance, Items, Mapping)) else 0
        self._oldest = min(self._oldest, born)

    def note_cut(self) -> None:
        """Hear that a call is not followed because of those around it: elsewhere it may be."""
        self._oldest = 0

    def construct(self, cls: Class, given: Arguments, begin: int, make: Callable[[], Instance]) -> Instance:
        """Return what `make` makes for a call of a class that began at `begin`; from memory where it made such an object."""
        return self._call(cls, given, begin, (_LONG_CONSTRUCTOR, _ARGUMENTS), make)

    def call(self, value: FunctionValue, given: Arguments, run: Callable[[], Value]) -> Value:
        """Return what `run` returns for a call of a function; from memory where it is long and changes nothing."""
        if value.bound is not None:
            given = Arguments([value.bound, *given.positional], given.keywords, given.exact, given.open)
        return self._call(value.function, given, now(), (_LONG_FUNCTION, _ARGUMENTS_OF_FUNCTION), run)

    def _call(
        self, callee: Class | Function, given: Arguments, begin: int, limits: tuple[int, int], run: Callable[[], V]
    ) -> V:
        ev = self._ev
        before = ev.steps
        longest = self._longest.get(callee, 0)
        long, most = limits
        if given.open or not given.exact or longest < long:
            result = run()
        else:
            result = self._remembered(callee, given, begin, min(longest, most), run)
        self._longest[callee] = max(longest, before - ev.steps)
        return result

    def _remembered(self, callee: Class | Function, given: Arguments, begin: int, most: int, run: Callable[[], V]) -> V:
        ev, path = self._ev, self._ev.path
        try:
            contents = Contents(given.all(), most, self._numbers)
        except Unlike:
            return run()
        key = callee, len(given.positional), *given.keywords, contents.key
        all_known = self._known.setdefault(key, [])
        for known in all_known:
            if path.repeat(known.log):
                ev.spend(1 + known.size // 8)
                pairs = zip(known.arguments, contents.changing, strict=True)
                return copying.again(known.result, {id(old): new for old, new in pairs})  # type: ignore[return-value]
        noted, sizes, logged, steps = ev.domain.noted, path.sizes, len(path.log), ev.steps
        outer, self._oldest = self._oldest, inf
        try:
            result = run()
            is_whole = self._oldest >= begin and (noted, sizes) == (ev.domain.noted, path.sizes)
        finally:
            self._oldest = min(outer, self._oldest)
        if is_whole and len(all_known) < _ANSWERS and self._is_undecided(contents, given, most):
            # Remembering may not cost more than following did: a call whose parts were recalled is recalled by these.
            made = self._kept(result, contents.changing, path.log[logged:], min(_RESULT, steps - ev.steps))
            if made is not None:
                all_known.append(made)
        return result

    def _kept(
        self, result: Value, arguments: list[Changing], log: Sequence[tuple[Question, Answer] | str], most: int
    ) -> _Known | None:
        """Return what is remembered of a call; None where its result is none that can be made again."""
        try:
            size = len(Contents([result], most, self._numbers).changing)
        except Unlike:
            return None
        copies: dict[int, Value] = {}
        kept = copying.again(result, copies)
        return _Known(kept, [copies.get(id(one), one) for one in arguments], tuple(dict.fromkeys(log)), size)

    def _is_undecided(self, contents: Contents, given: Arguments, most: int) -> bool:
        """Return True if the symbols among the arguments of a call were not decided by it."""
        if not any(isinstance(one, Symbol) for one in contents.changing):
            return True
        try:
            return Contents(given.all(), most, self._numbers).key == contents.key
        except Unlike:
            return False
