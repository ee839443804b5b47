"""The models of the tutorial: a gate that decides, a cell that asks it, a loop over time and a wrapper around the loop.

Nothing here says how they are exported; the other files of this folder do, each in another way.
"""

from typing import Tuple

import torch
from torch import Tensor, nn


class DecisionGate(nn.Module):
    """Turns its input around unless its sum is positive: what it does depends on the data."""

    def forward(self, x: Tensor) -> Tensor:
        if x.sum() > 0:
            return x
        else:
            return -x


class Cell(nn.Module):
    """One step in time."""

    def __init__(self, gate: nn.Module):
        super().__init__()
        self.gate = gate
        self.linear = nn.Linear(4, 4)

    def forward(self, x: Tensor, h: Tensor) -> Tuple[Tensor, Tensor]:
        new_h = torch.tanh(self.gate(self.linear(x)) + h)
        return new_h, new_h


class RNNLoop(nn.Module):
    """Takes the steps one after the other: how many there are is a size of the input."""

    def __init__(self, cell: nn.Module):
        super().__init__()
        self.cell = cell

    def forward(self, xs: Tensor) -> Tuple[Tensor, Tensor]:
        h = torch.zeros(3, 4)
        y = torch.zeros(3, 4)
        for i in range(xs.size(0)):
            y, h = self.cell(xs[i], h)
        return y, h


class WrapRNN(nn.Module):
    """Does a little more to what the loop gives."""

    def __init__(self, loop: nn.Module):
        super().__init__()
        self.loop = loop

    def forward(self, xs: Tensor) -> Tensor:
        y, h = self.loop(xs)
        return torch.relu(y)
