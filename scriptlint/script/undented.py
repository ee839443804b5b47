"""Constructors whose source cannot be parsed by itself, or that have none.

Twin: `AttributeTypeIsSupportedChecker.check` of torch/jit/_check.py, which takes the source of `__init__` of the object that
is scripted (not of its submodules) for itself.
"""

from __future__ import annotations

import textwrap

from scriptlint.diag import Label, Report, Span, Step
from scriptlint.program.module import Class, Function
from scriptlint.script.infer import dataclass_types
from scriptlint.script.infer.compiler import Compiler
from scriptlint.script.refusal import refusal

UNDENTED = refusal(
    code="SL617",
    name="undented-constructor",
    message="`{cls}.__init__` has a line that is indented less than its first, and torch parses it by itself",
    help="indent every line of it, those of its docstring too, by as much and with the same characters",
    compiler="unexpected indent",
)

GENERATED = refusal(
    code="SL626",
    name="generated-constructor",
    message="`{cls}` is a dataclass, and torch reads the source of `__init__`, which a generated one does not have",
    help="write `__init__` yourself, or script a module that holds this one",
    compiler="could not get source code",
)


def check_generated(compiler: Compiler, cls: Class, report: Report, trail: tuple[Step, ...], when: str | None) -> None:
    """Report a module that is scripted by itself and whose constructor a dataclass decorator writes."""
    for one in compiler.classes.lineage(cls).classes:
        if "__init__" in one.functions:
            return
        is_dataclass = one.node.decorators and dataclass_types.is_dataclass(compiler, one)
        if is_dataclass and "__init__" in dataclass_types.generated(compiler, one):
            start = cls.node.name_start
            span = Span(cls.module.path, start, start + len(cls.node.name))
            report.report(GENERATED, span, trail=trail, when=when, cls=cls.node.name)
            return


def check(constructor: Function, report: Report, trail: tuple[Step, ...], when: str | None) -> None:
    """Report a constructor of which no indentation can be taken away as a whole."""
    if constructor.node.decorators or constructor.owner is None:
        return
    constructor.node.is_read = True
    source = constructor.module.raw
    first, last = source.location(constructor.node.start).row, source.location(constructor.node.end).row
    lines = {row: source.line(row) for row in range(first, last + 1) if not _is_comment(source.line(row))}
    begins = textwrap.dedent("\n".join(lines.values()))[:1]
    if begins not in (" ", "\t"):
        return
    indent = lines[first][: len(lines[first]) - len(lines[first].lstrip())]
    row = next(row for row, line in lines.items() if line.strip() and not line.startswith(indent))
    start = source.line_starts[row - 1]
    labels = [Label(Span(constructor.module.path, start, start + len(lines[row])), "indented less")]
    name = constructor.owner.node.name
    report.report(UNDENTED, constructor.name_span, labels=labels, trail=trail, when=when, cls=name)


def _is_comment(line: str) -> bool:
    return line.strip().startswith("#") and not line.strip().startswith("# type:")
