"""`scriptlint check`: lints, prints, and says by its exit code how it went."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from scriptlint.cli.completing import files, rules
from scriptlint.cli.options import (
    COLOUR,
    FAILED,
    FINDINGS,
    INTERRUPTED,
    REQUIRE,
    Trouble,
    comma_list,
    common_folder,
    complain,
    finder,
    mention_refused_caches,
    option,
    settings_options,
    troubles,
)
from scriptlint.cli.output_file import destinations, opened, output_files
from scriptlint.engine.formats import FOR_PEOPLE, FORMATS
from scriptlint.engine.interruption import CutShort

if TYPE_CHECKING:
    from scriptlint.cli.repairs import Outcome
    from scriptlint.diag import Diagnostic
    from scriptlint.engine.discover import Discovered
    from scriptlint.engine.lint import Linted
    from scriptlint.engine.memory import Memory
    from scriptlint.engine.settings import Finder

_SELECTING = ("--select", "--ignore", "--extend-select", "--extend-ignore", "--fixable", "--unfixable")

_EPILOG = """\b
Exit codes:
  0  nothing was found, or only notes
  1  there are errors or warnings
  2  the tool could not do its work: wrong options or settings, a path that
     does not exist, a file that cannot be read or is no Python
  3  with --confirm: scriptlint and torch disagree
