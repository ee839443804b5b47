"""Equal objects become one: what a path has made is rebuilt so that objects which cannot be told apart are the same.

The compiler shares types between such objects, and what is judged for one holds for all of them: a model of fifty equal
blocks is judged once, and so is a block that many configurations of a model have.
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from scriptlint.evaluate.symbols import finalized
from scriptlint.evaluate.values import (
    Compiled,
    Const,
    Foreign,
    FunctionValue,
    Hashed,
    Held,
    Instance,
    Items,
    LambdaValue,
    Mapping,
    Optimized,
    Partial,
    PythonObject,
    Unknown,
    Value,
    identity,
)
from scriptlint.program.module import Class
from scriptlint.program.project import External


class Interner:
    """Remembers the objects of a run."""

    def __init__(self) -> None:
        self._known: dict[object, Instance] = {}
        self._kept: list[object] = []  # what keys are made of, so that no identity is used twice

    def intern(self, value: Value) -> Value:
        """Return what stands for a value when its path has ended; it is changed, and what it holds too."""
        return _Pass(self._known, self._kept).value(value)


# What holds other values: only these are rebuilt.
_REBUILT = frozenset({Instance, Items, Mapping, Partial, Compiled, Optimized})


class _Pass:
    """One walk over what a path has made; objects that lead to themselves stay as they are."""

    def __init__(self, known: dict[object, Instance], kept: list[object]) -> None:
        self._known = known
        self._kept = kept
        self._done: dict[int, Value] = {}

    def value(self, value: Value) -> Value:
        value = finalized(value)
        if type(value) not in _REBUILT:
            return value
        if isinstance(value, Items) and isinstance(value.made_by, Class) and value.exact:
            # To those who read objects, a named tuple is an object that was made of its items.
            foreign = Foreign("typing.NamedTuple", tuple(value.items), {})
            value = Instance(value.made_by, open=True, foreign=foreign, is_plain=True)
        if isinstance(value, Items) and value.kind == "deque":
            return PythonObject("collections.deque")
        done = self._done.get(id(value))
        if done is None:
            self._kept.append(value)
            # An object may lead to itself; nothing that holds itself has a type.
            circle = isinstance(value, (Items, Mapping))
            self._done[id(value)] = Unknown("a container that holds itself") if circle else value
            done = self._done[id(value)] = self._rebuilt(value)
        return done

    def _of_dictionary(self, key: Any) -> Any:
        if isinstance(key, tuple):
            return tuple(map(self._of_dictionary, key))
        return replace(key, value=self.value(key.value)) if isinstance(key, Hashed) else key

    def _rebuilt(self, value: Value) -> Value:
        match value:
            case Instance():
                return self._object(value)
            case Items():
                value.items = [self.value(one) for one in value.items]
            case Mapping():
                value.items = {self._of_dictionary(key): self.value(one) for key, one in value.items.items()}
            case Partial():
                keywords = {name: self.value(one) for name, one in value.keywords.items()}
                return Partial(self.value(value.callee), [self.value(one) for one in value.arguments], keywords)
            case Compiled() | Optimized():
                return replace(value, inner=self.value(value.inner))
        return value

    def _object(self, instance: Instance) -> Instance:
        instance.attributes = {
            name: [Held(self.value(one.value), one.when, one.span, one.registered) for one in held]
            for name, held in instance.attributes.items()
        }
        instance.hooks = [self.value(one) for one in instance.hooks]
        instance.pre_hooks = [self.value(one) for one in instance.pre_hooks]
        if instance.foreign is not None:
            arguments = tuple(self.value(one) for one in instance.foreign.arguments)
            keywords = {name: self.value(one) for name, one in instance.foreign.keywords.items()}
            instance.foreign = replace(instance.foreign, arguments=arguments, keywords=keywords)
        return self._known.setdefault(self._key(instance), instance)

    def _key(self, instance: Instance) -> object:
        foreign = instance.foreign
        return (
            instance.cls,
            instance.site if isinstance(instance.cls, External) else None,
            instance.open,
            instance.hidden,
            instance.is_stand_in,
            instance.ran,
            instance.hooked,
            instance.evaluated,
            instance.frozen,
            instance.backward_hook,
            tuple(map(self._part, instance.hooks)),
            tuple(map(self._part, instance.pre_hooks)),
            None
            if foreign is None
            else (foreign.name, *map(self._part, foreign.arguments), *self._named(foreign.keywords)),
            tuple(
                (name, *((self._part(one.value), one.span, one.registered) for one in held))
                for name, held in instance.attributes.items()
            ),
        )

    def _named(self, keywords: dict[str, Value]) -> tuple[object, ...]:
        return tuple((name, self._part(one)) for name, one in keywords.items())

    def _part(self, value: Value, depth: int = 0) -> object:
        """Return what two equal parts of objects share."""
        match value:
            case Const():
                return type(value.value), value.value
            case Instance() | Compiled() | Optimized():
                return id(value)
            case LambdaValue():
                return id(value.node), value.place, id(value.scope)
            case Items():
                inner = tuple(self._part(one, depth + 1) for one in value.items) if depth < 8 else id(value)
                return value.kind, value.exact, value.made_by, inner
            case Mapping():
                if depth >= 8:
                    return id(value)
                pairs = tuple((key, self._part(one, depth + 1)) for key, one in value.items.items())
                return "mapping", value.exact, pairs
            case FunctionValue():
                return value.function, value.bound is not None, id(value.scope)
            case Partial():
                return "partial", self._part(value.callee, depth + 1), *map(self._part, value.arguments)
            case _:
                known = identity(value)
                return id(value) if known is None else known
