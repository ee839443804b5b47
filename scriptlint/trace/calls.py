"""Calls under trace: our functions, objects and lambdas, what was compiled, and what torch and Python offer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from scriptlint.evaluate.values import (
    Choice,
    ClassValue,
    Compiled,
    Const,
    ExternalValue,
    FunctionValue,
    Held,
    Instance,
    LambdaValue,
    Partial,
    PythonObject,
    SuperValue,
    TupleClass,
    Unknown,
    Value,
)
from scriptlint.fixes import tracing
from scriptlint.program.decorators import decoration
from scriptlint.program.module import Class, Function
from scriptlint.program.project import External
from scriptlint.syntax import nodes as n
from scriptlint.trace import (
    boundary,
    classes,
    einops,
    frozen,
    hazards,
    iteration,
    library,
    memory,
    modules,
    objects,
    python_calls,
    schemas,
    state,
)
from scriptlint.trace.expressions import evaluate, used
from scriptlint.trace.frames import Frame, step
from scriptlint.trace.schemas import Arguments
from scriptlint.trace.values import (
    NONE,
    PYTHON,
    TENSOR,
    UNKNOWN,
    WEIGHT,
    Kind,
    Length,
    Traced,
    Why,
    baked,
    join,
    join_all,
    many,
    sequence,
)

if TYPE_CHECKING:
    from scriptlint.trace.flow import Flow
_MUTATORS = frozenset(
    "append extend insert add update setdefault pop remove clear sort reverse popleft appendleft".split()
)
_FILLING = frozenset("append extend insert add update remove clear sort reverse appendleft".split())
_POOL = re.compile(r"torch\.nn\.(Avg|Max|LP)Pool\dd")
_PARAMETERS = frozenset({"parameters", "buffers"})
_CHAINED = frozenset("eval train to cuda cpu half float double requires_grad_ type apply".split())


def call(flow: Flow, node: n.Call, frame: Frame) -> Traced:
    """Return what a call gives."""
    given = arguments(flow, node, frame)
    if isinstance(node.func, n.Name) and node.func.id == "super" and frame.variable("super") is None:
        return _super(flow, frame, node)
    if isinstance(node.func, n.Attribute):
        applied = _autograd_function(flow, node.func, given, node, frame) if node.func.attr == "apply" else None
        if applied is not None:
            return applied
        found = _method(flow, node, node.func, given, frame)
        if found is not None:
            return found
    callee = evaluate(flow, node.func, frame)
    if callee.kind is not Kind.OBJECT or callee.value is None:
        if callee.kind is Kind.UNKNOWN:
            note = flow.assume if _is_assumed(flow, node.func, frame) else flow.miss
            note(f"`{frame.text(node.func)}`")
        return UNKNOWN
    return call_value(flow, callee, given, node, frame)


def _is_assumed(flow: Flow, node: n.Expr, frame: Frame) -> bool:
    """Return True for an attribute that holds a constructor's argument of which nothing is known, or that is filled later."""
    if not isinstance(node, n.Attribute) or not isinstance(node.value, n.Name):
        return False
    owner = frame.variable(node.value.id)
    if owner is None or not isinstance(owner.value, Instance):
        return False
    held = [one.value for one in owner.value.held(node.attr)]
    if held == [Const(None)]:
        return bool(flow.writers(owner.value, node.attr))
    return bool(held) and all(isinstance(one, Unknown) and one.assumed for one in held)


def arguments(flow: Flow, node: n.Call, frame: Frame) -> Arguments:
    """Return the arguments of a call, `*` and `**` unpacked where what they hold is known."""
    positional: list[tuple[Traced, n.Expr]] = []
    exact, several = True, None
    for one in node.args:
        if isinstance(one, n.Starred):
            value = evaluate(flow, one.value, frame)
            iteration.judge(flow, value, one.value, frame)
            iteration.judge_rank(flow, value, one.value, frame)
            if value.kind is Kind.SEQUENCE and value.items is not None:
                positional += [(item, one.value) for item in value.items]
            else:
                if value.kind is Kind.SEQUENCE:
                    several = len(positional)
                    positional.append((replace(many(value.element()), length=value.length), one.value))
                exact = False
        else:
            positional.append((evaluate(flow, one, frame), one))
    keywords: dict[str, tuple[Traced, n.Expr]] = {}
    for keyword in node.keywords:
        value = evaluate(flow, keyword.value, frame)
        if keyword.arg is not None:
            keywords[keyword.arg] = (value, keyword.value)
        elif value.kind is Kind.MAPPING and value.keys is not None and value.items is not None:
            keywords.update({name: (item, keyword.value) for name, item in zip(value.keys, value.items, strict=True)})
        else:
            exact = False
    return Arguments(tuple(positional), keywords, exact, several)


