"""Going through sequences, and taking things out of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from scriptlint.evaluate.values import Const, ExternalValue, Held, Instance, TensorValue, choice
from scriptlint.program.module import Class, ModuleInfo
from scriptlint.syntax import nodes as n
from scriptlint.trace import frozen, hazards, objects
from scriptlint.trace.expressions import evaluate, used
from scriptlint.trace.frames import Frame, fills, scripted
from scriptlint.trace.values import (
    PYTHON,
    SIZE,
    UNKNOWN,
    Kind,
    Length,
    Traced,
    Why,
    join_all,
    many,
    sequence,
)

if TYPE_CHECKING:
    from scriptlint.trace.flow import Flow

_CONTAINERS = frozenset(f"torch.nn.{name}" for name in ("Sequential", "ModuleList", "ModuleDict", "ParameterList"))
_ROUNDS = 8
_ROUNDS_OF_OBJECTS = 64  # layers differ in what they do, numbers hardly ever


def judge(flow: Flow, value: Traced, node: n.Expr, frame: Frame) -> None:
    """Report what is gone through as often as the example says."""
    text = frame.text(node)
    if value.is_tensor:
        if value.fixed:
            flow.say(frozen.HARMLESS_WARNING, frame, node, text=text)
        else:
            flow.say(hazards.TENSOR_ITERATION, frame, node, iterated=text)
    elif value.kind is Kind.SIZE or (value.kind is Kind.BAKED and not value.said and value.why is Why.SIZE):
        flow.say(hazards.SIZE_LOOP, frame, node, fix=scripted(frame), iterated=text)
    elif value.kind is Kind.MAPPING and value.length is Length.EXAMPLE and flow.rooted:
        flow.say(frozen.KEY_TEST, frame, node, test=text)
    elif value.kind is Kind.SEQUENCE:
        if value.length is Length.RANGE:
            flow.say(hazards.SIZE_LOOP, frame, node, fix=scripted(frame), iterated=text)
        else:
            counted(flow, value, node, frame)


def judge_rank(flow: Flow, value: Traced, node: n.Expr, frame: Frame) -> None:
    """Report a range over the dimensions where it is gone through; as a list of them it is meant as it is."""
    if value.length is Length.DIMENSIONS:
        flow.say(hazards.RANK_BRANCH, frame, node, test=frame.text(node))


def counted(flow: Flow, value: Traced, node: n.Expr, frame: Frame) -> None:
    """Report a use of all items of a sequence whose length is the example's."""
    if value.kind is not Kind.SEQUENCE:
        return
    if value.length in (Length.SPLIT, Length.PARTS):
        flow.say(hazards.FIXED_SPLIT, frame, node, text=frame.text(node))
    elif value.length is Length.EXAMPLE and flow.rooted and not _is_counted(flow, frame):
        flow.say(hazards.FIXED_LENGTH, frame, node, text=frame.text(node))


def _is_counted(flow: Flow, frame: Frame) -> bool:
    """Return True if this is reported in the function: what is wrong is its signature."""
    around = frame.place.tree if isinstance(frame.place, ModuleInfo) else frame.place.node
    said = [one for one in flow.findings() if one.rule is hazards.FIXED_LENGTH and one.module is frame.module]
    return any(one.when is None and around.start <= one.node.start < around.end for one in said)


def rounds(flow: Flow, value: Traced) -> list[Traced]:
    """Return what the target of a loop is given, each once."""
    if value.kind is Kind.OBJECT and isinstance(value.value, Instance):
        given = objects.special(flow, value.value, "__iter__", [])
        if given is not None and given.kind is Kind.OBJECT and isinstance(given.value, Instance):
            return [objects.special(flow, given.value, "__next__", []) or UNKNOWN]  # an iterator, often of itself
        if given is not None:
            return rounds(flow, given)
        held = _children(flow, value.value)
        return held if held or _is_empty_container(flow, value.value) else [UNKNOWN]
    if value.items is not None:
        if not value.items:
            return []
        distinct = list(dict.fromkeys(value.items))
        limit = _ROUNDS_OF_OBJECTS if any(map(_has_object, distinct)) else _ROUNDS
        return distinct if len(distinct) <= limit else [join_all(distinct)]
    match value.kind:
        case Kind.TENSOR:
            return [replace(value, truth=None)]
        case Kind.SEQUENCE:
            return [value.element()]
        case Kind.MAPPING:
            return [PYTHON]
        case Kind.PYTHON | Kind.BAKED:
            return [PYTHON]
        case _:
            return [UNKNOWN]


