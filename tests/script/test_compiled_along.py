"""Whether the name of a module's class is a type depends on what is compiled along, and on nothing that was judged before."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scriptlint.cli import run

HELPER = """
from torch import nn


def is_layer(x) -> bool:
    return isinstance(x, nn.Linear)
"""
WITHOUT = """

class Without(nn.Module):
    def forward(self, x):
        return x + 1 if is_layer(x) else x
"""
WITH = """

class With(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(2, 2)

    def forward(self, x):
        return x + 1 if is_layer(x) else self.inner(x)
"""


@pytest.mark.parametrize("classes", [WITH + WITHOUT, WITHOUT + WITH], ids=["with-first", "without-first"])
def test_each_class_has_its_own_verdict(classes: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "model.py"
    path.write_text(HELPER + classes)
    run(["modules", "--isolated", "--no-cache", str(path)])
    verdicts = dict(re.findall(r"model\.(\w+) +script: (.*?)  ", capsys.readouterr().out))
    assert {name: text.strip() for name, text in verdicts.items()} == {"With": "ok", "Without": "blocked (SL310)"}
