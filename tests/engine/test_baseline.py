"""What a baseline knows, what it notices, and what is no baseline."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from scriptlint.diag import Diagnostic, Span
from scriptlint.engine.baseline import Baseline, Compared, read
from scriptlint.engine.definitions import Definitions
from scriptlint.engine.settings_file import SettingsError
from scriptlint.syntax.room import with_room
from scriptlint.text import SourceFile

NET = """\
TOP = 1  # SL801


class Net:
    size = 2  # SL802

    def __init__(self):
        pass  # SL803

    @property
    def forward(self):
        one  # SL804
        def inner():
            two  # SL804

    class Inner:
        def forward(self):
            three  # SL804


async def free():
    pass  # SL805
"""
NAMES = {
    ("net.py", "", "SL801"): 1,
    ("net.py", "Net", "SL802"): 1,
    ("net.py", "Net.__init__", "SL803"): 1,
    ("net.py", "Net.forward", "SL804"): 1,
    ("net.py", "Net.forward.inner", "SL804"): 1,
    ("net.py", "Net.Inner.forward", "SL804"): 1,
    ("net.py", "free", "SL805"): 1,
}


class Project:
    """Files in a folder, with a finding wherever a comment names a rule."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.baseline = str(folder / "known.json")

    def findings(self, **files: str) -> list[Diagnostic]:
        found = []
        for name, text in files.items():
            path = self.folder / f"{name}.py"
            path.write_bytes(text.encode())
            for match in re.finditer(r"SL\d{3}", text):
                span = Span(str(path), *match.span())
                found.append(Diagnostic(match[0], "x", "error", "script", "message", "", span))
        return found

    def source(self, path: str) -> SourceFile:
        return SourceFile(path, Path(path).read_bytes().decode())

    def files(self) -> list[str]:
        return sorted(map(str, self.folder.glob("*.py")))

    def written(self, **files: str) -> Baseline:
        empty = Baseline(self.baseline, {})
        baseline = empty.renewed(self.findings(**files), self.source, self.files(), grow=True)
        Path(self.baseline).write_text(baseline.text())
        return read(self.baseline)

    def compared(self, baseline: Baseline, **files: str) -> Compared:
        return baseline.compared(self.findings(**files), self.source, self.files())


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_a_finding_is_known_by_its_definition(project: Project) -> None:
    assert project.written(net=NET).counts == NAMES


def test_every_entry_has_a_line_of_its_own(project: Project) -> None:
    project.written(net=NET)
    lines = Path(project.baseline).read_text().splitlines()
    assert sum('"rule"' in line for line in lines) == len(NAMES)
    assert lines[2:-2] == sorted(lines[2:-2], key=lambda line: line.strip().rstrip(","))
    assert json.loads(Baseline("x", {}).text()) == {"version": 1, "findings": []}


@pytest.mark.parametrize(
    "changed",
    [
        "\n\n# more\n" + NET,
        NET.replace("    size = 2", "    other = 1\n    size = 2"),
        NET.replace("one  #", "more\n        one + 1  #"),
        NET.replace("@property", "@first\n    @property"),
        NET.replace("\n", "\r\n"),
        NET.replace(
            "        one  # SL804\n", "        if True:\n            with one:  # SL804\n                pass\n"
        ),
        NET.replace("async def free", "def free"),
        "import os\n" + NET.replace("TOP = 1", "try:\n    pass\nexcept Exception:\n    TOP = 1"),
    ],
)
def test_lines_may_move(project: Project, changed: str) -> None:
    compared = project.compared(project.written(net=NET), net=changed)
    assert (compared.new, len(compared.known), compared.stale) == ([], len(NAMES), 0)


@pytest.mark.parametrize(
    ("changed", "new", "stale"),
    [
        (NET + "more  # SL801\n", ["SL801", "SL801"], 0),  # nobody can tell which of the two is the new one
        (NET.replace("one  #", "SL804\n        one  #"), ["SL804", "SL804"], 0),
        (NET.replace("SL803", "SL806"), ["SL806"], 1),
        (NET.replace("free", "liberated"), ["SL805"], 1),
        (NET.replace("SL803", ""), [], 1),
        (NET.replace("class Net", "class Other"), ["SL802", "SL803", "SL804", "SL804", "SL804"], 5),
    ],
)  # fmt: skip
def test_what_is_more_is_new(project: Project, changed: str, new: list[str], stale: int) -> None:
    compared = project.compared(project.written(net=NET), net=changed)
    assert (sorted(one.code for one in compared.new), compared.stale) == (new, stale)


