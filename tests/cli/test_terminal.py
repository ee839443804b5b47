"""What people see: the help of every command, and colours on a terminal and nowhere else."""

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from scriptlint.cli import _COMMANDS, _commands

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
PROGRAM = """\
import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        return (lambda y: y)(x)


torch.jit.script(Net())
"""


@pytest.mark.parametrize("name", _COMMANDS)
def test_help_says_all_and_fits(name: str) -> None:
    context = click.Context(_commands)
    command = _commands.get_command(context, name)
    assert command is not None
    assert command.short_help
    assert command.help
    for parameter in command.params:
        assert isinstance(parameter, click.Argument) or parameter.help, parameter.name
    for columns in (80, 100):
        told = CliRunner().invoke(_commands, [name, "--help"], terminal_width=columns)
        assert told.exit_code == 0
        assert max(map(len, told.output.splitlines())) <= columns
    listed = CliRunner().invoke(_commands, ["--help"], terminal_width=80).output
    assert re.search(rf"^  {name} +\S.*[^.]\.$", listed, re.M), "its line is cut"


def on_terminal(folder: Path, *args: str, is_interactive: bool = False, **environment: str) -> str:
    """What a command writes to a terminal; how far it is, which a slow machine is told, goes elsewhere."""
    ours, theirs = pty.openpty()
    stdin = theirs if is_interactive else subprocess.DEVNULL
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    root = Path(__file__).parent.parent.parent
    done = subprocess.Popen(
        [sys.executable, "-m", "scriptlint", *args],
        cwd=folder,
        stdin=stdin,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        env={**kept, "PYTHONPATH": str(root), "TERM": "xterm-256color", "COLUMNS": "100", **environment},
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # how a terminal ends on Linux
            break
        if not part:
            break
        shown += part
    os.close(ours)
    done.wait()
    return shown.decode().replace("\r\n", "\n")


@pytest.mark.parametrize(
    "args",
    [
        ("check", "net.py", "--isolated"),
        ("check", "net.py", "--isolated", "--output-format", "concise"),
        ("check", "net.py", "--isolated", "--statistics"),
        ("modules", "net.py", "--isolated"),
        ("modules", "net.py", "--isolated", "--statistics"),
        ("rules",),
        ("explain", "SL120"),
        ("explain", "--isolated", "-m", 'Lambda aren\'t supported:\n  File "net.py", line 7\n    x\n    ~ <--- HERE'),
    ],
    ids=lambda args: " ".join(args[:4])[:40],
)
def test_colours_are_for_terminals(args: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(PROGRAM)
    coloured = on_terminal(tmp_path, *args)
    assert COLOUR.search(coloured)
    assert not re.search("\x1b[^[]", coloured)
    plain = on_terminal(tmp_path, *args, NO_COLOR="1")
    assert "SL120" in plain
    if args[0] != "explain":  # a page is still set as a page, with bold headings
        assert not COLOUR.search(plain)
        assert COLOUR.sub("", coloured) == plain


def test_json_is_never_coloured(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(PROGRAM)
    for args in (["check"], ["modules"], ["modules", "--statistics"], ["rules"]):
        paths = [] if args == ["rules"] else ["net.py", "--isolated"]
        assert "\x1b" not in on_terminal(tmp_path, *args, *paths, "--output-format", "json")


def test_a_page_that_is_longer_than_the_terminal_goes_through_a_pager(tmp_path: Path) -> None:
    pager = tmp_path / "pager"
    pager.write_text('#!/bin/sh\necho "PAGED $LESS"\ncat\n')
    pager.chmod(0o755)
    (tmp_path / "pyproject.toml").touch()
    given = {"PAGER": str(pager), "LINES": "20"}
    shown = on_terminal(tmp_path, "explain", "SL801", is_interactive=True, **given)
    assert shown.startswith("PAGED FRX\n")
    assert "tensor-dependent-branch" in shown
    assert "PAGED" not in on_terminal(tmp_path, "explain", "SL801", "--no-pager", is_interactive=True, **given)
    assert "PAGED" not in on_terminal(tmp_path, "explain", "SL801", is_interactive=True, **given | {"LINES": "2000"})
    assert "PAGED" not in on_terminal(tmp_path, "explain", "SL801", is_interactive=True, **given | {"PAGER": ""})
    assert "PAGED MINE" in on_terminal(tmp_path, "explain", "SL801", is_interactive=True, **given, LESS="MINE")
    assert "PAGED" not in on_terminal(tmp_path, "explain", "SL801", **given), "a script does not answer a pager"


def test_codes_are_links_where_the_terminal_knows_them(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(PROGRAM)
    link = re.compile(r"\x1b\]8;;(file://[^\x1b]+/SL120-lambda-expression\.md)\x1b\\SL120\x1b\]8;;\x1b\\")
    for output_format in ("full", "concise"):
        args = ("check", "net.py", "--isolated", "--output-format", output_format)
        shown = on_terminal(tmp_path, *args, TERM_PROGRAM="WezTerm", CI="")
        assert link.search(shown)
        plain = on_terminal(tmp_path, *args, FORCE_HYPERLINK="0")
        assert "\x1b]8" not in plain
        assert link.sub("SL120", shown) == plain
        assert "\x1b]8" not in on_terminal(tmp_path, *args, "--color", "never", TERM_PROGRAM="WezTerm", CI="")
