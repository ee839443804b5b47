"""Inputs that a condition asks for: where no variation of the example shows a difference, the code says what would.

`if x.size(0) > self.most` wants a size beside `most`, `x.max() > 4` values beside 4, `mask.any()` an empty mask. The numbers
are read off the watched code, and the inputs are made of them alone, so that they can be printed.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterator
from typing import Any

from scriptlint.confirm.child.building import Built, Inputs
from scriptlint.confirm.child.comparing import mapped, tensors

MOST = 80
_LARGEST = 1 << 16  # items of an input


def solutions(built: Built, watch: dict[str, list[list[int]]]) -> Iterator[tuple[str, Inputs, bool]]:
    """Return what says which inputs they are, the inputs, and whether their shapes are those of the example; at most MOST."""
    inputs = built.inputs
    if inputs is None or not tensors([*inputs.arguments, *inputs.keywords.values()]):
        return
    numbers, asks_finite = _numbers(built, watch)
    values = dict.fromkeys(near for one in numbers for near in (one + 1, one - 1, one))
    fills = [*values, 0, 1, -1, *([math.nan] if asks_finite else [])]
    sizes = [int(one) for one in values if one == int(one) and 0 < one <= 512]
    found = 0
    for make, same_shape in (*_filled(fills), *_sized(inputs, sizes)):
        if found >= MOST:
            return
        made = mapped(inputs, make)
        if all(one.numel() <= _LARGEST for one in tensors([*made.arguments, *made.keywords.values()])):
            found += 1
            yield f"given {_written(made)}", made, same_shape


def _filled(fills: list[float]) -> Iterator[tuple[Callable[[Any], Any], bool]]:
    """Return ways to fill the tensors of the example."""
    import torch

    for number in dict.fromkeys(fills):

        def fill(tensor: Any, number: float = number) -> Any:
            if tensor.dtype == torch.bool:
                return torch.full_like(tensor, number > 0)
            if not tensor.is_floating_point() and math.isnan(number):
                return torch.zeros_like(tensor)
            return torch.full_like(tensor, number)

        yield fill, True


def _sized(inputs: Inputs, sizes: list[int]) -> Iterator[tuple[Callable[[Any], Any], bool]]:
    """Return ways to give the axes of the example other sizes, those of equal size alike."""
    first = max(tensors([*inputs.arguments, *inputs.keywords.values()]), key=lambda one: one.dim())
    for axis, size in enumerate(first.shape):
        for other in dict.fromkeys([size + 1, size - 1, *sizes]):
            if other < 1 or other == size:
                continue

            def resize(tensor: Any, axis: int = axis, size: int = size, other: int = other) -> Any:
                shape = list(tensor.shape)
                if len(shape) > axis and shape[axis] == size:
                    shape[axis] = other
                return _counted(tensor, shape)

            yield resize, False


def _counted(tensor: Any, shape: list[int]) -> Any:
    """Return a tensor of a shape that tells its items apart; one of whole numbers, which may be indices, is zero."""
    import torch

    if not tensor.is_floating_point():
        return torch.zeros(shape, dtype=tensor.dtype)
    return torch.arange(math.prod(shape), dtype=tensor.dtype).view(shape)


def _written(inputs: Inputs) -> str:
    """Return inputs as an expression."""
    arguments = [_expression(one) for one in inputs.arguments]
    return ", ".join([*arguments, *(f"{name}={_expression(one)}" for name, one in inputs.keywords.items())])


def _expression(value: Any) -> str:
    import torch

    if isinstance(value, torch.Tensor):
        kind = "" if value.dtype in (torch.float32, torch.bool) else f", dtype={value.dtype}"
        shape = tuple(value.shape)
        number = value.flatten()[0].item() if value.numel() else 0
        if value.numel() < 2 or bool((value == number).all()) or number != number:
            shown = 'float("nan")' if number != number else number
            return f"torch.full({shape}, {shown}{kind})"
        return f"torch.arange({value.numel()}{kind or '.'}).view{shape}"
    if isinstance(value, (tuple, list)):
        inner = ", ".join(map(_expression, value))
        return f"[{inner}]" if isinstance(value, list) else f"({inner},)"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {_expression(one)}" for key, one in value.items()) + "}"
    return repr(value)


def _numbers(built: Built, watch: dict[str, list[list[int]]]) -> tuple[list[float], bool]:
    """Return the numbers in the watched rows, those of attributes included, and whether they ask for what is not finite."""
    found: list[float] = []
    asks_finite = False
    for file, spans in watch.items():
        rows = {row for first, last in spans for row in range(first, last + 1)}
        try:
            with open(file, encoding="utf-8") as source:
                tree = ast.parse(source.read())
        except (OSError, ValueError, SyntaxError, RecursionError):
            continue
        for node in ast.walk(tree):
            if getattr(node, "lineno", None) not in rows:
                continue
            if isinstance(node, ast.Constant):
                found += _plain([node.value])
            elif isinstance(node, ast.Attribute):
                found += _plain(_held(built, node.attr))
                asks_finite |= node.attr in ("isnan", "isfinite", "isinf")
    return list(dict.fromkeys(found)), asks_finite


def _held(built: Built, name: str) -> list[Any]:
    """Return what the modules of an object hold under a name."""
    modules = built.object.modules() if hasattr(built.object, "modules") else ()
    return [vars(one)[name] for one in modules if name in vars(one)]


def _plain(values: list[Any]) -> list[float]:
    return [one for one in values if isinstance(one, (int, float)) and not isinstance(one, bool) and abs(one) < 1e6]
