"""`--watch` as people run it: a process that goes on until Ctrl-C."""

from __future__ import annotations

import os
import queue
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from scriptlint.cli import run
from scriptlint.cli.watch import watched_folders

ROOT = Path(__file__).parent.parent.parent
NET = """\
import torch
from helper import help
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        return help(x)


torch.jit.script(Net())
"""
HELP = "def help(x):\n    return x\n"
BAD = "def help(x):\n    return (lambda y: y)(x)\n"


class Watching:
    """A watching process, and what it prints until it waits again."""

    def __init__(self, folder: Path, *args: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-u", "-m", "scriptlint", "--watch", "--output-format", "concise", *args],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)

    def shown(self) -> str:
        """What is printed in one run."""
        text = ""
        while "Waiting for changes" not in text:
            text += self._lines.get(timeout=40)
        return text

    def interrupt(self) -> int:
        """Press Ctrl-C; returns the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=60)


def test_what_changes_and_what_depends_on_it(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "net.py").write_text(NET)
    (tmp_path / "helper.py").write_text(HELP)
    watching = Watching(tmp_path)
    try:
        assert "No errors found" in (first := watching.shown()) or "Found" not in first
        (tmp_path / "helper.py").write_text(BAD)
        text = watching.shown()
        assert text.startswith("Changed: helper.py\n")
        assert re.search(r"^helper\.py:2:\d+: error SL120 ", text, re.M), text
        (tmp_path / "pyproject.toml").write_text("[tool.scriptlint]\nignroe = []\n")
        assert "unknown setting `ignroe`" in watching.shown()
        (tmp_path / "pyproject.toml").write_text("[tool.scriptlint]\nignore = ['SL120']\n")
        assert "SL120" not in watching.shown()
        (tmp_path / "new.py").write_text("def half(\n")
        assert "new.py:" in watching.shown()
    finally:
        code = watching.interrupt()
    assert code == 0
    assert watching._lines.qsize() <= 1, "nothing but the end of the line"


def test_a_settings_file_that_is_broken_from_the_beginning(tmp_path: Path) -> None:
    (tmp_path / "scriptlint.toml").write_text("ignroe = []\n")
    (tmp_path / "helper.py").write_text(HELP)
    watching = Watching(tmp_path, "helper.py")
    try:
        assert "unknown setting `ignroe`" in watching.shown()
        (tmp_path / "scriptlint.toml").write_text("")
        assert "unknown setting" not in watching.shown()
    finally:
        assert watching.interrupt() == 0


@pytest.mark.parametrize("other", ["--fix", "--diff", "--add-ignore", "--confirm", "-", "--show-files"])
def test_it_only_lints(other: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "--watch", other]) == 2
    assert "--watch only lints" in capsys.readouterr().err


def test_says_what_it_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("scriptlint.cli.watch.find_spec", lambda name: None)
    assert run(["check", "--watch", str(tmp_path)]) == 2
    assert capsys.readouterr().err == "scriptlint: --watch needs watchfiles: pip install 'scriptlint[watch]'\n"


def test_folders(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (inner / "net.py").write_text("")
    assert watched_folders([str(inner / "net.py"), str(tmp_path / "a")], "") == [str(tmp_path / "a")]
    assert watched_folders([str(inner)], str(tmp_path)) == [str(tmp_path)]
