"""Metaclasses of the project: what their `__new__` and `__init__` do to a class, and what they answer for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scriptlint.evaluate import calls, classes
from scriptlint.evaluate.arguments import Arguments
from scriptlint.evaluate.frames import Frame
from scriptlint.evaluate.values import ClassValue, Const, FunctionValue, Mapping, Unknown, Value
from scriptlint.program.module import Class
from scriptlint.syntax import nodes as n

if TYPE_CHECKING:
    from scriptlint.evaluate.evaluator import Evaluator


def make(ev: Evaluator, cls: Class) -> None:
    """Run what the metaclass of a class does where the class is defined, and leave on the class what it puts there."""
    maker = classes.metaclass(ev, cls)
    if not isinstance(maker, ClassValue):
        return
    creator, initialiser = (ev.classes.method(maker.symbol, name) for name in ("__new__", "__init__"))
    if creator is None and initialiser is None:
        return
    body = ev.namespaces.class_dictionary(cls)
    assert isinstance(body, Mapping)
    parts = [Const(cls.node.name), classes.of_class(ev, cls, "__bases__") or Unknown(), body]
    outside = Frame(cls.outer or cls.module)
    keywords = {
        one.arg: ev.evaluate(one.value, outside) for one in cls.node.keywords if one.arg not in (None, "metaclass")
    }
    if creator is not None:
        ev.namespaces.made.append((cls, dict(body.items)))
        try:
            ev.call_function(FunctionValue(creator, None), Arguments([maker, *parts], keywords))
        finally:
            ev.namespaces.made.pop()
    if initialiser is not None:
        ev.call_function(FunctionValue(initialiser, ClassValue(cls)), Arguments(parts, keywords))


def new(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    """Return what `type.__new__` makes while a metaclass makes a class: the class, with what its body holds by now."""
    body = ev.resolved(given.get(3, "namespace") or Unknown())
    if not ev.namespaces.made or not isinstance(body, Mapping):
        return Unknown("a class that `type` makes")
    cls, before = ev.namespaces.made[-1]
    for name, value in body.items.items():
        if isinstance(name, str) and before.get(name) is not value:
            ev.namespaces.class_attributes[cls, name] = value
    return ClassValue(cls)


def answer(ev: Evaluator, cls: Class, name: str, arguments: list[Value]) -> Value | None:
    """Return what a method of its metaclass gives for a class, as `__getitem__` for `C[0]`; None where it has none."""
    maker = classes.metaclass(ev, cls)
    method = ev.classes.method(maker.symbol, name) if isinstance(maker, ClassValue) else None
    if method is None:
        return None
    return calls.call(ev, FunctionValue(method, ClassValue(cls)), Arguments(arguments, {}))


def tell(ev: Evaluator, cls: Class) -> bool:
    """Return True if something of a class runs where a subclass of it is defined."""
    if ev.classes.method(cls, "__init_subclass__") is not None:
        return True
    maker = classes.metaclass(ev, cls)
    return isinstance(maker, ClassValue) and any(
        ev.classes.method(maker.symbol, name) for name in ("__new__", "__init__")
    )
