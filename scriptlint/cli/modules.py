"""`scriptlint modules`: every nn.Module class and its fate under both compilers."""

from __future__ import annotations

import os
import sys
from itertools import chain
from typing import TYPE_CHECKING, Any, TextIO

import click

from scriptlint.cli.completing import files
from scriptlint.cli.options import (
    COLOUR,
    FAILED,
    FINDINGS,
    REQUIRE,
    Trouble,
    common_folder,
    complain,
    finder,
    mention_refused_caches,
    option,
    settings_options,
    troubles,
)
from scriptlint.cli.output_file import destinations, opened, output_files

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scriptlint.engine.pipeline import ModuleVerdict
    from scriptlint.engine.settings import Settings
    from scriptlint.output.paint import Paint

FORMATS = ("table", "json", "html")


@click.command("modules", short_help="Tell the fate of every nn.Module class.")
@click.argument("targets", nargs=-1, shell_complete=files)
@option("--output-format", type=click.Choice(FORMATS), default="table", show_default=True, help="How to print.")
@output_files
@option("--reasons", is_flag=True, help="List what stands behind each verdict (always for single objects).")
@option("--statistics", is_flag=True, help="Rank the rules and the places that block most modules.")
@REQUIRE
@COLOUR
@settings_options
def command(
    targets: tuple[str, ...],
    output_format: str,
    output_files: tuple[str, ...],
    reasons: bool,
    statistics: bool,
    colour: str,
    no_cache: bool,
    jobs: int,
    **others: Any,
) -> int:
    """Tell what becomes of every nn.Module class in TARGETS (default: the working folder).

    A target is a file, a folder, or "FILE::Net(3, norm=None)": one object, built as written; or "FILE::function".
    """
    from scriptlint.engine import pipeline
    from scriptlint.engine.discover import discover
    from scriptlint.engine.outcomes import GOOD
    from scriptlint.engine.paths import shown
    from scriptlint.output.progress import Progress

    targets = targets or (".",)
    settings = finder(**others)
    reports = destinations(output_files, output_format, FORMATS)
    plain = [one for one in targets if "::" not in one or os.path.lexists(one)]
    asked = [one for one in targets if one not in plain]
    problems: list[str] = []
    verdicts: list[ModuleVerdict] = []
    required: list[ModuleVerdict] = []
    progress = Progress(sys.stderr)

    def judge(asked_for: Sequence[str], governing: Settings, *, objects: bool = False) -> None:
        judged = pipeline.modules(
            asked_for, governing, objects=objects, cache=not no_cache, jobs=jobs, progress=progress
        )
        verdicts.extend(judged.verdicts)
        required.extend(judged.verdicts if governing.require == "ok" else ())
        problems.extend(judged.problems)
        for one in judged.failures:
            place = judged.sources(one.span.path).place(one.span.start)
            problems.append(f"{shown(one.span.path)}:{place}: {one.message}")

    try:
        found = discover(plain, settings)
        if not no_cache:
            mention_refused_caches(governing for governing, _ in found.groups())
        problems += found.problems
        for governing, files in found.groups():
            judge(files, governing)
        missing = [one for one in asked if not os.path.isfile(_file(one))]
        problems += [f"{_file(one)}: there is no such file" for one in missing]
        objects = [one for one in asked if one not in missing]
        if objects:
            judge(objects, settings.of(common_folder([_file(one) for one in objects])), objects=True)
    except troubles() as error:
        raise Trouble(str(error)) from None
    finally:
        progress.clear()

    from scriptlint.output.paint import Paint, wants_colour

    for report in reports:
        if verdicts or not problems or report.format == "json":
            with opened(report.path) as stream:
                paint = Paint(wants_colour(stream, choice=colour))
                if report.format == "html":
                    from scriptlint.output.html.modules import page

                    print(page(verdicts), file=stream)
                else:
                    _print(verdicts, report.format == "json", reasons, statistics, paint, stream)
                stream.flush()
    for problem in problems:
        complain(problem)
    good = all({one.script_verdict, one.trace_verdict} <= GOOD for one in required)
    return FAILED if problems else 0 if good else FINDINGS


def _print(
    verdicts: Sequence[ModuleVerdict], json: bool, reasons: bool, statistics: bool, paint: Paint, stream: TextIO
) -> None:
    from scriptlint.output.verdicts import summary, verdicts_json, verdicts_table

    if json and not statistics:
        print(verdicts_json(verdicts), file=stream)
        return
    lines = verdicts_table(verdicts, paint, reasons)
    if statistics:
        from scriptlint.engine.registry import all_rules
        from scriptlint.output.ranking import ranking_json, ranking_table

        names = {code: rule.name for code, rule in all_rules().items()}
        if json:
            print(ranking_json(verdicts, names), file=stream)
            return
        lines = chain(ranking_table(verdicts, names, paint), (summary(verdicts),))
    for line in lines:
        print(line, file=stream)


def _file(target: str) -> str:
    from scriptlint.engine.paths import split_target

    return split_target(target)[0]
