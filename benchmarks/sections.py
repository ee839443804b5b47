"""Parts of a document that programs write, each between two comments that name it."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONFIRM = ROOT / "docs" / "confirm.md"


def write(document: Path, name: str, text: str) -> None:
    """Replace one part of a document."""
    whole = document.read_text(encoding="utf-8")
    part = re.compile(rf"(<!-- {name}: .*? -->\n).*(<!-- end of {name} -->)", re.S)
    assert part.search(whole), f"{document} has no part {name}"
    document.write_text(part.sub(lambda found: f"{found[1]}{text}{found[2]}", whole), encoding="utf-8")


def table(titles: list[str], rows: list[list[object]]) -> str:
    """Rows as Markdown, of which the first column is text and the others are numbers."""
    lines = [titles, ["---", *["---:"] * (len(titles) - 1)], *rows]
    return "".join(f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)
