"""Where a trace begins and ends: its arguments, its outputs, and the compiled code that it calls (trace-hazards.md 1.5 and 2)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from scriptlint.diag import Severity
from scriptlint.instances.values import (
    Compiled,
    Const,
    Foreign,
    FunctionValue,
    Instance,
    Items,
    Mapping,
    TensorValue,
    Unknown,
    Value,
)
from scriptlint.program.decorators import Kind as Reached
from scriptlint.program.decorators import decoration
from scriptlint.program.module import Class, Function, ModuleInfo
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk_scope
from scriptlint.trace import classes, modes
from scriptlint.trace.hazards import hazard
from scriptlint.trace.schemas import Arguments
from scriptlint.trace.values import ASSUMED, TENSOR, UNKNOWN, Kind, Length, Traced, many, sequence

if TYPE_CHECKING:
    from scriptlint.trace.flow import Flow, Frame

EXAMPLE_TYPE = hazard(
    "SL860",
    "example-not-tensor",
    "the example for `{name}` is {found}, and a trace takes tensors, and tuples, lists and dictionaries of them",
    "give a tensor, or trace a function that takes tensors alone and gives the value itself",
    "cannot be traced|Tracer cannot infer type|Only tensors",
    Severity.ERROR,
)

DEFAULTED_ARGUMENT = hazard(
    "SL861",
    "omitted-argument",
    "the example leaves `{name}` out, so the trace has no such argument and keeps its default",
    "give an example for every argument that the deployed model takes",
)

OUTPUT = hazard(
    "SL862",
    "output-not-tensor",
    "`{text}` returns {found}, and a trace returns tensors, and tuples of them",
    "return tensors in a tuple or NamedTuple; leave out what is none",
    "Only tensors, lists, tuples of tensors, or dictionary of tensors|Encountering a dict at the output"
    "|didn't return any values|Tracer cannot infer type",
    Severity.ERROR,
)

NAMED_ARGUMENT = hazard(
    "SL874",
    "named-tuple-argument",
    "`{text}` asks an argument for a name, but a trace gives its function a plain tuple",
    "index or unpack the argument",
    "'tuple' object has no attribute",
    Severity.ERROR,
)

LIST_OUTPUT = hazard(
    "SL863",
    "list-output",
    "`{text}` returns a list, of which the trace keeps the length; torch warns of it",
    "return a tuple",
    "Encountering a list at the output of the tracer",
    Severity.NOTE,
)

SIZE_OUTPUT = hazard(
    "SL864",
    "size-output",
    "`{text}` returns a size, which the traced program returns as a tensor",
    "return tensors alone; the caller can ask them for their sizes",
)

SCRIPTED_ARGUMENT = hazard(
    "SL866",
    "frozen-scripted-argument",
    "`{text}`, given to `{name}: {kind}` of a scripted function, is the example's value for ever; {torch}",
    "give the scripted function the tensor, and ask for its size or number there",
)

NESTED_TRACE = hazard(
    "SL867",
    "nested-trace",
    "`{text}` traces inside of what is traced, which torch refuses",
    "trace before, in `__init__`, or call the function itself",
    "Tracing can't be nested",
    Severity.ERROR,
)

REENTRANT = hazard(
    "SL868",
    "reentrant-checkpoint",
    "`{text}` with `use_reentrant=True` cannot be traced",
    "pass `use_reentrant=False`",
    "unordered_map::at",
    Severity.ERROR,
)

COMPILED_FUNCTION = hazard(
    "SL869",
    "dynamo-in-trace",
    "`{text}` calls what `torch.compile` made, which cannot be traced",
    "trace the function itself",
    "Detected that you are using FX to torch.jit.trace",
    Severity.ERROR,
)

SCRIPTED_NONE = hazard(
    "SL870",
    "scripted-none",
    "the scripted function `{name}` returns nothing, and a trace cannot record such a call",
    "return a tensor from it",
    "Tracer cannot set value trace for type None",
    Severity.ERROR,
)

UNREGISTERED_SCRIPTED = hazard(
    "SL872",
    "unregistered-scripted-module",
    "`{text}` was scripted but is no submodule of what is traced, so its call cannot be recorded",
    "assign it to an attribute of the module",
    "not part of the active trace",
    Severity.ERROR,
)

# The words of annotations that speak of nothing but numbers.
_NUMBER_WORDS = frozenset("int float bool list List tuple Tuple Optional None typing".split())
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Entry:
    """How a trace was asked for: the arguments after the model, and the objects that were in eval mode."""

    examples: tuple[Value, ...] = ()
    keywords: dict[str, Value] = field(default_factory=dict)
    evaluated: frozenset[Instance] = frozenset()
    by_method: bool = False
    call: n.Call | None = None
    module: ModuleInfo | None = None


@dataclass(frozen=True)
class Example:
    """The values of the arguments of one traced method; None where nothing is known of them."""

    values: list[Traced] | None
    raw: list[Value]
    keywords: dict[str, Traced]
    entry: Entry


def entries(flow: Flow, value: Value, entry: Entry) -> Iterator[tuple[str, Instance | None, Function, Example]]:
    """The functions where following begins, each with its example."""
    if isinstance(value, Instance) and isinstance(value.cls, Class):
        given = entry.keywords.get("inputs", entry.examples[0] if entry.examples else None)
        if entry.by_method and isinstance(given, Mapping):
            for name, one in given.items.items():
                method = flow.classes.method(value.cls, str(name))
                if method is not None:
                    yield str(name), value, method, _example(entry, one)
            return
        forward = flow.classes.method(value.cls, "forward")
        if forward is not None:
            yield "forward", value, forward, _example(entry, _given(entry))
        for method in flow.classes.methods(value.cls).values():
            if flow.rooted and decoration(method, flow.project).jit == "export":
                return
    elif isinstance(value, FunctionValue):
        bound = value.bound if isinstance(value.bound, Instance) else None
        yield value.function.node.name, bound, value.function, _example(entry, _given(entry))


def _given(entry: Entry) -> Value | None:
    if entry.examples:
        return entry.examples[0]
    return entry.keywords.get("example_inputs", entry.keywords.get("args"))


def _example(entry: Entry, given: Value | None) -> Example:
    named = entry.keywords.get("example_kwarg_inputs")
    pairs = named.items.items() if isinstance(named, Mapping) else ()
    keywords = {name: example_value(one) for name, one in pairs if isinstance(name, str)}
    if given is None or (isinstance(given, Items) and not given.exact):
        return Example([] if keywords else None, [], keywords, entry)
    raw = list(given.items) if isinstance(given, Items) and given.kind in ("tuple", "list") else [given]
    if isinstance(given, Unknown):
        return Example(None, [], keywords, entry)
    return Example([example_value(one) for one in raw], raw, keywords, entry)


def example_value(value: Value) -> Traced:
    """What an argument of a traced function is, by its example."""
    match value:
        case TensorValue():
            return TENSOR
        case Items() if value.kind in ("tuple", "list"):
            items = [example_value(one) for one in value.items]
            return sequence(items, Length.EXAMPLE) if value.exact else many(TENSOR, Length.EXAMPLE)
        case Instance(cls=Class() as symbol, foreign=Foreign(name="typing.NamedTuple")) if value.foreign is not None:
            items = [example_value(one) for one in (*value.foreign.arguments, *value.foreign.keywords.values())]
            return replace(classes.named(items, tuple(classes.fields(symbol))), length=Length.EXAMPLE, truth=None)
        case Mapping():
            known = {key: example_value(one) for key, one in value.items.items() if isinstance(key, str)}
            return Traced(Kind.MAPPING, keys=tuple(known), items=tuple(known.values()), length=Length.EXAMPLE)
        case Const():
            return Traced(Kind.PYTHON, value)
        case _:
            return ASSUMED


def follow(flow: Flow, function: Function, instance: Instance | None, example: Example, name: str) -> Traced:
    """Follows a traced function, and judges its arguments and what it returns."""
    frame = _outside(flow, function, instance)
    if example.entry.call is not None and flow.rooted:
        _judge_example(flow, function, instance, example, frame)
        if instance is not None:
            modes.judge(flow, instance, example.entry)
    marks = decoration(function, flow.project)
    if marks.jit in ("script", "script_if_tracing"):
        return TENSOR
    top = example.values is None
    values = example.values or []
    result = flow.call(function, instance, values, example.keywords, top=top, root=True)
    _judge_output(flow, function, result, frame, strict=example.entry.keywords.get("strict") != Const(False))
    return result


def has_forward(flow: Flow, instance: Instance) -> bool:
    """Whether an object's forward is of a class whose source is at hand."""
    return isinstance(instance.cls, Class) and flow.classes.method(instance.cls, "forward") is not None


