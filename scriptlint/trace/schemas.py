"""Calls of operators, held against the schemas of the snapshot: what they give, and what they do with sizes.

An `int` argument is recorded, and so are the items of a list; a bare value for an `int[k]` and anything for a `float`
are unpacked without a record (trace-hazards.md, section 0).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from scriptlint.fixes import tracing
from scriptlint.syntax import nodes as n
from scriptlint.text import Safety
from scriptlint.torchlib.schema import Param, Schema
from scriptlint.trace import frozen, hazards
from scriptlint.trace.frames import Frame
from scriptlint.trace.values import UNKNOWN, Kind, Length, Traced, Why, arithmetic, baked, many, sequence
from scriptlint.types import model

if TYPE_CHECKING:
    from scriptlint.trace.flow import Flow

_GEOMETRY = frozenset("kernel_size stride padding dilation output_padding groups".split())
_DIMENSIONS = frozenset("dim dims dim0 dim1 axis axis0 axis1 start_dim end_dim source destination equation".split())
_FIXED_GEOMETRY = frozenset("stride padding dilation output_padding groups".split())
FACTORIES = frozenset(
    "zeros ones empty full eye arange linspace logspace rand randn randint randperm tril_indices triu_indices "
    "hann_window hamming_window blackman_window bartlett_window kaiser_window scalar_tensor complex polar normal "
    "empty_strided".split()
)


class Arguments(Struct, frozen=True):
    """The arguments of a call as they are written; `exact` says that no `*` or `**` hides more.

    `several` is the place of one that stands for any number of like ones, as `*x.shape` does.
    """

    positional: tuple[tuple[Traced, n.Expr], ...]
    keywords: dict[str, tuple[Traced, n.Expr]]
    exact: bool = True
    several: int | None = None

    @property
    def values(self) -> list[Traced]:
        """Every argument, whatever its place."""
        return [value for value, _ in (*self.positional, *self.keywords.values())]

    def spread(self, count: int) -> list[Traced]:
        """Return the positional arguments of a function with that many parameters."""
        values = [value for value, _ in self.positional]
        if self.several is None:
            return values
        like = values[self.several].picked()
        more = max(count - len(values) + 1, 1)
        return [*values[: self.several], *[like] * more, *values[self.several + 1 :]]

    def get(self, index: int, name: str) -> tuple[Traced, n.Expr] | None:
        """Return an argument by its place or its name."""
        if name in self.keywords:
            return self.keywords[name]
        return self.positional[index] if index < len(self.positional) else None


def literals(flow: Flow, given: Arguments, frame: Frame) -> None:
    """Dtypes, devices and layouts of the example among the arguments of an operator."""
    from scriptlint.trace.expressions import used

    for value, at in (*given.positional, *given.keywords.values()):
        for one in (value, *(value.items or ())):
            used(flow, one, at, frame)


def still(values: Sequence[Traced]) -> bool:
    """Return True if no size among the arguments follows the inputs."""
    for one in values:
        if one.kind in (Kind.TENSOR, Kind.SIZE) and not one.fixed:
            return False
        if one.kind is Kind.SEQUENCE and not still(one.items if one.items is not None else [one.element()]):
            return False
        if one.kind is Kind.UNKNOWN:
            return False
    return True


def result_of(schemas: Sequence[Schema], owner: Traced | None, given: Arguments, skip: int) -> Traced:
    """Return what an operator gives: tensors, linked as its arguments are."""
    values = [*([owner] if owner is not None else []), *given.values]
    flat = [
        part
        for one in values
        for part in (one.items or ((one.item,) if one.item and one.kind is Kind.SEQUENCE else (one,)))
    ]
    tensors = [one for one in flat if one.kind is Kind.TENSOR]
    made = (
        arithmetic(*flat)
        if tensors
        else Traced(Kind.TENSOR, fixed=still(flat), sure=any(o.kind is not Kind.UNKNOWN for o in flat))
    )
    if made.kind is not Kind.TENSOR:
        made = Traced(Kind.TENSOR)
    schema = next((one for one in schemas if _fits(one, owner, given, skip)), None)
    if schema is None:
        returned = {_shown(one.returns) for one in schemas if not any(p.is_written for p in one.params)}
        return made if not schemas or returned <= {"tensor"} else UNKNOWN
    return _made(schema.returns, made)


def _shown(kind: model.Type) -> str:
    return "tensor" if isinstance(kind, model.Tensor) else "other"


def _made(kind: model.Type, made: Traced) -> Traced:
    if isinstance(kind, model.Tensor):
        return made
    if isinstance(kind, model.Tuple):
        return replace(sequence([_made(one, made) for one in kind.elements]), keys=kind.names)
    if isinstance(kind, model.List):
        return many(_made(kind.element, made))
    if isinstance(kind, model.Optional):
        return UNKNOWN
    return baked(Why.CONTENT, True)


def _fits(schema: Schema, owner: Traced | None, given: Arguments, skip: int) -> bool:
    params = [one for one in schema.params if not one.is_written or one.name == "self"]
    if owner is not None:
        if not params or not isinstance(params[0].type, model.Tensor):
            return False
    positional = [one for one in params if not one.keyword_only][skip:]
    names = {one.name: one for one in params}
    sized = [one for one, _ in given.positional]
    if len(sized) > len(positional) and not (
        positional and positional[-1].size is None and isinstance(positional[-1].type, model.List)
    ):
        return False
    for value, param in zip(sized, positional, strict=False):
        if not _accepts(param, value):
            return False
    for name, (value, _) in given.keywords.items():
        real = {"axis": "dim", "input": "self", "keepdims": "keepdim"}.get(name, name)
        if real not in names and name not in names:
            return name == "out"
        if not _accepts(names.get(real) or names[name], value):
            return False
    filled = {one.name for one in positional[: len(sized)]} | set(given.keywords)
    required = [one for one in params[skip:] if not one.has_default and one.name not in filled]
    aliases = {"dim": "axis", "keepdim": "keepdims", "self": "input"}
    return not given.exact or all(aliases.get(one.name) in given.keywords for one in required)


def _accepts(param: Param, value: Traced) -> bool:
    kind = _plain(param)
    if isinstance(kind, model.Tensor):
        return value.kind is not Kind.SEQUENCE and not (value.kind is Kind.PYTHON and value.value is not None)
    if isinstance(kind, model.List):
        if isinstance(kind.element, model.Tensor):
            return value.kind in (Kind.SEQUENCE, Kind.UNKNOWN, Kind.OBJECT)
        return value.kind is not Kind.TENSOR or param.size is not None
    return value.kind is not Kind.SEQUENCE and not (value.is_tensor and not value.fixed and kind is model.BOOL)


def judge_arguments(
    flow: Flow,
    schemas: Sequence[Schema],
    name: str,
    given: Arguments,
    skip: int,
    node: n.Call,
    frame: Frame,
    operator: bool,
) -> None:
    """Report sizes and tensors in places where torch unpacks them without a record."""
    from scriptlint.trace.expressions import used

    literals_given = list(_placed(schemas, given, skip))
    for value, at in (*given.positional, *given.keywords.values()):
        if value.why is Why.TIME:
            used(flow, value, at, frame)
    if name not in FACTORIES:
        from scriptlint.trace import iteration

        for value, at in (*given.positional, *given.keywords.values()):
            iteration.counted(flow, value, at, frame)
    for param, value, at in literals_given:
        if given.several is None and param.name in _DIMENSIONS and _counts_dimensions(value):
            flow.say(hazards.RANK_NUMBER, frame, at, text=frame.text(at))
        _judge_argument(flow, name, param, value, at, node, frame, operator)


def _counts_dimensions(value: Traced) -> bool:
    """Return True if a number of dimensions, or a range up to one, is among a value's parts."""
    if value.kind is Kind.SEQUENCE:
        parts = value.items if value.items is not None else (value.element(),)
        return value.length is Length.DIMENSIONS or any(map(_counts_dimensions, parts))
    return value.kind is Kind.BAKED and value.why is Why.RANK and not value.said


