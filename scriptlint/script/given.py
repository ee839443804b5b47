"""What torch.jit.script is given that is neither a module nor a function nor a class (`_script_impl` of torch/jit/_script.py)."""

from __future__ import annotations

import builtins
import math
from collections.abc import Iterable
from types import BuiltinFunctionType

from scriptlint.diag import Report, Span, Step
from scriptlint.evaluate.values import (
    Const,
    ExternalValue,
    FunctionValue,
    Instance,
    Items,
    LambdaValue,
    Mapping,
    Optimized,
    Partial,
    PythonObject,
    Some,
    TensorValue,
    Value,
)
from scriptlint.instances.machine import Machine
from scriptlint.instances.roots import Compilation
from scriptlint.program.classes import Classes
from scriptlint.program.decorators import decoration
from scriptlint.program.module import Class, Function
from scriptlint.program.project import Project
from scriptlint.script.infer.attributes import MISSING
from scriptlint.script.infer.compiler import Compiler
from scriptlint.script.refusal import refusal
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk
from scriptlint.torchlib.library import Library

NOT_SCRIPTABLE = refusal(
    code="SL228",
    name="unscriptable-argument",
    message="`torch.jit.script` is given {what}, which it cannot compile",
    help="{advice}",
    compiler="is a built-in class|Unable to infer type of|inherits from nn.Module|code object was expected"
    "|object has no attribute or method|Can't get source for|cannot be directly compiled because it is overloaded"
    "|variable number of arguments",
)


OPTIMIZED_MODULE = refusal(
    code="SL627",
    name="optimized-module",
    message="`torch.compile` returns a module that wraps this one, and the wrapper cannot be scripted",
    help="script the module itself, and give it to `torch.compile` only where it is run eagerly; `module.compile()` wraps nothing",
    compiler=r"Unknown type annotation: 'Callable\[\.\.\., Any\]'",
)


def check(root: Compilation, machine: Machine, span: Span, report: Report) -> None:
    """Report what a call of torch.jit.script is given, if that cannot be scripted whatever its code."""
    if root.how != "script" or not isinstance(root.call, n.Call):
        return
    if isinstance(root.value, Optimized) and isinstance(root.value.inner, Instance):
        report.report(OPTIMIZED_MODULE, root.value.site)
        return
    what = _kind(root.value, machine.classes, machine.library)
    if what is not None:
        report.report(NOT_SCRIPTABLE, span, what=what, advice=_advice(root.value, machine.library))


_CACHES = ("functools.lru_cache", "functools.cache")


def check_decorated(function: Function, project: Project, trail: tuple[Step, ...], report: Report) -> bool:
    """Report a function that is no function any more, and return True if there is one: what keeps results has no source."""
    outermost = next(iter(decoration(function, project).others), None)
    if outermost is None or outermost.name not in _CACHES:
        return False
    span = function.module.span(outermost.node)
    what = f"what `@{outermost.name}` makes of `{function.node.name}`"
    advice = "script a function of its own, and let the cached one call that"
    report.report(NOT_SCRIPTABLE, span, trail=trail, what=what, advice=advice)
    return True


def check_method(function: Function, compiler: Compiler, trail: tuple[Step, ...], report: Report) -> bool:
    """Report what a method that is scripted by itself reads of its object, and return True if it reads anything: to the
    compiler the first parameter is a tensor."""
    if not function.node.args.args:
        return False
    receiver = function.node.args.args[0].name
    missing = {one.span for one in compiler.compile(function).diagnostics if one.code == MISSING.code}
    for one in walk(*function.node.body):
        if isinstance(one, n.Attribute) and isinstance(one.value, n.Name) and one.value.id == receiver:
            span = function.module.span(one)
            if span in missing:
                what = f"the method `{function.node.name}` alone, where `{receiver}` is a tensor"
                advice = "script the object; decorate other methods that it is to have with `@torch.jit.export`"
                report.report(NOT_SCRIPTABLE, span, trail=trail, what=what, advice=advice)
                return True
    return False


def _kind(value: Value, classes: Classes, library: Library) -> str | None:
    match value:
        case Const(value=None):
            return "None"
        case Const(value=constant):
            return f"a value of type `{type(constant).__name__}`"
        case TensorValue():
            return "a tensor"
        case ExternalValue(receiver=None, name=name) if library.is_module_class(name):
            return f"the class `{name}`"
        case ExternalValue(receiver=None, name=name) if _is_operator(library, name):
            return f"the operator `{name}`"
        case ExternalValue(receiver=None, name=name) if (found := library.function(name)) is not None:
            return f"the function `{name}`, {_BY_ARGUMENTS[found.kind]}" if found.kind in _BY_ARGUMENTS else None
        case PythonObject(kind=kind):
            return f"an object of `{kind}`" if "." in kind else f"a value of type `{kind}`"
        case ExternalValue(receiver=None, name=name) if _is_of_python(name):
            return f"the built-in function `{name.removeprefix('builtins.')}`"
        case Items(kind=("list" | "tuple") as kind) if _holds_code(value.items, classes, library):
            return f"a {kind} of modules or functions"
        case Items(kind=("tuple" | "set") as kind):
            return f"a {kind}"
        case Some(kind=kind):
            return f"a value of type `{kind}`"
        case Mapping() if _holds_code(value.items.values(), classes, library):
            return "a dictionary of modules or functions"
        case _:
            return None


_BY_ARGUMENTS = {
    "overloaded": "which is overloaded",
    "dispatch": "which chooses between two others by an argument",
}


def _is_of_python(name: str) -> bool:
    """Return True for a function of Python that is written in C."""
    module, _, last = name.rpartition(".")
    return module in ("builtins", "math") and isinstance(_FUNCTIONS.get(module, {}).get(last), BuiltinFunctionType)


_FUNCTIONS = {"builtins": vars(builtins), "math": vars(math)}


def _is_operator(library: Library, name: str) -> bool:
    """Return True for a function of torch that is written in C++."""
    is_known = name.rpartition(".")[0] in _OF_OPERATORS
    return is_known and library.function(name) is None and library.builtin(name) is not None


_OF_OPERATORS = ("torch", *(f"torch.{one}" for one in ("Tensor", "fft", "linalg", "nn.functional", "special")))


def _holds_code(values: Iterable[Value], classes: Classes, library: Library) -> bool:
    return any(
        isinstance(one, (FunctionValue, LambdaValue, Partial))
        or (isinstance(one, ExternalValue) and _is_operator(library, one.name))
        or (isinstance(one, Instance) and _is_module(one, classes, library))
        for one in values
    )


def _is_module(instance: Instance, classes: Classes, library: Library) -> bool:
    if isinstance(instance.cls, Class):
        return classes.is_module(instance.cls) is True
    return library.is_module_class(instance.cls.name)


def _advice(value: Value, library: Library) -> str:
    match value:
        case ExternalValue(name=name) if library.is_module_class(name):
            return f"give it an object: `torch.jit.script({name}(...))`"
        case ExternalValue():
            return "call it in a function of your own, and script that"
        case Items() | Mapping():
            return (
                "script what it holds one by one, or put modules into an `nn.ModuleList` or `nn.ModuleDict` of a module"
            )
        case _:
            return "give it a module, a function or a class"