def call_value(flow: Flow, callee: Traced, given: Arguments, node: n.Call, frame: Frame) -> Traced:
    """Return what calling a value gives."""
    value = callee.value
    match value:
        case Choice():
            results = []
            layers: set[str] = set()
            for one in value.options:
                layer = modules.library_layer(one.value)
                if layer in layers:
                    continue  # another one of torch's own, which gives the same
                if layer is not None:
                    layers.add(layer)
                with flow.under(one.when):
                    option = objects.from_object(flow, one.value)
                    results.append(
                        call_value(flow, option, given, node, frame) if option.value is not None else UNKNOWN
                    )
            return join_all(results)
        case Compiled():
            return boundary.call_compiled(flow, value, given, node, frame)
        case Instance():
            return modules.call(flow, value, given, node, frame)
        case FunctionValue():
            return _function(flow, value, callee, given, node, frame)
        case LambdaValue():
            return flow.call_lambda(
                value.node, value.place, callee.scope, frame.instance, [one for one, _ in given.positional]
            )
        case Partial():
            inner = objects.from_object(flow, value.callee)
            first = tuple((objects.from_object(flow, one), node.func) for one in value.arguments)
            named = {name: (objects.from_object(flow, one), node.func) for name, one in value.keywords.items()}
            more = Arguments((*first, *given.positional), {**named, **given.keywords}, given.exact)
            return call_value(flow, inner, more, node, frame) if inner.value is not None else UNKNOWN
        case TupleClass():
            return classes.of_fields(given, value.fields)
        case ClassValue():
            return classes.make(flow, value.symbol, given, node, frame)
        case ExternalValue(receiver=None):
            return _external(flow, value.name, given, node, frame)
        case ExternalValue():
            return _external_method(flow, value, given, node, frame)
        case _:
            return UNKNOWN


def call_by(
    flow: Flow,
    callee: Traced,
    values: Sequence[Traced],
    keywords: dict[str, Traced],
    exact: bool,
    at: n.Expr,
    frame: Frame,
) -> Traced:
    """Return what calling a value gives where Python, and no call of the program, calls it."""
    node = at if isinstance(at, n.Call) else n.Call(at.start, at.end, at, [], [])
    named = {name: (one, at) for name, one in keywords.items()}
    return call_value(flow, callee, Arguments(tuple((one, at) for one in values), named, exact), node, frame)


def _super(flow: Flow, frame: Frame, node: n.Call) -> Traced:
    current: Frame | None = frame
    while current is not None and current.instance is None:
        current = current.outer
    owner = current.function.owner if current is not None and current.function is not None else None
    if current is None or owner is None or current.instance is None:
        return UNKNOWN
    return Traced(Kind.OBJECT, SuperValue(owner, current.instance))


def _function(flow: Flow, value: FunctionValue, callee: Traced, given: Arguments, node: n.Call, frame: Frame) -> Traced:
    marks = decoration(value.function, flow.project)
    if marks.jit in ("script", "script_if_tracing"):
        return boundary.call_scripted(flow, value.function, given, node, frame)
    for one in marks.others:
        if one.name == "torch.compile":
            return boundary.call_dynamo(flow, node, frame, value.function.module.span(one.node))
    if einops.is_operator(value.function.dotted):
        einops.follow(flow, value.function, given)
        return einops.result(value.function.dotted, given)
    bound = value.bound if isinstance(value.bound, Instance) else None
    positional = given.spread(len(value.function.node.args.args))
    if bound is None and value.function.owner is not None and _is_method(flow, value.function):
        # `Class.method(obj, x)`
        if positional and isinstance(positional[0].value, Instance):
            bound, positional = positional[0].value, positional[1:]
        elif value.bound is None and positional:
            positional = positional[1:]
    keywords = {name: one for name, (one, _) in given.keywords.items()}
    scope = callee.scope
    result = flow.call(value.function, bound, positional, keywords, step(frame, node), scope, given.exact)
    if any(one.name in memory.CACHES for one in marks.others):
        return memory.cached(flow, given, result, node, frame)
    return result


