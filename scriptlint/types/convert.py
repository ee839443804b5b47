"""Implicit conversions: what the compiler inserts so that a value fits the type that is wanted.

Twin: torch/csrc/jit/frontend/schema_matching.cpp, tryConvertToType. They happen where a call passes an argument (once no
overload matched without them), where a function with a return annotation returns, and where a variable of an outer block is
assigned in an inner one. An annotated assignment converts nothing.
"""

from __future__ import annotations

from scriptlint.types.model import (
    BOOL,
    COMPLEX,
    DEVICE,
    FLOAT,
    INT,
    NONE,
    NUMBER,
    STRING,
    List,
    Optional,
    Tensor,
    Tuple,
    Type,
)
from scriptlint.types.relations import is_subtype

# What a number that is only known to be one, a tensor, and a bool turn into.
FROM_TENSOR = (FLOAT, COMPLEX, INT, NUMBER)
FROM_NUMBER = (FLOAT, COMPLEX, INT)
FROM_BOOL = {FLOAT: FLOAT, INT: INT, NUMBER: INT}


def convert(actual: Type, wanted: Type, implicit: bool = True, empty_list: bool = False) -> Type:
    """Return the type that a value of type `actual` has after everything was done to make it a `wanted`.

    The value fits if the result is a subtype of `wanted`. Without `implicit` only the structure changes: tuples become
    lists, and the literal `[]` (`empty_list`) becomes a list of whatever is wanted.
    """
    if isinstance(wanted, Optional) and not isinstance(actual, Optional) and actual is not NONE:
        return convert(actual, wanted.element, implicit, empty_list)
    if empty_list and isinstance(wanted, List):
        return wanted
    value = actual
    if isinstance(value, Tuple):
        if converts_to_list(value, unwrap_optional(wanted)):
            value = unwrap_optional(wanted)
        if (
            isinstance(wanted, Tuple)
            and isinstance(value, Tuple)
            and not is_subtype(value, wanted)
            and len(wanted.elements) == len(value.elements)
        ):
            pairs = zip(value.elements, wanted.elements, strict=True)
            value = Tuple(tuple(convert(one, other, implicit) for one, other in pairs))
    if implicit:
        if isinstance(value, Tensor) and wanted in FROM_TENSOR:
            return wanted
        if value is NUMBER and wanted in FROM_NUMBER:
            return wanted
        if value is BOOL and wanted in FROM_BOOL:
            return FROM_BOOL[wanted]
        if value is STRING and wanted is DEVICE:
            return DEVICE
    return value


def accepts(wanted: Type, actual: Type, implicit: bool = True, empty_list: bool = False) -> bool:
    """Return True if a value of type `actual` can be given where `wanted` is wanted."""
    return is_subtype(convert(actual, wanted, implicit, empty_list), wanted)


def unwrap_optional(kind: Type) -> Type:
    """Return the element of an Optional, else the type itself."""
    return kind.element if isinstance(kind, Optional) else kind


def converts_to_list(actual: Type, wanted: Type) -> bool:
    """Return True if it is a tuple whose elements all fit the list's, or fits the list as it is (convertibleToList)."""
    if not isinstance(wanted, List):
        return False
    if is_subtype(actual, wanted):
        return True
    return isinstance(actual, Tuple) and all(is_subtype(element, wanted.element) for element in actual.elements)
