"""Writing files back: whole, as the same file, and without anything that is left behind."""

from __future__ import annotations

import contextlib
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scriptlint.cli import BROKEN_PIPE, INTERRUPTED
from scriptlint.engine import folder as folder_module
from scriptlint.engine.folder import Folder
from scriptlint.engine.writing import ChangedMeanwhile, put, write
from tests.hostile import REFUSED, ROOT, scriptlint

FIXABLE = (
    "import torch\n\n\nclass N(torch.nn.Module):\n    def forward(self, x: torch.Tensor):\n        a = []\n"
    "        a.append(1)\n        return a\n\n\ntorch.jit.script(N())\n"
)


@pytest.fixture(params=["unnamed", "named"])
def temporary(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """With the temporary files that have no name, and as on systems without them."""
    if request.param == "named":
        monkeypatch.setattr(folder_module, "_UNNAMED", 0)
    return str(request.param)


def test_mode_links_and_owner_stay(tmp_path: Path, temporary: str) -> None:
    path = tmp_path / "net.py"
    path.write_bytes(b"old")
    path.chmod(0o640)
    os.link(path, tmp_path / "other.py")
    (tmp_path / "link.py").symlink_to("net.py")
    if os.geteuid() == 0:
        os.chown(path, 12345, 54321)
    before = path.stat()
    write(str(tmp_path / "link.py"), b"old", b"new content")
    after = path.stat()
    assert (tmp_path / "other.py").read_bytes() == path.read_bytes() == b"new content"
    assert (after.st_ino, after.st_mode, after.st_uid, after.st_gid) == (
        before.st_ino, before.st_mode, before.st_uid, before.st_gid,
    )  # fmt: skip
    (tmp_path / "other.py").unlink()
    write(str(path), b"new content", b"x")
    after = path.stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    assert (tmp_path / "link.py").is_symlink()
    assert sorted(os.listdir(tmp_path)) == ["link.py", "net.py"]


def test_what_somebody_else_wrote_stays(tmp_path: Path, temporary: str) -> None:
    path = tmp_path / "net.py"
    for hard in (False, True):
        path.write_bytes(b"theirs")
        if hard:
            os.link(path, tmp_path / "other.py")
        with pytest.raises(ChangedMeanwhile):
            write(str(path), b"old", b"new")
        assert path.read_bytes() == b"theirs"


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_an_interrupted_write_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, temporary: str, error: BaseException
) -> None:
    path = tmp_path / "net.py"
    path.write_bytes(b"old")

    def fails(*args: object, **options: object) -> None:
        raise error

    for name in ("replace", "fsync"):
        monkeypatch.setattr(os, name, fails)
        with pytest.raises((KeyboardInterrupt, OSError)):
            write(str(path), b"old", b"new")
        monkeypatch.undo()
        if temporary == "named":
            monkeypatch.setattr(folder_module, "_UNNAMED", 0)
        assert path.read_bytes() == b"old"
        assert os.listdir(tmp_path) == ["net.py"]


def test_a_full_disk_in_the_middle_of_a_file_with_two_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "net.py"
    path.write_bytes(b"old content")
    os.link(path, tmp_path / "other.py")
    real = os.write
    full = iter([True])

    def half(handle: int, data: memoryview) -> int:
        if next(full, False):
            real(handle, data[:3])
            raise OSError(28, "No space left on device")
        return real(handle, data)

    monkeypatch.setattr(os, "write", half)
    with pytest.raises(OSError, match="No space left"):
        write(str(path), b"old content", b"NEW CONTENT THAT IS LONGER")
    assert path.read_bytes() == b"old content"


@pytest.mark.parametrize("reason", ["one\nline = 1", "\x1b[31mred", "\u202eback", "a\rb", "a\x0cb"])
def test_a_reason_stays_in_its_comment(tmp_path: Path, reason: str) -> None:
    (tmp_path / "net.py").write_text(REFUSED)
    done = scriptlint(tmp_path, "--add-ignore", reason)
    assert done.returncode == 2
    assert (tmp_path / "net.py").read_text() == REFUSED


