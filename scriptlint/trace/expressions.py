"""Expressions under trace."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from scriptlint.diag import Step
from scriptlint.instances.values import (
    Choice,
    Compiled,
    Const,
    ExternalValue,
    FunctionValue,
    Instance,
    TensorValue,
    Unknown,
    Value,
    truth,
)
from scriptlint.program.module import Class, Function
from scriptlint.program.project import External
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import children
from scriptlint.trace import hazards, tensors
from scriptlint.trace.values import (
    BAKED,
    BAKED_SIZE,
    FALSE,
    PYTHON,
    SHAPE,
    SIZE,
    TENSOR,
    TENSORS,
    TRUE,
    UNKNOWN,
    Kind,
    Traced,
    join,
    of_content,
    of_size,
)

if TYPE_CHECKING:
    from scriptlint.trace.flow import Flow, Frame


def evaluate(flow: Flow, node: n.Expr, frame: Frame) -> Traced:
    """The value of an expression; hazards in its parts are reported on the way."""
    function = _TABLE.get(type(node))
    if function is not None:
        return function(flow, node, frame)
    for child in children(node):
        if not isinstance(child, (n.Lambda, n.Comprehension, n.Parameter, n.Arguments)):
            evaluate(flow, child, frame)  # type: ignore[arg-type]  # the children of these nodes are expressions
    return UNKNOWN


def from_object(value: Value) -> Traced:
    """What a value of the abstract instance is under trace."""
    match value:
        case Unknown():
            return UNKNOWN
        case Const():
            return Traced(Kind.PYTHON, value, truth(value))
        case TensorValue():
            return TENSOR
        case _:
            return Traced(Kind.OBJECT, value)


def _constant(flow: Flow, node: n.Constant, frame: Frame) -> Traced:
    return Traced(Kind.PYTHON, truth=bool(node.value)) if node.kind == "bool" else PYTHON


def _name(flow: Flow, node: n.Name, frame: Frame) -> Traced:
    if node.id in frame.variables:
        return frame.variables[node.id]
    symbol = flow.project.resolve(node, frame.function)
    if isinstance(symbol, External):
        return Traced(Kind.OBJECT, ExternalValue(symbol.name))
    return Traced(Kind.OBJECT, FunctionValue(symbol)) if isinstance(symbol, Function) else UNKNOWN


def _attribute(flow: Flow, node: n.Attribute, frame: Frame) -> Traced:
    owner = evaluate(flow, node.value, frame)
    if owner.kind is Kind.TENSOR:
        return tensors.attribute(node.attr)
    if owner.kind is Kind.ASSUMED:
        return SHAPE if node.attr == "shape" else PYTHON if tensors.attribute(node.attr) == PYTHON else UNKNOWN
    if owner.kind is Kind.OBJECT and owner.value is not None:
        if isinstance(owner.value, Instance) and node.attr == "training" and not owner.value.held("training"):
            return PYTHON
        symbol = flow.project.resolve(node, frame.function)
        if isinstance(symbol, External):
            return Traced(Kind.OBJECT, ExternalValue(symbol.name))
        if isinstance(owner.value, Instance) and len(owner.value.held(node.attr)) == 1:
            held = owner.value.held(node.attr)[0]
            if _reassigned(flow, owner.value, node.attr) and not isinstance(held.value, (Instance, Compiled)):
                return UNKNOWN
        return from_object(flow.machine.attribute(owner.value, node.attr))
    symbol = flow.project.resolve(node, frame.function)
    if isinstance(symbol, Function):
        return Traced(Kind.OBJECT, FunctionValue(symbol))
    return Traced(Kind.OBJECT, ExternalValue(symbol.name)) if isinstance(symbol, External) else UNKNOWN


def _reassigned(flow: Flow, instance: Instance, name: str) -> bool:
    """Whether a method other than the constructor gives the attribute another value."""
    if not isinstance(instance.cls, Class):
        return False
    for function in flow.classes.methods(instance.cls).values():
        if function.node.name != "__init__" and name in flow.assigned_attributes(function):
            return True
    return False


def _call(flow: Flow, node: n.Call, frame: Frame) -> Traced:
    arguments = [evaluate(flow, one, frame) for one in node.args]
    keywords = {one.arg: evaluate(flow, one.value, frame) for one in node.keywords if one.arg is not None}
    starred = any(isinstance(one, n.Starred) for one in node.args)
    has_dim = len(arguments) > 0 or "dim" in keywords or "axis" in keywords
    if isinstance(node.func, n.Attribute):
        owner = evaluate(flow, node.func.value, frame)
        if owner.kind in (Kind.TENSOR, Kind.ASSUMED):
            if owner.kind is Kind.ASSUMED and node.func.attr not in tensors.EVIDENCE:
                return UNKNOWN
            return tensors.method(node.func.attr, arguments, has_dim)
        if owner.kind is Kind.SHAPE:
            return BAKED_SIZE if node.func.attr in ("numel", "index", "count") else UNKNOWN
        if owner.kind is Kind.SIZE:
            return BAKED_SIZE if node.func.attr == "item" else SIZE
    callee = evaluate(flow, node.func, frame)
    if callee.kind is not Kind.OBJECT or callee.value is None:
        return UNKNOWN
    return _call_object(flow, callee.value, node, arguments, keywords, frame, starred)


def _call_object(
    flow: Flow,
    callee: Value,
    node: n.Call,
    arguments: list[Traced],
    keywords: dict[str, Traced],
    frame: Frame,
    starred: bool,
) -> Traced:
    match callee:
        case Choice():
            results = [
                _call_object(flow, one.value, node, arguments, keywords, frame, starred) for one in callee.options
            ]
            result = results[0]
            for one in results[1:]:
                result = join(result, one)
            return result
        case Compiled():
            return TENSOR if any(one.kind in (Kind.TENSOR, Kind.ASSUMED) for one in arguments) else UNKNOWN
        case Instance():
            return _call_module(flow, callee, node, arguments, keywords, frame, starred)
        case FunctionValue():
            bound = callee.bound if isinstance(callee.bound, Instance) else None
            values = [] if starred else arguments
            return flow.call(callee.function, bound, values, keywords, (*frame.trail, _step(frame, node)))
        case ExternalValue(receiver=None):
            return _external(callee.name, arguments, keywords)
        case _:
            return UNKNOWN


def _call_module(
    flow: Flow,
    instance: Instance,
    node: n.Call,
    arguments: list[Traced],
    keywords: dict[str, Traced],
    frame: Frame,
    starred: bool,
) -> Traced:
    trail = (*frame.trail, _step(frame, node))
    if isinstance(instance.cls, Class):
        forward = flow.classes.method(instance.cls, "forward")
        if forward is not None:
            return flow.call(forward, instance, [] if starred else arguments, keywords, trail)
        if not _is_container(flow, instance):
            return UNKNOWN
    if _is_container(flow, instance):
        value = arguments[0] if arguments else UNKNOWN
        for _, held in list(instance.submodules()):
            value = _call_object(flow, held.value, node, [value], {}, frame, False)
        return UNKNOWN if instance.open else value
    # Recurrent layers and attention give tuples; everything else of torch.nn gives a tensor for a tensor.
    name = instance.class_name
    if any(word in name for word in ("RNN", "LSTM", "GRU", "MultiheadAttention")) or "return_indices" in keywords:
        return TENSORS if "Cell" not in name or "LSTM" in name else TENSOR
    return TENSOR if any(one.kind in (Kind.TENSOR, Kind.ASSUMED) for one in arguments) else UNKNOWN


def _is_container(flow: Flow, instance: Instance) -> bool:
    if isinstance(instance.cls, Class):
        entries = flow.classes.lineage(instance.cls).entries
        return any(isinstance(one, External) and one.name == "torch.nn.Sequential" for one in entries)
    return instance.cls.name == "torch.nn.Sequential"


def _external(name: str, arguments: list[Traced], keywords: dict[str, Traced]) -> Traced:
    first = arguments[0] if arguments else UNKNOWN
    if name.startswith("torch."):
        return tensors.function(name, [*arguments, *keywords.values()], len(arguments) > 1 or "dim" in keywords)
    match name:
        case "builtins.len":
            return {Kind.TENSOR: BAKED_SIZE, Kind.SHAPE: PYTHON}.get(first.kind, UNKNOWN)
        case "builtins.int" | "builtins.float" | "builtins.bool" | "builtins.complex" | "builtins.round":
            return _baked(first)
        case "builtins.range" | "builtins.enumerate":
            kinds = {one.kind for one in arguments}
            if name.endswith("range") and kinds & {Kind.SIZE, Kind.BAKED_SIZE}:
                return BAKED_SIZE
            if name.endswith("range") and kinds & {Kind.TENSOR, Kind.BAKED}:
                return BAKED
            return TENSOR if first.kind is Kind.TENSOR else TENSORS if first.kind is Kind.TENSORS else UNKNOWN
        case "builtins.min" | "builtins.max" | "builtins.sum" | "builtins.abs":
            kinds = {one.kind for one in arguments}
            for kind in (Kind.SIZE, Kind.BAKED_SIZE):
                if kind in kinds:
                    return Traced(kind)
            return UNKNOWN
        case "builtins.list" | "builtins.tuple":
            return first if first.kind in (Kind.SHAPE, Kind.TENSORS) else UNKNOWN
        case _ if name.startswith("math."):
            return _baked(first)
        case _:
            return UNKNOWN


def _baked(value: Traced) -> Traced:
    if of_content(value.kind):
        return BAKED
    return BAKED_SIZE if of_size(value.kind) else value if value.kind is Kind.PYTHON else UNKNOWN


def _step(frame: Frame, node: n.Call) -> Step:
    callee = " ".join(frame.function.module.text(node.func).split())
    return Step(f"`{frame.function.qualname}` calls `{callee}`", frame.function.module.span(node.func))


def _binary(flow: Flow, node: n.BinOp, frame: Frame) -> Traced:
    return tensors.binary(evaluate(flow, node.left, frame), evaluate(flow, node.right, frame))


def _unary(flow: Flow, node: n.UnaryOp, frame: Frame) -> Traced:
    value = evaluate(flow, node.operand, frame)
    if node.op == "not":
        if value.truth is not None:
            return FALSE if value.truth else TRUE
        return _baked(value)
    return Traced(value.kind) if value.kind is not Kind.OBJECT else UNKNOWN


def _compare(flow: Flow, node: n.Compare, frame: Frame) -> Traced:
    values = [evaluate(flow, one, frame) for one in (node.left, *node.comparators)]
    if any(one in ("is", "is not") for one in node.ops):
        return PYTHON
    if any(isinstance(one, n.Constant) and one.kind in ("none", "str") for one in (node.left, *node.comparators)):
        return PYTHON if not any(one in ("in", "not in") for one in node.ops) else UNKNOWN
    kinds = [one.kind for one in values]
    if any(one in ("in", "not in") for one in node.ops):
        if len(values) == 2 and kinds[1] is Kind.TENSOR:
            return BAKED
        return BAKED_SIZE if len(values) == 2 and (kinds[0] is Kind.SIZE or kinds[1] is Kind.SHAPE) else UNKNOWN
    if Kind.SHAPE in kinds:
        return BAKED_SIZE
    if Kind.ASSUMED in kinds and not any(of_content(one) for one in kinds):
        return UNKNOWN
    for test, result in ((of_content, TENSOR), (of_size, SIZE)):
        if any(test(one) for one in kinds):
            return result
    return PYTHON if set(kinds) <= {Kind.PYTHON} else UNKNOWN


def _bool_op(flow: Flow, node: n.BoolOp, frame: Frame) -> Traced:
    values = []
    for one in node.values:
        value = evaluate(flow, one, frame)
        values.append(value)
        if value.truth is (node.op == "or"):
            return value if len(values) == 1 else UNKNOWN
    kinds = [one.kind for one in values]
    if any(of_content(one) for one in kinds):
        return BAKED
    if any(of_size(one) for one in kinds):
        return BAKED_SIZE
    return (
        values[-1]
        if all(one.truth is not None for one in values)
        else PYTHON
        if set(kinds) == {Kind.PYTHON}
        else UNKNOWN
    )


def _if_exp(flow: Flow, node: n.IfExp, frame: Frame) -> Traced:
    value = flow.test(node.test, frame, (), ())
    if value.truth is not None:
        return evaluate(flow, node.body if value.truth else node.orelse, frame)
    return join(evaluate(flow, node.body, frame), evaluate(flow, node.orelse, frame))


def _subscript(flow: Flow, node: n.Subscript, frame: Frame) -> Traced:
    owner = evaluate(flow, node.value, frame)
    if not isinstance(node.slice, n.Slice):
        evaluate(flow, node.slice, frame)
    if owner.kind is Kind.SHAPE:
        return SHAPE if isinstance(node.slice, n.Slice) else SIZE
    if owner.kind is Kind.TENSORS:
        return TENSORS if isinstance(node.slice, n.Slice) else TENSOR
    return owner if owner.kind is Kind.TENSOR else UNKNOWN


def _sequence(flow: Flow, node: n.Tuple | n.List, frame: Frame) -> Traced:
    values = [evaluate(flow, one, frame) for one in node.elts]
    kinds = {one.kind for one in values}
    if Kind.TENSOR in kinds and kinds <= {Kind.TENSOR, Kind.TENSORS}:
        return TENSORS
    return SHAPE if Kind.SIZE in kinds and kinds <= {Kind.SIZE, Kind.PYTHON} else UNKNOWN


def _comprehension(flow: Flow, node: n.ListComp | n.GeneratorExp, frame: Frame) -> Traced:
    outer = dict(frame.variables)
    for one in node.generators:
        iterated = evaluate(flow, one.iter, frame)
        text = " ".join(frame.function.module.text(one.iter).split())
        if iterated.kind is Kind.TENSOR:
            flow.say(hazards.TENSOR_ITERATION, frame, one.iter, iterated=text)
        elif iterated.kind in (Kind.BAKED_SIZE, Kind.BAKED):
            flow.say(hazards.SIZE_LOOP, frame, one.iter, iterated=text)
        item = TENSOR if iterated.kind in (Kind.TENSOR, Kind.TENSORS) else UNKNOWN
        flow.assign(one.target, SIZE if iterated.kind is Kind.SHAPE else item, frame)
        for condition in one.ifs:
            flow.test(condition, frame, (), ())
    element = evaluate(flow, node.elt, frame)
    frame.variables = outer
    return TENSORS if element.kind is Kind.TENSOR else SHAPE if element.kind is Kind.SIZE else UNKNOWN


def _starred(flow: Flow, node: n.Starred, frame: Frame) -> Traced:
    value = evaluate(flow, node.value, frame)
    return {Kind.SHAPE: SIZE, Kind.TENSORS: TENSOR}.get(value.kind, UNKNOWN)


def _named(flow: Flow, node: n.NamedExpr, frame: Frame) -> Traced:
    value = evaluate(flow, node.value, frame)
    flow.assign(node.target, value, frame)
    return value


def _lambda(flow: Flow, node: n.Lambda, frame: Frame) -> Traced:
    return UNKNOWN


_TABLE: dict[type, Callable[[Flow, Any, Frame], Traced]] = {
    n.Constant: _constant,
    n.Name: _name,
    n.Attribute: _attribute,
    n.Call: _call,
    n.BinOp: _binary,
    n.UnaryOp: _unary,
    n.Compare: _compare,
    n.BoolOp: _bool_op,
    n.IfExp: _if_exp,
    n.Subscript: _subscript,
    n.Tuple: _sequence,
    n.List: _sequence,
    n.ListComp: _comprehension,
    n.GeneratorExp: _comprehension,
    n.Starred: _starred,
    n.NamedExpr: _named,
    n.Lambda: _lambda,
}
