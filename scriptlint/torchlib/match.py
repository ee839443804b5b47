"""Choosing the overload of a call, as the compiler does.

Twin: torch/csrc/jit/frontend/schema_matching.cpp, in its order: matchSchemas, tryMatchSchema, tryMatchArgument; for type
variables aten/src/ATen/core/type.cpp, matchTypeVariables.

All overloads are tried without implicit conversions, then all with; the first that fits is taken. A lone candidate is tried
with conversions at once. What is Unknown fits everything, so a call is refused only if it would be for every type that the
unknown may have. The result is then what all the overloads that may be taken agree upon; where they do not, one or two
unknown arguments are supposed to be of each type in turn (`SUPPOSED`), for most overloads are out of reach: `tensor + unknown`
is a Tensor whatever the unknown is, although `add` of two numbers would take the tensor as one.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from msgspec import Struct, field

from scriptlint.torchlib.schema import Param, Schema
from scriptlint.types.convert import convert, converts_to_list, unwrap_optional
from scriptlint.types.model import (
    ANY,
    FLOAT,
    INT,
    NONE,
    Dict,
    Future,
    List,
    Optional,
    RRef,
    Tensor,
    Tuple,
    Type,
    Unknown,
    Var,
    has_unknown,
    has_variables,
    rebuild,
)
from scriptlint.types.parse import parse_annotation
from scriptlint.types.relations import is_subtype, unify, unify_all
from scriptlint.types.show import show

# Overloads that calls never reach: a dtype cannot be told from an int, nor `out` from a second operand.
BLOCKED = {("aten::view", "dtype"), ("aten::max", "unary_out"), ("aten::min", "unary_out")}

# What an Unknown argument may be, where it matters.
SUPPOSED = tuple(
    map(
        parse_annotation,
        "Tensor int float bool complex number str NoneType Device Any List[int] List[float] List[bool] List[Tensor] List[str] "
        "Tuple[int,int] Tuple[float,float] Tuple[Tensor,Tensor] Dict[str,int] Optional[int] Optional[Tensor]".split(),
    )
)


class Given(NamedTuple):
    """An argument: its type, and whether it is the literal `[]` that nothing gave an element type."""

    type: Type
    empty_list: bool = False


class Reason(Struct, frozen=True):
    """Why an overload does not fit. `text` is what the compiler prints under the schema.

    `kind`: type, variable, missing, surplus, keyword, twice, self. `param` and `argument` (the number among the positional
    arguments, or the keyword) say where, `wanted` and `found` what.
    """

    schema: Schema
    kind: str
    text: str
    param: str = ""
    argument: int | str | None = None
    wanted: Type | None = None
    found: Type | None = None


class Conversion(Struct, frozen=True):
    """An implicit conversion that a call takes: a Tensor given where an int is wanted is checked only at run time."""

    param: str
    argument: int | str | None
    found: Type
    wanted: Type


class Match(Struct, frozen=True):
    """The call fits. `schema` is the overload that is taken, None when that hangs on something Unknown.

    `returns` is the type of the call, `bound` the type with which each parameter arrives (defaults left out), `conversions`
    what was converted on the way; both are empty where the schema is not known.
    """

    schema: Schema | None
    returns: Type
    bound: Mapping[str, Type] = field(default_factory=dict)
    conversions: tuple[Conversion, ...] = ()


class Refusal(Struct, frozen=True):
    """No overload fits; the reasons are those of the last pass, one per overload in order.

    `several` tells whether there was a choice: then the compiler lists all variants.
    """

    reasons: tuple[Reason, ...]
    several: bool = True

    @property
    def message(self) -> str:
        """What the compiler prints, without the place in the source."""
        if not self.several:
            return f"\n{self.reasons[0].schema}:\n{self.reasons[0].text}"
        variants = "".join(f"\n{reason.schema}:\n{reason.text}" for reason in self.reasons)
        indented = "".join(f"  {line}" for line in variants.splitlines(keepends=True))
        return f"Arguments for call are not valid.\nThe following variants are available:\n{indented}\nThe original call is"


Argument = Type | Given


def match(
    schemas: Sequence[Schema],
    args: Sequence[Argument] = (),
    kwargs: Mapping[str, Argument] | None = None,
    receiver: Argument | None = None,
    open_ended: bool = False,
) -> Match | Refusal:
    """Return what a call gives. `receiver` is the value before the dot of a method call and goes to the parameter `self`.

    `open_ended` says that there may be further arguments that could not be seen (`f(*values)`).
    """
    return _match(
        tuple(schemas),
        _Call(
            tuple(map(_given, args)),
            tuple((name, _given(arg)) for name, arg in (kwargs or {}).items()),
            None if receiver is None else _given(receiver),
            open_ended,
        ),
    )


@functools.lru_cache(maxsize=16384)
def _match(schemas: tuple[Schema, ...], call: _Call) -> Match | Refusal:
    possible: list[Match] = []
    reasons: list[Reason] = []
    for implicit in (True,) if len(schemas) == 1 else (False, True):
        reasons = []
        for schema in schemas:
            if (schema.name, schema.overload) in BLOCKED:
                continue
            found = _Attempt(schema, call, implicit).run()
            if isinstance(found, Reason):
                reasons.append(found)
            elif not found.uncertain:
                return _agree(schemas, call, [*possible, found.match]) if possible else found.match
            else:
                possible.append(found.match)
    if possible:
        return _agree(schemas, call, possible)
    return Refusal(tuple(reasons), len(schemas) > 1)


def accepts_self(schema: Schema, kind: Type) -> bool:
    """Return True if the schema has a `self` that takes a value of this type unconverted (BuiltinFunction::tryCreate)."""
    param = schema.param("self")
    if param is None:
        return False
    variables: dict[str, Type] = {}
    if match_variables(param.type, kind, variables) is not None:
        return False
    concrete = substitute(param.type, variables)
    return concrete is not None and is_subtype(kind, concrete)


def match_variables(formal: Type, actual: Type, variables: dict[str, Type]) -> str | None:
    """Bind the type variables of `formal` so that it becomes `actual`; the reason if it cannot, None if it did."""
    if not has_variables(formal):
        return None
    if isinstance(actual, Unknown) and not isinstance(formal, Var):
        for name in _variables(formal):
            variables.setdefault(name, actual)
        return None
    match formal:
        case Var(name):
            bound = variables.setdefault(name, actual)
            if unify(bound, actual) is None:
                return (
                    f"Type variable '{name}' previously matched to type {show(bound)} is matched to type {show(actual)}"
                )
            return None
        case List(element):
            if isinstance(actual, List):
                return match_variables(element, actual.element, variables)
            if isinstance(actual, Tuple):
                unified = unify_all(actual.elements)
                if unified is not None:
                    return match_variables(element, unified, variables)
            return f"Cannot match {show(formal)} to {show(actual)}"
        case Tuple(elements):
            if not isinstance(actual, Tuple):
                return f"Cannot match a tuple to {show(actual)}"
            if len(elements) != len(actual.elements):
                return "Cannot match tuples of mismatched size"
            for inner, other in zip(elements, actual.elements, strict=True):
                why = match_variables(inner, other, variables)
                if why is not None:
                    return why
            return None
        case Future(element):
            if not isinstance(actual, Future):
                return f"Cannot match a future to {show(actual)}"
            return match_variables(element, actual.element, variables)
        case RRef(element):
            if not isinstance(actual, RRef):
                return f"Cannot match a rref to {show(actual)}"
            return match_variables(element, actual.element, variables)
        case Optional(element):
            if isinstance(actual, Optional):
                return match_variables(element, actual.element, variables)
            return None if actual is NONE else match_variables(element, actual, variables)
        case Dict(key, value):
            if not isinstance(actual, Dict):
                return f"Cannot match a dict to {show(actual)}"
            why = match_variables(key, actual.key_type, variables)
            return why if why is not None else match_variables(value, actual.value, variables)
    return None


def substitute(kind: Type, variables: Mapping[str, Type]) -> Type | None:
    """Return the type with its variables replaced; None if one is not bound."""
    if not has_variables(kind):
        return kind
    if isinstance(kind, Var):
        return variables.get(kind.name)
    inner = [substitute(one, variables) for one in kind.contained]
    known = tuple(one for one in inner if one is not None)
    return rebuild(kind, known) if len(known) == len(inner) else None


def _variables(kind: Type) -> set[str]:
    return {kind.name} if isinstance(kind, Var) else {name for inner in kind.contained for name in _variables(inner)}


def _given(arg: Argument) -> Given:
    return arg if isinstance(arg, Given) else Given(arg)


class _Call(NamedTuple):
    args: tuple[Given, ...]
    kwargs: tuple[tuple[str, Given], ...]
    receiver: Given | None
    open_ended: bool

    def supposed(self) -> Iterator[_Call]:
        """Yield the call with each type in turn for the arguments that are Unknown, if there are one or two of them."""
        args = [index for index, given in enumerate(self.args) if isinstance(given.type, Unknown)]
        kwargs = [index for index, (_, given) in enumerate(self.kwargs) if isinstance(given.type, Unknown)]
        if not 1 <= len(args) + len(kwargs) <= 2 or self.open_ended:
            return
        for kinds in itertools.product(SUPPOSED, repeat=len(args) + len(kwargs)):
            new_args, new_kwargs = list(self.args), list(self.kwargs)
            for index, kind in zip(args, kinds, strict=False):
                new_args[index] = Given(kind)
            for index, kind in zip(kwargs, kinds[len(args) :], strict=True):
                new_kwargs[index] = (self.kwargs[index][0], Given(kind))
            yield self._replace(args=tuple(new_args), kwargs=tuple(new_kwargs))


def _agree(schemas: tuple[Schema, ...], call: _Call, possible: list[Match]) -> Match:
    """Return the common result of overloads any of which may be taken."""
    first = possible[0]
    if len(possible) == 1:
        return first
    returns = {one.returns for one in possible}
    if len(returns) > 1:
        certain = [found for one in call.supposed() if isinstance(found := _match(schemas, one), Match)]
        returns = {one.returns for one in certain} or returns
    if len(returns) == 1:
        return Match(None, returns.pop())
    return Match(None, Unknown(f"which overload of `{schemas[0].name}` is called is not known"))


class _Fit(NamedTuple):
    match: Match
    uncertain: bool


class _Refused(Exception):
    def __init__(self, reason: Reason) -> None:
        self.reason = reason


class _Attempt:
    """One overload tried for one call in one of the two passes."""

    def __init__(self, schema: Schema, call: _Call, implicit: bool) -> None:
        self.schema = schema
        self.call = call
        self.kwargs = dict(call.kwargs)
        self.implicit = implicit
        self.variables: dict[str, Type] = {}
        self.bound: dict[str, Type] = {}
        self.conversions: list[Conversion] = []
        self.used = 0
        self.used_keywords: set[str] = set()
        self.uncertain = call.open_ended

    def run(self) -> _Fit | Reason:
        try:
            self._bind()
        except _Refused as refused:
            return refused.reason
        return _Fit(Match(self.schema, self._returns(), self.bound, tuple(self.conversions)), self.uncertain)

    def _bind(self) -> None:
        schema, call = self.schema, self.call
        receiver = call.receiver
        is_aten = schema.name.startswith("aten::")
        for index, param in enumerate(schema.params):
            where: int | str | None
            if param.name == "self" and receiver is not None:
                given, where = receiver, None
                receiver = None
            elif not param.keyword_only and self.used < len(call.args):
                if self.implicit and self._takes_rest(index, param):
                    continue
                given, where = call.args[self.used], self.used
                self.used += 1
            elif (keyword := self._keyword(param.name, is_aten)) is not None:
                given, where = self.kwargs[keyword], keyword
                self.used_keywords.add(keyword)
            elif param.has_default or call.open_ended:
                continue
            else:
                raise self._refused("missing", f"Argument {param.name} not provided.\n", param)
            self.bound[param.name] = self._argument(param, given, where)
        if receiver is not None:
            raise self._refused("self", "Provided self argument not used in schema.\n", found=receiver.type)
        if schema.is_vararg:
            self.used = len(call.args)
        if self.used < len(call.args):
            text = f"Expected at most {self.used} arguments but found {len(call.args)} positional arguments.\n"
            raise self._refused("surplus", text, argument=self.used)
        for name, given in self.kwargs.items():
            if name not in self.used_keywords:
                if schema.param(name) is None:
                    raise self._refused(
                        "keyword", f"Keyword argument {name} unknown.\n", argument=name, found=given.type
                    )
                raise self._refused(
                    "twice", f"Keyword argument {name} specified twice.\n", argument=name, found=given.type
                )

    def _keyword(self, name: str, is_aten: bool) -> str | None:
        """Return the keyword argument that goes to a parameter: operators call `self` what Python calls `input`."""
        for keyword in self.kwargs:
            if keyword == name or (is_aten and name == "self" and keyword == "input"):
                return None if keyword in self.used_keywords else keyword
        return None

    def _takes_rest(self, index: int, param: Param) -> bool:
        """Packs the remaining positional arguments into a list, if the parameter is the last and a list of any size."""
        params = self.schema.params
        is_last = index + 1 == len(params) or params[index + 1].keyword_only
        if not is_last or not isinstance(param.type, List) or param.size or isinstance(param.type.element, Var):
            return False
        rest = self.call.args[self.used :]
        first = rest[0].type
        if isinstance(first, Unknown):
            if len(rest) == 1:
                return False
        elif isinstance(first, List) or converts_to_list(first, unwrap_optional(param.type)):
            return False
        element = Param("<varargs>", param.type.element)
        for offset, given in enumerate(rest):
            self._argument(element, given, self.used + offset)
        self.used = len(self.call.args)
        self.bound[param.name] = param.type
        return True

    def _argument(self, param: Param, given: Given, where: int | str | None) -> Type:
        """Return the type with which an argument arrives."""
        actual = given.type
        if has_unknown(actual) and param.type is not ANY:
            self.uncertain = True
        if param.size and actual in (INT, FLOAT):
            wanted = unwrap_optional(param.type)
            if isinstance(wanted, List) and wanted.element is actual:
                actual = wanted
        why = match_variables(param.type, actual, self.variables)
        if why is not None:
            text = f"Could not match type {show(actual)} to {show(param.type)} in argument '{param.name}': {why}.\n"
            raise self._refused("variable", text, param, where, actual)
        concrete = substitute(param.type, self.variables)
        if concrete is None:
            text = f"Type variables in type {show(param.type)} could not be inferred from actual type {show(actual)}"
            raise self._refused("variable", text, param, where, actual)
        value = convert(actual, concrete, self.implicit, given.empty_list)
        if is_subtype(value, concrete):
            if self.implicit and not is_subtype(convert(actual, concrete, False, given.empty_list), concrete):
                self.conversions.append(Conversion(param.name, where, given.type, concrete))
            return concrete if isinstance(value, Unknown) else value
        raise self._refused("type", _mismatch(param, value), param, where, value)

    def _refused(
        self,
        kind: str,
        text: str,
        param: Param | None = None,
        argument: int | str | None = None,
        found: Type | None = None,
    ) -> _Refused:
        wanted = param.type if param else None
        return _Refused(Reason(self.schema, kind, text, param.name if param else "", argument, wanted, found))

    def _returns(self) -> Type:
        if self.schema.is_varret:
            return Unknown(f"what `{self.schema.name}` returns is not said")
        returns = self.schema.returns
        found = substitute(returns, self.variables)
        return Unknown(f"type variables of `{self.schema.name}`") if found is None else found


def _mismatch(param: Param, found: Type) -> str:
    text = f"Expected a value of type '{show(param.type)}' for argument '{param.name}' but instead found type '{show(found)}'.\n"
    if isinstance(param.type, Tensor) and param.type.inferred:
        text += f"Inferred '{param.name}' to be of type 'Tensor' because it was not annotated with an explicit type.\n"
    if isinstance(found, Tensor) and found.inferred:
        text += (
            f"Inferred the value for argument '{param.name}' to be of type 'Tensor' because it was not annotated with an "
            "explicit type.\n"
        )
    if isinstance(found, List) and isinstance(found.element, Tensor):
        text += (
            "Empty lists default to List[Tensor]. Add a variable annotation to the assignment to create an empty list of "
            "another type (torch.jit.annotate(List[T, []]) where T is the type of elements in the list for Python 2)\n"
        )
    return text
