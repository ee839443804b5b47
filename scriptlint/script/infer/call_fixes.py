"""Fixes of calls that match no schema: other keywords, floats for ints, types for lists that are empty at first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from scriptlint.fixes.annotations import annotated_for_call
from scriptlint.fixes.arguments import (
    IS_TENSOR,
    NUMPY_KEYWORDS,
    as_floats,
    as_ints,
    isinstance_of_tensor,
    renamed_keywords,
    with_keyword,
    without_keyword,
)
from scriptlint.fixes.attributes import instead_of_none
from scriptlint.fixes.evidence import Evidence, arguments
from scriptlint.fixes.guesses import hints
from scriptlint.fixes.kinds import fits
from scriptlint.fixes.methods import without_cast
from scriptlint.fixes.places import above, uses_in
from scriptlint.fixes.python_functions import (
    constructed,
    drawn,
    mapped,
    of_numbers,
    of_sizes,
    renamed,
    replaced,
    summed,
)
from scriptlint.fixes.scripting import ONLY_OUTSIDE, not_in_script
from scriptlint.fixes.statements import without_catching
from scriptlint.fixes.variables import annotated_where_empty, is_empty_at_first
from scriptlint.program.module import Function
from scriptlint.script.infer import uses
from scriptlint.script.infer.library_modules import first_parameter
from scriptlint.script.infer.values import ModuleObject, Typed
from scriptlint.syntax import nodes as n
from scriptlint.text import Fix, Safety
from scriptlint.torchlib.match import Given, Match, Reason, Refusal, match
from scriptlint.torchlib.schema import Schema
from scriptlint.types.model import BOOL, DEVICE, FLOAT, INFERRED_TENSOR, INT, NONE, STRING, TENSOR, List, Optional, Type
from scriptlint.types.model import Unknown as UnknownType

if TYPE_CHECKING:
    from scriptlint.script.infer.arguments import Arguments
    from scriptlint.script.infer.compiler import Compiled
    from scriptlint.script.infer.unit import Unit


def of_operator(
    unit: Unit, node: n.Call, schemas: Sequence[Schema], given: Arguments, receiver: Typed | None, refused: Refusal
) -> Fix | None:
    """Return what makes the call of an operator fit."""
    return (
        _numpy_keywords(unit, node, schemas, given, receiver)
        or _parameter(unit, node, refused)
        or _of_empty_list(unit, node, given, receiver)
        or _spelled_out(unit, node, schemas, given, receiver)
        or _whole_power(unit, node, refused)
        or _sum(unit, node, given)
        or uses.static_forward(unit)
        or floats(unit, node, schemas, given, receiver, refused, Safety.SAFE)
    )


def of_function(
    unit: Unit, node: n.Call, function: Function, compiled: Compiled, given: Arguments, refused: Refusal
) -> Fix | None:
    """Return what makes the call of a function fit: types for parameters without one, floats for ints, a default for None."""
    params = {one.name: one.type for one in compiled.signature.params}
    passed = {**dict(zip(params, given.positional, strict=False)), **given.keywords}
    wanted = {
        name: one.type for name, one in passed.items() if params.get(name) is INFERRED_TENSOR and not one.empty_list
    }
    schema = compiled.signature.schema(function.node.name, compiled.returns)
    return (
        annotated_for_call(function, wanted, unit.compiler.reader)
        or floats(unit, node, [schema], given, None, refused, Safety.UNSAFE)
        or _kept_default(unit, node, function, refused)
    )


def _kept_default(unit: Unit, node: n.Call, function: Function, refused: Refusal) -> Fix | None:
    """Give an attribute that is None, unless a constructor is told otherwise, the default of the float it is passed for."""
    from scriptlint.script.infer.objects import in_constructor

    for reason in refused.reasons:
        place = reason.argument
        argument = node.args[place] if isinstance(place, int) and place < len(node.args) else None
        parameter = next((one for one in function.node.args.all() if one.name == reason.param), None)
        if reason.found is not NONE or reason.wanted is not FLOAT or unit.instance is None or parameter is None:
            continue
        if isinstance(argument, n.Attribute) and isinstance(argument.value, n.Name) and argument.value.id == "self":
            if isinstance(parameter.default, n.Constant) and parameter.default.kind == "float":
                build = partial(instead_of_none, default=function.module.text(parameter.default))
                return in_constructor(unit, unit.instance, argument.attr, build)
    return None


def _parameter(unit: Unit, node: n.Call, refused: Refusal) -> Fix | None:
    """Annotate a parameter that an operator takes for a list, a device or the like, and that nothing takes for a tensor."""
    names = {one.name for one in unit.function.node.args.all() if one.annotation is None}
    for argument, place in arguments(node):
        wanted = {one.wanted for one in refused.reasons if one.kind == "type" and one.argument == place}
        if not isinstance(argument, n.Name) or argument.id not in names or len(wanted) != 1:
            continue
        (kind,) = wanted
        kind = kind.element if isinstance(kind, Optional) else kind
        told = hints(unit.compiler.reader, unit.function, argument.id)
        against = unit.compiler.reader.of(unit.function, argument.id) is Evidence.AGAINST
        if kind in _OF_PARAMETERS and against and all(fits(kind, one.type) for one in told):
            return uses.annotated(unit, argument, unit.value(argument), kind)
    return None


# What an operator takes in one form only, so that its parameter is no other in Python.
_OF_PARAMETERS: frozenset[Type] = frozenset({List(TENSOR), DEVICE, INT, BOOL, STRING})


def _powers(node: n.Expr) -> Iterator[n.BinOp]:
    """Yield the powers in an expression of whole numbers."""
    match node:
        case n.BinOp(op="**"):
            yield node
        case n.BinOp(left=left, op=("+" | "-" | "*" | "//" | "%"), right=right):
            yield from _powers(left)
            yield from _powers(right)
        case n.List(elts=parts) | n.Tuple(elts=parts):
            for one in parts:
                yield from _powers(one)


def _whole_power(unit: Unit, node: n.Call, refused: Refusal) -> Fix | None:
    """`x.view(2 ** n)` becomes `x.view(int(2 ** n))`: a power is a float in TorchScript."""
    wanted = any(one.kind == "type" and one.wanted in (INT, List(INT)) for one in refused.reasons)
    powers = [one for argument in node.args for one in _powers(argument)]
    if (
        not wanted
        or not powers
        or any(unit.type_of(side) is not INT for one in powers for side in (one.left, one.right))
    ):
        return None
    return as_ints(unit.function, powers)


def _sum(unit: Unit, node: n.Call, given: Arguments) -> Fix | None:
    """`sum(xs)` of a list of tensors becomes `torch.stack(xs).sum(dim=0)`."""
    kinds = [one.type for one in given.positional]
    is_plain = isinstance(node.func, n.Name) and node.func.id == "sum" and not node.keywords
    return summed(unit.function, node) if is_plain and kinds == [List(TENSOR)] else None


def _of_empty_list(unit: Unit, node: n.Call, given: Arguments, receiver: Typed | None) -> Fix | None:
    """Annotate a list that is empty at first with the type of what it is given."""
    callee = node.func
    if receiver is None or receiver.type != List(TENSOR) or not isinstance(callee, n.Attribute):
        return None
    if not isinstance(callee.value, n.Name) or not given.positional:
        return None
    last, name = given.positional[-1].type, callee.value.id
    fix = None
    if not is_filled_later(unit, node.args[-1]) and is_first_fill(unit, name, callee):
        if callee.attr in ("append", "insert") and last is not NONE:
            fix = of_empty(unit, name, List(last))
        elif callee.attr == "extend" and isinstance(last, List):
            fix = of_empty(unit, name, last)
    if fix is None and is_empty_at_first(unit.function, name):
        unit.frame.retype(name, Typed(UnknownType(f"`{name}`, whose elements are not of one type")))
    return fix


def is_filled_later(unit: Unit, node: n.Expr) -> bool:
    """Return True if an expression is a list that is empty at first, and may be given elements that nobody has looked at yet."""
    if not isinstance(node, n.Name):
        return isinstance(node, n.List) and not node.elts
    function = unit.function.node
    later = (one for one in uses_in(function).get(node.id, ()) if one.start > node.start)
    return is_empty_at_first(unit.function, node.id) and any(
        isinstance(above(function, one)[0], n.Attribute) for one in later
    )


def is_first_fill(unit: Unit, name: str, node: n.Expr) -> bool:
    """Return True if nothing was put into a container before: what fitted then would not be what it is to be now."""
    function = unit.function.node
    for use in uses_in(function).get(name, ()):
        match above(function, use)[:2] if use.start < node.start else []:
            case [n.Attribute(attr=("append" | "extend" | "insert")), *_]:
                return False
            case [n.Subscript(value=value) as item, n.Assign(targets=[target])] if value is use and target is item:
                return False
    return True


def of_empty(unit: Unit, name: str, kind: Type) -> Fix | None:
    """Annotate a list or dictionary that is empty at first; what follows is judged as if it were."""
    fix = annotated_where_empty(unit.function, name, kind)
    if fix is not None:
        unit.frame.retype(name, Typed(kind))
    return fix


def _spelled_out(
    unit: Unit, node: n.Call, schemas: Sequence[Schema], given: Arguments, receiver: Typed | None
) -> Fix | None:
    """`x.norm(dim=1)` becomes `x.norm(p=2, dim=1)`, and `x.nonzero(as_tuple=False)` `x.nonzero()`: what Python assumes."""
    own = None if receiver is None else Given(receiver.type, receiver.empty_list)
    keywords = given.given_keywords
    name = schemas[0].name.rpartition("::")[2] if schemas else ""
    flag = next((one for one in node.keywords if one.arg == "as_tuple"), None)
    if name == "nonzero" and flag is not None and isinstance(flag.value, n.Constant) and flag.value.value is False:
        rest = {key: one for key, one in keywords.items() if key != "as_tuple"}
        if isinstance(match(schemas, given.given, rest, receiver=own), Match):
            return without_keyword(unit.module, node, flag)
    if name == "norm" and "dim" in keywords and "p" not in keywords:
        more = {**keywords, "p": Given(INT)}
        if isinstance(match(schemas, given.given, more, receiver=own), Match):
            return with_keyword(unit.module, node, "p=2")
    return None


def _numpy_keywords(
    unit: Unit, node: n.Call, schemas: Sequence[Schema], given: Arguments, receiver: Typed | None
) -> Fix | None:
    """Give keywords torch's names where the call fits then: Python takes NumPy's names for operators as well."""
    names = {NUMPY_KEYWORDS.get(name, name): one for name, one in given.given_keywords.items()}
    if len(names) < len(given.keywords) or names.keys() == given.keywords.keys():
        return None
    own = None if receiver is None else Given(receiver.type, receiver.empty_list)
    found = match(schemas, given.given, names, receiver=own)
    return renamed_keywords(unit.module, node) if isinstance(found, Match) else None


def of_unsupported(unit: Unit, node: n.Call, name: str) -> Fix | None:
    """Return what a function that TorchScript lacks is to be replaced by."""
    function, package = unit.function, name.partition(".")[0]
    match name:
        case _ if name == IS_TENSOR:
            return isinstance_of_tensor(unit.module, function.node, node)
        case "typing.cast":
            return without_cast(function, node)
        case "torch.spmm" | "torch.dsmm":
            return renamed(function, node, "torch.mm")
        case "warnings.catch_warnings":
            return without_catching(function, node)
        case "map":
            return mapped(function, node)
        case "numpy.prod" | "math.prod":
            return of_sizes(function, node)
        case _ if package == "numpy":
            return of_numbers(function, node, name, [unit.type_of(one) for one in node.args])
        case _ if package == "random":
            return drawn(function, node, name)
        case "next":
            return _first_parameter(unit, node)
        case _ if name.startswith("torch.") and name.rpartition(".")[2] in ONLY_OUTSIDE:
            return not_in_script(function, node)
        case "torch.Tensor":
            return constructed(function, node, [unit.type_of(one) for one in node.args])
        case _:
            return None


def _first_parameter(unit: Unit, node: n.Call) -> Fix | None:
    """`next(self.parameters()).device` becomes `self.fc.weight.device`, by the name of the parameter that comes first."""
    match node.args:
        case [n.Call(func=n.Attribute(value=owner, attr="parameters"), args=[], keywords=[])]:
            held = unit.value(owner)
            path = first_parameter(unit.compiler.library, held.instance) if isinstance(held, ModuleObject) else None
            return None if path is None else replaced(unit.module, node, unit.text(owner) + path)
    return None


def floats(
    unit: Unit,
    node: n.Call,
    schemas: Sequence[Schema],
    given: Arguments,
    receiver: Typed | None,
    refused: Refusal,
    safety: Safety,
) -> Fix | None:
    """Make floats of the ints that are given for floats, where the call fits then: operators make them in Python."""
    if any(isinstance(one, n.Starred) for one in node.args):
        return None
    positional, keywords = given.given, given.given_keywords
    converted: list[n.Expr] = []
    done: set[int | str] = set()
    found: Match | Refusal = refused
    while isinstance(found, Refusal):
        wrong = next((one for one in found.reasons if _is_float_wanted(one) and one.argument not in done), None)
        if wrong is None or wrong.wanted is None or wrong.argument is None:
            return None
        done.add(wrong.argument)
        if isinstance(wrong.argument, int):
            argument = node.args[wrong.argument] if wrong.argument < len(node.args) else None
            positional[wrong.argument : wrong.argument + 1] = [Given(wrong.wanted)]
        else:
            argument = next((one.value for one in node.keywords if one.arg == wrong.argument), None)
            keywords[wrong.argument] = Given(wrong.wanted)
        parts = [] if argument is None else _ints(unit, argument)
        if not parts:
            return None
        converted += parts
        own = None if receiver is None else Given(receiver.type, receiver.empty_list)
        found = match(schemas, positional, keywords, receiver=own)
    return as_floats(unit.module, converted, safety)


def _is_float_wanted(reason: Reason) -> bool:
    wanted = reason.wanted.element if isinstance(reason.wanted, Optional) else reason.wanted
    return reason.kind == "type" and wanted in (FLOAT, List(FLOAT))


def _ints(unit: Unit, node: n.Expr) -> list[n.Expr]:
    """Return the ints that an expression is or lists, if it holds nothing else but floats."""
    parts = node.elts if isinstance(node, (n.Tuple, n.List)) else [node]
    types = [unit.type_of(one) for one in parts]
    return (
        []
        if any(one not in (INT, FLOAT) for one in types)
        else [one for one, kind in zip(parts, types, strict=True) if kind is INT]
    )
