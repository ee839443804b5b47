"""The cases of `tests/spec/*.md`: every block is a program that scriptlint and the real torch both judge.

A block that does not call `torch.jit.script` itself is given a first line of imports (`torch`, `math`, `nn`, `Tensor`, the
names of `typing`) and a last one that scripts what it defines last. Marks are those of `tests/dialect.py`:

- a block without marks is silent at every severity, and compiles;
- a marked block has exactly the findings that are marked: row, rule, severity and condition. With an error it is refused:
  where the compiler names a line it is that of the first mark in its order, and a rule of that line has the words. Where
  it underlines, the finding begins at the same column;
- where a refusal has a condition, the block itself runs, and comments say what torch must do on either side of it:
  `# compiles: make(False)` and `# refused: make(True)`.

`reveal_type(x)  # revealed: int` asks both judges for a type, see `tests/reveal.py`.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scriptlint.diag import Severity
from scriptlint.engine.registry import all_rules
from tests import dialect, reveal
from tests.dialect import Block
from tests.judge import Judge, Verdict
from tests.linter import Finding, code_of, findings

RULES = all_rules()
IMPORTS = (
    "import math; import typing; import torch; from torch import Tensor, nn; from typing import Any, Callable, Dict, "
    "Final, Iterable, Iterator, List, Literal, Mapping, NamedTuple, Optional, Sequence, Set, Tuple, Type, TypeVar, Union\n"
)
FILES = sorted(Path(__file__).parent.glob("*.md"))
# Cases whose findings are wrong, and why. A case that starts to pass fails here, so that the list shrinks.
WAITING = {
    "metacompilation:known-of-a-module-23": "a test of an attribute's class is static for an object (issue 15)",
    "refinement:isinstance-13": "what a refused test would have refined is unknown, not unrefined",
}
CASES = [
    pytest.param(
        block,
        id=name,
        marks=[pytest.mark.xfail(reason=WAITING[name], raises=AssertionError, strict=True)] if name in WAITING else [],
    )
    for path in FILES
    for name, block in dialect.read(path).programs()
]
ASKING = [case for case in CASES if "reveal_type(" in case.values[0].text]
_SIDE = re.compile(r"^# (?P<verdict>compiles|refused): (?P<expression>.+)$", re.M)
_DEFINED = re.compile(r"^(?:async )?(?P<kind>def|class) (?P<name>\w+)", re.M)


def _program(block: Block) -> tuple[str, int]:
    """The whole program, and how many lines it has before the block."""
    if "torch.jit." in block.text and "torch.jit.script(" in block.text:
        return block.text, 0
    last = list(_DEFINED.finditer(block.text))[-1]
    entry = f"{last['name']}()" if last["kind"] == "class" else last["name"]
    return f"{IMPORTS}{block.text}\n\ntorch.jit.script({entry})\n", 1


@pytest.mark.parametrize("block", CASES)
def test_both_judges_agree(block: Block, judge: Judge, tmp_path: Path) -> None:
    program, before = _program(block)
    program = reveal.without(program)
    found = findings(program, tmp_path)
    assert {(one.row - before, one.code, one.severity, one.when) for one in found} == {
        (mark.row, code_of(mark.rule or ""), mark.severity, mark.when) for mark in block.marks()
    }
    refusals = [one for one in found if RULES[one.code].severity is Severity.ERROR]
    verdict = judge.run(program)
    if any(one.severity == "error" for one in refusals):
        _check_words(verdict, [one for one in refusals if one.severity == "error"])
        return
    assert verdict.verdict == "ok", verdict.words
    sides = {side: judge.run(f"{program}\n{side['expression']}\n") for side in _SIDE.finditer(program)}
    assert {side["verdict"] for side in sides} == ({"compiles", "refused"} if refusals else set())
    for side, verdict in sides.items():
        if side["verdict"] == "compiles":
            assert verdict.verdict == "ok", verdict.words
        else:
            _check_words(verdict, refusals)


def _check_words(verdict: Verdict, refusals: list[Finding]) -> None:
    """Assert that torch refuses in the words and at the place of one of the findings."""
    assert verdict.verdict != "ok"
    words = [one for one in refusals if re.search(RULES[one.code].compiler or "", verdict.words, re.S)]
    assert words, verdict.words
    if verdict.line is not None:
        assert verdict.line in {one.row for one in words}, verdict.words
        columns = {one.column for one in words if one.row == verdict.line}
        assert verdict.column is None or verdict.column in columns, (columns, verdict.words)


@pytest.mark.parametrize("block", ASKING)
def test_revealed_types_are_the_compilers(block: Block, judge: Judge, tmp_path: Path) -> None:
    program, _ = _program(block)
    written = reveal.expected(program)
    found = reveal.theirs(judge, program)
    assert {row: kind for row, kind in found.items() if kind not in written[row].split(" and ")} == {}, found
    assert reveal.ours(program, tmp_path) == written