def test_entries_of_files_that_were_not_linted_are_kept(project: Project) -> None:
    baseline = project.written(net=NET, other="x  # SL801\n")
    only = [str(project.folder / "other.py")]
    pruned = baseline.renewed([], project.source, only, grow=False)
    assert pruned.counts == NAMES
    assert baseline.compared([], project.source, only).stale == 1
    assert baseline.compared([], project.source, []).stale == 0
    (project.folder / "net.py").unlink()
    assert baseline.renewed([], project.source, [], grow=False).counts == {("other.py", "", "SL801"): 1}


def test_pruning_never_grows_and_updating_does_both(project: Project) -> None:
    baseline = project.written(net="SL801 = SL801\nSL802\n")
    assert baseline.counts == {("net.py", "", "SL801"): 2, ("net.py", "", "SL802"): 1}
    found = project.findings(net="SL801\nSL802 = SL802\nSL803\n")
    pruned = baseline.renewed(found, project.source, project.files(), grow=False)
    assert pruned.counts == {("net.py", "", "SL801"): 1, ("net.py", "", "SL802"): 1}
    updated = baseline.renewed(found, project.source, project.files(), grow=True)
    assert updated.counts == {("net.py", "", "SL801"): 1, ("net.py", "", "SL802"): 2, ("net.py", "", "SL803"): 1}


def test_a_file_that_cannot_be_judged_is_never_known_and_loses_nothing(project: Project) -> None:
    baseline = project.written(net=NET + "SL901\n")
    assert baseline.counts == NAMES
    found = project.findings(net="SL901\n")
    assert project.compared(baseline, net="SL901\n").new == found
    assert baseline.renewed(found, project.source, project.files(), grow=False).counts == NAMES


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"version": 2, "findings": []}',
        '{"version": 1}',
        '{"version": 1, "findings": [1]}',
        '{"version": 1, "findings": [{"file": "a", "definition": "b", "rule": "SL801"}]}',
        '{"version": 1, "findings": [{"file": "a", "definition": "b", "rule": "SL801", "count": true}]}',
        '{"version": 1, "findings": [{"file": "a", "definition": "b", "rule": "SL801", "count": 0}]}',
        '{"version": 1, "findings": [{"file": "a", "definition": "b", "rule": "SL801", "count": 1, "more": 1}]}',
        '{"version": 1, "findings": [{"file": 1, "definition": "b", "rule": "SL801", "count": 1}]}',
        "[" * 100_000,
    ],
)
def test_what_is_not_a_baseline_is_refused(tmp_path: Path, text: str) -> None:
    with_room(lambda: None)  # raises the limit of recursion, as every run does
    path = tmp_path / "known.json"
    path.write_text(text)
    with pytest.raises(SettingsError, match=r"known\.json: this is not a baseline"):
        read(str(path))


def test_a_baseline_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="`scriptlint baseline` writes one"):
        read(str(tmp_path / "none.json"))
    with pytest.raises(SettingsError, match="cannot be read"):
        read(os.devnull)


def test_the_innermost_definition_counts() -> None:
    text = "def f(): x = 1\nclass A: y = 2\nif 1:\n    class B:\n        z = 3\nmatch 1:\n    case 1:\n        def g():\n            w\n"
    found = Definitions(SourceFile("x.py", text))
    assert [found.name(text.index(part)) for part in ("x", "y", "if", "z", "w")] == ["f", "A", "", "B", "g"]
    assert found.classes(text.index("z")) == ["B"]
    assert found.classes(text.index("x")) == []
    with_room(lambda: None)  # raises the limit of recursion, as every run does
    for broken in ("def f(:\n", "x = (" * 3000, "\0", "x = " + "-" * 90_000 + "1", "x = 1" + " + 1" * 90_000):
        assert Definitions(SourceFile("x.py", broken)).name(0) == ""
