"""Packs: an example that is installed as users install one, and what is said of those that are not in order."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
NET = """\
import torch
from torch import nn, argsort as order


def helper(x: torch.Tensor) -> torch.Tensor:
    é = torch.sort(x)[0]; y = torch . sort(é)  # two on a line, behind a letter of two bytes
    return y[0]


class Net(nn.Module):
    def forward(self, x: torch.Tensor, sizes: list[int]) -> torch.Tensor:
        first = order(
            x,
        )
        sizes.sort()
        return helper(first) + torch.ops.acme.crop(x, SIZE)


class Other(nn.Module):
    def forward(self, x):
        return torch.sort(x)[0]


torch.jit.script(Net())
"""


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of packages in which the example lies, as pip puts it there."""
    folder = tmp_path_factory.mktemp("packs")
    project = tmp_path_factory.mktemp("acme")
    for name in ("pyproject.toml", "acme_rules.py"):
        (project / name).write_bytes((HERE / "acme" / name).read_bytes())
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--target", str(folder), str(project)], check=True)
    return folder


def scriptlint(folder: Path, *arguments: str, packs: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(packs), str(ROOT)])}
    command = [sys.executable, "-m", "scriptlint", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def found(done: subprocess.CompletedProcess[str]) -> list[tuple[int, int, str, str]]:
    assert done.returncode in (0, 1), done.stderr
    return [
        (one["location"]["row"], one["location"]["column"], one["code"], one["message"])
        for one in json.loads(done.stdout)
    ]


def project(folder: Path, settings: str = 'packs = ["acme"]\n', size: str = "3") -> Path:
    (folder / "scriptlint.toml").write_text(settings)
    (folder / "net.py").write_text(NET.replace("SIZE", size))
    return folder


SORTS = [
    (6, 9, "ACME001", "`torch.sort` sorts a `Tensor` on the host, which stops the accelerator"),
    (6, 31, "ACME001", "`torch.sort` sorts a `Tensor` on the host, which stops the accelerator"),
    (12, 17, "ACME001", "`torch.argsort` sorts a `Tensor` on the host, which stops the accelerator"),
]


def test_rules_are_checked_in_what_is_compiled(tmp_path: Path, installed: Path) -> None:
    done = scriptlint(project(tmp_path), "check", "--output-format", "json", packs=installed)
    assert found(done) == SORTS
    again = scriptlint(tmp_path, "check", "--output-format", "json", packs=installed)
    assert again.stdout == done.stdout
    verdict = json.loads(scriptlint(tmp_path, "modules", "--output-format", "json", "net.py", packs=installed).stdout)
    assert [one["script"]["verdict"] for one in verdict["modules"]] == ["ok", "ok"]


def test_nothing_of_it_holds_where_it_is_not_named(tmp_path: Path, installed: Path) -> None:
    done = scriptlint(project(tmp_path, settings=""), "check", "--output-format", "json", packs=installed)
    assert found(done) == []
    assert scriptlint(tmp_path, "explain", "ACME001", packs=installed).returncode == 2


def test_its_rules_are_rules(tmp_path: Path, installed: Path) -> None:
    folder = project(tmp_path)
    page = scriptlint(folder, "explain", "slow-sort", packs=installed).stdout
    assert page.startswith("# ACME001 slow-sort\n\nSorting waits")
    listed = json.loads(scriptlint(folder, "rules", "--output-format", "json", packs=installed).stdout)
    assert listed[-1]["code"] == "ACME001"
    check = ("check", "--output-format", "json")
    assert found(scriptlint(folder, *check, "--ignore", "ACME", packs=installed)) == []
    assert found(scriptlint(folder, *check, "--select", "slow-sort", packs=installed)) == SORTS
    text = (folder / "net.py").read_text()
    (folder / "net.py").write_text(text.replace("first = order(", "first = order(  # noqa: ACME001"))
    assert found(scriptlint(folder, *check, packs=installed)) == SORTS[:2]
    sarif = json.loads(scriptlint(folder, "check", "--output-format", "sarif", packs=installed).stdout)
    (run,) = sarif["runs"]
    assert [one["id"] for one in run["tool"]["driver"]["rules"]] == ["ACME001"]


def test_facts_hold(tmp_path: Path, installed: Path) -> None:
    folder = project(tmp_path, size='"three"')
    done = scriptlint(folder, "check", "--output-format", "json", "--ignore", "ACME", packs=installed)
    assert [(row, code) for row, _, code, _ in found(done)] == [(16, "SL402")]
    (folder / "net.py").write_text(
        NET.replace("SIZE", "3").replace("torch.jit.script(Net())", "import acme.deploy\nacme.deploy.ship(Net())")
    )
    done = scriptlint(folder, "check", "--output-format", "json", packs=installed)
    assert [code for _, _, code, _ in found(done)] == ["ACME001"] * 3


def test_another_state_of_a_pack_is_asked_anew(tmp_path: Path, installed: Path) -> None:
    folder = project(tmp_path)
    packs = tmp_path / "packs"
    subprocess.run(["cp", "-r", str(installed), str(packs)], check=True)
    assert found(scriptlint(folder, "check", "--output-format", "json", packs=packs)) == SORTS
    code = (packs / "acme_rules.py").read_text()
    (packs / "acme_rules.py").write_text(code.replace('"torch.sort", ', ""))
    assert found(scriptlint(folder, "check", "--output-format", "json", packs=packs)) == SORTS[2:]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("pack = Pack(", "raise OSError('no licence')\npack = Pack(", "cannot be loaded: OSError: no licence"),
        ("pack = Pack(", "pack = dict(", "must be a `scriptlint.pack.Pack`, and is a `dict`"),
        ('code="ACME001"', 'code="SL101"', "`SL101` is not a code such as `ACME001`"),
        ('name="slow-sort"', 'name="lambda-expression"', "SL120 lambda-expression and ACME001 lambda-expression clash"),
        ("-> Tensor", "->", "is not a schema"),
        ("acme::crop", "crop", "does not name its namespace"),
        ('"acme.deploy.ship"', '"ship it"', "`ship it` is not the dotted name of a function"),
        ("Target.TOOL", "Target.SCRIPT", "must have the target TOOL"),
    ],
)
def test_what_is_not_in_order_is_said_in_one_sentence(
    tmp_path: Path, installed: Path, old: str, new: str, said: str
) -> None:
    packs = tmp_path / "packs"
    subprocess.run(["cp", "-r", str(installed), str(packs)], check=True)
    code = (packs / "acme_rules.py").read_text()
    assert old in code
    (packs / "acme_rules.py").write_text(code.replace(old, new))
    done = scriptlint(project(tmp_path), "check", packs=packs)
    assert done.returncode == 2
    assert done.stderr.startswith("scriptlint: scriptlint.toml:1: ")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_pack_that_is_not_there(tmp_path: Path, installed: Path) -> None:
    folder = project(tmp_path, settings='packs = ["acne"]\n')
    done = scriptlint(folder, "check", packs=installed)
    assert (done.returncode, done.stderr) == (
        2,
        "scriptlint: scriptlint.toml:1: there is no pack `acne` where scriptlint is installed (there is: acme)\n",
    )
    # The rules can still be looked up.
    assert "SL101" in scriptlint(folder, "rules", packs=installed).stdout


