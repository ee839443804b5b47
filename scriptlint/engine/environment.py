"""Where the interpreter and the installed packages of a project lie, told from paths alone: nothing is started."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from scriptlint.text.reading import SETTINGS_LIMIT, read


def import_roots(python: str | None, root: str) -> list[Path]:
    """Return the folders to import from: those of the project, and those of `site_packages`."""
    own = Path(root or os.getcwd())
    return [own, own / "src", *site_packages(python, root)]


def site_packages(python: str | None, root: str) -> list[Path]:
    """Return the site-packages folders of an interpreter or virtual environment.

    `python` names either; without it the active virtual environment (`VIRTUAL_ENV`) counts, else `.venv` or `venv` in
    `root`, else the virtual environment that scriptlint itself is installed in. Empty where there is none.
    """
    for prefix in _prefixes(python, root):
        folders = [*sorted(prefix.glob("lib/python3*/site-packages")), *sorted(prefix.glob("Lib/site-packages"))]
        if folders:
            mentioned = [one for folder in folders for one in _mentioned(folder)]
            return list(dict.fromkeys([*folders, *(one for one in mentioned if not _is_project(one, root))]))
    return []


def _is_project(folder: Path, root: str) -> bool:
    """Return True for the project that is looked at, which is no package that it uses."""
    own = Path(root or os.getcwd()).resolve()
    return own.is_relative_to(folder.resolve()) or folder.resolve().is_relative_to(own)


def _mentioned(folder: Path) -> list[Path]:
    """Return the folders that the `.pth` files of a site-packages folder name, as those of editable installations do."""
    found = []
    for path in sorted(folder.glob("*.pth")):
        try:
            lines = read(str(path), SETTINGS_LIMIT).decode().splitlines()
        except (OSError, UnicodeDecodeError):
            continue
        named = [Path(folder, line.strip()) for line in lines if line.strip() and not line.startswith(("#", "import"))]
        found += [one for one in named if one.is_dir()]
    return found


def interpreter(python: str | None, root: str) -> str | None:
    """Return the interpreter of the project, found as its packages are; None where there is none."""
    if python and Path(python).expanduser().is_file():
        return str(Path(python).expanduser())
    for prefix in _prefixes(python, root):
        for inner in ("bin/python", "bin/python3", "Scripts/python.exe"):
            if (prefix / inner).is_file():
                return str(prefix / inner)
    return None


def _prefixes(python: str | None, root: str) -> list[Path]:
    """Return where an environment may lie, the likeliest first."""
    if python:
        given = Path(python).expanduser()
        return [given] if given.is_dir() else [given.parent.parent, given.resolve().parent.parent]
    if os.environ.get("VIRTUAL_ENV"):
        return [Path(os.environ["VIRTUAL_ENV"])]
    own = [Path(sys.prefix)] if sys.prefix != sys.base_prefix else []
    return [Path(root, ".venv"), Path(root, "venv"), *own]
