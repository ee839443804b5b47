"""Printing types as the compiler prints them.

Twins: `repr_str`/`annotation_str` (the style of annotations, used in almost every message) and `str` (the style of
schemas) of each class in aten/src/ATen/core/jit_type.h and type.cpp.
"""

from __future__ import annotations

import re

from scriptlint.types.model import (
    NUMBERS,
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
)


def plain(text: str) -> str:
    """Return a text without the marks that types have in the compiler's own messages: `Tensor (inferred)`, `Enum<m.Color>`.

    A part of a type that is not known is printed as `...`.
    """
    text = re.sub(r"(?<=[\[ ])Unknown(?=[],])", "...", text)
    return re.sub(r"Enum<(?:[^<>]*\.)?(\w+)>", r"\1", text.replace("Tensor (inferred)", "Tensor"))


def show(kind: Type) -> str:
    """Return the annotation style: `Optional[List[int]]`; an assumed tensor is `Tensor (inferred)`."""
    match kind:
        case Tensor(inferred):
            return "Tensor (inferred)" if inferred else "Tensor"
        case Primitive(name) | Var(name):
            return name
        case Class(name) | Interface(name) | Function(name):
            return name
        case Enum(name):
            return f"Enum<{name}>"
        case List(element):
            return f"List[{show(element)}]"
        case Dict(key, value):
            return f"Dict[{show(key)}, {show(value)}]"
        case Optional(element):
            return f"Optional[{show(element)}]"
        case Union(members):
            return _union(members, [show(member) for member in members], "number", "[]")
        case Tuple(elements, qualified=name):
            return name or f"Tuple[{', '.join(map(show, elements)) or '()'}]"
        case Future(element):
            return f"Future[{show(element)}]"
        case RRef(element):
            return f"RRef[{show(element)}]"
        case Await(element):
            return f"Await[{show(element)}]"
        case _:
            return "Unknown"


def show_schema(kind: Type) -> str:
    """Return the schema style: `int[]?`."""
    match kind:
        case Tensor():
            return "Tensor"
        case Primitive(name="number"):
            return "Scalar"
        case List(element):
            return f"{show_schema(element)}[]"
        case Dict(key, value):
            return f"Dict({show_schema(key)}, {show_schema(value)})"
        case Optional(element):
            return f"{show_schema(element)}?"
        case Union(members):
            return _union(members, [show_schema(member) for member in members], "Scalar", "()")
        case Tuple(elements, qualified=name):
            return name or f"({', '.join(map(show_schema, elements))})"
        case Future(element):
            return f"Future({show_schema(element)})"
        case RRef(element):
            return f"RRef({show_schema(element)})"
        case Await(element):
            return f"Await({show_schema(element)})"
        case Unknown():
            return "Unknown"
        case _:
            return show(kind)


def _union(members: tuple[Type, ...], shown: list[str], number: str, brackets: str) -> str:
    """UnionType::unionStr: int, float and complex together are printed last as one, leaving the first comma behind."""
    numeric = all(kind in members for kind in NUMBERS)
    text = ""
    comma = False
    for index, (member, word) in enumerate(zip(members, shown, strict=True)):
        if numeric and member in NUMBERS:
            continue
        if index > 0:
            text += ", "
            comma = True
        text += word
    if numeric:
        text += (", " if comma else "") + number
    return f"Union{brackets[0]}{text}{brackets[1]}"
