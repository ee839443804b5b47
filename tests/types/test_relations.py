"""The relations of types: their laws, and agreement with the compiler's own."""

from __future__ import annotations

import pickle
import random

import pytest
from hypothesis import given, settings

from scriptlint.types import (
    ANY,
    BOOL,
    FLOAT,
    INT,
    NONE,
    NUMBER,
    STRING,
    TENSOR,
    Class,
    List,
    Tuple,
    Type,
    Union,
    Unknown,
    is_subtype,
    make_optional,
    make_union,
    parse_annotation,
    parse_schema_type,
    show,
    show_schema,
    unify,
    unify_all,
)
from scriptlint.types.model import NUMBERS
from scriptlint.types.relations import may_be_none, narrow, subtract, without_none
from tests.types.torch_types import to_torch
from tests.types.type_strategies import types


@given(types)
def test_subtyping_is_reflexive(kind: Type) -> None:
    assert is_subtype(kind, kind)


def has_number_among_others(kind: Type) -> bool:
    """A union that the compiler itself prints as something that nobody can read back (`Union[Tensornumber]`)."""
    numeric = isinstance(kind, Union) and all(number in kind.members for number in NUMBERS)
    return numeric or any(map(has_number_among_others, kind.contained))


@given(types)
def test_print_then_parse_is_identity(kind: Type) -> None:
    if not has_number_among_others(kind):
        assert parse_schema_type(show_schema(kind)) is kind
        assert parse_annotation(show(kind)) is kind


@given(types, types)
def test_unification_is_an_upper_bound(left: Type, right: Type) -> None:
    unified = unify(left, right)
    if unified is not None and not isinstance(left, Tuple) and not isinstance(right, Tuple):
        assert is_subtype(left, unified) or is_subtype(right, unified)


@given(types)
def test_unknown_objects_to_nothing(kind: Type) -> None:
    unknown = Unknown("test")
    assert is_subtype(unknown, kind)
    assert is_subtype(kind, unknown)
    assert is_subtype(List(unknown), List(kind))
    assert unify(unknown, kind) is not None


@given(types)
def test_types_survive_pickling_as_themselves(kind: Type) -> None:
    assert pickle.loads(pickle.dumps(kind)) is kind


def sample(count: int, seed: int) -> list[Type]:
    """Types as hypothesis draws them, but the same every time and as many as wanted."""
    chosen: list[Type] = []

    @settings(max_examples=count, deadline=None, derandomize=True, database=None)
    @given(types)
    def draw(kind: Type) -> None:
        chosen.append(kind)

    draw()
    random.Random(seed).shuffle(chosen)
    return list(dict.fromkeys(chosen))


@pytest.fixture(scope="module")
def some_types() -> list[Type]:
    return sample(400, seed=1)[:220]


def test_printing_is_the_compilers(some_types: list[Type]) -> None:
    for kind in some_types:
        theirs = to_torch(kind)
        assert show(kind) == theirs.annotation_str
        if "Future" not in show(kind):  # Python shows futures in a third style
            assert show_schema(kind) == theirs.str()


def test_subtyping_is_the_compilers(some_types: list[Type]) -> None:
    theirs = {kind: to_torch(kind) for kind in some_types}
    wrong = [
        (show(left), show(right))
        for left in some_types
        for right in some_types
        if is_subtype(left, right) != theirs[left].isSubtypeOf(theirs[right])
    ]
    assert not wrong, (len(wrong), wrong[:20])


def test_unification_is_the_compilers(some_types: list[Type]) -> None:
    from torch._C import unify_type_list

    wrong = []
    theirs = {kind: to_torch(kind) for kind in some_types}
    for left in some_types:
        for right in some_types:
            try:
                expected = unify_type_list([theirs[left], theirs[right]]).annotation_str
            except RuntimeError as error:
                if "INTERNAL ASSERT" in str(error):
                    continue
                expected = None
            unified = unify(left, right)
            ours = None if unified is None else show(unified)
            if ours != expected:
                wrong.append((show(left), show(right), ours, expected))
    assert not wrong, (len(wrong), wrong[:20])


def test_transitivity_is_the_compilers_own(some_types: list[Type]) -> None:
    """Subtyping is transitive for us exactly as far as it is for the compiler (see the two tests above)."""
    chosen = some_types[:60]
    for left in chosen:
        for middle in chosen:
            if is_subtype(left, middle):
                for right in chosen:
                    if is_subtype(middle, right):
                        assert is_subtype(left, right), (show(left), show(middle), show(right))


def test_unification_commutes(some_types: list[Type]) -> None:
    for left in some_types:
        for right in some_types:
            one, other = unify(left, right), unify(right, left)
            if one is not other:  # the compiler takes the second of two types that are subtypes of each other
                assert one is not None
                assert other is not None
                assert is_subtype(one, other)
                assert is_subtype(other, one)


def test_refinement() -> None:
    both = make_union((INT, STRING, NONE))
    assert without_none(both) is make_union((INT, STRING))
    assert without_none(make_optional(INT)) is INT
    assert narrow(both, (INT,)) is INT
    assert subtract(both, (INT,)) is make_optional(STRING)
    assert narrow(TENSOR, (INT,)) is None
    assert narrow(ANY, (INT, FLOAT)) is make_union((INT, FLOAT))
    assert narrow(BOOL, (INT,)) is None
    assert [may_be_none(kind) for kind in (INT, NONE, both, ANY)] == [False, True, None, None]
    assert unify_all((INT, FLOAT)) is None
    assert unify_all((INT, FLOAT), default_to_union=True) is make_union((INT, FLOAT))


def test_one_object_per_type() -> None:
    assert List(INT) is List(INT)
    assert Tuple((INT, FLOAT)) is not Tuple((FLOAT, INT))
    assert make_optional(make_optional(INT)) is make_optional(INT)
    assert make_union((INT, FLOAT, parse_annotation("complex"))) is NUMBER
    assert Class("__torch__.A") is Class("__torch__.A")
