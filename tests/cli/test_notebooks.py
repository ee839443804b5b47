"""Notebooks: their cells are one program, what is found is placed in its cell, and so is what is repaired."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from scriptlint.cli import run
from scriptlint.syntax.notebook import program
from scriptlint.syntax.parse import parse
from scriptlint.text import UnreadableSource

Cells = list[tuple[str, str | list[str]]]

NET = """\
class Net(nn.Module):
    def forward(self, x):
        return (lambda y: y)(x)
"""
CELLS: Cells = [
    ("markdown", "# A title (never closed\n"),
    ("code", "%matplotlib inline\n!pip install torch  # it's (\nimport torch\nfrom torch import nn"),
    ("code", "%%bash\nfor x in (; do\n"),
    ("code", NET.splitlines(keepends=True)),
    ("raw", "def f(:"),
    ("code", "%%time\nmodel = Net()\ntorch.jit.script(model)"),
]


def notebook(cells: Cells, **metadata: object) -> str:
    """Return a notebook of cells with their kinds and sources."""
    made = [
        {"cell_type": kind, "source": source, "metadata": {}, "outputs": [{"x": [None, 1.5]}]} for kind, source in cells
    ]
    return json.dumps({"cells": made, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


def plain(source: str) -> str:
    """Return the program of a notebook with one cell."""
    return program(notebook([("code", source)]).encode()).text


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").touch()


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("%matplotlib inline\nx = 1", "0{17}\nx = 1\n"),
        ("%cd f()\n\n%cd ..", "0{6}\n\n0{5}\n"),
        ("%time x = f()\n%time -v f()\n%timeit x = f()", "0;{3} x = f()\n0{11}\n0{14}\n"),
        ("!ls (\\\n  -la\nx = 1", "0{5}\n{5}\nx = 1\n"),
        ("if x:\n    !rm y", "if x:\n    0{4}\n"),
        (" !ls x\n !rm y\nx = 1", "0{5}\n0{5}\nx = 1\n"),
        ("!ls\n>>> f(1)\n>>> x = 2", "0{2}\n0;{2}f(1)\n0;{2}x = 2\n"),
        (">>> f(1)\n3", "0;{2}f(1)\n3\n"),
        ('x = 1\ny = 2\nz = """\n>>> a"""', 'x = 1\ny = 2\nz = """\n>>> a"""\n'),
        ("if x:\n    %cd y\nelse:\n    x?", "if x:\n    0{4}\nelse:\n    0{1}\n"),
        ("files = !ls 'a\nx = %who_ls\n", "files = _{5}\nx = _{6}\n"),
        ("a, b = !ls", "a, b = _{2}\n"),
        ("nn.Module?\n?nn\nx??\n%time?", "0{9}\n0{2}\n0{2}\n0{5}\n"),
        ("x = (a\n  % b\n  != c)\n", "x = (a\n  % b\n  != c)\n"),
        ("x = '''\n%d\n'''\ny = x % 3", "x = '''\n%d\n'''\ny = x % 3\n"),
        ("# why?\nx = a if b else c  # sure?", "# why?\nx = a if b else c  # sure?\n"),
        ("%%bash\nls (\n", "{6}\n{4}\n"),
        ("%%time\nx = 1\n", "{6}\nx = 1\n"),
        ("\n%%capture out\nx = 1\n%env A=1", "\n{13}\nx = 1\n0{7}\n"),
        ("%%writefile a.py\nx = (", "{16}\n{5}\n"),
        ("x = 1;\nawait f()\n", "x = 1;\nawait f()\n"),
        ("%cd a\r\nx = 1\r\n", "0{4}\r\nx = 1\r\n"),
        ("", "\n"),
    ],
)
def test_what_only_ipython_understands_is_blank(source: str, expected: str) -> None:
    assert plain(source) == re.sub(r"\{(\d+)\}", lambda one: " " * int(one[1]), expected)
    parse(plain(source))


def test_cells() -> None:
    text, cells, _ = program(notebook(CELLS).encode())
    assert [one[:3] for one in cells] == [(2, 1, 4), (3, 5, 6), (4, 7, 9), (6, 10, 12)]
    assert text.splitlines()[6] == "class Net(nn.Module):"
    assert program(b"\xef\xbb\xbf" + notebook(CELLS).encode()).text == text


@pytest.mark.parametrize(
    "metadata", [{"kernelspec": {"language": "R", "name": "ir"}}, {"language_info": {"name": "julia"}}]
)
def test_another_language(metadata: dict[str, object], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert program(notebook([("code", "x <- (")], **metadata).encode()).text == ""
    (tmp_path / "r.ipynb").write_text(notebook([("code", "x <- (")], **metadata))
    assert run(["check", "r.ipynb"]) == 0
    assert capsys.readouterr().out == "All checks passed!\n"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"x = 1\n",
        b"[]",
        b'{"cells": 1}',
        b'{"worksheets": [], "nbformat": 3}',
        b'{"cells": [{"cell_type": "code", "source": 1}]}',
        b"\xff\xfe",
        b'{"cells": ' + b"[" * 100_000,
        b'{"cells": [], "metadata": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}",
    ],
)
def test_what_is_not_a_notebook_is_one_finding(
    content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(UnreadableSource):
        program(content)
    (tmp_path / "bad.ipynb").write_bytes(content)
    assert run(["check", "--output-format", "concise"]) == 2
    message = "error SL900 this file cannot be read: it is not a notebook: that is JSON with a list of cells"
    assert capsys.readouterr().out == f"bad.ipynb:1:1: {message}\nFound 1 error in 1 file.\n"


def test_places_are_those_of_the_cell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "net.ipynb").write_text(notebook([*CELLS, ("code", "y = 1\nx = (\n")]))
    for _ in range(2):  # the second one is remembered
        assert run(["check", "--output-format", "concise"]) == 2
        assert capsys.readouterr().out.splitlines()[:2] == [
            "net.ipynb:cell 4:3:17: error SL120 a `lambda`, which TorchScript does not compile",
            "net.ipynb:cell 7:2:5: error SL901 this is not Python: '(' was never closed",
        ]
    run(["check"])
    shown = capsys.readouterr().out
    assert shown.startswith(
        """\
