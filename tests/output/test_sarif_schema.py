"""SARIF against the schema of the standard, and what a code host needs of it.

`sarif-2.1.0-rtm.5.json` is the schema as @microsoft/jest-sarif 1.0.0-beta.0 has it (Copyright (c) Microsoft, MIT licence).
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator

from scriptlint.cli import run

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
SCHEMA = Draft4Validator(json.loads((HERE / "sarif-2.1.0-rtm.5.json").read_text("utf-8")))
BROKEN = "import torch\n\n\n@torch.jit.script\ndef f(x, *, n: int = 1):\n    return x\n\n\ndef g(:\n"
CELL = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": [BROKEN[:75]]}
Sarif = Callable[..., dict[str, Any]]


@pytest.fixture
def sarif(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Sarif:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SCRIPTLINT_DOCS", raising=False)
    (tmp_path / "pyproject.toml").touch()

    def sarif(*args: str) -> dict[str, Any]:
        run(["check", "--no-cache", "--output-format", "sarif", *args])
        report: dict[str, Any] = json.loads(capsys.readouterr().out)
        SCHEMA.validate(report)
        (one,) = report["runs"]
        return dict(one)

    return sarif


def test_every_kind_of_report_is_valid(sarif: Sarif, tmp_path: Path) -> None:
    assert sarif()["results"] == []
    (tmp_path / "größe #1 50%.py").write_text(BROKEN.rpartition("\n\n\n")[0])
    (tmp_path / "half.py").write_text(BROKEN)
    (tmp_path / "bytes.py").write_bytes(b"\0")
    (tmp_path / "net.ipynb").write_text(
        json.dumps({"cells": [CELL], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    )
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    found = sarif("--notes", "--unreached")
    assert len(found["results"]) > 10
    codes = {one["ruleId"] for one in found["results"]}
    assert {"SL141", "SL900", "SL901"} <= codes
    assert any(one.get("relatedLocations") for one in found["results"])
    assert any(one.get("codeFlows") for one in found["results"])
    assert any(one.get("fixes") for one in found["results"])


def test_rules_are_told_in_words_that_need_no_facts(sarif: Sarif, tmp_path: Path) -> None:
    (tmp_path / "half.py").write_text(BROKEN)
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    for rule in sarif("--notes", "--unreached")["tool"]["driver"]["rules"]:
        assert rule["help"]["markdown"].startswith(f"# {rule['id']} {rule['name']}\n")
        text = rule["fullDescription"]["text"]
        assert len(text) > 20, rule["id"]
        assert not re.search(r"\{\w+(![rsa])?(:[^}]*)?\}|\n", text), text
        assert "helpUri" not in rule


def test_pages_have_an_address_where_they_are_published(
    sarif: Sarif, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "net.py").write_text(BROKEN)
    monkeypatch.setenv("SCRIPTLINT_DOCS", "https://docs.test/scriptlint/")
    driver = sarif()["tool"]["driver"]
    assert driver["informationUri"] == "https://docs.test/scriptlint/"
    assert driver["rules"][0]["helpUri"] == "https://docs.test/scriptlint/rules/SL141/"
    for none in ("", "javascript:alert(1)", "docs.test"):
        monkeypatch.setenv("SCRIPTLINT_DOCS", none)
        assert "helpUri" not in sarif()["tool"]["driver"]["rules"][0]


def test_a_fingerprint_stays_when_lines_move(sarif: Sarif, tmp_path: Path) -> None:
    text = "import torch\n\n\nclass A(torch.nn.Module):\n    def forward(self, x):\n        y = [v for v in x if v]\n        return [v for v in x if v]\n\n\ntorch.jit.script(A())\n"

    def prints(program: str) -> list[str]:
        (tmp_path / "net.py").write_text(program)
        found = sarif("--select", "SL124")["results"]
        assert [one["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] for one in found] == [
            "A.forward"
        ] * len(found)
        return [one["partialFingerprints"]["scriptlint/v1"] for one in found]

    before = prints(text)
    assert len(set(before)) == 2
    assert prints("import os\n\n" + text.replace("        y =", "        z = 1\n        y =")) == before
    assert prints(text.replace("        y = [v for v in x if v]\n", "")) == before[:1]
    other = text.replace("return [v for", "return [w for").replace("x if v]\n\n", "x if w]\n\n")
    assert prints(other)[0] == before[0]
