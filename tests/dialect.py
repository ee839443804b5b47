"""The Markdown that rules are explained and cases are written in: `rules/**/*.md` and `tests/spec/*.md`.

A file is a title, sections and fenced blocks. A `python` block is one complete small program; words after `python` are
its title. In it

    y = x  # error                  marks the line at which this page's rule is reported,
    y = x  # error: [SL101, name]   a line with findings of the rules that are named,
    y = x  # warning: [name] when f a line whose finding is a warning and carries the condition `f`,
    # error                         (alone on its line) the next line, where a comment at its end would change what it
                                    means: in the middle of a string, say, or after a type comment.

`note` is the third severity. A line may carry several marks. A `compiler` block after a `python` block holds what the real torch said about it, and the section Fixed what the fixes of
a rule make of its Bad programs. `SCRIPTLINT_BLESS=1` writes them; nobody else does.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

BLESS = os.environ.get("SCRIPTLINT_BLESS") == "1"

_MARK = re.compile(
    r"#\s*(?P<severity>error|warning|note)(?::\s*\[(?P<rules>[\w\s,-]+)\])?(?:\s+when\s+(?P<when>[^#]*[^#\s]))?\s*$"
)
_SLUG = re.compile(r"[^a-z0-9_]+")
_FENCE = re.compile(r"(`{3,})\s*(\w*)(?:\s+(?P<title>\S.*?))?\s*$")


@dataclass(frozen=True)
class Mark:
    """What a comment of a block says: the row (from 1), and the severity, rule and condition of a finding there.

    `rule` is None for the rule of the page.
    """

    row: int
    severity: str
    rule: str | None
    when: str | None = None


@dataclass
class Block:
    """A fenced block: its language, title and text, and the rows (from 0) of its fences in the file."""

    language: str
    text: str
    first: int
    last: int
    title: str | None = None

    def marks(self) -> list[Mark]:
        """Return the marks in the order of their rows."""
        found: list[Mark] = []
        for row, line in enumerate(self.text.splitlines(), 1):
            marks: list[re.Match[str]] = []
            while mark := _MARK.search(line):
                marks.append(mark)
                line = line[: mark.start()]
            for mark in reversed(marks):
                rules = [one.strip() for one in mark["rules"].split(",")] if mark["rules"] else [None]
                place = row if line.strip() else row + 1
                found += [Mark(place, mark["severity"], one, mark["when"]) for one in rules]
        return found


@dataclass
class Section:
    """A heading and the blocks below it."""

    title: str
    blocks: list[Block] = field(default_factory=list)

    def programs(self) -> list[Block]:
        """The blocks that are programs."""
        return [one for one in self.blocks if one.language == "python"]


@dataclass
class Document:
    """A file of the dialect. The first section is the title's."""

    path: Path
    lines: list[str]
    sections: list[Section]

    @property
    def title(self) -> str:
        """The text of the first heading."""
        return self.sections[0].title

    def programs(self) -> list[tuple[str, Block]]:
        """Return the programs with their names: of the file and the title, else of the section and the place in it."""
        named: list[tuple[str, Block]] = []
        for section in self.sections:
            for number, block in enumerate(section.programs(), 1):
                name = block.title or (f"{section.title} {number}" if len(section.programs()) > 1 else section.title)
                named.append((f"{self.path.stem}:{_SLUG.sub('-', name.lower()).strip('-')}", block))
        assert len(dict(named)) == len(named), f"{self.path}: two programs have one name"
        return named

    def section(self, title: str) -> Section | None:
        """The section with this heading."""
        return next((one for one in self.sections if one.title == title), None)

    def words_after(self, program: Block) -> str | None:
        """The compiler's stored words about a program of this file."""
        blocks = [block for section in self.sections for block in section.blocks]
        following = blocks[blocks.index(program) + 1 :][:1]
        return following[0].text if following and following[0].language == "compiler" else None

    def store(self, words: list[tuple[Block, str]]) -> None:
        """Writes the compiler's words behind their programs, in place of the old ones."""
        lines = list(self.lines)
        blocks = [block for section in self.sections for block in section.blocks]
        for program, text in sorted(words, key=lambda one: -one[0].first):
            place = blocks.index(program)
            old = blocks[place + 1] if place + 1 < len(blocks) else None
            if old is not None and old.language == "compiler":
                del lines[program.last + 1 : old.last + 1]
            new = ["", "```compiler", *text.splitlines(), "```"] if text else []
            lines[program.last + 1 : program.last + 1] = new
        self.path.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def store_fixed(self, programs: list[str]) -> None:
        """Writes the section Fixed, which stands before Good, in place of the old one."""
        rows = [row for row, line in enumerate(self.lines) if line.startswith("## ")]
        titled = {self.lines[row]: row for row in rows}
        good = titled["## Good"]
        first = titled.get("## Fixed", good)
        blocks = [line for text in programs for line in ("```python", *text.splitlines(), "```", "")]
        lines = [*self.lines[:first], "## Fixed", "", *blocks, *self.lines[good:]]
        self.path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def read(path: Path) -> Document:
    """Takes a file of the dialect apart."""
    lines = path.read_text(encoding="utf-8").splitlines()
    sections: list[Section] = []
    opened: tuple[str, str, int, str | None] | None = None
    for row, line in enumerate(lines):
        fence = _FENCE.match(line)
        if opened is not None:
            if fence is not None and fence[1] == opened[0] and not fence[2] and fence["title"] is None:
                text = "".join(f"{one}\n" for one in lines[opened[2] + 1 : row])
                sections[-1].blocks.append(Block(opened[1], text, opened[2], row, opened[3]))
                opened = None
        elif fence is not None:
            opened = (fence[1], fence[2], row, fence["title"])
        elif line.startswith("#"):
            sections.append(Section(line.lstrip("#").strip()))
    assert opened is None, f"{path}: the fence of line {opened[2] + 1} is never closed"
    return Document(path, lines, sections)
