"""Calls of Python's own functions, of `math`, `random`, NumPy and the like, while a trace is made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from scriptlint.evaluate import classes as python_classes
from scriptlint.evaluate.values import ClassValue, Const, ExternalValue, Instance, PythonObject, TupleClass
from scriptlint.fixes import tracing
from scriptlint.instances.python_objects import RANDOM_GENERATORS
from scriptlint.syntax import nodes as n
from scriptlint.text import Safety
from scriptlint.trace import frozen, hazards, iteration, library, objects, reflection, state
from scriptlint.trace.expressions import used
from scriptlint.trace.frames import Frame
from scriptlint.trace.schemas import Arguments
from scriptlint.trace.values import (
    NONE,
    PYTHON,
    UNKNOWN,
    Kind,
    Length,
    Traced,
    Why,
    arithmetic,
    baked,
    is_module,
    join_all,
    many,
    sequence,
)

if TYPE_CHECKING:
    from scriptlint.trace.flow import Flow

_CONVERSIONS = frozenset("int float bool complex".split())
_INDEXED = frozenset({"operator.index", "itertools.islice", "itertools.repeat"})
_COMBINING = frozenset(
    f"itertools.{name}" for name in "chain product combinations permutations zip_longest pairwise".split()
)
RANDOM = ("random.", "numpy.random.", "secrets.")
_SURROUNDINGS = ("os.environ", "os.getenv", "datetime.", "uuid.", "os.urandom")
_PICKS = frozenset({"min", "max", "sorted"})
_THROUGH = frozenset({"list", "tuple", "reversed", "enumerate", "zip", "iter", "map", "filter"})


def call(flow: Flow, name: str, given: Arguments, node: n.Call, frame: Frame) -> Traced:
    """Return what a call of something of Python or NumPy gives."""
    if name.startswith("builtins."):
        return _builtin(flow, name.removeprefix("builtins."), given, node, frame)
    text = frame.text(node)
    values = _flat(given.values)
    if name.startswith("math."):
        return _math(flow, name, given, node, frame)
    if name.startswith(RANDOM):
        if name in RANDOM_GENERATORS:  # with a seed it gives the same numbers each time
            return PYTHON if given.values else Traced(Kind.OBJECT, PythonObject(RANDOM_GENERATORS[name]))
        if name.rpartition(".")[2] in ("seed", "getstate", "setstate"):
            return PYTHON
        return drawn(flow, node, frame)
    if name.startswith("numpy."):
        linked = [one for one in values if one.is_linked and not one.fixed]
        if linked:
            flow.say(hazards.NUMPY, frame, node, text=text)
            return baked((linked[0].kind is Kind.SIZE and Why.SIZE) or Why.CONTENT, True)
        return PYTHON if all(one.kind in (Kind.PYTHON, Kind.BAKED) for one in values) else UNKNOWN
    if name.startswith("time."):
        return PYTHON if name == "time.sleep" else baked(Why.TIME)  # mostly it is only printed
    if name.startswith(_SURROUNDINGS):
        flow.say(frozen.SURROUNDINGS, frame, node, text=text)
        return PYTHON
    if name in _INDEXED:
        if any(one.kind in (Kind.SIZE, Kind.TENSOR) and one.is_linked and not one.fixed for one in values):
            flow.say(hazards.TENSOR_INDEX, frame, node, text=text)
            return many(PYTHON) if name.startswith("itertools") else baked(Why.SIZE, True)
        return UNKNOWN
    if name == "functools.reduce":
        if len(given.positional) < 2:
            return UNKNOWN
        value, at = given.positional[1]
        iteration.judge(flow, value, at, frame)
        return value.element() if value.kind is Kind.SEQUENCE else arithmetic(value)
    if name.startswith("operator.") and given.values:
        return arithmetic(*given.values)
    if name in ("copy.copy", "copy.deepcopy", "typing.cast"):
        return given.values[-1] if given.values else UNKNOWN
    if name in ("collections.OrderedDict", "collections.defaultdict"):
        keys = tuple(given.keywords)
        known = not given.positional and name.endswith("OrderedDict")
        return Traced(
            Kind.MAPPING,
            keys=keys if known else None,
            items=tuple(one for one, _ in given.keywords.values()) if known else None,
        )
    if name.startswith(("warnings.", "logging.", "typing.")):
        return PYTHON
    if name == "types.SimpleNamespace":
        return Traced(Kind.OBJECT, PythonObject(name), True)
    if name == "collections.namedtuple":
        fields = python_classes.fields_of_call(node)
        return (
            Traced(Kind.OBJECT, TupleClass("", tuple(fields), []), True)
            if fields and len(given.keywords) == 0
            else UNKNOWN
        )
    if name in _COMBINING and given.values:
        for value, at in given.positional:
            iteration.judge(flow, value, at, frame)
        inner = join_all(one.element() for one in given.values if one.kind is Kind.SEQUENCE)
        return many(inner if name == "itertools.chain" else many(inner))
    return UNKNOWN


def drawn(flow: Flow, node: n.Call, frame: Frame) -> Traced:
    """Return a random number that Python draws."""
    flow.say(frozen.PYTHON_RANDOM, frame, node, text=frame.text(node))
    return PYTHON


def _flat(values: Sequence[Traced]) -> list[Traced]:
    found: list[Traced] = []
    for one in values:
        if one.kind is Kind.SEQUENCE:
            found += _flat(one.items if one.items is not None else [one.element()])
        else:
            found.append(one)
    return found


# They ask for `__index__`, of which the tracer does not hear.
_BY_INDEX = frozenset(f"math.{name}" for name in ("gcd", "lcm", "factorial", "isqrt", "comb", "perm"))


def _math(flow: Flow, name: str, given: Arguments, node: n.Call, frame: Frame) -> Traced:
    values = _flat(given.values)
    if name == "math.prod":
        return arithmetic(*values) if values else PYTHON
    linked = [one for one in values if one.kind in (Kind.SIZE, Kind.TENSOR) and one.sure]
    if linked:
        silent = name in _BY_INDEX
        if not (silent and linked[0].fixed):
            library.convert(flow, linked[0], frame, node, silent=silent)
        return baked(Why.SIZE if linked[0].kind is Kind.SIZE else Why.CONTENT, True) if not linked[0].fixed else PYTHON
    if not all(one.kind in (Kind.PYTHON, Kind.BAKED) for one in values):
        return UNKNOWN
    return next((one for one in values if one.why is Why.TIME), PYTHON)


# Built-in functions


def _builtin(flow: Flow, name: str, given: Arguments, node: n.Call, frame: Frame) -> Traced:
    first = given.values[0] if given.values else UNKNOWN
    if name == "len":
        return _len(flow, first, node, frame)
    if name in _CONVERSIONS:
        return _converted(flow, first, node, frame)
    if name == "ord" and first.why is Why.TEXT:
        used(flow, first, node, frame)
    if name in ("chr", "hex", "bin", "oct", "bytes", "bytearray"):
        if any(one.is_linked and not one.fixed for one in _flat([first])):
            flow.say(hazards.TENSOR_INDEX, frame, node, text=frame.text(node))
        return PYTHON
    if name == "hash":
        if first.is_shape or (first.kind is Kind.SIZE and first.sure):
            flow.say(hazards.SIZE_TYPE, frame, node, text=frame.text(node))
        return UNKNOWN
    if name in ("str", "repr", "format", "ascii"):
        flat = _flat([first])
        if first.kind is Kind.BAKED:
            return first
        if name == "str" and isinstance(first.value, Const):
            return Traced(Kind.PYTHON, Const(str(first.value.value)), True)
        return baked(Why.TEXT) if any(one.is_linked and not one.fixed for one in flat) else PYTHON
    if name == "range":
        return _range(flow, given, node, frame)
    if name in ("round", "divmod"):
        if any((one.kind is Kind.SIZE and one.sure) or (one.is_tensor and name == "round") for one in given.values):
            flow.say(hazards.REFUSED_SIZE, frame, node, flow.refusal, text=frame.text(node))
            return UNKNOWN
        return PYTHON if all(one.kind in (Kind.PYTHON, Kind.BAKED) for one in given.values) else UNKNOWN
    if name in _PICKS:
        return _picked(flow, name, given, node, frame)
    if name in ("abs", "pow"):
        return arithmetic(*given.values) if given.values else UNKNOWN
    if name == "sum":
        return _sum(flow, given, node, frame)
    if name in ("any", "all"):
        return _any(flow, first, given, node, frame)
    if name in _THROUGH:
        return _through(flow, name, given, node, frame)
    if name == "next":
        state.advanced(flow, node, frame)
        return first.picked() if first.kind is Kind.SEQUENCE else UNKNOWN
    if name == "isinstance" and len(node.args) == 2:
        return reflection.isinstance_of(flow, first, node, frame)
    if name == "type":
        if first.kind is Kind.SIZE and first.sure:
            flow.say(hazards.SIZE_TYPE, frame, node, text=frame.text(node))
        return Traced(Kind.OBJECT, ExternalValue("torch.Tensor")) if first.is_tensor else UNKNOWN
    if name in ("hasattr", "callable"):
        return reflection.hasattr_of(flow, first, given)
    if name == "getattr" and len(given.values) > 1:
        return reflection.getattr_of(flow, first, given, node, frame)
    if name == "setattr" and len(node.args) == 3 and len(given.values) == 3:
        attr = given.values[1].value
        if isinstance(attr, Const) and isinstance(attr.value, str):
            from scriptlint.trace.statements import assign

            target = n.Attribute(node.start, node.end, node.args[0], attr.value)
            assign(flow, target, given.values[2], frame, n.Assign(node.start, node.end, [target], node.args[2]))
        return NONE
    if name == "slice":
        return arithmetic(*given.values) if given.values else PYTHON
    if name in ("dict", "set", "frozenset"):
        if name == "dict" and not given.positional and given.exact:
            values = tuple(one for one, _ in given.keywords.values())
            return Traced(Kind.MAPPING, keys=tuple(given.keywords), items=values)
        return first if first.kind is Kind.MAPPING else Traced(Kind.MAPPING)
    if name in ("print", "id", "super"):
        return NONE if name == "print" else UNKNOWN
    return UNKNOWN


def _len(flow: Flow, value: Traced, node: n.Call, frame: Frame) -> Traced:
    if value.kind is Kind.TENSOR:
        if not value.sure:
            return UNKNOWN
        if value.fixed:
            flow.say(frozen.HARMLESS_WARNING, frame, node, text=frame.text(node))
            return PYTHON
        safety = Safety.SAFE if frame.root else Safety.UNSAFE
        fix = tracing.linked_length(frame.function, node, safety)
        flow.say(hazards.SIZE_CONVERSION, frame, node, fix=fix, text=frame.text(node), torch="torch warns of it")
        return baked(Why.SIZE, True)
    if value.kind is Kind.SEQUENCE:
        if value.is_shape or value.length is Length.DIMENSIONS:
            return baked(Why.RANK)
        if value.length is Length.PYTHON:
            if value.items is not None:
                return Traced(Kind.PYTHON, Const(len(value.items)), bool(value.items))
            return PYTHON
        iteration.judge(flow, value, node, frame)
        return baked(Why.SIZE, True)
    counted = objects.special(flow, value.value, "__len__", []) if isinstance(value.value, Instance) else None
    if counted is not None:
        return counted
    if value.kind is Kind.BAKED and value.why is Why.TEXT:
        flow.say(hazards.TENSOR_TEXT, frame, node, text=frame.text(node))
        return baked(Why.TEXT, True)
    return PYTHON if value.kind in (Kind.PYTHON, Kind.BAKED) or is_module(value) else UNKNOWN


def _converted(flow: Flow, value: Traced, node: n.Call, frame: Frame) -> Traced:
    if value.kind in (Kind.TENSOR, Kind.SIZE):
        if not value.sure:
            return UNKNOWN
        library.convert(flow, value, frame, node)
        if value.fixed and value.kind is Kind.SIZE:
            return PYTHON
        return baked(Why.SIZE if value.kind is Kind.SIZE else Why.CONTENT, True)
    if value.kind is Kind.PYTHON:
        return Traced(Kind.PYTHON, truth=value.truth)
    return value if value.kind is Kind.BAKED else UNKNOWN


def _range(flow: Flow, given: Arguments, node: n.Call, frame: Frame) -> Traced:
    values = given.values
    if any(one.is_tensor and not one.constant for one in values):
        flow.say(hazards.TENSOR_INDEX, frame, node, text=frame.text(node))
        return many(PYTHON)
    if any(one.kind is Kind.SIZE and one.sure and not one.fixed for one in values):
        return many(PYTHON, Length.RANGE)
    if any(one.kind is Kind.BAKED and not one.said and one.why is Why.RANK for one in values):
        return many(PYTHON, Length.DIMENSIONS)
    if len(values) == 1 and isinstance(values[0].value, Const) and isinstance(values[0].value.value, int):
        count = values[0].value.value
        if 0 <= count <= 8:
            return sequence([Traced(Kind.PYTHON, Const(one), bool(one)) for one in range(count)])
    return many(PYTHON)


def _picked(flow: Flow, name: str, given: Arguments, node: n.Call, frame: Frame) -> Traced:
    values = given.values if len(given.positional) != 1 else _flat([given.values[0]])
    if len(given.positional) == 1 and given.values[0].kind in (Kind.TENSOR, Kind.SEQUENCE):
        iteration.judge(flow, given.values[0], given.positional[0][1], frame)
    key = given.keywords.get("key")
    compared = list(values)
    if key is not None:
        compared = []
        if key[0].kind is Kind.OBJECT:
            from scriptlint.trace.calls import call_value

            items = values or [UNKNOWN]
            compared = [call_value(flow, key[0], Arguments(((one, node),), {}, True), node, frame) for one in items[:4]]
    moving = [one for one in compared if one.is_linked]
    if moving:
        if all(one.fixed and one.kind is Kind.SIZE for one in moving):
            flow.say(frozen.HARMLESS_WARNING, frame, node, text=frame.text(node))
        else:
            flow.say(hazards.PICKED_SIZE, frame, node, text=frame.text(node))
    for one in compared:
        used(flow, one, node, frame)
    if name == "sorted":
        return many(join_all(values))
    kinds = {one.kind for one in values}
    if Kind.SIZE in kinds and kinds <= {Kind.SIZE, Kind.PYTHON, Kind.BAKED}:
        return arithmetic(*values)
    if Kind.TENSOR in kinds and kinds <= {Kind.TENSOR, Kind.PYTHON}:
        return arithmetic(*values)
    return arithmetic(*values) if kinds <= {Kind.PYTHON, Kind.BAKED} and values else UNKNOWN


def _sum(flow: Flow, given: Arguments, node: n.Call, frame: Frame) -> Traced:
    first = given.values[0] if given.values else UNKNOWN
    if first.kind in (Kind.TENSOR, Kind.SEQUENCE):
        iteration.judge(flow, first, given.positional[0][1], frame)
    if first.kind is Kind.TENSOR:
        return replace(first, truth=None)
    if first.kind is Kind.SEQUENCE:
        return arithmetic(*(first.items if first.items else (first.element(),)))
    return UNKNOWN


def _any(flow: Flow, first: Traced, given: Arguments, node: n.Call, frame: Frame) -> Traced:
    at = given.positional[0][1] if given.positional else node
    if first.kind in (Kind.TENSOR, Kind.SEQUENCE):
        iteration.judge(flow, first, at, frame)
    inner = _flat([first]) if first.kind is Kind.SEQUENCE else [first]
    for one in inner:
        if one.is_tensor and not one.constant:
            return baked(Why.CONTENT, first.kind is Kind.TENSOR)
        if one.kind is Kind.SIZE and not one.fixed:
            return baked(Why.SIZE)
        if one.kind is Kind.BAKED:
            return one
    return PYTHON if all(one.kind is Kind.PYTHON for one in inner) else UNKNOWN


def _through(flow: Flow, name: str, given: Arguments, node: n.Call, frame: Frame) -> Traced:
    """`list`, `zip`, `enumerate` and the like go through what they are given."""
    if name == "map" and given.positional:
        return _mapped(flow, given, node, frame)
    sources = [(value, at) for value, at in given.positional if value.kind is not Kind.PYTHON]
    if name == "filter":
        sources = sources[1:]
        _filtered(flow, given, node, frame)
    for value, at in sources:
        if value.kind is Kind.TENSOR:
            iteration.judge(flow, value, at, frame)
    if not given.positional:
        return sequence([])
    values = [value for value, _ in given.positional]
    lengths = [one.length for one in values if one.kind is Kind.SEQUENCE and one.length is not Length.PYTHON]
    length = lengths[0] if lengths else Length.PYTHON
    first = values[0]
    if name in ("list", "tuple", "reversed", "iter"):
        if first.kind is Kind.SEQUENCE:
            return replace(first, items=first.items[::-1] if first.items and name == "reversed" else first.items)
        if first.kind is Kind.TENSOR:
            return many(replace(first, truth=None))
        if is_module(first):
            return first
        return many(PYTHON) if first.kind is Kind.PYTHON else UNKNOWN if first.kind is Kind.UNKNOWN else many(UNKNOWN)
    if name == "enumerate":
        return _paired(flow, [many(PYTHON), first], length, numbered=True)
    if name == "zip":
        return _paired(flow, values, length, numbered=False)
    return many(first.element() if len(values) < 2 else values[1].element(), length)


def _filtered(flow: Flow, given: Arguments, node: n.Call, frame: Frame) -> None:
    """Report what the function that `filter` is given decides by."""
    from scriptlint.trace import decisions
    from scriptlint.trace.calls import call_by

    callee = given.positional[0][0]
    if callee.kind is Kind.OBJECT and callee.value is not None and len(given.positional) == 2:
        for item in iteration.rounds(flow, given.positional[1][0]):
            decisions.judge(flow, call_by(flow, callee, [item], {}, True, node, frame), node, frame, frame.text(node))


def _paired(flow: Flow, values: Sequence[Traced], length: Length, numbered: bool) -> Traced:
    columns = []
    for one in values:
        if is_module(one):
            one = sequence([Traced(Kind.OBJECT, item.value) for item in iteration.rounds(flow, one)])
        columns.append(one)
    known = [one.items for one in columns if one.items is not None]
    if known and all(one.items is not None for one in (columns[1:] if numbered else columns)):
        count = min(len(one) for one in known)
        if count <= 8:
            rows = []
            for index in range(count):
                number = Traced(Kind.PYTHON, Const(index), bool(index))
                cells = [one.items[index] for one in columns if one.items is not None]
                rows.append(sequence([number, *cells] if numbered else cells))
            return sequence(rows, length)
    cells = []
    for one in columns:
        cells.append(
            replace(one, truth=None)
            if one.kind is Kind.TENSOR
            else one.element()
            if one.kind is Kind.SEQUENCE
            else PYTHON
            if one.kind is Kind.PYTHON
            else UNKNOWN
        )
    return many(sequence(cells), length)


def _mapped(flow: Flow, given: Arguments, node: n.Call, frame: Frame) -> Traced:
    from scriptlint.trace.calls import call_value

    callee = given.positional[0][0]
    columns = []
    for value, at in given.positional[1:]:
        iteration.judge(flow, value, at, frame)
        rounds = iteration.rounds(flow, value)
        columns.append((join_all(rounds) if rounds else UNKNOWN, at))
    if callee.kind is not Kind.OBJECT:
        return many(UNKNOWN)
    if isinstance(callee.value, (ClassValue, Instance)) or callee.value is not None:
        return many(call_value(flow, callee, Arguments(tuple(columns), {}, True), node, frame))
    return many(UNKNOWN)


# Methods of values of Python


def of_size(flow: Flow, owner: Traced, name: str, given: Arguments, node: n.Call, frame: Frame) -> Traced:
    """Return the value of a call of a method of a size: under trace it is one of a tensor."""
    if name in ("item", "tolist"):
        library.convert(flow, owner, frame, node)
        return baked(Why.SIZE, True)
    if name in ("bit_length", "conjugate", "to_bytes", "as_integer_ratio", "is_integer", "hex"):
        flow.say(hazards.REFUSED_SIZE, frame, node, flow.refusal, text=frame.text(node))
        return UNKNOWN
    return Traced(Kind.TENSOR, sure=owner.sure)


def of_constant(flow: Flow, owner: Traced, name: str, given: Arguments, node: n.Call, frame: Frame) -> Traced:
    """Return the value of a call of a method of a constant: of a text, say."""
    if name == "format" and any(one.is_linked and not one.fixed for one in _flat(given.values)):
        return baked(Why.TEXT)
    written = [one for one in _flat(given.values) if one.kind is Kind.BAKED and one.why is Why.TEXT]
    if written:
        return written[0]
    if owner.value is None and name in ("append", "extend", "update"):
        return NONE
    return PYTHON
