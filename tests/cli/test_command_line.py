"""The command line over an engine of our own making: what it passes on, prints, and exits with."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest

from scriptlint.cli import run
from scriptlint.diag import Diagnostic, Span
from scriptlint.engine.outcomes import Outcomes
from scriptlint.engine.settings import Settings
from scriptlint.syntax.trivia import Comment
from scriptlint.text import Location, SourceFile
from scriptlint.version import __version__

HERE = Path(__file__).parent


class Engine:
    """Stands for the pipeline: reports one finding wherever a file says `SL... severity`, and remembers how it was asked."""

    def __init__(self) -> None:
        self.calls: list[SimpleNamespace] = []

    def check(
        self, files: Sequence[str], settings: Settings, *, overlay: Mapping[str, bytes], **options: object
    ) -> SimpleNamespace:
        self.calls.append(SimpleNamespace(files=list(files), settings=settings, overlay=overlay, options=options))
        texts = {path: overlay[path].decode() if path in overlay else Path(path).read_text() for path in files}
        found = [
            Diagnostic(match[1], "some-name", match[2], "script", "said", "", Span(path, *match.span()))
            for path, text in texts.items()
            for match in re.finditer(r"(SL\d{3}) (error|warning|note)", text)
        ]
        return SimpleNamespace(
            diagnostics=found,
            outcomes=Outcomes(),
            unjudged=[],
            sources=lambda path: SourceFile(path, texts[path]),
            comments=lambda path: [Comment(match.start(), match[0]) for match in re.finditer("#.*", texts[path])],
        )

    def modules(self, targets: Sequence[str], settings: Settings, **options: object) -> SimpleNamespace:
        self.calls.append(SimpleNamespace(targets=list(targets), settings=settings))
        blocker = SimpleNamespace(
            code="SL110", message="m", filename="/x.py", location=Location(3, 4), when="`p` is None"
        )
        verdicts = [
            SimpleNamespace(
                filename=os.path.abspath(target.partition("::")[0]),
                name="Net",
                qualified_name="net.Net",
                location=Location(2, 1),
                end_location=Location(9, 5),
                script_verdict="depends",
                blockers=[blocker],
                unseen=[],
                trace_verdict="unknown",
                hazards=[],
                untraced=["`helper`"],
                assuming=[],
                target=target if "::" in target else None,
            )
            for target in targets
        ]
        return SimpleNamespace(verdicts=verdicts, failures=[], problems=[], sources=None)


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "pyproject.toml").touch()
    fake = Engine()
    monkeypatch.setattr("scriptlint.engine.pipeline", fake, raising=False)
    return fake


Outcome = tuple[int, str, str]
Call = Callable[..., Outcome]


@pytest.fixture
def call(engine: Engine, capsys: pytest.CaptureFixture[str]) -> Call:
    def call(*args: str) -> Outcome:
        code = run(args)
        out, err = capsys.readouterr()
        return code, out, err

    return call


def write(name: str, text: str = "") -> None:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.mark.parametrize(
    "args", [["net.py"], ["check", "net.py"], ["--isolated", "net.py"], ["--select", "SL903", "net.py"], [], ["check"]]
)
def test_check_is_the_default(call: Call, args: list[str]) -> None:
    write("net.py", "SL903 error")
    code, out, _ = call(*args)
    assert (code, "error[SL903] some-name: said" in out) == (1, True)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("fine", 0),
        ("SL903 error", 1),
        ("SL903 warning", 1),
        ("SL903 note", 0),
        ("SL901 error", 2),
        ("SL903 error SL900 error", 2),
    ],
)
def test_exit_codes(call: Call, text: str, code: int) -> None:
    write("net.py", text)
    assert call("net.py")[0] == code
    assert call("net.py", "--exit-zero")[0] == (2 if code == 2 else 0)
    assert call("net.py", "--statistics")[0] == code


def test_bad_paths_are_said_and_the_rest_is_linted(call: Call) -> None:
    write("net.py", "SL903 error")
    code, out, err = call("nosuch", "net.py", "--output-format", "json", "--exit-zero")
    assert (code, err) == (2, "scriptlint: nosuch: there is no such file or folder\n")
    assert [one["code"] for one in json.loads(out)] == ["SL903"]


def test_nothing_to_lint(call: Call) -> None:
    Path("empty").mkdir()
    assert call("empty") == (0, "All checks passed!\n", "scriptlint: there are no Python files under the given paths\n")
    assert call("empty", "--output-format", "json") == (
        0, "[]\n", "scriptlint: there are no Python files under the given paths\n",
    )  # fmt: skip
    code, out, err = call("nosuch")
    assert (code, out, err) == (2, "", "scriptlint: nosuch: there is no such file or folder\n")


@pytest.mark.parametrize(
    ("args", "found"),
    [
        (["--select", "SL903"], ["SL903"]),
        (["--select=SL903,SL904"], ["SL903", "SL904"]),
        (["--select", "SL903", "--select", "SL905"], ["SL903", "SL905"]),
        (["--ignore", "SL903,unknown-suppression"], ["SL905"]),
        (["--extend-ignore", "SL90"], []),
        (["--select", "SL903", "--extend-select", "SL904"], ["SL903", "SL904"]),
    ],
)
def test_selection(call: Call, args: list[str], found: list[str]) -> None:
    write("net.py", "SL903 error SL904 error SL905 error")
    _, out, _ = call("net.py", "--output-format", "json", *args)
    assert [one["code"] for one in json.loads(out)] == found


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (["--select", "SL77"], "scriptlint: --select: unknown rule `SL77`\n"),
        (["--select", "SL9033"], "scriptlint: --select: unknown rule `SL9033`; did you mean `SL903`?\n"),
        (
            ["--ignore", "unused-supression"],
            "scriptlint: --ignore: unknown rule `unused-supression`; did you mean `unused-suppression`?\n",
        ),
        (
            ["--config", "none.toml"],
            "scriptlint: none.toml: the settings file cannot be read: No such file or directory\n",
        ),
        (["--python", "nowhere/python"], "scriptlint: --python: there is no nowhere/python\n"),
        (["--target-torch", "new"], "scriptlint: --target-torch: `new` is no version\n"),
    ],
)
def test_what_cannot_be_followed_is_one_sentence(call: Call, args: list[str], sentence: str) -> None:
    write("net.py", "SL903 error")
    assert call("net.py", *args) == (2, "", sentence)


@pytest.mark.parametrize(
    ("word", "near"), [("modles", "modules"), ("chekc", "check"), ("rule", "rules"), ("explian", "explain")]
)
def test_a_misspelled_command_is_not_taken_for_a_file(call: Call, word: str, near: str) -> None:
    said = f"scriptlint: there is no command or file `{word}`; did you mean `{near}`?\n"
    assert call(word, "net.py") == (2, "", said)
    write(word)  # what is there is a file
    assert call(word)[0] == 0


def test_a_word_that_is_near_no_command_is_a_path(call: Call) -> None:
    for word in ("source", "nosuch.py", "chekc.py", "./chekc"):
        assert call(word) == (2, "", f"scriptlint: {word}: there is no such file or folder\n")


def test_version(call: Call) -> None:
    assert call("version") == call("--version") == (0, f"scriptlint {__version__}\n", "")


def test_usage_errors_exit_with_2(call: Call) -> None:
    for args in (["--nosuch"], ["--target", "onnx"], ["-", "x.py"], ["x.py", "--stdin-filename", "y.py"]):
        code, out, err = call(*args)
        assert (code, out) == (2, "")
        assert "Error: " in err


def test_broken_settings_exit_with_2(call: Call) -> None:
    write("pyproject.toml", "[tool.scriptlint]\ntarjet = 1\n")
    write("net.py")
    said = "scriptlint: pyproject.toml:2: unknown setting `tarjet`; did you mean `target`?\n"
    assert call("net.py") == (2, "", said)
    assert call("modules", "net.py") == (2, "", said)
    assert call("clean") == (2, "", said)
    assert call("net.py", "--isolated")[0] == 0


def test_settings_govern_and_options_win(call: Call, engine: Engine) -> None:
    write(
        "pyproject.toml", '[tool.scriptlint]\noutput-format = "concise"\ntarget = "script"\nextend-exclude = ["gen"]\n'
    )
    write("net.py", "SL903 error")
    write("gen/x.py", "SL903 error")
    assert call()[1] == "net.py:1:1: error SL903 said\nFound 1 error in 1 file.\n"
    assert json.loads(call("--output-format", "json", "--target", "trace")[1])[0]["code"] == "SL903"
    assert [one.settings.target for one in engine.calls] == ["script", "trace"]
    call("--exclude", "other", "--extend-exclude", "none")
    assert [os.path.relpath(file) for file in engine.calls[-1].files] == ["gen/x.py", "net.py"]


def test_options_reach_the_engine(call: Call, engine: Engine) -> None:
    write("net.py")
    call("net.py", "--no-cache", "-j", "3", "--python", ".", "--target-torch", "2.4", "--cache-dir", "c")
    (asked,) = engine.calls
    assert (asked.options["cache"], asked.options["jobs"]) == (False, 3)
    assert (asked.settings.python, asked.settings.target_torch) == (os.getcwd(), "2.4")
    assert asked.settings.cache_folder == os.path.abspath("c")


def test_exclude_patterns_start_at_the_working_folder(
    call: Call, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("scriptlint.toml")
    write("sub/a/x.py")
    write("sub/b/x.py")
    monkeypatch.chdir("sub")
    call(".", "--extend-exclude", "a/x.py")
    assert [os.path.relpath(file) for file in engine.calls[-1].files] == ["b/x.py"]


def test_files_under_different_settings_are_printed_as_one_run(call: Call, engine: Engine) -> None:
    write("b/scriptlint.toml", 'ignore = ["SL904"]\n')
    for name in ("a.py", "b/x.py", "c.py"):
        write(name, "SL903 error SL904 error")
    _, out, _ = call(".", "--output-format", "concise")
    assert [line.partition(":")[0] for line in out.splitlines()[:-1]] == ["a.py", "a.py", "b/x.py", "c.py", "c.py"]
    assert len(engine.calls) == 2


def test_suppressions_are_applied(call: Call) -> None:
    write("net.py", "SL904 error  # scriptlint: ignore[SL904]\nx  # scriptlint: ignore[SL902]\n")
    _, out, _ = call("net.py", "--output-format", "concise")
    assert out.splitlines()[0] == "net.py:2:4: warning SL903 [*] this comment suppresses nothing: `SL902`"


def test_quiet_prints_findings_only(call: Call) -> None:
    write("net.py", "SL903 error")
    assert call("net.py", "-q", "--output-format", "concise")[1] == "net.py:1:1: error SL903 said\n"
    write("net.py", "")
    assert call("net.py", "--quiet") == (0, "", "")


def test_show_files_and_settings(call: Call, engine: Engine) -> None:
    write("scriptlint.toml", 'target = "script"\nper-file-ignores = { "a" = ["SL901"] }\n')
    write("a/x.py")
    assert call("--show-files") == (0, os.path.abspath("a/x.py") + "\n", "")
    code, out, _ = call("--show-settings", "--ignore", "SL901")
    assert code == 0
    assert out.startswith(f"# {os.path.abspath('scriptlint.toml')}\n")
    assert '\ntarget = "script"  # scriptlint.toml:1\n' in out
    assert '\nper-file-ignores = {"a" = ["SL901"]}  # scriptlint.toml:2\n' in out
    assert out.endswith("# and on the command line: --ignore SL901\n")
    assert engine.calls == []


def feed(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=SimpleNamespace(read=lambda size: data[:size])))


def test_stdin(call: Call, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    write("pkg/scriptlint.toml", 'output-format = "concise"\nextend-exclude = ["gen.py"]\n')
    feed(monkeypatch, b"SL903 error")
    code, out, _ = call("-", "--stdin-filename", "pkg/net.py")
    assert (code, out) == (1, "pkg/net.py:1:1: error SL903 said\nFound 1 error in 1 file.\n")
    assert engine.calls[0].overlay == {os.path.abspath("pkg/net.py"): b"SL903 error"}
    assert call("--stdin-filename", "pkg/net.py")[1] == out
    assert " --> <stdin>:1:1\n" in call("-")[1]
    assert call("-", "--stdin-filename", "pkg/gen.py", "--force-exclude")[0] == 0


def test_modules(call: Call, engine: Engine) -> None:
    write("net.py")
    write("sub/x.py")
    code, out, _ = call("modules", "net.py", "sub", "net.py::Net(3, norm=None)", "--output-format", "json")
    listed = json.loads(out)
    assert (code, listed["version"]) == (0, 1)
    assert [(one["filename"], one.get("target")) for one in listed["modules"]] == [
        ("net.py", None),
        ("sub/x.py", None),
        ("net.py", "net.py::Net(3, norm=None)"),
    ]
    assert listed["modules"][0] == {
        "filename": "net.py",
        "name": "Net",
        "qualified_name": "net.Net",
        "location": {"row": 2, "column": 1},
        "end_location": {"row": 9, "column": 5},
        "script": {
            "verdict": "depends",
            "blockers": [
                {
                    "code": "SL110",
                    "message": "m",
                    "filename": "/x.py",
                    "location": {"row": 3, "column": 4},
                    "when": "`p` is None",
                }
            ],
            "unseen": [],
        },
        "trace": {"verdict": "unknown", "hazards": [], "unseen": ["`helper`"]},
        "assuming": [],
    }
    last = "1 module. script: 1 depends; trace: 1 unknown.\n"
    line = "  script: depends (SL110)  trace: unknown (`helper`)\n"
    reasons = "     /x.py:3:4  SL110  m (when `p` is None)\n"
    assert call("modules", "net.py")[1] == f"net.py\n  2  net.Net{line}{last}"
    assert call("modules", "net.py", "--reasons")[1] == f"net.py\n  2  net.Net{line}{reasons}{last}"
    assert call("modules", "net.py::Net(3)")[1] == f"net.py\n  2  Net(3){line}{reasons}{last}"


def test_modules_of_what_does_not_exist(call: Call) -> None:
    code, out, err = call("modules", "gone.py::Net()", "gone", "--output-format", "json")
    assert (code, json.loads(out)["modules"]) == (2, [])
    assert err == "scriptlint: gone: there is no such file or folder\nscriptlint: gone.py: there is no such file\n"


def test_rules(call: Call) -> None:
    from scriptlint.engine.registry import all_rules

    _, out, _ = call("rules")
    assert [line.split()[0] for line in out.splitlines()] == list(all_rules())
    _, out, _ = call("rules", "--output-format", "json")
    assert [(one["code"], one["name"]) for one in json.loads(out)] == [(r.code, r.name) for r in all_rules().values()]


def test_explain(call: Call) -> None:
    code, out, _ = call("explain", "SL901")
    assert (code, out.splitlines()[0]) == (0, "# SL901 syntax-error")
    assert call("explain", "Syntax-Error")[1] == out
    assert call("explain", "syntax-eror") == (
        2, "", "scriptlint: unknown rule `syntax-eror`; did you mean `syntax-error`?\n",
    )  # fmt: skip


def test_explain_is_rendered_where_there_is_colour(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    code, out, _ = call("explain", "SL901")
    assert code == 0
    assert re.search("\x1b\\[[0-9;]+mSL901 syntax-error\x1b", out)
    assert "# SL901" not in out


def test_explain_works_without_pages(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scriptlint.diag.pages.folder", lambda: None)
    assert call("explain", "SL900")[1] == "# SL900 unreadable-file\n\nthis file cannot be read: <reason>\n"


def test_clean_removes_a_cache_and_nothing_else(call: Call) -> None:
    from scriptlint.engine.cache_folder import Place, claim

    assert call("clean") == (0, "", "")
    claim(Place(os.getcwd(), os.path.abspath(".scriptlint_cache"))).close()
    assert Path(".scriptlint_cache/.gitignore").read_text() == "*\n"
    assert call("clean") == (0, "Removed .scriptlint_cache.\n", "")
    assert not Path(".scriptlint_cache").exists()
    write("precious/x.txt")
    write("pyproject.toml", '[tool.scriptlint]\ncache-dir = "precious"\n')
    code, out, err = call("clean")
    assert (code, out) == (2, "")
    assert err.endswith("precious: this is not a cache of scriptlint, so it is not removed\n")
    assert Path("precious/x.txt").exists()


def test_a_bug_is_one_sentence(call: Call, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    write("net.py")

    def broken(*args: object, **options: object) -> None:
        raise RuntimeError("oh")

    monkeypatch.setattr(engine, "check", broken)
    code, out, err = call("net.py")
    assert (code, out) == (2, "")
    assert err.startswith(
        "scriptlint: this is a bug in scriptlint, please report it: RuntimeError: oh (test_command_line.py:"
    )


def test_an_interrupt_is_quiet(call: Call, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    write("net.py")

    def interrupted(*args: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(engine, "check", interrupted)
    code, out, err = call("net.py")
    assert (code, out, err.strip()) == (130, "", "")


def module(*args: str, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scriptlint", *args]
    return subprocess.run(command, capture_output=True, text=True, cwd=HERE.parent.parent, check=False, **options)


def test_python_m_and_version() -> None:
    from scriptlint.version import __version__

    assert module("--version").stdout == f"scriptlint {__version__}\n"
    assert "Exit codes:" in module("check", "--help").stdout


@pytest.mark.parametrize("args", [["--version"], ["--help"]])
def test_answering_at_once_imports_click_alone(args: list[str]) -> None:
    program = (
        "import sys; before = set(sys.modules); from scriptlint.cli import run; run(sys.argv[1:]);"
        "print({'msgspec', 'pathspec', 'rich', 'libcst', 'torch', 'tomllib', 'difflib'} & (set(sys.modules) - before))"
    )
    command = [sys.executable, "-c", program, *args]
    done = subprocess.run(command, capture_output=True, text=True, cwd=HERE.parent.parent, check=True)
    assert done.stdout.splitlines()[-1] == "set()"


def test_a_reader_that_goes_away_is_no_error() -> None:
    command = [sys.executable, "-m", "scriptlint", "rules"]
    read, written = os.pipe()
    os.close(read)
    done = subprocess.run(command, stdout=written, stderr=subprocess.PIPE, cwd=HERE.parent.parent, check=False)
    os.close(written)
    assert (done.returncode, done.stderr) == (141, b"")


def test_server_says_what_it_needs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("scriptlint.cli.server.find_spec", lambda name: None)
    assert run(["server"]) == 2
    assert capsys.readouterr().err == "scriptlint: the server needs pygls: pip install 'scriptlint[server]'\n"
