"""Freezing and loading: reported only where nothing can have switched the mode, or said where the tensors go."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.linter import findings

BEFORE = """\
import torch
from torch import nn

def switch(module: nn.Module) -> None:
    module.eval()

class Net(nn.Sequential):
    pass

"""

IN_TRAINING = {
    "inside": "torch.jit.freeze(torch.jit.script(nn.Linear(2, 2)))",
    "traced": "torch.jit.freeze(torch.jit.trace(nn.Linear(2, 2), torch.ones(1, 2)))",
    "by name": "net = torch.jit.script(nn.Linear(2, 2))\nprint(1)\ntorch.jit.freeze(net)",
    "the child alone": "torch.jit.freeze(torch.jit.script(nn.Sequential(nn.Linear(2, 2).eval())))",
    "switched back": "net = nn.Linear(2, 2).eval()\nnet.train()\ntorch.jit.freeze(torch.jit.script(net))",
    "a subclass": "torch.jit.freeze(torch.jit.script(Net(nn.Linear(2, 2))))",
    "the model later": "net = nn.Linear(2, 2)\nmade = torch.jit.script(net)\nnet.eval()\ntorch.jit.freeze(made)",
}

UNKNOWN_OR_EVALUATED = {
    "eval": "torch.jit.freeze(torch.jit.script(nn.Linear(2, 2).eval()))",
    "eval of the result": "torch.jit.freeze(torch.jit.script(nn.Linear(2, 2)).eval())",
    "eval in a statement": "net = torch.jit.script(nn.Linear(2, 2))\nnet.eval()\ntorch.jit.freeze(net)",
    "the flag": "net = torch.jit.script(nn.Linear(2, 2))\nnet.training = False\ntorch.jit.freeze(net)",
    "the model's flag": "net = nn.Linear(2, 2)\nnet.training = False\ntorch.jit.freeze(torch.jit.script(net))",
    "handed on": "net = torch.jit.script(nn.Linear(2, 2))\nswitch(net)\ntorch.jit.freeze(net)",
    "a helper": "net = nn.Linear(2, 2)\nswitch(net)\ntorch.jit.freeze(torch.jit.script(net))",
    "a copy in training": (
        "import copy\nnet = nn.Linear(2, 2).eval()\ncopy.deepcopy(net).train()\ntorch.jit.freeze(torch.jit.script(net))"
    ),
    "a mode": "import sys\nnet = nn.Linear(2, 2)\nnet.train(len(sys.argv) > 99)\ntorch.jit.freeze(torch.jit.script(net))",
    "one branch": (
        "import sys\nnet = nn.Linear(2, 2)\nif len(sys.argv) < 99:\n    net.eval()\nelse:\n    net.train()\n"
        "torch.jit.freeze(torch.jit.script(net))"
    ),
    "an attribute": (
        "class Box(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.net = torch.jit.script(nn.Linear(2, 2))\n"
        "        self.eval()\n        self.fast = torch.jit.freeze(self.net)\n\nBox()"
    ),
    "inference": "torch.jit.optimize_for_inference(torch.jit.script(nn.Linear(2, 2)))",
}

PLACED = {
    "by position": "torch.jit.load('net.pt', 'cpu')",
    "by keyword": "torch.jit.load('net.pt', map_location=None)",
    "spread": "torch.jit.load(*['net.pt', 'cpu'])",
    "options": "torch.jit.load('net.pt', **{'map_location': 'cpu'})",
}


@pytest.mark.parametrize("text", IN_TRAINING.values(), ids=IN_TRAINING)
def test_freezing_in_train_mode_is_reported(text: str, tmp_path: Path) -> None:
    assert "SL716" in _codes(text, tmp_path)
    with pytest.raises(RuntimeError, match="in eval mode"):
        _run(text)


@pytest.mark.parametrize("text", UNKNOWN_OR_EVALUATED.values(), ids=UNKNOWN_OR_EVALUATED)
def test_freezing_is_silent_where_the_mode_may_be_another(text: str, tmp_path: Path) -> None:
    assert "SL716" not in _codes(text, tmp_path)
    _run(text)


@pytest.mark.parametrize("text", PLACED.values(), ids=PLACED)
def test_loading_is_silent_where_a_place_is_given(text: str, tmp_path: Path) -> None:
    assert "SL715" not in _codes(text, tmp_path)
    assert "SL715" in _codes("torch.jit.load('net.pt', _extra_files={})", tmp_path)


def _codes(text: str, folder: Path) -> set[str]:
    return {one.code for one in findings(BEFORE + text + "\n", folder)}


def _run(text: str) -> None:
    exec(compile(BEFORE + text, "<saving>", "exec"), {"__name__": "saving"})
