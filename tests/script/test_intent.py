"""Roots and intent: who is judged for script, who for trace, and what `--target` makes of it."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from scriptlint.cli import run

HEADER = """
    import torch
    from torch import nn

    class Net(nn.Module):
        def forward(self, x):
            y = [one for one in x if one is not None]
            if x.sum() > 0:
                return x
            return -x

    def function(x):
        y = [one for one in x if one is not None]
        if x.sum() > 0:
            return x
        return -x

    """
SCRIPT, TRACE = "SL124", "SL801"

# What follows the header, and which of the two rules must be found.
ROOTS = {
    "nothing": ("", "both"),
    "scripted": ("torch.jit.script(Net())", "script"),
    "traced": ("torch.jit.trace(Net(), torch.ones(2))", "trace"),
    "both": ("torch.jit.script(Net())\ntorch.jit.trace(Net(), torch.ones(2))", "both"),
    "by a variable": ("net = Net()\nscripted = torch.jit.script(net)", "script"),
    "by a chain": ("net = Net().eval().to('cpu')\nscripted = torch.jit.script(net.eval())", "script"),
    "by a function": (
        "def main():\n    net = make()\n    torch.jit.trace(net.eval(), torch.ones(2))\n\ndef make():\n    return Net()",
        "trace",
    ),
    "under main": ("if __name__ == '__main__':\n    torch.jit.script(Net())", "script"),
    "by another name": ("from torch.jit import script as compile\ncompile(Net())", "script"),
    "by keyword": ("torch.jit.script(obj=Net())", "script"),
    "traced by keyword": ("torch.jit.trace(func=Net(), example_inputs=torch.ones(2))", "trace"),
    "trace_module": ("torch.jit.trace_module(Net(), {'forward': torch.ones(2)})", "trace"),
    "a method that is traced": ("torch.jit.trace(Net().forward, torch.ones(2))", "trace"),
    "onnx, the old exporter": ("torch.onnx.export(Net(), (torch.ones(2),), 'x.onnx', dynamo=False)", "trace"),
    "a submodule of what is scripted": (
        "class Outer(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.net = Net()\n"
        "    def forward(self, x):\n        return self.net(x)\n\ntorch.jit.script(Outer())",
        "script",
    ),
    "a submodule of what is traced": (
        "class Outer(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.net = Net()\n"
        "    def forward(self, x):\n        return self.net(x)\n\ntorch.jit.trace(Outer(), torch.ones(2))",
        "trace",
    ),
    "scripted in a constructor": (
        "class Outer(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.net = torch.jit.script(Net())\n"
        "    def forward(self, x):\n        return self.net(x)\n\ntorch.jit.trace(Outer(), torch.ones(2))",
        "script",
    ),
    "a method of a class that is no module": (
        "class Exporter:\n    def export(self):\n        return torch.jit.trace(Net(), torch.ones(2))",
        "trace",
    ),
    "frozen": ("torch.jit.freeze(torch.jit.script(Net().eval()))", "script"),
    "no compiler": ("class Jit:\n    def script(self, x): ...\n\nJit().script(Net())", "both"),
}
FUNCTIONS = {
    "decorated": ("@torch.jit.script\ndef other(x):\n    return function(x)", "script"),
    "scripted": ("torch.jit.script(function)", "script"),
    "traced": ("torch.jit.trace(function, torch.ones(2))", "trace"),
    "script_if_tracing": ("@torch.jit.script_if_tracing\ndef other(x):\n    return function(x)", "script"),
    "script_method": (
        "class Old(torch.jit.ScriptModule):\n    @torch.jit.script_method\n    def forward(self, x):\n        return function(x)",
        "script",
    ),
    "nothing": ("", "neither"),
}
EXPECTED = {"both": {SCRIPT, TRACE}, "script": {SCRIPT}, "trace": {TRACE}, "neither": set()}


def found(folder: Path, source: str, capsys: pytest.CaptureFixture[str], *options: str) -> set[str]:
    path = folder / "model.py"
    path.write_text(source)
    run(["check", "--isolated", "--no-cache", "--output-format", "concise", *options, str(path)])
    output = capsys.readouterr().out
    return {one for one in (SCRIPT, TRACE) if one in output}


@pytest.mark.parametrize("name", ROOTS)
def test_a_class(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    body, expected = ROOTS[name]
    assert found(tmp_path, dedent(HEADER).split("def function")[0] + body, capsys) == EXPECTED[expected]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    body, expected = FUNCTIONS[name]
    source = (
        "import torch\nfrom torch import nn\n\ndef function" + dedent(HEADER).split("def function")[1] + "\n\n" + body
    )
    assert found(tmp_path, source, capsys) == EXPECTED[expected]


@pytest.mark.parametrize(
    ("target", "expected"),
    [("auto", "trace"), ("script", "script"), ("trace", "trace"), ("both", "both")],
)
def test_the_target_overrules(tmp_path: Path, capsys: pytest.CaptureFixture[str], target: str, expected: str) -> None:
    source = dedent(HEADER).split("def function")[0] + "torch.jit.trace(Net(), torch.ones(2))"
    assert found(tmp_path, source, capsys, "--target", target) == EXPECTED[expected]


def test_a_class_without_forward_that_nothing_reaches(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = "class Plain:\n    def forward(self, x):\n        return [one for one in x if one]\n"
    assert found(tmp_path, source, capsys) == set()
