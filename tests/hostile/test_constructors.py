"""Constructors whose values double, or hold themselves: what is not computed is unknown, and no error follows from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hostile.judging import asked, codes, module, verdicts

CONSTRUCTORS = {
    "products": "a = 3\n" + "a = a * a\n" * 60,
    "powers": "a = 10 ** 10 ** 10",
    "shifts": "a = 1 << 10 ** 10",
    "texts": "a = 'ab'\n" + "a = a + a\n" * 60,
    "repeated texts": "a = 'ab' * 10 ** 12",
    "replaced texts": "a = 'aaaaaaaaaa'\n" + "a = a.replace('a', a)\n" * 30,
    "joined texts": "a = 'aaaaaaaaaa'\n" + "a = a.join(a)\n" * 30,
    "wide formats": "a = '%1000000000d' % 3\nb = f'{3:1000000000d}'\nc = 'a'.ljust(10 ** 10)",
    "lists": "a = [1]\n" + "a = a + a\n" * 60,
    "repeated lists": "a = [1] * 10 ** 12",
    "extended lists": "a = [1]\n" + "a.extend(a)\n" * 60,
    "lists added in place": "a = [1]\n" + "a += a\n" * 60,
    "a list that grows while it is gone through": "a = [1]\nfor one in a:\n    a.append(one)",
    "a loop without an end": "a = 0\nwhile True:\n    a += 1",
    "long loops": "a = 0\nfor i in range(1000):\n    for j in range(1000):\n        for k in range(1000):\n            a += 1",
    "a list that holds itself": "a = []\na.append(a)",
    "a dictionary that holds itself": "a = {}\na['a'] = a",
    "a tuple in its list": "a = []\nb = (a, a)\na.append(b)",
    "a lambda of itself": "f = lambda g: g(g)\na = f(f)",
    "a function of itself": "def f(g):\n    return g(g)\na = f(f)",
    "many layers": "a = nn.Sequential(*[nn.Linear(3, 3) for i in range(10 ** 7)])",
}


@pytest.mark.parametrize("name", CONSTRUCTORS)
def test_a_constructor_ends(name: str, tmp_path: Path) -> None:
    program = module("return x", f"{CONSTRUCTORS[name]}\nself.a = a")
    asked("check", program, tmp_path)
    assert verdicts(program, tmp_path).keys() == {"Net"}


def test_a_budget_that_ends_in_the_last_statement_is_no_error(tmp_path: Path) -> None:
    nested = "self.size = len([[[0 for c in range(30)] for b in range(30)] for a in range(30)])"
    assert codes(module("return x + self.size", nested), tmp_path) == set()


REFUSED = "class Bad(nn.Module):\n    def forward(self, x):\n        return +x\n"


def test_an_object_whose_constructor_is_too_long_is_unknown(tmp_path: Path) -> None:
    """What comes after the steps that are followed may be refused; the reason is named."""
    body = f"{CONSTRUCTORS['a loop without an end']}\nself.bad = Bad()"
    program = module("return x", body, before=REFUSED)
    assert codes(program, tmp_path) == {"SL126"}
    (net,) = (one for one in asked("modules", program, tmp_path)["modules"] if one["name"] == "Net")
    assert (net["script"]["verdict"], net["trace"]["verdict"]) == ("unknown", "unknown")
    for kind in ("script", "trace"):
        assert any("a constructor of more than" in why for why in net[kind]["unseen"])


def test_what_comes_after_long_loops_is_followed(tmp_path: Path) -> None:
    """What such loops set is not known; torch compiles the module that is held after them, and refuses it."""
    program = module("return x", f"{CONSTRUCTORS['long loops']}\nself.bad = Bad()", before=REFUSED)
    assert verdicts(program, tmp_path)["Net"][0] == "blocked"
    program = module("return x + self.a", f"{CONSTRUCTORS['long loops']}\nself.a = a")
    assert verdicts(program, tmp_path)["Net"][0] == "unknown"
