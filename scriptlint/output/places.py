"""Where offsets are: rows and columns of spans, for all formats."""

from __future__ import annotations

from collections.abc import Callable

from scriptlint.diag import Span
from scriptlint.engine.paths import printable, shown
from scriptlint.text import Location, SourceFile, UnreadableSource

TOP = Location(1, 1)


class Places:
    """Asks `sources` for files by the path in their spans; a file that cannot be had has no text and one place, its top."""

    def __init__(self, sources: Callable[[str], SourceFile]) -> None:
        self._sources = sources
        self._known: dict[str, SourceFile | None] = {}

    def source(self, path: str) -> SourceFile | None:
        """Return the file at this path, None if it cannot be read."""
        if path not in self._known:
            try:
                self._known[path] = self._sources(path)
            except (OSError, LookupError, UnreadableSource):
                self._known[path] = None
        return self._known[path]

    def start(self, span: Span) -> Location:
        """Return where a span begins."""
        source = self.source(span.path)
        return source.place(span.start) if source is not None else TOP

    def end(self, span: Span) -> Location:
        """Return where it ends: the place behind its last character."""
        source = self.source(span.path)
        return source.place(span.end) if source is not None else TOP

    def text(self, span: Span) -> str:
        """`path:row:column`, or `path:cell number:row:column`, for people."""
        return f"{printable(shown(span.path))}:{self.start(span)}"
