"""The checks of packs, called with each function that an analysis has compiled."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property

from scriptlint.diag import Report, Span
from scriptlint.engine.analysis import Analysis
from scriptlint.engine.failures import reason, show
from scriptlint.engine.pack import Check
from scriptlint.engine.packs import Loaded
from scriptlint.engine.rules import FAILED_PACK
from scriptlint.program.module import Class, Function, ModuleInfo
from scriptlint.program.project import External, Project
from scriptlint.script.infer.unit import Unit
from scriptlint.script.infer.values import Typed, Value
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk
from scriptlint.types.model import has_unknown
from scriptlint.types.show import plain
from scriptlint.types.show import show as shown_type

_Range = tuple[int, int]
_Types = dict[_Range, set[str]]


@contextmanager
def checked(packs: Sequence[Loaded], analysis: Analysis) -> Iterator[None]:
    """Call the checks with what is compiled inside of this block, and add what they find to the analysis's report."""
    if not any(one.pack.checks for one in packs):
        yield
        return
    types: dict[Function, _Types] = {}

    def note(unit: Unit, node: n.Node, value: Value) -> None:
        end = node.start + len(node.name) if isinstance(node, n.Parameter) else node.end
        known = isinstance(value, Typed) and not has_unknown(value.type)
        said = plain(shown_type(value.type)) if isinstance(value, Typed) and known else ""
        types.setdefault(unit.function, {}).setdefault((node.start, end), set()).add(said)

    analysis.judge.compiler.observer = note
    yield
    for function in analysis.reached:
        view = _View(function, analysis.project, types.get(function, {}))
        for one in packs:
            for check in one.pack.checks:
                _check(one, check, view, analysis.report)


def _check(of: Loaded, check: Check, view: _View, report: Report) -> None:
    found = Report()
    try:
        for problem in check(view):
            if problem.rule not in of.pack.rules:
                raise ValueError(f"{problem.rule.code} is not among the rules of the pack")
            found.report(problem.rule, view.span(problem.node), **problem.facts)
    except Exception as error:  # whatever the code of a pack does
        show(error)
        report.report(FAILED_PACK, view.function.name_span, pack=of.name, reason=reason(error))
    else:
        report.diagnostics += found.diagnostics


class _View:
    """A CompiledFunction: Python's own tree of the function, over places in ours."""

    def __init__(self, function: Function, project: Project, types: _Types) -> None:
        self.function = function
        self._project = project
        self._types = types

    @property
    def path(self) -> str:
        return self.function.module.path

    @property
    def qualified_name(self) -> str:
        return self.function.dotted

    @property
    def tree(self) -> ast.FunctionDef | ast.AsyncFunctionDef:
        return self._parsed.tree

    def name_of(self, node: ast.expr) -> str | None:
        found = self._expressions.get(self._parsed.range(node))
        symbol = None if found is None else self._project.resolve(found, self.function)
        if isinstance(symbol, External):
            return self._project.library.canonical(symbol.name)
        if isinstance(symbol, (Function, Class)):
            return symbol.dotted
        return symbol.name if isinstance(symbol, ModuleInfo) else None

    def type_of(self, node: ast.AST) -> str | None:
        start, end = self._parsed.range(node)
        if isinstance(node, ast.arg):
            end = start + len(node.arg)
        found = self._types.get((start, end), set())
        return next(iter(found)) or None if len(found) == 1 else None

    def span(self, node: ast.AST) -> Span:
        """Return the place of a node in the file."""
        return Span(self.path, *self._parsed.range(node))

    @cached_property
    def _parsed(self) -> _Parsed:
        return _Parsed(self.function)

    @cached_property
    def _expressions(self) -> dict[_Range, n.Expr]:
        return {(one.start, one.end): one for one in walk(self.function.node) if isinstance(one, (n.Name, n.Attribute))}


class _Parsed:
    """The tree of a function as Python's parser gives it, of the lines on which it stands."""

    def __init__(self, function: Function) -> None:
        code, node = function.module.code, function.node
        begin = code.rfind("\n", 0, node.start) + 1
        # A header above an indented function, so that its lines can stay as they are.
        header = "if True:\n" if code[begin : node.start] else ""
        self._shift = begin - len(header)
        self._text = header + code[begin : node.end]
        self._lines = [0]
        for line in self._text.split("\n"):
            self._lines.append(self._lines[-1] + len(line) + 1)
        body = ast.parse(self._text).body[0]
        found = body.body[0] if isinstance(body, ast.If) else body
        assert isinstance(found, (ast.FunctionDef, ast.AsyncFunctionDef))
        self.tree = found

    def range(self, node: ast.AST) -> _Range:
        """Return where a node begins and ends in the file."""
        if not isinstance(node, (ast.expr, ast.stmt, ast.arg, ast.keyword, ast.alias)):
            raise TypeError(f"a `{type(node).__name__}` has no place of its own")
        end_row, end_column = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
        return self._offset(node.lineno, node.col_offset), self._offset(end_row, end_column)

    def _offset(self, row: int, column: int) -> int:
        """Return the offset in the file; Python counts the columns of a row in bytes of UTF-8."""
        start = self._lines[row - 1]
        line = self._text[start : self._lines[row] - 1]
        return self._shift + start + len(line.encode()[:column].decode())
