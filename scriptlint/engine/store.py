"""The files of one run: read once, hashed, and parsed when somebody needs the tree."""

from __future__ import annotations

import codecs
import errno
import os
from collections.abc import Callable, Iterable

from scriptlint.engine import failures
from scriptlint.engine.cache import Cache
from scriptlint.engine.memory import Memory
from scriptlint.engine.parsing import Failure, Outcome, decoded, parse, parse_all, reparse
from scriptlint.program.module import ModuleInfo, Parsed
from scriptlint.syntax.nodes import ExprStmt
from scriptlint.text import MARKDOWN, NOTEBOOK, Cell, SourceFile, UnreadableSource
from scriptlint.text.reading import read
from scriptlint.text.source import digest_of

_TOTAL = 1 << 30  # bytes of all files: small archives may hold very much
_SUFFIXES = frozenset({"", ".py", ".pyi", ".pyw", NOTEBOOK})
_FOREIGN = "its name does not end in `.py`, and it is not Python"
Entry = bytes  # `Store` has a method of that name


class Store:
    """Reads and parses. `overlay` gives the bytes of files that are not as they are on disk (standard input).

    `memory` holds what was parsed before, for those who read the same files again and again. `markdown` says that pages of
    Markdown are programs, of which `embedded` keeps the whole, as it does of notebooks.
    """

    def __init__(
        self, cache: Cache, overlay: dict[str, bytes], memory: Memory | None = None, *, markdown: bool = False
    ) -> None:
        self._cache = cache
        self._markdown = markdown
        self.memory = memory
        self._cells: dict[str, list[Cell]] = {}
        self.embedded: dict[str, Entry] = {}
        self.overlay = overlay
        self._bytes: dict[str, bytes | OSError] = {path: self._program(path, data) for path, data in overlay.items()}
        self._read = 0
        self._sources: dict[str, SourceFile] = {}
        self.fresh: dict[str, Outcome] = {}
        """What was parsed in this run."""
        self.failures: dict[str, list[Failure]] = {}

    def bytes(self, path: str) -> bytes | OSError:
        """Return the content of a file, of a notebook its program; or why it cannot be read."""
        if path not in self._bytes:
            try:
                content = read(path)
                self._read += len(content)
                if self._read > _TOTAL:
                    raise OSError(errno.EFBIG, f"what is read in one run is larger than {_TOTAL >> 20} MB", path)
                self._bytes[path] = self._program(path, content)
            except OSError as error:
                self._bytes[path] = error
        return self._bytes[path]

    def _program(self, path: str, content: Entry) -> Entry | OSError:
        if self._markdown and path.endswith(MARKDOWN):
            return self._page(path, content)
        if not path.endswith(NOTEBOOK):
            return content
        from scriptlint.syntax.notebook import program

        try:
            made = program(content)
            self._cells[path], self.embedded[path] = made.cells, content
            return made.text.encode()
        except (UnreadableSource, UnicodeEncodeError) as error:
            return OSError(errno.EINVAL, str(error), path)

    def _page(self, path: str, content: Entry) -> Entry | OSError:
        from scriptlint.syntax.markdown import program

        try:
            self.embedded[path] = content
            return program(content.removeprefix(codecs.BOM_UTF8).decode()).encode()
        except UnicodeDecodeError:
            return OSError(errno.EINVAL, "it is not UTF-8", path)

    def size(self, path: str) -> int:
        """Return the number of bytes of a file, none where it cannot be read."""
        data = self.bytes(path)
        return 0 if isinstance(data, OSError) else len(data)

    def digest(self, path: str) -> str:
        """Return the digest of a file's content, empty where it cannot be read."""
        data = self.bytes(path)
        return "" if isinstance(data, OSError) else digest_of(data)

    def source(self, path: str) -> SourceFile:
        """Return the text of a file; empty where it cannot be decoded, since its failure is reported elsewhere."""
        if path not in self._sources:
            data = self.bytes(path)
            try:
                self._sources[path] = SourceFile.from_bytes(
                    path, b"" if isinstance(data, OSError) else data, self._cells.get(path, ())
                )
            except UnreadableSource:
                self._sources[path] = SourceFile(path, "")
        return self._sources[path]

    def prepare(self, paths: Iterable[str], jobs: int, progress: Callable[[int, int, str], None] | None = None) -> None:
        """Parse those of the files that the cache does not hold, side by side."""
        missing: dict[str, bytes] = {}
        for path in paths:
            data = self.bytes(path)
            if isinstance(data, OSError) or path in self.fresh or self._has_parsed(digest_of(data)):
                continue
            if self.memory is not None and path in self.memory.latest:
                self._keep(path, reparse(data, *self.memory.latest[path]))
            else:
                missing[path] = data
        for path, outcome in parse_all(missing, jobs, progress):
            self._keep(path, outcome)

    def _keep(self, path: str, outcome: Outcome) -> None:
        self.fresh[path] = outcome
        if not isinstance(outcome, Failure):
            digest = self.digest(path)
            self._cache.store_parsed(digest, outcome)
            if self.memory is not None:
                self.memory.parsed[digest] = outcome
                self.memory.latest[path] = self.source(path).text, outcome

    def _has_parsed(self, digest: str) -> bool:
        return (self.memory is not None and digest in self.memory.parsed) or self._cache.has_parsed(digest)

    def _parsed(self, digest: str) -> Entry | None:
        known = None if self.memory is None else self.memory.parsed.get(digest)
        return known if known is not None else self._cache.parsed(digest)

    def load(self, path: str) -> ModuleInfo | None:
        """Return the module of a file; None where it has no tree. `failures` says why, and also where a tree has gaps."""
        data = self.bytes(path)
        if isinstance(data, OSError):
            self.failures[path] = [Failure("unreadable", data.strerror or str(data))]
            return None
        module = self._module(path, data)
        if os.path.splitext(path)[1] not in _SUFFIXES and path not in self.embedded and not _is_program(module):
            self.failures[path] = [Failure("unreadable", _FOREIGN)]
            return None
        return module

    def _module(self, path: str, data: Entry) -> ModuleInfo | None:
        if path not in self.fresh:
            stored = self._parsed(digest_of(data))
            if stored is not None:
                try:
                    return self._bound(path, decoded(stored))
                except Exception:  # whatever is in it: a wrong entry is a miss
                    pass
            self._keep(path, parse(data))
        outcome = self.fresh[path]
        if isinstance(outcome, Failure):
            self.failures[path] = [outcome]
            return None
        return self._bound(path, decoded(outcome))

    def _bound(self, path: str, parsed: Parsed) -> ModuleInfo | None:
        try:
            module = ModuleInfo(self.source(path), parsed)
        except Exception as error:  # a bug of ours must cost one file, not the run
            failures.show(error)
            self.failures[path] = [Failure("internal", failures.reason(error))]
            return None
        if module.gaps:
            self.failures[path] = [Failure("syntax", gap.reason, gap.at, is_partial=True) for gap in module.gaps]
        return module


def _is_program(module: ModuleInfo | None) -> bool:
    """Return True for a file that can only be Python; a table or a JSON object can be read as an expression, too."""
    return module is not None and not module.gaps and not all(isinstance(one, ExprStmt) for one in module.tree.body)
