"""`--fix --confirm`: of the fixes only those are kept that the real compiler accepts, and that change no value.

The files that are asked for are built, compiled and run as they are, and in a copy of their folder as the fixes leave them:
links to what stays, so that nothing is written where the code lies. A definition keeps its fixes if the compiler met it in an
object that it then compiled, and that gives the same as before.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from scriptlint.cli.options import Trouble, complain

if TYPE_CHECKING:
    from scriptlint.cli.repairs import Outcome
    from scriptlint.confirm.plan import Job
    from scriptlint.confirm.report import Report
    from scriptlint.engine.fixing import Place
    from scriptlint.engine.settings import Finder

Repaired = Callable[["frozenset[Place] | None"], "Outcome"]
_ROUNDS = 4
_NAMED = 10  # objects that are said to keep fixes out
_FILES = 20_000  # that are linked for a copy
_LINKED = frozenset({"node_modules", "venv", "env"})  # with hidden folders: linked as a whole


def proven(files: Sequence[str], settings: Finder, repaired: Repaired, jobs: int) -> Outcome:
    """Return a repair of which torch accepts everything; `repaired` makes one, of some definitions only if it is given them."""
    from scriptlint.output.tally import plural

    outcome = repaired(None)
    offered = len(outcome.fixed)
    reasons: dict[str, str] = {}
    if offered:
        before = _asked(files, settings, jobs)
        base = _base(files)
        for _ in range(_ROUNDS):
            with _copied(base, outcome.changed) as copy:
                after = _asked([copy + one[len(base) :] for one in files], settings, jobs)
                good = _accepted(before, after, outcome, partial(_back, copy=copy, base=base), reasons)
            if all(places <= good for places in outcome.repair.places):
                break
            outcome = repaired(good)
        else:
            outcome = repaired(frozenset())
    kept = len(outcome.fixed)
    complain(f"torch accepts the fixes of {kept} of {plural(offered, 'finding')}, with the same values as before")
    if kept < offered:
        complain(
            f"{offered - kept} left out: no object that could be built and run shows what they do, or one of these does"
        )
        for target, reason in list(reasons.items())[:_NAMED]:
            complain(f"  {target}: {reason}")
    return outcome


def _asked(files: Sequence[str], settings: Finder, jobs: int) -> Report:
    from scriptlint.confirm.nursery import CannotRun
    from scriptlint.confirm.options import Options
    from scriptlint.confirm.run import confirm
    from scriptlint.output.progress import Progress

    progress = Progress(sys.stderr)
    try:
        return confirm(files, settings, Options(cache=False, jobs=jobs, guess=True, first=True, values=True), progress)
    except CannotRun as error:
        raise Trouble(str(error)) from None
    finally:
        progress.clear()


def _accepted(
    before: Report, after: Report, outcome: Outcome, back: Callable[[str], str], reasons: dict[str, str]
) -> frozenset[Place]:
    """Return the definitions of which everything that shows them is compiled, and gives what it gave."""
    known = {(one.job.filename, _object(one.job)): one for one in before.outcomes}
    touched: frozenset[Place] = frozenset().union(*outcome.repair.places)
    good: set[Place] = set()
    bad: set[Place] = set()
    for one in after.outcomes:
        other = known.get((back(one.job.filename), _object(one.job)))
        answer = {} if other is None else other.answer
        places = set(_met(one.answer, outcome, back))
        was, now = answer.get("values"), one.answer.get("values")
        refusal = _refusal(one.answer)
        compiled = one.answer.get("run") or {}
        if refusal is not None:
            reason = f"torch refuses it: {refusal}"
            is_worse = bool(answer) and _refusal(answer) is None
        elif was is None or now is None:
            reason, is_worse = "it was not run, or raises", False
        elif was != now:
            reason, is_worse = "it gives other values", True
        elif compiled.get("scripted") or compiled.get("differs"):
            reason, is_worse = "what is compiled gives other values", False
        else:
            good |= places
            continue
        bad |= places if is_worse else set()
        if places & touched:
            reasons[_object(one.job) if other is None else other.job.target] = reason
    return frozenset((good - bad) | {(path, "") for path, _ in good})


def _object(job: Job) -> str:
    """Return what a job is about, without the name of its file."""
    return job.target.partition("::")[2] or job.target.rpartition(":")[2]


def _refusal(answer: dict[str, Any]) -> str | None:
    """Return why torch does not compile an object, None where it does."""
    rounds = answer.get("rounds")
    if not rounds:
        return "it was not built"
    refusal = rounds[0].get("refusal")
    if refusal is not None:
        return next(iter(str(refusal["message"]).strip().splitlines()), "")[:100]
    crash: str | None = rounds[0].get("crash")
    return crash


def _met(answer: dict[str, Any], outcome: Outcome, back: Callable[[str], str]) -> Iterator[Place]:
    """Yield the definitions in which the compiler met a function."""
    from scriptlint.engine.fixing import definition_at
    from scriptlint.text.source import decode

    texts: dict[str, str] = {}
    for unit in (answer.get("rounds") or [{}])[0].get("units", ()):
        path = back(unit["file"])
        content = outcome.changed.get(path, outcome.originals.get(path))
        if content is None:
            continue
        if path not in texts:
            texts[path] = decode(content)
        lines = texts[path].splitlines(keepends=True)[: unit["row"]]
        yield path, definition_at(texts[path], max(0, len("".join(lines)) - 1))


def _base(files: Sequence[str]) -> str:
    """Return the folder that holds some files with the packages that they are in."""
    folders = []
    for one in files:
        folder = os.path.dirname(one)
        while os.path.isfile(os.path.join(folder, "__init__.py")):
            folder = os.path.dirname(folder)
        folders.append(folder)
    return os.path.commonpath(folders)


def _back(path: str, copy: str, base: str) -> str:
    return base + path[len(copy) :] if path.startswith(copy) else path


@contextmanager
def _copied(base: str, changed: dict[str, bytes]) -> Iterator[str]:
    """A folder with links to the files of another, but for those that changed; raises Trouble where there are too many."""
    count = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = os.path.join(os.path.realpath(folder), os.path.basename(base) or "root")
        for place, folders, files in os.walk(base):
            there = copy + place[len(base) :]
            os.makedirs(there)
            whole = [one for one in folders if one.startswith(".") or one in _LINKED]
            folders[:] = [one for one in folders if one not in whole and one != "__pycache__"]
            count += len(files)
            if count > _FILES:
                raise Trouble(f"--confirm: {base} has more than {_FILES:,} files; name files of one project")
            for name in [*files, *whole]:
                path = os.path.join(place, name)
                if path in changed:
                    with open(os.path.join(there, name), "wb") as file:
                        file.write(changed[path])
                else:
                    os.symlink(path, os.path.join(there, name))
        yield copy
