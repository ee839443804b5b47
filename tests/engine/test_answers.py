"""A function that has changed and answers the same changes no judgement of what calls it; and any other does."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from scriptlint.diag import Diagnostic
from scriptlint.engine import pipeline
from scriptlint.engine.judgement import Judgement, Part
from scriptlint.engine.memory import Memory
from scriptlint.engine.parts import Parts
from scriptlint.engine.settings import Settings
from scriptlint.script.infer.compiler import Compiled
from scriptlint.trace import questions
from scriptlint.trace.memory import Effects
from scriptlint.trace.memory import Memory as Remembered
from scriptlint.trace.summaries import Summary
from scriptlint.trace.values import Traced

HEAD = "import torch\nfrom torch import Tensor, nn\n"
LEAF = (
    HEAD
    + "from other import helper, SIZE\n\nLIMIT = 2\nSEEN = []\n\n\nclass Point:\n    def __init__(self):\n        self.x = 1\n\n\n"
    + "def near(x):\n    return x\n\n\ndef leaf(x, n: int = 1, flag: bool = False):\n    {}\n\n\ndef last(x):\n    return x\n"
)
OTHER = "SIZE = 3\n\n\ndef helper(x):\n    return x\n"
USES = (
    HEAD
    + """from leaf import last, leaf


class Plain(nn.Module):
    def forward(self, x):
        return leaf(x) + 1


class Loop(nn.Module):
    def forward(self, x, xs: list[Tensor]):
        for one in xs:
            x = leaf(one, 2)
        return x


class Sized(nn.Module):
    def forward(self, x):
        return leaf(x, x.shape[0], True)


class Trained(nn.Module):
    def forward(self, x):
        if self.training:
            return leaf(x, flag=self.training)
        return last(x)


class Tested(nn.Module):
    def forward(self, x):
        y = leaf(x)
        if y is None:
            return [*x]
        return y


class Made(nn.Module):
    def __init__(self, wide):
        super().__init__()
        self.n = wide

    def forward(self, x):
        return self.inner(leaf(x, self.n))

    def inner(self, x):
        return leaf(leaf(x))
"""
)
BODIES = (
    "return x",
    "return x + 1",
    "y = x * 2\n    return y",
    "pass\n    return x + 1",
    "if flag:\n        return x\n    return x * n",
    "return x * x.shape[0]",
    "return x.shape[0]",
    "return None",
    "return (x, x)",
    "return [x]",
    "return x.sum().item()",
    "if x.sum() > 0:\n        return x\n    return -x",
    "if n > 1:\n        return x\n    return x + n",
    "for i in range(n):\n        x = x + i\n    return x",
    "for i in range(x.shape[0]):\n        x = x + i\n    return x",
    "return [*x]",
    "return x + LIMIT",
    "return near(x)",
    "return leaf(x, n)",
    "return helper(x)",
    "return x * SIZE",
    "SEEN.append(x)\n    return x",
    "x.seen = 1\n    return x",
    "return x.tolist()",
    "return Point().x + x",
    "# type: (Tensor, int, bool) -> Tensor\n    return x",
    "return torch.nosuch(x)",
    "print(x)\n    return x",
    "assert n > 0\n    return x",
    "raise ValueError('no')",
    "return nn.Linear(2, 2)(x)",
    "x[0] = 1\n    return x",
    "return x.to(x.device)",
    "return float(x)",
    "import math\n    return x * math.pi",
    "from other import SIZE\n    return x * SIZE",
    "return x + torch.rand(1)",
    "yield x",
    "with torch.no_grad():\n        return x + 1",
)


class Project:
    """A function and classes that call it, which are checked again and again."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = folder / "project"
        self.root.mkdir()
        self.judged: list[str] = []
        monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "home"))
        real = Parts.judge

        def noted(parts: Parts, part: Part) -> Judgement:
            self.judged.append(Path(part.path).stem)
            return real(parts, part)

        monkeypatch.setattr(Parts, "judge", noted)
        self.write("other", OTHER)
        self.write("uses", USES)

    def write(self, name: str, text: str) -> None:
        (self.root / f"{name}.py").write_text(text)

    def leaf(self, body: str) -> None:
        self.write("leaf", LEAF.format(body))

    def check(self, *, cache: bool = True, memory: Memory | None = None) -> tuple[list[Diagnostic], object, object]:
        files = sorted(map(str, self.root.glob("*.py")))
        settings = Settings(root=str(self.root), target="both", unreached="report")
        found = pipeline.check(files, settings, cache=cache, jobs=1, memory=memory)
        return found.diagnostics, found.outcomes, found.unjudged

    def again(self) -> set[str]:
        """The files of which something is judged in a run that is as good as one that remembers nothing."""
        self.judged.clear()
        found = self.check()
        judged = set(self.judged)
        assert found == self.check(cache=False)
        return judged


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    made = Project(tmp_path, monkeypatch)
    made.leaf("return x + 1")
    made.check()
    return made


