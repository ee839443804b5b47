"""What kind of thing a value is: the answers of isinstance, issubclass, callable and hasattr; None where unknown."""

from __future__ import annotations

import builtins
import collections
import inspect
from collections import abc
from typing import TYPE_CHECKING

from scriptlint.evaluate import calls
from scriptlint.evaluate.arguments import Arguments
from scriptlint.evaluate.values import (
    ClassValue,
    Const,
    EnumMember,
    ExternalValue,
    FunctionValue,
    Instance,
    Items,
    LambdaValue,
    Mapping,
    ModuleValue,
    Partial,
    PythonObject,
    Scalar,
    Some,
    Symbol,
    TensorValue,
    TupleClass,
    Value,
)
from scriptlint.evaluate.values import truth as plain_truth
from scriptlint.program.classes import Absent, Member
from scriptlint.program.decorators import decoration
from scriptlint.program.module import Class, Function
from scriptlint.program.project import External
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk

if TYPE_CHECKING:
    from scriptlint.evaluate.evaluator import Evaluator

_NUMBERS = ("numbers.Number", "numbers.Complex", "numbers.Real")
_COLLECTIONS = tuple(
    f"{package}.{name}" for package in ("collections.abc", "typing") for name in ("Iterable", "Collection", "Sized")
)
_ITERABLES = ("collections.abc.Iterable", "typing.Iterable")
_SEQUENCES = (*_COLLECTIONS, "collections.abc.Sequence", "typing.Sequence")
_SEQUENCE_VALUES = tuple(ExternalValue(name) for name in _SEQUENCES)
# The classes of Python's own values, bases and abstract bases included.
_BASES: dict[str, tuple[str, ...]] = {
    "bool": ("bool", "int", *_NUMBERS, "numbers.Integral"),
    "int": ("int", *_NUMBERS, "numbers.Integral"),
    "float": ("float", *_NUMBERS),
    "str": ("str", *_SEQUENCES),
    "NoneType": ("NoneType", "types.NoneType"),
    "list": ("list", *_SEQUENCES),
    "tuple": ("tuple", *_SEQUENCES),
    "set": ("set", *_COLLECTIONS),
    "range": ("range", *_SEQUENCES),
    "deque": ("collections.deque", *_COLLECTIONS),
    "dict": ("dict", *_COLLECTIONS, "collections.abc.Mapping", "typing.Mapping"),
}
# Dictionaries are not told apart from those of classes that derive from dict.
_DICTS = frozenset({f"collections.{name}" for name in ("OrderedDict", "defaultdict", "Counter")})
_PLAIN_CLASSES = frozenset(
    "bool int float complex str bytes list tuple set frozenset range dict type object NoneType".split()
)


def is_instance(ev: Evaluator, value: Value, asked: Value) -> bool | None:
    """`isinstance(value, asked)`."""
    asked = ev.resolved(asked)
    if isinstance(asked, Items):
        answers = [is_instance(ev, value, one) for one in asked.items]
        return True if True in answers else None if None in answers or not asked.exact else False
    if not isinstance(asked, (ClassValue, ExternalValue, TupleClass)):
        return None
    if asked == ExternalValue("builtins.object"):
        return True
    by_metaclass = _of_metaclass(ev, value, asked) if isinstance(value, ClassValue) else None
    if by_metaclass is not None:
        return by_metaclass
    abstract = _is_of_abstract(ev, value, asked) if isinstance(asked, ExternalValue) else None
    if abstract is not None:
        return abstract
    if isinstance(value, (Instance, EnumMember)):
        return _derives(ev, value.cls, asked)
    if isinstance(value, Items) and isinstance(value.made_by, TupleClass):
        return asked is value.made_by or asked in (ExternalValue("builtins.tuple"), *_SEQUENCE_VALUES)
    if isinstance(value, Items) and isinstance(value.made_by, Class):
        return _derives(ev, value.made_by, asked) or asked in (ExternalValue("builtins.tuple"), *_SEQUENCE_VALUES)
    own = _external_classes(ev, value) if isinstance(value, ExternalValue) else _own_classes(value)
    if own is None or (isinstance(value, Mapping) and isinstance(asked, ExternalValue) and asked.name in _DICTS):
        return None
    if isinstance(value, PythonObject) and isinstance(asked, ExternalValue) and not is_class(asked):
        return True if asked.name in own else None  # its class may derive from that
    return isinstance(asked, ExternalValue) and asked.name.removeprefix("builtins.") in own


