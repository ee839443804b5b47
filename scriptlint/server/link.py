"""The worker as the message loop sees it: questions that are awaited, cancelled, and asked again where the worker dies."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import multiprocessing
import threading
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from scriptlint.server.worker import CANCEL, Answer, Request, serve

# How long a worker may go on with what nobody waits for, in seconds; its work is only looked at between two pieces.
PATIENCE = 2.0


class Failed(Exception):
    """A question has no answer: the worker failed, or died of it twice. The message is one sentence."""


@dataclass
class _Waiting:
    request: Request
    future: asyncio.Future[Any]
    tries: int = 1


@dataclass
class _Crew:
    """One worker, and the number of the question that it works on."""

    process: BaseProcess
    connection: Connection
    busy: int | None = None
    ended: bool = field(default=False)


class Link:
    """Asks the worker, which is started at once and again whenever it is gone."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._waiting: dict[int, _Waiting] = {}
        self._crew: _Crew | None = None
        self._loop = asyncio.get_running_loop()
        self._closed = False
        self.started = 0
        self._worker()

    async def ask(self, name: str, *arguments: Any) -> Any:
        """Return what a method of Service returns; raises Failed. Cancelled, it is cancelled in the worker too."""
        request = Request(next(self._numbers), name, arguments)
        waiting = _Waiting(request, self._loop.create_future())
        self._waiting[request.number] = waiting
        self._send(request)
        try:
            return await waiting.future
        except asyncio.CancelledError:
            if self._waiting.pop(request.number, None) is not None:
                self._send(Request(request.number, CANCEL))
                self._loop.call_later(PATIENCE, self._lose_patience, request.number, self._crew)
            raise

    def close(self) -> None:
        """End the worker."""
        self._closed = True
        self._end()

    def _lose_patience(self, number: int, crew: _Crew | None) -> None:
        if crew is not None and crew is self._crew and crew.busy == number:
            self._end()
            self._again()

    def _worker(self) -> _Crew:
        if self._crew is None:
            context = multiprocessing.get_context("spawn")
            ours, theirs = context.Pipe()
            process = context.Process(target=serve, args=(theirs,), daemon=True)
            process.start()
            theirs.close()
            self._crew = _Crew(process, ours)
            self.started += 1
            threading.Thread(target=self._listen, args=(self._crew,), daemon=True).start()
        return self._crew

    def _send(self, request: Request) -> None:
        with contextlib.suppress(OSError):  # it has died: its listener hears so
            self._worker().connection.send(request)

    def _listen(self, crew: _Crew) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed
            try:
                while True:
                    self._loop.call_soon_threadsafe(self._heard, crew, crew.connection.recv())
            except (EOFError, OSError):
                self._loop.call_soon_threadsafe(self._died, crew)

    def _heard(self, crew: _Crew, answer: Answer) -> None:
        if answer.kind == "begun":
            crew.busy = answer.number
            return
        crew.busy = None
        waiting = self._waiting.pop(answer.number, None)
        if waiting is None or waiting.future.done():
            return
        if answer.kind == "done":
            waiting.future.set_result(answer.result)
        else:
            waiting.future.set_exception(Failed(answer.result or "it was cancelled"))

    def _died(self, crew: _Crew) -> None:
        if crew is not self._crew or self._closed:
            return
        guilty = self._waiting.get(crew.busy) if crew.busy is not None else None
        if guilty is not None:
            guilty.tries += 1
            if guilty.tries > 2:
                del self._waiting[guilty.request.number]
                guilty.future.set_exception(Failed("the process that judges died of this"))
        self._end()
        self._again()

    def _again(self) -> None:
        """Ask a new worker what the last one has not answered."""
        self._worker()
        for waiting in list(self._waiting.values()):
            self._send(waiting.request)

    def _end(self) -> None:
        crew, self._crew = self._crew, None
        if crew is not None and not crew.ended:
            crew.ended = True
            crew.process.kill()
            crew.process.join()
            crew.connection.close()
