"""One file of the program: its tree, its scopes and its definitions."""

from __future__ import annotations

import builtins
import os
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import msgspec

from scriptlint.diag import Span
from scriptlint.program.scopes import Scope, scope_of
from scriptlint.syntax import nodes as n
from scriptlint.syntax.trivia import Comment
from scriptlint.syntax.walk import assigned_attributes, gaps_of, statements, walk, walk_scope
from scriptlint.text import SourceFile

BUILTINS = frozenset(dir(builtins))
_DECLARES = re.compile(r"[\r\n:;]\s*global\b")
_COMPOUND = frozenset({n.FunctionDef, n.ClassDef, n.For, n.While, n.If, n.With, n.Try, n.Match, n.Module})


class Parsed(msgspec.Struct, array_like=True):
    """What parsing leaves of a file, as the cache stores it."""

    tree: n.Module
    comments: list[Comment]


@dataclass(eq=False)
class Class:
    """A class definition. `qualname` is as Python gives it; `outer` the function whose body defines it, if any.

    `number` counts the classes of the file that begin before it.
    """

    module: ModuleInfo
    node: n.ClassDef
    qualname: str
    outer: Function | None = None
    number: int = 0

    @property
    def dotted(self) -> str:
        return f"{self.module.name}.{self.qualname}"

    @cached_property
    def scope(self) -> Scope:
        return scope_of(self.node.body, walruses=self.module.has_walrus)

    @cached_property
    def functions(self) -> dict[str, Function]:
        """The methods of the class body: the last definition of each name, and of a property its getter."""
        found: dict[str, Function] = {}
        for one in self.module.methods.get(self, ()):
            if not (one.node.name in found and _is_accessor(one.node)):
                found[one.node.name] = one
        return {name: one for name, one in found.items() if name not in self.scope.unread}

    def __repr__(self) -> str:
        return f"<class {self.dotted}>"


@dataclass(eq=False)
class Function:
    """A function definition; `owner` is the class whose body holds it, `outer` the enclosing function.

    `number` counts the functions of the file that begin before it; `answers` are those that were taken from it (see `answers`).
    """

    module: ModuleInfo
    node: n.FunctionDef
    qualname: str
    owner: Class | None = None
    outer: Function | None = None
    number: int = 0
    answers: dict[str, str] = field(default_factory=dict)

    @property
    def dotted(self) -> str:
        return f"{self.module.name}.{self.qualname}"

    @property
    def scope(self) -> Scope:
        self.node.is_read = True
        return self.names

    @cached_property
    def names(self) -> Scope:
        """The scope, for those who only ask what no function hides: which variables of its file it declares global."""
        return scope_of(self.node.suite, self.node.args, walruses=self.module.has_walrus)

    @property
    def assigned_attributes(self) -> frozenset[str]:
        """The attributes of any object that the function assigns."""
        self.module.asked.add(self.number)
        return self._assigned_attributes

    @cached_property
    def _assigned_attributes(self) -> frozenset[str]:
        return assigned_attributes(self.node.suite)

    @property
    def is_generator(self) -> bool:
        """Whether a call only makes a generator."""
        self.node.is_read = True
        return self._is_generator

    @cached_property
    def _is_generator(self) -> bool:
        if "yield" not in self.module.raw.text[self.node.start : self.node.end]:
            return False
        return any(isinstance(one, (n.Yield, n.YieldFrom)) for one in walk_scope(self.node.suite))

    @property
    def name_span(self) -> Span:
        """Where the name stands in the definition."""
        start = self.node.name_start
        return Span(self.module.path, start, start + len(self.node.name))

    def __repr__(self) -> str:
        return f"<function {self.dotted}>"


