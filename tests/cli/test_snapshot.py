"""`scriptlint snapshot` where it cannot do its work; tests/torchlib/test_library.py makes a snapshot with it."""

import sys
from pathlib import Path

import pytest

from scriptlint.cli import run
from scriptlint.torchlib.snapshot import SnapshotFailed


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCRIPTLINT_SNAPSHOTS", str(tmp_path / "mine"))
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (["--python", "nosuch"], "scriptlint: --python: nosuch does not exist\n"),
        (["--python", "empty"], "scriptlint: --python: empty is a folder without an interpreter\n"),
        (["--python", "text"], "scriptlint: --python: text cannot be executed\n"),
        (
            ["--python", sys.executable, "--output", "empty"],
            "scriptlint: --output: empty is a folder, and a file is wanted\n",
        ),
        (
            ["--python", sys.executable, "--output", "no/such.snapshot"],
            "scriptlint: --output: there is no folder no\n",
        ),
    ],
)
def test_what_cannot_be_asked(args: list[str], sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("empty").mkdir()
    Path("text").write_text("")
    assert run(["snapshot", *args]) == 2
    assert capsys.readouterr() == ("", sentence)
    assert not Path("mine").exists()


def test_python_is_needed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["snapshot"]) == 2
    assert "--python" in capsys.readouterr().err


def test_an_interpreter_without_torch(capsys: pytest.CaptureFixture[str]) -> None:
    bare = Path("bare")
    bare.write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n')  # no site-packages, so no torch
    bare.chmod(0o755)
    assert run(["snapshot", "--python", "./bare", "-q"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.endswith("could not be asked about torch: ModuleNotFoundError: No module named 'torch'\n")
    assert list(Path("mine").rglob("*.snapshot")) == []


def test_a_virtual_environment_stands_for_its_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def make(python: str, out: Path) -> Path:
        asked.append(python)
        raise SnapshotFailed("no")

    monkeypatch.setattr("scriptlint.torchlib.snapshot.make", make)
    interpreter = Path("venv/bin/python")
    interpreter.parent.mkdir(parents=True)
    interpreter.touch(0o755)
    assert run(["snapshot", "--python", "venv"]) == 2
    assert asked == [str(interpreter.resolve())]


def test_the_file_is_replaced_by_a_whole_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def make(python: str, out: Path) -> Path:
        made = out / "torch-2.6.1.snapshot"
        made.write_bytes(b"1" * 5000)
        return made

    monkeypatch.setattr("scriptlint.torchlib.snapshot.make", make)
    Path("x.snapshot").write_bytes(b"old")
    assert run(["snapshot", "--python", sys.executable, "--output", "x.snapshot"]) == 0
    assert Path("x.snapshot").stat().st_size == 5000
    assert capsys.readouterr().out == "Wrote x.snapshot: torch 2.6.1, 5 kB.\n"
    assert run(["snapshot", "--python", sys.executable]) == 0
    assert capsys.readouterr().out.splitlines()[1] == "`scriptlint --target-torch 2.6.1` judges for it."
    assert [one.name for one in Path("mine").rglob("*") if one.is_file()] == ["torch-2.6.1.snapshot"]
