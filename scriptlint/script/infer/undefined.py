"""Parameters that are Tensors with None for a default: the compiler makes an undefined tensor of it, which is a value for
no call and for no archive (`toIValue` of pybind_utils.h, `tryInsertConstant` of ir/constants.cpp)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from scriptlint.diag import Fixable, Label, Rule, Severity, Target
from scriptlint.fixes.annotations import TYPE_COMMENT, annotate
from scriptlint.fixes.evidence import is_unused
from scriptlint.fixes.guesses import Guess, guess
from scriptlint.program.module import Function
from scriptlint.script.refusal import refusal
from scriptlint.syntax import nodes as n
from scriptlint.text import Fix, Safety
from scriptlint.types.model import TENSOR, Tensor, make_optional

if TYPE_CHECKING:
    from scriptlint.script.infer.arguments import Arguments
    from scriptlint.script.infer.signature import Signature
    from scriptlint.script.infer.unit import Unit

OMITTED_TENSOR = refusal(
    code="SL413",
    name="omitted-tensor",
    message="`{callee}` is called without `{name}`, which is a Tensor, and TorchScript has none to stand for its default None",
    help="annotate it `{name}: Optional[Tensor] = None`, or pass a tensor",
    compiler="Unsupported value kind: Tensor",
    fixable=Fixable.SOMETIMES,
)

UNDEFINED_DEFAULT = Rule(
    code="SL717",
    name="undefined-tensor-default",
    severity=Severity.WARNING,
    target=Target.SCRIPT,
    message="`{name}` is a Tensor whose default is None, so this compiles and cannot be saved",
    help="annotate it `{name}: Optional[Tensor] = None`",
    compiler=r"strides\(\) called on an undefined Tensor",
    fixable=Fixable.SOMETIMES,
)


def check(unit: Unit) -> None:
    """Report the parameters of a compiled function whose defaults no archive can hold."""
    for parameter in _undefined(unit.function, unit.signature):
        unused = is_unused(unit.function, parameter.name)  # it may have been meant as anything
        fix = None if unused else _optional(unit, unit.function, unit.signature, parameter)
        unit.say(UNDEFINED_DEFAULT, parameter, name=parameter.name, fix=fix)


def check_form(unit: Unit, function: Function, form: Signature) -> None:
    """Report the same of the form of an overloaded function that a call chooses: those that no call chooses are not saved."""
    for parameter in _undefined(function, form):
        unit.report.report(UNDEFINED_DEFAULT, function.module.span(parameter), when=unit.when(), name=parameter.name)


def check_call(unit: Unit, node: n.Call, function: Function, called: Signature, given: Arguments) -> None:
    """Report a call that fits, and leave out what it must not."""
    passed = {one.name for one in called.params[: len(given.positional)]} | given.keywords.keys()
    for parameter in _undefined(function, called):
        if given.exact and parameter.name not in passed:
            labels = [Label(function.module.span(parameter), "its default is None")]
            fix = _optional(unit, function, called, parameter)
            unit.say(OMITTED_TENSOR, node.func, callee=function.node.name, name=parameter.name, labels=labels, fix=fix)
            return


def _undefined(function: Function, read: Signature) -> Iterator[n.Parameter]:
    tensors = {one.name for one in read.params if isinstance(one.type, Tensor)}
    for one in [*function.node.args.args, *function.node.args.kwonly]:
        if one.name in tensors and isinstance(one.default, n.Constant) and one.default.kind == "none":
            yield one


def _optional(unit: Unit, function: Function, read: Signature, parameter: n.Parameter) -> Fix | None:
    """Annotate a parameter with what its uses tell, and others of which they tell as much in one edit of the signature.

    A type comment would end with an annotation.
    """
    function.node.is_read = True
    if TYPE_COMMENT.search(function.module.raw.text, function.node.start, function.node.end):
        return None
    if parameter.annotation is not None:
        return None
    unused = is_unused(function, parameter.name)
    names = [one.name for one in _undefined(function, read) if is_unused(function, one.name) is unused]
    guesses = {name: Guess(TENSOR, False) if unused else guess(unit.compiler.reader, function, name) for name in names}
    wanted = guesses[parameter.name]
    if wanted is None:
        return None
    kinds = {
        name: make_optional(one.type)
        for name, one in guesses.items()
        if one is not None and one.proven is wanted.proven
        if not unit.compiler.reader.must_be_given(function, name)
    }
    if parameter.name not in kinds:
        return None
    return annotate(function.module, function.node, kinds, Safety.SAFE if wanted.proven else Safety.UNSAFE)
