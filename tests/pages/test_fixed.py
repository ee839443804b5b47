"""The section Fixed of a page: what the rule's own fixes make of its Bad programs, to the letter.

Each program of it compiles, gives the same as the Bad one for the page's `example` where nothing is compiled, and is
left as it is by a second run. A Bad program that can be fixed therefore names its callable `model` and its inputs
`example`.
"""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest

from scriptlint.cli import run
from scriptlint.diag import Fixable, Target
from scriptlint.diag.pages import pages
from scriptlint.engine.registry import all_rules
from tests import dialect
from tests.judge import Judge
from tests.pages.same import COMPARISON, EAGER, SAME

RULES = {code: rule for code, rule in all_rules().items() if rule.fixable is not Fixable.NEVER}
FIXABLE = pytest.mark.parametrize("code", list(RULES), ids=[f"{code}-{rule.name}" for code, rule in RULES.items()])

_MARK = re.compile(r"[ \t]*# error(?:: \[[^\]]*\])?$", re.M)


def fixed(program: str, code: str, folder: Path, *more: str) -> str:
    """A program after the fixes of one rule."""
    path = folder / "model.py"
    path.write_text(program, encoding="utf-8")
    options = ["--isolated", "--no-cache", "--fix-only", "--unsafe-fixes", "--fixable", code, *more]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()) as said:
        assert run(["check", *options, str(path)]) == 0, said.getvalue()
    return path.read_text(encoding="utf-8")


@FIXABLE
def test_fixed_is_what_the_fixer_makes(code: str, judge: Judge, tmp_path: Path) -> None:
    page = dialect.read(pages()[code])
    bad = page.section("Bad")
    assert bad is not None
    plain = [_MARK.sub("", one.text) for one in bad.programs()]
    pairs = [(before, after) for before in plain if (after := fixed(before, code, tmp_path)) != before]
    assert pairs, "no Bad program of the page is fixed"
    if RULES[code].fixable is Fixable.ALWAYS:
        assert len(pairs) == len(plain), "a Bad program of a rule that is always fixable is not fixed"
    if dialect.BLESS:
        page.store_fixed([after for _, after in pairs])
    section = dialect.read(pages()[code]).section("Fixed")
    assert section is not None
    assert [one.text for one in section.programs()] == [after for _, after in pairs], "SCRIPTLINT_BLESS=1 stores it"
    is_safe = all(fixed(before, code, tmp_path, "--no-unsafe-fixes") == after for before, after in pairs)
    assert is_safe or page.section("Fix safety") is not None, "the page does not say what the fix may change"
    for before, after in pairs:
        assert fixed(after, code, tmp_path) == after, "a second run changes it again"
        if RULES[code].target is Target.TOOL:
            continue
        is_traced = RULES[code].target is Target.TRACE
        compiled = judge.run(after + SAME + COMPARISON if is_traced else after)
        assert compiled.verdict == "ok", compiled.words
        eager = judge.run(EAGER.format(same=SAME, before=before, after=after))
        assert eager.verdict == "ok", eager.words
