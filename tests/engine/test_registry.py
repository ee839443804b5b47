"""The registry: all rules, found without the cost of what they judge with."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import scriptlint.diag
from scriptlint.engine import registry, rules

PACKAGE = Path(scriptlint.diag.__file__).parent.parent


def makes_a_rule(value: ast.expr | None) -> bool:
    """Whether this is a call that is given a code: `Rule` or a helper over it."""
    if not isinstance(value, ast.Call):
        return False
    given = [*value.args, *(keyword.value for keyword in value.keywords)]
    return any(isinstance(one, ast.Constant) and re.fullmatch(r"SL\d{3}", str(one.value)) for one in given)


def declaring_modules() -> set[str]:
    """The modules in whose source a constant is a rule."""
    found = set()
    for path in PACKAGE.rglob("*.py"):
        for statement in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(statement, (ast.Assign, ast.AnnAssign)) and makes_a_rule(statement.value):
                parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
                found.add(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return found


def test_a_rule_is_declared_in_a_listed_module_and_a_listed_module_declares_one() -> None:
    assert sorted(registry.RULE_MODULES) == sorted(declaring_modules())


def test_codes_and_names_are_well_formed() -> None:
    for code, rule in registry.all_rules().items():
        assert code == rule.code
        assert len(code) == 5
        assert code.startswith("SL")
        assert code[2:].isdigit()
        assert rule.name == rule.name.lower().replace("_", "-")
        assert not rule.name.startswith("no-")


def test_rules_are_in_the_order_of_their_codes() -> None:
    assert list(registry.all_rules()) == sorted(registry.all_rules())


@pytest.mark.parametrize(("code", "name"), [("SL900", "another-name"), ("SL999", "unreadable-file")])
def test_an_identity_given_twice_is_refused(monkeypatch: pytest.MonkeyPatch, code: str, name: str) -> None:
    twin = type(rules.UNREADABLE_FILE)(code, name, rules.UNREADABLE_FILE.severity, rules.UNREADABLE_FILE.target, "x")
    monkeypatch.setattr(rules, "TWIN", twin, raising=False)
    with pytest.raises(registry.BrokenRegistry, match=f"SL900 unreadable-file and {code} {name}"):
        registry.collect(("scriptlint.engine.rules",))


def test_find() -> None:
    assert registry.find("sl901") is rules.SYNTAX_ERROR
    assert registry.find("Syntax-Error") is rules.SYNTAX_ERROR
    assert registry.find("SL90") is None


def test_knowing_all_rules_needs_neither_libcst_nor_torch() -> None:
    program = (
        "import sys; from scriptlint.engine.registry import all_rules; assert all_rules();"
        "print(sorted({'libcst', 'torch', 'rich', 'click'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=PACKAGE.parent, check=True
    )
    assert done.stdout.strip() == "[]"