_METHODS = {"Hashable": "__hash__", "Iterable": "__iter__", "Sized": "__len__", "Container": "__contains__"}
_SAMPLES: dict[str, object] = {
    "list": [],
    "tuple": (),
    "set": set(),
    "range": range(0),
    "deque": collections.deque(),
    "iterator": iter(()),
}


def _is_of_abstract(ev: Evaluator, value: Value, asked: ExternalValue) -> bool | None:
    """Return whether a value is of an abstract class of `collections.abc`, as one like it is; None for other classes."""
    package, _, name = asked.name.rpartition(".")
    abstract = getattr(abc, name, None) if package in ("collections.abc", "typing") else None
    if not isinstance(abstract, type):
        return None
    match value:
        case Const():
            return isinstance(value.value, abstract)
        case Items(made_by=None):
            return isinstance(_SAMPLES.get(value.kind, []), abstract)
        case Mapping():
            return isinstance({}, abstract)
        case ClassValue() if enum_base(ev, value.symbol) is None:
            return isinstance(object, abstract) if name in ("Hashable", "Callable") else None
        case ClassValue():
            return name in ("Hashable", "Callable", "Iterable", "Sized", "Container", "Collection", "Reversible")
        case ExternalValue() if is_class(value):
            return isinstance(object, abstract)
        case FunctionValue() | LambdaValue():
            return isinstance(len, abstract)
        case EnumMember() if name == "Hashable":
            return True
        case Instance(cls=Class() as cls) if name in _METHODS and not ev.classes.lineage(cls).unseen:
            if name == "Hashable":
                return None if isinstance(ev.classes.member(cls, "__eq__"), Member) else True
            return True if isinstance(ev.classes.member(cls, _METHODS[name]), Member) else None
        case _:
            return None


def enum_base(ev: Evaluator, cls: Class) -> str | None:
    """Return the base in `enum` that a class has; None for one that is no enum."""
    return next((one.name for one in ev.classes.lineage(cls).externals if one.name.startswith("enum.")), None)


def _of_metaclass(ev: Evaluator, value: ClassValue, asked: Value) -> bool | None:
    """Return whether a class is an object of a metaclass; None where something else is asked."""
    if isinstance(asked, ExternalValue) and asked.name in ("enum.EnumMeta", "enum.EnumType"):
        return enum_base(ev, value.symbol) is not None
    if isinstance(asked, ClassValue) and "builtins.type" in {
        one.name for one in ev.classes.lineage(asked.symbol).externals
    }:
        from scriptlint.evaluate.classes import metaclass

        maker = metaclass(ev, value.symbol)
        return isinstance(maker, ClassValue) and _derives(ev, maker.symbol, asked)
    return None


def _external_classes(ev: Evaluator, value: ExternalValue) -> tuple[str, ...] | None:
    """Return the names of the classes that something of a package is of: a class is a type, a function of Python one."""
    if is_class(value) or ev.library.is_module_class(value.name):
        return ("type", *_CALLABLES)
    known = ev.library.exists(value.name)
    if value.receiver is None and inspect.isbuiltin(getattr(builtins, value.name.removeprefix("builtins."), None)):
        return ("types.BuiltinFunctionType", "types.BuiltinMethodType", *_CALLABLES)
    if known is None or value.receiver is not None:
        return None
    if known.kind == "class":
        return ("type", *_CALLABLES)
    if known.kind == "function":
        return ("types.FunctionType", "types.LambdaType", *_CALLABLES)
    return ("types.BuiltinFunctionType", "types.BuiltinMethodType", *_CALLABLES) if known.kind == "operator" else None


