"""Programs that nest deeply, in every way there is: each is judged, or refused in one sentence about its own file."""

from __future__ import annotations

from pathlib import Path

import pytest

from scriptlint.syntax.room import with_room
from tests.hostile.judging import HEAD, asked, codes, module, verdicts

LONG = 900
SLOW = 500  # of what costs the parser ten times as much

EXPRESSIONS = {
    "calls": "x" + ".add(1)" * SLOW,
    "attributes": "x" + ".T" * LONG,
    "subscripts": "x" + "[0]" * SLOW,
    "additions": "x" + " + 1" * LONG,
    "powers": "x ** " * LONG + "x",
    "minus": "-" * LONG + "x",
    "not": "not " * LONG + "k",
    "and": "k" + " and k" * LONG,
    "comparisons": "0" + " < k" * LONG,
    "conditionals": "".join(f"x + {i} if k == {i} else " for i in range(SLOW)) + "x",
    "brackets": "(" * 150 + "x" + ")" * 150,
    "arguments": "torch.relu(" * 150 + "x" + ")" * 150,
    "lists": "[" * 150 + "x" + "]" * 150,
}


@pytest.mark.parametrize("name", EXPRESSIONS)
@pytest.mark.parametrize("where", ["forward", "constructor", "file"])
def test_an_expression_that_nests_deeply_is_judged(name: str, where: str, tmp_path: Path) -> None:
    expression = EXPRESSIONS[name]
    if where == "forward":
        program = module(f"return {expression}", parameters="self, x, k: int")
    elif where == "constructor":
        program = module("return x", f"x, k = torch.zeros(3), 1\nself.a = {expression}")
    else:
        program = module("return x + a", before=f"x, k = torch.zeros(3), 1\na = {expression}\n")
    asked("check", program, tmp_path)
    assert verdicts(program, tmp_path).keys() == {"Net"}


BRANCHES = "if k == 0:\n    {0}\n" + "".join(f"elif k == {i}:\n    {{0}}\n" for i in range(1, 2000))


@pytest.mark.parametrize("where", ["forward", "constructor", "file"])
def test_two_thousand_branches_are_judged(where: str, tmp_path: Path) -> None:
    if where == "forward":
        program = module(BRANCHES.format("x = x + 1") + "return +x", parameters="self, x, k: int")
    elif where == "constructor":
        program = module("return +x", BRANCHES.format("self.a = 1"), given=", k")
    else:
        program = module("return +x", before="k = 3\n" + BRANCHES.format("a = 1"))
    assert codes(program, tmp_path) == {"SL126"}


def test_what_is_deeper_than_anything_is_read_is_refused_in_one_sentence(tmp_path: Path) -> None:
    program = module("return x" + " + 1" * 30_000)
    assert codes(program, tmp_path) <= {"SL900", "SL901"}


def _chain(first: str, other: str, length: int = LONG) -> str:
    return first + "".join(other.format(i, i - 1) for i in range(1, length))


LAST = LONG - 1
CHAINS = {
    "functions": module(
        f"return f{LAST}(x)", before=_chain("def f0(x):\n    return x\n", "def f{}(x):\n    return f{}(x)\n")
    ),
    "methods": module(f"return self.f{LAST}(x)")
    + _chain("\n    def f0(self, x):\n        return x\n", "    def f{}(self, x):\n        return self.f{}(x)\n"),
    "aliases of types": module(
        "return x", before=_chain("A0 = Tensor\n", "A{} = A{}\n"), parameters=f"self, x: A{LAST}"
    ),
    "nested types": module(
        "return x", before=_chain("A0 = int\n", "A{} = List[A{}]\n"), parameters=f"self, x: A{LAST}"
    ),
    "aliases of functions": module(f"return f{LAST}(x)", before=_chain("def f0(x):\n    return x\n", "f{} = f{}\n")),
    "constants": module(f"return x + N{LAST}", before=_chain("N0 = 1\n", "N{} = N{} + 1\n")),
    "modules that hold modules": module(
        "return self.c(x)", "c = nn.ReLU()\n" + "c = nn.Sequential(c)\n" * LONG + "self.c = c"
    ),
    "lists that hold lists": module("return x + len(self.c)", "c = [1]\n" + "c = [c]\n" * LONG + "self.c = c"),
}


@pytest.mark.parametrize("name", CHAINS)
def test_a_chain_is_followed_or_unknown(name: str, tmp_path: Path) -> None:
    asked("check", CHAINS[name], tmp_path)
    assert verdicts(CHAINS[name], tmp_path).keys() == {"Net"}


def test_a_chain_of_subclasses_ends_as_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scriptlint.program.classes._LONGEST", 300)
    chain = HEAD + "class C0(nn.Module):\n    def forward(self, x):\n        return x\n"
    program = chain + "".join(f"class C{i}(C{i - 1}):\n    pass\n" for i in range(1, 400))
    found = verdicts(program, tmp_path)
    assert found["C290"] == ("ok", "faithful")
    assert found.get("C350", ("unknown", "unknown")) == ("unknown", "unknown")


def test_what_runs_in_the_room_returns_and_raises() -> None:
    def deep(level: int) -> int:
        return level and 1 + deep(level - 1)

    assert with_room(lambda: deep(50_000)) == 50_000
    assert with_room(lambda: with_room(lambda: 3)) == 3
    with pytest.raises(KeyError):
        with_room(lambda: {}["missing"])
    with pytest.raises(KeyboardInterrupt):
        with_room(_interrupt)


def _interrupt() -> None:
    raise KeyboardInterrupt
