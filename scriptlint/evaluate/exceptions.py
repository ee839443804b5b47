"""Exceptions: `raise`, and which handler of a `try` takes what is raised."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from typing import TYPE_CHECKING

from scriptlint.evaluate.frames import End, Frame, Raised
from scriptlint.evaluate.values import (
    ClassValue,
    ExternalValue,
    Instance,
    Items,
    Unknown,
    Value,
)
from scriptlint.program.module import Class
from scriptlint.program.project import External
from scriptlint.syntax import nodes as n

if TYPE_CHECKING:
    from scriptlint.evaluate.evaluator import Evaluator


def raised(ev: Evaluator, node: n.Raise, frame: Frame) -> Raised:
    """Return the exception that a `raise` raises."""
    if node.exc is None:
        at: Frame | None = frame
        while at is not None and at.handled is None:
            at = at.outer
        return at.handled if at is not None and at.handled is not None else Raised(None, None, node, frame.module)
    value = ev.resolved(ev.evaluate(node.exc, frame))
    return Raised(_class(value), value, node, frame.module)


def always_raises(body: Sequence[n.Stmt]) -> bool:
    """Return True if a block ends in a `raise`, whichever way it goes."""
    last = body[-1]
    if isinstance(last, n.If):
        return bool(last.orelse) and always_raises(last.body) and always_raises(last.orelse)
    return isinstance(last, n.Raise)


def _class(value: Value) -> str | Class | None:
    match value:
        case ClassValue():
            return value.symbol
        case Instance(cls=Class() as cls):
            return cls
        case Instance(cls=External(name=name)) | ExternalValue(name=name, receiver=None):
            return name
        case _:
            return None


def run_try(ev: Evaluator, node: n.Try, frame: Frame) -> End | None:
    """Run a `try` statement."""
    end: End | None = None
    try:
        try:
            ev.guarded += bool(node.handlers)
            try:
                end = ev.block(node.body, frame)
            finally:
                ev.guarded -= bool(node.handlers)
            if end is None:
                end = ev.block(node.orelse, frame)
        except Raised as error:
            handler = next((one for one in node.handlers if _takes(ev, one, error, frame)), None)
            if handler is None:
                raise
            if handler.name:
                frame.variables[handler.name] = error.value or Unknown("an exception")
            before, frame.handled = frame.handled, error
            end = ev.block(handler.body, frame)
            frame.handled = before
    finally:
        last = ev.block(node.finalbody, frame)
    return last or end


def _takes(ev: Evaluator, handler: n.ExceptHandler, error: Raised, frame: Frame) -> bool:
    """Return True if a handler takes an exception; one of a class that is not known is taken by the first."""
    if handler.type is None or error.kind is None:
        return True
    asked = ev.resolved(ev.evaluate(handler.type, frame))
    options = [ev.resolved(one) for one in asked.items] if isinstance(asked, Items) else [asked]
    return any(is_a(ev, error.kind, one) is not False for one in options)


def is_a(ev: Evaluator, kind: str | Class, asked: Value) -> bool | None:
    """Return whether an exception of a class is one of another; None where that is not known."""
    if isinstance(kind, Class):
        lineage = ev.classes.lineage(kind)
        if isinstance(asked, ClassValue):
            return asked.symbol in lineage.classes or (None if lineage.unseen else False)
        if isinstance(asked, ExternalValue):
            answers = [is_a(ev, one.name, asked) for one in lineage.entries if isinstance(one, External)]
            return True if True in answers else None if lineage.unseen or None in answers else False
        return None
    if isinstance(asked, ClassValue):
        return False
    if not isinstance(asked, ExternalValue):
        return None
    if kind == asked.name:
        return True
    first, second = _builtin(kind), _builtin(asked.name)
    if second in (Exception, BaseException):
        return True
    return None if first is None or second is None else issubclass(first, second)


def _builtin(name: str) -> type[BaseException] | None:
    found = getattr(builtins, name.removeprefix("builtins."), None)
    return found if isinstance(found, type) and issubclass(found, BaseException) else None
