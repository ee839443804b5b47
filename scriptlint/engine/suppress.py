"""Comments that suppress findings, and those among them that do nothing.

`# scriptlint: ignore[CODE, name] -- reason` behind code covers findings that start on its line; on a line of its own it
covers the next statement (with its decorators, without its block). `# scriptlint: off[...]` covers everything from its line
to that of `# scriptlint: on[...]` with the same name, to `# scriptlint: on`, or to the end of the file, and
`# scriptlint: file-ignore[...]` the whole file.
Without brackets they cover every rule. `# noqa: SL101` covers its line for the tools that know nothing else; a bare
`# noqa` does too.
"""

from __future__ import annotations

import re
import sys
import tokenize
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from itertools import chain

from scriptlint.diag import Diagnostic, Report, Span
from scriptlint.engine.rules import MALFORMED_SUPPRESSION, UNKNOWN_SUPPRESSION, UNUSED_SUPPRESSION
from scriptlint.engine.selectors import is_code, matching, nearest
from scriptlint.engine.unused import without
from scriptlint.syntax.trivia import Comment
from scriptlint.text import SourceFile

_OWN = re.compile(r"#\s*scriptlint\s*:\s*(?P<directive>[^#]*)")
_DIRECTIVE = re.compile(r"(?P<verb>file-ignore|ignore|off|on)\s*(?:\[(?P<names>[^\]]*)\]\s*)?(?:--.*)?$", re.DOTALL)
_NOQA = re.compile(r"#\s*noqa(?:(?P<codes>\s*:\s*[A-Z]+[0-9]+(?:[\s,]+[A-Z]+[0-9]+)*)\b|(?!\s*:|\w))", re.IGNORECASE)
_ALL = frozenset[str]()  # stands for every rule
_WHOLE_FILE = (0, 0)  # instead of rows, which count from 1
_ABOUT_COMMENTS = frozenset({UNUSED_SUPPRESSION.code, UNKNOWN_SUPPRESSION.code, MALFORMED_SUPPRESSION.code})


class Scope(Enum):
    """What a suppression covers."""

    ROWS = "rows"
    BLOCK = "block"
    FILE = "file"


class Suppression:
    """One directive: the rows it covers (`first` to `last`), the codes by the names that were written, None for all."""

    def __init__(
        self, span: Span, scope: Scope, first: int, last: int, codes: dict[str, frozenset[str]] | None
    ) -> None:
        self.span = span
        self.scope = scope
        self.first = first
        self.last = last
        self.codes = codes
        self.is_noqa = False
        self.used: set[str] = set()

    def covers(self, code: str) -> bool:
        """Return True if it suppresses this rule in what it covers; remembers that it did."""
        if self.codes is None:
            if code in _ABOUT_COMMENTS and self.scope is not Scope.FILE:
                return False  # or a bare comment that does nothing would suppress the finding that says so
            self.used.add("")
            return True
        names = [name for name, codes in self.codes.items() if code in codes]
        self.used.update(names)
        return bool(names)

    def unused(self, judged: frozenset[str] | None) -> list[str]:
        """Return the names that suppressed nothing, of those whose rules were judged in this run (None: all); [""] if bare."""
        if self.codes is None:
            return [""] if not self.used and judged is None and not self.is_noqa else []
        return [
            name
            for name, codes in self.codes.items()
            if name not in self.used and not codes & _ABOUT_COMMENTS and (judged is None or codes & judged)
        ]


