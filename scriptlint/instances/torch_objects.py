"""What the constructors of torch's own modules leave on an object, by how they were called.

The library knows one instance of each class and what other constructor arguments would change about it.
"""

from __future__ import annotations

import ast
import re
from functools import cache

from scriptlint.evaluate.values import Choice, Const, Foreign, Instance, Items, Some, TensorValue, Unknown, Value
from scriptlint.program.classes import OF_MODULE
from scriptlint.torchlib.library import Library
from scriptlint.torchlib.records import Held, NNModule

_CONSTANTS = {"int": int, "float": float, "bool": bool, "str": str}


def record(library: Library, instance: Instance) -> NNModule | None:
    """Return what the library knows of the torch class that an instance is, or whose constructor made it."""
    return None if instance.foreign is None else library.module(instance.foreign.name)


def held(library: Library, instance: Instance, name: str) -> Held | Unknown | None:
    """Return an attribute that torch's own constructor sets; None where it sets no such attribute."""
    known = record(library, instance)
    if known is None or instance.foreign is None:
        return None
    found = known.held.get(name)
    own = given(known, instance.foreign, name)
    for variant in known.variants:
        if name in variant.held and (own is None or variant.argument == name):
            argued = given(known, instance.foreign, variant.argument)
            shaped = _of_shape(found, variant.held[name], variant.value, argued)
            if shaped is not None:
                found = shaped
                continue
            chosen = is_given(known, instance.foreign, variant.argument, variant.value)
            if chosen is None:
                return Unknown(f"`{name}`, which depends on `{variant.argument}`")
            if chosen:
                found = variant.held[name]
    return found


def has_attribute(library: Library, instance: Instance, name: str) -> bool | None:
    """Return whether a layer of torch.nn has an attribute, set by its constructor or of its class; None where that is unknown."""
    known = record(library, instance)
    in_torch_nn = instance.foreign is not None and instance.foreign.name.startswith("torch.nn.")
    if known is None or not in_torch_nn or name in OF_MODULE:
        return None
    found = held(library, instance, name)
    if found is not None:
        return True if isinstance(found, Held) else None
    if has_member(library, known, name):
        return True
    hinted = name in known.annotations or name in known.constants or any(name in one.held for one in known.variants)
    hinted = hinted or re.sub(r"\d+", "0", name) in known.held  # one of a row whose length an argument decides
    return None if hinted or name.startswith("__") else False


def has_member(library: Library, known: NNModule, name: str) -> bool:
    """Return True if a class of torch, or a base of it, has a method or property of that name."""
    bases = (one for base in known.mro if (one := library.module(base)) is not None)
    return name in known.members or any(name in one.members for one in bases)


def _of_shape(plain: Held | None, tried: Held | None, value: str, argued: Value | None) -> Held | None:
    """Return what a tuple of ints of any length leaves where another one was tried, and kept as it was.

    A list is made a tuple by constructors that make one of a number too.
    """
    if tried is None or tried.value != value or not value.startswith("("):
        return None
    if not isinstance(argued, Items) or not argued.exact or argued.kind not in ("list", "tuple"):
        return None
    makes_tuple = plain is not None and plain.type is not None and plain.type.startswith("Tuple[")
    if (argued.kind == "list" and not makes_tuple) or not all(_is_int(one) for one in argued.items):
        return None
    return Held("attribute", f"Tuple[{', '.join(['int'] * len(argued.items))}]")


def _is_int(value: Value) -> bool:
    return value == Some("int") or (isinstance(value, Const) and type(value.value) is int)


def value(library: Library, instance: Instance, name: str) -> Value | None:
    """Return the value of such an attribute; None where torch's constructor sets none."""
    known, found = record(library, instance), held(library, instance, name)
    if not isinstance(found, Held):
        return found
    if found.kind in ("parameter", "buffer"):
        return Const(None) if found.type == "NoneType" else TensorValue(found.kind)
    if found.kind != "attribute" or found.type is None or known is None or instance.foreign is None:
        return Unknown(f"`{name}` of `{instance.class_name}`")
    return _of_attribute(known, instance.foreign, name, found.type) or Unknown(f"`{name}` of `{instance.class_name}`")


def _of_attribute(known: NNModule, foreign: Foreign, name: str, kind: str) -> Value | None:
    """torch's constructors keep an argument under its own name; where a tuple is kept, a number may have been given."""
    argument = given(known, foreign, name)
    default = next((one.default for one in known.init or () if one.name == name), None)
    if argument is None and default is not None:
        argument = _literal(default)
    if kind in _CONSTANTS:
        fits = isinstance(argument, Const) and type(argument.value) is _CONSTANTS[kind]
        return argument if fits else Some(kind)
    if kind.startswith("Tuple[") and set(kind[6:-1].split(", ")) == {"int"}:
        count = kind.count("int")
        if isinstance(argument, Items) and argument.exact and len(argument.items) == count:
            return Items("tuple", list(argument.items))
        one = argument if isinstance(argument, Const) and type(argument.value) is int else Some("int")
        return Items("tuple", [one] * count)
    return None


@cache
def _literal(text: str) -> Value | None:
    try:
        constant = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return None
    return Const(constant) if isinstance(constant, (bool, int, float, str)) else None


def is_given(known: NNModule, foreign: Foreign, argument: str, wanted: str) -> bool | None:
    """Return whether a constructor argument has a value that matters (`wanted` is its repr); None if that is unknown."""
    argued = given(known, foreign, argument)
    return False if argued is None else _equals(argued, wanted)


def given(known: NNModule, foreign: Foreign, argument: str) -> Value | None:
    """Return what a constructor argument was given, by keyword or by place; None where it was left to its default."""
    if argument in foreign.keywords:
        return foreign.keywords[argument]
    placed = (one.name for one in known.init or () if one.kind not in ("VAR_POSITIONAL", "VAR_KEYWORD"))
    return next((value for name, value in zip(placed, foreign.arguments, strict=False) if name == argument), None)


def _equals(argued: Value, wanted: str) -> bool | None:
    if isinstance(argued, Const):
        return repr(argued.value) == wanted
    if isinstance(argued, Items):
        return None if wanted.startswith(("(", "[")) else False
    if isinstance(argued, Some):
        literal = _literal(wanted)
        other = isinstance(literal, Const) and type(literal.value).__name__ != argued.kind
        return False if other or wanted == "None" or wanted.startswith(("(", "[")) else None
    return None if isinstance(argued, (Unknown, Choice)) else False