def _is_method(flow: Flow, function: Function) -> bool:
    from scriptlint.program.decorators import Kind as Reached

    return decoration(function, flow.project).kind is Reached.PLAIN


def _autograd_function(flow: Flow, func: n.Attribute, given: Arguments, node: n.Call, frame: Frame) -> Traced | None:
    """`Op.apply(...)`: Python runs the forward of an autograd function while the trace is made."""
    owner = evaluate(flow, func.value, frame).value
    return _applied(flow, owner.symbol, given, node, frame) if isinstance(owner, ClassValue) else None


def _applied(flow: Flow, symbol: Class, given: Arguments, node: n.Call, frame: Frame) -> Traced | None:
    names = {one.name for one in flow.classes.lineage(symbol).externals}
    forward = flow.classes.method(symbol, "forward")
    if not names & {"torch.autograd.Function", "torch.autograd.function.Function"} or forward is None:
        return None
    context = [] if flow.classes.method(symbol, "setup_context") is not None else [UNKNOWN]
    values = [*context, *(one for one, _ in given.positional)]
    result = flow.call(forward, None, values, {}, step(frame, node), None, given.exact)
    return TENSOR if result.kind is Kind.UNKNOWN and any(one.is_tensor for one in values) else result


def _external(flow: Flow, name: str, given: Arguments, node: n.Call, frame: Frame) -> Traced:
    if name in ("torch.jit.script", "torch.jit.script_if_tracing") and given.positional:
        value = given.positional[0][0].value
        return Traced(Kind.OBJECT, Compiled("script", value, frame.module.span(node))) if value is not None else UNKNOWN
    if name in ("torch.jit.trace", "torch.jit.trace_module"):
        flow.say(boundary.NESTED_TRACE, frame, node, flow.refusal, text=frame.text(node))
        return UNKNOWN
    if name in ("torch.jit.fork", "torch.utils.checkpoint.checkpoint", "torch.utils.checkpoint.checkpoint_sequential"):
        return _passed_on(flow, name, given, node, frame)
    if name == "torch.compile":
        return objects.DYNAMO if given.positional else UNKNOWN
    if name == objects.DYNAMO_NAME:
        return boundary.call_dynamo(flow, node, frame)
    if einops.is_operator(name):
        return einops.result(name, given)
    if name == "torch.jit.wait":
        return given.values[0] if given.values else UNKNOWN
    if name == "functools.partial" and given.positional:
        inner = given.positional[0][0]
        return inner if inner.kind is Kind.OBJECT and len(given.positional) == 1 else UNKNOWN
    if name.startswith("torch."):
        if flow.library.is_module_class(name):
            made = _library_module(flow, name, given, node, frame)
            modules.made(flow, made, given, node, frame)
            return Traced(Kind.OBJECT, made)
        return library.function(flow, name, given, node, frame)
    return python_calls.call(flow, name, given, node, frame)


def _library_module(flow: Flow, name: str, given: Arguments, node: n.Call, frame: Frame) -> Instance:
    if _POOL.fullmatch(name):
        schemas.judge_geometry(flow, given, frame)
    made = Instance(External(name), frame.module.span(node))
    if name == "torch.nn.Sequential":
        for index, (one, _) in enumerate(given.positional):
            if one.value is not None:
                made.attributes[str(index)] = [Held(one.value)]
    return made


def _passed_on(flow: Flow, name: str, given: Arguments, node: n.Call, frame: Frame) -> Traced:
    if not given.positional:
        return UNKNOWN
    reentrant = given.keywords.get("use_reentrant")
    if name.endswith("checkpoint") and reentrant is not None and reentrant[0].truth is True:
        flow.say(boundary.REENTRANT, frame, node, flow.refusal, text=frame.text(node.func))
    callee = given.positional[0][0]
    keywords = {key: one for key, one in given.keywords.items() if key not in ("use_reentrant", "preserve_rng_state")}
    rest = Arguments(given.positional[1:], keywords if not name.endswith("checkpoint") else {}, given.exact)
    return call_value(flow, callee, rest, node, frame) if callee.kind is Kind.OBJECT else UNKNOWN


# Methods


