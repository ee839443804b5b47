"""The command line over the real engine: whole journeys, and files that nobody would want to read."""

import importlib.util
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from scriptlint.cli import run
from scriptlint.engine.fates import Fate
from scriptlint.engine.questions import Questions
from scriptlint.evaluate.values import Instance
from scriptlint.program.module import Class

REFUSED = """\
import torch


class Net(torch.nn.Module):
    def forward(self, x):
        def inner(y):
            return y

        return inner(x)


net = torch.jit.script(Net())
"""
LINE = "        def inner(y):\n"

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").touch()

    def call(*args: str) -> tuple[int, str, str]:
        code = run(args)
        out, err = capsys.readouterr()
        return code, out, err

    return call


def test_a_refused_model(call: Call) -> None:
    Path("net.py").write_text(REFUSED)
    code, out, _ = call("net.py")
    assert code == 1
    lines = out.splitlines()
    assert lines[0].startswith("error[SL102] [*] nested-function: ")
    assert lines[1] == " --> net.py:6:9"
    assert "6 |         def inner(y):" in out
    assert " = compiled because " in out
    assert "Found 1 error in 1 file." in lines


def test_json_of_a_refused_model(call: Call) -> None:
    Path("net.py").write_text(REFUSED)
    (finding,) = json.loads(call("net.py", "--output-format", "json")[1])
    assert (finding["code"], finding["location"]) == ("SL102", {"row": 6, "column": 9})
    assert finding["filename"] == "net.py"
    assert finding["trail"][0]["location"]["row"] == 12


@pytest.mark.parametrize(
    "suppressed",
    [
        LINE.replace("\n", "  # scriptlint: ignore[SL102] -- eager only\n"),
        "        # scriptlint: ignore[nested-function]\n" + LINE,
        LINE.replace("\n", "  # noqa: SL102\n"),
        "        # scriptlint: file-ignore[SL1]\n" + LINE,
    ],
)
def test_a_suppressed_finding(call: Call, suppressed: str) -> None:
    Path("net.py").write_text(REFUSED.replace(LINE, suppressed))
    passed = "All checks passed!\nJudged 1 object for script (1 blocked).\n"  # what is suppressed blocks all the same
    assert call("net.py") == (0, passed, "")
    assert call("net.py") == (0, passed, "")  # and again, out of the cache


def test_a_comment_inside_a_string_is_no_suppression(call: Call) -> None:
    Path("net.py").write_text(
        REFUSED.replace("import torch", 'DOC = """\n# scriptlint: file-ignore\n"""\nimport torch', 1)
    )
    assert call("net.py")[0] == 1


def test_an_unused_suppression(call: Call) -> None:
    Path("net.py").write_text("x = 1  # scriptlint: ignore[SL102]\n")
    assert call("net.py", "--output-format", "concise") == (
        1,
        "net.py:1:8: warning SL903 [*] this comment suppresses nothing: `SL102`\n"
        "Found 1 warning in 1 file.\n[*] 1 fixable with `--fix`.\n",
        "",
    )


def test_what_cannot_be_linted_is_said_and_the_rest_is_linted(call: Call) -> None:
    files = {
        "bad/binary.py": b"\x7fELF\0\0\0",
        "bad/cookie.py": b"# coding: nowhere\n",
        "bad/encoding.py": b"x = 1\ny = '\xe9'\n",
        "bad/not_python.py": b"def f(:\n",
        "bad/net.py": REFUSED.encode(),
        "bad/bom.py": b"\xef\xbb\xbf" + REFUSED.replace("\n", "\r\n").encode(),
        "bad/latin.py": "# coding: latin-1\nx = 'é'\n".encode("latin-1"),
        "bad/empty.py": b"",
        "bad/long.py": b"x = '" + b"y" * 5_000_000 + b"'\n",
    }
    Path("bad").mkdir()
    for name, data in files.items():
        Path(name).write_bytes(data)
    os.symlink("loop.py", "bad/loop.py")
    os.symlink(".", "bad/circle")
    code, out, err = call("bad", "nosuch", "--output-format", "concise")
    assert code == 2
    said = [line.split()[:3] for line in out.splitlines() if line.startswith("bad/")]
    assert [(place.rpartition(":")[0].rpartition(":")[0], code) for place, _, code in said] == [
        ("bad/binary.py:1", "SL900"),
        ("bad/bom.py:6", "SL102"),
        ("bad/cookie.py:1", "SL900"),
        ("bad/encoding.py:1", "SL900"),
        ("bad/net.py:6", "SL102"),
        ("bad/not_python.py:1", "SL901"),
    ]
    assert err == (
        "scriptlint: bad/loop.py: this link leads back to itself\nscriptlint: nosuch: there is no such file or folder\n"
    )
    json_code, json_out, _ = call("bad", "--output-format", "json")
    assert (json_code, len(json.loads(json_out))) == (2, 6)
    assert call("bad", "--output-format", "full")[0] == 2


