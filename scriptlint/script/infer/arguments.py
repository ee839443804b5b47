"""The arguments of a call, and the overload that they match. Twin: schema_matching.cpp."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from scriptlint.diag import Fixable, Label
from scriptlint.fixes.arguments import TAKES_SIZES, unstarred
from scriptlint.program.module import Function
from scriptlint.script.infer import advice, call_fixes
from scriptlint.script.infer.values import Typed, unknown
from scriptlint.script.refusal import refusal
from scriptlint.syntax import nodes as n
from scriptlint.text import Fix, Safety
from scriptlint.torchlib.match import Given, Match, Reason, Refusal, match
from scriptlint.torchlib.schema import Schema
from scriptlint.types.model import TENSOR, List, Tensor, has_unknown
from scriptlint.types.show import plain

if TYPE_CHECKING:
    from scriptlint.script.infer.unit import Unit

ARGUMENTS = refusal(
    code="SL402",
    name="argument-mismatch",
    message="`{callee}` does not take these arguments: {reason}",
    help="{advice}",
    compiler="Expected a value of type|arg_types.size\\(\\) == param_names.size\\(\\)|Arguments for call are not valid"
    "|Could not match type|not provided|Keyword argument|does not accept any keyword arguments"
    "|Expected at most|expected exactly 1 arguments",
    fixable=Fixable.SOMETIMES,
)


class Arguments:
    """The arguments of a call; `exact` is False where a starred one may bring any number."""

    def __init__(self, positional: list[Typed], keywords: dict[str, Typed], exact: bool) -> None:
        self.positional = positional
        self.keywords = keywords
        self.exact = exact

    @property
    def given(self) -> list[Given]:
        return [Given(one.type, one.empty_list) for one in self.positional]

    @property
    def given_keywords(self) -> dict[str, Given]:
        return {name: Given(one.type, one.empty_list) for name, one in self.keywords.items()}


def evaluate(unit: Unit, node: n.Call, operator: str = "") -> Arguments:
    """Return the arguments of a call of a function, or of an operator by its name."""
    from scriptlint.script.infer.expressions import elements

    positional: list[Typed] = []
    exact = True
    fix = unstarred(unit.module, node) if operator in TAKES_SIZES and node.args else None
    for one in node.args:
        found = elements(unit, [one], fix=fix)
        if found is None:
            exact = False
        else:
            positional += found
    keywords = {one.arg: unit.typed(one.value) for one in node.keywords if one.arg is not None}
    return Arguments(positional, keywords, exact and all(one.arg is not None for one in node.keywords))


def matched(
    unit: Unit,
    node: n.Call,
    schemas: Sequence[Schema],
    given: Arguments,
    shown: str,
    receiver: Typed | None = None,
    fix: Callable[[Refusal], Fix | None] | None = None,
    function: Function | None = None,
) -> Match | Typed:
    """Return what the call matches, or the value of one that is refused, whose fix is what `fix` returns.

    `function` is the callee where its source is known: the parameter that does not fit is then shown as well.
    """
    found = match(
        schemas,
        given.given,
        given.given_keywords,
        receiver=None if receiver is None else Given(receiver.type, receiver.empty_list),
        open_ended=not given.exact,
    )
    if isinstance(found, Match):
        return found
    if not given.exact:
        return unknown("a call with unknown arguments")
    if fix is not None:
        mended = fix(found)
    else:
        mended = call_fixes.floats(unit, node, schemas, given, receiver, found, Safety.SAFE)
    best = _best(found)
    labels = _declared(function, best) if function is not None and best is not None else ()
    reason, instead = _reason(best, receiver), _instead(best, receiver)
    return unit.say(ARGUMENTS, node.func, callee=shown, reason=reason, advice=instead, fix=mended, labels=labels)


def _best(refused: Refusal) -> Reason | None:
    """Return the complaint that tells most: the one about the latest argument of any overload."""

    def progress(reason: Reason) -> tuple[int, int]:
        place = reason.argument if isinstance(reason.argument, int) else 99 if reason.argument else -1
        return (reason.kind == "type", place)

    return max(refused.reasons, key=progress, default=None)


def _declared(function: Function, reason: Reason) -> list[Label]:
    """Return a label for the parameter that a complaint is about."""
    parameter = next((one for one in function.node.args.all() if one.name == reason.param), None)
    if parameter is None or reason.kind != "type":
        return []
    is_assumed = isinstance(reason.wanted, Tensor) and reason.wanted.inferred
    text = "no annotation, so it is a `Tensor`" if is_assumed else f"`{reason.param}` is a `{reason.wanted}`"
    return [Label(function.module.span(parameter), text)]


def _instead(best: Reason | None, receiver: Typed | None) -> str:
    """Return what to do about a complaint."""
    if best is not None and best.kind == "variable" and receiver is not None and receiver.type == List(TENSOR):
        if best.found is None or has_unknown(best.found):
            return "annotate the list with the type of its items where it is made, as in `xs: List[int] = []`"
        return f"annotate the list where it is made, as in `xs: List[{plain(str(best.found))}] = []`"
    if best is not None and best.wanted is not None and best.found is not None:
        return advice.for_argument(best.wanted, best.found)
    return "look up which arguments it takes, and their types" if best is None else advice.ARGUMENTS


def _reason(best: Reason | None, receiver: Typed | None) -> str:
    if best is None:
        return "no form of it fits"
    if best.kind == "type" and best.wanted is not None and best.found is not None:
        return f"`{best.param}` wants `{best.wanted}` and is given `{best.found}`"
    if best.kind == "variable" and best.found is not None and receiver is not None:
        empty = ", as every `[]` without annotation" if receiver.type == List(TENSOR) else ""
        return f"it belongs to a `{receiver.type}`{empty}, and is given `{best.found}`"
    line = best.text.splitlines()[0].strip().rstrip(".")
    return line[:1].lower() + line[1:]
