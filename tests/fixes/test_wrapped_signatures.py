"""Signatures that annotations make longer than the lines of a file are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixes.test_fixed_programs import fixed

SHORT = ("    def forward(self, x, flip=True):", "    def forward(self, x, flip: bool = True):")
LONG = """    def forward(self, x, first_number=1, second_number=2, third_number=3, fourth_number=4, another_flag=False, flip=True):"""
LONG_AFTER = (
    "    def forward(self, x, first_number: int = 1, second_number: int = 2, third_number: int = 3, fourth_number: "
    "int = 4, another_flag: bool = False, flip: bool = True):"
)
HANGING = {
    "short ones stay": SHORT,
    "all on one line": (
        "    def forward(self, x, first_number=1, second_number=2, flip=True):",
        "    def forward(\n        self, x, first_number: int = 1, second_number: int = 2, flip: bool = True\n    ):",
    ),
    "each on its own": (
        "    def forward(self, x, first_number=1, second_number=2, third_number=3, flip=True):",
        "    def forward(\n"
        "        self,\n"
        "        x,\n"
        "        first_number: int = 1,\n"
        "        second_number: int = 2,\n"
        "        third_number: int = 3,\n"
        "        flip: bool = True,\n"
        "    ):",
    ),
    "from one line to each": (
        "    def forward(\n        self, x, first_number=1, second_number=2, third_number=3, flip=True\n    ):",
        "    def forward(\n"
        "        self,\n"
        "        x,\n"
        "        first_number: int = 1,\n"
        "        second_number: int = 2,\n"
        "        third_number: int = 3,\n"
        "        flip: bool = True,\n"
        "    ):",
    ),
    "with more behind": (
        "    def forward(self, x, *, first_number=1, second_number=2, third_number=3, flip=True):  # kept",
        "    def forward(self, x, *, first_number: int = 1, second_number: int = 2,\n"
        "                third_number: int = 3, flip: bool = True):  # kept",
    ),
    "where it was too long already": (LONG, LONG_AFTER),
}
ALIGNED = {
    "short ones stay": SHORT,
    "below the first parameter": (
        "    def forward(self, x, first_number=1, second_number=2, flip=True, another_flag=False):",
        "    def forward(self, x, first_number: int = 1, second_number: int = 2,\n"
        "                flip: bool = True, another_flag: bool = False):",
    ),
    "as the lines before": (
        "    def forward(\n        self, x, first_number=1, second_number=2, third_number=3, flip=True\n    ):",
        "    def forward(\n"
        "        self, x, first_number: int = 1, second_number: int = 2, third_number: int = 3,\n"
        "        flip: bool = True\n"
        "    ):",
    ),
    "with a comment": (
        "    def forward(self, x, first_number=1, second_number=2, third_number=3, flip=True):  # kept",
        "    def forward(self, x, first_number: int = 1, second_number: int = 2,\n"
        "                third_number: int = 3, flip: bool = True):  # kept",
    ),
    "where it was too long already": (LONG, LONG_AFTER),
}
CASES = [("", *case) for case in HANGING.values()] + [
    ("def f(x,\n      y): pass\n\n\n", *case) for case in ALIGNED.values()
]


TEXT = """import torch


{}class Net(torch.nn.Module):
{}
        return x if flip else -x


torch.jit.script(Net())
"""


@pytest.mark.parametrize(("first", "before", "after"), CASES, ids=[*HANGING, *(f"aligned {one}" for one in ALIGNED)])
def test_a_long_signature_is_wrapped(first: str, before: str, after: str, tmp_path: Path) -> None:
    assert fixed(tmp_path, TEXT.format(first, before), []) == TEXT.format(first, after)


SEVERAL = """
import torch
from torch import nn


class Net(nn.Module):
    def attend(self, query_states, key_states, number_of_heads, scale_of_scores, use_mask=True, dropout=0.1, mask=None):
        x = query_states * scale_of_scores
        for _ in range(number_of_heads):
            x = x + key_states
        if use_mask and mask is not None:
            x = x.masked_fill(mask, 0.0)
        return torch.nn.functional.dropout(x, dropout)

    def forward(self, x):
        return self.attend(x, x, 2, 0.5)


torch.jit.script(Net())
"""


def test_several_fixes_wrap_one_signature_once(tmp_path: Path) -> None:
    after = fixed(tmp_path, SEVERAL, ["--unsafe-fixes"])
    lines = after[after.index("    def attend(") : after.index("        x = query_states")].splitlines()
    assert lines[0] == "    def attend("
    assert lines[1:-1] == [
        "        self,",
        "        query_states,",
        "        key_states,",
        "        number_of_heads: int,",
        "        scale_of_scores: float,",
        "        use_mask: bool = True,",
        "        dropout: float = 0.1,",
        "        mask: Optional[torch.Tensor] = None,",
    ]
    assert fixed(tmp_path, after, ["--unsafe-fixes"]) == after
