"""`--fix` and its kin, as a user runs them."""

import io
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from scriptlint.cli import run

Call = Callable[..., tuple[int, str, str]]

NET = """\
import torch


def helper(x, k):
    return x.view(k, -1)


class Net(torch.nn.Module):
    def forward(self, x, flag=True):  # keep me
        if flag:
            return helper(x, 3)
        return x


torch.jit.script(Net())
"""
# How a run over them ends.
OK = "Judged 1 object for script (1 ok).\n"
BLOCKED = "Judged 1 object for script (1 blocked).\n"
SAFE = NET.replace("flag=True", "flag: bool = True")
UNSAFE = SAFE.replace("(x, k)", "(x, k: int)")
BROKEN_BY_FIX = (
    SAFE.replace("x.view(k, -1)", "x")
    .replace("helper(x, 3)", "helper(x, 'a')")
    .replace(
        "torch.jit.script(Net())",
        """\
class Other(torch.nn.Module):
    def forward(self, x, k):
        return helper(x, k)


torch.jit.script(Net())
torch.jit.script(Other())
""",
    )
)
NAMESAKES = """\
import torch
from torch import nn


class Breaks(nn.Module):
    def forward(self, x, mask=None):
        if mask is None:
            x = x + 1
        return x + mask.sum()


class Other(nn.Module):
    def forward(self, x, n, mask=None):
        y = x.view(n, -1)
        if mask is not None:
            y = y + mask
        return y
"""
SUBCLASSES = """\
import torch
from torch import nn


class Base(nn.Module):
    def __init__(self):
        super().__init__()
        self.k = 2

    def forward(self, x):
        return self.shift(x, self.k)


class First(Base):
    def shift(self, x, k):
        return x.view(k, -1)


class Second(Base):
    def shift(self, x, k):
        return x.view(-1, k)


class Third(Base):
    def shift(self, x, k):
        return x.roll(k)


torch.jit.script(First())
torch.jit.script(Second())
torch.jit.script(Third())
"""


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    monkeypatch.chdir(tmp_path)

    def call(*args: str) -> tuple[int, str, str]:
        code = run(["check", "--no-cache", *args])
        out, err = capsys.readouterr()
        return code, out, err

    return call


def test_marks_and_counts(call: Call) -> None:
    Path("net.py").write_text(NET)
    _, out, _ = call("net.py", "--output-format", "concise")
    lines = out.splitlines()
    assert [line.partition(": error ")[2][:9] for line in lines[:2]] == ["SL302 [*]", "SL402 `he"]
    assert lines[-2:] == [
        "[*] 1 fixable with `--fix` (1 more with `--unsafe-fixes`).",
        "Judged 1 object for script (1 blocked).",
    ]
    _, out, _ = call("net.py", "--unsafe-fixes")
    assert out.splitlines()[-2] == "[*] 2 fixable with `--fix`."
    assert "error[SL402] [*] argument-mismatch" in out
    assert "fix: annotate `k: int` (unsafe)" in out


def test_fix(call: Call) -> None:
    Path("net.py").write_text(NET)
    code, out, _ = call("net.py", "--fix", "--show-fixes")
    assert Path("net.py").read_text() == SAFE
    assert out.splitlines()[:3] == ["Fixed 1 finding:", "- net.py:", "    1 × SL302 (untyped-default)"]
    assert out.splitlines()[-3] == "Fixed 1 finding. Found 1 error in 1 file."
    assert code == 1
    code, out, _ = call("net.py", "--fix", "--unsafe-fixes")
    assert Path("net.py").read_text() == UNSAFE
    assert (code, out) == (0, f"Fixed 1 finding. All checks passed!\n{OK}")
    assert call("net.py", "--fix", "--unsafe-fixes") == (0, f"All checks passed!\n{OK}", "")


def test_fix_only_and_exit_code(call: Call) -> None:
    Path("net.py").write_text(NET)
    assert call("net.py", "--fix-only") == (0, "", "")
    Path("net.py").write_text(NET)
    assert call("net.py", "--fix-only", "--exit-non-zero-on-fix") == (1, "", "")
    assert call("net.py", "--fix-only", "--exit-non-zero-on-fix") == (0, "", "")


