"""Modules of torch.nn: the types of their attributes and the signatures of their methods, by how they were constructed.

The library knows one instance of each class and what other constructor arguments would change about it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scriptlint.instances.values import Const, Foreign, Instance, Items, Unknown, Value
from scriptlint.script.infer.values import Typed
from scriptlint.syntax import nodes as n
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


def has_member(library: Library, dotted: str, name: str) -> bool:
    """Whether a class of torch, or a base of it, has a method or property of that name."""
    known = library.module(dotted)
    if known is None:
        return True  # not known to lack it
    bases = [known, *(one for base in known.mro if (one := library.module(base)) is not None)]
    return any(name in one.members for one in bases)


def attribute(library: Library, instance: Instance, name: str) -> Typed | None:
    """An attribute that torch's own constructor sets; None where it sets no such attribute."""
    known = record(library, instance)
    if known is None or instance.foreign is None:
        return None
    held = known.held.get(name)
    for variant in known.variants:
        if name in variant.held:
            chosen = _is_given(known, instance.foreign, variant.argument, variant.value)
            if chosen is None:
                return Typed(UnknownType(f"`{name}`, which depends on `{variant.argument}`"))
            if chosen:
                held = variant.held[name]
    if held is None:
        return None
    return Typed(_type(held), literal=_constant(known, instance.foreign, name) if name in known.constants else None)


def _constant(known: NNModule, foreign: Foreign, name: str) -> n.Constant | None:
    """The literal that a constant attribute is, where the constructor argument of its name says it."""
    given = _given(known, foreign, name)
    if isinstance(given, Const) and isinstance(given.value, bool):
        return n.Constant(0, 0, "bool", given.value)
    text = known.held[name].value if name in known.held else None
    return n.Constant(0, 0, "bool", text == "True") if given is None and text in ("True", "False") else None


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
    value = _given(known, foreign, argument)
    return False if value is None else _equals(value, wanted)


def _given(known: NNModule, foreign: Foreign, argument: str) -> Value | None:
    """What a constructor argument was given, by keyword or by place."""
    value = foreign.keywords.get(argument)
    names = [one.name for one in known.init or () if one.kind not in ("VAR_POSITIONAL", "VAR_KEYWORD")]
    if value is None and argument in names and names.index(argument) < len(foreign.arguments):
        return foreign.arguments[names.index(argument)]
    return value


def _refuses_ints(known: NNModule, argument: str) -> bool:
    """Whether the class was refused with every int that was tried for an argument whose default is a float."""
    default = next((one.default for one in known.init or () if one.name == argument), None)
    tried = [one for one in known.variants if one.argument == argument and one.value in ("0", "1")]
    is_float = default is not None and ("." in default or "e-" in default)
    return is_float and bool(tried) and all(isinstance(one.script, str) for one in tried)


def refused(library: Library, instance: Instance) -> str | None:
    """Why the compiler refuses a module of torch that was constructed like this; None where it does not, or nobody knows."""
    known = record(library, instance)
    if known is None or instance.foreign is None:
        return None
    for variant in known.variants:
        if isinstance(variant.script, str) and "INTERNAL ASSERT" not in variant.script:
            if _is_given(known, instance.foreign, variant.argument, variant.value):
                return f"`{variant.argument}={variant.value}`"
    for parameter in known.init or ():
        given = _given(known, instance.foreign, parameter.name)
        if isinstance(given, Const) and type(given.value) is int and _refuses_ints(known, parameter.name):
            return f"`{parameter.name}={given.value}`, an int where a float is wanted"
    if isinstance(known.script, str) and not known.built and "INTERNAL ASSERT" not in known.script:
        return "however it is constructed"
    return None


def _equals(value: Value, wanted: str) -> bool | None:
    if isinstance(value, Const):
        return repr(value.value) == wanted
    if isinstance(value, Items):
        return None if wanted.startswith(("(", "[")) else False
    return None if isinstance(value, Unknown) else False
