"""Whether the compiler can copy a value of the object into an attribute of a declared type.

Twin: toIValue of torch/csrc/jit/python/pybind_utils.cpp. What is copied is cast as C++ casts it, which is neither what a call
accepts nor what an assignment does: an int takes a bool and no float, a bool takes whatever has a truth of its own.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from scriptlint.evaluate import values as made
from scriptlint.evaluate.values import Instance, Value, flatten
from scriptlint.program.classes import Absent
from scriptlint.program.module import Class
from scriptlint.program.project import External
from scriptlint.script.infer import conversion, enums, named_tuples, script_classes
from scriptlint.types import model
from scriptlint.types.model import (
    ANY,
    BOOL,
    COMPLEX,
    DEVICE,
    FLOAT,
    INT,
    NONE,
    NUMBER,
    STRING,
    Dict,
    Enum,
    List,
    Optional,
    Tensor,
    Tuple,
    Type,
    Union,
    Unknown,
    has_unknown,
)
from scriptlint.types.relations import is_subtype

if TYPE_CHECKING:
    from scriptlint.script.infer.compiler import Compiler

# What each type takes, by the words of `_word`.
_TAKES: dict[Type, frozenset[str]] = {
    INT: frozenset({"int", "bool", "dtype", "layout", "tensor", "scalar"}),
    FLOAT: frozenset({"int", "bool", "float", "tensor", "scalar"}),
    COMPLEX: frozenset({"int", "bool", "float", "complex", "tensor", "scalar"}),
    NUMBER: frozenset({"int", "bool", "float", "complex", "dtype", "layout", "scalar"}),
    BOOL: frozenset({"enum class", "None", "int", "bool", "float", "complex", "tensor", "scalar", "range"}),
    STRING: frozenset({"str", "bytes"}),
    DEVICE: frozenset({"str", "device"}),
    NONE: frozenset({"None"}),
}
_NUMBERS = (INT, FLOAT, COMPLEX, NUMBER)
_NAMES = {type(None): "None", bool: "bool", int: "int", float: "float", str: "str"}
_DEVICE = re.compile(
    r"(cpu|cuda|mps|meta|xpu|xla|mkldnn|hip|hpu|ipu|mtia|vulkan|privateuseone|lazy|ve|fpga|maia|ort|ideep|opengl|opencl)(:\d+)?"
)


def misfit(compiler: Compiler, value: Value, kind: Type) -> str | None:
    """Return what a value is called that surely cannot be copied into an attribute of a type; None where it can, or may."""
    if isinstance(kind, Unknown) or isinstance(value, made.Unknown):
        return None
    if isinstance(value, made.Choice):
        found = [misfit(compiler, one.value, kind) for one in value.options]
        return found[0] if found and None not in found else None
    if isinstance(kind, Optional):
        return None if value == made.Const(None) else misfit(compiler, value, kind.element)
    is_object = isinstance(kind, model.Class)
    if isinstance(value, Instance) and isinstance(value.cls, Class) and _is_tuple(compiler, value.cls, is_object):
        fields = conversion.fields_of(value)
        if not fields:
            return None
        value = made.Items("tuple", list(fields))
    word = _word(compiler, value)
    if word is None:
        return None
    name = _name(compiler, value, word)
    if kind is DEVICE and isinstance(value, made.Const) and isinstance(value.value, str):
        return None if _DEVICE.fullmatch(value.value) else f"the text `{value.value}`"
    if kind in _NUMBERS and isinstance(value, made.TensorValue) and value.shape is not None:
        count = math.prod(value.shape)
        return None if count == 1 else f"a tensor of {count} elements"
    if kind in _TAKES:
        return None if word in _TAKES[kind] else name
    match kind:
        case Tensor():
            return None if word == "tensor" else name
        case List():
            return _in_list(compiler, value, word, name, kind)
        case Tuple():
            return _in_tuple(compiler, value, word, name, kind)
        case Dict():
            return _in_dict(compiler, value, word, name, kind)
        case Enum():
            return _in_enum(compiler, value, word, name, kind)
        case model.Class():
            return _in_object(compiler, value, word, name, kind)
        case Union() | _ if isinstance(kind, Union) or kind is ANY:
            return _inferred(compiler, value, name, kind)
    return None


def _is_tuple(compiler: Compiler, cls: Class, is_object: bool) -> bool:
    """Return True for a named tuple whose fields are copied one after the other, not by their names."""
    return not is_object and named_tuples.is_class(compiler, cls)


def _word(compiler: Compiler, value: Value) -> str | None:
    """Return what Python calls a value, None where that is not known."""
    match value:
        case made.Const():
            return _NAMES[type(value.value)]
        case made.Some():
            return value.kind
        case made.Scalar():
            return "scalar"
        case made.PythonObject():
            return value.kind.rpartition(".")[2]
        case made.TensorValue():
            return "tensor"
        case made.Items():
            return value.kind
        case made.Mapping():
            return "dict"
        case made.EnumMember():
            mixed = enums.mixed_in(compiler.classes, value.cls)
            return "enum" if mixed is None else str(mixed)
        case made.LambdaValue() | made.FunctionValue() | made.Partial():
            return "function"
        case made.ClassValue():
            return "enum class" if enums.is_enum(compiler.classes, value.symbol) else "class"
        case made.ExternalValue(receiver=None) if compiler.library.is_module_class(value.name):
            return "class"
        case Instance() if conversion.is_module(compiler, value):
            return "module"
        case Instance(cls=Class() as cls):
            return None if conversion.python_type(compiler, value) is not None or _is_rich(compiler, cls) else "object"
        case _:
            return None


# The methods of a class that do not make it a number, a text or a container to anyone.
_HARMLESS = frozenset(
    "__init__ __repr__ __str__ __eq__ __ne__ __hash__ __call__ __post_init__ __enter__ __exit__".split()
)


def _is_rich(compiler: Compiler, cls: Class) -> bool:
    """Return True if the objects of a class may be numbers or containers as well, by their methods or unseen bases."""
    lineage = compiler.classes.lineage(cls)
    dunders = {
        name for one in lineage.classes for name in one.functions if name.startswith("__") and name.endswith("__")
    }
    outside = [one for one in lineage.entries if isinstance(one, External) and one.name not in _PLAIN]
    return bool(lineage.unseen or outside or dunders - _HARMLESS)


_PLAIN = frozenset({"builtins.object", "abc.ABC", "typing.Generic", "typing.Protocol"})


def _name(compiler: Compiler, value: Value, word: str) -> str:
    """Return what messages call a value."""
    match value:
        case made.Const(value=None):
            return "None"
        case made.TensorValue():
            return "a tensor"
        case Instance():
            return f"an object of `{value.class_name}`"
        case made.EnumMember():
            return f"a member of `{value.cls.node.name}`"
        case made.Items(items=[]) | made.Mapping(items={}) if value.exact and not value.items:
            return f"an empty {word}"
        case made.LambdaValue():
            return "a lambda"
        case made.ClassValue():
            return f"the class `{value.symbol.node.name}`"
        case made.ExternalValue():
            return f"the class `{value.name}`"
    article = "an" if word[:1] in "aeiou" else "a"
    return f"{article} `{word}`"


def _first(compiler: Compiler, values: Iterable[Value], kind: Type) -> str | None:
    return next((found for one in values if (found := misfit(compiler, one, kind)) is not None), None)


def _in_list(compiler: Compiler, value: Value, word: str, name: str, kind: List) -> str | None:
    """Lists of numbers and tensors take any sequence, all others whatever can be looped over."""
    if word == "ndarray" or (
        word == "enum class" and (kind.element is ANY or isinstance(kind.element, (Enum, Unknown)))
    ):
        return None
    if isinstance(value, made.Items):
        if isinstance(kind.element, Tensor) and word in ("set", "range"):
            return name
        inner = _first(compiler, value.items, kind.element)
        return None if inner is None else f"a {word} that holds {inner}"
    simple = kind.element in (INT, FLOAT, BOOL) or isinstance(kind.element, Tensor)
    if simple:
        return name
    if isinstance(value, made.Mapping):
        return name if _first(compiler, map(conversion.key_value, value.items), kind.element) is not None else None
    if word in ("str", "bytes"):
        return None if kind.element in (STRING, ANY) else name
    if word == "tensor":
        return None if kind.element in _TAKES else _first(compiler, [made.TensorValue()], kind.element) and name
    return name


def _in_tuple(compiler: Compiler, value: Value, word: str, name: str, kind: Tuple) -> str | None:
    if word in ("tensor", "ndarray"):
        return None
    if isinstance(value, made.Mapping):
        value = made.Items("dict", list(map(conversion.key_value, value.items)), value.exact)
    if not isinstance(value, made.Items):
        return name
    if value.exact and (word != "set" or not kind.elements) and len(value.items) != len(kind.elements):
        return f"a {word} of {len(value.items)}"
    if not value.exact:
        return None
    pairs = zip(value.items, kind.elements, strict=False)
    inner = next((found for one, wanted in pairs if (found := misfit(compiler, one, wanted)) is not None), None)
    return None if inner is None else f"a {word} that holds {inner}"


def _in_dict(compiler: Compiler, value: Value, word: str, name: str, kind: Dict) -> str | None:
    if isinstance(value, made.Mapping):
        inner = _first(compiler, map(conversion.key_value, value.items), kind.key_type)
        if inner is not None:
            return f"a dictionary that has {inner} for a key"
        inner = _first(compiler, value.items.values(), kind.value)
        return None if inner is None else f"a dictionary that holds {inner}"
    if isinstance(value, made.Items):
        return (
            name
            if value.exact and value.items and not any(isinstance(one, made.Items) for one in value.items)
            else None
        )
    return None if word in ("OrderedDict", "defaultdict", "Counter") else name


def _in_enum(compiler: Compiler, value: Value, word: str, name: str, kind: Enum) -> str | None:
    """A member of any enum fits whose value does: only name and value are copied."""
    if not isinstance(value, made.EnumMember):
        return name
    found = enums.enum_type(compiler, value.cls)
    if not isinstance(found, Enum):
        return None if enums.impossible(compiler, value.cls) is None else name
    fits = found.value is kind.value or (found.value, kind.value) == (INT, FLOAT)
    return None if fits else name


def _in_object(compiler: Compiler, value: Value, word: str, name: str, kind: model.Class) -> str | None:
    """Return what of an object does not fit; it fits if it has the attributes of the class, whatever its own class is."""
    instance = compiler.object_of(kind)
    if instance is None or not isinstance(instance.cls, Class) or word in ("enum", "tensor"):
        return None
    attributes = script_classes.attributes(compiler, instance.cls) or {}
    if not isinstance(value, Instance):
        return name if attributes and word != "function" else None
    if not isinstance(value.cls, Class) or value.hidden or compiler.classes.is_module(value.cls):
        return None
    for attribute, wanted in attributes.items():
        held = value.held(attribute)
        options = [one.value for whole in held for one in flatten(whole)]
        inner = _all(compiler, options, wanted)
        if inner is not None:
            return f"{name} whose `{attribute}` is {inner} instead of `{wanted}`"
        missing = compiler.classes.member(value.cls, attribute) is Absent.MISSING
        if not held and not value.open and value.cls is not instance.cls and missing:
            return f"{name} without the attribute `{attribute}`"
    return None


def _all(compiler: Compiler, options: list[Value], kind: Type) -> str | None:
    """Return what the first of several possible values is, if none of them fits."""
    found = [misfit(compiler, one, kind) for one in options]
    return found[0] if found and None not in found else None


def _inferred(compiler: Compiler, value: Value, name: str, kind: Type) -> str | None:
    """Return what goes into a Union or Any is typed first as if nothing was declared."""
    what = conversion.unconvertible(compiler, value)
    if what is not None:
        return what
    if isinstance(value, made.EnumMember) and enums.impossible(compiler, value.cls) is not None:
        return None if enums.mixed_in(compiler.classes, value.cls) else name
    found = conversion.type_of(compiler, value)
    if isinstance(found, model.Class):
        return misfit(compiler, value, found) or (None if is_subtype(found, kind) else name)
    return None if has_unknown(found) or is_subtype(found, kind) else name
