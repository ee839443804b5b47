"""From configurations to one class: which findings all of its objects have, and what tells those with one from the others."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import msgspec
from msgspec import Struct

from scriptlint.diag import Diagnostic, Severity
from scriptlint.evaluate.frames import negate


class Branch(Struct, frozen=True, eq=False):
    """The findings about the object that was made under some conditions."""

    conditions: tuple[str, ...]
    findings: list[Diagnostic]


def merged(branches: Sequence[Branch]) -> list[Diagnostic]:
    """Return the findings of all branches, each once; one that not all have gets the condition under which it holds."""
    if len(branches) == 1:
        return branches[0].findings
    places: dict[object, list[int]] = {}
    findings: dict[object, Diagnostic] = {}
    for index, branch in enumerate(branches):
        for one in branch.findings:
            key: object = (one.code, one.span, one.message, one.when)
            findings.setdefault(key, one)
            at = places.setdefault(key, [])
            if index not in at:
                at.append(index)
    found = []
    for key, one in findings.items():
        if len(places[key]) == len(branches):
            found.append(one)
        else:
            found.append(conditional(one, condition(branches, places[key])))
    return found


def conditional(finding: Diagnostic, when: str) -> Diagnostic:
    """Return a finding that holds under one more condition, and is no error then."""
    severity = finding.severity
    if severity == Severity.ERROR.value:
        severity = Severity.WARNING.value
    whole = when if finding.when is None else f"{when} and {finding.when}"
    return msgspec.structs.replace(finding, when=whole, severity=severity, first=False)


def condition(branches: Sequence[Branch], chosen: Sequence[int]) -> str:
    """Return the shortest condition that holds in the chosen branches and in no other, as far as their paths tell."""
    sets: dict[str, set[int]] = {}
    for index, branch in enumerate(branches):
        for one in branch.conditions:
            sets.setdefault(one, set()).add(index)
    for branch in branches:
        for one in branch.conditions:
            if negate(one) in branch.conditions:  # two variables of one name: a reader cannot tell which is meant
                sets.pop(one, None)
    wanted = set(chosen)
    # A condition that other paths never asked about does not tell them apart, unless it holds in a chosen one.
    own = [one for one in branches[chosen[0]].conditions if sets.get(one, set()) & wanted]
    exact = [one for one in sets if sets[one] == wanted]
    if exact:
        return min(exact, key=len)
    for size in (2, 3):
        pairs = [
            group for group in combinations(own, size) if set.intersection(*(sets[one] for one in group)) == wanted
        ]
        if pairs:
            return " and ".join(min(pairs, key=lambda group: len(" and ".join(group))))
    union = _union(sets, wanted)
    if union is not None:
        return union
    for size in (1, 2, 3):
        for group in combinations(own, size):
            if set.intersection(*(sets[one] for one in group)) <= wanted:
                return " and ".join(group)
    return " and ".join(own) or "some arguments are given"


def _union(sets: dict[str, set[int]], wanted: set[int]) -> str | None:
    """Return two conditions of which one or the other holds exactly in the wanted branches; None if there are none."""
    inside = [one for one in sets if sets[one] <= wanted]
    for first, second in combinations(inside, 2):
        if sets[first] | sets[second] == wanted:
            return f"{first} or {second}"
    return None
