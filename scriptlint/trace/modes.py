"""The object when it is traced: its mode, its hooks, and parameters with two names (trace-hazards.md 1.4 and 1.9)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from scriptlint.diag import Severity
from scriptlint.evaluate.values import Const, Foreign, Instance, TensorValue, Value
from scriptlint.program.decorators import Kind as Reached
from scriptlint.program.decorators import decoration
from scriptlint.program.module import Class, Function
from scriptlint.program.project import External
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk_scope
from scriptlint.trace import frozen, statements
from scriptlint.trace.frames import Frame
from scriptlint.trace.hazards import hazard
from scriptlint.trace.values import Kind, Traced

if TYPE_CHECKING:
    from scriptlint.trace.entry import Entry
    from scriptlint.trace.flow import Flow

BACKWARD_HOOK = hazard(
    "SL871",
    "backward-hook",
    "`{name}` has a backward hook, with which torch refuses to trace it",
    "remove the hook before the model is traced",
    "Modules that have backward hooks assigned can't be compiled",
    Severity.ERROR,
)

TRAINING_EXAMPLE = hazard(
    "SL873",
    "train-mode-trace",
    "`{name}` is traced in training mode: `{layer}` stays as it is in training, whatever `.eval()` says later",
    "call `.eval()` on the model before it is traced",
)

RAISING_PROPERTY = hazard(
    "SL891",
    "raising-property-in-trace",
    "`{name}.{text}` raises, and torch asks every module of what it traces for all its properties",
    "return None, or raise an AttributeError, which torch expects",
    severity=Severity.ERROR,
)

# Layers that do something else in training, whatever else they are given than a probability of 0.
_DROPPING = frozenset(
    f"torch.nn.{name}"
    for name in "Dropout Dropout1d Dropout2d Dropout3d AlphaDropout FeatureAlphaDropout RReLU "
    "BatchNorm1d BatchNorm2d BatchNorm3d SyncBatchNorm "
    "TransformerEncoderLayer TransformerDecoderLayer Transformer".split()
)
_TRACKING = frozenset(f"torch.nn.InstanceNorm{dim}d" for dim in (1, 2, 3))
# Layers that do if a probability is given, and its place among their arguments.
_DROPPING_IF_ASKED = {"torch.nn.MultiheadAttention": 2, "torch.nn.LSTM": 5, "torch.nn.GRU": 5, "torch.nn.RNN": 5}


def judge(flow: Flow, instance: Instance, entry: Entry) -> None:
    """Report layers that are traced as they are in training."""
    assert entry.call is not None
    assert entry.module is not None
    if entry.is_export:
        return  # the exporter chooses the mode
    frame = Frame(entry.module)
    hooked = next((one for one in flow.registered if one.backward_hook), None)
    if hooked is not None:
        flow.say(BACKWARD_HOOK, frame, entry.call.func, name=hooked.class_name)
    _judge_sharing(flow, instance, entry, frame)
    _judge_properties(flow)
    if instance in entry.evaluated or instance.open:
        return
    layer = _trained(instance, flow, set(entry.evaluated))
    if layer is not None:
        flow.say(TRAINING_EXAMPLE, frame, entry.call.func, name=instance.class_name, layer=layer)


def _judge_sharing(flow: Flow, instance: Instance, entry: Entry, frame: Frame) -> None:
    """Report one parameter under two names of one module."""
    assert entry.call is not None
    for one in flow.registered:
        seen: dict[int, str] = {}
        for name, options in one.attributes.items():
            value = options[0].value if len(options) == 1 else None
            if isinstance(value, TensorValue) and value.kind == "parameter":
                if id(value) in seen:
                    first = seen[id(value)]
                    flow.say(frozen.SHARED_PARAMETER, frame, entry.call.func, first=first, second=name)
                    return
                seen[id(value)] = name


def _judge_properties(flow: Flow) -> None:
    """Report properties that raise on the objects as they are: torch reads them all."""
    for one in flow.registered:
        if not isinstance(one.cls, Class) or one.hidden or flow.classes.lineage(one.cls).unseen:
            continue
        for name, method in flow.classes.methods(one.cls).items():
            marks = decoration(method, flow.project)
            if marks.kind is Reached.PROPERTY and not marks.others and marks.jit is None:
                raised = _raised(flow, one, method)
                if raised is not None:
                    flow.say(RAISING_PROPERTY, Frame(method), raised, name=one.class_name, text=name)


def _raised(flow: Flow, instance: Instance, method: Function) -> n.Stmt | None:
    """Return the statement with which a property surely raises something other than an AttributeError."""
    if any(isinstance(one, (n.Yield, n.YieldFrom, n.Try, n.With, n.Call)) for one in _before_raising(method)):
        return None
    frame = Frame(method, instance)
    ended: list[bool] = []
    parameters = method.node.args.args
    if len(parameters) == 1:
        frame.variables[parameters[0].name] = Traced(Kind.OBJECT, instance)
        flow.aside(lambda: ended.append(statements.block(flow, method.node.body, frame)))
    if ended != [True] or frame.returns:
        return None
    found = [one for one in walk_scope(method.node.body) if isinstance(one, (n.Raise, n.Assert))]
    return found[0] if len(found) == 1 and not _is_attribute_error(flow, found[0], frame) else None


def _before_raising(method: Function) -> Iterator[n.Node]:
    """Yield what a method does, without the making of the exceptions that it raises."""
    raised = [one for one in walk_scope(method.node.body) if isinstance(one, (n.Raise, n.Assert))]
    for one in walk_scope(method.node.body):
        if not any(stop.start <= one.start < stop.end for stop in raised):
            yield one


def _is_attribute_error(flow: Flow, node: n.Raise | n.Assert, frame: Frame) -> bool:
    if isinstance(node, n.Assert) or node.exc is None:
        return not isinstance(node, n.Assert)
    made = node.exc.func if isinstance(node.exc, n.Call) else node.exc
    symbol = flow.project.resolve(made, frame.place)
    known = isinstance(symbol, External) and symbol.name.startswith("builtins.")
    return not known or symbol == External("builtins.AttributeError")


def _trained(instance: Instance, flow: Flow, seen: set[Instance]) -> str | None:
    """Return the name of a layer below an object that does something else in training than in evaluation, `seen` left out."""
    if instance in seen:
        return None
    seen.add(instance)
    layer = _trains(instance)
    if layer is not None:
        return layer
    put = _put_in_eval(instance, flow)
    for name, held in instance.submodules():
        if isinstance(held.value, Instance) and held.when is None and name not in put:
            found = _trained(held.value, flow, seen)
            if found is not None:
                return found
    return None


def _trains(instance: Instance) -> str | None:
    """Return the name of an object that is itself a layer of torch that does something else in training."""
    if instance.foreign is None or not isinstance(instance.cls, External):
        return None
    name, arguments, keywords = instance.foreign.name, instance.foreign.arguments, instance.foreign.keywords
    shown = f"nn.{name.rpartition('.')[2]}"
    if name in _DROPPING:
        still = any(_is_zero(one) for one in (*arguments, *keywords.values()))
        return shown if not still and keywords.get("track_running_stats") != Const(False) else None
    if name in _TRACKING:
        return shown if keywords.get("track_running_stats") == Const(True) else None
    place = _DROPPING_IF_ASKED.get(name)
    if place is None:
        return None
    asked = keywords.get("dropout", arguments[place] if place < len(arguments) else None)
    return shown if isinstance(asked, Const) and asked.value and _stacked(instance.foreign) else None


def _is_zero(value: Value) -> bool:
    return isinstance(value, Const) and value.value == 0 and value.value is not False


def _stacked(made: Foreign) -> bool:
    """Return True if a layer drops at all: a recurrent one does between its layers."""
    if made.name == "torch.nn.MultiheadAttention":
        return True
    layers = made.keywords.get("num_layers", made.arguments[2] if len(made.arguments) > 2 else None)
    return isinstance(layers, Const) and isinstance(layers.value, int) and layers.value > 1


def _put_in_eval(instance: Instance, flow: Flow) -> set[str]:
    """Return the submodules that the forward of an object puts in eval mode each time."""
    forward = flow.classes.method(instance.cls, "forward") if isinstance(instance.cls, Class) else None
    calls = [one for one in walk_scope(forward.node.body) if isinstance(one, n.Call)] if forward is not None else []
    return {
        one.func.value.attr
        for one in calls
        if isinstance(one.func, n.Attribute) and one.func.attr == "eval" and isinstance(one.func.value, n.Attribute)
    }
