"""Markdown: its fenced Python is judged where it is asked for, at its places in the page, and repaired there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scriptlint.cli import run
from scriptlint.syntax.markdown import program
from scriptlint.syntax.parse import parse

PAGE = """\
# A page

Text with `torch.jit.script(x)` and an apostrophe's end (

```python
import torch
from torch import nn
```

- In a list:

  ```py
  class Net(nn.Module):
      def forward(self, x: torch.Tensor):
          a = []
          for i in range(3):
              a.append(i)
          return a
  ```

```bash
for x in (; do
```

```pycon
>>> f(
```

~~~~ {.python title="x"}
print("```")
torch.jit.script(Net())
~~~~
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").touch()


def test_all_else_is_blank_and_places_stay() -> None:
    text = program(PAGE)
    parse(text)
    assert [len(line) for line in text.split("\n")] == [len(line) for line in PAGE.split("\n")]
    kept = [line for line in text.split("\n") if line.strip()]
    assert kept[0] == "import torch"
    assert kept[2].rstrip() == "if 1:"
    assert kept[-1] == "torch.jit.script(Net())"
    assert "bash" not in text
    assert ">>>" not in text


@pytest.mark.parametrize(
    "page",
    [
        "",
        "```python\n",
        "```python\n```\n",
        "   ```python\n   # nothing\n   ```\n",
        "```python\n>>> f(x)\n```\n",
        "````python\nx = 1\n```\n````\n",
        "```python\r\nx = 1\r\n```\r\n",
        "``` python ```\nx (\n",
        "   ```python\nx = (\n   ```\n",
        "```\nx (\n```\n",
    ],
)
def test_what_is_no_block(page: str) -> None:
    text = program(page)
    assert len(text) == len(page)
    if "````" not in page:
        parse(text)


def test_findings_stand_in_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    Path("page.md").write_text(PAGE)
    assert run(["check", "--output-format", "json"]) == 0  # nobody asked for it
    assert json.loads(capsys.readouterr().out) == []
    for _ in range(2):
        assert run(["check", "--markdown", "--output-format", "json"]) == 1
        (one,) = json.loads(capsys.readouterr().out)
        assert (one["code"], one["location"]) == ("SL402", {"row": 17, "column": 15})
        assert one["trail"][0]["location"]["row"] == 31
    run(["check", "--markdown", "page.md"])
    assert "17 |               a.append(i)" in capsys.readouterr().out
    Path("pyproject.toml").write_text("[tool.scriptlint]\nmarkdown = true\n")
    assert run(["check"]) == 1


def test_fixes_change_only_the_blocks() -> None:
    Path("page.md").write_text(PAGE)
    assert run(["check", "--markdown", "--fix"]) == 0
    before, after = PAGE.splitlines(), Path("page.md").read_text().splitlines()
    assert [one for one in after if one not in before] == [
        "from typing import List",
        "          a: List[int] = []",
    ]
    assert [one for one in before if one not in after] == ["          a = []"]
    assert after.index("from typing import List") == after.index("import torch") - 2
    assert run(["check", "--markdown"]) == 0


def test_comments_are_added_in_blocks(capsys: pytest.CaptureFixture[str]) -> None:
    Path("page.md").write_text(PAGE)
    assert run(["check", "--markdown", "--add-ignore"]) == 0
    assert "a.append(i)  # scriptlint: ignore[SL402]" in Path("page.md").read_text()
    assert run(["check", "--markdown"]) == 0


def test_a_page_that_is_not_text(capsys: pytest.CaptureFixture[str]) -> None:
    Path("page.md").write_bytes(b"\xff\xfe")
    assert run(["check", "--markdown", "page.md"]) == 2
    assert "it is not UTF-8" in capsys.readouterr().out
