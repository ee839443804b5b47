"""Completion, as the real shells do it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scriptlint.cli.completion import SHELLS

pytestmark = pytest.mark.shells
ROOT = Path(__file__).parent.parent.parent
# What is typed, and what is offered for it: all of it, or only a part where there is a `...`.
TYPED = [
    ("scriptlint mod", ["modules"]),
    ("scriptlint ex", ["explain"]),
    ("scriptlint ne", ["net.py"]),
    ("scriptlint --sel", ["--select"]),
    ("scriptlint check --fix-", ["--fix-only"]),
    ("scriptlint check --target ", ["auto", "both", "script", "trace"]),
    ("scriptlint net.py --select SL14", ["SL140", "SL141", "..."]),
    ("scriptlint check --ignore SL1,SL14", ["SL1,SL140", "SL1,SL141", "..."]),
    ("scriptlint explain keyword-only-d", ["keyword-only-default"]),
    ("scriptlint explain SL141,", []),
    ("scriptlint check --config target", ["target-torch=", "target="]),
    ("scriptlint check --config sc", ["scriptlint.toml"]),
    ("scriptlint schema ", ["modules", "report", "settings"]),
    ("scriptlint completion f", ["fish"]),
    ("scriptlint modules ne", ["net.py"]),
]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Where `scriptlint` is this one, in a folder with two files."""
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "scriptlint"
    program.write_text(f'#!/bin/sh\nexec env PYTHONPATH={ROOT} {sys.executable} -m scriptlint "$@"\n')
    program.chmod(0o755)
    for name in ("net.py", "scriptlint.toml"):
        (tmp_path / name).touch()
    return {
        "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "TERM": "dumb",
        "LC_ALL": "C.UTF-8",
    }


def shell(name: str, script: str, folder: Path, environment: dict[str, str]) -> str:
    where = shutil.which(name)
    assert where is not None, f"{name} is needed for this test: .ci/run installs it"
    options = {"bash": ["--norc", "--noprofile"], "zsh": ["-f"], "fish": ["--no-config"]}[name]
    done = subprocess.run([where, *options, "-c", script], cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def in_bash(typed: str, folder: Path, environment: dict[str, str]) -> list[str]:
    # Completion of files is the shell's own, so a function that asks for it is answered by compgen.
    script = """
eval "$(scriptlint completion bash)"
compopt() { wants=$2; }
COMP_WORDS=(%s) COMP_CWORD=%d
_scriptlint_completion scriptlint
if [ "$wants" = default ]; then compgen -f -- "${COMP_WORDS[COMP_CWORD]}"; fi
printf '%%s\\n' "${COMPREPLY[@]}"
"""
    words = typed.split(" ")
    quoted = " ".join(f"'{word}'" for word in words)
    return shell("bash", script % (quoted, len(words) - 1), folder, environment).split()


def in_fish(typed: str, folder: Path, environment: dict[str, str]) -> list[str]:
    script = f"scriptlint completion fish | source; complete -C '{typed}'"
    return [line.partition("\t")[0] for line in shell("fish", script, folder, environment).splitlines()]


def in_zsh(typed: str, folder: Path, environment: dict[str, str]) -> list[str]:
    # Outside of its editor zsh has the function but not the builtins that take what it offers.
    script = """
compdef() { }
compadd() { print -rl -- ${(P)@[-1]} }
_describe() { for one in ${(P)3}; do print -r -- ${one%%%%:*}; done }
_path_files() { print -rl -- ${words[CURRENT]}*(N) }
eval "$(scriptlint completion zsh)"
words=(%s) CURRENT=%d
_scriptlint_completion
true
"""
    words = typed.split(" ")
    quoted = " ".join(f"'{word}'" for word in words)
    return shell("zsh", script % (quoted, len(words)), folder, environment).split()


@pytest.mark.parametrize("typed", TYPED, ids=lambda one: one[0])
@pytest.mark.parametrize("name", SHELLS)
def test_what_is_offered(name: str, typed: tuple[str, list[str]], tmp_path: Path, environment: dict[str, str]) -> None:
    ask = {"bash": in_bash, "fish": in_fish, "zsh": in_zsh}[name]
    offered = sorted(set(ask(typed[0], tmp_path, environment)))
    wanted = [one for one in typed[1] if one != "..."]
    if "..." in typed[1]:
        assert set(wanted) <= set(offered)
        assert all(one.startswith(wanted[0][:-1]) for one in offered)
    else:
        assert offered == sorted(wanted)
