"""Modules of torch.nn: the types of their attributes and the signatures of their methods, by how they were constructed."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from scriptlint.evaluate.values import Choice, Const, Foreign, Instance, Items, TensorValue, Unknown
from scriptlint.instances import torch_objects
from scriptlint.script.infer.values import Typed
from scriptlint.syntax import nodes as n
from scriptlint.torchlib.records import Held, NNModule, Variant
from scriptlint.torchlib.schema import Schema
from scriptlint.types.model import NONE, TENSOR, Type, make_optional
from scriptlint.types.model import Unknown as UnknownType
from scriptlint.types.parse import TypeSyntaxError, parse_annotation

if TYPE_CHECKING:
    from scriptlint.torchlib.library import Library

_DEEPEST = 8


# Of the methods that nn.Module gives to every module only these compile (or are unrolled by the compiler); and the one
# of a layer that people call in their forward, a set comprehension, does not.
_COMPILED = frozenset("children extra_repr get_extra_state modules named_buffers named_children named_modules".split())
_REFUSED = frozenset({"flatten_parameters"})


def is_refused_method(library: Library, instance: Instance, name: str) -> bool:
    """Return True if a method that a module has from torch is one that the compiler refuses, whatever it is given."""
    known = torch_objects.record(library, instance)
    if (
        known is not None
        and name in _REFUSED
        and has_member(library, instance.foreign.name if instance.foreign else "", name)
    ):
        return True
    base = library.module("torch.nn.Module")
    own = known is not None and known is not base and name in known.members
    return base is not None and base.members.get(name) == "method" and not own and name not in (*_COMPILED, "forward")


def is_own_method(library: Library, instance: Instance, name: str) -> bool:
    """Return True if a method is one that torch's own class of an object adds to those of every module."""
    known = torch_objects.record(library, instance)
    return known is not None and not name.startswith("_") and name in known.members


def has_member(library: Library, dotted: str, name: str) -> bool:
    """Return True if a class of torch of that name may have such a method or property, itself or from a base."""
    known = library.module(dotted)
    return known is None or torch_objects.has_member(library, known, name)


def class_has_member(library: Library, dotted: str, name: str) -> bool:
    """Return True if a class of torch of that name is known to have such a method or property."""
    known = library.module(dotted)
    return known is not None and torch_objects.has_member(library, known, name)


def attribute(library: Library, instance: Instance, name: str) -> Typed | None:
    """Return an attribute that torch's own constructor sets; None where it sets no such attribute."""
    known, held = torch_objects.record(library, instance), torch_objects.held(library, instance, name)
    if isinstance(held, Unknown):
        return Typed(UnknownType(held.reason))
    if held is None or known is None or instance.foreign is None:
        return None
    return Typed(_type(held), literal=_constant(known, instance.foreign, name) if name in known.constants else None)


def first_parameter(library: Library, instance: Instance, depth: int = 0) -> str | None:
    """Return the path from a module to the first of its parameters, as `.layers[0].weight`: empty where it has none, and None
    where that is not certain."""
    known = torch_objects.record(library, instance)
    if known is not None and not instance.attributes:
        own = [name for name, one in known.held.items() if one.kind == "parameter" and one.type != "NoneType"]
        return f".{own[0]}" if own else "" if known.held else None
    if instance.open or depth > _DEEPEST:
        return None
    below = []
    for name, options in instance.attributes.items():
        if len(options) != 1 or options[0].when is not None:
            return None
        value = options[0].value
        if isinstance(value, TensorValue) and value.kind == "parameter":
            return f".{name}"
        if isinstance(value, Instance):
            below.append((name, value))
        elif isinstance(value, (Unknown, Choice)):
            return None
    for name, module in below:
        path = first_parameter(library, module, depth + 1)
        if path is None:
            return None
        if path:
            return (f"[{name}]" if name.isdecimal() else f".{name}") + path
    return ""


def declared(library: Library, instance: Instance, name: str) -> Type | None:
    """Return the type of an attribute that torch's class annotates as a tensor or None; the compiler believes the annotation,
    whatever the attribute holds."""
    known = torch_objects.record(library, instance)
    if known is None or name in known.constants or known.annotations.get(name) not in _OPTIONAL_TENSORS:
        return None
    return make_optional(TENSOR)


_OPTIONAL_TENSORS = ("torch.Tensor | None", "Optional[torch.Tensor]")


