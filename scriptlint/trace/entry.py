"""Where a trace begins: what is traced, and the example that it is given (trace-hazards.md 1.5 and 2.4)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from scriptlint.diag import Severity
from scriptlint.evaluate import kinds
from scriptlint.evaluate.values import (
    Const,
    Foreign,
    FunctionValue,
    Instance,
    Items,
    LambdaValue,
    Mapping,
    Partial,
    PythonObject,
    Some,
    TensorValue,
    Unknown,
    Value,
)
from scriptlint.program.decorators import Kind as Reached
from scriptlint.program.decorators import decoration
from scriptlint.program.module import Class, Function, ModuleInfo
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk_scope
from scriptlint.trace import classes, modes, outputs
from scriptlint.trace.frames import Frame
from scriptlint.trace.hazards import hazard
from scriptlint.trace.roles import role
from scriptlint.trace.schemas import Arguments
from scriptlint.trace.values import ASSUMED, TENSOR, Kind, Length, Traced, many

if TYPE_CHECKING:
    from scriptlint.trace.flow import Flow

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

EXAMPLE_COUNT = hazard(
    "SL890",
    "example-arguments",
    "the example {found}, and `{name}` cannot be traced with it",
    "give one example for each argument, in a tuple; `example_kwarg_inputs` takes those with names, but none after a `*`",
    "missing \\d+ required|takes \\d+ positional|is not in .* arguments|expected at most",
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


UNTRACEABLE = hazard(
    "SL876",
    "untraceable-callable",
    "`{text}` is {found}, which `torch.jit.trace` refuses",
    "trace the module itself, its methods with `torch.jit.trace_module`, or a function that calls it",
    "trace doesn't support compiling individual module's functions|Could not get name of python class object",
    Severity.ERROR,
)

METHOD_INPUTS = hazard(
    "SL877",
    "trace-module-inputs",
    "`torch.jit.trace_module` is given {found}",
    "give it a module, and a dictionary of the examples by the names of the methods that it traces",
    "expected a dictionary of|has no attribute|expected torch.nn.Module|already defined",
    Severity.ERROR,
)


class Entry(Struct, frozen=True):
    """How a trace was asked for: the arguments after the model, the objects that were in eval mode, the function that was
    called, and whether the model was called before."""

    examples: tuple[Value, ...] = ()
    keywords: dict[str, Value] = field(default_factory=dict)
    evaluated: frozenset[Instance] = frozenset()
    by: str = ""
    call: n.Call | None = None
    module: ModuleInfo | None = None
    ran: bool = False

    @property
    def inputs(self) -> Value | None:
        """The examples that `torch.jit.trace_module` is given."""
        return self.keywords.get("inputs", self.examples[0] if self.examples else None)

    @property
    def is_export(self) -> bool:
        """Whether the trace is that of the ONNX exporter, which takes and returns more than tensors."""
        return self.by == "torch.onnx.export"

    @property
    def is_checked(self) -> bool:
        """Whether the trace is made a second time and compared."""
        return self.call is not None and not self.is_export and self.keywords.get("check_trace") != Const(False)


class Example(Struct, frozen=True):
    """The values of the arguments of one traced method; None where nothing is known of them."""

    values: list[Traced] | None
    raw: list[Value]
    keywords: dict[str, Traced]
    entry: Entry


def entries(flow: Flow, value: Value, entry: Entry) -> Iterator[tuple[Instance | None, Function, Example]]:
    """Yield the functions where following begins, each with its example."""
    if entry.by == "torch.jit.trace_module":
        yield from _by_method(flow, value, entry)
    elif isinstance(value, Instance) and isinstance(value.cls, Class):
        forward = flow.classes.method(value.cls, "__call__") or flow.classes.method(value.cls, "forward")
        replaced = value.held("forward")[-1].value if value.held("forward") else None
        if replaced is not None:
            forward = replaced.function if isinstance(replaced, FunctionValue) and replaced.bound is value else None
            if forward is None:
                flow.miss(f"`forward` of `{value.class_name}`")
        if forward is not None:
            yield value, forward, _example(entry, _given(entry))
    elif isinstance(value, FunctionValue):
        bound = value.bound if isinstance(value.bound, Instance) else None
        yield bound, value.function, _example(entry, _given(entry))


def _by_method(flow: Flow, value: Value, entry: Entry) -> Iterator[tuple[Instance | None, Function, Example]]:
    given = entry.inputs
    if not isinstance(value, Instance) or not isinstance(value.cls, Class) or not isinstance(given, Mapping):
        return
    for name, one in given.items.items():
        method = flow.classes.method(value.cls, str(name))
        if method is not None:
            yield value, method, _example(entry, one)


def judge(flow: Flow, value: Value, entry: Entry) -> None:
    """Report what cannot be traced, whatever the example."""
    if entry.call is None or entry.module is None or not flow.rooted:
        return
    by_method = entry.by == "torch.jit.trace_module"
    found = _wrong_inputs(flow, value, entry) if by_method else _refused(flow, value, entry)
    if found is not None:
        frame = Frame(entry.module)
        at = entry.call.args[0] if entry.call.args and not by_method else entry.call.func
        facts: dict[str, object] = {"found": found} if by_method else {"found": found, "text": frame.text(at)}
        flow.say(METHOD_INPUTS if by_method else UNTRACEABLE, frame, at, None, None, **facts)


def _refused(flow: Flow, value: Value, entry: Entry) -> str | None:
    if entry.is_export:
        return None
    if isinstance(value, FunctionValue) and isinstance(value.bound, Instance):
        is_module = isinstance(value.bound.cls, Class) and flow.classes.is_module(value.bound.cls)
        return "a method other than forward" if is_module and value.function.node.name != "forward" else None
    if isinstance(value, Partial):
        return "a `functools.partial`"
    if isinstance(value, Instance) and isinstance(value.cls, Class) and classes.is_plain(flow, value.cls):
        return "neither a module nor a function"
    return None


def _wrong_inputs(flow: Flow, value: Value, entry: Entry) -> str | None:
    if isinstance(value, (FunctionValue, LambdaValue)):
        return "a function, and no module"
    given = entry.inputs
    if isinstance(given, (TensorValue, Items)):
        return "examples without the names of their methods"
    if not isinstance(given, Mapping) or not isinstance(value, Instance) or not isinstance(value.cls, Class):
        return None
    for name in given.items:
        if not isinstance(name, str):
            continue
        if kinds.has_attribute(flow.machine.evaluator, value, name) is False:
            return f"an example for `{name}`, which `{value.class_name}` does not have"
        method = flow.classes.method(value.cls, name)
        if method is not None and decoration(method, flow.project).jit == "export":
            return f"an example for `{name}`, which is exported and so compiled already"
    return None


def exports(flow: Flow) -> Iterator[tuple[Instance, Function]]:
    """Yield the exported methods of all that a trace goes through: they are compiled when it is made."""
    for instance in flow.registered:
        if isinstance(instance.cls, Class):
            for method in flow.classes.methods(instance.cls).values():
                if decoration(method, flow.project).jit == "export":
                    yield instance, method


def _given(entry: Entry) -> Value | None:
    if entry.examples:
        return entry.examples[0]
    return entry.keywords.get("example_inputs", entry.keywords.get("args"))


def _example(entry: Entry, given: Value | None) -> Example:
    named = entry.keywords.get("example_kwarg_inputs", entry.keywords.get("kwargs"))
    pairs = named.items.items() if isinstance(named, Mapping) else ()
    keywords = {name: example_value(one) for name, one in pairs if isinstance(name, str)}
    if given is None or (isinstance(given, Items) and not given.exact):
        return Example([] if keywords else None, [], keywords, entry)
    raw = list(given.items) if isinstance(given, Items) and given.kind in ("tuple", "list") else [given]
    if isinstance(given, Unknown):
        return Example(None, [], keywords, entry)
    if entry.is_export and raw and isinstance(last := raw[-1], Mapping):
        raw = raw[:-1]  # the exporter takes a dictionary at the end for the arguments by name
        keywords |= {name: example_value(one) for name, one in last.items.items() if isinstance(name, str)}
    return Example([example_value(one) for one in raw], raw, keywords, entry)


def example_value(value: Value) -> Traced:
    """Return what an argument of a traced function is, by its example."""
    match value:
        case TensorValue():
            return TENSOR
        case Items() if value.kind in ("tuple", "list"):
            if not value.exact:
                return many(TENSOR, Length.EXAMPLE)
            items = [example_value(one) for one in value.items]
            return replace(classes.named(items, classes.names_of(value)), length=Length.EXAMPLE, truth=None)
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


def follow(flow: Flow, function: Function, instance: Instance | None, example: Example) -> Traced:
    """Follow a traced function, and judge its arguments and what it returns."""
    frame = Frame(function, instance)
    if example.entry.call is not None and flow.rooted:
        _judge_example(flow, function, instance, example, frame)
        if instance is not None:
            modes.judge(flow, instance, example.entry)
    marks = decoration(function, flow.project)
    if marks.jit in ("script", "script_if_tracing"):
        return TENSOR
    result = call(flow, function, instance, example)
    if flow.outputs and not example.entry.is_export:
        outputs.judge(flow, function, result, frame, example.entry)
    return result


def call(flow: Flow, function: Function, instance: Instance | None, example: Example) -> Traced:
    """Return what a traced function gives for its example.

    Where the example is not known, optional arguments may be given or, as mostly, left out: both are followed. What they
    would be is a guess, so what cannot be followed of it does not count, and hazards that are met only then are notes.
    """
    top = example.values is None
    given = partial(flow.call, function, instance, example.values or [], example.keywords, top=top, root=True)
    if not top or flow.rooted or all(one.default is None for one in function.node.args.all()):
        return given()
    result, guessed = flow.guess(given)
    required = [one for one in _parameters(flow, function, instance) if one.default is None]
    named = {one.name: role(flow.project, one, function) for one in function.node.args.kwonly if one.default is None}
    roles = [role(flow.project, one, function) for one in required]
    values = [TENSOR if one is ASSUMED and flow.outputs else one for one in roles]
    omitted = flow.call(function, instance, values, named, root=True)
    node = function.node.args
    flow.add(guessed, Severity.NOTE if node.vararg is None and node.kwarg is None else None)
    return result if omitted.kind is Kind.UNKNOWN else omitted


def _parameters(flow: Flow, function: Function, instance: Instance | None) -> list[n.Parameter]:
    """Return the parameters of a function that may be given by their place, the one for its object aside."""
    parameters = [*function.node.args.posonly, *function.node.args.args]
    is_static = decoration(function, flow.project).kind is Reached.STATIC
    is_method = function.owner is not None or instance is not None
    return parameters[1:] if is_method and not is_static else parameters


def follow_lambda(flow: Flow, value: LambdaValue, entry: Entry) -> Traced:
    """Follow a lambda that is traced."""
    example = _example(entry, _given(entry))
    parameters = [*value.node.args.posonly, *value.node.args.args]
    return flow.call_lambda(value.node, value.place, None, None, example.values or [TENSOR] * len(parameters))


def has_forward(flow: Flow, instance: Instance) -> bool:
    """Return True if an object's forward is of a class whose source is at hand."""
    return isinstance(instance.cls, Class) and flow.classes.method(instance.cls, "forward") is not None


