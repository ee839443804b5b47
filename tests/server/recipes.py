"""The recipes of docs/editors.md as they stand there."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from tests.server.client import ROOT

PAGE = (ROOT / "docs" / "editors.md").read_text(encoding="utf-8")


def recipe(kind: str) -> str:
    """The block of the page that is marked so."""
    (found,) = re.findall(rf"^```{re.escape(kind)}\n(.*?)^```$", PAGE, re.M | re.S)
    return str(found)


def environment(folder: Path) -> dict[str, str]:
    """An environment in which `scriptlint` is this one, and editors keep their files in a folder of the test."""
    programs = folder / "bin"
    programs.mkdir()
    command = programs / "scriptlint"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m scriptlint "$@"\n')
    command.chmod(0o755)
    found = {**os.environ, "PYTHONPATH": str(ROOT), "PATH": f"{programs}:{os.environ['PATH']}", "HOME": str(folder)}
    return {**found, **{f"XDG_{name}_HOME": str(folder / name) for name in ("CONFIG", "DATA", "STATE", "CACHE")}}
