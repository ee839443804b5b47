"""`check --add-ignore`: writes a suppression comment for everything that is found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import click

from scriptlint.cli.options import FAILED, complain

if TYPE_CHECKING:
    from scriptlint.engine.discover import Discovered
    from scriptlint.engine.lint import Linted


def add_ignores(
    found: Discovered,
    stdin: tuple[str, bytes] | None,
    lint: Callable[[Mapping[str, bytes]], Linted],
    reason: str,
) -> int:
    """Add the comments, say how many, and return the exit code."""
    from scriptlint.cli.repairs import Outcome, print_stdin, read, write
    from scriptlint.engine.fixing import Repair, with_fixes
    from scriptlint.engine.ignoring import comments
    from scriptlint.engine.paths import printable, shown
    from scriptlint.engine.rules import FAILURES
    from scriptlint.output.tally import plural
    from scriptlint.text import Fix, Safety, UnreadableSource

    given = {} if stdin is None else {stdin[0]: stdin[1]}
    originals = read(found, given)
    linted = lint(given)
    contents: dict[str, bytes] = {}
    problems: list[str] = []
    count = 0
    failed = {one.span.path for one in linted.findings if one.code in FAILURES}
    for path, data in originals.items():
        if path in failed:
            continue
        edits = comments(linted.sources(path), [one for one in linted.findings if one.span.path == path], reason)
        if edits:
            fix = Fix(path, "suppress", Safety.SAFE.value, tuple(edits))
            try:
                contents[path] = with_fixes(linted.sources(path), [fix], data)
            except UnreadableSource as error:
                problems.append(f"{printable(shown(path))}: the comments cannot be written: {error}")
                continue
            count += len(edits)
    outcome = Outcome(Repair(linted, contents), originals, problems)
    if stdin is not None:
        print_stdin(outcome, stdin[0])
    else:
        write(outcome)
    click.echo(f"Added {plural(count, 'comment')} in {plural(len(contents), 'file')}.", err=stdin is not None)
    for problem in [*found.problems, *outcome.problems]:
        complain(problem)
    for path in sorted(failed):
        complain(f"{path}: this file cannot be judged")
    return FAILED if found.problems or outcome.problems or failed else 0
