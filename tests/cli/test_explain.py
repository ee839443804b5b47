"""`scriptlint explain` given what torch said: messages that the real compiler and tracer make while this runs."""

import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from scriptlint.cli import run
from scriptlint.diag import Rule, Severity, Target, messages, pages
from scriptlint.engine.registry import all_rules
from tests import dialect
from tests.judge import Judge

Call = Callable[..., tuple[int, str, str]]
RULES = all_rules()

NET = """\
import torch
from torch import nn


def helper(x, n: int):
    y = x.sum(undefined)
    z = lambda w: w
    return y + n


class Net(nn.Module):
    def forward(self, x):
        for i in range(x.shape[0]):
            x = helper(x, 1)
        return not_there(x)


if __name__ != "net":
    torch.jit.script(Net())
"""


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").touch()

    def call(*args: str, stdin: str | None = None) -> tuple[int, str, str]:
        if stdin is not None:
            buffer = SimpleNamespace(read=lambda: stdin.encode())
            monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=buffer, isatty=lambda: False))
        code = run(["explain", *args])
        out, err = capsys.readouterr()
        return code, out, err

    return call


def traceback_of(program: str, judge: Judge, folder: Path) -> str:
    """What a terminal shows of it."""
    (folder / "model.py").write_text(program)
    verdict = judge.run(program)
    assert verdict.verdict == "refused"
    return (
        "some output before\nTraceback (most recent call last):\n"
        f'  File "{folder / "model.py"}", line {verdict.statement}, in <module>\n    torch.jit.script(it)\n'
        '  File "/nowhere/site-packages/torch/jit/_script.py", line 1429, in script\n    ret = _script_impl(\n'
        f"{verdict.error}: {verdict.message}\n"
    )


def title(out: str) -> str:
    """The title of the page that is printed."""
    return next(line for line in out.splitlines() if re.match(r"# SL\d+ ", line))


@pytest.mark.parametrize(
    ("message", "rule"),
    [
        ("Expected integer literal for index", "SL605 variable-module-index"),
        ("Lambda aren't supported", "SL120 lambda-expression"),
        ("RuntimeError: undefined value foo", "SL210 undefined-name"),
        ('Expected a default value of type Tensor (inferred) on parameter "n"', "SL302 untyped-default"),
        ('Expected a default value of type int on parameter "n"', "SL303 default-of-another-type"),
    ],
)
def test_a_sentence(call: Call, message: str, rule: str) -> None:
    code, out, _ = call("--message", message)
    assert (code, title(out)) == (0, f"# {rule}")
    assert call("-m", "-", stdin=message) == (0, out, "")
    assert call(stdin=message) == (0, out, "")


def test_a_traceback_leads_to_the_file_and_to_what_else_is_wrong_in_the_function(
    call: Call, judge: Judge, tmp_path: Path
) -> None:
    program = NET.replace('__name__ != "net"', "True")
    code, out, err = call(stdin=traceback_of(program, judge, tmp_path))
    assert (code, err) == (0, "")
    assert title(out) == "# SL120 lambda-expression"
    assert out.startswith("error[SL120]"), "what is in the file of the user comes first"
    shown = out.partition("\n\n# SL120")[0].splitlines()
    assert shown[1].strip() == "--> model.py:7:9"
    assert shown[-2] == "1 more finding in `helper`:"
    assert re.match(r"model.py:6:15: error SL210 ", shown[-1])


def test_a_method_is_named_by_its_class(call: Call, judge: Judge, tmp_path: Path) -> None:
    program = NET.replace('__name__ != "net"', "True").replace("    z = lambda w: w\n", "").replace("undefined", "0")
    _, out, _ = call(stdin=traceback_of(program, judge, tmp_path))
    assert title(out) == "# SL210 undefined-name"
    assert "\nNothing else is found in `Net.forward`.\n\n# SL210" in out


def test_the_place_decides_between_rules_that_share_their_words(call: Call, judge: Judge, tmp_path: Path) -> None:
    for body, rule in (("n + None", "SL401"), ("torch.relu(n, n)", "SL402"), ("float([n])", "SL409")):
        program = f"import torch\n\n\n@torch.jit.script\ndef f(n: int):\n    return {body}\n"
        _, out, _ = call(stdin=traceback_of(program, judge, tmp_path))
        assert title(out).startswith(f"# {rule} ")
        assert f"error[{rule}]" in out
        assert "The same words" not in out


def test_without_the_file_other_rules_with_the_same_words_are_named(call: Call, judge: Judge) -> None:
    verdict = judge.run("import torch\n\n\n@torch.jit.script\ndef f(n: int):\n    return torch.relu(n, n, n)\n")
    code, out, _ = call("-m", verdict.words)
    assert code == 0
    assert "\nThe same words are said in the cases of SL" in out
    assert "--> " not in out


def test_a_file_that_the_settings_leave_out_is_not_linted(call: Call, judge: Judge, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.scriptlint]\nextend-exclude = ["model.py"]\nforce-exclude = true\n')
    code, out, _ = call(stdin=traceback_of(NET.replace('__name__ != "net"', "True"), judge, tmp_path))
    assert (code, title(out)) == (0, "# SL120 lambda-expression")
    assert "error[" not in out


