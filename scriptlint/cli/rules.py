"""`scriptlint rules`: what there is to find."""

from __future__ import annotations

import re
import sys

import click

from scriptlint.cli.options import COLOUR, option


@click.command("rules", short_help="List all rules.")
@option(
    "--output-format", type=click.Choice(["table", "json"]), default="table", show_default=True, help="How to print."
)
@COLOUR
def command(output_format: str, colour: str) -> int:
    """List all rules: code, name, severity, whose trouble it is, and what is said."""
    from scriptlint.engine.registry import all_rules

    rules = all_rules().values()
    if output_format == "json":
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
                "url": None,
            }
            for rule in rules
        ]
        click.echo(encode(listed))
        return 0
    from scriptlint.output.paint import Paint, wants_colour

    paint = Paint(wants_colour(sys.stdout, choice=colour))
    longest = max(len(rule.name) for rule in rules)
    for rule in rules:
        severity = paint(f"{rule.severity.value:<7}", rule.severity.value)
        said = sentence(rule.message)
        print(f"{paint(rule.code, 'strong')}  {rule.name:<{longest}}  {severity}  {rule.target.value:<6}  {said}")
    return 0


def sentence(template: str) -> str:
    """A rule's sentence with the names of its facts where they will stand."""
    return re.sub(r"\{(\w+)[^}]*\}", r"<\1>", template)
