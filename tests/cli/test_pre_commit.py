"""The hook, by the real pre-commit: it installs without torch, and a finding stops the commit."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent.parent
SHIPPED = ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml", "scriptlint", "rules")

REFUSED = """\
import torch


class Net(torch.nn.Module):
    def forward(self, x):
        def inner(y):
            return y

        return inner(x)


net = torch.jit.script(Net())
"""
ACCEPTED = REFUSED.replace("        def inner(y):\n            return y\n\n        return inner(x)", "        return x")


@pytest.fixture
def environment(tmp_path: Path) -> Mapping[str, str]:
    """A machine that has never seen pre-commit, and a git that knows nobody else's settings."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PRE_COMMIT"))}
    return inherited | {
        "PRE_COMMIT_HOME": str(tmp_path / "hooks"),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_AUTHOR_NAME": "a",
        "GIT_AUTHOR_EMAIL": "a@example.org",
        "GIT_COMMITTER_NAME": "a",
        "GIT_COMMITTER_EMAIL": "a@example.org",
    }


def ran(folder: Path, environment: Mapping[str, str], *command: str) -> tuple[int, str]:
    done = subprocess.run(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    return done.returncode, done.stdout


def repository(folder: Path, environment: Mapping[str, str]) -> str:
    """Makes what stands in the folder a repository with one commit; returns the commit."""
    for command in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "all"]):
        code, said = ran(folder, environment, "git", *command)
        assert code == 0, said
    return ran(folder, environment, "git", "rev-parse", "HEAD")[1].strip()


@pytest.fixture
def hook(tmp_path: Path, environment: Mapping[str, str]) -> tuple[Path, str]:
    """The project as it stands, committed or not, in a repository of its own, and its commit."""
    folder = tmp_path / "scriptlint"
    folder.mkdir()
    for name in SHIPPED:
        source = PROJECT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    return folder, repository(folder, environment)


@pytest.fixture
def models(tmp_path: Path, environment: Mapping[str, str]) -> Path:
    """Somebody's repository."""
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / "README").touch()
    repository(folder, environment)
    return folder


def test_try_repo(hook: tuple[Path, str], models: Path, environment: Mapping[str, str]) -> None:
    (models / "net.py").write_text(REFUSED)
    assert ran(models, environment, "git", "add", "net.py")[0] == 0
    command = (sys.executable, "-m", "pre_commit", "try-repo", str(hook[0]), "scriptlint", "--files", "net.py")
    code, said = ran(models, environment, *command)
    assert (code, "net.py:6:" in said, "error[SL" in said) == (1, True, True), said


def test_a_finding_stops_the_commit(hook: tuple[Path, str], models: Path, environment: Mapping[str, str]) -> None:
    (models / ".pre-commit-config.yaml").write_text(
        f"repos:\n- repo: {hook[0]}\n  rev: {hook[1]}\n  hooks:\n  - id: scriptlint\n"
    )
    (models / "net.py").write_text(REFUSED)
    assert ran(models, environment, sys.executable, "-m", "pre_commit", "install")[0] == 0
    assert ran(models, environment, "git", "add", "--all")[0] == 0
    code, said = ran(models, environment, "git", "commit", "--message", "a model")
    assert (code, "net.py:6:" in said, "error[SL" in said) == (1, True, True), said

    hooks = Path(environment["PRE_COMMIT_HOME"])
    installed = {path.name for path in hooks.glob("repo*/py_env-*/lib/python*/site-packages/*")}
    assert "scriptlint" in installed
    assert not [name for name in installed if name.startswith("torch")]

    (models / "net.py").write_text(ACCEPTED)
    assert ran(models, environment, "git", "add", "--all")[0] == 0
    code, said = ran(models, environment, "git", "commit", "--message", "a model")
    assert code == 0, said


def test_the_fixing_hook_changes_the_file_and_the_second_commit_passes(
    hook: tuple[Path, str], models: Path, environment: Mapping[str, str]
) -> None:
    (models / ".pre-commit-config.yaml").write_text(
        f"repos:\n- repo: {hook[0]}\n  rev: {hook[1]}\n  hooks:\n  - id: scriptlint-fix\n"
    )
    (models / "net.py").write_text(ACCEPTED.replace("forward(self, x)", "forward(self, x, twice=False)"))
    assert ran(models, environment, sys.executable, "-m", "pre_commit", "install")[0] == 0
    assert ran(models, environment, "git", "add", "--all")[0] == 0
    code, said = ran(models, environment, "git", "commit", "--message", "a model")
    assert (code, "files were modified by this hook" in said) == (1, True), said
    assert "def forward(self, x, twice: bool = False):" in (models / "net.py").read_text()
    assert ran(models, environment, "git", "add", "--all")[0] == 0
    code, said = ran(models, environment, "git", "commit", "--message", "a model")
    assert code == 0, said
