"""Modules of torch.nn: the types of their attributes and the signatures of their methods, by how they were constructed.

The library knows one instance of each class and what other constructor arguments would change about it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scriptlint.instances.values import Const, Foreign, Instance, Items, Unknown, Value
from scriptlint.torchlib.records import Held, NNModule
from scriptlint.torchlib.schema import Schema
from scriptlint.types.model import NONE, TENSOR, Type
from scriptlint.types.model import Unknown as UnknownType
from scriptlint.types.parse import TypeSyntaxError, parse_annotation

if TYPE_CHECKING:
    from scriptlint.torchlib.library import Library


def record(library: Library, instance: Instance) -> NNModule | None:
    """What the library knows of the torch class that an instance is, or whose constructor made it."""
    return None if instance.foreign is None else library.module(instance.foreign.name)


def attribute(library: Library, instance: Instance, name: str) -> Type | None:
    """The type of an attribute that torch's own constructor sets; None where it sets no such attribute."""
    known = record(library, instance)
    if known is None or instance.foreign is None:
        return None
    held = known.held.get(name)
    for variant in known.variants:
        if name in variant.held:
            chosen = _is_given(known, instance.foreign, variant.argument, variant.value)
            if chosen is None:
                return UnknownType(f"`{name}`, which depends on `{variant.argument}`")
            if chosen:
                held = variant.held[name]
    return None if held is None else _type(held)


def _type(held: Held) -> Type:
    if held.kind in ("parameter", "buffer"):
        return NONE if held.type == "NoneType" else TENSOR
    if held.type is None:
        return UnknownType("an attribute that is not converted")
    try:
        return parse_annotation(held.type)
    except TypeSyntaxError:
        return UnknownType(held.type)


def methods(library: Library, instance: Instance, name: str) -> list[Schema] | None:
    """The signatures of a method without `self`, in overload order; None where they are not known."""
    known = record(library, instance)
    if known is None or instance.foreign is None:
        return None
    texts = dict(known.methods)
    for variant in known.variants:
        if variant.methods or variant.script:
            chosen = _is_given(known, instance.foreign, variant.argument, variant.value)
            if chosen is None:
                return None
            if chosen:
                texts.update({key: text for key, text in variant.methods.items() if text is not None})
    found = [texts[key] for key in sorted(texts) if key == name or key.startswith(f"{name}__")]
    return [Schema(text, python=True).without_self() for text in found] or None


def _is_given(known: NNModule, foreign: Foreign, argument: str, wanted: str) -> bool | None:
    """Whether a constructor argument has a value that matters; None if that is unknown."""
    value = foreign.keywords.get(argument)
    if value is None:
        names = [one.name for one in known.init or () if one.kind not in ("VAR_POSITIONAL", "VAR_KEYWORD")]
        if argument in names and names.index(argument) < len(foreign.arguments):
            value = foreign.arguments[names.index(argument)]
    return False if value is None else _equals(value, wanted)


def _equals(value: Value, wanted: str) -> bool | None:
    if isinstance(value, Const):
        return repr(value.value) == wanted
    if isinstance(value, Items):
        return None if wanted.startswith(("(", "[")) else False
    return None if isinstance(value, Unknown) else False
