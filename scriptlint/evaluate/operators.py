"""Operators on values: arithmetic, and what the classes of the project make of them."""

from __future__ import annotations

import operator as python
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from scriptlint.evaluate import calls, classes, containers, deriving, plain, symbols
from scriptlint.evaluate.arguments import Arguments
from scriptlint.evaluate.frames import Frame, Raised
from scriptlint.evaluate.values import (
    Const,
    Instance,
    Items,
    Mapping,
    PythonObject,
    Scalar,
    Some,
    Symbol,
    TensorValue,
    Unknown,
    Value,
)
from scriptlint.program.classes import Member
from scriptlint.program.module import Class
from scriptlint.syntax import nodes as n

if TYPE_CHECKING:
    from scriptlint.evaluate.evaluator import Evaluator


def power(left: Any, right: Any) -> Any:
    """Return `left ** right`; raise OverflowError where it would be a huge number."""
    if abs(right) > 64 and abs(left) > 1:
        raise OverflowError
    return left**right


def _shifted(left: int, right: int) -> int:
    if right > 64:
        raise OverflowError
    return left << right


_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": python.add,
    "-": python.sub,
    "*": python.mul,
    "/": python.truediv,
    "//": python.floordiv,
    "%": python.mod,
    "**": power,
    "<<": _shifted,
    ">>": python.rshift,
    "&": python.and_,
    "|": python.or_,
    "^": python.xor,
}
_METHODS = {
    "+": "add",
    "-": "sub",
    "*": "mul",
    "/": "truediv",
    "//": "floordiv",
    "%": "mod",
    "**": "pow",
    "@": "matmul",
    "&": "and",
    "|": "or",
    "^": "xor",
    "<<": "lshift",
    ">>": "rshift",
}
_UNARY_METHODS = {"-": "__neg__", "+": "__pos__", "~": "__invert__"}
_UNARY: dict[str, Callable[[Any], Any]] = {"-": python.neg, "+": python.pos, "~": python.invert}


def binary(ev: Evaluator, operator: str, left: Value, right: Value, node: n.Node, frame: Frame) -> Value:
    """Return the value of a binary operation."""
    left, right = classes.own_value(ev, symbols.settled(ev, left)), classes.own_value(ev, symbols.settled(ev, right))
    if type(left) is not Const or type(right) is not Const:
        own = _own(ev, operator, left, right, node, frame)
        if own is not None:
            return own
        left, right = _numbers(ev, operator, left, right)
        if operator in _METHODS and (made := _derived(ev, operator, left, right, node, frame)) is not None:
            return made
    try:
        return arithmetic(operator, left, right)
    except ZeroDivisionError:
        raise Raised("builtins.ZeroDivisionError", None, node, frame.module) from None


def _numbers(ev: Evaluator, operator: str, left: Value, right: Value) -> tuple[Value, Value]:
    """Let symbols that are added to numbers be numbers."""
    if isinstance(left, Symbol) and isinstance(right, Symbol) and {left.kind, right.kind} <= {"int", "float"}:
        return symbols.number(ev, left), symbols.number(ev, right)
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Symbol) and isinstance(other, (Const, Some, Symbol)):
            kind = type(other.value).__name__ if isinstance(other, Const) else other.kind
            if operator == "*" and one is right and isinstance(left, Items):
                continue
            if kind in ("int", "float") or one.kind in ("int", "float"):
                made = symbols.number(ev, one, "int" if operator in ("//", "%") and kind == "int" else "")
                left, right = (made, right) if one is left else (left, made)
    if isinstance(left, Items) and isinstance(right, Symbol) and operator == "*":
        right = symbols.count(ev, right)
    if isinstance(right, Items) and isinstance(left, Symbol) and operator == "*":
        left = symbols.count(ev, left)
    if isinstance(left, Symbol) and isinstance(right, Items) and operator == "+":
        left = symbols.elements(ev, left)
    if isinstance(right, Symbol) and isinstance(left, Items) and operator == "+":
        right = symbols.elements(ev, right)
    return left, right


