"""`scriptlint check`: lints, prints, and says by its exit code how it went."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from scriptlint.cli.options import (
    COLOUR,
    FAILED,
    FINDINGS,
    Trouble,
    comma_list,
    common_folder,
    complain,
    finder,
    option,
    settings_options,
    troubles,
)

if TYPE_CHECKING:
    from scriptlint.diag import Diagnostic
    from scriptlint.engine.discover import Discovered
    from scriptlint.engine.settings import Finder, Selection

_EPILOG = """\b
Exit codes:
  0  nothing was found, or only notes
  1  there are errors or warnings
  2  the tool could not do its work: wrong options or settings, a path that
     does not exist, a file that cannot be read or is no Python
"""


@click.command("check", epilog=_EPILOG, short_help="Lint files and folders (the default command).")
@click.argument("paths", nargs=-1)
@option(
    "--select",
    multiple=True,
    callback=comma_list,
    metavar="RULES",
    help="Only these rules: codes, prefixes, names or ALL, comma separated.",
)
@option("--ignore", multiple=True, callback=comma_list, metavar="RULES", help="Not these rules.")
@option("--extend-select", multiple=True, callback=comma_list, metavar="RULES", help="These rules as well.")
@option("--extend-ignore", multiple=True, callback=comma_list, metavar="RULES", help="Not these rules either.")
@option(
    "--target",
    type=click.Choice(["auto", "script", "trace", "both"]),
    help="What to judge for; auto follows what the code does with each model.",
)
@option("--output-format", type=click.Choice(["full", "concise", "json"]), help="How findings are printed.")
@option("--statistics", is_flag=True, help="Count findings by rule instead of printing them.")
@option(
    "--exclude",
    multiple=True,
    callback=comma_list,
    metavar="GLOBS",
    help="Instead of the default list, leave these out.",
)
@option("--extend-exclude", multiple=True, callback=comma_list, metavar="GLOBS", help="Leave these out as well.")
@option("--respect-gitignore/--no-respect-gitignore", default=None, help="Leave out what .gitignore files do.")
@option("--force-exclude/--no-force-exclude", default=None, help="Leave out files even if they are named.")
@option("--stdin-filename", metavar="FILE", help="The name of what is read from stdin (path -).")
@option("--exit-zero", is_flag=True, help="Exit with 0 even if there are findings.")
@option("-q", "--quiet", is_flag=True, help="Print findings only.")
@COLOUR
@option("--show-files", is_flag=True, help="List the files that would be linted, and stop.")
@option("--show-settings", is_flag=True, help="Print the settings in force, and stop.")
@settings_options
def command(
    paths: tuple[str, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    extend_select: tuple[str, ...],
    extend_ignore: tuple[str, ...],
    exclude: tuple[str, ...],
    extend_exclude: tuple[str, ...],
    stdin_filename: str | None,
    show_files: bool,
    show_settings: bool,
    no_cache: bool,
    jobs: int,
    statistics: bool,
    exit_zero: bool,
    quiet: bool,
    colour: str,
    **others: Any,
) -> int:
    """Lint PATHS, files and folders (default: the working folder); - reads one file from stdin."""
    from scriptlint.engine.settings import Selection

    settings = finder(
        **others,
        command_line=_known(Selection(select or None, ignore, extend_select, extend_ignore)),
        exclude=_from_here(exclude),
        extend_exclude=_from_here(extend_exclude),
    )
    paths = paths or ((".",) if stdin_filename is None else ("-",))
    stdin = _stdin(paths, stdin_filename)
    try:
        main = settings.of(common_folder(paths if stdin is None else [stdin[0]]))
        if show_settings or show_files:
            from scriptlint.cli import show
        if show_settings:
            return show.settings(main)
        found = _discover(paths, stdin, settings)
        if show_files:
            return show.files(found)
        findings, sources = lint(found, stdin, cache=not no_cache, jobs=jobs)
    except troubles() as error:
        raise Trouble(str(error)) from None

    from scriptlint.output.paint import wants_colour
    from scriptlint.output.printer import write

    write(
        findings,
        sources,
        sys.stdout,
        output_format=main.output_format,
        colour=wants_colour(sys.stdout, choice=colour),
        statistics=statistics,
        quiet=quiet or (not found.files and bool(found.problems)),
    )
    sys.stdout.flush()
    for problem in found.problems:
        complain(problem)
    if not found.files and not found.problems and not quiet:
        complain("there are no Python files under the given paths")
    return _exit_code(findings, found.problems, exit_zero)


def lint(found: Discovered, stdin: tuple[str, bytes] | None, *, cache: bool, jobs: int) -> tuple[list[Diagnostic], Any]:
    """Findings that are ready to print, and the way to the files they are in."""
    from scriptlint.engine import pipeline
    from scriptlint.engine.settle import settle
    from scriptlint.output.progress import Progress

    progress = Progress(sys.stderr)
    raw: list[Diagnostic] = []
    by_path: dict[str, pipeline.Checked] = {}
    checked = None
    try:
        for settings, files in found.groups():
            checked = pipeline.check(files, settings, stdin=stdin, cache=cache, jobs=jobs, progress=progress)
            raw += checked.diagnostics
            by_path.update(dict.fromkeys([*(one.span.path for one in checked.diagnostics), *files], checked))
    finally:
        progress.clear()
    if checked is None:
        return [], lambda path: {}[path]
    last = checked

    def holder(path: str) -> pipeline.Checked:
        return by_path.get(path, last)

    default = next(iter(found.settings.values()))
    findings = settle(
        raw,
        settings_of=lambda path: found.settings.get(path, default),
        sources=lambda path: holder(path).sources(path),
        comments=lambda path: holder(path).comments(path),
        linted=found.settings.keys(),
    )
    return findings, lambda path: holder(path).sources(path)


def _exit_code(findings: Sequence[Diagnostic], problems: Sequence[str], exit_zero: bool) -> int:
    from scriptlint.diag import Severity
    from scriptlint.engine.rules import FAILURES

    if problems or any(one.code in FAILURES for one in findings):
        return FAILED
    counted = any(one.severity != Severity.NOTE.value for one in findings)
    return FINDINGS if counted and not exit_zero else 0


def _known(selection: Selection) -> Selection:
    """The selection of the command line, if all of it means something."""
    options = {
        "--select": selection.select or (),
        "--ignore": selection.ignore,
        "--extend-select": selection.extend_select,
        "--extend-ignore": selection.extend_ignore,
    }
    if any(options.values()):
        from scriptlint.engine.selectors import matching, nearest

        for name, selectors in options.items():
            for selector in selectors:
                if not matching(selector):
                    raise Trouble(f"{name}: unknown rule `{selector}`{nearest(selector)}")
    return selection


def _from_here(globs: tuple[str, ...]) -> tuple[str, ...] | None:
    """Patterns of the command line: those with a folder in them start at the working folder."""
    if not globs:
        return None
    return tuple(os.path.abspath(one) if "/" in one.rstrip("/") and not one.startswith("!") else one for one in globs)


def _stdin(paths: tuple[str, ...], name: str | None) -> tuple[str, bytes] | None:
    if "-" not in paths:
        if name is not None:
            raise click.UsageError("--stdin-filename needs the path -")
        return None
    if len(paths) > 1:
        raise click.UsageError("- stands for stdin and cannot be joined with other paths")
    return os.path.abspath(name or "<stdin>"), sys.stdin.buffer.read()


def _discover(paths: tuple[str, ...], stdin: tuple[str, bytes] | None, settings: Finder) -> Discovered:
    from scriptlint.engine.discover import Discovered, discover, excluded

    if stdin is None:
        return discover(paths, settings)
    path = stdin[0]
    governing = settings.of(os.path.dirname(path))
    if governing.force_exclude and excluded(path, governing):
        return Discovered([], {}, [])
    return Discovered([path], {path: governing}, [])