class ModuleInfo:
    """A file of the program. `name` is its dotted name below `import_root`, the folder that Python would import from.

    `is_read_whole` says that somebody looked at more than the code: at comments, or where lines begin; `is_read` that the
    bodies of all functions may have been looked at, as each says of its own. `asked` are the numbers of functions of which
    only was asked which attributes they change, and `searched` says what of the code was only searched for.
    """

    def __init__(self, source: SourceFile, parsed: Parsed) -> None:
        self.raw = source
        """The text, for those to whom comments and blank lines between statements make no difference."""
        self.path = source.path
        self.tree = parsed.tree
        self._comments = parsed.comments
        self.is_read_whole = self.is_read = False
        self.searched: dict[str, bool] = {}
        self.asked: set[int] = set()
        self.import_root, self.name = import_name(Path(source.path))
        level = _level_beyond(self.path, self.name, parsed.tree.body)
        if level:
            self.import_root, self.name = import_name(Path(source.path), level)

    @property
    def source(self) -> SourceFile:
        """The text, for those to whom all of it makes a difference."""
        self.is_read_whole = True
        return self.raw

    @property
    def comments(self) -> list[Comment]:
        """The comments, in the order of the text."""
        self.is_read_whole = True
        return self._comments

    def forget_reads(self) -> None:
        """Forget what was looked at."""
        self.is_read_whole = self.is_read = False
        self.searched, self.asked = {}, set()
        for function in self.functions.values():
            function.node.is_read = False
            function.answers.clear()

    @property
    def code(self) -> str:
        """The text with blanks in the place of comments."""
        self.is_read = True
        return self._code

    def code_of(self, node: n.Node) -> str:
        """Return the code of a node, with blanks in the place of comments."""
        return self._code[node.start : node.end]

    def finds(self, pattern: str) -> bool:
        """Return True if the code has something that a regular expression matches."""
        if pattern not in self.searched:
            self.searched[pattern] = re.search(pattern, self._code) is not None
        return self.searched[pattern]

    @cached_property
    def _code(self) -> str:
        text, parts, at = self.raw.text, [], 0
        for one in self._comments:
            parts += [text[at : one.start], " " * len(one.text)]
            at = one.start + len(one.text)
        return "".join([*parts, text[at:]])

    @cached_property
    def gaps(self) -> list[n.Gap]:
        """The parts of the file that are not Python."""
        return list(gaps_of(self.tree.body))

    @property
    def is_stub(self) -> bool:
        """Whether the file only declares: the bodies in it are not those that run."""
        return self.path.endswith(".pyi")

    @property
    def is_package(self) -> bool:
        return Path(self.path).name == "__init__.py"

    def span(self, node: n.Node) -> Span:
        """Return the span of a node of this file."""
        return Span(self.path, node.start, node.end)

    def text(self, node: n.Node) -> str:
        """Return the source text of a node of this file."""
        self.is_read_whole = self.is_read_whole or type(node) in _COMPOUND
        return self.raw.text[node.start : node.end]

    @cached_property
    def scope(self) -> Scope:
        return scope_of(self.tree.body, walruses=self.has_walrus)

    @cached_property
    def assigned_attributes(self) -> frozenset[str]:
        """The attributes of any object that code outside of functions assigns."""
        return assigned_attributes(self.tree.body)

    @cached_property
    def has_walrus(self) -> bool:
        """Whether `:=` may bind names inside of expressions."""
        return ":=" in self.raw.text

    @cached_property
    def has_future_annotations(self) -> bool:
        """Whether all annotations of the file are text."""
        return any(
            isinstance(one, n.ImportFrom)
            and one.module == "__future__"
            and any(alias.name == "annotations" for alias in one.names)
            for one in self.tree.body
        )

    @cached_property
    def optional_imports(self) -> frozenset[n.Stmt]:
        """The import statements that the file can do without: a handler goes on where they find nothing."""
        functions = (one.node.suite for one in self.functions.values())  # who asks has read the one with the statement
        bodies = [self.tree.body, *(one.node.body for one in self.classes.values()), *functions]
        tries = [one for body in bodies for one in statements(body) if isinstance(one, n.Try)]
        inside = (one for each in tries if any(map(_goes_on, each.handlers)) for one in statements(each.body))
        return frozenset(one for one in inside if isinstance(one, n.Import | n.ImportFrom))

    @property
    def has_global_statement(self) -> bool:
        """Whether a function may bind names of the file when it runs."""
        return bool(self.declared_global)

    @cached_property
    def declared_global(self) -> frozenset[str]:
        """The names that functions say are not their own."""
        if not _DECLARES.search(self.raw.text):
            return frozenset()
        return frozenset().union(*(one.names.declared_global for one in self.functions.values()))

    @cached_property
    def _definitions(self) -> tuple[dict[int, Class], dict[int, Function]]:
        classes: dict[int, Class] = {}
        functions: dict[int, Function] = {}

        def collect(body: list[n.Stmt], prefix: str, owner: Class | None, outer: Function | None) -> None:
            for node in statements(body):
                if isinstance(node, n.ClassDef):
                    made = Class(self, node, prefix + node.name, outer, len(classes))
                    classes[node.start] = made
                    collect(node.body, f"{prefix}{node.name}.", made, outer)
                elif isinstance(node, n.FunctionDef):
                    function = Function(self, node, prefix + node.name, owner, outer, len(functions))
                    functions[node.start] = function
                    collect(node.suite, f"{prefix}{node.name}.<locals>.", None, function)

        collect(self.tree.body, "", None, None)
        return classes, functions

    @property
    def classes(self) -> dict[int, Class]:
        """Every class of the file by the offset where it starts."""
        return self._definitions[0]

    @property
    def functions(self) -> dict[int, Function]:
        """Every function of the file by the offset where it starts, nested ones and methods included."""
        return self._definitions[1]

    @cached_property
    def methods(self) -> dict[Class, list[Function]]:
        """The functions that the bodies of the classes of the file define, in the order of the source."""
        found: dict[Class, list[Function]] = {}
        for one in self.functions.values():
            if one.owner is not None:
                found.setdefault(one.owner, []).append(one)
        return found

    @cached_property
    def exported(self) -> list[str] | None:
        """The names in `__all__` where it is a plain list or tuple of strings."""
        for binding in self.scope.bindings.get("__all__", ()):
            if isinstance(binding.value, (n.List, n.Tuple)):
                values = [one.value for one in binding.value.elts if isinstance(one, n.Constant)]
                return [one for one in values if isinstance(one, str)]
        return None

    def __repr__(self) -> str:
        return f"<module {self.name}>"


