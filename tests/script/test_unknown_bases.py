"""What a base that is not installed may define is unknown, whatever the code does with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.linter import findings

PROGRAM = """\
import torch
from torch import nn
from nowhere import Base


class Net({bases}):
    def forward(self, x):
        {body}


torch.jit.script(Net())
"""


@pytest.mark.parametrize("bases", ["Base", "Base, nn.Module"])
@pytest.mark.parametrize(
    "body",
    [
        "y = self.scale\n        return y * 0.5",
        "y = self.scale\n        y *= 0.5\n        return torch.cat((y, y), dim=1)",
        "return [self.scale, self.scale]",
        "return x[self.index]",
        "return self.layer.weight + self.layer(x)",
        "total = 0\n        for one in self.layers:\n            x, part = one(x)\n            total += part\n"
        "        total *= 0.5\n        return torch.cat((total, part), dim=1)",
    ],
)
def test_an_attribute_of_an_unknown_base(bases: str, body: str, tmp_path: Path) -> None:
    assert findings(PROGRAM.format(bases=bases, body=body), tmp_path) == []


def test_the_rest_is_judged(tmp_path: Path) -> None:
    found = findings(PROGRAM.format(bases="Base", body="return (lambda y: y)(self.scale)"), tmp_path)
    assert [one.code for one in found] == ["SL120"]
