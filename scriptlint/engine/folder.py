"""A folder that is held open, so that what is done in it is done there, whoever moves or replaces it meanwhile.

No name in it is followed where it is a link, and files appear in it as a whole or not at all. Where the system cannot
name files relative to an open folder (Windows), names are joined to its path.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import stat
import time
from types import TracebackType
from typing import Any

from scriptlint.text.reading import read

_RELATIVE = os.open in os.supports_dir_fd and os.listdir in os.supports_fd
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINK | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_UNNAMED = getattr(os, "O_TMPFILE", 0)
_TEMPORARY = re.compile(r"\.scriptlint-[0-9a-f]{16}\.tmp")
_ABANDONED = 3600.0  # seconds after which nobody writes a temporary file any more


class Folder:
    """An open folder; closed by `with`, or when nobody holds it any more."""

    def __init__(self, path: str, handle: int | None) -> None:
        self.path = path
        self._handle = handle

    @classmethod
    def open(cls, path: str) -> Folder:
        """Return the folder at a path, which may lead through links: it is the caller's word. Raises OSError."""
        path = os.path.abspath(path)
        return cls(path, os.open(path, _FOLDER) if _RELATIVE else None)

    def __enter__(self) -> Folder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the folder."""
        handle, self._handle = self._handle, None
        if handle is not None:
            with contextlib.suppress(OSError):
                os.close(handle)

    def enter(self, name: str, *, make: int | None = None) -> Folder:
        """Return a folder in this one, made with the mode `make` if it is not there; raises OSError, also for a link."""
        path = os.path.join(self.path, name)
        if make is not None:
            with contextlib.suppress(FileExistsError):
                os.mkdir(self._name(name), make, **self._here)
        if _RELATIVE:
            return Folder(path, os.open(name, _FOLDER | _NO_LINK, **self._here))
        status = os.lstat(path)
        if not stat.S_ISDIR(status.st_mode) or getattr(status, "st_reparse_tag", False):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path)
        return Folder(path, None)

    def names(self) -> list[str]:
        """Return what is in the folder."""
        return os.listdir(self.path if self._handle is None else self._handle)

    def status(self, name: str = "") -> os.stat_result:
        """Return what the system knows of a file, or of a link itself; of the folder where no name is given."""
        if name:
            return os.stat(self._name(name), follow_symlinks=False, **self._here)
        return os.stat(self.path if self._handle is None else self._handle)

    def read(self, name: str, limit: int) -> bytes:
        """Return the content of a regular file of bounded size; raises OSError for anything else."""
        return read(self._name(name), limit, follow=False, folder=self._here.get("dir_fd"))

    def create(self, name: str, content: bytes, mode: int = 0o666) -> None:
        """Write a new file; raises FileExistsError where there is something under that name, and OSError."""
        with os.fdopen(os.open(self._name(name), _NEW, mode, **self._here), "wb") as file:
            file.write(content)

    def open_for_update(self, name: str) -> int:
        """Return the descriptor of a file that is there, to read and write it."""
        flags = os.O_RDWR | _NO_LINK | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
        return os.open(self._name(name), flags, **self._here)

    def may_write(self, name: str) -> bool:
        """Return whether a file that is there may be written."""
        return os.access(self._name(name), os.W_OK, **self._here)

    def replace(
        self,
        name: str,
        content: bytes,
        like: os.stat_result | None = None,
        *,
        mode: int = 0o600,
        durable: bool = False,
    ) -> None:
        """Put a new file under a name, in place of the one that is there if there is one; raises OSError.

        It has the mode and the owner that `like` has, else this mode. `durable` waits until the disk has it.
        """
        temporary = f".scriptlint-{secrets.token_hex(8)}.tmp"
        try:
            handle, named = self._temporary(temporary)
            with os.fdopen(handle, "wb") as file:
                if os.name == "posix":
                    _become(handle, like, mode)
                file.write(content)
                file.flush()
                if durable:
                    os.fsync(handle)
                if not named:
                    os.link(f"/proc/self/fd/{handle}", temporary, dst_dir_fd=self._handle)
            os.replace(self._name(temporary), self._name(name), **self._both)
        except BaseException:
            with contextlib.suppress(OSError):  # or it would hide what went wrong
                os.unlink(self._name(temporary), **self._here)
            raise

    def remove(self, name: str) -> None:
        """Remove a file, or a link itself."""
        os.unlink(self._name(name), **self._here)

    def remove_folder(self, name: str) -> None:
        """Remove a folder, which must be empty."""
        os.rmdir(self._name(name), **self._here)

    def _temporary(self, name: str) -> tuple[int, bool]:
        """Return a new file, and whether it has a name: one without a name is gone with the process that made it."""
        if _UNNAMED and self._handle is not None and os.path.isdir("/proc/self/fd"):
            with contextlib.suppress(OSError):
                flags = _UNNAMED | os.O_WRONLY | os.O_CLOEXEC
                return os.open(".", flags, 0o600, dir_fd=self._handle), False
        self.sweep()
        return os.open(self._name(name), _NEW, 0o600, **self._here), True

    def sweep(self) -> None:
        """Remove the temporary files of runs that were killed."""
        for name in self.names():
            if _TEMPORARY.fullmatch(name):
                with contextlib.suppress(OSError):
                    status = self.status(name)
                    if stat.S_ISREG(status.st_mode) and time.time() - status.st_mtime > _ABANDONED:
                        self.remove(name)

    def _name(self, name: str) -> str:
        if name != os.path.basename(name) or name in ("", ".", ".."):
            raise ValueError(f"{name!r} is no name of a file")
        return name if self._handle is not None else os.path.join(self.path, name)

    @property
    def _here(self) -> dict[str, Any]:
        return {} if self._handle is None else {"dir_fd": self._handle}

    @property
    def _both(self) -> dict[str, Any]:
        return {} if self._handle is None else {"src_dir_fd": self._handle, "dst_dir_fd": self._handle}


def _become(handle: int, like: os.stat_result | None, mode: int) -> None:
    """Give a new file its owner and its mode."""
    if like is not None:
        own = os.fstat(handle)
        if (like.st_uid, like.st_gid) != (own.st_uid, own.st_gid):
            os.fchown(handle, like.st_uid, like.st_gid)
        mode = stat.S_IMODE(like.st_mode)
    os.fchmod(handle, mode)
