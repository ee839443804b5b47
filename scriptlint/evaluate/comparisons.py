"""Comparisons of values: order, equality, identity and membership."""

from __future__ import annotations

import operator as python
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from scriptlint.evaluate import calls, classes, keys, kinds, plain, symbols, versions
from scriptlint.evaluate.arguments import Arguments
from scriptlint.evaluate.values import (
    Choice,
    ClassValue,
    Compiled,
    Const,
    EnumMember,
    ExternalValue,
    FunctionValue,
    Instance,
    Items,
    LambdaValue,
    Mapping,
    ModuleValue,
    Partial,
    PythonObject,
    Scalar,
    Some,
    Symbol,
    TensorValue,
    Unknown,
    Value,
    identity,
)
from scriptlint.program.classes import Member
from scriptlint.program.module import Class

if TYPE_CHECKING:
    from scriptlint.evaluate.evaluator import Evaluator

_ORDER: dict[str, Callable[[Any, Any], bool]] = {"<": python.lt, "<=": python.le, ">": python.gt, ">=": python.ge}
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_TESTS = {**_ORDER, "==": python.eq, "!=": python.ne}
_OWN = {"==": "__eq__", "<": "__lt__", "<=": "__le__", ">": "__gt__", ">=": "__ge__"}
_CONSTANTS = frozenset(f"builtins.{name}" for name in "bool bytes dict float frozenset int list set str tuple".split())
_OBJECTS = (ClassValue, FunctionValue, LambdaValue, ModuleValue, Partial, Instance, Compiled)


def compare(ev: Evaluator, operator: str, left: Value, right: Value) -> Value:
    """Return the value of a comparison."""
    if operator in ("is", "is not"):
        same = _same(ev, left, right)
        return Some("bool") if same is None else Const(same == (operator == "is"))
    if operator in ("in", "not in"):
        found = contains(ev, left, right)
        return Some("bool") if found is None else Const(found == (operator == "in"))
    if isinstance(left, TensorValue) or isinstance(right, TensorValue):
        return TensorValue()
    own = _by_class(ev, operator, left, right)
    if own is not None:
        return own
    by_version = versions.compared(ev, _TESTS[operator], left, right)
    if by_version is not None:
        return by_version
    if operator in ("==", "!="):
        equal = equals(ev, left, right)
        if equal is not None:
            return Const(equal == (operator == "=="))
        return _flag(left, right)
    known = plain.to_python(classes.own_value(ev, left)), plain.to_python(classes.own_value(ev, right))
    if known[0] is not None and known[1] is not None:
        try:
            return Const(bool(_ORDER[operator](known[0][0], known[1][0])))
        except TypeError:
            return Unknown()
    return _flag(left, right)


def _flag(left: Value, right: Value) -> Value:
    for one in (left, right):
        if isinstance(one, Unknown):
            return one
    return Some("bool")


def _by_class(ev: Evaluator, operator: str, left: Value, right: Value) -> Value | None:
    """Return what a class of the project makes of a comparison; None where it says nothing."""
    for owner, other, word in ((left, right, operator), (right, left, _MIRRORED[operator])):
        name = _OWN.get(word, "__eq__")
        if isinstance(owner, Instance) and isinstance(owner.cls, Class):
            if isinstance(ev.classes.member(owner.cls, name), Member):
                return _by_method(ev, operator, owner, name, other)
    return None


def _by_method(ev: Evaluator, operator: str, left: Instance, name: str, right: Value) -> Value:
    value = calls.call(ev, ev.attribute(left, name), Arguments([right], {}))
    if operator != "!=":
        return value

    known = symbols.truth(ev, value)
    return Some("bool") if known is None else Const(not known)


def equals(ev: Evaluator, left: Value, right: Value) -> bool | None:
    """Return whether two values are equal; None where that is not known."""
    if type(left) is Const and type(right) is Const:
        return bool(left.value == right.value)
    if left is right and isinstance(left, _OBJECTS):
        return True
    if all(isinstance(one, (ExternalValue, *_OBJECTS)) for one in (left, right)):
        if isinstance(left, ExternalValue) and isinstance(right, ExternalValue) and left.receiver is not None:
            return None
        if isinstance(left, Instance) and isinstance(right, Instance) and _compares_fields(ev, left):
            return _equal_fields(ev, left, right)
        first, second = identity(left), identity(right)
        return None if first is None or second is None else first == second
    if isinstance(left, EnumMember) and isinstance(right, EnumMember) and left.cls is right.cls:
        return _same_member(ev, left, right)
    for member, other in ((left, right), (right, left)):
        if isinstance(member, EnumMember) and isinstance(other, Const) and classes.is_its_value(ev, member):
            return equals(ev, ev.resolved(classes.enum_value(ev, member)), other)
    if isinstance(left, Some) and isinstance(right, Some) and left.name and right.name:
        return left == right
    if isinstance(left, Some) or isinstance(right, Some):
        kinds = {_kind(left), _kind(right)}
        return False if "NoneType" in kinds and len(kinds) == 2 else None
    known = plain.to_python(left), plain.to_python(right)
    if known[0] is not None and known[1] is not None:
        return bool(known[0][0] == known[1][0])
    none = Const(None)
    if none in (left, right):
        return _same(ev, left, right)
    if isinstance(left, Items) and isinstance(right, Items) and left.exact and right.exact and left.kind == right.kind:
        if len(left.items) != len(right.items):
            return False
        answers = [equals(ev, one, other) for one, other in zip(left.items, right.items, strict=True)]
        return False if False in answers else None if None in answers else True
    certain = (Const, *_OBJECTS, ExternalValue)
    if isinstance(left, certain) and isinstance(right, certain):
        return None if _may_be_constant(ev, left) or _may_be_constant(ev, right) else False
    return None