def _placed(schemas: Sequence[Schema], given: Arguments, skip: int) -> Iterator[tuple[Param, Traced, n.Expr]]:
    """Yield the parameters that arguments are given to, where the overloads agree that they are no tensors."""
    places = [[param for param in one.params if not param.keyword_only] for one in schemas]
    usable = [one for one in places if len(one) >= len(given.positional) + skip]
    for index, (value, at) in enumerate(given.positional):
        chosen = _agreed([one[index + skip] for one in usable], value)
        if chosen is not None:
            yield chosen, value, at
    for key, (value, at) in given.keywords.items():
        found = [param for one in schemas if (param := one.param(key)) is not None]
        chosen = _agreed(found, value)
        if chosen is not None:
            yield chosen, value, at


def _agreed(params: Sequence[Param], value: Traced) -> Param | None:
    """Return the parameter, in the overload that takes such a value, unless one takes a tensor or a whole number there."""
    for one in params:
        kind = _plain(one)
        if isinstance(kind, model.Tensor) or kind in (model.NUMBER, model.INT):
            return one if one.name in _GEOMETRY | _DIMENSIONS else None
    several = value.kind is Kind.SEQUENCE
    fitting = [one for one in params if isinstance(_plain(one), model.List) == several]
    return next(iter((*fitting, *params)), None)