def follow_container(flow: Flow, instance: Instance, entry: Entry) -> None:
    """Follows an object whose forward is torch's own: the modules that it holds are called by it."""
    from scriptlint.trace import modules
    from scriptlint.trace.flow import Frame

    place = instance.cls if isinstance(instance.cls, Class) else entry.module
    if place is None:
        return
    frame = Frame(place)
    name = n.Name(0, 0, "forward")
    node = entry.call or n.Call(0, 0, name, [], [])
    example = _example(entry, _given(entry))
    values = example.values or [TENSOR]
    if entry.call is not None and flow.rooted:
        modes.judge(flow, instance, entry)
    if isinstance(instance.cls, Class):
        node = n.Call(instance.cls.node.start, instance.cls.node.start, name, [], [])
    modules.call(flow, instance, Arguments(tuple((one, name) for one in values), {}), node, frame)


def _outside(flow: Flow, function: Function, instance: Instance | None) -> Frame:
    from scriptlint.trace.flow import Frame

    return Frame(function, instance)


# Arguments


def _at_call(example: Example) -> tuple[Frame, n.Expr]:
    from scriptlint.trace.flow import Frame

    assert example.entry.call is not None
    assert example.entry.module is not None
    return Frame(example.entry.module), example.entry.call.func


def _judge_example(flow: Flow, function: Function, instance: Instance | None, example: Example, frame: Frame) -> None:
    if example.values is None:
        return
    at, node = _at_call(example)
    arguments = function.node.args
    parameters = [*arguments.posonly, *arguments.args]
    static = decoration(function, flow.project).kind is Reached.STATIC
    if function.owner is not None and not static:
        parameters = parameters[1:]
    for index, value in enumerate(example.raw):
        name = parameters[index].name if index < len(parameters) else f"argument {index + 1}"
        found = _untraceable(value)
        if found is not None:
            flow.say(EXAMPLE_TYPE, at, node, name=name, found=found)
            return
    for index, parameter in enumerate(parameters):
        if index >= len(example.values) and parameter.name not in example.keywords and parameter.default is not None:
            if _is_used(function, parameter.name):
                flow.say(DEFAULTED_ARGUMENT, at, node, name=parameter.name)
                return
    if example.keywords:
        return


