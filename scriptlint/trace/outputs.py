"""What a traced function returns (trace-hazards.md 1.5 and 2.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scriptlint.diag import Severity
from scriptlint.evaluate.values import ClassValue, Const, Instance, PythonObject
from scriptlint.program.module import Function
from scriptlint.program.project import External
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk_scope
from scriptlint.trace import classes, iteration
from scriptlint.trace.frames import Frame
from scriptlint.trace.hazards import hazard
from scriptlint.trace.values import Kind, Length, Traced

if TYPE_CHECKING:
    from scriptlint.trace.entry import Entry
    from scriptlint.trace.flow import Flow

OUTPUT = hazard(
    "SL862",
    "output-not-tensor",
    "`{text}` returns {found}, and a trace returns tensors, and tuples of them",
    "return tensors in a tuple or NamedTuple; leave out what is none",
    "Only tensors, lists, tuples of tensors, or dictionary of tensors|Encountering a dict at the output"
    "|didn't return any values|Tracer cannot infer type|cannot be understood by the tracer",
    Severity.ERROR,
)

LIST_OUTPUT = hazard(
    "SL863",
    "list-output",
    "`{text}` returns a list, of which the trace keeps the length; torch warns of it",
    "return a tuple",
    "Encountering a list at the output of the tracer",
    Severity.NOTE,
)

SIZE_OUTPUT = hazard(
    "SL864",
    "size-output",
    "`{text}` returns a size, which the traced program returns as a tensor",
    "return tensors alone; the caller can ask them for their sizes",
)


LOOSE_OUTPUT = hazard(
    "SL879",
    "loose-output",
    "with `strict=False` the trace returns `{text}` as its example did, {kept}; torch does not warn",
    "return a tuple or NamedTuple, whose parts every call gives",
    severity=Severity.NOTE,
)


def judge(flow: Flow, function: Function, result: Traced, frame: Frame, entry: Entry) -> None:
    """Report what a trace cannot return; only what every way out of the function returns is known."""
    strict = entry.keywords.get("strict") != Const(False)
    returns = [one for one in walk_scope(function.node.body) if isinstance(one, n.Return)]
    if result.mixed and result.kind in (Kind.SEQUENCE, Kind.MAPPING):
        return
    if any(isinstance(one, (n.Yield, n.YieldFrom)) for one in walk_scope(function.node.body)):
        return
    if len(returns) == 1 and returns[0].value is not None:
        at: n.Node = returns[0].value
    else:
        at = n.Name(function.node.name_start, function.node.name_start + len(function.node.name), function.node.name)
    text = frame.text(at)
    found = _unreturnable(flow, result)
    severity = flow.refusal
    if found is None and strict and _holds_dictionary(result):
        found = "a dictionary, which needs `strict=False`"
    if found is None and result.kind is Kind.MAPPING:
        found = _unreturnable_dictionary(result, _dictionaries(at, function))
    if found is None and result.kind is Kind.SEQUENCE:
        dictionaries = [one for one in _parts(result) if one.kind is Kind.MAPPING]
        found = next(
            filter(None, (_unreturnable_dictionary(one, _dictionaries(at, function)) for one in dictionaries)), None
        )
    if found is None and len(returns) == 1 and isinstance(returns[0].value, (n.List, n.ListComp)):
        if any(one.kind is Kind.MAPPING or (one.kind is Kind.SEQUENCE and not one.is_shape) for one in _parts(result)):
            found = "a list that holds more than tensors"
    if found is None and result.kind is Kind.SEQUENCE and result.items == () and result.item is None:
        found = None if isinstance(returns[0].value, n.Tuple) else "nothing that is a tensor"
    generator = len(returns) == 1 and isinstance(returns[0].value, n.GeneratorExp)
    if generator:
        found = "a generator"
    if found is not None:
        flow.say(OUTPUT, frame, at, severity, text=text, found=found)
        return
    if result.length in (Length.SPLIT, Length.PARTS):
        iteration.counted(flow, result, at, frame)  # type: ignore[arg-type]  # it is an expression where there is one return
    parts = result.items if result.kind is Kind.SEQUENCE and result.items is not None else (result,)
    if result.is_shape or any((one.kind is Kind.SIZE and one.sure) or one.is_shape for one in parts):
        flow.say(SIZE_OUTPUT, frame, at, text=text)
    returns_list = len(returns) == 1 and isinstance(returns[0].value, (n.List, n.ListComp))
    if returns_list and strict:
        flow.say(LIST_OUTPUT, frame, at, text=text)
    elif returns_list or result.kind is Kind.MAPPING:
        kept = "with as many items" if returns_list else "under the same keys"
        flow.say(LOOSE_OUTPUT, frame, at, text=text, kept=kept)


def _dictionaries(at: n.Node, function: Function) -> list[n.Dict]:
    """Return the literals that are returned, by themselves, in a tuple or under a name."""
    if isinstance(at, n.Tuple):
        return [literal for one in at.elts for literal in _dictionaries(one, function)]
    if isinstance(at, n.Name):
        return [one.value for one in function.scope.bindings.get(at.id, ()) if isinstance(one.value, n.Dict)]
    return [at] if isinstance(at, n.Dict) else []


def _unreturnable_dictionary(result: Traced, literals: list[n.Dict]) -> str | None:
    """Return what is wrong with a dictionary, which must have texts for keys, and tensors or tuples of them for values."""
    if isinstance(result.value, ClassValue):
        return f"an object of `{result.value.symbol.node.name}`"
    if any(one.kind is Kind.MAPPING for one in _parts(result)):
        return "a dictionary of dictionaries"
    sequences = [one for one in _parts(result) if one.kind is Kind.SEQUENCE]
    if sequences and any(isinstance(one, (n.List, n.ListComp)) for literal in literals for one in literal.values):
        return "a dictionary of lists"
    if any(one.is_tensor and not one.mixed for one in _parts(result)) and not all(one.mixed for one in sequences):
        return "a dictionary of both tensors and tuples"
    keys = [key for literal in literals for key in literal.keys] if result.keys is None else []
    if any(isinstance(one, n.Constant) and one.kind != "str" for one in keys):
        return "a dictionary whose keys are not texts"
    return "nothing that is a tensor" if result.items == () and result.item is None else None


def _parts(value: Traced) -> tuple[Traced, ...]:
    return value.items if value.items is not None else (value.item,) if value.item is not None else ()


def _holds_dictionary(value: Traced) -> bool:
    parts = value.items or () if value.kind is Kind.SEQUENCE else ()
    return value.kind is Kind.MAPPING or any(map(_holds_dictionary, parts))


def _unreturnable(flow: Flow, value: Traced, inside: bool = False) -> str | None:
    if value.kind is Kind.PYTHON:
        if value.truth is False and (value.value is None or value.value == Const(None)):
            return "None" if value.value == Const(None) else None
        if isinstance(value.value, Const):
            return "None" if value.value.value is None else f"a {type(value.value.value).__name__}"
        return None
    if value.kind is Kind.BAKED:
        return "a value of Python"
    if value.kind is Kind.OBJECT and isinstance(value.value, PythonObject):
        return f"an object of `{value.value.kind}`"
    if value.kind is Kind.OBJECT and isinstance(value.value, Instance):
        symbol = value.value.cls
        is_known = isinstance(symbol, External) or classes.is_plain(flow, symbol) or flow.classes.is_module(symbol)
        return f"an object of `{value.value.class_name}`" if is_known else None
    if value.kind is Kind.SEQUENCE and not value.is_shape:
        if inside and value.items == () and value.item is None:
            return "an empty list or tuple"
        inner = value.items if value.items is not None else ()
        return next((found for one in inner if (found := _unreturnable(flow, one, inside=True)) is not None), None)
    return None
