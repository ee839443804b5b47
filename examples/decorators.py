"""What the decorators say to the compiler: four methods, and every one gets what it needs."""

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

    # Stays Python: scripted code calls it as it is. What calls it cannot be saved.
    @torch.jit.ignore
    def record(self, x: Tensor) -> None:
        try:
            logging.info(f"mean {x.mean().item():.3f}")
        except ValueError:
            logging.info("no mean")

    # Left out: scripted code raises where it would call it, and can be saved.
    @torch.jit.unused
    def inspect(self, x: Tensor) -> None:
        import pdb

        pdb.set_trace()

    # Compiled although `forward` does not call it.
    @torch.jit.export
    def unscale(self, x: Tensor) -> Tensor:
        return x / 2

    # Compiled because `forward` calls it.
    def scale(self, x: Tensor) -> Tensor:
        return x * 2


scripted = torch.jit.script(Scaler())
halves = scripted.unscale(torch.ones(2))
