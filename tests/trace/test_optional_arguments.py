"""What only an optional argument brings into a trace does not make a class erase anything: people trace without it."""

from __future__ import annotations

from textwrap import indent

import pytest

import scriptlint

# The parameters after `x`, the body of forward, and the verdict of the class.
CASES = {
    "left out, as mostly": (
        ", mask=None",
        "if mask is not None:\n    x = x * float(mask.mean())\nreturn x",
        "faithful",
    ),
    "only by name": (", *, scale=None", "if scale is not None:\n    x = x * scale.item()\nreturn x", "faithful"),
    "a flag that is off": (", flag=False", "if flag:\n    if x.sum() > 0:\n        return x\nreturn x * 2", "faithful"),
    "a flag that is on": (", flag=True", "if flag:\n    if x.sum() > 0:\n        return x\nreturn x * 2", "erases"),
    "reached without it": (", mask=None", "if x.sum() > 0:\n    return x\nreturn x * 2", "erases"),
    "made where it is left out": (
        ", lengths=None",
        "if lengths is None:\n    lengths = x.sum(1)\nreturn x[:, : int(lengths.max())]",
        "erases",
    ),
    "x in its place": (", y=None", "y = x if y is None else y\nif y.max() > 1:\n    return y\nreturn x", "erases"),
    "a dictionary on request": (", named=False", "if named:\n    return {'y': x}\nreturn x", "faithful"),
    "a dictionary by default": (", named=True", "if named:\n    return {'y': x}\nreturn x", "refused"),
    "a number of rounds": (", n=4", "for _ in range(n):\n    x = x + 1\nreturn x", "faithful"),
    "a required one beside it": (", y, mask=None", "if y.sum() > 0:\n    return x\nreturn y", "erases"),
}


@pytest.mark.parametrize("name", CASES)
def test_verdict_of_a_class(name: str) -> None:
    parameters, body, expected = CASES[name]
    source = "import torch\nfrom torch import nn\n\n\nclass Net(nn.Module):\n"
    source += f"    def forward(self, x{parameters}):\n" + indent(body, " " * 8) + "\n"
    (verdict,) = scriptlint.judge("net.py", source=source, isolated=True)
    assert verdict.trace == expected


def test_what_a_call_gives_is_a_warning() -> None:
    source = "import torch\n\n\ndef net(x, mask=None):\n    if mask is not None:\n        x = x * float(mask.mean())\n    return x\n\n\n"
    source += "torch.jit.trace(net, (torch.ones(3), torch.ones(3)))\n"
    report = scriptlint.lint_source(source, "net.py", isolated=True)
    assert [(one.code, one.severity) for one in report.findings] == [("SL806", "warning")]
