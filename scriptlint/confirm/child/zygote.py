"""The process that takes jobs one at a time, forks for each, and keeps what it forked within its limits.

It is forked from the nursery, which has imported torch, and nothing of the user's runs here. A line on the socket is a
job; lines that it sends are `{"stage"}` while it runs and then one `{"answer"}`. An answer says how the job's process ended
(`end`), in which stage, and carries the parts that it had reported by then, whatever became of it afterwards.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import tempfile
import time
from collections.abc import Callable
from typing import Any, NoReturn

from scriptlint.confirm.child import guard

Work = Callable[[dict[str, Any], int], None]
KEPT = 16_000  # bytes of output that are kept, of its beginning and of its end
LONGEST = 32 << 20  # bytes that a job may report
GRACE = 1.0  # seconds that a job has more than its questions, which it ends itself


def live(fd: int, hello: dict[str, Any], work: Work) -> NoReturn:
    """Becomes a zygote: enters namespaces if that is wanted and allowed, and serves the socket `fd` until it is closed.

    `hello` is what there is to say of torch. The socket stays open until everything has ended that was started here.
    """
    try:
        requests = _Lines(fd)
        how = json.loads(requests.next() or b"null")
        if how is not None:
            isolated = hello["ready"] and how["isolate"] and guard.enter_namespaces(how["network"])
            guard.adopt_orphans()
            tempfile.tempdir = tempfile.mkdtemp(prefix="zygote-")
            child = os.fork()
            if child == 0:
                guard.die_with_parent()
                guard.adopt_orphans()
                _serve(requests, {**hello, "isolated": isolated}, work)
            # What outlives a zygote that was killed falls to this process, which ends it.
            guard.wait_for(child)
            guard.end_all(False, child)
            shutil.rmtree(tempfile.tempdir, ignore_errors=True)
    finally:
        os._exit(0)


def _serve(requests: _Lines, hello: dict[str, Any], work: Work) -> NoReturn:
    answers = os.fdopen(os.dup(requests.fd), "w", buffering=1)

    def say(**what: Any) -> None:
        answers.write(json.dumps(what) + "\n")
        answers.flush()

    try:
        say(**hello)
        while line := requests.next():
            isolated, address_space = hello["isolated"], not hello["cuda"]
            say(answer=_Supervised(json.loads(line), work, requests, isolated, address_space, say).run())
    finally:
        os._exit(0)


class _Lines:
    """Lines of a file descriptor, read without a buffer that a fork could double."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self._kept = b""

    def next(self) -> bytes:
        while b"\n" not in self._kept:
            part = os.read(self.fd, 65536)
            if not part:
                return b""
            self._kept += part
        line, _, self._kept = self._kept.partition(b"\n")
        return line


