"""What is computed of numbers that nobody gives is some number: layers are made of it, and checks of it are passed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scriptlint.cli import run

COUNTS = """
int(math.log(n, 2))
int(math.log2(n))
int(math.sqrt(n))
int(np.log2(n))
int(n * 0.5)
int(n / 2)
max(1, int(n * 0.25))
int(np.ceil(n / 2))
int(np.sqrt(n))
math.gcd(n, 4)
abs(-n)
pow(n, 1)
int(math.log(n) / math.log(2))
int(round(n * 1.5))
math.isqrt(n)
np.prod([n, 2])
sum([n, 1])
min(n, 8)
round(n / 3)
n.bit_length()
"""
CHECKS = """
assert 2 ** int(math.log2(n)) == n
assert int(math.sqrt(n)) ** 2 == n, "no square"
assert math.log2(n).is_integer()
assert (n // 2) * 2 == n and n >= 2
if math.log2(n) % 1 != 0: raise ValueError
if h * h != n: raise ValueError
if not math.log(n, 2).is_integer(): raise ValueError
if n & (n - 1) != 0: raise ValueError
"""
HEAD = """
import math
import numpy as np
import torch
from torch import nn

class Bad(nn.Module):
    def forward(self, x):
        return x.nothing()

class Net(nn.Module):
    def __init__(self, n@):
        super().__init__()
"""
FORWARD = "    def forward(self, x):\n        return self.m(x)\n"
ONE_WAY = {
    "a check that surely fails": (
        "flag=False",
        "if flag:\n    n = 4\n    assert n * 2 == 9\n    self.m = Bad()\nelse:\n    self.m = nn.ReLU()",
    ),
    "a check after the same test": ("", "self.m = Bad() if n > 8 else nn.ReLU()\nif n > 8: raise ValueError"),
    "a check of the default": ("=4", "self.m = nn.ReLU() if n == 4 else Bad()\nif n != 4: raise ValueError"),
    "a check of what was told": ("", "self.m = Bad() if n == 0 else nn.ReLU()\nassert n + 1 > 1"),
    "a check of all that was excluded": (
        "",
        "self.m = nn.ReLU() if n == 'a' else nn.GELU() if n == 'b' else Bad()\nassert n in ('a', 'b')",
    ),
}


def _verdict(text: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    path = folder / "model.py"
    path.write_text(text, encoding="utf-8")
    run(["modules", str(path), "--no-cache", "--isolated"])
    found = re.search(r"model\.Net +script: (\w+)", capsys.readouterr().out)
    return found[1] if found else ""


@pytest.mark.parametrize("count", COUNTS.strip().splitlines())
@pytest.mark.parametrize("kind", ["", ": int"])
def test_layers_are_made(count: str, kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    body = f"        self.m = nn.Sequential(*[nn.Linear(4, 4) for _ in range({count})])\n"
    assert _verdict(HEAD.replace("@", kind) + body + FORWARD, tmp_path, capsys) == "ok"


@pytest.mark.parametrize("check", CHECKS.strip().splitlines())
@pytest.mark.parametrize("kind", ["", ": int"])
def test_checks_are_passed(check: str, kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    body = f"        h = int(n ** 0.5)\n        {check}\n        self.m = nn.Linear(n, 2)\n"
    assert _verdict(HEAD.replace("@", kind) + body + FORWARD, tmp_path, capsys) == "ok"


@pytest.mark.parametrize("name", ONE_WAY)
def test_a_path_that_a_check_ends_makes_nothing(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given, code = ONE_WAY[name]
    given = given if given.startswith("=") or not given else f", {given}"
    body = "".join(f"        {line}\n" for line in code.splitlines())
    assert _verdict(HEAD.replace("@", given) + body + FORWARD, tmp_path, capsys) == "ok"


@pytest.mark.parametrize("count", ["int(math.log2(n)) + 1", "n", "n + 1", "int(math.log(n, 2))"])
@pytest.mark.parametrize("block", ["nn.Linear(4, widths[2**i])", "Bad()"])
def test_widths_that_are_looked_up_by_a_number_of_blocks(
    count: str, block: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    body = "        widths = {4: 4, 8: 4, 16: 2}\n        self.m = nn.Sequential()\n"
    body += (
        f"        for i in range(2, {count}):\n            width = widths[2**i]\n            self.m.append({block})\n"
    )
    body += "        self.last = Bad()\n" if block == "Bad()" else ""
    forward = FORWARD.replace("self.m(x)", "self.last(x)") if block == "Bad()" else FORWARD
    expected = "blocked" if block == "Bad()" else "ok"
    assert _verdict(HEAD.replace("@", "") + body + forward, tmp_path, capsys) == expected
