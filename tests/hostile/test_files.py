"""What may be in the place of a file, or in one: it costs its own file one clear finding, and no other file anything."""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import libcst
import pytest

from scriptlint.cli import run
from scriptlint.engine.cache import Cache
from scriptlint.engine.parsing import Failure, decoded, parse, parse_all
from scriptlint.engine.patterns import Patterns
from scriptlint.engine.settings import Finder
from scriptlint.engine.settings_file import SettingsError
from scriptlint.engine.store import Store
from scriptlint.engine.suppress import Suppressions
from scriptlint.syntax import nodes as n
from scriptlint.syntax.depth import depth
from scriptlint.syntax.trivia import comments
from scriptlint.text import SourceFile, UnreadableSource
from scriptlint.text.reading import read
from scriptlint.text.source import decode, encode
from tests.hostile import REFUSED, ROOT, codes, scriptlint

# Each is given a number of times that it is repeated; in order of what comes first, what is repeated, and what ends it.
DEEP = {
    "parentheses": lambda n: "x = " + "(" * n + "1" + ")" * n,
    "lists": lambda n: "x = " + "[" * n + "]" * n,
    "dictionaries": lambda n: "x = " + "{1:" * n + "1" + "}" * n,
    "calls within calls": lambda n: "x = " + "f(" * n + ")" * n,
    "brackets that are never closed": lambda n: "([{" * (n // 3),
    "formatted strings": lambda n: "x = " + 'f"{' * n + "1" + '}"' * n,
    "formats within formats": lambda n: 'x = f"{a' + ":{b" * n + "}" * n + '}"',
    "patterns": lambda n: "match x:\n    case " + "[" * n + "]" * n + ":\n        pass",
    "patterns of dictionaries": lambda n: "match x:\n    case " + "f(a=[{1:" * n + "y" + "}])" * n + ":\n        pass",
    "brackets that are deleted": lambda n: "del " + "(" * n,
    "elif": lambda n: "if a:\n    pass\n" + "elif b:\n    pass\n" * n,
    "not": lambda n: "x = " + "not " * n + "y",
    "lambda": lambda n: "x = " + "lambda: " * n + "y",
    "lambda in a default": lambda n: "x = " + "lambda a=" * n + "1" + ": 1" * n,
    "and": lambda n: "x = " + "x and " * n + "y",
    "calls of calls": lambda n: "x = f" + "()" * n,
    "attributes": lambda n: "x = a" + ".b" * n,
    "additions": lambda n: "x = " + "1 + " * n + "1",
    "powers": lambda n: "x = " + "1 ** " * n + "1",
    "minus": lambda n: "x = " + "-" * n + "1",
    "conditional expressions": lambda n: "x = " + "1 if a else " * n + "1",
    "strings": lambda n: "x = " + '"a" ' * n,
    "import": lambda n: "import " + "a." * n + "b",
    "comprehensions": lambda n: "x = [1 " + "for a in b " * n + "]",
}


@pytest.mark.parametrize("name", DEEP)
def test_what_nests_too_deeply_is_said_at_once(name: str) -> None:
    for count in (10_000, 100_000):
        outcome = parse(DEEP[name](count).encode())
        assert isinstance(outcome, Failure)
        assert (outcome.kind, outcome.reason) == ("syntax", "it is nested too deeply to be read")


@pytest.mark.parametrize("name", sorted(set(DEEP) - {"brackets that are never closed", "brackets that are deleted"}))
def test_what_people_write_is_not_too_deep(name: str) -> None:
    few = 2 if name == "patterns of dictionaries" else 8
    for count in (few, 60 if name not in ("patterns", "patterns of dictionaries") else few):
        outcome = parse(DEEP[name](count).encode())
        assert isinstance(outcome, bytes), outcome
        decoded(outcome)


def test_deep_files_cost_no_other_file_its_findings(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    for number, (name, make) in enumerate(DEEP.items()):
        (tmp_path / f"deep{number}.py").write_text(make(10_000), encoding="utf-8")
        assert name
    padding = "# " + "x" * 98 + "\n"
    for number in range(4):
        (tmp_path / f"net{number}.py").write_text(REFUSED + padding * 1000)
    done = scriptlint(tmp_path, "--output-format", "concise", "--jobs", "2", "--no-cache")
    assert done.stderr == ""
    assert codes(done) == {
        **{f"deep{number}.py": ["SL901"] for number in range(len(DEEP))},
        **{f"net{number}.py": ["SL120"] for number in range(4)},
    }


def test_the_depth_is_never_counted_too_small() -> None:
    """Of whatever libcst reads, at least as many brackets are counted as there are nodes with brackets around each other."""
    chooser = random.Random(3)
    pieces = [
        "(",
        ")",
        "[",
        "]",
        "f(",
        "{1:",
        "}",
        'f"',
        '"',
        "{",
        "'",
        "f'''",
        "'''",
        "x",
        ",",
        "\n",
        "\\",
        "#",
        '"""',
    ]
    read_by_libcst = 0
    for _ in range(3000):
        text = "".join(chooser.choice(pieces) for _ in range(chooser.randint(3, 24)))
        try:
            module = libcst.parse_module(text)
        except Exception:
            continue
        read_by_libcst += 1
        assert depth(text) >= _brackets(module), text
    assert read_by_libcst > 50


def _brackets(node: libcst.CSTNode) -> int:
    own = isinstance(node, (libcst.List, libcst.Dict, libcst.Call, libcst.Subscript, libcst.FormattedStringExpression))
    own = own or bool(getattr(node, "lpar", ()))
    return own + max((_brackets(child) for child in node.children), default=0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('x = "' + "(" * 300 + '"\n', 0),
        ("# " + "(" * 300 + "\n", 0),
        ("x = '''" + "(\n" * 300 + "'''\n", 0),
        ("x = f(1)\n" * 1000, 2),
        ("x = [" + "(1, 2), " * 1000 + "]\n", 3),
        ("x = 1 +\\\n" * 100 + "1\n", 0),
        ("if a:\n    pass\nelif b:\n    pass\n" * 1000, 1),
    ],
)
def test_what_stands_side_by_side_is_not_deep(text: str, expected: int) -> None:
    assert depth(text) <= max(expected, 110)


def test_a_bracket_that_was_never_closed_ends_with_its_statement() -> None:
    text = "x = (1 +\n" + "".join(f"def f{number}(a, b):\n    return a + b\n" for number in range(2000))
    outcome = parse(text.encode())
    assert isinstance(outcome, bytes)
    gap, *functions = decoded(outcome).tree.body
    assert isinstance(gap, n.Gap)
    assert (gap.reason, len(functions)) == ("'(' was never closed", 2000)


def _die(data: bytes) -> bytes:
    if b"die" in data:
        os.kill(os.getpid(), 9)
    return data.upper()


def test_a_worker_that_dies_costs_its_own_piece() -> None:
    from scriptlint.engine.workers import results

    pieces = {f"{number}": b"die" if number % 7 == 3 else b"x%d" % number for number in range(30)}
    names = list(pieces)
    batches = [names[at : at + 6] for at in range(0, 30, 6)]
    found = dict(results(_die, pieces, batches, 2))
    assert found == {name: None if data == b"die" else data.upper() for name, data in pieces.items()}


def test_files_whose_worker_died_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"good.py": b"x = 1\n" * 20_000, "bad.py": b"die = 1\n" * 20_000, "other.py": b"y = 1\n" * 20_000}
    monkeypatch.setattr("scriptlint.engine.parsing.parse", _die)
    found = dict(parse_all(files, 2))
    assert found["bad.py"] == Failure("internal", "the process that parsed it died")
    assert [found[name] for name in ("good.py", "other.py")] == [
        files[name].upper() for name in ("good.py", "other.py")
    ]


