"""Conditions and branches: what is known before anything runs, what a test says of its variables, where types meet.

Twin: emitCondExpr, emitIfElseBlocks, insertRefinements of ir_emitter.cpp; compile-errors.md section 5.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct, field

from scriptlint.diag import Fixable
from scriptlint.evaluate.frames import condition_text, negate
from scriptlint.fixes.conditions import is_not_none, is_not_none_and, may_be_false, only_modules_or_none
from scriptlint.program.module import Class as ClassSymbol
from scriptlint.script.infer import differs, flags, script_classes
from scriptlint.script.infer.environment import Frame, Missing
from scriptlint.script.infer.values import ModuleChoice, ModuleObject, Special, Typed, Value, is_unknown, unknown
from scriptlint.script.refusal import refusal
from scriptlint.syntax import nodes as n
from scriptlint.text import Fix, Safety
from scriptlint.types.model import (
    ABSTRACT_NUMBER,
    ANY,
    BOOL,
    FLOAT,
    INT,
    NONE,
    NUMBER,
    STRING,
    Class,
    Dict,
    List,
    Optional,
    Tensor,
    Tuple,
    Type,
    Union,
    Unknown,
    has_unknown,
    make_union,
)
from scriptlint.types.relations import may_be_none, unify, without_none

if TYPE_CHECKING:
    from scriptlint.script.infer.unit import Unit

NOT_BOOL = refusal(
    code="SL510",
    name="condition-not-bool",
    message="`{text}` has type `{found}`, which TorchScript does not turn into a bool",
    help="compare it: `is not None` for an Optional, `len(x) > 0` for a tuple",
    compiler="Could not cast value of type .* to bool",
    fixable=Fixable.SOMETIMES,
)
TERNARY_TYPES = refusal(
    code="SL324",
    name="ternary-type-mismatch",
    message="the two sides of this conditional expression have types `{true}` and `{false}`",
    help="make both sides the same type",
    compiler="if-expression's true branch has type",
    fixable=Fixable.SOMETIMES,
)

T = TypeVar("T")
Refinements = dict[str, Type]


class Condition(Struct, frozen=True, eq=False):
    """A test: what it is known to be (None: only at run time), what holds of variables where it is true and false.

    `undecided` says that a type which is not known may decide it while compiling.
    """

    static: bool | None = None
    when_true: Refinements = field(default_factory=dict)
    when_false: Refinements = field(default_factory=dict)
    undecided: bool = False


def condition(unit: Unit, node: n.Expr, operands: list[Typed] | None = None) -> Condition:
    """Emit a test; `operands` is filled with what a boolean operator is given."""
    match node:
        case n.UnaryOp(op="not"):
            inner = condition(unit, node.operand)
            static = None if inner.static is None else not inner.static
            return Condition(static, inner.when_false, inner.when_true, inner.undecided)
        case n.BoolOp():
            return _bool_op(unit, node, operands)
        case n.Compare(ops=[("is" | "is not") as operator], comparators=[right]):
            return _is_none(unit, node, operator, right)
        case n.Call():
            special = _special_call(unit, node)
            if special is not None:
                return special
        case n.Constant(kind="bool"):
            return Condition(bool(node.value))
    value = unit.value_or_choice(node)
    if isinstance(value, (ModuleObject, ModuleChoice)):
        fix = _compared(unit, node, None)
        one = value.instance if isinstance(value, ModuleObject) else value.options[0][0]
        unit.say(NOT_BOOL, node, text=unit.text(node), found=one.class_name, fix=fix)
        return Condition()
    typed = unit.as_typed(value, node)
    if operands is not None:
        operands.append(typed)
    to_bool(unit, typed, node)
    constant = constant_bool(value)
    undecided = typed.is_unseen or (is_unknown(typed) and isinstance(node, (n.Name, n.Attribute, n.Call)))
    return Condition(constant, undecided=undecided and constant is None)


def constant_bool(value: Value) -> bool | None:
    """Return the truth of a value that is a compile-time bool (a Final attribute)."""
    if isinstance(value, Typed) and value.type is BOOL and value.literal is not None:
        return bool(value.literal.value)
    return None


def to_bool(unit: Unit, value: Typed, node: n.Expr) -> None:
    """Refuse what has no truth value."""
    kind = value.type
    if isinstance(node, n.Tuple):
        return  # refused by form
    if isinstance(kind, Class):
        cls = instance.cls if (instance := unit.compiler.object_of(kind)) is not None else None
        has_truth = (
            not isinstance(cls, ClassSymbol) or script_classes.method(unit.compiler, cls, "__bool__") is not None
        )
        if kind is ABSTRACT_NUMBER or not has_truth:
            unit.say(NOT_BOOL, node, text=unit.text(node), found=str(kind))
        return
    if (
        (has_unknown(kind) and not isinstance(kind, Tuple))
        or kind in (BOOL, INT, FLOAT, STRING, NUMBER)
        or isinstance(kind, (Tensor, List, Dict))
    ):
        return
    fix = _compared(unit, node, kind) if kind is NONE or isinstance(kind, Optional) else None
    unit.say(NOT_BOOL, node, text=unit.text(node), found=str(kind), fix=fix)


def _compared(unit: Unit, node: n.Expr, kind: Type | None) -> Fix | None:
    """Compare with None what may be None or a module; where it may be something else that is false, that is unsafe."""
    owner = unit.function.owner
    of_self = isinstance(node, n.Attribute) and isinstance(node.value, n.Name) and node.value.id == "self"
    if owner is not None and of_self and only_modules_or_none(owner, node.attr):  # type: ignore[union-attr]
        relies_on = (f"{owner.node.name}.{node.attr}",)  # type: ignore[union-attr]
        return is_not_none(unit.module, unit.function.node, node, Safety.SAFE, relies_on)
    if owner is not None and of_self and may_be_false(owner, node.attr):  # type: ignore[union-attr]
        return None
    truth = _truth(unit.text(node), kind.element) if isinstance(kind, Optional) else None
    exact = None if truth is None else is_not_none_and(unit.module, unit.function.node, node, truth)
    if exact is not None or (isinstance(kind, Optional) and kind.element is BOOL):
        return exact
    return is_not_none(unit.module, unit.function.node, node, Safety.UNSAFE)


def _truth(text: str, kind: Type) -> tuple[str, str] | None:
    """When a value is true, and when it is not, of the types of which Python asks that."""
    if kind is BOOL:
        return text, f"not {text}"
    if kind in (INT, FLOAT):
        return f"{text} != 0", f"{text} == 0"
    if kind is STRING or isinstance(kind, (List, Dict)):
        return f"len({text}) > 0", f"len({text}) == 0"
    return None


def _bool_op(unit: Unit, node: n.BoolOp, operands: list[Typed] | None) -> Condition:
    result = condition(unit, node.values[0], operands)
    is_and = node.op == "and"
    for one in node.values[1:]:
        known = result.when_true if is_and else result.when_false
        right = in_branch(unit, known, lambda one=one: condition(unit, one, operands), None)  # type: ignore[misc]
        result = _both(result, right) if is_and else _either(result, right)
    return result


def _both(left: Condition, right: Condition) -> Condition:
    static = None
    if left.static is False or right.static is False:
        static = False
    elif left.static and right.static:
        static = True
    undecided = static is None and (left.undecided or right.undecided)
    return Condition(
        static, {**left.when_true, **right.when_true}, _common(left.when_false, right.when_false), undecided
    )


def _either(left: Condition, right: Condition) -> Condition:
    static = None
    if left.static or right.static:
        static = True
    elif left.static is False and right.static is False:
        static = False
    undecided = static is None and (left.undecided or right.undecided)
    return Condition(
        static, _common(left.when_true, right.when_true), {**left.when_false, **right.when_false}, undecided
    )


def _common(left: Refinements, right: Refinements) -> Refinements:
    """Return what holds when one of two tests decided, whichever: the variables both speak of, with either type."""
    return {
        name: unified for name in left.keys() & right.keys() if (unified := unify(left[name], right[name])) is not None
    }


def _is_none(unit: Unit, node: n.Compare, operator: str, right: n.Expr) -> Condition:
    positive = operator == "is"
    left = node.left
    if _is_none_literal(left) and not _is_none_literal(right):
        left, right = right, left
    value = unit.value_or_choice(left)
    if isinstance(value, ModuleChoice) and value.optional:
        return Condition(undecided=True)
    if not _is_none_literal(right):
        unit.typed(right)
        return Condition()
    if not isinstance(value, Typed):
        if not isinstance(value, (ModuleObject, ModuleChoice)):
            unit.as_typed(value, left)
        return Condition(not positive)
    kind = value.type
    differs.compared_with_none(unit, node, left, value)
    answer = may_be_none(kind)
    if value.is_given:
        return Condition(not positive)
    if isinstance(kind, Unknown):
        return Condition(undecided=True)
    if answer is not None:
        return Condition(answer == positive)
    if not isinstance(left, n.Name):
        return Condition()
    # Where it is None the variable keeps its type.
    not_none: Refinements = {} if kind is ANY else {left.id: without_none(kind)}
    return Condition(None, {} if positive else not_none, not_none if positive else {})


def _is_none_literal(node: n.Expr) -> bool:
    return isinstance(node, n.Constant) and node.kind == "none"


def _special_call(unit: Unit, node: n.Call) -> Condition | None:
    from scriptlint.script.infer import builtins

    callee = unit.value(node.func)
    if not isinstance(callee, Special):
        return None
    match callee.name:
        case "isinstance":
            return builtins.isinstance_condition(unit, node)
        case "hasattr":
            return builtins.hasattr_condition(unit, node)
        case "is_scripting":
            return Condition(True)
        case "has_torch_function":
            return Condition(False)
        case _:
            return None


# Branches


def in_branch(unit: Unit, known: Refinements, work: Callable[[], T], maybe: str | None) -> T:
    """Do a piece of work in a block of its own, whose variables are dropped.

    `maybe` is the condition under which the block is emitted at all, where that is not decided.
    """
    outer = unit.frame
    unit.frame = Frame(outer)
    refine(unit, known)
    if maybe is not None:
        unit.conditions.append(maybe)
    try:
        return work()
    finally:
        if maybe is not None:
            unit.conditions.pop()
        unit.frame = outer


def refine(unit: Unit, known: Refinements) -> None:
    """Give variables of this block the types that a test left them."""
    for name, kind in known.items():
        unit.frame.set(name, Typed(kind))


def if_statement(unit: Unit, node: n.If) -> bool:
    """Emit `if`: one branch where the test is known, both where it is not."""
    from scriptlint.script.infer import statements

    test = condition(unit, node.test)
    if test.static is not None:
        refine(unit, test.when_true if test.static else test.when_false)
        return statements.block(unit, node.body if test.static else node.orelse)
    text = condition_text(unit.module.text(node.test)) if test.undecided else None
    unit.undecided = unit.undecided or test.undecided
    asked = flags.of_test(unit, node.test)
    with unit.pruned_by(asked, asked.outcome is False):
        true, true_exits = _branch(unit, node.body, test.when_true, text)
    with unit.pruned_by(asked, asked.outcome is True):
        false, false_exits = _branch(unit, node.orelse, test.when_false, negate(text) if text else None)
    join(unit, node, true, false, true_exits, false_exits)
    if asked.outcome is not None and (true_exits if asked.outcome else false_exits):
        unit.dead.append(asked)  # so is the rest of the block
    if test.undecided:  # only one of the branches may be there
        for name, missing in list(unit.frame.errors.items()):
            if missing.kind == "types" and missing.node is node:
                del unit.frame.errors[name]
                unit.frame.set(name, Typed(Unknown("of one of two branches")))
    if text is not None and true_exits != false_exits:
        # The rest of the block is emitted only if the branch that leaves it is pruned, or decides at run time.
        unit.conditions.append(negate(text) if true_exits else text)
    return true_exits and false_exits


def _branch(unit: Unit, body: list[n.Stmt], known: Refinements, maybe: str | None) -> tuple[Frame, bool]:
    from scriptlint.script.infer import statements

    frame = unit.frame = Frame(unit.frame)
    refine(unit, known)
    if maybe is not None:
        unit.conditions.append(maybe)
    exits = statements.block(unit, body)
    if maybe is not None:
        unit.conditions.pop()
    assert frame.parent is not None
    unit.frame = frame.parent
    return frame, exits


def join(unit: Unit, node: n.Stmt, true: Frame, false: Frame, true_exits: bool, false_exits: bool) -> None:
    """Makes of the variables of two branches those behind them."""
    if true_exits and false_exits:
        return
    names = list(dict.fromkeys([*true.values, *false.values]))
    for name in names:
        in_true = true.find(name)
        in_false = false.find(name)
        if in_true is None and not true_exits:
            unit.frame.errors[name] = Missing("branch", node, "true", in_false)
        elif in_false is None and not false_exits:
            unit.frame.errors[name] = Missing("branch", node, "false", in_true)
        else:
            _meet(unit, node, name, in_false if true_exits else in_true, in_true if false_exits else in_false)
    for frame in (true, false):
        for name, missing in frame.errors.items():
            if unit.frame.find(name) is None:
                unit.frame.errors.setdefault(name, missing)
        for name, kind in frame.declared.items():
            unit.frame.declared.setdefault(name, kind)


def _meet(unit: Unit, node: n.Stmt, name: str, first: Value | None, second: Value | None) -> None:
    if first is None or second is None or first is second:
        if first is not None:
            unit.frame.set(name, first)
        return
    if not isinstance(first, Typed) or not isinstance(second, Typed):
        # A module or function that only one branch chose exists in none of them afterwards.
        if unit.frame.find(name) is None:
            unit.frame.errors[name] = Missing("object", node, "")
        return
    left, right = first.type, second.type
    unified = unify(left, right)
    if unified is None:
        declared = unit.frame.find_declared(name)
        unified = make_union((left, right)) if isinstance(declared, (Union, Optional)) else None
    if unified is None:
        if has_unknown(left) or has_unknown(right):
            unit.frame.set(name, Typed(Unknown("two branches")))
        else:
            unit.frame.errors[name] = Missing("types", node, f"`{left}` in one branch and `{right}` in the other")
            unit.frame.values.pop(name, None)
        return
    unit.frame.set(name, Typed(unified, empty_list=first.empty_list and second.empty_list))


def ternary(unit: Unit, node: n.IfExp, hint: Type | None) -> Value:
    """Emit `a if test else b`."""
    test = condition(unit, node.test)
    if test.static is not None:
        known = test.when_true if test.static else test.when_false
        chosen = node.body if test.static else node.orelse
        return in_branch(unit, known, lambda: unit.value(chosen, hint), None)
    text = condition_text(unit.module.text(node.test)) if test.undecided else None
    otherwise = negate(text) if text else None
    asked = flags.of_test(unit, node.test)
    with unit.pruned_by(asked, asked.outcome is False):
        first = in_branch(unit, test.when_true, lambda: unit.value(node.body, hint), text)
    if isinstance(first, ModuleObject):
        with unit.pruned_by(asked, asked.outcome is True):
            second = in_branch(unit, test.when_false, lambda: unit.value(node.orelse, hint), otherwise)
        two = isinstance(second, ModuleObject) and not test.undecided
        return ModuleObject(first.instance, callable=False) if two else unknown("one of two modules")
    true = unit.as_typed(first, node.body)
    with unit.pruned_by(asked, asked.outcome is True):
        false = in_branch(unit, test.when_false, lambda: unit.typed(node.orelse, hint), otherwise)
    unified = unify(true.type, false.type)
    if unified is None and hint is ANY:
        unified = ANY
    if unified is None:
        if has_unknown(true.type) or has_unknown(false.type) or test.undecided:
            return Typed(Unknown("two types"))
        fix = flags.made_final(unit, asked)
        return unit.say(TERNARY_TYPES, node, fix=fix, true=str(true.type), false=str(false.type))
    return Typed(unified)
