"""Counting: the last line of a run, and `--statistics`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from scriptlint.diag import Diagnostic, Severity
from scriptlint.engine.baseline import Compared
from scriptlint.engine.fixability import Fixability
from scriptlint.engine.outcomes import Outcomes
from scriptlint.output.json_format import encode
from scriptlint.output.paint import Paint
from scriptlint.output.places import Places


def summary(
    findings: Sequence[Diagnostic],
    paint: Paint,
    fixability: Fixability | None = None,
    fixed: int = 0,
    outcomes: Outcomes | None = None,
    has_environment: bool = False,
    places: Places | None = None,
    compared: Compared | None = None,
) -> Iterator[str]:
    """`Found 3 errors and 1 warning in 2 files.`, how many of them can be fixed, and what was judged.

    `fixed` are gone already. All checks have passed only where all that is reached was judged.
    """
    before = f"Fixed {plural(fixed, 'finding')}. " if fixed else ""
    if findings:
        yield from _counted(findings, paint, fixability, before)
    elif compared is not None and compared.known:
        yield before + paint("Nothing new was found.", "good")
    elif outcomes is None or outcomes.is_complete:
        yield before + paint("All checks passed!", "good")
    else:
        yield f"{before}Nothing was found, but not all could be judged."
    if compared is not None:
        yield from _known(compared)
    if outcomes is not None:
        yield from _judged(outcomes, has_environment, places)


def _known(compared: Compared) -> Iterator[str]:
    known = len(compared.known)
    if known:
        yield f"{plural(known, 'finding')} {'is' if known == 1 else 'are'} known from the baseline and not shown."
    if compared.stale:
        entries = "1 entry" if compared.stale == 1 else f"{compared.stale} entries"
        yield f"{entries} of the baseline found less than before; `scriptlint baseline --prune` takes that over."


def _counted(findings: Sequence[Diagnostic], paint: Paint, fixability: Fixability | None, before: str) -> Iterator[str]:
    counts = [(sum(one.severity == level.value for one in findings), level.value) for level in Severity]
    parts = [plural(count, word) for count, word in counts if count]
    said = " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))
    yield f"{before}Found {said} in {plural(len({one.span.path for one in findings}), 'file')}."
    if fixability is None:
        return
    fixable = sum(map(fixability.applies, findings))
    hidden = sum(map(fixability.hidden, findings))
    mark = paint("[*]", "good")
    if fixable:
        more = f" ({hidden} more with `--unsafe-fixes`)" if hidden else ""
        yield f"{mark} {fixable} fixable with `--fix`{more}."
    elif hidden:
        yield f"{hidden} fixable with `--fix --unsafe-fixes`."


_ORDER = ("ok", "faithful", "blocked", "refused", "erases", "depends", "unknown")
_NAMED = 5  # packages that are named in a sentence


def _judged(outcomes: Outcomes, has_environment: bool, places: Places | None) -> Iterator[str]:
    """Say what was judged, and what was not and why."""
    parts = []
    for target, counts in sorted(outcomes.verdicts.items()):
        known = ", ".join(f"{counts[verdict]} {verdict}" for verdict in _ORDER if verdict in counts)
        parts.append(f"{plural(sum(counts.values()), 'object')} for {target} ({known})")
    if parts:
        hint = "; `scriptlint modules --reasons` says why" if not outcomes.is_complete and not outcomes.untold else ""
        yield f"Judged {' and '.join(parts)}{hint}."
    if outcomes.unreached:
        verb = "is" if outcomes.unreached == 1 else "are"
        yield (
            f"{plural(outcomes.unreached, 'module')} {verb} reached by nothing that is scripted or traced; "
            "`--unreached` judges them too."
        )
    if outcomes.untold and places is not None:
        verb = "compiles" if len(outcomes.untold) == 1 else "compile"
        yield (
            f"{plural(len(outcomes.untold), 'call')} of torch.jit {verb} something that could not be told: "
            f"{_listed([places.text(one) for one in outcomes.untold], 3)}."
        )
    if outcomes.missing and outcomes.verdicts:
        names = _listed(outcomes.missing, _NAMED)
        hint = "" if has_environment else " (name their environment with `--python`)"
        verb = "was" if len(outcomes.missing) == 1 else "were"
        yield f"{plural(len(outcomes.missing), 'package')} {verb} not found: {names}{hint}."


def _listed(names: Sequence[str], most: int) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def statistics(findings: Iterable[Diagnostic]) -> list[dict[str, object]]:
    """Return how often each rule was found, how severe at worst, and in how many files; the most frequent first."""
    found: dict[str, list[Diagnostic]] = {}
    for one in findings:
        found.setdefault(one.code, []).append(one)
    ordered = sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
    levels = [level.value for level in Severity]
    return [
        {
            "code": code,
            "name": of_rule[0].name,
            "severity": min((one.severity for one in of_rule), key=levels.index),
            "count": len(of_rule),
            "files": len({one.span.path for one in of_rule}),
        }
        for code, of_rule in ordered
    ]


def statistics_json(findings: Iterable[Diagnostic]) -> str:
    """Return the statistics as JSON."""
    return encode(statistics(findings))


def statistics_table(findings: Iterable[Diagnostic], paint: Paint) -> Iterator[str]:
    """Yield the statistics as aligned columns."""
    lines = statistics(findings)
    wide = max((len(str(line["count"])) for line in lines), default=0)
    long = max((len(str(line["name"])) for line in lines), default=0)
    for line in lines:
        code = paint(str(line["code"]), str(line["severity"]))
        files = line["files"]
        yield f"{line['count']:>{wide}}  {code}  {line['name']:<{long}}  in {plural(int(str(files)), 'file')}"


def plural(count: int, word: str) -> str:
    """`1 file`, `2 files`."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
