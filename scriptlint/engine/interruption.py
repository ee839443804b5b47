"""Ending a run early: between two of its pieces when nobody waits for its result any more, and by Ctrl-C.

An editor asks about a text that has changed before the answer is there. What is asked is a function of the process, since
a run may go on in a thread of its own (see `syntax.room`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

T = TypeVar("T")


class Interrupted(BaseException):
    """The run was ended; nothing of it counts. Not an Exception, which a guard would take for an error of scriptlint."""


class CutShort(KeyboardInterrupt, Generic[T]):
    """Ctrl-C, and `result`: what was known by then. Who does not care sees a KeyboardInterrupt."""

    def __init__(self, result: T) -> None:
        super().__init__()
        self.result = result


_state: dict[str, Callable[[], bool]] = {}


@contextmanager
def interruptible(is_unwanted: Callable[[], bool]) -> Iterator[None]:
    """Raise Interrupted in what runs in this block as soon as `is_unwanted` returns True."""
    _state["asked"] = is_unwanted
    try:
        yield
    finally:
        del _state["asked"]


def check() -> None:
    """Raise Interrupted if the run is not wanted any more."""
    asked = _state.get("asked")
    if asked is not None and asked():
        raise Interrupted
