"""What of a text is code: all but the comments and blank lines between statements, and the blanks at the ends of lines.

Whoever judges a program sees no difference between two texts of the same code but where things stand. Comments inside of
brackets count as code, since they stand in the middle of expressions that messages and fixes quote; so do those that say
something about types, and in a text that has such, all that stand on lines of their own: the compiler reads them.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate

from scriptlint.text.source import digest_of

_TOKEN = re.compile(
    r"""(?P<string>\"\"\"(?:[^\\"]|\\.|"(?!""))*\"\"\"|'''(?:[^\\']|\\.|'(?!''))*'''"""
    r"""|"(?:[^\\"\r\n]|\\(?:\r\n|.))*"|'(?:[^\\'\r\n]|\\(?:\r\n|.))*')"""
    r"""|(?P<comment>\#[^\r\n]*)|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<joined>\\(?:\r\n?|\n))|(?P<end>\r\n?|\n)"""
    r"""|(?P<other>["'\\])""",
    re.DOTALL,
)
_OF_TYPES = re.compile(r"#\s*type", re.IGNORECASE)
_BLANKS = " \t\f"


class Code:
    """The code of a text. `digest` names it, and `gaps` are where something is left out: beginnings and lengths by turns.

    A position in the code is one in the text without the gaps.
    """

    def __init__(self, digest: str, gaps: Sequence[int]) -> None:
        self.digest = digest
        self.gaps = list(gaps)
        self._starts = self.gaps[::2]
        self._left_out = [0, *accumulate(self.gaps[1::2])]
        self._places = [start - before for start, before in zip(self._starts, self._left_out, strict=False)]

    def text(self, whole: str) -> str:
        """Return the code of the text itself."""
        parts, at = [], 0
        for start, length in zip(self._starts, self.gaps[1::2], strict=True):
            parts.append(whole[at:start])
            at = start + length
        return "".join([*parts, whole[at:]])

    def inward(self, at: int) -> int | None:
        """Return the position in the code of one in the text; None for one in a gap."""
        count = bisect_left(self._starts, at)
        if count and at < self._starts[count - 1] + self.gaps[2 * count - 1]:
            return None
        return at - self._left_out[count]

    def outward(self, start: int, end: int) -> tuple[int, int]:
        """Return the range in the text of one in the code, without gaps at its ends."""
        after, before = bisect_right(self._places, start), bisect_left(self._places, end)
        return start + self._left_out[after], end + self._left_out[before]

    def moved(
        self, start: int, end: int, to: Code, shifted: Callable[[int], int | None] = lambda at: at
    ) -> tuple[int, int] | None:
        """Return a range of the text as it is in another text; None where that cannot be told.

        That has the same code, or `shifted` says where a position in the code is in the other's.
        """
        if start == end == 0:
            return 0, 0
        first, last = self.inward(start), self.inward(end)
        if first is None or last is None or self.outward(first, last) != (start, end):
            return None
        first, last = shifted(first), shifted(last)
        if first is None or last is None:
            return None
        begin, finish = to.outward(first, last)
        return (begin, finish) if begin <= finish else None


def code_of(text: str) -> Code | None:
    """Return the code of a text; None where it is not known what of the text is code."""
    keeps_lines = _OF_TYPES.search(text) is not None
    gaps: list[int] = []
    depth, begin, begins, comment = 0, 0, True, None
    for token in _TOKEN.finditer(text if text.endswith(("\n", "\r")) else f"{text}\n"):
        kind = token.lastgroup
        if kind == "end":
            if depth == 0:
                _leave_out(gaps, text, begin, comment, token, begins, keeps_lines)
            begin, begins, comment = token.end(), depth == 0, None
        elif kind == "comment":
            comment = token
        elif kind == "open":
            depth += 1
        elif kind == "close":
            depth -= 1
        elif kind == "joined":
            begins = False
            begin = token.end()
        elif kind == "other":
            return None
        elif "\n" in token[0] or "\r" in token[0]:
            begin, begins = token.end(), False
        if depth < 0:
            return None
    if depth:
        return None
    code = Code("", gaps)
    code.digest = digest_of(code.text(text).rstrip("\r\n").encode("utf-8", "surrogatepass"))
    return code


def comments_of(text: str) -> list[tuple[int, str]]:
    """Return the comments of a text of which the code is known: where each begins, and what it says."""
    return [(one.start(), one[0]) for one in _TOKEN.finditer(text) if one.lastgroup == "comment"]


def _leave_out(
    gaps: list[int],
    text: str,
    begin: int,
    comment: re.Match[str] | None,
    end: re.Match[str],
    begins: bool,
    keeps_lines: bool,
) -> None:
    """Add what is left out of the line that ends there; `begins` says that no statement goes on in it."""
    at = end.start() if comment is None else comment.start()
    while at > begin and text[at - 1] in _BLANKS:
        at -= 1
    if comment is not None and (_OF_TYPES.search(comment[0]) or (keeps_lines and begins and at == begin)):
        return
    stop = end.start()
    if begins and at == begin:
        stop = min(end.end(), len(text))
    if at < stop:
        if gaps and gaps[-2] + gaps[-1] == at:
            gaps[-1] += stop - at
        else:
            gaps += [at, stop - at]
