"""`scriptlint schema`: the JSON Schema of a report or of the settings."""

from __future__ import annotations

import click

from scriptlint.cli.completing import files
from scriptlint.cli.options import option
from scriptlint.cli.output_file import check, opened

NAMES = ("report", "modules", "settings")


@click.command("schema", short_help="Print the JSON Schema of a report or of the settings.")
@click.argument("name", type=click.Choice(NAMES))
@option("--output-file", metavar="FILE", shell_complete=files, help="Write it there instead of to the terminal.")
def command(name: str, output_file: str | None) -> int:
    """Print the JSON Schema of what `check` and `modules` print with --output-format json, or of the settings."""
    from scriptlint.output.json_format import encode
    from scriptlint.output.schemas import schema

    check(output_file)
    with opened(output_file) as stream:
        print(encode(schema(name)), file=stream)
    return 0
