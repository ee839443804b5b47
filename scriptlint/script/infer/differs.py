"""What compiles and then computes something else than eager (compile-errors.md 4.15), as far as functions show it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from scriptlint.diag import Fixable, Rule, Severity, Target
from scriptlint.fixes.places import above
from scriptlint.fixes.variables import as_tensor
from scriptlint.program.project import External
from scriptlint.script.infer.values import Builtin, Typed
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk
from scriptlint.types.model import (
    BOOL,
    COMPLEX,
    FLOAT,
    INT,
    NUMBER,
    STRING,
    Dict,
    List,
    Optional,
    Tensor,
    Tuple,
    Type,
    has_unknown,
)

if TYPE_CHECKING:
    from scriptlint.script.infer.unit import Unit


def difference(code: str, name: str, message: str, help: str, **options: Any) -> Rule:  # noqa: A002
    """Declare a rule of this module: a warning, unless it says otherwise."""
    severity = options.pop("severity", Severity.WARNING)
    return Rule(code, name, severity, Target.SCRIPT, message, help, **options)


OPERAND_AS_VALUE = difference(
    code="SL722",
    name="boolean-operator-as-value",
    message="`{text}` gives a bool in TorchScript, never one of its operands",
    help="write `a if a else b` (or test with `is not None`) where the operand is wanted",
)
TENSOR_INTO_NUMBER = difference(
    code="SL723",
    name="tensor-accumulated-into-number",
    message="`{name}` is a number of type `{found}` outside this block, so the tensor given here becomes a Python number",
    help="start with a tensor, as `torch.zeros(())`, or append to a list and sum it",
    fixable=Fixable.SOMETIMES,
)
FORMAT_SPEC = difference(
    code="SL724",
    name="format-specification",
    message="`format` fills only empty braces in TorchScript; what stands in those of `{text}` is kept as text",
    help="leave the braces empty, and round the value before",
)
PERCENT_FORMAT = difference(
    code="SL733",
    name="percent-format",
    message="`%` raises in TorchScript for `{spec}`, a conversion that it does not know",
    help="use `%s`, `%d`, `%i`, `%c`, `%f` or `%e` without a width or precision, and round the value before",
)
LENGTH_OF_SCALAR = difference(
    code="SL725",
    name="length-of-scalar",
    message="`len` of a `{found}` is 1 in TorchScript and an error in Python",
    help="take the length of a list, tensor, string, dictionary or tuple",
)
AUGMENTED_REMAINDER = difference(
    code="SL726",
    name="augmented-remainder-of-tensor",
    message="`%=` on a tensor is `fmod` in TorchScript: the sign follows the dividend",
    help="write `x = x % y`",
)
GRADIENT_IS_NONE = difference(
    code="SL727",
    name="gradient-compared-with-none",
    message="`{text}` is typed Tensor, so this test is decided while compiling: it is never None",
    help="guard the code with `torch.jit.is_scripting()`, or move it to an ignored function",
)

TEXT = difference(
    code="SL728",
    name="text-of-value",
    severity=Severity.NOTE,
    message="the text of `{text}`, a `{found}`, is another in TorchScript: {how}",
    help="compare and store the value itself; a text of it is for messages",
)
VIEW_OF_DTYPE = difference(
    code="SL729",
    name="view-of-dtype",
    message="`{text}` takes the dtype for a size: a dtype is an int in TorchScript",
    help="call `torch.ops.aten.view.dtype` in a function that is ignored, or `.to(dtype)` where the values are to be kept",
)
BOOL_IS_NO_INT = difference(
    code="SL730",
    name="bool-is-not-int",
    message="`{text}` is false for a bool in TorchScript, and true in Python",
    help="name both, `isinstance(x, (bool, int))`",
)

_PLAIN = re.compile(r"\{\}|[^{}]")


def boolean_operator(unit: Unit, node: n.BoolOp, kinds: list[Typed]) -> None:
    """`a or b` whose value is used."""
    if any(one.type is not BOOL and not has_unknown(one.type) for one in kinds):
        unit.say(OPERAND_AS_VALUE, node, text=unit.text(node))


def assigned(unit: Unit, name: n.Name, before: Typed, value: Typed) -> None:
    """A tensor that a number of an outer block is given."""
    is_number = before.type in (INT, FLOAT, COMPLEX, NUMBER)
    if is_number and isinstance(value.type, Tensor) and _is_read(unit, name.id):
        fix = as_tensor(unit.function, name.id)
        unit.say(TENSOR_INTO_NUMBER, name, fix=fix, name=name.id, found=str(before.type))


def _is_read(unit: Unit, name: str) -> bool:
    """Return True if the function uses a variable other than by assigning to it."""
    assigned_to: set[int] = set()
    for one in walk(unit.function.node):
        match one:
            case n.Assign(targets=targets):
                parts = [part for target in targets for part in walk(target)]
            case n.AnnAssign(target=target) | n.For(target=target):
                parts = list(walk(target))
            case _:
                continue
        assigned_to.update(id(part) for part in parts)
    names = (one for one in walk(unit.function.node) if isinstance(one, n.Name) and one.id == name)
    return any(id(one) not in assigned_to for one in names)


def formatted(unit: Unit, node: n.Call, callee: Builtin, given: list[Typed]) -> None:
    """`"{:.2f}".format(x)`."""
    literal = node.func.value if isinstance(node.func, n.Attribute) else None
    if callee.op != "aten::format":
        return
    if isinstance(literal, n.Constant) and isinstance(literal.value, str):
        if _PLAIN.sub("", literal.value.replace("{{", "").replace("}}", "")):
            unit.say(FORMAT_SPEC, literal, text=unit.text(literal))
            return
    for one, value in zip(node.args, given, strict=False):
        text_of(unit, one, value)


def percent(unit: Unit, node: n.Node, left: Typed) -> None:
    """`"%.2f" % x`."""
    text = left.literal.value if left.literal is not None else None
    if isinstance(text, str) and not _is_shown(unit, node):
        other = next((one for one in _CONVERSION.findall(text) if one[1:] not in _CONVERSIONS), None)
        if other is not None:
            unit.say(PERCENT_FORMAT, node, spec=other)


_CONVERSION = re.compile(r"%[-+ #0-9.*]*.?")
_CONVERSIONS = frozenset("sdicfFeE%")


def _how(kind: Type) -> str | None:
    """Return how the text of a value differs, None where it is the same."""
    match kind:
        case Tensor():
            return "`1\\n[ CPUFloatType{} ]` instead of `tensor(1.)`"
        case Optional(element=element):
            return _how(element)
        case List(element=element):
            return _how(element) or ("strings in it have no quotes" if element is STRING else None)
        case Dict(key_type=key, value=value):
            return _how(value) or _how(key) or ("strings in it have no quotes" if STRING in (key, value) else None)
        case Tuple(elements=elements):
            inner = next(filter(None, map(_how, elements)), None)
            return inner or ("strings in it have no quotes" if STRING in elements else None)
    if kind is FLOAT:
        return "`3.` instead of `3.0`, and 17 digits"
    return "`1.+2.j` instead of `(1+2j)`" if kind is COMPLEX else None


# What shows a text to people and does nothing else with it.
_SHOWING = frozenset({"print", "warn", "warn_once", "info", "debug", "warning", "error", "log"})


def _is_shown(unit: Unit, node: n.Node) -> bool:
    """Return True for a text that is part of an exception or of a message, or made for people to read."""
    if unit.function.node.name in ("__repr__", "__str__"):
        return True
    for one in above(unit.function.node, node):
        if isinstance(one, (n.Raise, n.Assert)):
            return True
        if isinstance(one, n.Call):
            name = one.func.attr if isinstance(one.func, n.Attribute) else getattr(one.func, "id", "")
            if name in _SHOWING:
                return True
    return False


def text_of(unit: Unit, node: n.Expr, value: Typed) -> None:
    """`str(x)`, `f"{x}"` and `"{}".format(x)`."""
    is_shape = isinstance(node, n.Attribute) and node.attr == "shape"
    how = "`[2, 3]` instead of `torch.Size([2, 3])`" if is_shape and value.type is List(INT) else _how(value.type)
    if isinstance(node, n.Attribute) and node.attr == "dtype" and value.type is INT:
        how = "a number instead of `torch.float32`"
    if how is not None and not has_unknown(value.type) and not _is_shown(unit, node):
        found = "torch.Size" if is_shape else "torch.dtype" if value.type is INT else str(value.type)
        unit.say(TEXT, node, text=unit.text(node), found=found, how=how)


def view(unit: Unit, node: n.Call, callee: Builtin, given: list[Typed]) -> None:
    """`x.view(torch.int32)`."""
    is_view = callee.op == "aten::view" and callee.receiver is not None and isinstance(callee.receiver.type, Tensor)
    if not is_view or len(node.args) != 1 or not given or given[0].type is not INT:
        return
    argument = node.args[0]
    of_tensor = isinstance(argument, n.Attribute) and argument.attr == "dtype"
    symbol = unit.compiler.project.resolve(argument, unit.function)
    known = unit.compiler.library.exists(symbol.name) if isinstance(symbol, External) else None
    if of_tensor or (known is not None and known.kind == "constant" and known.detail.startswith("dtype")):
        unit.say(VIEW_OF_DTYPE, node, text=unit.text(node))


def isinstance_of_int(unit: Unit, node: n.Call, members: Sequence[Type], wanted: Sequence[Type]) -> None:
    """`isinstance(x, int)` of what may be a bool."""
    if BOOL in members and INT in wanted and BOOL not in wanted:
        unit.say(BOOL_IS_NO_INT, node, text=unit.text(node))


def length(unit: Unit, node: n.Call, callee: Builtin, given: list[Typed]) -> None:
    """`len(5)`."""
    if callee.op == "aten::len" and len(given) == 1 and given[0].type in (INT, FLOAT, BOOL, COMPLEX):
        unit.say(LENGTH_OF_SCALAR, node, found=str(given[0].type))


def remainder(unit: Unit, node: n.AugAssign, before: Typed) -> None:
    """`x %= 3` on a tensor."""
    if node.op == "%" and isinstance(before.type, Tensor):
        unit.say(AUGMENTED_REMAINDER, node)


def compared_with_none(unit: Unit, node: n.Compare, left: n.Expr, value: Typed) -> None:
    """`x.grad is None`."""
    if isinstance(left, n.Attribute) and left.attr == "grad" and isinstance(value.type, Tensor):
        unit.say(GRADIENT_IS_NONE, node, text=unit.text(left))
