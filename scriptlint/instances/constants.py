"""Functions and methods of Python, `math` and NumPy that give a constant for constants, as constructors use them.

Where the arguments are constants the function is really called; where only their types are known the result has a type.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import Any

from scriptlint.evaluate.values import Const, Items, PythonObject, Scalar, Some, Unknown, Value

# Larger numbers are no sizes of layers, and what is made of them would take the linter's time.
_LARGEST = 10**9

_INTEGERS = frozenset("floor ceil trunc gcd lcm isqrt".split())
_HUGE = frozenset({"factorial", "comb", "perm"})
_TESTS = frozenset("isnan isinf isfinite isclose".split())
_BUILTINS: dict[str, Callable[..., Any]] = {
    "abs": abs,
    "all": all,
    "any": any,
    "bool": bool,
    "divmod": divmod,
    "float": float,
    "int": int,
    "max": max,
    "min": min,
    "pow": lambda *values: power(*values),
    "round": round,
    "sorted": sorted,
    "str": str,
    "sum": sum,
}
# Of numbers these give a float64, which is a float; of whole numbers the second group gives NumPy's own int64.
_NUMPY_FLOATS: dict[str, Callable[..., Any]] = {
    "sqrt": math.sqrt,
    "exp": math.exp,
    "log": math.log,
    "log2": math.log2,
    "log10": math.log10,
    "log1p": math.log1p,
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "tanh": math.tanh,
    "float64": float,
    "mean": lambda xs: sum(xs) / len(xs),
}
_NUMPY_NUMBERS: dict[str, Callable[..., Any]] = {
    "prod": math.prod,
    "product": math.prod,
    "sum": sum,
    "max": max,
    "min": min,
    "amax": max,
    "amin": min,
    "power": lambda *values: power(*values),
    "abs": abs,
    "maximum": max,
    "minimum": min,
    "int64": int,
}
_NUMPY_SCALARS = frozenset("int8 int16 int32 uint8 uint16 uint32 uint64 float16 float32 bool_".split())
_NUMPY_ARRAYS = frozenset("array asarray zeros ones empty full arange linspace eye stack concatenate".split())
_TEXT = frozenset(
    "__getitem__ capitalize casefold endswith find format join lower lstrip replace rsplit rstrip split startswith strip title upper "
    "isdigit".split()
)
_CONVERSIONS = frozenset({"int", "float", "bool", "str"})
_NUMBERS = frozenset({"int", "float", "bool"})
_TUPLES = {"_single": 1, "_pair": 2, "_triple": 3, "_quadruple": 4}


def call(name: str, arguments: Sequence[Value], keywords: dict[str, Value]) -> Value | None:
    """What a function of a known name (`math.sqrt`) gives; None for functions that are not of this kind."""
    package, _, last = name.rpartition(".")
    if last in _TUPLES and package.startswith("torch.nn") and len(arguments) == 1:
        return _tuple(arguments[0], _TUPLES[last])
    if keywords:
        return None
    if package == "builtins" and last in _CONVERSIONS and len(arguments) == 1:
        return _apply(_BUILTINS[last], arguments, None) if to_python(arguments[0]) is not None else Some(last)
    if package == "builtins" and last in _BUILTINS:
        return _apply(_BUILTINS[last], arguments, _kind_of_builtin(last, arguments))
    if package == "math" and last not in _HUGE and callable(function := getattr(math, last, None)):
        kind = "int" if last in _INTEGERS else "bool" if last in _TESTS else "float"
        result = _apply(function, arguments, kind)
        return Some(kind) if isinstance(result, Unknown) else result
    if package == "numpy":
        return _numpy(last, arguments)
    return None


def method(text: str, name: str, arguments: Sequence[Value]) -> Value:
    """What a method of a string gives."""
    given = [to_python(one) for one in arguments]
    known = [one[0] for one in given if one is not None]
    if name not in _TEXT or len(known) != len(given) or (name == "format" and ":" in text):
        return Unknown()
    return _computed(getattr(text, name), known) or Unknown()


def formatted(text: str, argument: Value) -> Value:
    """`text % argument`."""
    given = to_python(argument)
    plain = re.fullmatch(r"(?:[^%]|%%|%0?\d?[dis])*", text) is not None
    if given is None or not plain:
        return Some("str")
    return _computed(lambda value: text % value, list(given)) or Some("str")


def power(left: Any, right: Any) -> Any:
    """`left ** right`; OverflowError where it would be a huge number."""
    if abs(right) > 64 and abs(left) > 1:
        raise OverflowError
    return left**right


def _numpy(name: str, arguments: Sequence[Value]) -> Value | None:
    if name in ("floor", "ceil"):  # of a whole number NumPy 1 gives a float64 and NumPy 2 an int64
        value = to_python(arguments[0]) if len(arguments) == 1 else None
        return Const(float(getattr(math, name)(value[0]))) if value and type(value[0]) is float else None
    if name in _NUMPY_FLOATS:
        return _apply(_NUMPY_FLOATS[name], arguments, "float")
    if name in _NUMPY_NUMBERS:
        result = _apply(_NUMPY_NUMBERS[name], arguments, None)
        if isinstance(result, Const) and type(result.value) is int:
            return Scalar("int64", result.value)
        return result
    if name in _NUMPY_SCALARS:
        value = to_python(arguments[0]) if arguments else None
        return Scalar(name, value[0] if value is not None and isinstance(value[0], (int, float)) else None)
    return PythonObject("numpy.ndarray") if name in _NUMPY_ARRAYS else None


def _tuple(value: Value, count: int) -> Value:
    if isinstance(value, Items):
        return Items("tuple", list(value.items), value.exact)
    return Items("tuple", [value] * count) if isinstance(value, (Const, Some)) else Unknown()


def _kind_of_builtin(name: str, arguments: Sequence[Value]) -> str | None:
    """The type that a builtin gives where it cannot be called."""
    if name in ("all", "any"):
        return "bool"
    kinds = {_kind(one) for one in arguments}
    if name == "round" and len(arguments) == 1:
        return "int"
    if name in ("abs", "max", "min", "sum", "round") and len(kinds) == 1:
        return kinds.pop()
    return None


def _kind(value: Value) -> str | None:
    if isinstance(value, Some):
        return value.kind
    if isinstance(value, Const):
        return type(value.value).__name__
    if isinstance(value, Items):
        kinds = {_kind(one) for one in value.items}
        return kinds.pop() if len(kinds) == 1 else None
    return None


def _apply(function: Callable[..., Any], arguments: Sequence[Value], kind: str | None) -> Value:
    """The function on the arguments, else something of the type that it gives for numbers."""
    given = [to_python(one) for one in arguments]
    known = [one[0] for one in given if one is not None]
    if len(known) == len(given):
        return _computed(function, known) or Unknown()
    numbers = all(known or _kind(one) in _NUMBERS for one, known in zip(arguments, given, strict=True))
    return Some(kind) if kind is not None and numbers else Unknown()


def to_python(value: Value) -> tuple[Any] | None:
    """The Python object that a value stands for, in a tuple of its own; None where it is not known."""
    if isinstance(value, Const):
        return (value.value,)
    if isinstance(value, Scalar) and value.value is not None:
        return (value.value,)
    if isinstance(value, Items) and value.exact and value.kind in ("list", "tuple", "range"):
        inner = [to_python(one) for one in value.items]
        if None not in inner:
            items = [one[0] for one in inner if one is not None]
            return (items if value.kind == "list" else tuple(items),)
    return None


def _computed(function: Callable[..., Any], values: list[Any]) -> Value | None:
    for one in values:
        if isinstance(one, (int, float)) and abs(one) > _LARGEST:
            return None
    try:
        return of_python(function(*values))
    except (ArithmeticError, AttributeError, IndexError, KeyError, TypeError, ValueError):
        return None


def of_python(value: object) -> Value | None:
    """The value that stands for a Python constant, or for a list or tuple of them; None for anything else."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return Const(value)
    if isinstance(value, (list, tuple)):
        items = [of_python(one) for one in value]
        if all(one is not None for one in items):
            return Items(type(value).__name__, [one for one in items if one is not None])
    return None
