"""Whole programs and what the fixes make of them, held against the real torch: `programs.md`."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

import pytest

from scriptlint.cli import run
from tests import dialect
from tests.judge import Judge
from tests.pages.same import EAGER, SAME

DOCUMENT = dialect.read(Path(__file__).with_name("programs.md"))


def programs(title: str) -> list[str]:
    section = DOCUMENT.section(title)
    assert section is not None
    return [one.text for one in section.programs()]


def fixed(folder: Path, text: str, options: list[str]) -> str:
    path = folder / "model.py"
    path.write_text(text, encoding="utf-8")
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        run(["check", "--isolated", "--no-cache", "--fix-only", *options, str(path)])
    return path.read_text(encoding="utf-8")


CASES = [("Safe", [], text) for text in programs("Safe")]
CASES += [("Unsafe", ["--unsafe-fixes"], text) for text in programs("Unsafe")]


@pytest.mark.parametrize(
    ("options", "text"), [case[1:] for case in CASES], ids=[f"{case[0]}-{i}" for i, case in enumerate(CASES)]
)
def test_a_program_is_repaired(options: list[str], text: str, judge: Judge, tmp_path: Path) -> None:
    assert judge.run(text).verdict != "ok"
    after = fixed(tmp_path, text, options)
    compiled = judge.run(after)
    assert compiled.verdict == "ok", f"{after}\n{compiled.words}"
    eager = judge.run(EAGER.format(same=SAME, before=text, after=after))
    assert eager.verdict == "ok", f"{after}\n{eager.words}"
    assert fixed(tmp_path, after, options) == after


@pytest.mark.parametrize("text", programs("Left"))
def test_a_program_is_left(text: str, judge: Judge, tmp_path: Path) -> None:
    assert judge.run(text).verdict != "ok"
    assert fixed(tmp_path, text, ["--unsafe-fixes"]) == text


@pytest.mark.parametrize("text", programs("Not safe"))
def test_a_program_is_not_changed_by_safe_fixes(text: str, tmp_path: Path) -> None:
    assert fixed(tmp_path, text, []) == text
    assert fixed(tmp_path, text, ["--unsafe-fixes"]) != text
