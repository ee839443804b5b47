"""Assignments that outlive the call: the traced program does not do them again (trace-hazards.md 1.6)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from scriptlint.evaluate.values import (
    ClassValue,
    Const,
    FunctionValue,
    Instance,
    Items,
    Mapping,
    Some,
    TensorValue,
    flatten,
)
from scriptlint.fixes.places import above
from scriptlint.program.module import Function
from scriptlint.program.project import External, Global, Local
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import by_function, children, statements, walk, walk_scope
from scriptlint.trace import decisions, frozen
from scriptlint.trace.expressions import evaluate
from scriptlint.trace.frames import Frame
from scriptlint.trace.values import Kind, Length, Traced, sequence

if TYPE_CHECKING:
    from scriptlint.trace.flow import Flow


_CONVERSIONS = frozenset("to type type_as float half double bfloat16 contiguous cpu cuda".split())


def assigned(flow: Flow, target: n.Attribute, value: Traced, frame: Frame, statement: n.Stmt | None) -> None:
    """Report an assignment to an attribute that is lost."""
    if target.attr in ("data", "grad"):
        owner = evaluate(flow, target.value, frame)
        if owner.kind is Kind.TENSOR and target.attr == "data":
            flow.say(frozen.UNTRACKED_WRITE, frame, target, text=f"{frame.text(target)} = ...")
        return
    if statement is None or not isinstance(target.value, n.Name):
        return
    owner = frame.variable(target.value.id) or evaluate(flow, target.value, frame)
    outlives = isinstance(owner.value, (ClassValue, FunctionValue))
    if outlives and (isinstance(statement, n.AugAssign) or _asks(statement, target)):
        flow.say(frozen.GLOBAL_STATE, frame, statement, text=frame.text(statement))
    if not isinstance(owner.value, Instance) or not isinstance(frame.place, Function):
        return
    if frame.place.node.name == "__init__":
        flow.made.setdefault(owner.value, {})[target.attr] = value  # the object is made while the trace is
        return
    carried = (owner.value, target.attr) in flow.memory.used and value.is_tensor and value.is_linked
    overwritten = target.attr in flow.memory.stored.get(owner.value, ())
    flow.store(owner.value, target.attr, value)
    kinds = [one.value for held in owner.value.held(target.attr) for one in flatten(held)]
    registered = any(isinstance(one, TensorValue) and one.kind == "buffer" for one in kinds)
    counts = isinstance(statement, n.AugAssign) and any(isinstance(one, (Const, Some)) for one in kinds)
    switched = _switches(flow, kinds, value, frame.place, target, frame)
    if _converts(statement):
        return
    filled(flow, target, value, frame, statement)
    reset = value.kind is Kind.PYTHON
    carried = carried and not flow.undecided
    depends = kinds and not reset and not overwritten and _depends_on_itself(frame.place, statement, target)
    if registered or counts or switched or carried or depends:
        if not _harmless(kinds) or registered or counts:
            if registered or (depends and _gives_more(statement, target)):
                flow.say(frozen.LOST_STATE, frame, statement, text=frame.text(statement))
            else:
                flow.say_if_read(frozen.LOST_STATE, frame, statement, target.attr, text=frame.text(statement))


def filled(flow: Flow, target: n.Attribute | n.Name, value: Traced, frame: Frame, statement: n.Stmt) -> None:
    """Report what is filled where it is first needed, if the trace is made twice: the second finds it there."""
    if not flow.checked or flow.memory.ran or frame.function is None or _is_there(target, frame):
        return
    parts = value.items or (value,)
    if not any(one.kind in (Kind.TENSOR, Kind.SIZE) and one.sure for one in parts):
        return
    for one in reversed(above(frame.function.node, target)):
        if isinstance(one, n.If) and _asks_what_it_fills(one, target.start):
            text = frame.text(target)
            if isinstance(target, n.Attribute):
                flow.say_if_read(frozen.FILLED, frame, statement, target.attr, text=text)
            else:
                flow.say(frozen.FILLED, frame, statement, text=text)
            return


def _is_there(target: n.Attribute | n.Name, frame: Frame) -> bool:
    """Return True if the constructor has filled an attribute with a tensor: the first trace may find that it will do."""
    if not isinstance(target, n.Attribute) or not isinstance(target.value, n.Name):
        return False
    owner = frame.variable(target.value.id)
    held = owner.value.held(target.attr) if owner is not None and isinstance(owner.value, Instance) else []
    return any(isinstance(one.value, TensorValue) for one in held)


def _asks_what_it_fills(branch: n.If, at: int) -> bool:
    """Return True if every part of a test asks for something that the side of the branch around `at` fills."""
    side = branch.orelse if branch.orelse and branch.orelse[0].start <= at else branch.body
    written = {_key(one) for node in statements(side) for one in _targets(node)} - {None}
    parts = branch.test.values if isinstance(branch.test, n.BoolOp) and branch.test.op == "or" else [branch.test]
    return all(any(_key(one) in written for one in walk(part)) for part in parts)


def _targets(node: n.Stmt) -> list[n.Expr]:
    targets = node.targets if isinstance(node, n.Assign) else [node.target] if isinstance(node, n.AnnAssign) else []
    return [one.value if isinstance(one, n.Subscript) else one for one in targets]


def _key(node: n.Node) -> str | None:
    """Return a name or attribute, or the attribute that `hasattr` or `getattr` asks for."""
    match node:
        case n.Name(id=name):
            return name
        case n.Attribute(value=n.Name(id=owner), attr=name):
            return f"{owner}.{name}"
        case n.Call(func=n.Name(id="hasattr" | "getattr"), args=[n.Name(id=owner), n.Constant(value=name), *_]):
            return f"{owner}.{name}"
    return None


def _harmless(kinds: Sequence[object]) -> bool:
    """Modules are no state: a layer that is put back in its place is the same layer."""
    return bool(kinds) and all(isinstance(one, Instance) for one in kinds)


def _switches(
    flow: Flow, kinds: Sequence[object], value: Traced, function: Function, target: n.Attribute, frame: Frame
) -> bool:
    """Return True if a flag is given another value where it was asked for, in a branch that does more than say something."""
    if not kinds or not isinstance(value.value, Const) or not isinstance(value.value.value, bool):
        return False
    if not all(isinstance(one, Const) and isinstance(one.value, bool) and one != value.value for one in kinds):
        return False
    owner = target.value.id if isinstance(target.value, n.Name) else ""
    for one in reversed(above(function.node, target)):
        if isinstance(one, n.If) and any(_is(part, owner, target.attr) for part in walk(one.test)):
            rest = [other for other in one.body if not _writes(other, owner, target.attr)]
            if rest and not decisions.only_speaks(flow, rest, frame):
                return True
    return False


def _depends_on_itself(function: Function, statement: n.Stmt, target: n.Attribute) -> bool:
    """Return True if the attribute was read before it is assigned: what it holds then came from the call before.

    Asking whether there is anything in it yet, in the test of a branch around the assignment, is no such use.
    """
    owner = target.value.id if isinstance(target.value, n.Name) else ""
    key = owner, target.attr
    if _first_writes(function.node).get(key, statement.start) < statement.start:
        return False  # what it reads is of this call
    if _reads(statement, owner, target):
        return True
    return _first_uses(function.node).get(key, statement.start) < statement.start


def _gives_more(statement: n.Stmt, target: n.Attribute) -> bool:
    """Return True for `y, self.h = step(x, self.h)`: what the attribute held reaches other variables."""
    targets = statement.targets if isinstance(statement, n.Assign) else []
    parts = [part for one in targets if isinstance(one, n.Tuple | n.List) for part in one.elts]
    owner = target.value.id if isinstance(target.value, n.Name) else ""
    gives = any(isinstance(one, n.Name) and not one.id.startswith("_") for one in parts)
    return gives and _reads(statement, owner, target)


def _converts(statement: n.Stmt) -> bool:
    """Return True if an assignment only gives what there is another dtype or device, or not even that."""
    value = statement.value if isinstance(statement, (n.Assign, n.AnnAssign)) else None
    targets = statement.targets if isinstance(statement, n.Assign) else []
    if isinstance(value, n.Attribute) and isinstance(value.value, n.Name) and len(targets) == 1:
        return _is(targets[0], value.value.id, value.attr)
    calls = [one for one in walk(value) if isinstance(one, n.Call)] if value is not None else []
    named = [one.func.attr for one in calls if isinstance(one.func, n.Attribute)]
    return bool(calls) and len(named) == len(calls) and set(named) <= _CONVERSIONS


def _reads(node: n.Node, owner: str, target: n.Attribute) -> bool:
    values = [node.value] if isinstance(node, (n.Assign, n.AnnAssign, n.AugAssign)) and node.value is not None else []
    if isinstance(node, n.AugAssign):
        return True
    return any(_is(one, owner, target.attr) for value in values for one in walk(value))


def _is(node: n.Node, owner: str, name: str) -> bool:
    return (
        isinstance(node, n.Attribute)
        and node.attr == name
        and isinstance(node.value, n.Name)
        and node.value.id == owner
    )


def _asks(statement: n.Stmt, target: n.Attribute) -> bool:
    """Return True if an assignment reads the attribute, perhaps by `getattr`."""
    owner = target.value.id if isinstance(target.value, n.Name) else ""
    if _reads(statement, owner, target):
        return True
    value = statement.value if isinstance(statement, n.Assign) else None
    return value is not None and any(
        isinstance(one, n.Call)
        and isinstance(one.func, n.Name)
        and one.func.id == "getattr"
        and len(one.args) > 1
        and isinstance(one.args[1], n.Constant)
        and one.args[1].value == target.attr
        for one in walk(value)
    )


def _writes(node: n.Stmt, owner: str, name: str) -> bool:
    targets = node.targets if isinstance(node, n.Assign) else [node.target] if isinstance(node, n.AnnAssign) else []
    return any(_is(one, owner, name) for target in targets for one in walk(target))


# What is asked of a function for every attribute that it assigns is gathered once.
_Places = dict[tuple[str, str], int]


@by_function(8)
def _first_writes(function: n.FunctionDef) -> _Places:
    """Return where each attribute of a name is first assigned by a statement of a function's own block."""
    found: _Places = {}
    for node in function.body:
        targets = node.targets if isinstance(node, n.Assign) else [node.target] if isinstance(node, n.AnnAssign) else []
        for one in walk(*targets):
            if isinstance(one, n.Attribute) and isinstance(one.value, n.Name):
                found.setdefault((one.value.id, one.attr), node.start)
    return found


