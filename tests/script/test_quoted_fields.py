"""Quoted annotations of a named tuple are looked up in the file that uses it, as torch does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from scriptlint.cli import run

STATE = """
from __future__ import annotations

from typing import NamedTuple

from torch import Tensor as Values


class State(NamedTuple):
    hidden: Values


class Steps(NamedTuple):
    count: int
"""
MODEL = """
from typing import Optional

import torch
{imports}
from state import State, Steps


class Model(torch.nn.Module):
    def forward(self, x: torch.Tensor{parameter}):
        {body}


if __name__ == "__main__":
    torch.jit.script(Model())
"""


@pytest.mark.parametrize(
    ("imports", "parameter", "body", "code"),
    [
        ("", ", s: State", "return s.hidden", "SL314"),
        ("from torch import Tensor as Values", ", s: State", "return s.hidden", None),
        ("", "", "return State(x).hidden", "SL314"),
        ("from torch import Tensor as Values", "", "return State(x).hidden", None),
        ("", ", s: Steps", "return x + s.count", None),
        ("", ", s: Optional[Steps] = None", "return x", "SL314"),
    ],
)
def test_agrees_with_torch(
    imports: str, parameter: str, body: str, code: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "state.py").write_text(STATE)
    model = tmp_path / "model.py"
    model.write_text(MODEL.format(imports=imports, parameter=parameter, body=body))
    compiled = subprocess.run([sys.executable, model], capture_output=True, text=True, check=False)
    assert (compiled.returncode == 0) == (code is None), compiled.stderr
    run(["check", "--isolated", "--no-cache", "--output-format", "concise", str(tmp_path)])
    assert (" SL" in (shown := capsys.readouterr().out)) == (code is not None), shown
    assert code is None or code in shown
