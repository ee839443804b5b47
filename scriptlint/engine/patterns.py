"""Patterns of .gitignore files, matched as git matches them.

Patterns come with a repository, and there must be none that takes long: a star never tries more than it has to, because
of two stars only the later one has to be tried again. So a match takes no more steps than the lengths of pattern and path
multiplied, which no translation to a regular expression promises.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Iterable, Sequence

_ANY = frozenset("*?[\\")
_CLASSES = {
    "alnum": string.ascii_letters + string.digits,
    "alpha": string.ascii_letters,
    "blank": " \t",
    "cntrl": "".join(map(chr, [*range(32), 127])),
    "digit": string.digits,
    "graph": "".join(map(chr, range(33, 127))),
    "lower": string.ascii_lowercase,
    "print": "".join(map(chr, range(32, 127))),
    "punct": string.punctuation,
    "space": " \t\n\r\v\f",
    "upper": string.ascii_uppercase,
    "xdigit": string.hexdigits,
}

Char = Callable[[str], bool]
"""What one character of a pattern matches."""

Segment = tuple[Char | None, ...] | None
"""What stands between two slashes: None in it is a star; None for it is `**`, any number of folders."""


class Patterns:
    """The patterns of one file, relative to its folder; later ones overrule earlier ones."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._names: dict[str, list[_Pattern]] = {}
        self._others: list[_Pattern] = []
        for number, line in enumerate(lines):
            pattern = _Pattern(line, number)
            if pattern.name is not None:
                self._names.setdefault(pattern.name, []).append(pattern)
            elif pattern.segments is not None:
                self._others.append(pattern)

    def __bool__(self) -> bool:
        return bool(self._names or self._others)

    def verdict(self, parts: Sequence[str], *, folder: bool) -> bool | None:
        """Return whether a path, by its names below the folder, is matched; False if that is taken back, None if nothing is said."""
        last: _Pattern | None = None
        for pattern in reversed(self._names.get(parts[-1], ())):
            if folder or not pattern.folders_only:
                last = pattern
                break
        for pattern in reversed(self._others):
            if last is not None and last.number > pattern.number:
                break
            if (folder or not pattern.folders_only) and pattern.matches(parts):
                last = pattern
                break
        return None if last is None else not last.negated


class _Pattern:
    """One line. `name` is the name that it matches, whatever the folder, if it is as simple as that."""

    def __init__(self, line: str, number: int) -> None:
        self.number = number
        self.name: str | None = None
        self.segments: list[Segment] | None = None
        line = _trimmed(line)
        self.negated = line.startswith("!")
        line = line[self.negated :]
        self.folders_only = line.endswith("/")
        line = line.removesuffix("/")
        self._anywhere = "/" not in line
        if not line:
            return
        if self._anywhere and not _ANY.intersection(line):
            self.name = line
        else:
            self.segments = _segments(line.removeprefix("/"), self._anywhere)

    def matches(self, parts: Sequence[str]) -> bool:
        """Return whether the pattern matches a path itself."""
        assert self.segments is not None
        return _fits(self.segments, parts[-1:] if self._anywhere else parts, _segment_fits)


def _trimmed(line: str) -> str:
    """Return a line without what git drops: comments, and blanks at the end that no backslash keeps."""
    if line.startswith("#"):
        return ""
    line = line.removesuffix("\r")
    end = len(line)
    while end and line[end - 1] == " ":
        end -= 1
    backslashes = len(line[:end]) - len(line[:end].rstrip("\\"))
    return line[: end + 1] if backslashes % 2 and end < len(line) else line[:end]


def _segments(pattern: str, anywhere: bool) -> list[Segment] | None:
    """Return a pattern taken apart; None if it matches nothing, as one that ends within a bracket."""
    segments: list[Segment] = []
    chars: list[Char | None] = []
    start = at = 0
    while at < len(pattern):
        begin = at
        char = pattern[at]
        escaped = char == "\\"
        if escaped:
            at += 1
            if at == len(pattern):
                return None
            char = pattern[at]
        if char == "/":
            segments.append(None if _is_deep(pattern[start:begin]) else tuple(chars))
            if escaped and segments[-1] is None:  # git means at least one folder by this
                segments.append((None,))
            chars, start = [], at + 1
        elif escaped:
            chars.append(char.__eq__)
        elif char == "*":
            if not chars or chars[-1] is not None:
                chars.append(None)
        elif char == "?":
            chars.append(_any)
        elif char == "[":
            found = _bracket(pattern, at + 1)
            if found is None:
                return None
            matched, at = found
            chars.append(matched)
        else:
            chars.append(char.__eq__)
        at += 1
    segments.append(None if _is_deep(pattern[start:]) and not anywhere else tuple(chars))
    if segments[-1] is None:  # what is in a folder, and not the folder
        segments.append((None,))
    return segments


def _is_deep(segment: str) -> bool:
    return len(segment) > 1 and not segment.strip("*")


def _any(char: str) -> bool:
    return True


def _bracket(pattern: str, at: int) -> tuple[Char, int] | None:
    """Return what `[...]` matches, from behind the bracket on, and where it ends; None if it does not."""
    negated = pattern[at : at + 1] in ("!", "^")
    at += negated
    chars: set[str] = set()
    ranges: list[tuple[str, str]] = []
    first, before = True, ""
    while at < len(pattern) and (first or pattern[at] != "]"):
        first = False
        char = pattern[at]
        end = pattern.find(":]", at + 2)
        if char == "[" and pattern[at + 1 : at + 2] == ":" and end >= 0:
            if pattern[at + 2 : end] not in _CLASSES:
                return None
            chars.update(_CLASSES[pattern[at + 2 : end]])
            before, at = "", end + 2
            continue
        if char == "-" and before and pattern[at + 1 : at + 2] not in ("", "]"):
            at += 1
            if pattern[at] == "\\":
                at += 1
            ranges.append((before, pattern[at : at + 1]))
            before, at = "", at + 1
            continue
        if char == "\\":
            at += 1
            char = pattern[at : at + 1]
        chars.add(char)
        before, at = char, at + 1
    if at >= len(pattern):
        return None

    def matched(char: str) -> bool:
        return (char in chars or any(low <= char <= high for low, high in ranges)) != negated

    return matched, at


def _segment_fits(segment: Segment, name: str) -> bool:
    return segment is not None and _fits(segment, name, _char_fits)


def _char_fits(char: Char | None, other: str) -> bool:
    return char is not None and char(other)


def _fits(pattern: Sequence, items: Sequence, fits: Callable) -> bool:  # type: ignore[type-arg]  # chars or segments
    """Return whether items are what a pattern says, in which None stands for any number of them."""
    at = 0
    after_star = -1
    tried = 0
    index = 0
    while index < len(items):
        if at < len(pattern) and pattern[at] is None:
            at += 1
            after_star, tried = at, index
        elif at < len(pattern) and fits(pattern[at], items[index]):
            at += 1
            index += 1
        elif after_star >= 0:
            tried += 1
            at, index = after_star, tried
        else:
            return False
    return all(one is None for one in pattern[at:])
