"""Reading files: what is read is a regular file of bounded size, whatever somebody has put in its place.

A repository may hold a link to a device, a FIFO that nobody writes to, or a file of terabytes without a byte in it.
"""

from __future__ import annotations

import errno
import os
import stat

SOURCE_LIMIT = 32 << 20
"""The largest file that is linted, in bytes."""

SETTINGS_LIMIT = 1 << 20
"""The largest file of settings or patterns that is read, in bytes."""

_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_NONBLOCK", 0)  # or opening a FIFO would wait for a writer
)
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)


def read(path: str, limit: int = SOURCE_LIMIT, *, follow: bool = True, folder: int | None = None) -> bytes:
    """Return the content of a regular file; raises OSError for anything else, and where it is larger than `limit`.

    `follow` says whether the path itself may be a link; `folder` is the descriptor of the folder that it starts from.
    """
    # Opening alone wakes some devices, so the first look is from outside. The second is at what was really opened.
    _check(os.stat(path, dir_fd=folder, follow_symlinks=follow), limit, path)
    handle = os.open(path, _FLAGS if follow else _FLAGS | _NO_LINK, dir_fd=folder)
    with open(handle, "rb") as file:
        _check(os.fstat(handle), limit, path)
        content = file.read(limit + 1)
    if len(content) > limit:
        raise _too_large(limit, path)
    return content


def _check(status: os.stat_result, limit: int, path: str) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "it is not a regular file", path)
    if status.st_size > limit:
        raise _too_large(limit, path)


def _too_large(limit: int, path: str) -> OSError:
    return OSError(errno.EFBIG, f"it is larger than {limit >> 20} MB", path)
