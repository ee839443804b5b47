"""The judgement of units: every compiled function is judged once per object, however many roots lead to it."""

from __future__ import annotations

from collections.abc import Iterable

from scriptlint.diag import Diagnostic, Report
from scriptlint.instances.values import Instance
from scriptlint.program.decorators import Kind, decoration
from scriptlint.program.module import Function
from scriptlint.program.project import External
from scriptlint.script import emission, frontend
from scriptlint.script.infer.compiler import Compiler
from scriptlint.script.reach import Unit
from scriptlint.syntax import nodes as n


class Judge:
    """Judges functions by form and by type, and remembers what it found."""

    def __init__(self, compiler: Compiler) -> None:
        self.compiler = compiler
        self.project = compiler.project
        self._forms: dict[Function, list[Diagnostic]] = {}

    def units(self, units: Iterable[Unit], report: Report) -> None:
        """Reports everything that is wrong with the units of a root, with the trail that leads to each."""
        for unit in units:
            for one in self.function(unit.function, unit.instance):
                report.add(one, trail=unit.trail, when=unit.when)

    def function(self, function: Function, instance: Instance | None) -> list[Diagnostic]:
        """What the compiler refuses in one function, in the order in which it would meet it."""
        return [*self.form(function), *self.compiler.compile(function, instance).diagnostics]

    def unknowns(self, units: Iterable[Unit]) -> list[str]:
        """What could not be seen in some units, so that their silence proves nothing."""
        found = [one for unit in units for one in self.compiler.compile(unit.function, unit.instance).unknowns]
        return list(dict.fromkeys(found))

    def form(self, function: Function) -> list[Diagnostic]:
        """What the compiler refuses in one function by form alone."""
        if function not in self._forms:
            report = Report()
            method = function.owner is not None and decoration(function, self.project).kind is not Kind.STATIC
            for check in (frontend.check, emission.check):
                check(
                    function.node,
                    function.module.source,
                    report,
                    method=method,
                    resolve=lambda node: self._dotted(node, function),
                )
            self._forms[function] = report.diagnostics
        return self._forms[function]

    def _dotted(self, node: n.Expr, function: Function) -> str | None:
        symbol = self.project.resolve(node, function)
        if isinstance(symbol, External):
            return symbol.name
        return getattr(symbol, "dotted", None)
