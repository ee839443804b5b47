"""Tensors and arrays while constructors are evaluated: their shapes and, where they are known, their numbers.

`torch.linspace(0, rate, sum(depths))` is what rates are made of; `self.table.shape[0]` sizes a layer.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from msgspec.structs import replace

from scriptlint.evaluate import plain, symbols
from scriptlint.evaluate.arguments import Arguments
from scriptlint.evaluate.values import (
    Const,
    ExternalValue,
    Items,
    PythonObject,
    Some,
    Symbol,
    TensorValue,
    Unknown,
    Value,
)
from scriptlint.types.model import BOOL, INT, TENSOR

if TYPE_CHECKING:
    from scriptlint.evaluate.evaluator import Evaluator

_LINSPACE = {"torch.linspace": ("start", "end", "steps"), "numpy.linspace": ("start", "stop", "num")}
_LONGEST = 512
_SAME = frozenset(
    "cpu cuda to detach float double numpy contiguous clone requires_grad_ type half long int flatten".split()
)
_COPYING = frozenset("clone double float half int long type".split())
_LEGACY = frozenset({"torch.Tensor", "torch.FloatTensor", "torch.LongTensor"})
_SHAPED = frozenset(f"torch.{name}" for name in "zeros ones empty rand randn".split())
_SAME_SHAPE = frozenset(
    "abs clamp clone contiguous copy_ cos detach div double exp fill_ float half log mul normal_ pow requires_grad_ sin sqrt "
    "tanh to trunc_normal_ uniform_ zero_ add sub neg sigmoid relu".split()
)


def made(ev: Evaluator, name: str, given: Arguments) -> Value | None:
    """Return what a function of torch or NumPy that makes tensors returns; None for other functions."""
    if name in _LINSPACE:
        return _linspace(ev, name, given)
    if name in _SHAPED:
        return TensorValue(shape=_sizes(ev, given.positional or [given.keywords.get("size", Unknown())]))
    if name == "torch.autograd.Variable" and given.all():
        value = ev.resolved(given.first())
        return replace(value, kind="plain") if isinstance(value, TensorValue) else TensorValue()
    if name == "torch.full" and given.positional:
        return TensorValue(shape=_sizes(ev, given.positional[:1]))
    if name in _LEGACY and not isinstance(ev.resolved(given.first()), Items):
        return TensorValue(shape=_sizes(ev, given.positional))  # of these sizes, and not of these numbers
    if name in ("torch.tensor", "torch.as_tensor") or name in _LEGACY:
        return _of_numbers(ev, given)
    if name == "torch.arange":
        numbers = [symbols.number(ev, one) for one in given.positional]
        items = plain.computed(lambda *bounds: list(range(*bounds)), numbers)
        shape = (len(items.items),) if isinstance(items, Items) else None
        known = items if isinstance(items, Items) and len(items.items) <= _LONGEST else None
        return TensorValue(numbers=known, shape=shape)
    return None


def _sizes(ev: Evaluator, arguments: list[Value]) -> tuple[int, ...] | None:
    values = [ev.resolved(one) for one in arguments]
    if len(values) == 1 and isinstance(values[0], Symbol) and not values[0].kind:
        return None  # `torch.zeros(size)` takes a tuple as well as an int
    if len(values) == 1 and isinstance(values[0], Items):
        values = [ev.resolved(one) for one in values[0].items] if values[0].exact else [Unknown()]
    values = [ev.resolved(symbols.number(ev, one, "int")) for one in values]
    sizes = [one.value for one in values if isinstance(one, Const) and isinstance(one.value, int)]
    return tuple(sizes) if len(sizes) == len(values) else None


def _of_numbers(ev: Evaluator, given: Arguments) -> Value:
    value = ev.resolved(given.first())
    if isinstance(value, Const) and isinstance(value.value, (int, float)):
        return TensorValue(numbers=value, shape=())
    if isinstance(value, Items) and value.exact and len(value.items) <= _LONGEST:
        items = [ev.resolved(one) for one in value.items]
        if all(isinstance(one, Const) and isinstance(one.value, (int, float)) for one in items):
            return TensorValue(numbers=Items("list", items), shape=(len(items),))
    return TensorValue()


def _linspace(ev: Evaluator, name: str, given: Arguments) -> Value:
    named = {**dict(zip(_LINSPACE[name], given.positional, strict=False)), **given.keywords}
    start, end = (symbols.number(ev, named.get(one, Unknown()), "float") for one in _LINSPACE[name][:2])
    steps = symbols.count(ev, named.get(_LINSPACE[name][2], Unknown()))
    number: Value = Some("float")
    numbers = Items("list", [number], exact=False)
    shape = None
    if isinstance(steps, Const) and type(steps.value) is int and 0 <= steps.value <= _LONGEST:
        first, last = _number(start), _number(end)
        shape = (steps.value,)
        if first is None or last is None:
            numbers = Items("list", [number] * steps.value)
        else:
            step = (last - first) / max(steps.value - 1, 1)
            single = name.startswith("torch.")
            numbers = Items("list", [Const(_rounded(first + step * at, single)) for at in range(steps.value)])
    if name.startswith("torch."):
        return TensorValue(numbers=numbers, shape=shape)
    return PythonObject("numpy.ndarray", numbers)


def _number(value: Value | None) -> float | None:
    known = value.value if isinstance(value, Const) else None
    return float(known) if isinstance(known, (int, float)) else None


def _rounded(number: float, single: bool) -> float:
    """Return what a tensor keeps of a number, which is a float32."""
    return float(struct.unpack("f", struct.pack("f", number))[0]) if single else number


def items(value: Value) -> Items | None:
    """Return the parts of an array; None for anything else. A float64 of NumPy is a float, a part of a tensor is a tensor."""
    if not isinstance(value, (TensorValue, PythonObject)):
        return None
    numbers = value.numbers
    if not isinstance(numbers, Items):
        if isinstance(value, TensorValue) and value.shape and value.shape[0] <= _LONGEST:
            return Items("iterator", [TensorValue(shape=value.shape[1:])] * value.shape[0])
        return None
    if isinstance(value, PythonObject):
        return Items("iterator", list(numbers.items), numbers.exact)
    parts: list[Value] = [TensorValue(numbers=one, shape=()) for one in numbers.items if isinstance(one, (Const, Some))]
    return Items("iterator", parts, numbers.exact)


def part(value: Value, at: slice) -> Value | None:
    """Return a slice of an array; None for anything else."""
    if isinstance(value, (TensorValue, PythonObject)) and isinstance(value.numbers, Items):
        return _like(value, Items("list", value.numbers.items[at], value.numbers.exact))
    if isinstance(value, TensorValue):
        shape = None
        if value.shape:
            shape = (len(range(*at.indices(value.shape[0]))), *value.shape[1:])
        return TensorValue(shape=shape)
    return None


def method(ev: Evaluator, value: TensorValue | PythonObject, name: str, given: Arguments) -> Value | None:
    """Return what a method of an array returns, as far as shape and numbers tell; None where they do not."""
    numbers = value.numbers
    if isinstance(value, TensorValue) and value.shape is not None:
        if name == "size":
            sizes: list[Value] = [Const(one) for one in value.shape]
            at = ev.resolved(given.first()) if given.all() else None
            if at is None:
                return Items("tuple", sizes)
            if isinstance(at, Const) and isinstance(at.value, int) and -len(sizes) <= at.value < len(sizes):
                return sizes[at.value]
        if name in ("dim", "ndimension"):
            return Const(len(value.shape))
        if name in ("numel", "nelement"):
            count = 1
            for one in value.shape:
                count *= one
            return Const(count)
        if name in _SAME_SHAPE and numbers is None:
            return TensorValue(shape=value.shape)
    if numbers is None:
        return None
    if name == "tolist" or (name == "item" and not isinstance(numbers, Items)):
        return Items("list", list(numbers.items), numbers.exact) if isinstance(numbers, Items) else numbers
    if name == "split" and isinstance(value, TensorValue) and isinstance(numbers, Items) and len(given.positional) == 1:
        return _split(ev, numbers, ev.resolved(given.positional[0]))
    if name == "flip" and isinstance(numbers, Items) and ev.resolved(given.first()) in (Const(0), Const(-1)):
        return _like(value, Items("list", numbers.items[::-1], numbers.exact))
    if name == "numpy":
        return PythonObject("numpy.ndarray", numbers) if isinstance(numbers, Items) else None
    if name in _COPYING and isinstance(numbers, Items):
        return replace(value, numbers=Items("list", list(numbers.items), numbers.exact))
    return value if name in _SAME else None


def _split(ev: Evaluator, numbers: Items, sizes: Value) -> Value | None:
    values = [ev.resolved(one) for one in sizes.items] if isinstance(sizes, Items) and sizes.exact else []
    whole = [one.value for one in values if isinstance(one, Const) and type(one.value) is int]
    if not values or len(whole) != len(values) or not numbers.exact:
        return None
    starts = [sum(whole[:at]) for at in range(len(whole))]
    parts: list[Value] = [
        TensorValue(numbers=Items("list", numbers.items[start : start + size]))
        for start, size in zip(starts, whole, strict=True)
    ]
    return Items("tuple", parts)


def _like(value: TensorValue | PythonObject, numbers: Items) -> Value:
    if isinstance(value, TensorValue):
        return TensorValue(numbers=numbers, shape=(len(numbers.items),))
    return PythonObject(value.kind, numbers)


def attribute(ev: Evaluator, tensor: TensorValue, name: str) -> Value:
    """Return an attribute or method of a tensor."""
    if name == "shape" and tensor.shape is not None:
        return Items("tuple", [Const(one) for one in tensor.shape])
    if name == "ndim" and tensor.shape is not None:
        return Const(len(tensor.shape))
    if name == "data":
        return replace(tensor, kind="plain")
    if name in ("T", "mT"):
        return TensorValue()
    if name in ("dtype", "layout", "device"):
        return Some(name)
    kind = ev.library.tensor_attribute(name)
    if kind in (INT, BOOL):
        return Some(str(kind))
    return TensorValue() if kind is TENSOR else ExternalValue(f"torch.Tensor.{name}", tensor)


def parameter(value: Value) -> Value:
    """Return the parameter that is made of a value."""
    if isinstance(value, TensorValue):
        return replace(value, kind="parameter", numbers=None)
    return TensorValue("parameter")
