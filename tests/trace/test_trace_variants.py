"""The programs of `tests/trace/variants/*.md`: variants of the hazards of a trace, and of what is none.

A block defines `model` and `example`, and `other` where other inputs than the example's are to be tried. The traced model
differs from the model (or tracing raises) exactly if a line is marked, `# warning: [SL...]`, and the findings that are not
notes are exactly those that are marked, with their severity and condition.
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

IMPORTS = "import math, random; import numpy as np; import torch; import torch.nn.functional as F; from torch import nn; from typing import *; torch.manual_seed(0)\n"
CASES = [
    pytest.param(block, id=name)
    for path in sorted(Path(__file__).parent.glob("variants/*.md"))
    for name, block in dialect.read(path).programs()
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
    expected = {(mark.row, code_of(mark.rule or ""), mark.severity, mark.when) for mark in block.marks()}
    found = [one for one in findings(program, tmp_path) if one.severity != "note"]
    assert {(one.row - 1, one.code, one.severity, one.when) for one in found} == expected
    verdict = judge.run(program + SAME + COMPARISON)
    assert verdict.verdict == ("refused" if expected else "ok"), verdict.words
