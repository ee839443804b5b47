"""Saving, loading and freezing: what the functions of deployment want of the objects that they are given."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from scriptlint.diag import Label, Report, Rule, Severity, Span, Target
from scriptlint.evaluate import kinds
from scriptlint.evaluate.values import Compiled, Const, Instance, Items, Value
from scriptlint.instances.machine import Machine
from scriptlint.instances.roots import AttributeRead, Observed
from scriptlint.program.classes import Classes
from scriptlint.program.module import Class, Function
from scriptlint.syntax import nodes as n

PICKLED_COMPILED = Rule(
    code="SL711",
    name="pickled-script-module",
    severity=Severity.ERROR,
    target=Target.SCRIPT,
    message="`torch.save` cannot pickle what `torch.jit.{how}` gave back",
    help="use `torch.jit.save(...)` or its own `.save(path)`; `torch.save` stores its `state_dict()`",
    compiler="Tried to serialize object .* which does not have a __getstate__ method defined",
)

SAVED_PLAIN_MODULE = Rule(
    code="SL712",
    name="plain-module-in-jit-save",
    severity=Severity.ERROR,
    target=Target.SCRIPT,
    message="`torch.jit.save` is given a plain `{name}`, which was neither scripted nor traced",
    help="give it `torch.jit.script(...)` or `torch.jit.trace(...)` of the module, or use `torch.save`",
    compiler="object has no attribute 'save'",
)

LOADED_ARCHIVE = Rule(
    code="SL713",
    name="archive-in-torch-load",
    severity=Severity.ERROR,
    target=Target.SCRIPT,
    message="`torch.load` refuses `{path}`, which is an archive that torch.jit saved",
    help="use `torch.jit.load(path, map_location=...)`",
    compiler="Cannot use ``weights_only=True`` with TorchScript archives",
)

LOADED_IN_PLACE = Rule(
    code="SL715",
    name="load-without-map-location",
    severity=Severity.NOTE,
    target=Target.SCRIPT,
    message="`torch.jit.load` puts every tensor where it was saved from, and fails where that device is missing",
    help="pass `map_location`, which moves parameters, buffers and the constants that no `.to(...)` reaches",
)

FROZEN_IN_TRAINING = Rule(
    code="SL716",
    name="freeze-in-train-mode",
    severity=Severity.ERROR,
    target=Target.SCRIPT,
    message="`torch.jit.freeze` refuses `{name}`, which is in training mode",
    help="call `.eval()` on the model before it is compiled; a trace keeps the mode that it was made in",
    compiler="Freezing is currently only implemented for modules in eval mode",
)

FROZEN_PLAIN_MODULE = Rule(
    code="SL718",
    name="plain-module-frozen",
    severity=Severity.ERROR,
    target=Target.SCRIPT,
    message="`{function}` is given a plain `{name}`, which was neither scripted nor traced",
    help="give it `torch.jit.script(...)` or `torch.jit.trace(...)` of the module",
    compiler="expects a ScriptModule as input",
)

LOST_BY_FREEZING = Rule(
    code="SL719",
    name="lost-by-freezing",
    severity=Severity.ERROR,
    target=Target.SCRIPT,
    message="`{text}` is gone: of `{name}`, freezing keeps `forward` alone",
    help="name it in `preserved_attrs` of `torch.jit.freeze`, or use the object that was not frozen",
    compiler="has no attribute",
)

UNKNOWN_NAME = Rule(
    code="SL720",
    name="unknown-preserved-name",
    severity=Severity.ERROR,
    target=Target.SCRIPT,
    message="`{name}` is to be preserved, and the compiled `{cls}` has no such attribute or method",
    help="correct the name, or decorate the method with `@torch.jit.export`",
    compiler="Unknown name",
)

_FREEZERS = ("torch.jit.freeze", "torch.jit.optimize_for_inference")


def note_archive(call: Observed, archives: dict[str, Span]) -> None:
    """Note where torch.jit.save, or a compiled object's `save`, is called, under the path that it writes."""
    if call.name in ("torch.jit.save", ".save") and len(call.arguments) > 1:
        path = _path(call.arguments[1])
        if path is not None:
            archives[path] = call.module.span(call.call.func)


