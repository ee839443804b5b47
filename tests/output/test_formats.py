"""What is printed, letter by letter."""

import io
import json
import os
import re
from collections.abc import Sequence

import pytest

from scriptlint.diag import Diagnostic, Label, Span, Step, pages
from scriptlint.output.printer import write
from scriptlint.text import SourceFile

NET = """\
import torch


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.pool = None

    def forward(self, x):

        y = [v for v in x if v]

        return self.pool(y)


net = torch.jit.script(Net())
"""

OPS = """\
def helper(x):
    return [
        x,
    ]
"""


class Files:
    """Sources by absolute path, as findings name them."""

    def __init__(self) -> None:
        self.texts = {os.path.abspath("net.py"): NET, os.path.abspath("ops.py"): OPS}

    def __call__(self, path: str) -> SourceFile:
        return SourceFile(path, self.texts[path])

    def span(self, part: str, name: str = "net.py") -> Span:
        path = os.path.abspath(name)
        start = self.texts[path].index(part)
        return Span(path, start, start + len(part))


@pytest.fixture
def files(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> Files:
    monkeypatch.chdir(str(tmp_path))
    return Files()


def printed(findings: Sequence[Diagnostic], files: Files, **options: object) -> str:
    stream = io.StringIO()
    write(findings, files, stream, **options)
    return stream.getvalue()


def finding(span: Span, **more: object) -> Diagnostic:
    values = {
        "code": "SL110",
        "name": "comprehension-if",
        "severity": "error",
        "target": "script",
        "message": "a comprehension with `if`",
        "help": "",
    } | more
    return Diagnostic(span=span, **values)


def test_full(files: Files) -> None:
    step = Step("torch.jit.script(Net())", files.span("torch.jit.script(Net())"))
    found = finding(
        files.span("[v for v in x if v]"), help="write a loop", trail=(step, Step("Net.forward", files.span("forward")))
    )
    assert (
        printed([found], files)
        == """\
error[SL110] comprehension-if: a comprehension with `if`
  --> net.py:11:13
   |
 9 |     def forward(self, x):
10 |
11 |         y = [v for v in x if v]
   |             ^^^^^^^^^^^^^^^^^^^
12 |
13 |         return self.pool(y)
   |
   = compiled because torch.jit.script(Net()) (net.py:16:7)
                   -> Net.forward (net.py:9:9)
help: write a loop

Found 1 error in 1 file.
"""
    )


def test_full_with_labels_near_far_and_in_another_file(files: Files) -> None:
    found = finding(
        files.span("self.pool(y)"),
        code="SL610",
        name="none-called",
        severity="warning",
        target="trace",
        message="`self.pool` is called",
        when="`pool` is None",
        labels=(
            Label(files.span("[v for v in x if v]"), "the argument"),
            Label(files.span("self.pool = None"), "set here"),
            Label(files.span("[\n        x,\n    ]", "ops.py"), "and here"),
        ),
        trail=(Step("torch.jit.trace(Net())", files.span("Net()")),),
    )
    assert (
        printed([found], files, quiet=True)
        == """\
warning[SL610] none-called: `self.pool` is called
  --> net.py:13:16
   |
 9 |     def forward(self, x):
10 |
11 |         y = [v for v in x if v]
   |             ------------------- the argument
12 |
13 |         return self.pool(y)
   |                ^^^^^^^^^^^^
   |
  ::: net.py:7:9
   |
 5 |     def __init__(self):
 6 |         super().__init__()
 7 |         self.pool = None
   |         ---------------- set here
 8 |
 9 |     def forward(self, x):
   |
  ::: ops.py:2:12
   |
 1 | def helper(x):
 2 |     return [
   |            - and here
 3 |         x,
 4 |     ]
   |
   = when `pool` is None
   = traced because torch.jit.trace(Net()) (net.py:16:24)

"""
    )


def test_a_frame_leaves_out_rows_between_its_marks(files: Files) -> None:
    path = os.path.abspath("net.py")
    files.texts[path] = "".join(f"line{n}\n" for n in range(1, 20))
    found = finding(files.span("line3"), labels=(Label(files.span("line8"), "see"), Label(files.span("line3"), "same")))
    text = printed([found], files)
    assert " 3 | line3\n   | ^^^^^\n   | ----- same\n" in text
    assert " 5 | line5\n 6 | line6\n" in text


def test_a_file_that_cannot_be_had_has_no_frame(files: Files) -> None:
    found = finding(Span("/gone/x.py", 5, 9), code="SL900", name="unreadable-file", message="it is gone")
    assert printed([found], files) == (
        "error[SL900] unreadable-file: it is gone\n --> /gone/x.py:1:1\n\nFound 1 error in 1 file.\n"
    )


def test_the_end_of_a_file_can_be_pointed_at(files: Files) -> None:
    path = os.path.abspath("net.py")
    files.texts[path] = "x = ("
    text = printed([finding(Span(path, 5, 5))], files)
    assert "1 | x = (\n  |      ^\n" in text
    files.texts[path] = ""
    assert "1 |\n  | ^\n" in printed([finding(Span(path, 0, 0))], files)


def test_facts_from_a_hostile_file_do_not_reach_the_terminal(files: Files) -> None:
    path = os.path.abspath("net.py")
    files.texts[path] = "x = '\x1b]0;owned\x07'\n"
    found = finding(Span(path, 4, 9), message="two\nlines \x1b[31m", help="\x07", when="\u202e", name="n")
    for output_format in ("full", "concise"):
        text = printed([found], files, output_format=output_format)
        assert not set("\x1b\x07\u202e") & set(text)
        assert "two\\nlines" in text


def test_concise(files: Files) -> None:
    found = [finding(files.span("[v")), finding(files.span("x,", "ops.py"), code="SL111", when="`x` is None")]
    assert printed(found, files, output_format="concise") == (
        "net.py:11:13: error SL110 a comprehension with `if`\n"
        "ops.py:3:9: error SL111 a comprehension with `if` (when `x` is None)\n"
        "Found 2 errors in 2 files.\n"
    )


def test_json_is_the_contract(files: Files) -> None:
    found = finding(
        files.span("self.pool(y)"),
        when="`pool` is None",
        trail=(Step("Net.forward", files.span("forward")),),
        labels=(Label(files.span("self.pool = None"), "set here"),),
    )
    net = "net.py"
    assert json.loads(printed([found], files, output_format="json")) == [
        {
            "code": "SL110",
            "name": "comprehension-if",
            "severity": "error",
            "target": "script",
            "message": "a comprehension with `if`",
            "filename": net,
            "location": {"row": 13, "column": 16},
            "end_location": {"row": 13, "column": 28},
            "fix": None,
            "when": "`pool` is None",
            "first": False,
            "trail": [
                {
                    "message": "Net.forward",
                    "filename": net,
                    "location": {"row": 9, "column": 9},
                    "end_location": {"row": 9, "column": 16},
                }
            ],
            "labels": [
                {
                    "message": "set here",
                    "filename": net,
                    "location": {"row": 7, "column": 9},
                    "end_location": {"row": 7, "column": 25},
                }
            ],
            "confirmed": None,
            "url": pages.pages()["SL110"].as_uri(),
        }
    ]
    assert printed([], files, output_format="json") == "[]\n"


def test_statistics(files: Files) -> None:
    found = [
        finding(files.span("import torch"), code="SL801", name="erased", severity="warning"),
        finding(files.span("x,", "ops.py")),
        *(finding(Span(os.path.abspath("net.py"), at, at + 1)) for at in range(9)),
        finding(Span(os.path.abspath("net.py"), 9, 10), severity="warning"),
    ]
    assert printed(found, files, statistics=True) == (
        "11  SL110  comprehension-if  in 2 files\n"
        " 1  SL801  erased            in 1 file\n"
        "Found 10 errors and 2 warnings in 2 files.\n"
    )
    assert json.loads(printed(found, files, statistics=True, output_format="json")) == [
        {"code": "SL110", "name": "comprehension-if", "severity": "error", "count": 11, "files": 2},
        {"code": "SL801", "name": "erased", "severity": "warning", "count": 1, "files": 1},
    ]


@pytest.mark.parametrize(
    ("severities", "sentence"),
    [
        ([], "All checks passed!"),
        (["note"], "Found 1 note in 1 file."),
        (["error", "error", "warning"], "Found 2 errors and 1 warning in 1 file."),
        (["note", "warning", "error", "note"], "Found 1 error, 1 warning and 2 notes in 1 file."),
    ],
)
def test_summary(files: Files, severities: list[str], sentence: str) -> None:
    found = [finding(files.span("import"), severity=severity) for severity in severities]
    assert printed(found, files, output_format="concise").splitlines()[-1] == sentence
    assert sentence not in printed(found, files, output_format="concise", quiet=True)


def test_colour_changes_nothing_but_colour(files: Files) -> None:
    found = [finding(files.span("self.pool(y)"), labels=(Label(files.span("self.pool = None"), "set"),), help="h")]
    for options in ({}, {"output_format": "concise"}, {"statistics": True}):
        coloured = printed(found, files, colour=True, **options)
        assert "\x1b[1;31m" in coloured
        assert re.sub("\x1b\\[[0-9;]*m", "", coloured) == printed(found, files, **options)
