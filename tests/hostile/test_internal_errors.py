"""An error of scriptlint's own costs one piece of work, is reported, and can be shown whole."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scriptlint.cli import run
from scriptlint.engine import analysis, store
from scriptlint.evaluate.evaluator import Evaluator
from scriptlint.instances.machine import Machine
from scriptlint.program.classes import Classes
from scriptlint.script import decorated, frontend, saving
from scriptlint.script.infer.unit import Unit
from scriptlint.script.judge import Judge
from scriptlint.syntax import parse as parsing
from scriptlint.trace import remains
from scriptlint.trace.flow import Flow

# Each phase of the run meets something here that has `victim` in its name.
VICTIM = """\
import torch
from torch import nn


def victim_helper(x):
    return x


class Victim(nn.Module):
    def forward(self, x):
        return victim_helper(x)

    def victim_method(self, x):
        return x

    @torch.jit.export
    def size(self, x):
        return x


class Plain(nn.Module):
    def __init__(self):
        super().__init__()
        self.victim_number = 3

    def forward(self, x):
        return x


scripted = torch.jit.script(Victim())
scripted.victim_method(1)
torch.save(scripted, "victim.pt")
traced = torch.jit.trace(Plain(), torch.rand(2))
print(traced.victim_number)
traced.forward(torch.rand(2))
"""

OTHER = """\
import torch


def other(x):
    return +x


torch.jit.script(other)
"""


class Bug(Exception):
    """What the tests make scriptlint raise."""


def _break(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> None:
    """Make a function raise for everything that lies in `victim.py`."""
    real: Callable[..., Any] = getattr(owner, name)

    def broken(*arguments: Any, **keywords: Any) -> Any:
        if any("victim" in _place(one) for one in (*arguments, *keywords.values())):
            raise Bug("on purpose")
        return real(*arguments, **keywords)

    monkeypatch.setattr(owner, name, broken)


def _place(value: Any) -> str:
    """Return the file that an argument is about, or its text; empty for what has none."""
    for name in ("function", "cls", "module", "value"):
        inner = getattr(value, name, None)
        if inner is not None and not isinstance(inner, str) and not callable(inner):
            return _place(inner)
    path = getattr(value, "path", value)
    return path if isinstance(path, str) else ""


def _check(folder: Path, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, set[tuple[str, str]], str]:
    code = run(["check", "--isolated", "--output-format", "json", *options, str(folder)])
    printed = capsys.readouterr()
    return code, {(Path(one["filename"]).name, one["code"]) for one in json.loads(printed.out)}, printed.err


PHASES = [
    (parsing, "lower"),
    (store, "ModuleInfo"),
    (Machine, "run_module"),
    (Evaluator, "construct"),
    (Classes, "_linearise"),
    (frontend, "check"),
    (Unit, "run"),
    (Judge, "object"),
    (Flow, "root"),
    (saving, "note_archive"),
    (saving, "check_call"),
    (saving, "check_read"),
    (remains, "check_call"),
    (remains, "check_read"),
    (decorated, "check"),
    (decorated, "check_use"),
]


@pytest.mark.parametrize(("owner", "name"), PHASES, ids=[f"{one.__name__}.{name}" for one, name in PHASES])
def test_an_error_in_any_phase_is_reported_and_costs_no_other_file(
    owner: Any, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tmp_path = tmp_path / "project"
    tmp_path.mkdir()
    (tmp_path / "victim.py").write_text(VICTIM)
    (tmp_path / "other.py").write_text(OTHER)
    _break(monkeypatch, owner, name)
    code, found, errors = _check(tmp_path, capsys, "--no-cache")
    assert code == 2
    assert ("victim.py", "SL902") in found
    assert ("other.py", "SL126") in found
    assert "Traceback" not in errors
    monkeypatch.setenv("SCRIPTLINT_TRACEBACK", "1")
    _, again, errors = _check(tmp_path, capsys, "--no-cache")
    assert again == found
    assert "Traceback" in errors
    assert "Bug: on purpose" in errors
    assert "in broken" in errors


def test_a_run_with_an_error_is_not_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "victim.py").write_text(VICTIM)
    cache = ["--cache-dir", str(tmp_path / "cache")]
    with monkeypatch.context() as patched:
        _break(patched, saving, "check_call")
        assert ("victim.py", "SL902") in _check(tmp_path, capsys, *cache)[1]
    code, found, _ = _check(tmp_path, capsys, *cache)
    assert code == 1
    assert ("victim.py", "SL902") not in found
    assert ("victim.py", "SL711") in found


TWO_USERS = """\
import torch
from torch import nn


def victim(x):
    return other(x)


def other(x):
    return +x


class First(nn.Module):
    def forward(self, x):
        return victim(x)


class Second(nn.Module):
    def forward(self, x):
        return victim(x)
"""


@pytest.mark.parametrize("owner", [Unit, Flow, Machine])
def test_half_of_a_judgement_is_not_remembered(
    owner: type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What failed for the first class that uses it is no silence about the second one."""
    path = tmp_path / "model.py"
    path.write_text(TWO_USERS)
    name = {Unit: "run", Flow: "_summarise", Machine: "configurations"}[owner]
    real = getattr(owner, name)
    failed: list[bool] = []

    def once(self: Any, *arguments: Any) -> Any:
        function = self.function if isinstance(self, Unit) else arguments[0]
        if function.node.name in ("victim", "First") and not failed:
            failed.append(True)
            raise Bug("on purpose")
        return real(self, *arguments)

    monkeypatch.setattr(owner, name, once)
    run(["modules", "--isolated", "--no-cache", "--output-format", "json", str(path)])
    first, second = json.loads(capsys.readouterr().out)["modules"]
    assert failed
    assert (first["script"]["verdict"], first["trace"]["verdict"]) == ("unknown", "unknown")
    assert "on which scriptlint failed" in json.dumps(first)
    assert (second["script"]["verdict"], second["trace"]["verdict"]) == ("blocked", "faithful")


def test_an_object_that_is_asked_for_by_name_and_breaks_us_is_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "victim.py").write_text(VICTIM)
    _break(monkeypatch, Evaluator, "construct")
    target = f"{tmp_path / 'victim.py'}::Victim()"
    code = run(["modules", "--isolated", "--no-cache", "--output-format", "json", target])
    printed = capsys.readouterr()
    (verdict,) = json.loads(printed.out)["modules"]
    assert code == 2
    assert verdict["script"]["verdict"] == "unknown"
    assert "scriptlint failed on this file: Bug: on purpose" in printed.err


def test_findings_that_preceded_the_error_in_its_piece_are_taken_back() -> None:
    report = analysis.Report()

    def half() -> None:
        report.report(saving.LOADED_IN_PLACE, analysis.Span("a.py", 0, 1))
        raise Bug("on purpose")

    analysis.guard(report, "a.py", half)
    assert [one.code for one in report.diagnostics] == ["SL902"]
