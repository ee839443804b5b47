"""Annotations that fixes write are true in eager mode: proven ones by `--fix`, likely ones by `--unsafe-fixes`, others never."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixes.test_fixed_programs import fixed
from tests.judge import Judge

HEADER = """\
from typing import Dict, Final, List, Optional, Tuple

import torch
from torch import Tensor, nn


"""
MODEL = """\
class M(nn.Module):
    def forward(self, x, {parameter}):
{body}


torch.jit.script(M())
"""


def model(parameter: str, *body: str, more: str = "") -> str:
    lines = "\n".join(f"        {one}" for one in body)
    return HEADER + MODEL.format(parameter=parameter, body=lines) + more


CALLED = "M()(torch.ones(2), {})\n"
# What is written by --fix, and with --unsafe-fixes; None where nothing is.
PARAMETERS = {
    "a size": (model("k=None", "return x if k is None else x.expand(k, 3)"), "Optional[int]", "Optional[int]"),
    "a bound": (model("k=None", "return x if k is None else x[:k]"), "Optional[int]", "Optional[int]"),
    "a range": (
        model("k=None", "if k is not None:", "    for i in range(k):", "        x = x + i", "return x"),
        "Optional[int]",
        "Optional[int]",
    ),
    "a text": (model("k=None", "return x + 1 if k is not None and k == 'a' else x"), "Optional[str]", "Optional[str]"),
    "one of texts": (
        model("k=None", "return x + 1 if k is not None and k in ['a', 'b'] else x"),
        "Optional[str]",
        "Optional[str]",
    ),
    "a number instead": (model("k=None", "if k is None:", "    k = 1.0", "return x * k"), None, "Optional[float]"),
    "a number given": (
        model("k=None", "return x if k is None else x * k", more=CALLED.format(0.5)),
        None,
        "Optional[float]",
    ),
    "numbers given": (
        model("k=None", "return x if k is None else x * k", more=CALLED.format(0.5) + CALLED.format(1)),
        None,
        "Optional[float]",
    ),
    "a list given": (
        model("k=None", "return x if k is None else x + k[0]", more=CALLED.format("[torch.ones(2)]")),
        None,
        "Optional[List[Tensor]]",
    ),
    "a key": (model("k=None", "return x if k is None else x + k['h']"), None, "Optional[Dict[str, Tensor]]"),
    "a number and a tensor given": (
        model("k=None", "return x if k is None else x * k", more=CALLED.format(0.5) + CALLED.format("torch.ones(2)")),
        None,
        None,
    ),
    "an operand": (model("k=None", "return x if k is None else x + k"), None, "Optional[Tensor]"),
    "a tensor given": (
        model("k=None", "return x if k is None else x + k", more=CALLED.format("torch.ones(2)")),
        None,
        "Optional[Tensor]",
    ),
    "a mask": (
        model("k=None", "return x if k is None else x.masked_fill(k, 0.0)"),
        "Optional[Tensor]",
        "Optional[Tensor]",
    ),
    "a method of tensors": (model("k=None", "return x if k is None else k.unsqueeze(0)"), *["Optional[Tensor]"] * 2),
    "a number given for a mask": (
        model("k=None", "return x if k is None else x.masked_fill(k, 0.0)", more=CALLED.format(5)),
        None,
        None,
    ),
    "one of several classes": (
        model("k=None", "return x + k.unsqueeze(0) if isinstance(k, Tensor) else x"),
        None,
        None,
    ),
    "a packed sequence": (model("k=None", "return x if k is None else k.data"), None, None),
    "something called": (model("k=None", "return x if k is None else k(x)"), None, None),
    "a pair": (model("k=None", "if k is None:", "    return x", "a, b = k", "return a + b"), None, None),
    "a flag by default": (model("k=False", "return x if k else x + 1"), "bool", "bool"),
    "a tensor for a flag": (
        model("k=False", "return x if k else x + 1", more=CALLED.format("torch.tensor(True)")),
        None,
        None,
    ),
    "a static method": (
        HEADER
        + MODEL.format(parameter="y", body="        return self.scale(x) + M.scale(x, 0.5)").replace(
            "    def forward",
            "    @staticmethod\n    def scale(x, k=None):\n        return x if k is None else x * k\n\n    def forward",
        ),
        None,
        "Optional[float]",
    ),
    "None for a number": (model("k=0", "return x.roll(k, 0)", more=CALLED.format("None")), None, None),
    "a list for a number": (model("k=0", "return x.roll(k, 0)", more=CALLED.format("[1]")), None, None),
    "asked for its class": (model("k=0", "return x if isinstance(k, tuple) else x.roll(k, 0)"), None, None),
    "a float for an int": (model("k=1", "return x + k", more=CALLED.format(0.5)), None, None),
    "a list for a tuple": (
        model("k=(1, 1)", "return torch.nn.functional.pad(x, k)", more=CALLED.format("[1, 1]")),
        None,
        None,
    ),
}
HELD = """\
class M(nn.Module):
    def __init__(self, inner: int):
        super().__init__()
        self.held = {made}

    def forward(self, x, k=None):
        {body}


class Inner(nn.Module):
    def forward(self, x, k: Optional[int] = None):
        return x if k is None else x + k


