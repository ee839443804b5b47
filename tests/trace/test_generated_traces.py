"""Generated programs, traced on one input and run on another: every divergence is reported, and what is fine is silent."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.judge import Judge, Verdict
from tests.linter import Finding, findings

# Steps of a function of a tensor with four columns: a trace records these,
FINE = (
    "x = x * 2",
    "x = x.view(x.size(0), -1)",
    "x = x + torch.zeros(x.shape[0], 4)",
    "x = torch.where(x.sum() > 0, x, -x)",
    "x = x[: x.size(0) // 2 + 1]",
    "x = x / x.shape[-1] ** 0.5",
    "x = torch.cat([x, x[:1]])",
    "a, b = x.chunk(2, 1); x = torch.cat([b, a], 1)",
    "x = x - x.mean(0, keepdim=True)",
    "n, c = x.shape; x = x.reshape(n * 2, c // 2).reshape(n, c)",
    "x = x.masked_fill(x > 1, 0.5)",
    "s = list(x.shape); s[-1] = s[-1] // 2; x = x.reshape(*s, 2).flatten(1)",
    "b, *rest = x.shape; x = x.reshape(b, *rest)",
    "x = torch.stack([x, x * 2]).sum(0)",
    "x = x[x.sum(1).argsort()]",
    "x = x.new_zeros(x.size(0), 4) + x",
    "y = x.clone(); y[:, 0] = 1.0; x = y",
    "x = F.pad(x, (0, 0, 0, (2 - x.size(0) % 2) % 2))",
    "x = x.reshape(math.prod(x.shape)).reshape(-1, 4)",
    "x = x + torch.arange(x.shape[0])[:, None]",
    "x = layer(x)",
    "x = x + len(x.shape)",
    "parts = {'a': x, 'b': x * 2}; x = sum(parts.values())",
    "x = torch.cat(x.split([1, 3], 1)[::-1], 1)",
    "x = x * (2 if GAIN == 'high' else 3)",
    "x = helper(x, scale=3)",
    "m = x > x.mean(); x = torch.where(m, x, x.detach())",
)
# and may keep the example's answer in these.
HAZARDS = (
    "x = x * 3 if x.sum() > 0 else x",
    "x = x * x.max().item()",
    "x = x + len(x)",
    "x = torch.stack([x[i] for i in range(x.size(0))])",
    "x = x[: min(x.size(0), 2)]",
    "x = x * int(x.size(0))",
    "x = x * x.data.sum()",
    "x = x + float(torch.equal(x, x.abs()))",
    "x = torch.stack([row * 2 for row in x])",
    "x = torch.roll(x, x.size(0), 0)",
    "x = x + torch.tensor([x[0, 0], 1.0, 2.0, 3.0])",
    "x = branching(x)",
    "x = x * getattr(x, 'data').mean()",
    "x = x * math.sqrt(x.size(0))",
    "x = x + x.new(x.size(0), 4).zero_()",
    "x = torch.cat([x] * x.size(0))",
    "x = [torch.sin, torch.cos][(x.sum() > 0).long()](x)",
    "x = torch.cat([x[i : i + 2] for i in range(0, x.shape[0], 2)]) * 2",
    "x = torch.cat(x.split(x.size(0) // 2)) * 2",
    "x = sum(row for row in x.unbind())[None].expand(x.size(0), 4)",
    "x = reduce(lambda a, b: a + b, x)[None].expand(x.size(0), 4)",
    "x = x + torch.from_numpy(x.numpy() * 2)",
    "x = x * {2: 1.0, 5: 7.0}[int(x.shape[0])] if x.shape[0] in (2, 5) else x",
    "i = 0\n    while i < x.shape[0]:\n        x = x + i\n        i += 1",
    "for i, j in combinations(range(x.size(0)), 2):\n        x = x + i * j",
    "x = x + COUNTER['n']; COUNTER['n'] = COUNTER['n'] + 1",
    "x = x * (3 if f'{x.shape[0]}' == '2' else 1)",
    "match x.size(0):\n        case 2:\n            x = x * 5\n        case _:\n            x = x * 7",
)
PROGRAM = """import math
from functools import reduce
from itertools import combinations

import torch
from torch import nn
from torch.nn import functional as F

GAIN = "high"
COUNTER = {{"n": 0.0}}
torch.manual_seed(0)
layer = nn.Linear(4, 4).requires_grad_(False)


def helper(x, scale=2):
    def double(y):
        return y * scale

    return double(x)


def branching(x):
    return x * 2 if x.mean() > 0 else x


def f(x):
    {steps}
    return x


example, other = (torch.ones(2, 4),), (-torch.arange(20.0).view(5, 4),)
traced = torch.jit.trace(f, example, check_trace=False)
one, two = f(*other), traced(*other)
assert one.shape == two.shape and torch.allclose(one, two), "the trace differs"
"""


def _run(steps: list[str], judge: Judge) -> tuple[str, list[Finding], Verdict]:
    """The program of some steps, what is reported of it, and what torch did."""
    program = PROGRAM.format(steps="\n    ".join(steps or ["pass"]))
    with tempfile.TemporaryDirectory() as folder:
        reported = [one for one in findings(program, Path(folder)) if one.severity != "note"]
    return program, reported, judge.run(program)


@pytest.mark.parametrize("step", HAZARDS)
def test_every_hazard_by_itself_diverges_and_is_reported(judge: Judge, step: str) -> None:
    program, reported, verdict = _run([step], judge)
    assert reported, program
    assert verdict.verdict == "refused", f"{program}\n{verdict.words}"


@pytest.mark.parametrize("step", FINE)
def test_every_other_step_by_itself_agrees_in_silence(judge: Judge, step: str) -> None:
    program, reported, verdict = _run([step], judge)
    assert not reported, f"{program}\n{reported}"
    assert verdict.verdict == "ok", f"{program}\n{verdict.words}"


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.lists(st.sampled_from(FINE), max_size=4),
    st.lists(st.sampled_from(HAZARDS), max_size=2),
    st.randoms(use_true_random=False),
)
def test_a_divergence_is_reported_and_nothing_else(
    judge: Judge, fine: list[str], hazards: list[str], random: object
) -> None:
    steps = [*fine, *hazards]
    random.shuffle(steps)  # type: ignore[attr-defined]  # hypothesis gives a `random.Random`
    program, reported, verdict = _run(steps, judge)
    assert reported or verdict.verdict == "ok", f"{program}\n{verdict.words}"
    assert hazards or not reported, f"{program}\n{reported}"
    assert verdict.verdict == "ok" or "the trace differs" in verdict.words or hazards, verdict.words
