"""Which branches the compiler prunes (compile-errors.md section 5), as far as names and abstract objects tell.

The answer for a test is true or false where the compiler knows it, *dynamic* where it certainly emits both branches, and
*maybe* where a type or the object that is not at hand decides whether one of them is pruned.
"""

from __future__ import annotations

from enum import Enum

from scriptlint.instances.values import Const, Held, Instance, Unknown, flatten
from scriptlint.program.classes import Classes
from scriptlint.program.module import Class, Function, ModuleInfo
from scriptlint.program.project import External, Local, Project
from scriptlint.syntax import nodes as n


class Static(Enum):
    """What the compiler knows of a test before anything runs."""

    TRUE = "true"
    FALSE = "false"
    DYNAMIC = "dynamic"
    MAYBE = "maybe"


_TRUE = frozenset({"torch.jit.is_scripting", "torch._jit_internal.is_scripting"})
_FALSE = frozenset(
    {
        "torch.overrides.has_torch_function",
        "torch.overrides.has_torch_function_unary",
        "torch.overrides.has_torch_function_variadic",
    }
)
_DYNAMIC_CALLS = frozenset({"torch.jit.is_tracing", "torch.compiler.is_compiling", "torch._C._get_tracing_state"})
_OPPOSITE = {Static.TRUE: Static.FALSE, Static.FALSE: Static.TRUE}


def static(test: n.Expr, function: Function, instance: Instance | None, classes: Classes) -> Static:
    """What the compiler knows of a test in a function that is compiled as a method of `instance`."""
    match test:
        case n.Constant(kind="bool"):
            return Static.TRUE if test.value else Static.FALSE
        case n.UnaryOp(op="not"):
            inner = static(test.operand, function, instance, classes)
            return _OPPOSITE.get(inner, inner)
        case n.BoolOp():
            return _bool_op(test.op, [static(one, function, instance, classes) for one in test.values])
        case n.Call():
            return _call(test, function, classes.project)
        case n.Compare(ops=[("is" | "is not") as operator], comparators=[n.Constant(kind="none")]):
            known = _is_none(test.left, function, instance, classes)
            return known if operator == "is" else _OPPOSITE.get(known, known)
        case n.Attribute():
            return _attribute(test, function, instance, classes)
        case n.Compare() | n.BinOp() | n.Constant() | n.Subscript():
            return Static.DYNAMIC
        case n.Name():
            symbol = classes.project.resolve(test, function)
            return Static.DYNAMIC if isinstance(symbol, Local) else Static.MAYBE
        case _:
            return Static.MAYBE


def _bool_op(operator: str, values: list[Static]) -> Static:
    deciding = Static.FALSE if operator == "and" else Static.TRUE
    if deciding in values:
        return deciding
    if Static.MAYBE in values:
        return Static.MAYBE
    return Static.DYNAMIC if Static.DYNAMIC in values else _OPPOSITE[deciding]


def _call(test: n.Call, function: Function, project: Project) -> Static:
    symbol = project.resolve(test.func, function)
    if isinstance(symbol, External):
        if symbol.name in _TRUE:
            return Static.TRUE
        if symbol.name in _FALSE:
            return Static.FALSE
        if symbol.name in _DYNAMIC_CALLS:
            return Static.DYNAMIC
        if symbol.name in ("builtins.isinstance", "builtins.hasattr", "torch.jit.isinstance"):
            return Static.MAYBE
    return Static.DYNAMIC


def self_attribute(node: n.Expr, function: Function) -> str | None:
    """`x` of `self.x`, where `self` is the first parameter of a method."""
    if isinstance(node, n.Attribute) and isinstance(node.value, n.Name) and function.owner is not None:
        parameters = [*function.node.args.posonly, *function.node.args.args]
        if parameters and parameters[0].name == node.value.id:
            return node.attr
    return None


def _is_none(node: n.Expr, function: Function, instance: Instance | None, classes: Classes) -> Static:
    name = self_attribute(node, function)
    if name is not None:
        options = [one for held in instance.held(name) for one in flatten(held)] if instance is not None else []
        return _all_none(options) if options else Static.MAYBE
    if isinstance(node, n.Name):
        parameter = next((one for one in function.node.args.all() if one.name == node.id), None)
        if parameter is not None and len(function.scope.bindings.get(node.id, ())) == 1:
            return _parameter_is_none(parameter, function.module)
    return Static.MAYBE


def _all_none(options: list[Held]) -> Static:
    if any(isinstance(one.value, Unknown) for one in options):
        return Static.MAYBE
    none = [one.value == Const(None) for one in options]
    if all(none):
        return Static.TRUE
    return Static.MAYBE if any(none) else Static.FALSE


def _parameter_is_none(parameter: n.Parameter, module: ModuleInfo) -> Static:
    if parameter.annotation is None:
        return Static.FALSE  # it is taken as Tensor, whatever its default
    text = module.text(parameter.annotation)
    if any(word in text for word in ("Optional", "Union", "|", "Any", "None")):
        return Static.DYNAMIC
    plain = ("int", "float", "bool", "str", "Tensor", "torch.Tensor")
    return Static.FALSE if text.strip("'\"") in plain else Static.MAYBE


def _attribute(node: n.Attribute, function: Function, instance: Instance | None, classes: Classes) -> Static:
    name = self_attribute(node, function)
    if name is None:
        return Static.MAYBE
    if instance is None or not isinstance(instance.cls, Class):
        return Static.MAYBE
    constant = is_constant(instance.cls, name, classes)
    if constant is False:
        return Static.DYNAMIC
    values = {one.value.value for held in instance.held(name) for one in flatten(held) if isinstance(one.value, Const)}
    if constant and len(values) == 1 and len(instance.held(name)) == 1:
        (value,) = values
        if isinstance(value, bool):
            return Static.TRUE if value else Static.FALSE
    return Static.MAYBE


def is_constant(cls: Class, name: str, classes: Classes) -> bool | None:
    """Whether an attribute is a compile-time constant (`Final` or `__constants__`); None if a base may say so."""
    lineage = classes.lineage(cls)
    for one in lineage.classes:
        for statement in one.node.body:
            if isinstance(statement, n.AnnAssign) and isinstance(statement.target, n.Name):
                if statement.target.id == name and "Final" in one.module.text(statement.annotation):
                    return True
        for binding in one.scope.bindings.get("__constants__", ()):
            if not isinstance(binding.value, (n.List, n.Tuple, n.Set)):
                return None
            if any(isinstance(item, n.Constant) and item.value == name for item in binding.value.elts):
                return True
    return None if lineage.unseen else False
