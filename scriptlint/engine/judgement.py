"""A judgement: what was found about a part of a run, as data, and all that it rests on.

A part is judged by an analysis of its own, so that it depends on nothing but the files that this analysis read, the
modules that it looked for, and the words that it searched. While these are the same, it would be judged the same.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from scriptlint.diag import Diagnostic, Span
from scriptlint.engine.parsing import Failure
from scriptlint.syntax.trivia import Comment

Place = tuple[str, int]
"""A definition: its file, and how many definitions of its kind begin before it."""


class State(msgspec.Struct, array_like=True, frozen=True):
    """What a file holds, by the digest of its bytes, and the dotted name by which it is imported.

    `code` is the digest of its code, empty where more than the code matters.
    """

    digest: str
    code: str
    name: str


class Looked(msgspec.Struct, array_like=True, frozen=True):
    """What of a file was looked at: its outline, some bodies by number and digest, and what was searched for in its code.

    `attributes` are digests of which attributes the functions of some other bodies change or fill; `answers` are what was taken
    from bodies of which nothing else was, by number and digest.
    """

    outline: str
    bodies: list[tuple[int, str]]
    attributes: list[tuple[int, str]]
    searched: list[tuple[str, bool]]
    answers: list[tuple[int, str, dict[str, str]]] = []


class Basis(msgspec.Struct, array_like=True):
    """What a judgement rests on.

    `files` are the states of the files that were read, of which in most only the code matters, and of those with `outlines`
    less than that. `lookups` is what the search for the name of a module below a folder gave; `words` whether a word stands
    in a file. `among` is a digest of the names of all files among which some were looked for, empty if none were.
    """

    files: dict[str, State] = {}
    outlines: dict[str, Looked] = {}
    lookups: list[tuple[str, str, str | None]] = []
    words: list[tuple[str, str, bool]] = []
    among: str = ""


class Part(msgspec.Struct, array_like=True, frozen=True):
    """A part of a run: the roots of a file, its classes that no root reaches, or its decorators (`marks`).

    The rest is what other parts decide: whether classes are only counted, and the numbers of those that roots hold; of the functions
    that are compiled, or kept out, and of the classes that were looked at. `only` is the number of the one class that a
    piece of a part is about.
    """

    kind: Literal["roots", "classes", "marks"]
    path: str
    counts: bool = False
    rooted: tuple[int, ...] = ()
    reached: tuple[int, ...] = ()
    excluded: tuple[int, ...] = ()
    looked_at: tuple[int, ...] = ()
    only: int | None = None


class Verdict(msgspec.Struct, array_like=True, frozen=True):
    """The verdict about what a call gives to the compiler, or about a class that no root reaches.

    `reason` is the first of those for which it is unknown; `of` is the function or class that it is about, None where it
    is about an object; `call` is where that is compiled.
    """

    how: str
    verdict: str
    reason: str | None = None
    of: Place | None = None
    call: Span | None = None


class Annotated(msgspec.Struct, array_like=True, frozen=True):
    """A class that an annotation has compiled."""

    place: Place
    name: str
    qualname: str


class Text(msgspec.Struct, array_like=True, frozen=True):
    """The text of a file: the digest of its bytes, the gaps of its code, and where in that bodies begin and end.

    There are no `bodies` where nothing but the same code will do.
    """

    digest: str
    gaps: list[int]
    bodies: list[tuple[int, int]] = []


class Judgement(msgspec.Struct, array_like=True):
    """What was found about a part.

    `findings` are by the file of the root that they are about, or under no name; `told` are the calls that compile something,
    and whether it is known what; `rooted` are the classes of the objects that roots hold, `reached` the functions that are compiled,
    `excluded` those that compiled code calls and that are kept out, `looked_at` the classes that were judged for script;
    `annotations` are those that have a class compiled, `used` classes that are used in other ways; `unreached` are classes that
    were not judged. `saves` and `loads` are the paths that torch.jit.save and torch.load are given. `stated` are the packages that
    were not found. `failures` and `comments` are those of the file. `texts` are the files in which something of this stands, as
    they were; `pieces` the judgements of single classes that this was put together from, encoded.
    """

    part: Part
    basis: Basis = msgspec.field(default_factory=Basis)
    findings: list[tuple[str, list[Diagnostic]]] = []
    verdicts: list[Verdict] = []
    has_roots: bool = False
    told: list[tuple[Span, bool]] = []
    rooted: list[Place] = []
    reached: list[Place] = []
    excluded: list[Place] = []
    looked_at: list[Place] = []
    annotations: list[tuple[Span, Annotated]] = []
    used: list[Place] = []
    unreached: list[Span] = []
    saves: list[tuple[str, Span]] = []
    loads: list[tuple[str, Span]] = []
    stated: list[str] = []
    failures: list[Failure] = []
    comments: list[Comment] = []
    texts: dict[str, Text] = {}
    pieces: msgspec.Raw = msgspec.Raw(b"\x90")

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """Everything that was found."""
        return [one for _, found in self.findings for one in found]
