"""`scriptlint confirm` as a user runs it: real objects, the real compiler, and what is said of each finding."""

from __future__ import annotations

import inspect
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from scriptlint.confirm.child import guessing

NET = """
import torch
from torch import Tensor, nn


class Gate(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        if x.sum() > 0:
            return x
        return -x


class Bad(nn.Module):
    def forward(self, x: Tensor) -> str:
        return f"{x:.2f}"


class Twice(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        first = lambda: 3
        second = {1, 2}
        return x


class Net(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.bad = Bad()
        self.layer = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        return helper(self.layer(x))


def helper(x: Tensor) -> Tensor:
    scale = lambda: 3
    return x * scale()


def make():
    return Net(3)
"""


def run(folder: Path, *arguments: str, code: int | None = None) -> subprocess.CompletedProcess[str]:
    """Runs confirm in a folder, under this interpreter."""
    command = [sys.executable, "-m", "scriptlint", "confirm", "--python", sys.executable, "--jobs", "1", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent.parent)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert code is None or done.returncode == code, done.stdout + done.stderr
    return done


def ask(folder: Path, *arguments: str, code: int | None = None) -> dict[str, Any]:
    """The report as JSON."""
    report: dict[str, Any] = json.loads(run(folder, "--output-format", "json", *arguments, code=code).stdout)
    return report


def verdicts(report: dict[str, Any]) -> set[tuple[str, int, str]]:
    return {(one["code"], one["location"]["row"], one["confirmed"]) for one in report["findings"]}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "net.py").write_text(NET, encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text("[tool.scriptlint]\n", encoding="utf-8")
    return tmp_path


def test_what_stands_behind_the_first_refusal_is_reached(project: Path) -> None:
    report = ask(project, "net.py::Net(3)", code=1)
    assert verdicts(report) == {("SL130", 15, "confirmed"), ("SL120", 36, "confirmed")}
    assert report["modules"][0]["script"]["error"] == "NotSupportedError"
    callers = {unit["name"]: unit["caller"] for unit in report["modules"][0]["script"]["units"]}
    assert callers["helper"][0] == "Net.forward"
    assert callers["helper"][2] == 32


def test_first_stops_at_one(project: Path) -> None:
    report = ask(project, "net.py::Net(3)", "--first", code=1)
    assert verdicts(report) == {("SL130", 15, "confirmed"), ("SL120", 36, "not reached")}


def test_only_whether_it_compiles(project: Path) -> None:
    report = ask(project, "net.py::Net(3)", "net.py::Gate", "--compile-only")
    first, second = report["modules"]
    assert first["script"]["verdict"] == "refused"
    assert second["script"]["verdict"] == "compiles"
    assert (second["script"]["save"], second["trace"]["verdict"]) == (None, "")


def test_the_compiler_dies_when_only_that_is_asked(tmp_path: Path) -> None:
    text = "import os\nfrom torch import nn\n\n\nclass Net(nn.Module):\n    @property\n    def odd(self):\n"
    text += "        os.kill(os.getpid(), 11)\n\n    def forward(self, x):\n        return x\n"
    (tmp_path / "net.py").write_text(text, encoding="utf-8")
    (module,) = ask(tmp_path, "net.py::Net", "--compile-only")["modules"]
    assert module["script"]["verdict"] == "crashes"


def test_an_object_is_asked_about_as_it_was_built(tmp_path: Path) -> None:
    # Whoever calls it to find out what it takes gives it the attribute.
    text = "from torch import nn\n\n\nclass Net(nn.Module):\n    def forward(self, x):\n        self.last = x\n        return x\n"
    (tmp_path / "net.py").write_text(text, encoding="utf-8")
    report = ask(tmp_path, "net.py", "--guess", "--target", "script", code=1)
    assert verdicts(report) == {("SL604", 6, "confirmed")}
    assert report["modules"][0]["inputs"] is not None


def test_the_second_of_two_in_one_function_is_not_reached(project: Path) -> None:
    report = ask(project, "net.py::Twice", code=1)
    assert verdicts(report) == {("SL120", 20, "confirmed"), ("SL123", 21, "not reached")}


@pytest.mark.parametrize("target", ["net.py::make", "net:Net(3)", "net.py::make()", "net:make"])
def test_ways_to_name_an_object(project: Path, target: str) -> None:
    (module,) = ask(project, target)["modules"]
    assert module["skipped"] is None
    assert module["script"]["verdict"] == "refused"
    assert module["static"] == "blocked"


def test_a_function_is_asked_about_itself(project: Path) -> None:
    (module,) = ask(project, "net.py::helper")["modules"]
    assert module["script"]["error"] == "UnsupportedNodeError"


def test_what_cannot_be_built_is_one_line_that_says_what_would_help(project: Path) -> None:
    done = run(project, "net.py::Net", code=1)  # what scriptlint finds it finds all the same
    (line,) = [one for one in done.stdout.splitlines() if one.startswith("not built")]
    assert line.endswith(
        "it needs arguments: width; say how under [tool.scriptlint.confirm]: "
        '"net.py::Net" = { make = "Net(width=...)" }, or let them be guessed with --guess'
    )


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("net.py::Gatte", "`Gatte` is not defined there; did you mean `Gate`?"),
        ("net.py::torch", "it is a Python module: only an nn.Module, a function or a class can be compiled"),
        ("net.py::Net(", "building it raises SyntaxError: '(' was never closed"),
        ("net.py::Net(None)", "(net.py:29)"),
        (
            "net.py::make_wide",
            'it needs arguments: width; say how under [tool.scriptlint.confirm]: "net.py::make_wide" = '
            '{ make = "make_wide(width=...)" }, or let them be guessed with --guess',
        ),
    ],
)
def test_why_a_target_is_not_built(project: Path, target: str, words: str) -> None:
    (project / "net.py").write_text(f"{NET}\n\ndef make_wide(width):\n    return Net(width)\n", encoding="utf-8")
    (module,) = ask(project, target)["modules"]
    assert module["skipped"].endswith(words)