def follow_container(flow: Flow, instance: Instance, entry: Entry) -> None:
    """Follow an object whose forward is torch's own: the modules that it holds are called by it."""
    from scriptlint.trace import modules

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
    if entry.call is None and instance.site is not None:
        node = n.Call(instance.site.start, instance.site.start, name, [], [])
    if isinstance(instance.cls, Class):
        node = n.Call(instance.cls.node.start, instance.cls.node.start, name, [], [])
    modules.call(flow, instance, Arguments(tuple((one, name) for one in values), {}), node, frame)


# Arguments


def _at_call(example: Example) -> tuple[Frame, n.Expr]:
    assert example.entry.call is not None
    assert example.entry.module is not None
    return Frame(example.entry.module), example.entry.call.func


def _judge_example(flow: Flow, function: Function, instance: Instance | None, example: Example, frame: Frame) -> None:
    if example.values is None:
        return
    at, node = _at_call(example)
    parameters = _parameters(flow, function, instance)
    for index, value in enumerate(example.raw if not example.entry.is_export else ()):
        name = parameters[index].name if index < len(parameters) else f"argument {index + 1}"
        found = _untraceable(flow, value)
        if found is not None:
            flow.say(EXAMPLE_TYPE, at, node, name=name, found=found)
            return
    wrong = _miscounted(function, parameters, example)
    if wrong is not None:
        flow.say(EXAMPLE_COUNT, at, node, found=wrong, name=function.node.name)
        return
    for index, parameter in enumerate(parameters):
        if index >= len(example.values) and parameter.name not in example.keywords and parameter.default is not None:
            if _is_used(function, parameter.name):
                # Mostly no call gives it: see `uses` for those that do.
                flow.say(DEFAULTED_ARGUMENT, at, node, Severity.NOTE, name=parameter.name)
                return


