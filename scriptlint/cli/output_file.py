"""The file that a report is written to: there as a whole or not at all."""

from __future__ import annotations

import io
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from scriptlint.cli.options import Trouble
from scriptlint.engine.writing import replacing


def check(path: str | None) -> None:
    """Raises Trouble where the file could not be written: better before a long run than after it."""
    if path is None:
        return
    folder = os.path.dirname(os.path.realpath(path))
    if os.path.isdir(path):
        raise _trouble(path, "it is a folder")
    if not os.path.isdir(folder):
        raise _trouble(path, "there is no such folder")
    if not os.access(path if os.path.exists(path) else folder, os.W_OK):
        raise _trouble(path, "Permission denied")


@contextmanager
def opened(path: str | None) -> Iterator[TextIO]:
    """The file to write, or the terminal where none is named; raises Trouble.

    A file keeps its mode and a link stays a link. What is no file, such as a pipe, is written as it comes.
    """
    if path is None:
        yield sys.stdout
        return
    try:
        real = os.path.realpath(path)
        if os.path.exists(real) and not os.path.isfile(real):
            with open(real, "w", encoding="utf-8") as device:
                yield device
            return
        with replacing(real, _mode(real)) as file:
            text = io.TextIOWrapper(file, encoding="utf-8")
            yield text
            text.detach()  # which writes what is left, and leaves the file open
    except OSError as error:
        raise _trouble(path, error.strerror or str(error)) from None


def _mode(path: str) -> int:
    """That of the file, else that of any new file."""
    try:
        return stat.S_IMODE(os.stat(path).st_mode)
    except FileNotFoundError:
        mask = os.umask(0o077)
        os.umask(mask)
        return 0o666 & ~mask


def _trouble(path: str, reason: str) -> Trouble:
    return Trouble(f"--output-file: {path} cannot be written: {reason}")
