"""Statements under trace: each says whether the block ends with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from scriptlint.evaluate.methods import READING
from scriptlint.evaluate.values import ExternalValue, FunctionValue, Instance
from scriptlint.program.module import Function
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import statements as within
from scriptlint.syntax.walk import walk
from scriptlint.trace import decisions, guards, hazards, iteration, state
from scriptlint.trace.expressions import evaluate, finish
from scriptlint.trace.frames import Frame
from scriptlint.trace.values import (
    PYTHON,
    UNKNOWN,
    Kind,
    Traced,
    Why,
    baked,
    join,
    sequence,
)

if TYPE_CHECKING:
    from scriptlint.trace.flow import Flow

_REPEATABLE = (n.Name, n.Attribute, n.Constant, n.Starred)
NO_GRAD = frozenset({"torch.no_grad", "torch.inference_mode", "torch.autograd.no_grad"})


def block(flow: Flow, body: Sequence[n.Stmt], frame: Frame) -> bool:
    """Execute statements; True where they end the function, the loop or its round."""
    for index, one in enumerate(body):
        if not flow.budget.enter():
            flow.miss(flow.budget.reason)
            return True
        leaves = isinstance(one, n.If) and not one.orelse and isinstance(one.body[-1], n.Return | n.Break | n.Continue)
        ended = _execute(flow, one, frame, body[index + 1 :] if leaves else ())
        flow.budget.leave()
        if ended:
            return True
    return False


def written(function: Function) -> dict[str, list[n.Stmt]]:
    """Return the attributes that a method assigns on its own object, with the statements that do."""
    parameters = [*function.node.args.posonly, *function.node.args.args]
    found: dict[str, list[n.Stmt]] = {}
    if not parameters:
        return found
    for node in within(function.node.suite):
        if isinstance(node, (n.Assign, n.AnnAssign, n.AugAssign)):
            for target in node.targets if isinstance(node, n.Assign) else [node.target]:
                for one in walk(target):
                    if isinstance(one, n.Attribute) and isinstance(one.value, n.Name):
                        if one.value.id == parameters[0].name:
                            found.setdefault(one.attr, []).append(node)
    return found


def names_written(function: Function, known: dict[Function, frozenset[str]]) -> frozenset[str]:
    """Return the names of these attributes, kept in `known`; a judgement that asks depends on them, not on the body."""
    function.module.asked.add(function.number)
    if function not in known:
        known[function] = frozenset(written(function))
    return known[function]


def changed_in_place(function: Function) -> set[str]:
    """Return the attributes of its own object of which a method calls a method that may change them, as in `self.seen.append(x)`."""
    parameters = [*function.node.args.posonly, *function.node.args.args]
    found: set[str] = set()
    function.module.asked.add(function.number)
    for node in walk(*function.node.suite) if parameters else ():
        match node:
            case n.Call(func=n.Attribute(value=n.Attribute(value=n.Name(id=owner), attr=attribute), attr=method)):
                if owner == parameters[0].name and method not in READING:
                    found.add(attribute)
    return found


def _execute(flow: Flow, node: n.Stmt, frame: Frame, rest: Sequence[n.Stmt]) -> bool:
    match node:
        case n.Assign():
            value = _answered(flow, finish(flow, node.value, frame), node.value, frame)
            for target in node.targets:
                assign(flow, target, value, frame, node)
        case n.AnnAssign():
            if node.value is not None:
                assign(flow, node.target, evaluate(flow, node.value, frame), frame, node)
        case n.AugAssign():
            _augmented(flow, node, frame)
        case n.ExprStmt():
            speaks = decisions.only_speaks(flow, [node], frame)
            flow.asking += speaks
            evaluate(flow, node.value, frame)
            flow.asking -= speaks
        case n.Return():
            value = Traced(Kind.PYTHON, truth=False) if node.value is None else finish(flow, node.value, frame)
            frame.returns.append(value)
            return True
        case n.If():
            return _if(flow, node, frame, rest)
        case n.For():
            return _for(flow, node, frame)
        case n.While():
            _while(flow, node, frame)
        case n.With():
            return _with(flow, node, frame)
        case n.Try():
            return _try(flow, node, frame)
        case n.Assert():
            return decisions.check(flow, node.test, frame, node).truth is False
        case n.Break() if frame.breaks:
            frame.breaks[-1].append(dict(frame.variables))
            return True
        case n.Raise() | n.Break() | n.Continue():
            return True
        case n.FunctionDef():
            function = frame.module.functions[node.start]
            frame.variables[node.name] = Traced(Kind.OBJECT, FunctionValue(function), True, scope=frame)
        case n.ClassDef():
            frame.variables[node.name] = UNKNOWN
        case n.Match():
            subject = evaluate(flow, node.subject, frame)
            compared = subject.element() if subject.is_shape else subject
            for case_ in node.cases:
                for pattern in case_.values[:1]:  # torch warns there
                    decisions.judge(flow, compared, pattern, frame, frame.text(node.subject))
                for name in case_.binds:
                    frame.variables[name.id] = UNKNOWN
                _maybe(flow, case_.body, frame)
        case n.Global() | n.Nonlocal():
            pass
        case n.Delete():
            for target in node.targets:
                if isinstance(target, n.Name):
                    frame.variables.pop(target.id, None)
        case _:
            pass
    return False


def _answered(flow: Flow, value: Traced, node: n.Expr, frame: Frame) -> Traced:
    """Return the answer of a comparison that Python has decided, reported where torch warns: at the comparison."""
    if not isinstance(node, n.Compare) or value.fixed:
        return value
    decided = value.kind is Kind.BAKED and not value.said and value.why in (Why.SIZE, Why.CONTENT)
    is_asked_twice = len(node.ops) > 1 or node.ops[0] in ("in", "not in")  # the first answer decides about the second
    if not decided and not (value.kind is Kind.SIZE and value.sure and is_asked_twice):
        return value
    decisions.judge(flow, value, node, frame, frame.text(node))
    return baked(value.why or Why.SIZE, True)


# Branches


def _if(flow: Flow, node: n.If, frame: Frame, rest: Sequence[n.Stmt]) -> bool:
    """Execute a branch; `rest` is what follows one that leaves the block and has no `else`."""
    speaks = decisions.only_speaks(flow, node.body, frame)
    speaks = speaks and (not node.orelse or decisions.only_speaks(flow, node.orelse, frame))
    if speaks or decisions.raises(node.body) or decisions.raises(node.orelse):
        flow.asking += speaks
        value, condition = decisions.check(flow, node.test, frame, node), None
        flow.asking -= speaks
    else:
        value, condition = decisions.decide(flow, node.test, frame)
    if value.truth is not None:
        orelse = node.orelse or rest
        taken, other = (node.body, orelse) if value.truth else (orelse, node.body)
        guards.judge(flow, node.test, value, taken, other, frame)
        return block(flow, node.body if value.truth else node.orelse, frame)
    before = dict(frame.variables)
    with decisions.branch(flow, node.test, frame, condition, True):
        body_ended = block(flow, node.body, frame)
    after_body, frame.variables = frame.variables, before
    with decisions.branch(flow, node.test, frame, condition, False):
        else_ended = block(flow, node.orelse, frame)
    if body_ended and else_ended:
        return True
    if else_ended:
        frame.variables = after_body
    elif not body_ended:
        frame.variables = _joined(after_body, frame.variables)
    return False


def _maybe(flow: Flow, body: Sequence[n.Stmt], frame: Frame) -> None:
    before = dict(frame.variables)
    ended = block(flow, body, frame)
    frame.variables = before if ended and not _leaves_loop(body) else _joined(frame.variables, before)


def _leaves_loop(body: Sequence[n.Stmt]) -> bool:
    return bool(body) and isinstance(body[-1], (n.Break, n.Continue))


def _joined(first: dict[str, Traced], second: dict[str, Traced]) -> dict[str, Traced]:
    return {
        name: join(first[name], second[name])
        if name in first and name in second
        else first.get(name, second.get(name, UNKNOWN))
        for name in {**first, **second}
    }


# Loops


def _repeat(flow: Flow, body: Sequence[n.Stmt], frame: Frame) -> None:
    """Execute a body that may run several times: constants that it changes are none, and what a round leaves is found
    by the next."""
    for node in within(list(body)):
        if isinstance(node, (n.Assign, n.AnnAssign, n.AugAssign)):
            for target in node.targets if isinstance(node, n.Assign) else [node.target]:
                if isinstance(target, n.Name) and frame.variables.get(target.id, UNKNOWN).kind is Kind.PYTHON:
                    known = frame.variables[target.id]
                    if known.truth is not False or known.value is None or getattr(known.value, "value", 0) is not None:
                        frame.variables[target.id] = PYTHON
    before = dict(frame.variables)
    _maybe(flow, body, frame)
    if flow.loops < 2 and any(frame.variables.get(name) != value for name, value in before.items()):
        flow.loops += 1
        _maybe(flow, body, frame)
        flow.loops -= 1


def _for(flow: Flow, node: n.For, frame: Frame) -> bool:
    iterated = evaluate(flow, node.iter, frame)
    iteration.judge(flow, iterated, node.iter, frame)
    iteration.judge_rank(flow, iterated, node.iter, frame)
    items = iteration.rounds(flow, iterated)
    frame.breaks.append([])
    for item in items:
        assign(flow, node.target, item, frame, node)
        _repeat(flow, node.body, frame)
    _leave(flow, node, frame)
    return False


def _leave(flow: Flow, node: n.For | n.While, frame: Frame) -> None:
    """End a loop: its `else` runs, or the variables are what they were at a `break`."""
    breaks = frame.breaks.pop()
    _maybe(flow, node.orelse, frame)
    for variables in breaks:
        frame.variables = _joined(frame.variables, variables)


def _while(flow: Flow, node: n.While, frame: Frame) -> None:
    with_rounds = {**frame.variables}
    for one in within(node.body):
        if isinstance(one, n.AugAssign) and isinstance(one.target, n.Name):
            if frame.variables.get(one.target.id, UNKNOWN).kind is Kind.PYTHON:
                with_rounds[one.target.id] = PYTHON
    frame.variables = with_rounds
    value, _ = decisions.decide(flow, node.test, frame, hazards.TENSOR_WHILE)
    if value.truth is False:
        return
    frame.breaks.append([])
    _repeat(flow, node.body, frame)
    _leave(flow, node, frame)


# Blocks


def _with(flow: Flow, node: n.With, frame: Frame) -> bool:
    quiet = 0
    for item in node.items:
        context = item.context
        value = evaluate(flow, context, frame)
        func = context.func if isinstance(context, n.Call) else context
        symbol = evaluate(flow, func, frame).value if isinstance(func, (n.Name, n.Attribute)) else None
        if isinstance(symbol, ExternalValue) and (symbol.name in NO_GRAD or _turns_off(symbol.name, context)):
            quiet += 1
        if item.target is not None:
            assign(flow, item.target, UNKNOWN if value.kind is Kind.PYTHON else value, frame, node)
    frame.depth += quiet
    ended = block(flow, node.body, frame)
    frame.depth -= quiet
    return ended


def _turns_off(name: str, context: n.Expr) -> bool:
    """Return True if it is `torch.set_grad_enabled(False)`."""
    given = context.args if isinstance(context, n.Call) else []
    return (
        name == "torch.set_grad_enabled"
        and len(given) == 1
        and isinstance(given[0], n.Constant)
        and given[0].value is False
    )


def _try(flow: Flow, node: n.Try, frame: Frame) -> bool:
    before = dict(frame.variables)
    flow.undecided += 1  # an exception may end it anywhere
    ended = block(flow, node.body, frame)
    flow.undecided -= 1
    decisions.swallowed(flow, node, frame)
    if not ended:
        ended = block(flow, node.orelse, frame)
    after = frame.variables
    frame.variables = _joined(before, after)
    handled = []
    for handler in node.handlers:
        start = dict(frame.variables)
        if handler.name:
            frame.variables[handler.name] = UNKNOWN
        handled.append(block(flow, handler.body, frame))
        if handled[-1]:
            frame.variables = start
    if all(handled):
        frame.variables = after
    return block(flow, node.finalbody, frame) or (ended and all(handled))


# Targets


def _augmented(flow: Flow, node: n.AugAssign, frame: Frame) -> None:
    combined = n.BinOp(node.start, node.end, node.target, node.op, node.value)
    value = evaluate(flow, combined, frame)
    if isinstance(node.target, n.Attribute):
        old = evaluate(flow, node.target, frame)
        if old.kind is Kind.TENSOR:
            return  # in place: the trace records it
        state.assigned(flow, node.target, value, frame, node)
    elif isinstance(node.target, n.Name):
        assign(flow, node.target, value, frame, node)
    else:
        assign(flow, node.target, value, frame, node)


def assign(flow: Flow, target: n.Expr, value: Traced, frame: Frame, statement: n.Stmt | None) -> None:
    """Give a target its value."""
    match target:
        case n.Name():
            if frame.function is not None and target.id in frame.function.scope.declared_global:
                state.rebound_global(flow, target, value, frame, statement)
                frame.rebind(target.id, value)
            else:
                frame.variables[target.id] = value
        case n.Starred():
            assign(flow, target.value, value, frame, statement)
        case n.Tuple() | n.List():
            _unpack(flow, target, value, frame, statement)
        case n.Attribute():
            state.assigned(flow, target, value, frame, statement)
            if isinstance(target.value, n.Name):
                frame.variables[f"{target.value.id}.{target.attr}"] = value
        case n.Subscript():
            owner = evaluate(flow, target.value, frame)
            key = evaluate(flow, target.slice, frame)
            state.stored(flow, target, value, frame, statement)
            if owner.kind is Kind.SEQUENCE:
                if isinstance(target.value, n.Name):
                    item = join(owner.element(), value) if owner.items or owner.item else value
                    frame.variables[target.value.id] = replace(owner, items=None, item=item, truth=None)
                if key.kind in (Kind.TENSOR, Kind.SIZE) and key.is_linked and not key.fixed:
                    flow.say(hazards.TENSOR_INDEX, frame, target, text=frame.text(target))
            elif owner.kind is Kind.MAPPING and isinstance(target.value, n.Name):
                _store(frame, target.value.id, owner, key, value)
            elif owner.kind is Kind.UNKNOWN and isinstance(target.value, n.Name):
                frame.variables[target.value.id] = UNKNOWN
        case _:
            pass


def _store(frame: Frame, name: str, owner: Traced, key: Traced, value: Traced) -> None:
    text = getattr(key.value, "value", None)
    if owner.keys is not None and owner.items is not None and isinstance(text, str):
        known = dict(zip(owner.keys, owner.items, strict=True))
        known[text] = value
        frame.variables[name] = replace(owner, keys=tuple(known), items=tuple(known.values()), truth=True)
    else:
        empty = owner.items == () and owner.item is None
        item = value if empty else join(owner.element(), value)
        frame.variables[name] = replace(owner, keys=None, items=None, item=item, truth=None)


def _unpack(flow: Flow, target: n.Tuple | n.List, value: Traced, frame: Frame, statement: n.Stmt | None) -> None:
    starred = any(isinstance(one, n.Starred) for one in target.elts)
    if value.is_tensor and not value.constant:
        at = statement.value if isinstance(statement, n.Assign) else target
        if starred:
            iteration.judge(flow, value, at, frame)
        else:
            flow.say(hazards.TENSOR_UNPACKING, frame, at, text=frame.text(at))
    if value.items is not None and len(value.items) == len(target.elts) and not starred:
        for one, item in zip(target.elts, value.items, strict=True):
            assign(flow, one, item, frame, statement)
        return
    if value.items is not None and starred and len(value.items) >= len(target.elts) - 1:
        place = next(index for index, one in enumerate(target.elts) if isinstance(one, n.Starred))
        after = len(target.elts) - place - 1
        middle = value.items[place : len(value.items) - after]
        parts = [*value.items[:place], sequence(middle), *value.items[len(value.items) - after :]]
        for one, item in zip(target.elts, parts, strict=True):
            assign(flow, one, item, frame, statement)
        return
    if value.kind is Kind.OBJECT and isinstance(value.value, Instance) and not starred:
        held = iteration.rounds(flow, value)
        if len(held) == len(target.elts) and UNKNOWN not in held:
            for one, item in zip(target.elts, held, strict=True):
                assign(flow, one, item, frame, statement)
            return
    known = _around_star(flow, statement, len(target.elts), frame) if not starred and value.items is None else None
    if known is not None:
        for one, item in zip(target.elts, known, strict=True):
            assign(flow, one, item, frame, statement)
        return
    part = part_of(value)
    for one in target.elts:
        if isinstance(one, n.Starred):
            rest = value if value.kind is Kind.SEQUENCE else UNKNOWN
            assign(flow, one.value, replace(rest, items=None, item=part), frame, statement)
        else:
            assign(flow, one, part, frame, statement)


def _around_star(flow: Flow, statement: n.Stmt | None, count: int, frame: Frame) -> list[Traced] | None:
    """Return what `b, n, heads = *x.shape, self.heads` gives each of its targets; None for other statements."""
    value = statement.value if isinstance(statement, n.Assign) else None
    if not isinstance(value, n.Tuple) or not all(isinstance(one, _REPEATABLE) for one in value.elts):
        return None
    stars = [index for index, one in enumerate(value.elts) if isinstance(one, n.Starred)]
    more = count - len(value.elts) + 1
    if len(stars) != 1 or more < 0:
        return None
    place = stars[0]
    parts = [evaluate(flow, one, frame) for one in value.elts]
    return [*parts[:place], *[parts[place]] * more, *parts[place + 1 :]]


def part_of(value: Traced) -> Traced:
    """Return what one of the parts of a value is."""
    match value.kind:
        case Kind.TENSOR:
            return replace(value, truth=None)
        case Kind.SEQUENCE | Kind.MAPPING:
            return value.picked()
        case Kind.PYTHON:
            return PYTHON
        case Kind.OBJECT if isinstance(value.value, Instance):
            return UNKNOWN
        case _:
            return UNKNOWN
