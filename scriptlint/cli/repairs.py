"""`check --fix` and `--diff`: what the fixes make of the files, written, printed, or shown as a diff."""

from __future__ import annotations

import contextlib
import difflib
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scriptlint.cli.options import complain

if TYPE_CHECKING:
    from scriptlint.diag import Diagnostic
    from scriptlint.engine.discover import Discovered
    from scriptlint.engine.fixability import Fixability
    from scriptlint.engine.fixing import Choose, Place, Repair
    from scriptlint.engine.lint import Linted


_LINE = re.compile(r"[^\n]*\n|[^\n]+")  # `splitlines` also splits at what stands within lines


@dataclass
class Outcome:
    """A repair, the contents before it, and one sentence for each file that could not be written.

    `unwritten` are these files.
    """

    repair: Repair
    originals: Mapping[str, bytes]
    problems: list[str]
    unwritten: set[str] = field(default_factory=set)

    @property
    def fixed(self) -> list[Diagnostic]:
        """The findings whose fixes are in the files."""
        return [one for one in self.repair.fixed if one.fix is not None and one.fix.path not in self.unwritten]

    @property
    def changed(self) -> dict[str, bytes]:
        return {path: made for path, made in self.repair.contents.items() if made != self.originals[path]}


def repaired(
    found: Discovered,
    stdin: tuple[str, bytes] | None,
    lint: Callable[[Mapping[str, bytes]], Linted],
    fixability: Fixability,
    choose: Choose | None = None,
    within: frozenset[Place] | None = None,
) -> Outcome:
    """Repair the files that were asked for, in memory; `choose` is asked which fixes are applied.

    With `within` only these definitions are repaired.
    """
    from scriptlint.engine.fixing import repair

    given = {} if stdin is None else {stdin[0]: stdin[1]}
    originals = read(found, given)
    done = repair(lambda overlay: lint({**given, **overlay}), originals, fixability.applies, choose, within)
    return Outcome(done, originals, [])


def read(found: Discovered, given: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the contents of the files that were asked for; `given` has those that are not read from disk."""
    from scriptlint.text.reading import read as read_file

    contents = dict(given)
    for path in found.files:
        if path not in given:
            with contextlib.suppress(OSError):  # the lint says so
                contents[path] = read_file(path)
    return contents


def write(outcome: Outcome) -> None:
    """Write the files that changed."""
    from scriptlint.engine.paths import printable, shown
    from scriptlint.engine.writing import ChangedMeanwhile
    from scriptlint.engine.writing import write as write_file

    for path, made in outcome.changed.items():
        name = printable(shown(path))
        try:
            write_file(path, outcome.originals[path], made)
        except ChangedMeanwhile:
            outcome.unwritten.add(path)
            outcome.problems.append(f"{name}: the file was changed meanwhile, so it is left as it is")
        except OSError as error:
            outcome.unwritten.add(path)
            reason = (error.strerror or str(error)).lower()
            outcome.problems.append(f"{name}: the fixes could not be written: {reason}")


def diff(outcome: Outcome) -> Iterator[str]:
    """Yield the changes as one unified diff, line by line with their ends."""
    for path, made in sorted(outcome.changed.items()):
        yield from diff_of(path, outcome.originals[path], made)


def diff_of(path: str, before: bytes, after: bytes) -> Iterator[str]:
    """Yield the change of one file as a unified diff, line by line with their ends."""
    from scriptlint.engine.paths import printable, shown
    from scriptlint.text.source import decode

    name = printable(shown(path))
    lines, made = (_LINE.findall(decode(data)) for data in (before, after))
    for line in difflib.unified_diff(lines, made, name, name):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def told(fixed: Sequence[Diagnostic]) -> Iterator[str]:
    """Yield what was fixed in which file: `--show-fixes`."""
    from scriptlint.engine.fixing import counted
    from scriptlint.engine.paths import printable, shown
    from scriptlint.output.tally import plural

    if fixed:
        yield f"Fixed {plural(len(fixed), 'finding')}:"
    for path, rules in sorted(counted(fixed).items()):
        yield f"- {printable(shown(path))}:"
        for code, findings in sorted(rules.items(), key=lambda one: (-len(one[1]), one[0])):
            yield f"    {len(findings)} × {code} ({findings[0].name})"


def show_diff(outcome: Outcome, output_format: str) -> None:
    """Print the diff, as edits where the format is a JSON, and on stderr how much it would fix."""
    from scriptlint.engine.paths import printable
    from scriptlint.output.tally import plural

    if output_format in ("json", "json-lines"):
        from scriptlint.output.edits import as_json

        lines = iter([as_json(outcome.originals, outcome.changed, outcome.fixed), "\n"])
    else:
        lines = diff(outcome)
    if sys.stdout.isatty():  # elsewhere a diff is applied, and what is in a file is as it is
        lines = (re.sub(r"[^\t\n]+", lambda part: printable(part[0]), line) for line in lines)
    sys.stdout.writelines(lines)
    fixed = len(outcome.repair.fixed)
    complain(f"would fix {plural(fixed, 'finding')}" if fixed else "nothing to fix")


def print_stdin(outcome: Outcome, name: str) -> None:
    """Print what was read from stdin as the fixes leave it."""
    sys.stdout.flush()
    sys.stdout.buffer.write(outcome.repair.contents.get(name, outcome.originals.get(name, b"")))
    sys.stdout.buffer.flush()


def mention_taken_back(outcome: Outcome) -> None:
    """Say on stderr which fixes would have broken something."""
    from scriptlint.engine.paths import printable, shown

    for one in outcome.repair.taken_back:
        place = outcome.repair.linted.sources(one.span.path).place(one.span.start)
        complain(
            f"{printable(shown(one.span.path))}:{place}: the fix for {one.code} was taken back, because it brought a new error"
        )
