"""The action for GitHub and the job for GitLab, as far as they can be run here: their steps, without their services."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / ".ci" / "action"
ACTION: dict[str, Any] = yaml.safe_load((FOLDER / "action.yml").read_text("utf-8"))
GUIDE = (ROOT / "docs" / "guides" / "ci.md").read_text("utf-8")
NET = "import torch\n\n\n@torch.jit.script\ndef f(x, *, n: int = 1):\n    return x\n"


@pytest.fixture
def runner(tmp_path: Path) -> dict[str, str]:
    """What GitHub's runner sets, with scriptlint where the first steps put it."""
    programs = tmp_path / "temp" / "scriptlint" / "bin"
    programs.mkdir(parents=True)
    (programs / "python").symlink_to(sys.executable)
    program = programs / "scriptlint"
    program.write_text(f'#!/bin/sh\nexec env PYTHONPATH={ROOT} {sys.executable} -m scriptlint "$@"\n')
    program.chmod(0o755)
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "pyproject.toml").touch()
    (tmp_path / "work" / "net.py").write_text(NET)
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "RUNNER_TEMP": str(tmp_path / "temp"),
        "GITHUB_ACTION_PATH": str(FOLDER),
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
    }


def step(name: str) -> dict[str, Any]:
    return next(one for one in ACTION["runs"]["steps"] if one.get("name") == name)


def run(folder: Path, runner: dict[str, str], **inputs: str) -> tuple[int, str, dict[str, str]]:
    """The step that runs scriptlint, with inputs as the runner fills them in."""
    values = {name: one["default"] for name, one in ACTION["inputs"].items()} | inputs
    one = step("Run scriptlint")
    environment = {
        name: re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda match: values[match[1]], text)
        for name, text in one["env"].items()
    }
    done = subprocess.run(
        ["bash", "-e", "-c", one["run"]], cwd=folder / "work", env=runner | environment, capture_output=True, text=True
    )
    output = dict(line.split("=", 1) for line in (folder / "output").read_text().splitlines())
    return done.returncode, done.stdout, output


def test_findings_are_annotations_a_table_and_sarif(tmp_path: Path, runner: dict[str, str]) -> None:
    code, out, output = run(tmp_path, runner)
    assert code == 1
    assert out.startswith("::error title=SL141 keyword-only-default,file=net.py,line=5")
    assert output["exit-code"] == "1"
    (result,) = json.loads(Path(output["sarif-file"]).read_text())["runs"][0]["results"]
    assert result["ruleId"] == "SL141"
    assert "| `net.py:5:22` | error | SL141 |" in (tmp_path / "summary").read_text()


def test_inputs_are_followed(tmp_path: Path, runner: dict[str, str]) -> None:
    code, out, output = run(tmp_path, runner, args="net.py --ignore 'SL141'", annotations="false", summary="false")
    assert (code, output["exit-code"]) == (0, "0")
    assert "All checks passed!" in out
    assert not (tmp_path / "summary").exists()


@pytest.mark.parametrize("args", ["$(touch made)", "; touch made", "`touch made`", "'net.py' && touch made", "*.none"])
def test_arguments_are_words_and_nothing_is_run_or_expanded(tmp_path: Path, runner: dict[str, str], args: str) -> None:
    code, _, output = run(tmp_path, runner, args=args)
    assert (code, output["exit-code"]) == (2, "2")
    assert not (tmp_path / "work" / "made").exists()


def test_the_action_declares_what_it_uses() -> None:
    text = (FOLDER / "action.yml").read_text("utf-8")
    assert set(re.findall(r"inputs\.([\w-]+)", text)) == set(ACTION["inputs"])
    written = set(re.findall(r"([\w-]+)=\$", (FOLDER / "run.sh").read_text("utf-8"))) & set(ACTION["outputs"])
    assert written == set(ACTION["outputs"]) == set(re.findall(r"steps\.run\.outputs\.([\w-]+)", text))
    install = step("Install scriptlint")["run"]
    assert (FOLDER / "../.." / "pyproject.toml").exists()
    assert "${VERSION:-$GITHUB_ACTION_PATH/../..}" in install
    assert all(one.get("shell") == "bash" for one in ACTION["runs"]["steps"] if "run" in one)


def _shown(name: str) -> dict[str, Any]:
    block = re.search(rf"^```yaml\n(# {re.escape(name)}\n.*?)^```$", GUIDE, re.M | re.S)
    assert block is not None
    document: dict[str, Any] = yaml.safe_load(block[1])
    return document


def test_the_workflow_of_the_guide_gives_inputs_that_there_are() -> None:
    steps = _shown(".github/workflows/scriptlint.yml")["jobs"]["scriptlint"]["steps"]
    (ours,) = [one for one in steps if "scriptlint" in one["uses"]]
    assert ours["uses"].partition("scriptlint/")[2].partition("@")[0] == FOLDER.relative_to(ROOT).as_posix()
    assert ours["with"].keys() <= ACTION["inputs"].keys()


def test_the_job_for_gitlab_writes_the_reports_that_it_names(tmp_path: Path, runner: dict[str, str]) -> None:
    job = _shown(".gitlab-ci.yml")["scriptlint"]
    _, command = job["script"]
    programs = tmp_path / "temp" / "scriptlint" / "bin"
    environment = runner | {"PATH": f"{programs}:{runner['PATH']}"}
    done = subprocess.run(
        ["bash", "-c", command], cwd=tmp_path / "work", env=environment, capture_output=True, text=True
    )
    assert done.returncode == 1, done.stderr
    quality = json.loads((tmp_path / "work" / job["artifacts"]["reports"]["codequality"]).read_text())
    assert [one["check_name"] for one in quality] == ["SL141"]
    assert "SL141" in (tmp_path / "work" / job["artifacts"]["reports"]["junit"]).read_text()
