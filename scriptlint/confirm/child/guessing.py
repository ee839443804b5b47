"""Arguments and inputs that nobody gave, guessed from names, annotations, and the layers that would take them.

A guess is said in the output. It is right if the object can be built, or called, with it: several are tried.
"""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Iterator
from typing import Any

from scriptlint.confirm.child.building import Built, Failed, Inputs

# Parts of names, and what parameters with such names usually take; the first that fits is tried.
_BY_NAME = (
    (("kernel",), 3),
    (("stride", "dilation", "groups", "scale", "ratio", "factor"), 1),
    (("padding",), 1),
    (("drop", "momentum", "prob", "eps", "alpha", "beta", "gamma", "slope"), 0.1),
    (("num_", "n_", "layers", "depth", "blocks", "heads", "steps"), 2),
    (
        ("channel", "dim", "feature", "size", "shape", "planes", "hidden", "width", "embed", "in_", "out_", "nf", "ch"),
        16,
    ),
    (("use_", "with_", "is_", "has_", "bias", "bidirectional"), False),
)
_BY_TYPE = {"int": 4, "float": 0.5, "bool": False, "str": "relu"}
_SIZES = (32, 64, 224)


def constructed(cls: Any, missing: list[inspect.Parameter]) -> tuple[Any, list[str]]:
    """An object of the class, and the arguments that were guessed for it; raises Failed."""
    last: Exception | None = None
    for by_type in (True, False):
        arguments = {one.name: _argument(one, by_type) for one in missing}
        positional = [arguments[one.name] for one in missing if one.kind is one.POSITIONAL_ONLY]
        keywords = {one.name: arguments[one.name] for one in missing if one.kind is not one.POSITIONAL_ONLY}
        try:
            return cls(*positional, **keywords), [f"{name}={value!r}" for name, value in arguments.items()]
        except Exception as error:
            last = error
    raise Failed("build", "Guess", f"no guess for {', '.join(one.name for one in missing)} builds it: {last}")


def _argument(parameter: inspect.Parameter, by_type: bool) -> Any:
    import torch

    if "act" in parameter.name or "nonlinearity" in parameter.name:
        return torch.nn.ReLU()
    if parameter.name in ("norm", "norm_layer"):
        return torch.nn.BatchNorm2d
    kind = parameter.annotation
    annotated = getattr(kind, "__name__", str(kind)) if kind is not parameter.empty else ""
    for parts, value in _BY_NAME:
        if any(part in parameter.name.lower() for part in parts):
            wanted = _BY_TYPE.get(annotated)
            if not by_type or wanted is None or type(wanted) is type(value):
                return value
    return _BY_TYPE.get(annotated, 4)


def inputs(built: Built) -> Inputs | None:
    """Inputs that the object accepts, None where none of those tried does."""
    import torch

    from scriptlint.confirm.child.comparing import Runner

    names = _required(built.object.forward if built.kind == "module" else built.object)
    if not names:
        return None
    runner = Runner(built)
    with torch.no_grad():
        for tensor in itertools.islice(_tensors(built), 40):
            candidate = Inputs(tuple(tensor.clone() for _ in names), {})
            if runner(built.object, candidate).error is None:
                built.guessed.append(f"inputs: {', '.join(f'{name} of shape {list(tensor.shape)}' for name in names)}")
                return candidate
    return None


def _required(function: Any) -> list[str]:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return []
    return [
        one.name
        for one in parameters
        if one.default is one.empty and one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)
    ]


def _tensors(built: Built) -> Iterator[Any]:
    """Tensors to try, those that the first layers want before all others."""
    import torch
    from torch import nn

    layers = list(built.object.modules()) if built.kind == "module" else []
    for layer in layers:
        if isinstance(layer, nn.modules.conv._ConvNd):
            dimensions = len(layer.kernel_size)
            for size in _SIZES if dimensions < 3 else (16,):
                yield torch.rand(2, layer.in_channels, *[size] * dimensions)
        elif isinstance(layer, nn.Linear):
            yield from (torch.rand(2, layer.in_features), torch.rand(2, 8, layer.in_features))
        elif isinstance(layer, (nn.Embedding, nn.EmbeddingBag)):
            yield torch.randint(0, layer.num_embeddings, (2, 8))
        elif isinstance(layer, nn.RNNBase):
            yield torch.rand(8, 2, layer.input_size)
        elif isinstance(layer, nn.modules.batchnorm._BatchNorm):
            for rank in ((), (8,), (8, 8)):
                yield torch.rand(2, layer.num_features, *rank)
        elif isinstance(layer, nn.LayerNorm):
            yield torch.rand(2, 8, *layer.normalized_shape)
    for shape in ((2, 3, 32, 32), (2, 16, 32, 32), (2, 4, 8, 8), (2, 8), (2, 8, 16), (8,), ()):
        yield torch.rand(shape)
    yield torch.randint(0, 8, (2, 8))
