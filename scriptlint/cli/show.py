"""`check --show-files` and `--show-settings`: what a run would do, without doing it."""

from __future__ import annotations

import json

import click

from scriptlint.cli.options import FAILED, complain
from scriptlint.engine.discover import Discovered
from scriptlint.engine.paths import printable
from scriptlint.engine.settings import FIELDS, Settings


def files(found: Discovered) -> int:
    """Print the files, one per line; return the exit code."""
    for file in found.files:
        click.echo(printable(file))
    for problem in found.problems:
        complain(problem)
    return FAILED if found.problems else 0


def settings(given: Settings) -> int:
    """Print the settings as TOML, with the place that gives what is not the default; return the exit code."""
    click.echo(f"# {printable(given.source or 'no settings file')}")
    click.echo(f"# globs are relative to {printable(given.root)}")
    defaults = Settings()
    for field in FIELDS:
        name, value = field.replace("_", "-"), getattr(given, field)
        if value is None:
            click.echo(f"# {name} is not set")
        else:
            origin = given.origin(field)
            mark = f"  # {printable(origin)}" if origin is not None and value != getattr(defaults, field) else ""
            click.echo(f"{name} = {_toml(value)}{mark}")
    for option, selectors in zip(
        ("select", "ignore", "extend-select", "extend-ignore"), _selectors(given), strict=True
    ):
        if selectors:
            click.echo(f"# and on the command line: --{option} {','.join(selectors)}")
    return 0


def _selectors(given: Settings) -> tuple[tuple[str, ...], ...]:
    line = given.command_line
    return line.select or (), line.ignore, line.extend_select, line.extend_ignore


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {_toml(inner)}" for key, inner in value.items()) + "}"
    return json.dumps(value)
