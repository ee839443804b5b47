"""Files that are named and are not modules of Python: what is said of them is one clear sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scriptlint.cli import run

NET = """\
import torch
from torch import nn, Tensor


class Net(nn.Module):
    lin: nn.Linear
    def __init__(self, n: int = ...) -> None: ...
    def forward(self, x: Tensor, *args) -> Tensor: ...


@torch.jit.script
def scale(x: Tensor, by=...) -> Tensor: ...
"""
FOREIGN = "this file cannot be read: its name does not end in `.py`, and it is not Python"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").touch()


def found(capsys: pytest.CaptureFixture[str], *args: str) -> list[tuple[str, str]]:
    """Return the codes and messages of what `check` finds."""
    run(["check", "--output-format", "json", *args])
    return [(one["code"], one["message"]) for one in json.loads(capsys.readouterr().out)]


@pytest.mark.parametrize("unused", ["", "x = 1  # scriptlint: ignore[SL120]\n"])
def test_a_stub_only_declares(tmp_path: Path, capsys: pytest.CaptureFixture[str], unused: str) -> None:
    (tmp_path / "net.pyi").write_text(NET + unused)
    (tmp_path / "use.py").write_text("import torch\nfrom net import Net, scale\n\ntorch.jit.script(Net())\n")
    for target in ("auto", "both", "script", "trace"):
        assert found(capsys, "net.pyi", "use.py", "--target", target) == []
    assert run(["modules", "net.pyi"]) == 0
    assert capsys.readouterr().out == "No nn.Module classes found.\n"
    assert run(["modules", "net.pyi::Net()"]) == 2
    assert "a stub only declares" in capsys.readouterr().err
    (tmp_path / "net.pyi").write_text(NET + "def f(:\n")
    assert [code for code, _ in found(capsys, "net.pyi")] == ["SL901"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("model.txt", b"This is a text.\n"),
        ("weights.pt", b"PK\x03\x04\x00\x00"),
        ("weights.bin", b"\x80\x02\xff\xfe"),
        ("config.json", b'{"a": [1, 2]}\n'),
        ("table.csv", b"1, 2\n3, 4\n"),
        ("requirements.txt", b"torch == 2.0\n"),
        ("README.md", b"# Title\n\n```python\nclass A:\n    x = 1\n```\n"),
        ("empty.txt", b""),
    ],
)
def test_a_file_that_is_not_python(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    assert found(capsys, name) == [("SL900", FOREIGN)]
    assert found(capsys, name) == [("SL900", FOREIGN)]
    assert run(["check", name]) == 2
    assert run(["check", "--fix", name]) == 2
    capsys.readouterr()
    assert run(["modules", name]) == 2
    assert capsys.readouterr().err == f"scriptlint: {name}:1:1: {FOREIGN}\n"
    assert (tmp_path / name).read_bytes() == content


@pytest.mark.parametrize("name", ["tool", "net.txt", "net.pyw", "net.py.in"])
def test_python_under_another_name(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    (tmp_path / name).write_text("import torch\n\n\n@torch.jit.script\ndef f(x):\n    return lambda: x\n")
    assert [code for code, _ in found(capsys, name)] == ["SL120"]


def test_a_file_that_is_not_utf_8(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "net.py").write_bytes(b"x = '\xe9'\n")
    message = "this file cannot be read: line 1 is not utf-8: byte 0xe9"
    assert found(capsys, "net.py") == [("SL900", message)]
    (tmp_path / "net.py").write_bytes(b"# coding: nowhere\n")
    assert found(capsys, "net.py") == [
        ("SL900", "this file cannot be read: its encoding cannot be told: unknown encoding: nowhere")
    ]
