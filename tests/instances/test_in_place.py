"""What was known of the numbers and the shape of a tensor is forgotten where code changes it in place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scriptlint.evaluate.values import Const
from tests.projects import Files

HEAD = """\
import torch, functools, operator
import numpy as np
from torch import nn
from torch.autograd import Variable
"""
PROGRAMS = """
### numbers inplace
def f():
    w = torch.tensor([1.0, 2.0]); w.mul_(2); return w.tolist()
GOOD = f() == [2.0, 4.0]
### numbers inplace chained
def f():
    w = torch.tensor([1.0, 2.0]).mul_(2); return w.tolist()
GOOD = f() == [2.0, 4.0]
### numbers store
def f():
    w = torch.tensor([1.0, 2.0]); w[0] = 5; return w.tolist()
GOOD = f() == [5.0, 2.0]
### numbers augmented
def f():
    w = torch.tensor([1.0, 2.0]); w += 1; return w.tolist()
GOOD = f() == [2.0, 3.0]
### numbers augmented item
def f():
    w = torch.tensor([1.0, 2.0]); w[1] += 1; return w.tolist()
GOOD = f() == [1.0, 3.0]
### numbers alias
def f():
    w = torch.tensor([1.0, 2.0]); v = w; v.fill_(7); return w[0].item()
GOOD = f() == 7
### numbers of arange
def f():
    w = torch.arange(3); w.add_(1); return w[0].item()
GOOD = f() == 1
### numbers of a clone
def f():
    w = torch.arange(3); v = w.clone(); v.add_(1); return w[0].item()
GOOD = f() == 0
### array store
def f():
    w = np.linspace(0, 1, 3); w[0] = 4; return w[0]
GOOD = f() == 4
### zero dim
def f():
    w = torch.tensor(3.0); w.add_(1); return w.item()
GOOD = f() == 4
### zero dim augmented
def f():
    w = torch.tensor(3.0); w += 1; return w.item()
GOOD = f() == 4
### out
def f():
    w = torch.tensor([1.0, 2.0]); torch.add(w, 1, out=w); return w.tolist()
GOOD = f() == [2.0, 3.0]
### init
def f():
    w = torch.tensor([1.0, 2.0]); nn.init.constant_(w, 3.0); return w.tolist()
GOOD = f() == [3.0, 3.0]
### data
def f():
    w = torch.tensor([1.0, 2.0]); w.data.zero_(); return w.tolist()
GOOD = f() == [0.0, 0.0]
### resize
def f():
    w = torch.zeros(2); w.resize_(3, 4); return w.shape[0]
GOOD = f() == 3
### unsqueeze_
def f():
    w = torch.zeros(2); w.unsqueeze_(0); return w.dim()
GOOD = f() == 2
### data set
def f():
    w = nn.Parameter(torch.zeros(2)); w.data = torch.zeros(5); return w.shape[0]
GOOD = f() == 5
"""
_, *PARTS = re.split(r"^### (.*)$", PROGRAMS, flags=re.M)
CASES = [pytest.param(body, id=name.replace(" ", "-")) for name, body in zip(PARTS[::2], PARTS[1::2], strict=True)]


@pytest.mark.parametrize("body", CASES)
def test_nothing_is_believed_that_is_so_no_more(body: str, tmp_path: Path) -> None:
    files = Files(tmp_path, f"{HEAD}{body}")
    assert files.machine.evaluate_text("GOOD", files.main) != Const(False)


@pytest.mark.parametrize(
    "text", ["torch.tensor([1, 2]).tolist()", "torch.arange(3).clone().tolist()", "np.linspace(0, 1, 3)[1]"]
)
def test_what_nothing_changes_is_known(text: str, tmp_path: Path) -> None:
    files = Files(tmp_path, f"{HEAD}SAME = {text} == {text}\n")
    assert files.machine.evaluate_text("SAME", files.main) == Const(True)
