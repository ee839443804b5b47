"""Statements. Each function returns True where control never goes on behind it (a return or raise on every path)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from scriptlint.diag import Fixable
from scriptlint.fixes.annotations import returning
from scriptlint.program.module import Class as ClassSymbol
from scriptlint.program.scopes import scope_of
from scriptlint.script.emission import BREAK_IN_UNROLLED_LOOP
from scriptlint.script.infer import assign, branches, loops, script_classes, signature, subscripts
from scriptlint.script.infer.values import ModuleObject, PyClass, PyException, Typed, is_unknown, unknown
from scriptlint.script.refusal import refusal
from scriptlint.syntax import nodes as n
from scriptlint.types.convert import convert
from scriptlint.types.model import ANY, NONE, Class, Type, Unknown, has_unknown
from scriptlint.types.relations import is_subtype, unify

if TYPE_CHECKING:
    from scriptlint.script.infer.unit import Unit

RETURN_TYPE = refusal(
    code="SL320",
    name="return-type-mismatch",
    message="this returns `{found}`, but the function is annotated `-> {wanted}`",
    help="return a value of the annotated type, or correct the annotation",
    compiler="Return value was annotated as having type|Expected an annotation of type",
    fixable=Fixable.SOMETIMES,
)
MIXED_RETURNS = refusal(
    code="SL321",
    name="mixed-returns",
    message="this returns `{found}`, an earlier return gave `{before}`",
    help="return one type, or annotate the function with a `Union` or `Optional` of them",
    compiler="Previous return statement returned a value of type",
    fixable=Fixable.SOMETIMES,
)
NOT_CONTEXT = refusal(
    code="SL520",
    name="unsupported-context-manager",
    message="`{text}` is not a context manager that TorchScript knows",
    help="use `torch.no_grad()`, `torch.autocast(...)`, or a class with `__enter__` and `__exit__` that compiles",
    compiler="With item expression must return an object|does not define __enter__ and __exit__|Unknown builtin op|"
    "argument . of __exit__ must have Any type|__exit__ must have four arguments",
)

_CONTEXTS = frozenset(
    {
        "torch.no_grad",
        "torch.autograd.no_grad",
        "torch.autograd.grad_mode.no_grad",
        "torch.autocast",
        "torch.amp.autocast",
        "torch.amp.autocast_mode.autocast",
        "torch.cuda.amp.autocast",
        "torch.cuda.amp.autocast_mode.autocast",
        "torch.cpu.amp.autocast",
        "torch.autograd.profiler.record_function",
        "torch.profiler.record_function",
        "torch.jit.strict_fusion",
    }
)
_NO_CONTEXTS = frozenset(
    {
        "torch.enable_grad",
        "torch.inference_mode",
        "torch.set_grad_enabled",
        "torch.device",
        "torch.autograd.enable_grad",
        "torch.autograd.set_grad_enabled",
        "torch.cuda.device",
        "torch.cuda.stream",
    }
)


def block(unit: Unit, body: Sequence[n.Stmt]) -> bool:
    """Emit statements; nothing behind one that leaves the block is emitted."""
    before, dead = len(unit.conditions), len(unit.dead)
    exits = any(statement(unit, one) for one in body)
    del unit.conditions[before:]
    del unit.dead[dead:]
    return exits


def statement(unit: Unit, node: n.Stmt) -> bool:
    """Emit one statement."""
    function = _TABLE.get(type(node))
    if function is None:
        return False
    unit.compiler.budget.step()
    exits = function(unit, node)
    unit.compiler.budget.leave()
    return exits


def _return(unit: Unit, node: n.Return) -> bool:
    hint = unit.declared_return
    if node.value is None:
        value = Typed(NONE)
    else:
        value = unit.typed(node.value, hint)
    if hint is None:
        merge_return(unit, value.type, node)
    elif not is_unknown(value) and not isinstance(hint, Unknown):
        found = convert(value.type, hint, True, value.empty_list)
        if not is_subtype(found, hint) and not (has_unknown(found) or has_unknown(hint)):
            fix = returning(unit.function, node, value.type)
            unit.say(RETURN_TYPE, node, fix=fix, found=str(value.type), wanted=str(hint))
    return True


def merge_return(unit: Unit, found: Type, node: n.Node) -> None:
    """Unifies what the function returns here with what it returned before."""
    before = unit.merged_return
    if before is None:
        unit.merged_return = found
        return
    merged = unify(before, found)
    if merged is None:
        if not (has_unknown(before) or has_unknown(found)):
            unit.say(MIXED_RETURNS, node, found=str(found), before=str(before))
        merged = Unknown("the function returns several types")
    unit.merged_return = merged


def _expression(unit: Unit, node: n.ExprStmt) -> bool:
    if isinstance(node.value, n.Constant):
        return False
    unit.discarded = node.value
    unit.value(node.value)
    unit.discarded = None
    return False


def _raise(unit: Unit, node: n.Raise) -> bool:
    if node.exc is not None:
        value = unit.value(node.exc)
        if not isinstance(value, (PyException, Typed, PyClass, ModuleObject)):
            unit.as_typed(value, node.exc)
    return True


def _delete(unit: Unit, node: n.Delete) -> bool:
    for target in node.targets:
        if isinstance(target, n.Name):
            if unit.frame.find(target.id) is None:
                unit.value(target)
            else:
                unit.frame.values.pop(target.id, None)
        elif isinstance(target, n.Subscript):
            subscripts.delete(unit, target)
    return False


def _with(unit: Unit, node: n.With) -> bool:
    for item in node.items:
        context = item.context
        entered: Type = Unknown("a context manager")
        if isinstance(context, n.Call):
            symbol = unit.compiler.project.resolve(context.func, unit.function)
            name = getattr(symbol, "name", None)
            if name in _NO_CONTEXTS:
                unit.say(
                    NOT_CONTEXT, context if name != "torch.inference_mode" else context.func, text=unit.text(context)
                )
            elif name in _CONTEXTS:
                unit.value(_root(context.func))
                for argument in (*context.args, *(one.value for one in context.keywords)):
                    unit.value(argument)
            else:
                entered = unit.type_of(context)
                _check_context(unit, entered, context)
        else:
            entered = unit.type_of(context)
        if item.target is not None:
            assign.to_target(unit, item.target, Typed(Unknown("a context manager")), item.target)
    return block(unit, node.body)


def _root(node: n.Expr) -> n.Expr:
    """Return what a dotted name begins with."""
    while isinstance(node, n.Attribute):
        node = node.value
    return node


def _check_context(unit: Unit, kind: Type, node: n.Expr) -> None:
    if isinstance(kind, Class):
        instance = unit.compiler.object_of(kind)
        cls = None if instance is None else instance.cls
        if isinstance(cls, ClassSymbol) and not _is_context(unit, cls):
            unit.say(NOT_CONTEXT, node, text=unit.text(node))
    elif not has_unknown(kind):
        unit.say(NOT_CONTEXT, node, text=unit.text(node))


def _is_context(unit: Unit, cls: ClassSymbol) -> bool:
    """Return True if a class has `__enter__` and an `__exit__` that takes three arguments of type Any."""
    leave = script_classes.method(unit.compiler, cls, "__exit__")
    if script_classes.method(unit.compiler, cls, "__enter__") is None or leave is None:
        return False
    given = leave.node.args.args[1:]
    read = [
        None if one.annotation is None else signature.read(unit.compiler, one.annotation, leave, None) for one in given
    ]
    return len(given) == 3 and all(one is ANY or isinstance(one, Unknown) for one in read)


def _assert(unit: Unit, node: n.Assert) -> bool:
    condition = branches.condition(unit, node.test)
    if condition.static is False:
        if node.msg is not None:
            unit.value(node.msg)
        return True
    if node.msg is not None and condition.static is None:
        branches.in_branch(unit, condition.when_false, lambda: unit.value(node.msg) is None, None)  # type: ignore[arg-type]
    branches.refine(unit, condition.when_true)
    return False


def _leave(unit: Unit, node: n.Break | n.Continue) -> bool:
    if unit.loops and unit.loops[-1] is not None:
        word = "break" if isinstance(node, n.Break) else "continue"
        unit.say(BREAK_IN_UNROLLED_LOOP, node, word=word, what=unit.loops[-1])
    return False


def _pass(unit: Unit, node: n.Stmt) -> bool:
    return False


def _refused_binding(unit: Unit, node: n.Stmt) -> bool:
    """A statement that is refused by form binds names all the same; their later use is no second finding."""
    scope = scope_of([node], walruses=False)
    for name in (*scope.bindings, *scope.declared_global):
        unit.frame.set(name, unknown("it is bound by a statement that is refused"))
    return False


_TABLE: dict[type, Callable[[Unit, Any], bool]] = {
    n.FunctionDef: _refused_binding,
    n.ClassDef: _refused_binding,
    n.Import: _refused_binding,
    n.ImportFrom: _refused_binding,
    n.Global: _refused_binding,
    n.Nonlocal: _refused_binding,
    n.Try: _refused_binding,
    n.Match: _refused_binding,
    n.Return: _return,
    n.ExprStmt: _expression,
    n.Assign: assign.assignment,
    n.AnnAssign: assign.annotated,
    n.AugAssign: assign.augmented,
    n.Raise: _raise,
    n.Delete: _delete,
    n.With: _with,
    n.Assert: _assert,
    n.If: branches.if_statement,
    n.For: loops.for_loop,
    n.While: loops.while_loop,
    n.Pass: _pass,
    n.Break: _leave,
    n.Continue: _leave,
}
