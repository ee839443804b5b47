"""The function under judgement, as the checks of form see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from scriptlint.diag import Report, Rule, Span
from scriptlint.program.module import ModuleInfo
from scriptlint.syntax import nodes as n
from scriptlint.text import Fix, SourceFile

Resolve = Callable[[n.Expr], "str | None"]


@dataclass(frozen=True)
class Form:
    """One compiled function, the file it stands in and the door through which its findings leave.

    `resolve` gives the canonical dotted name that a name or attribute stands for at module level, None where it is a
    local or not known.
    """

    function: n.FunctionDef
    module: ModuleInfo
    report: Report
    method: bool
    resolve: Resolve

    @property
    def source(self) -> SourceFile:
        self.function.is_read = True
        return self.module.raw

    def say(self, rule: Rule, start: int, end: int, *, fix: Fix | None = None, **facts: Any) -> None:
        """Report `rule` at a range of the file."""
        self.report.report(rule, Span(self.module.path, start, end), fix=fix, **facts)

    def text(self, node: n.Node, limit: int = 40) -> str:
        """Return the source of a node on one line, cut where it is long: for the facts of a message."""
        text = " ".join(self.module.text(node).split())
        text = text if len(text) <= limit else f"{text[: limit - 3]}..."
        return text.replace("`", "'")


# The names that the compiler looks up before the module's own (`Environment::getSugaredVar`), as far as they matter here.
_BEFORE_GLOBALS = frozenset({"print", "range", "zip", "enumerate", "list", "tuple", "dict", "isinstance"})


def builtin(form: Form, callee: n.Expr) -> str | None:
    """Return what a callee resolves to for the compiler, which takes some builtins even where the module hides them."""
    name = form.resolve(callee)
    if name is not None and isinstance(callee, n.Name) and callee.id in _BEFORE_GLOBALS:
        return f"builtins.{callee.id}"
    return name
