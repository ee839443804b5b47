"""Keys of dictionaries and members of sets: what makes two values the same key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scriptlint.evaluate import classes, symbols
from scriptlint.evaluate.values import (
    ClassValue,
    Const,
    EnumMember,
    ExternalValue,
    FunctionValue,
    Hashed,
    Instance,
    Items,
    Key,
    Mapping,
    ModuleValue,
    Some,
    Symbol,
    Value,
    identity,
)

if TYPE_CHECKING:
    from scriptlint.evaluate.evaluator import Evaluator

NO_KEY = object()
"""What `key_of` returns for a value whose key is not known."""


def key_of(ev: Evaluator, value: Value) -> Any:
    """Return the key that a value is; `NO_KEY` where that is not known."""

    value = symbols.settled(ev, value)
    match value:
        case Const():
            return value.value
        case Items(kind="tuple") if value.exact:
            inner = tuple(key_of(ev, one) for one in value.items)
            return NO_KEY if NO_KEY in inner else inner
        case ClassValue() | FunctionValue() | EnumMember() | ExternalValue() | ModuleValue() | Instance():
            return Hashed(value, identity(value) or id(value))
        case Some(kind=("dtype" | "layout" | "device")) | Symbol():
            return NO_KEY
        case _:
            return NO_KEY


def key_in(ev: Evaluator, value: Value, mapping: Mapping) -> Any:
    """Return the key that a value is among those of a dictionary: a member of an enum may be the text that is there."""
    key = key_of(ev, value)
    if isinstance(key, Hashed) and key not in mapping.items:
        own = classes.own_value(ev, key.value)
        return own.value if isinstance(own, Const) else key
    return key


def of_key(key: Key | object) -> Value:
    """Return the value that a key stands for."""
    if isinstance(key, Hashed):
        return key.value
    if isinstance(key, tuple):
        return Items("tuple", [of_key(one) for one in key])
    assert key is None or isinstance(key, (bool, int, float, str))
    return Const(key)
