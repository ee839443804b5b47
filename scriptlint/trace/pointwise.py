"""Pointwise code, computed on sample numbers: do two blocks give the same for every element of a tensor?

An operator that works element by element is the same function on numbers, so two ways to compute something can be compared
by computing both: `x * x` is `x ** 2`, and `torch.sigmoid(x)` is not `torch.tanh(x)`. What is not pointwise is not computed:
it stands for a number of its own, which is the same wherever the same is asked of the same numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, get_args

from msgspec import Struct

from scriptlint.evaluate.values import Const, FunctionValue, Instance
from scriptlint.program.decorators import decoration
from scriptlint.program.module import Function
from scriptlint.program.project import External
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk
from scriptlint.trace.frames import Frame
from scriptlint.trace.values import Kind

if TYPE_CHECKING:
    from scriptlint.trace.flow import Flow

_SAMPLES = (-2.3, -0.6, 0.35, 0.9, 1.7, 3.1)
_POSITIVE = tuple(map(abs, _SAMPLES))  # sizes are, and of what is not computed no more should be said than need be
_TOLERANCE = 0.01  # an approximation of a function is taken for the function
_DEPTH = 4
_STATEMENTS = get_args(n.Stmt)
_NAN = math.nan


def _gelu(x: float) -> float:
    return 0.5 * x * (1 + math.erf(x / math.sqrt(2)))


def _sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def _softplus(x: float) -> float:
    return math.log1p(math.exp(x))


def _relu6(x: float) -> float:
    return min(max(x, 0.0), 6.0)


_UNARY: dict[str, Callable[[float], float]] = {
    "abs": abs,
    "cos": math.cos,
    "erf": math.erf,
    "exp": math.exp,
    "expm1": math.expm1,
    "gelu": _gelu,
    "hardsigmoid": lambda x: _relu6(x + 3) / 6,
    "hardswish": lambda x: x * _relu6(x + 3) / 6,
    "hardtanh": lambda x: min(max(x, -1.0), 1.0),
    "log": math.log,
    "log1p": math.log1p,
    "mish": lambda x: x * math.tanh(_softplus(x)),
    "neg": lambda x: -x,
    "reciprocal": lambda x: 1 / x,
    "relu": lambda x: max(x, 0.0),
    "relu6": _relu6,
    "rsqrt": lambda x: x**-0.5 if x > 0 else _NAN,
    "sigmoid": _sigmoid,
    "silu": lambda x: x * _sigmoid(x),
    "sin": math.sin,
    "softplus": _softplus,
    "sqrt": math.sqrt,
    "square": lambda x: x * x,
    "tanh": math.tanh,
}
_BINARY: dict[str, Callable[[float, float], float]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "pow": lambda a, b: a**b,
    "maximum": max,
    "minimum": min,
}
_OPERATORS = {"+": "add", "-": "sub", "*": "mul", "/": "div", "**": "pow"}
# What leaves every number as it is.
_SAME = frozenset("clone contiguous detach float double to type_as cpu requires_grad_".split())
_LAYERS = {
    f"torch.nn.{name}": name.lower()
    for name in "ReLU ReLU6 GELU SiLU Mish Sigmoid Tanh Hardswish Hardsigmoid Softplus".split()
}


class Outside(Exception):
    """What is not pointwise code."""


class _Numbers(Struct, frozen=True):
    """What a value is for every sample; `opaque` are the values among those it is made of that were not computed."""

    samples: tuple[float, ...]
    opaque: frozenset[object] = frozenset()


class _Parts(Struct, frozen=True):
    """A tuple, list or dictionary, and what it holds."""

    kind: str
    items: tuple[_Value, ...]


_Value = _Numbers | _Parts
_Variables = dict[str, "_Value"]


def differ(flow: Flow, first: Sequence[n.Node], second: Sequence[n.Node], frame: Frame) -> bool:
    """Return True if two blocks, or expressions, surely give different results."""
    try:
        ours, others = (_Reading(flow, frame).outcome(one) for one in (first, second))
    except (Outside, RecursionError):
        return False
    if len(ours) == len(others) == 1 and "" in ours and "" in others:
        return _apart(ours[""], others[""])
    if "" in ours or "" in others:
        return False
    before = _Reading(flow, frame)
    names = [one for one in {**ours, **others} if (one in ours and one in others) or frame.variable(one) is not None]
    try:
        return any(
            _apart(ours.get(one) or before.variable(one), others.get(one) or before.variable(one)) for one in names
        )
    except Outside:
        return False


def _apart(first: _Value, second: _Value) -> bool:
    if isinstance(first, _Numbers) and isinstance(second, _Numbers):
        return first.opaque == second.opaque and any(map(_is_far, first.samples, second.samples))
    if isinstance(first, _Parts) and isinstance(second, _Parts):
        if "dict" in (first.kind, second.kind) and first.kind != second.kind:
            return True
        alike = first.kind == second.kind and len(first.items) == len(second.items)
        return alike and any(map(_apart, first.items, second.items))
    return not any(isinstance(one, _Numbers) and one.opaque for one in (first, second))  # a tensor, and what holds some


def _is_far(first: float, second: float) -> bool:
    if math.isnan(first) or math.isnan(second):
        return math.isnan(first) != math.isnan(second)
    return not math.isclose(first, second, rel_tol=_TOLERANCE, abs_tol=_TOLERANCE)


class _Reading:
    """One block on its way: the variables that it assigned."""

    def __init__(self, flow: Flow, frame: Frame, depth: int = 0) -> None:
        self._flow = flow
        self._frame = frame
        self._depth = depth
        self._variables: _Variables = {}

    def outcome(self, block: Sequence[n.Node]) -> _Variables:
        """Return what a block returns, under the empty name, or the variables that it assigns."""
        if len(block) == 1 and not isinstance(block[0], _STATEMENTS):
            return {"": self.value(block[0])}  # type: ignore[arg-type]  # what is no statement is an expression
        for one in block:
            match one:
                case n.Return(value=value) if value is not None:
                    return {"": self.value(value)}
                case n.Assign(targets=[n.Name(id=name)], value=value):
                    self._variables[name] = self.value(value)
                case n.AugAssign(target=n.Name(id=name), op=op, value=value):
                    self._variables[name] = self._operator(op, self.variable(name), self.value(value))
                case n.ExprStmt(value=n.Call(func=n.Attribute(value=n.Name(id=name), attr=method)) as call) if _writes(
                    method
                ):
                    self._variables[name] = self.value(call)
                case n.ExprStmt(value=n.Constant()) | n.Pass():
                    pass
                case n.Break() | n.Continue():
                    break
                case _:
                    raise Outside
        return self._variables

    def variable(self, name: str) -> _Value:
        """Return what a variable holds: before a block assigns it, numbers of its own."""
        if name in self._variables:
            return self._variables[name]
        held = self._frame.variable(name)
        if held is None or held.kind is Kind.OBJECT:
            raise Outside
        if isinstance(held.value, Const):
            return _constant(held.value.value)
        if held.kind not in (Kind.TENSOR, Kind.SIZE):
            return _opaque(name)
        turn = sum(map(ord, name)) % len(_SAMPLES)
        samples = _SAMPLES if held.kind is Kind.TENSOR else _POSITIVE
        return _Numbers((*samples[turn:], *samples[:turn]))

    def value(self, node: n.Expr) -> _Value:
        """Return what an expression gives."""
        match node:
            case n.Constant(kind="int" | "float", value=value):
                return _constant(value)
            case n.Name(id=name):
                return self.variable(name)
            case n.BinOp(left=left, op=op, right=right):
                return self._operator(op, self.value(left), self.value(right))
            case n.UnaryOp(op="-", operand=operand):
                return _unary(_UNARY["neg"], self.value(operand))
            case n.Tuple(elts=elts) | n.List(elts=elts):
                return _Parts("list", tuple(map(self.value, elts)))
            case n.Dict(keys=keys, values=values) if all(isinstance(one, n.Constant) for one in keys):
                return _Parts("dict", tuple(map(self.value, values)))
            case n.Call():
                return self._call(node)
        changed = [(one.id, self._variables.get(one.id)) for one in walk(node) if isinstance(one, n.Name)]
        return _opaque((self._frame.text(node), *changed))

    def _operator(self, op: str, left: _Value, right: _Value) -> _Value:
        if op not in _OPERATORS or not isinstance(left, _Numbers) or not isinstance(right, _Numbers):
            raise Outside
        return _binary(_BINARY[_OPERATORS[op]], left, right)

    def _call(self, node: n.Call) -> _Value:
        name, receiver = self._callee(node.func)
        given = [*receiver, *(self.value(one) for one in node.args if not isinstance(one, n.Starred))]
        named = {one.arg: self.value(one.value) for one in node.keywords if one.arg is not None}
        if len(given) + len(named) != len(receiver) + len(node.args) + len(node.keywords):
            raise Outside
        if isinstance(name, Function):
            return self._inside(name, given, named)
        numbers = [one for one in given if isinstance(one, _Numbers)]
        if len(numbers) == len(given) and (not named or name in ("clamp", "clip")):
            if name in _SAME and receiver:
                return given[0]
            if name in _UNARY and len(given) == 1:
                return _unary(_UNARY[name], given[0])
            if name in _BINARY and len(given) == 2:
                return _binary(_BINARY[name], *numbers)
            if name in ("clamp", "clip", "clamp_min", "clamp_max") and numbers:
                return _clamped(name, numbers, named)
        return _opaque((self._frame.text(node.func), *given, *named.items()))

    def _callee(self, node: n.Expr) -> tuple[str | Function, list[_Value]]:
        """Return the function of torch or of the project that is called, and the tensor whose method it is."""
        symbol = self._flow.project.resolve(node, self._frame.place)
        if isinstance(symbol, Function) and decoration(symbol, self._flow.project).transparent:
            return symbol, []
        if isinstance(symbol, External) and symbol.name.rpartition(".")[0] in ("torch", "torch.nn.functional"):
            return symbol.name.rpartition(".")[2], []
        if isinstance(node, n.Attribute):
            owner = self._frame.variable(node.value.id) if isinstance(node.value, n.Name) else None
            if owner is not None and isinstance(owner.value, Instance):
                return self._of_object(owner.value, node.attr)
            return node.attr.removesuffix("_"), [self.value(node.value)]
        return "", []

    def _of_object(self, owner: Instance, name: str) -> tuple[str | Function, list[_Value]]:
        held = [one.value for one in owner.held(name)]
        if len(held) == 1 and isinstance(held[0], Instance) and isinstance(held[0].cls, External):
            layer = held[0].foreign
            plain = layer is not None and not layer.arguments and not set(layer.keywords) - {"inplace"}
            return (_LAYERS.get(held[0].cls.name, ""), []) if plain else ("", [])
        if len(held) == 1 and isinstance(held[0], FunctionValue) and held[0].bound is None:
            return held[0].function, []
        return "", []

    def _inside(self, function: Function, given: Sequence[_Value], named: dict[str, _Value]) -> _Value:
        """Return what a function of the project gives that is a straight line."""
        parameters = function.node.args.args
        if self._depth >= _DEPTH or named or len(given) != len(parameters) != len(function.node.args.all()):
            return _opaque((function.qualname, *given, *named.items()))
        inner = _Reading(self._flow, Frame(function), self._depth + 1)
        inner._variables = {one.name: value for one, value in zip(parameters, given, strict=True)}
        try:
            result = inner.outcome(function.node.body)
        except Outside:
            return _opaque((function.qualname, *given))
        return result[""] if "" in result else _opaque((function.qualname, *given))


def _writes(method: str) -> bool:
    return (
        method.endswith("_") and not method.endswith("__") and method.removesuffix("_") in {*_UNARY, *_BINARY, "clamp"}
    )


def _constant(value: object) -> _Value:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return _opaque(value)
    return _Numbers((float(value),) * len(_SAMPLES))


def _opaque(what: object) -> _Numbers:
    return _Numbers(_POSITIVE, frozenset([what]))


def _computed(function: Callable[..., float], *rows: tuple[float, ...]) -> tuple[float, ...]:
    found = []
    for numbers in zip(*rows, strict=True):
        try:
            value = function(*numbers)
        except (ValueError, ZeroDivisionError, OverflowError):
            value = _NAN
        found.append(value if isinstance(value, float) else _NAN)
    return tuple(found)


def _unary(function: Callable[[float], float], value: _Value) -> _Value:
    if not isinstance(value, _Numbers):
        raise Outside
    return _Numbers(_computed(function, value.samples), value.opaque)


def _binary(function: Callable[[float, float], float], left: _Numbers, right: _Numbers) -> _Value:
    return _Numbers(_computed(function, left.samples, right.samples), left.opaque | right.opaque)


def _clamped(name: str, numbers: Sequence[_Numbers], named: dict[str, _Value]) -> _Value:
    value, rest = numbers[0], list(numbers[1:])
    bounds = dict(zip(("max",) if name == "clamp_max" else ("min", "max"), rest, strict=False))
    for key, bound in named.items():
        if key not in ("min", "max") or not isinstance(bound, _Numbers):
            raise Outside
        bounds[key] = bound
    if "min" in bounds:
        value = _Numbers(_computed(max, value.samples, bounds["min"].samples), value.opaque | bounds["min"].opaque)
    if "max" in bounds:
        value = _Numbers(_computed(min, value.samples, bounds["max"].samples), value.opaque | bounds["max"].opaque)
    return value
