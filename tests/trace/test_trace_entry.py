"""How a trace is asked for: the ONNX exporter, and files whose warnings torch hides."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

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
    for options, codes in (([], []), (["--select", "SL861"], ["SL861"]), (["--notes"], ["SL861"])):
        run(["check", "--isolated", "--no-cache", "--output-format", "json", *options, str(path)])
        found = json.loads(capsys.readouterr().out)  # type: ignore[attr-defined]  # the fixture of pytest
        assert [one["code"] for one in found] == codes


BAKED = """
import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        return x + torch.arange(x.shape[-1], device=x.device, dtype=x.dtype)


model = Net()
traced = torch.jit.trace(model, torch.ones(2, 3))
"""
MOVES = {
    "the trace": "traced.to('meta')",
    "the trace to a device": "device = torch.device('meta')\ntraced = traced.eval().to(device)",
    "the archive": "traced.save('net.pt')\nloaded = torch.jit.load('net.pt', map_location='meta')",
}


def test_baked_dtypes_and_devices_are_printed_on_request(tmp_path: Path, capsys: object) -> None:
    path = tmp_path / "model.py"
    path.write_text(BAKED)
    for options, codes in (
        ([], set()),
        (["--notes"], {"SL845", "SL846"}),
        (["--output-format", "json"], {"SL845", "SL846"}),
    ):
        assert run(["check", "--isolated", "--no-cache", *options, str(path)]) == 0
        text = capsys.readouterr().out  # type: ignore[attr-defined]  # the fixture of pytest
        assert set(re.findall(r"\bSL84\d", text)) == codes
    (tmp_path / "scriptlint.toml").write_text("notes = true\n")
    run(["check", "--no-cache", str(path)])
    assert "SL845" in capsys.readouterr().out  # type: ignore[attr-defined]  # the fixture of pytest


@pytest.mark.parametrize("move", MOVES)
def test_a_baked_device_is_a_warning_where_the_code_moves_the_model(tmp_path: Path, judge: Judge, move: str) -> None:
    program = BAKED + MOVES[move] + "\n"
    found = [one for one in findings(program, tmp_path) if one.severity == "warning"]
    assert [(one.code, one.row) for one in found] == [("SL846", 8)]
    verdict = judge.run(program + "globals().get('loaded', traced)(torch.ones(2, 3, device='meta'))\n")
    assert verdict.verdict == "refused", verdict.words


@pytest.mark.parametrize(
    "line", ["model.half()", "other = Net().to('meta')", "traced.to(torch.float64)", "torch.ones(3).to('meta')"]
)
def test_a_baked_device_is_a_note_where_nothing_moves_the_model(tmp_path: Path, line: str) -> None:
    program = BAKED.replace("model = Net()", f"model = Net()\n{line.replace('traced.', 'model.')}")
    assert {one.severity for one in findings(program, tmp_path)} == {"note"}


def test_what_a_trace_refuses_is_refused_where_nothing_traces_it(tmp_path: Path, capsys: object) -> None:
    path = tmp_path / "model.py"
    path.write_text(DICTIONARY)
    run(["modules", "--isolated", "--no-cache", "--output-format", "json", str(path)])
    (module,) = json.loads(capsys.readouterr().out)["modules"]  # type: ignore[attr-defined]  # the fixture of pytest
    assert module["trace"]["verdict"] == "refused"


EINOPS = """
import torch
from einops import pack, rearrange, repeat, unpack
from einops.layers.torch import Rearrange
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.heads = 2
        self.split = Rearrange("b n d -> b d n")

    def forward(self, x):
        y = rearrange(x, "b n (h d) -> b h n d", h=self.heads)
        z = repeat(self.split(x), "b d n -> (r b) d n", r=y.shape[0])
        packed, shapes = pack([z, z], "* d n")
        first, _ = unpack(packed, shapes, "* d n")
        if {test}:
            return first
        return first * 2


torch.jit.trace(Net(), torch.ones(1, 2, 4))
"""


@pytest.mark.parametrize(
    ("test", "code"),
    [("self.heads > 1", None), ("first.shape[0] > 1", "SL802"), ("y.sum() > 0", "SL801"), ("z.max() > 0", "SL801")],
)
def test_what_einops_gives_follows_the_input(tmp_path: Path, test: str, code: str | None) -> None:
    found = [one.code for one in findings(EINOPS.replace("{test}", test), tmp_path) if one.severity != "note"]
    assert found == ([code] if code else [])


OPTIONAL = """
from torch import nn


class Net(nn.Module):
    def pair(self, x, state):
        return (x, x.sum()) if state is None else state

    def forward(self, x, state=None, **options):
        first, second = self.pair(x, state)
        if options.get("deep") is None and second > 0:
            return first
        return -first
"""


def test_optional_arguments_are_followed_as_they_are_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "net.py").write_text(OPTIONAL)
    run(["modules", str(tmp_path / "net.py"), "--output-format", "json", "--isolated"])
    trace = json.loads(capsys.readouterr().out)["modules"][0]["trace"]
    assert [(one["code"], one["location"]["row"]) for one in trace["hazards"]] == [("SL801", 11)]
