"""Asking the real compiler about a class, in processes of its own, because somebody said so."""

from __future__ import annotations

import asyncio
import sys

from scriptlint.server.documents import Question
from scriptlint.text.reading import read

# The working folder is the project's, and a project may have a `click.py`.
_PROGRAM = "import sys; sys.path[:] = [one for one in sys.path if one]; from scriptlint.cli import main; main()"


async def confirm(question: Question, name: str) -> str:
    """Return what `scriptlint confirm` says of a class of a file, which must be as it is on disk."""
    document = question.document
    try:
        is_saved = not document.cells and read(document.path) == document.data
    except OSError:
        is_saved = False
    if not is_saved:
        return "save the file first: torch is given what is on the disk"
    target = f"{document.path}::{name}"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _PROGRAM, "confirm", "--color", "never", target),
        cwd=question.folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        told, problems = await process.communicate()
    except asyncio.CancelledError:
        process.terminate()
        raise
    return "\n".join(one.decode("utf-8", "replace").strip() for one in (told, problems) if one.strip())
