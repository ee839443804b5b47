"""What `operator` makes to get attributes, items and results, as the lambdas that they stand for; and the text of `eval`."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from scriptlint.evaluate import plain
from scriptlint.evaluate.arguments import Arguments
from scriptlint.evaluate.frames import Frame
from scriptlint.evaluate.values import Const, LambdaValue, Unknown, Value
from scriptlint.syntax import nodes as n

if TYPE_CHECKING:
    from scriptlint.evaluate.evaluator import Evaluator

_DOTTED = re.compile(r"\s*[^\W\d]\w*(\.[^\W\d]\w*)*\s*")
_LONGEST = 400


def dotted(text: str) -> n.Expr:
    """Return the expression of a dotted name."""
    first, *rest = text.split(".")
    made: n.Expr = n.Name(0, len(first), first)
    for one in rest:
        made = n.Attribute(0, made.end + 1 + len(one), made, one)
    return made


def evaluated(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    """Return what `eval` gives of a name or a literal; unknown for any other text."""
    text = ev.resolved(given.first())
    if frame is None or not isinstance(text, Const) or not isinstance(text.value, str) or len(given.all()) != 1:
        return Unknown("`eval`")
    code = text.value.strip()
    if _DOTTED.fullmatch(code) and code not in ("None", "True", "False"):
        inner = Frame(frame.place, frame.variables, frame.outer, frame.owner, frame.receiver, outside=code)
        return ev.evaluate(dotted(code), inner)
    try:
        return plain.of_python(ast.literal_eval(code[:_LONGEST])) or Unknown("`eval`")
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return Unknown("`eval`")


def attrgetter(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    """Return `lambda o: o.a.b` for `attrgetter("a.b")`."""
    names = [ev.resolved(one) for one in given.positional]
    texts = [one.value for one in names if isinstance(one, Const) and isinstance(one.value, str)]
    if len(texts) != len(names):
        return Unknown("`operator.attrgetter`")
    return _getter([dotted(f"o.{one}") for one in texts], frame, "attrgetter")


def itemgetter(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    """Return `lambda o: o[key]` for `itemgetter(key)`."""
    keys = [_literal(ev.resolved(one)) for one in given.positional]
    known = [one for one in keys if one is not None]
    if len(known) != len(keys):
        return Unknown("`operator.itemgetter`")
    return _getter([n.Subscript(0, 0, n.Name(0, 0, "o"), one) for one in known], frame, "itemgetter")


def methodcaller(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    """Return `lambda o: o.name(...)` for `methodcaller("name", ...)`."""
    name, *rest = map(ev.resolved, given.positional) if given.positional else (Unknown(),)
    arguments = [_literal(one) for one in rest]
    known: list[n.Expr] = [one for one in arguments if one is not None]
    named = isinstance(name, Const) and isinstance(name.value, str)
    if not named or len(known) != len(arguments) or given.keywords:
        return Unknown("`operator.methodcaller`")
    assert isinstance(name, Const)
    return _getter([n.Call(0, 0, dotted(f"o.{name.value}"), known, [])], frame, "methodcaller")


def _literal(value: Value) -> n.Constant | None:
    if not isinstance(value, Const):
        return None
    kind = "none" if value.value is None else type(value.value).__name__
    return n.Constant(0, 0, kind, value.value)


def _getter(parts: Sequence[n.Expr], frame: Frame | None, name: str) -> Value:
    if frame is None or not parts:
        return Unknown(f"`operator.{name}`")
    body = parts[0] if len(parts) == 1 else n.Tuple(0, 0, list(parts))
    parameters = n.Arguments(0, 0, [], [n.Parameter(0, 0, "o", None, None)], None, [], None)
    return LambdaValue(n.Lambda(0, 0, parameters, body), frame.place)


TABLE: dict[str, Callable[[Evaluator, Arguments, n.Node | None, Frame | None], Value]] = {
    "operator.attrgetter": attrgetter,
    "operator.itemgetter": itemgetter,
    "operator.methodcaller": methodcaller,
}
