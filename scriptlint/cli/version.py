"""`scriptlint version`: the version, as `--version` prints it."""

from __future__ import annotations

import click

from scriptlint.version import __version__


@click.command("version", short_help="Print the version.")
def command() -> int:
    """Print the version of scriptlint."""
    click.echo(f"scriptlint {__version__}")
    return 0
