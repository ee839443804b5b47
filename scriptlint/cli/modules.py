"""`scriptlint modules`: every nn.Module class and its fate under both compilers."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from scriptlint.cli.options import (
    COLOUR,
    FAILED,
    Trouble,
    common_folder,
    complain,
    finder,
    option,
    settings_options,
    troubles,
)

if TYPE_CHECKING:
    from scriptlint.engine.pipeline import ModuleVerdict


@click.command("modules", short_help="Tell the fate of every nn.Module class.")
@click.argument("targets", nargs=-1)
@option(
    "--output-format", type=click.Choice(["table", "json"]), default="table", show_default=True, help="How to print."
)
@COLOUR
@settings_options
def command(targets: tuple[str, ...], output_format: str, colour: str, no_cache: bool, jobs: int, **others: Any) -> int:
    """Tell what becomes of every nn.Module class in TARGETS (default: the working folder).

    A target is a file, a folder, or "FILE::Net(3, norm=None)": one object, built as written; or "FILE::function".
    """
    from scriptlint.engine import pipeline
    from scriptlint.engine.discover import discover

    targets = targets or (".",)
    settings = finder(**others)
    plain = [one for one in targets if "::" not in one]
    asked = [one for one in targets if "::" in one]
    problems: list[str] = []
    verdicts: list[ModuleVerdict] = []
    try:
        found = discover(plain, settings)
        problems += found.problems
        for governing, files in found.groups():
            verdicts += pipeline.modules(files, governing, cache=not no_cache, jobs=jobs)
        missing = [one for one in asked if not os.path.isfile(_file(one))]
        problems += [f"{_file(one)}: there is no such file" for one in missing]
        objects = [one for one in asked if one not in missing]
        if objects:
            governing = settings.of(common_folder([_file(one) for one in objects]))
            verdicts += pipeline.modules(objects, governing, cache=not no_cache, jobs=jobs)
    except troubles() as error:
        raise Trouble(str(error)) from None

    from scriptlint.output.paint import Paint, wants_colour
    from scriptlint.output.verdicts import verdicts_json, verdicts_table

    if output_format == "json":
        print(verdicts_json(verdicts))
    else:
        for line in verdicts_table(verdicts, Paint(wants_colour(sys.stdout, choice=colour))):
            print(line)
    sys.stdout.flush()
    for problem in problems:
        complain(problem)
    return FAILED if problems else 0


def _file(target: str) -> str:
    return target.partition("::")[0]