def _method(flow: Flow, node: n.Call, func: n.Attribute, given: Arguments, frame: Frame) -> Traced | None:
    """Return the value of a call of a method of a tensor, size, string, list or dictionary; None for those of objects."""
    if isinstance(func.value, n.Attribute) and func.value.attr == "data" and func.attr.endswith("_"):
        inner = evaluate(flow, func.value.value, frame)
        if inner.kind is Kind.TENSOR and not func.attr.endswith("__"):
            if not (inner.constant and not inner.sure):
                flow.say(frozen.UNTRACKED_WRITE, frame, node, text=frame.text(node))
            return inner
    described = isinstance(func.value, n.Attribute) and func.value.attr == "data" and func.attr in library.DESCRIBING
    fills = func.attr in _FILLING
    flow.asking += fills  # what only fills a list does not use it
    owner = evaluate(flow, func.value.value if described and isinstance(func.value, n.Attribute) else func.value, frame)
    flow.asking -= fills
    match owner.kind:
        case Kind.TENSOR:
            return library.method(flow, owner, func.attr, given, node, frame)
        case Kind.SIZE:
            return python_calls.of_size(flow, owner, func.attr, given, node, frame)
        case Kind.SEQUENCE:
            return _of_sequence(flow, owner, func, given, node, frame)
        case Kind.MAPPING:
            return _of_mapping(flow, owner, func, given, node, frame)
        case Kind.BAKED:
            if func.attr in ("fill_", "copy_") and owner.why is Why.MEMORY:
                flow.say(frozen.UNTRACKED_WRITE, frame, node, text=frame.text(node))
            return owner
        case Kind.PYTHON:
            return python_calls.of_constant(flow, owner, func.attr, given, node, frame)
        case Kind.OBJECT if isinstance(owner.value, PythonObject) and owner.value.kind.startswith(python_calls.RANDOM):
            return python_calls.drawn(flow, node, frame)
        case Kind.OBJECT if owner == library.DISTRIBUTION:
            return owner if func.attr == "expand" else library.of_distribution(func.attr)
        case Kind.UNKNOWN | Kind.OBJECT if (
            func.attr in ("append", "extend")
            and isinstance(func.value, n.Attribute)
            and (owner.kind is Kind.UNKNOWN or isinstance(owner.value, PythonObject))
        ):
            state.appended(flow, func.value, node, frame)
            return NONE
        case _:
            return None


def _of_sequence(flow: Flow, owner: Traced, func: n.Attribute, given: Arguments, node: n.Call, frame: Frame) -> Traced:
    name = func.attr
    if owner.is_shape:
        if name == "numel":
            item = owner.element()
            if not item.fixed:
                return _shape_numel(flow, node, frame)
            return PYTHON
        if name in ("index", "count"):
            flow.say(hazards.SIZE_CONVERSION, frame, node, text=frame.text(node), torch="torch warns of it")
            return baked(Why.SIZE, True)
    if name in _MUTATORS:
        state.appended(flow, func.value, node, frame)
        value = given.values[-1] if given.values else UNKNOWN
        if name in ("append", "insert", "extend", "appendleft") and isinstance(func.value, (n.Name, n.Attribute)):
            more = value.element() if name == "extend" and value.kind is Kind.SEQUENCE else value
            if name == "extend" and value.kind is not Kind.SEQUENCE:
                more = UNKNOWN
            empty = owner.items == () and owner.item is None
            if owner.items is not None and name == "append" and not _in_loop(flow) and len(owner.items) < 16:
                grown = sequence((*owner.items, value), owner.length)
            else:
                grown = many(more if empty else join(owner.element(), more), owner.length)
            if isinstance(func.value, n.Name):
                frame.rebind(func.value.id, grown)
            elif isinstance(func.value.value, n.Name):
                frame.variables[f"{func.value.value.id}.{func.value.attr}"] = grown
            return NONE
        if name in ("pop", "popleft"):
            if any(one.is_linked and not one.fixed for one in given.values):
                flow.say(hazards.TENSOR_INDEX, frame, node, text=frame.text(node))
            if isinstance(func.value, n.Name) and owner.items is not None:
                frame.rebind(func.value.id, many(owner.element(), owner.length) if owner.items else owner)
            return owner.picked()
        return NONE
    if name == "copy":
        return owner
    return UNKNOWN


def _in_loop(flow: Flow) -> bool:
    return True  # a list that grows by `append` is taken for one of any length: a loop may be around it


