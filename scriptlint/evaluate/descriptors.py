"""Objects that stand in a class and answer for an attribute of its objects: `__get__` and `__set__`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scriptlint.evaluate import calls
from scriptlint.evaluate.arguments import Arguments
from scriptlint.evaluate.values import ClassValue, Const, FunctionValue, Instance, Value
from scriptlint.program.classes import Member
from scriptlint.program.decorators import decoration
from scriptlint.program.module import Class, Function

if TYPE_CHECKING:
    from scriptlint.evaluate.evaluator import Evaluator


def _method(ev: Evaluator, value: Value, name: str) -> FunctionValue | None:
    found = ev.classes.method(value.cls, name) if isinstance(value, Instance) and isinstance(value.cls, Class) else None
    return None if found is None else FunctionValue(found, value)


def of_class(ev: Evaluator, cls: Class, name: str) -> Value | None:
    """Return the object that a class, or a base of it, has under a name, where its class says what reading it gives."""
    found = ev.classes.member(cls, name)
    if not isinstance(found, Member):
        return None
    if isinstance(found.value, Function):
        made = _made_by_decorator(ev, found.value)
    else:
        made = ev.resolved(ev.namespaces.class_variable(found.owner, name)) if found.value.value is not None else None
    return made if made is not None and _method(ev, made, "__get__") is not None else None


def _made_by_decorator(ev: Evaluator, function: Function) -> Value | None:
    """Return what a class of the project makes of a method that it decorates."""
    others = decoration(function, ev.project).others
    if not any(isinstance(one.symbol, Class) for one in others):
        return None
    return ev.resolved(calls.decorated_by(ev, FunctionValue(function), others) or Const(None))


def replaces_own(ev: Evaluator, descriptor: Value) -> bool:
    """Return True if a descriptor is asked before the object itself: one with `__set__`."""
    return _method(ev, descriptor, "__set__") is not None


def got(ev: Evaluator, descriptor: Value, receiver: Instance | None, cls: Class) -> Value:
    """Return what reading an attribute gives of the object in the class."""
    getter = _method(ev, descriptor, "__get__")
    assert getter is not None
    return calls.call(ev, getter, Arguments([receiver or Const(None), ClassValue(cls)], {}))


def put(ev: Evaluator, descriptor: Value, receiver: Instance, value: Value) -> None:
    """Set an attribute of which a descriptor keeps the value."""
    setter = _method(ev, descriptor, "__set__")
    assert setter is not None
    calls.call(ev, setter, Arguments([receiver, value], {}))


def named(ev: Evaluator, value: Value, cls: Class, name: str) -> Value:
    """Tell an object of a class body its name, where its class asks for it."""
    hook = _method(ev, ev.resolved(value), "__set_name__")
    if hook is not None:
        calls.call(ev, hook, Arguments([ClassValue(cls), Const(name)], {}))
    return value
