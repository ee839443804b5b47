"""What is reported under trace, held against the real torch: does the trace still agree with the model?"""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent, indent

import pytest

from tests.judge import Judge
from tests.linter import findings

HEADER = """
import torch
from torch import nn
from torch.nn import functional as F
"""
GATE = """

class Gate(nn.Module):
    def forward(self, x):
        if x.sum() > 0:{mark}
            return x
        return -x
"""
FUNCTION = """

def gate(x):
    if x.sum() > 0:{mark}
        return x
    return -x
"""
COMPARISON = """

torch.manual_seed(0)
model = Net().eval()
traced = torch.jit.trace(model, example, check_trace=False)
one, two = model(*other), traced(*other)
assert one.shape == two.shape and torch.allclose(one, two), "the trace differs"
"""
POSITIVE = "example, other = (torch.ones(2, 3),), (-torch.ones(2, 3),)"
LONGER = "example, other = (torch.ones(2, 3),), (torch.arange(15.0).reshape(5, 3),)"

# A lost check and a number of dimensions that decides do no harm to what passes them.
CHECKS = {"SL813", "SL815"}

# The constructor, forward, and the inputs. `HERE` marks what is reported in forward, `GATE` and `FUNCTION` say that the
# test inside of them is. Marked programs must diverge, the others must agree.
CASES = {
    "a plain submodule": ("self.g = Gate()", "return self.g(x)", POSITIVE, "GATE"),
    "a scripted submodule": ("self.g = torch.jit.script(Gate())", "return self.g(x)", POSITIVE, ""),
    "a traced submodule": (
        "self.g = torch.jit.trace(nn.Linear(3, 3), torch.ones(2, 3))",
        "return self.g(x)",
        POSITIVE,
        "",
    ),
    "a submodule in a list": (
        "self.g = nn.ModuleList([Gate()])",
        "for one in self.g:\n    x = one(x)\nreturn x",
        POSITIVE,
        "GATE",
    ),
    "a sequential": ("self.g = nn.Sequential(nn.Identity(), Gate())", "return self.g(x)", POSITIVE, "GATE"),
    "a scripted one in a sequential": (
        "self.g = nn.Sequential(nn.Identity(), torch.jit.script(Gate()))",
        "return self.g(x)",
        POSITIVE,
        "",
    ),
    "a function": ("pass", "return gate(x)", POSITIVE, "FUNCTION"),
    "a scripted function": ("self.g = 1", "return torch.jit.script(gate)(x)", POSITIVE, ""),
    "an ignored method": (
        "pass",
        "return self.go(x)\n\n@torch.jit.ignore\ndef go(self, x):\n    return gate(x)",
        POSITIVE,
        "FUNCTION",
    ),
    "a property": (
        "pass",
        "y = x.mean()\nif y > 0:  # HERE\n    return x\nreturn -x",
        POSITIVE,
        "",
    ),
    "a conditional expression": ("pass", "return x if x.sum() > 0 else -x  # HERE", POSITIVE, ""),
    "item": ("pass", "k = x.max().item()  # HERE\nif k > 0:\n    return x\nreturn -x", POSITIVE, ""),
    "a result of torch": ("pass", "if torch.equal(x, x.abs()):  # HERE\n    return x\nreturn -2 * x", POSITIVE, ""),
    "and": ("pass", "if x.dim() == 2 and x.sum() > 0:  # HERE\n    return x\nreturn -x", POSITIVE, ""),
    "where": ("pass", "return torch.where(x > 0, x, -x)", POSITIVE, ""),
    "a rank": ("pass", "if x.dim() == 2:\n    return x + 1\nreturn x", POSITIVE, ""),
    "a type": ("pass", "if x.dtype == torch.float32:\n    return x + 1\nreturn x", POSITIVE, ""),
    "a device": ("pass", "if x.is_cuda or x.is_mps:\n    return x + 1\nreturn x", POSITIVE, ""),
    "isinstance": (
        "pass",
        "if not isinstance(x, torch.Tensor):\n    return gate(x)\nif isinstance(x, (list, tuple)):\n    x = gate(x[0])\nreturn x",
        POSITIVE,
        "",
    ),
    "what is not None": (
        "self.w = None",
        "if x is None or self.w is not None:\n    return gate(x)\nreturn x",
        POSITIVE,
        "",
    ),
    "a constant of the object": (
        "self.mode = 'a'",
        "if self.mode == 'b' and x.sum() > 0:\n    return x\nreturn -x",
        POSITIVE,
        "",
    ),
    "a check": ("pass", "if x.isnan().any():\n    raise ValueError('no number')\nreturn x", POSITIVE, ""),
    "a check with else": (
        "pass",
        "if not x.isnan().any():\n    y = x\nelse:\n    raise ValueError('no number')\nreturn y",
        POSITIVE,
        "",
    ),
    "a message": ("pass", "if x.sum() < 0:\n    print('negative')\nreturn x", POSITIVE, ""),
    "tracing is known": (
        "pass",
        "if torch.jit.is_tracing():\n    return torch.where(x.sum() > 0, x, -x)\nif x.sum() > 0:\n    return x\nreturn -x",
        POSITIVE,
        "",
    ),
    "scripting is known": ("pass", "if torch.jit.is_scripting():\n    return gate(x)\nreturn x", POSITIVE, ""),
    "guarded by tracing": (
        "pass",
        "if not torch.jit.is_tracing() and x.sum() > 0:\n    return x * 1.0\nreturn x + 0 * x",
        "example, other = (torch.ones(2, 3),), (torch.zeros(2, 3),)",
        "",
    ),
    "a loop over a size": (
        "pass",
        "y = x[0] * 0\nfor i in range(x.size(0)):  # HERE\n    y = y * 0.5 + x[i]\nreturn y",
        LONGER,
        "",
    ),
    "a loop over rows": ("pass", "y = x[0] * 0\nfor row in x:  # HERE\n    y = y + row\nreturn y", LONGER, ""),
    "a loop over len": (
        "pass",
        "y = x[0] * 0\nfor i in range(len(x)):  # HERE\n    y = y + x[i]\nreturn y",
        LONGER,
        "",
    ),
    "a loop over a number": ("self.n = 2", "for i in range(self.n):\n    x = x + i\nreturn x", LONGER, ""),
    "a loop over layers": (
        "self.n = nn.ModuleList([nn.Linear(3, 3)])",
        "for i, one in enumerate(self.n):\n    if i > 0:\n        x = F.relu(x)\n    x = one(x)\nreturn x",
        LONGER,
        "",
    ),
    "while": ("pass", "while x.sum() > 7:  # HERE\n    x = x / 2\nreturn x", LONGER, ""),
    "a size": ("pass", "if x.size(0) > 3:  # HERE\n    x = x[:3]\nreturn x", LONGER, ""),
    "a size by shape": ("pass", "b, c = x.shape\nif b > 3:  # HERE\n    x = x[:3]\nreturn x", LONGER, ""),
    "sizes that stay": ("pass", "n = x.size(0) // 2 + 1\nreturn x.view(-1, x.shape[0])[:n].expand(-1, -1)", LONGER, ""),
    "a factory by size": ("pass", "return x + torch.zeros(x.size(0), x.shape[1])", LONGER, ""),
    "the size of a parameter": (
        "self.w = nn.Parameter(torch.ones(4, 3))",
        "y = x.sum(0)\nfor i in range(self.w.size(0)):\n    y = y + self.w[i]\nif self.w.shape[0] > 3:\n    y = y + 1\nreturn y",
        LONGER,
        "",
    ),
    "the rows of a parameter": (
        "self.register_buffer('w', torch.ones(4, 3))",
        "y = x.sum(0)\nfor row in self.w:\n    y = y + row\nreturn y",
        LONGER,
        "",
    ),
    "a parameter and the input": (
        "self.w = nn.Parameter(torch.zeros(3))",
        "if (x * self.w + x).sum() > 0:  # HERE\n    return x\nreturn -x",
        POSITIVE,
        "",
    ),
    "a cache that is filled when needed": (
        "self.pos = None",
        "if self.pos is None or self.pos.size(0) < x.size(0):\n    self.pos = torch.arange(x.size(0)).float()\n"
        "return x + self.pos[:, None]",
        LONGER,
        "",
    ),
    "a flag that a loop changes": (
        "pass",
        "first = True\nfor i in range(2):\n    if first:\n        first = False\n    elif x.sum() > 0:  # HERE\n        return x\nreturn -x",
        POSITIVE,
        "",
    ),
}


