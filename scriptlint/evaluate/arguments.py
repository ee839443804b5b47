"""The arguments of a call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from scriptlint.evaluate.values import Instance, Mapping, TensorValue, Unknown, Value

if TYPE_CHECKING:
    from scriptlint.evaluate.evaluator import Evaluator


class Arguments(Struct, eq=False):
    """The arguments of a call; not `exact` where there may be others.

    `open` says that nobody calls: what is not given may be given anything.
    """

    positional: list[Value]
    keywords: dict[str, Value]
    exact: bool = True
    open: bool = False

    def all(self) -> list[Value]:
        """Return the values of all arguments."""
        return [*self.positional, *self.keywords.values()]

    def first(self) -> Value:
        """Return the first argument, by place or by name; Unknown where there is none."""
        return next(iter(self.all()), Unknown())

    def get(self, index: int, name: str) -> Value | None:
        """Return the argument at a place or of a name; None where it is left out."""
        if index < len(self.positional):
            return self.positional[index]
        return self.keywords.get(name)


OPEN = Arguments([], {}, open=True)
"""The call that nobody makes: every argument is a symbol."""


def hide(ev: Evaluator, given: Arguments) -> None:
    """Forget the objects that code which is not followed is given: it may set any attribute on them, or a shape."""
    for one in given.all():
        value = ev.resolved(one)
        if isinstance(value, Mapping) and value.owner is not None:
            value = value.owner
        if isinstance(value, Instance):
            ev.domain.on_change(ev, value)
            value.hide()
        elif isinstance(value, TensorValue) and value.uninitialized is not None:
            value.uninitialized.ended = True
