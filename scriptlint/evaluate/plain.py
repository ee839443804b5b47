"""Plain values: those that stand for objects of Python, which pure functions of Python can simply be called with.

The size of a result is bounded before and after: what would be huge is not made.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from scriptlint.evaluate.values import Const, Items, Mapping, Scalar, Slice, Unknown, Value

LARGEST = 10**15
"""Larger numbers are no sizes of layers, and computing with them could take long."""
LONGEST = 65_536
"""Longer texts and lists are not made."""

T = TypeVar("T")

ERRORS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What the pure functions of Python raise for arguments that they do not take."""


class TooLarge(Exception):
    """A result that would be too large to be kept."""


def to_python(value: Value) -> tuple[Any] | None:
    """Return the Python object that a value stands for, in a tuple of its own; None where it is not known."""
    match value:
        case Const():
            return (value.value,)
        case Scalar(value=number) if number is not None:
            return (number,)
        case Slice():
            return (value.bounds,)
        case Items() if value.exact and value.made_by is None and len(value.items) <= LONGEST:
            inner = [to_python(one) for one in value.items]
            if None in inner:
                return None
            items = [one[0] for one in inner if one is not None]
            make: Callable[[list[Any]], Any] = {"tuple": tuple, "set": frozenset}.get(value.kind, list)
            try:
                return (make(items),)
            except TypeError:
                return None
        case Mapping() if value.exact and value.factory is None:
            pairs = {key: to_python(one) for key, one in value.items.items()}
            if None in pairs.values() or not all(_is_constant(key) for key in pairs):
                return None
            return ({key: one[0] for key, one in pairs.items() if one is not None},)
        case _:
            return None


def _is_constant(key: object) -> bool:
    if isinstance(key, tuple):
        return all(map(_is_constant, key))
    return key is None or isinstance(key, (bool, int, float, str))


def of_python(value: object) -> Value | None:
    """Return the value that stands for a Python object; None for what is not made of constants, lists and dictionaries."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return Const(value) if not _is_large(value) else None
    if isinstance(value, (list, tuple, set, frozenset, range)):
        if len(value) > LONGEST:
            return None
        items = [of_python(one) for one in value]
        kinds = ((tuple, "tuple"), (list, "list"), (range, "range"))
        kind = next((name for cls, name in kinds if isinstance(value, cls)), "set")
        return Items(kind, [one for one in items if one is not None]) if None not in items else None
    if isinstance(value, dict):
        values = {key: of_python(one) for key, one in value.items()}
        if None in values.values() or not all(map(_is_constant, values)):
            return None
        return Mapping({key: one for key, one in values.items() if one is not None})
    return None


def _is_large(value: object) -> bool:
    if isinstance(value, bool) or value is None:
        return False
    if isinstance(value, int):
        return abs(value) > LARGEST
    return isinstance(value, str) and len(value) > LONGEST


def limited(function: Callable[[], T]) -> T:
    """Return what a function returns; raise TooLarge where that is large."""
    made = function()
    if _is_large(made):
        raise TooLarge
    return made


def apply(
    function: Callable[..., Any], values: Sequence[Value], keywords: dict[str, Value] | None = None
) -> Value | None:
    """Return what a pure function of Python returns for plain values; None where they are not plain, or it cannot.

    Errors of the function are the caller's, as the evaluated code would get them.
    """
    given = [to_python(one) for one in values]
    named = {name: to_python(one) for name, one in (keywords or {}).items()}
    if None in given or None in named.values():
        return None
    arguments = [one[0] for one in given if one is not None]
    if any(_is_large(one) for one in arguments):
        return None
    return of_python(function(*arguments, **{name: one[0] for name, one in named.items() if one is not None}))


def computed(function: Callable[..., Any], values: Sequence[Value], keywords: dict[str, Value] | None = None) -> Value:
    """Return the same; Unknown where there is no result."""
    try:
        return apply(function, values, keywords) or Unknown()
    except ERRORS:
        return Unknown()
