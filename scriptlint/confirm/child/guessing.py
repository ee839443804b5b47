"""Arguments and inputs that nobody gave, guessed from names, annotations, and the layers that would take them.

A guess is said in the output. It is right if the object can be built, or called, with it: several are tried.
"""

from __future__ import annotations

import inspect
import itertools
import os
from collections.abc import Callable, Iterator
from typing import Any

from scriptlint.confirm.child.building import Built, Failed, Inputs

# What the words of a name begin with, and what parameters with such names usually take; the first that fits is tried.
_BY_NAME = (
    (("kernel",), 3),
    (("stride", "dilation", "groups", "scale", "ratio", "factor"), 1),
    (("pad",), 1),
    (("drop", "momentum", "prob", "eps", "alpha", "beta", "gamma", "slope", "temperature"), 0.1),
    (("num", "n", "nheads", "nlayers", "layers", "depth", "blocks", "heads", "steps"), 2),
    (
        (
            "channel",
            "dim",
            "feat",
            "size",
            "shape",
            "plane",
            "inplane",
            "hidden",
            "width",
            "embed",
            "model",
            "in",
            "out",
        ),
        16,
    ),
    (("nf", "ngf", "ndf", "ch", "cin", "cout"), 16),
    (("use", "with", "is", "has", "bias", "bidirectional"), False),
)
_BY_TYPE = {"int": 4, "float": 0.5, "bool": False, "str": "relu"}
_SIZES = (32, 64, 224)
TRIED = 40  # inputs


def called(maker: Any, missing: list[inspect.Parameter]) -> tuple[Any, list[str]]:
    """Return what the class or function makes, and the arguments that were guessed for it; raises Failed."""
    last: Exception | None = None
    for by_type in (True, False):
        arguments = {one.name: _argument(one, by_type) for one in missing}
        positional = [arguments[one.name] for one in missing if one.kind is one.POSITIONAL_ONLY]
        keywords = {one.name: arguments[one.name] for one in missing if one.kind is not one.POSITIONAL_ONLY}
        try:
            return maker(*positional, **keywords), [f"{name}={value!r}" for name, value in arguments.items()]
        except Exception as error:
            last = error
    raise Failed("build", "Guess", f"no guess for {', '.join(one.name for one in missing)} builds it: {last}")


def _argument(parameter: inspect.Parameter, by_type: bool) -> Any:
    if "act" in parameter.name or "nonlinearity" in parameter.name:
        from torch.nn import ReLU

        return ReLU()
    if parameter.name in ("norm", "norm_layer"):
        from torch.nn import BatchNorm2d

        return BatchNorm2d
    kind = parameter.annotation
    annotated = getattr(kind, "__name__", str(kind)) if kind is not parameter.empty else ""
    words = parameter.name.lower().split("_")
    for beginnings, value in _BY_NAME:
        if any(_begins(word, one) for word in words for one in beginnings):
            wanted = _BY_TYPE.get(annotated)
            if not by_type or wanted is None or type(wanted) is type(value):
                return value
    return _BY_TYPE.get(annotated, 4)


def _begins(word: str, beginning: str) -> bool:
    """Short words must be the whole of it, but for a number: `in` is no part of `index`."""
    return (
        word.startswith(beginning) if len(beginning) > 3 else word.rstrip("0123456789") in (beginning, f"{beginning}s")
    )


def inputs(built: Built) -> Inputs | None:
    """Inputs that the object accepts, None where none of those tried does."""
    import torch

    from scriptlint.confirm.child.comparing import Runner

    names = _required(built.object.forward if built.kind == "module" else built.object)
    if not names:
        return None
    runner = Runner(built)

    def accepted() -> int | None:
        with torch.no_grad():
            return next((n for n, one in enumerate(candidates()) if runner(built.object, one).error is None), None)

    def candidates() -> Iterator[Inputs]:
        for tensor in itertools.islice(_tensors(built), TRIED):
            yield Inputs(tuple(tensor.clone() for _ in names), {})

    number = _apart(accepted)
    if number is None:
        return None
    found = next(itertools.islice(candidates(), number, None))
    shape = list(found.arguments[0].shape)
    built.guessed.append(f"inputs: {', '.join(f'{name} of shape {shape}' for name in names)}")
    return found


def _apart(find: Callable[[], int | None]) -> int | None:
    """Return what a function finds in a forked process: a call of a model may change it, and it is to be asked about as it is."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writer, str(find()).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        said = answer.read(20)
    os.waitpid(child, 0)
    return int(said) if said.isdigit() else None


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
