"""Choosing the overload of a call."""

from __future__ import annotations

from scriptlint.torchlib.schema import Schema
from scriptlint.types.model import Type
from scriptlint.types.relations import is_subtype


def accepts_self(schema: Schema, kind: Type) -> bool:
    """Whether the schema has a `self` that takes a value of this type."""
    param = schema.param("self")
    return param is not None and is_subtype(kind, param.type)