def test_settings_say_how_to_build_and_what_to_give(project: Path) -> None:
    (project / "pyproject.toml").write_text(
        '[tool.scriptlint.confirm]\n"net:Net" = { make = "Net(3)", inputs = "(torch.rand(2, 3),)" }\ntimeout = 30\n',
        encoding="utf-8",
    )
    report = ask(project, "net.py")
    (module,) = [one for one in report["modules"] if one["target"] == "net.py::Net"]
    assert (module["arguments"], module["inputs"]) == ("the settings", "float32[2, 3]")
    assert module["trace"]["verdict"] == "same"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("timeout = 0", "`confirm` must be a table in which `timeout` is a number above 0"),
        ('memory = "much"', "`memory` is a size in quotes"),
        ('"net:Net" = { build = "Net()" }', "`net:Net` is a table with `make`, `inputs` or both"),
        ("speed = 3", "so not of `speed`"),
    ],
)
def test_settings_that_are_not_in_order(project: Path, settings: str, words: str) -> None:
    (project / "pyproject.toml").write_text(f"[tool.scriptlint.confirm]\n{settings}\n", encoding="utf-8")
    done = run(project, "net.py::Bad", code=2)
    assert words in done.stderr


def test_guesses_are_said(project: Path) -> None:
    report = ask(project, "net.py::Net", "--guess")
    (module,) = report["modules"]
    assert module["arguments"] == "guessed: width=16"
    assert module["guessed"] == ["width=16", "inputs: x of shape [2, 16]"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("steps", 2), ("eps", 0.1), ("in_channels", 16), ("index", 4), ("kernel_size", 3), ("c1", 4), ("in1", 16)],
)
def test_guesses_go_by_the_words_of_a_name(name: str, value: object) -> None:
    parameter = inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    made, told = guessing.called(lambda **given: given, [parameter])
    assert made == {name: value}
    assert told == [f"{name}={value}"]


def test_a_trace_is_held_against_the_model(project: Path) -> None:
    report = ask(project, "net.py::Gate", "--guess", code=1)
    (module,) = report["modules"]
    assert verdicts(report) == {("SL801", 8, "confirmed")}
    assert module["trace"]["verdict"] == "differs"
    assert "negated values" in {one["on"] for one in module["trace"]["divergences"]}


