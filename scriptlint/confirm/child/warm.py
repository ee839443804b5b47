"""What torch does when it compiles, saves and loads for the first time, done before there are jobs.

Its operators are registered, its tables of builtins made, its source files read. The module is small enough to leave
nothing behind in the compiler but its own name.
"""

from __future__ import annotations

import io

import torch


class _Warm(torch.nn.Module):  # type: ignore[misc]
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x.dim() > 1:
            x = x + 1
        return torch.nn.functional.relu(x)


def up() -> None:
    """Compiles, saves and loads."""
    buffer = io.BytesIO()
    torch.jit.save(torch.jit.script(_Warm()), buffer)
    buffer.seek(0)
    torch.jit.load(buffer)
