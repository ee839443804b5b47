"""Operators: each is a call of an operator of the library. Twin: emitBinaryOp, getNodeKind of ir_emitter.cpp."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scriptlint.diag import Fixable
from scriptlint.evaluate.values import Instance
from scriptlint.fixes.conditions import with_is
from scriptlint.program.decorators import decoration
from scriptlint.program.module import Class as ClassSymbol
from scriptlint.program.module import Function
from scriptlint.script.infer import advice, branches, dataclass_types, differs, script_classes, uses
from scriptlint.script.infer.values import Typed, Value, is_unknown, unknown
from scriptlint.script.refusal import refusal
from scriptlint.syntax import nodes as n
from scriptlint.text import Fix
from scriptlint.torchlib.match import Given, Refusal, match
from scriptlint.types.model import (
    ABSTRACT_NUMBER,
    BOOL,
    FLOAT,
    INT,
    NONE,
    STRING,
    TENSOR,
    Class,
    Dict,
    List,
    Tensor,
    Tuple,
    Type,
    Unknown,
    has_unknown,
)

if TYPE_CHECKING:
    from scriptlint.script.infer.unit import Unit

OPERANDS = refusal(
    code="SL401",
    name="operator-type-mismatch",
    message="`{operator}` is not defined for {operands}",
    help="{advice}",
    compiler="Arguments for call are not valid|Cannot emit inplace op|Unknown builtin op|object has no attribute or method",
    fixable=Fixable.SOMETIMES,
)

_BINARY = {
    "+": "add",
    "-": "sub",
    "*": "mul",
    "/": "div",
    "%": "remainder",
    "//": "floordiv",
    "**": "pow",
    "@": "matmul",
    "&": "__and__",
    "|": "__or__",
    "^": "__xor__",
    "<<": "__lshift__",
    ">>": "__rshift__",
}
_COMPARISON = {
    "==": "eq",
    "!=": "ne",
    "<": "lt",
    "<=": "le",
    ">": "gt",
    ">=": "ge",
    "in": "__contains__",
    "is": "__is__",
    "is not": "__isnot__",
}


def binary(
    unit: Unit, node: n.Node, operator: str, left: Typed, right_node: n.Expr, *, augmented: bool = False
) -> Typed:
    """Return the value of `left operator right`."""
    right = unit.typed(right_node)
    if operator == "%" and left.type is STRING:
        differs.percent(unit, node, left)
        return Typed(STRING)
    if operator == "+" and isinstance(left.type, Tuple) and isinstance(right.type, Tuple):
        return Typed(Tuple((*left.type.elements, *right.type.elements)))
    if operator == "+" and isinstance(left.type, Tuple) and has_unknown(right.type):
        return unknown("a tuple, and more")
    return apply(unit, node, _BINARY[operator], [left, right], operator)


def apply(unit: Unit, node: n.Node, name: str, operands: list[Typed], shown: str, fix: Fix | None = None) -> Typed:
    """Return a call of the operator `aten::name` with operands; `fix` repairs it if it is refused."""
    first = operands[0].type
    if (
        name in ("eq", "ne")
        and operands[1].type is NONE
        and (first is NONE or (isinstance(first, Class) and first.is_module))
    ):
        fix = None if _compares_itself(unit, first) else with_is(unit.module, node)
        return unit.say(OPERANDS, node, operator=shown, operands=_shown(operands), fix=fix)
    if isinstance(first, Class):
        return _magic(unit, node, name, operands, shown)
    objects = [one.type for one in operands if isinstance(one.type, Class)]
    if objects and len(operands) == 2 and name not in ("__contains__",) and not has_unknown(operands[0].type):
        if objects[0].is_module or objects[0] is ABSTRACT_NUMBER or unit.compiler.object_of(objects[0]) is not None:
            kinds = _shown(operands)
            return unit.say(OPERANDS, node, operator=shown, operands=kinds, fix=fix)
    if objects or any(is_unknown(one) for one in operands[:1]):
        return unknown("an operand") if not _surely_tensor(operands, name) else Typed(TENSOR)
    schemas = unit.compiler.library.schemas(f"aten::{name}")
    found = match(schemas, [Given(one.type, one.empty_list) for one in operands])
    if isinstance(found, Refusal):
        instead = advice.for_operands(shown, [one.type for one in operands])
        return unit.say(OPERANDS, node, operator=shown, operands=_shown(operands), advice=instead, fix=fix)
    return Typed(found.returns)


def _compares_itself(unit: Unit, kind: Type) -> bool:
    """Return True if the class of a module has its own `==`, which may be true of None."""
    instance = unit.compiler.module_of(kind) if isinstance(kind, Class) else None
    cls = None if instance is None else instance.cls
    return isinstance(cls, ClassSymbol) and any(unit.compiler.classes.method(cls, one) for one in ("__eq__", "__ne__"))


def _shown(operands: list[Typed]) -> str:
    return " and ".join("a value of unknown type" if is_unknown(one) else f"`{one.type}`" for one in operands)


_MAGIC = {
    "neg": "__neg__",
    "bitwise_not": "__invert__",
    "div": "__truediv__",
    "remainder": "__mod__",
    **{name: f"__{name}__" for name in ("add", "sub", "mul", "pow", "eq", "ne", "lt", "le", "gt", "ge")},
    **{name: name for name in ("__and__", "__or__", "__xor__", "__lshift__", "__rshift__", "__contains__")},
}


def _magic(unit: Unit, node: n.Node, name: str, operands: list[Typed], shown: str) -> Typed:
    """An operator of a script class is the method of its name; `//`, `@` and the reflected ones are never looked for."""
    kind = operands[0].type
    instance = (unit.compiler.object_of(kind) or unit.compiler.module_of(kind)) if isinstance(kind, Class) else None
    if instance is None:
        if kind is ABSTRACT_NUMBER and not any(is_unknown(one) for one in operands):
            return unit.say(OPERANDS, node, operator=shown, operands=_shown(operands))
        return unknown("an operand")
    if isinstance(instance.cls, ClassSymbol) and unit.compiler.classes.lineage(instance.cls).unseen:
        return unit.lose(f"an operator of `{instance.class_name}`")
    if not isinstance(instance.cls, ClassSymbol) or name not in _MAGIC:
        method = None
    else:
        method = _own(unit, instance, instance.cls, _MAGIC[name])
        if isinstance(kind, Class) and kind.is_module and not has_method(unit, kind, _MAGIC[name]):
            method = None
    if method is None and any(is_unknown(one) for one in operands):
        return unknown("an operand")
    if method is None and isinstance(instance.cls, ClassSymbol):
        is_dataclass = dataclass_types.is_dataclass(unit.compiler, instance.cls)
        if is_dataclass and _MAGIC.get(name) in dataclass_types.generated(unit.compiler, instance.cls):
            return Typed(BOOL)
    if method is None:
        instead = f"define `{_MAGIC[name]}` in the class, or " if name in _MAGIC else ""
        instead += "compare or combine what the objects hold"
        fix = uses.static_forward(unit)
        return unit.say(OPERANDS, node, operator=shown, operands=_shown(operands), advice=instead, fix=fix)
    if unit.compiler.is_active(method, instance):
        return unknown("an operator that uses itself")
    return Typed(unit.compiler.compile(method, instance).returns)


def _own(unit: Unit, instance: Instance, cls: ClassSymbol, name: str) -> Function | None:
    """Return the method of a module or of a script class, to which only its own body counts."""
    if unit.compiler.is_script_object(instance):
        return script_classes.method(unit.compiler, cls, name)
    return unit.compiler.classes.method(cls, name)


# The methods that the compiler itself defines for a container, once it has compiled it.
_DEFINED = {
    "__len__": frozenset({"torch.nn.Sequential", "torch.nn.ModuleList", "torch.nn.ModuleDict"}),
    "__contains__": frozenset({"torch.nn.ModuleDict"}),
}


def has_method(unit: Unit, kind: Class, name: str) -> bool:
    """Return True if a module may have a method for operators by the time they look for it; only what was compiled before counts."""
    instance = unit.compiler.module_of(kind)
    if instance is None:
        return True
    if _DEFINED.get(name, frozenset()) & unit.compiler.container_kinds(instance):
        return instance is not unit.instance
    if not isinstance(instance.cls, ClassSymbol):
        return False
    method = unit.compiler.classes.method(instance.cls, name)
    if method is None:
        return bool(unit.compiler.classes.lineage(instance.cls).unseen)
    return decoration(method, unit.compiler.project).jit == "export"


def _surely_tensor(operands: list[Typed], name: str) -> bool:
    return any(isinstance(one.type, Tensor) for one in operands) and name in ("add", "sub", "mul", "div", "matmul")


def unary(unit: Unit, node: n.UnaryOp, hint: Type | None) -> Value:
    """Return the value of `-x` and `~x`."""
    operand = unit.typed(node.operand, hint)
    if node.op == "+":
        return operand
    if node.op == "-" and operand.literal is not None and operand.type in (INT, FLOAT):
        value = operand.literal.value
        if isinstance(value, (int, float)):
            literal = n.Constant(node.start, node.end, operand.literal.kind, -value)
            return Typed(operand.type, literal=literal)
    return apply(unit, node, "neg" if node.op == "-" else "bitwise_not", [operand], node.op)


def compare(unit: Unit, node: n.Compare) -> Value:
    """Return the value of a comparison; a chain is `and` of its pairs."""
    if node.ops[0] in ("is", "is not") and len(node.ops) == 1:
        branches.condition(unit, node)
        return Typed(BOOL)
    results = []
    left = node.left
    for operator, right in zip(node.ops, node.comparators, strict=True):
        results.append(_pair(unit, node, operator, left, right))
        left = right
    return results[0] if len(results) == 1 else Typed(BOOL)


def _pair(unit: Unit, node: n.Compare, operator: str, left: n.Expr, right: n.Expr) -> Typed:
    first, second = unit.value(left), unit.value(right)
    negated = operator == "not in"
    if operator in ("in", "not in"):
        from scriptlint.script.infer.values import ModuleObject

        if isinstance(second, ModuleObject):
            kind = unit.compiler.module_type(second.instance)
            if has_method(unit, kind, "__contains__"):
                unit.as_typed(first, left)
                return Typed(BOOL)
        operands = [unit.as_typed(second, right), unit.as_typed(first, left)]
        fix = uses.annotated(unit, left, operands[1], _element(operands[0].type))
        found = apply(unit, node, "__contains__", operands, operator, fix)
        return Typed(BOOL) if negated or found.type is BOOL else found
    ours, theirs = unit.as_typed(first, left), unit.as_typed(second, right)
    if operator in ("is", "is not"):
        return Typed(BOOL)
    if NONE in (ours.type, theirs.type) and (has_unknown(ours.type) or has_unknown(theirs.type)):
        return unknown("a comparison with None")
    fix = uses.annotated(unit, left, ours, theirs.type) or uses.annotated(unit, right, theirs, ours.type)
    return apply(unit, node, _COMPARISON[operator], [ours, theirs], operator, fix)


def _element(kind: Type) -> Type:
    """Return the type of what a container is asked for."""
    match kind:
        case List(element=element):
            return element
        case Tuple(elements=(first, *rest)) if all(one is first for one in rest):
            return first
        case Dict(key_type=key):
            return key
        case _:
            return Unknown("what a container holds")
