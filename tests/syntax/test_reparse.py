"""A tree that is made from an older one is the tree that parsing gives."""

from __future__ import annotations

import random
from pathlib import Path

import msgspec
import pytest

from scriptlint.program.module import Parsed
from scriptlint.syntax import reparse as reparsing
from scriptlint.syntax.parse import SyntaxFailure, parse
from scriptlint.syntax.reparse import reparse

ROOT = Path(__file__).resolve().parent.parent.parent
FILES = sorted((ROOT / "scriptlint").rglob("*.py"))[::6]
PIECES = [
    *["(", ")", "\n", "\\\n", "'''", '"""', "    ", "else:\n    pass\n", "@d\n", "#", "x = 1\n", ";", "if a:\n"],
    *["def f():\n    pass\n", "\r\n", "[", "\n\n", "class A: pass\n", "async ", "# c\\\n", "\t", "pass"],
]
OLDER = "import a\n\n# one\n@d\ndef f(x):\n    return x  # two\n\n\nclass C:\n    y = 1\n\n\nz = 2; w = 3\n"


def tree(text: str) -> bytes | None:
    try:
        return msgspec.msgpack.encode(Parsed(*parse(text)))
    except SyntaxFailure:
        return None


def again(text: str, older: str) -> bytes | None:
    try:
        return msgspec.msgpack.encode(Parsed(*reparse(text, older, *parse(older))))
    except SyntaxFailure:
        return None


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_edits_anywhere(path: Path) -> None:
    chance = random.Random(path.stem)
    older = path.read_text().replace("\n", chance.choice(["\n", "\n", "\r\n"]))
    for _ in range(6):
        text = older
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(text) + 1)
            at = chance.choice([at, text.rfind("\n", 0, at) + 1])
            end = min(len(text), at + chance.choice([0, 0, 1, 5, 40, 300]))
            text = text[:at] + "".join(chance.choices(PIECES, k=chance.randint(0, 3))) + text[end:]
        assert again(text, older) == tree(text), text


@pytest.mark.parametrize(
    ("changes", "parsed"),
    [
        ([("y = 1", "y = [1]")], ["class C:\n    y = [1]\n\n\n"]),
        ([("return x", "return (x)")], ["@d\ndef f(x):\n    return (x)  # two\n\n\n"]),
        ([("import a\n", "import a, b\n")], ["import a, b\n\n# one\n"]),
        ([("import a\n", "import b\n"), ("w = 3", "w = 4")], ["import b\n\n# one\n", "z = 2; w = 4\n"]),
        ([("class C", "@e\nclass C")], ["@e\n", "@e\nclass C:\n    y = 1\n\n\n"]),
        ([("class C:\n    y = 1\n", "")], ["\n\n"]),
    ],
)
def test_only_what_changed_is_parsed(
    changes: list[tuple[str, str]], parsed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def noted(text: str) -> object:
        asked.append(text)
        return parse(text)

    older = parse(OLDER)
    monkeypatch.setattr(reparsing, "parse", noted)
    text = OLDER
    for change in changes:
        text = text.replace(*change)
    made = reparse(text, OLDER, *older)
    assert asked == parsed
    assert msgspec.msgpack.encode(Parsed(*made)) == tree(text)