def _derived(ev: Evaluator, operator: str, left: Value, right: Value, node: n.Node, frame: Frame) -> Symbol | None:
    """Return the symbol that an operator makes of a symbol and a number; None for other operands."""
    numbers = (Const, Some, Symbol)
    if not (isinstance(left, numbers) and isinstance(right, numbers)):
        return None
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Symbol) and one.kind in ("", "int", "float") and getattr(other, "value", 0) is not None:
            if isinstance(other, Const) and not isinstance(other.value, (int, float)):
                return None
            whole = one.kind == "int" and operator not in ("/", "**") and getattr(other, "kind", "int") == "int"
            kind = "float" if operator == "/" else "int" if whole else ""
            return symbols.derived(one, frame.text(node), kind, node, frame)
    return None


def _own(ev: Evaluator, operator: str, left: Value, right: Value, node: n.Node, frame: Frame) -> Value | None:
    """Return what the classes of the project make of an operator; None where they say nothing."""
    word = _METHODS.get(operator)
    for owner, other, name in ((left, right, f"__{word}__"), (right, left, f"__r{word}__")):
        made = by_method(ev, owner, name, [other], node, frame) if isinstance(owner, Instance) else None
        if made is not None:
            return made
    return None


def by_method(
    ev: Evaluator,
    owner: Instance,
    name: str,
    arguments: list[Value],
    node: n.Node | None = None,
    frame: Frame | None = None,
) -> Value | None:
    """Return what a method returns that the class of an object has in the source; None where it has none."""
    if not isinstance(owner.cls, Class) or not isinstance(ev.classes.member(owner.cls, name), Member):
        return None
    return calls.call(ev, ev.attribute(owner, name), Arguments(arguments, {}), node, frame)


def arithmetic(operator: str, left: Value, right: Value) -> Value:
    """Return the value of a binary operation on values of Python; raise ZeroDivisionError as Python does."""
    if isinstance(left, Const) and isinstance(left.value, str) and operator == "%":
        return formatted(left.value, right)
    numbers = (Const, Scalar)
    if isinstance(left, numbers) and isinstance(right, numbers) and operator in _ARITHMETIC:
        return _calculated(operator, left, right)
    if isinstance(left, Items) and isinstance(right, Items) and operator == "+":
        if len(left.items) + len(right.items) > plain.LONGEST:
            return Items(left.kind, list(left.items), exact=False)
        return Items(left.kind, [*left.items, *right.items], left.exact and right.exact)
    if isinstance(right, Items) and operator == "*" and not isinstance(left, Items):
        left, right = right, left
    if isinstance(left, Items) and operator == "*":
        return _repeated(left, right)
    if isinstance(left, Items) and isinstance(right, Items) and left.kind == "set":
        return plain.computed(_ARITHMETIC.get(operator, lambda a, b: None), [left, right])
    if isinstance(left, Mapping) and isinstance(right, Mapping) and operator == "|":
        made = Mapping(dict(left.items), left.exact)
        containers.update(made, right)
        return made
    if isinstance(left, TensorValue) or isinstance(right, TensorValue):
        return _of_tensors(operator, left, right)
    arrays = [one for one in (left, right) if isinstance(one, PythonObject) and one.kind == "numpy.ndarray"]
    if arrays:
        return PythonObject("numpy.ndarray")
    kinds = {one.kind if isinstance(one, Some) else type(getattr(one, "value", None)).__name__ for one in (left, right)}
    if kinds <= {"int", "float", "bool"} and all(isinstance(one, (Some, Const)) for one in (left, right)):
        if operator == "**" and "float" not in kinds:
            return Unknown("a power")  # a whole number to an unknown power may be a fraction
        return Some("float" if operator == "/" or "float" in kinds else "int")
    if kinds == {"str"} and operator == "+":
        return Some("str")
    return _cause(left) or _cause(right) or Unknown()


