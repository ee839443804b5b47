"""The abstract values of tracing, and their join (trace-hazards.md section 3).

Going down the list, less and less of a value follows the inputs of the traced program: a tensor and a size are linked to
the graph, a baked value was computed from them once, on the example, and a constant never depended on them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from msgspec import Struct
from msgspec.structs import force_setattr, replace

from scriptlint.evaluate.values import Choice, Const, Held, Instance, Value

if TYPE_CHECKING:
    from scriptlint.trace.frames import Frame


class Kind(Enum):
    """What is known of a value while a trace is made."""

    TENSOR = "tensor"
    SIZE = "size"  # a number that the trace records: a 0-dim tensor made of sizes
    SEQUENCE = "sequence"  # a tuple, list or range of Python
    MAPPING = "mapping"  # a dictionary
    BAKED = "baked"  # a Python value that was made from a tensor, on the example
    PYTHON = "python"  # a constant, or an object that no input reaches
    OBJECT = "object"  # a value of the abstract instances: a module, a function, something of a package
    UNKNOWN = "unknown"

    __hash__ = object.__hash__  # Python's own goes through the name, and every key of a summary asks it


class Why(Enum):
    """What of a tensor or of the surroundings a baked value was made from."""

    CONTENT = "the content of a tensor"
    SIZE = "the size of a tensor"
    RANK = "the number of dimensions"
    DTYPE = "the dtype"
    DEVICE = "the device"
    MEMORY = "the memory layout"
    GRAD = "the state of autograd"
    MODE = "the training mode"
    KEYS = "the keys of the example"
    TEXT = "the text of a tensor or size"
    TRACING = "whether a trace is being made"
    TIME = "the time"

    __hash__ = object.__hash__


class Length(Enum):
    """What fixed the length of a sequence when the trace was made."""

    PYTHON = "the program"
    RANK = "the number of dimensions"
    RANGE = "a range over a size"
    DIMENSIONS = "a range over the number of dimensions"
    SPLIT = "an operator that returns as many tensors as a size says"
    PARTS = "a split into parts of one given size"
    EXAMPLE = "the example"

    __hash__ = object.__hash__


# The parts that a value may have, those of its parts counted. Of a larger one nothing is known but that it is one:
# `c = (c, c)`, thirty times, is small in memory and has a thousand million parts for everybody who looks at them.
_LARGEST = 2_000


class Traced(Struct, frozen=True, cache_hash=True):
    """A value under trace.

    `value` is the abstract object of an OBJECT or the constant of a PYTHON; `truth` that of a value known to be true or
    false. Of a TENSOR or SIZE, `sure` is False where nothing but its place says that it is one (it is then never
    reported by itself), `fixed` says that no input reaches its sizes, `constant` that no input reaches its content
    either, and `weights` that gradients flow through it to parameters. `why` is the origin of a BAKED value, `said`
    whether it has been reported. A SEQUENCE has its `items`, or one `item` that stands for all of them, and `length`; a
    MAPPING has `keys` for its items, and so has a tuple with names. `mixed` says that on other paths it is None, a number or
    an empty list instead. `scope` is the frame around a nested function or lambda.
    `size` counts the values of which it is made; `scoped` says that one of them has a scope.
    """

    kind: Kind
    value: Value | None = None
    truth: bool | None = None
    sure: bool = True
    fixed: bool = False
    constant: bool = False
    weights: bool = False
    why: Why | None = None
    said: bool = True
    items: tuple[Traced, ...] | None = None
    item: Traced | None = None
    length: Length = Length.PYTHON
    keys: tuple[str, ...] | None = None
    mixed: bool = False
    scope: Frame | None = None
    size: int = 1
    scoped: bool = False

    def __post_init__(self) -> None:
        if self.items is None and self.item is None:
            if self.size != 1 or self.scoped != (self.scope is not None):
                force_setattr(self, "size", 1)
                force_setattr(self, "scoped", self.scope is not None)
            return
        scoped = any(one.scoped for one in self.items or ()) or (self.item is not None and self.item.scoped)
        force_setattr(self, "scoped", scoped or self.scope is not None)
        size = 1 + sum(one.size for one in self.items or ()) + (self.item.size if self.item is not None else 0)
        if size > _LARGEST:
            size = 2
            for name, value in (("items", None), ("keys", None), ("item", UNKNOWN)):
                force_setattr(self, name, value)
        force_setattr(self, "size", size)

    @property
    def is_tensor(self) -> bool:
        """Whether it is a tensor for certain."""
        return self.kind is Kind.TENSOR and self.sure

    @property
    def is_linked(self) -> bool:
        """Whether it is a tensor or a size that follows the inputs, or a parameter's content."""
        return self.kind in (Kind.TENSOR, Kind.SIZE) and self.sure and not self.constant

    @property
    def is_shape(self) -> bool:
        """Whether it is the shape of a tensor."""
        return self.kind is Kind.SEQUENCE and self.length is Length.RANK

    def element(self) -> Traced:
        """Return what any item of a sequence or mapping is."""
        if self.items is not None:
            return join_all(self.items)
        return self.item or UNKNOWN

    def picked(self) -> Traced:
        """Return an item that is not known by its place: not for certain what another one is, if they are of several kinds."""
        item = self.element()
        return replace(item, sure=False) if item.mixed else item


