"""Runs jobs in processes of the project's own interpreter, and lives on whatever becomes of them.

A `Zygote` is one such process, which forks for every job; a `Nursery` makes them (see `child`). They speak JSON lines
over sockets; what comes back is data, and is never executed or unpickled. `run` hands independent jobs to a
`concurrent.futures.Executor`: threads of this process, each with a zygote, or those of a cluster.
"""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import IO, Any

import msgspec

from scriptlint.confirm.answer import sound
from scriptlint.confirm.nursery import PATIENCE, SERVE, CannotRun, Nursery

__all__ = ["CannotRun", "How", "Workers", "Zygote", "run", "work"]

Stage = Callable[[str], None]
Answer = dict[str, Any]


class How(msgspec.Struct, frozen=True):
    """Under which interpreter jobs run, and within which limits.

    `timeout` is in seconds and for each stage of a job; `memory` in bytes and for each of its processes, of which it
    may have `processes`. `isolate` lets it have namespaces of its own where the platform allows that. `pass_env` are the
    variables of the environment that jobs see beside those that Python and torch need.
    """

    python: str | None = None
    timeout: float = 60.0
    memory: int = 8 << 30
    network: bool = False
    processes: int = 32
    rounds: int = 20
    isolate: bool = True
    pass_env: tuple[str, ...] = ()


class Zygote:
    """One process with torch in it, started when it is first needed and again after it died.

    Without a `nursery` it has one of its own, in which `serve` is executed.
    """

    def __init__(self, how: How, serve: Path = SERVE, nursery: Nursery | None = None) -> None:
        self._how = how
        self._own = Nursery(how.python, serve, how.pass_env) if nursery is None else None
        self._nursery = nursery or self._own
        self._socket: socket.socket | None = None
        self._lines: IO[str] | None = None
        self.hello: dict[str, Any] = {}

    def run(self, job: dict[str, Any], stage: Stage = lambda name: None) -> Answer:
        """Return what became of a job; raises CannotRun."""
        self.start()
        how = self._how
        limits = {"timeout": how.timeout, "memory": how.memory, "processes": how.processes}
        with contextlib.suppress(OSError, ValueError):
            self._say({**job, **limits, "rounds": job.get("rounds", how.rounds)})
            while said := self._hear():
                if "answer" in said:
                    return self._checked(said["answer"])
                stage(said.get("stage", ""))
        self._part()
        return self._nothing("zygote")

    def _checked(self, answer: Answer) -> Answer:
        if not sound(answer):
            return self._nothing("forged", answer["stage"])
        return {**answer, "torch": self.hello["torch"]}

    def _nothing(self, end: str, stage: str = "start") -> Answer:
        return {"end": end, "stage": stage, "seconds": 0.0, "output": "", "torch": self.hello["torch"]}

    def start(self) -> None:
        """Wait until it can be given jobs; raises CannotRun where torch cannot be had."""
        if self._socket is not None:
            return
        assert self._nursery is not None
        self._socket = self._nursery.zygote()
        self._lines = self._socket.makefile("r", encoding="utf-8")
        self.hello = {}
        with contextlib.suppress(OSError, ValueError):
            self._say({"isolate": self._how.isolate, "network": self._how.network})
            self.hello = self._hear()
        if not self.hello.get("ready"):
            self._part()
            reason = self.hello.get("reason", "it ended before it had imported torch")
            python = self._nursery.python
            raise CannotRun(f"{python} has no torch to ask ({reason}); name another interpreter with --python")

    def close(self) -> None:
        """End the process and with it everything that it started."""
        self._part()
        if self._own is not None:
            self._own.close()

    def _part(self) -> None:
        if self._socket is None or self._lines is None:
            return
        # The other end is closed when nothing is left of the zygote and of what it started.
        with contextlib.suppress(OSError, ValueError):
            self._socket.shutdown(socket.SHUT_WR)
            self._socket.settimeout(PATIENCE)
            while self._lines.read(65536):
                pass
        self._lines.close()
        self._socket.close()
        self._socket = self._lines = None

    def _say(self, what: dict[str, Any]) -> None:
        assert self._socket is not None
        self._socket.sendall(json.dumps(what).encode() + b"\n")

    def _hear(self) -> dict[str, Any]:
        assert self._lines is not None
        line = self._lines.readline()
        said = json.loads(line) if line else {}
        return said if isinstance(said, dict) else {}


class Workers:
    """Zygotes for threads: each thread that asks has one of its own, and all come from one nursery."""

    def __init__(self, how: How) -> None:
        self._how = how
        self._nursery = Nursery(how.python, pass_env=how.pass_env)
        self._own = threading.local()
        self._all: list[Zygote] = []

    def start(self) -> None:
        """Let torch be imported, and wait for nothing; raises CannotRun."""
        self._nursery.start()

    def work(self, job: dict[str, Any], stage: Stage = lambda name: None) -> Answer:
        """Run a job in the zygote of this thread."""
        zygote: Zygote | None = getattr(self._own, "zygote", None)
        if zygote is None:
            zygote = self._own.zygote = Zygote(self._how, nursery=self._nursery)
            self._all.append(zygote)
        return zygote.run(job, stage)

    def close(self) -> None:
        """End all zygotes."""
        for zygote in self._all:
            zygote.close()
        self._nursery.close()


_elsewhere: dict[How, Workers] = {}


def work(job: dict[str, Any], how: How) -> Answer:
    """Run a job in a process of a cluster, which keeps its zygotes for the next job."""
    workers = _elsewhere.setdefault(how, Workers(how))
    try:
        return workers.work(job)
    except CannotRun as error:
        return {"end": "cannot run", "reason": str(error), "stage": "start", "seconds": 0.0, "output": "", "torch": ""}


def run(
    jobs: Iterable[dict[str, Any]],
    how: How,
    *,
    at_once: int = 1,
    stage: Callable[[int, str], None] = lambda number, name: None,
    executor: Executor | None = None,
    workers: Workers | None = None,
) -> Iterator[tuple[int, Answer]]:
    """Yield the answers with the numbers of their jobs, in the order in which they come. Raises CannotRun.

    Jobs are begun while later ones are still being made. Without an `executor` there are `at_once` threads of this
    process, and `stage` is told what each job begins. `workers` may have been started before, and are the caller's.
    """
    if executor is not None:
        yield from _finished({executor.submit(work, job, how): number for number, job in enumerate(jobs)})
        return
    here = workers or Workers(how)
    with ThreadPoolExecutor(at_once) as pool:
        try:
            futures = {
                pool.submit(here.work, job, lambda name, number=number: stage(number, name)): number  # type: ignore[misc]
                for number, job in enumerate(jobs)
            }
            yield from _finished(futures)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            if workers is None:
                here.close()


def _finished(futures: dict[Future[Answer], int]) -> Iterator[tuple[int, Answer]]:
    for future in as_completed(futures):
        yield futures[future], future.result()
