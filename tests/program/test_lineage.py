"""Classes: the order of their bases as Python has it, and whether they are modules."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from scriptlint.program.classes import OF_MODULE, Absent, Member
from scriptlint.program.module import Class
from tests.judge import Judge
from tests.projects import Files

DIAMONDS = [
    "class A: ...\nclass B(A): ...\nclass C(A): ...\nclass D(B, C): ...\n",
    "class A: ...\nclass B: ...\nclass C(A, B): ...\nclass D(C): ...\nclass E(D, B): ...\n",
    "class O: ...\nclass A(O): ...\nclass B(O): ...\nclass C(O): ...\nclass D(O): ...\nclass E(O): ...\n"
    "class K1(A, B, C): ...\nclass K2(D, B, E): ...\nclass K3(D, A): ...\nclass Z(K1, K2, K3): ...\n",
    "from typing import Generic, TypeVar\nT = TypeVar('T')\nclass A(Generic[T]): ...\nclass B(A[int]): ...\n",
]


@pytest.mark.parametrize("source", DIAMONDS)
def test_the_order_is_pythons(tmp_path: Path, source: str) -> None:
    files = Files(tmp_path, source)
    space: dict[str, type] = {}
    exec(source, space)
    for cls in files.main.classes.values():
        real = [one.__name__ for one in space[cls.qualname].__mro__ if one.__name__ not in ("object", "Generic")]
        ours = [one.qualname for one in files.classes.lineage(cls).entries if isinstance(one, Class)]
        assert ours == real


MODULES = {
    "main.py": """
        import torch
        import torch.nn as nn
        import pytorch_lightning as pl
        from torch import nn as layers
        from torch.nn import Module
        from base import *
        from base import Base as Renamed
        from somewhere import Thing

        Alias = nn.Module

        class Direct(nn.Module): ...
        class ByAlias(Alias): ...
        class Layer(layers.Conv2d): ...
        class Lightning(pl.LightningModule): ...
        class Starred(Base): ...
        class Twice(Renamed, Direct): ...
        class Mixed(Thing, nn.Module): ...
        class Generic(torch.nn.ModuleList): ...

        class Plain: ...
        class Error(Exception): ...
        class Data(torch.utils.data.Dataset): ...
        class Function(torch.autograd.Function): ...

        class Unseen(Thing): ...
        class Computed(make()): ...
        class Itself(Itself): ...
        """,
    "base.py": "import torch\nclass Base(torch.nn.Module):\n    def forward(self, x): ...\n",
}


@pytest.mark.parametrize(
    ("answer", "names"),
    [
        (True, "Direct ByAlias Layer Lightning Starred Twice Mixed Generic"),
        (False, "Plain Error Data Function"),
        (None, "Unseen Computed Itself"),
    ],
)
def test_is_a_module(tmp_path: Path, answer: bool | None, names: str) -> None:
    files = Files(tmp_path, MODULES)
    for name in names.split():
        assert files.classes.is_module(files.cls(name)) is answer, name


def test_members_are_found_in_order(tmp_path: Path) -> None:
    files = Files(
        tmp_path,
        dedent(
            """
            from somewhere import Thing

            def free(self): ...

            class A:
                x = 1
                aliased = free
                def a(self): ...
                def b(self): ...

            class B(A):
                def a(self): ...
                def a(self, twice): ...

                @property
                def p(self): ...

                @p.setter
                def p(self, value): ...

            class C(Thing, B): ...
            """
        ),
    )
    cls = files.cls("B")
    found = files.classes.method(cls, "a")
    assert found is not None
    assert len(found.node.args.args) == 2
    above = files.classes.method(cls, "a", after=cls)
    assert above is not None
    assert above.owner is files.cls("A")
    assert files.classes.method(cls, "aliased") is files.function("free")
    getter = files.classes.method(cls, "p")
    assert getter is not None
    assert len(getter.node.args.args) == 1
    assert isinstance(files.classes.member(cls, "x"), Member)
    assert files.classes.member(cls, "nothing") is Absent.MISSING
    unseen = files.classes.member(files.cls("C"), "a")
    assert not isinstance(unseen, Member), "a base that nobody sees comes first"


def test_a_mixin_behind_module_is_found(tmp_path: Path, judge: Judge) -> None:
    source = dedent(
        """
        from torch import nn

        class Mixin:
            def helper(self): ...
            def eval(self): ...

        class Net(nn.Module, Mixin): ...
        """
    )
    files = Files(tmp_path, source)
    assert files.classes.method(files.cls("Net"), "helper") is files.function("Mixin.helper")
    assert files.classes.method(files.cls("Net"), "eval") is None
    assert judge.run(source + "assert Net.helper is Mixin.helper and Net.eval is nn.Module.eval\n").verdict == "ok"


def test_what_every_module_has_is_what_torch_says(judge: Judge) -> None:
    known = sorted(OF_MODULE)
    program = f"""
from torch import nn
real = (set(dir(nn.Module)) - set(dir(object))) | set(vars(nn.Module()))
real -= {{"__module__", "__dict__", "__weakref__", "__annotations__"}}
assert real == set({known!r}), real ^ set({known!r})
"""
    verdict = judge.run(program)
    assert verdict.verdict == "ok", verdict.words
