"""Runs jobs in processes of the project's own interpreter, and lives on whatever becomes of them.

A `Zygote` is one such process: it has imported torch and forks for every job (see `child`). They speak JSON lines over
pipes of their own; what comes back is data, and is never executed or unpickled. `run` hands a list of independent jobs
to a `concurrent.futures.Executor`: threads of this process, each with a zygote, or those of a cluster.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import msgspec

from scriptlint.confirm.answer import sound

Stage = Callable[[str], None]
Answer = dict[str, Any]

# The child finds its package without the packages above it being run: they may need what its interpreter does not have.
BOOT = """
import runpy, sys, types
sys.path[:] = [one for one in sys.path if one]
for name, path in (("scriptlint", sys.argv[1]), ("scriptlint.confirm", sys.argv[2])):
    package = types.ModuleType(name)
    package.__path__ = [path]
    sys.modules[name] = package
program = sys.argv[3]
sys.argv[1:] = []
runpy.run_path(program, run_name="__main__")
"""


class How(msgspec.Struct, frozen=True):
    """Under which interpreter jobs run, and within which limits.

    `timeout` is in seconds and for each stage of a job; `memory` in bytes and for each of its processes, of which it
    may have `processes`. `isolate` lets it have namespaces of its own where the platform allows that.
    """

    python: str | None = None
    timeout: float = 60.0
    memory: int = 8 << 30
    network: bool = False
    processes: int = 32
    rounds: int = 20
    isolate: bool = True


class CannotRun(Exception):
    """The interpreter cannot be used; the message is one sentence."""


class Zygote:
    """One process with torch in it, started when it is first needed and again after it died.

    `serve` is the Python file that it executes, which calls `launch` of `child.zygote`.
    """

    def __init__(self, how: How, serve: Path = Path(__file__).parent / "child" / "__main__.py") -> None:
        self._how = how
        self._serve = serve
        self._process: subprocess.Popen[str] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self.hello: dict[str, Any] = {}

    def run(self, job: dict[str, Any], stage: Stage = lambda name: None) -> Answer:
        """What became of a job; raises CannotRun."""
        process = self.start()
        assert process.stdin is not None
        how = self._how
        limits = {"timeout": how.timeout, "memory": how.memory, "processes": how.processes}
        try:
            process.stdin.write(json.dumps({**job, **limits, "rounds": job.get("rounds", how.rounds)}) + "\n")
            process.stdin.flush()
            while said := self._hear():
                if "answer" in said:
                    return self._checked(said["answer"])
                stage(said.get("stage", ""))
        except (OSError, ValueError):
            pass
        self.close()
        return self._nothing("zygote")

    def _checked(self, answer: Answer) -> Answer:
        if not sound(answer):
            return self._nothing("forged", answer["stage"])
        return {**answer, "torch": self.hello["torch"]}

    def _nothing(self, end: str, stage: str = "start") -> Answer:
        return {"end": end, "stage": stage, "seconds": 0.0, "output": "", "torch": self.hello["torch"]}

    def start(self) -> subprocess.Popen[str]:
        """The running process; raises CannotRun where torch cannot be had."""
        if self._process is not None:
            return self._process
        if not hasattr(os, "fork"):
            raise CannotRun("confirm runs every object in a process that is forked, which Windows cannot do; WSL can")
        package = Path(__file__).parent
        python = self._how.python or sys.executable
        # Jobs have their working directories in here, so that nothing of them outlives the zygote.
        self._folder = tempfile.TemporaryDirectory(prefix="scriptlint-confirm-", ignore_cleanup_errors=True)
        environment = {**os.environ, "PYTORCH_JIT": "1", "TMPDIR": self._folder.name}
        environment.setdefault("OMP_NUM_THREADS", "1")
        try:
            self._process = subprocess.Popen(
                [python, "-c", BOOT, str(package.parent), str(package), str(self._serve)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                cwd=self._folder.name,
                env=environment,
                start_new_session=True,
            )
        except OSError as error:
            raise CannotRun(f"{python} cannot be started: {error.strerror}") from None
        assert self._process.stdin is not None
        try:
            how = {"isolate": self._how.isolate, "network": self._how.network, "folder": self._folder.name}
            self._process.stdin.write(json.dumps(how) + "\n")
            self._process.stdin.flush()
            self.hello = self._hear()
        except (OSError, ValueError):
            self.hello = {}
        if not self.hello.get("ready"):
            self.close()
            reason = self.hello.get("reason", "it ended before it had imported torch")
            raise CannotRun(f"{python} has no torch to ask ({reason}); name another interpreter with --python")
        return self._process

    def close(self) -> None:
        """Ends the process and with it everything that it started."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        assert process.stdout is not None
        with contextlib.suppress(OSError):
            process.stdin.close()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
        if self._folder is not None:
            self._folder.cleanup()

    def _hear(self) -> dict[str, Any]:
        assert self._process is not None
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        said = json.loads(line) if line else {}
        return said if isinstance(said, dict) else {}


class Workers:
    """Zygotes for threads: each thread that asks has one of its own."""

    def __init__(self, how: How) -> None:
        self._how = how
        self._own = threading.local()
        self._all: list[Zygote] = []

    def work(self, job: dict[str, Any], stage: Stage = lambda name: None) -> Answer:
        """Runs a job in the zygote of this thread."""
        zygote: Zygote | None = getattr(self._own, "zygote", None)
        if zygote is None:
            zygote = self._own.zygote = Zygote(self._how)
            self._all.append(zygote)
        return zygote.run(job, stage)

    def close(self) -> None:
        """Ends all zygotes."""
        for zygote in self._all:
            zygote.close()


_elsewhere: dict[How, Workers] = {}


def work(job: dict[str, Any], how: How) -> Answer:
    """Runs a job in a process of a cluster, which keeps its zygotes for the next job."""
    workers = _elsewhere.setdefault(how, Workers(how))
    try:
        return workers.work(job)
    except CannotRun as error:
        return {"end": "cannot run", "reason": str(error), "stage": "start", "seconds": 0.0, "output": "", "torch": ""}


def run(
    jobs: Sequence[dict[str, Any]],
    how: How,
    *,
    workers: int = 1,
    stage: Callable[[int, str], None] = lambda number, name: None,
    executor: Executor | None = None,
) -> Iterator[tuple[int, Answer]]:
    """The answers with the numbers of their jobs, in the order in which they come. Raises CannotRun.

    Without an `executor` there are `workers` threads of this process, and `stage` is told what each job begins.
    """
    if executor is not None:
        futures = {executor.submit(work, job, how): number for number, job in enumerate(jobs)}
        yield from _finished(futures)
        return
    local = Workers(how)
    with ThreadPoolExecutor(max(1, min(workers, len(jobs)))) as pool:
        try:
            here = {
                pool.submit(local.work, job, lambda name, number=number: stage(number, name)): number  # type: ignore[misc]
                for number, job in enumerate(jobs)
            }
            yield from _finished(here)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            local.close()


def _finished(futures: dict[Future[Answer], int]) -> Iterator[tuple[int, Answer]]:
    for future in as_completed(futures):
        yield futures[future], future.result()