def _own_classes(value: Value) -> tuple[str, ...] | None:
    """Return the names of the classes that a value which is no object of a class statement is of."""
    match value:
        case Const(value=constant):
            return _BASES[type(constant).__name__]
        case Items(made_by=Class()):
            return None
        case Some(kind=kind):
            return _BASES.get(kind, (f"torch.{kind}",))
        case Items(kind="iterator"):
            return ("collections.abc.Iterator", "typing.Iterator", *_ITERABLES)
        case Items(kind=kind):
            return _BASES[kind]
        case Mapping():
            return _BASES["dict"]
        case TensorValue(kind="parameter"):
            return ("torch.Tensor", "torch.nn.Parameter")
        case TensorValue():
            return ("torch.Tensor",)
        case Scalar(kind=kind):
            return (f"numpy.{kind}", "numpy.number", "numpy.integer", *_NUMBERS)
        case PythonObject(kind=kind):
            return (kind,)
        case ClassValue():
            return ("type", *_CALLABLES)
        case FunctionValue(bound=None) | LambdaValue():
            return ("types.FunctionType", "types.LambdaType", *_CALLABLES)
        case Partial():
            return ("functools.partial", *_CALLABLES)
        case _:
            return None


_CALLABLES = ("collections.abc.Callable", "typing.Callable")


def is_subclass(ev: Evaluator, value: Value, asked: Value) -> bool | None:
    """`issubclass(value, asked)`."""
    asked = ev.resolved(asked)
    if asked == ExternalValue("builtins.object") and (isinstance(value, ClassValue) or is_class(value)):
        return True
    if isinstance(asked, Items):
        answers = [is_subclass(ev, value, one) for one in asked.items]
        return True if True in answers else None if None in answers or not asked.exact else False
    cls = value.symbol if isinstance(value, ClassValue) else None
    if isinstance(value, ExternalValue) and is_class(value):
        return _derives(ev, External(value.name), asked)
    return None if cls is None or not isinstance(asked, (ClassValue, ExternalValue)) else _derives(ev, cls, asked)


_MIXED = {"enum.IntEnum": "builtins.int", "enum.IntFlag": "builtins.int", "enum.StrEnum": "builtins.str"}


def _derives(ev: Evaluator, cls: Class | External, asked: Value) -> bool | None:
    """Return whether a class is, or has among its bases, the one that is asked for."""
    if isinstance(cls, External):
        known = ev.library.module(cls.name)
        if known is None:
            return _derives_in_python(cls.name, asked)
        names = {ev.library.canonical(cls.name), *known.mro}
        return isinstance(asked, ExternalValue) and ev.library.canonical(asked.name) in names
    lineage = ev.classes.lineage(cls)
    unknown = bool(lineage.unseen)
    for one in lineage.entries:
        if isinstance(asked, ClassValue) and one is asked.symbol:
            return True
        if isinstance(one, External) and isinstance(asked, ExternalValue):
            found = True if asked.name in (one.name, _MIXED.get(one.name)) else _derives(ev, one, asked)
            if found:
                return True
            unknown = unknown or (found is None and one.name.removeprefix("builtins.") not in _PLAIN_CLASSES)
    return None if unknown else False


def _derives_in_python(name: str, asked: Value) -> bool | None:
    """Return whether a builtin class derives from another; None for classes that are not Python's own."""
    names = (name, asked.name if isinstance(asked, ExternalValue) and asked.receiver is None else "")
    known = [getattr(builtins, one.removeprefix("builtins."), None) for one in names if one.startswith("builtins.")]
    classes = [one for one in known if isinstance(one, type)]
    if isinstance(asked, ClassValue) and classes:
        return False  # a class of Python derives from none of the project
    return issubclass(classes[0], classes[1]) if len(classes) == len(names) else None


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


