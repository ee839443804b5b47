"""Calls of functions that `torch.jit.ignore` and `unused` leave to Python: only their annotations are read, by Python itself.

Twins: PythonValue::getSchema of torch/csrc/jit/python/python_sugared_value.cpp, get_signature and ann_to_type of
torch/jit/annotations.py, get_jit_def of torch/jit/frontend.py for script classes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scriptlint.evaluate.values import Instance
from scriptlint.program.decorators import decoration
from scriptlint.program.module import Function
from scriptlint.script.infer import arguments, python_calls, signature
from scriptlint.script.infer.arguments import ARGUMENTS, Arguments
from scriptlint.script.infer.values import Typed, Value, unknown
from scriptlint.script.refusal import refusal
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk
from scriptlint.torchlib.schema import NO_DEFAULT, Param, Schema
from scriptlint.types.annotations import Refused
from scriptlint.types.model import ANY, ANY_LIST, ANY_TUPLE, NONE, TENSOR, has_unknown

if TYPE_CHECKING:
    from scriptlint.script.infer.unit import Unit

IGNORED_ANNOTATION = refusal(
    code="SL415",
    name="annotation-of-ignored-function",
    message="`{callee}` is left to Python, but the compiler reads its annotation `{annotation}`, which is {what}",
    help="{advice}",
    compiler="Unknown type annotation|Attempted to use|Can not create tuple with None type|Unsupported annotation"
    "|could not be resolved",
)


def is_ignored(unit: Unit, function: Function, bound: Instance | None) -> bool:
    """Return True for a function that a call does not compile; script classes compile their ignored methods all the same."""
    word = decoration(function, unit.compiler.project).jit
    if bound is not None and unit.compiler.is_script_object(bound):
        return word in ("unused", "drop")
    return word in ("ignore", "unused", "drop")


def call(unit: Unit, node: n.Call, function: Function, bound: Instance | None, given: Arguments) -> Value:
    """Return the value of a call: it has the types of the annotations, and no defaults.

    Without any annotation the parameters before `*` are tensors, and only `*args` takes more.
    """
    unit.excluded.add(function)
    if bound is not None and unit.compiler.is_script_object(bound):
        return _of_script_class(unit, node, function, given)
    refused = _refused_annotation(unit, function)
    if refused is not None:
        annotation, what, advice = refused
        text, name = function.module.text(annotation), function.node.name
        return unit.say(IGNORED_ANNOTATION, node.func, callee=name, annotation=text, what=what, advice=advice)
    if decoration(function, unit.compiler.project).jit == "ignore":
        python_calls.stays(unit, node.func, python_calls.IGNORED)
    read = signature.of_function(unit.compiler, function, signature.is_bound(function, unit.compiler), None)
    written = function.node.args
    returns = TENSOR if read.returns is None else read.returns
    variadic = written.vararg is not None or written.kwarg is not None or bool(written.kwonly)
    if variadic and signature.is_typed(function):
        reason = "a function with annotations that is left to Python may have no `*args`, `**kwargs` or keyword-only parameters"
        unit.say(ARGUMENTS, node.func, callee=function.node.name, reason=reason)
    elif not any(has_unknown(one.type) for one in read.params):
        params = [replace(one, default=NO_DEFAULT) for one in read.params if not one.keyword_only]
        schema = Schema.of(function.node.name, params, returns, vararg=written.vararg is not None)
        arguments.matched(unit, node, [schema], given, function.node.name)
    return Typed(returns, per_name=read.returns is None)


def _of_script_class(unit: Unit, node: n.Call, function: Function, given: Arguments) -> Value:
    """Return a call of an unused method of a script class: it takes anything, under the names of its parameters."""
    read = signature.of_function(unit.compiler, function, True, None)
    written = function.node.args
    if decoration(function, unit.compiler.project).jit == "drop":
        return unknown("a method that is dropped")
    params = [Param(one.name, ANY, keyword_only=one in written.kwonly) for one in (*written.args[1:], *written.kwonly)]
    returns = NONE if read.returns is None else read.returns
    found = arguments.matched(unit, node, [Schema.of(function.node.name, params, returns)], given, function.node.name)
    return found if isinstance(found, Typed) else Typed(returns)


def _refused_annotation(unit: Unit, function: Function) -> tuple[n.Expr, str, str] | None:
    """Return the first annotation that Python's reader of types refuses, what it is, and what to write instead."""
    arguments_of = function.node.args
    bound = signature.is_bound(function, unit.compiler)
    written = [one.annotation for one in (*arguments_of.args[1 if bound else 0 :], *arguments_of.kwonly)]
    for annotation in (function.node.returns, *written):
        if annotation is None:
            continue
        if function.module.has_future_annotations:
            advice = "delete `from __future__ import annotations` in its file, which makes texts of all annotations"
            return annotation, "a text there", advice
        if any(isinstance(one, n.Constant) and one.kind == "str" for one in walk(annotation)):
            return annotation, "a text", "write it without quotes"
        try:
            kind = signature.reader(unit.compiler, function).type_of(annotation)
        except Refused as refused:
            if refused.kind == "bare":
                return annotation, "a container of unknown content", "name the contained types, as in `List[int]`"
            return (
                annotation,
                "not a type of TorchScript",
                "annotate it with a type that TorchScript has, or with `Any`",
            )
        if kind in (ANY_LIST, ANY_TUPLE):
            return annotation, "a container of unknown content", "name the contained types, as in `List[int]`"
    return None