class Blocks:
    """The suppressions from `off` to `on`; comments are given in the order of the file."""

    def __init__(self) -> None:
        self._open: dict[frozenset[str], Suppression] = {}
        self._by_rules: dict[frozenset[str], list[Suppression]] = {}

    def begin(self, span: Span, row: int, codes: dict[str, frozenset[str]] | None) -> Iterator[Suppression]:
        """Begin a block for each name, or for all rules; within a block of the same rules it covers nothing more."""
        for name, rules in {"": _ALL}.items() if codes is None else codes.items():
            one = Suppression(span, Scope.BLOCK, row, sys.maxsize, None if codes is None else {name: rules})
            if rules in self._open:
                one.last = row - 1
            else:
                self._open[rules] = one
                self._by_rules.setdefault(rules, []).append(one)
            yield one

    def end(self, row: int, codes: dict[str, frozenset[str]] | None) -> bool:
        """End the blocks of these names, or all; return False where there is none to end."""
        wanted = list(self._open if codes is None else codes.values())
        ended = [one for rules in wanted if (one := self._open.pop(rules, None)) is not None]
        for one in ended:
            one.last = row
        return bool(ended)

    def at(self, row: int) -> Iterator[Suppression]:
        """Yield the blocks that hold a row: of the same rules there is one at most."""
        for blocks in self._by_rules.values():
            at = bisect_right(blocks, row, key=lambda one: one.first) - 1
            if at >= 0 and blocks[at].last >= row:
                yield blocks[at]


class Suppressions:
    """The suppressions of one file."""

    def __init__(self, source: SourceFile, comments: Iterable[Comment], path: str) -> None:
        """`path` is the one that findings of this file carry."""
        self._source = source
        self._problems = Report()
        self._statements = Statements(source)
        self._blocks = Blocks()
        self._found = [one for comment in comments for one in self._read(comment, path)]
        self._groups: dict[tuple[int, int], list[Suppression]] = {}
        for one in self._found:
            if one.scope is Scope.BLOCK:
                continue
            self._groups.setdefault((one.first, one.last), []).append(one)
        self._by_row: dict[int, list[tuple[int, int]]] = {}
        for first, last in self._groups:
            for row in range(first, last + 1):
                self._by_row.setdefault(row, []).append((first, last))
        self._covered: dict[tuple[int, int, str], bool] = {}

    def __bool__(self) -> bool:
        return bool(self._found or self._problems.diagnostics)

    def covers(self, finding: Diagnostic) -> bool:
        """Return True if a comment suppresses this finding."""
        row = self._source.location(finding.span.start).row
        covered = [self._covers(rows, finding.code) for rows in (_WHOLE_FILE, *self._by_row.get(row, ()))]
        return any([*covered, *(block.covers(finding.code) for block in self._blocks.at(row))])

    def _covers(self, rows: tuple[int, int], code: str) -> bool:
        """Return True if a comment for just these rows suppresses a rule; each one that does has been of use."""
        key = (*rows, code)
        if key not in self._covered:
            covering = [one for one in self._groups.get(rows, ()) if one.covers(code)]
            self._covered[key] = bool(covering)
        return self._covered[key]

    def findings(self, judged: frozenset[str] | None) -> list[Diagnostic]:
        """Return what is wrong with the comments themselves, once everything that may be suppressed has been offered.

        `judged` are the codes of rules that could have been found in this run, None for all: a suppression of another
        rule is not called unused.
        """
        report = Report()
        report.diagnostics.extend(self._problems.diagnostics)
        for one in self._found:
            unused = one.unused(judged)
            if unused:
                names = (
                    ", ".join(f"`{name}`" for name in unused)
                    if unused != [""]
                    else "it covers every rule, and none is found"
                )
                fix = None if one.scope is Scope.BLOCK else without(self._source, one.span, unused)
                report.report(UNUSED_SUPPRESSION, one.span, unused=names, fix=fix)
        return [finding for finding in report.diagnostics if not self.covers(finding)]

    def _read(self, comment: Comment, path: str) -> Iterator[Suppression]:
        for match in _OWN.finditer(comment.text):
            span = Span(path, comment.start + match.start(), comment.start + len(match[0].rstrip()) + match.start())
            directive = _DIRECTIVE.match(match["directive"].strip())
            if directive is None:
                self._problems.report(MALFORMED_SUPPRESSION, span, comment=match[0].strip())
                continue
            codes = None if directive["names"] is None else self._codes(directive["names"].split(","), span)
            if directive["verb"] in ("off", "on"):
                row = self._source.location(comment.start).row
                if directive["verb"] == "off":
                    yield from self._blocks.begin(span, row, codes)
                elif not self._blocks.end(row, codes):
                    self._problems.report(MALFORMED_SUPPRESSION, span, comment=match[0].strip())
                continue
            if directive["verb"] == "file-ignore":
                yield Suppression(span, Scope.FILE, *_WHOLE_FILE, codes)
            else:
                yield Suppression(span, Scope.ROWS, *self._rows(comment.start), codes)
        for match in _NOQA.finditer(comment.text):
            span = Span(path, comment.start + match.start(), comment.start + match.end())
            named = re.findall(r"[A-Z]+[0-9]+", (match["codes"] or "").upper())
            own = [code for code in named if is_code(code)]
            if named and not own:
                continue
            row = self._source.location(comment.start).row
            suppression = Suppression(span, Scope.ROWS, row, row, self._codes(own, span) if own else None)
            suppression.is_noqa = True
            yield suppression

    def _codes(self, names: Sequence[str], span: Span) -> dict[str, frozenset[str]]:
        codes = {}
        for name in filter(None, (name.strip() for name in names)):
            if known := matching(name):
                codes[name] = known
            else:
                self._problems.report(UNKNOWN_SUPPRESSION, span, unknown=name, nearest=nearest(name))
        return codes

    def _rows(self, start: int) -> tuple[int, int]:
        """Return the rows that a comment at this offset covers."""
        row, column, _ = self._source.location(start)
        if self._source.line(row)[: column - 1].strip():
            return row, row
        return self._statements.at(row + 1)


