"""What a value holds, all of it, as something that equal values share: for those who remember what calls made.

Identity is left out: two lists with equal items have equal contents. What may change is listed beside, in the order in
which it was met, so that the parts of two values with equal contents can be paired.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as Pairs

from scriptlint.evaluate.values import (
    ClassValue,
    Const,
    EnumMember,
    ExternalValue,
    FunctionValue,
    Instance,
    Items,
    Key,
    LambdaValue,
    Mapping,
    ModuleValue,
    Partial,
    PythonObject,
    Scalar,
    Some,
    Symbol,
    TensorValue,
    Unknown,
    Value,
)

Changing = Instance | Items | Mapping | Symbol


class Unlike(Exception):
    """A value can be compared with no other, as a closure; or has too many parts to look at."""


class Contents:
    """The contents of some values as `key`; raises Unlike. `changing` is what of them may change.

    At most `limit` parts are looked at, the items of containers among them.
    `numbers` has a number for everything that was met in values before, so that a key is small however much is below.
    """

    def __init__(self, values: Iterable[Value], limit: int, numbers: dict[object, int]) -> None:
        self.changing: list[Changing] = []
        self._left = limit
        self._numbers = numbers
        self._seen: dict[int, int] = {}
        self.key = tuple(map(self._of, values))

    def _of(self, value: Value) -> object:
        match value:
            case Const():
                return type(value.value), value.value
            case Some() | Unknown() | EnumMember() | Scalar() | PythonObject() | TensorValue():
                return value
            case Instance() | Items() | Mapping() | Symbol():
                return self._of_changing(value)
            case ClassValue(scope=None):
                return value.symbol
            case FunctionValue(scope=None):
                bound = None if value.bound is None else self._of(value.bound)
                return value.function, bound, value.decorated, value.is_plain
            case LambdaValue(scope=None):
                return id(value.node), value.place, self._pairs(value.defaults)
            case Partial():
                return "partial", self._of(value.callee), *map(self._of, value.arguments), self._pairs(value.keywords)
            case ExternalValue():
                return value.name, None if value.receiver is None else self._of(value.receiver)
            case ModuleValue():
                return value.module
            case _:
                raise Unlike

    def _of_changing(self, value: Changing) -> object:
        known = self._seen.get(id(value))
        if known is not None:
            return "again", known
        self._left -= 1 + len(value.items) if isinstance(value, (Items, Mapping)) else 1
        if self._left < 0:
            raise Unlike
        self._seen[id(value)] = len(self.changing)
        self.changing.append(value)
        return self._numbers.setdefault(self._parts(value), len(self._numbers))

    def _parts(self, value: Changing) -> object:
        match value:
            case Items():
                return value.kind, value.exact, value.made_by, *map(self._of, value.items)
            case Mapping(owner=None):
                factory = None if value.factory is None else self._of(value.factory)
                return "mapping", value.exact, value.is_rest, factory, self._pairs(value.items)
            case Symbol():
                return self._of_symbol(value)
            case Instance():
                return self._of_object(value)
        raise Unlike

    def _of_symbol(self, symbol: Symbol) -> object:
        parts = [None if one is None else self._of(one) for one in (symbol.default, symbol.value)]
        return (
            "symbol",
            symbol.name,
            symbol.key,
            symbol.kind,
            id(symbol.annotation),
            symbol.place,
            symbol.is_chosen,
            symbol.is_argument,
            *((type(one), one) for one in symbol.excluded),
            self._pairs(symbol.parts),
            *parts,
        )

    def _of_object(self, instance: Instance) -> object:
        foreign = instance.foreign
        return (
            instance.cls,
            instance.site,
            instance.depth,
            instance.open,
            instance.hidden,
            instance.ran,
            instance.hooked,
            instance.evaluated,
            instance.frozen,
            instance.backward_hook,
            tuple(map(self._of, instance.hooks)),
            tuple(map(self._of, instance.pre_hooks)),
            None
            if foreign is None
            else (foreign.name, *map(self._of, foreign.arguments), self._pairs(foreign.keywords)),
            *(
                (name, *((self._of(one.value), one.when, one.span) for one in held))
                for name, held in instance.attributes.items()
            ),
        )

    def _pairs(self, values: Pairs[str, Value] | Pairs[Key, Value]) -> object:
        return tuple((key, type(key), self._of(one)) for key, one in values.items())