torch.jit.script(M(1))
"""
for name, (made, body, safe) in {
    "the input of a layer": (
        "nn.Linear(2, 2)",
        "return self.held(x) if k is None else self.held(k)",
        "Optional[Tensor]",
    ),
    "the state of a layer": ("nn.LSTM(2, 2)", "return self.held(x, k)[0]", "Optional[Tuple[Tensor, Tensor]]"),
    "the state of another": ("nn.GRU(2, 2)", "return self.held(x, k)[0]", "Optional[Tensor]"),
    "what an own layer takes": ("Inner()", "return self.held(x, k)", None),
    "what a chain takes": ("nn.Sequential()", "return self.held(x) if k is None else self.held(k)", None),
}.items():
    PARAMETERS[name] = (HEADER + HELD.format(made=made, body=body), safe, safe or "Optional[Tensor]")
PARAMETERS["what an own layer takes"] = (PARAMETERS["what an own layer takes"][0], None, None)


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_parameter_has_its_own_type(name: str, judge: Judge, tmp_path: Path) -> None:
    text, *wanted = PARAMETERS[name]
    for options, annotation in zip(([], ["--unsafe-fixes"]), wanted, strict=True):
        after = fixed(tmp_path, text, options)
        assert (
            (f"k: {annotation} = " in after)
            if annotation
            else ("k: " not in after.replace("k: Optional[int] = None", ""))
        )
        if annotation is not None:
            compiled = judge.run(after.replace(CALLED.format("[torch.ones(2)]"), ""))
            assert compiled.verdict == "ok", f"{after}\n{compiled.words}"


ATTRIBUTE = """\
class M(nn.Module):
    def __init__(self, deep: bool):
        super().__init__()
        self.rule = {first}
        if deep:
            self.rule = nn.Linear(2, 2)
        self.cache = None
        self.fast = False

    def forward(self, x):
        if self.rule:
            x = x + 1
        if self.cache is None:
            self.cache = x.clone()
        if self.fast:
            y = x
        return y if self.fast else x


torch.jit.script(M(True))
"""
SETTERS = {
    "none": ("", {"rule", "cache", "fast"}),
    "a false rule": ("def f(net):\n    net.rule = False\n", {"cache", "fast"}),
    "a false rule by name": ("def f(net):\n    setattr(net, 'rule', False)\n", {"cache", "fast"}),
    "another rule": ("def f(net):\n    net.rule = nn.Linear(2, 3)\n", {"rule", "cache", "fast"}),
    "a rule with a length": ("def f(net):\n    net.rule = nn.Sequential()\n", {"cache", "fast"}),
    "a list": ("def f(net):\n    net.cache = []\n", {"rule", "fast"}),
    "a fast one": ("M(True).fast = True\n", {"rule", "cache"}),
    "a fast one by name": ("setattr(M(True), 'fast', True)\n", {"rule", "cache"}),
    "a fast one in its dictionary": ("M(True).__dict__['fast'] = True\n", {"rule", "cache"}),
    "a fast one past the class": ("object.__setattr__(M(True), 'fast', True)\n", {"rule", "cache"}),
    "another class": (
        "class Other:\n    def set(self):\n        self.fast = self.rule = True\n",
        {"rule", "cache", "fast"},
    ),
    "a subclass": ("class Other(M):\n    def set(self):\n        self.fast = self.rule = True\n", {"cache"}),
}
SIGNS = {
    "rule": "if self.rule is not None:",
    "cache": "cache: Optional[Tensor]",
    "fast": "fast: Final[bool]",
}


@pytest.mark.parametrize("name", SETTERS)
@pytest.mark.parametrize("elsewhere", [False, True])
def test_an_attribute_that_code_sets_otherwise(name: str, elsewhere: bool, tmp_path: Path) -> None:
    setter, wanted = SETTERS[name]
    text = HEADER + ATTRIBUTE.format(first="None")
    if elsewhere:
        other = tmp_path / "other.py"
        other.write_text(f"from model import M\n\n\n{setter}", encoding="utf-8")
        after = fixed(tmp_path, text, [str(other)])
    else:
        after = fixed(tmp_path, f"{text}\n\n{setter}", [])
    written = {one for one, sign in SIGNS.items() if sign in after}
    if elsewhere:
        assert written <= wanted
    else:
        assert written == wanted


HANDED_ON = """\
def flat(x, classes="present", threshold=None):
    chosen = [0] if classes in ["all", "present"] else classes
    for c in chosen:
        x = x + c
    return x if threshold is None else x * threshold


def f(x, {parameter}):
    return flat(x, {argument})


torch.jit.script(f)
"""


@pytest.mark.parametrize(("parameter", "argument"), [("classes='all'", "classes=classes"), ("k=0.5", "threshold=k")])
def test_what_is_handed_on_is_what_is_taken(parameter: str, argument: str, tmp_path: Path) -> None:
    text = HEADER + HANDED_ON.format(parameter=parameter, argument=argument)
    assert f"def f(x, {parameter})" in fixed(tmp_path, text, [])


FLAG = """
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, gate):
        super().__init__()
        self.gate = gate
        if gate:
            self.fc = nn.Linear(2, 2)

    def forward(self, x):
        if self.gate:
            x = self.fc(x)
        return x


torch.jit.script(Net(None))
"""


def test_a_flag_is_not_compared_with_none(tmp_path: Path) -> None:
    assert "is not None" not in fixed(tmp_path, FLAG, ["--unsafe-fixes"])