def check_call(
    one: Observed, machine: Machine, reached: Collection[Function], loads: list[tuple[str, Span]], report: Report
) -> None:
    """Report a call that saves, loads or freezes an object in the wrong way.

    `reached` are the functions that are compiled. What torch.load may refuse is added to `loads`, for `check_loads`.
    """
    classes = machine.classes
    _check_names(one, machine, reached, report)
    span = one.module.span(one.call.func)
    first = one.arguments[0] if one.arguments else None
    if one.name == "torch.save" and isinstance(first, Compiled) and _certain(first):
        labels = [Label(first.site, "compiled here")]
        report.report(PICKLED_COMPILED, span, labels=labels, how=first.how)
    elif one.name == "torch.jit.save" and isinstance(first, Instance) and _is_plain_module(first, classes):
        labels = [Label(first.site, "made here")] if first.site is not None else []
        report.report(SAVED_PLAIN_MODULE, span, labels=labels, name=first.class_name)
    elif one.name == "torch.load" and one.keywords.get("weights_only") in (None, Const(True)):
        path = _path(first)
        if path is not None:
            loads.append((path, span))
    elif one.name == "torch.jit.load" and not _says_where(one.call):
        report.report(LOADED_IN_PLACE, span)
    elif one.name == "torch.jit.freeze" and isinstance(first, Compiled) and _is_in_training(first, one):
        assert isinstance(first.inner, Instance)
        labels = [Label(first.site, "compiled here")]
        report.report(FROZEN_IN_TRAINING, span, labels=labels, name=first.inner.class_name)
    elif one.name in _FREEZERS and isinstance(first, Instance) and _is_plain_module(first, classes):
        labels = [Label(first.site, "made here")] if first.site is not None else []
        report.report(FROZEN_PLAIN_MODULE, span, labels=labels, function=one.name, name=first.class_name)


def check_loads(loads: Iterable[tuple[str, Span]], archives: Mapping[str, Span], report: Report) -> None:
    """Report the calls of torch.load that are given one of the archives that a run saves."""
    for path, span in loads:
        if path in archives:
            report.report(LOADED_ARCHIVE, span, labels=[Label(archives[path], "saved here")], path=path)


_NAMES = {"torch.jit.freeze": "preserved_attrs", "torch.jit.optimize_for_inference": "other_methods"}


def _check_names(one: Observed, machine: Machine, reached: Collection[Function], report: Report) -> None:
    """Report the names that freezing is told to keep, and that the compiled object does not have."""
    compiled = one.arguments[0] if one.arguments else None
    if one.name not in _NAMES or not isinstance(compiled, Compiled) or not isinstance(compiled.inner, Instance):
        return
    instance = compiled.inner
    named = one.keywords.get(_NAMES[one.name], one.arguments[1] if len(one.arguments) > 1 else None)
    for item in named.items if isinstance(named, Items) else ():
        name = item.value if isinstance(item, Const) and isinstance(item.value, str) else None
        if name is None or not isinstance(instance.cls, Class) or instance.held(name) or "." in name:
            continue
        method = machine.classes.method(instance.cls, name)
        is_missing = kinds.has_attribute(machine.evaluator, instance, name) is False
        if is_missing or (method is not None and method not in reached and not instance.hidden):
            labels = [Label(compiled.site, "compiled here")]
            span = one.module.span(one.call.func)
            report.report(UNKNOWN_NAME, span, labels=labels, name=name, cls=instance.class_name)


def check_read(machine: Machine, read: AttributeRead, report: Report) -> None:
    """Report the use of an attribute that freezing took away."""
    if read.owner.frozen and kinds.is_own(machine.evaluator, read.owner.inner, read.node.attr):
        text, labels = read.module.text(read.node), [Label(read.owner.site, "compiled here")]
        name = read.owner.inner.class_name if isinstance(read.owner.inner, Instance) else "it"
        report.report(LOST_BY_FREEZING, read.module.span(read.node), labels=labels, text=text, name=name)


def _path(value: Value | None) -> str | None:
    return value.value if isinstance(value, Const) and isinstance(value.value, str) else None


def _says_where(call: n.Call) -> bool:
    """Return True if a call of torch.jit.load gives a map_location, or may."""
    spread = any(isinstance(one, n.Starred) for one in call.args)
    return len(call.args) > 1 or spread or any(one.arg in ("map_location", None) for one in call.keywords)


def _is_in_training(compiled: Compiled, freeze: Observed) -> bool:
    """Return True if what torch.jit.freeze is given surely has the mode in which objects are made.

    Nobody follows the mode of a compiled object, so nothing may happen to it in between: it is compiled in the
    argument itself, or its name is not read before.
    """
    inner = compiled.inner
    if not isinstance(inner, Instance) or inner.hidden or compiled.evaluated or inner.held("training"):
        return False
    argument = freeze.call.args[0] if freeze.call.args else None
    if isinstance(argument, n.Call):
        return freeze.module.span(argument) == compiled.site
    if not isinstance(argument, n.Name) or compiled.site.path != freeze.module.path:
        return False
    between = freeze.module.code[compiled.site.end : freeze.call.start]
    return compiled.site.end < freeze.call.start and re.search(rf"\b{argument.id}\b", between) is None


def _certain(compiled: Compiled) -> bool:
    # A scripted function has no state to pickle, and a value that is not known may be anything.
    return isinstance(compiled.inner, Instance)


def _is_plain_module(instance: Instance, classes: Classes) -> bool:
    if isinstance(instance.cls, Class):
        is_script = any(
            getattr(one, "name", "") == "torch.jit.ScriptModule" for one in classes.lineage(instance.cls).entries
        )
        return classes.is_module(instance.cls) is True and not is_script
    return classes.is_module_name(instance.cls.name) is True
