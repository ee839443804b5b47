"""Verdicts are remembered while all that they rest on is as it was, and no longer."""

from __future__ import annotations

from pathlib import Path

import pytest

from scriptlint.engine import pipeline
from scriptlint.engine.settings import Settings

NET = """import torch
from torch import nn
from helper import act
from {missing} import late


class Net(nn.Module):
    def __init__(self, size=2):
        super().__init__()
        self.size = size

    def forward(self, x):
        return act(x) * self.size + late(x)
"""
HELPER = "def act(x):\n    return x\n"


class Models:
    """Files whose classes, or an object of one, are asked about again and again."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = folder / "project"
        self.root.mkdir()
        self.sessions = 0
        monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "home"))
        monkeypatch.chdir(self.root)
        real = pipeline.session

        def noted(*given: object, **more: object) -> pipeline.Session:
            self.sessions += 1
            return real(*given, **more)  # type: ignore[arg-type]

        monkeypatch.setattr(pipeline, "session", noted)
        self.write("net.py", NET.format(missing="gone"))
        self.write("helper.py", HELPER)

    def write(self, name: str, text: str) -> None:
        (self.root / name).write_text(text)

    def ask(
        self, target: str = "net.py", *, cache: bool = True, settings: str = "both"
    ) -> tuple[list[pipeline.ModuleVerdict], list[str], list[str]]:
        judged = pipeline.modules(
            [target if "::" in target else str(self.root / target)],
            Settings(root=str(self.root), target=settings),
            objects="::" in target,
            cache=cache,
            jobs=1,
        )
        return judged.verdicts, [one.message for one in judged.failures], judged.problems

    def again(self, target: str = "net.py") -> bool:
        """Whether something is judged by a run that is as good as one that remembers nothing."""
        before = self.sessions
        found = self.ask(target)
        judged = self.sessions > before
        assert found == self.ask(target, cache=False)
        return judged


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Models:
    return Models(tmp_path, monkeypatch)


@pytest.mark.parametrize("target", ["net.py", "net.py::Net(3)", "net.py::Net", "net.py::Nothing", "helper.py::act"])
def test_nothing_is_judged_where_nothing_changed(target: str, models: Models) -> None:
    assert models.again(target)
    assert not models.again(target)


CHANGES = {
    "a comment before the class": ("net.py", "# a header\n" + NET.format(missing="gone")),
    "the class": ("net.py", NET.format(missing="gone").replace("act(x) *", "[*x] *")),
    "what it calls": ("helper.py", HELPER.replace("return x", "return [*x]")),
    "a file that was not there": ("gone.py", "def late(x):\n    return x\n"),
    "a file that is not Python": ("helper.py", "def act(x:\n"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_changed_is_judged_again(name: str, models: Models) -> None:
    file, text = CHANGES[name]
    before = models.ask()
    old = (models.root / file).read_text() if (models.root / file).exists() else None
    models.write(file, text)
    assert models.again()
    if old is None:
        (models.root / file).unlink()
    else:
        models.write(file, old)
    assert models.ask() == before


def test_other_settings_and_targets_are_judged_by_themselves(models: Models) -> None:
    models.ask()
    assert models.ask(settings="script") == models.ask(settings="script", cache=False)
    before = models.sessions
    assert models.ask("net.py::Net(3)")[0][0].target == "net.py::Net(3)"
    assert models.ask("net.py::Net(4)")[0][0].target == "net.py::Net(4)"
    assert models.sessions == before + 2
