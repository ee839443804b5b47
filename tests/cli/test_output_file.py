"""Where `--output-file` leads."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from scriptlint.cli import run
from scriptlint.cli.options import Trouble
from scriptlint.cli.output_file import check, opened


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_file_has_the_mode_of_any_new_file(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.touch()
    with opened(str(tmp_path / "report")) as file:
        file.write("said")
    assert mode(tmp_path / "report") == mode(other)


def test_a_file_keeps_its_mode_and_a_link_stays_a_link(tmp_path: Path) -> None:
    kept, link = tmp_path / "kept", tmp_path / "link"
    kept.write_text("before")
    kept.chmod(0o640)
    link.symlink_to(kept)
    with opened(str(link)) as file:
        file.write("after")
    assert link.is_symlink()
    assert (mode(kept), kept.read_text()) == (0o640, "after")


def test_an_interrupt_leaves_what_was_there(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_text("before")
    interrupted = opened(str(kept))
    interrupted.__enter__().write("half")
    assert interrupted.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None) is False
    assert kept.read_text() == "before"
    assert os.listdir(tmp_path) == ["kept"]


def test_a_pipe_is_written_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with opened(str(pipe)) as file:
        file.write("said")
    assert os.read(reader, 100) == b"said"
    os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.parametrize(("name", "reason"), [("", "it is a folder"), ("none/report", "there is no such folder")])
def test_what_cannot_be_written_is_said_before_the_run(tmp_path: Path, name: str, reason: str) -> None:
    path = os.path.join(tmp_path, name)
    with pytest.raises(Trouble, match=f"--output-file: .* cannot be written: {reason}"):
        check(path)


@pytest.mark.parametrize("linked", [False, True])
def test_a_source_is_not_replaced_by_a_report(tmp_path: Path, linked: bool) -> None:
    """As by a pattern of the shell in the place of a name: `--output-file *.py`."""
    path = tmp_path / "net.py"
    if linked:
        path.symlink_to(tmp_path / "none")
    else:
        path.write_text("x = 1\n")
    with pytest.raises(Trouble, match="it is Python"):
        check(str(path))


def test_what_cannot_be_written_in_the_end_is_said(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="cannot be written: No such file"), opened(str(tmp_path / "none" / "report")):
        pass


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "net.py").write_text("import torch\n\n\n@torch.jit.script\ndef f(x, *, n: int = 1):\n    return x\n")
    return tmp_path


def test_several_reports_of_one_run(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wanted = {}
    for name in ("concise", "sarif", "junit", "json"):
        assert run(["net.py", "--no-cache", "--output-format", name]) == 1
        wanted[name] = capsys.readouterr().out
    files = [f"--output-file={one}" for one in ("sarif=a.sarif", "junit=b.xml", "json=c=1.json")]
    code = run(["net.py", "--no-cache", "--output-format", "concise", *files])
    assert (code, capsys.readouterr().out) == (1, wanted["concise"])
    assert [(project / name).read_text() for name in ("a.sarif", "b.xml", "c=1.json")] == [
        wanted[name] for name in ("sarif", "junit", "json")
    ]
    code = run(["net.py", "--no-cache", "--output-format", "json", "--output-file", "d", "--output-file", "concise=e"])
    assert (code, capsys.readouterr().out) == (1, "")
    assert ((project / "d").read_text(), (project / "e").read_text()) == (wanted["json"], wanted["concise"])


def test_every_command_that_reports_has_it(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in (["check", "net.py"], ["modules", "net.py"], ["rules"], ["explain", "SL141"], ["schema", "report"]):
        code = run(command)
        printed = capsys.readouterr().out
        assert (run([*command, "--output-file", "report"]), capsys.readouterr().out) == (code, "")
        assert (project / "report").read_text() == printed
        assert printed


@pytest.mark.parametrize(
    "given",
    [("a", "b"), ("json=a", "a"), ("json=a", "sarif=./a"), ("json=",), ("",)],
)
def test_what_cannot_be_meant(project: Path, capsys: pytest.CaptureFixture[str], given: tuple[str, ...]) -> None:
    assert run(["net.py", *(word for one in given for word in ("--output-file", one))]) == 2
    assert "Error: --output-file " in capsys.readouterr().err
    assert not (project / "a").exists()


def test_an_unknown_format_is_part_of_the_name(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["net.py", "--output-format", "json", "--output-file", "yaml=a"]) == 1
    assert (project / "yaml=a").read_text().startswith("[")
    assert capsys.readouterr().out == ""


def test_a_report_does_not_replace_a_program(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["net.py", "--output-file", "json=net.py"]) == 2
    assert "it is Python, which the report would replace" in capsys.readouterr().err
