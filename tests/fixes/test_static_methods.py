"""Which argument of a call is for which parameter, where the first parameter is the object and where it is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scriptlint.cli import run

PROGRAM = """\
import torch
from torch import nn


class Net(nn.Module):
    {method}

    def forward(self, x):
        return {call}


torch.jit.script(Net())
"""
STATIC = "@staticmethod\n    def scaled({}):\n        return x.view(size)"
BOUND = "def scaled(self, {}):\n        return x.view(size)"


@pytest.mark.parametrize(
    ("method", "call"),
    [
        (STATIC.format("size, x"), "self.scaled(3, x)"),
        (STATIC.format("x, size"), "self.scaled(x, 3)"),
        (STATIC.format("size, x"), "Net.scaled(3, x)"),
        (STATIC.format("size, x"), "self.scaled(3, x=x)"),
        (STATIC.format("x, size"), "self.scaled(x, size=3)"),
        (BOUND.format("size, x"), "self.scaled(3, x)"),
        (BOUND.format("x, size"), "self.scaled(x, 3)"),
        (BOUND.format("x, size"), "self.scaled(x, size=3)"),
        ("@staticmethod\n    def scaled(self, x, size):\n        return x.view(size)", "self.scaled(self, x, 3)"),
    ],
)
def test_the_parameter_that_is_passed_a_number_is_annotated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], method: str, call: str
) -> None:
    (tmp_path / "net.py").write_text(PROGRAM.format(method=method, call=call))
    run(["check", str(tmp_path / "net.py"), "--isolated", "--no-cache", "--output-format", "json"])
    found = json.loads(capsys.readouterr().out)
    assert "SL902" not in [one["code"] for one in found]
    if "scaled(self, x, size)" in method and "@static" in method:
        return  # torch refuses a module as an argument, whatever is annotated
    (one,) = found
    assert (one["code"], one["fix"]["message"]) == ("SL402", "annotate `size: int`")
