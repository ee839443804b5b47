"""What torch said, as people paste it: one sentence, a whole traceback, or the output of a test run.

A message of the compiler is its words, then the places it is about, each with some lines of source that must not be
taken for words:

    RuntimeError:
    undefined value scale:
      File "net.py", line 12
        def forward(self, x):
            return x * scale
                       ~~~~~ <--- HERE
    'Net.forward' is being compiled since it was called from 'Outer.forward'
      File "net.py", line 20
    ...
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from scriptlint.diag import Rule

_TRACEBACK = "Traceback (most recent call last):"
_ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
_PYTEST = re.compile(r"^E(?: {3,}(.*))?$", re.M)
_FRAME = re.compile(r'\s*File "(?P<path>.+)", line (?P<row>\d+), in ')
_PLACE = re.compile(r'\s*File "(?P<path>.+)", line (?P<row>\d+)\s*$')
_WARNING = re.compile(r"(?P<path>.+?):(?P<row>\d+): (?:\w+\.)*\w*Warning: (?P<words>.*)")
_LINK = re.compile(r"'.*' is being compiled since it was called from|Serialized +File ")
_HERE = "<--- HERE"


class Place(NamedTuple):
    """A line of a file, as the message names it."""

    path: str
    row: int


class Message(NamedTuple):
    """The words of a message without the source it quotes.

    `pointed` is the source that is underlined where the compiler stopped; `places` are those that the compiler (or the
    tracer's warning) names, the one where it stopped first; `frames` those of the Python program, the innermost first.
    """

    words: str
    pointed: str
    places: tuple[Place, ...]
    frames: tuple[Place, ...]


def cut(text: str, length: int) -> str:
    """Return the text on one line, no longer than `length`, ended at a word."""
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    kept = line[: length - 3]
    return f"{kept.rpartition(' ')[0] or kept} ..."


def read(text: str) -> Message:
    """Take apart what was pasted."""
    text = _ESCAPE.sub("", text.replace("\r\n", "\n"))
    of_pytest = [match[1] or "" for match in _PYTEST.finditer(text)]
    if of_pytest:
        text = "\n".join(of_pytest)
    frames: list[Place] = []
    if _TRACEBACK in text:
        # The last exception is the one that was seen; what led to it comes before.
        text = text[text.rindex(_TRACEBACK) + len(_TRACEBACK) :].lstrip("\n")
        lines = text.split("\n")
        start = next((at for at, line in enumerate(lines) if line and not line[0].isspace()), len(lines))
        frames = [_place(match) for line in lines[:start] if (match := _FRAME.match(line))]
        text = "\n".join(lines[start:])
    lines = text.split("\n")
    words, places = _apart(lines)
    return Message(words, _pointed(lines), tuple(places), tuple(reversed(frames)))


def _apart(lines: Sequence[str]) -> tuple[str, list[Place]]:
    words: list[str] = []
    places: list[Place] = []
    quoting = False
    for at, line in enumerate(lines):
        warning = _WARNING.match(line)
        place = _PLACE.match(line)
        if warning:
            places.append(_place(warning))
            words.append(warning["words"])
            quoting = True
        elif place:
            places.append(_place(place))
            quoting = _quotes(lines[at + 1 :])
        elif _LINK.match(line):
            quoting = False
            words.append(line)
        elif not quoting:
            words.append(line)
    return "\n".join(words).strip(), places


def _quotes(following: Iterable[str]) -> bool:
    """Return True if source follows a place: it does if something is pointed at before the next place."""
    for line in following:
        if _HERE in line:
            return True
        if _PLACE.match(line):
            return False
    return False


def _pointed(lines: Sequence[str]) -> str:
    for above, line in pairwise(lines):
        mark = re.match(r"( *)(~+)", line)
        if mark:
            return above[mark.start(2) : mark.end(2)].strip()
    return ""


def _place(match: re.Match[str]) -> Place:
    return Place(match["path"], int(match["row"]))


def matching(message: Message, rules: Iterable[Rule]) -> list[Rule]:
    """Return the rules whose words these are, the likeliest first.

    Some words are said in many cases ("Arguments for call are not valid"). What speaks for a rule then: few other rules
    know these words; its page quotes a similar message; what that message points at is of the same form. Pages are read
    for this, and without them the rule comes first that spells out most of what it matches.
    """
    found = [one for one in rules if one.compiler is not None and re.search(one.compiler, message.words, re.S)]
    if len(found) < 2:
        return found
    quoted = _quoted()

    def order(rule: Rule) -> tuple[float, int, int, str]:
        expressions = alternatives(rule.compiler or "")
        best = max((one for one in expressions if re.search(one, message.words, re.S)), key=spelt, default="")
        known = sum(any(re.search(best, one.words, re.S) for one in quotes) for quotes in quoted.values())
        quotes = quoted.get(rule.code, [])
        similar = max((_similarity(message.words, one.words) for one in quotes), default=0.0)
        same = message.pointed != "" and _form(message.pointed) in {_form(one.pointed) for one in quotes}
        return -(similar + 0.5 * same + 0.5 / max(known, 1)), len(expressions), -spelt(best), rule.code

    return sorted(found, key=order)


def alternatives(expression: str) -> list[str]:
    """Return the parts of a regular expression between the `|` that stand in no group."""
    parts, depth, escaped = [""], 0, False
    for char in expression:
        if char == "|" and not depth and not escaped:
            parts.append("")
            continue
        depth += 0 if escaped else (char == "(") - (char == ")")
        escaped = char == "\\" and not escaped
        parts[-1] += char
    return parts


def spelt(expression: str) -> int:
    """Return how many characters a regular expression spells out."""
    return len(re.sub(r"\(\?[!=<](?:\\.|[^)\\])*\)|\[[^]]*\]|\\\w|[.*+?(){}|^$\\]", "", expression))


def _quoted() -> dict[str, list[Message]]:
    """Return the messages on every rule's page."""
    from scriptlint.diag import pages

    return {
        code: [read(one) for one in re.findall(r"^```compiler\n(.*?)^```", path.read_text("utf-8"), re.M | re.S)]
        for code, path in pages.pages().items()
    }


def _similarity(one: str, other: str) -> float:
    """Between 0 and 1: how much the words of two messages have in common, whatever names they quote."""
    ours, theirs = _vocabulary(one), _vocabulary(other)
    return len(ours & theirs) / max(len(ours | theirs), 1)


def _vocabulary(words: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", re.sub(r"'[^'\n]*'|\"[^\"\n]*\"|`[^`\n]*`", "_", words)))


def _form(code: str) -> str:
    """Return what kind of expression a piece of code is, as far as its text tells."""
    if code.startswith("super("):
        return "super"
    if re.match(r"(int|float|bool|str|complex)\b", code):
        return "cast"
    if code.endswith("]"):
        return "subscript"
    return "call" if re.fullmatch(r"[\w.]+(\(.*)?", code, re.S) else "operator"
