"""`scriptlint explain`: the page of a rule, in the terminal; found by its code or name, or by what torch said."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING, Any, TextIO

import click

from scriptlint.cli import completing
from scriptlint.cli.options import COLOUR, Trouble, know_packs, option, settings_options, troubles
from scriptlint.cli.output_file import check, opened
from scriptlint.cli.rules import sentence

if TYPE_CHECKING:
    from scriptlint.cli.around import Around


@click.command("explain", short_help="Explain a rule, or what torch said.")
@click.argument("rule", required=False, shell_complete=completing.rule)
@option(
    "-m",
    "--message",
    metavar="TEXT",
    help="Explain what torch said: a sentence, or a whole traceback; - reads it from stdin.",
)
@option(
    "--output-file",
    metavar="FILE",
    shell_complete=completing.files,
    help="Write the page there instead of to the terminal.",
)
@option("--pager/--no-pager", default=True, help="On a terminal, show what is longer than it through $PAGER.")
@COLOUR
@settings_options
def command(
    rule: str | None, message: str | None, output_file: str | None, pager: bool, colour: str, **others: Any
) -> int:
    """Explain RULE, given by its code or its name: why it is, code that is refused, code that is not.

    With --message, or with a message on stdin, the rule is found by what torch said. Where a traceback names a file that
    is there, the file is linted as well, and all that is found in the same function is listed.
    """
    if rule is not None and message is not None:
        raise click.UsageError("RULE and --message exclude each other")
    check(output_file)
    if rule is None:
        if message is None and (sys.stdin is None or sys.stdin.isatty()):
            raise click.UsageError("name a rule, or give a message (--message, or on stdin)")
        if message is None or message == "-":
            message = sys.stdin.buffer.read().decode("utf-8", "replace")
    try:
        with opened(output_file) as stream:
            text = (
                _rule(rule, colour, others, stream)
                if rule is not None
                else _message(message or "", colour, others, stream)
            )
            if pager and stream.isatty() and _is_long(text):
                os.environ.setdefault("LESS", "FRX")
                click.echo_via_pager(text, color=True)
            else:
                stream.write(text)
    except troubles() as error:
        raise Trouble(str(error)) from None
    return 0


def _is_long(text: str) -> bool:
    return text.count("\n") >= shutil.get_terminal_size().lines and bool(os.environ.get("PAGER", "less"))


def _rule(rule: str, colour: str, options: dict[str, Any], stream: TextIO) -> str:
    from scriptlint.engine import registry
    from scriptlint.engine.selectors import nearest

    know_packs(options["config"], options["isolated"])
    found = registry.find(rule)
    if found is None:
        raise Trouble(f"unknown rule `{rule}`{nearest(rule)}")
    return _page(found.code, colour, stream)


def _page(code: str, colour: str, stream: TextIO) -> str:
    """Return the page of a rule as it is printed to `stream`: as Markdown, or drawn for a terminal."""
    from scriptlint.diag import pages
    from scriptlint.engine import registry
    from scriptlint.output.paint import wants_colour

    page = pages.read(code) or registry.page(code)
    if page is None:  # an installation without pages still knows the sentences
        rule = registry.all_rules()[code]
        sentences = [sentence(one) for one in (rule.message, rule.help) if one]
        page = "\n\n".join((f"# {rule.code} {rule.name}", *sentences)) + "\n"
    coloured = wants_colour(stream, choice=colour)
    if not (stream.isatty() or coloured):
        return page
    import io

    from rich.console import Console
    from rich.markdown import Markdown

    drawn = io.StringIO()
    width = shutil.get_terminal_size().columns
    console = Console(
        file=drawn,
        width=width,
        force_terminal=True,
        no_color=not coloured,
        color_system="standard" if coloured else None,
    )
    console.print(Markdown(page, code_theme="ansi_dark"))
    return drawn.getvalue()


def _message(text: str, colour: str, options: dict[str, Any], stream: TextIO) -> str:
    """Return the page of the rule that torch's words belong to, after what is found of it in the user's own file."""
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
    page = _page(codes[0], colour, stream)
    if unit is not None and codes[0] in unit.codes_there():
        return f"{_found(unit, codes[0], colour, stream)}\n{page}"
    parts = [page]
    others = [f"{code} {all_rules()[code].name}" for code in codes[1:4]]
    if others:
        parts.append(f"The same words are said in the cases of {', '.join(others)}.\n")
    if unit is not None:
        parts.append(_found(unit, codes[0], colour, stream))
    return "\n".join(parts)


def _found(unit: Around, code: str, colour: str, stream: TextIO) -> str:
    from scriptlint.output.paint import Paint, wants_colour

    paint = Paint(wants_colour(stream, choice=colour))
    return "".join(f"{line}\n" for line in unit.lines(code, paint, stream))
