"""A file that is not Python as a whole: what is said of the rest of it, and what is left alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from scriptlint.cli import run

Run = Callable[..., list[tuple[str, int]]]

LAMBDA = "        return (lambda y: y)(x)\n"
FIRST = "class First(nn.Module):\n    def forward(self, x):\n" + LAMBDA
LAST = "class Last(nn.Module):\n    def forward(self, x):\n" + LAMBDA
HEAD = "import torch\nfrom torch import nn\n\n\n"


@pytest.fixture
def found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `check` on a text as `net.py`: the codes and rows of what is found."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").touch()

    def ask(text: str | None = None, *args: str) -> list[tuple[str, int]]:
        if text is not None:
            (tmp_path / "net.py").write_bytes(text.encode())
        run(["check", *args, "--output-format", "json", "net.py"])
        return [(one["code"], one["location"]["row"]) for one in json.loads(capsys.readouterr().out)]

    return ask


def test_the_rest_of_a_file_is_judged(found: Run) -> None:
    text = HEAD + FIRST + "class B(nn.Module):\n    def forward(self, x):\n        return torch.relu(x\n" + LAST
    expected = [("SL120", 7), ("SL901", 10), ("SL120", 13)]
    assert found(text) == expected
    assert found() == expected  # and so does the cache


@pytest.mark.parametrize(
    "broken",
    [
        "def helper(x):\n    return (x\n",
        "helper = build(\n",
        "import helper, other as\n",
        "<<<<<<< HEAD\ndef helper(x):\n    return x\n=======\nhelper = None\n>>>>>>> theirs\n",
        "def something else():\n    pass\n",
        "class helper(:\n    pass\n",
        "if x\n    from y import helper\n",
    ],
)
@pytest.mark.parametrize(
    "use", ["helper(x)", "helper", "helper.name", "helper.deep.name(x)", "helper[0](x)", "x if helper else None"]
)
def test_what_is_left_out_is_unknown(found: Run, broken: str, use: str) -> None:
    text = (
        HEAD
        + broken
        + f"class Net(nn.Module):\n    def forward(self, x):\n        return {use}\n\n\ntorch.jit.script(Net())\n"
    )
    assert {code for code, _ in found(text, "--no-cache", "--target", "both")} == {"SL901"}


@pytest.mark.parametrize(
    "use", ["self.helper(x)", "self.helper", "x * self.scale", "self.made(x)", "self.forward.name"]
)
@pytest.mark.parametrize(
    "broken",
    [
        "    def __init__(self):\n        super().__init__()\n        self.helper = self.made = nn.Linear(3, 3\n        self.scale = 3\n",
        "    def helper(self, x):\n        return (x\n    def setup(self): self.scale = 2\n",
        "    @property\n    def scale(self)\n        return 3\n",
        "    def made(self, x):\n<<<<<<< HEAD\n        return x\n=======\n        return 1\n>>>>>>> theirs\n",
    ],
)
def test_what_a_method_that_is_left_out_does_is_unknown(found: Run, broken: str, use: str) -> None:
    text = (
        HEAD
        + f"class Net(nn.Module):\n{broken}    def forward(self, x):\n        return {use}\n\n\ntorch.jit.script(Net())\n"
    )
    assert {code for code, _ in found(text, "--no-cache", "--target", "both")} == {"SL901"}


def test_a_loop_over_something_unknown(found: Run) -> None:
    """It may be over modules, and then it is unrolled: variables have other types after it, and those of its body stay."""
    init = "    def __init__(self):\n        super().__init__()\n        self.layers = nn.ModuleList(\n"
    forward = (
        "    def forward(self, x):\n        total = 0\n        for one in self.layers:\n            part = one(x)\n"
        "            total += part\n        return torch.cat([total, part])\n"
    )
    text = HEAD + "class Net(nn.Module):\n" + init + forward + "\n\ntorch.jit.script(Net())\n"
    assert [code for code, _ in found(text, "--no-cache", "--target", "both")] == ["SL901"]


def test_a_definition_that_is_left_out_may_come_later(found: Run) -> None:
    """The last definition counts, and that is the one which cannot be read."""
    first = "def helper(x):\n    return (lambda y: y)(x)\n"
    net = "class Net(nn.Module):\n    def forward(self, x):\n        return helper(x)\n\n\ntorch.jit.script(Net())\n"
    assert found(HEAD + first + "def helper(x)\n    return x\n" + net, "--no-cache") == [("SL901", 7)]
    method = "class Net(nn.Module):\n    def forward(self, x):\n        return (lambda y: y)(x)\n    def forward(self, x)\n        return x\n"
    assert found(HEAD + method, "--no-cache") == [("SL901", 8)]
    base = "class Base(nn.Module):\n    def forward(self, x):\n        return x\n"
    sub = "class Net(Base):\n    def forward(self, x)\n        return x\n    def other(self): pass\n\n\ntorch.jit.script(Net())\n"
    assert found(HEAD + base + sub, "--no-cache") == [("SL901", 9)]


@pytest.mark.parametrize(
    "method",
    [
        "        global helper\n        helper = (x\n",
        "        return x\n<<<<<<< HEAD\n\n\ndef helper(x):\n=======\n\n\ndef helper(y):\n>>>>>>> theirs\n        return 1\n",
    ],
)
def test_a_method_that_is_left_out_may_bind_names_of_the_file(found: Run, method: str) -> None:
    text = HEAD + "class B(nn.Module):\n    def forward(self, x):\n" + method
    net = "class Net(nn.Module):\n    def forward(self, x):\n        return helper(x)\n\n\ntorch.jit.script(Net())\n"
    assert {code for code, _ in found(text + net, "--no-cache")} == {"SL901"}


def test_what_is_left_out_may_change_an_object(found: Run) -> None:
    net = "class Net(nn.Module):\n    def forward(self, x):\n        return x * self.scale\n\n\n"
    text = HEAD + net + "model = Net()\nmodel.scale = (\ndef f(): pass\ntorch.jit.script(model)\n"
    assert found(text, "--no-cache") == [("SL901", 11)]


def test_comments_that_suppress(found: Run) -> None:
    broken = "x = (  # scriptlint: ignore[SL999]\n"
    text = HEAD + FIRST.rstrip() + "  # scriptlint: ignore[SL120]\n" + broken + LAST
    assert found(text, "--no-cache") == [("SL901", 8), ("SL904", 8), ("SL120", 11)]
    unused = HEAD + "x = 1  # scriptlint: ignore[SL120]\n"
    assert found(unused, "--no-cache") == [("SL903", 5)]
    assert found(unused + "x = (\ndef f(): pass\n", "--no-cache") == [("SL901", 6)]
    assert found("# scriptlint: file-ignore[SL120]\n" + HEAD + "x = (\n" + LAST, "--no-cache") == [("SL901", 6)]


def test_nothing_is_written_to_it(found: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    net = "class Net(nn.Module):\n    def forward(self, x: torch.Tensor):\n        a = []\n        a.append(1)\n        return a\n\n\n"
    text = HEAD + net + "torch.jit.script(Net())\n"
    broken = text + "x = (1\ny = '\n"
    assert [code for code, _ in found(broken, "--no-cache")] == ["SL402", "SL901"]
    for args in (["--fix", "--unsafe-fixes"], ["--add-ignore"], ["--fix-only", "--unsafe-fixes"]):
        assert run(["check", *args, "net.py"]) == 2
        assert (tmp_path / "net.py").read_bytes() == broken.encode()
    capsys.readouterr()
    run(["check", "net.py"])
    assert "fix" not in capsys.readouterr().out
    (tmp_path / "net.py").write_text(text)
    assert run(["check", "--fix", "--unsafe-fixes", "net.py"]) == 0


def test_modules_has_the_classes_that_are_left(found: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = "class B(nn.Module):\n    def forward(self, x):\n        return self.helper(x)\n    def helper(self, x):\n        return (x\n"
    lost = "class Lost(nn.Module:\n    def forward(self, x):\n        return x\n"
    found(HEAD + FIRST + broken + lost + "class Last(nn.Module):\n    def forward(self, x):\n        return x\n")
    assert run(["modules", "--output-format", "json", "net.py"]) == 2
    printed = capsys.readouterr()
    verdicts = json.loads(printed.out)["modules"]
    assert [(one["name"], one["script"]["verdict"], one["trace"]["verdict"]) for one in verdicts] == [
        ("First", "blocked", "faithful"),
        ("B", "unknown", "unknown"),
        ("Last", "ok", "faithful"),
    ]
    assert "net.py:12:16: this is not Python: '(' was never closed" in printed.err
    assert run(["modules", "--output-format", "json", "net.py::Last()", "net.py::Lost()"]) == 2
    verdicts = json.loads(capsys.readouterr().out)["modules"]
    assert [one["script"]["verdict"] for one in verdicts] == ["ok", "unknown"]


def test_a_name_of_a_file_that_is_broken(found: Run, tmp_path: Path) -> None:
    (tmp_path / "lib.py").write_text("def lost(x):\n    return (x\n\n\ndef kept(x):\n    return (lambda y: y)(x)\n")
    net = "from lib import kept, lost, other\n\n\nclass Net(nn.Module):\n    def forward(self, x):\n        return kept(lost(x)) + other(x)\n"
    text = HEAD + net + "\n\ntorch.jit.script(Net())\n"
    assert found(text, "--no-cache") == [("SL120", 6)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_rows_and_columns_hold(found: Run, end: str) -> None:
    feed = "\f" if end != "\r" else ""  # libcst does not read it there
    text = f"{feed}\n{HEAD}x = (1,\n{feed}\n{FIRST}y = 'a\n{LAST}"
    assert found(text.replace("\n", end), "--no-cache") == [("SL901", 6), ("SL120", 10), ("SL901", 11), ("SL120", 14)]
