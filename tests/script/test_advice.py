"""What is advised is about the cause that was found, not about the rule."""

from __future__ import annotations

import pytest

from scriptlint.api import lint_source

HEAD = """\
import enum
from typing import Dict, List, NamedTuple, Optional

import torch
from torch import Tensor, nn


class Mode(enum.Enum):
    A = 1


class Pair(NamedTuple):
    a: Tensor


W = torch.ones(2)
SIZES = [1, 2]


def half(x, k: float, dims: List[int]):
    return x.sum(dims) * k


class Net(nn.Module):
    mode: Mode

    def __init__(self):
        super().__init__()
        self.pair = Pair(torch.ones(2))
        self.mean = 0
        self.cache = None
        self.mode = Mode.A
        self.layers = nn.ModuleList([nn.Linear(2, 2)])

    def forward(self, x, n: int, y: Optional[Tensor]):
"""

CASES = {
    "return half(x, n, [0])": "an int is not made a float",
    "return torch.cat(x)": "put it into a list",
    "return half(y, 2.0, [0])": "is not None",
    "return x + y": "is not None",
    "return y.sum()": "is not None",
    "return self.pair.a": "named tuple",
    "return x if self.mode == 1 else -x": "`.value`",
    "return x if Mode(1) == self.mode else -x": "`.value`",
    "self.mean = 0.5": "`0.0`",
    "self.cache = x": "`cache: Optional[Tensor]`",
    "return x * W": "buffer",
    "return x.view(SIZES)": "attribute of the module",
    "return self.__class__": "guard",
    "out = {}; out['n'] = n": "Dict[str, int]",
    "out = []; out.append(n)": "List[int]",
    "for layer in self.layers[::-1]: x = layer(x)": "second `ModuleList`",
}


@pytest.mark.parametrize("body", CASES)
def test_the_advice_is_about_the_cause(body: str) -> None:
    program = HEAD + "".join(f"        {line}\n" for line in body.split("; ")) + "\n\ntorch.jit.script(Net())\n"
    found = [one for one in lint_source(program).findings if one.severity == "error"]
    assert len(found) == 1, found
    assert CASES[body] in found[0].help
