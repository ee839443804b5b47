"""Which of a project's code is judged, as a user meets it: a scripted model, a helper, and much that nobody scripts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from scriptlint.cli import run

FILES = {
    "pyproject.toml": "[tool.scriptlint]\n",
    "model/net.py": """import torch
from torch import nn

from model.helper import scaled


class Net(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return scaled(x)
""",
    "model/__init__.py": "",
    "model/helper.py": """import torch


def scaled(x: torch.Tensor) -> torch.Tensor:
    return x * len({1, 2})
""",
    "model/losses.py": """import torch
from torch import nn


class Loss(nn.Module):
    def forward(self, x):
        return {*x}
""",
    "deploy.py": """import torch

from model.net import Net

torch.jit.script(Net()).save("net.pt")
""",
}
Said = Callable[..., tuple[int, str]]


@pytest.fixture
def say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Said:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)

    def say(*arguments: str) -> tuple[int, str]:
        code = run([*arguments])
        return code, capsys.readouterr().out

    return say


def lines(out: str) -> list[str]:
    return out.splitlines()


def test_the_project_is_judged_for_what_reaches_the_compiler(say: Said) -> None:
    code, out = say(".", "--output-format", "concise")
    assert code == 1
    assert lines(out)[0].startswith("model/helper.py:5:20: error SL123 ")
    assert lines(out)[1:] == [
        "Found 1 error in 1 file.",
        "Judged 1 object for script (1 blocked).",
        "1 module is reached by nothing that is scripted or traced; `--unreached` judges them too.",
    ]


def test_a_helper_alone_is_judged_by_the_roots_of_its_project(say: Said) -> None:
    _, out = say("model/helper.py", "--output-format", "json")
    (one,) = json.loads(out)
    assert (one["code"], one["location"]) == ("SL123", {"row": 5, "column": 20})
    assert [step["message"] for step in one["trail"]] == ["`Net` is scripted here", "`Net.forward` calls `scaled`"]


def test_a_file_that_reaches_nothing_is_silent_and_counted(say: Said) -> None:
    code, out = say("model/losses.py")
    assert code == 0
    assert lines(out)[0] == "All checks passed!"
    assert lines(out)[-1].startswith("1 module is reached by nothing")


@pytest.mark.parametrize("how", ["--unreached", "--target=both"])
def test_what_is_reached_by_nothing_is_judged_where_it_is_asked_for(say: Said, how: str) -> None:
    code, out = say("model/losses.py", how, "--output-format", "concise")
    assert code == 1
    assert "model/losses.py:7:16: " in out
    assert "reached by nothing" not in out


def test_the_settings_ask_for_it_too(say: Said) -> None:
    Path("pyproject.toml").write_text('[tool.scriptlint]\nunreached = "report"\n')
    assert say("model/losses.py")[0] == 1


def test_a_project_without_roots_is_judged_for_both(say: Said) -> None:
    Path("deploy.py").unlink()
    code, out = say(".", "--output-format", "concise")
    assert code == 1
    assert "model/losses.py:7:16: " in out
    assert "2 objects for script" in out
    assert "2 objects for trace" in out


def test_a_root_whose_object_is_not_told_is_said(say: Said) -> None:
    Path("deploy.py").write_text("import torch\nimport somewhere\ntorch.jit.script(somewhere.make())\n")
    code, out = say(".")
    assert code == 0
    assert lines(out) == [
        "Nothing was found, but not all could be judged.",
        "2 modules are reached by nothing that is scripted or traced; `--unreached` judges them too.",
        "1 call of torch.jit compiles something that could not be told: deploy.py:3:1.",
    ]
    assert lines(say("model/losses.py")[1])[1].startswith("1 module is reached by nothing")


def test_the_callers_of_a_helper_tell_what_it_compiles(say: Said) -> None:
    Path("exporting.py").write_text("import torch\n\n\ndef export(model):\n    return torch.jit.script(model)\n")
    Path("deploy.py").write_text("from exporting import export\nfrom model.net import Net\n\nexport(Net())\n")
    for path in (".", "model/helper.py"):
        _, out = say(path, "--output-format", "concise")
        assert lines(out)[0].startswith("model/helper.py:5:20: error SL123 "), path
        assert "could not be told" not in out


def test_what_other_packages_compile_with_is_a_root(say: Said) -> None:
    Path("deploy.py").write_text(
        "import pytorch_lightning as pl\nfrom e3nn.util import jit\nfrom model.helper import scaled\n\n\n"
        "class Lit(pl.LightningModule):\n    def forward(self, x):\n        return scaled(x)\n\n\n"
        "def main(name):\n    Lit().to_torchscript('lit.pt')\n    pl.load(name).to_torchscript()\n    jit.compile(name)\n"
    )
    _, out = say(".", "--output-format", "concise")
    assert lines(out)[0].startswith("model/helper.py:5:20: error SL123 ")
    assert "2 calls of torch.jit compile something that could not be told: deploy.py:13:5, deploy.py:14:5." in out


def test_comments_and_strings_are_no_roots(say: Said) -> None:
    Path("deploy.py").write_text('"""Once torch.jit.script(model) was here."""\n# torch.jit.script(model)\n')
    assert say("model/losses.py")[0] == 1


def test_what_a_test_expects_to_fail_is_no_root(say: Said) -> None:
    Path("deploy.py").write_text(
        "import pytest\nimport torch\nfrom model.net import Net\n\n\ndef test_refused():\n"
        "    with pytest.raises(RuntimeError):\n        torch.jit.script(Net())\n\n\n"
        "@pytest.mark.xfail\ndef test_once():\n    torch.jit.script(Net())\n"
    )
    code, out = say(".")
    assert code == 0
    assert "2 modules are reached by nothing" in out


def test_the_cases_of_a_test_are_roots(say: Said) -> None:
    Path("deploy.py").write_text(
        "import pytest\nimport torch\nfrom model.losses import Loss\nfrom model.net import Net\n\n\n"
        '@pytest.mark.parametrize("flag", [True, False])\n'
        '@pytest.mark.parametrize("cls,n", [(Loss, 1), pytest.param(Net, 2, id="net")])\n'
        "def test_scripts(cls, n, flag):\n    torch.jit.script(cls())\n"
    )
    _, out = say(".", "--output-format", "concise")
    assert [one.partition(" ")[0] for one in lines(out)[:2]] == ["model/helper.py:5:20:", "model/losses.py:7:16:"]
    assert "Judged 2 objects for script (2 blocked)." in lines(out)


def test_silence_is_not_passed_off_as_a_check(say: Said) -> None:
    Path("model/helper.py").write_text("from elsewhere import double\n\n\ndef scaled(x):\n    return double(x)\n")
    code, out = say(".")
    assert code == 0
    assert lines(out)[:2] == [
        "Nothing was found, but not all could be judged.",
        "Judged 1 object for script (1 unknown); `scriptlint modules --reasons` says why.",
    ]
    assert say(".", "--require", "ok")[0] == 1


def test_all_that_is_judged_must_be_ok_where_that_is_required(say: Said) -> None:
    Path("model/helper.py").write_text("def scaled(x):\n    return x * 2\n")
    assert say(".", "--require", "ok")[0] == 0
    Path("pyproject.toml").write_text('[tool.scriptlint]\nrequire = "ok"\n')
    assert say(".")[0] == 0
    Path("model/helper.py").write_text("def scaled(x):\n    return x * len({1, 2})  # scriptlint: ignore[SL123]\n")
    assert say(".")[0] == 1  # a suppression does not make it compile


def test_a_suppression_in_what_was_not_judged_is_not_called_unused(say: Said) -> None:
    losses = Path("model/losses.py")
    losses.write_text(losses.read_text().replace("{*x}", "{*x}  # scriptlint: ignore[SL123]"))
    assert "SL903" not in say(".")[1]


def test_a_warm_run_notices_a_new_root(say: Said) -> None:
    assert say("model/losses.py")[0] == 0
    assert say("model/losses.py")[0] == 0
    Path("more.py").write_text("import torch\nfrom model.losses import Loss\ntorch.jit.script(Loss())\n")
    assert say("model/losses.py")[0] == 1
    Path("more.py").unlink()
    assert say("model/losses.py")[0] == 0


def test_a_finding_in_a_package_stands_where_the_project_calls_it(say: Said) -> None:
    package = Path(".venv/lib/python3.11/site-packages/tensors")
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(
        "def double(x):\n    y = {1, 2}\n    return inner(x)\n\n\ndef inner(x):\n    z = {3}\n    return x\n"
    )
    Path(".venv/pyvenv.cfg").touch()
    Path("model/helper.py").write_text("from tensors import double\n\n\ndef scaled(x):\n    return double(x)\n")
    _, out = say(".", "--output-format", "json")
    found = json.loads(out)
    assert {(Path(one["filename"]).name, one["location"]["row"]) for one in found} == {("helper.py", 5)}
    (one,) = found  # what one call leads to is one finding
    assert one["message"].endswith("(in __init__.py)")
    assert [Path(label["filename"]).name for label in one["labels"]] == ["__init__.py"]
    Path("model/helper.py").write_text(
        "from tensors import double\n\n\ndef scaled(x):\n    return double(x)  # scriptlint: ignore[SL123]\n"
    )
    assert say(".")[0] == 0


def test_modules_requires_too(say: Said) -> None:
    Path("model/helper.py").write_text("def scaled(x):\n    return x * 2\n")
    assert say("modules", "model/net.py", "--require", "ok")[0] == 0
    assert say("modules", "model/losses.py")[0] == 0
    assert say("modules", "model/losses.py", "--require", "ok")[0] == 1


def test_unclosed_imports_cost_no_more_than_their_file(say: Said) -> None:
    Path("odd.py").write_text("from torch import (\n" * 50_000)
    assert say("model/helper.py")[0] == 1


BATCH = """import torch


class Batch:
    def __init__(self, **kwargs):
        self.x = torch.zeros(3)

    def to(self, *args):
        return {*args}

    def half(self):
        return +1
"""
LOSS = """import torch
from torch import nn
from model.batch import Batch


class Loss(nn.Module):
    def forward(self, x: torch.Tensor, ref: Batch) -> torch.Tensor:
        return x - ref.x


class Other(nn.Module):
    def forward(self, x: torch.Tensor, ref: Batch) -> torch.Tensor:
        return x + ref.x * ref.weight


torch.jit.script(Loss())
torch.jit.script(Other())
"""


def test_a_class_that_is_only_an_annotation_is_one_finding(say: Said) -> None:
    Path("model/batch.py").write_text(BATCH)
    Path("deploy.py").write_text(LOSS)
    _, out = say(".", "--output-format", "json")
    (one,) = json.loads(out)
    assert (one["code"], one["location"]) == ("SL140", {"row": 7, "column": 45})
    assert one["message"].endswith("(in `Batch`, which this annotation has compiled: 4 findings)")
    assert one["labels"][0]["filename"].endswith("batch.py")
    assert "Judged 2 objects for script (2 blocked)." in say(".")[1]


COMPILED = """import torch
from torch import nn


@torch.compile
def double(x):
    return x * 2


class Net(nn.Module):
    def forward(self, x):
        return double(x) + double(x + 1)


class Other(nn.Module):
    def forward(self, x):
        return double(x) - 1


torch.jit.trace(Net(), torch.rand(3))
torch.jit.trace(Other(), torch.rand(3))
"""


def test_what_torch_compile_made_is_one_finding(say: Said) -> None:
    Path("deploy.py").write_text(COMPILED)
    _, out = say(".", "--output-format", "json")
    (one,) = json.loads(out)
    assert (one["code"], one["location"]["row"]) == ("SL869", 12)
    (made,) = one["labels"]
    assert made["location"]["row"] == 5
    assert made["message"] == "made by `torch.compile` here, and called in 2 more places"
    assert "Judged 2 objects for trace (2 refused)." in say(".")[1]


def test_a_suppressed_call_of_what_torch_compile_made_hides_no_other(say: Said) -> None:
    Path("deploy.py").write_text(COMPILED.replace("double(x + 1)", "double(x + 1)  # scriptlint: ignore[SL869]"))
    _, out = say(".", "--output-format", "json")
    assert [(one["code"], one["location"]["row"]) for one in json.loads(out)] == [("SL869", 17)]


SCRIPTED_BY_A_FLAG = """import torch
from absent import jit
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        return x

    def extra(self):
        return 3


def setup(model):
    if jit():
        return torch.jit.script(model)
    return model


def by_flag():
    return setup(Net()).extra()


def always():
    return torch.jit.script(Net()).extra()
"""


def test_what_is_scripted_by_a_flag_has_its_condition(say: Said) -> None:
    Path("deploy.py").write_text(SCRIPTED_BY_A_FLAG)
    _, out = say(".", "--output-format", "json")
    assert [(one["location"]["row"], one["severity"], one["when"]) for one in json.loads(out)] == [
        (21, "warning", "jit()"),
        (25, "error", None),
    ]


OPERATIONS = """import torch


def op_good(x: torch.Tensor):
    return x


def op_bad(x: torch.Tensor):
    return x.no_such_method()
"""
COMPUTED_CASES = """from itertools import product

import pytest
import torch

import operations

kinds = ["good"]
kinds += ["bad"]


@pytest.mark.parametrize("size,kind", product(range(30), kinds))
def test_operations(size, kind):
    assert torch.jit.script(getattr(operations, "op_" + kind)) is not None
"""


def test_cases_of_a_test_may_be_computed(say: Said) -> None:
    Path("operations.py").write_text(OPERATIONS)
    Path("deploy.py").write_text(COMPUTED_CASES)
    _, out = say(".", "--output-format", "json")
    (one,) = json.loads(out)
    assert (one["filename"], one["location"]["row"]) == ("operations.py", 9)
    assert "Judged 2 objects for script (1 ok, 1 blocked)." in say(".")[1]


def test_equal_values_of_other_types_are_other_cases(say: Said) -> None:
    Path("operations.py").write_text(OPERATIONS)
    cases = COMPUTED_CASES.replace('["good"]', "[1]").replace('["bad"]', "[True]")
    Path("deploy.py").write_text(cases.replace('"op_" + kind', '"op_bad" if kind is True else "op_good"'))
    assert "Judged 2 objects for script (1 ok, 1 blocked)." in say(".")[1]


def test_a_class_that_compiled_code_uses_is_reviewed(say: Said) -> None:
    Path("model/batch.py").write_text(BATCH)
    Path("deploy.py").write_text(LOSS.replace("x - ref.x", "x * ref.half()"))
    _, out = say(".", "--output-format", "json")
    assert Counter(Path(one["filename"]).name for one in json.loads(out)) == {"batch.py": 4, "deploy.py": 1}


def test_what_is_suppressed_in_such_a_class_stays_there(say: Said) -> None:
    Path("model/batch.py").write_text(
        BATCH.replace("**kwargs):", "**kwargs):  # scriptlint: ignore")
        .replace("*args):", "*args):  # scriptlint: ignore")
        .replace("{*args}", "{*args}  # scriptlint: ignore")
    )
    Path("deploy.py").write_text(LOSS.replace(" * ref.weight", ""))
    _, out = say(".", "--output-format", "concise")
    assert lines(out)[0].startswith("model/batch.py:12:16: error SL126 ")
    assert "SL903" not in out


def test_a_decorator_may_add_bases(say: Said) -> None:
    Path("model/net.py").write_text(
        "import torch\nfrom torch import nn\n\n\nclass State:\n"
        "    def put(self, x: torch.Tensor) -> torch.Tensor:\n        return x\n\n\n"
        "def with_state(cls):\n    cls.__bases__ = (State,) + tuple(b for b in cls.__bases__ if b != State)\n    return cls\n\n\n"
        "@with_state\nclass Net(nn.Module):\n    def forward(self, x: torch.Tensor) -> torch.Tensor:\n        return self.put(x)\n"
    )
    assert lines(say(".")[1])[:2] == ["All checks passed!", "Judged 1 object for script (1 ok)."]


def test_a_test_is_prepared_and_run_for_each_class_that_inherits_it(say: Said) -> None:
    Path("deploy.py").write_text(
        "import unittest\nimport torch\nfrom model.losses import Loss\nfrom model.net import Net\n\n\n"
        "class Base(unittest.TestCase):\n    kind = None\n\n    def setUp(self):\n        self.made = self.kind()\n\n"
        "    def test_it(self):\n        torch.jit.script(self.made)\n\n\n"
        "class TestNet(Base):\n    kind = Net\n\n\nclass TestLoss(Base):\n    kind = Loss\n"
    )
    _, out = say(".")
    assert "Judged 2 objects for script (2 blocked)." in lines(out)
