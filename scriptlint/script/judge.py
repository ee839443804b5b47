"""The judgement of units: every compiled function is judged once, however many roots lead to it."""

from __future__ import annotations

from collections.abc import Iterable

from scriptlint.diag import Diagnostic, Report
from scriptlint.program.decorators import Kind, decoration
from scriptlint.program.module import Function
from scriptlint.program.project import External, Project
from scriptlint.script import emission, frontend
from scriptlint.script.reach import Unit
from scriptlint.syntax import nodes as n


class Judge:
    """Judges functions by form and remembers what it found."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._found: dict[Function, list[Diagnostic]] = {}

    def units(self, units: Iterable[Unit], report: Report) -> None:
        """Reports everything that is wrong with the units of a root, with the trail that leads to each."""
        for unit in units:
            for one in self.function(unit.function):
                report.add(one, trail=unit.trail, when=unit.when)

    def function(self, function: Function) -> list[Diagnostic]:
        """What the compiler refuses in one function, in the order in which it would meet it."""
        if function not in self._found:
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
            self._found[function] = report.diagnostics
        return self._found[function]

    def _dotted(self, node: n.Expr, function: Function) -> str | None:
        symbol = self.project.resolve(node, function)
        if isinstance(symbol, External):
            return symbol.name
        return getattr(symbol, "dotted", None)
