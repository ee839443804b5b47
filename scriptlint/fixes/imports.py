"""How a file spells a name of another module, and the import statement that it lacks."""

from __future__ import annotations

import re
from weakref import WeakKeyDictionary

from scriptlint.fixes.layout import above_comments, indentation, line_start, next_line
from scriptlint.program.module import BUILTINS, ModuleInfo
from scriptlint.syntax import nodes as n
from scriptlint.text import Import, is_standard


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
        """Return the spelling of a name (`torch.Tensor`), None where everything that could spell it is taken."""
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
        top = dotted.partition(".")[0]
        by_itself = self._is_free(name)
        if by_itself and (name[:1].isupper() or not self._is_free(top)):
            self.imports.append(_statement(self._module, package, name, self._at))
            return name
        if self._is_free(top):
            self.imports.append(_statement(self._module, top, "", self._at))
            return dotted
        return None

    def has(self, dotted: str) -> bool:
        """Return True if code there may write a name without another import."""
        return any(
            (target == dotted or dotted.startswith(target + ".")) and start < self._at and name not in self._hidden
            for name, target, start in _imported(self._module)
        )

    @property
    def style(self) -> str:
        """What annotations of the file are written with: `|` for None, `[` for containers of Python's own names."""
        return style(self._module)

    def _is_free(self, name: str) -> bool:
        return name not in self._module.scope.bindings and name not in BUILTINS and name not in self._hidden


_STYLES: WeakKeyDictionary[ModuleInfo, str] = WeakKeyDictionary()
_UNION = re.compile(r"\|\s*None\b|\bNone\s*\|")
_LOWER = re.compile(r"\b(?:list|dict|tuple)\[")


def style(module: ModuleInfo) -> str:
    """Return the marks of how a file writes annotations of its signatures."""
    if module not in _STYLES:
        texts = [
            module.text(annotation)
            for function in module.functions.values()
            for annotation in (function.node.returns, *(one.annotation for one in function.node.args.all()))
            if annotation is not None
        ]
        _STYLES[module] = "".join(
            mark for mark, pattern in (("|", _UNION), ("[", _LOWER)) if any(map(pattern.search, texts))
        )
    return _STYLES[module]


_IMPORTED: WeakKeyDictionary[ModuleInfo, list[tuple[str, str, int]]] = WeakKeyDictionary()


def _imported(module: ModuleInfo) -> list[tuple[str, str, int]]:
    """Return the names of a file that surely stand for something imported, for what, and from which offset on."""
    if module not in _IMPORTED:
        _IMPORTED[module] = [
            (name, target, bindings[0].node.start)
            for name, bindings in module.scope.bindings.items()
            if len({_target(name, one.node) for one in bindings}) == 1 and not bindings[0].conditional
            if (target := _target(name, bindings[0].node)) is not None
        ]
    return _IMPORTED[module]


def _target(name: str, node: n.Node) -> str | None:
    """Return what an import statement binds to a name."""
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
    """Return the import of a name: in a statement that imports from the same module, else beside imports of its kind."""
    for node in module.tree.body:
        if isinstance(node, n.ImportFrom) and node.module == package and not node.level and node.start < before:
            if name and node.names[-1].name != "*":
                return _among(module, node, package, name)
    at, ahead = import_place(module, package, before, is_whole=not name)
    return Import(at, package, name, ahead=ahead)


def import_place(module: ModuleInfo, package: str, before: int, *, is_whole: bool = False) -> tuple[int, bool]:
    """Return the line where a new import goes, and whether an empty line separates it from what follows.

    `is_whole` says that it is `import package`, which goes before those of names of the same package.
    """
    group = _first_imports(module, before)
    alike = [one for one in group if _is_alike(one, package)]
    if alike and is_whole and all(isinstance(one, n.ImportFrom) for one in alike):
        if indentation(module.source.text, alike[0].start) == "" and not _has_comment(module, alike[0]):
            return line_start(module.source.text, alike[0].start), False
    if alike:
        return next_line(module.source.text, alike[-1].end), False
    group = [one for one in group if not (isinstance(one, n.ImportFrom) and one.module == "__future__")]
    if group and is_standard(package) and not _has_comment(module, group[0]):
        return line_start(module.source.text, group[0].start), True
    return below_imports(module, before), False


def _is_alike(node: n.Import | n.ImportFrom, package: str) -> bool:
    """Return True if a statement imports from the same package, or as another does from the standard library."""
    modules = (
        [one.name for one in node.names] if isinstance(node, n.Import) else [node.module if not node.level else ""]
    )
    if is_standard(package):
        return all(is_standard(one) and one != "__future__" for one in modules)
    return any(one.partition(".")[0] == package.partition(".")[0] for one in modules)


def _has_comment(module: ModuleInfo, node: n.Node) -> bool:
    """Return True if a comment stands right above a statement; what a file begins with is about the file."""
    start = line_start(module.source.text, node.start)
    return above_comments(module.source.text, start) not in (0, start)


def _among(module: ModuleInfo, node: n.ImportFrom, package: str, name: str) -> Import:
    """Return a place among the names of a statement: where its order tells, else behind the last."""
    text, names = module.source.text, node.names
    known, separator = [one.name for one in names], ", "
    blanks = indentation(text, names[-1].start)
    if blanks is not None and "(" in text[node.start : names[0].start]:
        separator = f",\n{blanks}"
    later = next((one for one in names if one.name > name), None)
    if later is not None and known == sorted(known):
        return Import(later.start, package, name, separator, ahead=True)
    return Import(names[-1].end, package, name, separator)


def _first_imports(module: ModuleInfo, before: int) -> list[n.Import | n.ImportFrom]:
    """Return the imports that a file begins with, as far as they stand before an offset."""
    body = module.tree.body
    found: list[n.Import | n.ImportFrom] = []
    for node in body:
        if isinstance(node, (n.Import, n.ImportFrom)) and node.start < before:
            found.append(node)
        elif not _is_docstring(node, body):
            break
    return found


def below_imports(module: ModuleInfo, before: int) -> int:
    """Return the line behind the imports that a file begins with, as far as they stand before an offset."""
    body, text = module.tree.body, module.source.text
    imports = _first_imports(module, before)
    if imports:
        return next_line(text, imports[-1].end)
    first = next((one for one in body if one.start < before and _is_docstring(one, body)), None)
    if first is not None:
        return next_line(text, first.end)
    return line_start(text, first_of(body[0])) if body else 0


def _is_docstring(node: n.Stmt, body: list[n.Stmt]) -> bool:
    return isinstance(node, n.ExprStmt) and isinstance(node.value, n.Constant) and node is body[0]


def first_of(node: n.Stmt) -> int:
    """Return where a statement begins with its decorators."""
    decorators = node.decorators if isinstance(node, (n.FunctionDef, n.ClassDef)) else []
    return min((one.start for one in decorators), default=node.start)
