"""How deep a tree may be, and how deep a text nests, which is counted before a parser is asked: a parser that runs out of
stack takes its process along, and nothing of what it had read is left.

What nests: brackets, the branches of an `if`, and every operator that has what stands before or after it as an operand,
since a chain of a thousand additions is a thousand nodes deep; a comma begins anew. The count is never too small, and too
large where operators of several kinds meet. The limits are near those of Python itself.
"""

from __future__ import annotations

import re
import sys

_RECURSION_LIMIT = 12_000

BRACKETS = 200
"""How many brackets may be open at once, as in Python."""

LIMIT = 3_000
"""How deep a chain of operators may be, together with those around the brackets that it stands in; and a chain of `elif`."""

_DOUBLINGS = 14  # how often the brackets of a `case` or `del` may double what the parser does: see `_Scan._doublings`
_LAMBDA = 10  # operators that cost the parser as much stack as a lambda
_WORK = 40_000_000  # what all tokens together may cost, besides
_WORK_OF_CHARACTER = 10  # for each of the text, which is more than ordinary tokens cost

_BRACKETS = frozenset("([{")
_STRING = r"""
    (?<!\w) (?: [bB][rR]? | [rR][bB]? | [uU] )?
    (?: \"\"\" [^"\\]* (?: (?: \\. | "(?!"") ) [^"\\]* )* (?: \"\"\" | \\? \Z )
      | '''    [^'\\]* (?: (?: \\. | '(?!'') ) [^'\\]* )* (?: '''    | \\? \Z )
      | "      [^"\\\r\n]* (?: \\ (?: \r\n | . ) [^"\\\r\n]* )* "?
      | '      [^'\\\r\n]* (?: \\ (?: \r\n | . ) [^'\\\r\n]* )* '? )
"""
_TOKEN = re.compile(
    rf"""
      (?P<formatted> (?<!\w) (?: [fFtT][rR]? | [rR][fFtT] ) (?P<quote> \"\"\" | ''' | ["'] ) )
    | (?P<string> {_STRING} )
    | (?P<skipped> \#[^\r\n]* | \\(?:\r\n?|\n) )
    | (?P<open> [(\[{{] )
    | (?P<close> [)\]}}] )
    | (?P<line> (?: \r\n? | \n ) [ \t\f]* (?P<first> \w* ) )
    | (?P<comma> , )
    | (?P<end> ; )
    | (?P<colon> : )
    | (?P<operator> \*\*? | //? | << | >> | [-+%@|&^~.] | (?<!\w) (?: not|and|or|if|else|for|await|yield|in|is ) \b )
    | (?P<lambda> (?<!\w) lambda \b )
    """,
    re.X | re.S,
)
# What counts between the quotes of a formatted string.
_BETWEEN = {
    quote: re.compile(rf"\\[^{{}}] | (?P<open> \{{ ) | (?P<close> \}} ) | (?P<quote> {quote} ){end}", re.X | re.S)
    for quote, end in (('"""', ""), ("'''", ""), ('"', r" | (?P<line> [\r\n] )"), ("'", r" | (?P<line> [\r\n] )"))
}
# These begin a statement and stand in no expression: whatever brackets are open were never closed.
STATEMENTS = frozenset(
    "def class import return while with try raise assert del global nonlocal pass break continue except finally elif".split()
)


class TooDeep(Exception):
    """A text nests deeper than anything is read; `offset` is where."""

    def __init__(self, offset: int) -> None:
        super().__init__()
        self.offset = offset


def allow_depth() -> None:
    """Let this process build and walk every tree that `parse` gives; a tree from the cache needs it as much."""
    sys.setrecursionlimit(max(sys.getrecursionlimit(), _RECURSION_LIMIT))


def depth(text: str) -> int:
    """Return how deep a text nests; raises TooDeep."""
    return max(_Scan(text).deepest, _branches(text))