error[SL120] lambda-expression: a `lambda`, which TorchScript does not compile
 --> net.ipynb:cell 4:3:17
  |
1 | class Net(nn.Module):
2 |     def forward(self, x):
3 |         return (lambda y: y)(x)
  |                 ^^^^^^^^^^^
  |
  = torch.jit.script stops here, and prints no error but this one
  = compiled because `Net` is scripted here (net.ipynb:cell 6:3:1)
"""
    )
    run(["check", "--output-format", "json"])
    first = json.loads(capsys.readouterr().out)[0]
    assert first["location"] == {"row": 3, "column": 17, "cell": 4}
    assert first["end_location"] == {"row": 3, "column": 28, "cell": 4}
    assert first["trail"][0]["location"] == {"row": 3, "column": 1, "cell": 6}


def test_modules(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "net.ipynb").write_text(notebook(CELLS))
    assert run(["modules", "--reasons"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split() == "cell 4:1 net.Net script: blocked (SL120) trace: faithful".split()
    assert lines[2].startswith("            net.ipynb:cell 4:3:17  SL120")
    assert run(["modules", "--output-format", "json", "net.ipynb::Net()"]) == 0
    (one,) = json.loads(capsys.readouterr().out)["modules"]
    assert one["location"] == {"row": 1, "column": 1, "cell": 4}
    assert one["script"]["blockers"][0]["location"]["cell"] == 4


def test_comments_suppress_in_their_cell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cells = [*CELLS[:3], ("code", NET.rstrip() + "  # scriptlint: ignore[SL120]"), *CELLS[4:]]
    (tmp_path / "net.ipynb").write_text(notebook(cells))
    assert run(["check"]) == 0
    (tmp_path / "net.ipynb").write_text(notebook([*cells, ("code", "x = 1  # scriptlint: ignore[SL120]")]))
    assert run(["check", "--output-format", "concise"]) == 1
    assert "net.ipynb:cell 7:1:8: warning SL903" in capsys.readouterr().out


METHOD = """\
class Net(nn.Module):
    def forward(self, x: torch.Tensor):
        a = []
        for i in range(3):
            a.append(i)
        return a
