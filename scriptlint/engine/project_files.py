"""The files of a project that give something to torch.jit, whichever files were asked for.

Whoever breaks a helper sees it, though the model that is scripted lies in another file: the project decides what reaches
the compiler. The search is textual (`root_text`): a file leads to another if one of its import statements names it, or a file that leads
there. A file that imports one with roots may hold the calls of a helper that compiles what it is given. What was found in a file is remembered by its size and time of change, so that a warm run pays one `stat` for each.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from scriptlint.engine.cache import Cache, Seen
from scriptlint.engine.discover import discover
from scriptlint.engine.memory import Memory
from scriptlint.engine.packs import compilers, packs_of
from scriptlint.engine.root_text import gives_to_compiler
from scriptlint.engine.settings import PROJECT_MARKS, Settings
from scriptlint.text import MARKDOWN, NOTEBOOK, UnreadableSource
from scriptlint.text.reading import read

# In a larger project only the files that were asked for are searched.
_LARGEST = 50_000  # files and folders
_TOTAL = 1 << 30  # bytes of all files
_IMPORT = re.compile(
    rb"^[ \t]*(?:from[ \t]+([.\w]+)[ \t]+import[ \t]*(\([^()]*\)|[^\n#]*)|import[ \t]+([^\n#]*))", re.MULTILINE
)
_ALIAS = re.compile(r"\bas\s+\w+|#[^\n]*")
_WORD = re.compile(r"\w+")
_DOTTED = re.compile(r"[.\w]+")


class Others(Struct, frozen=True):
    """The other files of a project that may hold roots and lead to a file that was asked for; and whether any file does."""

    leading: list[str] = []
    has_roots: bool = False


def others(
    files: Sequence[str], tops: Sequence[str], settings: Settings, cache: Cache, memory: Memory | None = None
) -> Others:
    """Return the files of the project that hold roots, without `files`; `tops` are the paths that were asked for.

    With a memory the project is searched once, until it is told to look again. There are none where no project is: without settings, version control or packaging around the files.
    """
    if memory is None:
        return _others(files, tops, settings, cache, None)
    name = (settings.root, *sorted(files), "", *tops)
    if name not in memory.others:
        memory.others[name] = _others(files, tops, settings, cache, memory)
    return memory.others[name]


def _others(
    files: Sequence[str], tops: Sequence[str], settings: Settings, cache: Cache, memory: Memory | None
) -> Others:
    root = settings.root
    inside = any(_holds(root, path) for path in files)
    if not inside or not _is_project(settings) or any(_holds(top, root) for top in tops):
        return Others()
    found = discover([root], _Governing(settings), limit=_LARGEST)
    seen = None if found.is_cut else _searched(found.files, root, compilers(packs_of(settings)), cache, memory)
    if seen is None:
        return Others()
    importers = _importers(seen, root)
    holding = [path for path, one in seen.items() if one.is_root]
    asked, leading = set(files), _leading(files, importers)
    chosen: dict[str, None] = {}
    for path in holding:
        users = [one for one in _users(path, importers) if one in leading]
        chosen.update(dict.fromkeys([path, *users] if users or path in leading else ()))
    return Others([path for path in chosen if path not in asked], bool(holding))


def _users(path: str, importers: Mapping[str, list[str]]) -> Iterator[str]:
    """Return the files that import a file, or a package that gives on what is in it."""
    for user in importers.get(path, ()):
        yield user
        if os.path.basename(user) == "__init__.py":
            yield from importers.get(user, ())


def _searched(
    paths: Iterable[str], root: str, names: Collection[str], cache: Cache, memory: Memory | None
) -> dict[str, Seen] | None:
    """Return what is in the files of a project; None where they are too large to be read. `names` are of packs' compilers."""
    place = "\n".join([root, *sorted(names)])
    known = (memory.seen.get(place) if memory is not None else None) or cache.seen(place)
    seen: dict[str, Seen] = {}
    total = 0
    for path in paths:
        with contextlib.suppress(OSError, UnreadableSource):
            status = os.stat(path)
            total += status.st_size
            if total > _TOTAL:
                return None
            before = known.get(path)
            if before is None or (before.size, before.changed) != (status.st_size, status.st_mtime_ns):
                before = _search(_code(path), status, names)
            seen[path] = before
    if seen != known:
        cache.store_seen(place, seen)
    if memory is not None:
        memory.seen[place] = seen
    return seen


def _code(path: str) -> bytes:
    content = read(path)
    if path.endswith(MARKDOWN):
        from scriptlint.syntax import markdown

        return markdown.program(content.decode(errors="replace")).encode()
    if path.endswith(NOTEBOOK):
        from scriptlint.syntax import notebook

        return notebook.program(content).text.encode(errors="replace")
    return content


def _search(content: bytes, status: os.stat_result, compilers: Collection[str]) -> Seen:
    names: set[str] = set()
    for statement in _IMPORT.finditer(content):
        package, members, modules = (part.decode("ascii", "replace") if part else "" for part in statement.groups())
        if package:
            inner = "" if package.endswith(".") else "."
            names.add(package)
            names.update(f"{package}{inner}{name}" for name in _WORD.findall(_ALIAS.sub("", members)))
        names.update(_DOTTED.findall(_ALIAS.sub("", modules)))
    is_root = gives_to_compiler(content.decode(errors="replace"), compilers)
    return Seen(status.st_size, status.st_mtime_ns, is_root, sorted(names))


def _importers(seen: Mapping[str, Seen], root: str) -> dict[str, list[str]]:
    """Return the files that import each file."""
    importers: dict[str, dict[str, None]] = {}
    for path, one in seen.items():
        for base in dict.fromkeys((*_folders_above(path, root), os.path.join(root, "src"))):
            for name in one.imports:
                imported = _imported(name, path if name.startswith(".") else os.path.join(base, "-"), seen)
                if imported is not None:
                    importers.setdefault(imported, {})[path] = None
    return {path: list(users) for path, users in importers.items()}


def _leading(files: Iterable[str], importers: Mapping[str, list[str]]) -> set[str]:
    """Return the files that lead to one of `files`, those included."""
    leading, waiting = set(files), list(files)
    while waiting:
        for path in importers.get(waiting.pop(), ()):
            if path not in leading:
                leading.add(path)
                waiting.append(path)
    return leading


def _folders_above(path: str, root: str) -> Iterator[str]:
    """Return the folders from which a file may import: its own, and those above it up to the project's."""
    folder = os.path.dirname(path)
    while folder != root and _holds(root, folder):
        yield folder
        folder = os.path.dirname(folder)
    yield root


def _imported(name: str, importer: str, seen: Mapping[str, Seen]) -> str | None:
    """Return the file of a module that is looked for beside the importer; leading dots are folders above."""
    plain = name.lstrip(".")
    folder = os.path.dirname(importer)
    for _ in range(len(name) - len(plain) - 1):
        folder = os.path.dirname(folder)
    base = os.path.join(folder, *plain.split(".")) if plain else folder
    for path in (f"{base}.py", os.path.join(base, "__init__.py")):
        if path in seen:
            return path
    return None


def _is_project(settings: Settings) -> bool:
    return settings.source is not None or any(os.path.exists(os.path.join(settings.root, one)) for one in PROJECT_MARKS)


def _holds(top: str, folder: str) -> bool:
    return folder == top or folder.startswith(os.path.join(top, ""))


class _Governing:
    """Finds the same settings for every folder."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def of(self, folder: str) -> Settings:
        """Return the settings for files in a folder."""
        return self._settings
