"""Attributes: how Python looks them up, properties and `__getattr__` included, and what setting one does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from scriptlint.evaluate import (
    calls,
    classes,
    descriptors,
    dictionaries,
    kinds,
    metaclasses,
    methods,
    symbols,
    versions,
)
from scriptlint.evaluate.arguments import Arguments
from scriptlint.evaluate.frames import Frame, Raised
from scriptlint.evaluate.values import (
    Choice,
    ClassValue,
    Compiled,
    Const,
    EnumMember,
    ExternalValue,
    FunctionValue,
    GeneratedInit,
    Instance,
    Items,
    LambdaValue,
    Mapping,
    ModuleValue,
    Partial,
    PythonObject,
    Scalar,
    Some,
    SuperValue,
    Symbol,
    TensorValue,
    TupleClass,
    Unknown,
    Value,
)
from scriptlint.program.classes import Absent, Member
from scriptlint.program.decorators import Kind, decoration
from scriptlint.program.module import Class, Function
from scriptlint.program.project import External
from scriptlint.syntax import nodes as n

if TYPE_CHECKING:
    from scriptlint.evaluate.evaluator import Evaluator


def load(ev: Evaluator, owner: Value, name: str, node: n.Node | None = None, frame: Frame | None = None) -> Value:
    """Return `owner.name`; raise AttributeError as Python does where the object surely has no such attribute."""
    owner = symbols.settled(ev, owner)
    value = _load(ev, owner, name, node, frame)
    ev.domain.on_read(ev, owner, name, value, node, frame)
    return value


def _load(ev: Evaluator, owner: Value, name: str, node: n.Node | None, frame: Frame | None) -> Value:
    match owner:
        case Instance():
            return _of_instance(ev, owner, name, node, frame)
        case ModuleValue():
            return ev.namespaces.member(owner.module, name)
        case ExternalValue(receiver=None) if name in ("__name__", "__qualname__"):
            return Const(owner.name.rpartition(".")[2])
        case ExternalValue() if owner == versions.OF_PYTHON and name in ("major", "minor"):
            return Const(3) if name == "major" else Some("int")
        case ExternalValue(receiver=None):
            return ev.domain.constant(ev, ev.library.canonical(f"{owner.name}.{name}"))
        case ClassValue():
            return _of_class_value(ev, owner, name)
        case SuperValue():
            return _of_super(ev, owner, name)
        case EnumMember():
            return _of_member(ev, owner, name)
        case Symbol():
            return _of_symbol(ev, owner, name)
        case TensorValue():
            return ev.domain.attribute(ev, owner, name)
        case FunctionValue() | LambdaValue() | Partial():
            return _of_function(ev, owner, name)
        case TupleClass():
            return classes.tuple_class_attribute(owner, name) or Unknown(f"`{owner.name}.{name}`")
        case Items(made_by=(Class() | TupleClass()) as cls):
            return classes.named_tuple_attribute(ev, owner, cls, name) or ExternalValue(f".{name}", owner)
        case Const(value=None) if frame is not None and name not in _OF_OBJECTS:
            raise Raised("builtins.AttributeError", None, node, frame.module)
        case Compiled() | Items() | Mapping() | Const() | Some() | PythonObject() | Scalar():
            return methods.attribute(owner, name) or ev.domain.attribute(ev, owner, name)
        case Choice():
            return Unknown("one of several objects")
        case Unknown():
            return owner if owner.reason else Unknown(f"`.{name}`")
        case _:
            return Unknown(f"`.{name}`")


_OF_OBJECTS = frozenset(dir(object))
_HOOKS = frozenset({"__setattr__", "__getattribute__"})


def _of_symbol(ev: Evaluator, owner: Symbol, name: str) -> Value:
    if owner.kind == "tensor":
        return ev.domain.attribute(ev, TensorValue(), name)
    if owner.kind in ("str", "list", "dict"):
        known = symbols.finalized(owner)
        if owner.kind == "list":
            known = symbols.elements(ev, owner)
        return ExternalValue(f".{name}", known if not isinstance(known, Unknown) else owner)
    made = symbols.part(ev, owner, f".{name}")
    if owner.value is not None:  # it became an object of its annotation's class
        return load(ev, owner.value, name)
    return made


def _of_function(ev: Evaluator, owner: FunctionValue | LambdaValue | Partial, name: str) -> Value:
    if name in ("__name__", "__qualname__", "__module__") and isinstance(owner, FunctionValue):
        inner = calls.unwrapped(ev, owner)
        if inner is not owner:
            return load(ev, inner, name)
    if isinstance(owner, FunctionValue):
        known = {"__name__": owner.function.node.name, "__qualname__": owner.function.qualname}
        known["__module__"] = owner.function.module.name
        if name in known:
            return Const(known[name])
        if name == "__isabstractmethod__" and kinds.is_abstract(ev, owner):
            return Const(True)
        if name == "__func__":
            return FunctionValue(owner.function, None, owner.scope, owner.defaults, owner.decorated)
        if name in ("__self__",) and owner.bound is not None:
            return owner.bound
        if name == "__wrapped__":
            return FunctionValue(owner.function, owner.bound, owner.scope, owner.defaults, is_plain=True)
        return ExternalValue(f"function.{name}", owner)
    if isinstance(owner, Partial):
        parts: dict[str, Value] = {
            "func": owner.callee,
            "args": Items("tuple", list(owner.arguments)),
            "keywords": Mapping(dict(owner.keywords)),  # type: ignore[arg-type]
        }
        return parts.get(name, Unknown(f"`.{name}` of a partial"))
    return Const("<lambda>") if name == "__name__" else Unknown(f"`.{name}` of a lambda")


# Objects


def _of_instance(ev: Evaluator, owner: Instance, name: str, node: n.Node | None, frame: Frame | None) -> Value:
    cls = owner.cls
    if isinstance(cls, Class):
        found = ev.classes.member(cls, name)
        if type(found) is Member and isinstance(found.value, Function) and ev.is_property(found.value):
            return calls.call(ev, FunctionValue(found.value, owner), Arguments([], {}), node, frame)
        hook = ev.classes.method(cls, "__getattribute__")
        if hook is not None and hook not in ev.active:
            return calls.call(ev, FunctionValue(hook, owner), Arguments([Const(name)], {}), node, frame)
        descriptor = descriptors.of_class(ev, cls, name) if type(found) is Member else None
        if descriptor is not None and (descriptors.replaces_own(ev, descriptor) or not owner.held(name)):
            return descriptors.got(ev, descriptor, owner, cls)
    held = owner.held(name)
    if held:
        return _restored(held[-1].value)
    if name == "__class__":
        return ClassValue(cls) if isinstance(cls, Class) else ExternalValue(cls.name)
    if name == "__dict__":
        return dictionary(ev, owner)
    if isinstance(cls, External):
        return ev.domain.attribute(ev, owner, name)
    return _of_class(ev, cls, name, owner, None, node, frame)


def _restored(value: Value) -> Value:
    """Return a value as it was before the path that made its object ended: an object of named tuples is a tuple again."""
    if isinstance(value, Instance) and value.foreign is not None and value.foreign.name == "typing.NamedTuple":
        if isinstance(value.cls, Class):
            return Items("tuple", list(value.foreign.arguments), made_by=value.cls)
    return value


def _of_class(
    ev: Evaluator,
    cls: Class,
    name: str,
    receiver: Instance | ClassValue | None,
    after: Class | None = None,
    node: n.Node | None = None,
    frame: Frame | None = None,
) -> Value:
    """Return what a class, or an object of it, has under a name by the order of bases after `after`."""
    override = ev.namespaces.override(cls, name, after)
    if override is not None:
        return bound(ev, override, receiver)
    found = ev.classes.member(cls, name, after)
    instance = receiver if isinstance(receiver, Instance) else None
    if name == "__init__" and (dataclass := classes.generated(ev, cls, after)) is not None:
        return GeneratedInit(dataclass, instance)
    if isinstance(found, External):
        if instance is not None:
            return ev.domain.inherited(ev, instance, found.name, name)
        return ExternalValue(f"{found.name}.{name}", receiver if isinstance(receiver, ClassValue) else None)
    if isinstance(found, Member):
        descriptor = descriptors.of_class(ev, cls, name) if after is None else None
        if descriptor is not None:
            return descriptors.got(ev, descriptor, instance, cls)
        return _of_member_found(ev, found, name, cls, receiver)
    if found is Absent.MISSING and (name in _HOOKS or (name == "__init__" and instance is None)):
        return ExternalValue(f"builtins.object.{name}", instance)
    known = classes.of_class(ev, cls, name)
    if known is not None:
        return known
    if instance is not None and found is Absent.MISSING and not instance.hidden:
        getter = ev.classes.member(cls, "__getattr__")
        if isinstance(getter, Member) and isinstance(getter.value, Function) and getter.value not in ev.active:
            return calls.call(ev, FunctionValue(getter.value, instance), Arguments([Const(name)], {}), node, frame)
        if name in _OF_OBJECTS or instance.open or (isinstance(getter, External) and not ev.classes.is_module(cls)):
            return Unknown(f"`{instance.class_name}.{name}`")
        if ev.classes.is_module(cls) and instance.foreign is None:
            return Unknown(f"`{instance.class_name}.{name}`")
        if frame is not None:
            raise Raised("builtins.AttributeError", None, node, frame.module)
    if isinstance(receiver, ClassValue) and found is Absent.MISSING:
        maker = classes.metaclass(ev, cls)
        own = ev.classes.member(maker.symbol, name) if isinstance(maker, ClassValue) else None
        if isinstance(own, Member) and isinstance(maker, ClassValue):
            value = _of_member_found(ev, own, name, maker.symbol, None)
            return replace(value, bound=receiver) if isinstance(value, FunctionValue) else value
        answer = metaclasses.answer(ev, cls, "__getattr__", [Const(name)])
        if answer is not None:
            return answer
    return Unknown(f"`{cls.node.name}.{name}`")


def _of_member_found(
    ev: Evaluator, found: Member, name: str, cls: Class, receiver: Instance | ClassValue | None
) -> Value:
    instance = receiver if isinstance(receiver, Instance) else None
    if isinstance(found.value, Function):
        kind = decoration(found.value, ev.project).kind
        scope = ev.namespaces.scope_of(found.owner)
        if kind in (Kind.PROPERTY, Kind.SETTER):
            if instance is None:
                return Unknown("a property")
            return calls.call(ev, FunctionValue(found.value, instance, scope), Arguments([], {}))
        if kind is Kind.CLASS:
            own = receiver if isinstance(receiver, ClassValue) else ClassValue(cls)
            return FunctionValue(found.value, own, scope)
        if any(one.name == "functools.cached_property" for one in decoration(found.value, ev.project).others):
            if instance is None:
                return Unknown("a cached property")
            value = ev.call_function(FunctionValue(found.value, instance, scope), Arguments([], {}))
            ev.set_attribute(instance, name, value, found.value.name_span)
            return value
        return FunctionValue(found.value, None if kind is Kind.STATIC else instance, scope)
    if classes.enum_names(ev, cls) is not None:
        return EnumMember(cls, name)
    return bound(ev, ev.namespaces.class_variable(found.owner, name), receiver)


def bound(ev: Evaluator, value: Value, receiver: Instance | ClassValue | None) -> Value:
    """Return what an object has of a value of its class: functions are bound to it."""
    if isinstance(value, FunctionValue) and value.bound is None and isinstance(receiver, Instance):
        if decoration(value.function, ev.project).kind is not Kind.STATIC:
            return FunctionValue(value.function, receiver, value.scope, value.defaults, value.decorated)
    return value


def _of_class_value(ev: Evaluator, owner: ClassValue, name: str) -> Value:
    if name in ("__name__", "__qualname__", "__module__", "__mro__", "__bases__", "__subclasses__"):
        known = classes.of_class(ev, owner.symbol, name)
        return known if known is not None else Unknown(f"`{name}`")
    if name == "__dict__":
        return ev.namespaces.class_dictionary(owner.symbol)
    if name == "__members__" and (names := classes.enum_names(ev, owner.symbol)) is not None:
        return Mapping({one: EnumMember(owner.symbol, one) for one in names})
    ev.namespaces.prepare(owner.symbol)
    if name == "__new__" and _is_made_plainly(ev, owner.symbol):
        return ExternalValue("builtins.object.__new__")
    return _of_class(ev, owner.symbol, name, owner)


def _is_made_plainly(ev: Evaluator, cls: Class) -> bool:
    """Return True for a class whose objects `object.__new__` makes."""
    lineage = ev.classes.lineage(cls)
    plain = ev.classes.is_module(cls) is True or {one.name for one in lineage.externals} <= classes.WITHOUT_INIT
    return plain and not lineage.unseen and not isinstance(ev.classes.member(cls, "__new__"), Member)


def _of_super(ev: Evaluator, owner: SuperValue, name: str) -> Value:
    receiver = owner.instance
    if name == "__new__" and isinstance(receiver, ClassValue):
        found = ev.classes.member(receiver.symbol, name, owner.owner)
        if found is Absent.MISSING or (isinstance(found, External) and ev.classes.is_module(receiver.symbol)):
            return ExternalValue("builtins.object.__new__")
        if not isinstance(found, Member) and classes.is_named_tuple(ev, receiver.symbol):
            return ExternalValue("namedtuple.__new__", receiver)
    if isinstance(receiver, ClassValue):
        if name == "__call__" and "builtins.type" in classes.bases(ev, owner.owner):
            return ExternalValue("builtins.type.__call__", receiver)
        return _of_class(ev, receiver.symbol, name, receiver, owner.owner)
    if isinstance(receiver.cls, External):
        return ExternalValue(f"{receiver.cls.name}.{name}", receiver)
    return _of_class(ev, receiver.cls, name, receiver, owner.owner)


def _of_member(ev: Evaluator, member: EnumMember, name: str) -> Value:
    if name in ("name", "_name_"):
        return Const(member.name)
    if name in ("value", "_value_"):
        return classes.enum_value(ev, member)
    found = ev.classes.member(member.cls, name)
    if isinstance(found, Member) and isinstance(found.value, Function):
        method = FunctionValue(found.value, member)
        return calls.call(ev, method, Arguments([], {})) if ev.is_property(found.value) else method
    if classes.is_its_value(ev, member):
        return load(ev, ev.resolved(classes.enum_value(ev, member)), name)
    return Unknown("an attribute of a member of an enum")


def dictionary(ev: Evaluator, value: Value) -> Value:
    """Return what `vars(value)` gives."""
    if isinstance(value, Instance):
        return dictionaries.of_object(ev, value)
    if isinstance(value, ModuleValue):
        return ev.namespaces.as_mapping(value.module)
    return Unknown("`__dict__`")


# Setting


def store(ev: Evaluator, owner: Value, name: str, value: Value, node: n.Node | None, frame: Frame | None) -> None:
    """Evaluate `owner.name = value`."""
    owner = ev.resolved(owner)
    ev.domain.on_change(ev, owner)
    span = frame.module.span(node) if node is not None and frame is not None else None
    match owner:
        case Instance():
            _store_on_instance(ev, owner, name, value, node, frame)
        case ClassValue():
            ev.namespaces.set_on_class(owner.symbol, name, value)
            if name == "_jit_override_qualname":
                ev.namespaces.replaced.add(owner.symbol)
            receiver = frame.receiver if frame is not None else None
            if isinstance(receiver, Instance) and receiver.cls is owner.symbol:
                # The compiler asks the object, which finds it on its class.
                ev.set_attribute(receiver, name, bound(ev, ev.resolved(value), receiver), span)
        case ModuleValue():
            ev.namespaces.frame(owner.module).variables[name] = value
        case Symbol():
            owner.parts[f".{name}"] = value
        case ExternalValue(receiver=TupleClass() as cls) if name == "__defaults__":
            defaults = ev.resolved(value)
            cls.defaults = list(defaults.items) if isinstance(defaults, Items) else []
        case _:
            ev.domain.store_attribute(ev, owner, name, value, node, frame)


def _store_on_instance(
    ev: Evaluator, owner: Instance, name: str, value: Value, node: n.Node | None, frame: Frame | None
) -> None:
    cls = owner.cls
    if isinstance(cls, Class):
        found = ev.classes.member(cls, name)
        if type(found) is Member and isinstance(found.value, Function) and ev.is_property(found.value):
            setter = classes.setter(ev, found.value)
            if setter is not None:
                calls.call(ev, FunctionValue(setter, owner), Arguments([value], {}), node, frame)
            return
        descriptor = descriptors.of_class(ev, cls, name) if type(found) is Member else None
        if descriptor is not None and descriptors.replaces_own(ev, descriptor):
            descriptors.put(ev, descriptor, owner, value)
            return
        own = _setter(ev, cls)
        if own is not None and own.function not in ev.active:
            calls.call(ev, replace(own, bound=owner), Arguments([Const(name), value], {}), node, frame)
            return
    if name == "__class__":
        resolved = ev.resolved(value)
        if isinstance(resolved, ClassValue):
            owner.cls = resolved.symbol
        return
    if name == "__dict__":
        dictionaries.replace(ev, owner, ev.resolved(value))
        return
    span = frame.module.span(node) if node is not None and frame is not None else None
    ev.set_attribute(owner, name, value, span)


def _setter(ev: Evaluator, cls: Class) -> FunctionValue | None:
    """Return the `__setattr__` of a class of the project."""
    override = ev.namespaces.override(cls, "__setattr__")
    if isinstance(override, FunctionValue):
        return override
    found = ev.classes.member(cls, "__setattr__")
    return FunctionValue(found.value) if type(found) is Member and isinstance(found.value, Function) else None


# Context managers


def enter(ev: Evaluator, manager: Value, node: n.With, frame: Frame) -> Value:
    """Return what `with manager as x` gives x."""
    manager = ev.resolved(manager)
    if isinstance(manager, Instance) and isinstance(manager.cls, Class):
        found = ev.classes.member(manager.cls, "__enter__")
        if isinstance(found, Member):
            return calls.call(ev, load(ev, manager, "__enter__"), Arguments([], {}), node, frame)
    if isinstance(manager, Items) and manager.kind == "iterator" and manager.items:
        return manager.items[0]  # the function of a contextmanager, whose body has run
    return manager if isinstance(manager, Instance) else Unknown("what a context manager gives")


def leave(ev: Evaluator, manager: Value, node: n.With, frame: Frame) -> None:
    """End a `with` block."""
    manager = ev.resolved(manager)
    if isinstance(manager, Instance) and isinstance(manager.cls, Class):
        found = ev.classes.member(manager.cls, "__exit__")
        if isinstance(found, Member):
            nothing: list[Value] = [Const(None)] * 3
            calls.call(ev, load(ev, manager, "__exit__"), Arguments(nothing, {}), node, frame)


def swallows(ev: Evaluator, manager: Value, error: Raised) -> bool:
    """Return True if a context manager keeps an exception to itself."""
    manager = ev.resolved(manager)
    return isinstance(manager, Instance) and ev.domain.swallows(ev, manager, error)


def expects_failure(context: n.Expr) -> bool:
    """Return True if a test expects the block under a context manager to fail: pytest's, or one of unittest."""
    callee = context.func if isinstance(context, n.Call) else None
    name = callee.attr if isinstance(callee, n.Attribute) else getattr(callee, "id", "")
    return name in ("raises", "assertRaises", "assertRaisesRegex")
