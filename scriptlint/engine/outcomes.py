"""From findings to verdicts, and the count of verdicts that closes a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from scriptlint.diag import Diagnostic, Severity, Span
from scriptlint.engine.registry import all_rules
from scriptlint.trace.frozen import UNREGISTERED

# Rules about what is no part of the state of a trace, though it gives the same as the model for every input.
_SAME_RESULT = frozenset({UNREGISTERED.code})


def script_verdict(findings: Iterable[Diagnostic], unseen: Sequence[str], *, is_refused: bool = False) -> str:
    """Return `ok`, `blocked`, `depends` or `unknown`.

    `findings` are those of the compiler, `unseen` is what it would look at and could not be seen here, `is_refused` says
    that every configuration is refused, each perhaps for another cause.
    """
    rules = all_rules()
    blockers = [one for one in findings if rules[one.code].severity is Severity.ERROR]
    if is_refused or any(one.when is None for one in blockers):
        return "blocked"
    return "depends" if blockers else "unknown" if unseen else "ok"


def trace_verdict(findings: Iterable[Diagnostic], unseen: Sequence[str], *, is_refused: bool = False) -> str:
    """Return `faithful`, `refused`, `erases`, `depends` or `unknown`; `unseen` is what a trace runs and was not seen."""
    rules = all_rules()
    hazards = [one for one in findings if one.severity != Severity.NOTE.value and one.code not in _SAME_RESULT]
    sure = [one for one in hazards if one.when is None]
    if is_refused or any(rules[one.code].severity is Severity.ERROR for one in sure):
        return "refused"
    return "erases" if sure else "depends" if hazards else "unknown" if unseen else "faithful"


GOOD = frozenset({"ok", "faithful"})


class Outcomes(msgspec.Struct):
    """What a run has judged and what it has not.

    `verdicts` count the modules and functions that were judged, by target and verdict; `unreached` are classes that no
    root reaches and that were not judged therefore; `unseen` are the first reasons
    of those whose verdict is unknown; `untold` are the calls that compile what could not be told; `missing` are
    the packages whose imports were not found.
    """

    verdicts: dict[str, dict[str, int]] = {}
    unreached: int = 0
    unseen: dict[str, int] = {}
    untold: list[Span] = []
    missing: list[str] = []

    @property
    def is_complete(self) -> bool:
        """Whether all that is reached was judged."""
        return not self.untold and not any("unknown" in counts for counts in self.verdicts.values())

    @property
    def is_good(self) -> bool:
        """Whether all that is reached was judged, and is `ok` or `faithful`."""
        return not self.untold and all(set(counts) <= GOOD for counts in self.verdicts.values())

    def add(self, other: Outcomes) -> None:
        """Add those of another group of files."""
        for target, counts in other.verdicts.items():
            self.verdicts[target] = dict(Counter(self.verdicts.get(target, {})) + Counter(counts))
        self.unreached += other.unreached
        self.unseen = dict(Counter(self.unseen) + Counter(other.unseen))
        self.untold = sorted({*self.untold, *other.untold})
        self.missing = sorted({*self.missing, *other.missing})
