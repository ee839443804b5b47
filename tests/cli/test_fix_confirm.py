"""`fix --confirm`: fixes that torch refuses, that change a value, or that nothing shows, are not made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from scriptlint.cli import run

Call = Callable[..., tuple[int, str, str]]
HELPER = """\
def scaled(x, k=1):
    return x * k
"""
NET = """\
import torch
from torch import nn

from .helper import scaled


class Good(nn.Module):
    def forward(self, x, flag=True):
        if flag:
            return scaled(x, 2)
        return x


class Refused(nn.Module):
    def forward(self, x, flag=True):
        if flag:
            return x.numpy()
        return x


class Unbuilt(nn.Module):
    def __init__(self, size):
        super().__init__()
        raise ValueError(size)

    def forward(self, x, flag=True):
        return x if flag else -x


def rate(x, p: float = 0.5, training: bool = False):
    return x * p if training else x


class Raises(nn.Module):
    def __init__(self, p=None):
        super().__init__()
        self.p = p

    def forward(self, x):
        return rate(x, self.p, self.training)


torch.jit.script(Good())
torch.jit.script(Refused())
torch.jit.script(Raises())
"""
GOOD = NET.replace("flag=True", "flag: bool = True", 1)


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    monkeypatch.chdir(tmp_path)
    package = tmp_path / "package"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "helper.py").write_text(HELPER)
    (package / "net.py").write_text(NET)

    def call(*args: str) -> tuple[int, str, str]:
        code = run(["fix", "--no-cache", "--confirm", *args])
        out, err = capsys.readouterr()
        return code, out, err

    return call


def test_only_what_torch_accepts_is_written(call: Call) -> None:
    code, _, err = call("--unsafe-fixes", "package")
    lines = err.splitlines()
    assert code == 0
    assert Path("package/net.py").read_text() == GOOD
    assert Path("package/helper.py").read_text() == HELPER.replace("k=1", "k: int = 1")
    assert lines[0].startswith("scriptlint: torch accepts the fixes of 3 of 5 findings")
    assert any("net.py::Refused: torch refuses it: " in line for line in lines)
    assert any("net.py::Raises: it was not run, or raises" in line for line in lines)


def test_what_is_not_complete_is_not_begun(call: Call) -> None:
    _, _, err = call("package")  # the helper's fix is unsafe, and without it nothing compiles
    assert Path("package/net.py").read_text() == NET
    assert "torch accepts the fixes of 0 of 2 findings" in err
    assert "net.py::Good: torch refuses it: " in err


def test_a_folder_with_too_many_files_is_not_copied(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scriptlint.cli.proving._FILES", 1)
    code, _, err = call("package")
    assert code == 2
    assert "has more than 1 files; name files of one project" in err
    assert Path("package/net.py").read_text() == NET


def test_a_diff_of_what_is_proven(call: Call) -> None:
    code, out, _ = call("--unsafe-fixes", "--diff", "package")
    assert code == 1
    assert "+def scaled(x, k: int = 1):" in out
    assert out.count("flag: bool") == 1
    assert Path("package/net.py").read_text() == NET


def test_a_fix_that_changes_a_value_is_left_out(call: Call) -> None:
    """What is compiled gives something else than Python, so the fix that makes it compile is not made."""
    text = (
        "import torch\nfrom torch import nn\n\n\nclass Net(nn.Module):\n    def forward(self, x, flag=True):\n"
        "        return x + (x is None or 5) if flag else x\n\n\ntorch.jit.script(Net())\n"
    )
    Path("net.py").write_text(text)
    call("net.py")
    assert Path("net.py").read_text() == text
