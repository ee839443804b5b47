"""What scriptlint keeps for a user, outside of every project: snapshots of torch, and the key of the caches.

A repository must not bring these along, so a path counts only if it is absolute: without a home they are nowhere, and
not in the working folder.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Mapping

from scriptlint.engine.folder import Folder

_KEY = "key"
_BYTES = 32


def data_folder(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> str | None:
    """Return where the system wants what programs keep for a user, None where the user has no home."""
    if platform == "win32":
        return _absolute(environment.get("LOCALAPPDATA"), "~/AppData/Local")
    if platform == "darwin":
        return _absolute(None, "~/Library/Application Support")
    return _absolute(environment.get("XDG_DATA_HOME"), "~/.local/share")


def cache_folder(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> str | None:
    """Return where the system wants what programs can make again, None where the user has no home."""
    if platform == "win32":
        return _absolute(environment.get("LOCALAPPDATA"), "~/AppData/Local")
    if platform == "darwin":
        return _absolute(None, "~/Library/Caches")
    return _absolute(environment.get("XDG_CACHE_HOME"), "~/.cache")


def _absolute(given: str | None, default: str) -> str | None:
    path = given if given and os.path.isabs(given) else os.path.expanduser(default)
    return path if os.path.isabs(path) else None


def key() -> bytes | None:
    """Return the user's key, made on first use; None where there is no place for it that is the user's alone."""
    base = cache_folder()
    if base is None:
        return None
    try:
        os.makedirs(base, 0o700, exist_ok=True)
        with Folder.open(base) as outer:
            if not _own(outer.status()):
                return None  # an administrator under a user's name leaves nothing in the user's home
            with outer.enter("scriptlint", make=0o700) as folder:
                return _key(folder) if _own(folder.status()) else None
    except (OSError, ValueError):
        return None


def _key(folder: Folder) -> bytes:
    """Return the key in a folder. One that is broken, or that others may read, is replaced."""
    found = _read(folder)
    if found is not None:
        return found
    made = os.urandom(_BYTES)
    try:
        folder.create(_KEY, made, 0o600)
    except FileExistsError:
        found = _read(folder)  # another run has made it meanwhile
        if found is not None:
            return found
        folder.replace(_KEY, made)
    return made


def _read(folder: Folder) -> bytes | None:
    try:
        status = folder.status(_KEY)
        private = os.name != "posix" or not stat.S_IMODE(status.st_mode) & 0o077
        found = folder.read(_KEY, _BYTES) if _own(status) and private else b""
    except OSError:
        return None
    return found if len(found) == _BYTES else None


def _own(status: os.stat_result) -> bool:
    return os.name != "posix" or status.st_uid == os.geteuid()
