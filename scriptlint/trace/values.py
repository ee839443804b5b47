"""The abstract values of tracing, and their join."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from scriptlint.instances.values import Value


class Kind(Enum):
    """What is known of a value while a trace is made."""

    TENSOR = "tensor"
    ASSUMED = "assumed"  # a parameter that nothing shows to be a tensor; never reported by itself
    HELD = "held"  # a tensor that the object holds: its content may change, its sizes never do
    TENSORS = "tensors"  # a tuple or list of tensors
    SIZE = "size"  # a 0-dim integer tensor that the trace records
    SHAPE = "shape"  # a tuple of sizes
    PYTHON = "python"  # a constant, or an object that no input reaches
    OBJECT = "object"  # a value of the abstract instance: a module, a function, a number on self
    BAKED = "baked"  # a Python value that was made from a tensor's content
    BAKED_SIZE = "baked size"  # a Python value that was made from a size
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Traced:
    """A value under trace; `value` is the abstract object where `kind` is OBJECT, or the constant where it is PYTHON.

    `truth` is that of a value that is known to be true or false.
    """

    kind: Kind
    value: Value | None = None
    truth: bool | None = None


TENSOR = Traced(Kind.TENSOR)
ASSUMED = Traced(Kind.ASSUMED)
HELD = Traced(Kind.HELD)
TENSORS = Traced(Kind.TENSORS)
SIZE = Traced(Kind.SIZE)
SHAPE = Traced(Kind.SHAPE)
PYTHON = Traced(Kind.PYTHON)
BAKED = Traced(Kind.BAKED)
BAKED_SIZE = Traced(Kind.BAKED_SIZE)
UNKNOWN = Traced(Kind.UNKNOWN)
TRUE = Traced(Kind.PYTHON, truth=True)
FALSE = Traced(Kind.PYTHON, truth=False)


def join(first: Traced, second: Traced) -> Traced:
    """What is known of a value that is one or the other."""
    if first == second:
        return first
    if {first.kind, second.kind} == {Kind.PYTHON}:
        return PYTHON
    kinds = {first.kind, second.kind}
    if kinds <= {Kind.TENSOR, Kind.HELD}:
        return TENSOR
    return ASSUMED if kinds <= {Kind.TENSOR, Kind.HELD, Kind.ASSUMED} else UNKNOWN


def of_content(kind: Kind) -> bool:
    """Whether a test of such a value depends on what tensors hold."""
    return kind in (Kind.TENSOR, Kind.HELD, Kind.BAKED)


def of_size(kind: Kind) -> bool:
    """Whether a test of such a value depends on the sizes of tensors."""
    return kind in (Kind.SIZE, Kind.BAKED_SIZE)
