"""The formats that code hosts and CI services read, letter by letter."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from scriptlint.diag import Diagnostic, Span
from scriptlint.output.printer import write
from scriptlint.text import Edit, Fix, SourceFile

TEXT = "größe = 'é' + value\nsecond(\n    1)\n"


def _finding(name: str, part: str, **more: object) -> Diagnostic:
    path = os.path.abspath(name)
    start = TEXT.index(part)
    values = {
        "code": "SL110",
        "name": "comprehension-if",
        "severity": "error",
        "target": "script",
        "message": "50% of `a|b`: [x], y; z",
        "help": "",
    } | more
    return Diagnostic(span=Span(path, start, start + len(part)), **values)  # type: ignore[arg-type]


@pytest.fixture
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    monkeypatch.chdir(tmp_path)

    def printed(output_format: str, *, empty: bool = False) -> str:
        fix = Fix(os.path.abspath("a,b.py"), "x", "safe", (Edit(14, 19, "1"),))
        found = [
            _finding("a,b.py", "value", fix=fix),
            _finding("a,b.py", "second(\n    1)", severity="warning", when="flag"),
            _finding("c.py", "second", severity="note", code="SL120"),
        ]
        stream = io.StringIO()
        write([] if empty else found, lambda path: SourceFile(path, TEXT), stream, output_format=output_format)
        return stream.getvalue()

    return printed


def test_github(report: Callable[..., str]) -> None:
    assert report("github").splitlines() == [
        "::error title=SL110 comprehension-if,file=a%2Cb.py,line=1,endLine=1,col=15,endColumn=20"
        "::a,b.py:1:15: SL110 50%25 of `a|b`: [x], y; z",
        "::warning title=SL110 comprehension-if,file=a%2Cb.py,line=2,endLine=3"
        "::a,b.py:2:1: SL110 50%25 of `a|b`: [x], y; z (when flag)",
        "::notice title=SL120 comprehension-if,file=c.py,line=2,endLine=2,col=1,endColumn=7"
        "::c.py:2:1: SL120 50%25 of `a|b`: [x], y; z",
    ]
    assert report("github", empty=True) == ""


def test_azure(report: Callable[..., str]) -> None:
    start = "##vso[task.logissue type"
    assert report("azure").splitlines() == [
        f"{start}=error;sourcepath=a,b.py;linenumber=1;columnnumber=15;code=SL110;]50%AZP25 of `a|b`: [x], y; z",
        f"{start}=warning;sourcepath=a,b.py;linenumber=2;columnnumber=1;code=SL110;]50%AZP25 of `a|b`: [x], y; z (when flag)",
        f"{start}=warning;sourcepath=c.py;linenumber=2;columnnumber=1;code=SL120;]50%AZP25 of `a|b`: [x], y; z",
    ]


def test_gitlab(report: Callable[..., str]) -> None:
    said = json.loads(report("gitlab"))
    assert [one["severity"] for one in said] == ["major", "minor", "info"]
    assert said[1]["location"] == {
        "path": "a,b.py",
        "positions": {"begin": {"line": 2, "column": 1}, "end": {"line": 3, "column": 7}},
    }
    assert len({one["fingerprint"] for one in said}) == 3
    assert json.loads(report("gitlab", empty=True)) == []


def test_a_fingerprint_outlives_a_move(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    def fingerprints(text: str) -> list[str]:
        stream, path = io.StringIO(), os.path.abspath("a.py")
        start = text.index("value")
        twice = [_finding("a.py", "value"), _finding("a.py", "value")]
        moved = [Diagnostic(**{**_fields(one), "span": Span(path, start, start + 5)}) for one in twice]
        write(moved, lambda path: SourceFile(path, text), stream, output_format="gitlab")
        return [one["fingerprint"] for one in json.loads(stream.getvalue())]

    before = fingerprints(TEXT)
    assert before == fingerprints("\n\n" + TEXT)
    assert len(set(before)) == 2


def _fields(finding: Diagnostic) -> dict[str, object]:
    return {name: getattr(finding, name) for name in finding.__struct_fields__}


def test_junit(report: Callable[..., str]) -> None:
    root = ElementTree.fromstring(report("junit").split("\n", 1)[1])
    assert (root.tag, root.get("tests"), root.get("failures")) == ("testsuites", "3", "3")
    assert [suite.get("name") for suite in root] == ["a,b.py", "c.py"]
    case = root[0][1]
    assert (case.get("classname"), case.get("line"), case.get("column")) == ("a,b", "2", "1")
    assert case[0].attrib == {"message": "50% of `a|b`: [x], y; z (when flag)", "type": "warning"}
    passed = ElementTree.fromstring(report("junit", empty=True).split("\n", 1)[1])
    assert (passed.get("tests"), passed.get("failures"), len(passed[0])) == ("1", "0", 1)


def test_rdjson_counts_bytes(report: Callable[..., str]) -> None:
    first, second, third = json.loads(report("rdjson"))["diagnostics"]
    # `ö`, `ß` and `é` are two bytes each.
    assert first["location"] == {
        "path": "a,b.py",
        "range": {"start": {"line": 1, "column": 18}, "end": {"line": 1, "column": 23}},
    }
    assert [one["severity"] for one in (first, second, third)] == ["ERROR", "WARNING", "INFO"]
    (suggestion,) = first["suggestions"]
    assert suggestion == {"range": first["location"]["range"], "text": "1"}
    assert "suggestions" not in second


def test_pylint(report: Callable[..., str]) -> None:
    assert report("pylint").splitlines() == [
        "a,b.py:1: [SL110] 50% of `a|b`: [x], y; z",
        "a,b.py:2: [SL110] 50% of `a|b`: [x], y; z (when flag)",
        "c.py:2: [SL120] 50% of `a|b`: [x], y; z",
    ]


def test_grouped(report: Callable[..., str]) -> None:
    assert report("grouped").splitlines()[:7] == [
        "a,b.py:",
        "  1:15  error    SL110  50% of `a|b`: [x], y; z",
        "   2:1  warning  SL110  50% of `a|b`: [x], y; z (when flag)",
        "",
        "c.py:",
        "  2:1  note     SL120  50% of `a|b`: [x], y; z",
        "Found 1 error, 1 warning and 1 note in 2 files.",
    ]


def test_markdown(report: Callable[..., str]) -> None:
    assert report("markdown").splitlines()[2] == r"| `a,b.py:1:15` | error | SL110 | 50% of `a\|b`: [x], y; z |"


def test_lines_of_json_are_the_list_of_json(report: Callable[..., str]) -> None:
    assert [json.loads(one) for one in report("json-lines").splitlines()] == json.loads(report("json"))
    assert report("json-lines", empty=True) == ""


def test_the_environment_chooses_and_the_command_line_overrules(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text("import torch\n\n\n@torch.jit.script\ndef f(x):\n    return [v for v in x if v]\n")

    def said(*options: str) -> str:
        command = [sys.executable, "-m", "scriptlint", "net.py", "--no-cache", *options]
        environment = {**os.environ, "SCRIPTLINT_OUTPUT_FORMAT": "pylint"}
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True).stdout

    assert said().startswith("net.py:6: [SL124] ")
    assert said("--output-format", "concise").startswith("net.py:6:12: error SL124 ")
