"""The folder of the cache: made so that nobody commits or backs it up, and removed only if it is really ours.

Where the cache lies is a setting, and settings come with a repository that may be hostile: a folder without our mark is
never removed.
"""

from __future__ import annotations

import os
import shutil

_TAG = "CACHEDIR.TAG"
_MARK = """Signature: 8a477f597d28d172789f06886806bc55
# This folder is the cache of scriptlint; `scriptlint clean` removes it.
# See https://bford.info/cachedir/
"""


class Foreign(Exception):
    """A folder that scriptlint did not make; the message is one sentence."""


def claim(folder: str) -> None:
    """Makes the folder and marks it as ours, unless that is done already. Raises OSError."""
    tag = os.path.join(folder, _TAG)
    if os.path.exists(tag):
        return
    os.makedirs(folder, exist_ok=True)
    for name, text in ((".gitignore", "*\n"), (_TAG, _MARK)):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)


def is_ours(folder: str) -> bool:
    """Whether the folder carries our mark."""
    try:
        with open(os.path.join(folder, _TAG), encoding="utf-8", errors="replace") as file:
            return file.read(len(_MARK)) == _MARK
    except OSError:
        return False


def remove(folder: str) -> bool:
    """Removes the cache; False if there is none. Raises Foreign, OSError."""
    if not os.path.lexists(folder):
        return False
    if os.path.islink(folder) or not is_ours(folder):
        raise Foreign(f"{folder}: this is not a cache of scriptlint, so it is not removed")
    shutil.rmtree(folder)
    return True
