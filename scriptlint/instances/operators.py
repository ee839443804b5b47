"""Operators on values that stand for Python objects: arithmetic, comparisons, membership and identity."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scriptlint.evaluate.values import (
    Choice,
    ClassValue,
    Const,
    EnumMember,
    ExternalValue,
    Items,
    Mapping,
    Scalar,
    Some,
    TensorValue,
    Unknown,
    Value,
    identity,
)
from scriptlint.instances import constants

_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
    "**": constants.power,
}


def arithmetic(operator: str, left: Value, right: Value) -> Value:
    """A binary operation on constants and lists."""
    if isinstance(left, Items) and isinstance(right, Items) and operator == "+":
        return Items(left.kind, [*left.items, *right.items], left.exact and right.exact)
    if isinstance(left, Items) and isinstance(right, Const) and isinstance(right.value, int) and operator == "*":
        return Items(left.kind, left.items * min(right.value, 64), left.exact and right.value <= 64)
    if isinstance(left, Items) and isinstance(right, Some) and operator == "*":
        return Items(left.kind, left.items, exact=False)
    if isinstance(left, Const) and isinstance(left.value, str) and operator == "%":
        return constants.formatted(left.value, right)
    numbers = (Const, Scalar)
    if isinstance(left, numbers) and isinstance(right, numbers) and operator in _ARITHMETIC:
        return _calculated(operator, left, right)
    if isinstance(left, TensorValue) or isinstance(right, TensorValue):
        return TensorValue()
    kinds = {one.kind if isinstance(one, Some) else type(getattr(one, "value", None)).__name__ for one in (left, right)}
    if kinds <= {"int", "float", "bool"} and all(isinstance(one, (Some, Const)) for one in (left, right)):
        # A whole number to an unknown power may be a fraction.
        if operator == "**" and "float" not in kinds:
            return Unknown()
        return Some("float" if operator == "/" or "float" in kinds else "int")
    if kinds == {"str"} and operator == "+":
        return Some("str")
    return Unknown()


def _calculated(operator: str, left: Const | Scalar, right: Const | Scalar) -> Value:
    if isinstance(left.value, str) and operator == "*":
        return Some("str")
    try:
        value = _ARITHMETIC[operator](left.value, right.value)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return Unknown()
    scalars = [one.kind for one in (left, right) if isinstance(one, Scalar)]
    if scalars and not (isinstance(value, float) and set(scalars) == {"int64"}):
        return Scalar(scalars[0], value)
    return Const(value)


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def compare(operator: str, left: Value, right: Value) -> Value:
    """A comparison of two values."""
    if operator in ("is", "is not"):
        same = _same(left, right)
        return Some("bool") if same is None else Const(same == (operator == "is"))
    if operator in ("in", "not in"):
        found = _contains(left, right)
        return Some("bool") if found is None else Const(found == (operator == "in"))
    if operator in ("==", "!="):
        equal = _equal(left, right)
        if equal is not None:
            return Const(equal == (operator == "=="))
    elif isinstance(left, (Const, Scalar)) and isinstance(right, (Const, Scalar)):
        try:
            return Const(bool(_COMPARISONS[operator](left.value, right.value)))
        except TypeError:
            return Unknown()
    plain = (Const, Some, Items, Mapping)
    return Some("bool") if isinstance(left, plain) and isinstance(right, plain) else Unknown()


def _equal(left: Value, right: Value) -> bool | None:
    if all(isinstance(one, (ExternalValue, ClassValue)) for one in (left, right)):
        return identity(left) == identity(right)
    if isinstance(left, EnumMember) and isinstance(right, EnumMember) and left.cls is right.cls:
        return True if left == right else None  # two names may be of one member
    known = constants.to_python(left), constants.to_python(right)
    return None if known[0] is None or known[1] is None else bool(known[0][0] == known[1][0])


def _contains(key: Value, container: Value) -> bool | None:
    if isinstance(container, Const) and isinstance(container.value, str) and isinstance(key, Const):
        return isinstance(key.value, str) and key.value in container.value
    if isinstance(container, Mapping) and isinstance(key, Const):
        return True if key.value in container.items else False if container.exact else None
    if not isinstance(container, Items):
        return None
    answers = [_equal(key, one) for one in container.items]
    if True in answers:
        return True
    return False if container.exact and None not in answers else None


def _same(left: Value, right: Value) -> bool | None:
    none = Const(None)
    if none in (left, right):
        other = right if left == none else left
        if isinstance(other, Const):
            return other.value is None
        if isinstance(other, ExternalValue) and other.receiver is None and other.name.startswith("torch.nn."):
            return False  # a class or function of torch
        return None if isinstance(other, (Unknown, Choice, ExternalValue)) else False
    if isinstance(left, ClassValue) and isinstance(right, ClassValue):
        return left.symbol is right.symbol
    if isinstance(left, EnumMember) and isinstance(right, EnumMember):
        return _equal(left, right)
    if isinstance(left, ExternalValue) and isinstance(right, ExternalValue):
        return left == right
    if isinstance(left, Const) and isinstance(right, Const) and isinstance(left.value, bool):
        return left.value is right.value
    return None
