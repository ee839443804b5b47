"""Where snapshots are looked for, and what becomes of findings that were remembered before one was made."""

import shutil
from pathlib import Path

import pytest

from scriptlint.cli import run
from scriptlint.engine import snapshots
from scriptlint.torchlib.snapshot import FORMAT, HOME


@pytest.mark.parametrize(
    ("environment", "platform", "folder"),
    [
        ({"SCRIPTLINT_SNAPSHOTS": "/s"}, "win32", "/s"),
        ({"XDG_DATA_HOME": "/x"}, "linux", "/x/scriptlint/snapshots"),
        ({}, "linux", "~/.local/share/scriptlint/snapshots"),
        ({}, "darwin", "~/Library/Application Support/scriptlint/snapshots"),
        ({"LOCALAPPDATA": "/l"}, "win32", "/l/scriptlint/snapshots"),
    ],
)
def test_the_users_folder(environment: dict[str, str], platform: str, folder: str) -> None:
    assert Path(snapshots.user_folder(environment, platform)) == Path(folder).expanduser()


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SCRIPTLINT_SNAPSHOTS", str(tmp_path / "snapshots"))
    folder = tmp_path / "snapshots" / f"format-{FORMAT}"
    folder.mkdir(parents=True)
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "net.py").write_text("import torch\n\n\ntorch.jit.script(lambda x: x)\n")
    monkeypatch.chdir(tmp_path)
    return folder


def test_a_snapshot_of_the_user_is_found(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["check", "net.py", "--target-torch", "2.6"]
    assert run(arguments) == 2
    assert "make one with `scriptlint snapshot --python PY`" in capsys.readouterr().err
    before = snapshots.stamp()
    shutil.copy(HOME / "torch-2.13.0.snapshot", mine / "torch-2.6.1.snapshot")
    assert snapshots.stamp() != before
    assert run(arguments) != 2
    assert run(["modules", "net.py", "--target-torch", "2.6"]) == 0


def test_a_broken_snapshot_is_one_sentence(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (mine / "torch-2.6.1.snapshot").write_bytes(b"nothing")
    assert run(["check", "net.py", "--target-torch", "2.6.1"]) == 2
    told = capsys.readouterr().err
    assert told.startswith("scriptlint: `")
    assert "is not a snapshot" in told
    assert told.endswith("make it again with `scriptlint snapshot --python PY`\n")


def test_snapshots_of_another_format_are_not_seen(mine: Path) -> None:
    other = mine.parent / "format-0"
    other.mkdir()
    (other / "torch-2.6.1.snapshot").write_bytes(b"nothing")
    assert run(["check", "net.py", "--target-torch", "2.6.1"]) == 2
    assert run(["check", "net.py"]) != 2
