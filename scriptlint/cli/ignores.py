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
    """Adds the comments, says how many, and returns the exit code."""
    from scriptlint.cli.fix import Outcome, mention_notebooks, print_stdin, read, write
    from scriptlint.engine.fixing import Repair
    from scriptlint.engine.ignoring import comments
    from scriptlint.engine.rules import FAILURES
    from scriptlint.output.tally import plural
    from scriptlint.text import NOTEBOOK, Fix, Safety, applied
    from scriptlint.text.source import encode

    given = {} if stdin is None else {stdin[0]: stdin[1]}
    originals = read(found, given)
    linted = lint(given)
    contents: dict[str, bytes] = {}
    count = 0
    failed = {one.span.path for one in linted.findings if one.code in FAILURES}
    for path, data in originals.items():
        if path in failed or path.endswith(NOTEBOOK):
            continue
        edits = comments(linted.sources(path), [one for one in linted.findings if one.span.path == path], reason)
        if edits:
            source = linted.sources(path)
            fix = Fix(path, "suppress", Safety.SAFE.value, tuple(edits))
            contents[path] = encode(applied(source.text, [fix], source.newline), data)
            count += len(edits)
    outcome = Outcome(Repair(linted, contents), originals, [])
    if stdin is not None:
        print_stdin(outcome, stdin[0])
    else:
        write(outcome)
    click.echo(f"Added {plural(count, 'comment')} in {plural(len(contents), 'file')}.", err=stdin is not None)
    mention_notebooks(linted.findings)
    for problem in [*found.problems, *outcome.problems]:
        complain(problem)
    for path in sorted(failed):
        complain(f"{path}: this file cannot be judged")
    return FAILED if found.problems or outcome.problems or failed else 0
