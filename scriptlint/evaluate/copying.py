"""Copies of objects, as the `copy` module makes them."""

from __future__ import annotations

from msgspec.structs import replace

from scriptlint.evaluate.values import Held, Instance, Items, Mapping, Value


def copy(value: Value, *, deep: bool) -> Value:
    """Return a copy of a container or object; anything else stands for its copy."""
    return _deep(value, {}) if deep else _shallow(value)


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