def _is_used(function: Function, name: str) -> bool:
    return any(isinstance(one, n.Name) and one.id == name for one in walk_scope(function.node.body))


def _miscounted(function: Function, parameters: list[n.Parameter], example: Example) -> str | None:
    """Return what is wrong with the number and names of the arguments of an example."""
    if not isinstance(example.values, list) or example.entry.is_export or function.node.decorators:
        return None
    names = {one.name for one in function.node.args.all()}
    other = next((name for name in example.keywords if name not in names), None)
    if other is not None:
        return f"gives `{other}`, which is not the name of a parameter"
    if function.node.args.kwarg is not None:
        return None
    count = len(example.values)
    if count > len(parameters) and function.node.args.vararg is None:
        return f"has {count} arguments"
    named = next((one.name for one in function.node.args.kwonly if one.name in example.keywords), None)
    if named is not None:
        return f"gives `{named}`, which may only be given by name"
    for one in (*parameters[count:], *function.node.args.kwonly):
        if one.default is None and one.name not in example.keywords:
            return f"leaves out `{one.name}`"
    return None


def _untraceable(flow: Flow, value: Value) -> str | None:
    match value:
        case Instance(cls=Class() as symbol) if classes.is_plain(flow, symbol) or classes.is_dictionary(flow, symbol):
            return f"an object of `{value.class_name}`"
        case Const(value=None):
            return "None"
        case Const():
            return f"the {type(value.value).__name__} `{value.value!r}`"
        case Some():
            return f"of the type {value.kind}"
        case PythonObject():
            return f"of the type {value.kind}"
        case Items() if value.exact and not value.items:
            return f"an empty {value.kind}"
        case Mapping() if any(isinstance(one, Const) for one in value.items.values()):
            return "a dictionary that holds more than tensors"
        case Mapping() if len({repr(form) for one in value.items.values() if (form := _form(one))}) > 1:
            return "a dictionary whose values are not of one type"
        case Items():
            return next((found for one in value.items if (found := _untraceable(flow, one)) is not None), None)
        case _:
            return None


def _form(value: Value) -> object:
    """Return what torch types the value of a dictionary as, None if that is not known."""
    if isinstance(value, Items):
        return [value.kind, *map(_form, value.items)] if value.kind == "tuple" else value.kind
    return "tensor" if isinstance(value, TensorValue) else "dictionary" if isinstance(value, Mapping) else None
