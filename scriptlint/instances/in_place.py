"""Tensors and arrays that are changed in place while constructors are evaluated: what was known of them is so no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from scriptlint.evaluate.arguments import Arguments
from scriptlint.evaluate.frames import Frame
from scriptlint.evaluate.values import Const, Items, PythonObject, Some, TensorValue, Value
from scriptlint.syntax import nodes as n

if TYPE_CHECKING:
    from scriptlint.evaluate.evaluator import Evaluator

_RESHAPING = frozenset(
    "as_strided_ resize_ resize_as_ set_ squeeze_ swapaxes_ swapdims_ t_ transpose_ unsqueeze_ resize".split()
)
_KEEPING = frozenset({"detach_", "rename_", "requires_grad_", "share_memory_"})
_OF_ARRAYS = frozenset("fill itemset partition put resize sort".split())


def is_changing(value: TensorValue | PythonObject, name: str) -> bool:
    """Return True for a method that changes a tensor or an array."""
    if isinstance(value, PythonObject):
        return name in _OF_ARRAYS
    return name.endswith("_") and not name.endswith("__") and name not in _KEEPING


def by_method(
    ev: Evaluator, value: TensorValue | PythonObject, name: str, node: n.Node | None, frame: Frame | None
) -> Value:
    """Return what a method that changes a tensor or an array gives."""
    owner = node.func.value if isinstance(node, n.Call) and isinstance(node.func, n.Attribute) else None
    changed = forget(ev, value, owner, frame, reshaped=name in _RESHAPING)
    return changed if isinstance(value, TensorValue) else Const(None)


def by_function(ev: Evaluator, name: str, given: Arguments, node: n.Node | None, frame: Frame | None) -> None:
    """Forget what a function of torch or NumPy writes into: its first argument, or what it is given as `out`."""
    if "out" in given.keywords:
        target = ev.resolved(given.keywords["out"])
        written = (
            next((one.value for one in node.keywords if one.arg == "out"), None) if isinstance(node, n.Call) else None
        )
    elif name.endswith("_") and not name.endswith("__"):
        target = ev.resolved(given.first())
        written = node.args[0] if isinstance(node, n.Call) and node.args else None
    else:
        return
    if isinstance(target, (TensorValue, PythonObject)):
        forget(ev, target, written, frame, reshaped=False)


def forget(
    ev: Evaluator,
    value: TensorValue | PythonObject,
    node: n.Expr | None,
    frame: Frame | None,
    *,
    reshaped: bool,
) -> Value:
    """Forget the numbers of a tensor or an array, whatever else holds them; `node` is the expression that names it."""
    numbers = value.numbers
    if isinstance(numbers, Items):
        ev.domain.on_change(ev, numbers)
        numbers.items[:] = [_any(one) for one in numbers.items]
    if frame is not None and isinstance(node, n.Subscript):  # a view of what the numbers are of
        base = ev.resolved(ev.evaluate(node.value, frame))
        if isinstance(base, (TensorValue, PythonObject)):
            forget(ev, base, node.value, frame, reshaped=False)
    if not isinstance(value, TensorValue) or not (reshaped or isinstance(numbers, Const)):
        return value
    changed = replace(
        value,
        numbers=None if reshaped else _any(numbers),
        shape=None if reshaped else value.shape,
    )
    if frame is not None and isinstance(node, (n.Name, n.Attribute)):
        ev.assign(node, changed, frame)
    return changed


def _any(number: Value | None) -> Some:
    """Return some number of the same type."""
    if isinstance(number, Some):
        return number
    return Some(type(number.value).__name__ if isinstance(number, Const) else "float")