@by_function(8)
def _first_uses(function: n.FunctionDef) -> _Places:
    """Return where a simple statement of a function first computes with each attribute of a name."""
    found: _Places = {}
    for node in statements(function.body):
        if not isinstance(node, (n.Assign, n.AnnAssign, n.Return)) or node.value is None:
            continue
        pending: list[tuple[n.Node, bool]] = [(node.value, False)]
        while pending:
            one, is_operand = pending.pop()
            if is_operand and isinstance(one, n.Attribute) and isinstance(one.value, n.Name):
                found.setdefault((one.value.id, one.attr), node.start)
            operands = one.args if isinstance(one, n.Call) else children(one) if isinstance(one, n.BinOp) else []
            pending += [(part, is_operand or part in operands) for part in children(one)]
    return found


def registered(flow: Flow, owner: Instance, values: Sequence[Traced], node: n.Call, frame: Frame) -> None:
    """Report a buffer or parameter that is registered while the trace is made."""
    name = values[0].value if values else None
    if isinstance(name, Const) and isinstance(name.value, str) and len(values) > 1:
        flow.store(owner, name.value, values[1])
    if isinstance(frame.place, Function) and frame.place.node.name != "__init__" and flow.rooted:
        flow.say(frozen.LOST_STATE, frame, node, text=frame.text(node))


