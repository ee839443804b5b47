"""Modules under trace: our own, containers, and the layers of torch."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from scriptlint.evaluate.values import Held, Instance, TensorValue, Value, flatten
from scriptlint.program.module import Class
from scriptlint.program.project import External
from scriptlint.syntax import nodes as n
from scriptlint.torchlib.library import Library
from scriptlint.trace import einops, frozen, objects, schemas
from scriptlint.trace.frames import Frame, step
from scriptlint.trace.schemas import Arguments
from scriptlint.trace.values import UNKNOWN, Kind, Traced, arithmetic, sequence

if TYPE_CHECKING:
    from scriptlint.trace.flow import Flow

_RECURRENT = frozenset({"torch.nn.RNN", "torch.nn.GRU", "torch.nn.LSTM"})
# Arguments without which a layer that normalises has no parameters.
_AFFINE = frozenset({"affine", "elementwise_affine"})
_WITHOUT_FORWARD = frozenset({"torch.nn.Module", "torch.nn.ModuleList", "torch.nn.ModuleDict"})
WRAPPERS = frozenset({"torch.nn.DataParallel", "torch.nn.parallel.DistributedDataParallel"})


def made(flow: Flow, instance: Instance, given: Arguments, node: n.Call, frame: Frame) -> None:
    """Note a module that is made while the trace is."""
    flow.registered.add(instance)
    bare = any(given.keywords[name][0].truth is False for name in _AFFINE & set(given.keywords))
    if trainable(flow, instance) and not bare:
        flow.say(frozen.MADE_IN_TRACE, frame, node, text=frame.text(node))


def call(
    flow: Flow, instance: Instance, given: Arguments, node: n.Call, frame: Frame, method: str = "__call__"
) -> Traced:
    """Return what calling an object gives; a class may have a `__call__` of its own, which calls the other one."""
    if instance not in flow.registered and flow.is_trainable(instance):
        flow.say(frozen.UNREGISTERED_MODULE, frame, node.func, flow.refusal, text=frame.text(node.func))
        flow.registered.add(instance)
    replaced = instance.held("forward")
    if replaced and not (isinstance(instance.cls, Class) and flow.classes.method(instance.cls, "__call__")):
        callee = objects.from_object(flow, replaced[-1].value)
        if callee.kind is not Kind.OBJECT or len(replaced) > 1:
            flow.miss(f"`forward` of `{instance.class_name}`")
            return UNKNOWN
        from scriptlint.trace.calls import call_value

        return _hooked(flow, instance, given, call_value(flow, callee, given, node, frame), frame)
    if isinstance(instance.cls, Class):
        if einops.is_layer(instance.cls.dotted):
            return _hooked(flow, instance, given, einops.result("", given), frame)
        forward = flow.runs(instance.cls, method)
        if forward is not None:
            values = [one for one, _ in given.positional]
            keywords = {name: one for name, (one, _) in given.keywords.items()}
            result = flow.call(forward, instance, values, keywords, step(frame, node), None, given.exact)
            return _hooked(flow, instance, given, result, frame)
        base = next(iter(flow.classes.lineage(instance.cls).externals), None)
        if base is None or not flow.library.is_module_class(base.name):
            flow.miss(f"`{instance.class_name}`")
            return UNKNOWN
        result = call_library(flow, instance, base.name, given, node, frame)
        return _hooked(flow, instance, given, result, frame)
    result = call_library(flow, instance, instance.cls.name, given, node, frame)
    return _hooked(flow, instance, given, result, frame)


def library_layer(value: Value) -> str | None:
    """Return the class of a layer of torch that holds no other objects and has no hooks."""
    if (
        isinstance(value, Instance)
        and isinstance(value.cls, External)
        and not (value.attributes or value.hooks or value.pre_hooks)
    ):
        return value.cls.name
    return None


def _hooked(flow: Flow, instance: Instance, given: Arguments, result: Traced, frame: Frame) -> Traced:
    """Return what the hooks of an object make of its result."""
    for hook in (*instance.pre_hooks, *instance.hooks):
        value = objects.from_object(flow, hook)
        if value.value is None:
            result = UNKNOWN
            continue
        inputs = sequence([one for one, _ in given.positional])
        owner = Traced(Kind.OBJECT, instance)
        from scriptlint.trace.calls import call_value

        made = n.Call(0, 0, n.Name(0, 0, "hook"), [], [])
        name = made.func
        hooked = call_value(
            flow, value, Arguments(((owner, name), (inputs, name), (result, name)), {}, True), made, frame
        )
        result = hooked if hooked.kind is not Kind.PYTHON else result
    return result


def call_library(flow: Flow, instance: Instance, name: str, given: Arguments, node: n.Call, frame: Frame) -> Traced:
    """Return what a layer of torch gives."""
    first = given.values[0] if given.values else UNKNOWN
    if name == "torch.nn.Sequential":
        return _sequential(flow, instance, first, node, frame)
    if name in WRAPPERS and instance.foreign is not None and instance.foreign.arguments:
        inner = instance.foreign.arguments[0]
        return call(flow, inner, given, node, frame) if isinstance(inner, Instance) else UNKNOWN
    values = _flat(given)
    made = arithmetic(*values) if values else UNKNOWN
    if made.kind is not Kind.TENSOR:
        made = Traced(Kind.TENSOR, sure=bool(values) and all(one.kind is not Kind.UNKNOWN for one in values))
    if flow.is_trainable(instance) or name in ("torch.nn.Linear",):
        made = Traced(Kind.TENSOR, sure=made.sure, fixed=made.fixed, weights=True)
    if name in _RECURRENT:
        state = sequence([made, made]) if name.endswith("LSTM") else made
        return sequence([made, state])
    if name == "torch.nn.LSTMCell":
        return sequence([made, made])
    if name == "torch.nn.MultiheadAttention":
        return sequence([made, Traced(Kind.TENSOR, sure=False)])
    if name in _WITHOUT_FORWARD:
        flow.miss(f"`{instance.class_name}`")
        return UNKNOWN
    record = flow.library.module(name)
    schema = record.method("forward") if record is not None else None
    if schema is not None:
        returned = schemas.of_schema(schema, made)
        return made if returned.kind is Kind.BAKED else returned
    return made


def _flat(given: Arguments) -> list[Traced]:
    found: list[Traced] = []
    for one in given.values:
        found += [part for part in one.items if part.kind is Kind.TENSOR] if one.items is not None else [one]
    return found


def _sequential(flow: Flow, instance: Instance, value: Traced, node: n.Call, frame: Frame) -> Traced:
    from scriptlint.trace.calls import call_value

    key = instance, value
    if key in flow.through_layers:
        return flow.through_layers[key]
    for _, held in list(instance.submodules()):
        if not flow.budget.enter():
            flow.miss(flow.budget.reason)
            return UNKNOWN
        one = Traced(Kind.OBJECT, held.value)
        with flow.under(held.when):
            value = call_value(flow, one, Arguments(((value, node.func),), {}, True), node, frame)
        flow.budget.leave()
    if instance.open:
        flow.miss(f"the layers of `{frame.text(node.func)}`")
        return (
            Traced(Kind.TENSOR, sure=value.kind is Kind.TENSOR and value.sure) if value.kind is Kind.TENSOR else UNKNOWN
        )
    if flow.is_of_layers(instance):
        flow.through_layers[key] = value
    return value


def is_of_layers(flow: Flow, instance: Instance) -> bool:
    """Return True for a layer of torch, and for a Sequential of such."""
    name = library_layer(instance)
    if name is not None:
        return name not in _WITHOUT_FORWARD
    sequential = isinstance(instance.cls, External) and instance.cls.name == "torch.nn.Sequential"
    if not sequential or instance.open or instance.hooks or instance.pre_hooks:
        return False
    inner = [held.value for _, held in instance.submodules()]
    return all(isinstance(one, Instance) and flow.is_of_layers(one) for one in inner)


@cache
def _has_parameters(library: Library, name: str) -> bool:
    """Return True if the objects of a class of torch have parameters of their own."""
    record = library.module(name)
    return record is not None and any(held.kind == "parameter" for held in record.held.values())


def trainable(flow: Flow, instance: Instance) -> bool:
    """Return True if an object surely has parameters that want gradients."""
    pending, seen = [instance], {instance}
    while pending:
        one = pending.pop()
        if one.frozen:
            continue
        name = one.foreign.name if one.foreign is not None else one.cls.name if isinstance(one.cls, External) else ""
        if name and _has_parameters(flow.library, name):
            return True
        for options in one.attributes.values():
            for held in options:
                for option in flatten(Held(held.value)):
                    if isinstance(option.value, TensorValue) and option.value.kind == "parameter":
                        return True
                    if isinstance(option.value, Instance) and option.value not in seen:
                        seen.add(option.value)
                        pending.append(option.value)
    return False