@pytest.mark.parametrize("body", ["pass\n    return x + 1", "return x * n", "y = x * 2\n    return y"])
def test_what_gives_the_same_has_nothing_judged_again(body: str, project: Project) -> None:
    project.leaf(body)
    assert project.again() == set()
    project.leaf(body + "  # why")
    assert project.again() == set()


@pytest.mark.parametrize(
    "body",
    [
        "return None",
        "return [*x]",
        "return x.shape[0]",
        "if x.sum() > 0:\n        return x\n    return -x",
        "return near(x)",
        "return x + LIMIT",
        "return helper(x)",
        "SEEN.append(x)\n    return x",
        "# type: (Tensor, int, bool) -> Tensor\n    return x",
    ],
)
def test_what_gives_something_else_or_looks_around_has_its_callers_judged_again(body: str, project: Project) -> None:
    project.leaf(body)
    assert "uses" in project.again()


def test_what_a_changed_function_looks_at_has_its_callers_judged_again(project: Project) -> None:
    project.leaf("return helper(x)")
    project.again()
    project.write("other", OTHER.replace("return x", "return [*x]"))
    assert "uses" in project.again()
    project.leaf("return x + LIMIT")
    project.again()
    project.write("leaf", LEAF.format("return x + LIMIT").replace("LIMIT = 2", "LIMIT = [2]"))
    assert project.again()


def test_a_function_that_called_another_one_has_its_callers_judged_again(project: Project) -> None:
    project.leaf("return near(x)")
    project.again()
    project.leaf("return x + 1")
    assert "uses" in project.again()


def test_a_caller_that_changes_afterwards_rests_on_the_new_function(project: Project) -> None:
    project.leaf("return x * n")
    assert project.again() == set()
    for name in ("Plain", "Loop", "Made"):  # the second time class by class
        project.write(
            "uses", (project.root / "uses.py").read_text().replace(f"class {name}", f"x = 1\n\n\nclass {name}")
        )
        assert "uses" in project.again()
    project.leaf("y = x * n\n    return y")
    assert project.again() == set()
    project.leaf("return [*x]")
    assert "uses" in project.again()


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("remembers", [False, True])
def test_any_change_gives_what_a_run_gives_that_remembers_nothing(seed: int, remembers: bool, project: Project) -> None:
    chance = random.Random(seed)
    memory = Memory() if remembers else None
    fresh: dict[str, object] = {}
    for step in range(10):
        body = chance.choice(BODIES)
        project.leaf(body)
        if step % 4 == 3:
            project.write("uses", USES.replace("+ 1", f"+ {step}"))
            fresh.clear()
        found = project.check(memory=memory, cache=not remembers)
        if body not in fresh:
            fresh[body] = project.check(cache=False)
        assert found == fresh[body], body


def test_an_answer_says_all_that_there_is() -> None:
    """Who adds a field has to say it in the answer, or to leave functions with more than its default without one."""
    of_values = {*questions._PLAIN, "kind", "why", "length", "value", "items", "item", "scope"}
    assert set(Traced.__struct_fields__) - {"size", "scoped"} == of_values
    assert set(Summary.__struct_fields__) == {"result", "found", "unseen", "assumed", "effects"}
    assert set(Effects.__struct_fields__) == {"stored", "reads"}
    assert set(Remembered.__struct_fields__) == {"stored", "reads", "ran", "recalled", "used"}
    assert set(Compiled.__struct_fields__) == set(
        "signature returns diagnostics callees excluded unknowns assumptions needs".split()
    )