def rebound_global(flow: Flow, target: n.Name, value: Traced, frame: Frame, statement: n.Stmt | None) -> None:
    """Report a global variable that is given another value and was read before: it came from the call before."""
    flow.store(frame.module.path, target.id, value)
    within = frame.outer is not None and frame.outer.variable(target.id) is not None
    if not isinstance(frame.place, Function) or within or statement is None:
        return
    before = [one for one in statements(frame.place.node.body) if one.start < statement.start]
    filled(flow, target, value, frame, statement)
    read = isinstance(statement, n.AugAssign) or any(_names(one, target) for one in (statement, *before))
    if read:
        flow.say(frozen.GLOBAL_STATE, frame, statement, text=frame.text(statement))


def _names(node: n.Stmt, target: n.Name) -> bool:
    """Return True if a simple statement reads a variable."""
    value = node.value if isinstance(node, (n.Assign, n.AnnAssign, n.AugAssign, n.Return, n.ExprStmt)) else None
    return value is not None and any(isinstance(one, n.Name) and one.id == target.id for one in walk(value))


def stored(flow: Flow, target: n.Subscript, value: Traced, frame: Frame, statement: n.Stmt | None) -> None:
    """Report an item that is put into a dictionary or list of the file, or of the object where it was read before."""
    holder = target.value
    found_again = not _holds_size(evaluate(flow, target.slice, frame))
    if isinstance(holder, n.Name) and found_again:
        counts = isinstance(statement, n.AugAssign) and _is_of_function_around(flow, holder, frame)
        if counts or _is_global(flow, holder, frame):
            flow.say(frozen.GLOBAL_STATE, frame, target, text=f"{frame.text(target)} = ...")
            if statement is not None:
                filled(flow, holder, value, frame, statement)
    if isinstance(holder, n.Attribute) and found_again and _is_of_class(flow, holder, frame):
        flow.say(frozen.GLOBAL_STATE, frame, target, text=f"{frame.text(target)} = ...")
    if isinstance(holder, n.Attribute) and statement is not None and found_again:
        filled(flow, holder, value, frame, statement)
    follows = value.kind in (Kind.TENSOR, Kind.SIZE) and value.is_linked
    if isinstance(holder, n.Attribute) and isinstance(holder.value, n.Name) and statement is not None and follows:
        owner = frame.variable(holder.value.id)
        if owner is not None and isinstance(owner.value, Instance) and isinstance(frame.place, Function):
            if frame.place.node.name != "__init__" and _items_used(frame.place, holder, statement):
                flow.say(frozen.LOST_STATE, frame, statement, text=frame.text(statement))


