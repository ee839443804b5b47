"""The same four methods without a word to the compiler: it reads what it cannot compile, and leaves out what is wanted."""

import logging

import torch
from torch import Tensor, nn


class Scaler(nn.Module):
    """Scales its input, and can be watched while it does so."""

    def forward(self, x: Tensor) -> Tensor:
        self.record(x)
        if torch.isnan(x).any():
            self.inspect(x)
        return self.scale(x)

    def record(self, x: Tensor) -> None:
        try:
            logging.info(f"mean {x.mean().item():.3f}")
        except ValueError:
            logging.info("no mean")

    def inspect(self, x: Tensor) -> None:
        import pdb

        pdb.set_trace()

    def unscale(self, x: Tensor) -> Tensor:
        return x / 2

    def scale(self, x: Tensor) -> Tensor:
        return x * 2


scripted = torch.jit.script(Scaler())
halves = scripted.unscale(torch.ones(2))
