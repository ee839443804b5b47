"""What the machine keeps while it runs: activations, the roots and calls it met, conditions as text."""

from __future__ import annotations

from dataclasses import dataclass, field

from scriptlint.instances.values import Held, Instance, Value
from scriptlint.program.module import Class, ModuleInfo
from scriptlint.program.project import Place
from scriptlint.syntax import nodes as n


@dataclass(frozen=True, eq=False)
class Compilation:
    """torch.jit.script or torch.jit.trace met on the way: a root. `examples` are the further arguments."""

    how: str
    value: Value
    call: n.Call | n.FunctionDef | n.ClassDef
    module: ModuleInfo
    examples: tuple[Value, ...] = ()


@dataclass(frozen=True, eq=False)
class Observed:
    """A call of a well-known function, or of a method of a compiled object (`name` is then `.method`)."""

    name: str
    call: n.Call
    module: ModuleInfo
    arguments: tuple[Value, ...]
    keywords: dict[str, Value]


@dataclass(eq=False)
class Frame:
    """One activation: where the code stands, its variables, and for methods the class that holds the code.

    `depth` is the number of conditions that were in force where it began; `outside` marks code that does not stand in
    the file itself: it runs when the file's body has run.
    """

    place: Place
    variables: dict[str, Value] = field(default_factory=dict)
    owner: Class | None = None
    instance: Instance | None = None
    returns: list[Held] = field(default_factory=list)
    depth: int = 0
    outside: bool = False

    @property
    def module(self) -> ModuleInfo:
        return self.place if isinstance(self.place, ModuleInfo) else self.place.module


def condition_text(text: str) -> str:
    """A test as messages quote it: on one line, not too long."""
    flat = " ".join(text.split())
    return flat if len(flat) <= 80 else flat[:77] + "..."


def negate(text: str) -> str:
    """The opposite of a condition, in readable form."""
    for plain, opposite in ((" is not None", " is None"), (" is None", " is not None")):
        if text.endswith(plain) and text.count(" ") == plain.count(" "):
            return text.removesuffix(plain) + opposite
    if text.startswith("not ") and " and " not in text and " or " not in text:
        return text.removeprefix("not ")
    return f"not {text}" if text.replace(".", "_").isidentifier() else f"not ({text})"
