"""Values of the abstract instances under trace: attributes of objects and of tensors, names of files."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from scriptlint.evaluate import kinds
from scriptlint.evaluate.sizes import is_small
from scriptlint.evaluate.values import (
    Choice,
    ClassValue,
    Compiled,
    Const,
    ExternalValue,
    FunctionValue,
    Instance,
    Items,
    Mapping,
    Optimized,
    Some,
    SuperValue,
    TensorValue,
    Unknown,
    Value,
    choice,
    truth,
)
from scriptlint.fixes.attributes import as_buffer
from scriptlint.instances import torch_objects
from scriptlint.program.decorators import Kind as Reached
from scriptlint.program.decorators import decoration
from scriptlint.program.module import Class, Function, ModuleInfo
from scriptlint.program.project import External, Global
from scriptlint.syntax import nodes as n
from scriptlint.text import Fix
from scriptlint.trace import classes, frozen, library
from scriptlint.trace.frames import Frame
from scriptlint.trace.values import (
    FRESH,
    LITERAL,
    NONE,
    PYTHON,
    UNKNOWN,
    WEIGHT,
    Kind,
    Length,
    Traced,
    Why,
    baked,
    join_all,
    many,
)

if TYPE_CHECKING:
    from scriptlint.trace.flow import Flow


DYNAMO_NAME = "torch.compile.made"
DYNAMO = Traced(Kind.OBJECT, ExternalValue(DYNAMO_NAME), True)  # what torch.compile gives


def from_object(flow: Flow, value: Value | None) -> Traced:
    """Return what a value of the abstract instances is under trace."""
    return UNKNOWN if value is not None and not is_small(value) else _from_object(flow, value)


def _from_object(flow: Flow, value: Value | None) -> Traced:
    match value:
        case None | Unknown():
            return UNKNOWN
        case Const():
            return Traced(Kind.PYTHON, value, truth(value))
        case Instance():
            return Traced(Kind.OBJECT, value)
        case Optimized():
            return DYNAMO
        case Some():
            return PYTHON
        case TensorValue():
            return {"parameter": WEIGHT, "buffer": FRESH}.get(value.kind, LITERAL)
        case Items() if value.kind in ("list", "tuple", "range"):
            items = [_from_object(flow, one) for one in value.items[:64]]
            if value.exact and len(value.items) <= 64:
                return classes.named(items, classes.names_of(value))
            return many(join_all(items))
        case Mapping():
            items = [_from_object(flow, one) for one in value.items.values()]
            names = [one for one in value.items if isinstance(one, str)]
            if value.exact and len(names) == len(items):
                return Traced(Kind.MAPPING, truth=bool(items), keys=tuple(names), items=tuple(items))
            return Traced(Kind.MAPPING, item=join_all(items))
        case Choice():
            if any(isinstance(one.value, Instance) for one in value.options):
                return Traced(Kind.OBJECT, value)
            options = [_from_object(flow, one.value) for one in value.options]
            if all(one.kind in (Kind.PYTHON, Kind.TENSOR) for one in options):
                return join_all(options)
            return Traced(Kind.OBJECT, value)
        case _:
            return Traced(Kind.OBJECT, value, truth(value))


def of_symbol(flow: Flow, symbol: Global | Class | Function | ModuleInfo, frame: Frame, node: n.Expr) -> Traced:
    """Return what a name of a file is."""
    match symbol:
        case Function():
            outer = frame
            while outer is not None and outer.place is not symbol.outer:
                outer = outer.outer  # type: ignore[assignment]
            return Traced(Kind.OBJECT, FunctionValue(symbol), True, scope=outer if symbol.outer is not None else None)
        case Class():
            return Traced(Kind.OBJECT, ClassValue(symbol), True)
        case Global():
            bound = symbol.value
            if isinstance(bound, n.Attribute) and bound.attr == "apply":
                owner = flow.project.resolve(bound.value, symbol.module)
                if isinstance(owner, Class):
                    return Traced(Kind.OBJECT, ExternalValue("torch.autograd.Function.apply", ClassValue(owner)))
            if isinstance(bound, n.Call) and flow.project.resolve(bound.func, symbol.module) == External(
                "torch.compile"
            ):
                return DYNAMO
            recalled = flow.memory.recall(symbol.module.path, symbol.name, flow.asking > 0)
            if recalled is not None:
                return recalled
            value = flow.machine.global_value(symbol)
            if isinstance(value, Const):
                return Traced(Kind.PYTHON, value, None if flow.is_rebound(symbol) else truth(value))
            return from_object(flow, value)
        case _:
            return UNKNOWN


def attribute(flow: Flow, owner: Traced, name: str, frame: Frame, node: n.Attribute) -> Traced:
    """`owner.name`."""
    from scriptlint.trace import entry

    match owner.kind:
        case Kind.TENSOR:
            return library.attribute(flow, owner, name, frame, node)
        case Kind.SIZE:
            return PYTHON if name in ("dtype", "device", "ndim") else UNKNOWN
        case Kind.OBJECT if owner == library.DISTRIBUTION:
            return library.of_distribution(name)
        case Kind.OBJECT if owner.value is not None:
            return _of_object(flow, owner.value, name, frame, node)
        case Kind.MAPPING if owner.keys is not None and owner.items is not None and name in owner.keys:
            return UNKNOWN
        case Kind.SEQUENCE if owner.keys is not None and owner.items is not None and name in owner.keys:
            if owner.length is Length.EXAMPLE:
                flow.say(entry.NAMED_ARGUMENT, frame, node, flow.refusal, text=frame.text(node))
            return owner.items[owner.keys.index(name)]
        case Kind.BAKED if owner.why in (Why.DEVICE, Why.DTYPE):
            return owner
        case _:
            return UNKNOWN


def _of_object(flow: Flow, owner: Value, name: str, frame: Frame, node: n.Attribute) -> Traced:
    if isinstance(owner, Choice):
        options = [_of_object(flow, one.value, name, frame, node) for one in owner.options]
        values = [one.value for one in options if one.kind is Kind.OBJECT and one.value is not None]
        if len(values) == len(options):
            return Traced(
                Kind.OBJECT,
                choice(replace(held, value=one) for held, one in zip(owner.options, values, strict=True)),
            )
        return join_all(options)
    if isinstance(owner, Instance):
        return _of_instance(flow, owner, name, frame, node)
    if isinstance(owner, SuperValue) and isinstance(owner.instance, Instance):
        return _bound(flow, owner.instance, name, owner.owner, frame)
    return from_object(flow, flow.machine.attribute(owner, name))


def _of_instance(flow: Flow, owner: Instance, name: str, frame: Frame, node: n.Attribute) -> Traced:
    if name == "training" and not owner.held("training"):
        return replace(baked(Why.MODE), truth=False) if flow.evaluated else baked(Why.MODE)
    if name == "_modules":
        children = {key: Traced(Kind.OBJECT, one.value) for key, one in owner.submodules() if one.when is None}
        return Traced(Kind.MAPPING, keys=tuple(children), items=tuple(children.values()))
    held = owner.held(name)
    recalled = flow.memory.recall(owner, name, flow.asking > 0)
    if recalled is not None:
        return recalled
    if not held and name in flow.kept(owner):
        return flow.kept(owner)[name]
    if not held:
        _judge_missing(flow, owner, name, frame, node)
        return _bound(flow, owner, name, None, frame)
    writers = flow.writers(owner, name)
    lazy = False
    if writers and len(held) == 1:
        # What is filled where it is first needed is still empty when a new object is traced.
        lazy = held[0].value == Const(None) and writers == [frame.function]
        stored = flow.memory.stored.get(owner, {})
        is_new = flow.certain and name not in stored and not owner.hidden and _is_flag(held[0].value)
        if not lazy and not is_new and not isinstance(held[0].value, (Instance, Compiled, TensorValue)):
            return stored.get(name, UNKNOWN)
    value = flow.machine.attribute(owner, name)
    if isinstance(value, TensorValue) and value.kind == "plain":
        if not writers:
            flow.say(frozen.UNREGISTERED, frame, node, fix=_buffer(flow, owner, name), text=frame.text(node))
        else:
            return replace(LITERAL, constant=False, sure=False)
    if isinstance(value, Const) and not flow.certain and not lazy and not _is_flag(value):
        return PYTHON  # a default that others may overrule
    found = from_object(flow, value)
    if isinstance(value, Items):
        _judge_held(flow, value.items, frame, node)
    elif isinstance(value, Mapping):
        _judge_held(flow, value.items.values(), frame, node)
    return found


def _judge_missing(flow: Flow, owner: Instance, name: str, frame: Frame, node: n.Attribute) -> None:
    """Report an attribute that an object surely does not have."""
    if not flow.rooted or flow.undecided or flow.asking or owner.open or flow.writers(owner, name):
        return
    if kinds.has_attribute(flow.machine.evaluator, owner, name) is False:
        facts: dict[str, object] = {"attribute": name, "name": owner.class_name, "text": frame.text(node)}
        flow.say(frozen.MISSING_ATTRIBUTE, frame, node, None, None, **facts)


def _is_flag(value: Value) -> bool:
    return isinstance(value, Const) and (value.value is None or isinstance(value.value, bool))


def _buffer(flow: Flow, owner: Instance, name: str) -> Fix | None:
    """Make a buffer of an attribute, in the `__init__` that sets it."""
    if not isinstance(owner.cls, Class):
        return None
    own = (cls.functions.get("__init__") for cls in flow.classes.lineage(owner.cls).classes)
    return next((fix for one in own if one is not None and (fix := as_buffer(one, name)) is not None), None)


def _judge_held(flow: Flow, values: Iterable[Value], frame: Frame, node: n.Attribute) -> None:
    """Report tensors in a list, tuple or dictionary of the object."""
    kinds = {one.kind for one in values if isinstance(one, TensorValue)}
    if "parameter" in kinds:
        flow.say(frozen.UNREGISTERED_MODULE, frame, node, flow.refusal, text=frame.text(node))
    elif "plain" in kinds:
        flow.say(frozen.UNREGISTERED, frame, node, text=frame.text(node))


def _bound(flow: Flow, instance: Instance, name: str, after: Class | None, frame: Frame) -> Traced:
    """Return a method or property of an object's class."""
    if isinstance(instance.cls, Class):
        method = flow.classes.method(instance.cls, name, after)
        if method is not None:
            marks = decoration(method, flow.project)
            cached = any(one.name == "functools.cached_property" for one in marks.others)
            if marks.kind is Reached.PROPERTY or cached:
                return flow.call(method, instance, [], {})
            if marks.kind is Reached.STATIC:
                return Traced(Kind.OBJECT, FunctionValue(method), True)
            if marks.kind is Reached.CLASS:
                return Traced(Kind.OBJECT, FunctionValue(method, ClassValue(instance.cls)), True)
            return Traced(Kind.OBJECT, FunctionValue(method, instance), True)
        owner: Value = SuperValue(after, instance) if after is not None else instance
        return from_object(flow, flow.machine.attribute(owner, name))
    known = torch_objects.value(flow.library, instance, name)
    if known == Const(None):
        return NONE
    record = flow.library.module(instance.cls.name)
    held = record.held.get(name) if record is not None else None
    if held is not None:
        if held.kind in ("parameter", "buffer"):
            return WEIGHT if held.kind == "parameter" else FRESH
        return PYTHON
    return Traced(Kind.OBJECT, ExternalValue(f"{instance.cls.name}.{name}", instance))


def special(flow: Flow, owner: Value, name: str, arguments: list[Traced]) -> Traced | None:
    """Return what a method gives that Python calls for an operation on an object; None where its class has none of its own."""
    cls = owner.cls if isinstance(owner, Instance) else None
    method = flow.classes.method(cls, name) if isinstance(cls, Class) else None
    return flow.call(method, owner, arguments, {}) if method is not None and isinstance(owner, Instance) else None


def item(owner: Traced, key: Traced) -> Traced:
    """Return what a dictionary holds under a key."""
    text = key.value.value if isinstance(key.value, Const) else None
    if owner.keys is not None and owner.items is not None and isinstance(text, str):
        return owner.items[owner.keys.index(text)] if text in owner.keys else UNKNOWN
    return owner.picked()
