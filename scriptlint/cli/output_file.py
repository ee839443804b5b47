"""The files that a report is written to: there as a whole or not at all."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple, TextIO, TypeVar

import click

from scriptlint.cli.completing import files
from scriptlint.cli.options import Trouble

F = TypeVar("F", bound=Callable[..., object])


class Destination(NamedTuple):
    """A report: its format, and the file that it goes to, None for the terminal."""

    format: str
    path: str | None


def output_files(function: F) -> F:
    """Add the option of a command that has formats; `destinations` reads what it is given."""
    text = (
        "Write the report there instead of to the terminal. FORMAT=FILE writes one more beside it, any number of times."
    )
    return click.option(
        "--output-file", "output_files", multiple=True, metavar="[FORMAT=]FILE", help=text, shell_complete=files
    )(function)


def destinations(given: Sequence[str], output_format: str, formats: Sequence[str]) -> list[Destination]:
    """Return where reports go; raises click.UsageError, and Trouble where a file could not be written.

    `output_format` is the format of the report that is printed, or that goes to the file that is named without one.
    """
    found: list[Destination] = []
    instead: str | None = None
    for one in given:
        named, separator, path = one.partition("=")
        if separator and named in formats:
            found.append(Destination(named, path))
        elif instead is not None:
            raise click.UsageError("--output-file takes one FILE without a format; write FORMAT=FILE for more reports")
        else:
            instead = one
    everything = [Destination(output_format, instead), *found]
    if any(one.path == "" for one in everything):
        raise click.UsageError("--output-file needs the name of a file")
    paths = [os.path.realpath(one.path) for one in everything if one.path is not None]
    if len(set(paths)) < len(paths):
        raise click.UsageError("--output-file names the same file twice")
    for report in everything:
        check(report.path)
    return everything


def check(path: str | None) -> None:
    """Raise Trouble where the file could not be written: better before a long run than after it."""
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
