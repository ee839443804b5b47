"""The project: files loaded by name when a name leads there, and what an expression refers to.

Nothing is imported. A module is looked for where Python would find it: below the folder that the importing file is
imported from, below the roots of the project, and in the site-packages of its interpreter where one is known. `torch`
and the standard library are never followed; what they hold is known to torchlib under its dotted name.
"""

from __future__ import annotations

import collections
import dataclasses
import enum
import sys
import typing
from collections.abc import Callable, Iterable
from pathlib import Path

from msgspec import Struct

from scriptlint.program.lookup import locate, mentions
from scriptlint.program.module import BUILTINS, Class, Function, ModuleInfo
from scriptlint.program.scopes import Binding, Scope
from scriptlint.syntax import nodes as n

KNOWN_PACKAGES = frozenset(sys.stdlib_module_names) | {"torch", "numpy", "typing_extensions"}
"""Packages that are never followed: it is known without looking what TorchScript makes of them."""

PLAIN_PACKAGES = frozenset(
    "PIL cv2 huggingface_hub matplotlib packaging pandas pkg_resources requests scipy skimage sklearn tqdm wandb yaml".split()
)
"""Packages that are never followed either: large, widely used, and without anything that is made of torch's modules."""


# What `import *` takes from modules of the standard library that annotations and class bodies use.
_STARRED: dict[str, frozenset[str]] = {
    one.__name__: frozenset(one.__all__) for one in (typing, collections, dataclasses, enum)
}


class External(Struct, frozen=True):
    """A name of a package that is not followed, by its public dotted name."""

    name: str


class Global(Struct, frozen=True, eq=False):
    """A module-level variable: not a definition, not an import. `bindings` are all that may have given its value."""

    module: ModuleInfo
    name: str
    bindings: tuple[Binding, ...]

    @property
    def value(self) -> n.Expr | None:
        """The expression it was assigned, where there is only one."""
        return self.bindings[0].value if len(self.bindings) == 1 else None


class Local(Struct, frozen=True, eq=False):
    """A variable of a function: a parameter or something assigned in its body."""

    function: Function
    name: str
    bindings: tuple[Binding, ...]


Symbol = Function | Class | ModuleInfo | External | Global | Local
Place = ModuleInfo | Function | Class
"""Where an expression stands: names are looked up from there outwards."""


class Library(typing.Protocol):
    """What a project needs to know of packages that it does not follow (torchlib's Library)."""

    def canonical(self, dotted: str) -> str:
        """Return the public name of a dotted name (`torch.nn.modules.linear.Linear` is `torch.nn.Linear`)."""

    def is_module_class(self, dotted: str) -> bool:
        """Return True if the name is torch.nn.Module or one of torch's subclasses of it."""

    def exists(self, dotted: str) -> object | None:
        """Something other than None for a name that torch or the standard library really has."""