def _plain(param: Param) -> model.Type:
    return param.type.element if isinstance(param.type, model.Optional) else param.type


def judge_geometry(flow: Flow, given: Arguments, frame: Frame) -> None:
    """Report bare sizes among the arguments of a layer that pools."""
    for value, at in (*given.positional, *given.keywords.values()):
        if value.kind is Kind.SIZE and value.sure and not value.fixed:
            text = frame.text(at)
            flow.say(frozen.FROZEN_ARGUMENT, frame, at, text=text, argument="kernel_size", torch="torch does not warn")


def _judge_argument(
    flow: Flow, name: str, param: Param, value: Traced, at: n.Expr, node: n.Call, frame: Frame, operator: bool
) -> None:
    kind = _plain(param)
    moving = (
        value.kind in (Kind.SIZE, Kind.TENSOR) and value.is_linked and not (value.kind is Kind.SIZE and value.fixed)
    )
    inside = value.kind is Kind.SEQUENCE and any(
        one.kind in (Kind.SIZE, Kind.TENSOR) and one.is_linked and not one.fixed
        for one in (value.items if value.items is not None else (value.element(),))
    )
    text, argument = frame.text(at), param.name
    silent = "torch does not warn"
    if name.startswith("conv") and param.name in _FIXED_GEOMETRY and (moving or inside):
        flow.say(frozen.FROZEN_ARGUMENT, frame, at, text=text, argument=argument, torch=silent)
        return
    if not moving:
        if inside and isinstance(kind, model.List) and kind.element is model.FLOAT:
            flow.say(hazards.REFUSED_SIZE, frame, at, flow.refusal, text=frame.text(node))
        return
    safety = Safety.SAFE if frame.root and value.kind is Kind.SIZE else Safety.UNSAFE
    fix = tracing.in_tuple(frame.function, at, name, safety) if value.kind is Kind.SIZE else None
    if param.name in _GEOMETRY and name not in ("unfold", "fold", "as_strided", "im2col") and kind is not model.FLOAT:
        flow.say(frozen.FROZEN_ARGUMENT, frame, at, fix=fix, text=text, argument=argument, torch=silent)
    elif isinstance(kind, model.List) and param.size is not None and kind.element is model.INT:
        if operator or param.size == 1:
            flow.say(frozen.FROZEN_ARGUMENT, frame, at, fix=fix, text=text, argument=argument, torch=silent)
        else:
            flow.say(hazards.REFUSED_SIZE, frame, at, flow.refusal, fix=fix, text=frame.text(node))
    elif kind is model.FLOAT and not name.endswith("_like"):
        if name == "interpolate":
            flow.say(hazards.REFUSED_SIZE, frame, at, flow.refusal, text=frame.text(node))
        elif name not in _UNPACKED_BY_PYTHON:
            flow.say(frozen.FROZEN_ARGUMENT, frame, at, text=text, argument=argument, torch=_loudness(operator))
    elif kind is model.BOOL and operator and value.kind is Kind.SIZE:
        flow.say(hazards.REFUSED_SIZE, frame, at, flow.refusal, text=frame.text(node))


# Python functions of torch whose `float` becomes a Scalar of the operator behind them, which is recorded.
_UNPACKED_BY_PYTHON = frozenset(
    "celu elu gaussian_nll_loss gumbel_softmax hardshrink hardtanh leaky_relu local_response_norm lp_pool1d lp_pool2d "
    "lp_pool3d multi_margin_loss normalize rrelu softplus softshrink threshold triplet_margin_with_distance_loss".split()
)


def _loudness(operator: bool) -> str:
    return "torch warns of it" if operator else "torch does not warn"


def of_schema(schema: Schema, made: Traced) -> Traced:
    """Return a tensor in the shape of what a compiled function returns."""
    return _made(schema.returns, made)
