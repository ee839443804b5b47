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
    HELD,
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
            return HELD
        case _:
            return Traced(Kind.OBJECT, value)


def _constant(flow: Flow, node: n.Constant, frame: Frame) -> Traced:
    if node.kind not in ("none", "bool", "int", "float", "str"):
        return PYTHON
    return Traced(Kind.PYTHON, Const(node.value), bool(node.value))


def _name(flow: Flow, node: n.Name, frame: Frame) -> Traced:
    if node.id in frame.variables:
        return frame.variables[node.id]
    symbol = flow.project.resolve(node, frame.function)
    if isinstance(symbol, External):
        return Traced(Kind.OBJECT, ExternalValue(symbol.name))
    return Traced(Kind.OBJECT, FunctionValue(symbol)) if isinstance(symbol, Function) else UNKNOWN


def _attribute(flow: Flow, node: n.Attribute, frame: Frame) -> Traced:
    if isinstance(node.value, n.Name) and f"{node.value.id}.{node.attr}" in frame.variables:
        return frame.variables[f"{node.value.id}.{node.attr}"]
    owner = evaluate(flow, node.value, frame)
    if owner.kind in (Kind.TENSOR, Kind.HELD):
        return tensors.attribute(node.attr, owner)
    if owner.kind is Kind.ASSUMED:
        return SHAPE if node.attr == "shape" else PYTHON if tensors.attribute(node.attr) == PYTHON else UNKNOWN
    if owner.kind is Kind.OBJECT and owner.value is not None:
        if isinstance(owner.value, Instance) and node.attr == "training" and not owner.value.held("training"):
            return PYTHON
        symbol = flow.project.resolve(node, frame.function)
        if isinstance(symbol, External):
            return Traced(Kind.OBJECT, ExternalValue(symbol.name))
        lazy = False
        if isinstance(owner.value, Instance) and len(owner.value.held(node.attr)) == 1:
            held = owner.value.held(node.attr)[0]
            writers = _writers(flow, owner.value, node.attr)
            # What is filled where it is first needed is still empty when a new object is traced.
            lazy = held.value == Const(None) and writers == [frame.function]
            if writers and not lazy and not isinstance(held.value, (Instance, Compiled)):
                return UNKNOWN
        value = flow.machine.attribute(owner.value, node.attr)
        if isinstance(value, Const) and isinstance(owner.value, Instance) and not flow.certain and not lazy:
            return PYTHON
        return from_object(value)
    symbol = flow.project.resolve(node, frame.function)
    if isinstance(symbol, Function):
        return Traced(Kind.OBJECT, FunctionValue(symbol))
    return Traced(Kind.OBJECT, ExternalValue(symbol.name)) if isinstance(symbol, External) else UNKNOWN


def _writers(flow: Flow, instance: Instance, name: str) -> list[Function]:
    """The methods other than the constructor that give the attribute another value."""
    if not isinstance(instance.cls, Class):
        return []
    return [
        function
        for function in flow.classes.methods(instance.cls).values()
        if function.node.name != "__init__" and name in flow.assigned_attributes(function)
    ]


def _call(flow: Flow, node: n.Call, frame: Frame) -> Traced:
    arguments = [evaluate(flow, one, frame) for one in node.args]
    keywords = {one.arg: evaluate(flow, one.value, frame) for one in node.keywords if one.arg is not None}
    starred = any(isinstance(one, n.Starred) for one in node.args)
    has_dim = len(arguments) > 0 or "dim" in keywords or "axis" in keywords
    if isinstance(node.func, n.Attribute):
        owner = evaluate(flow, node.func.value, frame)
        if owner.kind in (Kind.TENSOR, Kind.HELD, Kind.ASSUMED):
            if owner.kind is Kind.ASSUMED and node.func.attr not in tensors.EVIDENCE:
                return UNKNOWN
            return tensors.method(node.func.attr, [*arguments, *keywords.values()], has_dim, owner)
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
            return _computed(arguments)
        case Instance():
            return _call_module(flow, callee, node, arguments, keywords, frame, starred)
        case FunctionValue():
            bound = callee.bound if isinstance(callee.bound, Instance) else None
            values = [] if starred else arguments
            return flow.call(callee.function, bound, values, keywords, (*frame.trail, _step(frame, node)))
        case ExternalValue(receiver=None):
            if callee.name == "builtins.isinstance" and len(node.args) == 2:
                return _isinstance(flow, arguments[0], node.args[1], frame)
            return _external(callee.name, arguments, keywords)
        case _:
            return UNKNOWN


