"""Branches that would be pruned if the flags they test were constants: what an object's bool says, where it never changes.

The compiler compiles both branches of `if self.flag:`, unless `flag` is Final (compile-errors.md section 5): then only the
one that the object takes. So what is refused in the other, or missing in it, is repaired by an annotation.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scriptlint.evaluate.values import Const, Held, Instance, Some, flatten
from scriptlint.fixes.class_annotations import (
    constant_of_class,
    declared,
    final_attributes,
    has_only_length_asked,
)
from scriptlint.fixes.kinds import Place, assigned, fits
from scriptlint.program.module import Class, Function
from scriptlint.script.constants import is_constant
from scriptlint.syntax import nodes as n
from scriptlint.text import Fix, Safety
from scriptlint.types.model import BOOL, FLOAT, INT, STRING, List, Type, has_unknown

if TYPE_CHECKING:
    from scriptlint.script.infer.environment import Missing
    from scriptlint.script.infer.unit import Unit


@dataclass(frozen=True)
class Flags:
    """The flags that a test asks, and how it comes out if they are constants; None where that is not known."""

    names: frozenset[str] = frozenset()
    outcome: bool | None = None


NONE = Flags()


def of_test(unit: Unit, node: n.Expr) -> Flags:
    """Return what the flags of the object say of a test."""
    match node:
        case n.Attribute(value=n.Name(id="self")) if unit.instance is not None:
            return _flag(unit, unit.instance, node.attr)
        case n.UnaryOp(op="not"):
            inner = of_test(unit, node.operand)
            return Flags(inner.names, None if inner.outcome is None else not inner.outcome)
        case n.BoolOp():
            parts = [of_test(unit, one) for one in node.values]
            decides = node.op == "or"  # what one operand alone decides
            outcomes = [one.outcome for one in parts]
            outcome = decides if decides in outcomes else None if None in outcomes else not decides
            return Flags(frozenset().union(*(one.names for one in parts)), outcome)
    return NONE


def _flag(unit: Unit, instance: Instance, name: str) -> Flags:
    options = [one for held in instance.held(name) for one in flatten(held)]
    if not options or not all(map(_is_bool, options)):
        return NONE
    values = {one.value.value for one in options if isinstance(one.value, Const)}
    known = len(values) == 1 and all(isinstance(one.value, Const) for one in options)
    return Flags(frozenset({name}), bool(values.pop()) if known else None)


def _is_bool(one: Held) -> bool:
    value = one.value
    return (isinstance(value, Const) and isinstance(value.value, bool)) or (
        isinstance(value, Some) and value.kind == "bool"
    )


def _owner(unit: Unit, instance: Instance, name: str) -> Class | None:
    """Return the class whose constructor sets an attribute that nothing else in its file sets, and whose annotations count."""
    if not isinstance(instance.cls, Class):
        return None
    classes = unit.compiler.classes
    lineage = classes.lineage(instance.cls).classes
    owner = next((one for one in lineage if _sets(one, name)), None)
    if owner is None or is_constant(instance.cls, name, classes) is not False:
        return None
    given = list(assigned(owner, name))
    constructed = all(isinstance(place, Function) and place.node.name == "__init__" for _, place in given)
    if not constructed or any(_is_no_flag_by_default(*one) for one in given):
        return None
    return owner if _is_heard(lineage, owner) else None


def _is_no_flag_by_default(value: n.Expr, place: Place) -> bool:
    """Return True if a value is a parameter with another default than True and False: objects may hold something else."""
    parameters = place.node.args.all() if isinstance(place, Function) else []
    found = next((one for one in parameters if isinstance(value, n.Name) and one.name == value.id), None)
    return found is not None and isinstance(found.default, n.Constant) and found.default.kind != "bool"


def _is_heard(lineage: Iterable[Class], owner: Class) -> bool:
    """Return True if the compiler reads the annotations of a class, which the nearest class that has any hides."""
    return (
        next((one for one in lineage if any(isinstance(part, n.AnnAssign) for part in one.node.body)), owner) is owner
    )


def attribute_declared(unit: Unit, instance: Instance, name: str, kind: Type) -> Fix | None:
    """Give an attribute a type in the body of the class whose constructor sets it, unless something else is set to it."""
    if not isinstance(instance.cls, Class) or has_unknown(kind):
        return None
    lineage = unit.compiler.classes.lineage(instance.cls).classes
    owner = next((one for one in lineage if _sets(one, name)), None)
    if owner is None or not _is_heard(lineage, owner):
        return None
    given = unit.compiler.reader.kinds.assigned(owner, name)
    if not all(one is None or fits(kind, one) for one in given):
        return None
    return declared(owner, name, kind, Safety.SAFE)


def empty_declared(unit: Unit, instance: Instance, name: str) -> Fix | None:
    """Give the type of its items to a list that is empty on this object, from other values of it and what is added to it.

    Where nothing but its length is asked, any type will do.
    """
    if not isinstance(instance.cls, Class):
        return None
    lineage = unit.compiler.classes.lineage(instance.cls).classes
    owner = next((one for one in lineage if _sets(one, name)), None)
    if owner is None or not _is_heard(lineage, owner):
        return None
    kind = unit.compiler.reader.kinds.items(owner, name)
    if kind is None and all(has_only_length_asked(one, name) for one in lineage):
        kind = List(INT)
    return None if kind is None else declared(owner, name, kind, Safety.UNSAFE)


_CONSTANTS = {"int": INT, "float": FLOAT, "bool": BOOL, "str": STRING}


def global_constant(unit: Unit, node: n.Expr, kind: str) -> Fix | None:
    """Make a Final attribute of a number or text of the file that a method reads."""
    owner, instance = unit.function.owner, unit.instance
    if not isinstance(node, n.Name) or kind not in _CONSTANTS or owner is None or instance is None:
        return None
    if node.id in unit.function.scope.bindings:
        return None  # to Python it is a variable of the function
    bound = unit.module.scope.bindings.get(node.id, [])
    if len(bound) != 1 or bound[0].conditional or not isinstance(instance.cls, Class):
        return None
    if not _is_heard(unit.compiler.classes.lineage(instance.cls).classes, owner):
        return None
    return constant_of_class(owner, unit.function.node, node.id, _CONSTANTS[kind])


def _sets(cls: Class, name: str) -> bool:
    constructor = cls.functions.get("__init__")
    return constructor is not None and name in constructor.assigned_attributes


def made_final(unit: Unit, flags: Flags) -> Fix | None:
    """Make the flags constants, all of one class at once."""
    if unit.instance is None or not flags.names:
        return None
    owners = {_owner(unit, unit.instance, name) for name in flags.names}
    owner = owners.pop() if len(owners) == 1 else None
    return None if owner is None else final_attributes(owner, dict.fromkeys(sorted(flags.names), BOOL))


def decided(unit: Unit, missing: Missing) -> Fix | None:
    """Make constants of what decides about a variable that not every branch defines, or not with one type."""
    if not isinstance(missing.node, n.If):
        return None
    asked = of_test(unit, missing.node.test)
    lacking = {"true": True, "false": False}.get(missing.text) if missing.kind == "branch" else None
    return None if lacking is not None and asked.outcome is lacking else made_final(unit, asked)
