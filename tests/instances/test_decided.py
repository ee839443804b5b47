"""Tests that only a constructor's Python decides: a branch that they rule out is silent, and torch agrees that they hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.judge import Judge
from tests.linter import findings

# Each is true of an object of `Net` in its constructor.
TRUE = """\
len(self.f._modules) == 2
len(self.f._modules.values()) == 2
list(self.f._modules.keys()) == ['0', '1']
list(self._modules) == ['f', 'd', 'l']
'f' in self._modules
'zz' not in self._modules
isinstance(self._modules['f'][0], nn.ReLU)
isinstance(list(self.d._modules.values())[1], nn.Linear)
self.l._modules['0'] is self.l[0]
self._modules.get('q') is None
str.isdecimal("12")
not str.isalnum("(")
str.count("a..b", ".") == 2
list(map(str.strip, [" a "])) == ["a"]
dict.get({"a": 1}, "a") == 1
list(map(str.upper, "ab")) == ["A", "B"]
str.join(",", ["a", "b"]) == "a,b"
list.index([1, 2], 2) == 1
list(dict.items({"a": 1})) == [("a", 1)]
operator.itemgetter(1)([1, 2]) == 2
operator.itemgetter(0, 1)("abc") == ("a", "b")
sorted([(2, "a"), (1, "b")], key=operator.itemgetter(0))[0][1] == "b"
operator.attrgetter("out_features")(self.l[1]) == 3
operator.methodcaller("upper")("a") == "A"
list(itertools.takewhile(lambda v: v < 3, [1, 2, 3, 1])) == [1, 2]
list(itertools.dropwhile(lambda v: v < 3, [1, 2, 3, 1])) == [3, 1]
eval("nn.ReLU") is nn.ReLU
eval("[1, 2]")[1] == 2
eval("n") == 3
len(inspect.signature(make).parameters) == 4
inspect.signature(make).parameters["b"].default == 2
inspect.signature(make).parameters["a"].default is inspect.Parameter.empty
[p.name for p in inspect.signature(make).parameters.values() if p.kind == p.KEYWORD_ONLY] == ["c"]
"n" in inspect.signature(Net.__init__).parameters
"self" not in inspect.signature(Net).parameters
list(inspect.signature(wrapped).parameters) == ["a", "b", "c", "kw"]
Pair(1).b == 2
Pair(1)._replace(a=5).a == 5
Pair._fields == ("a", "b")
Pair._make([3, 4]).b == 4
isinstance(Pair(1), tuple)
isinstance(Pair(1), Pair)
dict(Pair(1)._asdict()) == {"a": 1, "b": 2}
[*Pair(1)] == [1, 2]
isinstance("a", collections.abc.Hashable)
isinstance((1, 2), collections.abc.Hashable)
not isinstance([1], collections.abc.Hashable)
isinstance(Color, collections.abc.Hashable)
isinstance(Color.RED, collections.abc.Hashable)
isinstance(Color, enum.EnumMeta)
not isinstance({"a": 1}, enum.EnumMeta)
not isinstance(Net, enum.EnumMeta)
isinstance({"a"}, collections.abc.Collection)
issubclass(Net, object)
Color.RED in Color
Color.RED == "red"
Color.RED.upper() == "RED"
not keyword.iskeyword("red")
Named(1).b == 1
Named(1).c == 7
Named(1, b=4)._replace(a=2).double == 4
SubNamed(3) == (3, 3, 7)
isinstance(SubNamed(3), (Named, list))
OfPair(1).total() == 3
OfPair(b=1, a=4).b == 1
isinstance(Features()(torch.zeros(1)), dict)
not isinstance(Features()(torch.zeros(1)), torch.Tensor)
not isinstance(Features()(torch.zeros(1)), (list, tuple))
isinstance(Norm()(torch.zeros(1)), torch.Tensor)
not isinstance(Norm()(torch.zeros(1)), dict)
""".splitlines()
PROGRAM = """
import collections.abc
import enum
import functools
import inspect
import itertools
import keyword
import operator
from collections import namedtuple

import torch
from torch import nn

Pair = namedtuple("Pair", "a b", defaults=[2])


class Color(str, enum.Enum):
    RED = "red"
    BLUE = "blue"


def make(a, b=2, *, c=3, **kw):
    return a


@functools.wraps(make)
def wrapped(*args, **kwargs):
    return make(*args, **kwargs)


class Features(nn.Module):
    def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
        return {{"a": x}}


class Named(namedtuple("Named", "a b c", defaults=[7])):
    def __new__(cls, a, b=None):
        return super().__new__(cls, a, a if b is None else b)

    @property
    def double(self):
        return self.a * 2


class SubNamed(Named):
    pass


class OfPair(Pair):
    def total(self):
        return self.a + self.b


class Norm(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x


class Net(nn.Module):
    flag: torch.jit.Final[bool]

    def __init__(self, n=3):
        super().__init__()
        self.f = nn.Sequential(nn.ReLU(), nn.Conv2d(3, 4, 1))
        self.d = nn.ModuleDict({{"a": nn.ReLU(), "b": nn.Linear(2, 3)}})
        self.l = nn.ModuleList([nn.ReLU(), nn.Linear(2, 3)])
        self.flag = bool({test})

    def forward(self, x):
        if self.flag:
            return x
        else:
            return x.missing()


torch.jit.script(Net())
"""


@pytest.mark.parametrize("test", TRUE)
def test_it_is_decided(test: str, tmp_path: Path) -> None:
    assert [one for one in findings(PROGRAM.format(test=test), tmp_path) if one.severity != "note"] == []


@pytest.mark.parametrize("test", TRUE)
def test_torch_agrees(test: str, judge: Judge) -> None:
    verdict = judge.run(PROGRAM.format(test=test))
    assert verdict.verdict == "ok", verdict.words