def test_diff(call: Call) -> None:
    Path("net.py").write_text(NET)
    code, out, err = call("net.py", "--diff")
    assert code == 1
    assert out.splitlines()[:2] == ["--- net.py", "+++ net.py"]
    assert "+    def forward(self, x, flag: bool = True):  # keep me" in out.splitlines()
    assert err == "scriptlint: would fix 1 finding\n"
    assert Path("net.py").read_text() == NET
    Path("net.py").write_text(UNSAFE)
    assert call("net.py", "--diff") == (0, "", "scriptlint: nothing to fix\n")


def test_stdin_goes_to_stdout(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(NET.encode())))
    code, out, err = call("-", "--fix", "--stdin-filename", "net.py")
    assert (code, out) == (1, SAFE)
    assert "error[SL402]" in err
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"x = 1\n")))
    assert call("-", "--fix-only")[:2] == (0, "x = 1\n")


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("", ["--unfixable", "SL302"]),
        ("", ["--fixable", "argument-mismatch"]),
        ("extend-unsafe-fixes = ['SL302']", []),
        ("unfixable = ['SL3']", []),
    ],
)
def test_what_may_not_be_fixed(call: Call, text: str, options: list[str]) -> None:
    Path("scriptlint.toml").write_text(text)
    Path("net.py").write_text(NET)
    call("net.py", "--fix", *options)
    assert Path("net.py").read_text() == NET


def test_settings_make_fixes_safe(call: Call) -> None:
    Path("net.py").write_text(NET)
    Path("scriptlint.toml").write_text("extend-safe-fixes = ['SL402']")
    call("net.py", "--fix")
    assert Path("net.py").read_text() == UNSAFE
    Path("scriptlint.toml").write_text("fixable = ['SL4x']")
    code, _, err = call("net.py", "--fix")
    assert code == 2
    assert "unknown rule `SL4x` in `fixable`" in err


def test_a_fix_that_brings_an_error_is_taken_back(call: Call) -> None:
    Path("net.py").write_text(BROKEN_BY_FIX)
    _, _, err = call("net.py", "--fix", "--unsafe-fixes")
    assert Path("net.py").read_text() == BROKEN_BY_FIX
    assert "net.py:11:20: the fix for SL402 was taken back, because it brought a new error" in err
    # What goes with it in the round, and breaks nothing, stays.
    Path("net.py").write_text(BROKEN_BY_FIX.replace("flag: bool = True", "flag=True"))
    call("net.py", "--fix", "--unsafe-fixes")
    assert Path("net.py").read_text() == BROKEN_BY_FIX


def test_a_fix_that_is_taken_back_does_not_stop_its_namesake(call: Call) -> None:
    Path("net.py").write_text(NAMESAKES)
    _, _, err = call("net.py", "--fix-only", "--unsafe-fixes")
    fixed = Path("net.py").read_text()
    assert "def forward(self, x, mask=None):" in fixed
    assert "def forward(self, x, n, mask: Optional[torch.Tensor] = None):" in fixed
    row = fixed[: fixed.index("mask=None")].count("\n") + 1
    assert err == f"scriptlint: net.py:{row}:26: the fix for SL717 was taken back, because it brought a new error\n"


def test_one_call_with_several_methods_to_repair(call: Call) -> None:
    Path("net.py").write_text(SUBCLASSES)
    call("net.py", "--fix-only", "--unsafe-fixes")
    assert Path("net.py").read_text() == SUBCLASSES.replace("(self, x, k)", "(self, x, k: int)")


