"""Declarations without code of their own: forms of overloaded functions, and interfaces. Both are checked where they stand.

Twins: _check_overload_body of torch/_jit_internal.py, define_interface of torch/csrc/jit/frontend/ir_emitter.cpp.
"""

from __future__ import annotations

from scriptlint.diag import Report, Span
from scriptlint.program.decorators import Kind, decoration
from scriptlint.program.module import Function, ModuleInfo
from scriptlint.program.project import Project
from scriptlint.script.refusal import refusal
from scriptlint.syntax import nodes as n

OVERLOAD_BODY = refusal(
    code="SL223",
    name="overload-body",
    message="`{name}` declares a form of an overload, and has a body",
    help="write `...` and nothing else, no docstring either; the code belongs into the definition after all forms",
    compiler="Only `pass` statement or `...` can be the body of overload declaration",
)
INTERFACE_BODY = refusal(
    code="SL224",
    name="interface-body",
    message="the method `{name}` of the interface `{cls}` has a body other than `pass`",
    help="write `pass`: an interface only declares its methods",
    compiler="interfaces declarations should contain 'pass' statement",
)
INTERFACE_RETURN = refusal(
    code="SL225",
    name="interface-without-return",
    message="the method `{name}` of the interface `{cls}` does not say what it returns",
    help="annotate it, with `-> None` where it returns nothing",
    compiler="interface declarations must have a return type annotated",
)


def check(module: ModuleInfo, project: Project, report: Report) -> None:
    """Report the declarations of a file that torch refuses when Python reaches them."""
    for function in module.functions.values():
        if decoration(function, project).jit == "overload" and not _is_empty(function.node.body):
            report.report(OVERLOAD_BODY, function.name_span, name=function.node.name)
    for cls in module.classes.values():
        if decoration(cls, project).jit != "interface":
            continue
        for name, function in cls.functions.items():
            if decoration(function, project).kind is not Kind.PLAIN:
                continue
            body = function.node.body
            if (
                function.node.returns is None
                and module.raw.text.find("# type:", function.node.start, function.node.end) < 0
            ):
                report.report(INTERFACE_RETURN, _header(function), name=name, cls=cls.node.name)
            elif not all(isinstance(one, n.Pass) for one in _without_docstring(body)):
                report.report(INTERFACE_BODY, _header(function), name=name, cls=cls.node.name)


def _header(function: Function) -> Span:
    """Return the place of `def` and the name."""
    return Span(function.module.path, function.node.start, function.name_span.end)


def _is_empty(body: list[n.Stmt]) -> bool:
    if len(body) != 1:
        return False
    value = body[0].value if isinstance(body[0], n.ExprStmt) else None
    return isinstance(body[0], n.Pass) or (isinstance(value, n.Constant) and value.kind == "ellipsis")


def _without_docstring(body: list[n.Stmt]) -> list[n.Stmt]:
    first = body[0].value if body and isinstance(body[0], n.ExprStmt) else None
    return body[1:] if isinstance(first, n.Constant) and first.kind == "str" else body
