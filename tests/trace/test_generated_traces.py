"""Generated programs, traced on one input and run on another: every divergence is reported, and what is fine is silent."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.judge import Judge
from tests.linter import findings

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
)
PROGRAM = """import torch


def f(x):
    {steps}
    return x


example, other = (torch.ones(2, 4),), (-torch.arange(20.0).view(5, 4),)
traced = torch.jit.trace(f, example, check_trace=False)
one, two = f(*other), traced(*other)
assert one.shape == two.shape and torch.allclose(one, two), "the trace differs"
"""


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
    program = PROGRAM.format(steps="\n    ".join(steps or ["pass"]))
    with tempfile.TemporaryDirectory() as folder:
        reported = [one for one in findings(program, Path(folder)) if one.severity != "note"]
    verdict = judge.run(program)
    assert reported or verdict.verdict == "ok", f"{program}\n{verdict.words}"
    assert hazards or not reported, f"{program}\n{reported}"
    assert verdict.verdict == "ok" or "the trace differs" in verdict.words or hazards, verdict.words
