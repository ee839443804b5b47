"""The schemas say what is so: of what is printed, of what settings are accepted, and of nothing else."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from scriptlint.cli import run
from scriptlint.cli.schema import NAMES
from scriptlint.engine.settings import FIELDS
from scriptlint.engine.settings_file import Refused
from scriptlint.engine.settings_help import HELP
from scriptlint.output.schemas import SCHEMAS, schema

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parent.parent.parent
HALF = "import torch\n\n\n@torch.jit.script\ndef f(x, *, n: int = 1):\n    return x\n\n\ndef g(:\n"
CELL = {
    "cell_type": "code",
    "metadata": {},
    "outputs": [],
    "execution_count": None,
    "source": "import torch\nclass Cell(torch.nn.Module):\n    def forward(self, *x):\n        return x[0]\n",
}
DEPENDS = """\
import torch
from torch import nn


class First(nn.Module):
    def forward(self, *xs):
        return xs[0]


class Head(nn.Module):
    def __init__(self, width=None):
        super().__init__()
        self.last = First() if width is None else nn.Linear(width, width)

    def forward(self, x):
        return self.last(x)


def build(width):
    return torch.jit.script(Head(width))
"""


def closed(one: Any) -> Any:
    """A schema that allows no other keys than those that it names."""
    if isinstance(one, list):
        return [closed(item) for item in one]
    if not isinstance(one, dict):
        return one
    made = {key: closed(value) for key, value in one.items()}
    return {**made, "additionalProperties": False} if "properties" in made and "required" in made else made


def properties(one: Any) -> Iterator[str]:
    if isinstance(one, dict):
        yield from one.get("properties", {})
        for value in one.values():
            yield from properties(value)
    elif isinstance(one, list):
        for value in one:
            yield from properties(value)


def keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
        for one in value.values():
            yield from keys(one)
    elif isinstance(value, list):
        for one in value:
            yield from keys(one)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").touch()
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    (tmp_path / "half.py").write_text(HALF)
    (tmp_path / "head.py").write_text(DEPENDS)
    (tmp_path / "net.ipynb").write_text(
        json.dumps({"cells": [CELL], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    )
    return tmp_path


@pytest.mark.parametrize(
    ("name", "args"),
    [("report", ["check", "--notes", "--unreached"]), ("modules", ["modules", ".", "head.py::Head()"])],
)
def test_what_is_printed_is_what_the_schema_says(
    project: Path, capsys: pytest.CaptureFixture[str], name: str, args: list[str]
) -> None:
    run([*args, "--no-cache", "--output-format", "json"])
    document = json.loads(capsys.readouterr().out)
    whole = closed(schema(name))
    Draft202012Validator.check_schema(whole)
    Draft202012Validator(whole).validate(document)
    assert set(properties(whole)) == set(keys(document)), "every key of the schema is printed, and no other"


@pytest.mark.parametrize(
    ("key", "value"),
    [("severity", "bad"), ("location", {"row": 0, "column": 1}), ("code", "X1"), ("fix", []), ("when", 1)],
)
def test_the_schema_refuses(project: Path, capsys: pytest.CaptureFixture[str], key: str, value: object) -> None:
    run(["check", "--no-cache", "--output-format", "json", "half.py"])
    (first, *_) = json.loads(capsys.readouterr().out)
    judge = Draft202012Validator(schema("report"))
    assert judge.is_valid([first])
    assert not judge.is_valid([first | {key: value}])
    del first[key]
    assert not judge.is_valid([first])


def test_all_schemas_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert set(NAMES) == set(SCHEMAS)
    for name in NAMES:
        assert run(["schema", name]) == 0
        printed = json.loads(capsys.readouterr().out)
        Draft202012Validator.check_schema(printed)
        assert printed["$id"] == f"urn:scriptlint:{name}:1"


def test_every_setting_has_its_help() -> None:
    assert sorted(one.name.replace("-", "_") for one in HELP) == sorted(FIELDS)
    for one in HELP:
        assert one.text.endswith("."), one.name


VALUES = [
    True, 1, 0, 2.5, -1, "", "SL1", "2.4", "v1", "new", ">=0.1", "nonsense!", "auto", "script", "count", "report", "ok", "nothing",
    "full", "sarif", "yaml", "8GB", [], ["SL1"], [1], ["a", 1], {}, {"a": ["SL1"]}, {"a": "SL1"}, {"a": 1}, {"SL1": "note"},
    {"SL1": "fatal"}, {"timeout": 1}, {"timeout": 0}, {"timeout": True}, {"memory": "8GB"}, {"memory": "much"}, {"network": False},
    {"pass-env": ["A"]}, {"pass-env": "A"}, {"net.py::Net": {"make": "Net(3)"}}, {"net.py::Net": {"made": "Net(3)"}},
    {"net.py::Net": "Net(3)"}, {"nets": {"make": "Net(3)"}}, None,
]  # fmt: skip


@pytest.mark.parametrize("setting", HELP, ids=lambda one: one.name)
def test_the_schema_and_the_check_agree(setting: Any) -> None:
    judge = Draft202012Validator(setting.schema)
    values = [*VALUES, tomllib.loads(f"value = {setting.example}")["value"]]
    is_a_specifier = setting.name == "required-version"  # whose grammar no schema tells
    for value in values:
        assert judge.is_valid(value) is is_accepted(setting.name, value) or is_a_specifier, value
    assert is_accepted(setting.name, values[-1])


def is_accepted(name: str, value: object) -> bool:
    try:
        FIELDS[name.replace("-", "_")](value)
    except Refused:
        return False
    return True
