"""What a pack is made of: rules of a team's own, what checks them, and facts about packages that are not followed.

`scriptlint.pack` offers these names to those who write one, and keeps them as it promises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from scriptlint.diag import Rule

if TYPE_CHECKING:
    import ast


class CompiledFunction(Protocol):
    """A function or method that torch.jit.script compiles, as a check sees it.

    `path` is the absolute path of its file, `tree` its definition as Python's own parser gives it.
    """

    @property
    def path(self) -> str: ...

    @property
    def qualified_name(self) -> str: ...

    @property
    def tree(self) -> ast.FunctionDef | ast.AsyncFunctionDef: ...

    def name_of(self, node: ast.expr) -> str | None:
        """Return the dotted name of what a name or dotted expression of the function refers to, whatever it was imported as.

        A name of torch is its public one. None for local variables, for what hangs on an object, and for what is not known.
        """

    def type_of(self, node: ast.AST) -> str | None:
        """Return the type of an expression or parameter as TorchScript writes it, such as `Optional[Tensor]`.

        None where it is not known, or where the function is compiled for several objects and the types differ.
        """


@dataclass(frozen=True)
class Problem:
    """A rule of the pack holds at a node of the function's tree; `facts` are what its sentences name."""

    rule: Rule
    node: ast.AST
    facts: Mapping[str, Any] = field(default_factory=dict)


Check = Callable[[CompiledFunction], Iterable[Problem]]


@dataclass(frozen=True)
class Pack:
    """What a package adds to scriptlint under a name of the entry points `scriptlint.rules`.

    `checks` are called with each function that is compiled. `pages` are the texts of `scriptlint explain` in Markdown, by the
    code of the rule. `operators` are schemas as torch.library takes them, `acme::crop(Tensor x, int size) -> Tensor`.
    `scripts` and `traces` are dotted names of functions that give their first argument to torch.jit.script or
    torch.jit.trace, in packages that are not followed.
    """

    rules: tuple[Rule, ...] = ()
    checks: tuple[Check, ...] = ()
    pages: Mapping[str, str] = field(default_factory=dict)
    operators: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    traces: tuple[str, ...] = ()
