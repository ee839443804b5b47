"""`scriptlint baseline`: writes down what is found today, so that `check` reports only what is new."""

from __future__ import annotations

import os
from typing import Any

import click

from scriptlint.cli.completing import files
from scriptlint.cli.options import (
    FAILED,
    Trouble,
    common_folder,
    complain,
    finder,
    option,
    settings_options,
    troubles,
)


@click.command("baseline", short_help="Write down what is found today, so that only new findings count.")
@click.argument("paths", nargs=-1, shell_complete=files)
@option(
    "--baseline",
    metavar="FILE",
    help="The file to write (default: that of the settings, else scriptlint-baseline.json).",
)
@option("--update", is_flag=True, help="Take over what is found now into a baseline that is there.")
@option("--prune", is_flag=True, help="Take over only what is found no more.")
@option("-q", "--quiet", is_flag=True, help="Do not say what was written.")
@settings_options
def command(
    paths: tuple[str, ...],
    baseline: str | None,
    update: bool,
    prune: bool,
    quiet: bool,
    no_cache: bool,
    jobs: int,
    **others: Any,
) -> int:
    """Write what is found in PATHS (default: the working folder) to a file that `check --baseline` reads.

    A finding is known by its file, its rule and the class or function that it is in, so lines may move. With --update and
    --prune, files that are not among PATHS keep their entries.
    """
    from scriptlint.cli.linting import lint
    from scriptlint.engine.baseline import DEFAULT_NAME, Baseline, read
    from scriptlint.engine.discover import discover
    from scriptlint.engine.paths import printable, shown
    from scriptlint.engine.rules import FAILURES
    from scriptlint.engine.writing import put
    from scriptlint.output.tally import plural

    if update and prune:
        raise click.UsageError("--update and --prune exclude each other")
    paths = paths or (".",)
    settings = finder(**others, baseline=None if baseline is None else os.path.abspath(baseline))
    try:
        main = settings.of(common_folder(paths))
        path = main.baseline or os.path.join(main.root or os.getcwd(), DEFAULT_NAME)
        is_new = not (update or prune)
        if is_new and os.path.lexists(path):
            raise Trouble(
                f"{shown(path)} is there already; --update takes over what is found now, --prune what is gone"
            )
        before = Baseline(path, {}) if is_new else read(path)
        found = discover(paths, settings)
        linted = lint(found, cache=not no_cache, jobs=jobs)
    except troubles() as error:
        raise Trouble(str(error)) from None
    after = before.renewed(linted.findings, linted.sources, found.files, grow=not prune)
    if is_new or after.counts != before.counts:
        try:
            put(path, after.text().encode())
        except OSError as error:
            raise Trouble(f"{shown(path)}: the baseline cannot be written: {error.strerror or error}") from None
    failed = sorted({one.span.path for one in linted.findings if one.code in FAILURES})
    if not quiet:
        was, now = before.counts.total(), after.counts.total()
        change = "" if is_new else f", {now - was:+d}" if now != was else ", as before"
        click.echo(f"{printable(shown(path))} has {plural(now, 'finding')}{change}.")
    for problem in found.problems:
        complain(problem)
    for one in failed:
        complain(f"{shown(one)}: this file cannot be judged")
    return FAILED if found.problems or failed else 0
