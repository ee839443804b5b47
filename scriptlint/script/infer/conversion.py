"""What the values that a constructor leaves on a module become: types, or nothing (compile-errors.md section 3).

Twins: tryToInferType of pybind_utils.h, infer_type of torch/jit/_recursive.py.
"""

from __future__ import annotations

import builtins
import re
import sys
from types import BuiltinFunctionType
from typing import TYPE_CHECKING

from scriptlint.evaluate import values as made
from scriptlint.evaluate.sizes import is_small
from scriptlint.evaluate.values import Instance
from scriptlint.program.module import Class
from scriptlint.program.project import External
from scriptlint.script.infer import enums, script_classes
from scriptlint.script.infer.library_modules import class_has_member
from scriptlint.script.infer.script_classes import Failure
from scriptlint.syntax import nodes as n
from scriptlint.types.model import (
    BOOL,
    COMPLEX,
    DEVICE,
    FLOAT,
    GENERATOR,
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
    from scriptlint.script.infer.compiler import Compiler

KINDS: dict[type, Type] = {bool: BOOL, int: INT, float: FLOAT, str: STRING, type(None): NONE}
_SOME: dict[str, Type] = {
    "bool": BOOL,
    "int": INT,
    "float": FLOAT,
    "str": STRING,
    "dtype": INT,
    "layout": INT,
    "device": DEVICE,
    "complex": COMPLEX,
    "bytes": STRING,  # which C++ takes for a text
    "torch.Generator": GENERATOR,
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
_TENSORS = {
    f"torch.{one}" for one in ("Tensor", "nn.Buffer", "nn.Parameter", "nn.parameter.Buffer", "nn.parameter.Parameter")
}
_FUNCTIONS = (made.LambdaValue, made.FunctionValue, made.Partial, made.ExternalValue)
_LAYERS = re.compile(r"torch\.(nn|distributions)\.[A-Z]\w*")


def python_type(compiler: Compiler, instance: Instance) -> Type | None:
    """Return the type of an object whose class is made of one of Python's own, which is all that the compiler sees of it.

    None for an object of any other class (tryToInferType of pybind_utils.h).
    """
    if not isinstance(instance.cls, Class):
        return None
    lineage = compiler.classes.lineage(instance.cls)
    names = {one.name for one in lineage.entries if isinstance(one, External)}
    if names & _TENSORS:
        return TENSOR
    if "typing.NamedTuple" in names:
        fields = [part for one in lineage.classes for part in one.node.body if isinstance(part, n.AnnAssign)]
        given = fields_of(instance)
        kinds = [type_of(compiler, one) for one in given] if len(given) == len(fields) else []
        return Tuple(tuple(kinds) if kinds else (Unknown("a field"),) * len(fields))
    if instance.foreign is not None and instance.foreign.name == "typing.NamedTuple":  # made by `namedtuple`
        return Tuple(tuple(type_of(compiler, one) for one in fields_of(instance)))
    return next((kind for name, kind in _PYTHON.items() if name in names), None)


def fields_of(instance: Instance) -> tuple[made.Value, ...]:
    """Return what the fields of a named tuple hold, where all were given in their order; empty where that is not known."""
    made_by = instance.foreign
    return () if made_by is None or made_by.keywords else made_by.arguments


def unconvertible(compiler: Compiler, value: made.Value) -> str | None:
    """What a value is called that never becomes an attribute, None for those that may."""
    if not is_small(value):
        return None
    match value:
        case made.LambdaValue():
            return "a lambda"
        case made.Optimized(inner=made.LambdaValue()):
            return "a lambda that `torch.compile` wraps"
        case made.ExternalValue(receiver=None) if value.name.startswith("torch.Tensor."):
            return "a method of Tensor"
        case made.Partial():
            return "a `functools.partial`"
        case made.FunctionValue() if value.bound is not None:
            return "a bound method"
        case made.ExternalValue(name="torch.autograd.Function.apply", receiver=made.ClassValue() as owner):
            return f"`{owner.symbol.node.name}.apply` of an autograd Function"
        case made.ExternalValue(receiver=(made.Items() | made.Mapping() | made.Const())):
            return "a method of a Python value"
        case made.ExternalValue(receiver=Instance(cls=External() as cls)):
            is_method = class_has_member(compiler.library, cls.name, value.name.rpartition(".")[2])
            return "a bound method" if is_method else None
        case Instance(cls=External(name="types.SimpleNamespace")):
            return "a namespace object"
        case Instance(cls=External(name=name)) if name.startswith("builtins."):
            return f"a `{name.removeprefix('builtins.')}`"
        case made.Slice():
            return "a slice"
        case made.ModuleValue():
            return f"the Python module `{value.module.name}`"
        case made.ExternalValue(receiver=None, name=name) if name in _TYPES or _is_package(compiler, name):
            return f"the class `{name.removeprefix('builtins.')}`" if name in _TYPES else f"the Python module `{name}`"
        case made.ExternalValue(receiver=None, name=name) if name in _OBJECTS:
            return f"`{name.removeprefix('builtins.')}`"
        case made.ExternalValue(receiver=made.TensorValue(), name=name) if _is_operator(compiler, name):
            return "a method of a tensor"
        case made.ExternalValue(receiver=None, name=name) if name in _FUNCTIONS_OF_PYTHON:
            return f"the built-in function `{name.removeprefix('builtins.')}`"
        case made.ClassValue():
            return f"the class `{value.symbol.node.name}`"
        case made.ExternalValue(receiver=None) if _LAYERS.fullmatch(value.name):
            return f"the class `{value.name}`"
        case made.Scalar(kind=kind):
            return f"a `numpy.{kind}`"
        case made.PythonObject(kind=kind) if kind not in _SOME:
            return f"a `{kind}`"
        case made.Items(kind="deque"):
            return "a `collections.deque`"
        case made.Items(kind=("set" | "range" | "iterator") as kind):
            return f"{'an' if kind == 'iterator' else 'a'} {kind}"
        case made.Items(items=[]) if value.exact and value.kind == "list":
            return "an empty list"
        case made.Mapping() if value.exact and not value.items:
            return "an empty dictionary"
        case Instance() if (failed := _object(compiler, value)) is not None and isinstance(failed, Failure):
            return f"an object of `{value.class_name}`, {failed.why}"
        case made.Items(kind=("list" | "tuple") as kind) if inner := _first_empty(compiler, value.items):
            return f"a {kind} that holds {inner}"
        case made.Items() if any(isinstance(one, _FUNCTIONS) for one in value.items):
            return f"a {value.kind} of functions"
        case made.Mapping() if any(isinstance(one, _FUNCTIONS) for one in value.items.values()):
            return "a dictionary of functions"
        case made.Items(kind="list") if any(is_module(compiler, one) for one in value.items):
            return "a plain list of modules"
        case made.Items(kind="tuple") if any(is_module(compiler, one) for one in value.items):
            return "a plain tuple of modules"
        case made.Mapping() if any(is_module(compiler, one) for one in value.items.values()):
            return "a plain dictionary of modules"
        case made.Items(kind="list") if value.exact and _is_mixed(compiler, value.items):
            return "a list of several types"
        case made.Mapping() if value.exact and _is_mixed(compiler, list(value.items.values())):
            return "a dictionary with values of several types"
        case made.Items() if inner := _first_object(compiler, value.items):
            return f"a {value.kind} that holds {inner}"
        case made.Mapping() if inner := _first_object(compiler, list(value.items.values())):
            return f"a dictionary that holds {inner}"
        case _:
            return None


_DECORATORS = ("staticmethod", "classmethod", "property")
_TYPES = frozenset(
    f"builtins.{name}"
    for name, value in vars(builtins).items()
    if isinstance(value, type) and name not in _DECORATORS and not name.startswith("_")
)
_OBJECTS = frozenset("builtins.Ellipsis builtins.NotImplemented os.environ sys.stderr sys.stdin sys.stdout".split())


_FUNCTIONS_OF_PYTHON = frozenset(
    f"builtins.{name}" for name, value in vars(builtins).items() if isinstance(value, BuiltinFunctionType)
)


def _is_operator(compiler: Compiler, name: str) -> bool:
    """Return True for a method of tensors that is an operator."""
    last = name.rpartition(".")[2]
    return compiler.library.tensor_attribute(last) is None and bool(compiler.library.schemas(f"aten::{last}"))


def _is_package(compiler: Compiler, name: str) -> bool:
    """Return True for the name of a module of Python or of torch."""
    return name in sys.stdlib_module_names or compiler.library.package(name) is not None


def advice(what: str) -> str:
    """Return what to do with a value instead, by what `unconvertible` calls it."""
    for words, instead in _ADVICE:
        if words in what:
            return instead
    return "keep it out of compiled code, or keep what is needed of it as numbers, strings or tensors"


_ADVICE = (
    ("not registered", "set it as an attribute, or add it with `add_module`, so that the module is its parent"),
    ("list of modules", "keep the modules in an `nn.ModuleList`"),
    ("tuple of modules", "keep the modules in an `nn.ModuleList`"),
    ("built-in function", "call the function by its name where it is needed"),
    ("dictionary of modules", "keep the modules in an `nn.ModuleDict`"),
    (
        "functions",
        "call the functions by their names, with `if` between them, or make modules of them in an `nn.ModuleList`",
    ),
    ("lambda", "write a function with `def`, at the top level of the file, and keep that"),
    ("functools.partial", "write a function that calls it with the fixed arguments, and keep that"),
    ("bound method", "keep the object and call its method where it is needed, as in `self.layer(x)`"),
    ("method of", "call the method on the value where it is needed"),
    ("namespace object", "copy what is needed of it to attributes of the module in `__init__`"),
    ("Python module", "import the module at the top of the file and use it by its name"),
    ("autograd Function", "call it by the name of its class, in `forward` or in a function of the file"),
    ("a slice", "write the slice where it is used, or keep its bounds as numbers"),
    ("the class", "keep an object of the class, or call the class by its name"),
    ("empty list", "give it a class annotation such as `List[int]`"),
    ("empty dictionary", "give it a class annotation such as `Dict[str, int]`"),
    ("several types", "use a tuple, or a class annotation with `Union` or `Any`"),
    ("numpy.", "convert it with `int`, `float` or `torch.from_numpy`"),
    ("a set", "use a list, or a dictionary"),
    ("a range", "use a list: `list(range(...))`"),
    (
        "an object of",
        "make its class one that compiles, or keep what is needed of the object as attributes of the module",
    ),
)


def is_function(compiler: Compiler, value: made.Value) -> bool:
    """Return True if a value is a function of Python or an operator, which the compiler takes before it looks at annotations."""
    match value:
        case made.FunctionValue(bound=None) | made.LambdaValue():
            return True
        case made.ExternalValue(receiver=None, name=name):
            if isinstance(vars(builtins).get(name.removeprefix("builtins.")), type):
                return False
            known = compiler.library.exists(name)
            return not compiler.library.is_module_class(name) and (known is None or known.kind != "class")
        case made.ExternalValue():
            return True
        case _:
            return False


def is_module(compiler: Compiler, value: made.Value) -> bool:
    """Return True if a value surely is a module."""
    if not isinstance(value, Instance):
        return False
    if isinstance(value.cls, Class):
        return compiler.classes.is_module(value.cls) is True
    return compiler.library.is_module_class(value.cls.name)


def _object(compiler: Compiler, instance: Instance) -> Type | Failure | None:
    """Return the type of an object that is not a module, or why it has none; None where that is not known."""
    kind = python_type(compiler, instance)
    if kind is not None and isinstance(instance.cls, Class):
        if not isinstance(kind, Unknown) or script_classes.can_compile(compiler, instance.cls) is False:
            return kind
    return script_classes.object_type(compiler, instance)


def failed_object(compiler: Compiler, value: made.Value) -> Failure | None:
    """Return why the class of the first object that a value is or holds does not compile; None where it does, or holds none."""
    if not is_small(value):
        return None
    match value:
        case Instance():
            found = _object(compiler, value)
            return found if isinstance(found, Failure) else None
        case made.Items():
            return next(filter(None, (failed_object(compiler, one) for one in value.items)), None)
        case made.Mapping():
            return next(filter(None, (failed_object(compiler, one) for one in value.items.values())), None)
        case _:
            return None


def _first_object(compiler: Compiler, values: list[made.Value]) -> str | None:
    """Return what the first object without a type among some values is called."""
    return next((unconvertible(compiler, one) for one in values if failed_object(compiler, one) is not None), None)


def _first_empty(compiler: Compiler, values: list[made.Value]) -> str | None:
    return next(filter(None, (_empty(compiler, one) for one in values)), None)


def _empty(compiler: Compiler, value: made.Value) -> str | None:
    """Return an empty container, which has no type; None for anything else."""
    empty = isinstance(value, (made.Items, made.Mapping)) and value.exact and not value.items
    return (
        unconvertible(compiler, value)
        if empty and not (isinstance(value, made.Items) and value.kind == "tuple")
        else None
    )


def _is_mixed(compiler: Compiler, values: list[made.Value]) -> bool:
    kinds = [type_of(compiler, one) for one in values]
    return not any(has_unknown(one) for one in kinds) and unify_all(kinds) is None


def key_value(key: object) -> made.Value:
    """Return the value that a key of a dictionary stands for."""
    if isinstance(key, made.Hashed):
        return key.value
    if isinstance(key, tuple):
        return made.Items("tuple", [key_value(one) for one in key])
    return made.Const(key) if type(key) in KINDS else made.Unknown("a key")  # type: ignore[arg-type]


def type_of_constant(compiler: Compiler, value: made.Value) -> Type:
    """Return the type of a value that is a constant: a list is a tuple then."""
    if isinstance(value, made.Items) and value.kind == "list" and value.exact:
        return type_of(compiler, made.Items("tuple", value.items))
    return type_of(compiler, value)


def type_of(compiler: Compiler, value: made.Value) -> Type:
    """Return the type that the compiler infers from a value on the instance."""
    return _type_of(compiler, value) if is_small(value) else Unknown("a value with more parts than anybody looks at")


def _type_of(compiler: Compiler, value: made.Value) -> Type:
    match value:
        case made.Const():
            return KINDS[type(value.value)]
        case made.Some():
            return _SOME[value.kind]
        case made.PythonObject() if value.kind in _SOME:
            return _SOME[value.kind]
        case made.TensorValue():
            return TENSOR
        case made.EnumMember():
            return enums.mixed_in(compiler.classes, value.cls) or enums.enum_type(compiler, value.cls)
        case Instance() if (kind := _object(compiler, value)) is not None and not isinstance(kind, Failure):
            return kind
        case made.Items(kind="tuple") if value.exact:
            return Tuple(tuple(_type_of(compiler, one) for one in value.items))
        case made.Items(kind=("set" | "range" | "tuple" | "deque" | "iterator") as kind):
            return Unknown(f"a {kind}")
        case made.Items() if value.items:
            unified = unify_all([_type_of(compiler, one) for one in value.items])
            return Unknown("a mixed list") if unified is None else List(unified)
        case made.Mapping() if value.items and value.exact:
            keys = unify_all([type_of(compiler, key_value(one)) for one in value.items])
            unified = unify_all([_type_of(compiler, one) for one in value.items.values()])
            return Unknown("a mixed dictionary") if unified is None or keys is None else Dict(keys, unified)
        case _:
            return Unknown(value.reason if isinstance(value, made.Unknown) else "a value on the object")
