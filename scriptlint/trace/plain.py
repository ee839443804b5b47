"""Plain Python in traced code: what no tensor, size or input reaches is evaluated by `evaluate/`, as in a constructor.

`isinstance(self.act, nn.GELU)`, `max(self.dims) > 5` or `any(one.deep for one in self.layers)` are decided by the object.
The evaluation only reads: what would change something, or ask for what a trace or a call may have changed, has no answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from scriptlint.evaluate import frames, symbols
from scriptlint.evaluate.arguments import Arguments
from scriptlint.evaluate.evaluator import Evaluator
from scriptlint.evaluate.frames import Exhausted, Raised
from scriptlint.evaluate.path import Path
from scriptlint.evaluate.values import (
    Choice,
    Compiled,
    Const,
    ExternalValue,
    Instance,
    Items,
    LambdaValue,
    Mapping,
    TensorValue,
    Value,
)
from scriptlint.evaluate.values import truth as plain_truth
from scriptlint.instances.construction import Construction
from scriptlint.program.module import Class, Function
from scriptlint.program.project import Global
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk
from scriptlint.trace import objects
from scriptlint.trace.frames import Frame
from scriptlint.trace.values import Kind, Traced, Why

if TYPE_CHECKING:
    from scriptlint.trace.flow import Flow

_STEPS = 4_000
# Expressions that Python computes; names and attributes are looked up by the trace, which knows what was stored.
_COMPUTED = frozenset(
    {
        n.BinOp,
        n.BoolOp,
        n.Call,
        n.Compare,
        n.IfExp,
        n.JoinedStr,
        n.ListComp,
        n.GeneratorExp,
        n.Subscript,
        n.UnaryOp,
    }
)
# Methods of modules and tensors that only read.
_READING = frozenset(
    "children named_children modules named_modules values items keys get_submodule dim ndimension size numel nelement".split()
)


# The operands of an expression that were read, by their identities. They are kept along, so that no other node has these.
Operands = dict[int, tuple[n.Expr, Value]]


def known(flow: Flow, node: n.Expr, value: Traced, frame: Frame, around: Operands | None) -> Traced:
    """Return what an expression is, given what the trace makes of it: more exactly where it is plain Python.

    What it is made of was read before, and is not read again: `around` takes its value for the expression around it.
    """
    operands, flow.reader.operands = flow.reader.operands, around
    if value.truth is not None or type(node) not in _COMPUTED or not _may_be_plain(value):
        return value
    variables: dict[str, Value] = {}
    short = _shortened(node, operands or {}, variables)
    made = flow.reader.read(short, frame, variables) if _is_collected(flow, short, frame, variables) else None
    if made is None:
        return value
    if around is not None:
        around[id(node)] = node, made
    if value.kind is Kind.SIZE:  # torch still warns where Python decides by it
        return replace(value, truth=plain_truth(made)) if isinstance(node, n.Compare) else value
    return objects.from_object(flow, made)


def _may_be_plain(value: Traced) -> bool:
    """Return True if no tensor, size or input is known to reach a value, or only the shape of a parameter or buffer."""
    if value.kind is Kind.SIZE:
        return value.fixed
    return value.kind in (Kind.PYTHON, Kind.UNKNOWN) or (value.kind is Kind.BAKED and value.why is Why.RANK)


def truth(flow: Flow, value: Traced) -> bool | None:
    """Return the truth of an object that the trace has not decided: of a layer, a container, a class."""
    if value.truth is not None or value.kind is not Kind.OBJECT or value.value is None:
        return value.truth
    return flow.reader.truth(value.value)


def _shortened(node: n.Expr, operands: Operands, variables: dict[str, Value]) -> n.Expr:
    """Return an expression with variables in the place of the operands that were read."""
    changes = {}
    for field in node.__struct_fields__ if operands else ():
        part = getattr(node, field)
        if isinstance(part, n.Node):
            changes[field] = _operand(part, operands, variables)
        elif isinstance(part, list):
            changes[field] = [_operand(one, operands, variables) for one in part]
    return replace(node, **changes) if changes else node


def _operand(part: Any, operands: Operands, variables: dict[str, Value]) -> Any:
    if isinstance(part, n.Attribute | n.Keyword):
        value = _operand(part.value, operands, variables)
        return part if value is part.value else replace(part, value=value)
    if id(part) not in operands:
        return part
    name = f"<{len(variables)}>"
    variables[name] = operands[id(part)][1]
    return n.Name(part.start, part.end, name)


def _is_collected(flow: Flow, node: n.Expr, frame: Frame, found: dict[str, Value]) -> bool:
    """Find the variables that an expression uses; return False where one is not plain, or may have been changed."""
    for one in walk(node):
        flow.budget.steps += 1
        if isinstance(one, n.NamedExpr | n.Await | n.Yield | n.YieldFrom):
            return False
        if not isinstance(one, n.Name) or one.id in found:
            continue
        held = frame.variable(one.id)
        if held is not None:
            value = _value(held)
            if value is None:
                return False
            found[one.id] = value
        elif _is_changed(flow, one, frame):
            return False
    return True


def _value(held: Traced) -> Value | None:
    """Return what a variable of the trace is to the evaluator; None where it is not plain."""
    if held.scope is not None or isinstance(held.value, (Choice, LambdaValue, TensorValue)):
        return None
    return held.value if held.kind in (Kind.PYTHON, Kind.OBJECT) else None


def _is_changed(flow: Flow, name: n.Name, frame: Frame) -> bool:
    """Return True for a variable of a file that a function rebinds, or that a call has left a value in."""
    symbol = flow.project.lookup(name.id, frame.place)
    if not isinstance(symbol, Global):
        return False
    stored = flow.memory.stored.get(symbol.module.path, {})
    return flow.is_rebound(symbol) or symbol.name in stored or flow.memory.has_recalled(symbol.module.path, symbol.name)


class Reader(Construction):
    """The domain of what traced code computes of plain Python: it answers for what is read, and refuses all else."""

    def __init__(self, flow: Flow) -> None:
        super().__init__()
        self._flow = flow
        self._frame: Frame | None = None
        self._names: dict[Function, list[n.Name]] = {}
        self.operands: Operands | None = None
        machine = flow.machine
        self._evaluator = Evaluator(
            machine.project, machine.classes, machine.library, self, machine.evaluator.namespaces
        )

    def begin(self, node: n.Expr) -> Operands | None:
        """Return where the value of an expression goes, and have those of its operands collected."""
        around = self.operands
        if type(node) in _COMPUTED:
            self.operands = {}
        return around

    def read(self, node: n.Expr, frame: Frame, variables: dict[str, Value]) -> Value | None:
        """Return the value of an expression; None where it is not plain, or nothing decides it."""
        self._frame = frame
        function = frame.function
        inner = frames.Frame(frame.place, variables, owner=function.owner if function else None)
        inner.receiver = frame.instance
        path = Path()
        ev = self._evaluator
        ev.called.clear()
        with ev.running(path, _STEPS):
            try:
                value = symbols.finalized(ev.evaluate(node, inner))
            except (Raised, Exhausted):
                return None
            finally:
                self._flow.budget.steps += _STEPS - ev.steps
        if path.answers or path.assumed or not _is_plain(value) or any(map(self._rebinds, ev.called)):
            return None
        return value

    def truth(self, value: Value) -> bool | None:
        """Return the truth of a value; None where it is not known."""
        path = Path()
        with self._evaluator.running(path, _STEPS):
            try:
                found = symbols.truth(self._evaluator, value)
            except (Raised, Exhausted):
                return None
        return None if path.answers or path.assumed else found

    def _rebinds(self, called: tuple[Function, object]) -> bool:
        """Return True if a function reads a variable of its file that some function rebinds."""
        function, _ = called
        if function not in self._names:
            names = {one.id: one for one in walk(function.node) if isinstance(one, n.Name)}
            self._names[function] = list(names.values())
        return any(_is_changed(self._flow, one, Frame(function)) for one in self._names[function])

    # What is refused

    def on_change(self, ev: Evaluator, owner: Value | None) -> None:
        raise Exhausted

    def initialise(self, ev: Evaluator, instance: Instance, name: str, given: Arguments) -> None:
        raise Exhausted

    def call(
        self, ev: Evaluator, name: str, given: Arguments, node: n.Node | None, frame: frames.Frame | None
    ) -> Value:
        raise Exhausted

    def call_object(
        self,
        ev: Evaluator,
        callee: Instance | Compiled,
        given: Arguments,
        node: n.Node | None,
        frame: frames.Frame | None,
    ) -> Value:
        raise Exhausted

    def call_method(
        self,
        ev: Evaluator,
        receiver: Value,
        name: str,
        given: Arguments,
        node: n.Node | None,
        frame: frames.Frame | None,
    ) -> Value:
        if name.rpartition(".")[2] not in _READING:
            raise Exhausted
        return super().call_method(ev, receiver, name, given, node, frame)

    def leads(self, node: n.If, frame: frames.Frame) -> bool:
        return False

    def on_loop(self, ev: Evaluator, node: n.For, frame: frames.Frame) -> None:
        pass

    def on_definition(
        self, ev: Evaluator, plain: Value, decorated: Value, node: n.FunctionDef | n.ClassDef, frame: frames.Frame
    ) -> Value:
        return decorated

    def on_read(
        self,
        ev: Evaluator,
        owner: Value,
        name: str,
        value: Value | None,
        node: n.Node | None,
        frame: frames.Frame | None,
    ) -> None:
        """Refuse what may be another value when the traced code reads it, than the constructor left."""
        if not isinstance(owner, Instance):
            return
        flow = self._flow
        changed = (
            name == "training"
            or name in flow.kept(owner)
            or flow.memory.has_recalled(owner, name)
            or bool(flow.writers(owner, name))
            or name in _stored_here(self._frame)
            or (isinstance(value, (Items, Mapping)) and _grows(flow, owner, name))
        )
        if changed or (not flow.certain and _has_number(value)):
            raise Exhausted


def _stored_here(frame: Frame | None) -> set[str]:
    """Return the names of attributes that the running functions have given a value."""
    found: set[str] = set()
    while frame is not None:
        found.update(one.rpartition(".")[2] for one in frame.variables if "." in one)
        frame = frame.outer
    return found


def _grows(flow: Flow, owner: Instance, name: str) -> bool:
    """Return True if a method other than the constructor calls a method of the attribute that may change it."""
    if not isinstance(owner.cls, Class):
        return False
    return name in flow.changed_in_place(owner.cls)


def _has_number(value: Value | None) -> bool:
    """Return True for a number or text, or what holds one: a default that others may overrule."""
    match value:
        case Const():
            return not (value.value is None or isinstance(value.value, bool))
        case Items():
            return any(map(_has_number, value.items))
        case Mapping():
            return any(map(_has_number, value.items.values()))
        case _:
            return False


def _is_plain(value: Value) -> bool:
    """Return True for a value of Python that the trace keeps as it is."""
    match value:
        case Const():
            return True
        case Items():
            return value.exact and value.made_by is None and all(map(_is_plain, value.items))
        case Mapping():
            return value.exact and all(map(_is_plain, value.items.values()))
        case ExternalValue():
            return value.receiver is None
        case _:
            return False
