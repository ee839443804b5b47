"""The layers of the house: what may import what. The table is that of `scriptlint/__init__.py`, lowest first."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import pytest

import scriptlint

PACKAGE = Path(scriptlint.__file__).parent

# Packages on one line do not know each other.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("text",),
    ("diag",),
    ("syntax",),
    ("program",),
    ("types",),
    ("torchlib",),
    ("evaluate",),
    ("instances",),
    ("fixes",),
    ("script", "trace"),
    ("engine",),
    ("output",),
    ("confirm", "server"),
    ("cli",),
)
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}

# The only files that import these, by their path in the package.
ALLOWED = {
    "libcst": ("syntax/parse*.py", "syntax/spans*.py", "syntax/lower*.py"),
    "torch": ("torchlib/snapshot*.py", "torchlib/survey/*.py", "confirm/child*.py"),
    "rich": ("cli/explain.py", "confirm/table.py"),
    "click": ("cli/*.py",),
    "pygls": ("server/*.py",),
    "lsprotocol": ("server/*.py",),
    "watchfiles": ("cli/watch.py",),
}
# Importing these costs much: who does it does it in the function that needs them.
NEVER_AT_TOP = ("rich",)


@dataclass(frozen=True)
class Import:
    """One imported module, where it is imported, and whether only by being called."""

    module: str
    line: int
    lazy: bool


def files() -> list[str]:
    """The files of the package, by their path in it."""
    return sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))


def package_of(file: str) -> str:
    """The package that a file belongs to; empty for the few files at the top."""
    return file.partition("/")[0] if "/" in file else ""


def imports(file: str) -> list[Import]:
    """Everything that a file imports, within functions and for type checkers too."""
    return list(_imports(ast.parse((PACKAGE / file).read_text(encoding="utf-8")), file, lazy=False))


def _imports(node: ast.AST, file: str, lazy: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            for one in child.names:
                yield Import(one.name, child.lineno, lazy)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, f"{file}:{child.lineno}: imports are written in full"
            for one in child.names:
                # `from scriptlint import script` and `from scriptlint.script import reach` import modules.
                yield Import(f"{child.module}.{one.name}", child.lineno, lazy)
        else:
            yield from _imports(child, file, lazy or isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)))


@pytest.mark.parametrize("file", files())
def test_imports_lead_down(file: str) -> None:
    own = package_of(file)
    assert not own or own in LEVEL, f"{own}/ has no place in the layers"
    wrong = []
    for one in imports(file):
        parts = one.module.split(".")
        if parts[0] != "scriptlint" or not own or parts[1] in (own, "version"):
            continue
        if LEVEL.get(parts[1], len(LAYERS)) >= LEVEL[own]:
            wrong.append(f"{file}:{one.line}: {own} imports {one.module}, which is not below it")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("library", ALLOWED)
def test_only_these_files_import(library: str) -> None:
    wrong = [
        f"{file}:{one.line}: imports {one.module}"
        for file in files()
        if not any(fnmatch(file, pattern) for pattern in ALLOWED[library])
        for one in imports(file)
        if one.module.split(".")[0] == library
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("library", NEVER_AT_TOP)
def test_imported_only_when_needed(library: str) -> None:
    wrong = [
        f"{file}:{one.line}: imports {one.module} at the top"
        for file in files()
        for one in imports(file)
        if one.module.split(".")[0] == library and not one.lazy
    ]
    assert not wrong, "\n".join(wrong)


def test_the_survey_stands_alone() -> None:
    assert not _reaching_out_of("torchlib/survey")


def test_the_child_stands_alone() -> None:
    assert not _reaching_out_of("confirm/child")


def _reaching_out_of(folder: str) -> list[str]:
    """Imports out of a folder that runs in the interpreter whose torch is asked, where nothing of ours is installed."""
    own = f"scriptlint.{folder.replace('/', '.')}"
    standard = {*sys.stdlib_module_names, "torch"}
    return [
        f"{file}:{one.line}: imports {one.module}"
        for file in files()
        if file.startswith(f"{folder}/")
        for one in imports(file)
        if not one.module.startswith(own) and one.module.split(".")[0] not in standard
    ]


def test_the_essay_tells_the_same() -> None:
    assert scriptlint.__doc__ is not None
    table = scriptlint.__doc__.partition("The layers\n")[2].partition("The words\n")[0]
    told = [name for name in re.findall(r"^    (\w+) ", table, re.M) if name in LEVEL]
    assert told == [name for names in LAYERS for name in names if (PACKAGE / name).is_dir()]
