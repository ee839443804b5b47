"""Whether two results are the same; and inputs that differ from an example in one way at a time."""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from scriptlint.confirm.child.building import Built, Inputs, said


@dataclass
class Result:
    """What a call gave back, or `error`, what it raised."""

    value: Any = None
    error: str | None = None


class Runner:
    """Calls things on equal terms: with the same random numbers, on copies of the inputs, with the module's state as it was."""

    def __init__(self, built: Built) -> None:
        self._inputs = built.inputs or Inputs((), {})
        self._state = None
        if built.kind == "module":
            self._module = built.object
            self._state = {name: value.detach().clone() for name, value in _state(built.object).items()}

    def __call__(self, callee: Any, inputs: Inputs | None = None) -> Result:
        """Return the result of a call with these inputs, by default those of the job."""
        import torch

        given = copied(inputs or self._inputs)
        random.seed(0)
        torch.manual_seed(0)
        try:
            with torch.no_grad():
                return Result(callee(*given.arguments, **given.keywords))
        except Exception as error:
            return Result(error=_raised(error))
        finally:
            self._restore()

    def _restore(self) -> None:
        import torch

        if self._state is None:
            return
        with torch.no_grad():
            for name, value in _state(self._module).items():
                kept = self._state.get(name)
                if kept is not None and kept.shape == value.shape:
                    value.copy_(kept)


def seed() -> None:
    """Begin with the same random numbers in every process."""
    import torch

    random.seed(0)
    torch.manual_seed(0)


def values(built: Built) -> str | None:
    """Return a digest of what the original gives, None where it raises or gives something else each time."""
    run = Runner(built)
    results = [run(built.object), run(built.object)]
    digests = {_digest(one.value) for one in results}
    return None if any(one.error for one in results) or len(digests) > 1 else digests.pop()


def _digest(value: Any) -> str:
    import torch

    whole = hashlib.sha256()
    pending = [value]
    while pending:
        one = pending.pop()
        whole.update(type(one).__name__.encode())
        if isinstance(one, torch.Tensor):
            whole.update(f"{one.dtype} {tuple(one.shape)}".encode())
            whole.update(_bytes(one.detach().cpu()))
        elif isinstance(one, dict):
            pending += [*one.keys(), *one.values()]
        elif isinstance(one, (tuple, list)):
            pending += one
        elif isinstance(one, (bool, int, float, str, type(None))):
            whole.update(repr(one).encode())
    return whole.hexdigest()


def _bytes(tensor: Any) -> bytes:
    import torch

    try:
        plain = tensor.resolve_conj().resolve_neg().reshape(-1).view(torch.uint8)
        return plain.numpy().tobytes()  # type: ignore[no-any-return]
    except (RuntimeError, TypeError):  # sparse, quantized, or without NumPy
        return repr(tensor).encode()


def _raised(error: Exception) -> str:
    """Return the type and the words of an error on one line. A compiled program says last what it raised, by name."""
    words = said(error).splitlines()[-1]
    words = re.sub(r"^(?:RuntimeError: )+(?=\w+(?:Error|Exception): )", "", words)
    known = re.match(r"\w+(?:Error|Exception): ", words)
    return (words if known else f"{type(error).__name__}: {words}")[:300]


def _state(module: Any) -> dict[str, Any]:
    from torch.nn.parameter import is_lazy

    named = [*module.named_parameters(), *module.named_buffers()]
    return {name: value for name, value in named if not is_lazy(value)}


def copied(inputs: Inputs) -> Inputs:
    """Return the inputs with every tensor copied."""
    return mapped(inputs, lambda tensor: tensor.detach().clone())


def mapped(inputs: Inputs, change: Callable[[Any], Any]) -> Inputs:
    """Return the inputs with `change` applied to every tensor."""
    return Inputs(
        tuple(_mapped(one, change) for one in inputs.arguments),
        {name: _mapped(one, change) for name, one in inputs.keywords.items()},
    )


def _mapped(value: Any, change: Callable[[Any], Any]) -> Any:
    import torch

    if isinstance(value, torch.Tensor):
        return change(value)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(_mapped(one, change) for one in value))
    if isinstance(value, (tuple, list)):
        return type(value)(_mapped(one, change) for one in value)
    if isinstance(value, dict):
        return {key: _mapped(one, change) for key, one in value.items()}
    return value


