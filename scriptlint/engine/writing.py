"""Writing files back: all or nothing, and never over what somebody else wrote meanwhile."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO


class ChangedMeanwhile(Exception):
    """The file is not as it was when it was read."""


def write(path: str, before: bytes, after: bytes) -> None:
    """Replaces a file that holds `before`; its mode stays, and a link stays a link. Raises ChangedMeanwhile, OSError."""
    real = os.path.realpath(path)
    mode = stat.S_IMODE(os.stat(real).st_mode)
    if not os.access(real, os.W_OK):
        raise PermissionError(13, "this may not be written", path)
    with replacing(real, mode) as file:
        file.write(after)
        file.flush()
        os.fsync(file.fileno())
        with open(real, "rb") as current:
            if current.read() != before:
                raise ChangedMeanwhile


@contextmanager
def replacing(path: str, mode: int) -> Iterator[BinaryIO]:
    """A file that takes the place of `path` when the block ends, and is gone without a trace where it raises; OSError."""
    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(path), prefix=".scriptlint-")
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        os.chmod(temporary, mode)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
