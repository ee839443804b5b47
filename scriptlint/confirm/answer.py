"""What an answer of the child may look like. User code runs where it is made, and may have written parts of it."""

from __future__ import annotations

from typing import Any

import msgspec

Row = int
Place = tuple[str, Row]


class Failure(msgspec.Struct):
    """Why nothing was built."""

    stage: str
    error: str
    message: str
    place: tuple[str, Row | None] | None


class Node(msgspec.Struct):
    """A submodule."""

    name: str
    parameters: int
    extra: str
    class_: str = msgspec.field(name="class")
    file: str | None = None
    row: Row | None = None


class Built(msgspec.Struct):
    """The object and its inputs."""

    kind: str
    name: str
    guessed: list[str]
    inputs: str | None
    tree: list[Node] = []


class Refusal(msgspec.Struct):
    """An error of the compiler or the tracer."""

    error: str
    message: str
    frames: list[Place]


class Unit(msgspec.Struct):
    """A function that was compiled."""

    file: str
    row: Row
    end: Row
    name: str
    caller: tuple[str, str, Row] | None
    guessed: bool = False
    failed: bool = False


Key = tuple[str, Row, str]


class Stub(msgspec.Struct):
    """A unit that was put aside."""

    unit: Key
    level: int


class Round(msgspec.Struct):
    """One attempt to compile."""

    refusal: Refusal | None
    units: list[Unit]
    stubbed: Stub | None
    failing: Key | None = None
    crash: str | None = None


class Save(msgspec.Struct):
    """Saving and loading."""

    refusal: Refusal | None


class Run(msgspec.Struct):
    """The compiled object beside the original."""

    eager: str | None
    scripted: str | None
    differs: str | None
    random: bool = False


class Warned(msgspec.Struct):
    """A warning of the tracer."""

    message: str
    file: str
    row: Row
    inside: str | None


class Divergence(msgspec.Struct):
    """A variation on which the trace does something else."""

    on: str
    detail: str


class Trace(msgspec.Struct):
    """The trace beside the original."""

    eager: str | None
    refusal: Refusal | None
    relaxed: bool
    warnings: list[Warned]
    executed: dict[str, list[Row]]
    divergences: list[Divergence]
    tried: list[str]
    random: bool = False


class Answer(msgspec.Struct):
    """All parts, each of which may be missing."""

    failure: Failure | None = None
    built: Built | None = None
    rounds: list[Round] = []
    save: Save | None = None
    run: Run | None = None
    trace: Trace | None = None
    values: str | None = None
    script_crash: str | None = msgspec.field(default=None, name="script crash")
    trace_crash: str | None = msgspec.field(default=None, name="trace crash")


def sound(answer: dict[str, Any]) -> bool:
    """Return True if every part of an answer has its form."""
    try:
        msgspec.convert(answer, Answer)
    except msgspec.ValidationError:
        return False
    return True
