"""Registries: dictionaries that other files of a package fill when they are imported, by the functions of their own file.

`timm.create_model("resnet18")` looks a name up that a decorator has put there. Python executes all files of the package
when it imports it; here those files are that mention the name, when it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from scriptlint.evaluate.values import Mapping
from scriptlint.program.module import ModuleInfo
from scriptlint.syntax import nodes as n

if TYPE_CHECKING:
    from scriptlint.evaluate.evaluator import Evaluator

_MOST = 8  # how many files are executed for one name
_SHORTEST = 3  # a shorter name stands in every file


class Registries:
    """The dictionaries of files that functions of the same files put things into."""

    def __init__(self, ev: Evaluator) -> None:
        self._ev = ev
        self._homes: dict[
            int, tuple[Mapping, ModuleInfo]
        ] = {}  # with what they are the identities of, which stays alive
        self._asked: set[tuple[int, str]] = set()

    def note(self, mapping: Mapping, home: ModuleInfo) -> None:
        """Note a dictionary that functions of its file change."""
        self._homes[id(mapping)] = mapping, home

    def fill(self, mapping: Mapping, key: object) -> bool:
        """Execute the files that may put something under a key; return True if there is something under it."""
        if key in mapping.items or id(mapping) not in self._homes:
            return key in mapping.items
        asked = id(mapping), str(key)
        if not isinstance(key, str) or len(key) < _SHORTEST or asked in self._asked or self._ev.namespaces.is_executing:
            return False
        self._asked.add(asked)
        home = self._homes[id(mapping)][1]
        package = self._ev.project.find(home.name.partition(".")[0], home, is_stated=False)
        if package is None or not package.is_package:
            return False
        names = list(_leaves(self._ev, package, {package.path}))
        for module in self._ev.project.mentioning(names, home, key)[:_MOST]:
            self._ev.namespaces.frame(module)
        return key in mapping.items

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
