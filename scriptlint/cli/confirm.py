"""`scriptlint confirm`: asks the real compiler about real objects, and holds the findings against what it says."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from scriptlint.cli.completing import files
from scriptlint.cli.options import (
    COLOUR,
    FAILED,
    FINDINGS,
    Trouble,
    complain,
    finder,
    option,
    settings_options,
    troubles,
)
from scriptlint.cli.output_file import destinations, opened, output_files

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from scriptlint.confirm.report import Report
    from scriptlint.diag import Diagnostic
    from scriptlint.engine.settings import Finder
    from scriptlint.text import SourceFile

FORMATS = ("full", "concise", "json", "sarif", "html")
DISAGREEMENT = 3
_EPILOG = """\b
Exit codes:
  0  nothing was found, or only notes
  1  there are findings, and torch does not contradict
  2  the tool could not do its work
  3  scriptlint and torch disagree: a finding is refuted, or torch refuses
     what scriptlint found nothing against
"""


@click.command("confirm", epilog=_EPILOG, short_help="Ask the real compiler. Runs your code.")
@click.argument("targets", nargs=-1, shell_complete=files)
@option(
    "--output-format",
    type=click.Choice(FORMATS),
    default="full",
    show_default=True,
    help="How to print; html is one page that needs nothing else.",
)
@output_files
@option("--target", type=click.Choice(["auto", "script", "trace", "both"]), help="Which compiler to ask.")
@option("--guess", is_flag=True, help="Guess arguments and inputs that nobody gives.")
@option("--first", is_flag=True, help="Stop at the first refusal of each object.")
@option("--compile-only", is_flag=True, help="Ask only whether it compiles; nothing is saved, run or traced.")
@option("--timeout", type=click.FloatRange(min=0.1), help="Seconds for each stage of an object (default: 60).")
@option("--memory", metavar="SIZE", help="Memory for each process of an object, such as 8GB (the default).")
@option("--network", is_flag=True, help="Do not take the network away.")
@option("--executor", metavar="dask:ADDRESS", help="Run on a Dask cluster that sees the same files.")
@option("-q", "--quiet", is_flag=True, help="Print findings only.")
@COLOUR
@settings_options
def command(
    targets: tuple[str, ...],
    output_format: str,
    output_files: tuple[str, ...],
    guess: bool,
    first: bool,
    compile_only: bool,
    timeout: float | None,
    memory: str | None,
    network: bool,
    executor: str | None,
    quiet: bool,
    colour: str,
    no_cache: bool,
    jobs: int,
    **others: Any,
) -> int:
    """Build what TARGETS name, give it to torch.jit.script and torch.jit.trace, and say which findings they confirm.

    A target is a file or folder, "FILE::Net(3)", "package.module:Net(3)", or one of these with the name of a class, a
    function, or a function that makes the object. This imports and runs the code, in processes of their own with limits.
    """
    from scriptlint.confirm.nursery import CannotRun
    from scriptlint.confirm.options import Options
    from scriptlint.confirm.run import confirm
    from scriptlint.output.progress import Progress

    settings = finder(**others)
    reports = destinations(output_files, output_format, FORMATS)
    if memory is not None:
        _checked_size(memory)
    pool = executor_of(executor)
    progress = Progress(sys.stderr)
    options = Options(
        jobs=jobs,
        timeout=timeout,
        memory=memory,
        network=network,
        guess=guess,
        first=first,
        compile_only=compile_only,
        tree=any(one.format == "html" for one in reports),
        cache=not no_cache,
        executor=pool,
    )
    try:
        report = confirm(targets or (".",), settings, options, progress)
    except CannotRun as error:
        raise Trouble(str(error)) from None
    except troubles() as error:
        raise Trouble(str(error)) from None
    finally:
        progress.clear()
        if pool is not None:
            pool.shutdown(wait=False)
    for one in reports:
        _write(report, one.format, one.path, colour, quiet)
    for problem in report.problems:
        complain(problem)
    return exit_code(report)


def confirmed(
    findings: Sequence[Diagnostic],
    sources: Callable[[str], SourceFile],
    paths: Sequence[str],
    settings: Finder,
    *,
    cache: bool,
    jobs: int,
) -> tuple[Sequence[Diagnostic], Callable[[str], SourceFile], int]:
    """Return the findings of a check with what torch says of them, the way to their files, and 3 where it disagrees."""
    from scriptlint.confirm.nursery import CannotRun
    from scriptlint.confirm.options import Options
    from scriptlint.confirm.run import confirm
    from scriptlint.output.progress import Progress

    progress = Progress(sys.stderr)
    try:
        report = confirm(paths, settings, Options(cache=cache, jobs=jobs), progress)
    except CannotRun as error:
        raise Trouble(str(error)) from None
    finally:
        progress.clear()
    from scriptlint.confirm.report import annotated

    for one in report.outcomes:
        if one.skipped is not None:
            complain(f"not built: {one.job.target}: {one.skipped}")
    known = {one.span.path for one in findings}
    return (
        annotated(findings, report),
        lambda path: sources(path) if path in known else report.source(path),
        DISAGREEMENT if report.disagreements else 0,
    )


def exit_code(report: Report) -> int:
    """Return the exit code of a run that asked torch."""
    if report.failed:
        return FAILED
    if report.disagreements:
        return DISAGREEMENT
    return FINDINGS if report.found else 0


def _write(report: Report, output_format: str, output_file: str | None, colour: str, quiet: bool) -> None:
    from scriptlint.output.paint import wants_colour

    with opened(output_file) as stream:
        if output_format == "json":
            from scriptlint.confirm.as_json import as_json

            print(as_json(report), file=stream)
        elif output_format == "sarif":
            from scriptlint.output.places import Places
            from scriptlint.output.sarif import sarif

            print(sarif(report.findings, Places(report.source)), file=stream)
        elif output_format == "html":
            from scriptlint.confirm.page import page

            print(page(report), file=stream)
        else:
            from scriptlint.confirm.table import write

            coloured = wants_colour(stream, choice=colour)
            write(report, stream, output_format=output_format, colour=coloured, quiet=quiet)
        stream.flush()


def _checked_size(text: str) -> None:
    from scriptlint.engine.sizes import size

    try:
        size(text)
    except ValueError:
        raise Trouble(f"--memory: `{text}` is no size; write it as 8GB") from None


def executor_of(name: str | None) -> Executor | None:
    """Return the executor that `--executor` names; raises Trouble."""
    if name is None:
        return None
    kind, _, address = name.partition(":")
    if kind != "dask" or not address:
        raise Trouble(f"--executor: `{name}` is not understood; write dask:ADDRESS")
    from scriptlint.confirm.cluster import ClusterMissing, executor

    try:
        return executor(address)
    except ClusterMissing as error:
        raise Trouble(str(error)) from None