def tensors(value: Any) -> list[Any]:
    """Return the tensors within inputs or a result."""
    found: list[Any] = []
    _mapped(value, found.append)
    return found


def difference(expected: Any, found: Any) -> str | None:
    """In what two results differ, None where they are the same."""
    import torch

    if isinstance(expected, torch.Tensor) and isinstance(found, torch.Tensor):
        return _tensors(expected, found)
    if isinstance(expected, dict) and isinstance(found, dict):
        if list(expected) != list(found):
            return f"keys {list(expected)} and {list(found)}"
        return _first(difference(expected[key], found[key]) for key in expected)
    # A named tuple comes back as a tuple of the same names, or as a plain one.
    if isinstance(expected, (tuple, list)) and isinstance(found, (tuple, list)):
        if len(expected) != len(found):
            return f"{len(expected)} and {len(found)} values"
        return _first(map(difference, expected, found))
    if isinstance(expected, float) and isinstance(found, float):
        return (
            None
            if expected == found or abs(expected - found) <= 1e-5 * abs(expected) or expected != expected
            else (f"{expected} and {found}")
        )
    if type(expected) is not type(found):
        return f"a {type(expected).__name__} and a {type(found).__name__}"
    try:
        same = bool(expected == found)
    except Exception:
        return None
    # Objects that do not say what makes them equal are not compared.
    return None if same or "__eq__" not in vars(type(expected)) else f"{expected!r} and {found!r}"[:200]


def _first(said: Iterable[str | None]) -> str | None:
    return next((one for one in said if one is not None), None)


def _tensors(expected: Any, found: Any) -> str | None:
    import torch

    if expected.dtype != found.dtype:
        return f"{expected.dtype} and {found.dtype}"
    if expected.shape != found.shape:
        return f"shapes {tuple(expected.shape)} and {tuple(found.shape)}"
    if expected.device.type == "meta" or expected.is_sparse or expected.is_quantized:
        return None
    if expected.dtype.is_floating_point or expected.dtype.is_complex:
        if torch.allclose(expected, found, rtol=1e-3, atol=1e-5, equal_nan=True):
            return None
        return f"values, by up to {float((expected - found).abs().nan_to_num().max()):.3g}"
    return None if torch.equal(expected, found) else "values"


def variations(inputs: Inputs) -> Iterator[tuple[str, Inputs, bool]]:
    """Names of what is varied, the inputs, and whether the shapes are still those of the example."""
    import torch

    every = tensors([*inputs.arguments, *inputs.keywords.values()])
    if not every:
        return
    if any(one.is_floating_point() for one in every):
        yield "negated values", mapped(inputs, lambda t: -t if t.is_floating_point() else t), True
        yield "zeros", mapped(inputs, lambda t: torch.zeros_like(t) if t.is_floating_point() else t), True
        yield "larger values", mapped(inputs, lambda t: t * 10 + 1 if t.is_floating_point() else t), True
    if any(not one.is_floating_point() and one.dim() for one in every):
        yield "other indices", mapped(inputs, lambda t: t if t.is_floating_point() or not t.dim() else t.flip(0)), True
    first = max(every, key=lambda one: one.dim())
    for axis, size in enumerate(first.shape):
        name = "batch" if axis == 0 else "length" if axis == first.dim() - 1 else f"size {axis}"

        def longer(tensor: Any, axis: int = axis, size: int = size) -> Any:
            return torch.cat([tensor, tensor], axis) if tensor.dim() > axis and tensor.shape[axis] == size else tensor

        def shorter(tensor: Any, axis: int = axis, size: int = size) -> Any:
            fits = tensor.dim() > axis and tensor.shape[axis] == size
            return tensor.narrow(axis, 0, max(size // 2, 1)) if fits else tensor

        if size * first.numel() < 1 << 24:
            yield f"twice the {name}", mapped(inputs, longer), False
        if size > 1:
            yield f"half the {name}", mapped(inputs, shorter), False
    if first.dim() > 2:
        yield (
            "both sizes doubled",
            mapped(inputs, lambda t: torch.cat([torch.cat([t, t], -1)] * 2, -2) if t.dim() == first.dim() else t),
            False,
        )
