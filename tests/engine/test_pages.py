"""Pages of rules are found where an installation has them."""

from pathlib import Path

import pytest

from scriptlint.diag import pages
from scriptlint.engine.registry import all_rules


def test_the_tool_s_own_rules_have_pages_that_carry_their_names() -> None:
    own = [rule for code, rule in all_rules().items() if code.startswith("SL9")]
    for rule in own:
        text = pages.read(rule.code)
        assert text is not None
        assert text.startswith(f"# {rule.code} {rule.name}\n")
        assert pages.pages()[rule.code].name == f"{rule.code}-{rule.name}.md"


def test_the_package_s_own_folder_is_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for top in ("pkg/rules", "rules"):
        family = tmp_path / top / "tool"
        family.mkdir(parents=True)
        (family / "SL901-syntax-error.md").write_text(top)
        (family / "notes.md").touch()
    (tmp_path / "pkg/diag").mkdir()
    monkeypatch.setattr(pages, "__file__", str(tmp_path / "pkg/diag/pages.py"))
    assert pages.read("SL901") == "pkg/rules"
    assert list(pages.pages()) == ["SL901"]
    monkeypatch.setattr(pages, "__file__", str(tmp_path / "nowhere/diag/pages.py"))
    assert pages.read("SL901") == "rules"
    monkeypatch.setattr(pages, "__file__", str(tmp_path / "a/b/c/d.py"))
    assert pages.read("SL901") is None
