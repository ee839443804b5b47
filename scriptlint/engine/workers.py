"""Work on many pieces of data in processes of our own, of which each piece may cost its own process and no other.

A piece on which its process dies is tried once more, alone in a new process; where that dies too, the piece has no result.
Workers end when this process does, however that comes about.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from multiprocessing.connection import Connection, wait
from typing import Any

Work = Callable[[bytes], Any]


def results(
    work: Work, pieces: Mapping[str, bytes], batches: Iterable[list[str]], count: int
) -> Iterator[tuple[str, Any]]:
    """Yield each name of `pieces` with what `work` gives for its data, as they are done; None where the process died.

    `batches` are the names that are handed out together, to at most `count` processes.
    """
    waiting = deque(batches)
    crew = [_Worker(work) for _ in range(min(count, len(waiting)))]
    try:
        while True:
            for one in crew:
                if not one.names and waiting:
                    one.give(waiting.popleft(), pieces)
            busy = {one.connection: one for one in crew if one.names}
            if not busy:
                return
            for connection in wait(list(busy)):
                one = busy[connection]  # type: ignore[index]  # only connections are waited for
                suspect, alone = one.names[0], one.alone
                try:
                    result = one.connection.recv()
                except (EOFError, OSError):
                    rest = list(one.names)[1:]
                    waiting.extendleft([rest] if rest else [])
                    crew[crew.index(one)] = _Worker(work)
                    one.end()
                    if alone:
                        yield suspect, None
                    else:
                        waiting.appendleft([suspect])
                else:
                    one.names.popleft()
                    yield suspect, result
    finally:
        for one in crew:
            one.end()


class _Worker:
    """A process and the names of what it works on, `alone` if that is one piece only."""

    def __init__(self, work: Work) -> None:
        self.names: deque[str] = deque()
        self.alone = False
        self.connection, theirs = multiprocessing.Pipe()
        self._process = multiprocessing.Process(target=_serve, args=(work, theirs), daemon=True)
        self._process.start()
        theirs.close()

    def give(self, names: list[str], pieces: Mapping[str, bytes]) -> None:
        """Let it begin with a batch; that it has died is heard when it should answer."""
        self.names.extend(names)
        self.alone = len(names) == 1
        with contextlib.suppress(OSError):
            self.connection.send([pieces[name] for name in names])

    def end(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        self._process.join()
        self._process.close()
        self.connection.close()


def _serve(work: Work, connection: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who is interrupted is the parent, which ends its workers
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        while True:
            for piece in connection.recv():
                connection.send(work(piece))
    except (EOFError, OSError):
        return


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
