"""scriptlint, asked about one program the way a user asks: by the command line, for JSON."""

from __future__ import annotations

import contextlib
import io
import json
from dataclasses import dataclass
from pathlib import Path

from scriptlint.cli import run
from scriptlint.engine.registry import all_rules


@dataclass(frozen=True)
class Finding:
    """One finding, as the JSON has it."""

    code: str
    name: str
    severity: str
    row: int
    column: int
    message: str
    when: str | None


def findings(program: str, folder: Path) -> list[Finding]:
    """What scriptlint says about a program that is written to `folder` as `model.py`."""
    path = folder / "model.py"
    path.write_text(program, encoding="utf-8")
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(["check", "--isolated", "--no-cache", "--output-format", "json", str(path)])
    assert code in (0, 1, 2), err.getvalue()
    assert out.getvalue(), err.getvalue()
    return [
        Finding(
            code=one["code"],
            name=one["name"],
            severity=one["severity"],
            row=one["location"]["row"],
            column=one["location"]["column"],
            message=one["message"],
            when=one["when"],
        )
        for one in json.loads(out.getvalue())
    ]


def code_of(code_or_name: str) -> str:
    """The code of a rule that a mark names."""
    for code, rule in all_rules().items():
        if code_or_name in (code, rule.name):
            return code
    raise AssertionError(f"no rule is called {code_or_name}")
