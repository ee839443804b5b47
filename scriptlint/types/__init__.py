"""Types: the type language of TorchScript, as its own compiler reasons in it.

model      what types there are; equal types are one object, so `is` compares them
show       how the compiler prints them, in its two styles
parse      reading them back, from either style
relations  subtyping, unification, refinement
convert    the implicit conversions, and where each happens

One type is not TorchScript's: `Unknown`. It stands for what could not be seen, takes part in every relation without
objecting, and must never be the reason of a finding.
"""

from __future__ import annotations

from scriptlint.types.convert import accepts, convert
from scriptlint.types.model import (
    ANY,
    BOOL,
    COMPLEX,
    DEVICE,
    FLOAT,
    GENERATOR,
    INFERRED_TENSOR,
    INT,
    NONE,
    NUMBER,
    STRING,
    TENSOR,
    Await,
    Class,
    Dict,
    Enum,
    Function,
    Future,
    Interface,
    List,
    Optional,
    Primitive,
    RRef,
    Tensor,
    Tuple,
    Type,
    Union,
    Unknown,
    Var,
    make_optional,
    make_union,
)
from scriptlint.types.parse import parse_annotation, parse_schema_type
from scriptlint.types.relations import is_subtype, unify, unify_all
from scriptlint.types.show import show, show_schema

__all__ = [
    "ANY",
    "BOOL",
    "COMPLEX",
    "DEVICE",
    "FLOAT",
    "GENERATOR",
    "INFERRED_TENSOR",
    "INT",
    "NONE",
    "NUMBER",
    "STRING",
    "TENSOR",
    "Await",
    "Class",
    "Dict",
    "Enum",
    "Function",
    "Future",
    "Interface",
    "List",
    "Optional",
    "Primitive",
    "RRef",
    "Tensor",
    "Tuple",
    "Type",
    "Union",
    "Unknown",
    "Var",
    "accepts",
    "convert",
    "is_subtype",
    "make_optional",
    "make_union",
    "parse_annotation",
    "parse_schema_type",
    "show",
    "show_schema",
    "unify",
    "unify_all",
]
