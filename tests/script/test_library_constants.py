"""Constants of torch's own classes are known to the compiler, also where the source does not say their value."""

from __future__ import annotations

from pathlib import Path

from tests.linter import findings

PROGRAM = """
import torch.nn.functional as F
from torch import nn


class Pool(nn.{base}):
    def __init__(self, size, flag=False):
        super().__init__({arguments})
        self.flag = flag

    def forward(self, x):
        return F.max_pool2d(x, 2, return_indices=self.{flag})
"""


def test_a_constant_of_a_layer_decides_a_dispatch(tmp_path: Path) -> None:
    program = PROGRAM.format(base="MaxPool2d", arguments="size, return_indices=flag", flag="return_indices")
    assert "SL407" not in {one.code for one in findings(program, tmp_path)}


def test_another_attribute_does_not(tmp_path: Path) -> None:
    program = PROGRAM.format(base="Module", arguments="", flag="flag")
    assert "SL407" in {one.code for one in findings(program, tmp_path)}
