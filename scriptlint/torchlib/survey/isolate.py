"""One question, one process: what was compiled before must not colour an answer.

Class types, overload tables and the function cache are global to a process of torch, so whether a thing compiles may
depend on what compiled earlier, and some things abort the process. A forked child answers and is gone.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import pkgutil
import re
import signal
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import torch

ROOTS = ("torch.nn", "torch.ao.nn", "torch.ao.quantization", "torch.jit", "torch.autograd", "torch.utils.checkpoint")
SECONDS = 60  # of processor time: on a busy machine an answer comes later, and must be the same
ADDRESS = re.compile(r" at:? 0x[0-9a-f]+")
_INSTALLED = os.path.dirname(os.path.dirname(torch.__file__)) + os.sep


def import_everything() -> None:
    """Import the packages whose classes and functions are asked about; what cannot be imported does not exist."""
    for root in ROOTS:
        package = importlib.import_module(root)
        for info in pkgutil.walk_packages(getattr(package, "__path__", ()), root + "."):
            with contextlib.suppress(Exception):
                importlib.import_module(info.name)


def ask(question: Callable[[], Any]) -> Any:
    """Return the answer of `question`, asked in a forked process; None where that process dies or computes too long.

    One that dies is asked again: a process with threads, as this one is, now and then forks one that cannot go on.
    """
    if not hasattr(os, "fork"):
        return question()
    answer, ended_by = _asked(question)
    if not answer and ended_by != signal.SIGPROF:
        answer, _ = _asked(question)
    return json.loads(answer) if answer else None


def _asked(question: Callable[[], Any]) -> tuple[bytes, int]:
    """Return the answer of a forked process as JSON, empty where there is none, and the signal that ended it, if any."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        try:
            signal.setitimer(signal.ITIMER_PROF, SECONDS)
            answer = json.dumps(question()).encode()
            with os.fdopen(writer, "wb") as pipe:
                pipe.write(answer)
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        answer = pipe.read()
    _, status = os.waitpid(child, 0)
    return answer, os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def ask_all(questions: Iterable[Callable[[], Any]]) -> list[Any]:
    """Return the answers in order; as many processes at a time as there are processors."""
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return list(pool.map(ask, questions))


def first_line(error: BaseException) -> str:
    """Return the line of an error that says what is wrong: torch puts it first, or last under a traceback of its own.

    Files of torch are named from `torch/` on, wherever it is installed.
    """
    message = ADDRESS.sub("", str(error)).replace(_INSTALLED, "")
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    if not lines:
        return type(error).__name__
    return lines[0] if not lines[0].startswith("File ") else next((x for x in lines if "~" not in x), lines[0])


def is_literal(value: Any) -> bool:
    """Return True if its repr says all about it."""
    if isinstance(value, (tuple, list)):
        return all(map(is_literal, value))
    return value is None or type(value) in (bool, int, float, complex, str)
