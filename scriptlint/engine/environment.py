"""Where the interpreter and the installed packages of a project lie, told from paths alone: nothing is started."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def site_packages(python: str | None, root: str) -> list[Path]:
    """The site-packages folders of an interpreter or virtual environment.

    `python` names either; without it the active virtual environment (`VIRTUAL_ENV`) counts, else `.venv` or `venv` in
    `root`, else the virtual environment that scriptlint itself is installed in. Empty where there is none.
    """
    for prefix in _prefixes(python, root):
        folders = [*sorted(prefix.glob("lib/python3*/site-packages")), *sorted(prefix.glob("Lib/site-packages"))]
        if folders:
            return folders
    return []


def interpreter(python: str | None, root: str) -> str | None:
    """The interpreter of the project, found as its packages are; None where there is none."""
    if python and Path(python).expanduser().is_file():
        return str(Path(python).expanduser())
    for prefix in _prefixes(python, root):
        for inner in ("bin/python", "bin/python3", "Scripts/python.exe"):
            if (prefix / inner).is_file():
                return str(prefix / inner)
    return None


def _prefixes(python: str | None, root: str) -> list[Path]:
    """Where an environment may lie, the likeliest first."""
    if python:
        given = Path(python).expanduser()
        return [given] if given.is_dir() else [given.parent.parent, given.resolve().parent.parent]
    if os.environ.get("VIRTUAL_ENV"):
        return [Path(os.environ["VIRTUAL_ENV"])]
    own = [Path(sys.prefix)] if sys.prefix != sys.base_prefix else []
    return [Path(root, ".venv"), Path(root, "venv"), *own]
