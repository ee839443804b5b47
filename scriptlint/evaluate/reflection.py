"""The builtin functions of Python that ask about objects, or set their attributes by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from scriptlint.evaluate import attributes, calls, getters, kinds, metaclasses, symbols
from scriptlint.evaluate.arguments import Arguments, hide
from scriptlint.evaluate.frames import Frame, Raised
from scriptlint.evaluate.values import (
    ClassValue,
    Const,
    EnumMember,
    ExternalValue,
    FunctionValue,
    Held,
    Instance,
    Items,
    LambdaValue,
    Mapping,
    ModuleValue,
    Partial,
    PythonObject,
    Some,
    Symbol,
    TensorValue,
    Unknown,
    Value,
    is_child,
)
from scriptlint.program.module import Class
from scriptlint.syntax import nodes as n

if TYPE_CHECKING:
    from scriptlint.evaluate.evaluator import Evaluator

Function = Callable[["Evaluator", Arguments, "n.Node | None", "Frame | None"], "Value | None"]


def _getattr(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    if len(given.positional) < 2:
        return Unknown("`getattr`")
    owner, name = symbols.settled(ev, given.positional[0]), ev.resolved(given.positional[1])
    if not isinstance(name, Const) or not isinstance(name.value, str):
        return Unknown("`getattr` of a name that is computed")
    default = given.get(2, "default")
    if default is None:
        return attributes.load(ev, owner, name.value, node if isinstance(node, n.Call) else None, frame)
    known = _has(ev, owner, name.value)
    if known is False:
        return default
    if known is None and isinstance(owner, Symbol):
        return attributes.load(ev, owner, name.value)
    if known is None:
        value = attributes.load(ev, owner, name.value)
        return value if isinstance(value, Unknown) else Unknown(f"`getattr` of `{name.value}`")
    return attributes.load(ev, owner, name.value, None, frame)


def _has(ev: Evaluator, owner: Value, name: str) -> bool | None:
    """Return whether an object has an attribute; `__getattr__` of its class is asked as Python asks it."""
    if isinstance(owner, Instance) and name.startswith("__") and not name.endswith("__") and not owner.hidden:
        return False  # what the code of a class calls so has the name of the class before it
    known = kinds.has_attribute(ev, owner, name)
    if isinstance(owner, Instance) and isinstance(owner.cls, Class) and known is not True:
        reader = ev.classes.method(owner.cls, "__getattribute__")
        if reader is not None and reader not in ev.active:
            return _gives(ev, FunctionValue(reader, owner), name)
    if known is not None or not isinstance(owner, Instance) or not isinstance(owner.cls, Class) or owner.open:
        return known
    getter = ev.classes.method(owner.cls, "__getattr__")
    if getter is None or getter in ev.active:
        return None
    return _gives(ev, FunctionValue(getter, owner), name)


def _gives(ev: Evaluator, getter: FunctionValue, name: str) -> bool | None:
    """Return whether a method of an object that looks attributes up finds one."""
    try:
        value = calls.call(ev, getter, Arguments([Const(name)], {}))
    except Raised as error:
        return False if error.kind == "builtins.AttributeError" else None
    return None if isinstance(ev.resolved(value), Unknown) else True


def _setattr(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    if len(given.positional) != 3:
        return Unknown("`setattr`")
    owner, name = ev.resolved(given.positional[0]), ev.resolved(given.positional[1])
    if isinstance(name, Const) and isinstance(name.value, str):
        attributes.store(ev, owner, name.value, given.positional[2], node, frame)
    else:
        hide(ev, given)
    return Const(None)


def _delattr(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    owner, name = ev.resolved(given.first()), ev.resolved(given.get(1, "name") or Unknown())
    if isinstance(owner, Instance) and isinstance(name, Const) and isinstance(name.value, str):
        ev.domain.on_change(ev, owner)
        owner.attributes.pop(name.value, None)
    else:
        hide(ev, given)
    return Const(None)


def _hasattr(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    if len(given.positional) != 2:
        return Some("bool")
    owner, name = symbols.settled(ev, given.positional[0]), ev.resolved(given.positional[1])
    if not isinstance(name, Const) or not isinstance(name.value, str):
        return Some("bool")
    return _flag(_has(ev, owner, name.value))


def _isinstance(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    if len(given.positional) != 2:
        return Some("bool")
    value, asked = ev.resolved(given.positional[0]), symbols.settled(ev, given.positional[1])
    if isinstance(value, Symbol):
        text = "..."
        if isinstance(node, n.Call) and frame is not None and len(node.args) == 2:
            text = frame.text(node.args[1])
        return Const(symbols.is_instance(ev, value, asked, text))
    return _flag(kinds.is_instance(ev, value, asked))


def _issubclass(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    if len(given.positional) != 2:
        return Some("bool")
    value, asked = symbols.settled(ev, given.positional[0]), symbols.settled(ev, given.positional[1])
    return _flag(kinds.is_subclass(ev, value, asked))


def _callable(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    value = symbols.settled(ev, given.first())
    if isinstance(value, Symbol) and value.kind in ("callable", "module"):
        return Const(True)
    return _flag(kinds.is_callable(ev, value))


def _flag(known: bool | None) -> Value:
    return Some("bool") if known is None else Const(known)


def _type(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    if len(given.positional) == 3:
        return Unknown("a class that `type` makes")
    value = symbols.settled(ev, given.first())
    match value:
        case Instance(cls=Class() as cls):
            return ClassValue(cls)
        case Instance():
            return ExternalValue(value.class_name if isinstance(value.cls, Class) else value.cls.name)
        case EnumMember():
            return ClassValue(value.cls)
        case Partial():
            return ExternalValue("functools.partial")
        case ClassValue() | ExternalValue(receiver=None):
            return ExternalValue("builtins.type")
        case Const(value=constant):
            name = type(constant).__name__
            return ExternalValue("types.NoneType" if constant is None else f"builtins.{name}")
        case Items(kind=("list" | "tuple" | "set" | "range") as kind, made_by=None):
            return ExternalValue(f"builtins.{kind}")
        case Mapping():
            return ExternalValue("builtins.dict")
        case TensorValue(kind=kind):
            return ExternalValue("torch.nn.Parameter" if kind == "parameter" else "torch.Tensor")
        case FunctionValue() | LambdaValue():
            return ExternalValue("types.FunctionType")
        case PythonObject(kind=kind):
            return ExternalValue(kind)
        case _:
            return Unknown("a `type`")


def _new(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    """Return a new object of a class, of which no constructor has run."""
    value = ev.resolved(given.first())
    if not isinstance(value, ClassValue):
        return Unknown("`__new__`")
    return Instance(value.symbol, is_plain=ev.classes.is_module(value.symbol) is False)


def _type_call(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    value = ev.resolved(given.first())
    if not isinstance(value, ClassValue) or not given.positional:
        return Unknown("`type.__call__`")
    rest = replace(given, positional=given.positional[1:])
    return ev.construct(value, rest, node, frame, is_plain=True)


_PARAMETER_KINDS = ("POSITIONAL_ONLY", "POSITIONAL_OR_KEYWORD", "VAR_POSITIONAL", "KEYWORD_ONLY", "VAR_KEYWORD")


def signature(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    """Return what `inspect.signature` gives of a function of the source: an object with its `parameters`."""
    value = symbols.settled(ev, given.first())
    if isinstance(value, ClassValue):
        found = ev.classes.method(value.symbol, "__init__")
        value = FunctionValue(found, Const(None)) if found is not None else value
    value = calls.unwrapped(ev, value)
    if not isinstance(value, (FunctionValue, LambdaValue)):
        return Unknown("`inspect.signature`")
    parameters = value.function.node.args if isinstance(value, FunctionValue) else value.node.args
    groups = (
        parameters.posonly,
        parameters.args,
        [parameters.vararg] if parameters.vararg is not None else [],
        parameters.kwonly,
        [parameters.kwarg] if parameters.kwarg is not None else [],
    )
    found_parameters: list[tuple[str, Value]] = []
    for kind, group in zip(_PARAMETER_KINDS, groups, strict=True):
        for parameter in group:
            default: Value = ExternalValue("inspect.Parameter.empty")
            if parameter.default is not None:
                known = value.defaults or {}
                own = (
                    Frame(value.function.owner or value.function.module) if isinstance(value, FunctionValue) else frame
                )
                default = known.get(parameter.name) or (
                    ev.evaluate(parameter.default, own) if own is not None else Unknown("a default")
                )
            made = Instance(ev.domain.external("inspect.Parameter"))
            ev.set_attribute(made, "name", Const(parameter.name), None)
            ev.set_attribute(made, "kind", ExternalValue(f"inspect.Parameter.{kind}"), None)
            ev.set_attribute(made, "default", default, None)
            ev.set_attribute(made, "annotation", Unknown("an annotation"), None)
            for name in (*_PARAMETER_KINDS, "empty"):
                ev.set_attribute(made, name, ExternalValue(f"inspect.Parameter.{name}"), None)
            found_parameters.append((parameter.name, made))
    is_bound = isinstance(value, FunctionValue) and value.bound is not None
    result = Instance(ev.domain.external("inspect.Signature"))
    ev.set_attribute(result, "parameters", Mapping(dict(found_parameters[is_bound:])), None)
    return result


def _vars(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value | None:
    return attributes.dictionary(ev, ev.resolved(given.first()))


def _globals(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    return Unknown("`globals`") if frame is None else ev.namespaces.as_mapping(frame.module)


def _import(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    name = ev.resolved(given.first())
    if isinstance(name, Const) and isinstance(name.value, str) and frame is not None:
        return ev.namespaces.module_named(name.value, frame.module)
    return Unknown("a computed import")


def _set_plainly(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    """Do what `object.__setattr__` does, which asks no method of the object."""
    owner, name = ev.resolved(given.first()), ev.resolved(given.get(1, "name") or Unknown())
    if isinstance(owner, Instance) and isinstance(name, Const) and len(given.positional) == 3:
        value = ev.resolved(given.positional[2])
        ev.set_attribute(owner, str(name.value), value, None)
        if is_child(value):
            owner.attributes[str(name.value)] = [Held(value, registered=False)]
    else:
        hide(ev, given)
    return Const(None)


def _dir(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    value = ev.resolved(given.first())
    if isinstance(value, ClassValue) or (isinstance(value, Instance) and isinstance(value.cls, Class)):
        cls = value.symbol if isinstance(value, ClassValue) else value.cls
        assert isinstance(cls, Class)
        lineage = ev.classes.lineage(cls)
        names = {name for one in lineage.classes for name in (*one.functions, *one.scope.bindings)}
        names.update(ev.namespaces.set_on(cls), value.attributes if isinstance(value, Instance) else ())
        is_open = isinstance(value, Instance) and value.open
        exact = lineage.has_every_base and not lineage.externals and not is_open
        return Items("list", [Const(name) for name in sorted(names | set(dir(object)))], exact)
    if isinstance(value, ModuleValue):
        return Items("list", [Const(name) for name in sorted(value.module.scope.bindings)])
    return Items("list", [], exact=False)


TABLE: dict[str, Function] = {
    "callable": _callable,
    "delattr": _delattr,
    "dir": _dir,
    "eval": getters.evaluated,
    "getattr": _getattr,
    "globals": _globals,
    "hasattr": _hasattr,
    "isinstance": _isinstance,
    "issubclass": _issubclass,
    "object.__new__": _new,
    "type.__new__": metaclasses.new,
    "object.__setattr__": _set_plainly,
    "setattr": _setattr,
    "type": _type,
    "type.__call__": _type_call,
    "vars": _vars,
    "__import__": _import,
}
