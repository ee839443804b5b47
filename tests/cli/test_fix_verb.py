"""`scriptlint fix`: the verb, the questions of `--interactive` at a real terminal, and edits as JSON."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import select
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from scriptlint.cli import run
from tests.cli.test_fix import NET, SAFE, UNSAFE

Call = Callable[..., tuple[int, str, str]]
TWO = """\
import torch


def f(x, flag=True):
    return x if flag else -x


def g(x, other=False):
    return x if other else -x


torch.jit.script(f)
torch.jit.script(g)
"""
F, G = ("flag=True", "flag: bool = True"), ("other=False", "other: bool = False")
PATIENCE = 60


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    monkeypatch.chdir(tmp_path)

    def call(*args: str) -> tuple[int, str, str]:
        code = run(["fix", "--no-cache", *args])
        out, err = capsys.readouterr()
        return code, out, err

    return call


def test_it_repairs_and_says_what(call: Call) -> None:
    Path("net.py").write_text(NET)
    assert call("net.py") == (0, "Fixed 1 finding:\n- net.py:\n    1 × SL302 (untyped-default)\n", "")
    assert Path("net.py").read_text() == SAFE
    assert call("net.py") == (0, "", "scriptlint: nothing to fix\n")


def test_it_repairs_what_is_unsafe_if_asked_to(call: Call) -> None:
    Path("net.py").write_text(NET)
    assert call("--unsafe-fixes")[0] == 0
    assert Path("net.py").read_text() == UNSAFE


def test_a_diff_as_json(call: Call) -> None:
    Path("net.py").write_text(NET)
    code, out, err = call("--diff", "--output-format", "json", "--unsafe-fixes")
    assert (code, err) == (1, "scriptlint: would fix 2 findings\n")
    assert Path("net.py").read_text() == NET
    (file,) = json.loads(out)
    assert file["filename"] == "net.py"
    assert {one["code"] for one in file["fixes"]} == {"SL302", "SL402"}
    lines = NET.splitlines(keepends=True)
    for one in reversed(file["edits"]):
        lines[one["location"]["row"] - 1 : one["end_location"]["row"] - 1] = [one["content"]]
    assert "".join(lines) == UNSAFE


def test_a_diff_as_json_of_nothing(call: Call) -> None:
    Path("net.py").write_text("x = 1\n")
    assert call("--diff", "--output-format", "json") == (0, "[]\n", "scriptlint: nothing to fix\n")


@pytest.mark.parametrize("options", [["--diff"], ["-"]])
def test_questions_need_files_to_write(call: Call, options: list[str]) -> None:
    assert "--interactive cannot be joined with" in call("--interactive", *options)[2]


def test_questions_need_a_terminal(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    code, _, err = call("--interactive")
    assert code == 2
    assert "--interactive asks at a terminal" in err


def asked(folder: Path, answers: str, *options: str) -> tuple[int, str]:
    """The exit code and the screen of a run at a terminal; each answer is typed when it is asked for."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "NO_COLOR": "1", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    process = subprocess.Popen(
        [sys.executable, "-m", "scriptlint", "fix", "--no-cache", "--interactive", *options],
        cwd=folder,
        env=environment,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    screen, left = "", list(answers)
    while select.select([ours], [], [], PATIENCE)[0]:
        try:
            part = os.read(ours, 4096)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        screen += part.decode()
        if left and screen.endswith("[q]uit: "):
            os.write(ours, b"\x04" if left[0] == "." else f"{left[0]}\n".encode())
            left.pop(0)
    code = process.wait(PATIENCE)
    os.close(ours)
    assert not left, screen
    return code, screen.replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("answers", "made"),
    [
        ("yy", [F, G]),
        ("nn", []),
        ("yn", [F]),
        ("ny", [G]),
        ("a", [F, G]),
        ("na", [G]),
        ("q", []),
        ("yq", [F]),
        ("?xy.", [F]),
    ],
)
def test_questions_are_asked_at_a_terminal(tmp_path: Path, answers: str, made: list[tuple[str, str]]) -> None:
    path = tmp_path / "net.py"
    path.write_text(TWO)
    code, screen = asked(tmp_path, answers)
    wanted = TWO
    for before, after in made:
        wanted = wanted.replace(before, after)
    assert (code, path.read_text()) == (0, wanted), screen
    assert f"Fixed {len(made)} finding" in screen if made else "nothing to fix" in screen


def test_a_question_shows_the_finding_and_the_diff(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(NET)
    _, screen = asked(tmp_path, "nn", "--unsafe-fixes")
    assert "1/2 SL302 untyped-default: without an annotation a parameter is a Tensor" in screen
    assert "-    def forward(self, x, flag=True):  # keep me\n+    def forward(self, x, flag: bool = True):" in screen
    assert re.search(r"fix: annotate `k: int`\S* \(unsafe\)\n", screen)
    assert (tmp_path / "net.py").read_text() == NET


def test_only_what_is_compiled_is_repaired_and_only_in_what_is_named(call: Call) -> None:
    Path("pyproject.toml").write_text("[tool.scriptlint]\n")
    plain = TWO.partition("\n\ntorch.jit")[0]
    Path("helper.py").write_text(plain.replace("\n\n\ndef g", "\n\n\ndef never"))
    Path("net.py").write_text(f"from helper import f as used\n{plain}\n\n\ndef h(x):\n    return used(x) + f(x)\n")
    Path("train.py").write_text("import torch\nfrom net import h\n\ntorch.jit.script(h)\n")
    before = {path: Path(path).read_text() for path in ("helper.py", "net.py", "train.py")}
    call("train.py")
    assert {path: Path(path).read_text() for path in before} == before
    call("net.py")
    assert Path("net.py").read_text() == before["net.py"].replace(*F)  # `g` is never compiled
    assert Path("helper.py").read_text() == before["helper.py"]
    call()
    assert Path("helper.py").read_text() == before["helper.py"].replace(*F)
    assert Path("train.py").read_text() == before["train.py"]
