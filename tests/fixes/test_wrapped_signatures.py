"""Signatures that annotations make longer than the lines of a file are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixes.test_programs import fixed

CASES = {
    "short ones stay": ("    def forward(self, x, flip=True):", "    def forward(self, x, flip: bool = True):"),
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
    "where it was too long already": (
        "    def forward(self, x, first_number=1, second_number=2, third_number=3, fourth_number=4, another_flag=False, "
        "flip=True):",
        "    def forward(self, x, first_number: int = 1, second_number: int = 2, third_number: int = 3, fourth_number: "
        "int = 4, another_flag: bool = False, flip: bool = True):",
    ),
}


TEXT = """import torch


class Net(torch.nn.Module):
{}
        return x if flip else -x


torch.jit.script(Net())
"""


@pytest.mark.parametrize("case", CASES)
def test_a_long_signature_is_wrapped(case: str, tmp_path: Path) -> None:
    before, after = CASES[case]
    assert fixed(tmp_path, TEXT.format(before), []) == TEXT.format(after)