def test_an_interrupt_while_fixing_ends_the_run(tmp_path: Path) -> None:
    for name in ("a.py", "b.py"):
        (tmp_path / name).write_text(FIXABLE)
    program = (
        "import os, sys\nreal = os.replace\n"
        "def replace(*args, **options):\n    real(*args, **options)\n    raise KeyboardInterrupt\n"
        "os.replace = replace\nfrom scriptlint.cli import main\n"
        "main(['check', '--fix', '--unsafe-fixes', '--isolated', '--no-cache', '.'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr.strip()) == (INTERRUPTED, "")
    assert ((tmp_path / "a.py").read_text() == FIXABLE, (tmp_path / "b.py").read_text()) == (False, FIXABLE)
    assert sorted(os.listdir(tmp_path)) == ["a.py", "b.py"]


def test_temporary_files_of_killed_runs_go_with_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_module, "_UNNAMED", 0)
    old, new, users = (
        tmp_path / name
        for name in (f".scriptlint-{'0' * 16}.tmp", f".scriptlint-{'1' * 16}.tmp", ".scriptlint-settings")
    )
    for path in (old, new, users):
        path.touch()
    os.utime(old, (1, 1))
    os.utime(users, (1, 1))
    with Folder.open(str(tmp_path)) as folder:
        folder.replace("net.py", b"x")
    assert (old.exists(), new.exists(), users.exists()) == (False, True, True)


@pytest.mark.skipif(not hasattr(os, "O_TMPFILE"), reason="needs files without a name")
def test_a_run_that_is_killed_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(FIXABLE)
    program = (
        "import os, signal\nos.link = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)\n"
        "from scriptlint.cli import main\nmain(['--fix', '--unsafe-fixes', '--isolated', '--no-cache', '.'])\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env=environment, check=False)
    assert done.returncode == -signal.SIGKILL
    assert os.listdir(tmp_path) == ["net.py"]
    assert (tmp_path / "net.py").read_text() == FIXABLE


def test_a_report_keeps_mode_and_links(tmp_path: Path, temporary: str) -> None:
    path = tmp_path / "report"
    put(str(path), b"new")
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~mask
    path.chmod(0o604)
    os.link(path, tmp_path / "other")
    put(str(path), b"again")
    assert (tmp_path / "other").read_bytes() == b"again"
    assert stat.S_IMODE(path.stat().st_mode) == 0o604


@pytest.mark.parametrize("closed", [(1,), (2,), (0,), (0, 1, 2)])
@pytest.mark.parametrize("args", [["."], ["nosuch"], ["-"], ["--version"], ["rules"], ["--fix", "."], ["modules", "."]])
def test_closed_streams(tmp_path: Path, closed: tuple[int, ...], args: list[str]) -> None:
    (tmp_path / "net.py").write_text(REFUSED)
    shell = " ".join(f"{fd}{'<' if fd == 0 else '>'}&-" for fd in closed)
    command = f'exec "$0" -m scriptlint {" ".join(args)} {shell}'
    done = subprocess.run(
        ["sh", "-c", command, sys.executable],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (
        done.returncode == {".": 1, "nosuch": 2, "-": 0, "--version": 0, "rules": 0, "--fix": 1, "modules": 0}[args[0]]
    )
    assert "Traceback" not in done.stderr
    assert "this is a bug" not in done.stderr
    assert (tmp_path / "net.py").read_text() == REFUSED


def test_a_closed_pipe(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(REFUSED)
    read, written = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "scriptlint", "net.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=written,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(written)
    assert (done.returncode, done.stderr) == (BROKEN_PIPE, b"")


SLOW = """
import os, time
import scriptlint.engine.parsing as parsing
def slow(data):
    os.write(1, b"begun\\n")  # in one piece, whoever else writes
    time.sleep(600)
parsing.parse = slow
from scriptlint.cli import main
main(["check", "--isolated", "--no-cache", "--jobs", "2", "."])
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
def test_no_worker_outlives_the_run(tmp_path: Path, number: signal.Signals) -> None:
    for name in ("a.py", "b.py", "c.py", "d.py"):
        (tmp_path / name).write_text("x = 1\n" * 30_000)
    run = subprocess.Popen(
        [sys.executable, "-c", SLOW],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert run.stdout is not None
    assert run.stdout.readline() == "begun\n"
    run.send_signal(number)
    _, errors = run.communicate()  # which ends when nobody holds the other ends any more
    assert run.returncode == (-9 if number == signal.SIGKILL else 128 + number)
    assert "Traceback" not in errors
    while _processes_in(tmp_path):
        time.sleep(0.05)


def _processes_in(folder: Path) -> list[str]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            found += [process.name] if os.readlink(process / "cwd") == str(folder) else []
    return found


def test_two_runs_at_once(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "net.py").write_text(REFUSED)
    command = [sys.executable, "-m", "scriptlint", "--output-format", "concise", "."]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(tmp_path / "home")}
    runs = [
        subprocess.Popen(
            command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    assert len({(run.communicate(), run.returncode) for run in runs}) == 1
    assert scriptlint(tmp_path, "clean").returncode == 0
    assert not (tmp_path / ".scriptlint_cache").exists()
