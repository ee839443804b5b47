"""The worker's answers about the fixable programs of all pages, in the shapes that texts have in editors.

In the process of the test: what is looked at is that places and edits arrive where they belong.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

import scriptlint
from scriptlint.diag import Fixable
from scriptlint.diag.pages import pages
from scriptlint.engine.registry import all_rules
from scriptlint.server.desk import encoded, is_ours, notebook, path_of
from scriptlint.server.documents import Document, Question
from scriptlint.server.service import Service
from tests import dialect

CODES = [code for code, rule in all_rules().items() if rule.fixable is not Fixable.NEVER]
WHOLE = types.Range(types.Position(0, 0), types.Position(9999, 0))


def programs() -> Iterator[tuple[str, str]]:
    """A program for each rule with fixes, each in one of the shapes of texts."""
    for number, code in enumerate(CODES):
        section = dialect.read(pages()[code]).section("Bad")
        assert section is not None
        text = section.programs()[0].text
        match number % 4:
            case 1:
                text = text.replace("\n", "\r\n")
            case 2:
                text = f"# -*- coding: latin-1 -*-\n# \N{LATIN SMALL LETTER E WITH ACUTE}\n{text}"
            case 3:
                text = text.replace("  # error", "  # \N{GRINNING FACE} error").replace("def ", "def  ")
        yield code, text


def asked(path: Path, text: str, encoding: str = "utf-16") -> Question:
    document = Document(path.as_uri(), str(path), encoded(text), 3)
    return Question(str(path), (document,), str(path.parent), encoding, versioned=True)


def edited(text: str, edit: types.WorkspaceEdit, encoding: str) -> str:
    """A text after an edit, as an editor with this encoding makes it: an implementation of its own."""
    (change,) = edit.document_changes or ()
    assert isinstance(change, types.TextDocumentEdit)
    assert change.text_document.version == 3
    codec = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}[encoding]
    width = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[encoding]
    lines = text.split("\n")

    def offset(at: types.Position) -> int:
        line = lines[at.line]
        before = line.encode(codec)[: at.character * width].decode(codec)
        return sum(len(one) + 1 for one in lines[: at.line]) + len(before)

    changes: Any = change.edits
    for one in sorted(changes, key=lambda one: offset(one.range.start), reverse=True):
        text = text[: offset(one.range.start)] + one.new_text + text[offset(one.range.end) :]
    return text


@pytest.mark.parametrize(("code", "text"), list(programs()), ids=CODES)
def test_places_and_edits(code: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scriptlint.toml").write_text("unreached = 'report'\n")
    path = tmp_path / "net.py"
    service, encoding = Service(), ("utf-8", "utf-16", "utf-32")[CODES.index(code) % 3]
    question = asked(path, text, encoding)
    found = service.check(question).diagnostics[question.document.uri]
    path.write_bytes(encoded(text))
    wanted = [one for one in scriptlint.lint_paths([path], cache=False).findings if one.location.path == str(path)]
    assert [one.code for one in found] == [one.code for one in wanted]
    assert [one.range.start.line for one in found] == [one.location.row - 1 for one in wanted]
    assert code in {one.code for one in found}
    actions = service.actions(question, question.document.uri, WHOLE, ("quickfix",))
    fixes = [one for one in actions if one.edit is not None and "ignore it" not in one.title]
    assert [one.title.removesuffix(" (unsafe)") for one in fixes] == [
        f"{one.code}: {one.fix.title}" for one in wanted if one.fix is not None and one.fix.safety != "display"
    ]
    for action in fixes:
        assert action.edit is not None
        after = edited(text, action.edit, encoding)
        assert after != text
        assert ("\r\n" in text) == ("\r\n" in after)
        assert not ("\r\n" in text and "\n" in after.replace("\r\n", "")), "line ends stay what they are"
        codes = {one.code for one in service.check(asked(path, after)).diagnostics[question.document.uri]}
        assert "SL901" not in codes, after
    edit = service.fix_all(question)
    at_once = [one.edit for one in service.actions(question, question.document.uri, WHOLE, None) if one not in actions]
    assert at_once == ([] if edit is None else [edit]), "for a client that does not ask for it later"
    if edit is not None:
        after = edited(text, edit, encoding)
        assert service.fix_all(asked(path, after)) is None, "all at once, and not some more at the next"


def test_addresses() -> None:
    assert path_of("file:///a%20b/n%C3%A9t.py") == os.path.abspath("/a b/nét.py")
    assert is_ours("file:///a/net.py")
    assert is_ours("file:///a/script", "python")
    assert not is_ours("file:///a/README.md", "markdown")
    assert not is_ours("git:///a/net.py?HEAD", "python")
    assert not is_ours("untitled:Untitled-1", "python")


def test_cells_are_counted_with_those_of_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    uri = (tmp_path / "net.ipynb").as_uri()
    kinds = [types.NotebookCellKind.Markup, types.NotebookCellKind.Code, types.NotebookCellKind.Code]
    cells = [types.NotebookCell(kind, f"cell:{number}") for number, kind in enumerate(kinds)]
    texts = {
        "cell:0": "# Title",
        "cell:1": "import torch",
        "cell:2": "@torch.jit.script\ndef f(x):\n    return (lambda y: y)(x)",
    }
    document = notebook(uri, 1, cells, texts)
    question = Question(document.path, (document,), str(tmp_path), "utf-16")
    service = Service()
    found = service.check(question).diagnostics
    assert {name: [one.code for one in each] for name, each in found.items()} == {
        "cell:0": [],
        "cell:1": [],
        "cell:2": ["SL120"],
    }
    hover = service.hover(question, "cell:2", types.Position(1, 6))
    assert hover is not None
    assert "assumed" in str(hover.contents)


def test_the_project_is_searched_when_files_may_have_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text("")
    path, service = tmp_path / "net.py", Service()
    text = "import torch\nclass Net(torch.nn.Module):\n    def forward(self, x):\n        return (lambda y: y)(x)\n"
    path.write_text(text)

    def codes(disk: int, more: str = "") -> list[object]:
        question = replace(asked(path, text + more), disk=disk)
        return [one.code for one in service.check(question).diagnostics[path.as_uri()]]

    assert codes(1) == ["SL120"], "nothing is scripted, so everything is judged"
    (tmp_path / "main.py").write_text("import torch\n@torch.jit.script\ndef f(x):\n    return x\n")
    assert codes(1, "# typed\n") == ["SL120"], "while somebody types, the project is not searched for each letter"
    assert codes(2) == [], "nothing scripts this one"
    (tmp_path / "main.py").write_text("import torch\nfrom net import Net\ntorch.jit.script(Net())\n")
    assert codes(3) == ["SL120"]
