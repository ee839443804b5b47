"""The side of the judge that the tests hold: it starts a zygote once and keeps count of folders."""

from __future__ import annotations

import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scriptlint.confirm import child
from scriptlint.confirm.runner import How, Zygote

PROGRAM = Path(__file__).with_name("program.py")


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
    rf"^ *(?:{re.escape(str(PROGRAM))}|{re.escape(child.__path__[0])}/\w+\.py|<string>|<frozen [\w.]+>)\(\d+\): .*\n",
    re.M,
)


class Judge:
    """A running zygote. Use it as a context manager, or call `close`."""

    def __init__(self, limit: float = 60.0) -> None:
        self.count = 0
        self._folder = tempfile.TemporaryDirectory(prefix="judge-")
        self._zygote = Zygote(How(python=sys.executable, timeout=limit), serve=PROGRAM)

    def run(self, program: str, *, others: dict[str, str] | None = None, name: str = "model.py") -> Verdict:
        """Imports `program` (with `others` beside it, by file name) and says what happened."""
        self.count += 1
        folder = Path(self._folder.name).resolve() / str(self.count)
        folder.mkdir()
        for file, text in {**(others or {}), name: program}.items():
            (folder / file).write_text(text, encoding="utf-8")
        answer = self._zygote.run({"folder": str(folder), "main": name})
        output = answer["output"].replace(f"{folder}/", "")
        if "verdict" not in answer:
            word = "timeout" if answer["end"] == "timeout" else "crash"
            return Verdict(word, None, answer["end"], None, None, None, [], output)
        told: dict[str, Any] = answer["verdict"]
        return Verdict(**told, output=output)

    def close(self) -> None:
        """Ends the zygote and removes what the programs left."""
        self._zygote.close()
        self._folder.cleanup()

    def __enter__(self) -> Judge:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
