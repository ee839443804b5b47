"""What the compiler refuses by form alone when it emits code for a tree: statements. Twin:
`torch/csrc/jit/frontend/ir_emitter.cpp`.

Only what is surely emitted is judged: nothing in a branch that is pruned, or that may be (where a type or the object
decides), and nothing behind a statement that leaves the block. Expressions are in `emission_expr`, defaults, which the
compiler looks at after the body, in `defaults`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from scriptlint.diag import Report
from scriptlint.program.module import ModuleInfo
from scriptlint.script import defaults, type_comments
from scriptlint.script.emission_expr import Emission, Exit, emit, emit_condition, emit_target, indices
from scriptlint.script.form import Form, Resolve, builtin
from scriptlint.script.frontend import is_ignore_context
from scriptlint.script.pruning import Static, by_form
from scriptlint.script.refusal import refusal
from scriptlint.script.signature import POSITIONAL_ONLY_PARAMETER
from scriptlint.syntax import nodes as n
from scriptlint.syntax.dispatch import Dispatch
from scriptlint.syntax.walk import walk_scope

SLICE_DELETION = refusal(
    code="SL162",
    name="slice-deletion",
    message="`del {text}` deletes a slice; TorchScript deletes single items",
    help="build a new list from the parts to keep, `xs = xs[:i] + xs[j:]`",
    compiler="del statements only support deletion at a single index",
)

ATTRIBUTE_DELETION = refusal(
    code="SL163",
    name="attribute-deletion",
    message="`del {text}` deletes neither a variable nor an item",
    help="delete variables and items one by one; an attribute can only be set to None",
    compiler="del statements are only supported for deleting list and dict items and variables",
)

SEQUENCE_ASSIGNED_TO_SLICE = refusal(
    code="SL164",
    name="sequence-assigned-to-slice",
    message="`{text}` is assigned a list or tuple, which neither a list's nor a tensor's slice takes",
    help="assign a tensor to a slice of a tensor; assign the items of a list one by one",
    compiler="Sliced expression not yet supported for subscripted assignment|aten::copy_",
)

RAISE_OF_NON_EXCEPTION = refusal(
    code="SL165",
    name="raise-of-non-exception",
    message="`raise {text}` raises what is not an exception",
    help="raise an exception with the text as its message",
    compiler="exceptions must derive from BaseException",
)

MISSING_RETURN = refusal(
    code="SL501",
    name="missing-return",
    message="`{name}` is annotated `-> {returns}`, but a path reaches its end without a return",
    help="end every path with `return` or `raise`; a loop never counts, not even `while True`",
    compiler="Function was not annotated as having type None, but does not return along all paths",
)

ANNOTATION_IN_INNER_BLOCK = refusal(
    code="SL502",
    name="annotation-in-inner-block",
    message="`{name}` is annotated in an inner block, but is already a variable of an outer one",
    help="annotate its first assignment only",
    compiler="Attempting to declare and annotate the type of variable",
)

BREAK_IN_UNROLLED_LOOP = refusal(
    code="SL503",
    name="break-in-unrolled-loop",
    message="`{word}` in a loop over {what}, which the compiler unrolls",
    help="guard the rest of the body with an `if`, or iterate over a list",
    compiler="we do not support break or continue inside the body of these loops",
)


def check(
    function: n.FunctionDef,
    module: ModuleInfo,
    report: Report,
    *,
    method: bool,
    resolve: Resolve,
    typed: defaults.Typed,
    named: defaults.Named,
) -> None:
    """Report the forms that are refused when the function is emitted, in the order in which torch meets them.

    `typed` annotates parameters with what their defaults are, `named` tells what names among these stand for. To be called for functions that are really compiled.
    """
    if function.is_async:
        return
    form = Form(function, module, report, method, resolve)
    comment = type_comments.read(form.function, form.source)
    to = Emission(form, by_form(form, comment), comment)
    _check_self(to)
    if emit_block(to, function.body) is Exit.NO:
        _check_return(to)
    defaults.check(form, comment, typed, named)


def _check_self(to: Emission) -> None:
    """A method whose parameters are all dropped has none for the object, which is said before anything else."""
    form, args = to.form, to.form.function.args
    if form.method and args.posonly and not (args.args or args.kwonly):
        end = form.function.name_start + len(form.function.name)
        form.say(POSITIONAL_ONLY_PARAMETER, form.function.start, end, name=args.posonly[0].name)
        to.dropped.clear()


def _check_return(to: Emission) -> None:
    """`handleMaybeNoReturn`."""
    function = to.form.function
    if to.comment is not None:
        returns = to.comment.returns
    else:
        returns = None if function.returns is None else to.form.text(function.returns, 30)
    if returns in (None, "None", "type(None)"):
        return
    if any(isinstance(one, (n.Yield, n.YieldFrom)) for one in walk_scope(function.body)):
        return
    end = function.name_start + len(function.name)
    to.form.say(MISSING_RETURN, function.start, end, name=function.name, returns=returns)


def emit_block(to: Emission, body: Sequence[n.Stmt]) -> Exit:
    """Judge statements up to the one that leaves the block; say whether there is one."""
    left = Exit.NO
    silent = to.silent
    for one in body:
        to.silent = to.silent or left is Exit.MAYBE
        leaves = _TABLE[type(one)](to, one)
        if leaves is Exit.YES:
            left = Exit.YES
            break
        if leaves is Exit.MAYBE:
            left = Exit.MAYBE
    to.silent = silent
    return left


_Emit = Callable[[Emission, Any], Exit]
_TABLE: Dispatch[_Emit] = Dispatch()


# What the front end has refused already, and what emits nothing. A refused block may hold returns.


@_TABLE.on(n.Pass, n.Import, n.ImportFrom, n.Global, n.Nonlocal, n.TypeAlias, n.FunctionDef, n.ClassDef)
def _nothing(to: Emission, stmt: n.Stmt) -> Exit:
    return Exit.NO


@_TABLE.on(n.Try, n.Match)
def _refused_block(to: Emission, stmt: n.Stmt) -> Exit:
    return Exit.MAYBE


# Simple statements


@_TABLE.on(n.ExprStmt)
def _expr(to: Emission, stmt: n.ExprStmt) -> Exit:
    emit(to, stmt.value)
    return Exit.NO


@_TABLE.on(n.Assign)
def _assign(to: Emission, stmt: n.Assign) -> Exit:
    emit(to, stmt.value)
    for target in stmt.targets:
        if isinstance(target, n.Subscript) and isinstance(stmt.value, (n.List, n.Tuple, n.ListComp)):
            if any(isinstance(one, n.Slice) for one in indices(target)):
                to.say(SEQUENCE_ASSIGNED_TO_SLICE, target.start, target.end, text=to.form.text(target))
        emit_target(to, target)
    return Exit.NO


@_TABLE.on(n.AnnAssign)
def _ann_assign(to: Emission, stmt: n.AnnAssign) -> Exit:
    if stmt.value is None:
        return Exit.NO
    emit(to, stmt.value)
    target = stmt.target
    if isinstance(target, n.Name) and to.scope.is_outer(target.id):
        to.say(ANNOTATION_IN_INNER_BLOCK, target.start, target.end, name=target.id)
    emit_target(to, target)
    return Exit.NO


@_TABLE.on(n.AugAssign)
def _aug_assign(to: Emission, stmt: n.AugAssign) -> Exit:
    if isinstance(stmt.target, n.Subscript):
        emit_target(to, stmt.target)
    else:
        emit(to, stmt.target)
    emit(to, stmt.value)
    return Exit.NO


@_TABLE.on(n.Delete)
def _delete(to: Emission, stmt: n.Delete) -> Exit:
    for target in stmt.targets:
        if isinstance(target, n.Name):
            to.scope.delete(target.id)
        elif not isinstance(target, n.Subscript):
            to.say(ATTRIBUTE_DELETION, target.start, target.end, text=to.form.text(target))
        elif isinstance(indices(target)[0], n.Slice):
            to.say(SLICE_DELETION, target.start, target.end, text=to.form.text(target))
        else:
            emit(to, target)
    return Exit.NO


@_TABLE.on(n.Return)
def _return(to: Emission, stmt: n.Return) -> Exit:
    if stmt.value is not None:
        emit(to, stmt.value)
    return Exit.YES


@_TABLE.on(n.Raise)
def _raise(to: Emission, stmt: n.Raise) -> Exit:
    if stmt.exc is not None:
        emit(to, stmt.exc)
        if isinstance(stmt.exc, (n.Constant, n.JoinedStr, n.List, n.Dict, n.BinOp)):
            to.say(RAISE_OF_NON_EXCEPTION, stmt.start, stmt.end, text=to.form.text(stmt.exc))
    return Exit.YES


@_TABLE.on(n.Assert)
def _assert(to: Emission, stmt: n.Assert) -> Exit:
    emit_condition(to, stmt.test)
    known = to.prune(stmt.test)
    if stmt.msg is not None and known in (Static.FALSE, Static.DYNAMIC):
        emit(to, stmt.msg)
    if known is Static.MAYBE and _is_of_number(to, stmt.test):
        return Exit.MAYBE
    return Exit.YES if known is Static.FALSE else Exit.NO


_NO_TENSORS = frozenset(f"builtins.{name}" for name in ("int", "float", "bool", "str", "list", "tuple", "dict"))


def _is_of_number(to: Emission, test: n.Expr) -> bool:
    """Return True for `isinstance(x, int)` of a parameter without annotation: a Tensor, so that nothing after it is emitted."""
    if isinstance(test, n.BoolOp) and test.op == "and":
        return any(_is_of_number(to, one) for one in test.values)
    if not isinstance(test, n.Call) or len(test.args) != 2 or to.form.resolve(test.func) != "builtins.isinstance":
        return False
    value, kinds = test.args
    untyped = {one.name for one in to.form.function.args.all() if one.annotation is None}
    named = kinds.elts if isinstance(kinds, n.Tuple) else [kinds]
    known = all(to.form.resolve(one) in _NO_TENSORS for one in named)
    return known and isinstance(value, n.Name) and value.id in untyped


@_TABLE.on(n.Break, n.Continue)
def _leave_loop(to: Emission, stmt: n.Break | n.Continue) -> Exit:
    if to.unrolled:
        word = "break" if isinstance(stmt, n.Break) else "continue"
        to.say(BREAK_IN_UNROLLED_LOOP, stmt.start, stmt.end, word=word, what="a tuple")
    return Exit.NO  # what follows is emitted all the same


# Blocks


@_TABLE.on(n.If)
def _if(to: Emission, stmt: n.If) -> Exit:
    emit_condition(to, stmt.test)
    known = to.prune(stmt.test)
    if known is Static.TRUE:
        return emit_block(to, stmt.body)
    if known is Static.FALSE:
        return emit_block(to, stmt.orelse)
    silent = to.silent
    to.silent = silent or known is Static.MAYBE
    to.scope.enter()
    first = emit_block(to, stmt.body)
    then = to.scope.leave()
    to.scope.enter()
    second = emit_block(to, stmt.orelse)
    otherwise = to.scope.leave()
    to.silent = silent
    to.scope.join([then] if second is Exit.YES else [otherwise] if first is Exit.YES else [then, otherwise])
    if first is second:
        return first
    return Exit.MAYBE if known is Static.MAYBE or Exit.NO not in (first, second) else Exit.NO


@_TABLE.on(n.While)
def _while(to: Emission, stmt: n.While) -> Exit:
    emit_condition(to, stmt.test)
    _loop_body(to, stmt.body, None)
    return Exit.NO


@_TABLE.on(n.For)
def _for(to: Emission, stmt: n.For) -> Exit:
    emit(to, stmt.iter)
    unrolled = _is_unrolled(to, stmt.iter)
    if unrolled is Static.TRUE:
        emit_target(to, stmt.target)
        outer, to.unrolled = to.unrolled, True
        left = emit_block(to, stmt.body)
        to.unrolled = outer
        return left
    silent = to.silent
    to.silent = silent or unrolled is Static.FALSE
    left = _loop_body(to, stmt.body, stmt.target, certain=unrolled is Static.DYNAMIC)
    to.silent = silent
    if unrolled is Static.MAYBE and left is not Exit.NO:
        return Exit.MAYBE
    return Exit.NO


def _loop_body(to: Emission, body: list[n.Stmt], target: n.Expr | None, certain: bool = True) -> Exit:
    outer, to.unrolled = to.unrolled, False
    to.scope.enter(certain)
    if target is not None:
        emit_target(to, target)
    left = emit_block(to, body)
    to.scope.join([to.scope.leave(), set()])
    to.unrolled = outer
    return left


def _is_unrolled(to: Emission, iterated: n.Expr) -> Static:
    """Return whether a loop is unrolled: true, dynamic for a loop that stays one, false where its body is never emitted."""
    match iterated:
        case n.Tuple():
            if any(isinstance(one, n.Starred) for one in iterated.elts):
                return Static.MAYBE
            return Static.TRUE if iterated.elts else Static.FALSE
        case n.List() | n.ListComp() | n.Constant() | n.JoinedStr() | n.Dict() | n.DictComp():
            return Static.DYNAMIC
        case n.Call():
            name = builtin(to.form, iterated.func)
            if name == "builtins.range":
                return Static.DYNAMIC
            if name in ("builtins.enumerate", "builtins.zip") and iterated.args:
                parts = {_is_unrolled(to, one) for one in iterated.args}
                return parts.pop() if len(parts) == 1 else Static.MAYBE
    return Static.MAYBE


@_TABLE.on(n.With)
def _with(to: Emission, stmt: n.With) -> Exit:
    if is_ignore_context(stmt):
        return Exit.NO
    for item in stmt.items:
        emit(to, item.context)
        if isinstance(item.target, n.Name):
            to.assign(item.target.id)
    return emit_block(to, stmt.body)
