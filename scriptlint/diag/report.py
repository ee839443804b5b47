"""The one door. Every finding of every layer leaves through `Report.report(RULE, span, **facts)`."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from scriptlint.diag.diagnostic import Diagnostic, Label, Span, Step
from scriptlint.diag.rule import Fixable, Rule, Severity
from scriptlint.text.edit import Fix


class Report:
    """Collects findings. One report belongs to one analysis; the engine settles what becomes of them."""

    def __init__(self) -> None:
        self.diagnostics: list[Diagnostic] = []

    def report(
        self,
        rule: Rule,
        span: Span,
        *,
        labels: Sequence[Label] = (),
        trail: Sequence[Step] = (),
        when: str | None = None,
        severity: Severity | None = None,
        fix: Fix | None = None,
        **facts: object,
    ) -> None:
        """Say that `rule` holds at `span`.

        `facts` must be exactly those that the rule's sentences name; anything else is a TypeError, so that a test finds
        it. `when` is the condition under which the finding holds: a refusal under a condition is a warning, because
        the object can be built so that it compiles. `severity` overrides the rule's where the intent of the code decides
        it (an erasure by trace is a warning in a class that nobody traces). `fix` repairs it; the rule must be fixable.
        """
        if facts.keys() != rule.facts:
            raise TypeError(f"{rule.code} {rule.name} takes the facts {sorted(rule.facts)}, given {sorted(facts)}")
        if fix is not None and rule.fixable is Fixable.NEVER:
            raise TypeError(f"{rule.code} {rule.name} is never fixable, and is given a fix")
        level = severity or rule.severity
        if when is not None and level is Severity.ERROR:
            level = Severity.WARNING
        self.diagnostics.append(
            Diagnostic(
                code=rule.code,
                name=rule.name,
                severity=level.value,
                target=rule.target.value,
                message=rule.message.format(**facts),
                help=rule.help.format(**facts),
                span=span,
                labels=tuple(labels),
                trail=tuple(trail),
                when=when,
                fix=fix,
            )
        )

    def add(self, diagnostic: Diagnostic, *, trail: Sequence[Step] = (), when: str | None = None) -> None:
        """Pass on a finding of a unit that was judged by itself.

        `trail` leads from here to that unit; `when` is the condition under which it is reached at all.
        """
        condition = (
            diagnostic.when if when is None else when if diagnostic.when is None else f"{when} and {diagnostic.when}"
        )
        severity = diagnostic.severity
        if when is not None and severity == Severity.ERROR.value:
            severity = Severity.WARNING.value
        self.diagnostics.append(
            msgspec.structs.replace(diagnostic, trail=(*trail, *diagnostic.trail), when=condition, severity=severity)
        )
