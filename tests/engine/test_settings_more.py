"""Settings that extend others or come from the command line, and rules that are ignored in classes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from scriptlint.cli import run
from scriptlint.engine.settings import Finder, SettingsError

Call = Callable[..., tuple[int, str, str]]
NET = """\
import torch


class Net(torch.nn.Module):
    def forward(self, x):
        return [v for v in x if v]


class Other(torch.nn.Module):
    class Inner(torch.nn.Module):
        def forward(self, x):
            return [v for v in x if v]

    def forward(self, x):
        return [v for v in x if v]


def free(x):
    return [v for v in x if v]


torch.jit.script(Net())
torch.jit.script(Other())
torch.jit.script(Other.Inner())
torch.jit.script(free)
"""


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "net.py").write_text(NET)

    def call(*args: str) -> tuple[int, str, str]:
        code = run([*args, "--no-cache"])
        out, err = capsys.readouterr()
        return code, out, err

    return call


def rows(call: Call, *args: str) -> list[int]:
    _, out, err = call("check", "net.py", "--output-format", "json", "--select", "SL124", *args)
    assert not err
    return [one["location"]["row"] for one in json.loads(out)]


def test_what_is_not_set_comes_from_the_extended_file(tmp_path: Path) -> None:
    base = tmp_path / "shared"
    (base / "venv").mkdir(parents=True)
    (base / "base.toml").write_text('target = "script"\nignore = ["SL1"]\npython = "venv"\nextend-exclude = ["gen"]\n')
    (tmp_path / "middle.toml").write_text('extend = "shared/base.toml"\nnotes = true\nignore = []\n')
    project = tmp_path / "project"
    project.mkdir()
    (project / "pyproject.toml").write_text('[tool.scriptlint]\nextend = "../middle.toml"\ntarget = "trace"\n')
    settings = Finder().of(str(project))
    assert (settings.target, settings.notes, settings.ignore) == ("trace", True, ())
    assert settings.python == str(base / "venv")
    assert (settings.root, settings.extend_exclude) == (str(project), ("gen",))
    assert settings.files == (
        str(project / "pyproject.toml"), str(tmp_path / "middle.toml"), str(base / "base.toml")
    )  # fmt: skip
    assert settings.source == settings.files[0]
    assert Finder(overrides={"target": "both"}).of(str(project)).target == "both"


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"scriptlint.toml": 'notes = true\nextend = "none.toml"\n'}, "scriptlint.toml:2: there is no file none.toml to extend"),
        ({"scriptlint.toml": "extend = 3\n"}, "scriptlint.toml:1: `extend` must be a string, not the number 3"),
        ({"scriptlint.toml": 'extend = "scriptlint.toml"\n'}, "scriptlint.toml:1: `extend` leads back to scriptlint.toml"),
        (
            {"scriptlint.toml": 'extend = "a.toml"\n', "a.toml": "\nextend = './b.toml'\n", "b.toml": 'extend = "a.toml"\n'},
            "b.toml:1: `extend` leads back to a.toml",
        ),
        ({"scriptlint.toml": 'extend = "a.toml"\n', "a.toml": "\n\ntarjet = 1\n"}, "a.toml:3: unknown setting `tarjet`; did you mean `target`?"),
        ({"scriptlint.toml": 'extend = "a.toml"\n', "a.toml": '\nignore = ["SL1411"]\n'}, "a.toml:2: unknown rule `SL1411` in `ignore`; did you mean `SL141`?"),
        ({"scriptlint.toml": 'extend = "a.toml"\n', "a.toml": '\nbaseline = "../b"\n'}, "a.toml:2: `baseline` must be a file below the folder of this file"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_it_is_said_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(SettingsError) as caught:
        Finder().of(str(tmp_path))
    assert str(caught.value) == said


def test_a_torch_that_nobody_knows_in_an_extended_file(call: Call, tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text('\ntarget-torch = "0.1"\n')
    (tmp_path / "scriptlint.toml").write_text('extend = "base.toml"\n')
    assert call("net.py")[2].startswith("scriptlint: base.toml:2: no snapshot of torch 0.1 ")
    assert call("net.py", "--config", "target-torch='0.2'")[2].startswith("scriptlint: --target-torch: no snapshot ")


def test_the_origin_of_every_value_is_shown(call: Call, tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text('\nignore = ["SL9"]\nnotes = false\n')
    (tmp_path / "scriptlint.toml").write_text('extend = "base.toml"\nmarkdown = true\n')
    out = call("--show-settings", "--config", "target=script")[1]
    assert 'ignore = ["SL9"]  # base.toml:2\n' in out
    assert "markdown = true  # scriptlint.toml:2\n" in out
    assert 'target = "script"  # --target\n' in out
    assert "notes = false\n" in out


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ([], [6, 12, 15, 19]),
        (["per-class-ignores={Net = ['ALL']}"], [12, 15, 19]),
        (["per-class-ignores={'net.Net' = ['SL1']}"], [12, 15, 19]),
        (["per-class-ignores={'*' = ['SL124']}"], [19]),
        (["per-class-ignores={Other = ['comprehension-condition']}"], [6, 19]),
        (["per-class-ignores={'*.Inner' = ['SL124']}"], [6, 15, 19]),
        (["per-class-ignores={Net = ['SL123'], Missing = ['ALL'], 'ne' = ['ALL']}"], [6, 12, 15, 19]),
        (["per-file-ignores = {'net.py' = ['SL124']}"], []),
        (["ignore=['SL124']", "target = trace"], []),
    ],
)
def test_settings_of_the_command_line(call: Call, given: list[str], found: list[int]) -> None:
    options = [word for one in given for word in ("--config", one)]
    assert rows(call, *options) == found


def test_the_command_line_wins_over_the_file_and_options_over_it(call: Call, tmp_path: Path) -> None:
    (tmp_path / "scriptlint.toml").write_text('output-format = "json"\nnotes = true\n')
    out = call("--show-settings", "--config", "output-format=concise", "--config", "target=script", "--target", "both")[
        1
    ]
    assert 'output-format = "concise"' in out
    assert 'target = "both"' in out
    assert "notes = true" in out
    assert 'output-format = "concise"' in call("--show-settings", "--isolated", "--config", "output-format=concise")[1]
    (tmp_path / "other.toml").write_text("markdown = true\n")
    out = call("--show-settings", "--config", "other.toml", "--config", "notes=true")[1]
    assert "markdown = true" in out
    assert "notes = true" in out
    assert 'output-format = "full"' in out


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("tarjet=1", "--config: unknown setting `tarjet`; did you mean `target`?"),
        ("target=onnx", '--config: `target` must be one of "auto", "script", "trace", "both", not "onnx"'),
        ("notes=1", "--config: `notes` must be true or false, not the number 1"),
        ("ignore=SL9", '--config: `ignore` must be a list of strings, not "SL9"'),
        ("ignore=['SL9033']", "--config: unknown rule `SL9033` in `ignore`; did you mean `SL903`?"),
        ("ignore=[", "--config: `[` is neither a value of TOML nor a word"),
        ("ignore=a b", "--config: `a b` is neither a value of TOML nor a word"),
        ("target=\nscript=1", "--config: unknown setting `script`"),
        ("extend=base.toml", "--config: only a settings file can extend another; name that one instead"),
        ("python=nowhere", "--config: there is no "),
    ],
)
def test_what_cannot_be_assigned(call: Call, given: str, said: str) -> None:
    code, out, err = call("net.py", "--config", given)
    assert (code, out) == (2, "")
    if given != "target=\nscript=1":
        assert err.startswith(f"scriptlint: {said}")


def test_two_files_and_isolation(call: Call, tmp_path: Path) -> None:
    for name in ("a.toml", "b.toml"):
        (tmp_path / name).touch()
    assert call("net.py", "--config", "a.toml", "--config", "b.toml")[0] == 2
    assert call("net.py", "--config", "a.toml", "--isolated")[0] == 2
    (tmp_path / "a=b.toml").write_text('target = "trace"\n')
    assert rows(call, "--config", "a=b.toml") == []


def test_blocks_are_left_out_in_real_runs(call: Call, tmp_path: Path) -> None:
    text = NET.replace("class Other", "# scriptlint: off[SL124] -- old\nclass Other").replace(
        "def free", "# scriptlint: on[SL124]\ndef free"
    )
    (tmp_path / "net.py").write_text(text)
    assert rows(call) == [6, 21]
    assert "SL90" not in call("net.py", "--output-format", "concise")[1]


def test_a_comment_in_an_ignored_class_is_not_called_unused(call: Call, tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(NET.replace("if v]", "if v]  # scriptlint: ignore[SL124]", 1))
    out = call("net.py", "--output-format", "concise", "--config", "per-class-ignores={Net = ['SL124']}")[1]
    assert "SL903" not in out
    assert out.count("SL124") == 3
