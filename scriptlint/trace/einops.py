"""Operators and layers of einops: what they give is made of sizes that the trace records.

They choose their backend by what is imported and keep what they parse, which no code of a model depends on; so they are known
by their names: operators whether their source is at hand or not, layers where it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from scriptlint.diag import Severity
from scriptlint.program.module import Function
from scriptlint.trace import hazards
from scriptlint.trace.schemas import Arguments
from scriptlint.trace.values import SHAPE, SIZE, TENSOR, UNKNOWN, Kind, Traced, arithmetic, many, sequence

if TYPE_CHECKING:
    from scriptlint.trace.flow import Flow

_OPERATORS = frozenset({"rearrange", "reduce", "repeat", "einsum", "pack", "unpack", "parse_shape"})
_LAYERS = frozenset({"Rearrange", "Reduce", "EinMix"})


def is_layer(name: str) -> bool:
    """Return True for the dotted name of a layer."""
    return name.startswith("einops.layers.") and name.rpartition(".")[2] in _LAYERS


def is_operator(name: str) -> bool:
    """Return True for the dotted name of a function whose results are known."""
    return name.startswith("einops.") and name.rpartition(".")[2] in _OPERATORS


def follow(flow: Flow, function: Function, given: Arguments) -> None:
    """Note what torch warns of in the source of `unpack`: it asks whether a size is -1, which none is."""
    if function.node.name != "unpack":
        return
    keywords = {name: one for name, (one, _) in given.keywords.items()}
    found = flow.aside(lambda: flow.call(function, None, given.values, keywords))
    for one in found.values():
        if one.rule in (hazards.SIZE_BRANCH, hazards.SIZE_CONVERSION):
            flow.note(replace(one, severity=Severity.NOTE))


def result(name: str, given: Arguments) -> Traced:
    """Return the value of a call of an operator; by any other name, of a layer."""
    first = given.values[0] if given.values else UNKNOWN
    match name.rpartition(".")[2]:
        case "parse_shape":
            return Traced(Kind.MAPPING, item=SIZE)
        case "pack":
            shapes = many(SHAPE) if first.items is None else sequence([SHAPE] * len(first.items))
            return sequence([_tensor([first]), shapes])
        case "unpack":
            shapes = given.values[1] if len(given.values) > 1 else UNKNOWN
            return many(_tensor([first])) if shapes.items is None else sequence([_tensor([first])] * len(shapes.items))
        case _:
            return _tensor(given.values)


def _tensor(values: list[Traced]) -> Traced:
    """Return the tensor that is made of tensors, or of lists of them, and of sizes."""
    parts = [one.element() if one.kind is Kind.SEQUENCE else one for one in values]
    made = arithmetic(*(one for one in parts if one.kind in (Kind.TENSOR, Kind.SIZE)))
    return made if made.kind is Kind.TENSOR else TENSOR
