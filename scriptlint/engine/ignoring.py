"""`--add-ignore`: a suppression comment for everything that is found."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterable

from scriptlint.diag import Diagnostic
from scriptlint.engine.rules import FAILURES
from scriptlint.text import Edit, SourceFile

_EXISTING = re.compile(r"#\s*scriptlint\s*:\s*ignore\s*\[(?P<names>[^\]]*)\]")


def comments(source: SourceFile, findings: Iterable[Diagnostic], reason: str) -> list[Edit]:
    """Return the edits that suppress these findings of one file: a comment behind each line, or above its statement."""
    by_row: dict[int, set[str]] = {}
    for one in findings:
        if one.code not in FAILURES:
            by_row.setdefault(source.location(one.span.start).row, set()).add(one.code)
    closed = _Rows(source)
    above: dict[int, set[str]] = {}
    edits: list[Edit] = []
    for row, codes in sorted(by_row.items()):
        line = source.line(row)
        existing = list(_EXISTING.finditer(line))
        if row in closed.inside:
            above.setdefault(closed.first[row], set()).update(codes)
        elif existing:
            at = source.line_starts[row - 1] + existing[-1].end("names")
            named = {one.strip() for one in existing[-1]["names"].split(",")}
            new = sorted(codes - named)
            edits.append(Edit(at, at, "".join(f", {code}" for code in new) if named - {""} else ", ".join(new)))
        else:
            at = source.line_starts[row - 1] + len(line.rstrip())
            edits.append(Edit(at, at, f"  {_comment(codes, reason)}"))
    for row, codes in above.items():
        line = source.line(row)
        blanks = line[: len(line) - len(line.lstrip())]
        at = source.line_starts[row - 1] + len(blanks)
        edits.append(Edit(at, at, f"{_comment(codes, reason)}\n{blanks}"))
    return edits


def _comment(codes: Iterable[str], reason: str) -> str:
    return f"# scriptlint: ignore[{', '.join(sorted(codes))}]" + (f" -- {reason}" if reason else "")


class _Rows:
    """The rows at whose end no comment can stand (`inside`), and the first row of the statement of each."""

    def __init__(self, source: SourceFile) -> None:
        self.inside: set[int] = set()
        self.first: dict[int, int] = {}
        start = 1
        begun = False
        text = io.StringIO(source.text, newline=None)
        for token in tokenize.generate_tokens(text.readline):
            skipped = (tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT)
            if not begun and token.type not in skipped:
                start, begun = token.start[0], True
            if token.end[0] > token.start[0]:
                self.inside.update(range(token.start[0], token.end[0]))
            if token.type == tokenize.NEWLINE:
                self.first.update(dict.fromkeys(range(start, token.start[0] + 1), start))
                begun = False
        self.inside |= {row for row in self.first if source.line(row).endswith("\\")}
        self.inside -= {row for row in self.inside if row not in self.first}
