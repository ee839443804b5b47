"""Around a message: the file that torch names is linted, and what is found in the same function is shown.

torch stops at the first thing it refuses. Whoever pastes its message has the next ones still before him.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TextIO

from scriptlint.diag.messages import Message, Place
from scriptlint.engine.paths import printable, shown

if TYPE_CHECKING:
    from scriptlint.diag import Diagnostic
    from scriptlint.output.paint import Paint
    from scriptlint.text import SourceFile


@dataclass(frozen=True)
class Around:
    """A place, the name of the function that holds it, and what is found there and in the rest of the function.

    `name` is empty where no function holds the place; `rest` is then what is found in the rest of the file.
    """

    place: Place
    name: str
    there: Sequence[Diagnostic]
    rest: Sequence[Diagnostic]
    sources: Callable[[str], SourceFile]

    def codes_there(self) -> list[str]:
        """Return the rules that are found at the very line."""
        return list(dict.fromkeys(one.code for one in self.there))

    def lines(self, code: str, paint: Paint, stream: TextIO) -> Iterator[str]:
        """Yield what to print: the findings of this rule at the place in full, the others in a line each."""
        from scriptlint.output.concise import concise
        from scriptlint.output.full import full
        from scriptlint.output.places import Places
        from scriptlint.output.printer import code_width
        from scriptlint.output.tally import plural

        places = Places(self.sources)
        where = f"{printable(shown(self.place.path))}:{self.place.row}"
        scope = f"`{self.name}`" if self.name else "this file"
        main = [one for one in self.there if one.code == code]
        rest = sorted([one for one in [*self.there, *self.rest] if one not in main], key=lambda one: one.span)
        if main:
            yield from full(main, places, paint, code_width(stream))
        else:
            yield f"scriptlint itself does not find {code} at {where}."
        if rest:
            yield f"{plural(len(rest), 'more finding')} in {scope}:"
            yield from concise(rest, places, paint)
        else:
            yield f"Nothing else is found in {scope}."


def around(message: Message, options: dict[str, Any]) -> Around | None:
    """Lint the file that a message is about; None where it names none that is here."""
    place = _place(message)
    if place is None:
        return None
    from scriptlint.cli.linting import lint
    from scriptlint.cli.options import finder
    from scriptlint.engine.discover import discover

    no_cache, jobs = options.pop("no_cache"), options.pop("jobs")
    # The compiler may have stopped in a helper that only the other files lead to.
    files = list(dict.fromkeys([place.path, *(one.path for one in map(_here, message.places) if one is not None)]))
    found = discover([one for one in files if not _installed(one)] or [place.path], finder(**options))
    if not found.files:  # the settings leave it out
        return None
    linted = lint(found, cache=not no_cache, jobs=jobs)
    findings, sources = linted.findings, linted.sources
    source = sources(place.path)
    name, start, end = _function(source, place.row)
    in_file = [one for one in findings if one.span.path == place.path]
    there = [one for one in in_file if source.location(one.span.start).row == place.row]
    rest = [one for one in in_file if start <= one.span.start < end and one not in there]
    return Around(place, name, there, rest, sources)


def _place(message: Message) -> Place | None:
    """Return the first place of the compiler that is a file here, the user's own before an installed one; else the Python line."""
    for places in (message.places, message.frames):
        here = [one for one in map(_here, places) if one is not None]
        own = [one for one in here if not _installed(one.path)]
        if own or (here and places is message.places):
            return (own or here)[0]
    return None


def _here(place: Place) -> Place | None:
    path = os.path.abspath(place.path)
    return Place(path, place.row) if path.endswith(".py") and os.path.isfile(path) else None


def _installed(path: str) -> bool:
    return any(part in ("site-packages", "dist-packages") for part in path.split(os.sep))


def _function(source: SourceFile, row: int) -> tuple[str, int, int]:
    """Return the name and the range of the function or method that holds a row; all of the file where none does."""
    from scriptlint.syntax import nodes as n
    from scriptlint.syntax.parse import SyntaxFailure, parse
    from scriptlint.syntax.walk import walk

    try:
        tree, _ = parse(source.text)
    except SyntaxFailure:
        return "", 0, len(source.text) + 1
    classes: list[str] = []
    for node in sorted(walk(tree), key=lambda one: one.start):
        if not isinstance(node, (n.ClassDef, n.FunctionDef)):
            continue
        if source.location(node.start).row <= row <= source.location(node.end).row:
            if isinstance(node, n.FunctionDef):
                return ".".join([*classes, node.name]), node.start, node.end
            classes.append(node.name)
    return "", 0, len(source.text) + 1
