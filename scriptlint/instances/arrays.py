"""Tensors and NumPy arrays whose numbers are known: `torch.linspace(0, rate, sum(depths))` is what rates are made of."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from scriptlint.evaluate.values import Const, Items, PythonObject, Some, TensorValue, Value

_LINSPACE = {"torch.linspace": ("start", "end", "steps"), "numpy.linspace": ("start", "stop", "num")}
_LONGEST = 256
_SAME = frozenset("cpu cuda to detach float double numpy contiguous clone".split())


def linspace(name: str, arguments: Sequence[Value], keywords: dict[str, Value]) -> Value | None:
    """What `torch.linspace` or `numpy.linspace` gives; None for other functions."""
    if name not in _LINSPACE:
        return None
    given = {**dict(zip(_LINSPACE[name], arguments, strict=False)), **keywords}
    start, end, steps = (given.get(one) for one in _LINSPACE[name])
    number: Value = Some("float")
    numbers = Items("list", [number], exact=False)
    if isinstance(steps, Const) and type(steps.value) is int and 0 <= steps.value <= _LONGEST:
        first, last = _number(start), _number(end)
        if first is None or last is None:
            numbers = Items("list", [number] * steps.value)
        else:
            step = (last - first) / max(steps.value - 1, 1)
            single = name.startswith("torch.")
            numbers = Items("list", [Const(_rounded(first + step * at, single)) for at in range(steps.value)])
    return TensorValue(numbers=numbers) if name.startswith("torch.") else PythonObject("numpy.ndarray", numbers)


def _number(value: Value | None) -> float | None:
    known = value.value if isinstance(value, Const) else None
    return float(known) if isinstance(known, (int, float)) else None


def _rounded(number: float, single: bool) -> float:
    """What a tensor keeps of a number is a float32."""
    return float(struct.unpack("f", struct.pack("f", number))[0]) if single else number


def items(value: Value) -> Items | None:
    """The parts of an array; None for anything else. A float64 of NumPy is a float, a part of a tensor is a tensor."""
    if not isinstance(value, (TensorValue, PythonObject)) or not isinstance(value.numbers, Items):
        return None
    numbers = value.numbers
    if isinstance(value, PythonObject):
        return numbers
    parts: list[Value] = [TensorValue(numbers=one) for one in numbers.items if isinstance(one, (Const, Some))]
    return Items("list", parts, numbers.exact)


def part(value: Value, at: slice) -> Value | None:
    """A slice of an array; None for anything else."""
    if isinstance(value, (TensorValue, PythonObject)) and isinstance(value.numbers, Items):
        return _like(value, Items("list", value.numbers.items[at], value.numbers.exact))
    return None


def method(value: TensorValue | PythonObject, name: str, arguments: Sequence[Value]) -> Value | None:
    """What a method of an array with known numbers gives; None where that is not known from the numbers."""
    numbers = value.numbers
    if numbers is None:
        return None
    if name == "tolist" or (name == "item" and not isinstance(numbers, Items)):
        return Items("list", list(numbers.items), numbers.exact) if isinstance(numbers, Items) else numbers
    if name == "split" and isinstance(value, TensorValue) and isinstance(numbers, Items) and len(arguments) == 1:
        return _split(numbers, arguments[0])
    if name == "numpy":
        return PythonObject("numpy.ndarray", numbers) if isinstance(numbers, Items) else None
    return value if name in _SAME else None


def _split(numbers: Items, sizes: Value) -> Value | None:
    lengths = [one.value for one in sizes.items if isinstance(one, Const)] if isinstance(sizes, Items) else []
    whole = [one for one in lengths if type(one) is int]
    if not isinstance(sizes, Items) or not sizes.exact or len(whole) != len(sizes.items) or not numbers.exact:
        return None
    starts = [sum(whole[:at]) for at in range(len(whole))]
    parts: list[Value] = [
        TensorValue(numbers=Items("list", numbers.items[start : start + size]))
        for start, size in zip(starts, whole, strict=True)
    ]
    return Items("tuple", parts)


def _like(value: TensorValue | PythonObject, numbers: Items) -> Value:
    return TensorValue(numbers=numbers) if isinstance(value, TensorValue) else PythonObject(value.kind, numbers)
