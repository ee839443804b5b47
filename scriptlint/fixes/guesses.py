"""The type of a parameter that has None for a default, from how it is used, what it is given instead, and what calls pass.

A guess is proven where a use works with values of this type only. Others say what an author meant, most likely.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scriptlint.fixes.arguments import TAKES_SIZES
from scriptlint.fixes.evidence import Evidence, Reader, arguments, forwards, parameter_at, type_at
from scriptlint.fixes.kinds import OBJECT, annotated_kind, fits, passed
from scriptlint.fixes.places import names_in
from scriptlint.program.module import Function
from scriptlint.program.project import External
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk_scope
from scriptlint.torchlib.schema import Schema
from scriptlint.types.model import (
    BOOL,
    FLOAT,
    INT,
    NONE,
    STRING,
    TENSOR,
    Dict,
    Optional,
    Tensor,
    Tuple,
    Type,
    has_unknown,
)

_LITERALS = {"bool": BOOL, "int": INT, "float": FLOAT, "str": STRING}
_WRITTEN: frozenset[Type] = frozenset({INT, FLOAT, BOOL, STRING, Tuple((TENSOR, TENSOR))})


@dataclass(frozen=True)
class Guess:
    """A type other than None, and whether a use proves it."""

    type: Type
    proven: bool


def guess(reader: Reader, function: Function, name: str) -> Guess | None:
    """Return the type of a parameter where it is not None; None where nothing tells, or there is more than one."""
    evidence = reader.of(function, name)
    if evidence in (Evidence.SOME, Evidence.PROOF):
        return Guess(TENSOR, evidence is Evidence.PROOF)
    if evidence is Evidence.NONE:
        return None
    told = [*hints(reader, function, name)]
    proven = {one.type for one in told if one.proven}
    given = [reader.kinds.of(*one) for one in passed(function, name)]
    if None in given and not proven:
        return None
    told += [Guess(one, False) for one in given if one is not None and one is not NONE]
    kinds = proven or {one.type for one in told if not has_unknown(one.type)}
    if kinds == {INT, FLOAT} and not proven:
        kinds = {FLOAT}
    if len(kinds) != 1:
        return None
    (kind,) = kinds
    if kind is OBJECT or isinstance(kind, Tensor) or not all(fits(kind, one.type) for one in told):
        return None
    return Guess(kind, bool(proven))


def hints(reader: Reader, function: Function, name: str) -> Iterator[Guess]:
    """Yield what the uses of a parameter tell that it is, each by itself."""
    for node in walk_scope(function.node.body):
        match node:
            case n.Slice() if any(_is(bound, name) for bound in (node.lower, node.upper, node.step)):
                yield Guess(INT, True)
            case n.Subscript() if _is(node.value, name) and _is_text(node.slice):
                yield Guess(Dict(STRING, TENSOR), False)
            case n.Compare():
                yield from _of_comparison(node, name)
            case n.Assign() if any(_is(one, name) for one in node.targets):
                yield from _of_value(reader, function, node.value, name)
            case n.Call() if _is(node.func, name):
                yield Guess(OBJECT, True)
            case n.Call():
                yield from _of_call(reader, function, node, name)


def _of_comparison(node: n.Compare, name: str) -> Iterator[Guess]:
    sides = [node.left, *node.comparators]
    if not any(_is(one, name) for one in sides) or any(op in ("is", "is not") for op in node.ops):
        return
    if any(op in ("in", "not in") for op in node.ops) and not _is(node.left, name):
        return  # a container of any kind
    for one in sides:
        parts = one.elts if isinstance(one, (n.Tuple, n.List, n.Set)) else [one]
        if all(_is_text(part) for part in parts):
            yield Guess(STRING, True)
        elif isinstance(one, n.Constant) and one.kind in ("int", "float"):
            yield Guess(_LITERALS[one.kind], False)


def _of_value(reader: Reader, function: Function, value: n.Expr, name: str) -> Iterator[Guess]:
    """Yield what the parameter is given instead: `k = 3`, `k = k or 3`, `k = 3 if k is None else k`."""
    parts = value.values if isinstance(value, n.BoolOp) else [value]
    parts = [value.body, value.orelse] if isinstance(value, n.IfExp) else parts
    for one in parts:
        kind = None if name in names_in([one]) else reader.kinds.of(one, function)
        if kind is not None and kind is not NONE:
            yield Guess(kind, False)


def _of_call(reader: Reader, function: Function, call: n.Call, name: str) -> Iterator[Guess]:
    symbol = reader.project.resolve(call.func, function)
    sizes = isinstance(call.func, n.Attribute) and f"aten::{call.func.attr}" in TAKES_SIZES and len(call.args) > 1
    for argument, place in arguments(call):
        if not _is(argument, name):
            continue
        if sizes or (isinstance(symbol, External) and symbol.name == "builtins.range"):
            yield Guess(INT, True)
        elif isinstance(symbol, Function):
            yield from _of_parameter(symbol, place, bound=False)
        elif (method := _own_method(reader, function, call)) is not None:
            yield from _of_parameter(method, place, bound=True)
        else:
            yield from _of_schemas(schemas_of(reader, function, call), place)


def _own_method(reader: Reader, function: Function, call: n.Call) -> Function | None:
    """Return the method of its own object that a method calls."""
    args = function.node.args.args
    if function.owner is None or not args or not isinstance(call.func, n.Attribute):
        return None
    return reader.classes.method(function.owner, call.func.attr) if _is(call.func.value, args[0].name) else None


def schemas_of(reader: Reader, function: Function, call: n.Call) -> list[Schema]:
    """Return the schemas of what is called: a function of torch, a layer of torch that the object holds, or else a method of tensors."""
    symbol = reader.project.resolve(call.func, function)
    if isinstance(symbol, External):
        return [*reader.kinds.signatures(symbol.name)]
    if not isinstance(call.func, n.Attribute):
        return []
    held = reader.held(function, call.func.attr) if _is(call.func.value, "self") else []
    if held:
        return [one for made in held if isinstance(made, External) for one in forwards(reader.library, made.name)]
    if not reader.library.tensor_has(call.func.attr):
        return []
    return [one.without_self() for one in reader.library.schemas(f"aten::{call.func.attr}")]


def _of_parameter(function: Function, place: int | str, *, bound: bool) -> Iterator[Guess]:
    parameter = parameter_at(function, place, bound)
    if parameter is None:
        return
    kind = None
    if parameter.annotation is not None:
        kind = annotated_kind(function.module, parameter.annotation)
    elif isinstance(parameter.default, n.Constant):
        kind = _LITERALS.get(parameter.default.kind)
    if kind is not None:
        yield Guess(kind.element if isinstance(kind, Optional) else kind, parameter.annotation is not None)


def _of_schemas(schemas: list[Schema], place: int | str) -> Iterator[Guess]:
    """Yield the one type that all schemas take at a place, if it is one that Python writes in one way."""
    kinds: set[Type] = set()
    for one in schemas:
        kind = type_at(one, place)
        if kind is not None:
            kinds.add(kind.element if isinstance(kind, Optional) else kind)
    if len(kinds) == 1 and kinds <= _WRITTEN:
        yield Guess(kinds.pop(), True)


def _is(node: n.Node | None, name: str) -> bool:
    return isinstance(node, n.Name) and node.id == name


def _is_text(node: n.Expr) -> bool:
    return isinstance(node, n.Constant) and node.kind == "str"