"""


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("as_text", [True, False])
def test_fixes_are_written_to_cells(as_text: bool, indent: int | None, tmp_path: Path) -> None:
    cells: Cells = [
        *CELLS[:3],
        ("code", METHOD.rstrip() if as_text else METHOD.rstrip().splitlines(keepends=True)),
        ("markdown", METHOD),
        *CELLS[4:],
    ]
    before = json.dumps(json.loads(notebook(cells)), indent=indent)
    (tmp_path / "net.ipynb").write_text(before)
    assert run(["check", "--fix"]) == 0
    after = (tmp_path / "net.ipynb").read_text()
    assert "List[int]" in after
    old, new = json.loads(before), json.loads(after)
    changed = [at for at, pair in enumerate(zip(old["cells"], new["cells"], strict=True)) if pair[0] != pair[1]]
    assert changed == [1, 3]
    for at in changed:
        assert type(new["cells"][at]["source"]) is type(old["cells"][at]["source"])
        new["cells"][at]["source"] = old["cells"][at]["source"]
    assert new == old
    # Nothing but lines of these sources is another than before.
    kept = [one for one in before.splitlines() if one not in after.splitlines()]
    assert len(kept) <= (1 if indent is None else 2 if as_text else 3)
    assert run(["check", "--fix"]) == 0
    assert (tmp_path / "net.ipynb").read_text() == after


def test_imports_stay_out_of_cells_that_begin_with_a_magic(tmp_path: Path) -> None:
    cells: Cells = [
        ("code", "import torch\nfrom torch import nn"),
        ("code", "%%time\n" + METHOD + "torch.jit.script(Net())"),
    ]
    (tmp_path / "net.ipynb").write_text(notebook(cells))
    assert run(["check", "--fix"]) == 0
    sources = [one["source"] for one in json.loads((tmp_path / "net.ipynb").read_text())["cells"]]
    assert "from typing import List" in sources[0]
    assert sources[1].startswith("%%time\nclass Net")


def test_what_only_ipython_understands_is_not_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cells: Cells = [("code", "%%time\nimport torch\nfrom torch import nn\n" + METHOD + "torch.jit.script(Net())")]
    (tmp_path / "net.ipynb").write_text(notebook(cells))
    run(["check", "--fix"])
    (one,) = json.loads((tmp_path / "net.ipynb").read_text())["cells"]
    assert one["source"].startswith("%%time\n")


def test_comments_are_added_to_cells(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "net.ipynb").write_text(notebook(CELLS))
    assert run(["check", "--add-ignore"]) == 0
    assert capsys.readouterr().out == "Added 1 comment in 1 file.\n"
    sources = [one["source"] for one in json.loads((tmp_path / "net.ipynb").read_text())["cells"]]
    assert "".join(sources[3]) == NET.rstrip() + "  # scriptlint: ignore[SL120]\n"
    assert run(["check"]) == 0


def test_a_helper_of_a_notebook(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "lib.py").write_text("def helper(x):\n    return (lambda y: y)(x)\n")
    net = "from lib import helper\nclass Net(nn.Module):\n    def forward(self, x):\n        return helper(x)\n"
    (tmp_path / "net.ipynb").write_text(notebook([*CELLS[:3], ("code", net), *CELLS[4:]]))
    assert run(["check", "--output-format", "concise", "net.ipynb"]) == 1
    assert capsys.readouterr().out.startswith("lib.py:2:13: error SL120")


def test_folders_are_walked_for_notebooks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / ".ipynb_checkpoints").mkdir()
    for place in ("net.ipynb", ".ipynb_checkpoints/net-checkpoint.ipynb"):
        (tmp_path / place).write_text(notebook(CELLS))
    run(["check", "--show-files"])
    assert capsys.readouterr().out.split() == [str(tmp_path / "net.ipynb")]


def test_a_notebook_leads_to_a_helper(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is scripted in a notebook is a root of the project, whichever file was named."""
    (tmp_path / "lib.py").write_text("def helper(x):\n    return (lambda y: y)(x)\n")
    net = [
        "from lib import helper\n",
        "class Net(nn.Module):\n",
        "    def forward(self, x):\n",
        "        return helper(x)\n",
    ]
    (tmp_path / "net.ipynb").write_text(notebook([*CELLS[:3], ("code", net), *CELLS[4:]]))
    (tmp_path / "bad.ipynb").write_text("{")
    for _ in range(2):
        assert run(["check", "--output-format", "json", "lib.py"]) == 1
        (one,) = json.loads(capsys.readouterr().out)
        assert (one["code"], one["trail"][0]["location"]["cell"]) == ("SL120", 6)
