"""The condition that tells the branches with a finding from those without it."""

from __future__ import annotations

import pytest

from scriptlint.engine.configurations import Branch, condition


@pytest.mark.parametrize(
    ("branches", "chosen", "expected"),
    [
        pytest.param(["a", "not a"], [1], "not a", id="one"),
        pytest.param(["a and b", "a and not b", "not a and b"], [0], "a and b", id="two"),
        pytest.param(["a and b", "not a and b", "a and not b"], [0, 2], "a", id="the shortest"),
        pytest.param(["a and not b", "b and not a", "not a and not b"], [0, 1], "a or b", id="either"),
        pytest.param(["x is None and x is not None and b", "x is None and not b"], [0], "b", id="two of one name"),
        pytest.param(
            ["x is None and x is not None", "x is None and x is None"],
            [0],
            "some arguments are given",
            id="nothing but two of one name",
        ),
    ],
)
def test_condition(branches: list[str], chosen: list[int], expected: str) -> None:
    made = [Branch(tuple(one.split(" and ")), []) for one in branches]
    assert condition(made, chosen) == expected
