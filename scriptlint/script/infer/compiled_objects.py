"""Objects that torch.jit made before: what a scripted module holds of what was scripted, traced or loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scriptlint.evaluate import values as made
from scriptlint.evaluate.values import Instance
from scriptlint.program.module import Class
from scriptlint.script.infer import arguments
from scriptlint.script.infer.values import ModuleObject, PyFunction, TracedObject, Typed, Value, unknown
from scriptlint.syntax import nodes as n
from scriptlint.types.model import FLOAT, INT, TENSOR, Dict, List, Tensor, Tuple, Type, has_unknown

if TYPE_CHECKING:
    from scriptlint.script.infer.unit import Unit


def of_attribute(unit: Unit, node: n.Attribute, value: made.Compiled) -> Value:
    """Return what an attribute is that holds such an object: what was scripted compiles as it did before."""
    if value.how == "trace":
        return TracedObject(value.inner)
    match value.inner:
        case Instance():
            return ModuleObject(value.inner)
        case made.FunctionValue():
            return PyFunction(value.inner.function)
        case _:
            return unit.assume(f"`{unit.text(node)}` takes what it is given")


def call(unit: Unit, node: n.Call, callee: TracedObject) -> Value:
    """Return what a traced object returns: its outputs are tensors, in the containers in which its code returns them."""
    arguments.evaluate(unit, node)
    inner = callee.inner
    function, instance = None, None
    if isinstance(inner, made.FunctionValue):
        function = inner.function
    elif isinstance(inner, Instance) and isinstance(inner.cls, Class):
        function, instance = unit.compiler.classes.method(inner.cls, "forward"), inner
    if function is None or unit.compiler.is_active(function, instance):
        return unknown("what a traced object returns")
    kind = _recorded(unit.compiler.compile(function, instance).returns)
    return unknown("what a traced object returns") if kind is None else Typed(kind)


def _recorded(kind: Type) -> Type | None:
    """Return the type that a trace has for a result; None where its structure is not known."""
    match kind:
        case Tensor():
            return TENSOR
        case Tuple(elements=elements):
            parts = [_recorded(one) for one in elements]
            return Tuple(tuple(one for one in parts if one is not None)) if None not in parts else None
        case List(element=element):
            inner = _recorded(element)
            return None if inner is None else List(inner)
        case Dict(key_type=key, value=value):
            inner = _recorded(value)
            return None if inner is None or has_unknown(key) else Dict(key, inner)
        case _:
            return TENSOR if kind in (INT, FLOAT) else None