def _is_used(function: Function, name: str) -> bool:
    return any(isinstance(one, n.Name) and one.id == name for one in walk_scope(function.node.body))


def _untraceable(value: Value) -> str | None:
    match value:
        case Const(value=None):
            return "None"
        case Const():
            return f"the {type(value.value).__name__} `{value.value!r}`"
        case Items() if value.exact and not value.items:
            return f"an empty {value.kind}"
        case Mapping() if any(isinstance(one, Const) for one in value.items.values()):
            return "a dictionary that holds more than tensors"
        case Items():
            return next((found for one in value.items if (found := _untraceable(one)) is not None), None)
        case _:
            return None


# Outputs


def _judge_output(flow: Flow, function: Function, result: Traced, frame: Frame, strict: bool) -> None:
    """Reports what a trace cannot return; only what every way out of the function returns is known."""
    if not flow.outputs:
        return
    returns = [one for one in walk_scope(function.node.body) if isinstance(one, n.Return)]
    if any(isinstance(one, (n.Yield, n.YieldFrom)) for one in walk_scope(function.node.body)):
        return
    if len(returns) == 1 and returns[0].value is not None:
        at: n.Node = returns[0].value
    else:
        at = n.Name(function.node.name_start, function.node.name_start + len(function.node.name), function.node.name)
    text = frame.text(at)
    found = _unreturnable(flow, result)
    severity = flow.refusal
    if found is None and result.kind is Kind.MAPPING and strict:
        found = "a dictionary, which needs `strict=False`"
    if found is None and result.kind is Kind.MAPPING and result.items is not None:
        if any(one.kind is Kind.MAPPING for one in result.items):
            found = "a dictionary of dictionaries"
    generator = len(returns) == 1 and isinstance(returns[0].value, n.GeneratorExp)
    if generator:
        found = "a generator"
    if found is not None:
        flow.say(OUTPUT, frame, at, severity, text=text, found=found)
        return
    parts = result.items if result.kind is Kind.SEQUENCE and result.items is not None else (result,)
    if result.is_shape or any((one.kind is Kind.SIZE and one.sure) or one.is_shape for one in parts):
        flow.say(SIZE_OUTPUT, frame, at, text=text)
    if len(returns) == 1 and isinstance(returns[0].value, (n.List, n.ListComp)):
        flow.say(LIST_OUTPUT, frame, at, text=text)


