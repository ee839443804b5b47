"""Assignment. Twin: emitAssignment, emitTupleAssign, emitAugAssignment, Environment::setSugaredVar of ir_emitter.cpp."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scriptlint.diag import Fixable
from scriptlint.fixes.unpacking import as_tuple_parameter, by_index
from scriptlint.fixes.variables import annotated_where_none, started_as_float
from scriptlint.program.project import External
from scriptlint.script.infer import differs, operators, signature, subscripts
from scriptlint.script.infer.values import Iterable, ModuleObject, Typed, Value, describe, is_unknown, unknown
from scriptlint.script.refusal import refusal
from scriptlint.syntax import nodes as n
from scriptlint.text import Fix
from scriptlint.types.convert import convert
from scriptlint.types.model import (
    ANY,
    BOOL,
    FLOAT,
    INFERRED_TENSOR,
    INT,
    NONE,
    TENSOR,
    Class,
    List,
    Optional,
    Tensor,
    Tuple,
    Type,
    Union,
    Unknown,
    has_unknown,
    make_optional,
)
from scriptlint.types.relations import is_subtype

if TYPE_CHECKING:
    from scriptlint.evaluate.values import Instance
    from scriptlint.script.infer.unit import Unit

RETYPED = refusal(
    code="SL322",
    name="retyped-variable",
    message="`{name}` has type `{before}` outside this block, and is given a `{found}` here",
    help="use another name, or give the variable a type that holds both where it is first assigned",
    compiler="previously had type",
    fixable=Fixable.SOMETIMES,
)
ANNOTATED = refusal(
    code="SL323",
    name="annotated-assignment-mismatch",
    message="`{name}` is annotated `{wanted}` and is given a `{found}`",
    help="correct the annotation or convert the value; an annotated assignment converts nothing by itself",
    compiler="is annotated with type .* but is being assigned to a value of type",
)
REASSIGNED_OBJECT = refusal(
    code="SL215",
    name="reassigned-object",
    message="`{name}` is a {kind} outside this block and cannot be given another value here",
    help="call the object in each branch instead of choosing it",
    compiler="is not a first-class value",
)
UNPACK_COUNT = refusal(
    code="SL513",
    name="unpack-count",
    message="{wanted} names are unpacked from {found} values",
    help="unpack as many names as there are values",
    compiler="values to unpack|need .* values to unpack but found only",
)
UNPACK_TYPE = refusal(
    code="SL514",
    name="unpack-unsized",
    message="`{text}` of type `{found}` is unpacked, and its length is not known to the compiler",
    help="index it, or use `x.unbind(0)` for a tensor",
    compiler="cannot be used as a tuple|cannot statically infer the expected size of a list",
    fixable=Fixable.SOMETIMES,
)


def assignment(unit: Unit, node: n.Assign) -> bool:
    """Emit `a = b = value`."""
    first = node.targets[0]
    is_parameter = isinstance(first, n.Name) and any(one.name == first.id for one in unit.function.node.args.all())
    hint = unit.frame.find_declared(first.id) if isinstance(first, n.Name) and not is_parameter else None
    value = unit.value(node.value, hint)
    for target in node.targets:
        to_target(unit, target, value, node)
    return False


def annotated(unit: Unit, node: n.AnnAssign) -> bool:
    """Emit `name: T = value`."""
    if node.value is None:
        return False
    wanted = signature.read(unit.compiler, node.annotation, unit.function, unit.report)
    unit.use_annotation(wanted, node.annotation)
    value = unit.value(node.value, wanted)
    if isinstance(node.target, n.Name):
        _annotated_name(unit, node.target, wanted, unit.as_typed(value, node.value))
    elif isinstance(node.target, n.Attribute):
        _to_attribute(unit, node.target, value, node)
    return False


def _annotated_name(unit: Unit, target: n.Name, wanted: Type, value: Typed) -> None:
    fits = is_subtype(wanted if value.empty_list and isinstance(wanted, List) else value.type, wanted)
    if not fits and not has_unknown(value.type) and not has_unknown(wanted):
        unit.say(ANNOTATED, target, name=target.id, wanted=str(wanted), found=str(value.type))
    unit.frame.set(target.id, Typed(wanted))
    unit.frame.declared[target.id] = wanted
    unit.observe(target, target.id)


def to_target(unit: Unit, target: n.Expr, value: Value, whole: n.Node) -> None:
    """Give a target its value; `whole` is the statement, where some complaints are located."""
    match target:
        case n.Name():
            to_name(unit, target, value)
            unit.observe(target, target.id)
        case n.Tuple() | n.List():
            _unpack(unit, target, value, whole)
        case n.Starred():
            to_target(unit, target.value, value, whole)
        case n.Attribute():
            _to_attribute(unit, target, value, whole)
        case n.Subscript():
            subscripts.store(unit, target, unit.as_typed(value, target), whole)
        case _:
            pass


def to_name(unit: Unit, target: n.Name, value: Value) -> None:
    """Give a variable its value; one of an outer block keeps its type."""
    name = target.id
    frame = unit.frame
    outer = None if frame.parent is None else frame.parent.find(name)
    if outer is None:
        # A variable is no literal, whatever it was given.
        frame.set(name, Typed(value.type) if isinstance(value, Typed) else value)
        return
    if not isinstance(outer, Typed):
        if not isinstance(value, Typed) or not is_unknown(value):
            unit.say(REASSIGNED_OBJECT, target, name=name, kind=describe(outer))
        frame.set(name, unknown("it is refused"))
        return
    if not isinstance(value, Typed):
        value = unit.as_typed(value, target)
    before = outer.type
    found = convert(value.type, before, True, value.empty_list)
    if not is_subtype(found, before) and not has_unknown(found) and not has_unknown(before):
        unit.say(
            RETYPED,
            target,
            fix=_held_from_the_start(unit, name, before, value.type),
            name=name,
            before=str(before),
            found=str(value.type),
        )
        frame.set(name, unknown("it is refused"))
        return
    differs.assigned(unit, target, outer, value)
    if isinstance(found, Unknown) and not (isinstance(before, (Optional, Union)) or before is ANY):
        found = before  # of a type that holds several, it has one of these
    frame.set(name, Typed(found))


def _held_from_the_start(unit: Unit, name: str, before: Type, found: Type) -> Fix | None:
    """Give a variable a first value, or an annotation, that holds what it is given later."""
    if before is NONE:
        return annotated_where_none(unit.function, name, make_optional(found))
    return started_as_float(unit.function, name) if (before, found) == (INT, FLOAT) else None


def _unpack(unit: Unit, target: n.Tuple | n.List, value: Value, whole: n.Node) -> None:
    stars = [index for index, one in enumerate(target.elts) if isinstance(one, n.Starred)]
    parts = _parts(unit, target, value, whole, bool(stars))
    if parts is None:
        for one in target.elts:
            to_target(unit, one, unknown("an unpacked value"), whole)
        return
    wanted, found = len(target.elts), len(parts)
    if stars:
        if found < wanted - 1:
            unit.say(UNPACK_COUNT, target, wanted=f"at least {wanted - 1}", found=str(found))
            for one in target.elts:
                to_target(unit, one, unknown("it is refused"), whole)
            return
        at = stars[0]
        rest = parts[at : found - (wanted - 1 - at)]
        kinds = [unit.as_typed(one, target).type for one in rest]
        starred: Value = Typed(Tuple(tuple(kinds)))
        parts = [*parts[:at], starred, *parts[found - (wanted - 1 - at) :]]
    elif wanted != found:
        unit.say(UNPACK_COUNT, target, wanted=str(wanted), found=str(found))
        parts = [unknown("it is refused")] * wanted
    for one, part in zip(target.elts, parts, strict=True):
        to_target(unit, one, part, whole)


def _parts(unit: Unit, target: n.Tuple | n.List, value: Value, whole: n.Node, starred: bool) -> list[Value] | None:
    from scriptlint.script.infer.loops import unrolled_items

    match value:
        case Typed(per_name=True):
            return [Typed(TENSOR) for _ in target.elts]
        case Typed(type=Tuple(elements=elements)):
            return [Typed(one) for one in elements]
        case Typed(type=List(element=element)):
            if starred:
                _refuse_unpacking(unit, value.type, whole)
                return None
            return [Typed(element) for _ in target.elts]
        case Typed(type=Class()):
            return None
        case Typed() if is_unknown(value) or has_unknown(value.type):
            return None
        case Typed():
            _refuse_unpacking(unit, value.type, whole, _of_parameter(unit, target, value, whole))
            return None
        case ModuleObject():
            count = unrolled_items(unit, value)
            known = count is not None and len(count) == len(target.elts) and _has_indices(unit, value.instance)
            fix = by_index(unit.module, unit.function.node, target, whole) if known else None
            _refuse_unpacking(unit, value.instance.class_name, target if isinstance(whole, n.For) else whole, fix)
            return None
        case Iterable():
            return unrolled_items(unit, value)
        case _:
            return None


def _has_indices(unit: Unit, instance: Instance) -> bool:
    """Return True if a container's items by their index are those that it is unpacked into, in the same order."""
    kinds = unit.compiler.container_kinds(instance)
    return isinstance(instance.cls, External) and not instance.open and "torch.nn.ModuleDict" not in kinds