class _Supervised:
    """One job, watched from its first process to the end of its last."""

    def __init__(
        self, job: dict[str, Any], work: Work, requests: _Lines, isolated: bool, address_space: bool, say: Any
    ) -> None:
        self._job = job
        self._work = work
        self._requests = requests
        self._isolated = isolated
        self._address_space = address_space
        self._say = say
        self._parts: dict[str, Any] = {}
        self._stage = "start"
        self._done = False
        self._reported = 0
        self._rest = b""
        self._output = _Output()

    def run(self) -> dict[str, Any]:
        """Run the job to its end, whatever that is."""
        started = time.monotonic()
        folder = tempfile.mkdtemp(prefix="job-")
        reports, report = os.pipe()
        outputs, output = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                self._become(folder, report, output)
            finally:
                os._exit(70)
        os.close(report)
        os.close(output)
        for fd in (reports, outputs):
            os.set_blocking(fd, False)
        end = self._watch(child, reports, outputs)
        guard.end_all(self._isolated, child)
        while self._take(reports) and self._reported < LONGEST and select.select([reports], [], [], 0)[0]:
            pass
        self._output.take(outputs)
        os.close(reports)
        os.close(outputs)
        shutil.rmtree(folder, ignore_errors=True)
        return {
            **self._parts,
            "end": "done" if self._done else end,
            "stage": self._stage,
            "seconds": time.monotonic() - started,
            "output": self._output.text(),
        }

    def _become(self, folder: str, report: int, output: int) -> None:
        """Turn the forked process into the job's."""
        guard.die_with_parent()
        os.setsid()
        for standard in (1, 2):
            os.dup2(output, standard)
        report = os.dup2(report, 3, inheritable=False)
        os.closerange(4, 1024)  # nothing else of the zygote's, above all not its own pipes
        os.chdir(folder)
        os.environ["TMPDIR"] = tempfile.tempdir = folder
        guard.limit(self._job["memory"], self._address_space)
        self._work(self._job, report)
        os._exit(0)

    def _watch(self, child: int, reports: int, outputs: int) -> str:
        """Read what the job says until it is done, ends or must be ended; say how it ended."""
        limit = self._job["timeout"] + GRACE
        stage, deadline = self._stage, time.monotonic() + limit
        last = time.monotonic() + limit * 6  # a job has a handful of stages, and no way to prolong them
        counted = time.monotonic()
        sources = [reports, outputs, self._requests.fd]
        while True:
            now = time.monotonic()
            ready, _, _ = select.select(sources, [], [], 0.02 if now - counted < 0.1 else 0.05)
            if self._requests.fd in ready:  # nobody asks while a job runs: the other side is gone
                guard.end_all(self._isolated, child)
                os._exit(1)
            for fd, take in ((outputs, self._output.take), (reports, self._take)):
                if fd in ready and not take(fd):
                    sources.remove(fd)
            if self._done:
                return "done"
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                return f"signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else f"exit {os.WEXITSTATUS(status)}"
            now = time.monotonic()
            if self._stage != stage:
                stage, deadline = self._stage, now + limit
            if now > min(deadline, last):
                return "timeout"
            if self._reported > LONGEST:
                return "flood"
            if now - counted > 0.2:
                counted = now
                if len(guard.descendants()) > self._job["processes"]:
                    return "processes"

    def _take(self, fd: int) -> bool:
        """Take what the job has reported, return True if there may be more. What is not a report is left out."""
        for _ in range(16):  # a flood must not keep its reader from the clock
            try:
                part = os.read(fd, 1 << 20)
            except BlockingIOError:
                return True
            if not part:
                return False
            self._reported += len(part)
            if self._reported > LONGEST:
                return False
            *lines, self._rest = (self._rest + part).split(b"\n")
            for line in filter(_looks_like_a_report, lines):
                with contextlib.suppress(ValueError, TypeError, AttributeError):
                    self._hear(json.loads(line))
        return True

    def _hear(self, report: dict[str, Any]) -> None:
        if "stage" in report:
            self._stage = str(report["stage"])[:40]
            self._say(stage=self._stage)
        elif "part" in report:
            self._parts[str(report["part"])] = report["value"]
        elif "done" in report:
            self._done = True


def _looks_like_a_report(line: bytes) -> bool:
    return line.startswith(b"{")


class _Output:
    """What was printed: its beginning and its end, however much there is between them."""

    def __init__(self) -> None:
        self._head = b""
        self._tail = b""
        self._left_out = 0

    def take(self, fd: int) -> bool:
        """Take some of what is there, return True if there may be more."""
        for _ in range(64):
            try:
                part = os.read(fd, 1 << 16)
            except BlockingIOError:
                return True
            if not part:
                return False
            room = max(KEPT - len(self._head), 0)
            self._head += part[:room]
            tail = self._tail + part[room:]
            self._left_out += max(len(tail) - KEPT, 0)
            self._tail = tail[-KEPT:]
        return True

    def text(self) -> str:
        """Return the output as text, with a line that says how much of it is missing."""
        gap = f"\n... {self._left_out} bytes left out ...\n".encode() if self._left_out else b""
        return (self._head + gap + self._tail).decode("utf-8", "replace")
