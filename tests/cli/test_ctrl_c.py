"""Ctrl-C: what was found by then is printed, and nothing else happens."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from scriptlint.cli import Terminated, run
from scriptlint.engine import interruption

NET = """\
import torch
from torch import nn

x = 1  # scriptlint: ignore[SL120]


class Net(nn.Module):
    def forward(self, x):
        return (lambda y: y)(x)
"""
FILES = 5
Call = Callable[..., tuple[int, list[str], str]]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").touch()
    for number in range(FILES):
        (tmp_path / f"net{number}.py").write_text(NET)

    def call(
        *args: str, after: int | None = None, error: type[BaseException] = KeyboardInterrupt
    ) -> tuple[int, list[str], str]:
        left = after

        def check() -> None:
            nonlocal left
            if left is not None:
                left -= 1
                if left < 0:
                    raise Terminated(15) if error is Terminated else error

        monkeypatch.setattr(interruption, "check", check)
        code = run([*args, "--no-cache"])
        out, err = capsys.readouterr()
        return code, out.splitlines(), err

    return call


def test_what_was_found_is_printed(call: Call) -> None:
    _, whole, _ = call("--output-format", "concise")
    findings = [line for line in whole if "SL120 " in line]
    assert len(findings) == FILES
    seen = set()
    for after in range(100):
        code, out, err = call("--output-format", "concise", after=after)
        if code != 130:
            assert out == whole
            break
        assert err == "scriptlint: interrupted, so there may be more to find\n"
        assert not any("SL903" in line for line in out), "who knows what the rest would have found"
        part = [line for line in out if "SL120 " in line]
        assert set(part) <= set(findings)
        seen.add(len(part))
        assert not any(line.startswith(("Judged", "All checks", "Nothing")) for line in out)
    assert seen >= {0, 1, 4}


@pytest.mark.parametrize(
    "args", [["--output-format", "json"], ["--output-format", "sarif"], ["--fix"], ["--diff"], ["--add-ignore"]]
)
def test_nothing_half_done_is_printed_or_written(call: Call, tmp_path: Path, args: list[str]) -> None:
    code, out, err = call(*args, after=6)
    assert (code, [line for line in out if line], err.strip()) == (130, [], "")
    assert {path.read_text() for path in tmp_path.glob("*.py")} == {NET}


def test_no_file_is_written(call: Call, tmp_path: Path) -> None:
    assert call("--output-file", "json=report", after=6)[0] == 130
    assert not (tmp_path / "report").exists()
    assert call("baseline", after=6)[0] == 130
    assert not (tmp_path / "scriptlint-baseline.json").exists()


def test_a_signal_that_ends_is_not_answered(call: Call) -> None:
    code, out, err = call(after=6, error=Terminated)
    assert (code, out, err.strip()) == (143, [], "")


def test_the_whole_is_found_afterwards(tmp_path: Path) -> None:
    """In one process: neither the cache nor the ended thread leaves anything behind."""
    (tmp_path / "pyproject.toml").touch()
    for number in range(FILES):
        (tmp_path / f"net{number}.py").write_text(NET)
    program = """
import sys
from scriptlint.cli import run
from scriptlint.engine import interruption
whole, left = interruption.check, 6
def check():
    global left
    left -= 1
    if left < 0:
        raise KeyboardInterrupt
    whole()
interruption.check = check
first = run(["--output-format", "concise"])
interruption.check = whole
sys.exit(first * 10 + run(["--output-format", "json"]))
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={"PYTHONPATH": str(Path(__file__).parent.parent.parent), "HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1301 % 256, done.stderr
    found = json.loads(done.stdout[done.stdout.index("[\n") :])
    assert [one["code"] for one in found].count("SL120") == FILES
