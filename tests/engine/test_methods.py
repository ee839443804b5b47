"""Roots in methods: of which object they are, for all objects that a class makes, and for whom a helper is called."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent

import pytest

from scriptlint.cli import run
from tests.linter import findings

START = """
from typing import Optional, Union

import torch
from torch import nn


class Good(nn.Module):
    def forward(self, x):
        return x


class Bad(nn.Module):
    def forward(self, x):
        return [one for one in x if one.sum() > 0]


class Pair(nn.Module):
    def forward(self, x, y):
        return x + y
"""
# What follows, and the codes of what is reported with their conditions.
PROGRAMS: dict[str, tuple[str, list[tuple[str, str | None]]]] = {
    "a static method is not given its object": (
        """
        class Simulator:
            def __init__(self, rate, fast=True):
                self.items = []

            @staticmethod
            def compiled(controller):
                return torch.jit.script(controller)

            def register(self, callback):
                return self.compiled(Good())
        """,
        [],
    ),
    "a static method that compiles what is refused": (
        """
        class Simulator:
            @staticmethod
            def compiled(controller):
                return torch.jit.script(controller)

            def register(self, callback):
                return self.compiled(Bad())
        """,
        [("SL124", None)],
    ),
    "a class method is given its class": (
        """
        class Exporter:
            kind = Bad

            @classmethod
            def export(cls):
                return torch.jit.script(cls.kind())
        """,
        [("SL124", None)],
    ),
    "a static test that is traced with a fixture": (
        """
        class TestTrace:
            @staticmethod
            def test_it(model, backend):
                torch.jit.trace(model, torch.rand(1))
        """,
        [],
    ),
    "what only one object of a class compiles": (
        """
        class Interface:
            def __init__(self, name: Optional[str] = None):
                self.model = Bad() if name is None else Good()

            def start(self):
                return torch.jit.script(self.model)
        """,
        [("SL124", "name is None")],
    ),
    "what all objects of a class compile": (
        """
        class Interface:
            def __init__(self, name: Optional[str] = None):
                self.name = "none" if name is None else name
                self.model = Bad()

            def start(self):
                return torch.jit.script(self.model)
        """,
        [("SL124", None)],
    ),
    "a loop without a test does not hide what comes after it": (
        """
        class Sender:
            def __init__(self, name: str = ""):
                self.model = Bad() if name else Good()

            def send(self, buffer):
                while True:
                    chunk = buffer.read(10)
                    if not chunk:
                        break
                return torch.jit.script(self.model)
        """,
        [("SL124", "name")],
    ),
    "an argument of torch.zeros may be a tuple": (
        """
        class Statistics(nn.Module):
            def __init__(self, size, per_channel=False):
                super().__init__()
                self.size = size
                self.per_channel = per_channel
                self.register_buffer("mean", torch.zeros(size[0] if per_channel else size))

            def forward(self, x):
                if self.per_channel:
                    return x + self.size[0]
                return x

        class Model:
            def __init__(self, shape):
                self.statistics = torch.jit.script(Statistics(shape))
        """,
        [],
    ),
    "each caller's example goes with its model": (
        """
        def run(model, example):
            if not isinstance(example, (list, tuple)):
                example = (example,)
            example = tuple(example)
            traced = torch.jit.trace(model, example)
            return traced(*example)

        class Test:
            def check(self, model: Union[Good, Pair], example):
                run(model, example)

            def test_one(self):
                self.check(Good(), torch.rand(1))

            def test_two(self):
                self.check(Pair(), (torch.rand(1), torch.rand(1)))
        """,
        [],
    ),
    "a trace that is called with more than its example": (
        """
        class Test:
            def test_it(self):
                traced = torch.jit.trace(Good(), torch.rand(1))
                return traced(torch.rand(1), torch.rand(1))
        """,
        [("SL889", None)],
    ),
    "a wrapper of what a caller gives": (
        """
        class Wrapper(nn.Module):
            def __init__(self, model):
                super().__init__()
                self.model = model

            def forward(self, x):
                return self.model(x)

        def export(model):
            torch.jit.script(Wrapper(model))

        export(Bad())
        """,
        [("SL124", None)],
    ),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_roots_in_methods(name: str, tmp_path: Path) -> None:
    program, expected = PROGRAMS[name]
    found = findings(START + dedent(program), tmp_path)
    assert [(one.code, one.when) for one in found if one.severity != "note"] == expected


FLAG = """
import torch
from torch import nn


class Encoder(nn.Module):
    def __init__(self, use_embedding, norm):
        super().__init__()
        self.use_embedding = use_embedding
        self.norm = norm
        if use_embedding:
            self.embedding = nn.Embedding(3, 4)
        if norm:
            self.layer = norm(4)

    def forward(self, x):
        if self.use_embedding:
            return self.embedding(x)
        return x
"""


def test_an_argument_that_is_only_tested_is_a_flag(tmp_path: Path) -> None:
    assert [(one.code, one.when) for one in findings(FLAG, tmp_path)] == [("SL601", "not use_embedding")]


def test_what_to_write_for_a_name_that_nothing_defines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = """
import torch


@torch.jit.script
def f(x):
    angle = normalize_angle(x)
    for i in range(3):
        last = i
    return angle + last
"""
    path = tmp_path / "model.py"
    path.write_text(program)
    assert run(["check", "--isolated", "--no-cache", str(path)]) == 1
    assert re.findall(r"help: (\w+ \w+)", capsys.readouterr().out) == ["define it", "assign it"]
