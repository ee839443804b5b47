"""How a trace is asked for: the ONNX exporter, and files whose warnings torch hides."""

from __future__ import annotations

import json
from pathlib import Path

from scriptlint.cli import run
from tests.judge import Judge
from tests.linter import findings

EXPORTED = """
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout()

    def forward(self, x, scale: int, mask=None):
        if torch.onnx.is_in_onnx_export():
            return {"y": self.drop(x) * scale}
        if x.sum() > 0:
            return 3
        return x


torch.onnx.export(Net(), (torch.ones(2), 2), "net.onnx", dynamo=False)
"""
HIDDEN = """
import torch


def model(x):
    if x.sum() > 0:
        return x
    return -x


torch.jit.trace(model, torch.ones(2))
"""
WARNED = """
import subprocess, sys

done = subprocess.run([sys.executable, "-c", "import {name}"], cwd={folder!r}, capture_output=True, text=True, check=True)
assert ("Python boolean" in done.stderr) is {shown}
"""


def test_the_exporter_puts_the_model_in_eval_mode_and_returns_what_it_likes(tmp_path: Path) -> None:
    assert findings(EXPORTED, tmp_path) == []


def test_a_file_whose_name_begins_with_torch_is_told_that_its_warnings_are_hidden(
    tmp_path: Path, judge: Judge, capsys: object
) -> None:
    for name, hidden in (("torch_models", True), ("my_torch", False)):
        path = tmp_path / f"{name}.py"
        path.write_text(HIDDEN)
        run(["check", "--isolated", "--no-cache", "--output-format", "json", str(path)])
        (found,) = json.loads(capsys.readouterr().out)  # type: ignore[attr-defined]  # the fixture of pytest
        assert ["hides" in one["message"] for one in found["labels"]] == [True] * hidden
        program = WARNED.format(folder=str(tmp_path), name=name, shown=not hidden)
        verdict = judge.run(program)
        assert verdict.verdict == "ok", verdict.words


OMITTED = """
import torch


def model(x, mask=None):
    return x if mask is None else x * mask


torch.jit.trace(model, torch.ones(2))
"""
DICTIONARY = """
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        return {"y": x}
"""


def test_an_argument_that_no_call_gives_is_a_note_for_those_who_select_rules(tmp_path: Path, capsys: object) -> None:
    path = tmp_path / "model.py"
    path.write_text(OMITTED)
    for options, codes in (([], []), (["--select", "SL861"], ["SL861"])):
        run(["check", "--isolated", "--no-cache", "--output-format", "json", *options, str(path)])
        found = json.loads(capsys.readouterr().out)  # type: ignore[attr-defined]  # the fixture of pytest
        assert [one["code"] for one in found] == codes


def test_what_a_trace_refuses_is_refused_where_nothing_traces_it(tmp_path: Path, capsys: object) -> None:
    path = tmp_path / "model.py"
    path.write_text(DICTIONARY)
    run(["modules", "--isolated", "--no-cache", "--output-format", "json", str(path)])
    (module,) = json.loads(capsys.readouterr().out)["modules"]  # type: ignore[attr-defined]  # the fixture of pytest
    assert module["trace"]["verdict"] == "refused"
