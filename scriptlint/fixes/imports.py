"""How a file spells a name of another module, and the import statement that it lacks."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from scriptlint.fixes.layout import line_start, next_line
from scriptlint.program.module import BUILTINS, ModuleInfo
from scriptlint.syntax import nodes as n
from scriptlint.text import Import


class Speller:
    """Spells dotted names as code at the offset `at` of a file may write them, and collects the imports they take.

    `hidden` are names that mean something else there.
    """

    def __init__(self, module: ModuleInfo, at: int, hidden: frozenset[str] = frozenset()) -> None:
        self._module = module
        self._at = at
        self._hidden = hidden
        self.imports: list[Import] = []

    def __call__(self, dotted: str) -> str | None:
        """The spelling of a name (`torch.Tensor`), None where everything that could spell it is taken."""
        known = [
            (name + dotted[len(target) :], len(target))
            for name, target, start in _imported(self._module)
            if (target == dotted or dotted.startswith(target + ".")) and start < self._at and name not in self._hidden
        ]
        if known:
            return max(known, key=lambda one: one[1])[0]
        package, _, name = dotted.rpartition(".")
        if package == "builtins":
            return None if name in self._module.scope.bindings or name in self._hidden else name
        if self._is_free(name):
            self.imports.append(_statement(self._module, package, name, self._at))
            return name
        top = dotted.partition(".")[0]
        if self._is_free(top):
            self.imports.append(_statement(self._module, top, "", self._at))
            return dotted
        return None

    def _is_free(self, name: str) -> bool:
        return name not in self._module.scope.bindings and name not in BUILTINS and name not in self._hidden


_IMPORTED: WeakKeyDictionary[ModuleInfo, list[tuple[str, str, int]]] = WeakKeyDictionary()


def _imported(module: ModuleInfo) -> list[tuple[str, str, int]]:
    """The names of a file that surely stand for something imported, for what, and from which offset on."""
    if module not in _IMPORTED:
        bound = [(name, one) for name, (one, *others) in module.scope.bindings.items() if not others]
        _IMPORTED[module] = [
            (name, target, one.node.start)
            for name, one in bound
            if not one.conditional and (target := _target(name, one.node)) is not None
        ]
    return _IMPORTED[module]


def _target(name: str, node: n.Node) -> str | None:
    """What an import statement binds to a name."""
    if isinstance(node, n.Import):
        for alias in node.names:
            if alias.asname == name:
                return alias.name
            if alias.asname is None and alias.name.partition(".")[0] == name:
                return name
    elif isinstance(node, n.ImportFrom) and not node.level:
        return next((f"{node.module}.{one.name}" for one in node.names if (one.asname or one.name) == name), None)
    return None


def _statement(module: ModuleInfo, package: str, name: str, before: int) -> Import:
    """The import of a name: in a statement that imports from the same module, else behind the first imports."""
    body = module.tree.body
    for node in body:
        if isinstance(node, n.ImportFrom) and node.module == package and not node.level and node.start < before:
            if name and node.names[-1].name != "*":
                return Import(node.names[-1].end, True, package, name)
    return Import(below_imports(module, before), False, package, name)


def below_imports(module: ModuleInfo, before: int) -> int:
    """The line behind the imports that a file begins with, as far as they stand before an offset."""
    body, text = module.tree.body, module.source.text
    last: n.Stmt | None = None
    for node in body:
        docstring = isinstance(node, n.ExprStmt) and isinstance(node.value, n.Constant) and node is body[0]
        if not (docstring or isinstance(node, (n.Import, n.ImportFrom))) or node.start >= before:
            break
        last = node
    if last is not None:
        return next_line(text, last.end)
    return line_start(text, first_of(body[0])) if body else 0


def first_of(node: n.Stmt) -> int:
    """Where a statement begins with its decorators."""
    decorators = node.decorators if isinstance(node, (n.FunctionDef, n.ClassDef)) else []
    return min((one.start for one in decorators), default=node.start)
