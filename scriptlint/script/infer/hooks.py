"""Hooks around a module's forward: each is compiled as a method, and has to agree with what forward takes and returns.

Twins: get_hook_stubs of torch/jit/_recursive.py, checkForwardPreHookSchema and checkForwardHookSchema of
aten/src/ATen/core/class_type.cpp.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from scriptlint.diag import Report
from scriptlint.evaluate.values import FunctionValue, Instance, Value
from scriptlint.program.decorators import decoration
from scriptlint.program.module import Class, Function
from scriptlint.script.infer import library_modules
from scriptlint.script.refusal import refusal
from scriptlint.syntax import nodes as n
from scriptlint.types.model import NONE, Tuple, Type, has_unknown
from scriptlint.types.relations import is_subtype
from scriptlint.types.show import plain

if TYPE_CHECKING:
    from scriptlint.script.infer.compiler import Compiler

HOOK_SIGNATURE = refusal(
    code="SL621",
    name="hook-signature",
    message="the hook `{name}` of `{cls}` {problem}",
    help="write it as `{wanted}`, as its forward has it; or register it after scripting",
    compiler="[Hh]ook '.*(on module|must be)|[Hh]ook .* is missing a return annotation",
)
HOOK_NAME = refusal(
    code="SL622",
    name="hook-name",
    message="the hook `{name}` of `{cls}` has the name of {other}, and the compiler defines hooks by their names",
    help="give it a name of its own",
    compiler="at least two different python definitions|Can't define hook",
)


def functions(instance: Instance) -> list[Function]:
    """Return the functions that are hooks of a module, in the order in which they are compiled."""
    return [one.function for one in (*instance.hooks, *instance.pre_hooks) if isinstance(one, FunctionValue)]


def result(compiler: Compiler, instance: Instance, returned: Type | None) -> Type | None:
    """Return what a call of a module gives after its hooks; None where that is not known."""
    for hook in instance.hooks:
        if not isinstance(hook, FunctionValue) or hook.bound is not None or returned is None:
            return None
        if compiler.is_active(hook.function, instance):
            return None
        given = compiler.compile(hook.function, instance).returns
        returned = returned if given is NONE else given
    return returned


def check(compiler: Compiler, instance: Instance, report: Report) -> None:
    """Report the hooks of a module that do not agree with its forward."""
    if not instance.hooks and not instance.pre_hooks:
        return
    _names(compiler, instance, report)
    forward = _forward(compiler, instance)
    if forward is None:
        return
    takes, returned = forward
    output: Type | None = returned
    for hook in instance.hooks:
        output = _hook(compiler, instance, hook, takes, output, report)
    for hook in instance.pre_hooks:
        _pre_hook(compiler, instance, hook, takes, report)


def _names(compiler: Compiler, instance: Instance, report: Report) -> None:
    seen: dict[str, Function] = {}
    for one in functions(instance):
        name = one.node.name
        other = "another hook" if seen.setdefault(name, one) is not one else None
        if name == "forward" or name in _compiled_methods(compiler, instance):
            other = f"a method of `{instance.class_name}`"
        if other is not None:
            report.report(HOOK_NAME, one.name_span, name=name, cls=instance.class_name, other=other)


def _compiled_methods(compiler: Compiler, instance: Instance) -> set[str]:
    """Return the names of the methods that forward calls, which are compiled before the hooks."""
    forward = compiler.classes.method(instance.cls, "forward") if isinstance(instance.cls, Class) else None
    if (
        forward is None
        or compiler.is_active(forward, instance)
        or decoration(forward, compiler.project).compiled is not True
    ):
        return set()
    callees = compiler.compile(forward, instance).callees
    return {one.function.node.name for one in callees if one.instance is instance and one.function.owner is not None}


def _forward(compiler: Compiler, instance: Instance) -> tuple[list[Type], Type] | None:
    """Return the types that forward takes and the one that it returns; None where they are not known."""
    if isinstance(instance.cls, Class):
        forward = compiler.classes.method(instance.cls, "forward")
        if instance.held("forward") or forward is None or decoration(forward, compiler.project).compiled is not True:
            return None
        if compiler.forms(forward, instance):
            return None
        compiled = compiler.compile(forward, instance)
        return [one.type for one in compiled.signature.params], compiled.returns
    schemas = library_modules.methods(compiler.library, instance, "forward")
    if schemas is None or len(schemas) != 1:
        return None
    return [one.type for one in schemas[0].params], schemas[0].returns


def _hook(
    compiler: Compiler,
    instance: Instance,
    hook: Value,
    takes: Sequence[Type],
    output: Type | None,
    report: Report,
) -> Type | None:
    """Check a hook that runs after forward, and return the type of its result."""
    if not isinstance(hook, FunctionValue) or hook.function.node.args.vararg is not None:
        return None
    function = hook.function
    shown = "..." if output is None else str(output)
    wanted = f"def {function.node.name}(self, input: {_tuple(takes)}, output: {shown})"
    if not _counted(instance, hook, 3, wanted, report):
        return None
    compiled = compiler.compile(function, instance)
    inputs, outputs = compiled.signature.params
    written = function.node.args.args
    problem = _input_problem(inputs.type, takes)
    if problem is not None:
        _say(report, function, written[1], instance, problem, wanted)
    elif output is not None and not _same(outputs.type, output):
        problem = f"takes a `{outputs.type}` for the output, which is a `{output}`"
        _say(report, function, written[2], instance, problem, wanted)
    return compiled.returns


def _pre_hook(compiler: Compiler, instance: Instance, hook: Value, takes: Sequence[Type], report: Report) -> None:
    if not isinstance(hook, FunctionValue) or hook.function.node.args.vararg is not None:
        return
    function = hook.function
    wanted = f"def {function.node.name}(self, input: {_tuple(takes)}) -> {_tuple(takes)}"
    if not _counted(instance, hook, 2, wanted, report):
        return
    read = compiler.compile(function, instance).signature
    written = function.node.args.args
    problem = _input_problem(read.params[0].type, takes)
    if problem is not None:
        _say(report, function, written[1], instance, problem, wanted)
    elif read.returns is None:
        _say(report, function, None, instance, "does not say what it returns, as it must", wanted)
    elif not _fits(read.returns, takes):
        problem = f"returns a `{read.returns}`, which is neither None nor what forward takes"
        _say(report, function, None, instance, problem, wanted)


def _counted(instance: Instance, hook: FunctionValue, count: int, wanted: str, report: Report) -> bool:
    taken = len(hook.function.node.args.args) + len(hook.function.node.args.kwonly)
    if taken == count:
        return True
    own = ", its own object among them" if hook.bound is not None else ""
    problem = f"takes {taken} arguments{own}, and is compiled as a function of {count}"
    _say(report, hook.function, None, instance, problem, wanted)
    return False


def _input_problem(kind: Type, takes: Sequence[Type]) -> str | None:
    if has_unknown(kind) and not isinstance(kind, Tuple):
        return None
    if not isinstance(kind, Tuple):
        return f"takes its inputs as a `{kind}`, and they are a tuple"
    if len(kind.elements) != len(takes):
        return f"takes a tuple of {len(kind.elements)} inputs, and forward takes {len(takes)}"
    pairs = zip(kind.elements, takes, strict=True)
    return None if all(_same(one, other) for one, other in pairs) else f"takes `{kind}`, and forward `{_tuple(takes)}`"


def _fits(returned: Type, takes: Sequence[Type]) -> bool:
    """Return True if a pre-hook may return a type: None, the one input that is no tuple, or a tuple of the inputs."""
    if returned is NONE or (has_unknown(returned) and not isinstance(returned, Tuple)):
        return True
    if len(takes) == 1 and _same(returned, takes[0]):
        return not isinstance(returned, Tuple)
    if not isinstance(returned, Tuple) or len(returned.elements) != len(takes):
        return False
    return all(_same(one, other) for one, other in zip(returned.elements, takes, strict=True))


def _same(one: Type, other: Type) -> bool:
    return has_unknown(one) or has_unknown(other) or (is_subtype(one, other) and is_subtype(other, one))


def _tuple(takes: Sequence[Type]) -> str:
    return f"Tuple[{', '.join(plain(str(one)) for one in takes) or '()'}]"


def _say(
    report: Report, function: Function, node: n.Parameter | None, instance: Instance, problem: str, wanted: str
) -> None:
    span = function.name_span if node is None else function.module.span(node)
    name = function.node.name
    report.report(
        HOOK_SIGNATURE, span, name=name, cls=instance.class_name, problem=plain(problem), wanted=plain(wanted)
    )