def _may_be_constant(ev: Evaluator, value: Value) -> bool:
    """Return True for what is only known by its name, and for an object that is a text, a number or a container."""
    if isinstance(value, Instance):
        return isinstance(value.cls, Class) and bool(classes.bases(ev, value.cls) & _CONSTANTS)
    return isinstance(value, ExternalValue) and kinds.is_callable(ev, value) is None


def _compares_fields(ev: Evaluator, value: Instance) -> bool:
    """Return True for an object of a dataclass, which Python compares by its fields."""
    return isinstance(value.cls, Class) and classes.is_dataclass(ev, value.cls)


def _equal_fields(ev: Evaluator, left: Instance, right: Instance) -> bool | None:
    if left.cls is not right.cls:
        return False
    if left.open or right.open or left.attributes.keys() != right.attributes.keys():
        return None
    pairs = ((left.held(name)[-1].value, right.held(name)[-1].value) for name in left.attributes)
    answers = [equals(ev, ev.resolved(one), ev.resolved(other)) for one, other in pairs]
    return False if False in answers else None if None in answers else True


def _same_member(ev: Evaluator, left: EnumMember, right: EnumMember) -> bool | None:
    """Return whether two names are of one member of an enum: their values are equal."""
    return True if left == right else equals(ev, classes.enum_value(ev, left), classes.enum_value(ev, right))


def _kind(value: Value) -> str:
    return value.kind if isinstance(value, Some) else type(getattr(value, "value", value)).__name__


def contains(ev: Evaluator, key: Value, container: Value) -> bool | None:
    """Return whether a container has a value; None where that is not known."""
    container = ev.resolved(container)
    if isinstance(container, Const) and isinstance(container.value, str):
        return key.value in container.value if isinstance(key, Const) and isinstance(key.value, str) else None
    if isinstance(container, ClassValue) and isinstance(key, EnumMember):
        return key.cls is container.symbol
    if isinstance(container, Mapping):
        known = keys.key_in(ev, key, container)
        if known is keys.NO_KEY:
            return False if container.exact and not container.items else None
        return True if ev.namespaces.registries.fill(container, known) else False if container.exact else None
    if isinstance(container, Instance):
        answer = ev.domain.contains(ev, key, container)
        if answer is not None:
            return answer
        from scriptlint.evaluate.arguments import Arguments

        own = isinstance(container.cls, Class) and isinstance(ev.classes.member(container.cls, "__contains__"), Member)
        return (
            symbols.truth(ev, calls.call(ev, ev.attribute(container, "__contains__"), Arguments([key], {})))
            if own
            else None
        )
    if not isinstance(container, Items):
        return None
    answers = [equals(ev, key, ev.resolved(one)) for one in container.items]
    if True in answers:
        return True
    return False if container.exact and None not in answers else None


def _is_shared(value: object) -> bool:
    """Return True for what Python keeps one object of: texts that look like names, as they are written in code, and small numbers."""
    if isinstance(value, str):
        return len(value) < 2 or (value.isascii() and value.replace("_", "a").isalnum())
    return type(value) is int and -5 <= value <= 256


def _same(ev: Evaluator, left: Value, right: Value) -> bool | None:
    none = Const(None)
    if none in (left, right):
        other = right if left == none else left
        if isinstance(other, Const):
            return other.value is None
        if isinstance(other, ExternalValue) and other.receiver is None and other.name.startswith("torch."):
            return False  # a class or function of torch
        return None if isinstance(other, (Unknown, Choice, ExternalValue, Symbol)) else False
    if isinstance(left, ClassValue) and isinstance(right, ClassValue):
        return left.symbol is right.symbol
    if isinstance(left, EnumMember) and isinstance(right, EnumMember) and left.cls is right.cls:
        return _same_member(ev, left, right)
    if isinstance(left, ExternalValue) and isinstance(right, ExternalValue):
        return left == right
    if isinstance(left, FunctionValue) and isinstance(right, FunctionValue):
        return left.function is right.function and left.bound is right.bound
    if isinstance(left, Const) and isinstance(right, Const):
        if isinstance(left.value, bool) or isinstance(right.value, bool):
            return left.value is right.value
        if type(left.value) is not type(right.value) or left.value != right.value:
            return False
        return True if _is_shared(left.value) else None
    if isinstance(left, (Items, Mapping, Instance)) and isinstance(right, (Items, Mapping, Instance)):
        return left is right
    certain = (
        Const,
        ClassValue,
        ExternalValue,
        FunctionValue,
        EnumMember,
        Instance,
        Scalar,
        PythonObject,
        Items,
        Mapping,
    )
    if isinstance(left, certain) and isinstance(right, certain) and type(left) is not type(right):
        return None if _may_be_constant(ev, left) or _may_be_constant(ev, right) else False
    return None
