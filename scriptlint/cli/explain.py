"""`scriptlint explain`: the page of a rule, in the terminal; found by its code or name, or by what torch said."""

from __future__ import annotations

import sys
from typing import Any

import click

from scriptlint.cli.options import COLOUR, Trouble, option, settings_options, troubles
from scriptlint.cli.rules import sentence


@click.command("explain", short_help="Explain a rule, or what torch said.")
@click.argument("rule", required=False)
@option(
    "-m",
    "--message",
    metavar="TEXT",
    help="Explain what torch said: a sentence, or a whole traceback; - reads it from stdin.",
)
@COLOUR
@settings_options
def command(rule: str | None, message: str | None, colour: str, **others: Any) -> int:
    """Explain RULE, given by its code or its name: why it is, code that is refused, code that is not.

    With --message, or with a message on stdin, the rule is found by what torch said. Where a traceback names a file that
    is there, the file is linted as well, and all that is found in the same function is listed.
    """
    if rule is not None and message is not None:
        raise click.UsageError("RULE and --message exclude each other")
    if rule is not None:
        return _rule(rule, colour)
    if message is None and (sys.stdin is None or sys.stdin.isatty()):
        raise click.UsageError("name a rule, or give a message (--message, or on stdin)")
    if message is None or message == "-":
        message = sys.stdin.buffer.read().decode("utf-8", "replace")
    try:
        return _message(message, colour, others)
    except troubles() as error:
        raise Trouble(str(error)) from None


def _rule(rule: str, colour: str) -> int:
    from scriptlint.engine import registry
    from scriptlint.engine.selectors import nearest

    found = registry.find(rule)
    if found is None:
        raise Trouble(f"unknown rule `{rule}`{nearest(rule)}")
    _print_page(found.code, colour)
    return 0


def _print_page(code: str, colour: str) -> None:
    from scriptlint.diag import pages
    from scriptlint.engine.registry import all_rules
    from scriptlint.output.paint import wants_colour

    page = pages.read(code)
    if page is None:  # an installation without pages still knows the sentences
        rule = all_rules()[code]
        sentences = [sentence(one) for one in (rule.message, rule.help) if one]
        page = "\n\n".join((f"# {rule.code} {rule.name}", *sentences)) + "\n"
    coloured = wants_colour(sys.stdout, choice=colour)
    if sys.stdout.isatty() or coloured:
        from rich.console import Console
        from rich.markdown import Markdown

        console = Console(force_terminal=True, no_color=not coloured, color_system="standard" if coloured else None)
        console.print(Markdown(page, code_theme="ansi_dark"))
    else:
        click.echo(page, nl=False)


def _message(text: str, colour: str, options: dict[str, Any]) -> int:
    from scriptlint.cli.around import around
    from scriptlint.diag import messages
    from scriptlint.engine.paths import printable
    from scriptlint.engine.registry import all_rules

    message = messages.read(text)
    if not message.words:
        raise Trouble("there is no message to explain")
    rules = messages.matching(message, all_rules().values())
    codes = [rule.code for rule in rules]
    unit = around(message, options)
    if unit is not None:
        # What is found at the very place decides between rules that share their words.
        there = unit.codes_there()
        codes = [code for code in codes if code in there] or codes or there
    if not codes:
        lines = [line.strip() for line in message.words.splitlines() if not line.rstrip().endswith("Error:")]
        said = next(filter(None, lines), message.words)
        raise Trouble(f"no rule knows these words: `{printable(said[:200])}`")
    _print_page(codes[0], colour)
    others = [f"{code} {all_rules()[code].name}" for code in codes[1:4]]
    if others and (unit is None or codes[0] not in unit.codes_there()):
        click.echo(f"\nThe same words are said in the cases of {', '.join(others)}.")
    if unit is not None:
        from scriptlint.output.paint import Paint, wants_colour

        click.echo()
        for line in unit.lines(codes[0], Paint(wants_colour(sys.stdout, choice=colour)), sys.stdout):
            click.echo(line)
    return 0
