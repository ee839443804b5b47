"""`scriptlint rules`: what there is to find."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

import click

from scriptlint.cli.options import COLOUR, CONFIG, know_packs, option
from scriptlint.cli.output_file import destinations, opened, output_files

if TYPE_CHECKING:
    from scriptlint.diag import Rule

FORMATS = ("table", "json")


@click.command("rules", short_help="List all rules.")
@option("--output-format", type=click.Choice(FORMATS), default="table", show_default=True, help="How to print.")
@output_files
@CONFIG
@option("--isolated", is_flag=True, help="Ignore all settings files.")
@COLOUR
def command(
    output_format: str, output_files: tuple[str, ...], config: tuple[str, ...], isolated: bool, colour: str
) -> int:
    """List all rules: code, name, severity, whose trouble it is, and what is said.

    Settings count only for the packs that they name, whose rules are listed too.
    """
    from scriptlint.engine.registry import all_rules

    know_packs(config, isolated)
    rules = all_rules().values()
    for report in destinations(output_files, output_format, FORMATS):
        with opened(report.path) as stream:
            _print(list(rules), report.format, stream, colour)
    return 0


def _print(rules: Sequence[Rule], output_format: str, stream: TextIO, colour: str) -> None:
    if output_format == "json":
        from scriptlint.diag import pages
        from scriptlint.output.json_format import encode

        listed = [
            {
                "code": rule.code,
                "name": rule.name,
                "severity": rule.severity.value,
                "target": rule.target.value,
                "message": rule.message,
                "help": rule.help,
                "fixable": rule.fixable.value,
                "since": rule.since,
                "url": pages.url(rule.code),
            }
            for rule in rules
        ]
        print(encode(listed), file=stream)
        return
    from scriptlint.output.paint import Paint, wants_colour

    paint = Paint(wants_colour(stream, choice=colour))
    longest = max(len(rule.name) for rule in rules)
    for rule in rules:
        severity = paint(f"{rule.severity.value:<7}", rule.severity.value)
        said = sentence(rule.message)
        row = f"{paint(rule.code, 'strong')}  {rule.name:<{longest}}  {severity}  {rule.target.value:<6}  {said}"
        print(row, file=stream)


def sentence(template: str) -> str:
    """Return a rule's sentence with the names of its facts where they will stand."""
    return re.sub(r"\{(\w+)[^}]*\}", r"<\1>", template)