def _holds_size(key: Traced) -> bool:
    """Return True for a key that nothing finds again: under trace a size is a tensor, which is equal to itself alone."""
    return key.is_linked or any(map(_holds_size, key.items or ((key.item,) if key.item is not None else ())))


def _is_of_class(flow: Flow, holder: n.Attribute, frame: Frame) -> bool:
    """Return True if what holds items is shared by all objects of a class."""
    owner = evaluate(flow, holder.value, frame).value
    return isinstance(owner, ClassValue) and isinstance(frame.place, Function)


def _items_used(function: Function, holder: n.Attribute, statement: n.Stmt) -> bool:
    """Return True if an item of a dictionary or list on the object was read before another is put there."""
    owner = holder.value.id if isinstance(holder.value, n.Name) else ""
    before = [one for one in statements(function.node.body) if one.start <= statement.start]
    values = [one.value for one in before if isinstance(one, (n.Assign, n.AnnAssign, n.AugAssign)) and one.value]
    return any(
        isinstance(one, n.Subscript) and _is(one.value, owner, holder.attr) for value in values for one in walk(value)
    )


def _is_of_function_around(flow: Flow, node: n.Name, frame: Frame) -> bool:
    """Return True if a variable belongs to a function that returned before the trace began."""
    if frame.function is None or frame.variable(node.id) is not None:
        return False
    symbol = flow.project.resolve(node, frame.place)
    return isinstance(symbol, Local) and symbol.function is not frame.function