def _of_tensors(operator: str, left: Value, right: Value) -> TensorValue:
    """Return the tensor of an operation with a number, its numbers included where they are whole and known."""
    tensor, number = (left, right) if isinstance(left, TensorValue) else (right, left)
    assert isinstance(tensor, TensorValue)
    numbers = tensor.numbers
    if not isinstance(number, Const) or not isinstance(number.value, (int, float)):
        return TensorValue()
    if not isinstance(numbers, Items) or operator not in _ARITHMETIC:
        return TensorValue(shape=tensor.shape)
    pairs = [(one, number) if tensor is left else (number, one) for one in numbers.items]
    whole = all(isinstance(one, Const) and type(one.value) is int for pair in pairs for one in pair)
    if not whole or operator == "/":
        return TensorValue(shape=tensor.shape)  # what a tensor keeps of a fraction is another number
    try:
        made = [arithmetic(operator, *pair) for pair in pairs]
    except ZeroDivisionError:
        return TensorValue(shape=tensor.shape)
    exact = numbers.exact and all(isinstance(one, Const) for one in made)
    return TensorValue(numbers=Items("list", made, exact) if exact else None, shape=tensor.shape)


def _cause(value: Value) -> Value | None:
    """Return Unknown for the reason that an operand is."""
    if isinstance(value, Symbol):
        return symbols.finalized(value) if not isinstance(symbols.finalized(value), Some) else None
    return value if isinstance(value, Unknown) else None


def _repeated(items: Items, times: Value) -> Value:
    if isinstance(times, Const) and isinstance(times.value, int):
        if len(items.items) * times.value <= plain.LONGEST:
            return Items(items.kind, items.items * times.value, items.exact)
        return Items(items.kind, list(items.items), exact=False)
    if isinstance(times, Some):
        return Items(items.kind, list(items.items), exact=False)
    return Unknown()


def formatted(text: str, argument: Value) -> Value:
    """Return `text % argument`."""
    known = plain.to_python(argument)
    if known is None or "*" in text or any(len(digits) > 3 for digits in _digits(text)):
        return Some("str")
    result = plain.computed(lambda value: text % (tuple(value) if isinstance(value, list) else value), [argument])
    return result if isinstance(result, Const) else Some("str")


def _digits(text: str) -> list[str]:
    """Return the runs of digits in a format, which are widths."""
    return "".join(one if one.isdigit() else " " for one in text).split()


def _calculated(operator: str, left: Const | Scalar, right: Const | Scalar) -> Value:
    texts = [one.value for one in (left, right) if isinstance(one.value, str)]
    if sum(map(len, texts)) > plain.LONGEST:
        return Some("str")
    if texts and operator == "*":
        times = next((one.value for one in (left, right) if isinstance(one.value, int)), 0)
        if len(texts[0]) * abs(times) > plain.LONGEST:
            return Some("str")
    if any(isinstance(one.value, (int, float)) and abs(one.value) > plain.LARGEST for one in (left, right)):
        return Some("float" if any(isinstance(one.value, float) for one in (left, right)) or operator == "/" else "int")
    try:
        value = _ARITHMETIC[operator](left.value, right.value)
    except ZeroDivisionError:
        raise
    except (TypeError, ValueError, OverflowError):
        return Unknown()
    if isinstance(value, complex):
        return PythonObject("complex")
    scalars = [one.kind for one in (left, right) if isinstance(one, Scalar)]
    if scalars and not (isinstance(value, float) and set(scalars) == {"int64"}):
        return Scalar(scalars[0], value)
    if isinstance(value, int) and abs(value) > plain.LARGEST:
        return Some("int")
    return Const(value)


def unary(ev: Evaluator, operator: str, value: Value, node: n.Node, frame: Frame) -> Value:
    """Return the value of a unary operation other than `not`."""
    value = symbols.settled(ev, value)
    if isinstance(value, Symbol) and value.kind in ("int", "float"):
        value = symbols.number(ev, value)
    if isinstance(value, Const) and isinstance(value.value, (int, float)):
        try:
            return Const(_UNARY[operator](value.value))
        except TypeError:
            return Unknown()
    if isinstance(value, Some) and value.kind in ("int", "float"):
        return value
    if isinstance(value, TensorValue):
        return TensorValue(shape=value.shape)
    if (made := deriving.number(ev, [value], "", node, frame)) is not None:
        return made
    own = by_method(ev, value, _UNARY_METHODS[operator], [], node, frame) if isinstance(value, Instance) else None
    return own or _cause(value) or Unknown()
