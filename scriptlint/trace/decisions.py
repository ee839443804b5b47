"""Where Python decides by a value: tests, checks, and exceptions that are swallowed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from scriptlint.diag import Rule, Severity
from scriptlint.evaluate.frames import negate
from scriptlint.program.project import External
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk, walk_scope
from scriptlint.trace import frozen, hazards, plain
from scriptlint.trace.expressions import evaluate, is_attribute_of_object
from scriptlint.trace.frames import Frame, scripted
from scriptlint.trace.roles import tensors_by_use
from scriptlint.trace.values import NONE, PYTHON, Kind, Traced, Why

if TYPE_CHECKING:
    from scriptlint.trace.flow import Flow

_SPEAKERS = ("builtins.print", "warnings.warn", "logging.", "torch.jit._script_warn")
_BRANCHES: dict[Why, Rule] = {
    Why.CONTENT: hazards.TENSOR_BRANCH,
    Why.SIZE: hazards.SIZE_BRANCH,
    Why.RANK: hazards.RANK_BRANCH,
    Why.MEMORY: hazards.MEMORY_QUERY,
    Why.TEXT: hazards.TENSOR_TEXT,
    Why.DTYPE: frozen.DTYPE,
    Why.DEVICE: frozen.DEVICE,
    Why.GRAD: frozen.GRAD_STATE,
    Why.MODE: frozen.TRAINING_BRANCH,
    Why.KEYS: frozen.KEY_TEST,
    Why.TIME: frozen.SURROUNDINGS,
}
_WARNED = frozenset({Why.CONTENT, Why.SIZE})
# Methods of tensors that raise for no shape or content.
_SAFE = frozenset(
    "size dim numel nelement clone detach contiguous float double half long int bool to cpu cuda type type_as item".split()
)
# What a check may ask without a word: it holds for every input that a deployed model is given, or the model was wrong.
_CHECKED = frozenset({Why.CONTENT, Why.SIZE, Why.RANK, Why.MEMORY})


def decide(flow: Flow, node: n.Expr, frame: Frame, loop: Rule | None = None) -> tuple[Traced, str | None]:
    """Evaluate the test of a branch or loop and report what decides it.

    Return its value, and where nothing but the object decides it, the condition as messages quote it.
    """
    value = _decided(flow, node, frame, loop, set())
    by_object = value.kind is Kind.PYTHON and is_attribute_of_object(flow, node, frame)
    return value, frame.text(node) if by_object and value.truth is None else None


def check(flow: Flow, node: n.Expr, frame: Frame, statement: n.Stmt) -> Traced:
    """Evaluate the test of an assertion, or of a branch that raises or only says something: it is lost, no value is
    wrong."""
    test = _test(flow, node, frame)
    for part, at in _parts(test):
        why = _why(part)
        if why in _CHECKED and not _is_harmless(part) and not (part.kind is Kind.BAKED and part.said):
            severity = None if why in _WARNED else Severity.NOTE
            warns = "torch warns of it" if why in _WARNED else "torch does not warn"
            flow.say(hazards.LOST_CHECK, frame, at, severity, test=frame.text(node), torch=warns)
            break
        if _is_harmless(part):
            flow.say(frozen.HARMLESS_WARNING, frame, at, text=frame.text(at))
    return test.value


def judge(flow: Flow, value: Traced, node: n.Expr, frame: Frame, text: str, loop: Rule | None = None) -> None:
    """Report a value by which Python decides."""
    why = _why(value)
    if why is None or (value.kind is Kind.BAKED and value.said):
        return
    if _is_harmless(value):
        flow.say(frozen.HARMLESS_WARNING, frame, node, text=text)
        return
    rule = _BRANCHES[why]
    fix = scripted(frame) if why in (Why.CONTENT, Why.SIZE) else None
    if loop is not None and why in (Why.CONTENT, Why.SIZE):
        flow.say(loop, frame, node, fix=fix, test=text)
        return
    severity = None
    if rule is frozen.TRAINING_BRANCH and flow.evaluated:
        severity = Severity.NOTE
    flow.say(rule, frame, node, severity, fix, **{("test" if "test" in rule.facts else "text"): text})


def _why(value: Traced) -> Why | None:
    match value.kind:
        case Kind.TENSOR:
            return Why.CONTENT if value.sure else None
        case Kind.SIZE:
            return Why.SIZE if value.sure else None
        case Kind.BAKED:
            return value.why
        case _:
            return None


def _is_harmless(value: Traced) -> bool:
    """Return True for what torch warns of, though it is the same for every input."""
    return (value.kind is Kind.SIZE and value.fixed) or (value.kind is Kind.TENSOR and value.constant)


def _decided(flow: Flow, node: n.Expr, frame: Frame, loop: Rule | None, rows: set[tuple[str, int]]) -> Traced:
    test = _test(flow, node, frame)
    whole = frame.text(node)
    is_settled = _is_settled(test)
    for part, at in _parts(test):
        why = _why(part)
        if why is None or (is_settled and why not in _WARNED):
            continue
        row = frame.module.raw.text.count("\n", node.start, at.start)
        key = (_BRANCHES[why].code, row)
        if key not in rows:
            rows.add(key)
            judge(flow, part, at, frame, whole, loop)
    return test.value


class _Test(Struct, frozen=True):
    """A test, its value, and the operands that were evaluated if it is an `and`, `or` or `not`."""

    node: n.Expr
    value: Traced
    operands: tuple[_Test, ...] = ()


def _is_settled(test: _Test) -> bool:
    """Return True if an operand decides an `and` or `or` that does so in every trace: `not self.training or is_tracing()`."""
    if not isinstance(test.node, n.BoolOp) or len(test.operands) < 2:
        return False
    last = test.operands[-1].value
    return last.kind is Kind.PYTHON and last.truth is (test.node.op == "or") and last.why in (None, Why.TRACING)


def _parts(test: _Test) -> Iterator[tuple[Traced, n.Expr]]:
    """Yield the operands of `and`, `or` and `not` in a test, each of which is tested."""
    pending = [test]
    while pending:
        one = pending.pop()
        is_bool_op = isinstance(one.node, n.BoolOp)
        warns = one.value.why is Why.MODE or one.value.kind in (Kind.SIZE, Kind.TENSOR)
        if one.value.truth is not None and not warns and not is_bool_op:
            continue
        if is_bool_op or one.operands:
            pending += reversed(one.operands)
        else:
            yield one.value, one.node


def _test(flow: Flow, node: n.Expr, frame: Frame) -> _Test:
    """Evaluate a test once; what its `and`, `or` and `not` decide is left to the caller."""
    if isinstance(node, n.BoolOp):
        before = dict(frame.variables)
        operands: list[_Test] = []
        for one in node.values:
            operands.append(_test(flow, one, frame))
            if operands[-1].value.truth is (node.op == "or"):
                break
            narrow(flow, one, frame, node.op == "and")
        frame.variables = {**before, **{k: v for k, v in frame.variables.items() if k not in before}}
        return _Test(node, logical(node, [one.value for one in operands]), tuple(operands))
    if isinstance(node, n.UnaryOp) and node.op == "not":
        operand = _test(flow, node.operand, frame)
        inner = operand.value
        if inner.truth is not None:
            return _Test(node, Traced(Kind.PYTHON, truth=not inner.truth, why=_tracing(inner)), (operand,))
        value = Traced(
            inner.kind, sure=inner.sure, fixed=inner.fixed, constant=inner.constant, why=inner.why, said=inner.said
        )
        return _Test(node, value, (operand,))
    value = evaluate(flow, node, frame)
    known = plain.truth(flow, value)
    return _Test(node, value if known is None else replace(value, truth=known))


def logical(node: n.BoolOp, values: Sequence[Traced]) -> Traced:
    """Return what `and` or `or` gives, as far as its truth goes."""
    stop = node.op == "or"
    if values and values[-1].truth is stop:
        return Traced(Kind.PYTHON, truth=stop, why=_tracing(values[-1]))
    if all(one.truth is not None for one in values):
        return Traced(Kind.PYTHON, truth=not stop, why=_tracing(*values))
    open_ones = [one for one in values if one.truth is None]
    for kind in (Kind.TENSOR, Kind.SIZE, Kind.BAKED, Kind.UNKNOWN):
        for one in open_ones:
            if one.kind is kind:
                return Traced(kind, sure=one.sure, fixed=one.fixed, constant=one.constant, why=one.why, said=one.said)
    return Traced(Kind.PYTHON)


def _tracing(*values: Traced) -> Why | None:
    """Return what a value with a known truth carries on: that it is known because a trace is being made."""
    return Why.TRACING if any(one.why is Why.TRACING for one in values) else None


def opposite(condition: str) -> str:
    """Return the condition of the other branch."""
    return negate(condition)


@contextmanager
def branch(flow: Flow, test: n.Expr, frame: Frame, condition: str | None, taken: bool) -> Iterator[None]:
    """Evaluates one side of an undecided test: what the test says holds there, and hazards stand under its condition."""
    narrow(flow, test, frame, taken)
    flow.undecided += 1
    with flow.under(condition if taken else condition and opposite(condition)):
        yield
    flow.undecided -= 1


def narrow(flow: Flow, node: n.Expr, frame: Frame, truth: bool) -> None:
    """Narrow variables to what a test says of them: that they are None, or are not."""
    if isinstance(node, n.BoolOp) and (node.op == "and") == truth:
        for one in node.values:
            narrow(flow, one, frame, truth)
    elif isinstance(node, n.UnaryOp) and node.op == "not":
        narrow(flow, node.operand, frame, not truth)
    elif isinstance(node, n.Call):
        _narrow_type(flow, node, frame, truth)
    elif isinstance(node, n.Compare) and len(node.ops) == 1 and node.ops[0] in ("is", "is not"):
        right = node.comparators[0]
        if isinstance(node.left, n.Name) and isinstance(right, n.Constant) and right.kind == "none":
            known = frame.variables.get(node.left.id)
            if (node.ops[0] == "is") == truth:
                frame.variables[node.left.id] = NONE
            elif known is not None and known.mixed:
                frame.variables[node.left.id] = replace(known, mixed=False)
            elif known is not None and known.kind is Kind.TENSOR and not known.sure and frame.function is not None:
                if node.left.id in tensors_by_use(frame.function, flow.project):
                    frame.variables[node.left.id] = replace(known, sure=True)


def _narrow_type(flow: Flow, node: n.Call, frame: Frame, truth: bool) -> None:
    """Narrow a variable that is a tensor on some paths only by `torch.is_tensor(x)` or `isinstance(x, ...)`."""
    name = node.args[0].id if node.args and isinstance(node.args[0], n.Name) else ""
    known = frame.variables.get(name)
    if known is None or not known.mixed:
        return
    symbol = flow.project.resolve(node.func, frame.place)
    asked = flow.project.resolve(node.args[1], frame.place) if len(node.args) == 2 else None
    if symbol == External("torch.is_tensor") or (
        symbol == External("builtins.isinstance") and asked == External("torch.Tensor") and known.kind is Kind.TENSOR
    ):
        frame.variables[name] = replace(known, mixed=False) if truth else PYTHON


# Checks


def raises(body: Sequence[n.Stmt]) -> bool:
    """Return True if a block raises, whatever it says first."""
    return bool(body) and isinstance(body[-1], n.Raise)


def only_speaks(flow: Flow, body: Sequence[n.Stmt], frame: Frame) -> bool:
    """Return True if a block does nothing but say something."""
    for one in body:
        if isinstance(one, n.ExprStmt) and isinstance(one.value, n.Call):
            symbol = flow.project.resolve(one.value.func, frame.place)
            if isinstance(symbol, External) and symbol.name.startswith(_SPEAKERS):
                continue
        if not isinstance(one, n.Pass) and not (isinstance(one, n.ExprStmt) and isinstance(one.value, n.Constant)):
            return False
    return bool(body)


def swallowed(flow: Flow, node: n.Try, frame: Frame) -> None:
    """Report a handler that would go on after an exception of an operator."""
    if not node.handlers or not any(_computes(flow, one, frame) for one in walk_scope(node.body)):
        return
    for handler in node.handlers:
        if handler.type is not None and not _catches(flow, handler.type, frame):
            continue
        if not any(isinstance(one, n.Raise) for one in walk_scope(handler.body)):
            flow.say(
                hazards.SWALLOWED,
                frame,
                handler,
                text=f"except {frame.text(handler.type)}" if handler.type else "except",
            )
            return


def _computes(flow: Flow, node: n.Node, frame: Frame) -> bool:
    """Return True if a node calls an operator or layer that may raise, on what the trace follows."""
    if isinstance(node, n.BinOp) and node.op == "@":
        return evaluate(flow, node, frame).is_tensor
    if not isinstance(node, n.Call):
        return False
    if isinstance(node.func, n.Attribute) and flow.library.tensor_has(node.func.attr):
        owner = evaluate(flow, node.func.value, frame)
        if owner.is_tensor and flow.library.schemas(f"aten::{node.func.attr}") and node.func.attr not in _SAFE:
            return True
    symbol = flow.project.resolve(node.func, frame.place)
    if isinstance(symbol, External):
        return symbol.name.startswith(("torch.linalg.", "torch.nn.functional.")) or (
            symbol.name.startswith("torch.") and flow.library.builtin(symbol.name) is not None
        )
    return False


def _catches(flow: Flow, node: n.Expr, frame: Frame) -> bool:
    for one in walk(node):
        if isinstance(one, (n.Name, n.Attribute)):
            symbol = flow.project.resolve(one, frame.place)
            if isinstance(symbol, External) and symbol.name.rpartition(".")[2] in (
                "RuntimeError", "Exception", "BaseException", "LinAlgError", "OutOfMemoryError", "ValueError",
            ):  # fmt: skip
                return True
    return False
