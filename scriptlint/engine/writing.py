"""Writing files back: all or nothing, and never over what somebody else wrote meanwhile."""

from __future__ import annotations

import os
import stat
import tempfile


class ChangedMeanwhile(Exception):
    """The file is not as it was when it was read."""


def write(path: str, before: bytes, after: bytes) -> None:
    """Replaces a file that holds `before`; its mode stays, and a link stays a link. Raises ChangedMeanwhile, OSError."""
    real = os.path.realpath(path)
    mode = stat.S_IMODE(os.stat(real).st_mode)
    if not os.access(real, os.W_OK):
        raise PermissionError(13, "this may not be written", path)
    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(real), prefix=".scriptlint-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(after)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, mode)
        with open(real, "rb") as file:
            if file.read() != before:
                raise ChangedMeanwhile
        os.replace(temporary, real)
    except BaseException:
        os.unlink(temporary)
        raise