class _Scan:
    """One pass over the tokens of a text.

    `_open` holds what is open, the innermost last: a bracket itself, "s" and its quote for a formatted string, "e" and
    the quote for an expression in it, "p" and the quote for what follows the colon there. `_chains` has the operators
    that were met so far in each of them, and in the statement around.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._open: list[str] = []
        self._chains = [0]
        self._total = self._work = self.deepest = 0
        self._most_work = _WORK + _WORK_OF_CHARACTER * len(text)
        self._backtracking = False
        self._begin(re.match(r"\s*(\w*)", text)[1])  # type: ignore[index]  # matches everything
        at: int | None = 0
        while at is not None:
            inside = self._open[-1] if self._open else ""
            at = self._literal(at, inside) if inside[:1] in ("s", "p") else self._code(at)

    def _code(self, at: int) -> int | None:
        """Scan tokens up to the beginning or the end of a formatted string; None at the end of the text."""
        opened, chains = self._open, self._chains
        for token in _TOKEN.finditer(self._text, at):
            kind = token.lastgroup  # of groups within each other the outer one
            if kind == "operator" or kind == "string":
                self._link(1, token.start())
                if not opened and token[0] == "if":
                    self._backtracking = False  # the guard of a `case` is an expression as any other
            elif kind == "open":
                self._link(1, token.start())
                self._enter(token[0], token.start())
            elif kind == "close":
                if opened and (opened[-1] in _BRACKETS or token[0] == "}") and self._leave() not in _BRACKETS:
                    return token.end()
            elif kind == "comma":
                self._total -= chains[-1]
                chains[-1] = 0
            elif kind == "line":
                if not opened or token["first"] in STATEMENTS:
                    self._begin(token["first"])
            elif kind == "end":
                if not opened:
                    self._begin("")
            elif kind == "lambda":
                self._link(_LAMBDA, token.start())
            elif kind == "colon":
                if opened and opened[-1][:1] == "e":
                    self._enter("p" + opened[-1][1:], token.start())
                    return token.end()
            elif kind == "formatted":
                self._link(1, token.start())
                self._enter("s" + token["quote"], token.start())
                return token.end()
        return None

    def _literal(self, at: int, inside: str) -> int | None:
        """Scan the text of a formatted string up to the next brace or to its end."""
        for token in _BETWEEN[inside[1:]].finditer(self._text, at):
            kind = token.lastgroup
            if kind == "open":
                if inside[0] == "s" and self._text.startswith("{{", token.start()):
                    return token.end() + 1
                self._enter("e" + inside[1:], token.start())
                return token.end()
            if kind == "close" and inside[0] == "p":
                self._leave()
                self._leave()
                return token.end()
            if kind in ("quote", "line"):
                while self._leave()[0] != "s":
                    pass
                return token.end() if kind == "quote" else token.start()
        return None

    def _begin(self, word: str) -> None:
        """A statement begins with a word."""
        self._open.clear()
        self._chains[:] = [0]
        self._total = 0
        self._backtracking = word in ("case", "del")

    def _enter(self, kind: str, at: int) -> None:
        self._open.append(kind)
        self._chains.append(0)
        if len(self._open) > BRACKETS or (self._backtracking and self._doublings() > _DOUBLINGS):
            raise TooDeep(at)

    def _doublings(self) -> float:
        """Return how often what is open doubles the parser's work in a pattern, as measured; that work is counted."""
        doublings = sum(2.2 if one == "{" else 1.0 for one in self._open)
        self._work += int(8 * 2 ** min(doublings, _DOUBLINGS))
        return doublings

    def _leave(self) -> str:
        self._total -= self._chains.pop()
        return self._open.pop()

    def _link(self, weight: int, at: int) -> None:
        self._chains[-1] += weight
        self._total += weight
        self._work += self._total + self._total**2 // 500 + len(self._open) ** 2 // 5  # as measured
        self.deepest = max(self.deepest, self._total)
        if self._total > LIMIT or self._work > self._most_work:
            raise TooDeep(at)


def _branches(text: str) -> int:
    """Return how long chains of `elif` are, those around them counted; raises TooDeep."""
    if text.count("elif") < BRACKETS:
        return 0
    deepest = total = 0
    chains: dict[int, int] = {}
    for line in re.finditer(r"(?:^|(?<=\r))([ \t]*)([^\W\d]\w*)", text, re.M):
        column = len(line[1].expandtabs(8))
        for inner in [one for one in chains if one > column]:
            total -= chains.pop(inner)
        if line[2] == "elif":
            chains[column] = chains.get(column, 0) + 1
            total += 1
            deepest = max(deepest, total)
            if total > LIMIT:
                raise TooDeep(line.start(2))
        elif line[2] != "else":
            total -= chains.pop(column, 0)
    return deepest
