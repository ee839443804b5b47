"""Small projects on disk, and what the layers below the engine make of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

from scriptlint.engine.cache import Cache
from scriptlint.engine.store import Store
from scriptlint.evaluate.values import Instance
from scriptlint.instances.machine import Machine
from scriptlint.program.classes import Classes
from scriptlint.program.module import Class, Function, ModuleInfo
from scriptlint.program.project import Project
from scriptlint.torchlib import library


class Files:
    """Files below a folder as one project; the first one is `main`."""

    def __init__(self, folder: Path, files: Mapping[str, str] | str) -> None:
        self.folder = folder
        files = {"model.py": files} if isinstance(files, str) else files
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text), encoding="utf-8")
        known = library.load(None)
        store = Store(Cache(None), {})
        self.project = Project(store.load, [folder], known, store.bytes)
        self.classes = Classes(self.project)
        self.machine = Machine(self.project, self.classes, known)
        self.main = self.module(next(iter(files)))

    def module(self, name: str) -> ModuleInfo:
        """The module of a file."""
        found = self.project.module(str(self.folder / name))
        assert found is not None
        return found

    def cls(self, name: str) -> Class:
        """The class of this name in `main`."""
        return next(one for one in self.main.classes.values() if one.qualname == name)

    def function(self, name: str) -> Function:
        """The function of this name in `main`, the first if there are several."""
        return next(one for one in self.main.functions.values() if one.qualname == name)

    def name(self, name: str) -> str | None:
        """What a name means at the end of `main`, in words."""
        return words(self.project.lookup(name, self.main))

    def built(self, name: str) -> Instance:
        """The object that a class of `main` makes without arguments."""
        return self.machine.default_instance(self.cls(name))


def words(symbol: object) -> str | None:
    """A symbol in words: its kind and its dotted name."""
    if symbol is None:
        return None
    name = getattr(symbol, "dotted", None) or getattr(symbol, "name", "")
    return f"{type(symbol).__name__} {name}"
