"""What a constructor may have set without our seeing it is never called missing."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from scriptlint.evaluate.values import Const, Instance, Some, Unknown, Value
from tests.judge import Judge
from tests.linter import findings
from tests.projects import Files

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


LONG_LOOPS = """
    from torch import nn

    def pairs(n):
        found, offsets, last = [], {}, None
        for one in range(n):
            for other in range(n):
                offset = abs(one - other)
                if offset not in offsets:
                    offsets[offset] = len(offsets)
                found.append(offsets[offset])
                last = offset
        return found, offsets, last

    def rounds(n):
        total = 0
        for one in [0] * n:
            total += 1
        return total

    class Net(nn.Module):
        def __init__(self, n):
            super().__init__()
            for one in range(n):
                for other in range(n):
                    self.add(one)

        def add(self, one):
            self.one = one
    """


def test_what_long_loops_set_is_forgotten(tmp_path: Path) -> None:
    files = Files(tmp_path, LONG_LOOPS)

    def value(text: str) -> Value:
        return files.machine.evaluate_text(text, files.main)

    assert value("pairs(40)[2]") == Const(0)
    assert value("len(pairs(40)[0])") == Const(1600)
    assert [type(value(f"len(pairs(70)[{index}])")) for index in (0, 1)] == [Some, Some]
    assert isinstance(value("pairs(70)[2]"), Unknown)
    assert value("rounds(4000)") == Const(4000)
    assert isinstance(value("rounds(5000)"), Unknown)
    small, large = value("Net(3)"), value("Net(70)")
    assert isinstance(small, Instance)
    assert isinstance(large, Instance)
    assert (small.hidden, large.hidden) == (False, True)