def is_callable(ev: Evaluator, value: Value) -> bool | None:
    """Return whether `callable(value)`; None where that is not known."""
    if isinstance(value, (FunctionValue, LambdaValue, Partial, ClassValue)):
        return True
    if isinstance(value, ExternalValue):
        return True if _external_classes(ev, value) is not None else None
    if isinstance(value, Instance):
        if isinstance(value.cls, External):
            return True if ev.library.is_module_class(value.cls.name) else None
        if ev.classes.is_module(value.cls):
            return True
        found = ev.classes.member(value.cls, "__call__")
        return True if isinstance(found, Member) else False if found is Absent.MISSING else None
    own = _own_classes(value)
    return None if own is None else False


def has_attribute(ev: Evaluator, value: Value, name: str) -> bool | None:
    """Return whether `hasattr(value, name)`; None where that is not known."""
    match value:
        case ClassValue():
            found = ev.classes.member(value.symbol, name)
            if (value.symbol, name) in ev.namespaces.class_attributes:
                return True
            return (
                True
                if isinstance(found, Member)
                else False
                if found is Absent.MISSING and not name.startswith("__")
                else None
            )
        case ModuleValue():
            known = ev.project.member(value.module, name)
            return True if known is not None else None if value.module.scope.is_open else False
        case Const(value=constant):
            return hasattr(constant, name)
        case Items(kind=("list" | "tuple" | "set" | "range") as kind, made_by=None):
            return hasattr({"list": list, "tuple": tuple, "set": set, "range": range}[kind], name)
        case Mapping():
            return hasattr(dict, name)
        case FunctionValue() if name == "__isabstractmethod__":
            return is_abstract(ev, value)
        case FunctionValue() | LambdaValue():
            return True if hasattr(_nothing, name) else None
        case ExternalValue(receiver=None):
            return ev.domain.has_member(ev, value.name, name)
        case Instance():
            return _object_has(ev, value, name)
        case _:
            return None


def is_abstract(ev: Evaluator, value: FunctionValue) -> bool:
    """Return True for a method that subclasses are to write."""
    return any(one.name == "abc.abstractmethod" for one in decoration(value.function, ev.project).others)


def _nothing() -> None:
    """Stand for any function of Python."""


def _object_has(ev: Evaluator, value: Instance, name: str) -> bool | None:
    ev.domain.on_read(ev, value, name, None, None, None)
    if value.held(name):
        return True
    if isinstance(value.cls, External):
        return ev.domain.has_attribute(ev, value, name)
    if value.hidden:
        return None
    found = ev.classes.member(value.cls, name)
    if found is Absent.MISSING:
        getter = isinstance(ev.classes.member(value.cls, "__getattr__"), Member)
        return None if value.open or getter else False
    if isinstance(found, External):
        return ev.domain.has_attribute(ev, value, name)
    return None if found is Absent.UNKNOWN else True


# What a compiled module has beside what every module has.
_OF_COMPILED = frozenset(
    "code code_with_constants copy copy_instance define define_method forward forward_magic_method get_debug_state graph "
    "inlined_graph original_name save save_to_buffer training".split()
)


def is_own(ev: Evaluator, value: Value, name: str) -> bool:
    """Return True if an object surely has an attribute that neither every module nor every compiled one has."""
    base = ev.library.module("torch.nn.Module")
    if base is None or name in base.members or name in _OF_COMPILED or name.startswith("__"):
        return False
    return has_attribute(ev, value, name) is True


DICTIONARIES = frozenset({"builtins.dict", "collections.OrderedDict"})
# Modules with a length; an empty one is false.
_COUNTING = frozenset(
    f"torch.nn.{name}" for name in ("Sequential", "ModuleList", "ModuleDict", "ParameterList", "ParameterDict")
)


