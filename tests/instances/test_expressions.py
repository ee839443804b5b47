"""What a constructor computes is what Python computes, wherever it is not unknown."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import pytest

from scriptlint.evaluate.values import Const, Items, Mapping, Scalar, Some, Unknown, Value
from tests.projects import Files

HEAD = """\
import functools
import math
import sys
import numpy as np
import torch
from torch import nn


class Plain(nn.Module):
    pass


class Config(dict):
    __getattr__ = dict.__getitem__
"""
EXPRESSIONS = """\
math.sqrt(16) / 3
math.floor(7 / 2) + math.ceil(7 / 2)
int(math.log2(64)) ** 2
1 / math.pi
max(1, 2.5) - min([4, 2])
round(2.567, 2)
round(7 / 2)
sum([1, 2, 3]) // 4 % 5
abs(-3) * divmod(7, 3)[1]
any([0, 1]) and all([1, 0])
"block%d_%s" % (3, "a")
"conv-bn".split("-")[1].upper()
f"layer{3}"
"relu"[0] + "x"
"x" in "axb"
3 not in [1, 2]
"a" in {"a": 1}
None is not None
[c for c in "CBR"]
[i * 2 for i in range(4) if i % 2 == 1][0]
list(enumerate(["a"]))
dict(a=1, b=2)
dict({"a": 1}, b=2)
{1: "one", 2: "two"}[2]
isinstance(1, int) and isinstance(True, int) and not isinstance(1.0, int)
isinstance((1, 2), (list, tuple))
isinstance("s", str) or isinstance(None, str)
isinstance(nn.Linear(2, 2), nn.Module)
isinstance(nn.Linear(2, 2), (nn.Conv2d, nn.Linear))
isinstance(nn.Linear(2, 2), nn.Conv2d)
isinstance(Plain(), nn.Module) and not isinstance(Plain(), nn.Linear)
issubclass(nn.BatchNorm2d, nn.Module)
issubclass(Plain, nn.Module)
callable(math.sqrt) or callable(3)
hasattr(Plain(), "training_mode")
"yes" if nn.ReLU() else "no"
"yes" if nn.Sequential() else "no"
"yes" if Plain() else "no"
nn.Conv2d(3, 8, 3, stride=2).stride
nn.Conv2d(3, 8, (3, 5)).kernel_size[1]
nn.Linear(4, 2, bias=False).in_features
nn.MSELoss(reduction="sum").reduction
nn.Dropout(0.25).p
len(nn.Sequential(nn.ReLU(), nn.ReLU(), nn.ReLU())[1:])
len(list(nn.ModuleList([nn.ReLU()]).children()))
len([*nn.ModuleList([nn.ReLU(), nn.ReLU()])])
list(nn.ModuleDict({"a": nn.ReLU()}).keys())
Config(width=3, depth=2.0).width
Config(width=3)["width"]
Config(width=3).get("height", 5)
getattr(Plain(), "nothing", 7)
functools.partial(max, 3)(5)
float(np.sqrt(16)) + int(np.prod([2, 3]))
sys.version_info[0]
torch.jit.annotate(int, 4)
""".splitlines()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return Files(tmp_path_factory.mktemp("project"), HEAD)


@functools.cache
def names() -> dict[str, Any]:
    space: dict[str, Any] = {}
    exec(compile(HEAD, str(Path(__file__)), "exec"), space)
    return space


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_a_constructor_computes_what_python_computes(expression: str, files: Files) -> None:
    found = files.machine.evaluate_text(expression, files.main)
    real = eval(expression, names())
    if isinstance(found, Some):
        assert type(real).__name__ == found.kind
    else:
        assert (type(plain(found)), plain(found)) == (type(real), real)


def plain(value: Value) -> Any:
    """The Python object that a value stands for."""
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items.items()}
    if isinstance(value, Items):
        items = [plain(one) for one in value.items]
        return items if value.kind == "list" else tuple(items)
    assert isinstance(value, Const), value
    return value.value


@pytest.mark.parametrize(
    "expression",
    [
        "10 ** 10 ** 10",
        "math.factorial(10 ** 7)",
        "'{:999999999}'.format(1)",
        "'%999999999d' % 1",
        "unseen(3) + 1",
        "math.sqrt(-1)",
        "[1][3]",
        "{'a': 1}['b']",
    ],
)
def test_what_is_huge_or_fails_is_not_computed(expression: str, files: Files) -> None:
    assert isinstance(files.machine.evaluate_text(expression, files.main), (Unknown, Some))


@pytest.mark.parametrize("name", ["sqrt", "log", "prod", "sum", "max", "power", "float64", "int64", "abs"])
def test_numpy_numbers_are_of_the_kind_that_numpy_gives(name: str, files: Files) -> None:
    arguments = "4, 2" if name == "power" else "[4, 2]" if name in ("prod", "sum", "max") else "4"
    real = eval(f"np.{name}({arguments})", names())
    found = files.machine.evaluate_text(f"np.{name}({arguments})", files.main)
    if isinstance(real, float):
        assert found == Const(float(real))
    else:
        assert found == Scalar(type(real).__name__, int(real))


def test_what_a_name_is_after_a_key_was_unknown_is_forgotten(files: Files, tmp_path: Path) -> None:
    made = Files(
        tmp_path,
        """
        from torch import nn

        class Net(nn.Module):
            def __init__(self, count):
                super().__init__()
                blocks = {"a": [1, 2]}
                for i in range(count):
                    blocks[f"b{i}"] = nn.ReLU()
                for key in blocks.keys():
                    blocks[key] = nn.ReLU()
                self.a = blocks["a"]
            def forward(self, x):
                return self.a(x)
        """,
    ).built("Net")
    assert not isinstance(made.held("a")[0].value, Items)