def test_what_is_no_exception_costs_its_file_only(monkeypatch: pytest.MonkeyPatch) -> None:
    class Panic(BaseException):  # as libcst's parser raises it
        pass

    def panics(text: str) -> None:
        raise Panic("at line 3")

    monkeypatch.setattr("scriptlint.syntax.parse.parse", panics)
    assert parse(b"x = 1\n") == Failure("internal", "Panic: at line 3")


ENCODINGS = "punycode undefined hex idna rot13 base64 zip uu quopri bz2 unicode_escape raw_unicode_escape utf-7 utf_16 utf_32 cp037 hz nowhere".split()


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_an_encoding_that_is_none_for_source_is_said(encoding: str) -> None:
    outcome = parse(f"# coding: {encoding}\nx = 1\n".encode())
    assert isinstance(outcome, Failure)
    assert outcome.kind == "unreadable"
    assert "encoding" in outcome.reason


@pytest.mark.parametrize(
    "encoding", ["latin-1", "cp1252", "gbk", "euc_jp", "shift_jis", "koi8-r", "big5", "iso2022_jp"]
)
def test_encodings_of_source_are_read(encoding: str) -> None:
    data = f"# coding: {encoding}\nx = 'a'\n".encode(encoding)
    assert decode(data) == data.decode(encoding)
    assert encode(decode(data) + "y = 1\n", data) == data + b"y = 1\n"


