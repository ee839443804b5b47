"""Constructors that grow, call themselves or hold themselves: each ends within its budget, and costs nothing but itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.linter import findings

HEAD = "import torch\nfrom torch import nn\n\n\ndef fib(n):\n    return 1 if n < 2 else fib(n - 1) + fib(n - 2)\n\n\n"
BODIES = {
    "a number that is squared": "n = 2\nfor _ in range(200):\n    n = n * n\nself.n = n",
    "a text that is doubled": "s = 'ab'\nfor _ in range(200):\n    s = s + s\nself.s = s",
    "a list that is extended by itself": "a = [1]\nfor _ in range(200):\n    a.extend(a)\nself.a = a",
    "a list that holds itself": "a = []\na.append(a)\nself.a = a",
    "a dictionary that holds itself": "d = {}\nd['d'] = d\nself.d = d",
    "a lambda that calls itself": "f = lambda g: g(g)\nself.f = f(f)",
    "a function that calls itself": "self.n = fib(40)",
    "nested comprehensions": "self.n = len([[[0 for c in range(300)] for b in range(300)] for a in range(300)])",
    "a huge text": "self.s = 'x' * 10**9",
    "a huge list": "self.a = [0] * 10**9",
    "a huge power": "self.n = 10 ** 10 ** 10",
    "a huge format": "self.s = '%999999999d' % 1",
    "an endless loop": "while True:\n    self.n = 1",
    "a module that holds itself": "self.me = [self]",
}
CLASS = """class Net(nn.Module):
    def __init__(self):
        super().__init__()
{body}

    def forward(self, x):
        return undefined


torch.jit.script(Net())


class Other(nn.Module):
    def forward(self, x):
        return missing


torch.jit.script(Other())
"""


@pytest.mark.parametrize("name", BODIES)
def test_a_constructor_ends_and_costs_no_other_class_anything(name: str, tmp_path: Path) -> None:
    body = "\n".join(f"        {line}" for line in BODIES[name].splitlines())
    found = findings(HEAD + CLASS.format(body=body), tmp_path)
    codes = [one.code for one in found]
    assert "SL902" not in codes
    assert any("missing" in one.message for one in found if one.code == "SL210"), codes


def test_a_spent_budget_hides_what_is_missing(tmp_path: Path) -> None:
    """What comes after the end of the budget may set the attribute, so that it is not missing."""
    body = (
        "        self.n = len([[[0 for c in range(300)] for b in range(300)] for a in range(300)])\n        self.k = 1"
    )
    program = HEAD + CLASS.format(body=body).replace("return undefined", "return x * self.k")
    assert all(one.code != "SL601" for one in findings(program, tmp_path))