"""


@click.command("check", epilog=_EPILOG, short_help="Lint files and folders (the default command).")
@click.argument("paths", nargs=-1, shell_complete=files)
@option(
    "--select",
    multiple=True,
    callback=comma_list,
    metavar="RULES",
    shell_complete=rules,
    help="Only these rules: codes, prefixes, names or ALL, comma separated.",
)
@option("--ignore", multiple=True, callback=comma_list, metavar="RULES", shell_complete=rules, help="Not these rules.")
@option(
    "--extend-select",
    multiple=True,
    callback=comma_list,
    metavar="RULES",
    shell_complete=rules,
    help="These rules as well.",
)
@option(
    "--extend-ignore",
    multiple=True,
    callback=comma_list,
    metavar="RULES",
    shell_complete=rules,
    help="Not these rules either.",
)
@option("--fix", is_flag=True, help="Repair what can be repaired safely, and print what is left.")
@option(
    "--unsafe-fixes/--no-unsafe-fixes", default=None, help="Also fixes that change a signature or could change a value."
)
@option("--fix-only", is_flag=True, help="Repair, and print no findings.")
@option("--diff", is_flag=True, help="Show what --fix would change, as JSON with --output-format json; write nothing.")
@option("-i", "--interactive", is_flag=True, help="Ask about each fix, with its diff.")
@option("--show-fixes", is_flag=True, help="List what was fixed.")
@option(
    "--fixable", multiple=True, callback=comma_list, metavar="RULES", shell_complete=rules, help="Fix only these rules."
)
@option(
    "--unfixable",
    multiple=True,
    callback=comma_list,
    metavar="RULES",
    shell_complete=rules,
    help="Never fix these rules.",
)
@option("--exit-non-zero-on-fix", is_flag=True, help="Exit with 1 if something was fixed.")
@option(
    "--confirm",
    is_flag=True,
    help="Ask the real compiler about every finding, and make no fix that it refuses or that changes a value. Runs your code; see `confirm`.",
)
@option(
    "--add-ignore",
    is_flag=False,
    flag_value="",
    metavar="REASON",
    help="Suppress every finding with a comment, which ends with the reason if one is given.",
)
@option(
    "--target",
    type=click.Choice(["auto", "script", "trace", "both"]),
    help="What to judge for; auto follows what the code does with each model.",
)
@option(
    "--unreached",
    flag_value="report",
    help="Judge the modules too that nothing scripts or traces, instead of counting them.",
)
@option(
    "--notes/--no-notes",
    default=None,
    help="Print the notes too about what a trace keeps of its example as a rule: dtypes, devices, arguments left out.",
)
@option("--markdown/--no-markdown", default=None, help="Read the fenced Python of Markdown (.md) too.")
@REQUIRE
@option(
    "--output-format",
    type=click.Choice(FORMATS),
    envvar="SCRIPTLINT_OUTPUT_FORMAT",
    metavar="FORMAT",
    help=f"How findings are printed, also $SCRIPTLINT_OUTPUT_FORMAT: {', '.join(FORMATS)}.",
)
@output_files
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
@option("--stdin-filename", metavar="FILE", shell_complete=files, help="The name of what is read from stdin (path -).")
@option(
    "--baseline",
    metavar="FILE",
    shell_complete=files,
    help="Leave out what this file knows of; `scriptlint baseline` writes it.",
)
@option("--error-on-warning", is_flag=True, help="Report warnings as errors.")
@option("--exit-zero", is_flag=True, help="Exit with 0 even if there are findings.")
@option("-q", "--quiet", is_flag=True, help="Print findings only.")
@COLOUR
@option("-w", "--watch", is_flag=True, help="Lint again whenever a file changes, until Ctrl-C.")
@option("--show-files", is_flag=True, help="List the files that would be linted, and stop.")
@option("--show-settings", is_flag=True, help="Print the settings in force, and stop.")
@settings_options
def command(
    paths: tuple[str, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    extend_select: tuple[str, ...],
    extend_ignore: tuple[str, ...],
    fix: bool,
    fix_only: bool,
    diff: bool,
    interactive: bool,
    show_fixes: bool,
    fixable: tuple[str, ...],
    unfixable: tuple[str, ...],
    exit_non_zero_on_fix: bool,
    confirm: bool,
    add_ignore: str | None,
    exclude: tuple[str, ...],
    extend_exclude: tuple[str, ...],
    stdin_filename: str | None,
    baseline: str | None,
    error_on_warning: bool,
    watch: bool,
    show_files: bool,
    show_settings: bool,
    no_cache: bool,
    jobs: int,
    output_files: tuple[str, ...],
    statistics: bool,
    exit_zero: bool,
    quiet: bool,
    colour: str,
    **others: Any,
) -> int:
    """Lint PATHS, files and folders (default: the working folder); - reads one file from stdin."""
    from scriptlint.engine.baseline import read as read_baseline
    from scriptlint.engine.fixability import Fixability
    from scriptlint.engine.settings import Selection
    from scriptlint.engine.settle import as_error

    settings = finder(
        **others,
        command_line=Selection(select or None, ignore, extend_select, extend_ignore),
        fixable=fixable or None,
        unfixable=unfixable or None,
        exclude=_from_here(exclude),
        extend_exclude=_from_here(extend_exclude),
        baseline=None if baseline is None else os.path.abspath(baseline),
    )
    paths = paths or ((".",) if stdin_filename is None else ("-",))
    fixes = fix or fix_only or diff or interactive
    if watch and (fixes or confirm or add_ignore is not None or "-" in paths or show_files or show_settings):
        raise click.UsageError("--watch only lints: it cannot be joined with options that do something else, or with -")
    if interactive and (diff or "-" in paths):
        raise click.UsageError("--interactive cannot be joined with --diff or the path -")
    if interactive and not sys.stdin.isatty():
        raise click.UsageError("--interactive asks at a terminal, and stdin is none")
    stdin = _stdin(paths, stdin_filename)
    if fixes and add_ignore is not None:
        raise click.UsageError("--add-ignore cannot be joined with --fix or --diff")
    if add_ignore is not None and not add_ignore.isprintable():
        raise click.UsageError("--add-ignore takes a reason of one line, without control characters")
    if confirm and (add_ignore is not None or stdin is not None):
        raise click.UsageError("--confirm cannot be joined with --add-ignore or the path -")
    if confirm and interactive:
        raise click.UsageError("--confirm and --interactive both choose the fixes: take one of them")
    if watch:
        return _watch(paths, settings)
    code = 0
    outcome = before = compared = None
    try:
        main = settings.of(common_folder(paths if stdin is None else [stdin[0]]))
        if show_settings or show_files:
            from scriptlint.cli import show
        if show_settings:
            return show.settings(main)
        found = _discover(paths, stdin, settings)
        # Only now are all packs known.
        selectors = (select, ignore, extend_select, extend_ignore, fixable, unfixable)
        _refuse_unknown(dict(zip(_SELECTING, selectors, strict=True)))
        if show_files:
            return show.files(found)
        reports = destinations(output_files, main.output_format, FORMATS)
        if main.baseline is not None:
            before = read_baseline(main.baseline)
        if not (no_cache or quiet):
            mention_refused_caches(settings for settings, _ in found.groups())
        if add_ignore is not None:
            from scriptlint.cli.ignores import add_ignores

            return add_ignores(found, stdin, lambda overlay: _lint(found, overlay, not no_cache, jobs), add_ignore)
        fixability = Fixability(lambda path: found.settings.get(path, main), found.files)
        if fixes:
            from scriptlint.cli.repairs import repaired
            from scriptlint.engine.memory import Memory

            memory = Memory()
            choose = None
            if interactive:
                from scriptlint.cli.asking import Asking

                choose = Asking(fixability, colour)
            again = partial(_lint, found, cache=not no_cache, jobs=jobs, memory=memory)
            repair = partial(repaired, found, stdin, again, fixability, choose)
            if confirm:
                from scriptlint.cli.proving import proven

                outcome = proven(found.files, settings, repair, jobs)
            else:
                outcome = repair()
            linted = outcome.repair.linted
        else:
            linted = lint(found, stdin, cache=not no_cache, jobs=jobs)
        findings, sources = linted.findings, linted.sources
        if confirm and not fixes:
            from scriptlint.cli.confirm import confirmed

            findings, sources, code = confirmed(findings, sources, paths, settings, cache=not no_cache, jobs=jobs)
    except CutShort as cut:
        is_watched = click.get_current_context().obj is not None
        if is_watched or confirm or fixes or add_ignore is not None or main.output_format not in FOR_PEOPLE:
            raise
        return _cut(cut.result, main.output_format, colour)
    except troubles() as error:
        raise Trouble(str(error)) from None

    if outcome is not None:
        _fixed(outcome, stdin, main.output_format, diff=diff, show=show_fixes and not quiet)
        if outcome.unwritten:  # what is in these files is as it was
            linted = lint(found, stdin, cache=not no_cache, jobs=jobs)
            findings, sources = linted.findings, linted.sources
    if error_on_warning:
        findings = [as_error(one) for one in findings]
    if before is not None:
        # Where an option selects rules, the others are not missed.
        linted_whole = found.files if main.command_line == Selection() else ()
        compared = before.compared(findings, sources, linted_whole)
        findings = compared.new
    if not (diff or fix_only):
        from scriptlint.output.paint import wants_colour
        from scriptlint.output.printer import write

        for report in reports:
            with opened(report.path) as stream:
                if report.path is None and fixes and stdin is not None:
                    stream = sys.stderr  # the file that was read is on stdout
                write(
                    findings,
                    sources,
                    stream,
                    output_format=report.format,
                    colour=wants_colour(stream, choice=colour),
                    statistics=statistics,
                    quiet=quiet or (not found.files and bool(found.problems)),
                    fixability=fixability,
                    fixed=len(outcome.fixed) if outcome is not None else 0,
                    outcomes=None if confirm else linted.outcomes,
                    has_environment=main.python is not None,
                    compared=compared,
                )
                stream.flush()
    problems = [*found.problems, *(outcome.problems if outcome is not None else ())]
    for problem in problems:
        complain(problem)
    if not found.files and not found.problems and not quiet:
        complain("there are no Python files under the given paths")
    if outcome is not None and (diff or exit_non_zero_on_fix) and outcome.changed and not problems:
        return max(FINDINGS, _exit_code(findings, problems, exit_zero=True))
    code = code or _exit_code(findings, problems, exit_zero or diff or fix_only)
    is_required = main.require == "ok" and not (exit_zero or diff or fix_only)
    return FINDINGS if code == 0 and is_required and not linted.outcomes.is_good else code


def _watch(paths: tuple[str, ...], settings: Finder) -> int:
    """Run this command again and again, with the same options."""
    from scriptlint.cli.watch import watch, watched_folders
    from scriptlint.engine.memory import Memory

    context = click.get_current_context()
    context.obj = memory = Memory()
    again = {**context.params, "watch": False}

    def run() -> None:
        memory.look_again()
        memory.forget_old()
        context.invoke(command, **again)

    try:
        root = settings.of(common_folder(paths)).root
    except troubles():  # each run says what is wrong with them, until it is mended
        root = ""
    return watch(watched_folders(paths, root), run)


def _cut(linted: Linted, output_format: str, colour: str) -> int:
    """Print what was known when Ctrl-C ended the run; return the exit code."""
    from scriptlint.output.paint import wants_colour
    from scriptlint.output.printer import write

    coloured = wants_colour(sys.stdout, choice=colour)
    if linted.findings:  # or it would say that all checks have passed
        write(linted.findings, linted.sources, sys.stdout, output_format=output_format, colour=coloured)
        sys.stdout.flush()
    complain("interrupted, so there may be more to find")
    return INTERRUPTED


def _fixed(outcome: Outcome, stdin: tuple[str, bytes] | None, output_format: str, *, diff: bool, show: bool) -> None:
    """Brings the result of a repair to where it belongs."""
    from scriptlint.cli import repairs

    if diff:
        repairs.show_diff(outcome, output_format)
    elif stdin is not None:
        repairs.print_stdin(outcome, stdin[0])
    else:
        repairs.write(outcome)
    repairs.mention_taken_back(outcome)
    if show:
        for line in repairs.told(outcome.fixed):
            click.echo(line, err=stdin is not None or diff)
        if not outcome.repair.fixed and not diff:
            complain("nothing to fix")


def lint(found: Discovered, stdin: tuple[str, bytes] | None, *, cache: bool, jobs: int) -> Linted:
    """Return findings that are ready to print, the way to the files they are in, and what was judged."""
    memory: Memory | None = click.get_current_context().obj  # there is one where the command runs again and again
    return _lint(found, {} if stdin is None else {stdin[0]: stdin[1]}, cache, jobs, memory)


def _lint(
    found: Discovered, overlay: Mapping[str, bytes], cache: bool, jobs: int, memory: Memory | None = None
) -> Linted:
    from scriptlint.engine.lint import lint
    from scriptlint.output.progress import Progress

    progress = Progress(sys.stderr)
    try:
        return lint(found, overlay, cache=cache, jobs=jobs, progress=progress, memory=memory)
    finally:
        progress.clear()


def _exit_code(findings: Sequence[Diagnostic], problems: Sequence[str], exit_zero: bool) -> int:
    from scriptlint.diag import Severity
    from scriptlint.engine.rules import FAILURES

    if problems or any(one.code in FAILURES for one in findings):
        return FAILED
    counted = any(one.severity != Severity.NOTE.value for one in findings)
    return FINDINGS if counted and not exit_zero else 0


def _refuse_unknown(given: Mapping[str, Sequence[str]]) -> None:
    """Raise the trouble about the first selector that means nothing; `given` are those of each option."""
    if not any(given.values()):
        return
    from scriptlint.engine.selectors import matching, nearest

    for name, selectors in given.items():
        for selector in selectors:
            if not matching(selector):
                raise Trouble(f"{name}: unknown rule `{selector}`{nearest(selector)}")


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
    from scriptlint.text.reading import SOURCE_LIMIT

    text = sys.stdin.buffer.read(SOURCE_LIMIT + 1)
    if len(text) > SOURCE_LIMIT:
        raise Trouble(f"stdin is larger than {SOURCE_LIMIT >> 20} MB")
    return os.path.abspath(name or "<stdin>"), text


def _discover(paths: tuple[str, ...], stdin: tuple[str, bytes] | None, settings: Finder) -> Discovered:
    from scriptlint.engine.discover import Discovered, discover, excluded

    if stdin is None:
        return discover(paths, settings)
    path = stdin[0]
    governing = settings.of(os.path.dirname(path))
    if governing.force_exclude and excluded(path, governing):
        return Discovered([], {}, [])
    return Discovered([path], {path: governing}, [], [path])
