"""Copies of containers and objects, as the `copy` module makes them."""

from __future__ import annotations

from typing import TypeVar

from msgspec.structs import replace

from scriptlint.evaluate.values import FunctionValue, Held, Instance, Items, Mapping, Partial, Value

K = TypeVar("K")
V = TypeVar("V", bound=Value)


def copy(value: V, *, deep: bool) -> V:
    """Return a copy of a container or object; anything else stands for its copy."""
    return _Deep()(value) if deep else _shallow(value)  # type: ignore[return-value]


def _shallow(value: Value) -> Value:
    match value:
        case Instance():
            attributes = {name: list(held) for name, held in value.attributes.items()}
            return replace(value, attributes=attributes, hooks=list(value.hooks), pre_hooks=list(value.pre_hooks))
        case Items():
            return Items(value.kind, list(value.items), value.exact, value.made_by)
        case Mapping():
            return Mapping(dict(value.items), value.exact, value.factory, value.is_rest)
        case _:
            return value


class _Deep:
    """Copies everything below a value, once, whatever holds it."""

    def __init__(self) -> None:
        self._made: dict[int, Value] = {}

    def __call__(self, value: Value) -> Value:
        match value:
            case Instance() | Items() | Mapping():
                return self._changing(value)
            case FunctionValue() if value.bound is not None:
                return replace(value, bound=self(value.bound))
            case Partial():
                return Partial(self(value.callee), [*map(self, value.arguments)], self._each(value.keywords))
            case _:
                return value

    def _changing(self, value: Instance | Items | Mapping) -> Value:
        known = self._made.get(id(value))
        if known is not None:
            return known
        copied = self._made[id(value)] = _shallow(value)
        match copied:
            case Instance():
                for name, held in copied.attributes.items():
                    copied.attributes[name] = [
                        Held(self(one.value), one.when, one.span, one.registered) for one in held
                    ]
                if copied.foreign is not None:
                    arguments = tuple(map(self, copied.foreign.arguments))
                    copied.foreign = replace(
                        copied.foreign, arguments=arguments, keywords=self._each(copied.foreign.keywords)
                    )
            case Items():
                copied.items = [*map(self, copied.items)]
            case Mapping():
                copied.items = self._each(copied.items)
        return copied

    def _each(self, values: dict[K, Value]) -> dict[K, Value]:
        return {key: self(one) for key, one in values.items()}
