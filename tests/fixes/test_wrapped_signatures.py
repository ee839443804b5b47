"""Signatures that annotations make longer than the lines of a file are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixes.test_programs import fixed

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
