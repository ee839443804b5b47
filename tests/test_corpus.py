"""Every file of the installed torch is linted, about 2,300: nothing in them may make scriptlint fail.

What is found there is not held here, only that every file is read, parsed and judged without an error of our own. Each part
runs as a user would run it; all of them take two minutes of one core. `SCRIPTLINT_CORPUS` names further folders, with
`:` between them, for a run by night: `SCRIPTLINT_CORPUS=/path/to/timm pytest tests/test_corpus.py`.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scriptlint.engine.rules import FAILURES


def torch_folder() -> Path:
    """Where torch is installed; it is not imported."""
    spec = importlib.util.find_spec("torch")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


TORCH = torch_folder()
SIZES = {one.name: len(list(one.rglob("*.py"))) for one in TORCH.iterdir() if one.is_dir()}
PARTS = sorted(
    (name for name, size in SIZES.items() if size), key=lambda name: (-SIZES[name], name)
)  # the longest first
FURTHER = [one for one in os.environ.get("SCRIPTLINT_CORPUS", "").split(os.pathsep) if one]


def lint(*paths: Path) -> None:
    """Lints files and folders, and refuses any failure."""
    done = subprocess.run(
        [sys.executable, "-m", "scriptlint", "--isolated", "--no-cache", "--output-format", "json", *map(str, paths)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    failures = [one for one in json.loads(done.stdout) if one["code"] in FAILURES]
    assert failures == []
    assert done.returncode in (0, 1)


@pytest.mark.parametrize("part", PARTS)
def test_a_part_of_torch(part: str) -> None:
    lint(TORCH / part)


def test_the_top_of_torch() -> None:
    lint(*sorted(TORCH.glob("*.py")))


def test_folders_of_the_night() -> None:
    for folder in FURTHER:
        lint(Path(folder))


def test_no_file_is_left_out() -> None:
    command = [sys.executable, "-m", "scriptlint", "check", "--isolated", "--show-files", str(TORCH)]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(listed) == len(list(TORCH.rglob("*.py")))
