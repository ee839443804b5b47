"""`__getstate__` and `__setstate__` of modules, where both are compiled: an archive is written with one and read with the other.

Twins: extractSchemaFromDef of torch/csrc/jit/python/script_init.cpp (the state of a `__setstate__` without annotation) and
checkHasValidSetGetState of torch/csrc/jit/serialization/pickler.cpp.
"""

from __future__ import annotations

from scriptlint.diag import Report, Rule, Severity, Target
from scriptlint.evaluate.values import Instance
from scriptlint.program.decorators import decoration
from scriptlint.program.module import Class, Function
from scriptlint.script.infer.compiler import Compiler
from scriptlint.script.infer.signature import is_typed
from scriptlint.script.refusal import refusal
from scriptlint.types.model import INFERRED_TENSOR, NONE, has_unknown
from scriptlint.types.relations import is_subtype

UNTYPED_STATE = refusal(
    code="SL624",
    name="setstate-without-getstate",
    message="`__setstate__` of `{name}` is compiled without `__getstate__`, and does not say what the state is",
    help="export `__getstate__` as well, or annotate the parameter",
    compiler="`__setstate__` defined but not `__getstate__`",
)
UNFIT_STATE = Rule(
    code="SL732",
    name="unfit-state-methods",
    severity=Severity.WARNING,
    target=Target.SCRIPT,
    message="`{method}` of `{name}` {why}, so this compiles and cannot be saved",
    help="declare `__getstate__(self) -> T` and `__setstate__(self, state: T) -> None` with the same T",
    compiler="__[gs]etstate__' (must|return)|'__getstate__'s return type",
)


def check(compiler: Compiler, instance: Instance, cls: Class, report: Report) -> None:
    """Report the two methods of an object, where the compiler or an archive cannot take them."""
    getter, setter = (_exported(compiler, cls, name) for name in ("__getstate__", "__setstate__"))
    name = cls.node.name
    if setter is None:
        return
    if getter is None:
        if len(setter.node.args.args) == 2 and not is_typed(setter):
            report.report(UNTYPED_STATE, setter.name_span, name=name)
        return
    for method, why in ((getter, _unfit_getter(getter)), (setter, _unfit_setter(compiler, instance, getter, setter))):
        if why is not None:
            report.report(UNFIT_STATE, method.name_span, method=method.node.name, name=name, why=why)
            return


def _exported(compiler: Compiler, cls: Class, name: str) -> Function | None:
    method = compiler.classes.method(cls, name)
    return method if method is not None and decoration(method, compiler.project).jit == "export" else None


def _unfit_getter(getter: Function) -> str | None:
    return "takes more than `self`" if len(getter.node.args.all()) > 1 else None


def _unfit_setter(compiler: Compiler, instance: Instance, getter: Function, setter: Function) -> str | None:
    if len(setter.node.args.all()) != 2:
        return "takes something else than `self` and the state"
    state = compiler.compile(getter, instance).returns
    compiled = compiler.compile(setter, instance)
    if compiled.returns is not NONE and not has_unknown(compiled.returns):
        return f"returns `{compiled.returns}` instead of None"
    wanted = compiled.signature.params[0].type if compiled.signature.params else state
    if wanted is INFERRED_TENSOR or has_unknown(state) or has_unknown(wanted) or is_subtype(state, wanted):
        return None
    return f"takes a `{wanted}`, and `__getstate__` gives a `{state}`"
