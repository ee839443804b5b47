"""A fix that brings errors is kept where later fixes take them away again, and only there."""

from __future__ import annotations

from pathlib import Path

from tests.fixes.test_fixed_programs import fixed
from tests.judge import Judge

CHAIN = """
import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell = nn.GRU(4, 4)

    def start(self, size, device, scale):
        return self.scaled(torch.zeros(1, size, 4, device=device), scale)

    def scaled(self, state, scale):
        return self.again(state * scale, 2)

    def again(self, state, count):
        for _ in range(count):
            kept = state + 1
        return kept

    def forward(self, x, state=None):
        if state is None:
            state = self.start(x.size(1), x.device, 0.5)
        return self.cell(x, state)


model = Net()
example = (torch.ones(2, 3, 4),)
torch.jit.script(model)
"""


def test_a_chain_is_followed_to_its_end(judge: Judge, tmp_path: Path) -> None:
    after = fixed(tmp_path, CHAIN, ["--unsafe-fixes"])
    assert "state: Optional[torch.Tensor] = None" in after
    assert "def start(self, size: int, device: torch.device, scale: float):" in after
    assert "count: int" in after
    ran = judge.run(after.replace("torch.jit.script(model)", "torch.jit.script(model)(*example)"))
    assert ran.verdict == "ok", f"{after}\n{ran.words}"
    assert fixed(tmp_path, after, ["--unsafe-fixes"]) == after


def test_a_chain_that_does_not_end_is_taken_back(tmp_path: Path) -> None:
    broken = CHAIN.replace("kept = state + 1", "kept = state.no_such_method()")
    assert "Optional" not in fixed(tmp_path, broken, ["--unsafe-fixes"])
