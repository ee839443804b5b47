"""`scriptlint explain`: the page of a rule, in the terminal."""

from __future__ import annotations

import sys

import click

from scriptlint.cli.options import COLOUR, Trouble
from scriptlint.cli.rules import sentence


@click.command("explain", short_help="Explain a rule.")
@click.argument("rule")
@COLOUR
def command(rule: str, colour: str) -> int:
    """Explain RULE, given by its code or its name: why it is, code that is refused, code that is not."""
    from scriptlint.engine import registry
    from scriptlint.engine.selectors import nearest

    found = registry.find(rule)
    if found is None:
        raise Trouble(f"unknown rule `{rule}`{nearest(rule)}")
    from scriptlint.diag import pages

    page = pages.read(found.code)
    if page is None:  # an installation without pages still knows the sentences
        sentences = [sentence(one) for one in (found.message, found.help) if one]
        page = "\n\n".join((f"# {found.code} {found.name}", *sentences)) + "\n"
    from scriptlint.output.paint import wants_colour

    coloured = wants_colour(sys.stdout, choice=colour)
    if sys.stdout.isatty() or coloured:
        from rich.console import Console
        from rich.markdown import Markdown

        console = Console(force_terminal=True, no_color=not coloured, color_system="standard" if coloured else None)
        console.print(Markdown(page, code_theme="ansi_dark"))
    else:
        click.echo(page, nl=False)
    return 0