def _has_object(value: Traced) -> bool:
    return value.kind is Kind.OBJECT or any(map(_has_object, value.items or ()))


def generated(
    flow: Flow, generators: Sequence[n.Comprehension], element: n.Expr, frame: Frame
) -> tuple[Length, list[Traced], bool]:
    """Return the length and the items of a comprehension, and whether these are all of them, in order."""
    from scriptlint.trace import decisions
    from scriptlint.trace.statements import assign

    if not generators:
        return Length.PYTHON, [evaluate(flow, element, frame)], True
    first, rest = generators[0], generators[1:]
    iterated = evaluate(flow, first.iter, frame)
    judge(flow, iterated, first.iter, frame)
    kept = iterated.kind is Kind.SEQUENCE and iterated.length in (Length.RANK, Length.DIMENSIONS)
    length = iterated.length if kept else Length.PYTHON
    made: dict[Traced, list[Traced]] = {}
    exact = iterated.items is not None
    for item in rounds(flow, iterated):
        assign(flow, first.target, item, frame, None)
        tests = [decisions.decide(flow, one, frame)[0].truth for one in first.ifs]
        if False in tests:
            made[item] = []
            continue
        _, made[item], inner = generated(flow, rest, element, frame)
        exact = exact and inner and None not in tests
    if exact and all(one in made for one in iterated.items or ()):
        return length, [one for item in iterated.items or () for one in made[item]], True
    return length, [one for items in made.values() for one in items], False


# Subscripts


def subscript(flow: Flow, node: n.Subscript, frame: Frame) -> Traced:
    """Return what `owner[key]` gives."""
    owner = evaluate(flow, node.value, frame)
    key = evaluate(flow, node.slice, frame)
    if key.why is Why.TEXT:
        used(flow, key, node, frame)
    elif key.why is Why.RANK and not key.said:
        _by_rank(flow, node, owner, frame)
    if owner.kind is Kind.TENSOR:
        return replace(
            owner,
            truth=None,
            fixed=owner.fixed and key.kind is Kind.PYTHON,
            constant=owner.constant and key.kind is Kind.PYTHON,
        )
    if owner.kind in (Kind.SEQUENCE, Kind.OBJECT, Kind.PYTHON, Kind.MAPPING):
        parts = key.items if key.kind is Kind.SEQUENCE and key.items else (key,)
        if any(one.is_linked and not one.fixed for one in parts):
            return _indexed(flow, node, owner, key, frame)
    if owner.kind is Kind.SEQUENCE:
        return _of_sequence(flow, node, owner, key, frame)
    if owner.kind is Kind.MAPPING:
        return objects.item(owner, key)
    if owner.kind is Kind.OBJECT:
        if owner.value == ExternalValue("os.environ"):
            flow.say(frozen.SURROUNDINGS, frame, node, text=frame.text(node))
            return PYTHON
        given = objects.special(flow, owner.value, "__getitem__", [key]) if owner.value is not None else None
        return given if given is not None else _of_object(flow, owner, key, node)
    if owner.kind is Kind.PYTHON:
        return key if key.kind is Kind.BAKED else PYTHON
    return owner if owner.why is Why.TEXT else UNKNOWN


def _by_rank(flow: Flow, node: n.Subscript, owner: Traced, frame: Frame) -> None:
    """Report what is looked up by a number of dimensions: a size, or an entry of a dictionary."""
    if owner.is_shape and not isinstance(node.slice, n.Slice):
        flow.say(hazards.RANK_NUMBER, frame, node.slice, text=frame.text(node.slice))
    elif owner.kind is Kind.MAPPING:
        flow.say(hazards.RANK_BRANCH, frame, node, test=frame.text(node))


