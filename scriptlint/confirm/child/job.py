"""One job in its own process: import, build, then a forked process for every question."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

from scriptlint.confirm.child import building, comparing, scripting, tracing

ANSWERED = 77  # how a question's process ends that has said all it had to say


def run(job: dict[str, Any], report: int) -> None:
    """Do the whole job, reporting part by part to the descriptor `report`."""
    speaker = Speaker(report)
    if job.get("values"):
        comparing.seed()
    try:
        built = building.build(job, speaker)
    except building.Failed as failure:
        speaker.part("failure", failure.facts)
        speaker.done()
        return
    except building.Refused as refused:
        speaker.part("rounds", [{"refusal": refused.refusal, "units": [], "stubbed": None}])
        speaker.done()
        return
    if job["alone"]:
        _alone(built, speaker)
        return
    asker = _Asker(speaker, job["timeout"])
    if job.get("values") and built.inputs is not None and built.kind != "class":
        asker.ask("values", lambda part: part("values", comparing.values(built)))
    if "script" in job["asks"]:
        _script(job, built, asker, speaker)
    if "trace" in job["asks"] and built.inputs is not None and built.kind != "class":
        asker.ask("trace", lambda part: tracing.ask(built, job, part))
    speaker.done()


def _alone(built: building.Built, speaker: Speaker) -> None:
    """Ask whether it compiles, after which nothing is asked: this needs no process of its own."""
    speaker.stage("script")

    def listen(name: str, value: Any) -> None:
        speaker.part("rounds", [{**value, "stubbed": None}])

    try:
        scripting.ask(built, [], listen, further=False)
    except SystemExit:
        os._exit(1)
    speaker.done()


def _script(job: dict[str, Any], built: building.Built, asker: _Asker, speaker: Speaker) -> None:
    """Ask the compiler; and again with each unit that it refused out of its way, as long as that leads further."""
    rounds: list[dict[str, Any]] = []
    stubs: list[dict[str, Any]] = []
    while len(rounds) < job["rounds"]:
        heard: list[Any] = []

        def listen(name: str, value: Any, heard: list[Any] = heard) -> None:
            if name == "round":
                heard.append(value)
            else:
                speaker.part(name, value)

        question = functools.partial(scripting.ask, built, stubs, further=not rounds)
        crash = asker.ask("script", question, listen=listen)
        found = heard[0] if heard else {"refusal": None, "units": [], "crash": crash or "ended without an answer"}
        rounds.append({**found, "stubbed": stubs[-1] if stubs else None})
        speaker.part("rounds", rounds)
        stub = found.get("failing")
        if found.get("crash") or found["refusal"] is None or stub is None:
            return
        level = sum(one["unit"] == stub for one in stubs)
        if level > 1:
            return  # it is out of the way and is refused all the same: nothing moves
        stubs.append({"unit": stub, "level": level})


class Speaker:
    """Reports as JSON lines."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def say(self, **what: Any) -> None:
        """One line."""
        rest = json.dumps(what, default=str).encode() + b"\n"
        while rest:
            rest = rest[os.write(self._fd, rest) :]

    def stage(self, name: str) -> None:
        """What begins now."""
        self.say(stage=name)

    def part(self, name: str, value: Any) -> None:
        """A part of the answer; a later one of the same name replaces it."""
        self.say(part=name, value=value)

    def done(self) -> None:
        """The last line: what is left running is ended now."""
        flush()
        self.say(done=True)


class _Asker:
    """Asks each question in a forked process."""

    def __init__(self, speaker: Speaker, limit: float) -> None:
        self._speaker = speaker
        self._limit = limit

    def ask(
        self,
        name: str,
        question: Callable[[Callable[[str, Any], None]], None],
        listen: Callable[[str, Any], None] | None = None,
    ) -> str | None:
        """Run `question`, which is given a function for its answers; say how its process died, None if it did not."""
        self._speaker.stage(name)
        reader, writer = os.pipe()
        flush()
        child = os.fork()
        if child == 0:
            try:
                os.close(reader)
                inner = Speaker(writer)
                question(inner.part)
                flush()
                os._exit(ANSWERED)
            except SystemExit as error:
                inner.part("left", f"SystemExit: {error}")
            finally:
                os._exit(1)
        os.close(writer)
        crash = self._hear(reader, child, listen or self._speaker.part)
        os.close(reader)
        if crash is not None:
            self._speaker.part(f"{name} crash", crash)
        return crash

    def _hear(self, reader: int, child: int, listen: Callable[[str, Any], None]) -> str | None:
        deadline = time.monotonic() + self._limit
        rest = b""
        while True:
            ready, _, _ = select.select([reader], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                return "timeout"
            part = os.read(reader, 1 << 20)
            *lines, rest = (rest + part).split(b"\n")
            for line in lines:
                said = json.loads(line)
                listen(said["part"], said["value"])
            # The pipe may stay open in processes that user code has started: the answer's own process decides.
            ended, status = os.waitpid(child, os.WNOHANG if part else 0)
            if ended and not part:
                return _death(status)
            if ended:
                self._drain(reader, rest, listen)
                return _death(status)

    def _drain(self, reader: int, rest: bytes, listen: Callable[[str, Any], None]) -> None:
        os.set_blocking(reader, False)
        try:
            while part := os.read(reader, 1 << 20):
                rest += part
        except BlockingIOError:
            pass
        for line in rest.split(b"\n")[:-1]:
            said = json.loads(line)
            listen(said["part"], said["value"])


def flush() -> None:
    """Let go of what was printed, whatever user code has put in the place of the streams."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()


def _death(status: int) -> str | None:
    if os.WIFSIGNALED(status):
        return f"signal {os.WTERMSIG(status)}"
    code = os.WEXITSTATUS(status)
    return None if code == ANSWERED else f"exit {code}"