def _program(name: str) -> tuple[str, bool]:
    """The program and whether something in it is marked."""
    constructor, forward, inputs, elsewhere = CASES[name]
    mark = "  # HERE"
    header = HEADER
    if "Gate" in constructor:
        header += GATE.format(mark=mark if elsewhere == "GATE" else "")
    if "gate" in forward:
        header += FUNCTION.format(mark=mark if elsewhere == "FUNCTION" else "")
    body = f"class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n{indent(constructor, ' ' * 8)}\n\n"
    method, _, others = forward.partition("\n\n")
    body += f"    def forward(self, x):\n{indent(method, ' ' * 8)}\n"
    if others:
        body += "\n" + indent(others, " " * 4) + "\n"
    text = f"{header.lstrip()}\n\n{body}\n\n{inputs}\n"
    return text, mark in text


@pytest.mark.parametrize("name", CASES)
def test_reported_where_the_trace_differs(tmp_path: Path, judge: Judge, name: str) -> None:
    text, marked = _program(name)
    program = text + dedent(COMPARISON)
    expected = [row for row, line in enumerate(program.splitlines(), 1) if line.endswith("# HERE")]
    reported = sorted(
        {one.row for one in findings(program, tmp_path) if one.severity != "note" and one.code not in CHECKS}
    )
    assert reported == expected
    verdict = judge.run(program)
    assert verdict.verdict == ("refused" if marked else "ok"), verdict.words


def test_the_trail_leads_from_the_root(tmp_path: Path) -> None:
    from scriptlint.evaluate.values import Held
    from scriptlint.torchlib import load
    from scriptlint.trace.flow import Flow
    from tests.projects import Files

    text, _ = _program("a plain submodule")
    files = Files(tmp_path, text)
    flow = Flow(files.machine, load())
    flow.root(Held(files.built("Net")), ())
    (found,) = flow.report.diagnostics
    assert [step.message for step in found.trail] == ["`Net.forward` calls `self.g`"]
