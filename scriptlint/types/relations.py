"""How types relate: which is a subtype of which, what two types have in common, what a check leaves of a union.

Twins: aten/src/ATen/core/type.cpp (unifyTypes, isSubtypeOfExt), union_type.cpp, jit_type.h; refinement as in
torch/csrc/jit/frontend/ir_emitter.cpp (CondValue, emitIsInstance).
"""

from __future__ import annotations

import functools
from collections.abc import Iterable

from scriptlint.types.model import (
    ANY,
    ANY_CLASS,
    ANY_ENUM,
    ANY_LIST,
    ANY_TUPLE,
    NONE,
    NUMBER,
    NUMBERS,
    Await,
    Class,
    Enum,
    Future,
    Interface,
    List,
    Optional,
    RRef,
    Tuple,
    Type,
    Union,
    Unknown,
    has_unknown,
    make_optional,
    make_union,
    plain,
)


def is_same(left: Type, right: Type) -> bool:
    """Type equality; an Unknown, or what holds one, equals whatever has its shape."""
    left, right = plain(left), plain(right)
    if left is right or isinstance(left, Unknown) or isinstance(right, Unknown):
        return True
    if has_unknown(left) or has_unknown(right):
        inner = zip(left.contained, right.contained, strict=False)
        return (
            type(left) is type(right)
            and len(left.contained) == len(right.contained) > 0
            and all(is_same(one, other) for one, other in inner)
        )
    return False


@functools.lru_cache(maxsize=65536)
def is_subtype(left: Type, right: Type) -> bool:
    """Return True if a value of type `left` is accepted for `right` without conversion, as Type::isSubtypeOf.

    bool is not int and nothing converts here; lists and dicts are invariant, tuples covariant. A class is taken to
    implement every interface: whether it does is for those to say who know its methods.
    """
    left, right = plain(left), plain(right)
    if right is ANY or is_same(left, right):
        return True
    match left:
        case Union(members):
            wanted = _alternatives(right)
            return all(any(is_subtype(member, one) for one in wanted) for member in members)
        case Optional(element):
            match right:
                case Optional(other):
                    return is_subtype(element, other)
                case Union():
                    return can_hold(right, NONE) and is_subtype(element, right)
                case _:
                    return False
        case List():
            if right is ANY_LIST:
                return True
        case Tuple():
            if right is ANY_TUPLE:
                return True
            if isinstance(right, Tuple):
                return _is_subtuple(left, right)
        case Enum():
            if right is ANY_ENUM:
                return True
        case Class():
            if right is ANY_CLASS or isinstance(right, Interface):
                return True
            if isinstance(right, Class) and left.is_module and right.is_module:
                return True  # two modules of one class may have one type or two
        case Interface():
            if isinstance(right, Interface):
                return left.is_module == right.is_module
        case Future(element):
            if isinstance(right, Future):
                return is_subtype(element, right.element)
        case RRef(element):
            if isinstance(right, RRef):
                return is_subtype(element, right.element)
        case Await(element):
            if isinstance(right, Await):
                return is_subtype(element, right.element)
        case _ if left in NUMBERS and right is NUMBER:
            return True
    match right:
        case Optional(element):
            return left is NONE or is_subtype(left, element)
        case Union(members):
            return any(is_subtype(left, member) for member in members) or (
                left is NUMBER and all(number in members for number in NUMBERS)
            )
    return False


def _alternatives(kind: Type) -> tuple[Type, ...]:
    """Return what a union must fit into, as UnionType::isSubtypeOfExt spreads its right side: one level, numbers apart."""
    match kind:
        case Union(members):
            return members
        case Optional(element):
            return (NONE, *(NUMBERS if element is NUMBER else (element,)))
    return NUMBERS if kind is NUMBER else (kind,)


def _is_subtuple(left: Tuple, right: Tuple) -> bool:
    """A NamedTuple fits a tuple of its shape, a tuple no NamedTuple; between two of them the field names must agree."""
    if right.names is not None and left.names != right.names:
        return False
    return len(left.elements) == len(right.elements) and all(
        is_subtype(one, other) for one, other in zip(left.elements, right.elements, strict=True)
    )


