"""Generated programs: what is inside the subset is silent and compiles; one violation is one finding, and is refused.

`SCRIPTLINT_GENERATED=2000` makes more of them than a run of all tests does. The programs are the same on every machine.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scriptlint.engine.registry import all_rules
from tests.judge import Judge
from tests.linter import Finding, code_of, findings
from tests.script import modules
from tests.script.modules import Part
from tests.script.programs import VIOLATIONS, complete, planted, programs

EXAMPLES = int(os.environ.get("SCRIPTLINT_GENERATED", "60"))
SETTINGS = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    print_blob=False,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("generated")


def errors(program: str, folder: Path) -> list[Finding]:
    return [one for one in findings(program, folder) if one.severity == "error"]


@SETTINGS
@given(programs())
def test_a_program_inside_the_subset_is_silent_and_compiles(judge: Judge, folder: Path, program: str) -> None:
    text = complete(program)
    verdict = judge.run(text)
    assert verdict.verdict == "ok", verdict.words
    assert errors(text, folder) == []


@SETTINGS
@given(programs(), st.sampled_from(sorted(VIOLATIONS)), st.integers(0, 1000))
def test_one_violation_is_one_finding(judge: Judge, folder: Path, program: str, name: str, place: int) -> None:
    text = planted(program, VIOLATIONS[name], place)
    row = next(number for number, line in enumerate(text.splitlines(), 1) if line.endswith("# error"))
    rule = all_rules()[code_of(name)]
    assert [(one.row, one.code) for one in errors(text, folder)] == [(row, rule.code)]
    verdict = judge.run(text)
    assert verdict.verdict in ("refused", "crash")
    assert re.search(rule.compiler or "", verdict.words, re.S), verdict.words
    assert verdict.line in (None, row), verdict.words


@SETTINGS
@given(modules.modules())
def test_a_module_inside_the_subset_is_silent_and_compiles(judge: Judge, folder: Path, parts: list[Part]) -> None:
    text = modules.written(parts)
    verdict = judge.run(text)
    assert verdict.verdict == "ok", verdict.words
    assert errors(text, folder) == []


@SETTINGS
@given(modules.modules(), st.sampled_from(modules.VIOLATIONS), st.integers(0, 7))
def test_one_violation_in_a_module_is_one_finding(
    judge: Judge, folder: Path, parts: list[Part], violation: tuple[str, Part], place: int
) -> None:
    name, part = violation
    text = modules.written([*parts[:place], part, *parts[place:]])
    row = next(number for number, line in enumerate(text.splitlines(), 1) if line.endswith("# error"))
    rule = all_rules()[code_of(name)]
    assert [(one.row, one.code) for one in errors(text, folder)] == [(row, rule.code)]
    verdict = judge.run(text)
    assert (verdict.verdict, verdict.line) == ("refused", row), verdict.words
    assert re.search(rule.compiler or "", verdict.words, re.S), verdict.words
