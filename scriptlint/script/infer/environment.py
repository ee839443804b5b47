"""The variables of a unit: a frame per block. Twin: `Environment` of ir_emitter.cpp."""

from __future__ import annotations

from msgspec import Struct, field

from scriptlint.script.infer.values import Value
from scriptlint.syntax import nodes as n
from scriptlint.types.model import Type


class Missing(Struct, frozen=True, eq=False):
    """Why a name that was assigned somewhere cannot be used here: reported with the place that made it so.

    `kind` is branch (only one branch defines it, as `given`; `text` says which one does not) or types (two types meet, in
    `text`).
    """

    kind: str
    node: n.Node
    text: str
    given: Value | None = None


class Frame(Struct, eq=False):
    """One block's variables; `declared` are the types that annotations gave them, `ended` those that only the rounds of
    a loop define, with the loop and their types in it.
    """

    parent: Frame | None = None
    values: dict[str, Value] = field(default_factory=dict)
    declared: dict[str, Type] = field(default_factory=dict)
    errors: dict[str, Missing] = field(default_factory=dict)
    ended: dict[str, tuple[n.For | n.While, Type]] = field(default_factory=dict)

    def find(self, name: str) -> Value | None:
        """Return the value of a variable, from the innermost block that has it."""
        frame: Frame | None = self
        while frame is not None:
            if name in frame.values:
                return frame.values[name]
            frame = frame.parent
        return None

    def find_declared(self, name: str) -> Type | None:
        """Return the annotated type of a variable."""
        frame: Frame | None = self
        while frame is not None:
            if name in frame.declared:
                return frame.declared[name]
            frame = frame.parent
        return None

    def find_error(self, name: str) -> Missing | None:
        """Return why a variable cannot be used."""
        frame: Frame | None = self
        while frame is not None:
            if name in frame.errors:
                return frame.errors[name]
            frame = frame.parent
        return None

    def find_ended(self, name: str) -> tuple[n.For | n.While, Type] | None:
        """Return the loop that a variable ended with, and its type."""
        frame: Frame | None = self
        while frame is not None:
            if name in frame.ended:
                return frame.ended[name]
            frame = frame.parent
        return None

    def set(self, name: str, value: Value) -> None:
        """Give a variable of this block its value."""
        self.values[name] = value
        self.errors.pop(name, None)

    def retype(self, name: str, value: Value) -> None:
        """Give a variable another value in whichever block has it."""
        frame: Frame | None = self
        while frame is not None:
            if name in frame.values:
                frame.values[name] = value
            frame = frame.parent