def test_a_trace_goes_on_behind_a_dictionary(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(
        "from torch import nn\n\n\nclass Net(nn.Module):\n    def forward(self, x):\n"
        "        if x.sum() > 0:\n            x = -x\n        return {'x': x}\n",
        encoding="utf-8",
    )
    report = ask(tmp_path, "net.py", "--isolated", "--guess", "--target", "trace", code=1)
    assert {(code, verdict) for code, _, verdict in verdicts(report)} == {
        ("SL801", "confirmed"),
        ("SL862", "confirmed"),
    }
    assert report["modules"][0]["trace"]["verdict"] == "refused; with strict=False: differs"


def test_a_check_that_no_variation_breaks_is_not_refuted(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(
        "from torch import nn\n\n\nclass Net(nn.Module):\n    def forward(self, x):\n"
        "        assert x.dim() == 4\n        return x\n",
        encoding="utf-8",
    )
    report = ask(tmp_path, "net.py", "--config", "notes=true", "--guess", "--target", "trace")
    assert {verdict for _, _, verdict in verdicts(report)} == {"not reached"}


SOLVED = {
    "x.max() > 4000": ("x", "torch.ones(2, 3)", "torch.full((2, 3), 4001.0)"),
    "x.shape[0] > self.most": ("x", "torch.ones(2, 3)", "torch.arange(63.).view(21, 3)"),
    "not mask.any()": ("x, mask", "torch.ones(3), torch.ones(3, dtype=torch.bool)", "torch.full((3,), False)"),
    "torch.isnan(x).any()": ("x", "torch.ones(2)", 'torch.full((2,), float("nan"))'),
    "k == 17": ("x, k", "torch.ones(2), torch.tensor(3)", "torch.full((), 17, dtype=torch.int64)"),
}


@pytest.mark.parametrize("condition", SOLVED)
def test_a_hazard_is_proven_by_an_input_that_its_condition_asks_for(tmp_path: Path, condition: str) -> None:
    parameters, example, solution = SOLVED[condition]
    (tmp_path / "net.py").write_text(
        "import torch\nfrom torch import nn\n\n\nclass Net(nn.Module):\n"
        "    def __init__(self):\n        super().__init__()\n        self.most = 20\n\n"
        f"    def forward(self, {parameters}):\n        if {condition}:\n            return torch.full_like(x, 7)\n        return x\n\n\n"
        f"traced = torch.jit.trace(Net(), ({example},))\n",
        encoding="utf-8",
    )
    report = ask(tmp_path, "net.py", "--isolated", code=1)
    (module,) = report["modules"]
    assert module["trace"]["verdict"] == "differs"
    assert solution in module["trace"]["divergences"][0]["on"]


def test_what_torch_warns_of_in_its_own_code_is_a_note(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(
        "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n\n\nclass Net(nn.Module):\n"
        "    def forward(self, x):\n        return F.smooth_l1_loss(x, x + 1)\n\n\n"
        "traced = torch.jit.trace(Net(), torch.zeros(3))\n",
        encoding="utf-8",
    )
    report = ask(tmp_path, "net.py", "--isolated", code=0)
    (module,) = report["modules"]
    assert report["findings"] == []
    assert module["trace"]["verdict"] == "same, with warnings"
    assert module["notes"] == ["traced, torch warns of its own code (functional.py)"]


def test_a_place_behind_a_decorator_is_in_the_users_file(tmp_path: Path) -> None:
    # torch names the file of the decorator, with the line of the user's.
    (tmp_path / "net.py").write_text(
        "import torch\nfrom torch import nn\n\n\nclass Net(nn.Module):\n    def forward(self, x):\n"
        "        return scaled(x)\n\n\n@torch.no_grad()\ndef scaled(x):\n    return torch.relu(x)\n",
        encoding="utf-8",
    )
    assert ("SL219", 12, "confirmed") in verdicts(ask(tmp_path, "net.py", "--isolated", "--target", "script"))


@pytest.mark.parametrize("kind", ["json", "sarif", "html", "full"])
def test_words_that_are_no_text_are_printed(tmp_path: Path, kind: str) -> None:
    (tmp_path / "net.py").write_text(
        "from torch import nn\n\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        raise ValueError('\\udc80 \\x1b[31m')\n\n    def forward(self, x):\n        return x\n",
        encoding="utf-8",
    )
    assert "\x1b" not in run(tmp_path, "net.py", "--isolated", "--output-format", kind, code=0).stdout


def test_warnings_that_torch_hides_are_heard(tmp_path: Path) -> None:
    # torch ignores what is warned of in modules whose name begins so.
    (tmp_path / "torchnets.py").write_text(
        "import torch\nfrom torch import nn\n\n\nclass Net(nn.Module):\n    def forward(self, x):\n"
        "        if 1.0 in x:\n            return x\n        return -x\n\n\n"
        "traced = torch.jit.trace(Net(), torch.zeros(3))\n",
        encoding="utf-8",
    )
    report = ask(tmp_path, "torchnets.py", "--isolated", code=1)
    (module,) = report["modules"]
    assert [one["row"] for one in module["trace"]["warnings"]] == [7]
    assert module["arguments"] == "the call in line 12"


def test_calls_in_the_code_say_what_is_built(tmp_path: Path) -> None:
    (tmp_path / "export.py").write_text(
        NET
        + "\n\ndef export():\n    width = 3\n    net = Net(width)\n    torch.jit.script(net)\n\n\n"
        + 'if __name__ == "__main__":\n    gate = Gate()\n    torch.jit.trace(gate, torch.ones(3)).save("gate.pt")\n',
        encoding="utf-8",
    )
    report = ask(tmp_path, "export.py", "--isolated")
    found = {one["target"]: one for one in report["modules"]}
    assert found["export.py::Net"]["arguments"] == "the call in line 47"
    assert found["export.py::Net"]["script"]["verdict"] == "refused"
    assert found["export.py::Gate"]["trace"]["verdict"] == "differs"
    assert not (tmp_path / "gate.pt").exists()
    assert "export.py::Bad" not in found  # it is compiled with Net


def test_a_call_that_torch_compile_has_wrapped_is_watched(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(
        "import torch\n\n\n@torch.compile(backend='eager')\ndef g(x):\n    return x * 2\n\n\ndef f(x):\n    return g(x)\n\n\n"
        "traced = torch.jit.trace(f, torch.ones(3))\n",
        encoding="utf-8",
    )
    (module,) = ask(tmp_path, "net.py", "--isolated")["modules"]
    assert "dynamo-optimized" in module["trace"]["refusal"]["message"]


def test_what_nobody_foresaw_is_a_finding_with_the_compilers_place(tmp_path: Path) -> None:
    (tmp_path / "odd.py").write_text(
        "import pickle\nfrom decimal import Decimal\n\nfrom torch import nn\n\n\n"
        "def hidden():\n    return pickle.loads(pickle.dumps(Decimal(3)))\n\n\n"
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.scale = hidden()\n\n    def forward(self, x):\n        return x * self.scale\n",
        encoding="utf-8",
    )
    report = ask(tmp_path, "odd.py", "--isolated", "--target", "script", code=1)
    (finding,) = report["findings"]
    assert (finding["code"], finding["location"], finding["confirmed"]) == (
        "SL906",
        {"row": 17, "column": 20},
        "confirmed",
    )
    assert "decimal.Decimal" in finding["message"]


def test_suppressed_findings_are_not_told(project: Path) -> None:
    text = NET.replace("        if x.sum() > 0:", "        if x.sum() > 0:  # scriptlint: ignore[SL801] -- on purpose")
    (project / "net.py").write_text(text, encoding="utf-8")
    assert ask(project, "net.py::Gate", "--guess")["findings"] == []


def test_an_interpreter_without_torch_is_named(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    bare = tmp_path_factory.mktemp("bare") / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(bare)], check=True)
    done = run(project, "net.py::Bad", "--python", str(bare), code=2)
    assert "has no torch to ask (ModuleNotFoundError: No module named 'torch')" in done.stderr


def test_what_is_no_target_is_said_and_the_rest_goes_on(project: Path) -> None:
    done = run(project, "net.py::Gate", "none.py::Net", "nowhere.net:Net", code=2)
    assert "none.py::Net: there is no file `none.py`" in done.stderr
    assert "nowhere.net:Net: there is no module `nowhere.net`" in done.stderr
    assert "\n  Gate " in done.stdout


@pytest.mark.browser
def test_the_page_in_a_browser(project: Path) -> None:
    (project / "evil.py").write_text(
        "from torch import nn\n\n\nclass Net(nn.Module):\n    def forward(self, x):\n"
        "        return {'<script>document.title = 1</script>'}\n",
        encoding="utf-8",
    )
    run(project, ".", "--guess", "--output-format", "html", "--output-file", "page.html", code=1)
    whole = browse(project / "page.html")
    assert "<title>scriptlint confirm</title>" in whole
    assert whole.count('<section class="object"') == 5
    assert "&lt;script&gt;document.title" in whole
    assert 'class="filters">' in whole  # the script has run, and shows them
    found = browse(project / "page.html", "#find=SL801")
    assert found.count('<section class="object"') - found.count('hidden=""') < 5
    assert '<article class="finding confirmed" data-verdict="confirmed" hidden="">' in found
    picture = project / "page.png"
    browse(project / "page.html", "", f"--screenshot={picture}", "--window-size=1200,1600")
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size > 50_000


def browse(path: Path, place: str = "", *options: str) -> str:
    """What the browser makes of a page: its elements once the script has run."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert browser is not None, "install chromium, or leave these tests out with -m 'not browser'"
    profile = path.parent / "profile"
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}", *options]
    done = subprocess.run(
        [*command, "--dump-dom", f"{path.as_uri()}{place}"], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout


def test_a_check_that_asks(project: Path) -> None:
    command = [sys.executable, "-m", "scriptlint", "check", "--python", sys.executable, "--output-format", "json"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent.parent)}
    done = subprocess.run(
        [*command, "--confirm", "net.py"], cwd=project, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stderr
    told = {(one["code"], one["location"]["row"]): one["confirmed"] for one in json.loads(done.stdout)}
    assert told[("SL130", 15)] == "confirmed"
    assert told[("SL123", 21)] == "not reached"
    assert "not built: net.py::Net" in done.stderr


def test_sarif_carries_the_verdicts(project: Path) -> None:
    log = json.loads(run(project, "net.py::Net(3)", "--output-format", "sarif", code=1).stdout)
    (one,) = log["runs"]
    told = {(each["ruleId"], each["properties"]["confirmed"]) for each in one["results"]}
    assert told == {("SL130", "confirmed"), ("SL120", "confirmed")}
    place = one["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "net.py", "uriBaseId": "ROOT"}
    assert place["region"]["startLine"] == 15
    assert [rule["id"] for rule in one["tool"]["driver"]["rules"]] == ["SL120", "SL130"]


def test_a_run_over_a_folder_outlives_what_its_files_do(project: Path) -> None:
    harm = {
        "exits": "import os; os._exit(0)",
        "leaves": "raise SystemExit",
        "breaks": "import nothing_of_this_name",
        "syntax": "def",
        "deletes": "import os; os.remove(__file__)",
        "kills": "import os; os.kill(os.getppid(), 9); os.kill(os.getpid(), 9)",
        "hangs": "while True: pass",
    }
    for name, statement in harm.items():
        text = f"from torch import nn\n{statement}\n\n\nclass Net(nn.Module):\n    def forward(self, x):\n        return x\n"
        (project / f"{name}.py").write_text(text, encoding="utf-8")
    report = ask(project, ".", "--timeout", "2")
    skipped = {one["target"].partition("::")[0] for one in report["modules"] if one["skipped"] is not None}
    assert {"exits.py", "leaves.py", "breaks.py", "kills.py", "hangs.py"} <= skipped
    assert all("\n" not in one["skipped"] for one in report["modules"] if one["skipped"] is not None)
    assert [one["code"] for one in report["findings"] if one["filename"].endswith("syntax.py")] == ["SL901"]
    assert ("SL130", 15, "confirmed") in verdicts(report)
