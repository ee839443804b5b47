"""What an evaluation keeps while it runs: activations, how a block ends, and what is raised."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct, field

from scriptlint.evaluate.values import ClassValue, Instance, Value
from scriptlint.program.module import Class, ModuleInfo
from scriptlint.program.project import Place
from scriptlint.syntax import nodes as n


class End(Enum):
    """How a block ends before its last statement."""

    RETURN = "return"
    BREAK = "break"
    CONTINUE = "continue"


class Raised(Exception):
    """The evaluated code raises an exception.

    `kind` is the dotted name of a class of Python, or the class of the project; None where that is not known. `node` and
    `module` say where.
    """

    def __init__(self, kind: str | Class | None, value: Value | None, node: n.Node | None, module: ModuleInfo | None):
        super().__init__(kind)
        self.kind = kind
        self.value = value
        self.node = node
        self.module = module

    @property
    def name(self) -> str:
        """The class as messages call it."""
        if self.kind is None:
            return "an exception"
        return self.kind.rpartition(".")[2] if isinstance(self.kind, str) else self.kind.node.name


class Exhausted(Exception):
    """The budget of an evaluation is spent; what it was about is not known."""


class Frame(Struct, eq=False):
    """One activation: where the code stands and its variables.

    `outer` is the activation around a nested function, `owner` the class that holds the code and `receiver` the object or
    class that its first parameter is. `yields` collects what a generator yields. `outside` is the text of code that does
    not stand in the file itself and runs when the file's body has run. `rounds` counts those of all its loops.
    """

    place: Place
    variables: dict[str, Value] = field(default_factory=dict)
    outer: Frame | None = None
    owner: Class | None = None
    receiver: Instance | ClassValue | None = None
    returned: Value | None = None
    yields: list[Value] | None = None
    handled: Raised | None = None
    outside: str | None = None
    is_comprehension: bool = False
    rounds: int = 0

    @property
    def module(self) -> ModuleInfo:
        return self.place if isinstance(self.place, ModuleInfo) else self.place.module

    def text(self, node: n.Node) -> str:
        """Return the source of a node."""
        return self.module.text(node) if self.outside is None else self.outside[node.start : node.end]

    def code(self, node: n.Node) -> str:
        """Return the source of a node, with blanks in the place of comments."""
        return self.module.code_of(node) if self.outside is None else self.outside[node.start : node.end]


def condition_text(text: str) -> str:
    """Return a test as messages quote it: on one line, not too long."""
    flat = " ".join(text.split())
    return flat if len(flat) <= 80 else flat[:77] + "..."


def negate(text: str) -> str:
    """Return the opposite of a condition, in readable form."""
    for plain, opposite in ((" is not None", " is None"), (" is None", " is not None")):
        if text.endswith(plain) and text.count(" ") == plain.count(" "):
            return text.removesuffix(plain) + opposite
    for plain, opposite in ((" == ", " != "), (" != ", " == ")):
        if text.count(" ") == 2 and plain in text:
            return text.replace(plain, opposite)
    if text.startswith("not ") and " and " not in text and " or " not in text:
        return text.removeprefix("not ")
    return f"not {text}" if text.replace(".", "_").isidentifier() else f"not ({text})"
