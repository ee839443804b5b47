"""What kind of thing a value is: the answers of isinstance, issubclass, callable and hasattr; None where unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scriptlint.evaluate.values import (
    Choice,
    ClassValue,
    Const,
    EnumMember,
    ExternalValue,
    FunctionValue,
    Instance,
    Items,
    LambdaValue,
    Mapping,
    Partial,
    PythonObject,
    Scalar,
    Some,
    TensorValue,
    Value,
)
from scriptlint.evaluate.values import truth as plain_truth
from scriptlint.instances import torch_objects
from scriptlint.program.classes import Absent, Member
from scriptlint.program.module import Class
from scriptlint.program.project import External

if TYPE_CHECKING:
    from scriptlint.instances.machine import Machine

_NUMBERS = ("numbers.Number", "numbers.Complex", "numbers.Real")
_COLLECTIONS = tuple(
    f"{package}.{name}" for package in ("collections.abc", "typing") for name in ("Iterable", "Collection", "Sized")
)
_SEQUENCES = (*_COLLECTIONS, "collections.abc.Sequence", "typing.Sequence")
# The classes of Python's own values, bases and abstract bases included.
_BASES: dict[str, tuple[str, ...]] = {
    "bool": ("bool", "int", *_NUMBERS, "numbers.Integral"),
    "int": ("int", *_NUMBERS, "numbers.Integral"),
    "float": ("float", *_NUMBERS),
    "str": ("str", *_SEQUENCES),
    "NoneType": ("NoneType",),
    "list": ("list", *_SEQUENCES),
    "tuple": ("tuple", *_SEQUENCES),
    "set": ("set", *_COLLECTIONS),
    "range": ("range", *_SEQUENCES),
    "dict": ("dict", *_COLLECTIONS, "collections.abc.Mapping", "typing.Mapping"),
}
_PLAIN_CLASSES = frozenset(
    "bool int float complex str bytes list tuple set frozenset range dict type object NoneType".split()
)


def is_instance(machine: Machine, value: Value, asked: Value) -> bool | None:
    """`isinstance(value, asked)`."""
    if isinstance(asked, Items):
        answers = [is_instance(machine, value, one) for one in asked.items]
        return True if True in answers else None if None in answers or not asked.exact else False
    if not isinstance(asked, (ClassValue, ExternalValue)):
        return None
    if asked == ExternalValue("builtins.object"):
        return True
    if isinstance(value, (Instance, EnumMember)):
        return _derives(machine, value.cls, asked)
    own = _own_classes(value)
    if own is None:
        return None
    return isinstance(asked, ExternalValue) and asked.name.removeprefix("builtins.") in own


def _own_classes(value: Value) -> tuple[str, ...] | None:
    """The names of the classes that a value which is no object of a class statement is of."""
    match value:
        case Const(value=constant):
            return _BASES[type(constant).__name__]
        case Some(kind=kind):
            return _BASES.get(kind, (f"torch.{kind}",))
        case Items(kind=kind):
            return _BASES[kind]
        case Mapping():
            return None if not value.exact else _BASES["dict"]
        case TensorValue(kind="parameter"):
            return ("torch.Tensor", "torch.nn.Parameter")
        case TensorValue():
            return ("torch.Tensor",)
        case Scalar(kind=kind):
            return (f"numpy.{kind}", "numpy.number", "numpy.integer", *_NUMBERS)
        case PythonObject(kind=kind):
            return (kind,)
        case ClassValue():
            return ("type",)
        case FunctionValue(bound=None) | LambdaValue():
            return ("types.FunctionType", "types.LambdaType", *_CALLABLES)
        case Partial():
            return ("functools.partial", *_CALLABLES)
        case _:
            return None


_CALLABLES = ("collections.abc.Callable", "typing.Callable")


def is_subclass(machine: Machine, value: Value, asked: Value) -> bool | None:
    """`issubclass(value, asked)`."""
    if isinstance(asked, Items):
        answers = [is_subclass(machine, value, one) for one in asked.items]
        return True if True in answers else None if None in answers or not asked.exact else False
    cls = value.symbol if isinstance(value, ClassValue) else None
    if isinstance(value, ExternalValue) and is_class(value):
        return _derives(machine, External(value.name), asked)
    return None if cls is None or not isinstance(asked, (ClassValue, ExternalValue)) else _derives(machine, cls, asked)


def _derives(machine: Machine, cls: Class | External, asked: Value) -> bool | None:
    """Whether a class is, or has among its bases, the one that is asked for."""
    if isinstance(cls, External):
        known = machine.library.module(cls.name)
        if known is None:
            return None
        names = {machine.library.canonical(cls.name), *known.mro}
        return isinstance(asked, ExternalValue) and machine.library.canonical(asked.name) in names
    lineage = machine.classes.lineage(cls)
    unknown = bool(lineage.unseen)
    for one in lineage.entries:
        if isinstance(asked, ClassValue) and one is asked.symbol:
            return True
        if isinstance(one, External) and isinstance(asked, ExternalValue):
            found = True if one.name == asked.name else _derives(machine, one, asked)
            if found:
                return True
            unknown = unknown or (found is None and one.name.removeprefix("builtins.") not in _PLAIN_CLASSES)
    return None if unknown else False


def is_class(value: Value) -> bool | None:
    """`inspect.isclass(value)`."""
    if isinstance(value, ClassValue):
        return True
    if isinstance(value, ExternalValue) and value.receiver is None:
        package, _, last = value.name.rpartition(".")
        if package == "torch.nn" or (package == "builtins" and last in _PLAIN_CLASSES):
            return True
        return None
    own = _own_classes(value)
    return False if own is not None or isinstance(value, Instance) else None


def is_callable(value: Value) -> bool | None:
    """`callable(value)`."""
    if isinstance(value, (FunctionValue, LambdaValue, Partial, ClassValue)):
        return True
    own = _own_classes(value)
    return None if own is None else False


def has_attribute(machine: Machine, value: Value, name: str) -> bool | None:
    """`hasattr(value, name)`."""
    if isinstance(value, Choice) or not isinstance(value, Instance):
        return None
    held = value.held(name)
    if held:
        return True if all(one.when is None for one in held) else None
    if isinstance(value.cls, External):
        touched = value.hidden or value.hooked is not None or name == "parametrizations"  # which utilities put there
        return None if touched else torch_objects.has_attribute(machine.library, value, name)
    if value.hidden:
        return None
    found = machine.classes.member(value.cls, name)
    if found is Absent.MISSING:
        return None if value.open else False
    return None if found is Absent.UNKNOWN or isinstance(found, External) else True


# What a compiled module has beside what every module has.
_OF_COMPILED = frozenset(
    "code code_with_constants copy copy_instance define define_method forward forward_magic_method get_debug_state graph "
    "inlined_graph original_name save save_to_buffer training".split()
)


def is_own(machine: Machine, value: Value, name: str) -> bool:
    """Whether an object surely has an attribute that neither every module nor every compiled one has."""
    base = machine.library.module("torch.nn.Module")
    if base is None or name in base.members or name in _OF_COMPILED or name.startswith("__"):
        return False
    return has_attribute(machine, value, name) is True


DICTIONARIES = frozenset({"builtins.dict", "collections.OrderedDict"})
# Modules with a length; an empty one is false.
_COUNTING = frozenset(
    f"torch.nn.{name}" for name in ("Sequential", "ModuleList", "ModuleDict", "ParameterList", "ParameterDict")
)


def truth(machine: Machine, value: Value) -> bool | None:
    """Whether a value is true, None if that is unknown; a module is, unless it counts its children."""
    if not isinstance(value, Instance):
        return plain_truth(value)
    names = _external_names(machine, value)
    if isinstance(value.cls, Class):
        own = any(isinstance(machine.classes.member(value.cls, one), Member) for one in ("__bool__", "__len__"))
        if own or machine.classes.lineage(value.cls).unseen:
            return None
    if names & _COUNTING:
        return None if value.open else bool(value.attributes)
    return True if all(machine.library.is_module_class(one) or one == "builtins.object" for one in names) else None


def container_names(machine: Machine, instance: Instance) -> frozenset[str]:
    """The containers of torch.nn that the class of an object is."""
    return _external_names(machine, instance) & _COUNTING


def is_container(machine: Machine, instance: Instance) -> bool:
    """Whether iterating over an object gives its children: a container whose class does not say otherwise."""
    member = machine.classes.member(instance.cls, "__iter__") if isinstance(instance.cls, Class) else None
    own = isinstance(member, Member) and machine.library.canonical(member.owner.dotted) not in _COUNTING
    return bool(container_names(machine, instance)) and not own


def is_dictionary(machine: Machine, instance: Instance) -> bool:
    """Whether an object is of a subclass of dict; its items are then kept as attributes."""
    return isinstance(instance.cls, Class) and bool(_external_names(machine, instance) & DICTIONARIES)


def _external_names(machine: Machine, instance: Instance) -> frozenset[str]:
    if isinstance(instance.cls, External):
        return frozenset({instance.cls.name})
    entries = machine.classes.lineage(instance.cls).entries
    # The classes of torch may be seen as source, under the names of the files where they are defined.
    names = {one: one.name if isinstance(one, External) else machine.library.canonical(one.dotted) for one in entries}
    return frozenset(
        name for one, name in names.items() if isinstance(one, External) or machine.library.is_module_class(name)
    )
