"""The process that judges: answers the questions that come through a connection, one after the other."""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

from scriptlint.engine.interruption import Interrupted, interruptible

CANCEL = "cancel"


class Request(NamedTuple):
    """A question under its number: the name of a method of Service, and its arguments. `cancel` has no arguments."""

    number: int
    name: str
    arguments: tuple[Any, ...] = ()


class Answer(NamedTuple):
    """What became of a question: `kind` is begun, done (with the result), cancelled, or failed (with a sentence)."""

    number: int
    kind: str
    result: Any = None


def serve(connection: Connection) -> None:
    """Answer until the other end is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server ends its worker
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    sys.setswitchinterval(0.002)
    requests: queue.SimpleQueue[Request] = queue.SimpleQueue()
    cancelled: set[int] = set()
    threading.Thread(target=_receive, args=(connection, requests, cancelled), daemon=True).start()

    from scriptlint.server.service import Service

    service = Service()
    while True:
        request = requests.get()
        connection.send(Answer(request.number, "begun"))
        connection.send(_answer(service, request, cancelled))
        cancelled.discard(request.number)


def _receive(connection: Connection, requests: queue.SimpleQueue[Request], cancelled: set[int]) -> None:
    try:
        while True:
            request = connection.recv()
            if request.name == CANCEL:
                cancelled.add(request.number)
            else:
                requests.put(request)
    except (EOFError, OSError):
        os._exit(0)


def _answer(service: Any, request: Request, cancelled: set[int]) -> Answer:
    try:
        with interruptible(lambda: request.number in cancelled):
            if request.number in cancelled:
                raise Interrupted
            return Answer(request.number, "done", getattr(service, request.name)(*request.arguments))
    except Interrupted:
        return Answer(request.number, "cancelled")
    except Exception as error:
        return Answer(request.number, "failed", f"{type(error).__name__}: {error}")
