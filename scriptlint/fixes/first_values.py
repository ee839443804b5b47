"""First values of variables and attributes that code sets later: of their type, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping

from scriptlint.fixes.imports import Speller
from scriptlint.types.model import BOOL, FLOAT, INT, STRING, Tensor, Tuple, Type

_PLAIN: Mapping[Type, str] = {BOOL: "False", INT: "0", FLOAT: "0.0", STRING: '""'}


def first_value(kind: Type, spell: Speller) -> str | None:
    """Return a value of a type as code, None for types whose values are not that short."""
    if isinstance(kind, Tensor):
        called = spell("torch.empty")
        return None if called is None else f"{called}(0)"
    if isinstance(kind, Tuple) and kind.names is None and len(kind.elements) > 1:
        parts = [first_value(one, spell) for one in kind.elements]
        return None if None in parts else f"({', '.join(filter(None, parts))})"
    return _PLAIN.get(kind)
