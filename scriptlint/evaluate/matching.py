"""`match`: which case runs, and what its pattern binds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scriptlint.evaluate import attributes, classes, containers, keys, kinds, symbols
from scriptlint.evaluate.frames import End, Frame, Raised, condition_text, negate
from scriptlint.evaluate.values import (
    ClassValue,
    Const,
    ExternalValue,
    Instance,
    Items,
    Mapping,
    Some,
    Symbol,
    TensorValue,
    Unknown,
    Value,
)
from scriptlint.program.module import Class
from scriptlint.syntax import nodes as n

if TYPE_CHECKING:
    from scriptlint.evaluate.evaluator import Evaluator

# Classes of which a pattern with one part matches the object itself.
_WHOLE = frozenset(
    f"builtins.{name}" for name in "bool bytearray bytes dict float frozenset int list set str tuple".split()
)
_ABSTRACT = ("collections.abc", "typing")
_SEQUENCES = frozenset(
    {"builtins.list", "builtins.tuple", "collections.UserList", "collections.deque"}
    | {f"{one}.{name}" for one in _ABSTRACT for name in ("Sequence", "MutableSequence", "List", "NamedTuple")}
)
_MAPPINGS = frozenset(
    {
        "builtins.dict",
        "collections.OrderedDict",
        "collections.defaultdict",
        "collections.UserDict",
        "collections.Counter",
    }
    | {f"{one}.{name}" for one in _ABSTRACT for name in ("Mapping", "MutableMapping", "Dict", "TypedDict")}
)


def run(ev: Evaluator, node: n.Match, frame: Frame) -> End | None:
    """Run a `match` statement."""
    subject = ev.evaluate(node.subject, frame)
    for case in node.cases:
        answer = _fits(ev, subject, case.pattern, frame)
        if answer is None:
            text = _condition(node, case.pattern, frame)
            question = (frame.module.path, case.pattern.start, case.pattern.end)
            answer = ev.path.choose(question, (text, negate(text))) == 0
        if answer and (case.guard is None or ev.decide(case.guard, frame)):
            return ev.block(case.body, frame)
    return None


def _condition(node: n.Match, pattern: n.Pattern, frame: Frame) -> str:
    word = "==" if pattern.kind == "value" else "is" if pattern.kind == "singleton" else "matches"
    return condition_text(f"{frame.text(node.subject)} {word} {frame.module.source.text[pattern.start : pattern.end]}")


def _fits(ev: Evaluator, subject: Value, pattern: n.Pattern, frame: Frame) -> bool | None:
    """Return whether a value fits a pattern, and bind its names; None where that is not known."""
    subject = ev.resolved(subject)
    match pattern.kind:
        case "any" | "as":
            answer = _all([_fits(ev, subject, one, frame) for one in pattern.parts])
            _bind(ev, pattern, subject, frame)
            return answer
        case "or":
            undecided = False
            for one in pattern.parts:
                answer = _fits(ev, subject, one, frame)
                if answer:
                    return True
                undecided = undecided or answer is None
            return None if undecided else False
        case "value" | "singleton":
            assert pattern.value is not None
            operator = "==" if pattern.kind == "value" else "is"
            wanted = ev.evaluate(pattern.value, frame)
            result = symbols.compared(ev, operator, subject, wanted, pattern.value, frame)
            return bool(result.value) if isinstance(result, Const) else None
        case "sequence":
            return _sequence(ev, subject, pattern, frame)
        case "mapping":
            return _mapping(ev, subject, pattern, frame)
        case _:
            return _class(ev, subject, pattern, frame)


def _is_plain(ev: Evaluator, subject: Value, containers: frozenset[str]) -> bool:
    """Return True for an object whose class derives from none of some classes."""
    if not isinstance(subject, Instance) or not isinstance(subject.cls, Class):
        return False
    return not ev.classes.lineage(subject.cls).unseen and not classes.bases(ev, subject.cls) & containers


def _all(answers: list[bool | None]) -> bool | None:
    return False if False in answers else None if None in answers else True


def _bind(ev: Evaluator, pattern: n.Pattern, value: Value, frame: Frame) -> None:
    if pattern.bound is not None:
        ev.bind_name(pattern.bound.id, value, frame)


def _lost(ev: Evaluator, pattern: n.Pattern, frame: Frame) -> None:
    for one in pattern.all():
        _bind(ev, one, Unknown("part of a pattern"), frame)


def _sequence(ev: Evaluator, subject: Value, pattern: n.Pattern, frame: Frame) -> bool | None:
    if isinstance(subject, (Const, Some, Mapping, TensorValue)) or _is_plain(ev, subject, _SEQUENCES):
        return False
    items = subject if isinstance(subject, Items) else None
    if isinstance(subject, Symbol) and subject.kind in ("list", "tuple"):
        items = symbols.elements(ev, subject)
    if items is not None and items.kind in ("set", "iterator"):
        return False
    if items is None or not items.exact:
        _lost(ev, pattern, frame)
        return None
    star = next((at for at, one in enumerate(pattern.parts) if one.kind == "star"), None)
    count = len(pattern.parts)
    if len(items.items) != count if star is None else len(items.items) < count - 1:
        return False
    if star is None:
        return _all([_fits(ev, one, part, frame) for one, part in zip(items.items, pattern.parts, strict=True)])
    after = count - star - 1
    middle = items.items[star : len(items.items) - after]
    _bind(ev, pattern.parts[star], Items("list", list(middle)), frame)
    outer = [*items.items[:star], *items.items[len(items.items) - after :]]
    parts = [*pattern.parts[:star], *pattern.parts[star + 1 :]]
    return _all([_fits(ev, one, part, frame) for one, part in zip(outer, parts, strict=True)])


def _mapping(ev: Evaluator, subject: Value, pattern: n.Pattern, frame: Frame) -> bool | None:
    if isinstance(subject, (Const, Some, Items, TensorValue)) or _is_plain(ev, subject, _MAPPINGS):
        return False
    mapping = containers.as_mapping(ev, subject) if isinstance(subject, (Mapping, Instance)) else None
    if mapping is None or not mapping.exact:
        _lost(ev, pattern, frame)
        return None
    left = dict(mapping.items)
    answers: list[bool | None] = []
    for node, part in zip(pattern.keys, pattern.parts, strict=True):
        key = keys.key_in(ev, ev.evaluate(node, frame), mapping)
        if key is keys.NO_KEY:
            _lost(ev, part, frame)
            answers.append(None)
        elif key not in left:
            return False
        else:
            answers.append(_fits(ev, left.pop(key), part, frame))
    _bind(ev, pattern, Mapping(left), frame)
    return _all(answers)


def _class(ev: Evaluator, subject: Value, pattern: n.Pattern, frame: Frame) -> bool | None:
    assert pattern.value is not None
    asked = ev.resolved(ev.evaluate(pattern.value, frame))
    if isinstance(subject, Symbol):
        answer: bool | None = symbols.is_instance(ev, subject, asked, frame.text(pattern.value))
    else:
        answer = kinds.is_instance(ev, subject, asked)
    if answer is False:
        return False
    positional = len(pattern.parts) - len(pattern.names)
    if positional == 1 and isinstance(asked, ExternalValue) and asked.name in _WHOLE:
        return _all([answer, _fits(ev, subject, pattern.parts[0], frame)])
    names = _match_args(ev, asked) if positional else []
    if names is None or len(names) < positional:
        _lost(ev, pattern, frame)
        return None
    answers: list[bool | None] = [answer]
    for name, part in zip([*names[:positional], *pattern.names], pattern.parts, strict=True):
        try:
            value = attributes.load(ev, subject, name, pattern.value, frame)
        except Raised:
            return False
        answers.append(_fits(ev, value, part, frame))
    return _all(answers)


def _match_args(ev: Evaluator, asked: Value) -> list[str] | None:
    """Return the attributes that the parts of a pattern are for, by the class; None where they are not known."""
    if not isinstance(asked, ClassValue):
        return None
    own = ev.resolved(ev.attribute(asked, "__match_args__"))
    if isinstance(own, Items) and own.exact:
        texts = [ev.resolved(one) for one in own.items]
        return [str(one.value) for one in texts if isinstance(one, Const)]
    if classes.is_named_tuple(ev, asked.symbol):
        return [name for name, *_ in classes.tuple_fields(ev, asked.symbol)]
    return classes.field_names(ev, asked.symbol) if classes.is_dataclass(ev, asked.symbol) else None
