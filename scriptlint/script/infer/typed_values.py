"""Attributes that are set to `torch.jit.Attribute(value, type)`: the type stands beside the value.

Twin: infer_type of torch/jit/_recursive.py, which looks at it where the class has no annotation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from scriptlint.evaluate import values as made
from scriptlint.evaluate.values import Instance
from scriptlint.program.module import Class, Function
from scriptlint.program.project import External
from scriptlint.script.infer import signature
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk_scope
from scriptlint.types.annotations import Refused
from scriptlint.types.model import Type

if TYPE_CHECKING:
    from scriptlint.script.infer.compiler import Compiler

_ATTRIBUTE = External("torch.jit.Attribute")


class TypedValue(Struct, frozen=True, eq=False):
    """The value and the type of such an attribute, as they are written in a constructor; `type` is None where it is refused."""

    value: made.Value
    annotation: n.Expr
    function: Function
    type: Type | None


def find(compiler: Compiler, instance: Instance, name: str) -> TypedValue | None:
    """Return what the constructor sets an attribute to, where it is such a call and the only value."""
    held = instance.held(name)
    if len(held) != 1 or not isinstance(held[0].value, made.Unknown) or not isinstance(instance.cls, Class):
        return None
    for owner in compiler.classes.lineage(instance.cls).classes:
        function = owner.functions.get("__init__")
        if function is None or not owner.module.finds("Attribute"):
            continue
        calls = [
            one.value
            for one in walk_scope(function.node.body)
            if isinstance(one, n.Assign) and any(_is_attribute(target, name) for target in one.targets)
        ]
        if len(calls) == 1 and isinstance(calls[0], n.Call):
            return _read(compiler, calls[0], function)
    return None


def _is_attribute(target: n.Expr, name: str) -> bool:
    return isinstance(target, n.Attribute) and target.attr == name and isinstance(target.value, n.Name)


def _read(compiler: Compiler, call: n.Call, function: Function) -> TypedValue | None:
    if compiler.project.resolve(call.func, function) != _ATTRIBUTE:
        return None
    given: dict[str | None, n.Expr] = dict(zip(("value", "type"), call.args, strict=False))
    given |= {one.arg: one.value for one in call.keywords}
    value, annotation = given.get("value"), given.get("type")
    if value is None or annotation is None:
        return None
    try:
        kind = signature.reader(compiler, function).type_of(annotation)
    except Refused:
        return TypedValue(_literal(value), annotation, function, None)
    return TypedValue(_literal(value), annotation, function, kind)


def _literal(node: n.Expr) -> made.Value:
    """Return the value of a literal, Unknown for anything else."""
    match node:
        case n.Constant(kind=("none" | "bool" | "int" | "float" | "str")):
            return made.Const(node.value)
        case n.UnaryOp(op="-", operand=n.Constant(kind=("int" | "float"), value=(int() | float()) as value)):
            return made.Const(-value)
        case n.List() | n.Tuple():
            kind = "list" if isinstance(node, n.List) else "tuple"
            return made.Items(kind, [_literal(one) for one in node.elts])
        case n.Dict() if all(isinstance(one, n.Constant) and one.kind in ("str", "int") for one in node.keys):
            keys = [one.value for one in node.keys if isinstance(one, n.Constant)]
            return made.Mapping(dict(zip(keys, map(_literal, node.values), strict=True)))
        case _:
            return made.Unknown("not a literal")
