"""Expressions under trace."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from scriptlint.diag import Severity
from scriptlint.evaluate.values import (
    Const,
    ExternalValue,
    LambdaValue,
)
from scriptlint.program.module import Class, Function, ModuleInfo
from scriptlint.program.project import External, Global, Local
from scriptlint.syntax import nodes as n
from scriptlint.syntax.dispatch import Dispatch
from scriptlint.syntax.walk import children, walk
from scriptlint.trace import hazards, objects, plain
from scriptlint.trace.frames import Frame
from scriptlint.trace.values import (
    FALSE,
    NONE,
    PYTHON,
    SHAPE,
    TRUE,
    UNKNOWN,
    Kind,
    Length,
    Traced,
    Why,
    arithmetic,
    baked,
    is_module,
    join,
    join_all,
    many,
    sequence,
)

if TYPE_CHECKING:
    from scriptlint.trace.flow import Flow

_LONGEST = 32  # of a longer sequence only what any of its items is
_TABLE: Dispatch[Callable[[Any, Any, Any], Traced]] = Dispatch()


def evaluate(flow: Flow, node: n.Expr, frame: Frame) -> Traced:
    """Return the value of an expression; hazards in its parts are reported on the way."""
    if not flow.budget.enter():
        flow.miss(flow.budget.reason)
        return UNKNOWN
    function = _TABLE.get(type(node))
    around = flow.reader.begin(node)
    value = _children(flow, node, frame) if function is None else function(flow, node, frame)
    flow.budget.leave()
    value = plain.known(flow, node, value, frame, around)
    if flow.observer is not None:
        flow.observer(frame.module, node, value)
    return value


def _children(flow: Flow, node: n.Expr, frame: Frame) -> Traced:
    for child in children(node):
        if not isinstance(child, (n.Lambda, n.Comprehension, n.Parameter, n.Arguments)):
            evaluate(flow, child, frame)  # type: ignore[arg-type]  # the children of these nodes are expressions
    return UNKNOWN


def finish(flow: Flow, node: n.Expr, frame: Frame) -> Traced:
    """Return the value of an expression that leaves its function; what was computed without gradients is reported here."""
    from scriptlint.trace import frozen  # rules only

    value = evaluate(flow, node, frame)
    if frame.depth and value.kind is Kind.TENSOR and value.weights:
        flow.say(frozen.NO_GRAD, frame, node, text=frame.text(node))
        return replace(value, weights=False)
    return value


def is_attribute_of_object(flow: Flow, node: n.Expr, frame: Frame) -> bool:
    """Return True if an expression asks an object for its attributes."""
    for one in walk(node):
        if isinstance(one, n.Attribute) and isinstance(one.value, n.Name):
            owner = frame.variable(one.value.id)
            if owner is not None and is_module(owner):
                return True
    return False


# Names and attributes


@_TABLE.on(n.Constant)
def _constant(flow: Flow, node: n.Constant, frame: Frame) -> Traced:
    if node.kind not in ("none", "bool", "int", "float", "str"):
        return PYTHON
    return Traced(Kind.PYTHON, Const(node.value), bool(node.value))


@_TABLE.on(n.Name)
def _name(flow: Flow, node: n.Name, frame: Frame) -> Traced:
    known = frame.variable(node.id)
    if known is not None:
        return known
    return _symbol(flow, node, frame)


def _symbol(flow: Flow, node: n.Expr, frame: Frame) -> Traced:
    symbol = flow.project.resolve(node, frame.place)
    if symbol is None and isinstance(node, n.Name) and node.id == "torch":
        return Traced(Kind.OBJECT, ExternalValue("torch"))  # snippets leave the import out
    match symbol:
        case External():
            return Traced(Kind.OBJECT, ExternalValue(symbol.name))
        case Global() | Class() | Function() | ModuleInfo():
            return objects.of_symbol(flow, symbol, frame, node)
        case Local():
            return UNKNOWN
        case _:
            return UNKNOWN


@_TABLE.on(n.Attribute)
def _attribute(flow: Flow, node: n.Attribute, frame: Frame) -> Traced:
    flow.read(node.attr, frame, node)
    if isinstance(node.value, n.Name):
        known = frame.variables.get(f"{node.value.id}.{node.attr}")
        if known is not None:
            return known
    owner = evaluate(flow, node.value, frame)
    if owner.kind is Kind.UNKNOWN or (owner.kind is Kind.OBJECT and isinstance(owner.value, ExternalValue)):
        found = _symbol(flow, node, frame)
        if found.kind is not Kind.UNKNOWN:
            return found
    return objects.attribute(flow, owner, node.attr, frame, node)


@_TABLE.on(n.NamedExpr)
def _named(flow: Flow, node: n.NamedExpr, frame: Frame) -> Traced:
    from scriptlint.trace.statements import assign

    value = evaluate(flow, node.value, frame)
    assign(flow, node.target, value, frame, None)
    return value


@_TABLE.on(n.Lambda)
def _lambda(flow: Flow, node: n.Lambda, frame: Frame) -> Traced:
    return Traced(Kind.OBJECT, LambdaValue(node, frame.place), True, scope=frame)


@_TABLE.on(n.Call)
def _call(flow: Flow, node: n.Call, frame: Frame) -> Traced:
    from scriptlint.trace.calls import call

    return call(flow, node, frame)


# Operators


@_TABLE.on(n.BinOp)
def _binary(flow: Flow, node: n.BinOp, frame: Frame) -> Traced:
    left, right = evaluate(flow, node.left, frame), evaluate(flow, node.right, frame)
    sequences = [one for one in (left, right) if one.kind is Kind.SEQUENCE]
    if (sequences and node.op in ("+", "*") and Kind.TENSOR not in (left.kind, right.kind)) or len(sequences) == 2:
        return _sequences(flow, node, left, right, frame)
    if sequences and node.op == "*":
        return _sequences(flow, node, left, right, frame)
    if node.op == "%" and isinstance(left.value, Const) and isinstance(left.value.value, str):
        if re.search(r"%[-+0-9.]*[dioxXeEfFgG]", left.value.value):
            from scriptlint.trace import library

            for one in right.items or (right,):
                library.convert(flow, one, frame, node)  # torch warns of these
        return _formatted([right])
    for one, at in ((left, node.left), (right, node.right)):
        other = right if one is left else left
        computed = (Kind.TENSOR,) if one.why is Why.TIME else (Kind.TENSOR, Kind.SIZE, Kind.PYTHON)
        if one.kind is Kind.BAKED and other.kind in computed:
            used(flow, one, at, frame)
        if one.why is Why.RANK and not one.said and other.is_linked:
            flow.say(hazards.RANK_NUMBER, frame, at, Severity.NOTE, text=frame.text(at))
    if left.kind is Kind.PYTHON and right.kind is Kind.PYTHON:
        return PYTHON
    return arithmetic(left, right)


def _sequences(flow: Flow, node: n.BinOp, left: Traced, right: Traced, frame: Frame) -> Traced:
    if left.kind is right.kind:
        length = left.length if left.length is not Length.PYTHON else right.length
        if left.items is not None and right.items is not None:
            return sequence((*left.items, *right.items), length)
        return many(join(left.element(), right.element()) if left.element() != UNKNOWN else right.element(), length)
    owner, other = (left, right) if left.kind is Kind.SEQUENCE else (right, left)
    if node.op == "*" and other.kind in (Kind.SIZE, Kind.TENSOR) and other.is_linked and not other.fixed:
        flow.say(hazards.TENSOR_INDEX, frame, node, text=frame.text(node))
    if node.op == "*" and other.why is Why.RANK and not other.said:
        at = node.right if owner is left else node.left
        flow.say(hazards.RANK_NUMBER, frame, at, Severity.NOTE, text=frame.text(at))
    if (
        node.op == "*"
        and isinstance(other.value, Const)
        and isinstance(other.value.value, int)
        and owner.items is not None
    ):
        if len(owner.items) * other.value.value <= 16:
            return sequence(owner.items * other.value.value, owner.length)
    return many(owner.element(), owner.length)


@_TABLE.on(n.UnaryOp)
def _unary(flow: Flow, node: n.UnaryOp, frame: Frame) -> Traced:
    value = evaluate(flow, node.operand, frame)
    if node.op == "not":
        from scriptlint.trace import decisions

        decisions.judge(flow, value, node.operand, frame, frame.text(node.operand))
        if value.truth is not None:
            return replace(FALSE if value.truth else TRUE, why=Why.TRACING if value.why is Why.TRACING else None)
        return baked(Why.CONTENT, True) if value.kind in (Kind.TENSOR, Kind.SIZE, Kind.BAKED) else PYTHON
    if isinstance(value.value, Const) and isinstance(value.value.value, (int, float)) and node.op == "-":
        return Traced(Kind.PYTHON, Const(-value.value.value), bool(value.value.value))
    return replace(value, truth=None) if value.kind in (Kind.TENSOR, Kind.SIZE, Kind.BAKED, Kind.PYTHON) else UNKNOWN


@_TABLE.on(n.BoolOp)
def _bool_op(flow: Flow, node: n.BoolOp, frame: Frame) -> Traced:
    from scriptlint.trace import decisions

    values = []
    before = dict(frame.variables)
    for index, one in enumerate(node.values):
        value = evaluate(flow, one, frame)
        if index < len(node.values) - 1:
            decisions.judge(flow, value, one, frame, frame.text(one))
        if value.truth is (node.op == "or"):
            values.append(value)
            break
        if value.truth is None or index == len(node.values) - 1:
            values.append(value)
        decisions.narrow(flow, one, frame, node.op == "and")
    frame.variables = {**before, **{k: v for k, v in frame.variables.items() if k not in before}}
    return join_all(values)


@_TABLE.on(n.Compare)
def _compare(flow: Flow, node: n.Compare, frame: Frame) -> Traced:
    from scriptlint.trace import comparisons

    return comparisons.compare(flow, node, frame)


@_TABLE.on(n.IfExp)
def _if_exp(flow: Flow, node: n.IfExp, frame: Frame) -> Traced:
    from scriptlint.trace import decisions, guards

    value, condition = decisions.decide(flow, node.test, frame)
    if value.truth is not None:
        taken, other = (node.body, node.orelse) if value.truth else (node.orelse, node.body)
        guards.judge(flow, node.test, value, [taken], [other], frame)
        return evaluate(flow, taken, frame)
    before = dict(frame.variables)
    with decisions.branch(flow, node.test, frame, condition, True):
        first = evaluate(flow, node.body, frame)
    frame.variables = dict(before)
    with decisions.branch(flow, node.test, frame, condition, False):
        second = evaluate(flow, node.orelse, frame)
    frame.variables = before
    return join(first, second)


# Containers


@_TABLE.on(n.Subscript)
def _subscript(flow: Flow, node: n.Subscript, frame: Frame) -> Traced:
    from scriptlint.trace import iteration

    return iteration.subscript(flow, node, frame)


@_TABLE.on(n.Tuple, n.List)
def _sequence(flow: Flow, node: n.Tuple | n.List, frame: Frame) -> Traced:
    items: list[Traced] = []
    exact, length = True, Length.PYTHON
    for one in node.elts:
        value = evaluate(flow, one.value if isinstance(one, n.Starred) else one, frame)
        if isinstance(one, n.Starred):
            from scriptlint.trace import iteration

            iteration.judge(flow, value, one.value, frame)
            if value.items is not None:
                items += value.items
            else:
                items.append(value.element() if value.kind is Kind.SEQUENCE else UNKNOWN)
                exact = False
            if value.kind is Kind.SEQUENCE and value.length is not Length.PYTHON:
                length = value.length
        else:
            items.append(value)
    if exact and len(items) <= _LONGEST:
        return sequence(items, length)
    return many(join_all(items), length)


@_TABLE.on(n.Set)
def _set(flow: Flow, node: n.Set, frame: Frame) -> Traced:
    values = [evaluate(flow, one, frame) for one in node.elts]
    return Traced(Kind.MAPPING, item=join_all(values))


@_TABLE.on(n.Dict)
def _dict(flow: Flow, node: n.Dict, frame: Frame) -> Traced:
    keys: list[str] = []
    items: list[Traced] = []
    exact = True
    for key, value in zip(node.keys, node.values, strict=True):
        item = evaluate(flow, value, frame)
        if key is None:
            if item.kind is Kind.MAPPING and item.keys is not None and item.items is not None:
                keys += item.keys
                items += item.items
            else:
                exact = False
                items.append(item.element() if item.kind is Kind.MAPPING else UNKNOWN)
            continue
        name = evaluate(flow, key, frame)
        items.append(item)
        if isinstance(name.value, Const) and isinstance(name.value.value, str):
            keys.append(name.value.value)
        else:
            exact = False
    if exact:
        return of_pairs(keys, items)
    return Traced(Kind.MAPPING, item=join_all(items), truth=True if items else None)


@_TABLE.on(n.ListComp, n.GeneratorExp, n.SetComp)
def _comprehension(flow: Flow, node: n.ListComp | n.GeneratorExp | n.SetComp, frame: Frame) -> Traced:
    from scriptlint.trace import iteration

    outer = dict(frame.variables)
    length, elements, exact = iteration.generated(flow, node.generators, node.elt, frame)
    frame.variables = outer
    if isinstance(node, n.SetComp):
        return Traced(Kind.MAPPING, item=join_all(elements))
    return sequence(elements, length) if exact and len(elements) <= _LONGEST else many(join_all(elements), length)


@_TABLE.on(n.DictComp)
def _dict_comprehension(flow: Flow, node: n.DictComp, frame: Frame) -> Traced:
    from scriptlint.trace import iteration

    outer = dict(frame.variables)
    pair = n.Tuple(node.key.start, node.value.end, [node.key, node.value])
    _, elements, exact = iteration.generated(flow, node.generators, pair, frame)
    frame.variables = outer
    pairs = [one.items for one in elements if one.items is not None]
    keys = [key.value.value for key, _ in pairs if isinstance(key.value, Const)]
    texts = [one for one in keys if isinstance(one, str)]
    if exact and len(texts) == len(elements):
        return of_pairs(texts, [value for _, value in pairs])
    return Traced(Kind.MAPPING, item=join_all(value for _, value in pairs))


def of_pairs(keys: Sequence[str], items: Sequence[Traced]) -> Traced:
    """Return a dictionary with these keys; of equal ones the last counts."""
    known = dict(zip(keys, items, strict=True))
    return Traced(Kind.MAPPING, truth=bool(known), keys=tuple(known), items=tuple(known.values()))


@_TABLE.on(n.Starred)
def _starred(flow: Flow, node: n.Starred, frame: Frame) -> Traced:
    value = evaluate(flow, node.value, frame)
    return value.element() if value.kind is Kind.SEQUENCE else UNKNOWN


@_TABLE.on(n.Slice)
def _slice(flow: Flow, node: n.Slice, frame: Frame) -> Traced:
    values = [evaluate(flow, one, frame) for one in (node.lower, node.upper, node.step) if one is not None]
    return arithmetic(*values) if values else PYTHON


@_TABLE.on(n.JoinedStr)
def _joined(flow: Flow, node: n.JoinedStr, frame: Frame) -> Traced:
    return _formatted([evaluate(flow, one.value, frame) for one in node.values if isinstance(one, n.FormattedValue)])


def _formatted(values: list[Traced]) -> Traced:
    flat = [one for value in values for one in (value.items or (value,))]
    if any(one.is_linked and not one.fixed for one in flat) or any(one.is_shape and one is not SHAPE for one in flat):
        return baked(Why.TEXT)
    return next((one for one in flat if one.kind is Kind.BAKED and not one.said), PYTHON)


@_TABLE.on(n.Await)
def _await(flow: Flow, node: n.Await, frame: Frame) -> Traced:
    return evaluate(flow, node.value, frame)


@_TABLE.on(n.Yield)
def _yield(flow: Flow, node: n.Yield, frame: Frame) -> Traced:
    frame.yields.append(NONE if node.value is None else evaluate(flow, node.value, frame))
    return UNKNOWN


@_TABLE.on(n.YieldFrom)
def _yield_from(flow: Flow, node: n.YieldFrom, frame: Frame) -> Traced:
    value = evaluate(flow, node.value, frame)
    frame.yields.append(value.element() if value.kind is Kind.SEQUENCE else UNKNOWN)
    return UNKNOWN


def used(flow: Flow, value: Traced, node: n.Expr, frame: Frame) -> None:
    """Report a baked value where the program computes with it; a number of dimensions is meant to be one."""
    from scriptlint.trace import frozen

    if value.kind is not Kind.BAKED or value.said:
        return
    rule = {
        Why.MEMORY: hazards.MEMORY_QUERY,
        Why.TEXT: hazards.TENSOR_TEXT,
        Why.DTYPE: frozen.DTYPE,
        Why.DEVICE: frozen.DEVICE,
        Why.MODE: frozen.TRAINING_BRANCH,
        Why.TIME: frozen.SURROUNDINGS,
    }.get(value.why or Why.RANK)
    if rule is not None and not (rule is frozen.TRAINING_BRANCH and flow.evaluated):
        facts: dict[str, object] = {("test" if "test" in rule.facts else "text"): frame.text(node)}
        flow.say(rule, frame, node, None, None, **facts)
