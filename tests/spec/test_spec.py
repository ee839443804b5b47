"""The cases of `tests/spec/*.md`: every block is a program that scriptlint and the real torch both judge.

A block that does not call `torch.jit.script` itself is given a first line of imports (`torch`, `math`, `nn`, `Tensor`, the
names of `typing`) and a last one that scripts what it defines last. Marks are those of `tests/dialect.py`:

- a block without marks is silent at severity error, and compiles;
- a marked block has findings of exactly the rules and lines that are marked, and is refused. Where the compiler names a
  line it is that of the first mark in its order, and a rule of that line has the words. Where it underlines, the finding
  begins at the same column.

A mark of a rule that is no error does not make a block refused. `reveal_type(x)  # revealed: int` asks both judges for a
type, see `tests/reveal.py`.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scriptlint.diag import Severity
from scriptlint.engine.registry import all_rules
from tests import dialect, reveal
from tests.dialect import Block
from tests.judge import Judge
from tests.linter import code_of, findings

RULES = all_rules()
IMPORTS = (
    "import math; import typing; import torch; from torch import Tensor, nn; from typing import Any, Callable, Dict, "
    "Final, Iterable, Iterator, List, Literal, Mapping, NamedTuple, Optional, Sequence, Set, Tuple, Type, TypeVar, Union\n"
)
FILES = sorted(Path(__file__).parent.glob("*.md"))
CASES = [
    pytest.param(block, id=f"{path.stem}:{block.first + 1}")
    for path in FILES
    for section in dialect.read(path).sections
    for block in section.programs()
]
ASKING = [case for case in CASES if "reveal_type(" in case.values[0].text]
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
    expected = [(row + before, code_of(named or "")) for row, named in block.marks()]
    named = {code for _, code in expected}
    found = [one for one in findings(program, tmp_path) if one.severity == "error" or one.code in named]
    assert sorted({(one.row - before, one.code) for one in found}) == sorted(
        (row - before, code) for row, code in expected
    )

    verdict = judge.run(program)
    refusals = [one for one in found if RULES[one.code].severity is Severity.ERROR]
    if not refusals:
        assert verdict.verdict == "ok", verdict.words
        return
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