def can_hold(union: Type, kind: Type) -> bool:
    """Return True if some member of `union` (or the type itself) takes a value of type `kind`."""
    match union:
        case Optional(element):
            return kind is NONE or can_hold(element, kind)
        case Union(members):
            if kind is NUMBER:
                return all(can_hold(union, number) for number in NUMBERS)
            return any(is_subtype(kind, member) for member in members)
    return is_subtype(kind, union)


def unify(left: Type, right: Type) -> Type | None:
    """Return the common type of two values, as unifyTypes: None when there is none.

    Only subtyping, None, Optional, tuples and futures are looked into, lists and dicts are not: int and float have nothing in common. An
    Unknown side gives Unknown, save beside Any.
    """
    left, right = plain(left), plain(right)
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return ANY if ANY in (left, right) else left if isinstance(left, Unknown) else right
    if is_subtype(left, right):
        return left if has_unknown(right) and not has_unknown(left) else right
    if is_subtype(right, left):
        return left
    if left is NONE:
        return make_optional(right)
    if right is NONE:
        return make_optional(left)
    if isinstance(left, Optional):
        element = unify(left.element, right)
        if element is not None:
            return make_optional(element)
    elif isinstance(right, Optional):
        element = unify(right.element, left)
        if element is not None:
            return make_optional(element)
    match left, right:
        case Tuple(ours), Tuple(theirs):
            if len(ours) != len(theirs):
                return None
            unified = [unify(one, other) for one, other in zip(ours, theirs, strict=True)]
            elements = tuple(kind for kind in unified if kind is not None)
            return Tuple(elements) if len(elements) == len(unified) else None
        case Future(one), Future(other):
            element = unify(one, other)
            return None if element is None else Future(element)
    return None


def unify_all(kinds: Iterable[Type], default_to_union: bool = False) -> Type | None:
    """Return the common type of several values, taken from the left, as unifyTypeList; None when there is none, or no value.

    With `default_to_union`, types that have nothing in common make a Union, as for the elements of a list literal.
    """
    result: Type | None = None
    for kind in kinds:
        if result is None:
            result = kind
            continue
        unified = unify(result, kind)
        if unified is None:
            if not default_to_union:
                return None
            unified = make_union((result, kind))
        result = unified
    return result


def without_none(kind: Type) -> Type:
    """Return what `x is not None` leaves of a type: the type itself where it cannot be None."""
    match kind:
        case Optional(element):
            return element
        case Union(members):
            return make_union(tuple(member for member in members if member is not NONE))
    return kind


def may_be_none(kind: Type) -> bool | None:
    """Return whether a value of the type is None: yes, no, or (None) known only at run time."""
    match kind:
        case Optional() | Unknown():
            return None
        case Union(members):
            return None if NONE in members else False
    if kind is NONE:
        return True
    return None if kind is ANY else False


def members_of(kind: Type) -> tuple[Type, ...]:
    """Return the types a value of this type may have: those of a union or an Optional, else itself."""
    match kind:
        case Optional(element):
            return (*members_of(element), NONE)
        case Union(members):
            return members
    return NUMBERS if kind is NUMBER else (kind,)


def narrow(kind: Type, wanted: Iterable[Type]) -> Type | None:
    """Return what `isinstance(x, wanted)` leaves where it holds; None if nothing can be left."""
    wanted = tuple(wanted)
    if kind is ANY or isinstance(kind, Unknown):
        return make_union(wanted) if wanted else None
    kept = tuple(member for member in members_of(kind) if any(is_subtype(member, one) for one in wanted))
    return make_union(kept) if kept else None


def subtract(kind: Type, unwanted: Iterable[Type]) -> Type | None:
    """Return what `isinstance(x, unwanted)` leaves where it does not hold; None if nothing is left."""
    unwanted = tuple(unwanted)
    if kind is ANY or isinstance(kind, Unknown):
        return kind
    kept = tuple(member for member in members_of(kind) if not any(is_subtype(member, one) for one in unwanted))
    return make_union(kept) if kept else None
