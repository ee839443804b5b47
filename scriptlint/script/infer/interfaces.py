"""Interfaces: what may be called on them, and what fits them.

Twins: InterfaceType of aten/src/ATen/core/type.cpp, isSubtypeOf of aten/src/ATen/core/function_schema.cpp,
interface_script of torch/jit/_recursive.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scriptlint.diag import Label, Report
from scriptlint.evaluate.values import Instance, flatten
from scriptlint.program.decorators import Kind, decoration
from scriptlint.program.module import Class, Function
from scriptlint.program.project import External
from scriptlint.script import constants
from scriptlint.script.infer import library_modules, signature
from scriptlint.script.infer.signature import Signature
from scriptlint.script.refusal import refusal
from scriptlint.syntax import nodes as n
from scriptlint.torchlib.schema import Param, Schema
from scriptlint.types.model import INFERRED_TENSOR, Interface, Type, Unknown, has_unknown
from scriptlint.types.model import Class as ClassType
from scriptlint.types.relations import is_subtype
from scriptlint.types.show import plain

if TYPE_CHECKING:
    from scriptlint.script.infer.arguments import Arguments
    from scriptlint.script.infer.compiler import Compiler
    from scriptlint.script.infer.unit import Unit

MISFIT = refusal(
    code="SL333",
    name="interface-mismatch",
    message="`{found}` does not fit the interface `{interface}`: {why}",
    help="give the method the names and types of parameters and the result that the interface declares",
    compiler="is not compatible with interface|object has no attribute|Expected a value of type",
)


def methods(compiler: Compiler, cls: Class) -> dict[str, Function]:
    """Return the methods that an interface declares."""
    plain = (one for one in cls.functions.items() if decoration(one[1], compiler.project).kind is Kind.PLAIN)
    return dict(plain)


def signature_of(compiler: Compiler, method: Function) -> Signature:
    """Return what a method of an interface takes and returns."""
    return signature.of_function(compiler, method, True, None)


def check(compiler: Compiler, instance: Instance, report: Report) -> None:
    """Report the modules that an attribute holds and that do not fit the interface it is declared with."""
    if not isinstance(instance.cls, Class):
        return
    for name, (owner, annotation) in constants.declared(instance.cls, compiler.classes).items():
        kind = signature.read_class(compiler, annotation, owner)
        if not isinstance(kind, Interface):
            continue
        for option in (one for held in instance.held(name) for one in flatten(held)):
            if not isinstance(option.value, Instance) or option.span is None:
                continue
            why = misfit(compiler, option.value, kind)
            if why is not None:
                labels = [Label(owner.module.span(annotation), "declared here")]
                found, interface = option.value.class_name, _short(kind)
                report.report(
                    MISFIT,
                    option.span,
                    labels=labels,
                    when=option.when,
                    found=found,
                    interface=interface,
                    why=plain(why),
                )


def holds(compiler: Compiler, instance: Instance) -> bool:
    """Return True if a module, or one below it, declares an attribute with an interface of modules."""
    return any(
        isinstance(signature.read_class(compiler, annotation, owner), Interface)
        for one in instance.below()
        if isinstance(one.cls, Class)
        for owner, annotation in constants.declared(one.cls, compiler.classes).values()
    )


def check_call(unit: Unit, node: n.Call, called: Signature, given: Arguments) -> None:
    """Report an object that a call passes where an interface is wanted that it does not fit."""
    passed = {**dict(zip((one.name for one in called.params), given.positional, strict=False)), **given.keywords}
    for param in called.params:
        value = passed.get(param.name)
        if isinstance(param.type, Interface) and value is not None and isinstance(value.type, ClassType):
            instance = unit.compiler.object_of(value.type) or unit.compiler.module_of(value.type)
            why = None if instance is None else misfit(unit.compiler, instance, param.type)
            if why is not None and instance is not None:
                found, interface = instance.class_name, _short(param.type)
                unit.say(MISFIT, node.func, found=found, interface=interface, why=why)
                return


def check_items(unit: Unit, node: n.Subscript, container: Instance, kind: Interface) -> None:
    """Report a container that is indexed where an interface is wanted, if a module in it does not fit."""
    for value in [option.value for held in container.attributes.values() for one in held for option in flatten(one)]:
        why = misfit(unit.compiler, value, kind) if isinstance(value, Instance) else None
        if why is not None and isinstance(value, Instance):
            unit.say(MISFIT, node, found=value.class_name, interface=_short(kind), why=why)
            return


def misfit(compiler: Compiler, instance: Instance, kind: Interface) -> str | None:
    """Return why an object does not fit an interface; None where it does, or may."""
    declared = compiler.interface(kind)
    if declared is None:
        return None
    if isinstance(instance.cls, External):
        return _misfit_of_torch(compiler, instance, methods(compiler, declared))
    if compiler.classes.lineage(instance.cls).unseen:
        return None
    for name, wanted in methods(compiler, declared).items():
        method = compiler.classes.method(instance.cls, name)
        if method is None:
            return f"it has no `{name}`"
        if decoration(method, compiler.project).compiled is not True or compiler.is_active(method, instance):
            continue
        compiled = compiler.compile(method, instance)
        why = _difference(compiled.signature, compiled.returns, signature_of(compiler, wanted))
        if why is not None:
            return f"its `{name}` {why}"
    return None


def _misfit_of_torch(compiler: Compiler, instance: Instance, declared: dict[str, Function]) -> str | None:
    """Return why a module of torch does not fit an interface, by the form of its methods."""
    for name, wanted in declared.items():
        schemas = library_modules.methods(compiler.library, instance, name)
        if "torch.nn.Sequential" in compiler.container_kinds(instance) and name == "forward":
            schemas = [_SEQUENTIAL]
        if schemas is None or len(schemas) != 1:
            continue
        own = Signature(tuple(schemas[0].params), schemas[0].returns)
        why = _difference(own, schemas[0].returns, signature_of(compiler, wanted))
        if why is not None:
            return f"its `{name}` {why}"
    return None


_SEQUENTIAL = Schema.of("forward", [Param("input", INFERRED_TENSOR)], Unknown("what its last module gives"))


def _difference(own: Signature, returns: Type, wanted: Signature) -> str | None:
    """Return how a method differs from what an interface declares."""
    if len(own.params) != len(wanted.params):
        return f"takes {len(own.params)} arguments, not {len(wanted.params)}"
    for param, other in zip(own.params, wanted.params, strict=True):
        if param.name != other.name:
            return f"calls a parameter `{param.name}`, not `{other.name}`"
        if not _is_known_subtype(other.type, param.type):
            return f"takes a `{param.type}` for `{param.name}`, not a `{other.type}`"
    if wanted.returns is not None and not _is_known_subtype(returns, wanted.returns):
        return f"returns a `{returns}`, not a `{wanted.returns}`"
    return None


def _is_known_subtype(one: Type, other: Type) -> bool:
    return has_unknown(one) or has_unknown(other) or is_subtype(one, other)


def _short(kind: Interface) -> str:
    return str(kind).rpartition(".")[2]
