"""Fixes together: every rule's own example in one file with others, in any order."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scriptlint.cli import run
from scriptlint.diag import Fixable, Target
from scriptlint.diag.pages import pages
from scriptlint.engine.registry import all_rules
from scriptlint.syntax.parse import parse
from tests import dialect


def examples() -> dict[str, list[str]]:
    """The programs that fixes change, as definitions without imports and roots; by rule."""
    found: dict[str, list[str]] = {}
    for code, rule in all_rules().items():
        if rule.fixable is Fixable.NEVER or rule.target is not Target.SCRIPT:
            continue
        section = dialect.read(pages()[code]).section("Bad")
        assert section is not None
        found[code] = [one.text for one in section.programs() if "example = " in one.text]
    return found


EXAMPLES = [(code, text) for code, texts in examples().items() for text in texts]
_IMPORT = re.compile(r"^(?:import|from) .*\n", re.M)


def together(chosen: list[tuple[str, str]]) -> str:
    """One file with these programs: the imports of all, then each with names of its own and a comment on every `def`."""
    imports = sorted({line for _, text in chosen for line in _IMPORT.findall(text)})
    parts = []
    for number, (_, text) in enumerate(chosen):
        body = _IMPORT.sub("", text).strip("\n")
        for name in re.findall(r"^(?:class |def |(?=[A-Z]+ =))(\w+)", body, re.M):
            body = re.sub(rf"(?<![.\w]){name}\b", f"{name}{number}", body)
        parts.append(re.sub(r":$", f":  # kept {number}", body, flags=re.M))
    return "".join(imports) + "\n\n" + "\n\n\n".join(parts) + "\n"


def fixed(folder: Path, text: str, code: int = 0) -> str:
    """The file after all fixes."""
    path = folder / "together.py"
    path.write_text(text, encoding="utf-8")
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()) as said:
        assert run(["check", "--isolated", "--no-cache", "--fix-only", "--unsafe-fixes", str(path)]) == code, said
    assert not said.getvalue(), said.getvalue()
    return path.read_text(encoding="utf-8")


def comments(text: str) -> list[str]:
    """All but type comments, which some rules are about."""
    return sorted(one.text for one in parse(text)[1] if "type" not in one.text)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(EXAMPLES), min_size=2, max_size=6))
def test_fixes_go_together(tmp_path: Path, chosen: list[tuple[str, str]]) -> None:
    before = together(chosen)
    after = fixed(tmp_path, before)
    assert comments(after) == comments(before), "a comment is lost"
    assert fixed(tmp_path, after) == after, "a second run changes it again"
    path = tmp_path / "together.py"
    with contextlib.redirect_stdout(io.StringIO()) as out:
        run(["check", "--isolated", "--no-cache", "--output-format", "concise", "--quiet", str(path)])
    left = [line for line in out.getvalue().splitlines() if re.search(r": \w+ SL[1-6]\d\d", line)]
    assert left == []


@pytest.mark.parametrize(("code", "text"), EXAMPLES, ids=[code for code, _ in EXAMPLES])
def test_what_lies_outside_of_a_fix_stays(code: str, text: str, tmp_path: Path) -> None:
    odd = "# -*- coding: utf-8 -*-\n" + text + "\n\nx  =  {1:2 ,\n  3 :4}   # odd, and kept\n"
    after = fixed(tmp_path, odd)
    assert after != odd
    assert after.endswith("\n\nx  =  {1:2 ,\n  3 :4}   # odd, and kept\n")
    assert after.startswith("# -*- coding: utf-8 -*-\n")