def _constant(known: NNModule, foreign: Foreign, name: str) -> n.Constant | None:
    """Return the literal that a constant attribute is, where the constructor argument of its name says it."""
    given = torch_objects.given(known, foreign, name)
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
    """Return the signatures of a method without `self`, in overload order; None where they are not known."""
    known = torch_objects.record(library, instance)
    if known is None or instance.foreign is None:
        return None
    texts = {**known.called, **known.methods}
    for variant in known.variants:
        if variant.methods or variant.script:
            chosen = torch_objects.is_given(known, instance.foreign, variant.argument, variant.value)
            if chosen is None and not _is_absurd(known, variant):
                return None
            if chosen:
                texts.update({key: text for key, text in variant.methods.items() if text is not None})
    found = [texts[key] for key in sorted(texts) if key == name or key.startswith(f"{name}__")]
    return [_bound(text) for text in found] or None


@cache
def _bound(text: str) -> Schema:
    """Return a signature without `self`, parsed once."""
    return Schema(text, python=True).without_self()


def _is_absurd(known: NNModule, variant: Variant) -> bool:
    """Return True if a variant is a None that nobody gives: it is refused, and is not the default."""
    default = next((one.default for one in known.init or () if one.name == variant.argument), None)
    return variant.value == "None" and default != "None" and isinstance(variant.script, str)


def _refuses_ints(known: NNModule, argument: str) -> bool:
    """Return True if the class was refused with every int that was tried for an argument whose default is no int."""
    default = next((one.default for one in known.init or () if one.name == argument), None)
    tried = [one for one in known.variants if one.argument == argument and one.value.isdecimal()]
    takes_int = default is not None and default.lstrip("-").isdecimal()
    return not takes_int and bool(tried) and all(isinstance(one.script, str) for one in tried)


def refused(library: Library, instance: Instance) -> str | None:
    """Return why the compiler refuses a module of torch that was constructed like this; None where it does not, or nobody knows."""
    known = torch_objects.record(library, instance)
    if known is None or instance.foreign is None:
        return None
    for variant in known.variants:
        if isinstance(variant.script, str) and "INTERNAL ASSERT" not in variant.script:
            if torch_objects.is_given(known, instance.foreign, variant.argument, variant.value):
                return f"with `{variant.argument}={variant.value}`"
    if has_open_size(library, instance):
        return "with None in `output_size`, where its own code wants a list of ints"
    parameter = int_for_float(library, instance)
    if parameter is not None:
        given = torch_objects.given(known, instance.foreign, parameter[0])
        return f"with `{parameter[0]}={given.value if isinstance(given, Const) else given}`, an int where a float is wanted"
    if isinstance(known.script, str):
        # One whose parameters are uninitialized is made another class when it is first called.
        if not is_lazy(library, instance) and (
            not known.built or all(one.script is not None for one in known.variants)
        ):
            return "however it is constructed"
    return None


def has_open_size(library: Library, instance: Instance) -> bool:
    """Return True if a pool was given an `output_size` with None in it, which its own code does not take."""
    known = torch_objects.record(library, instance)
    if known is None or instance.foreign is None:
        return False
    size = torch_objects.given(known, instance.foreign, "output_size")
    return isinstance(size, Items) and Const(None) in size.items and _takes_list(known)


def is_lazy(library: Library, instance: Instance) -> bool:
    """Return True if a module of torch has no shapes before it is first called."""
    known = torch_objects.record(library, instance)
    return known is not None and isinstance(known.script, str) and "uninitialized" in known.script


def takes_anything(library: Library, name: str) -> bool:
    """Return True if torch's own class has a `forward` that takes any number of arguments, which its subclasses inherit."""
    known = library.module(name)
    return known is not None and isinstance(known.script, str) and "variable number of arguments" in known.script


def _takes_list(known: NNModule) -> bool:
    """Return True if the class keeps its `output_size` as it is given, and hands it to a function that takes a list of ints."""
    return any(one.startswith("torch.nn.modules.pooling._Adaptive") for one in known.mro)


def int_for_float(library: Library, instance: Instance) -> tuple[str, int] | None:
    """Return the name and place of the constructor's parameter that was given an int where only a float scripts."""
    known = torch_objects.record(library, instance)
    if known is None or instance.foreign is None:
        return None
    for place, name in enumerate(one.name for one in known.init or ()):
        if place >= len(instance.foreign.arguments) and name not in instance.foreign.keywords:
            continue
        given = torch_objects.given(known, instance.foreign, name)
        if isinstance(given, Const) and type(given.value) is int and _refuses_ints(known, name):
            return name, place
    return None
