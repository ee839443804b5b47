"""Calls of functions as text, and what they give: see program/answers.

Text can say what is made of tensors, sizes and constants. What leads to objects, or to files and what they hold, is more.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence, Sized
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from scriptlint.evaluate.values import Const, Instance
from scriptlint.program.answers import asked
from scriptlint.program.module import Function
from scriptlint.trace.summaries import Summary
from scriptlint.trace.values import Kind, Length, Traced, Why

if TYPE_CHECKING:
    from scriptlint.trace.flow import Flow

# The fields of a value that text says as they are.
_PLAIN = tuple("truth sure fixed constant weights said keys mixed".split())


class More(Exception):
    """A value is more than text can say."""


# What a function sees of the trace that is being made, beside its arguments.
_SURROUNDINGS = ("outputs", "rooted", "certain", "evaluated", "exporting", "checked", "loops")

Given = tuple[Instance | None, Sequence[Traced], dict[str, Traced], bool, bool, bool]
"""The object and the arguments of a call, and whether they are exact, and those of the top, and of the root."""


@contextmanager
def asked_of(flow: Flow, function: Function, given: Given, is_plain: bool) -> Iterator[list[Summary]]:
    """Let the block follow a call and leave its summary in a list, which the function answers if text can say it."""
    question = _question(flow, given) if is_plain else None
    left, steps = _left(flow), flow.budget.steps
    found: list[Summary] = []
    with asked(function) as one:
        yield found
        if question is not None and found and left == _left(flow) and flow.budget.is_leaf(steps):
            one.question, one.answer = question, _answer(found[0])


def settle(flow: Flow) -> None:
    """Have all functions of a long trace count as read: how long they are decides what of it is followed."""
    for followed in {key[0] for key in flow.summaries.known} if flow.budget.is_tight else ():
        if isinstance(followed, Function):
            followed.node.is_read = True


def ask(flow: Flow, function: Function, question: str) -> None:
    """Call a function as a question says, in a flow that has followed nothing."""
    surroundings, flow.undecided, how, arguments, keywords = ast.literal_eval(question)
    for name, value in zip(_SURROUNDINGS, surroundings, strict=True):
        setattr(flow, name, value)
    exact, top, root = how
    given = {key: _traced(one) for key, one in keywords.items()}
    call = partial(flow.call, function, None, [*map(_traced, arguments)], given, exact=exact, top=top, root=root)
    flow.aside(call)


def _left(flow: Flow) -> tuple[int, ...]:
    """Return what changes when following a function leaves more behind than its summary."""
    met: tuple[Sized, ...] = (flow.registered, flow.modules, flow.made, flow.summaries.plain, flow.memory.used)
    return (*map(len, met), flow.machine.evaluator.namespaces.executed)


def _question(flow: Flow, given: Given) -> str | None:
    """Return what a call asks of a function; None where text cannot say it."""
    instance, arguments, keywords, *how = given
    if instance is not None or flow.memory.key != (False,) or flow.observer is not None:
        return None
    surroundings = [getattr(flow, name) for name in _SURROUNDINGS]
    try:
        positional, named = [*map(_data, arguments)], {key: _data(one) for key, one in keywords.items()}
    except More:
        return None
    return repr([surroundings, min(flow.undecided, 1), how, positional, named])


def _answer(summary: Summary) -> str | None:
    """Return what a call gives; None where text cannot say it."""
    if summary.found or summary.effects.stored:
        return None
    reads = sorted({name for name, _, _ in summary.effects.reads})
    try:
        return repr([_data(summary.result), sorted(summary.unseen), sorted(summary.assumed), reads])
    except More:
        return None


def _data(one: Traced) -> list[Any]:
    if one.scope is not None or not isinstance(one.value, Const | None):
        raise More
    return [
        one.kind.name,
        None if one.why is None else one.why.name,
        one.length.name,
        None if one.value is None else [one.value.value],
        None if one.items is None else [*map(_data, one.items)],
        None if one.item is None else _data(one.item),
        [getattr(one, name) for name in _PLAIN],
    ]


def _traced(data: list[Any]) -> Traced:
    kind, why, length, value, items, item, plain = data
    return Traced(
        Kind[kind],
        why=None if why is None else Why[why],
        length=Length[length],
        value=None if value is None else Const(*value),
        items=None if items is None else tuple(map(_traced, items)),
        item=None if item is None else _traced(item),
        **dict(zip(_PLAIN, plain, strict=True)),
    )
