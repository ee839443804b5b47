"""scriptlint, asked about a program that may break it."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

from scriptlint.cli import run

HEAD = "import torch\nfrom torch import Tensor, nn\nfrom typing import Dict, List, NamedTuple, Optional, Tuple, Union\n\n\n"


def module(
    forward: str, constructor: str = "pass", before: str = "", parameters: str = "self, x", given: str = ""
) -> str:
    """Return a program with one module, of these lines."""
    return (
        f"{HEAD}{before}\n\nclass Net(nn.Module):\n    def __init__(self{given}):\n        super().__init__()\n"
        f"{_indented(constructor)}\n\n    def forward({parameters}):\n{_indented(forward)}\n"
    )


def _indented(lines: str) -> str:
    return "\n".join(f"        {line}" for line in lines.splitlines())


def asked(command: str, program: str, folder: Path) -> Any:
    """Return what a command says of a program as JSON; fails where scriptlint does."""
    path = folder / "model.py"
    path.write_text(program, encoding="utf-8")
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run([command, "--isolated", "--cache-dir", str(folder / "cache"), "--output-format", "json", str(path)])
    assert "failed on this file" not in out.getvalue() + err.getvalue()
    assert code in (0, 1, 2), err.getvalue()
    assert out.getvalue(), err.getvalue()
    return json.loads(out.getvalue())


def codes(program: str, folder: Path) -> set[str]:
    """Return the codes that `check` finds."""
    return {one["code"] for one in asked("check", program, folder)}


def verdicts(program: str, folder: Path) -> dict[str, tuple[str, str]]:
    """Return the verdicts on the classes of a program, for script and for trace."""
    found = asked("modules", program, folder)["modules"]
    return {one["name"]: (one["script"]["verdict"], one["trace"]["verdict"]) for one in found}