def _unreturnable(flow: Flow, value: Traced) -> str | None:
    if value.kind is Kind.PYTHON:
        if value.truth is False and (value.value is None or value.value == Const(None)):
            return "None" if value.value == Const(None) else None
        if isinstance(value.value, Const):
            return "None" if value.value.value is None else f"a {type(value.value.value).__name__}"
        return None
    if value.kind is Kind.BAKED:
        return "a value of Python"
    if value.kind is Kind.OBJECT and isinstance(value.value, Instance) and isinstance(value.value.cls, Class):
        return f"an object of `{value.value.class_name}`" if classes.is_plain(flow, value.value.cls) else None
    if value.kind is Kind.SEQUENCE and not value.is_shape:
        inner = value.items if value.items is not None else ()
        return next((found for one in inner if (found := _unreturnable(flow, one)) is not None), None)
    return None


# Compiled code


def call_compiled(
    flow: Flow, value: Compiled, given: Arguments, node: n.Call, frame: Frame, method: str | None = None
) -> Traced:
    """A call of what torch.jit gave back: its branches are kept, its parameters of Python's types are not followed."""
    inner = value.inner
    if isinstance(inner, FunctionValue):
        return call_scripted(flow, inner.function, given, node, frame)
    if isinstance(inner, Instance) and isinstance(inner.cls, Class) and value.how == "script":
        if inner not in flow.registered and flow.rooted:
            flow.say(UNREGISTERED_SCRIPTED, frame, node.func, flow.refusal, text=frame.text(node.func))
        function = flow.classes.method(inner.cls, method or "forward")
        if function is not None:
            _judge_scripted(flow, function, given, frame, skip=1)
            return _returned(flow, function, inner, given)
    return _given_back(given)


def call_scripted(flow: Flow, function: Function, given: Arguments, node: n.Call, frame: Frame) -> Traced:
    """A call of a scripted function."""
    _judge_scripted(flow, function, given, frame, skip=0)
    returns = [one for one in walk_scope(function.node.body) if isinstance(one, n.Return)]
    if all(one.value is None for one in returns):
        flow.say(SCRIPTED_NONE, frame, node, flow.refusal, name=function.node.name)
    return _returned(flow, function, None, given)


def call_dynamo(flow: Flow, node: n.Call, frame: Frame) -> Traced:
    """A call of what torch.compile made."""
    flow.say(COMPILED_FUNCTION, frame, node, flow.refusal, text=frame.text(node))
    return TENSOR


def _returned(flow: Flow, function: Function, instance: Instance | None, given: Arguments) -> Traced:
    """What compiled code gives: tensors, whose content and sizes the trace follows whatever happens inside."""
    result = flow.result_of(function, instance, [one for one, _ in given.positional])
    if result.kind is Kind.SEQUENCE:
        return sequence([TENSOR] * len(result.items)) if result.items is not None else many(TENSOR)
    return _given_back(given)


def _given_back(given: Arguments) -> Traced:
    kinds = {one.kind for one in given.values}
    return (
        TENSOR
        if Kind.TENSOR in kinds and not all(one.kind is Kind.TENSOR and not one.sure for one in given.values)
        else UNKNOWN
    )


def _judge_scripted(flow: Flow, function: Function, given: Arguments, frame: Frame, skip: int) -> None:
    node = function.node.args
    parameters = [*node.posonly, *node.args][skip:]
    for index, parameter in enumerate([*parameters, *node.kwonly]):
        found = given.get(index, parameter.name) if index < len(parameters) else given.keywords.get(parameter.name)
        if found is None or parameter.annotation is None:
            continue
        value, at = found
        kind = function.module.text(parameter.annotation).strip("'\"")
        items = (
            value.items if value.items is not None else (value.element(),) if value.kind is Kind.SEQUENCE else (value,)
        )
        moving = any(one.kind in (Kind.SIZE, Kind.TENSOR) and one.is_linked and not one.fixed for one in items)
        if not moving:
            continue
        if set(_WORD.findall(kind)) <= _NUMBER_WORDS:
            loud = kind in ("float", "bool") or (value.kind is Kind.TENSOR and kind != "int")
            torch = "torch warns of it" if loud else "torch does not warn"
            flow.say(SCRIPTED_ARGUMENT, frame, at, text=frame.text(at), name=parameter.name, kind=kind, torch=torch)
