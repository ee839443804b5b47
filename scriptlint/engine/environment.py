"""Where the installed packages of a project lie, told from paths alone: no interpreter is started."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def site_packages(python: str | None, root: str) -> list[Path]:
    """The site-packages folders of an interpreter or virtual environment.

    `python` names either; without it the active virtual environment (`VIRTUAL_ENV`) counts, else `.venv` or `venv` in
    `root`, else the virtual environment that scriptlint itself is installed in. Empty where there is none.
    """
    candidates: list[Path] = []
    if python:
        given = Path(python).expanduser()
        candidates = [given] if given.is_dir() else [given.parent.parent, given.resolve().parent.parent]
    elif os.environ.get("VIRTUAL_ENV"):
        candidates = [Path(os.environ["VIRTUAL_ENV"])]
    else:
        candidates = [Path(root, ".venv"), Path(root, "venv")]
        if sys.prefix != sys.base_prefix:
            candidates.append(Path(sys.prefix))
    for prefix in candidates:
        folders = [*sorted(prefix.glob("lib/python3*/site-packages")), *sorted(prefix.glob("Lib/site-packages"))]
        if folders:
            return folders
    return []
