"""Variables of the class body that no constructor sets on the object: the compiler sees the constants among them.

Twin: ModuleValue::attr of python_sugared_value.cpp, which takes what can be called on the class for a method.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from scriptlint.evaluate import values as made
from scriptlint.fixes.annotations import final
from scriptlint.program.module import Class
from scriptlint.program.project import External
from scriptlint.program.scopes import Binding
from scriptlint.script.constants import is_constant
from scriptlint.script.infer.conversion import KINDS, is_module
from scriptlint.script.infer.values import Typed, Value
from scriptlint.script.refusal import refusal
from scriptlint.syntax import nodes as n
from scriptlint.text import Fix

if TYPE_CHECKING:
    from scriptlint.script.infer.unit import Unit

CALLABLE_IN_CLASS = refusal(
    code="SL625",
    name="callable-in-class-body",
    message="`{text}` is {what} of the class body, which TorchScript takes for a method and cannot compile",
    help="{advice}",
    compiler="has no attribute '__(globals|name)__'|Expected a single top-level function|Expected a value of type"
    "|Arguments for call are not valid|variable number of arguments|code object was expected",
)

# What is written in a class body and is surely no function.
_DISPLAYS = (n.Constant, n.UnaryOp, n.List, n.Tuple, n.Dict, n.Set)
_PLAIN = (
    made.Const,
    made.Some,
    made.Scalar,
    made.Items,
    made.Mapping,
    made.TensorValue,
    made.PythonObject,
    made.EnumMember,
)


def value_of(
    unit: Unit, cls: Class, binding: Binding, node: n.Attribute, missing: Callable[[Fix | None], Value]
) -> Value:
    """Return the value of `self.name` for a variable of the class body; `missing` reports what the compiler does not find."""
    constant = is_constant(cls, node.attr, unit.compiler.classes)
    literal = binding.value
    if constant and isinstance(literal, n.Constant) and literal.kind in ("bool", "int", "float", "str"):
        return Typed(KINDS[type(literal.value)], literal=literal)
    if constant is not False:
        return unit.lose(f"`{unit.text(node)}`")
    if isinstance(literal, n.Call) and _resolved(unit, cls, literal) == External("functools.partialmethod"):
        stood_for = "a `functools.partialmethod`"
        return unit.say(CALLABLE_IN_CLASS, node, text=unit.text(node), what=stood_for, advice=_METHOD)
    if isinstance(literal, _DISPLAYS):
        return missing(_made_final(unit, cls, node.attr, literal) if isinstance(literal, n.Constant) else None)
    value = unit.compiler.machine.attribute(made.ClassValue(cls), node.attr)
    if isinstance(value, _PLAIN):
        return missing(None)
    is_static = isinstance(literal, n.Call) and isinstance(literal.func, n.Name) and literal.func.id == "staticmethod"
    what = None if is_static and not isinstance(value, made.LambdaValue) else _callable(unit, value)
    if what is None:
        return unit.lose(f"`{unit.text(node)}`")
    advice = _METHOD if isinstance(value, made.LambdaValue) else _ADVICE.format(unit.text(node))
    return unit.say(CALLABLE_IN_CLASS, node, text=unit.text(node), what=what, advice=advice)


_METHOD = "write a method with `def`"
_ADVICE = "set it in `__init__`, or use it by its own name instead of `{}`"


def _resolved(unit: Unit, cls: Class, call: n.Call) -> object:
    return unit.compiler.project.resolve(call.func, cls)


def _callable(unit: Unit, value: made.Value) -> str | None:
    """Return what something is called that can be called and is not a function with a source; None if it may be one."""
    library = unit.compiler.library
    match value:
        case made.LambdaValue():
            return "a lambda"
        case made.Partial():
            return "a `functools.partial`"
        case made.ClassValue():
            return f"the class `{value.symbol.node.name}`"
        case made.Compiled(how="script"):
            return "a compiled function" if isinstance(value.inner, made.FunctionValue) else "a compiled module"
        case made.ExternalValue(name="torch.autograd.Function.apply", receiver=made.ClassValue() as owner):
            return f"`{owner.symbol.node.name}.apply`"
        case made.Instance() if is_module(unit.compiler, value):
            return f"an object of `{value.class_name}`"
        case made.ExternalValue(receiver=None, name=name):
            if library.is_module_class(name):
                return f"the class `{name}`"
            known = library.builtin(name) is not None or library.function(name) is not None
            return f"the function `{name}`" if known else None
        case _:
            return None


def _made_final(unit: Unit, cls: Class, name: str, literal: n.Constant) -> Fix | None:
    """Make a class variable Final, unless a first annotation in its class would hide those of another."""
    lineage = unit.compiler.classes.lineage(cls).classes
    owner = next((one for one in lineage if name in one.scope.bindings), None)
    annotated = [one for one in lineage if any(isinstance(part, n.AnnAssign) for part in one.node.body)]
    if (
        owner is None
        or (annotated and annotated[0] is not owner)
        or literal.kind not in ("bool", "int", "float", "str")
    ):
        return None
    return final(owner, name, KINDS[type(literal.value)])
