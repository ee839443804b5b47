"""The object when it is traced: its mode, its hooks, and parameters with two names (trace-hazards.md 1.4 and 1.9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scriptlint.diag import Severity
from scriptlint.instances.values import Const, Instance, TensorValue
from scriptlint.program.project import External
from scriptlint.trace import frozen
from scriptlint.trace.hazards import hazard

if TYPE_CHECKING:
    from scriptlint.trace.boundary import Entry
    from scriptlint.trace.flow import Flow, Frame

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

# Layers that do something else in training, by what must hold for it.
_DROPPING = frozenset(
    f"torch.nn.{name}"
    for name in "Dropout Dropout1d Dropout2d Dropout3d AlphaDropout FeatureAlphaDropout RReLU "
    "BatchNorm1d BatchNorm2d BatchNorm3d SyncBatchNorm".split()
)
_TRACKING = frozenset(f"torch.nn.InstanceNorm{dim}d" for dim in (1, 2, 3))


def judge(flow: Flow, instance: Instance, entry: Entry) -> None:
    """Reports layers that are traced as they are in training."""
    assert entry.call is not None
    from scriptlint.trace.flow import Frame

    assert entry.module is not None
    frame = Frame(entry.module)
    hooked = next((one for one in flow.registered if one.backward_hook), None)
    if hooked is not None:
        flow.say(BACKWARD_HOOK, frame, entry.call.func, name=hooked.class_name)
    _judge_sharing(flow, instance, entry, frame)
    if entry.evaluated or instance.open:
        return
    layer = _trained(instance, flow, set())
    if layer is not None:
        flow.say(TRAINING_EXAMPLE, frame, entry.call.func, name=instance.class_name, layer=layer)


def _judge_sharing(flow: Flow, instance: Instance, entry: Entry, frame: Frame) -> None:
    """Reports one parameter under two names of one module."""
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


def _trained(instance: Instance, flow: Flow, seen: set[Instance]) -> str | None:
    """The name of a layer below an object that does something else in training than in evaluation."""
    if instance in seen or (seen and instance.evaluated):
        return None
    seen.add(instance)
    if instance.foreign is not None and isinstance(instance.cls, External):
        name = instance.foreign.name
        given = (*instance.foreign.arguments, *instance.foreign.keywords.values())
        still = any(isinstance(one, Const) and one.value == 0 and one.value is not False for one in given)
        if name in _DROPPING and not still and instance.foreign.keywords.get("track_running_stats") != Const(False):
            return f"nn.{name.rpartition('.')[2]}"
        if name in _TRACKING and instance.foreign.keywords.get("track_running_stats") == Const(True):
            return f"nn.{name.rpartition('.')[2]}"
    for _, held in instance.submodules():
        if isinstance(held.value, Instance) and held.when is None:
            found = _trained(held.value, flow, seen)
            if found is not None:
                return found
    return None
