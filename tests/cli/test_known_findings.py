"""`scriptlint baseline` and `check --baseline`, on a project that is linted for real."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from scriptlint.cli import run

NET = """\
import torch


@torch.jit.script
def first(x, *, n: int = 1):
    return x


def traced(x):
    if x.sum() > 0:
        return x
    return -x


torch.jit.trace(traced, torch.ones(2))
"""
MORE = "\n\n@torch.jit.script\ndef second(x, *, n: int = 1):\n    return x\n"
Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.py").write_text(NET)
    (tmp_path / "pyproject.toml").write_text("[tool.scriptlint]\n")

    def call(*args: str) -> tuple[int, str, str]:
        code = run([*args, "--no-cache"])
        out, err = capsys.readouterr()
        return code, out, err

    return call


def test_growth_fails_and_nothing_else_does(call: Call) -> None:
    assert call("net.py")[0] == 1
    assert call("baseline") == (0, "scriptlint-baseline.json has 2 findings.\n", "")
    Path("pyproject.toml").write_text('[tool.scriptlint]\nbaseline = "scriptlint-baseline.json"\n')
    code, out, _ = call()
    assert (code, out.splitlines()[:2]) == (
        0, ["Nothing new was found.", "2 findings are known from the baseline and not shown."]
    )  # fmt: skip
    Path("net.py").write_text("# moved\n" * 7 + NET + MORE)
    code, out, _ = call("--output-format", "concise")
    assert code == 1
    assert out.splitlines()[0].startswith("net.py:26:27: error SL141")
    assert "Found 1 error in 1 file." in out
    assert [one["code"] for one in json.loads(call("--output-format", "json")[1])] == ["SL141"]


def test_sarif_has_all_with_their_state(call: Call) -> None:
    call("baseline")
    Path("net.py").write_text(NET + MORE)
    out = call("--baseline", "scriptlint-baseline.json", "--output-format", "sarif")[1]
    results = json.loads(out)["runs"][0]["results"]
    assert [(one["ruleId"], one["baselineState"]) for one in results] == [
        ("SL141", "unchanged"), ("SL801", "unchanged"), ("SL141", "new"),
    ]  # fmt: skip
    without = json.loads(call("--output-format", "sarif")[1])["runs"][0]["results"]
    assert all("baselineState" not in one for one in without)


def test_update_and_prune(call: Call) -> None:
    call("baseline")
    Path("net.py").write_text(NET.replace("*, ", "") + MORE)
    stale = "1 entry of the baseline found less than before; `scriptlint baseline --prune` takes that over."
    assert stale in call("--baseline", "scriptlint-baseline.json")[1]
    assert stale not in call("--baseline", "scriptlint-baseline.json", "--select", "SL8")[1]
    assert call("baseline", "--prune")[1] == "scriptlint-baseline.json has 1 finding, -1.\n"
    assert call("baseline", "--prune")[1] == "scriptlint-baseline.json has 1 finding, as before.\n"
    assert call("baseline", "--update")[1] == "scriptlint-baseline.json has 2 findings, +1.\n"
    assert call("--baseline", "scriptlint-baseline.json")[0] == 0


def test_what_is_there_is_not_replaced(call: Call) -> None:
    Path("known.json").write_text("mine")
    assert call("baseline", "--baseline", "known.json") == (
        2, "", "scriptlint: known.json is there already; --update takes over what is found now, --prune what is gone\n"
    )  # fmt: skip
    assert call("baseline", "--baseline", "known.json", "--update") == (
        2, "", "scriptlint: known.json: this is not a baseline: JSON is malformed: invalid character (byte 0)\n"
    )  # fmt: skip
    assert Path("known.json").read_text() == "mine"
    assert call("--baseline", "none.json") == (
        2, "", "scriptlint: none.json: there is no such baseline; `scriptlint baseline` writes one\n"
    )  # fmt: skip
    assert call("baseline", "--update", "--prune")[0] == 2


@pytest.mark.parametrize("path", ["../known.json", "/tmp/known.json", "~/known.json", "a/../../b"])
def test_settings_cannot_name_a_file_elsewhere(call: Call, path: str) -> None:
    Path("scriptlint.toml").write_text(f'baseline = "{path}"\n')
    said = "scriptlint: scriptlint.toml:1: `baseline` must be a file below the folder of this file\n"
    assert call("baseline") == (2, "", said)


def test_a_file_that_cannot_be_judged_is_said(call: Call) -> None:
    Path("bad.py").write_text("def f(:\n")
    code, _, err = call("baseline")
    assert (code, err) == (2, "scriptlint: bad.py: this file cannot be judged\n")
    assert call("--baseline", "scriptlint-baseline.json")[0] == 2


def test_severities(call: Call) -> None:
    def severities(*args: str) -> dict[str, str]:
        return {one["code"]: one["severity"] for one in json.loads(call(*args, "--output-format", "json")[1])}

    assert severities() == {"SL141": "error", "SL801": "warning"}
    assert severities("--error-on-warning") == {"SL141": "error", "SL801": "error"}
    Path("scriptlint.toml").write_text(
        'severity = { SL1 = "warning", tensor-dependent-branch = "note", SL141 = "note" }\n'
    )
    assert severities() == {"SL141": "note", "SL801": "note"}
    assert call()[0] == 0
    assert severities("--error-on-warning") == {"SL141": "note", "SL801": "note"}
    Path("scriptlint.toml").write_text('severity = { ALL = "warning", SL80 = "error" }\n')
    assert severities() == {"SL141": "warning", "SL801": "error"}
    Path("bad.py").write_text("def f(:\n")
    assert severities()["SL901"] == "error"
    for text, said in (
        ('severity = { SL1411 = "note" }', "unknown rule `SL1411` in `severity`; did you mean `SL141`?"),
        ('severity = { SL1 = "fatal" }', '`severity` must be a table in which `SL1` is one of "error", "warning", "note", not "fatal"'),
        ("severity = 1", "`severity` must be a table from rules to severities, not the number 1"),
    ):  # fmt: skip
        Path("scriptlint.toml").write_text(text + "\n")
        assert call() == (2, "", f"scriptlint: scriptlint.toml:1: {said}\n")


def test_a_normal_note_that_is_made_a_warning_is_reported(call: Call) -> None:
    program = "import torch\n\n\ndef f(x):\n    return x.to(torch.float16) + torch.zeros(2, dtype=x.dtype)\n\n\ntorch.jit.trace(f, torch.ones(2))\n"
    Path("net.py").write_text(program)
    quiet = {one["code"] for one in json.loads(call("--notes", "--output-format", "json")[1])} & {
        "SL845",
        "SL846",
        "SL847",
    }
    assert quiet
    assert not any(code in call("--output-format", "concise")[1] for code in quiet)
    Path("scriptlint.toml").write_text('severity = { SL84 = "warning" }\n')
    code, out, _ = call("--output-format", "concise")
    assert code == 1
    assert all(one in out for one in quiet)