def _shape_numel(flow: Flow, node: n.Call, frame: Frame) -> Traced:
    fix = tracing.counted(frame.function, node)
    flow.say(hazards.SIZE_CONVERSION, frame, node, fix=fix, text=frame.text(node), torch="torch does not warn")
    return baked(Why.SIZE, True)


def _of_mapping(flow: Flow, owner: Traced, func: n.Attribute, given: Arguments, node: n.Call, frame: Frame) -> Traced:
    first = given.values[0] if given.values else UNKNOWN
    match func.attr:
        case "get" | "pop" | "setdefault":
            if first.kind is Kind.SIZE and first.sure:
                flow.say(hazards.SIZE_TYPE, frame, node, text=frame.text(node))
            elif first.why is Why.TEXT:
                used(flow, first, node, frame)
            elif first.why is Why.RANK and not first.said:
                flow.say(hazards.RANK_BRANCH, frame, node, test=frame.text(node))
            if owner.length is Length.EXAMPLE and flow.rooted and func.attr == "get":
                flow.say(frozen.KEY_TEST, frame, node, test=frame.text(node))
            default = given.values[1] if len(given.values) > 1 else NONE
            if owner.keys is not None and isinstance(first.value, Const):
                return objects.item(owner, first) if first.value.value in owner.keys else default
            return join(owner.picked(), default)
        case "items" | "values" | "keys" if owner.length is Length.EXAMPLE and flow.rooted:
            flow.say(frozen.KEY_TEST, frame, node, test=frame.text(node))
            return _of_mapping(flow, replace(owner, length=Length.PYTHON), func, given, node, frame)
        case "items":
            if owner.keys is not None and owner.items is not None:
                return sequence(
                    sequence([Traced(Kind.PYTHON, Const(key), bool(key)), value])
                    for key, value in zip(owner.keys, owner.items, strict=True)
                )
            return many(sequence([PYTHON, owner.element()]))
        case "values":
            return sequence(owner.items) if owner.items is not None else many(owner.element())
        case "keys":
            return many(PYTHON)
        case "copy":
            return owner
        case _ if func.attr in _MUTATORS:
            if isinstance(func.value, n.Name):
                frame.rebind(func.value.id, Traced(Kind.MAPPING))
            return NONE
        case _:
            return UNKNOWN


def _external_method(flow: Flow, value: ExternalValue, given: Arguments, node: n.Call, frame: Frame) -> Traced:
    """Return the value of a call of a method that torch gives to an object: of nn.Module, or the forward of a layer."""
    name = value.name.rpartition(".")[2]
    receiver: Value | None = value.receiver
    if isinstance(receiver, Compiled):
        return boundary.call_compiled(flow, receiver, given, node, frame, name)
    if isinstance(receiver, ClassValue) and name == "apply":
        return _applied(flow, receiver.symbol, given, node, frame) or UNKNOWN
    if isinstance(receiver, SuperValue):
        receiver = receiver.instance
    if not isinstance(receiver, Instance):
        return UNKNOWN
    if name == "__call__" and isinstance(receiver.cls, Class) and flow.classes.method(receiver.cls, "forward"):
        return modules.call(flow, receiver, given, node, frame, "forward")  # `super().__call__(...)`
    if name in ("forward", "__call__"):
        return modules.call_library(flow, receiver, value.name.rpartition(".")[0], given, node, frame)
    if name in ("register_buffer", "register_parameter", "add_module"):
        state.registered(flow, receiver, given.values, node, frame)
        return NONE
    if name in _PARAMETERS:
        return many(WEIGHT)
    if name in ("named_parameters", "named_buffers"):
        return many(sequence([PYTHON, WEIGHT]))
    if name in ("children", "modules"):
        return sequence([Traced(Kind.OBJECT, held.value) for _, held in receiver.submodules()])
    if name in ("named_children", "named_modules", "items"):
        return sequence(
            sequence([Traced(Kind.PYTHON, Const(key)), Traced(Kind.OBJECT, held.value)])
            for key, held in receiver.submodules()
        )
    if name == "values":
        return sequence([Traced(Kind.OBJECT, held.value) for _, held in receiver.submodules()])
    if name == "keys":
        return sequence([Traced(Kind.PYTHON, Const(key)) for key, _ in receiver.submodules()])
    if name in _CHAINED:
        return Traced(Kind.OBJECT, receiver)
    return UNKNOWN
