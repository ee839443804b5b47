"""`scriptlint check`: lints, prints, and says by its exit code how it went."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from scriptlint.cli.asked import Asked
from scriptlint.cli.completing import files, rules
from scriptlint.cli.linting import lint
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
from scriptlint.cli.output_file import Destination, destinations, opened, output_files
from scriptlint.engine.formats import FOR_PEOPLE, FORMATS
from scriptlint.engine.interruption import CutShort

if TYPE_CHECKING:
    from scriptlint.cli.repairs import Outcome
    from scriptlint.diag import Diagnostic
    from scriptlint.engine.baseline import Compared
    from scriptlint.engine.discover import Discovered
    from scriptlint.engine.fixability import Fixability
    from scriptlint.engine.lint import Linted
    from scriptlint.engine.memory import Memory
    from scriptlint.engine.outcomes import Outcomes
    from scriptlint.engine.settings import Finder, Settings
    from scriptlint.text import SourceFile

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
def command(paths: tuple[str, ...], stdin_filename: str | None, **options: Any) -> int:
    """Lint PATHS, files and folders (default: the working folder); - reads one file from stdin."""
    paths = paths or ((".",) if stdin_filename is None else ("-",))
    own = {one.name for one in fields(Asked)}
    asked = Asked(paths=paths, **{name: value for name, value in options.items() if name in own})
    settings = _settings(asked, **{name: value for name, value in options.items() if name not in own})
    _refuse_contradictions(asked)
    asked = replace(asked, stdin=_stdin(paths, stdin_filename))
    if asked.watch:
        return _watch(paths, settings)
    try:
        main = settings.of(common_folder(paths if asked.stdin is None else [asked.stdin[0]]))
        if asked.show_settings or asked.show_files:
            from scriptlint.cli import show
        if asked.show_settings:
            return show.settings(main)
        found = _discover(asked, settings)
        _refuse_unknown_rules(asked)  # only now are all packs known
        if asked.show_files:
            return show.files(found)
        return _run(asked, settings, main, found)
    except troubles() as error:
        raise Trouble(str(error)) from None


def _run(asked: Asked, settings: Finder, main: Settings, found: Discovered) -> int:
    """Lint, repair or add comments, print what there is to say, and return the exit code."""
    from scriptlint.engine.fixability import Fixability
    from scriptlint.engine.settings import Selection
    from scriptlint.engine.settle import as_error

    reports = destinations(asked.output_files, main.output_format, FORMATS)
    before = None
    if main.baseline is not None:
        from scriptlint.engine.baseline import read

        before = read(main.baseline)
    if not (asked.no_cache or asked.quiet):
        mention_refused_caches(governing for governing, _ in found.groups())
    if asked.add_ignore is not None:
        from scriptlint.cli.ignores import add_ignores

        again = partial(lint, found, cache=not asked.no_cache, jobs=asked.jobs)
        return add_ignores(found, asked.stdin, again, asked.add_ignore)
    fixability = Fixability(lambda path: found.settings.get(path, main), found.files)
    try:
        outcome = _repaired(asked, settings, found, fixability) if asked.fixes else None
        linted = _lint(found, asked) if outcome is None else outcome.repair.linted
        findings, sources, code = linted.findings, linted.sources, 0
        if asked.confirm and outcome is None:
            from scriptlint.cli.confirm import confirmed

            cache, jobs = not asked.no_cache, asked.jobs
            findings, sources, code = confirmed(findings, sources, asked.paths, settings, cache=cache, jobs=jobs)
    except CutShort as cut:
        if not asked.only_lints or click.get_current_context().obj is not None or main.output_format not in FOR_PEOPLE:
            raise
        return _cut(cut.result, main.output_format, asked.colour)
    if outcome is not None:
        _bring_home(outcome, asked, main.output_format)
        if outcome.unwritten:  # what is in these files is as it was
            linted = _lint(found, asked)
            findings, sources = linted.findings, linted.sources
    if asked.error_on_warning:
        findings = [as_error(one) for one in findings]
    compared = None
    if before is not None:
        # Where an option selects rules, the others are not missed.
        linted_whole = found.files if main.command_line == Selection() else ()
        compared = before.compared(findings, sources, linted_whole)
        findings = compared.new
    result = _Result(found, findings, sources, linted.outcomes, fixability, outcome, compared)
    if asked.says_findings:
        for report in reports:
            _print(result, asked, report, has_environment=main.python is not None)
    _complain(result, asked)
    return _exit_code(result, asked, code, is_required=main.require == "ok")


class _Result(NamedTuple):
    """What a run has found, and what was repaired or compared where that was asked for."""

    found: Discovered
    findings: Sequence[Diagnostic]
    sources: Callable[[str], SourceFile]
    outcomes: Outcomes
    fixability: Fixability
    outcome: Outcome | None
    compared: Compared | None

    @property
    def problems(self) -> list[str]:
        """Sentences about paths that could not be read or written."""
        return [*self.found.problems, *(self.outcome.problems if self.outcome is not None else ())]


def _settings(asked: Asked, **others: Any) -> Finder:
    from scriptlint.engine.settings import Selection

    return finder(
        **others,
        command_line=Selection(asked.select or None, asked.ignore, asked.extend_select, asked.extend_ignore),
        fixable=asked.fixable or None,
        unfixable=asked.unfixable or None,
        exclude=_from_here(asked.exclude),
        extend_exclude=_from_here(asked.extend_exclude),
        baseline=None if asked.baseline is None else os.path.abspath(asked.baseline),
    )


def _refuse_contradictions(asked: Asked) -> None:
    """Raise the error about the first options that cannot be joined."""
    reads_stdin = "-" in asked.paths
    if asked.watch and (not asked.only_lints or reads_stdin or asked.show_files or asked.show_settings):
        raise click.UsageError("--watch only lints: it cannot be joined with options that do something else, or with -")
    if asked.interactive and (asked.diff or reads_stdin):
        raise click.UsageError("--interactive cannot be joined with --diff or the path -")
    if asked.interactive and not sys.stdin.isatty():
        raise click.UsageError("--interactive asks at a terminal, and stdin is none")
    if asked.fixes and asked.add_ignore is not None:
        raise click.UsageError("--add-ignore cannot be joined with --fix or --diff")
    if asked.add_ignore is not None and not asked.add_ignore.isprintable():
        raise click.UsageError("--add-ignore takes a reason of one line, without control characters")
    if asked.confirm and (asked.add_ignore is not None or reads_stdin):
        raise click.UsageError("--confirm cannot be joined with --add-ignore or the path -")
    if asked.confirm and asked.interactive:
        raise click.UsageError("--confirm and --interactive both choose the fixes: take one of them")


def _repaired(asked: Asked, settings: Finder, found: Discovered, fixability: Fixability) -> Outcome:
    """Repair the files in memory, with the fixes that the user or torch accepts where these are asked."""
    from scriptlint.cli.repairs import repaired
    from scriptlint.engine.memory import Memory

    choose = None
    if asked.interactive:
        from scriptlint.cli.asking import Asking

        choose = Asking(fixability, asked.colour)
    again = partial(lint, found, cache=not asked.no_cache, jobs=asked.jobs, memory=Memory())
    repair = partial(repaired, found, asked.stdin, again, fixability, choose)
    if not asked.confirm:
        return repair()
    from scriptlint.cli.proving import proven

    return proven(found.files, settings, repair, asked.jobs)


def _print(result: _Result, asked: Asked, report: Destination, *, has_environment: bool) -> None:
    from scriptlint.output.paint import wants_colour
    from scriptlint.output.printer import write

    with opened(report.path) as stream:
        if report.path is None and asked.fixes and asked.stdin is not None:
            stream = sys.stderr  # the file that was read is on stdout
        write(
            result.findings,
            result.sources,
            stream,
            output_format=report.format,
            colour=wants_colour(stream, choice=asked.colour),
            statistics=asked.statistics,
            quiet=asked.quiet or (not result.found.files and bool(result.found.problems)),
            fixability=result.fixability,
            fixed=len(result.outcome.fixed) if result.outcome is not None else 0,
            outcomes=None if asked.confirm else result.outcomes,
            has_environment=has_environment,
            compared=result.compared,
        )
        stream.flush()


def _complain(result: _Result, asked: Asked) -> None:
    for problem in result.problems:
        complain(problem)
    if not result.found.files and not result.found.problems and not asked.quiet:
        complain("there are no Python files under the given paths")


def _exit_code(result: _Result, asked: Asked, code: int, *, is_required: bool) -> int:
    """Return the exit code of a run; `code` is not 0 where torch disagrees, `is_required` asks for good verdicts."""
    from scriptlint.diag import Severity
    from scriptlint.engine.rules import FAILURES

    outcome = result.outcome
    is_lenient = asked.exit_zero or not asked.says_findings
    if result.problems or any(one.code in FAILURES for one in result.findings):
        return code or FAILED
    if outcome is not None and (asked.diff or asked.exit_non_zero_on_fix) and outcome.changed:
        return FINDINGS
    if code == 0 and not is_lenient:
        counted = any(one.severity != Severity.NOTE.value for one in result.findings)
        return FINDINGS if counted or (is_required and not result.outcomes.is_good) else 0
    return code


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


def _bring_home(outcome: Outcome, asked: Asked, output_format: str) -> None:
    """Bring the result of a repair to where it belongs, and say what it was."""
    from scriptlint.cli import repairs

    if asked.diff:
        repairs.show_diff(outcome, output_format)
    elif asked.stdin is not None:
        repairs.print_stdin(outcome, asked.stdin[0])
    else:
        repairs.write(outcome)
    repairs.mention_taken_back(outcome)
    if asked.show_fixes and not asked.quiet:
        for line in repairs.told(outcome.fixed):
            click.echo(line, err=asked.stdin is not None or asked.diff)
        if not outcome.repair.fixed and not asked.diff:
            complain("nothing to fix")


def _lint(found: Discovered, asked: Asked) -> Linted:
    """Lint the files as they are, with what the runs before this one have left where the command runs again and again."""
    overlay = {} if asked.stdin is None else {asked.stdin[0]: asked.stdin[1]}
    memory: Memory | None = click.get_current_context().obj
    return lint(found, overlay, cache=not asked.no_cache, jobs=asked.jobs, memory=memory)


def _refuse_unknown_rules(asked: Asked) -> None:
    """Raise the trouble about the first selector that means nothing."""
    given = {
        "--select": asked.select,
        "--ignore": asked.ignore,
        "--extend-select": asked.extend_select,
        "--extend-ignore": asked.extend_ignore,
        "--fixable": asked.fixable,
        "--unfixable": asked.unfixable,
    }
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


def _discover(asked: Asked, settings: Finder) -> Discovered:
    from scriptlint.engine.discover import Discovered, discover, excluded

    if asked.stdin is None:
        return discover(asked.paths, settings)
    path = asked.stdin[0]
    governing = settings.of(os.path.dirname(path))
    if governing.force_exclude and excluded(path, governing):
        return Discovered([], {}, [])
    return Discovered([path], {path: governing}, [], [path])
