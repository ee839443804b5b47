"""Schema matching, held against the real compiler on calls made at random from the schemas themselves."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from scriptlint.torchlib import Library, Schema, load
from scriptlint.torchlib.match import Given, Match, Refusal, accepts_self, match
from scriptlint.torchlib.schema import Param
from scriptlint.types import (
    FLOAT,
    INFERRED_TENSOR,
    INT,
    NONE,
    STRING,
    TENSOR,
    Dict,
    List,
    Tuple,
    Type,
    Unknown,
    accepts,
    make_optional,
    parse_annotation,
    show,
)
from scriptlint.types.model import NUMBER, has_variables
from tests.torchlib.compiled_texts import answers

NAMES = (
    "Tensor int float bool complex str NoneType Device Any number List[int] List[float] List[bool] List[Tensor] List[str] "
    "Tuple[int,int] Tuple[Tensor,Tensor] Tuple[int,float] Dict[str,int] Optional[int] Optional[Tensor] Optional[List[int]] "
    "Union[int,str] List[Tuple[int,str]]"
).split()
KINDS = [parse_annotation(name) for name in NAMES]
RECEIVERS = [parse_annotation(name) for name in "Tensor str List[int] List[str] List[Tensor] Dict[str,int]".split()]


class Call:
    """A call written for the compiler and taken apart for us."""

    def __init__(
        self, callee: str, schemas: tuple[Schema, ...], like: Schema, draw: random.Random, receiver: Type | None
    ) -> None:
        self.schemas = schemas
        self.receiver = receiver
        self.args: list[Type] = []
        self.kwargs: dict[str, Type] = {}
        for param in like.params:
            if param.name == "self" and receiver is not None:
                continue
            if param.keyword_only and draw.random() < 0.6:
                continue
            if param.has_default and draw.random() < 0.5:
                break
            kind = param.type
            if draw.random() < 0.3 or has_variables(kind) or kind not in KINDS:
                kind = draw.choice(KINDS)
            if param.keyword_only or self.kwargs or draw.random() < 0.1:
                self.kwargs[param.name] = kind
            else:
                self.args.append(kind)
        declared = {f"a{index}": kind for index, kind in enumerate([*self.args, *self.kwargs.values()])}
        if receiver is not None:
            declared["s"] = receiver
        names = [f"a{index}" for index in range(len(self.args))]
        names += [f"{name}=a{len(names) + index}" for index, name in enumerate(self.kwargs)]
        parameters = ", ".join(f"{name}: {show(kind)}" for name, kind in declared.items())
        self.source = f"def f({parameters}):\n    return {callee}({', '.join(names)})\n"

    def match(self) -> Match | Refusal:
        return match(self.schemas, self.args, self.kwargs, self.receiver)


@pytest.fixture(scope="module")
def library() -> Library:
    return load("2.13.0")


def torch_functions(library: Library, draw: random.Random) -> Iterator[Call]:
    import torch

    for name in dir(torch):
        op = library.builtin(f"torch.{name}")
        if op and library.schemas(op) and name.isidentifier() and not name.startswith("__"):
            schemas = library.schemas(op)
            yield Call(f"torch.{name}", schemas, draw.choice(schemas), draw, None)


def methods(library: Library, draw: random.Random) -> Iterator[Call]:
    import torch

    ops = {schema.name for schema in torch._C._jit_get_all_schemas()}
    for op in sorted(ops):
        name = op.removeprefix("aten::")
        if "::" in name or not name.isidentifier() or name.startswith("__") or library.tensor_attribute(name):
            continue
        for receiver in RECEIVERS:
            fitting = [schema for schema in library.schemas(op) if accepts_self(schema, receiver)]
            if fitting:
                yield Call(f"s.{name}", library.schemas(op), draw.choice(fitting), draw, receiver)


def functional(library: Library, draw: random.Random) -> Iterator[Call]:
    import torch

    for name in dir(torch.nn.functional):
        function = library.function(f"torch.nn.functional.{name}")
        if function and function.signatures and library.builtin(f"torch.nn.functional.{name}") is None:
            for _ in range(3):
                yield Call(f"F.{name}", function.signatures, draw.choice(function.signatures), draw, None)


def maths(library: Library, draw: random.Random) -> Iterator[Call]:
    import math

    for name in dir(math):
        op = library.builtin(f"math.{name}")
        if op:
            for _ in range(3):
                call = Call(f"math.{name}", library.schemas(op), draw.choice(library.schemas(op)), draw, None)
                if not call.kwargs:
                    yield call


@pytest.mark.parametrize("kind", [torch_functions, methods, functional, maths])
def test_verdict_type_and_words_are_the_compilers(library: Library, kind) -> None:
    calls = list(kind(library, random.Random(20)))
    assert len(calls) > 50
    for call, (expected, message) in zip(calls, answers([call.source for call in calls]), strict=True):
        if "has no attribute" in message or "cannot call a value" in message:
            continue  # refused before any schema was looked at
        ours = call.match()
        assert (show(ours.returns) if isinstance(ours, Match) else None) == expected, (call.source, message, ours)
        if isinstance(ours, Refusal) and "INTERNAL ASSERT" not in message:
            assert ours.message.strip() in message, call.source


OPERATORS = {
    "+": "add", "-": "sub", "*": "mul", "/": "div", "//": "floordiv", "**": "pow", "@": "matmul",
    "<": "lt", ">": "gt", "==": "eq", "!=": "ne", "<=": "le", ">=": "ge", "&": "__and__", "|": "__or__",
    "^": "__xor__", "<<": "__lshift__", ">>": "__rshift__",
}  # fmt: skip


def test_binary_operators(library: Library) -> None:
    names = [name for name in NAMES if name not in ("NoneType", "number", "Union[int,str]", "List[Tuple[int,str]]")]
    cases = [(left, sign, right) for left in names for sign in OPERATORS for right in names]
    # tuples are added by the emitter, without a schema
    cases = [case for case in cases if not (case[0][:5] == case[2][:5] == "Tuple" and case[1] == "+")]
    cases = random.Random(3).sample(cases, 1500)
    sources = [f"def f(a: {left}, b: {right}):\n    return a {sign} b\n" for left, sign, right in cases]
    for (left, sign, right), (expected, message) in zip(cases, answers(sources), strict=True):
        ours = match(library.schemas(f"aten::{OPERATORS[sign]}"), [parse_annotation(left), parse_annotation(right)])
        assert (show(ours.returns) if isinstance(ours, Match) else None) == expected, (left, sign, right, message)


def test_implicit_conversions() -> None:
    values = [name for name in NAMES if name != "NoneType"]
    cases = [(actual, wanted) for actual in values for wanted in values]
    returned = [f"def f(x: {actual}) -> {wanted}:\n    return x\n" for actual, wanted in cases]
    for (actual, wanted), (expected, message) in zip(cases, answers(returned), strict=True):
        fits = accepts(parse_annotation(wanted), parse_annotation(actual))
        assert fits == (expected is not None), (actual, wanted, message)


def add(library: Library, *args: Type, **kwargs: Type) -> Match | Refusal:
    return match(library.schemas("aten::add"), args, kwargs)


def test_unknown_arguments_are_never_the_reason(library: Library) -> None:
    unknown = Unknown("test")
    tensor = add(library, TENSOR, unknown)
    assert isinstance(tensor, Match)
    assert tensor.returns is TENSOR
    assert tensor.schema is None
    number = add(library, INT, unknown)
    assert isinstance(number, Match)
    assert isinstance(number.returns, Unknown)
    assert isinstance(add(library, NONE, unknown), Refusal)
    assert isinstance(match(library.schemas("aten::view"), [unknown, INT], receiver=TENSOR), Match)
    assert isinstance(match(library.schemas("aten::append"), [unknown], receiver=List(INT)), Match)
    assert isinstance(match(library.schemas("aten::relu"), [], open_ended=True), Match)


def test_an_empty_list_literal_is_a_list_of_anything(library: Library) -> None:
    size = match(library.schemas("aten::zeros"), [Given(List(TENSOR), empty_list=True)])
    assert isinstance(size, Match)
    assert isinstance(match(library.schemas("aten::zeros"), [List(TENSOR)]), Refusal)


def test_conversions_are_told(library: Library) -> None:
    found = match(library.schemas("aten::relu_"), [TENSOR])
    assert isinstance(found, Match)
    assert found.conversions == ()
    found = match(library.schemas("aten::zeros"), [TENSOR, INT])
    assert isinstance(found, Match)
    assert [(one.param, one.found, one.wanted) for one in found.conversions] == [("<varargs>", TENSOR, INT)]


def test_a_functions_own_signature() -> None:
    mean = Schema.of(
        "mean", [Param("x", INFERRED_TENSOR), Param("n", INT, default=3), Param("eps", FLOAT, default=1e-05)], TENSOR
    )
    assert str(mean) == "mean(Tensor x, int n=3, float eps=1.0000000000000001e-05) -> Tensor"
    refused = match([mean], [STRING])
    assert isinstance(refused, Refusal)
    assert "Inferred 'x' to be of type 'Tensor' because it was not annotated" in refused.message
    assert [(r.kind, r.param, r.argument) for r in refused.reasons] == [("type", "x", 0)]
    for arguments, keywords, kind in (
        ([], {}, "missing"),
        ([TENSOR] * 4, {}, "surplus"),
        ([TENSOR], {"m": INT}, "keyword"),
    ):
        found = match([mean], arguments, keywords)
        assert isinstance(found, Refusal)
        assert found.reasons[0].kind == kind


def test_methods_of_containers(library: Library) -> None:
    keys = match(library.schemas("aten::keys"), receiver=Dict(STRING, INT))
    assert isinstance(keys, Match)
    assert keys.returns is List(STRING)
    got = match(library.schemas("aten::get"), [STRING], receiver=Dict(STRING, TENSOR))
    assert isinstance(got, Match)
    assert got.returns is make_optional(TENSOR)
    sorting = match(library.schemas("aten::max"), [INT], receiver=TENSOR)
    assert isinstance(sorting, Match)
    assert isinstance(sorting.returns, Tuple)
    assert sorting.returns.names == ("values", "indices")
    assert match(library.schemas("aten::item"), receiver=TENSOR).returns is NUMBER
