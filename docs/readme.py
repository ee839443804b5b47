"""Writes what the README and the guides take from the program: the table of rules, and what their commands print.

    python docs/readme.py            write
    python docs/readme.py --check    exit with 1 if something would change, and say what

The files that the pages show (a python block whose first line is `# name.py`) are written to a folder of their own, and the
commands of the console blocks run there, beside the folder `examples`.
"""

from __future__ import annotations

import difflib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from scriptlint.cli.rules import sentence
from scriptlint.diag import pages
from scriptlint.engine.registry import all_rules

ROOT = Path(__file__).resolve().parent.parent
RULES = ROOT / "docs" / "rules.md"
PAGES = (ROOT / "README.md", ROOT / "README.zh.md", RULES, *sorted((ROOT / "docs" / "guides").glob("*.md")))
BLOCK = re.compile(r"^```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.M | re.S)
TABLE = re.compile(r"(<!-- rules: .* -->\n).*(<!-- end of rules -->)", re.S)


def blocks(text: str, kind: str) -> list[str]:
    """The fenced blocks of one kind."""
    return [match["text"] for match in BLOCK.finditer(text) if match["kind"] == kind]


def files() -> dict[str, str]:
    """Return the files that the pages show, by name."""
    found: dict[str, str] = {}
    for block in (block for page in PAGES for block in blocks(page.read_text(encoding="utf-8"), "python")):
        name = re.match(r"# (\w+\.py)\n", block)
        assert name, f"a python block must begin with the name of its file: {block[:40]!r}"
        assert found.setdefault(name[1], block) == block, f"{name[1]} is shown with two contents"
    return found


def rules_table() -> str:
    """All rules as a table."""
    rows = ["| code | name | severity | for | what is said |", "|---|---|---|---|---|"]
    found = pages.pages()
    for rule in all_rules().values():
        page = found.get(rule.code)
        code = f"[{rule.code}](../{page.relative_to(ROOT).as_posix()})" if page else rule.code
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
    """Return a page with everything that is written by this program written anew."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary).resolve()
        (folder / "pyproject.toml").touch()
        for name, content in files().items():
            (folder / name).write_text(content, encoding="utf-8")
        shutil.copytree(ROOT / "examples", folder / "examples", ignore=shutil.ignore_patterns("__pycache__"))

        def block(match: re.Match[str]) -> str:
            if match["kind"] != "console":
                return match[0]
            return f"```console\n{printed(match['text'], folder)}```"

        text = BLOCK.sub(block, text)
    return TABLE.sub(lambda match: match[1] + rules_table() + match[2], text)


def main() -> int:
    """Runs the command line."""
    is_wrong = False
    for page in PAGES:
        before = page.read_text(encoding="utf-8")
        after = refreshed(before)
        if "--check" not in sys.argv[1:]:
            page.write_text(after, encoding="utf-8")
        elif before != after:
            is_wrong = True
            changes = difflib.unified_diff(
                before.splitlines(), after.splitlines(), page.name, "as it should be", lineterm=""
            )
            print("\n".join(changes))
    if is_wrong:
        print("run `python docs/readme.py`")
    return int(is_wrong)


if __name__ == "__main__":
    sys.exit(main())
