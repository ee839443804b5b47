"""Annotations for parameters whose defaults have a type: the parameter has it too, unless a use or a call tells otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from scriptlint.fixes.annotations import annotate, is_asked_for_its_class
from scriptlint.fixes.evidence import Reader, arguments, parameter_at, type_at
from scriptlint.fixes.guesses import Guess, hints, schemas_of
from scriptlint.fixes.kinds import fits
from scriptlint.program.module import Function
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import children, walk_scope
from scriptlint.text import Fix, Safety
from scriptlint.types.model import BOOL, FLOAT, INT, STRING, List, Optional, Tuple, Type

_DEEPEST = 4
_COUNTING = ("//", "%", "<<", ">>", "&", "|")


def typed_by_default(reader: Reader, function: Function, kinds: Mapping[str, Type]) -> Fix | None:
    """Annotate parameters with the types of their defaults; where another type would do as well, that is unsafe."""
    wanted: dict[str, Type] = {}
    is_sure = True
    for name, kind in kinds.items():
        told = [*hints(reader, function, name)]
        proven = {one.type for one in told if one.proven}
        wanted[name] = FLOAT if kind is INT and proven == {FLOAT} else kind
        given = [*proven, *reader.kinds.passed(function, name)]
        if is_asked_for_its_class(function.node, name) or not all(fits(wanted[name], one) for one in given):
            return None
        if isinstance(kind, Tuple) and (len(kind.elements) == 1 or _has_any_length(function.node, name)):
            return None
        if kind is STRING and _is_device(function.node, name):
            return None  # a `torch.device` as well
        is_sure = is_sure and wanted[name] not in _others(reader, function, name, told)
    return annotate(function.module, function.node, wanted, Safety.SAFE if is_sure else Safety.UNSAFE)


def _others(reader: Reader, function: Function, name: str, told: list[Guess], depth: int = 0) -> set[Type]:
    """Return the types in place of which a parameter may have another, as far as its uses tell."""
    found: set[Type] = set()
    for taker, parameter in _handed_on(reader, function, name) if depth < _DEEPEST else ():
        if isinstance(parameter.default, n.Constant) and parameter.default.kind == "none":
            found |= {BOOL, INT, FLOAT, STRING}
        if parameter.annotation is None:
            found |= _others(reader, taker, parameter.name, [*hints(reader, taker, parameter.name)], depth + 1)
    proven = {one.type for one in told if one.proven}
    for node in walk_scope(function.node.body):
        if isinstance(node, n.Call):
            if INT not in proven and _takes_numbers(reader, function, node, name):
                found.add(INT)
        if not any(_is(one, name) for one in children(node)):
            continue
        match node:
            case n.BinOp():
                found |= set() if node.op in _COUNTING or INT in proven else {INT}
            case n.Return():
                found |= {INT, STRING}
            case n.Keyword(arg="device") | n.Call(func=n.Attribute(attr="to")):
                found.add(STRING)
            case n.IfExp() if not _is(node.test, name):
                found |= {INT, STRING}
            case n.For() | n.Comprehension() | n.Starred() | n.Assign() | n.BoolOp():
                found.add(STRING)
    return found - (proven & {INT})


def _is_device(function: n.FunctionDef, name: str) -> bool:
    """Return True if a function hands a parameter on as `device=` or to a method `to`."""
    for one in walk_scope(function.body):
        match one:
            case n.Keyword(arg="device", value=value) if _is(value, name):
                return True
            case n.Call(func=n.Attribute(attr="to"), args=args) if any(_is(argument, name) for argument in args):
                return True
    return False


def _handed_on(reader: Reader, function: Function, name: str) -> Iterator[tuple[Function, n.Parameter]]:
    """Yield the functions of the project that a function hands a parameter on to, and the parameters that take it."""
    for call in walk_scope(function.node.body):
        symbol = _called(reader, function, call) if isinstance(call, n.Call) else None
        if symbol is None or not isinstance(call, n.Call):
            continue
        bound = isinstance(call.func, n.Attribute) and symbol.owner is not None
        for argument, place in arguments(call):
            taken = parameter_at(symbol, place, bound) if _is(argument, name) else None
            if taken is not None:
                yield symbol, taken


def _called(reader: Reader, function: Function, call: n.Call) -> Function | None:
    symbol = reader.project.resolve(call.func, function)
    if symbol is None and function.owner is not None and isinstance(call.func, n.Attribute):
        args = function.node.args.args
        if args and _is(call.func.value, args[0].name):
            return reader.classes.method(function.owner, call.func.attr)
    return symbol if isinstance(symbol, Function) else None


def _takes_numbers(reader: Reader, function: Function, call: n.Call, name: str) -> bool:
    """Return True if a call hands a parameter on where a float or a tensor would do too, or where nobody knows."""
    places = [place for argument, place in arguments(call) if _is(argument, name)]
    if not places or _called(reader, function, call) is not None:
        return False
    schemas = schemas_of(reader, function, call)
    kinds = {kind for one in schemas for place in places if (kind := type_at(one, place)) is not None}
    return not kinds or not all(_element(kind) is INT for kind in kinds)


def _element(kind: Type) -> Type:
    """Return the type of one value where several or none would do."""
    while isinstance(kind, (List, Optional)):
        kind = kind.element
    return kind


def _has_any_length(function: n.FunctionDef, name: str) -> bool:
    """Return True if a parameter is gone through, unpacked or asked for its length: as a tuple it would have a fixed one."""
    for one in walk_scope(function.body):
        match one:
            case n.Call(func=n.Name(id=("len" | "list" | "tuple" | "enumerate" | "zip")), args=args):
                if any(_is(argument, name) for argument in args):
                    return True
            case n.Starred(value=n.Name(id=found)) | n.For(iter=n.Name(id=found)) if found == name:
                return True
            case n.Comprehension(iter=n.Name(id=found)) if found == name:
                return True
    return False


def _is(node: n.Node | None, name: str) -> bool:
    return isinstance(node, n.Name) and node.id == name
