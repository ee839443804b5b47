"""The file that a report is written to: there as a whole or not at all."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from scriptlint.cli.options import Trouble


def check(path: str | None) -> None:
    """Raises Trouble where the file could not be written: better before a long run than after it."""
    if path is None:
        return
    folder = os.path.dirname(os.path.realpath(path))
    if os.path.isdir(path):
        raise _trouble(path, "it is a folder")
    if path.endswith((".py", ".pyi")) and os.path.lexists(path):
        raise _trouble(path, "it is Python, which the report would replace")
    if not os.path.isdir(folder):
        raise _trouble(path, "there is no such folder")
    if not os.access(path if os.path.exists(path) else folder, os.W_OK):
        raise _trouble(path, "Permission denied")


@contextmanager
def opened(path: str | None) -> Iterator[TextIO]:
    """The file to write, or the terminal where none is named; raises Trouble.

    A file keeps its mode and its owner, and a link stays a link. What is no file, such as a pipe, is written as it comes.
    """
    if path is None:
        yield sys.stdout
        return
    from scriptlint.engine.writing import put

    try:
        real = os.path.realpath(path)
        if os.path.exists(real) and not os.path.isfile(real):
            with open(real, "w", encoding="utf-8") as device:
                yield device
            return
        text = io.StringIO()
        yield text
        put(real, text.getvalue().encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise _trouble(path, error.strerror or str(error)) from None


def _trouble(path: str, reason: str) -> Trouble:
    return Trouble(f"--output-file: {path} cannot be written: {reason}")
