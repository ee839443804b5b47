"""What torch's own checks of a trace can show: `check_trace` replays the example, `check_inputs` other inputs; neither changes
the mode, the object or the state of autograd, and both run without gradients (trace-hazards.md 2.5)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scriptlint.diag import Rule, Severity
from scriptlint.evaluate.values import Const, Foreign, Instance
from scriptlint.program.module import Class
from scriptlint.program.project import External
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk_scope
from scriptlint.trace import frozen, hazards, outputs
from scriptlint.trace.frames import Frame
from scriptlint.trace.hazards import hazard

if TYPE_CHECKING:
    from scriptlint.trace.entry import Entry
    from scriptlint.trace.flow import Flow

SKIPPED_CHECK = hazard(
    "SL880",
    "skipped-trace-check",
    "`check_trace=False` leaves out the second run, which would show what {code} says of `{text}`",
    "trace without it once, and mend what torch then reports",
    severity=Severity.NOTE,
)

BLIND_CHECK = hazard(
    "SL881",
    "blind-trace-check",
    "`check_inputs` changes nothing but the inputs, so it cannot show what {code} says of `{text}`",
    "compare the model and its trace in the mode and the surroundings that are deployed",
    severity=Severity.NOTE,
)

FAST_PATH = hazard(
    "SL882",
    "check-on-fast-path",
    "the check of this trace fails: without gradients `{layer}` takes a fast path, which the trace did not",
    "trace under `torch.no_grad()`, or pass `check_trace=False`",
    "Graphs differed across invocations",
    Severity.ERROR,
)

# Measured: a second trace of the example differs, or gives something else.
_SHOWN = (
    hazards.SIZE_TYPE,
    frozen.UNTRACKED_WRITE,
    frozen.LOST_STATE,
    frozen.GLOBAL_STATE,
    frozen.PYTHON_RANDOM,
    frozen.SEED,
    frozen.PYTHON_CALLBACK,
)
# Measured: traces of other inputs agree with the model as well.
_HIDDEN = (
    frozen.UNREGISTERED,
    frozen.TRAINING_BRANCH,
    frozen.GRAD_STATE,
    frozen.NO_GRAD,
    outputs.SIZE_OUTPUT,
)
_NO_GRAD = re.compile(r"\b(no_grad|inference_mode|set_grad_enabled)\b")
_DEPTH = 8  # modules within modules
_ENCODERS = frozenset({"torch.nn.TransformerEncoderLayer", "torch.nn.TransformerEncoder"})


def judge(flow: Flow, instance: Instance | None, entry: Entry) -> None:
    """Report what the checks that a trace asks for cannot show, or say of a model that is right."""
    if entry.call is None or entry.module is None or entry.is_export:
        return
    keywords = {one.arg: one for one in entry.call.keywords}
    frame = Frame(entry.module)
    unchecked = entry.keywords.get("check_trace") == Const(False)
    if unchecked and "check_trace" in keywords:
        _say(flow, SKIPPED_CHECK, _SHOWN, keywords["check_trace"], frame)
    elif "check_inputs" in keywords:
        _say(flow, BLIND_CHECK, _HIDDEN, keywords["check_inputs"], frame)
    if not unchecked and instance is not None and instance in entry.evaluated and not _without_gradients(entry):
        layer = _fast_layer(flow, instance)
        if layer is not None:
            flow.say(FAST_PATH, frame, entry.call.func, layer=layer)


def _say(flow: Flow, rule: Rule, about: tuple[Rule, ...], at: n.Keyword, frame: Frame) -> None:
    one = next((one for one in flow.findings() if one.rule in about), None)
    if one is not None:
        text = one.facts.get("text") or one.facts.get("test")
        flow.say(rule, frame, at, code=one.rule.code, text=text)


def _without_gradients(entry: Entry) -> bool:
    """Return True if gradients may be turned off around the call that traces: whether the file speaks of it at all."""
    return entry.module is not None and _NO_GRAD.search(entry.module.code) is not None


def _fast_layer(flow: Flow, instance: Instance, depth: int = 0) -> str | None:
    """Return a layer that takes the fast path where no gradients are wanted, and is called with tensors alone."""
    if not isinstance(instance.cls, Class) or instance.frozen or depth > _DEPTH:
        return None
    forward = flow.classes.method(instance.cls, "forward")
    calls = [one for one in walk_scope(forward.node.body) if isinstance(one, n.Call)] if forward is not None else []
    for call in calls:
        if not isinstance(call.func, n.Attribute) or not isinstance(call.func.value, n.Name):
            continue
        held = instance.held(call.func.attr)
        layer = held[0].value if len(held) == 1 and held[0].when is None else None
        if isinstance(layer, Instance):
            found = layer.class_name if _is_fast(layer, call) else _fast_layer(flow, layer, depth + 1)
            if found is not None:
                return found
    return None


def _is_fast(layer: Instance, call: n.Call) -> bool:
    made = layer.foreign
    if made is None or layer.frozen or not isinstance(layer.cls, External):
        return False
    if made.name == "torch.nn.MultiheadAttention":
        return _plain(made, 2) and _attends_to_itself(call)
    if made.name == "torch.nn.TransformerEncoder":
        inner = made.arguments[0] if made.arguments else None
        return isinstance(inner, Instance) and _is_fast(inner, call)
    return made.name in _ENCODERS and _plain(made, 4)


def _attends_to_itself(call: n.Call) -> bool:
    """Return True if one variable is query, key and value, and there is no mask."""
    given: dict[str | None, n.Expr] = {one.arg: one.value for one in call.keywords}
    given |= zip(("query", "key", "value", "key_padding_mask", "need_weights", "attn_mask"), call.args, strict=False)
    names = [one.id for name in ("query", "key", "value") if isinstance(one := given.get(name), n.Name)]
    masks = [given[one] for one in ("key_padding_mask", "attn_mask") if one in given]
    return None not in given and len(names) == 3 and len(set(names)) == 1 and all(map(_is_none, masks))


def _is_none(node: n.Expr) -> bool:
    return isinstance(node, n.Constant) and node.kind == "none"


def _plain(made: Foreign, most: int) -> bool:
    """Return True if a layer of attention is made with nothing that keeps it from the fast path."""
    heads = made.arguments[1] if len(made.arguments) > 1 else made.keywords.get("num_heads", made.keywords.get("nhead"))
    even = isinstance(heads, Const) and isinstance(heads.value, int) and heads.value % 2 == 0
    known = set(made.keywords) <= {
        "batch_first",
        "dropout",
        "dim_feedforward",
        "num_heads",
        "nhead",
        "embed_dim",
        "d_model",
    }
    return even and known and len(made.arguments) <= most and made.keywords.get("batch_first") == Const(True)
