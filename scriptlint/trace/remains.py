"""What is left of an object when it was traced (trace-hazards.md 2.4).

A trace keeps forward, submodules, parameters, buffers and the mode. What the code asks of it beyond that is not there, unless
a method is exported: such an object is compiled, with its attributes.
"""

from __future__ import annotations

import re

from scriptlint.diag import Label, Report, Severity
from scriptlint.evaluate import kinds
from scriptlint.evaluate.values import Compiled, Instance, Mapping, TensorValue, Value, flatten
from scriptlint.instances.machine import Machine
from scriptlint.instances.roots import AttributeRead, Observed
from scriptlint.program.decorators import decoration
from scriptlint.program.module import Class
from scriptlint.trace import uses
from scriptlint.trace.hazards import hazard

LOST_ATTRIBUTE = hazard(
    "SL875",
    "lost-attribute",
    "`{text}` is gone: of `{name}`, a trace keeps `{kept}`, submodules, parameters and buffers",
    "trace a method with `torch.jit.trace_module`, mark it `@torch.jit.export`, or ask the model that was traced",
    "has no attribute",
    Severity.ERROR,
)

SUBMODULE_CALL = hazard(
    "SL878",
    "traced-submodule-call",
    "`{text}` calls a submodule of what was traced, which only its own forward can do",
    "trace the submodule by itself, or call that of the model",
    "Trace submodules cannot be called",
    Severity.ERROR,
)


def check_read(machine: Machine, read: AttributeRead, report: Report) -> None:
    """Report the use of an attribute that a traced object does not keep."""
    owner = read.owner
    kept = _kept(machine, owner)
    if owner.how != "trace" or kept is None or owner.frozen or read.node.attr in kept or _assigned(read):
        return
    if isinstance(owner.inner, Instance) and _is_lost(machine, owner.inner, read.node.attr):
        labels = [Label(owner.site, "traced here")]
        span, text, name = read.module.span(read.node), read.module.text(read.node), owner.inner.class_name
        report.report(LOST_ATTRIBUTE, span, labels=labels, text=text, name=name, kept="`, `".join(kept))


def check_call(machine: Machine, one: Observed, report: Report) -> None:
    """Report the call of a submodule of a traced object, or of the object with other arguments than its example's."""
    uses.check_call(machine, one, report)
    called = one.arguments[0] if one.name.startswith(".") and one.arguments else None
    if isinstance(called, Compiled) and called.how == "trace" and isinstance(called.inner, Instance):
        options = [option.value for held in called.inner.held(one.name[1:]) for option in flatten(held)]
        if options and all(_is_recorded(machine, option) for option in (called.inner, *options)):
            span, text = one.module.span(one.call.func), one.module.text(one.call.func)
            report.report(SUBMODULE_CALL, span, labels=[Label(called.site, "traced here")], text=text)


def _kept(machine: Machine, compiled: Compiled) -> tuple[str, ...] | None:
    """Return the methods that were traced; None where they are not known, or others are compiled as well."""
    inner = compiled.inner
    if not isinstance(inner, Instance) or not isinstance(inner.cls, Class):
        return None
    if not _is_recorded(machine, inner):
        return None
    root = next((one for one in machine.compilations if one.module.span(one.call) == compiled.site), None)
    if root is None or root.by != "torch.jit.trace_module":
        return ("forward",)
    inputs = root.keywords.get("inputs", root.examples[0] if root.examples else None)
    return tuple(map(str, inputs.items)) if isinstance(inputs, Mapping) and inputs.exact else None


def _is_recorded(machine: Machine, value: Value) -> bool:
    """Return True if an object is but a record of its calls: one with exported methods is compiled."""
    if not isinstance(value, Instance):
        return False
    methods = machine.classes.methods(value.cls).values() if isinstance(value.cls, Class) else ()
    return not any(decoration(one, machine.project).jit == "export" for one in methods)


def _is_lost(machine: Machine, instance: Instance, name: str) -> bool:
    held = [option.value for one in instance.held(name) for option in flatten(one)]
    for value in held:
        if isinstance(value, (Instance, Compiled)) or (isinstance(value, TensorValue) and value.kind != "plain"):
            return False
    return kinds.is_own(machine.evaluator, instance, name)


def _assigned(read: AttributeRead) -> bool:
    """Return True if the file gives the traced object such an attribute by hand."""
    owner = re.escape(read.module.text(read.node.value))
    return re.search(rf"\b{owner}\.{read.node.attr}\s*=(?!=)", read.module.code[: read.node.start]) is not None
