"""The function under judgement, as the checks of form see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from scriptlint.diag import Report, Rule, Span
from scriptlint.syntax import nodes as n
from scriptlint.text.source import SourceFile

Resolve = Callable[[n.Expr], "str | None"]


@dataclass(frozen=True)
class Form:
    """One compiled function, the text it stands in and the door through which its findings leave.

    `resolve` gives the canonical dotted name that a name or attribute stands for at module level, None where it is a
    local or not known.
    """

    function: n.FunctionDef
    source: SourceFile
    report: Report
    method: bool
    resolve: Resolve

    def say(self, rule: Rule, start: int, end: int, **facts: Any) -> None:
        """Reports `rule` at a range of the file."""
        self.report.report(rule, Span(self.source.path, start, end), **facts)

    def text(self, node: n.Node, limit: int = 40) -> str:
        """The source of a node on one line, cut where it is long: for the facts of a message."""
        text = " ".join(self.source.text[node.start : node.end].split())
        text = text if len(text) <= limit else f"{text[: limit - 3]}..."
        return text.replace("`", "'")
