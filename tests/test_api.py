"""What programs may call: documented, typed, frozen, and not loaded before it is used."""

from __future__ import annotations

import dataclasses
import doctest
import subprocess
import sys
from pathlib import Path

import pytest

import scriptlint
from scriptlint import api

ROOT = Path(__file__).parent.parent
NET = "import torch\nfrom torch import nn\nclass Net(nn.Module):\n    def forward(self, x):\n        return (lambda y: y)(x)\n"


def test_the_page_is_true(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = doctest.testfile(str(ROOT / "docs" / "api.md"), module_relative=False)
    assert done.attempted > 10
    assert done.failed == 0


def test_importing_loads_nothing() -> None:
    program = "import sys; before = set(sys.modules); import scriptlint; print(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    assert [one for one in loaded if one.startswith("scriptlint")] == ["scriptlint", "scriptlint.version"]
    assert {one.partition(".")[0] for one in loaded} <= {"scriptlint", *sys.stdlib_module_names}
    program = (
        "import scriptlint, sys; scriptlint.lint_source(''); print('torch' in sys.modules, 'click' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False False\n"


def test_the_names() -> None:
    assert set(scriptlint.__all__) == {*api.__all__, "__version__"}
    assert all(getattr(scriptlint, name) is not None for name in scriptlint.__all__)
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    assert all(f"scriptlint.{name}" in page for name in ("lint_source", "lint_paths", "judge", "ScriptlintError"))
    with pytest.raises(AttributeError, match="has no attribute `lint_sources`"):
        _ = scriptlint.lint_sources
    for name in api.__all__:
        made = getattr(api, name)
        if dataclasses.is_dataclass(made):
            assert made.__dataclass_params__.frozen, name  # type: ignore[attr-defined]


def test_files_are_found_and_settings_hold(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(NET)
    report = scriptlint.lint_paths([tmp_path])
    assert [(one.code, one.location.path) for one in report.findings] == [("SL120", str(tmp_path / "net.py"))]
    (tmp_path / "scriptlint.toml").write_text("ignore = ['SL120']\n")
    assert scriptlint.lint_paths([tmp_path]).findings == ()
    assert len(scriptlint.lint_paths([tmp_path], isolated=True).findings) == 1
    (tmp_path / "scriptlint.toml").write_text("ignroe = ['SL120']\n")
    with pytest.raises(scriptlint.ScriptlintError, match="unknown setting `ignroe`"):
        scriptlint.lint_paths([tmp_path])


@pytest.mark.parametrize(
    ("target", "problem"),
    [("missing.py", "there is no such file"), ("net.py::Nit", "no `Nit`"), ("net.py::Net(", "cannot be evaluated")],
)
def test_what_cannot_be_judged(tmp_path: Path, target: str, problem: str) -> None:
    (tmp_path / "net.py").write_text(NET)
    with pytest.raises(scriptlint.ScriptlintError, match=problem.replace("(", r"\(")):
        scriptlint.judge(tmp_path / target)


def test_half_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    report = scriptlint.lint_source(NET + "def half(\n", "net.py", isolated=True)
    assert {one.code for one in report.findings} == {"SL120", "SL901"}
    with pytest.raises(scriptlint.ScriptlintError, match="this is not Python"):
        scriptlint.judge("net.py", source=NET + "def half(\n", isolated=True)


def test_typed_for_those_who_use_it(tmp_path: Path) -> None:
    program = tmp_path / "use.py"
    program.write_text(
        "import scriptlint\n\n\ndef rows(text: str) -> list[int]:\n"
        "    return [one.location.row for one in scriptlint.lint_source(text).findings]\n\n\n"
        "wrong: int = scriptlint.judge('net.py')[0].script\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file", "", str(program)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Found 1 error" in done.stdout, done.stdout
    assert 'has type "str", variable has type "int"' in done.stdout
