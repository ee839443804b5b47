"""What the compiler refuses by form alone when it emits code: expressions, and what is known on the way. See
`emission`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from scriptlint.diag import Rule
from scriptlint.script.defaults import UNTYPED_NONE_DEFAULT, untyped_nones
from scriptlint.script.form import Form, builtin
from scriptlint.script.pruning import Prune, Static
from scriptlint.script.refusal import refusal
from scriptlint.script.signature import POSITIONAL_ONLY_PARAMETER
from scriptlint.script.type_comments import TypeComment
from scriptlint.syntax import nodes as n
from scriptlint.syntax.dispatch import Dispatch
from scriptlint.syntax.walk import children
from scriptlint.text import Fix

LIST_TARGET = refusal(
    code="SL160",
    name="list-target",
    message="`{text}` is a list on the left of an assignment",
    help="drop the brackets: `a, b = value`",
    compiler="unexpected expression on left-hand side of assignment|lhs of assignment must be a variable, subscript",
)

LONE_STARRED_TARGET = refusal(
    code="SL161",
    name="lone-starred-target",
    message="`{text}` stands alone on the left of an assignment",
    help="assign the whole value to a plain name",
    compiler="A Starred expression may only appear on the lhs within the presence of another non-starred expression",
)

MISPLACED_STAR = refusal(
    code="SL166",
    name="misplaced-star",
    message="`{text}` is unpacked {place}, where TorchScript cannot",
    help="write the items out, or loop over them",
    compiler="Unexpected starred expansion",
)

ELLIPSIS_VALUE = refusal(
    code="SL167",
    name="ellipsis-value",
    message="`...` stands for a value; TorchScript knows it as an index only",
    help="write `pass` where nothing is to be done",
    compiler=r"Cannot emit expr for: \(dots\)",
)

LONE_ELLIPSIS_INDEX = refusal(
    code="SL172",
    name="lone-ellipsis-index",
    message="`{text}` has nothing but an ellipsis for its index",
    help="drop the index; to read a whole tensor as a new view, write `x[:]`",
    compiler=r"Cannot emit expr for: \(dots\)",
)

REPEATED_ELLIPSIS = refusal(
    code="SL168",
    name="repeated-ellipsis",
    message="`{text}` has more than one `...` among its indices",
    help="write the dimensions out with `:` but for one `...`",
    compiler="An index can only have a single ellipsis|attempted to use multidimensional indexing on a non-tensor",
)

OVERSIZED_INTEGER = refusal(
    code="SL169",
    name="oversized-integer",
    message="`{text}` does not fit in 64 bits with a sign",
    help="use a `float`; the smallest integer is `-9223372036854775807 - 1`",
    compiler="Integral constant out of range",
)

PRINT_KEYWORD = refusal(
    code="SL170",
    name="print-keyword",
    message="`print` is given the keyword `{keyword}`",
    help="drop the keyword: in TorchScript `print` takes values only",
    compiler="print doesn't accept any keyword arguments",
)

TUPLE_CONDITION = refusal(
    code="SL171",
    name="tuple-condition",
    message="the condition is a tuple, `{text}`",
    help="drop the parentheses, `assert condition, message`, or name the one value that is meant",
    compiler=r"Could not cast value of type Tuple\[.*\] to bool",
)

# What takes no `*`, because the compiler treats it by itself.
_STARLESS = frozenset(
    {"builtins.zip", "builtins.enumerate", "builtins.list", "builtins.tuple", "builtins.dict", "torch.jit.fork"}
)
# Calls that take types, which are not emitted as values, and where.
_TYPE_ARGUMENT = {"torch.jit.annotate": 0, "torch.jit.isinstance": 1, "builtins.isinstance": 1}


class Exit(Enum):
    """Whether a block is left for good: by return or raise on every path that is emitted."""

    YES = "yes"
    NO = "no"
    MAYBE = "maybe"


class Scope:
    """The variables of a function by block, as the compiler's `Environment` frames hold them.

    A block is *certain* where it is surely a frame of its own, not a loop that may be unrolled into the outer one. A
    variable is certain where it surely exists at this point.
    """

    def __init__(self, parameters: set[str]) -> None:
        self._frames: list[tuple[set[str], bool]] = [(set(parameters), True)]

    def enter(self, certain: bool = True) -> None:
        """A block begins."""
        self._frames.append((set(), certain))

    def leave(self) -> set[str]:
        """End a block, and return what it surely defined."""
        return self._frames.pop()[0]

    def define(self, name: str) -> None:
        """The variable exists from here on in this block."""
        self._frames[-1][0].add(name)

    def delete(self, name: str) -> None:
        """The variable may be gone, as far as anybody can tell."""
        for frame, _ in self._frames:
            frame.discard(name)

    def join(self, blocks: list[set[str]]) -> None:
        """What all of these blocks defined exists in the surrounding one."""
        self._frames[-1][0].update(set.intersection(*blocks))

    def is_outer(self, name: str) -> bool:
        """Return True if the variable surely belongs to a block around this one."""
        for place in range(len(self._frames) - 1, 0, -1):
            if not self._frames[place][1]:
                return False
            if name in self._frames[place - 1][0]:
                return True
        return False


@dataclass
class Emission:
    """A function while it is emitted: what is known of tests, its type comment, and where the walk stands.

    `silent` says that this place may be pruned, so nothing is reported; `unrolled` that the innermost loop is.
    """

    form: Form
    prune: Prune
    comment: TypeComment | None
    silent: bool = False
    unrolled: bool = False
    scope: Scope = field(init=False)
    dropped: set[str] = field(init=False)
    untyped_nones: set[str] = field(init=False)

    def __post_init__(self) -> None:
        args = self.form.function.args
        self.scope = Scope({one.name for one in [*args.args, *args.kwonly]})
        self.dropped = {one.name for one in args.posonly}
        self.untyped_nones = untyped_nones(self.form, self.comment)

    def say(self, rule: Rule, start: int, end: int, *, fix: Fix | None = None, **facts: Any) -> None:
        """Report `rule` unless this place may be pruned."""
        if not self.silent:
            self.form.say(rule, start, end, fix=fix, **facts)

    def assign(self, name: str) -> None:
        """The name is a variable of this block from here on."""
        self.scope.define(name)
        self.dropped.discard(name)
        self.untyped_nones.discard(name)


def emit_condition(to: Emission, expr: n.Expr) -> None:
    """Judge an expression that is converted to `bool`."""
    emit(to, expr)
    if isinstance(expr, n.Tuple):
        to.say(TUPLE_CONDITION, expr.start, expr.end, text=to.form.text(expr))


def emit(to: Emission, expr: n.Expr) -> None:
    """Judge an expression and what is in it, in the order in which it is emitted."""
    judge = _TABLE.get(type(expr))
    if judge is not None:
        judge(to, expr)
        return
    for child in children(expr):
        emit(to, child)  # type: ignore[arg-type]


_Emit = Callable[[Emission, Any], None]
_TABLE: Dispatch[_Emit] = Dispatch()


@_TABLE.on(n.Lambda, n.NamedExpr, n.Set, n.SetComp, n.Yield, n.YieldFrom, n.Await, n.TemplateStr)
def _refused(to: Emission, expr: n.Expr) -> None:
    """The front end has said it."""


@_TABLE.on(n.Constant)
def _constant(to: Emission, expr: n.Constant) -> None:
    if expr.kind == "ellipsis":
        to.say(ELLIPSIS_VALUE, expr.start, expr.end)
    elif expr.kind == "int" and isinstance(expr.value, str):
        to.say(OVERSIZED_INTEGER, expr.start, expr.end, text=to.form.text(expr))


@_TABLE.on(n.Name)
def _name(to: Emission, expr: n.Name) -> None:
    if expr.id == "Ellipsis":
        to.say(ELLIPSIS_VALUE, expr.start, expr.end)
    elif expr.id in to.dropped:
        to.say(POSITIONAL_ONLY_PARAMETER, expr.start, expr.end, name=expr.id)
        to.dropped.discard(expr.id)  # the other uses are the same mistake


def is_ellipsis(expr: n.Expr) -> bool:
    """Return True if this is `...`, or its name, which the front end turns into the same."""
    return (isinstance(expr, n.Constant) and expr.kind == "ellipsis") or (
        isinstance(expr, n.Name) and expr.id == "Ellipsis"
    )


def indices(node: n.Subscript) -> list[n.Expr]:
    """Return the indices of a subscript, one or several."""
    return node.slice.elts if isinstance(node.slice, n.Tuple) else [node.slice]


@_TABLE.on(n.Subscript)
def _subscript(to: Emission, expr: n.Subscript) -> None:
    generic = to.form.resolve(expr.value) or ""
    if generic.startswith("typing.") or generic in ("builtins.list", "builtins.dict", "builtins.tuple"):
        return  # a type, not a value
    _element(to, expr)
    found = indices(expr)
    if len(found) == 1 and is_ellipsis(found[0]):
        to.say(LONE_ELLIPSIS_INDEX, found[0].start, found[0].end, text=to.form.text(expr))


def _element(to: Emission, expr: n.Subscript) -> None:
    """A subscript, read or written."""
    emit(to, expr.value)
    found = indices(expr)
    for one in found:
        if isinstance(one, n.Starred):
            to.say(MISPLACED_STAR, one.start, one.end, text=to.form.text(one), place="into indices")
        elif not is_ellipsis(one):
            emit(to, one)
    if sum(map(is_ellipsis, found)) > 1:
        to.say(REPEATED_ELLIPSIS, expr.start, expr.end, text=to.form.text(expr))


def emit_target(to: Emission, target: n.Expr) -> None:
    """Judge what is assigned to, by a statement, a loop or a comprehension."""
    match target:
        case n.Name():
            to.assign(target.id)
        case n.List():
            to.say(LIST_TARGET, target.start, target.end, text=to.form.text(target))
        case n.Tuple():
            if target.elts and all(isinstance(one, n.Starred) for one in target.elts):
                to.say(LONE_STARRED_TARGET, target.start, target.end, text=to.form.text(target))
            for one in target.elts:
                emit_target(to, one)
        case n.Starred():
            emit_target(to, target.value)
        case n.Subscript():
            _element(to, target)
        case _:
            emit(to, target)


@_TABLE.on(n.Call)
def _call(to: Emission, expr: n.Call) -> None:
    name = builtin(to.form, expr.func)
    if name is None or not isinstance(expr.func, n.Name):
        emit(to, expr.func)
    skipped = _TYPE_ARGUMENT.get(name or "", -1)
    for place, one in enumerate(expr.args):
        if isinstance(one, n.Starred) and name in _STARLESS:
            where = f"into the arguments of `{to.form.text(expr.func)}`"
            to.say(MISPLACED_STAR, one.start, one.end, text=to.form.text(one), place=where)
        elif place != skipped:
            emit(to, one)
    for keyword in expr.keywords:
        emit(to, keyword.value)
    if name == "builtins.print":
        for keyword in expr.keywords[:1]:
            if keyword.arg is not None:
                to.say(PRINT_KEYWORD, expr.func.start, expr.func.end, keyword=keyword.arg)


@_TABLE.on(n.IfExp)
def _if_exp(to: Emission, expr: n.IfExp) -> None:
    emit_condition(to, expr.test)
    known = to.prune(expr.test)
    silent = to.silent
    to.silent = silent or known is Static.MAYBE
    if known is not Static.FALSE:
        emit(to, expr.body)
    if known is not Static.TRUE:
        emit(to, expr.orelse)
    to.silent = silent


@_TABLE.on(n.BoolOp)
def _bool_op(to: Emission, expr: n.BoolOp) -> None:
    for one in expr.values:  # each of them, whatever the first ones are known to be
        emit_condition(to, one)


@_TABLE.on(n.UnaryOp)
def _unary(to: Emission, expr: n.UnaryOp) -> None:
    if expr.op == "not":
        emit_condition(to, expr.operand)
    else:
        emit(to, expr.operand)


@_TABLE.on(n.Compare)
def _compare(to: Emission, expr: n.Compare) -> None:
    for one in (expr.left, *expr.comparators):
        emit(to, one)
    match expr:
        case n.Compare(left=n.Name() as name, ops=["is" | "is not" as op], comparators=[n.Constant(kind="none")]):
            if name.id in to.untyped_nones:
                result = op == "is not"
                to.say(UNTYPED_NONE_DEFAULT, expr.start, expr.end, name=name.id, text=to.form.text(expr), result=result)


@_TABLE.on(n.ListComp, n.GeneratorExp, n.DictComp)
def _comprehension(to: Emission, expr: n.ListComp | n.GeneratorExp | n.DictComp) -> None:
    only = expr.generators[0]
    if len(expr.generators) != 1 or only.ifs:
        return
    emit(to, only.iter)
    to.scope.enter()
    emit_target(to, only.target)
    to.scope.leave()
    for one in [expr.key, expr.value] if isinstance(expr, n.DictComp) else [expr.elt]:
        emit(to, one)
