"""Writing files back: all or nothing, never over what somebody else wrote meanwhile, and as the same file as before.

A new file takes the place of the old one in one step, so that nobody ever sees half of it. Where that would lose
something that belongs to the old file (other names for it, an owner or attributes that cannot be given to the new one),
the old one is written over instead, and a failure puts back what was in it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import stat
from collections.abc import Iterator

from scriptlint.engine.folder import Folder

_LARGEST = 1 << 31
# Every file has this one where the system keeps such labels, and gives it to new ones.
_EVERYWHERE = frozenset({"security.selinux"})


class ChangedMeanwhile(Exception):
    """The file is not as it was when it was read."""


def write(path: str, before: bytes, after: bytes) -> None:
    """Give a file that holds `before` another content; a link stays a link. Raises ChangedMeanwhile, OSError."""
    real = os.path.realpath(path)
    with Folder.open(os.path.dirname(real)) as folder:
        _write(folder, os.path.basename(real), before, after)


def put(path: str, content: bytes) -> None:
    """Write a file, whether there is one or not; a link stays a link. Raises OSError."""
    real = os.path.realpath(path)
    name = os.path.basename(real)
    with Folder.open(os.path.dirname(real)) as folder:
        try:
            status = folder.status(name)
        except FileNotFoundError:
            folder.replace(name, content, mode=0o666 & ~_mask())
            return
        _replace(folder, name, status, folder.read(name, _LARGEST), content)


def _write(folder: Folder, name: str, before: bytes, after: bytes) -> None:
    status = folder.status(name)
    if not folder.may_write(name):
        raise PermissionError(13, "this may not be written", name)
    if folder.read(name, _LARGEST) != before:
        raise ChangedMeanwhile
    _replace(folder, name, status, before, after)


def _replace(folder: Folder, name: str, status: os.stat_result, before: bytes, after: bytes) -> None:
    if status.st_nlink == 1 and not _attributes(os.path.join(folder.path, name)):
        try:
            folder.replace(name, after, status, durable=True)
            return
        except PermissionError:
            pass  # neither its owner nor the folder's: what is left is to write into it
    with _undisturbed(), os.fdopen(folder.open_for_update(name), "r+b", buffering=0) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode) or file.read() != before:
            raise ChangedMeanwhile
        try:
            _overwrite(file.fileno(), after)
        except OSError:
            _overwrite(file.fileno(), before)
            raise


def _overwrite(handle: int, content: bytes) -> None:
    os.lseek(handle, 0, os.SEEK_SET)
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(handle, rest) :]
    os.ftruncate(handle, len(content))
    os.fsync(handle)


def _attributes(path: str) -> frozenset[str]:
    """Return the names of what the system keeps beside the content of a file, such as lists of who may read it."""
    if not hasattr(os, "listxattr"):
        return frozenset()
    try:
        return frozenset(os.listxattr(path, follow_symlinks=False)) - _EVERYWHERE
    except OSError:
        return frozenset()


def _mask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Let signals wait, so that none of them leaves half a file."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
