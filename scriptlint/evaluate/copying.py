"""Copies of objects, as the `copy` module makes them, and which objects are copies of each other from the start."""

from __future__ import annotations

from typing import TypeVar

from msgspec.structs import replace

from scriptlint.evaluate.arguments import Arguments
from scriptlint.evaluate.values import (
    ClassValue,
    Const,
    EnumMember,
    ExternalValue,
    FunctionValue,
    Held,
    Instance,
    Items,
    Mapping,
    Partial,
    Some,
    Unknown,
    Value,
)
from scriptlint.program.module import Class

V = TypeVar("V", bound=Value)


def copy(value: V, *, deep: bool) -> V:
    """Return a copy of a container or object; anything else stands for its copy."""
    return _deep(value, {}) if deep else _shallow(value)  # type: ignore[return-value]


def key_of(cls: Class, given: Arguments) -> object | None:
    """Return what two calls of a class share that make equal objects; None where an argument may change or is not known."""
    if not given.exact or given.open:
        return None
    parts = [_plain(one) for one in given.all()]
    return None if None in parts else (cls, len(given.positional), *given.keywords, *parts)


def _plain(value: Value) -> object | None:
    match value:
        case Const():
            return type(value.value), value.value
        case Some() | ExternalValue(receiver=None) | EnumMember() | Unknown():
            return value
        case ClassValue(scope=None):
            return value.symbol
        case FunctionValue(bound=None, scope=None):
            return value.function
        case Items(kind="tuple"):
            inner = tuple(map(_plain, value.items))
            return None if None in inner else ("tuple", value.exact, *inner)
        case Partial():
            bound = [_plain(one) for one in (value.callee, *value.arguments, *value.keywords.values())]
            return None if None in bound else ("partial", len(value.arguments), *value.keywords, *bound)
        case _:
            return None


def _shallow(value: Value) -> Value:
    match value:
        case Instance():
            attributes = {name: list(held) for name, held in value.attributes.items()}
            return replace(value, attributes=attributes, hooks=list(value.hooks), pre_hooks=list(value.pre_hooks))
        case Items():
            return Items(value.kind, list(value.items), value.exact, value.made_by)
        case Mapping():
            return Mapping(dict(value.items), value.exact, value.factory)
        case _:
            return value


def _deep(value: Value, made: dict[int, Value]) -> Value:
    """Return a copy in which everything below is copied too, once, whatever holds it."""
    if not isinstance(value, (Instance, Items, Mapping)):
        return value
    known = made.get(id(value))
    if known is not None:
        return known
    copied = made[id(value)] = _shallow(value)
    match copied:
        case Instance():
            for name, held in copied.attributes.items():
                copied.attributes[name] = [Held(_deep(one.value, made), one.when, one.span) for one in held]
            if copied.foreign is not None:
                copied.foreign = replace(
                    copied.foreign,
                    arguments=tuple(_deep(one, made) for one in copied.foreign.arguments),
                    keywords={name: _deep(one, made) for name, one in copied.foreign.keywords.items()},
                )
        case Items():
            copied.items = [_deep(one, made) for one in copied.items]
        case Mapping():
            copied.items = {key: _deep(one, made) for key, one in copied.items.items()}
    return copied
