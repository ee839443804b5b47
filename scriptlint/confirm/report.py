"""What became of a whole run: outcomes, and findings merged over all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import msgspec

from scriptlint.confirm.verdict import CONFIRMED, NOT_REACHED, REFUTED, Outcome
from scriptlint.diag import Confirmation, Diagnostic, Severity
from scriptlint.engine.rules import FAILURES
from scriptlint.text import SourceFile

_RANK = {CONFIRMED: 0, REFUTED: 1, NOT_REACHED: 2}


@dataclass
class Report:
    """What became of everything: `findings` are merged over all objects, settled, and ready to be printed."""

    outcomes: list[Outcome] = field(default_factory=list)
    findings: list[Diagnostic] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    torch: str = ""
    seconds: float = 0.0
    texts: dict[str, Callable[[str], SourceFile]] = field(default_factory=dict)
    reports: list[str] = field(default_factory=list)

    def source(self, path: str) -> SourceFile:
        """Return the text of a file in which something was found; as it was read, though it may have changed since."""
        reader = self.texts.get(path) or next(iter(self.texts.values()))
        return reader(path)

    @property
    def disagreements(self) -> list[tuple[Outcome, str]]:
        """Where scriptlint and torch say different things."""
        kept = {(one.code, one.span) for one in self.findings}
        return [
            (outcome, said)
            for outcome in self.outcomes
            for said in outcome.disagreements
            if "is refuted" not in said or any((one.code, one.span) in kept for one in refuted(outcome.findings))
        ]

    @property
    def failed(self) -> bool:
        """Whether the tool could not do all of its work."""
        return bool(self.problems) or any(one.code in FAILURES for one in self.findings)

    @property
    def found(self) -> bool:
        """Whether there are findings that count."""
        return any(one.severity != Severity.NOTE.value and verdict_of(one) != REFUTED for one in self.findings)


def verdict_of(finding: Diagnostic) -> str:
    """Return the verdict on a finding; empty where torch was not asked."""
    return finding.confirmation.verdict if finding.confirmation is not None else ""


def refuted(findings: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return the findings that torch refutes."""
    return [one for one in findings if verdict_of(one) == REFUTED]


def merged(findings: Iterable[Diagnostic]) -> list[Diagnostic]:
    """One finding per rule and place, with the strongest verdict that any object gave it."""
    best: dict[tuple[str, object], Diagnostic] = {}
    for one in findings:
        key = (one.code, one.span)
        known = best.get(key)
        if known is None or _RANK.get(verdict_of(one), 3) < _RANK.get(verdict_of(known), 3):
            best[key] = one
    return list(best.values())


def annotated(findings: Iterable[Diagnostic], report: Report) -> list[Diagnostic]:
    """Findings of a check with what torch says of them, and what else it says, in their order."""
    asked = {(one.code, one.span): one for one in report.findings}
    nobody = Confirmation(NOT_REACHED, "nothing that was built leads here")
    known = []
    for one in findings:
        # What was found in a package stands where the project calls it, and names the place in a label.
        places = (one.span, *(label.span for label in one.labels))
        answer = next((asked.pop((one.code, place)) for place in places if (one.code, place) in asked), None)
        confirmation = answer.confirmation if answer is not None else None
        known.append(msgspec.structs.replace(one, confirmation=confirmation or nobody))
    new = [one for one in asked.values() if verdict_of(one) == CONFIRMED]
    return sorted([*known, *new], key=lambda one: (one.span, one.code))
