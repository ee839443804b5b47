"""The folder of the cache: made so that nobody commits or backs it up, and emptied of nothing but what the cache made.

Where it lies is a setting, and settings come with a repository that may be hostile, as may every link and folder in it.
So a folder is used only if scriptlint made it, or if it is empty; it lies within the project unless the command line says
otherwise; and no link is followed on the way to it, nor in it. What is removed are regular files with the names that the
cache gives, and then the folders that are empty.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
from typing import NamedTuple

from scriptlint.engine.folder import Folder

_TAG = "CACHEDIR.TAG"
_MARK = b"""Signature: 8a477f597d28d172789f06886806bc55
# This folder is the cache of scriptlint; `scriptlint clean` removes it.
# See https://bford.info/cachedir/
"""
_IGNORE = b"*\n"

_VERSION = re.compile(r"\d[\w.+!]*-\d+\.\d+")
_TEMPORARY = r"\.scriptlint-[0-9a-f]{16}\.tmp"
ENTRY = re.compile(rf"[0-9a-f]{{32}}|{_TEMPORARY}")
"""The names of what is in a folder of entries."""

_REPORT = re.compile(rf"SL\d+-[\w.-]+\.py|{_TEMPORARY}")
_KINDS = ("judged", "parsed", "runs", "seen", "verdicts")
REPORTS = "reports"


class Foreign(Exception):
    """A folder that scriptlint does not use as its cache; the message is one clause about it."""


class Place(NamedTuple):
    """Where a cache lies: no link is followed below the folder `top`."""

    top: str
    folder: str

    @property
    def parts(self) -> list[str]:
        """The names that lead from the top to the folder; raises Foreign where the folder is not below it."""
        relative = os.path.relpath(self.folder, self.top)
        parts = relative.split(os.sep)
        if os.path.isabs(relative) or parts[0] in (os.curdir, os.pardir):
            raise Foreign("this is not below the folder of the settings (only --cache-dir can put it elsewhere)")
        return parts


def claim(place: Place) -> Folder:
    """Return the folder, made and marked as ours unless that is done already. Raises Foreign, OSError, ValueError."""
    os.makedirs(place.top, exist_ok=True)
    folder = Folder.open(place.top)
    for name in place.parts:
        folder = _step(folder, name, make=0o777)
    mark = _content(folder, _TAG)
    if mark != _MARK:
        names = folder.names()
        if not names:
            with contextlib.suppress(FileExistsError):
                folder.create(_TAG, _MARK)
        # The beginning of a mark is what another run is just about to write, or was when it was killed.
        elif names == [_TAG] and mark is not None and _MARK.startswith(mark):
            folder.replace(_TAG, _MARK, folder.status(_TAG))
        else:
            raise Foreign("this is not a cache of scriptlint")
    with contextlib.suppress(OSError):
        folder.create(".gitignore", _IGNORE)
    return folder


def refusal(place: Place) -> str | None:
    """Return why nothing is remembered there, where settings or what lies there are to blame; None else."""
    try:
        claim(place).close()
    except Foreign as error:
        return str(error)
    except (OSError, ValueError):
        return None  # a file system that cannot be written, say
    return None


def remove(place: Place) -> bool | None:
    """Remove what the cache made; whether the folder is gone too, because nothing else was in it. None if there is none.

    Raises Foreign, OSError, ValueError.
    """
    *above, last = place.parts
    if not os.path.lexists(place.folder):
        return None
    outer = Folder.open(place.top)
    for name in above:
        outer = _step(outer, name)
    with outer, _step(outer, last) as folder:
        if _content(folder, _TAG) != _MARK:
            raise Foreign("this is not a cache of scriptlint")
        for name in folder.names():
            if _VERSION.fullmatch(name):
                _remove_version(folder, name)
            elif name == REPORTS:
                _remove_entries(folder, name, _REPORT)
            elif re.fullmatch(_TEMPORARY, name):
                _remove_file(folder, name)
        if not set(folder.names()) <= {".gitignore", _TAG}:
            return False
        for name, content in ((".gitignore", _IGNORE), (_TAG, _MARK)):
            if _content(folder, name) == content:
                folder.remove(name)
        if folder.names():
            return False
        outer.remove_folder(last)
        return True


def is_regular(folder: Folder, name: str) -> bool:
    """Return whether there is a regular file, and no link to one, under this name."""
    try:
        return stat.S_ISREG(folder.status(name).st_mode)
    except OSError:
        return False


def _step(folder: Folder, name: str, *, make: int | None = None) -> Folder:
    """Return a folder on the way to the cache, which must be no link."""
    try:
        return folder.enter(name, make=make)
    except OSError as error:
        if error.errno not in (errno.ELOOP, errno.ENOTDIR):
            raise
        kind = "a link" if os.path.islink(os.path.join(folder.path, name)) else "not a folder"
        raise Foreign(f"`{name}` is {kind}") from None


def _content(folder: Folder, name: str) -> bytes | None:
    try:
        return folder.read(name, len(_MARK))
    except OSError:
        return None


def _remove_version(folder: Folder, name: str) -> None:
    """Remove the entries of one version, and its folders where they are empty then."""
    with contextlib.suppress(OSError), folder.enter(name) as version:
        for kind in _KINDS:
            _remove_entries(version, kind, ENTRY)
    with contextlib.suppress(OSError):
        folder.remove_folder(name)


def _remove_entries(folder: Folder, name: str, given: re.Pattern[str]) -> None:
    with contextlib.suppress(OSError), folder.enter(name) as entries:
        for one in entries.names():
            if given.fullmatch(one):
                _remove_file(entries, one)
    with contextlib.suppress(OSError):
        folder.remove_folder(name)


def _remove_file(folder: Folder, name: str) -> None:
    if is_regular(folder, name):
        folder.remove(name)
