"""What is said of the constants that torch warns of: harmless only where they are the same for every input, or maybe."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.linter import findings

PROGRAM = """\
import numpy as np
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, scale):
        super().__init__()
        self.scale = scale
        self.steps = (1.0, 2.0)

    def forward(self, x):
{body}


torch.jit.trace(Net(given), torch.ones(3))
"""
HERE = "is harmless here: it is the same for every input"
PERHAPS = "is harmless only if it is the same for every input"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return x + torch.tensor([1.0, 2.0, 3.0])", HERE),
        ("return x[:2] + torch.tensor(self.steps)", HERE),
        ("return x + torch.tensor([[1], [2]]).sum()", HERE),
        ("return x + torch.tensor(self.scale)", PERHAPS),
        ("n = 0\nwhile x.sum() > 0:\n    n += 1\n    x = x - 1\nreturn x + torch.tensor(n)", PERHAPS),
        ("steps = []\nfor _ in range(x.size(0)):\n    steps.append(3)\nreturn x + torch.tensor(steps)", PERHAPS),
        ("n = 1 if x.sum() > 0 else 2\nreturn x + torch.tensor([n])", PERHAPS),
        ("return x + torch.from_numpy(np.arange(3))", PERHAPS),
        ("steps = []\nsteps.append(x[0].item())\nreturn x + torch.tensor(steps)", None),
        ("steps = [0.0]\nsteps[0] = float(x[0])\nreturn x + torch.tensor([steps])", None),
    ],
)
def test_harmless_is_said_of_what_is_the_same(tmp_path: Path, body: str, said: str | None) -> None:
    program = PROGRAM.format(body="\n".join(f"        {line}" for line in body.split("\n")))
    found = {one.code: one.message for one in findings(program, tmp_path)}
    if said is None:
        assert "depend on the input" in found["SL832"]
    else:
        assert found["SL833"].endswith(said)