def test_bytes_are_kept(call: Call) -> None:
    data = b"\xef\xbb\xbf" + NET.replace("keep me", "ü").replace("\n", "\r\n").encode()
    Path("net.py").write_bytes(data)
    os.chmod("net.py", 0o750)
    Path("link.py").symlink_to("net.py")
    call("link.py", "--fix")
    assert Path("net.py").read_bytes() == data.replace(b"flag=True", b"flag: bool = True")
    assert stat.S_IMODE(os.stat("net.py").st_mode) == 0o750
    assert Path("link.py").is_symlink()
    assert sorted(os.listdir()) == ["link.py", "net.py"]
    latin = ("# coding: latin-1\n" + NET.replace("keep me", "ä")).encode("latin-1")
    Path("net.py").write_bytes(latin)
    call("net.py", "--fix")
    assert Path("net.py").read_bytes() == latin.replace(b"flag=True", b"flag: bool = True")


def test_a_file_that_changed_meanwhile_is_left_alone(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("net.py").write_text(NET)
    from scriptlint.cli import repairs as fix

    judged = fix.repaired

    def slow(*args: object) -> object:
        outcome = judged(*args)  # type: ignore[arg-type]
        Path("net.py").write_text(NET + "somebody = 'else'\n")
        return outcome

    monkeypatch.setattr(fix, "repaired", slow)
    code, out, err = call("net.py", "--fix", "--show-fixes", "--output-format", "concise")
    assert (code, err) == (2, "scriptlint: net.py: the file was changed meanwhile, so it is left as it is\n")
    assert Path("net.py").read_text() == NET + "somebody = 'else'\n"
    # What could not be written is still found, and not said to be fixed.
    assert "SL302 [*]" in out
    assert "Fixed" not in out


def test_json_edits_apply_by_themselves(call: Call) -> None:
    text = NET.replace("helper(x, 3)", "helper(x, [3])")
    Path("net.py").write_text(text)
    _, out, _ = call("net.py", "--output-format", "json")
    fixes = {one["code"]: one["fix"] for one in json.loads(out)}
    assert fixes["SL302"]["applicability"] == "safe"
    assert fixes["SL402"]["applicability"] == "unsafe"
    wanted = "from typing import List\n\n" + text.replace("x, k)", "x, k: List[int])")
    assert edited(text, fixes["SL402"]["edits"]) == wanted


def edited(text: str, edits: list[dict[str, dict[str, int]]]) -> str:
    """The text after edits of the JSON output, applied as an editor does: from the last to the first."""
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))

    def offset(place: dict[str, int]) -> int:
        return starts[place["row"] - 1] + place["column"] - 1

    for one in reversed(edits):
        text = text[: offset(one["location"])] + str(one["content"]) + text[offset(one["end_location"]) :]
    return text


def test_add_ignore(call: Call) -> None:
    Path("net.py").write_text(NET)
    code, out, _ = call("net.py", "--add-ignore", "later")
    assert (code, out) == (0, "Added 2 comments in 1 file.\n")
    assert call("net.py") == (0, f"All checks passed!\n{BLOCKED}", "")
    assert "helper(x, 3)  # scriptlint: ignore[SL402] -- later" in Path("net.py").read_text()
    assert call("net.py", "--add-ignore=later")[1] == "Added 0 comments in 0 files.\n"


def test_add_ignore_where_no_comment_can_stand(call: Call) -> None:
    Path("net.py").write_text(
        NET.replace("helper(x, 3)", 'helper(x, 3), """\n  text"""').replace(
            "flag=True):  # keep me", "\\\n            flag=True):  # scriptlint: ignore[SL141]"
        )
    )
    call("net.py", "--add-ignore=", "--ignore", "SL903")
    assert call("net.py", "--ignore", "SL903")[1] == f"All checks passed!\n{BLOCKED}"


def test_files_that_were_not_asked_for_are_never_changed(call: Call) -> None:
    head, _, tail = NET.partition("class Net")
    Path("helpers.py").write_text(head)
    Path("net.py").write_text(f"import torch\nfrom helpers import helper\n\n\nclass Net{tail}")
    call("net.py", "--fix", "--unsafe-fixes")
    assert Path("helpers.py").read_text() == head
    call(".", "--fix", "--unsafe-fixes")
    assert Path("helpers.py").read_text() == head.replace("x, k)", "x, k: int)")