def _is_accessor(node: n.FunctionDef) -> bool:
    """Return True if a method is decorated as `@name.setter` or `@name.deleter` of a property above it."""
    return any(isinstance(one, n.Attribute) and one.attr in ("setter", "deleter") for one in node.decorators)


def import_name(path: Path, level: int = 0) -> tuple[Path, str]:
    """Return the folder that Python would import a file from, and the dotted name of the file there.

    `level` is that of a relative import in the file: so many folders above it are packages, `__init__.py` or not.
    """
    folder, file = os.path.split(path)
    parts = [] if file == "__init__.py" else [path.stem]
    depth = level + len(parts) if level else 0
    while folder != os.path.dirname(folder):
        if len(parts) >= depth and not os.path.isfile(os.path.join(folder, "__init__.py")):
            break
        parts.insert(0, os.path.basename(folder))
        folder = os.path.dirname(folder)
    return Path(folder), ".".join(parts)


def _level_beyond(path: str, name: str, body: list[n.Stmt]) -> int:
    """Return the level of the relative imports that lead to files above the packages that have an `__init__.py`; 0 for none."""
    found = 0
    depth = name.count(".") + 1 + (os.path.basename(path) == "__init__.py")
    for one in body:
        if isinstance(one, n.ImportFrom) and one.level > max(depth, found) and one.module:
            folder = os.path.dirname(path)
            for _ in range(one.level - 1):
                folder = os.path.dirname(folder)
            target = os.path.join(folder, *one.module.split("."))
            if os.path.isfile(f"{target}.py") or os.path.isdir(target):
                found = one.level
    return found


def dotted_name(path: str) -> str:
    """Return the name under which Python would import a file."""
    return import_name(Path(path))[1]


_MISSING = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})


def _goes_on(handler: n.ExceptHandler) -> bool:
    """Return True if a handler takes the error of an import that finds nothing, and raises no other."""
    kinds = handler.type.elts if isinstance(handler.type, n.Tuple) else [handler.type]
    takes = any(one is None or (isinstance(one, n.Name) and one.id in _MISSING) for one in kinds)
    return takes and not any(isinstance(one, n.Raise) for one in walk(*handler.body))
