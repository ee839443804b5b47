"""Script classes: which methods are compiled, the attributes that the constructor leaves, and whether the class compiles at all.

Twins: get_jit_class_def of torch/jit/frontend.py (the methods are those of the class's own body), can_compile_class of
torch/_jit_internal.py and tryToInferType of pybind_utils.h, which keeps the error of a class for whoever uses the object.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from scriptlint.diag import Diagnostic, Report, Severity
from scriptlint.evaluate.values import Instance
from scriptlint.program.decorators import Effect, Kind, decoration
from scriptlint.program.module import Class, Function
from scriptlint.program.project import External
from scriptlint.script.infer import dataclass_types, signature
from scriptlint.types.model import Type

if TYPE_CHECKING:
    from scriptlint.script.infer.compiler import Compiler
    from scriptlint.script.infer.signature import Signature


class Failure(Struct, frozen=True, eq=False):
    """Why a class does not compile; `why` completes "an object of `P`, ..."; `at` is the finding in its code, if there is one."""

    why: str
    at: Diagnostic | None = None


def method(compiler: Compiler, cls: Class, name: str) -> Function | None:
    """Return the compiled method of a script class: what its bases define is not compiled, and nor are static methods."""
    found = cls.functions.get(name)
    return None if found is None or decoration(found, compiler.project).kind is Kind.STATIC else found


def methods(compiler: Compiler, cls: Class) -> list[Function]:
    """Return the methods that are compiled with a class, in the order of the compiler."""
    found = [one for _, one in sorted(cls.functions.items()) if method(compiler, cls, one.node.name) is not None]
    return [one for one in found if decoration(one, compiler.project).jit not in ("unused", "drop")]


def check_unused(compiler: Compiler, cls: Class, report: Report) -> None:
    """Report the annotations of the results of methods that are left out: the compiler defines them, and reads these alone."""
    for _, function in sorted(cls.functions.items()):
        unused = decoration(function, compiler.project).jit == "unused"
        if unused and function.node.returns is not None and method(compiler, cls, function.node.name) is not None:
            signature.read(compiler, function.node.returns, function, report)


def constructor(compiler: Compiler, cls: Class) -> Signature | None:
    """Return the signature of the constructor; None for a class without one."""
    initialiser = method(compiler, cls, "__init__")
    if initialiser is not None:
        return compiler.compile(initialiser, compiler.script_object(cls)).signature
    return dataclass_types.constructor(compiler, cls) if dataclass_types.is_dataclass(compiler, cls) else None


def attributes(compiler: Compiler, cls: Class) -> dict[str, Type] | None:
    """Return the attributes that the constructor leaves, each with its type; None while it is being compiled."""
    instance = compiler.script_object(cls)
    known = compiler.attributes[cls]
    initialiser = method(compiler, cls, "__init__")
    if initialiser is not None:
        if compiler.is_active(initialiser, instance):
            return None
        compiler.compile(initialiser, instance)
    elif dataclass_types.is_dataclass(compiler, cls):
        for name, kind in dataclass_types.attributes(compiler, cls).items():
            known.setdefault(name, kind)
    return known


def failure(compiler: Compiler, cls: Class) -> Failure | None:
    """Return why a class does not compile; None where it does, as far as that is known."""
    if cls not in compiler.failures:
        compiler.failures[cls] = None  # for a class that uses itself
        compiler.failures[cls] = _failure(compiler, cls)
    return compiler.failures[cls]


def _failure(compiler: Compiler, cls: Class) -> Failure | None:
    if dataclass_types.is_dataclass(compiler, cls):
        if not dataclass_types.is_scripted(compiler, cls):
            return Failure("a dataclass without `@torch.jit.script`")
        problem = next(iter(dataclass_types.problems(compiler, cls)), None)
        if problem is not None:
            return Failure("whose class does not compile", problem)
    left_out = Report()
    check_unused(compiler, cls, left_out)
    if left_out.diagnostics:
        return Failure("whose class does not compile", left_out.diagnostics[0])
    instance = compiler.script_object(cls)
    seen: set[tuple[Function, int]] = set()
    for function in methods(compiler, cls):
        found = _first_error(compiler, function, instance, seen)
        if found is not None:
            return Failure("whose class does not compile", found)
    return None


def _first_error(
    compiler: Compiler, function: Function, instance: Instance | None, seen: set[tuple[Function, int]]
) -> Diagnostic | None:
    """Return the first error of a function and of what it calls, leaving out those that depend on something."""
    key = (function, id(instance))
    if key in seen or compiler.is_active(function, instance):
        return None
    seen.add(key)
    compiled = compiler.compile(function, instance)
    for one in (*compiler.form_checks.all(function), *compiled.diagnostics):
        if one.severity == Severity.ERROR.value and one.when is None:
            return one
    for callee in compiled.callees:
        if callee.when is None and callee.form is None:
            found = _first_error(compiler, callee.function, callee.instance, seen)
            if found is not None:
                return found
    return None


# What a class may derive from and be compiled: the compiler looks at the class's own body alone.
_NEVER = ("builtins.tuple", "builtins.list", "typing.NamedTuple")


def can_compile(compiler: Compiler, cls: Class) -> bool | None:
    """Return whether the compiler tries to compile a class that it meets; None if a base that cannot be seen decides it."""
    lineage = compiler.classes.lineage(cls)
    names = {one.name for one in lineage.entries if isinstance(one, External)}
    is_module = compiler.classes.is_module(cls)
    if is_module or names & set(_NEVER) or any(_is_exception(name) for name in names):
        return False
    effects = {mark.effect for one in cls.functions.values() for mark in decoration(one, compiler.project).others}
    if lineage.unseen or is_module is None or effects & {Effect.REPLACES, Effect.UNKNOWN}:
        return None
    return None if _is_changed(compiler, cls) else True


def _is_exception(name: str) -> bool:
    return name.startswith("builtins.") and name.endswith(("Error", "Exception", "Warning"))


def _is_changed(compiler: Compiler, cls: Class) -> bool:
    """Return True if a decorator other than those of dataclasses and torch.jit may give back another class."""
    return any(one.name != "dataclasses.dataclass" for one in decoration(cls, compiler.project).others)


def object_type(compiler: Compiler, instance: Instance) -> Type | Failure | None:
    """Return the type of an object of a class of the source that is not a module, or why it has none; None where unknown."""
    if not isinstance(instance.cls, Class):
        return None
    answer = can_compile(compiler, instance.cls)
    if answer is None:
        return None
    if answer is False:
        module = compiler.classes.is_module(instance.cls)
        return None if module is not False else Failure("whose class is not compiled for its bases")
    return failure(compiler, instance.cls) or compiler.class_type(instance.cls)
