"""A run leaves nothing behind in the process: a server makes thousands."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

import pytest

from scriptlint.engine import pipeline
from scriptlint.engine.settings import Settings
from scriptlint.program import module

NET = """
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, flag):
        super().__init__()
        self.first = nn.Linear(2, 2)
        self.second = nn.Linear(2, 2)

    @torch.jit._overload_method
    def forward(self, x: int):
        pass

    def forward(self, x):
        layer = self.first
        if x.sum() > 0:
            layer = self.second
        return layer(x)
"""


def test_files_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "net.py"
    file.write_text(NET)
    made: list[weakref.ref[module.ModuleInfo]] = []
    real = module.ModuleInfo.__init__

    def noted(self: module.ModuleInfo, source: object, parsed: object) -> None:
        made.append(weakref.ref(self))
        real(self, source, parsed)  # type: ignore[arg-type]

    monkeypatch.setattr(module.ModuleInfo, "__init__", noted)
    assert pipeline.check([str(file)], Settings(root=str(tmp_path)), cache=False, jobs=1).diagnostics
    gc.collect()
    gc.collect()  # what tables hold by keys that went goes in a second pass
    assert made
    assert not any(one() is not None for one in made)
