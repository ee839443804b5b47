"""The programs of `tests/trace/variants/*.md`: variants of the hazards of a trace, and of what is none.

A block defines `model` and `example`, and `other` where other inputs than the example's are to be tried. The traced model
differs from the model (or tracing raises) exactly if a line is marked `# error: [SL...]`, and just the marked lines have
findings that are no notes.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests import dialect
from tests.dialect import Block
from tests.judge import Judge
from tests.linter import code_of, findings
from tests.pages.same import COMPARISON, SAME

IMPORTS = "import math, random; import numpy as np; import torch; import torch.nn.functional as F; from torch import nn; from typing import *\n"
CASES = [
    pytest.param(block, id=f"{path.stem}:{block.first + 1}")
    for path in sorted(Path(__file__).parent.glob("variants/*.md"))
    for section in dialect.read(path).sections
    for block in section.programs()
]


def _program(block: Block) -> str:
    text = IMPORTS + block.text
    if not re.search(r"^other = ", text, re.M):
        text += "\nother = example\n"
    if not re.search(r"^traced = ", text, re.M):
        text += "\ntraced = torch.jit.trace(model, example, check_trace=False)\n"
    return text


@pytest.mark.parametrize("block", CASES)
def test_what_differs_is_reported_and_nothing_else(block: Block, judge: Judge, tmp_path: Path) -> None:
    program = _program(block)
    expected = [(row + 1, code_of(named or "")) for row, named in block.marks()]
    found = findings(program, tmp_path)
    assert sorted({(one.row, one.code) for one in found if one.severity != "note"}) == sorted(expected)
    verdict = judge.run(program + SAME + COMPARISON)
    assert verdict.verdict == ("refused" if expected else "ok"), verdict.words
