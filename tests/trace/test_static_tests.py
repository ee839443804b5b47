"""Tests that the object decides, around code whose trace would go wrong: a branch that never runs is silent.

The product of `TESTS` (a constructor, and a test of its object that is false) and `FORMS` (where the test and the hazard
stand). The constructor's half decides these tests, so forward must as well. Torch is asked that no trace differs.
"""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent, indent

import pytest

from tests.judge import Judge
from tests.linter import findings

TESTS = {
    "isinstance of a layer": ("self.act = nn.ReLU()", "isinstance(self.act, nn.GELU)"),
    "isinstance of one of several classes": ("self.act = nn.ReLU()", "isinstance(self.act, (nn.GELU, nn.SiLU))"),
    "isinstance of a number": ("self.n = 3", "isinstance(self.n, float)"),
    "isinstance of a text": ("self.name = 'a'", "isinstance(self.name, (list, tuple))"),
    "type is": ("self.act = nn.ReLU()", "type(self.act) is nn.GELU"),
    "type equals": ("self.act = nn.ReLU()", "type(self.act) == nn.GELU"),
    "name of the class": ("self.act = nn.ReLU()", "self.act.__class__.__name__ == 'GELU'"),
    "issubclass": ("self.kind = nn.ReLU", "issubclass(self.kind, nn.GELU)"),
    "hasattr": ("self.act = nn.ReLU()", "hasattr(self, 'gate')"),
    "not hasattr": ("self.act = nn.ReLU()", "not hasattr(self, 'act')"),
    "hasattr of a layer": ("self.act = nn.ReLU()", "hasattr(self.act, 'weight')"),
    "getattr with a default": ("pass", "getattr(self, 'gate', False)"),
    "getattr with None": ("pass", "getattr(self, 'gate', None) is not None"),
    "callable": ("self.n = 3", "callable(self.n)"),
    "in a dictionary": ("self.opts = {'a': 1}", "'c' in self.opts"),
    "in the keys of a dictionary": ("self.opts = {'a': 1}", "'c' in self.opts.keys()"),
    "not in a dictionary": ("self.opts = {'a': 1}", "'a' not in self.opts"),
    "in a list": ("self.opts = ['a', 'b']", "'c' in self.opts"),
    "in a set": ("self.n = 3", "self.n in {1, 2}"),
    "in a tuple": ("self.name = 'a'", "self.name in ('b', 'c')"),
    "in a text": ("self.name = 'abc'", "'z' in self.name"),
    "in a ModuleDict": ("self.heads = nn.ModuleDict({'a': nn.ReLU()})", "'c' in self.heads"),
    "max": ("self.n = 3", "max(self.n, 2) > 5"),
    "min": ("self.n = 3", "min(self.n, 2) < 1"),
    "abs": ("self.n = -3", "abs(self.n) < 2"),
    "sum": ("self.dims = [1, 2, 3]", "sum(self.dims) > 9"),
    "round": ("self.p = 1.7", "round(self.p) == 1"),
    "int of a float": ("self.p = 1.7", "int(self.p) == 2"),
    "bool of a number": ("self.n = 0", "bool(self.n)"),
    "sorted": ("self.dims = [3, 1]", "sorted(self.dims)[0] == 3"),
    "any": ("self.flags = [False, False]", "any(self.flags)"),
    "all": ("self.flags = [True, False]", "all(self.flags)"),
    "any of a generator": ("self.dims = [1, 2]", "any(one > 5 for one in self.dims)"),
    "all of layers": ("self.layers = nn.ModuleList([nn.ReLU()])", "all(isinstance(m, nn.GELU) for m in self.layers)"),
    "length of a list": ("self.dims = [1, 2]", "len(self.dims) > 2"),
    "length of a text": ("self.name = 'abc'", "len(self.name) == 2"),
    "length of a ModuleList": ("self.layers = nn.ModuleList([nn.ReLU()])", "len(self.layers) > 1"),
    "length of a dictionary": ("self.opts = {'a': 1}", "len(self.opts) == 2"),
    "an empty list": ("self.extra = []", "self.extra"),
    "an empty dictionary": ("self.extra = {}", "self.extra"),
    "an empty ModuleList": ("self.extra = nn.ModuleList()", "self.extra"),
    "not a list": ("self.dims = [1]", "not self.dims"),
    "a chain": ("self.n = 5", "0 < self.n < 5"),
    "a comparison": ("self.n = 3", "self.n > 3"),
    "a remainder": ("self.n = 4", "self.n % 2 == 1"),
    "arithmetic": ("self.n = 4", "self.n * 2 - 1 > 8"),
    "bits": ("self.n = 3", "self.n & 4"),
    "a power": ("self.n = 3", "2 ** self.n > 9"),
    "a float": ("self.p = 0.1", "self.p > 0.5"),
    "and of two flags": ("self.a, self.b = True, False", "self.a and self.b"),
    "or of two flags": ("self.a, self.b = False, False", "self.a or self.b"),
    "not a flag": ("self.a = True", "not self.a"),
    "a flag": ("self.a = False", "self.a"),
    "a flag is True": ("self.a = False", "self.a is True"),
    "two flags are equal": ("self.a, self.b = True, False", "self.a == self.b"),
    "None": ("self.norm = None", "self.norm is not None"),
    "None by its truth": ("self.norm = None", "self.norm"),
    "a layer is None": ("self.norm = nn.ReLU()", "self.norm is None"),
    "a layer by its truth": ("self.norm = nn.ReLU()", "not self.norm"),
    "a parameter is None": ("self.w = nn.Parameter(torch.ones(3))", "self.w is None"),
    "a registered None": ("self.register_parameter('w', None)", "self.w is not None"),
    "the bias of a layer": ("self.lin = nn.Linear(3, 3, bias=False)", "self.lin.bias is not None"),
    "a number of a layer": ("self.lin = nn.Linear(3, 3)", "self.lin.in_features > 5"),
    "a tuple of a layer": ("self.conv = nn.Conv2d(3, 3, 1)", "self.conv.kernel_size != (1, 1)"),
    "an item of a tuple of a layer": ("self.conv = nn.Conv2d(3, 3, 1)", "self.conv.stride[0] > 1"),
    "a float of a layer": ("self.act = nn.LeakyReLU(0.1)", "self.act.negative_slope > 0.5"),
    "the shape of a buffer": ("self.register_buffer('w', torch.ones(3))", "self.w.shape[0] > 5"),
    "the rank of a buffer": ("self.register_buffer('w', torch.ones(3))", "self.w.dim() == 2"),
    "a text equals": ("self.name = 'a'", "self.name == 'b'"),
    "startswith": ("self.name = 'abc'", "self.name.startswith('b')"),
    "endswith": ("self.name = 'abc'", "self.name.endswith(('a', 'b'))"),
    "upper": ("self.name = 'abc'", "self.name.upper() == 'XYZ'"),
    "split": ("self.name = 'a.b'", "self.name.split('.')[0] == 'b'"),
    "an f-string": ("self.n = 3", "f'k{self.n}' == 'k4'"),
    "a format": ("self.n = 3", "'k{}'.format(self.n) == 'k4'"),
    "concatenated texts": ("self.name = 'a'", "self.name + 'b' == 'ac'"),
    "an item of a list": ("self.dims = [1, 2]", "self.dims[0] > 1"),
    "the last item": ("self.dims = [1, 2]", "self.dims[-1] > 2"),
    "a slice": ("self.dims = [1, 2, 3]", "len(self.dims[1:]) > 2"),
    "lists are equal": ("self.dims = [1, 2]", "self.dims == [1, 3]"),
    "tuples are less": ("self.dims = (1, 2)", "self.dims > (1, 3)"),
    "an item of a dictionary": ("self.opts = {'deep': False}", "self.opts['deep']"),
    "get of a dictionary": ("self.opts = {'deep': True}", "self.opts.get('wide', False)"),
    "values of a dictionary": ("self.opts = {'deep': False}", "any(self.opts.values())"),
    "an object": ("self.cfg = Config()", "self.cfg.deep"),
    "a dataclass": ("self.cfg = Data(n=3)", "self.cfg.n > 3"),
    "a named tuple": ("self.cfg = Pair(1, 2)", "self.cfg.b > 2"),
    "a namespace": ("self.cfg = SimpleNamespace(deep=False)", "self.cfg.deep"),
    "an enum": ("self.mode = Mode.A", "self.mode == Mode.B"),
    "an enum is": ("self.mode = Mode.A", "self.mode is Mode.B"),
    "the value of an enum": ("self.mode = Mode.A", "self.mode.value == 'b'"),
    "a constant of the file": ("pass", "DEEP"),
    "a constant of the class": ("pass", "self.wide"),
    "a method": ("self.n = 3", "self.is_deep()"),
    "a property": ("self.n = 3", "self.deep"),
    "a function": ("self.n = 3", "over(self.n, 5)"),
    "a function with a keyword": ("self.n = 3", "over(self.n, than=5)"),
    "a lambda": ("self.n = 3", "(lambda n: n > 5)(self.n)"),
    "math": ("self.n = 9", "math.sqrt(self.n) > 3"),
    "a dtype": ("self.dtype = torch.float32", "self.dtype == torch.float16"),
}
FORMS = {
    "if": "if {test}:\n    return x * x.max().item()\nreturn x",
    "else": "if not ({test}):\n    y = x\nelse:\n    y = x * x.max().item()\nreturn y",
    "and": "if {test} and x.sum() > 0:\n    return -x\nreturn x",
    "or": "if not ({test}) or x.sum() > 0:\n    return x\nreturn -x",
    "conditional": "return (x if x.sum() > 0 else -x) if {test} else x",
    "return before": "if not ({test}):\n    return x\nreturn torch.stack([row for row in x])",
    "variable": "decided = {test}\nif decided:\n    return x[: len(x)]\nreturn x",
}
PROGRAM = """import math
from dataclasses import dataclass
from enum import Enum
from types import SimpleNamespace
from typing import NamedTuple

import torch
from torch import nn

DEEP = False

class Mode(Enum):
    A = "a"
    B = "b"


class Config:
    def __init__(self, deep=False):
        self.deep = deep


class Pair(NamedTuple):
    a: int
    b: int


@dataclass
class Data:
    n: int


def over(n, than):
    return n > than


class Net(nn.Module):
    wide = False

    def __init__(self):
        super().__init__()
        {init}

    def is_deep(self):
        return self.n > 5

    @property
    def deep(self):
        return self.n > 5

    def forward(self, x):
{body}


traced = torch.jit.trace(Net(), torch.ones(2, 3), check_trace=False)
"""
COMPARISON = """
other = -torch.arange(15.0).view(5, 3)
assert torch.equal(Net()(other), traced(other)), "the trace differs"
"""
PAIRS = [pytest.param(test, form, id=f"{test}-{form}") for test in TESTS for form in FORMS]


def _program(test: str, form: str) -> str:
    init, condition = TESTS[test]
    return PROGRAM.format(init=init, body=indent(dedent(FORMS[form].format(test=condition)), "        "))


@pytest.mark.parametrize(("test", "form"), PAIRS)
def test_what_never_runs_is_silent(test: str, form: str, tmp_path: Path) -> None:
    assert [one for one in findings(_program(test, form), tmp_path) if one.severity != "note"] == []


@pytest.mark.parametrize("test", TESTS)
def test_no_trace_differs(test: str, judge: Judge) -> None:
    for form in FORMS:
        verdict = judge.run(_program(test, form) + COMPARISON)
        assert verdict.verdict == "ok", f"{form}: {verdict.words}"
