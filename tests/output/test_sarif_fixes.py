"""The fixes of SARIF results are those of the JSON output."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scriptlint.cli import run

PROGRAM = "import torch\n\n\ndef scale(x, factor=2.0):\n    return x * factor\n\n\ntorch.jit.script(scale)\n"


def test_results_carry_the_edits_of_their_fix(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "model.py"
    path.write_text(PROGRAM, encoding="utf-8")
    said = {}
    for name in ("json", "sarif"):
        run(["check", "--isolated", "--no-cache", "--output-format", name, str(path)])
        said[name] = json.loads(capsys.readouterr().out)
    wanted = [one["content"] for one in said["json"][0]["fix"]["edits"]]
    (fix,) = said["sarif"]["runs"][0]["results"][0]["fixes"]
    (change,) = fix["artifactChanges"]
    assert change["artifactLocation"]["uri"].endswith("model.py")
    assert [one["insertedContent"]["text"] for one in change["replacements"]] == wanted
    assert change["replacements"][0]["deletedRegion"]["startLine"] == 4
