"""What compiles and then computes something else than eager (compile-errors.md 4.15), as far as functions show it."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from scriptlint.diag import Fixable, Rule, Severity, Target
from scriptlint.fixes.variables import as_tensor
from scriptlint.script.infer.values import Builtin, Typed
from scriptlint.syntax import nodes as n
from scriptlint.types.model import BOOL, COMPLEX, FLOAT, INT, NUMBER, Tensor, has_unknown

if TYPE_CHECKING:
    from scriptlint.script.infer.unit import Unit

difference = partial(Rule, severity=Severity.WARNING, target=Target.SCRIPT)

OPERAND_AS_VALUE = difference(
    code="SL722",
    name="boolean-operator-as-value",
    message="`{text}` gives a bool in TorchScript, never one of its operands",
    help="write `a if a else b` (or test with `is not None`) where the operand is wanted",
)
TENSOR_INTO_NUMBER = difference(
    code="SL723",
    name="tensor-accumulated-into-number",
    message="`{name}` is a {found} outside this block, so the tensor given here becomes a Python number",
    help="start with a tensor, as `torch.zeros(())`, or append to a list and sum it",
    fixable=Fixable.SOMETIMES,
)
FORMAT_SPEC = difference(
    code="SL724",
    name="format-specification",
    message="`format` fills only empty braces in TorchScript; what stands in those of `{text}` is kept as text",
    help="leave the braces empty, and round the value before",
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

_PLAIN = re.compile(r"\{\}|[^{}]")


def boolean_operator(unit: Unit, node: n.BoolOp, kinds: list[Typed]) -> None:
    """`a or b` whose value is used."""
    if any(one.type is not BOOL and not has_unknown(one.type) for one in kinds):
        unit.say(OPERAND_AS_VALUE, node, text=unit.text(node))


def assigned(unit: Unit, name: n.Name, before: Typed, value: Typed) -> None:
    """A tensor that a number of an outer block is given."""
    if before.type in (INT, FLOAT, COMPLEX, NUMBER) and isinstance(value.type, Tensor):
        fix = as_tensor(unit.function, name.id)
        unit.say(TENSOR_INTO_NUMBER, name, fix=fix, name=name.id, found=str(before.type))


def formatted(unit: Unit, node: n.Call, callee: Builtin) -> None:
    """`"{:.2f}".format(x)`."""
    literal = node.func.value if isinstance(node.func, n.Attribute) else None
    if callee.op == "aten::format" and isinstance(literal, n.Constant) and isinstance(literal.value, str):
        if _PLAIN.sub("", literal.value.replace("{{", "").replace("}}", "")):
            unit.say(FORMAT_SPEC, literal, text=unit.text(literal))


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
