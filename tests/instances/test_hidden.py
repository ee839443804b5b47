"""What a constructor may have set without our seeing it is never called missing."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from tests.judge import Judge
from tests.linter import findings

IMPORTS = "import torch\nfrom torch import nn\n\n"
SETS = {
    "add_module with a computed name": """
        class Net(nn.Module):
            def __init__(self, count: int = 2):
                super().__init__()
                for i in range(count):
                    self.add_module(f"layer{i}", nn.ReLU())
            def forward(self, x):
                return self.layer1(x)
        """,
    "a list of names and layers from a function": """
        def layers(count):
            made = []
            for i in range(count):
                made.append((f"layer{i}", nn.ReLU()))
            return made

        class Net(nn.Module):
            def __init__(self, count: int = 2):
                super().__init__()
                for layer in layers(count):
                    self.add_module(*layer)
            def forward(self, x):
                return self.layer1(x)
        """,
    "setattr with a computed name": """
        class Net(nn.Module):
            def __init__(self, count: int = 2):
                super().__init__()
                for i in range(count):
                    setattr(self, f"layer{i}", nn.ReLU())
            def forward(self, x):
                return self.layer1(x)
        """,
    "the dictionary of the object": """
        class Net(nn.Module):
            def __init__(self, **given: float):
                super().__init__()
                self.__dict__.update({"scale": 2.0, **given})
            def forward(self, x):
                return x * self.scale
        """,
    "vars": """
        class Net(nn.Module):
            def __init__(self, **given: float):
                super().__init__()
                vars(self).update({"scale": 2.0, **given})
            def forward(self, x):
                return x * self.scale
        """,
    "a function behind a decorator": """
        import functools

        @functools.lru_cache(None)
        def fill(net):
            net.scale = 2.0

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                fill(self)
            def forward(self, x):
                return x * self.scale
        """,
    "more statements than the budget": """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                total = 0
                for i in range(60):
                    for j in range(60):
                        for k in range(60):
                            total += i * j * k
                self.layer1 = nn.ReLU()
            def forward(self, x):
                return self.layer1(x)
        """,
}


@pytest.mark.parametrize("source", SETS.values(), ids=SETS)
def test_nothing_is_missing(tmp_path: Path, judge: Judge, source: str) -> None:
    program = IMPORTS + dedent(source)
    assert findings(program, tmp_path) == []
    assert judge.run(program + "\ntorch.jit.script(Net())\n").verdict == "ok"
