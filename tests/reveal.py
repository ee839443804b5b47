"""`reveal_type(x)  # revealed: List[int]` in programs of `tests/spec`: what both judges take the type of an expression for.

A facility of the tests alone. For scriptlint, what compiles calls is wrapped while a program is linted, and notes the type
of what it is given. The real compiler is asked one question at a time: the call becomes one of a function that takes an
object of a class that nobody has, and the refusal names the type that was found instead. That is the type with which the
compiler goes on; the finished graph would not do, since it forgets what a variable was annotated as.

A line that is never compiled reveals nothing: `# revealed: nothing`. Where a function is compiled several times, the
types are all written: `# revealed: int and str`; the real compiler is held to be one of them, since it stops at the first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from scriptlint.script.infer import calls
from scriptlint.script.infer.unit import Unit
from scriptlint.script.infer.values import Typed, Value
from scriptlint.syntax import nodes as n
from scriptlint.types.model import NONE, Type
from tests.judge import Judge
from tests.linter import findings

NOTHING = "nothing"
_LINE = re.compile(r"^(?P<indent>[ \t]*)reveal_type\((?P<what>.*)\)\s*#\s*revealed:\s*(?P<types>\S.*?)\s*$")
_FUTURE = re.compile(r"from __future__ import [^\n;]*")
_OTHERS = {
    "revealing.py": """\
import torch


@torch.jit.script
class Nobody:
    def __init__(self):
        self.is_here = False


@torch.jit.script
def revealed(found: Nobody):
    pass
"""
}


def expected(program: str) -> dict[int, str]:
    """The rows (from 1) with a call, and what is written there."""
    return {row: match["types"] for row, match in _lines(program)}


def without(program: str) -> str:
    """The program as it is without asking, row by row."""
    return _asking(program, None)


def theirs(judge: Judge, program: str) -> dict[int, str]:
    """What the real compiler finds in each row; the program without the calls has to compile."""
    found = {}
    for row, _ in _lines(program):
        verdict = judge.run(_imported(_asking(program, row)), others=_OTHERS)
        if verdict.verdict == "ok":
            found[row] = NOTHING
            continue
        told = re.search(r"for argument 'found' but instead found type '(.*)'\.", verdict.message)
        assert told is not None, f"row {row} asks for no value: {verdict.words}"
        found[row] = _spelt(told[1])
    return found


def ours(program: str, folder: Path) -> dict[int, str]:
    """What scriptlint finds in each row."""
    noted: dict[int, list[str]] = {row: [] for row, _ in _lines(program)}
    compiled = calls.call

    def call(unit: Unit, node: n.Call, hint: Type | None) -> Value:
        if not isinstance(node.func, n.Name) or node.func.id != "reveal_type":
            return compiled(unit, node, hint)
        found = _spelt(str(unit.typed(node.args[0]).type))
        types = noted[unit.module.source.location(node.start).row]
        if found not in types:
            types.append(found)
        return Typed(NONE)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calls, "call", call)
        findings(program, folder)
    return {row: " and ".join(sorted(types)) or NOTHING for row, types in noted.items()}


def _lines(program: str) -> Iterator[tuple[int, re.Match[str]]]:
    for row, line in enumerate(program.split("\n"), 1):
        match = _LINE.match(line)
        assert match or not re.match(r"\s*reveal_type\(", line), f"row {row} does not say what is revealed"
        if match:
            yield row, match


def _asking(program: str, asked: int | None) -> str:
    lines = program.split("\n")
    for row, match in _lines(program):
        lines[row - 1] = match["indent"] + (f"_revealed({match['what']})" if row == asked else "pass")
    return "\n".join(lines)


def _imported(program: str) -> str:
    needed = "from revealing import revealed as _revealed; "
    future = _FUTURE.match(program)
    return f"{future[0]}; {needed}{program[future.end() :]}" if future else needed + program


def _spelt(kind: str) -> str:
    """A type as cases write it: without what only says where it is from."""
    return re.sub(r"__torch__\.| \(of Python compilation unit at: 0x\.\.\.\)| \(inferred\)", "", kind)
