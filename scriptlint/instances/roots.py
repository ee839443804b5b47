"""What is met on the way through evaluated code: roots, calls of well-known functions, and what is read of their results."""

from __future__ import annotations

from msgspec import Struct, field

from scriptlint.evaluate.values import Compiled, Instance, Value
from scriptlint.program.module import ModuleInfo
from scriptlint.syntax import nodes as n


class Compilation(Struct, frozen=True, eq=False):
    """torch.jit.script or torch.jit.trace met on the way: a root.

    `examples` and `keywords` are the further arguments; `evaluated` are the objects that were in eval mode then; `by` is
    the function that was called, or empty for a decorator; `ran` says that the object or function was called before.
    `paths` are the conditions of each path that leads to it with this object, in the execution with the number `run`.
    `expected` says that a test expects the call to fail; `unproved` are the conditions that nobody looked behind: files
    would tell whether they hold.
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
    paths: list[tuple[str, ...]] = field(default_factory=list)
    run: int = 0
    expected: bool = False
    unproved: tuple[str, ...] = ()


class Observed(Struct, frozen=True, eq=False):
    """A call of a well-known function, of a compiled object (`name` is then `()`), or of a method of one (`.method`).

    `when` is the condition under which it is one, None if it is on every path.
    """

    name: str
    call: n.Call
    module: ModuleInfo
    arguments: tuple[Value, ...]
    keywords: dict[str, Value]
    when: str | None = None

    @property
    def key(self) -> tuple[int, str]:
        """What the same call has on every path."""
        return id(self.call), self.name


class AttributeRead(Struct, frozen=True, eq=False):
    """An attribute that is read of what torch.jit returned; `when` is as in Observed."""

    owner: Compiled
    node: n.Attribute
    module: ModuleInfo
    when: str | None = None

    @property
    def key(self) -> tuple[int, str]:
        """What the same read has on every path."""
        return id(self.node), "."