class Statements:
    """The rows of the logical lines of a file, each found once however many comments stand above it."""

    def __init__(self, source: SourceFile) -> None:
        self._source = source
        self._next: dict[int, int] = {}
        self._rows: dict[int, tuple[int, int]] = {}

    def at(self, row: int) -> tuple[int, int]:
        """Return the rows of the first logical line at or below `row`; decorators count to what they decorate."""
        first = self._code(row)
        if first not in self._rows:
            self._rows[first] = first, self._last(first)
        return self._rows[first]

    def _code(self, row: int) -> int:
        """Return the first row at or below `row` that is neither blank nor a comment."""
        passed = []
        rows = len(self._source.line_starts)
        while row <= rows and row not in self._next:
            line = self._source.line(row).lstrip()
            if line and not line.startswith("#"):
                break
            passed.append(row)
            row += 1
        found = self._next.get(row, row)
        self._next.update(dict.fromkeys(passed, found))
        return found

    def _last(self, row: int) -> int:
        last = _end_of_logical_line(self._source, row)
        while self._source.line(row).lstrip().startswith("@") and last < len(self._source.line_starts):
            row = self._code(last + 1)
            last = max(last, _end_of_logical_line(self._source, row))
        return last


def _end_of_logical_line(source: SourceFile, row: int) -> int:
    if row > len(source.line_starts):
        return row
    following = (source.line(at) + "\n" for at in range(row, len(source.line_starts) + 1))
    lines = chain((next(following).lstrip(" \t\f"),), following)
    try:
        for token in tokenize.generate_tokens(lambda: next(lines, "")):
            if token.type == tokenize.NEWLINE:
                return row + token.start[0] - 1
    except (tokenize.TokenError, SyntaxError):
        pass  # the comment stands in the middle of an expression: its next line is all that can be meant
    return row


def needs_registry(comments: Iterable[Comment]) -> bool:
    """Return True if any of these comments could be a suppression: a cheap question, asked before anything is built."""
    return any(map(may_suppress, comments))


def may_suppress(comment: Comment) -> bool:
    """Return True if a comment could be a suppression."""
    return "scriptlint" in comment.text or "noqa" in comment.text.lower()
