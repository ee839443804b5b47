"""What the values that a constructor leaves on a module become: types, or nothing (compile-errors.md section 3).

Twins: tryToInferType of pybind_utils.h, infer_type of torch/jit/_recursive.py.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scriptlint.evaluate import values as made
from scriptlint.evaluate.values import Instance
from scriptlint.program.module import Class
from scriptlint.program.project import External
from scriptlint.script.infer import classes
from scriptlint.syntax import nodes as n
from scriptlint.types.model import (
    BOOL,
    DEVICE,
    FLOAT,
    INT,
    NONE,
    STRING,
    TENSOR,
    Dict,
    List,
    Tuple,
    Type,
    Unknown,
    has_unknown,
)
from scriptlint.types.relations import unify_all

if TYPE_CHECKING:
    from scriptlint.script.infer.unit import Unit

KINDS: dict[type, Type] = {bool: BOOL, int: INT, float: FLOAT, str: STRING, type(None): NONE}
_SOME: dict[str, Type] = {
    "bool": BOOL,
    "int": INT,
    "float": FLOAT,
    "str": STRING,
    "dtype": INT,
    "layout": INT,
    "device": DEVICE,
}
# Python's own classes, in the order in which the compiler asks whether an object is one.
_PYTHON: dict[str, Type] = {
    "builtins.int": INT,
    "builtins.float": FLOAT,
    "builtins.str": STRING,
    "builtins.tuple": Unknown("a tuple"),
    "builtins.dict": Unknown("a dictionary"),
    "collections.OrderedDict": Unknown("a dictionary"),
    "builtins.list": Unknown("a list"),
}
_FUNCTIONS = (made.LambdaValue, made.FunctionValue, made.Partial, made.ExternalValue)
_LAYERS = re.compile(r"torch\.(nn|distributions)\.[A-Z]\w*")


def python_type(unit: Unit, instance: Instance) -> Type | None:
    """The type of an object whose class is made of one of Python's own, which is all that the compiler sees of it.

    None for an object of any other class (tryToInferType of pybind_utils.h).
    """
    if not isinstance(instance.cls, Class):
        return None
    lineage = unit.compiler.classes.lineage(instance.cls)
    names = {one.name for one in lineage.entries if isinstance(one, External)}
    if "typing.NamedTuple" in names:
        fields = [part for one in lineage.classes for part in one.node.body if isinstance(part, n.AnnAssign)]
        return Tuple((Unknown("a field"),) * len(fields))
    return next((kind for name, kind in _PYTHON.items() if name in names), None)


def unconvertible(value: made.Value) -> str | None:
    """What a value is called that never becomes an attribute, None for those that may."""
    match value:
        case made.LambdaValue():
            return "a lambda"
        case made.ExternalValue(receiver=None) if value.name.startswith("torch.Tensor."):
            return "a method of Tensor"
        case made.Partial():
            return "a `functools.partial`"
        case made.ClassValue():
            return f"the class `{value.symbol.node.name}`"
        case made.ExternalValue(receiver=None) if _LAYERS.fullmatch(value.name):
            return f"the class `{value.name}`"
        case made.Scalar(kind=kind):
            return f"a `numpy.{kind}`"
        case made.PythonObject(kind=kind):
            return f"a `{kind}`"
        case made.Items(kind=("set" | "range") as kind):
            return f"a {kind}"
        case made.Items(items=[]) if value.exact and value.kind == "list":
            return "an empty list"
        case made.Mapping() if value.exact and not value.items:
            return "an empty dictionary"
        case made.Items(kind=("list" | "tuple") as kind) if inner := next(filter(None, map(_empty, value.items)), None):
            return f"a {kind} that holds {inner}"
        case made.Items() if any(isinstance(one, _FUNCTIONS) for one in value.items):
            return f"a {value.kind} of functions"
        case made.Mapping() if any(isinstance(one, _FUNCTIONS) for one in value.items.values()):
            return "a dictionary of functions"
        case made.Items() if value.kind == "list" and any(isinstance(one, Instance) for one in value.items):
            return "a plain list of modules"
        case made.Items(kind="list") if value.exact and _is_mixed(value.items):
            return "a list of several types"
        case made.Mapping() if value.exact and _is_mixed(list(value.items.values())):
            return "a dictionary with values of several types"
        case made.Mapping() if any(isinstance(one, Instance) for one in value.items.values()):
            return "a plain dictionary of modules"
        case _:
            return None


def _empty(value: made.Value) -> str | None:
    """An empty container, which has no type; None for anything else."""
    empty = isinstance(value, (made.Items, made.Mapping)) and value.exact and not value.items
    return unconvertible(value) if empty and not (isinstance(value, made.Items) and value.kind == "tuple") else None


def _is_mixed(values: list[made.Value]) -> bool:
    kinds = [type_of(one) for one in values]
    return not any(has_unknown(one) for one in kinds) and unify_all(kinds) is None


def type_of_constant(value: made.Value) -> Type:
    """A list that is a constant is a tuple to the compiler."""
    if isinstance(value, made.Items) and value.kind == "list" and value.exact:
        return type_of(made.Items("tuple", value.items))
    return type_of(value)


def type_of(value: made.Value) -> Type:
    """The type that the compiler infers from a value on the instance."""
    match value:
        case made.Const():
            return KINDS[type(value.value)]
        case made.Some():
            return _SOME[value.kind]
        case made.TensorValue():
            return TENSOR
        case made.EnumMember():
            return classes.enum_type(value.cls)
        case made.Items(kind="tuple") if value.exact:
            return Tuple(tuple(type_of(one) for one in value.items))
        case made.Items(kind=("set" | "range" | "tuple") as kind):
            return Unknown(f"a {kind}")
        case made.Items() if value.items:
            unified = unify_all([type_of(one) for one in value.items])
            return Unknown("a mixed list") if unified is None else List(unified)
        case made.Mapping() if value.items and value.exact:
            keys = unify_all([KINDS[type(one)] for one in value.items])
            unified = unify_all([type_of(one) for one in value.items.values()])
            return Unknown("a mixed dictionary") if unified is None or keys is None else Dict(keys, unified)
        case _:
            return Unknown(value.reason if isinstance(value, made.Unknown) else "a value on the object")
