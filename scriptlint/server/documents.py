"""The open texts, what is found in them, and where in them a finding is as the protocol counts it: rows from 0, characters in the client's units."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from lsprotocol import types
from pygls.uris import from_fs_path

from scriptlint.diag import Span
from scriptlint.text import SourceFile
from scriptlint.text.source import Location

_WIDTH: Mapping[str, Callable[[str], int]] = {
    "utf-8": lambda text: len(text.encode("utf-8", "surrogatepass")),
    "utf-16": lambda text: len(text.encode("utf-16-le", "surrogatepass")) // 2,
    "utf-32": len,
}


@dataclass(frozen=True)
class Document:
    """An open text: the address that the client gave it, its path, its content and version.

    A notebook has `cells`, the addresses of its cells in order, those of text too; its versions are the notebook's.
    """

    uri: str
    path: str
    data: bytes
    version: int
    cells: tuple[str, ...] = ()


@dataclass(frozen=True)
class Question:
    """What every question is about: a document, all that are open, the folder that it is read from, and the client's ways.

    `encoding` is the unit in which the client counts characters; `versioned` says that it takes edits for a version,
    `resolves` that it asks for the edit of an action when that is chosen. `disk` is another number than before where files
    that are not open may be others than before.
    """

    path: str
    documents: tuple[Document, ...]
    folder: str
    encoding: str
    versioned: bool = False
    resolves: bool = False
    disk: int = 0
    options: Mapping[str, object] = field(default_factory=dict)

    @property
    def overlay(self) -> dict[str, bytes]:
        """The content of all open texts."""
        return {one.path: one.data for one in self.documents}

    @property
    def document(self) -> Document:
        """The document that is asked about."""
        return next(one for one in self.documents if one.path == self.path)


@dataclass(frozen=True)
class Findings:
    """What is said of a document: diagnostics by address, and what prevents it from being judged, if anything does."""

    diagnostics: dict[str, list[types.Diagnostic]]
    problem: str | None = None


class Place(NamedTuple):
    """A range in a text of the client: a file, or a cell of a notebook."""

    uri: str
    range: types.Range


class Places:
    """Where spans are, for one question; `sources` gives the texts."""

    def __init__(self, question: Question, sources: Callable[[str], SourceFile]) -> None:
        self._documents = {one.path: one for one in question.documents}
        self._width = _WIDTH[question.encoding]
        self._sources = sources

    def place(self, span: Span) -> Place:
        """Return where a span is; an empty one is shown as the character behind it."""
        source = self._sources(span.path)
        end = span.end
        if end <= span.start and source.text[span.start : span.start + 1] not in ("", "\n", "\r"):
            end = span.start + 1
        return self.exact(span.path, span.start, end)

    def exact(self, path: str, start: int, end: int) -> Place:
        """Return where a range of a file is."""
        source = self._sources(path)
        cell = source.cell(source.location(start).row)
        document = self._documents.get(path)
        uri = document.uri if document is not None else from_fs_path(path) or ""
        if cell is not None and document is not None:
            uri = document.cells[cell.number - 1]
        return Place(uri, types.Range(self._position(source, start), self._position(source, end)))

    def line_end(self, path: str, place: Location) -> Place:
        """Return where the line of a place ends."""
        source = self._sources(path)
        row = place.row + next((one.first - 1 for one in source.cells if one.number == place.cell), 0)
        end = source.line_starts[row - 1] + len(source.line(row))
        return self.exact(path, end, end)

    def version(self, uri: str) -> int | None:
        """Return the version of an open text; None for one that is not open, and for cells."""
        return next((one.version for one in self._documents.values() if one.uri == uri and not one.cells), None)

    def offset(self, path: str, uri: str, position: types.Position) -> int:
        """Return the offset of a position in a file, or in the cell `uri` of a notebook."""
        source = self._sources(path)
        row = position.line + 1
        cells = self._documents[path].cells
        if cells:
            number = cells.index(uri) + 1
            row += next((one.first - 1 for one in source.cells if one.number == number), 0)
        line = source.line(row)
        column = 0
        while column < len(line) and self._width(line[: column + 1]) <= position.character:
            column += 1
        starts = source.line_starts
        return starts[min(row, len(starts)) - 1] + column

    def _position(self, source: SourceFile, offset: int) -> types.Position:
        found = source.location(offset)
        before = source.line(found.row)[: found.column - 1]
        return types.Position(source.number(found.row) - 1, self._width(before))
