"""The catalogue: every rule has one page, and what the page says is so, for scriptlint and for the real torch.

The pages' dialect is in `tests/dialect.py`. What the examples of a page must do follows from its rule:

- a refusal: every Bad program is reported at its marked lines and refused by torch in the rule's words;
- a rule that speaks of programs that compile: every Bad program is reported and runs, with the asserts that show it;
- a trace rule: its programs define `model`, `example` and `other`, and call `traced = torch.jit.trace(model, example)`;
  in Bad, `traced(*other)` differs from `model(*other)` or tracing raises, in Good they agree; a note with the words
  of a warning is about a warning that does no harm: there they agree in Bad too;
- a rule of the tool itself: only scriptlint is asked.

A rule is fixable exactly if its page has a section Fixed; `test_fixed.py` says what that holds.
Every Good program is silent and runs. `SCRIPTLINT_BLESS=1` writes the compiler's words into the pages.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import scriptlint.diag
from scriptlint.diag import Fixable, Rule, Severity, Target
from scriptlint.diag.pages import pages
from scriptlint.engine.registry import all_rules
from tests import dialect
from tests.dialect import Block, Document
from tests.judge import Judge, Verdict
from tests.linter import Finding, code_of, findings
from tests.pages.same import COMPARISON, SAME

RULES = all_rules()
PAGES = pages()
PACKAGE = Path(scriptlint.diag.__file__).parent.parent


def ids(codes: object) -> list[str]:
    return [f"{code}-{RULES[code].name}" for code in codes]  # type: ignore[attr-defined]


EVERY_PAGE = pytest.mark.parametrize("code", list(RULES), ids=ids(RULES))


def test_every_page_has_a_rule() -> None:
    assert set(PAGES) - set(RULES) == set()


@EVERY_PAGE
def test_every_rule_has_a_page_that_carries_its_name(code: str) -> None:
    rule = RULES[code]
    assert code in PAGES, f"there is no page for {code} {rule.name}"
    path = PAGES[code]
    assert path.name == f"{code}-{rule.name}.md"
    page = dialect.read(path)
    assert page.title == f"{code} {rule.name}"
    titles = [one.title for one in page.sections[1:]]
    expected = ["Bad", "Good"] if rule.fixable is Fixable.NEVER else ["Bad", "Fixed", "Good"]
    assert titles[: len(expected)] == expected
    allowed = ["Details"] if rule.fixable is Fixable.NEVER else ["Details", "Fix safety"]
    assert titles[len(expected) :] == [one for one in allowed if one in titles]


@EVERY_PAGE
def test_bad_is_reported_and_refused(code: str, judge: Judge, tmp_path: Path) -> None:
    page = _page(code)
    rule = RULES[code]
    said: list[tuple[Block, str]] = []
    for number, program in enumerate(_programs(page, "Bad", rule)):
        _check_marks(program, rule, tmp_path)
        if rule.target is Target.TOOL:
            continue
        verdict = judge.run(_with_comparison(program, rule))
        words = _words(verdict, rule)
        if rule.severity is Severity.NOTE and rule.target is Target.TRACE and rule.compiler is not None:
            assert verdict.verdict == "ok", verdict.words
        elif rule.target is Target.TRACE:
            assert verdict.verdict == "refused", f"the trace agrees with the model, program {number}"
        elif _is_refusal(program, rule):
            assert verdict.verdict in ("refused", "crash"), f"program {number} compiles"
        else:
            assert verdict.verdict == "ok", f"program {number}: {verdict.words}"
        if rule.compiler is not None:
            assert re.search(rule.compiler, words, re.S), words
        said.append((program, words))
    if dialect.BLESS:
        page.store(said)
    else:
        for program, words in said:
            stored = page.words_after(program) or ""
            assert stored.strip("\n") == words.strip("\n"), (
                "the compiler says something else; SCRIPTLINT_BLESS=1 stores it"
            )


@EVERY_PAGE
def test_good_is_silent_and_runs(code: str, judge: Judge, tmp_path: Path) -> None:
    rule = RULES[code]
    for program in _programs(_page(code), "Good", rule):
        assert not program.marks()
        found = [one for one in findings(program.text, tmp_path) if one.severity == "error" or one.code == code]
        assert found == []
        if rule.target is not Target.TOOL:
            verdict = judge.run(_with_comparison(program, rule))
            assert verdict.verdict == "ok", verdict.words


@EVERY_PAGE
def test_the_sentences_of_a_rule(code: str) -> None:
    rule = RULES[code]
    for sentence in (rule.message, rule.help):
        if not sentence:
            continue
        assert not sentence[0].isupper(), sentence
        assert not sentence.endswith("."), sentence
        assert "please" not in sentence.lower().replace("please report", "")
        outside = re.sub(r"`[^`]*`", "", sentence)
        assert not re.search(r"self\.|\(\)|@|==|->", outside), f"code stands outside of backticks: {sentence}"
        assert sentence.count("`") % 2 == 0
    bare = re.sub(r"\{(\w+)\}", "", rule.message)
    assert len(bare) < 100, f"{len(bare)} characters without its facts"
    if rule.compiler is not None:
        re.compile(rule.compiler)


def test_every_rule_is_reported_somewhere() -> None:
    declared: dict[str, Rule] = {}
    for path in PACKAGE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        module = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
        for statement in tree.body:
            if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                declared[f"{module}.{statement.targets[0].id}"] = statement.value  # type: ignore[assignment]
    constants = {name.rpartition(".")[2] for name, value in declared.items() if _declares(value)}
    used = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                used.add(node.id)
            elif isinstance(node, ast.Attribute):
                used.add(node.attr)
    assert constants - used == set()


def _declares(value: object) -> bool:
    if not isinstance(value, ast.Call):
        return False
    given = [*value.args, *(one.value for one in value.keywords)]
    return any(isinstance(one, ast.Constant) and one.value in RULES for one in given)


def _page(code: str) -> Document:
    if code not in PAGES:
        pytest.fail(f"there is no page for {code}")
    return dialect.read(PAGES[code])


def _programs(page: Document, title: str, rule: Rule) -> list[Block]:
    section = page.section(title)
    assert section is not None
    programs = section.programs()
    assert programs or rule.target is Target.TOOL, f"{title} has no program"
    return programs


def _check_marks(program: Block, rule: Rule, folder: Path) -> None:
    expected = sorted((mark.row, rule.code if mark.rule is None else code_of(mark.rule)) for mark in program.marks())
    assert any(code == rule.code for _, code in expected), "no line is marked `# error`"
    named = {code for _, code in expected}
    found: list[Finding] = findings(program.text, folder)
    told = sorted({(one.row, one.code) for one in found if one.severity == "error" or one.code in named})
    assert told == expected, found


def _is_refusal(program: Block, rule: Rule) -> bool:
    codes = [rule.code if mark.rule is None else code_of(mark.rule) for mark in program.marks()]
    return rule.compiler is not None or any(RULES[one].severity is Severity.ERROR for one in codes)


def _with_comparison(program: Block, rule: Rule) -> str:
    return program.text + SAME + COMPARISON if rule.target is Target.TRACE else program.text


def _words(verdict: Verdict, rule: Rule) -> str:
    if rule.target is not Target.TRACE:
        return "" if verdict.verdict == "ok" else verdict.words
    raised = [] if verdict.error in (None, "AssertionError") else [verdict.words]
    return "\n".join([*verdict.warnings, *raised])
