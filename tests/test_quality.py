"""The house rules that programs can hold: ruff, mypy, and files of a readable size."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# 500 lines is the size at which to ask whether a file holds two ideas.
LIMIT = 500
# Files that hold one idea all the same.
LONGER: frozenset[str] = frozenset()


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(("ruff", "check", "."), id="ruff-check"),
        pytest.param(("ruff", "format", "--check", "scriptlint", "tests", "benchmarks", "docs"), id="ruff-format"),
        pytest.param(("mypy",), id="mypy"),
    ],
)
def test_clean(command: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_files_hold_one_idea() -> None:
    sizes = {
        path.relative_to(ROOT).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for path in sorted((ROOT / "scriptlint").rglob("*.py"))
    }
    long = {name for name, size in sizes.items() if size > LIMIT}
    assert long - LONGER == set(), "split these, or say in LONGER that they hold one idea"
    assert LONGER - long == set(), "these are no longer that long"