class Project:
    """Loads and remembers the modules of one run.

    `load` gives the ModuleInfo of an absolute path or None if it cannot be read, `read` its bytes or why there are none;
    `roots` are folders to import from; `library` knows the packages that are not followed. What it is asked depends on
    `paths`, `lookups` and `words` alone.
    """

    def __init__(
        self,
        load: Callable[[str], ModuleInfo | None],
        roots: Iterable[Path],
        library: Library,
        read: Callable[[str], bytes | OSError],
    ) -> None:
        self._load = load
        self._read = read
        self._roots = tuple(roots)
        self.library = library
        self._modules: dict[str, ModuleInfo | None] = {}
        self._resolving: set[tuple[str, str]] = set()
        self._searched = False  # whether all files that were loaded were searched for something
        self.lookups: dict[tuple[Path, str], str | None] = {}
        self._names: dict[tuple[Place, str], Symbol | None] = {}
        self.words: dict[tuple[str, str], bool] = {}
        """Whether a word stands in a file, where that was asked."""
        self.stated: set[str] = set()
        """The packages that import statements name and that were not found where they stand."""

    def module(self, path: str) -> ModuleInfo | None:
        """Return the module of a file, loaded at most once."""
        if path not in self._modules:
            self._modules[path] = self._load(path)
        return self._modules[path]

    @property
    def paths(self) -> Iterable[str]:
        """Every file of which the tree was asked for."""
        return self._modules.keys()

    @property
    def is_empty(self) -> bool:
        """Whether nothing of the project itself was asked for: no definition or variable of a file, and no other file."""
        own = (Function, Class, ModuleInfo, Global)
        found = any(isinstance(one, own) for one in self._names.values())
        return not (found or self.lookups or self.words or self._searched) and len(self._modules) <= 1

    def may_set(self, name: str) -> bool:
        """Return True if a file that was loaded may set an attribute of this name on a module: `torch.name = ...`."""
        self._searched = True
        pattern = rf"\.{name}\s*=[^=]|['\"]{name}['\"]"
        return any(module is not None and module.finds(pattern) for module in self._modules.values())

    # Modules by name

    def find(self, name: str, importer: ModuleInfo, *, is_stated: bool = True) -> ModuleInfo | None:
        """Return the module that `import name` in `importer` would load, None where it is not followed or not there.

        `is_stated` says that an import statement names it, and not a text that the code has made.
        """
        top = name.partition(".")[0]
        if top in KNOWN_PACKAGES or top in PLAIN_PACKAGES:
            return None
        for root in dict.fromkeys((importer.import_root, *self._roots)):
            path = self._locate(root, name)
            if path is not None:
                return self.module(path)
        if is_stated:
            self.stated.add(top)
        return None

    def lacks(self, name: str, importer: ModuleInfo) -> bool:
        """Return True if `import name` finds nothing where the project is run: torch is there, and nothing of that name."""
        top = name.partition(".")[0]
        roots = list(dict.fromkeys((importer.import_root, *self._roots)))
        if top in KNOWN_PACKAGES or all(self._locate(root, "torch") is None for root in roots):
            return False
        return all(self._locate(root, f"{top}.*") is None for root in roots)

    def path_of(self, name: str, importer: ModuleInfo) -> str | None:
        """Return the file that a dotted name leads to from a file; None where there is none. It is not loaded."""
        roots = dict.fromkeys((importer.import_root, *self._roots))
        return next((path for root in roots if (path := self._locate(root, name)) is not None), None)

    def mentioning(self, names: Iterable[str], importer: ModuleInfo, word: str) -> list[ModuleInfo]:
        """Return the modules of some dotted names in whose text a word stands; the others are read, and not parsed."""
        paths = [path for name in names if (path := self.path_of(name, importer)) is not None]
        found = [self.module(path) for path in paths if self.mentions(path, word)]
        return [module for module in found if module is not None]

    def mentions(self, path: str, word: str) -> bool:
        """Return True if a word stands in a file, which is read, and not parsed."""
        key = (path, word)
        if key not in self.words:
            self.words[key] = mentions(self._read(path), word)
        return self.words[key]

    def imported_name(self, node: n.ImportFrom, importer: ModuleInfo) -> str | None:
        """Return the absolute dotted name of what a statement imports from."""
        return self._relative(node, importer)

    def _locate(self, root: Path, name: str) -> str | None:
        key = (root, name)
        if key not in self.lookups:
            self.lookups[key] = locate(root, name)
        return self.lookups[key]

    def _relative(self, node: n.ImportFrom, importer: ModuleInfo) -> str | None:
        """Return the absolute dotted name of what an import statement imports from."""
        if not node.level:
            return node.module
        parts = importer.name.split(".") if importer.name else []
        drop = node.level - (1 if importer.is_package else 0)
        if drop > len(parts):
            return None
        base = parts[: len(parts) - drop]
        return ".".join([*base, node.module] if node.module else base)

    def own(self, dotted: str, importer: ModuleInfo) -> Symbol | None:
        """Return what a dotted name of the importer's own package is, for packages that are not followed from outside.

        When torch itself is linted, its private helpers are found in its files.
        """
        head, _, name = dotted.rpartition(".")
        if not head or head.partition(".")[0] != importer.name.partition(".")[0]:
            return None
        path = self._locate(importer.import_root, head)
        module = None if path is None else self.module(path)
        return None if module is None else self.member(module, name)

    # Names

    def resolve(self, node: n.Expr, place: Place, before: int | None = None) -> Symbol | None:
        """Return what a name or dotted expression refers to; None if unknown.

        `before` is the offset of the use where it runs as part of the module's own body.
        """
        if isinstance(node, n.Name):
            return self.lookup(node.id, place, before)
        if isinstance(node, n.Attribute):
            owner = self.resolve(node.value, place, before)
            return None if owner is None else self.member(owner, node.attr)
        return None

    def lookup(self, name: str, place: Place, before: int | None = None) -> Symbol | None:
        """Return what a name refers to when it is used at `place`."""
        if before is not None or self._resolving:
            return self._lookup(name, place, before)
        key = (place, name)
        if key not in self._names:
            self._names[key] = self._lookup(name, place, None)
        return self._names[key]

    def _lookup(self, name: str, place: Place, before: int | None) -> Symbol | None:
        at: Place | None = place
        direct = True
        while at is not None and not isinstance(at, ModuleInfo):
            if isinstance(at, Function):
                if name in at.scope.bindings and name not in at.scope.declared_global:
                    return self._local(name, at, before)
                at = at.outer or at.module
            else:
                if direct and name in at.scope.bindings:
                    return self._from_scope(name, at.module, at.scope, before)
                at = at.outer or at.module
            direct = False
        assert isinstance(at, ModuleInfo)
        return self.global_name(name, at, before)

    def _local(self, name: str, function: Function, before: int | None) -> Symbol | None:
        bindings = function.scope.visible(name, before)
        if len(bindings) == 1 and isinstance(bindings[0].node, (n.Import, n.ImportFrom, n.FunctionDef, n.ClassDef)):
            return self._bound(bindings[0], function.module)
        return Local(function, name, tuple(bindings))

    def global_name(self, name: str, module: ModuleInfo, before: int | None = None) -> Symbol | None:
        """Return what a name at module level refers to, builtins included."""
        if name in module.scope.bindings:
            return self._from_scope(name, module, module.scope, before)
        for star in reversed(module.scope.stars):
            found = self._from_star(name, star, module)
            if found is not None:
                return found
        if name in BUILTINS:
            return External(f"builtins.{name}")
        return None

    def _from_star(self, name: str, star: n.ImportFrom, module: ModuleInfo) -> Symbol | None:
        target = self._relative(star, module)
        if target is None:
            return None
        found = self.find(target, module)
        if found is not None:
            hidden = name.startswith("_") if found.exported is None else name not in found.exported
            return None if hidden else self._guarded(name, found)
        if name.startswith("_"):
            return None
        if name in _STARRED.get(target, ()):
            return External(f"{target}.{name}")
        dotted = self.library.canonical(f"{target}.{name}")
        return External(dotted) if self.library.exists(dotted) is not None else None

    def _guarded(self, name: str, module: ModuleInfo) -> Symbol | None:
        """Look a name up in another module; a circle of imports ends as unknown."""
        key = (module.path, name)
        if key in self._resolving:
            return None
        self._resolving.add(key)
        try:
            return self.global_name(name, module)
        finally:
            self._resolving.discard(key)

    def _from_scope(self, name: str, module: ModuleInfo, scope: Scope, before: int | None) -> Symbol | None:
        bindings = scope.visible(name, before)
        if not bindings:
            return None
        if len(bindings) > 1:
            # `try: import x` / `except ImportError: x = None` means x.
            real = [one for one in bindings if not (isinstance(one.value, n.Constant) and one.value.kind == "none")]
            symbols = [self._bound(one, module) for one in real]
            if symbols and all(one == symbols[0] and one is not None for one in symbols):
                return symbols[0]
            tried = [one for one in symbols if isinstance(one, External) and self._is_in_torch(one)]
            if len(tried) == 1 and any(one.node in module.optional_imports for one in real):
                return tried[0]  # this torch has it, so the other branch is not taken
            return Global(module, name, tuple(bindings))
        return self._bound(bindings[0], module)

    def _is_in_torch(self, symbol: External) -> bool:
        return symbol.name.startswith("torch.") and self.library.exists(symbol.name) is not None

    def _bound(self, binding: Binding, module: ModuleInfo) -> Symbol | None:
        node = binding.node
        if isinstance(node, n.ClassDef):
            return module.classes[node.start]
        if isinstance(node, n.FunctionDef):
            return module.functions[node.start]
        if isinstance(node, n.Import):
            return self._imported(node, binding.name, module)
        if isinstance(node, n.ImportFrom):
            return self._imported_from(node, binding.name, module)
        if isinstance(binding.value, (n.Name, n.Attribute)):
            key = (module.path, binding.name)
            if key not in self._resolving:
                self._resolving.add(key)
                try:
                    alias = self.resolve(binding.value, module, node.start)
                finally:
                    self._resolving.discard(key)
                if isinstance(alias, (Function, Class, ModuleInfo, External)):
                    return alias
        return Global(module, binding.name, (binding,))

    def imported(self, node: n.Import | n.ImportFrom, bound: str, module: ModuleInfo) -> Symbol | None:
        """Return what an import statement of a file binds a name to; None if that is unknown."""
        if isinstance(node, n.Import):
            return self._imported(node, bound, module)
        return self._imported_from(node, bound, module)

    def _imported(self, node: n.Import, bound: str, module: ModuleInfo) -> Symbol | None:
        for alias in node.names:
            if alias.asname == bound:
                return self.find(alias.name, module) or External(self.library.canonical(alias.name))
            if alias.asname is None and alias.name.partition(".")[0] == bound:
                return self.find(bound, module) or External(bound)
        return None

    def _imported_from(self, node: n.ImportFrom, bound: str, module: ModuleInfo) -> Symbol | None:
        target = self._relative(node, module)
        name = next((one.name for one in node.names if (one.asname or one.name) == bound), None)
        if target is None or name is None:
            return None
        found = self.find(target, module) if target else None
        if found is None:
            submodule = self.find(f"{target}.{name}", module)
            return submodule or External(self.library.canonical(f"{target}.{name}"))
        symbol = self.member(found, name)
        if symbol is None and found.scope.is_open and name not in found.scope.bindings:
            return External(self.library.canonical(f"{target}.{name}"))
        return symbol

    def member(self, owner: Symbol, name: str) -> Symbol | None:
        """Return what `owner.name` refers to."""
        if isinstance(owner, External):
            return External(self.library.canonical(f"{owner.name}.{name}"))
        if isinstance(owner, ModuleInfo):
            if name in owner.scope.bindings:
                symbol = self._guarded(name, owner)
                if symbol is not None:
                    return symbol
            submodule = self.find(f"{owner.name}.{name}", owner) if owner.is_package else None
            if submodule is not None:
                # `from .alexnet import *` binds what the file calls `alexnet` after the file itself.
                own = [one for one in owner.scope.stars if self._relative(one, owner) == submodule.name]
                starred = self._from_star(name, own[-1], owner) if own else None
                return submodule if starred is None else starred
            return self._guarded(name, owner) if owner.scope.stars else None
        if isinstance(owner, Class):
            if name in owner.functions:
                return owner.functions[name]
            if name in owner.scope.bindings:
                return self._from_scope(name, owner.module, owner.scope, None)
        return None
