"""Fixes that only the trace of a model asks for."""

from __future__ import annotations

from pathlib import Path

from tests.fixes.test_fixed_programs import fixed

TRACED = """
import torch


def match(threshold, scores):
    if scores.sum() > threshold:
        return scores
    return -scores


def f(x):
    return match({given}, x)


torch.jit.trace(f, (torch.ones(2),))
"""


def test_a_helper_is_scripted_only_if_it_is_given_tensors(tmp_path: Path) -> None:
    number = TRACED.format(given="0.5")
    assert fixed(tmp_path, number, ["--unsafe-fixes"]) == number
    tensor = TRACED.format(given="x.mean()")
    assert "@torch.jit.script_if_tracing\ndef match" in fixed(tmp_path, tensor, ["--unsafe-fixes"])


DELIBERATE = """
import torch


def f(x):
    channels = int(x.shape[0]) if torch.jit.is_tracing() else x.shape[0]
    return x.view(channels, -1){rest}


torch.jit.trace(f, (torch.ones(2),))
"""


def test_a_number_that_has_a_negative_power_stays(tmp_path: Path) -> None:
    text = DELIBERATE.format(rest=" * int(x.shape[0]) ** -1")
    assert fixed(tmp_path, text, ["--unsafe-fixes"]) == text
    other = DELIBERATE.format(rest=" * int(x.shape[0]) ** 2")
    assert fixed(tmp_path, other, []) == DELIBERATE.format(rest=" * x.shape[0] ** 2")


def test_a_number_that_is_meant_for_traces_stays(tmp_path: Path) -> None:
    text = DELIBERATE.format(rest="")
    assert fixed(tmp_path, text, ["--unsafe-fixes"]) == text
    other = DELIBERATE.format(rest=" + int(x.shape[0])")
    assert fixed(tmp_path, other, []) == DELIBERATE.format(rest=" + x.shape[0]")


BUFFER = """
import torch
from torch import nn


class Base(nn.Module):
    def __init__(self):
        super().__init__()
        self.early = None

    def method(self):
        return torch.zeros(2)


class Net(Base):
    def __init__(self):
        super().__init__()
        self.early = torch.ones(2)
        self.method = torch.ones(2)
        self.late = torch.ones(2)

    def forward(self, x):
        return x * self.early + self.method + self.late


torch.jit.trace(Net(), (torch.ones(2),))
"""


def test_what_an_object_has_already_becomes_no_buffer(tmp_path: Path) -> None:
    after = fixed(tmp_path, BUFFER, ["--unsafe-fixes"])
    made = 'self.register_buffer("late", torch.ones(2), persistent=False)'
    assert after == BUFFER.replace("self.late = torch.ones(2)", made)