def test_one_file_after_the_other_or_out_of_the_cache_is_the_same(call: Call) -> None:
    Path("net.py").write_text(REFUSED)
    cold = call("net.py", "--no-cache")
    assert not Path(".scriptlint_cache").exists()
    assert call("net.py") == cold
    assert Path(".scriptlint_cache").exists()
    assert call("net.py") == cold
    assert call("clean")[0] == 0
    assert not Path(".scriptlint_cache").exists()


def test_a_second_run_imports_nothing_that_is_slow(call: Call) -> None:
    Path("net.py").write_text(REFUSED)
    program = (
        "import sys; from scriptlint.cli import run; code = run(['net.py', '-q', '--output-format', 'json']);"
        "slow = {'libcst', 'torch', 'rich', 'pathspec'} & set(sys.modules); print(code, sorted(slow), file=sys.stderr)"
    )
    command = [sys.executable, "-c", program]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent.parent)}
    first, second = (subprocess.run(command, capture_output=True, text=True, env=environment) for _ in range(2))
    assert first.stdout == second.stdout
    assert (first.stderr, second.stderr) == ("1 ['libcst']\n", "1 []\n")


def test_a_deep_tree_comes_back_from_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    deep = " + ".join(["x"] * 1500)
    Path("net.py").write_text(
        f"from torch import nn\nclass N(nn.Module):\n    def forward(self, x):\n        return {deep}\n"
    )
    command = [sys.executable, "-m", "scriptlint", "modules", "net.py", "--output-format", "json"]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent.parent)}
    first, second = (subprocess.run(command, capture_output=True, text=True, env=environment) for _ in range(2))
    assert (second.returncode, second.stdout, second.stderr) == (first.returncode, first.stdout, "")
    assert json.loads(second.stdout)["modules"][0]["script"]["verdict"] == "ok"


def test_stdin(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(REFUSED.encode())))
    code, out, _ = call("-", "--stdin-filename", "pkg/net.py", "--output-format", "concise")
    assert (code, out.split(" ")[:3]) == (1, ["pkg/net.py:6:9:", "error", "SL102"])


def test_a_torch_that_nobody_knows(call: Call) -> None:
    Path("net.py").write_text(REFUSED)
    code, out, err = call("net.py", "--target-torch", "0.1", "--no-cache")
    assert (code, out) == (2, "")
    assert err.startswith("scriptlint: --target-torch: no snapshot of torch 0.1 ")
    Path("scriptlint.toml").write_text('notes = true\ntarget-torch = "0.1"\n')
    for command in ("check", "modules", "confirm"):
        code, out, err = call(command, "net.py", "--no-cache")
        assert (code, out) == (2, "")
        assert err.startswith("scriptlint: scriptlint.toml:2: no snapshot of torch 0.1 ")


def test_an_argument_that_does_not_fit_is_shown_with_its_parameter(call: Call) -> None:
    Path("ops.py").write_text("def scale(x, factor):\n    return x * factor\n\n\ndef off(x, n: int):\n    return x\n")
    Path("net.py").write_text(
        "import torch\nfrom ops import off, scale\n\n\n@torch.jit.script\ndef double(x):\n    return scale(x, 2.0) + off(x, 'a')\n"
    )
    first, second = json.loads(call("net.py", "--output-format", "json")[1])
    for finding, row, column, text in (
        (first, 1, 14, "no annotation, so it is a `Tensor`"),
        (second, 5, 12, "`n` is a `int`"),
    ):
        assert finding["code"] == "SL402"
        (label,) = finding["labels"]
        assert (label["filename"], label["location"]) == ("ops.py", {"row": row, "column": column})
        assert label["message"] == text
    assert "factor: float" in first["fix"]["message"]


def test_modules(call: Call) -> None:
    Path("net.py").write_text(REFUSED)
    code, out, _ = call("modules", "net.py", "net.py::Net()", "--output-format", "json")
    whole, one = json.loads(out)["modules"]
    assert code == 0
    for entry in (whole, one):
        assert (entry["name"], entry["script"]["verdict"]) == ("Net", "blocked")
        assert [blocker["code"] for blocker in entry["script"]["blockers"]] == ["SL102"]
    assert one["target"] == "net.py::Net()"
    assert "target" not in whole


