"""Room for recursion. What judges a tree calls itself for the parts of an expression, and some programs nest deeply:
an expression of three thousand additions is one tree of three thousand levels.

How deep all of that may go is counted where it happens. Here it is made sure that this fits: Python's own limit is raised, and a
thread with a large stack does the work, since the stack of the main thread may be as small as a megabyte. The main
thread waits, so that Ctrl-C reaches it. Memory for a stack is taken only as far as it is used.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_FRAMES = 100_000
_STACKS = (1 << 29, 1 << 27, 1 << 25)  # the first that the system grants

_inside = threading.local()


def with_room(work: Callable[[], T]) -> T:
    """Return the result of a piece of work that may recurse deeply; what it raises is raised here."""
    if getattr(_inside, "room", False):
        return work()
    sys.setrecursionlimit(max(sys.getrecursionlimit(), _FRAMES))
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        _inside.room = True
        try:
            results.append(work())
        except BaseException as error:
            errors.append(error)

    if not _started(run):
        return work()
    if errors:
        raise errors[0]
    return results[0]


def _started(run: Callable[[], None]) -> bool:
    """Run a function in a thread with a large stack and wait for it; False where the system has none to give."""
    for size in _STACKS:
        before = threading.stack_size(size)
        try:
            thread = threading.Thread(target=run, daemon=True)  # one that is interrupted keeps nobody from ending
            thread.start()
        except (RuntimeError, MemoryError):
            continue
        finally:
            threading.stack_size(before)
        thread.join()
        return True
    return False
