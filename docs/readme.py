"""Writes what README.md takes from the program: the table of rules, and what the commands in it print.

    python docs/readme.py            write
    python docs/readme.py --check    exit with 1 if something would change, and say what

The files that the README shows (a python block whose first line is `# name.py`) are written to a folder of their own, and the
commands of the console blocks run there, one shell for each block.
"""

from __future__ import annotations

import difflib
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from scriptlint.cli.rules import sentence
from scriptlint.diag import pages
from scriptlint.engine.registry import all_rules

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
BLOCK = re.compile(r"^```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.M | re.S)
TABLE = re.compile(r"(<!-- rules: .* -->\n).*(<!-- end of rules -->)", re.S)


def blocks(text: str, kind: str) -> list[str]:
    """The fenced blocks of one kind."""
    return [match["text"] for match in BLOCK.finditer(text) if match["kind"] == kind]


def write_files(text: str, folder: Path) -> None:
    """Writes the files that the README shows."""
    for block in blocks(text, "python"):
        name = re.match(r"# (\w+\.py)\n", block)
        assert name, f"a python block must begin with the name of its file: {block[:40]!r}"
        (folder / name[1]).write_text(block, encoding="utf-8")


def rules_table() -> str:
    """All rules as a table."""
    rows = ["| code | name | | for | what is said |", "|---|---|---|---|---|"]
    found = pages.pages()
    for rule in all_rules().values():
        page = found.get(rule.code)
        code = f"[{rule.code}]({page.relative_to(ROOT).as_posix()})" if page else rule.code
        said = _escaped(sentence(rule.message))
        rows.append(f"| {code} | {rule.name} | {rule.severity.value} | {rule.target.value} | {said} |")
    return "\n".join(rows) + "\n"


def _escaped(text: str) -> str:
    """The text for a cell: what stands for a fact is no tag, and a bar is no border."""
    parts = text.replace("|", "\\|").split("`")
    parts[::2] = [re.sub(r"<(\w+)>", r"*\1*", part) for part in parts[::2]]
    return "`".join(parts)


def printed(block: str, folder: Path) -> str:
    """A console block with what its commands print now."""
    commands = [line[2:] for line in block.splitlines() if line.startswith("$ ")]
    return "\n".join(f"$ {command}\n{output(command, folder)}" for command in commands)


def output(command: str, folder: Path) -> str:
    """Return what a command prints in this folder."""
    program, _, rest = command.partition(" ")
    assert program == "scriptlint", command
    environment = {name: value for name, value in os.environ.items() if name not in ("FORCE_COLOR", "VIRTUAL_ENV")}
    done = subprocess.run(
        f"{sys.executable} -m scriptlint {rest}",
        shell=True,
        cwd=folder,
        env=environment | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.stdout


def refreshed(text: str) -> str:
    """The README with everything that is written by this program written anew."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        (folder / "pyproject.toml").touch()
        write_files(text, folder)

        def block(match: re.Match[str]) -> str:
            if match["kind"] != "console":
                return match[0]
            return f"```console\n{printed(match['text'], folder)}```"

        text = BLOCK.sub(block, text)
    return TABLE.sub(lambda match: match[1] + rules_table() + match[2], text)


def main() -> int:
    """Runs the command line."""
    before = README.read_text(encoding="utf-8")
    after = refreshed(before)
    if "--check" in sys.argv[1:]:
        changes = difflib.unified_diff(
            before.splitlines(), after.splitlines(), "README.md", "as it should be", lineterm=""
        )
        told = "\n".join(changes)
        if told:
            print(f"{told}\nrun `python docs/readme.py`")
        return int(before != after)
    README.write_text(after, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
