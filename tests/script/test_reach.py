"""What is compiled and why, held against the real compiler: it refuses a lambda in exactly the functions that it reaches."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from scriptlint.script.infer.compiler import Compiler
from scriptlint.script.reach import Reach
from scriptlint.torchlib import library
from tests.judge import Judge
from tests.linter import findings
from tests.projects import Files

# In every program the functions whose name begins with `hit` are reached, those with `miss` are not. For torch each of
# them is given a lambda, so it refuses the program; `miss` functions alone must not make it refuse.
PROGRAMS = {
    "what forward calls": """
        class Net(nn.Module):
            def forward(self, x):
                return self.hit_a(x)
            def hit_a(self, x):
                return hit_b(x)
            def miss_c(self, x):
                return x

        def hit_b(x):
            return x

        def miss_d(x):
            return x
        """,
    "exports": """
        class Base(nn.Module):
            @torch.jit.export
            def hit_base(self, x):
                return x
            @torch.jit.export
            def over(self, x):
                return miss_base(x)

        class Net(Base):
            def over(self, x):
                return miss_own(x)
            def forward(self, x):
                return x
            @torch.jit.export
            def hit_own(self, x):
                return x

        def miss_base(x):
            return x
        def miss_own(x):
            return x
        """,
    "properties": """
        class Net(nn.Module):
            __jit_unused_properties__ = ["miss_p"]
            def forward(self, x):
                return x
            @property
            def hit_q(self):
                return 1
            @property
            def miss_p(self):
                return 1
            @property
            def both(self):
                return hit_get()
            @both.setter
            def both(self, value: int):
                hit_set()
            @torch.jit.unused
            @property
            def miss_r(self):
                return 1

        def hit_get():
            return 1
        def hit_set():
            return 1
        """,
    "submodules in containers": """
        class A(nn.Module):
            def forward(self, x):
                return hit_a(x)
        class B(nn.Module):
            def forward(self, x):
                return hit_b(x)
        class C(nn.Module):
            def forward(self, x):
                return miss_c(x)
        class D(nn.Module):
            def forward(self, x):
                return hit_d(x)

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.seq = nn.Sequential(A())
                self.many = nn.ModuleList([B()])
                self.plain = [C()]
                self.table = nn.ModuleDict({"d": D()})
            def forward(self, x):
                return x

        def hit_a(x):
            return x
        def hit_b(x):
            return x
        def miss_c(x):
            return x
        def hit_d(x):
            return x
        """,
    "methods of submodules": """
        class A(nn.Module):
            def forward(self, x):
                return x
            def hit_other(self, x):
                return x
            def miss_other(self, x):
                return x
            def hit_looped(self, x):
                return x
            def hit_numbered(self, x):
                return x
            def hit_aliased(self, x):
                return x
            def hit_first(self, x):
                return x

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.a = A()
                self.many = nn.ModuleList([A()])
            def forward(self, x):
                for one in self.many:
                    x = one.hit_looped(x)
                for i, one in enumerate(self.many):
                    x = one.hit_numbered(x)
                b = self.a
                x = b.hit_aliased(x)
                x = self.many[0].hit_first(x)
                return self.a.hit_other(x)
        """,
    "functions on self": """
        def hit_f(x):
            return x
        def miss_g(x):
            return x

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.f = hit_f
            def forward(self, x):
                return self.f(x)
        """,
    "another forward": """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.forward = self.hit_impl
            def forward(self, x):
                return miss_own(x)
            def hit_impl(self, x):
                return x

        def miss_own(x):
            return x
        """,
    "an alias of forward": """
        class Net(nn.Module):
            def hit_impl(self, x):
                return x
            forward = hit_impl
        """,
    "ignore and unused": """
        class Net(nn.Module):
            def forward(self, x):
                self.a(x)
                self.b(x)
                return x
            @torch.jit.ignore
            def a(self, x):
                return miss_a(x)
            @torch.jit.unused
            def b(self, x):
                return miss_b(x)

        def miss_a(x):
            return x
        def miss_b(x):
            return x
        """,
    "pruned branches": """
        class Net(nn.Module):
            fast: Final[bool]
            def __init__(self):
                super().__init__()
                self.fast = True
                self.pool = None
                self.flag = True
            def forward(self, x, mask: Optional[torch.Tensor] = None):
                if not torch.jit.is_scripting():
                    x = miss_a(x)
                if self.fast:
                    x = hit_b(x)
                else:
                    x = miss_b(x)
                if self.pool is not None:
                    x = miss_c(x)
                if self.flag:
                    x = hit_d(x)
                else:
                    x = hit_e(x)
                if mask is None:
                    x = hit_f(x)
                if False:
                    x = miss_g(x)
                if hasattr(self, "flag"):
                    x = hit_i(x)
                if None is not self.pool:
                    x = miss_j(x)
                y = hit_k(x) if self.fast else miss_k(x)
                if torch.jit.is_scripting() and self.flag:
                    x = hit_l(x)
                if torch.jit.is_scripting() or self.flag:
                    x = hit_m(x)
                else:
                    x = miss_m(x)
                return x
        """
    + "".join(
        f"\n        def {name}(x):\n            return x\n"
        for name in (
            "miss_a hit_b miss_b miss_c hit_d hit_e hit_f miss_g hit_i miss_j hit_k miss_k hit_l hit_m miss_m".split()
        )
    ),
    "behind a return": """
        class Net(nn.Module):
            def forward(self, x, flag: bool):
                if torch.jit.is_scripting():
                    x = hit_a(x)
                    return x
                x = miss_b(x)
                return x
            @torch.jit.export
            def both(self, x, flag: bool):
                if flag:
                    return hit_c(x)
                else:
                    return hit_d(x)
                return miss_e(x)
            @torch.jit.export
            def one(self, x, flag: bool):
                if flag:
                    return x
                return hit_f(x)
            @torch.jit.export
            def otherwise(self, x):
                if not torch.jit.is_scripting():
                    pass
                else:
                    return x
                return miss_g(x)
        """
    + "".join(
        f"\n        def {name}(x):\n            return x\n"
        for name in "hit_a miss_b hit_c hit_d miss_e hit_f miss_g".split()
    ),
    "classes that are constructed": """
        class Pair:
            def __init__(self, x: torch.Tensor):
                self.x = hit_a(x)
            def uncalled(self) -> torch.Tensor:
                return hit_b(self.x)

        class Net(nn.Module):
            def forward(self, x):
                return Pair(x).x

        def hit_a(x):
            return x
        def hit_b(x):
            return x
        """,
    "constructors and conversions are not": """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                miss_a(torch.ones(1))
            def forward(self, x):
                return x
            def extra_repr(self):
                return str(miss_b(torch.ones(1)))
            def __len__(self):
                return miss_c(3)

        def miss_a(x):
            return x
        def miss_b(x):
            return x
        def miss_c(x):
            return x
        """,
    "super": """
        class Base(nn.Module):
            def forward(self, x):
                return miss_base(x)
        class Net(Base):
            def forward(self, x):
                return hit_own(x)

        def miss_base(x):
            return x
        def hit_own(x):
            return x
        """,
}
IMPORTS = "import torch\nfrom torch import nn\nfrom typing import Optional\nfrom torch.jit import Final\n"


def _program(name: str) -> str:
    return IMPORTS + dedent(PROGRAMS[name])


def reached(folder: Path, source: str) -> dict[str, str | None]:
    """The functions that are reached from Net, each with its condition."""
    files = Files(folder, source)
    reach = Reach(Compiler(files.machine, library.load()))
    reach.module(files.built("Net"))
    return {unit.function.node.name: unit.when for unit in reach.units}


def _spoilt(source: str, only: str) -> str:
    """The program with a lambda, which the compiler refuses, at the start of every function whose name begins so."""
    lines = []
    for line in source.splitlines():
        lines.append(line)
        if line.strip().startswith(f"def {only}"):
            lines.append(" " * (len(line) - len(line.lstrip()) + 4) + "spoilt = lambda: 0")
    return "\n".join([*lines, "", "torch.jit.script(Net())", ""])


@pytest.mark.parametrize("name", PROGRAMS)
def test_it_is_what_the_compiler_reaches(tmp_path: Path, judge: Judge, name: str) -> None:
    source = _program(name)
    found = {one: when for one, when in reached(tmp_path, source).items() if one.startswith(("hit", "miss"))}
    hits = [one for one in dict.fromkeys(word.split("(")[0] for word in source.split()) if one.startswith("hit_")]
    defined = [one for one in hits if f"def {one}(" in source]
    assert sorted(found) == sorted(defined)
    assert set(found.values()) <= {None}
    misses = judge.run(_spoilt(source, "miss"))
    assert misses.verdict == "ok", misses.words
    for one in defined:
        verdict = judge.run(_spoilt(source, f"{one}("))
        assert "spoilt = lambda" in verdict.message, f"the compiler does not reach {one}: {verdict}"


def test_each_configuration_reaches_its_own(tmp_path: Path) -> None:
    files = Files(
        tmp_path,
        IMPORTS
        + dedent(
            """
            class A(nn.Module):
                def forward(self, x):
                    return in_a(x)

            class Net(nn.Module):
                def __init__(self, n, pool=None):
                    super().__init__()
                    self.pool = pool
                    if n > 3:
                        self.a = A()

                def forward(self, x):
                    if self.pool is not None:
                        x = pooled(x)
                        x = shared(x)
                    else:
                        x = plain(x)
                    return last(shared(x))

            def in_a(x): return x
            def pooled(x): return deep(x)
            def deep(x): return x
            def plain(x): return x
            def shared(x): return below(x)
            def below(x): return x
            def last(x): return x
            """
        ),
    )
    found = {}
    for one in files.machine.configurations(files.cls("Net")).built:
        assert one.instance is not None
        reach = Reach(Compiler(files.machine, library.load()))
        reach.module(one.instance)
        assert all(unit.when is None for unit in reach.units) or "pool is not None" in one.conditions
        found[one.conditions] = {unit.function.node.name for unit in reach.units}
    always = {"forward", "shared", "below", "last"}
    assert found["n > 3", "pool is None"] == {*always, "in_a", "plain"}
    assert found["not (n > 3)", "pool is None"] == {*always, "plain"}
    assert found["n > 3", "pool is not None"] >= {*always, "in_a", "pooled", "deep"}


def test_helpers_in_other_files_and_the_trail(tmp_path: Path) -> None:
    files = Files(
        tmp_path,
        {
            "model.py": IMPORTS
            + dedent(
                """
                import helpers
                from helpers import one as first

                class Inner(nn.Module):
                    def forward(self, x):
                        return helpers.two(x)

                class Net(nn.Module):
                    def __init__(self):
                        super().__init__()
                        self.inner = Inner()

                    def forward(self, x):
                        return self.inner(first(x))
                """
            ),
            "helpers.py": "def one(x):\n    return three(x)\ndef two(x):\n    return x\ndef three(x):\n    return x\n",
        },
    )
    reach = Reach(Compiler(files.machine, library.load()))
    reach.module(files.built("Net"))
    trails = {unit.function.node.name: [step.message for step in unit.trail] for unit in reach.units}
    assert trails["three"] == ["`Net.forward` calls `one`", "`one` calls `three`"]
    assert trails["two"] == ["`Net` holds a `Inner` as `self.inner`", "`Inner.forward` calls `two`"]


def test_whether_somebody_uses_what_a_call_gives(tmp_path: Path) -> None:
    files = Files(
        tmp_path,
        IMPORTS
        + dedent(
            """
            def used(x): return x
            def unused(x): return x
            def both(x): return x

            class Net(nn.Module):
                def forward(self, x):
                    unused(x)
                    both(x)
                    used(used(x))
                    return both(x)
            """
        ),
    )
    reach = Reach(Compiler(files.machine, library.load()))
    reach.module(files.built("Net"))
    assert {unit.function.node.name: unit.used for unit in reach.units} == {
        "forward": True,
        "used": True,
        "unused": False,
        "both": True,
    }


def test_what_is_abstract_is_compiled_for_no_object(tmp_path: Path) -> None:
    source = IMPORTS + dedent(
        """
        from abc import ABC, abstractmethod

        class Base(nn.Module, ABC):
            @abstractmethod
            def forward(self, x: torch.Tensor) -> torch.Tensor: ...

        class Net(Base):
            @property
            def p(self):
                return 1
        """
    )
    assert set(reached(tmp_path, source)) == {"p"}


def test_script_classes_that_construct_each_other_end(tmp_path: Path) -> None:
    source = IMPORTS + dedent(
        """
        class A:
            def __init__(self, x: torch.Tensor):
                self.x = x
            def other(self) -> torch.Tensor:
                return B(self.x).x

        class B:
            def __init__(self, x: torch.Tensor):
                self.x = x
            def other(self) -> torch.Tensor:
                return A(self.x).x

        class Net(nn.Module):
            def forward(self, x):
                return A(x).other()
        """
    )
    assert set(reached(tmp_path, source)) == {"forward", "__init__", "other"}


def test_a_class_under_the_decorator_is_scripted_by_itself(tmp_path: Path, judge: Judge) -> None:
    source = IMPORTS + dedent(
        """
        @torch.jit.script
        class Counter:
            def __init__(self, n: int):
                self.n = n
            def squares(self):
                return {self.n}
        """
    )
    refused = judge.run(source)
    assert [(one.code, one.row) for one in findings(source, tmp_path)] == [("SL123", refused.line)]