UNKNOWN = Traced(Kind.UNKNOWN)
PYTHON = Traced(Kind.PYTHON)
TRUE = Traced(Kind.PYTHON, truth=True)
FALSE = Traced(Kind.PYTHON, truth=False)
NONE = Traced(Kind.PYTHON, Const(None), False)
TENSOR = Traced(Kind.TENSOR)
ASSUMED = Traced(Kind.TENSOR, sure=False)
LITERAL = Traced(Kind.TENSOR, fixed=True, constant=True)
FRESH = Traced(Kind.TENSOR, fixed=True)
WEIGHT = Traced(Kind.TENSOR, fixed=True, weights=True)
SIZE = Traced(Kind.SIZE)
FIXED_SIZE = Traced(Kind.SIZE, fixed=True)
SHAPE = Traced(Kind.SEQUENCE, item=SIZE, length=Length.RANK)
FIXED_SHAPE = Traced(Kind.SEQUENCE, item=FIXED_SIZE, length=Length.RANK)
TENSORS = Traced(Kind.SEQUENCE, item=TENSOR)


def baked(why: Why, said: bool = False) -> Traced:
    """Return a Python value that was made on the example."""
    return Traced(Kind.BAKED, why=why, said=said)


def sequence(items: Iterable[Traced], length: Length = Length.PYTHON) -> Traced:
    """Return a tuple or list of known items."""
    known = tuple(items)
    return Traced(Kind.SEQUENCE, items=known, length=length, truth=bool(known) if length is Length.PYTHON else None)


def many(item: Traced, length: Length = Length.PYTHON) -> Traced:
    """Return a tuple or list of any number of like items."""
    return Traced(Kind.SEQUENCE, item=item, length=length)


def parts(value: Traced) -> Iterator[Traced]:
    """Yield a value and what it is made of, however deep."""
    yield value
    for one in (*(value.items or ()), *([value.item] if value.item is not None else [])):
        yield from parts(one)


def is_constant(value: Traced) -> bool:
    """Return True if a value is known to be the same for every input: a number, a text, or a sequence of such."""
    if value.kind is Kind.SEQUENCE:
        return value.items is not None and all(map(is_constant, value.items))
    return value.kind is Kind.PYTHON and value.value is not None


def is_module(value: Traced) -> bool:
    """Return True if it is an object that may be called as a module."""
    return isinstance(value.value, Instance)


