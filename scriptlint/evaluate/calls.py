"""Calls, and definitions: what a function, a class or a lambda is worth where its statement is executed."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from msgspec.structs import replace

from scriptlint.evaluate import binding, builtins, classes, command_line, metaclasses, methods, standard, symbols
from scriptlint.evaluate.arguments import Arguments, hide
from scriptlint.evaluate.frames import Frame, Raised
from scriptlint.evaluate.values import (
    Choice,
    ClassValue,
    Compiled,
    Const,
    ExternalValue,
    FunctionValue,
    GeneratedInit,
    Instance,
    Items,
    LambdaValue,
    Mapping,
    Partial,
    Symbol,
    TupleClass,
    Unknown,
    Value,
)
from scriptlint.program.classes import Member
from scriptlint.program.decorators import Decorator, Effect, Kind, decoration
from scriptlint.program.module import Class, Function
from scriptlint.program.project import KNOWN_PACKAGES, Local
from scriptlint.syntax import nodes as n

if TYPE_CHECKING:
    from scriptlint.evaluate.evaluator import Evaluator


def call(
    ev: Evaluator, callee: Value, given: Arguments, node: n.Node | None = None, frame: Frame | None = None
) -> Value:
    """Return what a call returns."""
    callee = symbols.settled(ev, callee)
    match callee:
        case ExternalValue(receiver=None):
            return _call_external(ev, callee.name, given, node, frame)
        case ExternalValue():
            return _call_method(ev, callee, given, node, frame)
        case FunctionValue():
            if frame is not None:
                ev.called.add((callee.function, frame.place))
            return _call_function(ev, callee, given, node, frame)
        case ClassValue():
            return ev.construct(callee, given, node, frame)
        case TupleClass():
            return classes.make_tuple(ev, callee, given, node, frame)
        case LambdaValue():
            outer = callee.scope if isinstance(callee.scope, Frame) else None
            inner = Frame(callee.place, outer=outer)
            if outer is not None:
                inner.owner, inner.receiver, inner.outside = outer.owner, outer.receiver, outer.outside
            inner.variables.update(binding.bind_lambda(ev, callee, given, node, frame))
            return ev.evaluate_body(callee.node.body, inner)
        case Partial():
            joined = Arguments(
                [*callee.arguments, *given.positional], {**callee.keywords, **given.keywords}, given.exact
            )
            return call(ev, callee.callee, joined, node, frame)
        case GeneratedInit():
            instance = callee.instance or ev.resolved(given.first())
            rest = given if callee.instance is not None else replace(given, positional=given.positional[1:])
            if isinstance(instance, Instance):
                classes.initialise_dataclass(ev, instance, callee.cls, rest)
            return Const(None)
        case Instance():
            return _call_object(ev, callee, given, node, frame)
        case Symbol():
            return _call_symbol(ev, callee, given, node, frame)
        case Compiled():
            return ev.domain.call_object(ev, callee, given, node, frame)
        case Choice():
            return Unknown("one of several callees")
        case Const(value=None):
            if frame is not None:
                raise Raised("builtins.TypeError", None, node, frame.module)
            return Unknown()
        case Unknown():
            hide(ev, given)
            return callee if callee.reason else _unknown_call(node, frame)
        case _:
            hide(ev, given)
            return _unknown_call(node, frame)


def _unknown_call(node: n.Node | None, frame: Frame | None) -> Unknown:
    if not isinstance(node, n.Call) or frame is None:
        return Unknown("a call")
    text = " ".join(frame.text(node.func).split())
    if frame.outside is not None:
        return Unknown(f"what `{text[:60]}` is")
    row = frame.module.source.location(node.start).row
    return Unknown(f"`{text[:60]}`, called in line {row} of {PurePath(frame.module.path).name}")


def _call_symbol(ev: Evaluator, callee: Symbol, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    """Return what something of which nothing is known returns: the same for the same arguments as the code says them.

    `config.get("name", "default")` has the default where nobody says what is in there.
    """
    hide(ev, given)
    if not callee.kind:
        callee.kind = "callable"
    values = [ev.resolved(one) for one in given.positional]
    if callee.name.endswith(".get") and 1 <= len(values) <= 2 and isinstance(values[0], Const):
        text = f"({values[0].value!r})"
    else:
        text = frame.text(node)[node.func.end - node.start :] if frame and isinstance(node, n.Call) else "(...)"
    made = symbols.part(ev, callee, " ".join(text.split()))
    default = values[1] if callee.name.endswith(".get") and len(values) == 2 else None
    if isinstance(made, Symbol) and isinstance(default, Const) and made.value is None and not made.excluded:
        made.default = default
    return made


def _call_function(
    ev: Evaluator, callee: FunctionValue, given: Arguments, node: n.Node | None, frame: Frame | None
) -> Value:
    marks = decoration(callee.function, ev.project)
    bound = callee.bound
    if bound is None and marks.kind is not Kind.STATIC and callee.function.owner is not None and given.positional:
        receiver = ev.resolved(given.positional[0])
        if isinstance(receiver, Instance):  # it is named by its class, as in `Base.__init__(self)`
            callee = replace(callee, bound=receiver)
            given = Arguments(given.positional[1:], given.keywords, given.exact, given.open)
    is_wrapped = any(one.effect is Effect.WRAPS and isinstance(one.symbol, Function) for one in marks.others)
    if callee.is_plain or (marks.transparent and (given.open or not is_wrapped) and _fits(callee, marks.others, given)):
        return ev.call_function(callee, given, node, frame)
    decorated = callee.decorated or decorated_by(ev, callee, marks.others)
    if decorated is None and marks.transparent and _fits(callee, marks.others, given):
        return ev.call_function(callee, given, node, frame)
    if decorated is None:
        hide(ev, Arguments([*given.positional, *([callee.bound] if callee.bound else [])], given.keywords))
        return Unknown(f"`{callee.function.node.name}`, which is decorated")
    if isinstance(decorated, FunctionValue) and decorated.function is callee.function:
        return ev.call_function(replace(decorated, bound=callee.bound), given, node, frame)
    positional = [callee.bound, *given.positional] if callee.bound is not None else given.positional
    ev.undecorated.pop(callee.function, None)
    made = call(ev, decorated, Arguments(positional, given.keywords, given.exact, given.open), node, frame)
    if marks.transparent and isinstance(ev.resolved(made), Unknown):
        return ev.undecorated.get(callee.function, made)
    return made


def _fits(callee: FunctionValue, decorators: list[Decorator], given: Arguments) -> bool:
    """Return True if a function takes the keywords of a call itself; what wraps it may rename them first."""
    return not decorators or binding.fits(callee.function, given)


def decorated_by(ev: Evaluator, value: FunctionValue, decorators: list[Decorator]) -> Value | None:
    """Return what its decorators make of a function; None where they are not followed."""
    known = ev.namespaces.decorated.get(value.function) if value.scope is None else None
    if known is not None:
        return known
    function = value.function
    place = function.owner or function.outer or function.module
    outside = Frame(place, outer=value.scope if isinstance(value.scope, Frame) else None)
    made: Value = _undecorated(replace(value, bound=None))
    for one in reversed(decorators):
        if one.effect is Effect.IDENTITY:
            continue
        if one.effect is Effect.WRAPS and isinstance(one.name, str) and one.name.partition(".")[0] in KNOWN_PACKAGES:
            continue
        if one.name in _CACHES:
            continue
        decorator = ev.evaluate(one.node, outside)
        if not isinstance(ev.resolved(decorator), (FunctionValue, ClassValue, LambdaValue, Partial)):
            return None
        made = ev.resolved(call(ev, decorator, Arguments([made], {}), one.node, outside))
    if not isinstance(made, (FunctionValue, LambdaValue, Partial, Instance, ClassValue, Const, Mapping, Items)):
        return None
    if value.scope is None:
        ev.namespaces.decorated[function] = made
    return made


_CACHES = frozenset({"functools.lru_cache", "functools.cache", "functools.wraps"})


def _undecorated(value: FunctionValue) -> FunctionValue:
    """Return a function whose calls run its own body, as its decorators see it."""
    return replace(value, is_plain=True)


def _call_external(ev: Evaluator, name: str, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    package = name.partition(".")[0]
    if package == "builtins":
        made = builtins.call(ev, name.removeprefix("builtins."), given, node, frame)
        if made is None and name.count(".") == 2 and given.positional:  # `str.lower(text)`
            rest = Arguments(given.positional[1:], given.keywords, given.exact)
            receiver = symbols.settled(ev, given.positional[0])
            made = methods.call(ev, receiver, name.rpartition(".")[2], rest, node, frame)
        if made is not None:
            return made
    made = standard.call(ev, name, given, node, frame)
    if made is not None:
        return made
    if package not in KNOWN_PACKAGES or name == "builtins.vars":
        hide(ev, given)
    return ev.domain.call(ev, name, given, node, frame)


def _call_method(
    ev: Evaluator, callee: ExternalValue, given: Arguments, node: n.Node | None, frame: Frame | None
) -> Value:
    receiver = symbols.settled(ev, callee.receiver) if callee.receiver is not None else Unknown()
    name = callee.name.rpartition(".")[2]
    if callee.name == "builtins.type.__call__" and isinstance(receiver, ClassValue):
        return ev.construct(receiver, given, node, frame, is_plain=True)
    if isinstance(receiver, Instance) and command_line.is_parser(receiver):
        return command_line.call(ev, receiver, name, given, node, frame)
    if callee.name == "builtins.type.__new__":
        return metaclasses.new(ev, given, node, frame)
    made = methods.call(ev, receiver, name, given, node, frame)
    return made if made is not None else ev.domain.call_method(ev, receiver, callee.name, given, node, frame)


def _call_object(ev: Evaluator, callee: Instance, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    if not callee.ran:
        ev.domain.on_change(ev, callee)
        callee.ran = True
    if isinstance(callee.cls, Class):
        own = ev.classes.member(callee.cls, "__call__")
        if isinstance(own, Member) and isinstance(own.value, Function):
            return call(ev, FunctionValue(own.value, callee), given, node, frame)
    return ev.domain.call_object(ev, callee, given, node, frame)


_WRAPPED = 8


def unwrapped(ev: Evaluator, value: Value) -> Value:
    """Return the function that a function says, by `functools.wraps`, that it is."""
    for _ in range(_WRAPPED):
        inner = _wrapped(ev, value)
        if inner is None:
            break
        value = inner
    return value


def _wrapped(ev: Evaluator, value: Value) -> Value | None:
    if not isinstance(value, FunctionValue):
        return None
    function = value.function
    for decorator in function.node.decorators:
        if isinstance(decorator, n.Call) and decorator.args:
            place = function.outer or function.owner or function.module
            outside = Frame(place, outer=value.scope if isinstance(value.scope, Frame) else None)
            if ev.resolved(ev.evaluate(decorator.func, outside)) == ExternalValue("functools.wraps"):
                return ev.resolved(ev.evaluate(decorator.args[0], outside))
    return None


def class_value(cls: Class, scope: Frame | None = None) -> ClassValue:
    """Return the value of a class."""
    return ClassValue(cls, scope)


def class_of(value: Value) -> Class | None:
    """Return the class that a value is; None for anything else."""
    return value.symbol if isinstance(value, ClassValue) else None


# Definitions


def definition(ev: Evaluator, node: n.FunctionDef | n.ClassDef, frame: Frame) -> Value:
    """Return the value of a definition that is executed, with its decorators applied."""
    outer = frame if isinstance(frame.place, Function) or frame.outer is not None else None
    if isinstance(node, n.ClassDef):
        cls = frame.module.classes[node.start]
        made: Value = ClassValue(cls, outer)
        ev.namespaces.define(ClassValue(cls, outer))
        ev.namespaces.prepare(cls)
        return ev.domain.on_definition(ev, made, _by_own_decorators(ev, cls, made, frame), node, frame)
    function = frame.module.functions[node.start]
    parameters = [one for one in node.args.all() if one.default is not None]
    defaults = {one.name: ev.evaluate(one.default, frame) for one in parameters if one.default is not None}
    made = FunctionValue(function, None, outer, defaults)
    return ev.domain.on_definition(ev, made, _by_own_decorators(ev, function, made, frame), node, frame)


def _by_own_decorators(ev: Evaluator, symbol: Function | Class, value: Value, frame: Frame) -> Value:
    """Return what the decorators of the project make of a definition; they may also put it into a registry."""
    marks = decoration(symbol, ev.project)
    own = [one for one in marks.others if isinstance(one.symbol, (Function, Class, Local)) or one.symbol is None]
    if not own:
        return value
    made = _undecorated(value) if isinstance(value, FunctionValue) else value
    for one in reversed(own):
        try:
            decorator = ev.resolved(ev.evaluate(one.node, frame))
        except Raised:
            continue
        if not isinstance(decorator, (FunctionValue, ClassValue, LambdaValue, Partial, ExternalValue)):
            continue
        result = ev.resolved(call(ev, decorator, Arguments([made], {}), one.node, frame))
        if isinstance(result, (FunctionValue, ClassValue, LambdaValue, Partial, Instance)):
            made = result
    if isinstance(value, FunctionValue):
        if isinstance(made, FunctionValue) and made.function is value.function:
            return value
        return replace(value, decorated=made)
    return made