def truth(ev: Evaluator, value: Value) -> bool | None:
    """Return whether a value is true, None where that is not known; a module is, unless it counts its children."""
    if isinstance(value, ExternalValue) and is_callable(ev, value):
        return True
    if not isinstance(value, Instance):
        return plain_truth(value)
    if isinstance(value.cls, Class):
        for name in ("__bool__", "__len__"):
            member = ev.classes.member(value.cls, name)
            if isinstance(member, Member) and isinstance(member.value, Function):
                answer = ev.resolved(calls.call(ev, FunctionValue(member.value, value), Arguments([], {})))
                return plain_truth(answer)
        if ev.classes.lineage(value.cls).unseen:
            return None
    names = _external_names(ev, value)
    if names & _COUNTING or names & DICTIONARIES:
        return None if value.open else bool(value.attributes)
    return True if all(_is_plain_class(ev, one) for one in names) else None


def _is_plain_class(ev: Evaluator, name: str) -> bool:
    """Return True if objects of a class are true whatever they hold."""
    return ev.library.is_module_class(name) or name in (
        "builtins.object",
        "abc.ABC",
        "typing.Generic",
        "typing.Protocol",
    )


def length(ev: Evaluator, value: Instance) -> Value | None:
    """Return `len(value)` of an object; None where that is not known."""
    if isinstance(value.cls, Class):
        member = ev.classes.member(value.cls, "__len__")
        if isinstance(member, Member) and isinstance(member.value, Function):
            return calls.call(ev, FunctionValue(member.value, value), Arguments([], {}))
    parts = ev.domain.iterate(ev, value)
    return Const(len(parts.items)) if parts is not None and parts.exact else None


def container_names(ev: Evaluator, instance: Instance) -> frozenset[str]:
    """Return the containers of torch.nn that the class of an object is."""
    return _external_names(ev, instance) & _COUNTING


def is_container(ev: Evaluator, instance: Instance) -> bool:
    """Return True if iterating over an object gives its children: a container whose class does not say otherwise."""
    member = ev.classes.member(instance.cls, "__iter__") if isinstance(instance.cls, Class) else None
    own = isinstance(member, Member) and ev.library.canonical(member.owner.dotted) not in _COUNTING
    return bool(container_names(ev, instance)) and not own


def is_dictionary(ev: Evaluator, instance: Instance) -> bool:
    """Return True if an object is of a subclass of dict; its items are then kept as attributes."""
    return isinstance(instance.cls, Class) and bool(_external_names(ev, instance) & DICTIONARIES)


def _external_names(ev: Evaluator, instance: Instance) -> frozenset[str]:
    if isinstance(instance.cls, External):
        return frozenset({instance.cls.name})
    entries = ev.classes.lineage(instance.cls).entries
    # The classes of torch may be seen as source, under the names of the files where they are defined.
    names = {one: one.name if isinstance(one, External) else ev.library.canonical(one.dotted) for one in entries}
    return frozenset(
        name for one, name in names.items() if isinstance(one, External) or ev.library.is_module_class(name)
    )


def falsy(ev: Evaluator, symbol: Symbol) -> Const:
    """Return what an argument is that a test found false and of which nothing else is known: False for a flag, else None."""
    function = ev.active[-1] if ev.active else None
    is_open = symbol.default is None and symbol.annotation is None and not symbol.kind
    return Const(False if is_open and function is not None and _is_only_tested(function, symbol.name) else None)


def _is_only_tested(function: Function, name: str) -> bool:
    """Return True if a function does nothing with a variable but test it and keep it as an attribute."""
    nodes = list(walk(function.node))
    tested = {id(one) for node in nodes for one in _tested(node)}
    kept = {id(node.value) for node in nodes if isinstance(node, n.Assign) and _are_attributes(node.targets)}
    uses = [id(node) for node in nodes if isinstance(node, n.Name) and node.id == name]
    return not tested.isdisjoint(uses) and (tested | kept).issuperset(uses)


def _are_attributes(targets: abc.Iterable[n.Expr]) -> bool:
    return all(isinstance(one, n.Attribute) for one in targets)


def _tested(node: n.Node) -> list[n.Expr]:
    match node:
        case n.If() | n.IfExp() | n.While() | n.Assert():
            return [node.test]
        case n.BoolOp():
            return node.values
        case n.UnaryOp(op="not"):
            return [node.operand]
        case _:
            return []
