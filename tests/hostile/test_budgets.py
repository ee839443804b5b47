"""Programs whose cost doubles with every line: what is not followed is unknown, and nothing is reported of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hostile.judging import HEAD, asked, codes, module, verdicts

TIMES = 25


def _doubling(first: str, other: str, times: int = TIMES) -> str:
    return first + "".join(other.replace("@@", str(i - 1)).replace("@", str(i)) for i in range(1, times))


LAST = TIMES - 1
PROGRAMS = {
    "a Sequential twice": module(
        "return self.c(x)", "c = nn.ReLU()\n" + "c = nn.Sequential(c, c)\n" * 40 + "self.c = c"
    ),
    "calls with new lists": module(
        f"return f{LAST}(x)",
        before=_doubling("def f0(x):\n    return x\n", "def f@(x):\n    return f@@((x, x)), f@@([x])\n"),
    ),
    "calls with new numbers": module(
        f"return f{LAST}(x, 1)",
        before=_doubling("def f0(x, k):\n    return x\n", "def f@(x, k):\n    return f@@(x, k + 1) + f@@(x, k * 2)\n"),
    ),
    "methods": module(f"return self.f{LAST}(x)")
    + _doubling(
        "\n    def f0(self, x):\n        return x\n",
        "    def f@(self, x):\n        return self.f@@((x, x)), self.f@@([x])\n",
    ),
    "lambdas": module(_doubling("f0 = lambda x: x\n", "f@ = lambda x: f@@(x) + f@@(x + 1)\n") + f"return f{LAST}(x)"),
    "tuples": module(_doubling("c0 = (x, x)\n", "c@ = (c@@, c@@)\n") + f"return c{LAST}"),
    "attributes": module("return x", _doubling("c0 = [1]\n", "c@ = [c@@, c@@]\n") + f"self.c = c{LAST}"),
    "aliases": module(
        "return x", before=_doubling("A0 = Tensor\n", "A@ = Tuple[A@@, A@@]\n"), parameters=f"self, x: A{LAST}"
    ),
    "unions": module(
        "return x", before=_doubling("A0 = int\n", "A@ = Union[A@@, List[A@@]]\n"), parameters=f"self, x: A{LAST}"
    ),
    "named tuples": module(
        "return x",
        before=_doubling("class A0(NamedTuple):\n    a: int\n", "class A@(NamedTuple):\n    a: A@@\n    b: A@@\n"),
        parameters=f"self, x: A{LAST}",
    ),
    "named tuples that hold each other": module(
        "return x",
        before="class A(NamedTuple):\n    b: 'B'\n\n\nclass B(NamedTuple):\n    a: A\n",
        parameters="self, x: A, y: B",
    ),
    "loops": module(
        "".join(" " * i + f"for i{i} in range(3):\n" for i in range(40)) + " " * 40 + "x = x + 1\nreturn x"
    ),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_doubles_ends(name: str, tmp_path: Path) -> None:
    asked("check", PROGRAMS[name], tmp_path)
    assert verdicts(PROGRAMS[name], tmp_path).keys() == {"Net"}


def _nested(operand: str, depth: int = 60) -> str:
    condition = operand
    for level in range(depth):
        condition = f"({operand} {'or not' if level % 2 else 'and'} {condition})"
    return condition


@pytest.mark.parametrize("where", ["branch", "value", "conditional", "check", "loop"])
@pytest.mark.parametrize(
    "operand", ["k", "x.sum() > 0", "y is not None", "isinstance(k, int)", "self.training", "self.flag"]
)
def test_nested_conditions_are_evaluated_once(where: str, operand: str, tmp_path: Path) -> None:
    test = _nested(operand)
    forward = {
        "branch": f"if {test}:\n    x = x + 1\nreturn x",
        "value": f"k = {test}\nreturn x",
        "conditional": f"return x + 1 if {test} else x",
        "check": f"assert {test}\nreturn x",
        "loop": f"while {test}:\n    x = x + 1\nreturn x",
    }[where]
    program = module(forward, "self.flag = flag", parameters="self, x, k: int, y: Optional[int]", given=", flag")
    found = codes(program, tmp_path)
    assert verdicts(program, tmp_path).keys() == {"Net"}
    if operand == "x.sum() > 0" and where in ("branch", "conditional"):
        assert "SL801" in found


def test_a_spent_budget_is_named_and_nothing_follows_from_it(tmp_path: Path) -> None:
    """What is after the calls that double is wrong, and was not looked at."""
    calls = _doubling("def f0(x, k):\n    return x\n", "def f@(x, k):\n    return f@@(x, k + 1) + f@@(x, k * 2)\n")
    program = module(f"x = f{LAST}(x, 1)\nif x.sum() > 0:\n    return x\nreturn x + 1", before=calls)
    (net,) = asked("modules", program, tmp_path)["modules"]
    assert net["trace"]["verdict"] == "unknown"
    assert "code of more than" in " ".join(net["trace"]["unseen"])


def test_calls_deeper_than_a_trace_is_followed_are_named(tmp_path: Path) -> None:
    functions = "def f0(x):\n    return x\n" + "".join(f"def f{i}(x):\n    return f{i - 1}(x)\n" for i in range(1, 60))
    program = f"{HEAD}{functions}class Net(nn.Module):\n    def forward(self, x):\n        return f59(x)\n"
    (net,) = asked("modules", program, tmp_path)["modules"]
    assert (net["script"]["verdict"], net["trace"]["verdict"]) == ("ok", "unknown")
    assert "calls more than 24 deep" in net["trace"]["unseen"]