def join(first: Traced, second: Traced) -> Traced:
    """Return what is known of a value that is one or the other."""
    if first == second:
        return first
    mixed = first.mixed or second.mixed
    kind = first.kind if first.kind is second.kind else None
    if kind is Kind.TENSOR or kind is Kind.SIZE:
        return replace(
            first,
            truth=None,
            sure=first.sure and second.sure,
            fixed=first.fixed and second.fixed,
            constant=first.constant and second.constant,
            weights=first.weights or second.weights,
            mixed=mixed,
        )
    if kind is Kind.PYTHON:
        return PYTHON
    if kind is Kind.BAKED:
        return first if not first.said else second
    if kind is Kind.SEQUENCE:
        length = first.length if first.length is second.length else Length.PYTHON
        if not (first.items or first.item):
            return replace(second, truth=None, length=length)
        if not (second.items or second.item):
            return replace(first, truth=None, length=length)
        if first.items is not None and second.items is not None and len(first.items) == len(second.items):
            return replace(sequence(map(join, first.items, second.items), length), mixed=mixed)
        return replace(many(join(first.element(), second.element()), length), mixed=mixed)
    if kind is Kind.MAPPING and first.keys is not None and first.keys == second.keys:
        joined = tuple(map(join, first.items or (), second.items or ()))
        length = first.length if first.length is second.length else Length.PYTHON
        return Traced(Kind.MAPPING, truth=bool(joined), keys=first.keys, items=joined, length=length, mixed=mixed)
    if kind is Kind.MAPPING:
        elements = [one.element() for one in (first, second) if one.items != () or one.item is not None]
        length = first.length if first.length is second.length else Length.PYTHON
        return Traced(Kind.MAPPING, item=join_all(elements) if elements else None, length=length)
    if kind is Kind.OBJECT:
        ours, others = _modules(first), _modules(second)
        return Traced(Kind.OBJECT, _choice(tuple({**ours, **others}))) if ours and others else UNKNOWN
    for one, other in ((first, second), (second, first)):
        if one.kind is Kind.BAKED and other.kind is Kind.PYTHON:
            return one
        if one.kind in _MIXING and not _is_empty(one) and (other.kind is Kind.PYTHON or _is_empty(other)):
            return replace(one, truth=None, mixed=True)
    return UNKNOWN


_MIXING = (Kind.TENSOR, Kind.SIZE, Kind.SEQUENCE, Kind.MAPPING)


def _is_empty(value: Traced) -> bool:
    """Return True for an empty list or tuple."""
    return value.kind is Kind.SEQUENCE and value.items == () and value.item is None


def _modules(value: Traced) -> dict[Instance, None]:
    """Return the objects that a value may be, in order, if it is surely one of some."""
    options = [one.value for one in value.value.options] if isinstance(value.value, Choice) else [value.value]
    known = [one for one in options if isinstance(one, Instance)]
    return dict.fromkeys(known if len(known) == len(options) else ())


# By the identities of their options, which they keep alive.
_CHOICES: WeakValueDictionary[tuple[int, ...], Choice] = WeakValueDictionary()


def _choice(options: tuple[Instance, ...]) -> Choice:
    """One of several objects; the same ones make the same choice, so that summaries of calls are found again."""
    key = tuple(map(id, options))
    known = _CHOICES.get(key)
    if known is None:
        known = _CHOICES[key] = Choice(tuple(Held(one) for one in options))
    return known


def join_all(values: Iterable[Traced]) -> Traced:
    """Return what is known of a value that is one of several."""
    result: Traced | None = None
    for one in values:
        result = one if result is None else join(result, one)
    return UNKNOWN if result is None else result


def arithmetic(*operands: Traced) -> Traced:
    """Return what an operator, or an operation of torch that gives one tensor, makes of its operands."""
    tensors = [one for one in operands if one.kind is Kind.TENSOR]
    if tensors:
        others = [one for one in operands if one.kind is not Kind.TENSOR]
        still = all(one.kind in (Kind.PYTHON, Kind.OBJECT) or one.fixed for one in others)
        return Traced(
            Kind.TENSOR,
            sure=any(one.sure for one in tensors),
            fixed=still and all(one.fixed for one in tensors),
            constant=still and all(one.constant for one in tensors) and all(one.kind is Kind.PYTHON for one in others),
            weights=any(one.weights for one in tensors),
            mixed=all(one.mixed for one in tensors),
        )
    kinds = {one.kind for one in operands}
    if Kind.SIZE in kinds and Kind.MAPPING not in kinds:
        # With something unknown it is a size or a tensor: the trace records either.
        sizes = [one for one in operands if one.kind is Kind.SIZE]
        fixed = all(one.fixed for one in sizes) and Kind.UNKNOWN not in kinds
        sure = all(one.sure for one in sizes) and not (Kind.UNKNOWN in kinds and all(one.fixed for one in sizes))
        return Traced(Kind.SIZE, sure=sure, fixed=fixed, mixed=all(one.mixed for one in sizes))
    if Kind.UNKNOWN in kinds or Kind.MAPPING in kinds or Kind.OBJECT in kinds:
        return UNKNOWN
    if Kind.BAKED in kinds:
        made = [one for one in operands if one.kind is Kind.BAKED]
        return next((one for one in made if not one.said), made[0])
    return PYTHON if kinds == {Kind.PYTHON} else UNKNOWN
