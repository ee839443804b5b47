"""What the compiler refuses in a function by form alone: checked once for every function, whoever asks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from scriptlint.diag import Diagnostic, Report
from scriptlint.fixes.by_default import typed_by_default
from scriptlint.fixes.evidence import Reader
from scriptlint.program.answers import asked
from scriptlint.program.decorators import Kind, decoration, overloads
from scriptlint.program.module import Function
from scriptlint.program.project import External
from scriptlint.script import emission, frontend
from scriptlint.script.default_values import value_of
from scriptlint.script.defaults import UNTYPED_DEFAULT
from scriptlint.syntax import nodes as n


class FormChecks:
    """Checks functions by form, and remembers what it found."""

    def __init__(self, reader: Reader) -> None:
        self.project = reader.project
        self._reader = reader
        # Functions that are compiled as methods, since they are hooks of a module or stand in the place of its forward.
        self.hooks: set[Function] = set()
        self._trees: dict[Function, list[Diagnostic]] = {}
        self._emitted: dict[Function, list[Diagnostic]] = {}

    def all(self, function: Function) -> list[Diagnostic]:
        """Return everything that is refused by form."""
        return [*self.tree(function), *self.emitted(function)]

    def tree(self, function: Function) -> list[Diagnostic]:
        """Return what is refused while the tree is built, before anything of the function is emitted."""
        if function not in self._trees:
            self._trees[function] = self._checked(function, frontend.check, "tree")
        return self._trees[function]

    def emitted(self, function: Function) -> list[Diagnostic]:
        """Return what is refused by form when code is emitted."""
        if function not in self._emitted:
            typed = partial(typed_by_default, self._reader, function)
            named = partial(value_of, self.project, self._reader.library, function)
            self._emitted[function] = self._checked(
                function, partial(emission.check, typed=typed, named=named), "emitted"
            )
        return self._emitted[function]

    def _checked(self, function: Function, check: Callable[..., None], question: str) -> list[Diagnostic]:
        report = Report()
        method = function.owner is not None and decoration(function, self.project).kind is not Kind.STATIC
        method = method or function in self.hooks
        resolve = partial(self._dotted, function=function)
        with asked(function) as one:
            check(function.node, function.module, report, method=method, resolve=resolve)
            if not report.diagnostics and function not in self.hooks:
                one.question, one.answer = question, "nothing"
        if overloads(function, self.project):  # its parameters have the types of the forms
            return [one for one in report.diagnostics if one.code != UNTYPED_DEFAULT.code]
        return report.diagnostics

    def _dotted(self, node: n.Expr, function: Function) -> str | None:
        symbol = self.project.resolve(node, function)
        if isinstance(symbol, External):
            return symbol.name
        return getattr(symbol, "dotted", None)