def test_nothing_is_repaired_that_would_be_written_differently() -> None:
    data = b"# coding: iso2022_jp\nx = '\x1b(J\x1b(B'\n"
    assert decode(data) == "# coding: iso2022_jp\nx = ''\n"
    with pytest.raises(UnreadableSource):
        encode(decode(data), data)


@pytest.mark.parametrize("digits", ["1" * 4301, "9_" * 5000 + "9"])
def test_an_integer_that_python_does_not_read(digits: str) -> None:
    outcome = parse(f"x = 1\ny = {digits}\n".encode())
    assert isinstance(outcome, Failure)
    assert (outcome.kind, outcome.offset) == ("syntax", 10)
    for fine in ("1" * 4300, "0x" + "f" * 9000, "0" * 9000):
        assert isinstance(parse(f"y = {fine}\n".encode()), bytes)


NAMES = [b"caf\xe9.py", b"two\nlines.py", b"\x1b[31mred.py", b"a::b.py", b"-x.py", b" .py", "\u202e.py".encode()]


def test_odd_names_of_files(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    for name in NAMES:
        with open(os.path.join(os.fsencode(tmp_path), name), "w") as file:
            file.write(REFUSED)
    for args in (["."], ["check", "--fix", "."], ["check", "--diff", "."], ["modules", "."], ["check", "--show-files"]):
        done = scriptlint(tmp_path, *args)
        assert "this is a bug" not in done.stderr
        assert done.returncode in (0, 1)
        assert not {"\x1b", "\u202e"} & set(done.stdout + done.stderr)
        assert "caf\\udce9.py" in done.stdout + done.stderr or "--fix" in args or "--diff" in args
        assert "\nlines.py" not in done.stdout
    found = json.loads(scriptlint(tmp_path, "--output-format", "json").stdout)
    assert len(found) == len(NAMES)
    assert scriptlint(tmp_path, "--output-format", "sarif").returncode == 1
    listed = json.loads(scriptlint(tmp_path, "modules", ".", "--output-format", "json").stdout)["modules"]
    assert len(listed) == len(NAMES)
    (named,) = json.loads(scriptlint(tmp_path, "modules", "a::b.py", "--output-format", "json").stdout)["modules"]
    assert named["name"] == "Net"


def test_an_object_of_a_file_with_colons_in_its_name(tmp_path: Path) -> None:
    (tmp_path / "a::b.py").write_text(REFUSED)
    for target in ("a::b.py", "a::b.py::Net()"):
        done = scriptlint(tmp_path, "modules", target, "--no-cache")
        assert "blocked (SL120)" in done.stdout, done.stderr
    assert "a: there is no such file" in scriptlint(tmp_path, "modules", "a::c.py::Net()").stderr


def test_stdin_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scriptlint.text.reading.SOURCE_LIMIT", 10)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"x = 1  # and so on")))
    with contextlib.redirect_stderr(io.StringIO()) as err:
        assert run(["check", "-"]) == 2
    assert "stdin is larger than" in err.getvalue()


def test_headers_of_a_diff_are_on_their_line(tmp_path: Path) -> None:
    text = "import torch\n\n\nclass N(torch.nn.Module):\n    def forward(self, x: torch.Tensor):\n        a = []\n        a.append(x)\n        return a\n\n\ntorch.jit.script(N())\n"
    (tmp_path / "a\n--- b.py").write_text(text)
    (tmp_path / "a\n--- b\x1b[31m.py").write_text(text)
    done = scriptlint(tmp_path, "--diff", "--unsafe-fixes", "--isolated", "--no-cache")
    headers = [line for line in done.stdout.splitlines() if line.startswith(("---", "+++"))]
    assert all("\\n--- b" in line for line in headers)
    assert "\x1b" not in done.stdout


def test_errors_about_settings_stay_on_their_line(tmp_path: Path) -> None:
    (tmp_path / "scriptlint.toml").write_text('"\\u001b[31mx\\ny" = 1\n')
    done = scriptlint(tmp_path)
    assert done.returncode == 2
    assert "\x1b" not in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("target", ["/dev/zero", "/dev/full", "/dev/tty", "fifo", "sparse", "folder"])
@pytest.mark.parametrize("name", [".gitignore", "scriptlint.toml", "pyproject.toml", "net.py", ".git/info/exclude"])
def test_what_is_no_regular_file_of_bounded_size(tmp_path: Path, name: str, target: str) -> None:
    path = tmp_path / name
    (tmp_path / ".git" / "info").mkdir(parents=True)
    (tmp_path / "good.py").write_text(REFUSED)
    if target == "fifo":
        os.mkfifo(path)
    elif target == "sparse":
        with open(path, "wb") as file:
            file.truncate(1 << 40)
    elif target == "folder":
        path.mkdir()
    else:
        path.symlink_to(target)
    done = scriptlint(tmp_path, "--output-format", "concise", "--no-cache")
    if target == "sparse" and name.endswith(".toml"):
        assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
        return
    assert "this is a bug" not in done.stderr
    assert codes(done)["good.py"] == ["SL120"]


def test_a_file_that_changes_its_kind_between_two_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "net.py"
    path.write_text("x = 1\n")
    real = os.stat

    def stat(*args: object, **options: object) -> os.stat_result:
        result = real(*args, **options)  # type: ignore[call-overload]
        path.unlink()
        os.mkfifo(path)
        return result

    monkeypatch.setattr(os, "stat", stat)
    with pytest.raises(OSError, match="not a regular file"):
        read(str(path))


def test_links_that_lead_out_of_the_project_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("password = hunter2 +\n")
    (tmp_path / "project" / "src").mkdir(parents=True)
    (tmp_path / "project" / "pyproject.toml").touch()
    (tmp_path / "project" / "leak.py").symlink_to(tmp_path / "secret")
    (tmp_path / "project" / "net.py").write_text(REFUSED)
    (tmp_path / "project" / "src" / "inside.py").symlink_to("../net.py")
    done = scriptlint(tmp_path / "project", "--output-format", "concise")
    assert codes(done) == {"net.py": ["SL120"]}
    assert codes(scriptlint(tmp_path / "project", "src", "--output-format", "concise")) == {"src/inside.py": ["SL120"]}
    assert codes(scriptlint(tmp_path / "project", "leak.py", "--output-format", "concise")) == {"leak.py": ["SL901"]}


@pytest.mark.parametrize(
    "text",
    [
        "[tool.scriptlint]\nselect = " + "[" * 100_000 + "]" * 100_000,
        "a" + ".a" * 300_000 + " = 1\n[tool.scriptlint]\n",
        "[tool.scriptlint]\nconfirm = " + "{a=" * 100_000,
        "[tool.scriptlint]\nselect = " + "9" * 100_000,
        ("[" + " " * 900 + "\n") * 900 + "[tool.scriptlint]\n",
        "[tool.scriptlint]\n" + "x" * 500_000 + " = 1\n",
        '[tool.scriptlint]\npython = "a\\u0000b"\n',
    ],
    ids=["lists", "a key", "tables", "an integer", "headers", "a long key", "a null character"],
)
def test_settings_that_nobody_writes(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(SettingsError):
        Finder().of(str(tmp_path))


def test_a_pattern_takes_no_more_steps_than_it_must() -> None:
    steps = 0

    class Counted(str):
        def __eq__(self, other: object) -> bool:
            nonlocal steps
            steps += 1
            return str.__eq__(self, str(other))

        __hash__ = str.__hash__

    name = [Counted(char) for char in "a" * 250]
    from scriptlint.engine.patterns import _char_fits, _fits, _segments

    (pattern,) = _segments("*a" * 60 + "b", True) or []
    assert pattern is not None
    assert not _fits(pattern, name, _char_fits)
    assert not Patterns(["*a" * 60 + "b", "**/" * 60 + "x/y*"]).verdict(["a" * 250] * 500, folder=False)
    assert steps < len(pattern) * len(name)


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_patterns_match_as_git_does(tmp_path: Path) -> None:
    chooser = random.Random(7)
    names = ["a", "b", "ab", "a.py", "[", "\\", "!x", "#y", "a b", "x]", "-"]
    parts = "a b * ** ? / /**/ **/ /* [ab] [!a] [a-c] \\a \\* .py [[:alpha:]] ! # []a] [a x] - [^b-] \\".split()
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    for _ in range(60):
        lines = [
            chooser.choice(["", "", "!"])
            + "".join(chooser.choice(parts) for _ in range(chooser.randint(1, 5)))
            + chooser.choice(["", "", "/"])
            for _ in range(chooser.randint(1, 4))
        ]
        if any("//" in line for line in lines):
            continue
        (tmp_path / ".gitignore").write_text("\n".join(lines) + "\n")
        paths = ["/".join(chooser.choice(names) for _ in range(chooser.randint(1, 4))) for _ in range(12)]
        asked = subprocess.run(
            ["git", "-C", str(tmp_path), "check-ignore", "--no-index", "-z", "--stdin"],
            input="\0".join(paths) + "\0",
            capture_output=True,
            text=True,
            check=False,
        )
        patterns = Patterns(lines)
        ours = [path for path in paths if _ignored(patterns, path.split("/"))]
        assert ours == asked.stdout.split("\0")[:-1], (lines, paths)


def _ignored(patterns: Patterns, parts: list[str]) -> bool:
    above = any(patterns.verdict(parts[:count], folder=True) for count in range(1, len(parts)))
    return above or bool(patterns.verdict(parts, folder=False))


def test_many_comments_above_one_statement() -> None:
    text = "# scriptlint: ignore[SL101]\n" * 20_000 + "@f\n" * 3_000 + "def g():\n    pass\n"
    suppressions = Suppressions(SourceFile("x.py", text), comments(text, []), "x.py")
    assert suppressions
    long = "# scriptlint: ignore" + " " * 200_000 + "x"
    Suppressions(SourceFile("x.py", long), comments(long, []), "x.py")


def test_a_folder_in_a_thousand_folders(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    program = "import os, sys\nos.chdir(sys.argv[1])\nfor _ in range(1900):\n    os.mkdir('a')\n    os.chdir('a')\n"
    program += "open('net.py', 'w').close()\n"
    subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], check=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    try:
        done = scriptlint(tmp_path, "--output-format", "concise", "--no-cache")
    finally:
        subprocess.run(["rm", "-rf", str(tmp_path / "a")], check=True)  # which is too deep for pytest to remove
    assert "this is a bug" not in done.stderr


def test_a_repository_brings_no_modules_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(REFUSED)
    for name in ("click", "msgspec", "libcst", "tomllib", "rich", "packaging", "sitecustomize", "torch"):
        (tmp_path / f"{name}.py").write_text("open('executed', 'w')\nraise SystemExit(9)\n")
    (tmp_path / "scriptlint.toml").write_text('required-version = ">=0"\n')
    assert codes(scriptlint(tmp_path, "net.py", "--output-format", "concise")) == {"net.py": ["SL120"]}
    assert not (tmp_path / "executed").exists()


def test_all_files_together_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scriptlint.engine.store._TOTAL", 1000)
    for number in range(3):
        (tmp_path / f"{number}.py").write_bytes(b"#" * 400)
    store = Store(Cache(None), {})
    found = [store.load(str(tmp_path / f"{number}.py")) is not None for number in range(3)]
    assert found == [True, True, False]
    assert [one.kind for (one,) in store.failures.values()] == ["unreadable"]
