"""The attributes of modules, as the compiler types them (compile-errors.md section 3; torch/jit/_recursive.py)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scriptlint.instances import values as made
from scriptlint.instances.values import Held, Instance, flatten
from scriptlint.program.classes import Member
from scriptlint.program.decorators import Kind, decoration
from scriptlint.program.module import Class, Function
from scriptlint.program.project import External
from scriptlint.program.scopes import Binding
from scriptlint.script.conditions import is_constant
from scriptlint.script.infer import library_modules, signature
from scriptlint.script.infer.values import Builtin, LibMethod, ModuleObject, PyFunction, Typed, Value, unknown
from scriptlint.syntax import nodes as n
from scriptlint.types.model import BOOL, FLOAT, INT, NONE, STRING, TENSOR, Dict, List, Tuple, Type, Unknown, has_unknown
from scriptlint.types.relations import unify_all

if TYPE_CHECKING:
    from scriptlint.script.infer.unit import Unit

_KINDS: dict[type, Type] = {bool: BOOL, int: INT, float: FLOAT, str: STRING, type(None): NONE}


def attribute(unit: Unit, instance: Instance, node: n.Attribute) -> Value:
    """The value of `self.name`, or of an attribute of a submodule."""
    name = node.attr
    annotated = _class_annotation(unit, instance, name)
    if annotated is not None:
        return Typed(annotated)
    options = [one for held in instance.held(name) for one in flatten(held)]
    if options:
        return _held(unit, instance, name, options)
    if name == "training":
        frozen = isinstance(instance.cls, Class) and is_constant(instance.cls, name, unit.compiler.classes)
        return unknown("`training`, which is frozen at its value") if frozen else Typed(BOOL)
    known = library_modules.attribute(unit.compiler.library, instance, name)
    if known is not None:
        return unit.lose(f"`{unit.text(node)}`") if isinstance(known, Unknown) else Typed(known)
    if not isinstance(instance.cls, Class):
        return LibMethod(name, instance)
    found = unit.compiler.classes.member(instance.cls, name)
    if isinstance(found, Member) and isinstance(found.value, Function):
        if decoration(found.value, unit.compiler.project).kind is Kind.PROPERTY:
            return _property(unit, found.value, instance, node)
        return PyFunction(found.value, instance)
    if (
        isinstance(found, Member)
        and isinstance(found.value, Binding)
        and is_constant(instance.cls, name, unit.compiler.classes)
    ):
        literal = found.value.value
        if isinstance(literal, n.Constant) and literal.kind in ("bool", "int", "float", "str"):
            return Typed(_KINDS[type(literal.value)], literal=literal)
    if isinstance(found, External) and instance.foreign is not None:
        return LibMethod(name, instance)
    return unit.lose(f"`{unit.text(node)}`")


def _property(unit: Unit, function: Function, instance: Instance, node: n.Attribute) -> Value:
    if decoration(function, unit.compiler.project).compiled is not True:
        return unit.lose("a property that is not compiled")
    if unit.compiler.is_active(function):
        return unknown("a property that uses itself")
    return Typed(unit.compiler.compile(function, instance).returns)


def _class_annotation(unit: Unit, instance: Instance, name: str) -> Type | None:
    """The class-level annotation of an attribute, from the nearest class that has any."""
    if not isinstance(instance.cls, Class):
        return None
    for cls in unit.compiler.classes.lineage(instance.cls).classes:
        annotations = [one for one in cls.node.body if isinstance(one, n.AnnAssign) and isinstance(one.target, n.Name)]
        for one in annotations:
            if isinstance(one.target, n.Name) and one.target.id == name:
                if "Final" in cls.module.text(one.annotation):
                    return None
                kind = signature.read_class(unit.compiler, one.annotation, cls)
                return None if isinstance(kind, Unknown) and instance.held(name) else kind
        if annotations:
            return None
    return None


def _held(unit: Unit, instance: Instance, name: str, options: list[Held]) -> Value:
    first = options[0].value
    if len(options) == 1 and options[0].when is None:
        match first:
            case Instance():
                return ModuleObject(first)
            case made.Const():
                constant = isinstance(instance.cls, Class) and is_constant(instance.cls, name, unit.compiler.classes)
                literal = _literal(first) if constant else None
                return Typed(_KINDS[type(first.value)], literal=literal)
            case made.FunctionValue() if first.bound is None:
                return PyFunction(first.function)
            case made.ExternalValue() if first.receiver is None:
                operator = unit.compiler.library.builtin(first.name)
                if operator is not None and unit.compiler.library.has_operator(operator):
                    return Builtin(operator)
    kinds = {type_of(one.value) for one in options}
    if len(kinds) == 1 and not has_unknown(kind := kinds.pop()):
        return Typed(kind)
    return unit.lose(f"`self.{name}`")


def _literal(constant: made.Const) -> n.Constant:
    kind = {bool: "bool", int: "int", float: "float", str: "str"}.get(type(constant.value), "none")
    return n.Constant(0, 0, kind, constant.value)


def type_of(value: made.Value) -> Type:
    """The type that the compiler infers from a value on the instance."""
    match value:
        case made.Const():
            return _KINDS[type(value.value)]
        case made.TensorValue():
            return TENSOR
        case made.Items(kind="tuple") if value.exact:
            return Tuple(tuple(type_of(one) for one in value.items))
        case made.Items() if value.items:
            unified = unify_all([type_of(one) for one in value.items])
            return Unknown("a mixed list") if unified is None else List(unified)
        case made.Mapping() if value.items and value.exact:
            unified = unify_all([type_of(one) for one in value.items.values()])
            return Unknown("a mixed dictionary") if unified is None else Dict(STRING, unified)
        case _:
            return Unknown("a value on the object")


def store(unit: Unit, instance: Instance, target: n.Attribute, value: Value, whole: n.Node) -> None:
    """Emits `self.name = value`; what it means for the object comes with the rules of objects."""