def _refuse_unpacking(unit: Unit, kind: Type | str, whole: n.Node, fix: Fix | None = None) -> None:
    node: n.Node = whole.value if isinstance(whole, n.Assign) else whole
    unit.say(UNPACK_TYPE, node, fix=fix, text=unit.text(node), found=str(kind))


def _of_parameter(unit: Unit, target: n.Tuple | n.List, value: Typed, whole: n.Node) -> Fix | None:
    """Make a tuple of a parameter without annotation."""
    if value.type is not INFERRED_TENSOR or not isinstance(whole, n.Assign) or not isinstance(whole.value, n.Name):
        return None
    name = whole.value.id
    if name not in {one.name for one in unit.function.node.args.all() if one.annotation is None}:
        return None
    return as_tuple_parameter(unit.compiler.reader, unit.function, name, target)


def _to_attribute(unit: Unit, target: n.Attribute, value: Value, whole: n.Node) -> None:
    from scriptlint.script.infer import attributes

    attributes.store(unit, target, value, whole)


def augmented(unit: Unit, node: n.AugAssign) -> bool:
    """Emit `a += b`."""
    if node.op in ("//", "@"):
        return False
    match node.target:
        case n.Name():
            before = unit.typed(node.target)
            differs.remainder(unit, node, before)
            result = operators.binary(unit, node, node.op, before, node.value, augmented=True)
            if isinstance(before.type, Tensor):
                result = before
            to_name(unit, node.target, result)
        case n.Attribute():
            before = unit.typed(node.target)
            result = operators.binary(unit, node, node.op, before, node.value, augmented=True)
            if before.type in (INT, FLOAT, BOOL):  # a tensor, list or text is changed where it is
                _to_attribute(unit, node.target, result, node)
        case n.Subscript():
            before = unit.typed(node.target)
            result = operators.binary(unit, node, node.op, before, node.value, augmented=True)
            subscripts.augmented(unit, node.target, result)
        case _:
            pass
    return False