def advanced(flow: Flow, node: n.Call, frame: Frame) -> None:
    """Report an iterator of the file, or of the object, of which each call takes the next item."""
    iterator = node.args[0] if node.args else None
    if isinstance(iterator, n.Attribute) and isinstance(iterator.value, n.Name):
        owner = frame.variable(iterator.value.id)
        held = owner.value.held(iterator.attr) if owner is not None and isinstance(owner.value, Instance) else []
        if held and all(isinstance(one.value, Items) and one.value.kind == "iterator" for one in held):
            flow.say(frozen.LOST_STATE, frame, node, text=frame.text(node))
        return
    symbol = flow.project.resolve(iterator, frame.place) if iterator is not None else None
    if not isinstance(symbol, Global) or not isinstance(symbol.value, n.Call):
        return
    maker = flow.project.resolve(symbol.value.func, symbol.module)
    if isinstance(maker, External) and (maker.name == "builtins.iter" or maker.name.startswith("itertools.")):
        flow.say(frozen.GLOBAL_STATE, frame, node, text=frame.text(node))


def _is_global(flow: Flow, node: n.Name, frame: Frame) -> bool:
    if not isinstance(frame.place, Function) or frame.variable(node.id) is not None:
        return False
    symbol = flow.project.resolve(node, frame.place)
    if not isinstance(symbol, Global) or symbol.module is not frame.module:
        return False
    return isinstance(flow.machine.global_value(symbol), (Items, Mapping))


def appended(flow: Flow, receiver: n.Expr, node: n.Call, frame: Frame) -> None:
    """Report a list on the object, or of the file, that grows and is read as well."""
    if isinstance(receiver, n.Name) and (_is_global(flow, receiver, frame) or _is_default(receiver, frame)):
        body = frame.place.node.body if isinstance(frame.place, Function) else []
        names = [one for one in walk_scope(body) if isinstance(one, n.Name) and one.id == receiver.id]
        if any(one is not receiver for one in names):
            flow.say(frozen.GLOBAL_STATE, frame, node, text=frame.text(node))
    if isinstance(receiver, n.Attribute) and isinstance(receiver.value, n.Name):
        owner = frame.variable(receiver.value.id)
        if owner is not None and isinstance(owner.value, Instance):
            if receiver.attr in flow.memory.stored.get(owner.value, ()):
                return  # what it grows was made in this call
            if _empties(node, receiver, frame):
                frame.variables[f"{receiver.value.id}.{receiver.attr}"] = sequence([])
                flow.store(owner.value, receiver.attr, sequence([]))
                return
            flow.say_if_read(frozen.LOST_STATE, frame, node, receiver.attr, text=frame.text(node))


def _empties(node: n.Call, receiver: n.Attribute, frame: Frame) -> bool:
    """Return True if a call empties a list or dictionary on the object that the function did not use before."""
    if not isinstance(node.func, n.Attribute) or node.func.attr != "clear" or frame.function is None:
        return False
    text = frame.text(receiver)
    before = [one for one in walk_scope(frame.function.node.body) if one.start < receiver.start]
    return not any(isinstance(one, n.Attribute) and frame.text(one) == text for one in before)


def _is_default(node: n.Name, frame: Frame) -> bool:
    """Return True if a variable is a list that a parameter of what is traced has for a default: all calls share it."""
    value = frame.variables.get(node.id)
    if frame.function is None or not frame.root or value is None or value.length is Length.EXAMPLE:
        return False
    return any(one.name == node.id and isinstance(one.default, n.List) for one in frame.function.node.args.all())
