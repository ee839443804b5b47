"""What blocks most modules: `scriptlint modules --statistics`, by rule and by place.

A place counts for every module that compiles it, so that a helper that fifty modules call comes before fifty lines that
one module each has. *Alone* counts the modules that nothing else blocks: mend it, and they compile.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence

import msgspec

from scriptlint.engine.paths import printable, shown
from scriptlint.output.json_format import encode, location
from scriptlint.output.paint import Paint
from scriptlint.output.tally import plural
from scriptlint.output.verdicts import Reason, Verdict

PLACES_SHOWN = 10


class Rank(msgspec.Struct):
    """How many modules something blocks, blocks alone, and blocks under a condition; `reason` is one of its blockers."""

    reason: Reason
    blocked: int = 0
    alone: int = 0
    depends: int = 0


def by_rule(verdicts: Sequence[Verdict]) -> list[Rank]:
    """Return the rules, the one that blocks most modules first."""
    return _ranked(verdicts, lambda reason: (reason.code,))


def by_place(verdicts: Sequence[Verdict]) -> list[Rank]:
    """Return the single places: one rule at one line and column."""
    return _ranked(verdicts, lambda reason: (reason.filename, tuple(reason.location), reason.code))


def _ranked(verdicts: Sequence[Verdict], key_of: Callable[[Reason], Hashable]) -> list[Rank]:
    ranks: dict[Hashable, Rank] = {}
    for verdict in verdicts:
        certain = {key_of(one) for one in verdict.blockers if one.when is None}
        every: dict[Hashable, Reason] = {}
        for reason in verdict.blockers:
            every.setdefault(key_of(reason), reason)
        for key, reason in every.items():
            rank = ranks.setdefault(key, Rank(reason))
            if key in certain:
                rank.blocked += 1
                rank.alone += len(certain) == 1
            else:
                rank.depends += 1
    # Sorting is stable: among equals the one that was met first.
    return sorted(ranks.values(), key=lambda one: (-one.blocked, -one.alone, -one.depends))


def ranking_json(verdicts: Sequence[Verdict], names: Mapping[str, str]) -> str:
    """Both rankings, whole; `names` are those of the rules by code."""
    fates = [one.script_verdict for one in verdicts]
    rules = [
        {"code": one.reason.code, "name": names.get(one.reason.code, ""), **_counts(one)} for one in by_rule(verdicts)
    ]
    places = [
        {
            "code": one.reason.code,
            "name": names.get(one.reason.code, ""),
            "message": one.reason.message,
            "filename": shown(one.reason.filename),
            "location": location(one.reason.location),
            **_counts(one),
        }
        for one in by_place(verdicts)
    ]
    counts = {fate: fates.count(fate) for fate in ("ok", "depends", "blocked", "unknown")}
    return encode({"version": 1, "modules": len(verdicts), "script": counts, "rules": rules, "places": places})


def _counts(rank: Rank) -> dict[str, int]:
    return {"blocked": rank.blocked, "alone": rank.alone, "depends": rank.depends}


def ranking_table(verdicts: Sequence[Verdict], names: Mapping[str, str], paint: Paint) -> Iterator[str]:
    """Both rankings as columns; of the places the first few."""
    rules, places = by_rule(verdicts), by_place(verdicts)
    if not rules:
        yield "Nothing blocks a module."
        return
    yield paint("blocked  alone  depends  rule", "strong")
    for one in rules:
        yield f"{_columns(one)}  {paint(one.reason.code, _style(one))} {names.get(one.reason.code, '')}"
    yield ""
    yield paint("blocked  alone  depends  place", "strong")
    for one in places[:PLACES_SHOWN]:
        reason = one.reason
        place = f"{printable(shown(reason.filename))}:{reason.location.row}:{reason.location.column}"
        yield f"{_columns(one)}  {place}: {paint(reason.code, _style(one))} {printable(reason.message)}"
    if len(places) > PLACES_SHOWN:
        yield paint(f"and {plural(len(places) - PLACES_SHOWN, 'more place')}, all of them in the JSON", "faint")
    yield ""


def _columns(rank: Rank) -> str:
    return f"{rank.blocked:>7}  {rank.alone or '':>5}  {rank.depends or '':>7}"


def _style(rank: Rank) -> str:
    return "error" if rank.blocked else "warning"
