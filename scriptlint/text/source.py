"""Bytes to text, the way Python itself reads a source file (PEP 263), and offsets to locations.

Line ends stay as they are in the file: offsets count every character of it, `\\r\\n` as two.
"""

from __future__ import annotations

import codecs
import hashlib
import io
import re
import tokenize
import warnings
from bisect import bisect_right
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

NOTEBOOK = ".ipynb"
"""How the name of a notebook ends."""
MARKDOWN = ".md"
"""How the name of a page of Markdown ends."""

_ASCII = bytes([*b"\t\n\f\r", *range(32, 127)]) + rb" .xn--4ca. \u0041"
_NO_COOKIE = "invalid or missing encoding declaration"  # tokenize's word for a first line that is not UTF-8
_LINE_END = re.compile(r"\r\n?|\n")


class UnreadableSource(Exception):
    """A file that cannot be linted; the message is one sentence without the file's name."""


class Location(NamedTuple):
    """A place in a file as people and editors count it: numbers from 1, columns in code points.

    `cell` is that of a notebook, and `row` is counted in it; None for other files, and where rows are counted through.
    """

    row: int
    column: int
    cell: int | None = None

    def __str__(self) -> str:
        return f"{'' if self.cell is None else f'cell {self.cell}:'}{self.row}:{self.column}"


class Cell(NamedTuple):
    """A cell of a notebook: its number there, and the rows of the program that it holds."""

    number: int
    first: int
    last: int


class SourceFile:
    """The text of one file and the arithmetic on it.

    `path` is the path as it is shown to people, `text` the decoded text without byte order mark, `digest` names the
    bytes it was read from; `cells` are those of a notebook.
    """

    def __init__(self, path: str, text: str, digest: str = "", cells: Sequence[Cell] = ()) -> None:
        self.path = path
        self.text = text
        self.cells = cells
        self.digest = digest or digest_of(text.encode("utf-8", "surrogatepass"))
        self._line_starts: list[int] | None = None

    @classmethod
    def from_bytes(cls, path: str, data: bytes, cells: Sequence[Cell] = ()) -> SourceFile:
        """Decodes `data` by its byte order mark or encoding cookie; raises UnreadableSource if that fails."""
        return cls(path, decode(data), digest_of(data), cells)

    @property
    def line_starts(self) -> list[int]:
        """Offset of the first character of every line."""
        if self._line_starts is None:
            self._line_starts = [0, *(end.end() for end in _LINE_END.finditer(self.text))]
        return self._line_starts

    @property
    def newline(self) -> str:
        """How the first line ends, and so how lines that are added should."""
        found = _LINE_END.search(self.text)
        return found[0] if found else "\n"

    def location(self, offset: int) -> Location:
        """Return the row and column of an offset."""
        row = bisect_right(self.line_starts, offset)
        return Location(row, offset - self.line_starts[row - 1] + 1)

    def cell(self, row: int) -> Cell | None:
        """Return the cell of a notebook that holds a row; the last one for what stands behind it."""
        at = bisect_right(self.cells, row, key=lambda one: one.first)
        return self.cells[at - 1] if at else None

    def number(self, row: int) -> int:
        """Return the number under which a row is shown."""
        cell = self.cell(row)
        return row if cell is None else row - cell.first + 1

    def place(self, offset: int) -> Location:
        """Return the row and column of an offset as they are shown: those of a notebook are counted in its cell."""
        found = self.location(offset)
        cell = self.cell(found.row)
        return found if cell is None else Location(self.number(found.row), found.column, cell.number)

    def line(self, row: int) -> str:
        """Return the text of a row (from 1) without its line end; empty behind the last one."""
        starts = self.line_starts
        if not 1 <= row <= len(starts):
            return ""
        end = starts[row] if row < len(starts) else len(self.text)
        return self.text[starts[row - 1] : end].rstrip("\r\n")


def digest_of(data: bytes) -> str:
    """Return a name for these bytes: the key of everything that is remembered about them."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def decode(data: bytes) -> str:
    """Return the bytes of a Python file as text, without byte order mark; raises UnreadableSource."""
    if b"\0" in data:
        raise UnreadableSource("it holds null bytes, so it is no Python source")
    encoding = _encoding(data)
    try:
        text = data.removeprefix(codecs.BOM_UTF8).decode(encoding)
        if encoding != "utf-8":
            text.encode()  # or there is half of a surrogate pair in it, of which nobody could say anything
        return text
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UnreadableSource(f"line {line} is not {error.encoding}: byte 0x{data[error.start]:02x}") from None
    except Exception:  # codecs raise what they like
        raise UnreadableSource(f"it cannot be read as {encoding}") from None


def encode(text: str, like: bytes) -> bytes:
    """Return text as bytes, with the encoding and the byte order mark that the bytes `like` have.

    Raises UnreadableSource, also where the encoding would not write the rest of the file as it stands there.
    """
    mark = codecs.BOM_UTF8 if like.startswith(codecs.BOM_UTF8) else b""
    encoding = _encoding(like)
    try:
        if mark + decode(like).encode(encoding) != like:
            raise UnreadableSource(f"{encoding} has more than one way to write what is in it")
        return mark + text.encode(encoding)
    except UnicodeEncodeError as error:
        raise UnreadableSource(f"{error.encoding} has no `{text[error.start]}`") from None


def _encoding(data: bytes) -> str:
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    except SyntaxError as error:
        if error.msg == _NO_COOKIE:
            return "utf-8"  # which it is not; whoever decodes it says where
        raise UnreadableSource(f"its encoding cannot be told: {error.msg}") from None
    if encoding in ("utf-8", "utf-8-sig"):
        return "utf-8"
    # The others are no encodings of text, hide code from those who read the file, or take very long for a large one.
    if not _keeps_ascii(encoding):
        raise UnreadableSource(f"its encoding, {encoding}, does not keep ASCII as it is, so it is not read")
    return encoding


@cache
def _keeps_ascii(encoding: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # unicode_escape has opinions about backslashes
            return _ASCII.decode(encoding) == _ASCII.decode("ascii")
    except Exception:  # codecs raise what they like
        return False
