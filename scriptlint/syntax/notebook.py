"""Notebooks: the code of their cells as one program, in which what only IPython understands is blank.

A cell ends with a line end, so that no line of the program stands in two cells. Cells are counted as they stand in the
notebook, those that hold text too.
"""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

import msgspec

from scriptlint.syntax.pieces import blanked_text, lines_of
from scriptlint.text import Cell, UnreadableSource

_CODE_BELOW = re.compile(r"%%(?:capture|debug|ipytest|prun|pypy|python3?|time|timeit)\b")
_CELL_MAGIC = re.compile(r"\s*(%%\w[^\r\n]*)")
_SHELL = re.compile(r"(?<![^\r\n])[ \t]*!(?!=)(?:[^\r\n\\]|\\(?:\r\n|.))*", re.S)
_HELP = re.compile(r"(?<![^\r\n])[ \t]*(?:\?[^\r\n]*|[%\w.\[\]]+\?{1,2}[ \t]*(?=[\r\n]|\Z))")
_GIVEN = re.compile(r"(?<![^\r\n])([ \t]*\w[\w, \t]*=[ \t]*)((?:!|%\w)(?:[^\r\n\\]|\\(?:\r\n|.))*)", re.S)
_MAGIC = re.compile(r"[ \t]*%(?:(?P<timed>time(?=[ \t]+\w))|(?:[^\r\n\\]|\\(?:\r\n|.))*)", re.S)
_PROMPTS = re.compile(r"(?:[^\r\n]*\r?\n)?>>> ")
_PROMPT = re.compile(r"(?<![^\r\n])>>> ")
_INDENTED = re.compile(r"(?:[ \t]*[\r\n]+)*([ \t]+)0[ \t]*(?=[\r\n]|\Z)")
_REFUSED = "it is not a notebook: that is JSON with a list of cells"


class _Cell(msgspec.Struct):
    cell_type: str
    source: str | list[str] = ""


class _Language(msgspec.Struct):
    name: str = ""
    language: str = ""


class _Metadata(msgspec.Struct):
    kernelspec: _Language = msgspec.field(default_factory=_Language)
    language_info: _Language = msgspec.field(default_factory=_Language)


class _Notebook(msgspec.Struct):
    cells: list[_Cell]
    metadata: _Metadata = msgspec.field(default_factory=_Metadata)


class Program(NamedTuple):
    """The text of a notebook's code, the cells that it stands in, and what is written in these."""

    text: str
    cells: list[Cell]
    sources: list[str]


def program(data: bytes) -> Program:
    """Return the program of a notebook; raises UnreadableSource. One in another language than Python has no code."""
    try:
        notebook = msgspec.json.decode(data.removeprefix(codecs.BOM_UTF8), type=_Notebook)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        raise UnreadableSource(_REFUSED) from None
    metadata = notebook.metadata
    language = metadata.language_info.name or metadata.kernelspec.language or "python"
    if not language.lower().startswith(("python", "ipython")):
        return Program("", [], [])
    texts: list[str] = []
    sources: list[str] = []
    cells: list[Cell] = []
    row = 1
    for number, cell in enumerate(notebook.cells, 1):
        if cell.cell_type != "code":
            continue
        source = cell.source if isinstance(cell.source, str) else "".join(cell.source)
        text = _plain(source)
        text += "" if text.endswith(("\n", "\r")) else "\n"
        rows = len(re.findall(r"\r\n?|\n", text))
        texts.append(text)
        sources.append(source)
        cells.append(Cell(number, row, row + rows - 1))
        row += rows
    return Program("".join(texts), cells, sources)


def _plain(text: str) -> str:
    """Return the text of a cell with blanks for what is not Python, character by character."""
    magic = _CELL_MAGIC.match(text)
    if magic is not None:
        end = magic.end() if _CODE_BELOW.match(magic[1]) else len(text)
        text = _blank(text[:end]) + text[end:]
    if _PROMPTS.match(text):
        text = _PROMPT.sub("0;  ", text)
    text = _GIVEN.sub(lambda found: found[1] + "_" + _blank(found[2][1:]), text)
    for command in (_SHELL, _HELP):
        text = command.sub(lambda found: _nothing(found[0]), text)
    if "%" not in text:
        return _dedented(text)
    made = []
    done = 0
    for line in lines_of(text).lines:
        if line.word == "%" and not line.inside:
            magic = _MAGIC.match(text, line.start)
            assert magic is not None
            nothing = _nothing(magic[0])
            made += [text[done : line.start], nothing.replace("0 ", "0;") if magic["timed"] else nothing]
            done = magic.end()
    return _dedented("".join([*made, text[done:]]))


def _dedented(text: str) -> str:
    """Return a text whose first line is an indented statement that does nothing with all like it at the left margin."""
    first = _INDENTED.match(text)
    if first is None:
        return text
    return re.sub(rf"(?<![^\r\n]){first[1]}0(?=[ \t]*(?:[\r\n]|\Z))", "0" + first[1], text)


def _nothing(text: str) -> str:
    """Return a statement that does nothing, as long as a text, whose blanks at the beginning it keeps."""
    rest = text.lstrip(" \t")
    return text[: len(text) - len(rest)] + "0" + _blank(rest[1:])


def _blank(text: str) -> str:
    return blanked_text(text, [(0, len(text))])