def test_a_project_brings_no_pack(tmp_path: Path, installed: Path) -> None:
    folder = project(tmp_path, settings='packs = ["evil"]\n')
    (folder / "evil.py").write_text("open('ran', 'w')\n")
    metadata = folder / "evil-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[scriptlint.rules]\nevil = evil:pack\n")
    assert scriptlint(folder, "check", packs=installed).returncode == 2
    assert not (folder / "ran").exists()


def test_the_page_shows_the_example() -> None:
    page = (ROOT / "docs" / "packs.md").read_text(encoding="utf-8")
    for file in sorted((HERE / "acme").iterdir()):
        assert f"\n{file.read_text(encoding='utf-8')}```" in page


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_check_that_fails_costs_nothing_else(tmp_path: Path, installed: Path, jobs: str) -> None:
    packs = tmp_path / "packs"
    subprocess.run(["cp", "-r", str(installed), str(packs)], check=True)
    code = (packs / "acme_rules.py").read_text()
    broken = 'def broken(function: CompiledFunction) -> Iterator[Problem]:\n    raise KeyError("x")\n\n\npack = Pack('
    code = code.replace("pack = Pack(", broken).replace("(slow_sorts,)", "(broken, slow_sorts)")
    (packs / "acme_rules.py").write_text(code)
    done = scriptlint(project(tmp_path), "check", "--output-format", "json", "--jobs", jobs, packs=packs)
    assert done.returncode == 2
    codes = [one["code"] for one in json.loads(done.stdout)]
    assert sorted(codes) == ["ACME001"] * 3 + ["SL908"] * 2