def test_a_file_that_cannot_be_read_is_no_obstacle(call: Call, tmp_path: Path) -> None:
    (tmp_path / "net.py").write_bytes(b"def f(:\n\xff")
    code, out, _ = call("-m", 'Lambda aren\'t supported:\n  File "net.py", line 1\n    x\n    ~ <--- HERE\n')
    assert (code, title(out)) == (0, "# SL120 lambda-expression")
    assert "SL900" in out


def test_a_warning_of_the_tracer(call: Call, tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(
        "import torch\n\n\ndef f(x):\n    if x.sum() > 0:\n        return x\n    return -x\n\n\n"
        "torch.jit.trace(f, torch.ones(3))\n"
    )
    warning = (
        f"{tmp_path}/net.py:5: TracerWarning: Converting a tensor to a Python boolean might cause the trace to be "
        "incorrect. We can't record the data flow of Python values.\n  if x.sum() > 0:\n"
    )
    code, out, _ = call(stdin=warning)
    assert (code, title(out)) == (0, "# SL801 tensor-dependent-branch")
    assert "--> net.py:5:8" in out


def test_a_message_in_the_output_of_pytest(call: Call, judge: Judge, tmp_path: Path) -> None:
    words = traceback_of(NET.replace('__name__ != "net"', "True"), judge, tmp_path).partition("Error: ")[2]
    text = "    def test():\n>       torch.jit.script(Net())\n" + "".join(
        f"E       {line}\n" for line in ("RuntimeError: " + words).splitlines()
    )
    assert title(call(stdin=f"\x1b[31m{text}\x1b[0m")[1]) == "# SL120 lambda-expression"


def test_a_traceback_without_a_place_of_the_compiler_is_about_the_call(
    call: Call, judge: Judge, tmp_path: Path
) -> None:
    program = "import torch\n\n\ndef f(x):\n    return +x\n\n\ntorch.jit.script(f)\n"
    verdict = judge.run(program)
    assert 'File "' not in verdict.message
    _, out, _ = call(stdin=traceback_of(program, judge, tmp_path))
    assert title(out) == "# SL126 unary-plus"
    assert "model.py:5:12: error SL126" in out


@pytest.mark.parametrize(
    ("args", "stdin", "sentence"),
    [
        (["-m", "the cat sat"], None, "scriptlint: no rule knows these words: `the cat sat`\n"),
        ([], "RuntimeError: \nthe \x1b[1mcat\x07\n", "scriptlint: no rule knows these words: `the cat\\x07`\n"),
        ([], " \n", "scriptlint: there is no message to explain\n"),
    ],
)
def test_what_nothing_knows(call: Call, args: list[str], stdin: str | None, sentence: str) -> None:
    assert call(*args, stdin=stdin) == (2, "", sentence)


def test_usage(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: True))
    for args in ([], ["SL120", "-m", "x"]):
        code, out, err = call(*args)
        assert (code, out) == (2, "")
        assert "Error: " in err


def test_the_messages_on_the_pages_lead_back_to_them() -> None:
    """Some words belong to several rules, and one of these comes first."""
    first = count = 0
    for code, path in pages.pages().items():
        for section in dialect.read(path).sections:
            for block in section.blocks:
                if block.language != "compiler" or RULES[code].compiler is None:
                    continue
                found = [rule.code for rule in messages.matching(messages.read(block.text), RULES.values())]
                assert code in found, block.text
                count += 1
                first += found[0] == code
    assert first / count > 0.9


def test_without_pages_the_longest_expression_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scriptlint.diag.pages.folder", lambda: None)
    short, long, other = (
        Rule(code, code.lower(), Severity.ERROR, Target.SCRIPT, "m", compiler=compiler)
        for code, compiler in (("SL001", "cannot be"), ("SL002", "cannot be (a|b) .* at all"), ("SL003", "never"))
    )
    told = messages.read("it cannot be a frog at all")
    assert messages.matching(told, [short, long, other]) == [long, short]


def test_alternatives_of_an_expression() -> None:
    assert messages.alternatives(r"a(b|c)d|e\|f|") == [r"a(b|c)d", r"e\|f", ""]
    assert messages.spelt(r"ab\(c\)[^d]*(?!Tensor \(x\))\d e") == len("abc e")


def test_source_is_not_taken_for_words() -> None:
    told = messages.read(
        "RuntimeError: \nundefined value x:\n"
        '  File "/a/net.py", line 12\n    def f():\n        return x  # Lambda aren\'t supported\n               ~ <--- HERE\n    more\n'
        "'f' is being compiled since it was called from 'g'\n"
        '  File "/a/net.py", line 20\n    f()\n    ~ <--- HERE\n'
    )
    assert told.words == "RuntimeError: \nundefined value x:\n'f' is being compiled since it was called from 'g'"
    assert told.places == (("/a/net.py", 12), ("/a/net.py", 20))
    assert told.pointed == "x"


def test_of_several_tracebacks_the_last_counts() -> None:
    told = messages.read(
        'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\n    a()\nKeyError: 1\n\n'
        "During handling of the above exception, another exception occurred:\n\n"
        'Traceback (most recent call last):\n  File "b.py", line 2, in <module>\n    b()\n  File "c.py", line 3, in b\n    c()\n'
        "RuntimeError: oh\n"
    )
    assert told.words == "RuntimeError: oh"
    assert told.frames == (("c.py", 3), ("b.py", 2))