def _computed(arguments: list[Traced]) -> Traced:
    """What a module gives for a tensor."""
    kinds = {one.kind for one in arguments}
    if kinds & {Kind.TENSOR, Kind.ASSUMED}:
        return TENSOR
    return HELD if Kind.HELD in kinds else UNKNOWN


def _isinstance(flow: Flow, value: Traced, classes: n.Expr, frame: Frame) -> Traced:
    """Tensors are tensors, and so are sizes while a trace is made."""
    if value.kind not in (Kind.TENSOR, Kind.HELD, Kind.SIZE):
        return UNKNOWN
    names = []
    for one in classes.elts if isinstance(classes, n.Tuple) else [classes]:
        symbol = flow.project.resolve(one, frame.function)
        names.append(symbol.name if isinstance(symbol, External) else None)
    if "torch.Tensor" in names:
        return TRUE
    plain = all(name is not None and name.partition(".")[0] in _PLAIN_PACKAGES for name in names)
    return FALSE if plain else UNKNOWN


# Packages whose classes no tensor is an instance of.
_PLAIN_PACKAGES = frozenset({"builtins", "numpy", "PIL", "collections"})


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
    return _computed(arguments)


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
            return first if first.kind in (Kind.TENSOR, Kind.HELD, Kind.TENSORS) else UNKNOWN
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
    if value.kind is Kind.PYTHON and isinstance(value.value, Const) and isinstance(value.value.value, (int, float)):
        return from_object(Const(-value.value.value)) if node.op == "-" else PYTHON
    return Traced(value.kind) if value.kind is not Kind.OBJECT else UNKNOWN


def _compare(flow: Flow, node: n.Compare, frame: Frame) -> Traced:
    values = [evaluate(flow, one, frame) for one in (node.left, *node.comparators)]
    known = _compared_constants(node.ops, values)
    if known is not None:
        return TRUE if known else FALSE
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
    if Kind.HELD in kinds and Kind.TENSOR not in kinds:
        return HELD
    for test, result in ((of_content, TENSOR), (of_size, SIZE)):
        if any(test(one) for one in kinds):
            return result
    return PYTHON if set(kinds) <= {Kind.PYTHON} else UNKNOWN


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def _compared_constants(operators: list[str], values: list[Traced]) -> bool | None:
    """The truth of a comparison that nothing but constants decides, or that a tensor with None decides."""
    if len(operators) != 1:
        return None
    operator, (left, right) = operators[0], values
    if operator in ("is", "is not"):
        if left.value == Const(None):
            left, right = right, left
        if right.value != Const(None):
            return None
        if left.kind is Kind.PYTHON and isinstance(left.value, Const):
            return (left.value.value is None) == (operator == "is")
        tensor = left.kind in (Kind.TENSOR, Kind.HELD, Kind.TENSORS, Kind.SHAPE, Kind.SIZE, Kind.BAKED, Kind.BAKED_SIZE)
        module = isinstance(left.value, (Instance, Compiled))
        return operator == "is not" if tensor or module else None
    if operator in _COMPARISONS and isinstance(left.value, Const) and isinstance(right.value, Const):
        try:
            return _COMPARISONS[operator](left.value.value, right.value.value)
        except TypeError:
            return None
    return None


def _bool_op(flow: Flow, node: n.BoolOp, frame: Frame) -> Traced:
    values = []
    for one in node.values:
        value = evaluate(flow, one, frame)
        values.append(value)
        if value.truth is (node.op == "or"):
            return value if len(values) == 1 else TRUE if value.truth else FALSE
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
    return owner if owner.kind in (Kind.TENSOR, Kind.HELD) else UNKNOWN


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
        item = (
            TENSOR if iterated.kind in (Kind.TENSOR, Kind.TENSORS) else HELD if iterated.kind is Kind.HELD else UNKNOWN
        )
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