def test_ways_that_were_not_followed_are_said(call: Call) -> None:
    flags = "".join(f"        if flag{index}:\n            self.x{index} = 1\n" for index in range(20))
    names = ", ".join(f"flag{index}=False" for index in range(20))
    head = (
        f"import torch\n\n\nclass Net(torch.nn.Module):\n    def __init__(self, {names}):\n        super().__init__()\n"
    )
    Path("net.py").write_text(head + flags + "\n    def forward(self, x):\n        return x\n")
    _, out, _ = call("modules", "net.py", "net.py::Net()", "--output-format", "json")
    of_class, of_object = json.loads(out)["modules"]
    assert of_class["script"]["verdict"] == of_object["script"]["verdict"] == "ok"
    assert of_class["assuming"] == ["ways through its constructor that were not followed give no other finding"]
    assert of_object["assuming"] == []


def test_what_an_argument_is_taken_for_is_said(call: Call) -> None:
    head = (
        "import json\nimport torch\n\n\nclass Net(torch.nn.Module):\n    def __init__(self, n: int, m: int | None):\n"
    )
    body = "        super().__init__()\n        self.n = n\n        self.m = m\n\n    def forward(self, x):\n        return x + self.n"
    Path("net.py").write_text(head + body + "\n")
    Path("other.py").write_text(head + body + " + self.m\n")
    expression = 'Net(json.loads(open("a").read()), json.loads(open("b").read()))'
    _, out, _ = call("modules", f"net.py::{expression}", f"other.py::{expression}", "--output-format", "json")
    known, unknown = json.loads(out)["modules"]
    assert (known["script"]["verdict"], known["assuming"]) == ("ok", ["`n` is an int"])
    assert unknown["script"]["verdict"] == "unknown"


SETS_IN_FORWARD = """\
import torch


class Loss(torch.nn.Module):
    def forward(self, x):
        self.last = x.abs().mean()
        return self.last


used = Loss()
used(torch.rand(3))
"""


def test_what_a_run_sets_is_refused_of_an_object_that_was_not_called(call: Call) -> None:
    Path("net.py").write_text(SETS_IN_FORWARD)
    _, out, _ = call("modules", "net.py::Loss()", "net.py::used", "--output-format", "json")
    new, used = json.loads(out)["modules"]
    assert (new["script"]["verdict"], used["script"]["verdict"]) == ("depends", "unknown")
    assert [(one["code"], one["when"]) for one in new["script"]["blockers"]] == [
        ("SL604", "nothing was called before"),
        ("SL601", "nothing was called before"),
    ]


def test_targets_that_name_nothing(call: Call) -> None:
    Path("net.py").write_text(REFUSED)
    code, out, err = call("modules", "net.py::Nope(3)", "net.py::Net(", "net.py::x = 3", "net.py::Net")
    assert code == 2
    assert err == (
        "scriptlint: net.py::Nope(3): there is no `Nope` in this file\n"
        "scriptlint: net.py::Net(: `Net(` cannot be evaluated: '(' was never closed\n"
        "scriptlint: net.py::x = 3: `x = 3` cannot be evaluated: it is no expression\n"
    )
    assert "Net  script: blocked (SL102)" in out


def test_a_class_that_breaks_us_costs_its_own_verdict(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    fate = Questions.fate

    def failing(self: Questions, cls: Class, instance: Instance) -> Fate:
        if cls.node.name == "Net":
            raise KeyError("a fault of ours")
        return fate(self, cls, instance)

    monkeypatch.setattr(Questions, "fate", failing)
    Path("net.py").write_text(
        REFUSED + "\n\nclass Other(torch.nn.Module):\n    def forward(self, x):\n        return x\n"
    )
    code, out, err = call("modules", "net.py", "--reasons", "--no-cache")
    assert code == 2
    assert "script: unknown (`Net`, on which scriptlint failed)" in out
    assert "net.Other  script: ok" in out
    assert "KeyError: 'a fault of ours'" in err


@pytest.mark.parametrize("made", ["Sequential()", "ModuleList()", "ModuleDict()"])
def test_the_containers_of_torch_seen_as_source(call: Call, made: str) -> None:
    torch = importlib.util.find_spec("torch")
    assert torch is not None
    assert torch.origin is not None
    source = Path(torch.origin).parent / "nn" / "modules" / "container.py"
    _, out, _ = call("modules", f"{source}::{made}", "--output-format", "json")
    assert json.loads(out)["modules"][0]["script"] == {"verdict": "ok", "blockers": [], "unseen": []}
