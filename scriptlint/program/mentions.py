"""What a definition can lead to: the definitions whose names stand in its text, and all that these lead to.

Whoever follows the code of a class gets no further: a value comes from a name somewhere on the way. So what is found
about a class holds for as long as the files are the same through which its names lead. Names are not followed through
installed packages, unless files of theirs are judged: what is installed does not know what it is used by.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from scriptlint.program.module import Class, Function, ModuleInfo
from scriptlint.program.project import Global, Place, Project, Symbol
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import statements

Definition = Class | Function | Global | ModuleInfo
Key = tuple[str, int | str]

_INSTALLED = ("site-packages", "dist-packages")
_WORD = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")


class Mentions:
    """The mentions of a project's definitions, gone through when somebody asks; `judged` are the modules that are judged."""

    def __init__(self, project: Project, judged: Iterable[ModuleInfo]) -> None:
        self._project = project
        self._roots = {module.import_root for module in judged}
        self._direct: dict[Key, tuple[list[Definition], set[str]]] = {}
        self._texts: dict[ModuleInfo, _Texts] = {}
        self._names: dict[tuple[Place, str], tuple[Symbol | None, set[str]]] = {}

    def files(self, cls: Class) -> set[str]:
        """The paths of all files on which the behaviour of a class can depend, its own among them."""
        found: set[str] = set()
        seen: set[Key] = set()
        pending: list[Definition] = [cls]
        while pending:
            one = pending.pop()
            key = _key(one)
            if key not in seen:
                seen.add(key)
                if key not in self._direct:
                    self._direct[key] = self._mentioned(one)
                further, way = self._direct[key]
                pending += further
                found |= way
        return found

    def _mentioned(self, one: Definition) -> tuple[list[Definition], set[str]]:
        """The definitions that one names itself, and the files on the way to them."""
        module = one if isinstance(one, ModuleInfo) else one.module
        found: list[Definition] = []
        way = {module.path}
        if module.import_root.name in _INSTALLED and module.import_root not in self._roots:
            return found, way
        if isinstance(one, (Class, Function)):
            surrounding = one.outer if isinstance(one, Class) else one.outer or one.owner
            found += [surrounding] if surrounding is not None else []
        if module not in self._texts:
            self._texts[module] = _Texts(module)
        for name, place in self._texts[module].names(one):
            key = (place, name)
            if key not in self._names:
                self._names[key] = self._project.way(name, place)
            symbol, through = self._names[key]
            way |= through
            if isinstance(symbol, Definition):
                found.append(symbol)
        return found, way


def _key(one: Definition) -> Key:
    if isinstance(one, ModuleInfo):
        return one.path, -1
    return one.module.path, one.name if isinstance(one, Global) else one.node.start


def _is_part(node: n.Node, whole: n.Node) -> bool:
    return whole.start <= node.start < whole.end


class _Texts:
    """The parts of a file in which names are looked for: statements outside of definitions, and imports inside of them."""

    def __init__(self, module: ModuleInfo) -> None:
        self._module = module

    def names(self, one: Definition) -> Iterator[tuple[str, Place]]:
        """The dotted names in the text of a definition, with the place where each is looked up.

        Strings and comments count: they may be annotations. A word that is none of them leads further than needed, at
        worst.
        """
        nodes = list(self._nodes(one))
        texts = {word for node in nodes for word in _WORD.findall(self._module.text(node))}
        for inner, imported in self._imports:
            if any(_is_part(inner.node, node) for node in nodes):
                yield from ((text, inner) for text in texts if text.partition(".")[0] in imported)
        yield from ((text, self._module) for text in texts)

    def _nodes(self, one: Definition) -> Iterator[n.Node]:
        if isinstance(one, ModuleInfo):
            yield one.tree
        elif isinstance(one, Global):
            word = re.compile(rf"\b{re.escape(one.name)}\b")
            yield from (statement for statement, text in self._statements if word.search(text))
        else:
            yield one.node
            yield from one.node.decorators

    @cached_property
    def _statements(self) -> list[tuple[n.Stmt, str]]:
        return [
            (one, self._module.text(one))
            for one in statements(self._module.tree.body)
            if not isinstance(one, (n.FunctionDef, n.ClassDef))
        ]

    @cached_property
    def _imports(self) -> list[tuple[Function | Class, set[str]]]:
        found = []
        definitions: list[Function | Class] = [*self._module.functions.values(), *self._module.classes.values()]
        for one in definitions:
            names = {
                name
                for name, bindings in one.scope.bindings.items()
                if any(isinstance(binding.node, (n.Import, n.ImportFrom)) for binding in bindings)
            }
            if names:
                found.append((one, names))
        return found
