"""What the machine keeps while it runs: activations, the roots and calls it met, conditions as text."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from weakref import WeakKeyDictionary

from msgspec import Struct, field

from scriptlint.evaluate.values import Compiled, Held, Instance, Value
from scriptlint.program.module import Class, Function, ModuleInfo
from scriptlint.program.project import Place
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk_scope


class End(Enum):
    """How a block ends before its last statement: `FUNCTION` by return or raise."""

    FUNCTION = "function"
    BREAK = "break"
    CONTINUE = "continue"


class Compilation(Struct, frozen=True, eq=False):
    """torch.jit.script or torch.jit.trace met on the way: a root.

    `examples` and `keywords` are the further arguments; `evaluated` are the objects that were in eval mode then; `by` is
    the function that was called, or empty for a decorator; `ran` says that the object or function was called before.
    """

    how: str
    value: Value
    call: n.Call | n.FunctionDef | n.ClassDef
    module: ModuleInfo
    examples: tuple[Value, ...] = ()
    keywords: dict[str, Value] = field(default_factory=dict)
    evaluated: frozenset[Instance] = frozenset()
    by: str = ""
    ran: bool = False


class Observed(Struct, frozen=True, eq=False):
    """A call of a well-known function, or of a method of a compiled object (`name` is then `.method`)."""

    name: str
    call: n.Call
    module: ModuleInfo
    arguments: tuple[Value, ...]
    keywords: dict[str, Value]


class AttributeRead(Struct, frozen=True, eq=False):
    """An attribute that is asked of what torch.jit gave back."""

    owner: Compiled
    node: n.Attribute
    module: ModuleInfo


class Frame(Struct, eq=False):
    """One activation: where the code stands, its variables, and for methods the class that holds the code.

    `depth` is the number of conditions that were in force where it began; `outside` is the text of code that does not
    stand in the file itself and runs when the file's body has run.
    """

    place: Place
    variables: dict[str, Value] = field(default_factory=dict)
    owner: Class | None = None
    instance: Instance | None = None
    returns: list[Held] = field(default_factory=list)
    depth: int = 0
    outside: str | None = None

    @property
    def module(self) -> ModuleInfo:
        return self.place if isinstance(self.place, ModuleInfo) else self.place.module

    def text(self, node: n.Node) -> str:
        """The source of a node."""
        return self.module.text(node) if self.outside is None else self.outside[node.start : node.end]


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


def raises(body: Sequence[n.Stmt]) -> bool:
    """Whether a block ends by raising."""
    return bool(body) and isinstance(body[-1], n.Raise)


_GENERATORS: WeakKeyDictionary[Function, bool] = WeakKeyDictionary()


def is_generator(function: Function) -> bool:
    """Whether a call of a function only makes a generator."""
    if function not in _GENERATORS:
        body = walk_scope(function.node.body) if "yield" in function.module.text(function.node) else ()
        _GENERATORS[function] = any(isinstance(one, (n.Yield, n.YieldFrom)) for one in body)
    return _GENERATORS[function]
