"""The side of the judge that the tests hold: it starts the server once and keeps count of folders."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

SERVER = Path(__file__).with_name("server.py")


@dataclass(frozen=True)
class Verdict:
    """What torch did with one program.

    `verdict` is ok, refused, crash or timeout; `error` the type of the exception and `message` its text with paths and
    addresses normalised; `line` the first line of the program that the message names and `column` where it is
    underlined; `warnings` those of the tracer; `statement` the line of the
    program's own frame that raised; `output` what was printed.
    """

    verdict: str
    error: str | None
    message: str
    line: int | None
    column: int | None
    statement: int | None
    warnings: list[str]
    output: str

    @property
    def words(self) -> str:
        """The message as a page shows it: with the type of the exception where it is not the compiler's usual one."""
        # torch prints every frame of Python below a failing trace, those of the judge and of the import included.
        message = _OUR_FRAMES.sub("", self.message)
        if self.verdict != "refused":
            return f"{self.verdict}: {message}"
        return message if self.error == "RuntimeError" else f"{self.error}: {message}"


_OUR_FRAMES = re.compile(
    rf"^ *(?:{re.escape(str(SERVER))}|<frozen importlib\._bootstrap(?:_external)?>)\(\d+\): .*\n", re.M
)


class Judge:
    """A running server. Use it as a context manager, or call `close`."""

    def __init__(self, limit: float = 60.0) -> None:
        self.limit = limit
        self.count = 0
        self._folder = tempfile.TemporaryDirectory(prefix="judge-")
        self._server = subprocess.Popen(
            [sys.executable, str(SERVER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.torch = self._answer()["torch"]

    def run(self, program: str, *, others: dict[str, str] | None = None, name: str = "model.py") -> Verdict:
        """Imports `program` (with `others` beside it, by file name) and says what happened."""
        self.count += 1
        job = {
            "folder": str(Path(self._folder.name).resolve() / str(self.count)),
            "files": {**(others or {}), name: program},
            "main": name,
            "limit": self.limit,
        }
        assert self._server.stdin is not None
        self._server.stdin.write(json.dumps(job) + "\n")
        self._server.stdin.flush()
        return Verdict(**self._answer())

    def close(self) -> None:
        """Ends the server and removes what the programs left."""
        if self._server.stdin is not None:
            self._server.stdin.close()
        self._server.wait(timeout=30)
        self._folder.cleanup()

    def __enter__(self) -> Judge:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _answer(self) -> dict:
        assert self._server.stdout is not None
        line = self._server.stdout.readline()
        if not line:
            raise RuntimeError("the judge's server died")
        return json.loads(line)
