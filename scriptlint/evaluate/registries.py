"""Registries: dictionaries that other files of a package fill when they are imported, by the functions of their own file.

`timm.create_model("resnet18")` looks a name up that a decorator has put there. Python executes all files of the package
when it imports it; here those files are that mention the name, when it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from scriptlint.evaluate.values import Mapping
from scriptlint.program.module import ModuleInfo
from scriptlint.syntax import nodes as n

if TYPE_CHECKING:
    from scriptlint.evaluate.evaluator import Evaluator

_MOST = 8  # how many files are executed for one name
_SHORTEST = 3  # a shorter name stands in every file


class _Registry(Struct, frozen=True, eq=False):
    """A dictionary that is filled later: as in `note`. It is kept, so that its identity stays its own."""

    mapping: Mapping
    home: ModuleInfo
    of: str
    called: str


class Registries:
    """The dictionaries of files that functions of the same files put things into."""

    def __init__(self, ev: Evaluator) -> None:
        self._ev = ev
        self._homes: dict[int, _Registry] = {}
        self._asked: set[tuple[int, str, int]] = set()
        self._imported: dict[str, ModuleInfo] = {}

    def note(self, mapping: Mapping, home: ModuleInfo, of: str = "", called: str = "") -> None:
        """Note a dictionary that functions of its file change.

        It may be that of a class `of`, whose subclasses change it where they are defined, or of an object that is `called` so.
        """
        self._homes[id(mapping)] = _Registry(mapping, home, of, called)

    def imported(self, module: ModuleInfo) -> None:
        """Note a package that code imports by its name, as registries do which are told where their classes lie."""
        if module.is_package:
            self._imported[module.path] = module

    def fill(self, mapping: Mapping, key: object) -> bool:
        """Execute the files that may put something under a key; return True if there is something under it."""
        if key in mapping.items or id(mapping) not in self._homes:
            return key in mapping.items
        one = self._homes[id(mapping)]
        word = one.of or str(key)
        asked = id(mapping), word, len(self._imported)
        if (
            not isinstance(key, str)
            or len(word) < _SHORTEST
            or asked in self._asked
            or self._ev.namespaces.is_executing
        ):
            return False
        self._asked.add(asked)
        for module in self._candidates(one, word)[:_MOST]:
            self._ev.namespaces.frame(module)
        return key in mapping.items

    def _candidates(self, registry: _Registry, word: str) -> list[ModuleInfo]:
        """Return the files that may put something under a name, the likeliest first."""
        project, home = self._ev.project, registry.home
        users = [home, *(function.module for function in self._ev.active)] if registry.called else [home]
        around = dict.fromkeys(name for one in users for name in _packages(one.name))
        found = [project.find(name, home, is_stated=False) for name in around]
        packages = [one for one in (*found, *self._imported.values()) if one is not None and one.is_package]
        seen = {one.path for one in packages}
        names = [name for package in packages for name in _leaves(self._ev, package, seen)]

        def unlikely(module: ModuleInfo) -> tuple[bool, bool]:
            defines = any(project.mentions(module.path, f"{one} {word}") for one in ("class", "def"))
            return bool(registry.called) and not project.mentions(module.path, registry.called), not defines

        return sorted(project.mentioning(names, home, word), key=unlikely)

    def lacks(self, mapping: Mapping, key: object, text: str) -> bool:
        """Return True if no file puts something under a name, which is taken for granted where nobody asks for it later.

        `text` is the test as the code says it.
        """
        if id(mapping) not in self._homes or not isinstance(key, str) or len(key) < _SHORTEST:
            return False
        if self._ev.namespaces.is_executing or self.fill(mapping, key):
            return False
        self._ev.path.assume(f"`{text}`")
        return True


def _packages(name: str) -> list[str]:
    """Return the names of the packages around a module, the outermost first."""
    parts = name.split(".")
    return [".".join(parts[: count + 1]) for count in range(max(1, len(parts) - 1))]


def _leaves(ev: Evaluator, package: ModuleInfo, seen: set[str]) -> Iterator[str]:
    """Iterate over the dotted names of what a package imports of its own, and the packages in it in their turn."""
    top = package.name.partition(".")[0]
    for statement in package.tree.body:
        if not isinstance(statement, n.ImportFrom):
            continue
        base = ev.project.imported_name(statement, package)
        if base is None or base.partition(".")[0] != top:
            continue
        parts = [f"{base}.{alias.name}" for alias in statement.names if alias.name != "*"]
        for name in (base, *parts):
            path = ev.project.path_of(name, package)
            if path is None or path in seen:
                continue
            seen.add(path)
            if path.endswith("__init__.py"):
                inner = ev.project.module(path)
                if inner is not None:
                    yield from _leaves(ev, inner, seen)
            else:
                yield name
