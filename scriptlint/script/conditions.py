"""Which branches the compiler prunes (compile-errors.md section 5), as far as names and abstract objects tell.

The answer for a test is true or false where the compiler knows it, *dynamic* where it certainly emits both branches, and
*maybe* where a type or the object that is not at hand decides whether one of them is pruned.
"""

from __future__ import annotations

from enum import Enum

from scriptlint.instances.values import Const, Held, Instance, Unknown, flatten
from scriptlint.program.classes import Classes
from scriptlint.program.module import Class, Function, ModuleInfo
from scriptlint.program.project import External, Local
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
        f"{package}.has_torch_function{ending}"
        for package in ("torch.overrides", "torch._C", "torch")
        for ending in ("", "_unary", "_variadic")
    }
)
_OPPOSITE = {Static.TRUE: Static.FALSE, Static.FALSE: Static.TRUE}


def static(test: n.Expr, function: Function, instance: Instance | None, classes: Classes) -> Static:
    """What the compiler knows of a test in a function that is compiled as a method of `instance`."""
    match test:
        case n.Constant(kind="bool"):
            return Static.TRUE if test.value else Static.FALSE
        case n.Constant(kind="none"):
            return Static.MAYBE
        case n.UnaryOp(op="not"):
            inner = static(test.operand, function, instance, classes)
            return _OPPOSITE.get(inner, inner)
        case n.BoolOp():
            return _bool_op(test.op, [static(one, function, instance, classes) for one in test.values])
        case n.Call():
            return _call(test, function, instance, classes)
        case n.Compare(ops=[("is" | "is not") as operator], comparators=[n.Constant(kind="none")]):
            known = _is_none(test.left, function, instance, classes)
            return known if operator == "is" else _OPPOSITE.get(known, known)
        case n.Attribute():
            return _attribute(test, function, instance, classes)
        case n.Compare(ops=[("is" | "is not") as operator], left=n.Constant(kind="none"), comparators=[right]):
            known = _is_none(right, function, instance, classes)
            return known if operator == "is" else _OPPOSITE.get(known, known)
        case n.Compare():
            return Static.MAYBE if {"is", "is not"} & set(test.ops) else Static.DYNAMIC
        case n.BinOp() | n.Constant() | n.Subscript():
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


def _call(test: n.Call, function: Function, instance: Instance | None, classes: Classes) -> Static:
    symbol = classes.project.resolve(test.func, function)
    if isinstance(symbol, External):
        if symbol.name in _TRUE:
            return Static.TRUE
        if symbol.name in _FALSE:
            return Static.FALSE
        if symbol.name == "builtins.hasattr":
            return _has_attribute(test, function, instance)
        if symbol.name == "builtins.bool" and len(test.args) == 1:
            return static(test.args[0], function, instance, classes)
        if symbol.name in ("builtins.isinstance", "torch.jit.isinstance"):
            return Static.MAYBE
    return Static.DYNAMIC


def _has_attribute(test: n.Call, function: Function, instance: Instance | None) -> Static:
    """`hasattr(self, "name")`: certain where the constructor surely leaves it."""
    match test.args:
        case [n.Name() as owner, n.Constant(value=str() as name)] if is_self(owner, function):
            if instance is None or not isinstance(instance.cls, Class):
                return Static.MAYBE
            options = [one for held in instance.held(name) for one in flatten(held)]
            if any(one.when is None for one in options) and not any(isinstance(one.value, Unknown) for one in options):
                return Static.TRUE
            return Static.MAYBE
        case _:
            return Static.MAYBE


def is_self(node: n.Expr, function: Function) -> bool:
    """Whether a name is the first parameter of a method."""
    if not isinstance(node, n.Name) or function.owner is None:
        return False
    parameters = [*function.node.args.posonly, *function.node.args.args]
    return bool(parameters) and parameters[0].name == node.id


def self_attribute(node: n.Expr, function: Function) -> str | None:
    """`x` of `self.x`, where `self` is the first parameter of a method."""
    return node.attr if isinstance(node, n.Attribute) and is_self(node.value, function) else None


def _is_none(node: n.Expr, function: Function, instance: Instance | None, classes: Classes) -> Static:
    name = self_attribute(node, function)
    if name is not None:
        if instance is None or not isinstance(instance.cls, Class):
            return Static.MAYBE
        options = [one for held in instance.held(name) for one in flatten(held)]
        annotated = name in class_annotations(instance.cls, classes)  # then the annotation decides, not the value
        return _all_none(options) if options and not annotated else Static.MAYBE
    if isinstance(node, n.Name):
        parameter = next((one for one in function.node.args.all() if one.name == node.id), None)
        if parameter is not None and len(function.scope.bindings.get(node.id, ())) == 1:
            commented = "# type:" in function.module.text(function.node)
            return Static.MAYBE if commented else _parameter_is_none(parameter, function.module)
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
    """Whether an attribute is a compile-time constant (`Final` or `__constants__`); None if a base may say so.

    As Python looks both up on the class, the nearest class that has annotations, or `__constants__`, hides its bases'.
    """
    lineage = classes.lineage(cls)
    if "Final" in class_annotations(cls, classes).get(name, ""):
        return True
    constants = next((own for one in lineage.classes if (own := one.scope.visible("__constants__"))), [])
    for binding in constants:
        if not isinstance(binding.value, (n.List, n.Tuple, n.Set)):
            return None
        if any(isinstance(item, n.Constant) and item.value == name for item in binding.value.elts):
            return True
    return None if lineage.unseen else False


def class_annotations(cls: Class, classes: Classes) -> dict[str, str]:
    """The annotations that the compiler finds on a class, as text: those of the nearest class that has any."""
    for one in classes.lineage(cls).classes:
        found = {
            statement.target.id: one.module.text(statement.annotation)
            for statement in one.node.body
            if isinstance(statement, n.AnnAssign) and isinstance(statement.target, n.Name)
        }
        if found:
            return found
    return {}
