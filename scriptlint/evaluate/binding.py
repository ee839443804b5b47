"""What the parameters of a function hold when it is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scriptlint.evaluate import symbols
from scriptlint.evaluate.arguments import Arguments
from scriptlint.evaluate.frames import Frame, Raised
from scriptlint.evaluate.values import (
    FunctionValue,
    Items,
    LambdaValue,
    Mapping,
    Symbol,
    Unknown,
    Value,
)
from scriptlint.program.module import Function
from scriptlint.program.project import Place
from scriptlint.syntax import nodes as n

if TYPE_CHECKING:
    from scriptlint.evaluate.evaluator import Evaluator


def bind(
    ev: Evaluator, value: FunctionValue, given: Arguments, node: n.Node | None = None, frame: Frame | None = None
) -> dict[str, Value]:
    """Return the parameters of a call of a function by name; raise TypeError as Python does where they do not fit."""
    function = value.function
    place = function.owner or function.outer or function.module
    own = Frame(place, outer=value.scope if isinstance(value.scope, Frame) else None)

    def default(parameter: n.Parameter) -> Value | None:
        if parameter.default is None:
            return None
        if value.defaults is not None and parameter.name in value.defaults:
            return value.defaults[parameter.name]
        return ev.evaluate(parameter.default, own)

    def missing(parameter: n.Parameter) -> Value:
        known = default(parameter)
        if given.open:
            return symbols.argument(ev, function, parameter, known)
        if known is not None:
            if given.exact:
                return known
            return Symbol(parameter.name, ("argument", parameter.name, function.node.start), default=known)
        if given.exact:
            raise _misfit(node, frame)
        return Unknown(f"the argument `{parameter.name}`")

    positional = [value.bound, *given.positional] if value.bound is not None else list(given.positional)
    if given.open and value.bound is None and function.owner is not None and function.node.name == "__new__":
        positional = list(given.positional)
    found = _bound(function.node.args, positional, given, missing, node, frame)
    if node is not None and frame is not None:
        parameters = function.node.args
        for parameter in (*parameters.posonly, *parameters.args, *parameters.kwonly):
            if _is_open(ev.resolved(found[parameter.name])):
                found[parameter.name] = _assumed(ev, parameter, found[parameter.name], place, (node, frame))
    return found


def _is_open(value: Value) -> bool:
    """Return True if nothing is known of a value, as of what a program reads from a file."""
    if type(value) is Symbol:
        return not value.is_argument and not value.kind and value.value is None
    return type(value) is Unknown


def _assumed(ev: Evaluator, parameter: n.Parameter, given: Value, place: Place, at: tuple[n.Node, Frame]) -> Value:
    """Return what a parameter holds when a value that is not known is given for it.

    What is annotated as a number, bool or text is taken for one, as is what is a bool, text or float by default: an int
    by default may be given floats as well, and what may be None is not known.
    """
    kind = symbols.kind_of(ev, parameter.annotation, place)
    if not kind and isinstance(parameter.default, n.Constant) and parameter.default.kind != "int":
        kind = parameter.default.kind
    if kind not in symbols.PLAIN:
        return given
    node, frame = at
    key = (frame.module.path, node.start, parameter.name)
    made = Symbol(parameter.name, key, kind, annotation=parameter.annotation, place=place)
    if symbols.may_be_none(made):
        return given
    ev.path.assume(f"`{parameter.name}` is {'an' if kind == 'int' else 'a'} {kind}")
    if isinstance(given, Symbol):
        given.kind = kind
        return given
    return made


def fits(function: Function, given: Arguments) -> bool:
    """Return True if every keyword of a call is a parameter of its own, and none ends in `**kwargs`."""
    parameters = function.node.args
    names = {one.name for one in (*parameters.args, *parameters.kwonly)}
    return names.issuperset(given.keywords)


def bind_lambda(
    ev: Evaluator, value: LambdaValue, given: Arguments, node: n.Node | None, frame: Frame | None
) -> dict[str, Value]:
    """Return the parameters of a call of a lambda by name."""

    def missing(parameter: n.Parameter) -> Value:
        known = value.defaults.get(parameter.name)
        if known is not None:
            return known
        if given.exact:
            raise _misfit(node, frame)
        return Unknown(f"the argument `{parameter.name}`")

    return _bound(value.node.args, list(given.positional), given, missing, node, frame)


def _bound(
    parameters: n.Arguments,
    positional: list[Value],
    given: Arguments,
    missing: object,
    node: n.Node | None,
    frame: Frame | None,
) -> dict[str, Value]:
    assert callable(missing)
    left = dict(given.keywords)
    found: dict[str, Value] = {}
    places = [*parameters.posonly, *parameters.args]
    for index, parameter in enumerate(places):
        if index < len(positional):
            if parameter.name in left and parameter not in parameters.posonly:
                raise _misfit(node, frame)
            found[parameter.name] = positional[index]
        elif parameter.name in left and parameter not in parameters.posonly:
            found[parameter.name] = left.pop(parameter.name)
        else:
            found[parameter.name] = missing(parameter)
    for parameter in parameters.kwonly:
        found[parameter.name] = left.pop(parameter.name) if parameter.name in left else missing(parameter)
    extra = positional[len(places) :]
    if parameters.vararg is not None:
        name = parameters.vararg.name
        if given.open and not extra:
            found[name] = Symbol(name, ("argument", name), "list", is_rest=True)
        else:
            found[name] = Items("tuple", extra, given.exact)
    elif extra and given.exact:
        raise _misfit(node, frame)
    if parameters.kwarg is not None:
        found[parameters.kwarg.name] = Mapping(dict(left.items()), given.exact, is_rest=given.open)
    elif left and given.exact:
        raise _misfit(node, frame)
    return found


def _misfit(node: n.Node | None, frame: Frame | None) -> Raised:
    return Raised("builtins.TypeError", None, node, frame.module if frame is not None else None)
