"""Which snapshots of torch there are: those that `scriptlint snapshot` made for this user, and the one that is shipped.

They lie in the user's folder and not in a project's: a snapshot tells of a version of torch, whatever is linted, and a
repository must not bring one along. The folder carries the number of the format, so that a scriptlint that reads another
one asks for a new snapshot and does not stumble over an old one.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from scriptlint.engine.user import data_folder

if TYPE_CHECKING:
    from scriptlint.engine.settings import Settings
    from scriptlint.torchlib.library import Library


class BrokenSnapshot(Exception):
    """A file in the user's folder is no snapshot; the message is one sentence."""


def user_folder(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> str | None:
    """Return where this user's snapshots are kept; it need not be there. None where the user has no home.

    `SCRIPTLINT_SNAPSHOTS` names another folder; else it lies where the system wants what programs keep for a user.
    """
    given = environment.get("SCRIPTLINT_SNAPSHOTS")
    if given:
        return os.path.abspath(given)
    data = data_folder(environment, platform)
    return None if data is None else os.path.join(data, "scriptlint", "snapshots")


def load(version: str | None) -> Library:
    """Return the library of a version of torch; raises torchlib's SnapshotMissing, BrokenSnapshot.

    A snapshot that the user made hides the one of the same version that is shipped.
    """
    from pathlib import Path

    from scriptlint.torchlib import library
    from scriptlint.torchlib.snapshot import FORMAT, HOME

    own = user_folder()
    folders = (HOME,) if own is None else (Path(own, f"format-{FORMAT}"), HOME)
    try:
        return library.load(version, folders)
    except ValueError as error:
        raise BrokenSnapshot(f"{error}; remove it, or make it again with `scriptlint snapshot --python PY`") from None


def library_of(settings: Settings) -> Library:
    """Return the library of the torch that the settings ask for, with the facts of packs; raises SettingsError where there is none."""
    from scriptlint.engine.packs import packs_of, with_facts
    from scriptlint.torchlib.library import SnapshotMissing

    try:
        return with_facts(load(settings.target_torch), packs_of(settings))
    except SnapshotMissing as error:
        raise settings.error("target_torch", str(error)) from None


def stamp() -> list[str]:
    """Return what changes when the user makes, replaces or removes a snapshot: findings that are remembered depend on it."""
    found: list[str] = []
    own = user_folder()
    for folder, _, files in os.walk(own) if own is not None else ():
        for file in files:
            path = os.path.join(folder, file)
            with contextlib.suppress(OSError):
                found.append(f"{path} {os.stat(path).st_mtime_ns}")
    return sorted(found)