def _indexed(flow: Flow, node: n.Subscript, owner: Traced, key: Traced, frame: Frame) -> Traced:
    """Something of Python is indexed by a tensor or a size."""
    if owner.kind is Kind.MAPPING:
        if key.kind is Kind.SIZE and owner.element().kind is not Kind.UNKNOWN and not fills(frame, node.value):
            flow.say(hazards.SIZE_TYPE, frame, node, text=frame.text(node))
        return owner.picked()
    if owner.kind is Kind.OBJECT and not isinstance(owner.value, Instance):
        return UNKNOWN
    flow.say(hazards.TENSOR_INDEX, frame, node, text=frame.text(node))
    if owner.kind is Kind.OBJECT and isinstance(owner.value, Instance):
        return _any_child(flow, owner.value)
    return owner.picked() if owner.kind is Kind.SEQUENCE else PYTHON


def _of_sequence(flow: Flow, node: n.Subscript, owner: Traced, key: Traced, frame: Frame) -> Traced:
    place = key.value.value if isinstance(key.value, Const) else None
    if owner.length is Length.RANGE and not (isinstance(place, int) and place >= 0):
        flow.say(hazards.TENSOR_INDEX, frame, node, text=frame.text(node))
    one_part = owner.length in (Length.PARTS, Length.EXAMPLE) and isinstance(key.value, Const)
    if not one_part:
        counted(flow, owner, node, frame)
    if isinstance(node.slice, n.Slice):
        if owner.items is not None:
            bounds = [_number(flow, one, frame) for one in (node.slice.lower, node.slice.upper, node.slice.step)]
            if all(one is not False for one in bounds):
                lower, upper, step = bounds
                if step != 0:
                    return sequence(owner.items[lower:upper:step], owner.length)
        return many(owner.element(), owner.length if owner.is_shape else Length.PYTHON)
    if owner.items is not None and isinstance(key.value, Const) and isinstance(key.value.value, int):
        if -len(owner.items) <= key.value.value < len(owner.items):
            return owner.items[key.value.value]
    if owner.is_shape and owner.items is None:
        return owner.picked() if owner.item else SIZE
    return owner.picked()


def _number(flow: Flow, node: n.Expr | None, frame: Frame) -> int | bool | None:
    """Return a bound of a slice; False where it is not known."""
    if node is None:
        return None
    value = evaluate(flow, node, frame).value
    return value.value if isinstance(value, Const) and isinstance(value.value, (int, type(None))) else False


def _of_object(flow: Flow, owner: Traced, key: Traced, node: n.Subscript) -> Traced:
    if not isinstance(owner.value, Instance):
        return objects.from_object(flow, owner.value) if owner.value is None else UNKNOWN
    if isinstance(node.slice, n.Slice):
        return owner
    if isinstance(key.value, Const):
        held = _under_key(owner.value, key.value.value)
        if len(held) == 1:
            return objects.from_object(flow, held[0].value)
        if held:
            return Traced(Kind.OBJECT, choice(held))
        return UNKNOWN
    return _any_child(flow, owner.value)


def _under_key(instance: Instance, key: object) -> list[Held]:
    """Return what a container of modules holds: a number counts its children, whatever their names."""
    if isinstance(key, int) and not instance.open:
        children = [name for name, _ in instance.submodules()] or [one for one in instance.attributes if one.isdigit()]
        if len(set(children)) == len(children):
            return instance.held(children[key]) if -len(children) <= key < len(children) else []
    return instance.held(str(key))


def _children(flow: Flow, instance: Instance) -> list[Traced]:
    """Return what a container holds: modules, or parameters."""
    children = [Traced(Kind.OBJECT, held.value) for _, held in instance.submodules()]
    held = [one.value for options in instance.attributes.values() for one in options]
    return children or [objects.from_object(flow, one) for one in held if isinstance(one, TensorValue)]


def _is_empty_container(flow: Flow, instance: Instance) -> bool:
    """Return True for a Sequential or list of modules that surely holds none: of the object that is asked for."""
    cls = instance.cls
    names = {one.name for one in flow.classes.lineage(cls).externals} if isinstance(cls, Class) else {cls.name}
    return flow.certain and not instance.open and bool(names & _CONTAINERS)


def _any_child(flow: Flow, instance: Instance) -> Traced:
    children = [held for _, held in instance.submodules()]
    if not children:
        return join_all(_children(flow, instance))
    return Traced(Kind.OBJECT, choice(Held(one.value) for one in children))
