"""The tutorial in examples/: what scriptlint says of each file, held against the code that the real torch made."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scriptlint.cli import run
from tests.judge import Judge, Verdict

EXAMPLES = Path(__file__).parent.parent / "examples"
MODELS = {"models.py": (EXAMPLES / "models.py").read_text()}
BRANCH = "if bool(torch.gt(torch.sum(x), 0)):"
LOOP = "for i in range(torch.size(xs, 0)):"


def said(*names: str, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """The findings in these files of examples/, as JSON."""
    paths = [str(EXAMPLES / name) for name in names]
    run(["check", "--isolated", "--no-cache", "--output-format", "json", *paths])
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return found


def does(judge: Judge, name: str, ask: str) -> Verdict:
    """What torch does with an example; `ask` is code that is appended to it and prints."""
    return judge.run(f"{(EXAMPLES / name).read_text()}\n{ask}\n", others=MODELS, name=name)


def line_of(text: str, name: str) -> int:
    """The row of the line in an example that holds this text."""
    lines = (EXAMPLES / name).read_text().splitlines()
    return next(row for row, line in enumerate(lines, 1) if text in line)


def test_a_traced_cell_loses_the_branch_of_a_plain_gate(judge: Judge, capsys: pytest.CaptureFixture[str]) -> None:
    (finding,) = said("trace_cell.py", capsys=capsys)
    assert finding["code"] == "SL801"
    assert Path(finding["filename"]).name == "models.py"
    assert finding["location"]["row"] == line_of("if x.sum() > 0", "models.py")
    cell, gate = finding["trail"]
    assert "`Cell` is traced here" in cell["message"]
    assert Path(cell["filename"]).name == "trace_cell.py"
    assert "`self.gate`" in gate["message"]
    assert gate["location"]["row"] == line_of("self.gate(self.linear(x))", "models.py")

    torch = does(judge, "trace_cell.py", "print(traced_cell.gate.code)")
    assert "if" not in torch.output
    assert [one for one in torch.warnings if "Converting a tensor to a Python boolean" in one]


@pytest.mark.parametrize(
    ("name", "ask", "kept"),
    [
        ("trace_cell_scripted_gate.py", "print(traced_cell.gate.code)", [BRANCH]),
        ("script_cell.py", "print(scripted_cell.gate.code)", [BRANCH]),
        ("script_loop.py", "print(scripted_loop.code, scripted_loop.cell.gate.code)", [LOOP, BRANCH]),
        ("trace_wrapper.py", "print(traced_wrapper.loop.code, traced_wrapper.loop.cell.gate.code)", [LOOP, BRANCH]),
    ],
)
def test_where_nothing_is_lost_nothing_is_said(
    judge: Judge, capsys: pytest.CaptureFixture[str], name: str, ask: str, kept: list[str]
) -> None:
    assert said(name, capsys=capsys) == []
    torch = does(judge, name, ask)
    assert torch.verdict == "ok"
    assert torch.warnings == []
    for one in kept:
        assert one in torch.output


def test_a_traced_loop_is_unrolled_and_only_we_say_so(judge: Judge, capsys: pytest.CaptureFixture[str]) -> None:
    (finding,) = said("trace_loop.py", capsys=capsys)
    assert finding["code"] == "SL804"
    assert finding["location"]["row"] == line_of("range(xs.size(0))", "models.py")
    assert "`RNNLoop` is traced here" in finding["trail"][0]["message"]

    torch = does(judge, "trace_loop.py", "print(traced_loop.code)")
    assert torch.verdict == "ok"
    assert torch.warnings == []
    assert "for" not in torch.output.replace("forward", "")
    assert torch.output.count("(cell).forward") == 10


def test_models_are_judged_by_what_other_files_do_with_them(capsys: pytest.CaptureFixture[str]) -> None:
    found = said("models.py", capsys=capsys)
    assert [(one["code"], one["trail"][0]["message"]) for one in found] == [
        ("SL801", "`Cell` is traced here"),
        ("SL804", "`RNNLoop` is traced here"),
    ]


ASK_DECORATORS = """
import io

print("record is called as Python:", "^record()(self, x)" in scripted.code)
print("inspect raises:", "ops.prim.RaiseException" in scripted.code)
print("scale is called compiled:", "(self).scale(x, )" in scripted.code)
print("unscale is compiled:", "torch.div(x, 2)" in scripted.unscale.code)
print("unscale gives:", halves.tolist())
try:
    scripted(torch.tensor([float("nan")]))
except torch.jit.Error as error:
    print("at nan:", str(error).splitlines()[-1])
try:
    torch.jit.save(scripted, io.BytesIO())
except RuntimeError as error:
    print("saving:", str(error).strip().splitlines()[0].partition(".")[0])
"""


def test_decorators_that_say_what_is_meant(judge: Judge, capsys: pytest.CaptureFixture[str]) -> None:
    found = [(one["code"], one["location"]["row"]) for one in said("decorators.py", capsys=capsys)]
    assert found == [("SL714", line_of("self.record(x)", "decorators.py"))]  # as torch says below: it cannot be saved
    torch = does(judge, "decorators.py", ASK_DECORATORS)
    assert torch.output.splitlines() == [
        "record is called as Python: True",
        "inspect raises: True",
        "scale is called compiled: True",
        "unscale is compiled: True",
        "unscale gives: [0.5, 0.5]",
        "at nan: RuntimeError: This Python function is annotated to be ignored and cannot be run",
        "saving: Could not export Python function call 'record'",
    ]


def test_decorators_that_are_missing(judge: Judge, capsys: pytest.CaptureFixture[str]) -> None:
    name = "decorators_missing.py"
    found = said(name, capsys=capsys)
    assert [(one["code"], one["severity"], one["location"]["row"]) for one in found] == [
        ("SL203", "warning", line_of("def record", name)),
        ("SL104", "error", line_of("try:", name)),
        ("SL203", "warning", line_of("def inspect", name)),
        ("SL106", "error", line_of("import pdb", name)),
        ("SL201", "error", line_of("scripted.unscale", name)),
    ]
    # The compiler stops at the first of them. Each is met in turn as those before it are mended as `help` says.
    program = (EXAMPLES / name).read_text()
    stops = []
    for method in ("record", "inspect", "unscale"):
        torch = judge.run(program, name=name)
        stops.append((torch.line or torch.statement, torch.message.splitlines()[0].partition(":")[0]))
        word = "export" if method == "unscale" else "unused"
        program = program.replace(f"    def {method}", f"    @torch.jit.{word}\n    def {method}")
    mended = [0, 1, 2]  # lines that the decorators so far have added
    assert stops == [
        (line_of("try:", name) + mended[0], "try blocks aren't supported"),
        (line_of("import pdb", name) + mended[1], "import statements aren't supported"),
        (line_of("scripted.unscale", name) + mended[2], "'RecursiveScriptModule' object has no attribute 'unscale'"),
    ]
    assert judge.run(program, name=name).verdict == "ok"
