"""Overloads: every form is compiled with the body of the implementation, and the first that fits is called.

Twins: make_stubs_for_overloads and get_overload_annotations of torch/jit/_recursive.py, get_overloaded_fns of
torch/csrc/jit/python/python_sugared_value.cpp.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from scriptlint.diag import Report, Span
from scriptlint.evaluate.values import Instance
from scriptlint.program.decorators import decoration
from scriptlint.program.module import Class, Function
from scriptlint.script.infer import arguments, signature, undefined
from scriptlint.script.infer.arguments import Arguments
from scriptlint.script.infer.values import Typed, Value, unknown
from scriptlint.script.refusal import refusal
from scriptlint.syntax import nodes as n
from scriptlint.torchlib.match import Match
from scriptlint.torchlib.schema import NO_DEFAULT, Schema

if TYPE_CHECKING:
    from scriptlint.script.infer.compiler import Compiler
    from scriptlint.script.infer.unit import Unit

NO_IMPLEMENTATION = refusal(
    code="SL226",
    name="overload-without-implementation",
    message="`{name}` has declared forms and no implementation after them",
    help="define `{name}` once more after the last form, without a decorator and with the code",
    compiler='Implementation for the (function|method) ".*" is missing',
)
UNTYPED_FORM = refusal(
    code="SL227",
    name="untyped-overload",
    message="this form of `{name}` has no annotations, by which the compiler would choose it",
    help="annotate its parameters and its result",
    compiler="Must explicitly add type annotations to overloaded functions",
)


def check(compiler: Compiler, cls: Class, report: Report) -> None:
    """Report what is wrong with the overloaded methods that a class itself declares."""
    for name, method in cls.functions.items():
        if decoration(method, compiler.project).jit == "overload":
            report.report(NO_IMPLEMENTATION, _decorator(compiler, method), name=name)
            continue
        for form in compiler.declared_forms(method):
            if not signature.is_typed(form):
                report.report(UNTYPED_FORM, form.name_span, name=name)


def call(
    unit: Unit,
    node: n.Call,
    function: Function,
    bound: Instance | None,
    forms: Sequence[Function],
    used: bool,
    given: Arguments,
) -> Value:
    """Return the value of a call of an overloaded function."""
    from scriptlint.script.infer.compiler import Callee

    untyped = next((one for one in forms if not signature.is_typed(one)), None)
    if untyped is not None:
        if bound is None:
            unit.report.report(UNTYPED_FORM, untyped.name_span, when=unit.when(), name=function.node.name)
        return unknown("it is refused")
    schemas: list[Schema] = []
    compiled_forms: list[signature.Signature] = []
    for form in forms:
        unit.callees.append(Callee(function, bound, node.func, unit.when(), used, form))
        compiled = unit.compiler.compile(function, bound, form)
        params = compiled.signature.params
        if bound is not None:
            if bound is unit.instance:  # its methods get their defaults when all of them are compiled
                params = tuple(replace(one, default=NO_DEFAULT) for one in params)
        else:  # those of a function are its implementation's
            named = {one.name for one in function.node.args.all() if one.default is not None}
            params = tuple(replace(one, default=None) if one.name in named else one for one in params)
        compiled_forms.append(compiled.signature)
        schemas.append(Schema.of(function.node.name, params, compiled.returns))
    found = arguments.matched(unit, node, schemas, given, function.node.name)
    for one, schema in zip(compiled_forms, schemas, strict=True):
        if isinstance(found, Match) and schema is found.schema:
            undefined.check_form(unit, function, one)
    return found if isinstance(found, Typed) else Typed(found.returns)


def refused(unit: Unit, function: Function) -> Typed:
    """Report the call of a function that is declared, and not implemented."""
    unit.report.report(
        NO_IMPLEMENTATION, _decorator(unit.compiler, function), when=unit.when(), name=function.node.name
    )
    return unknown("it is refused")


def _decorator(compiler: Compiler, form: Function) -> Span:
    """Return the place of the decorator that declares a form, where the compiler says that it is."""
    node = decoration(form, compiler.project).jit_node
    return form.name_span if node is None else form.module.span(node)
