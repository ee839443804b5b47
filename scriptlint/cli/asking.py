"""`--interactive`: shows the diff of every fix and asks whether it is to be made."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from scriptlint.cli.repairs import diff_of
from scriptlint.output.paint import wants_colour

if TYPE_CHECKING:
    from scriptlint.diag import Diagnostic
    from scriptlint.engine.fixability import Fixability

Preview = Callable[["Diagnostic"], tuple[bytes, bytes]]

_QUESTION = "Make this fix? [y]es, [n]o, [a]ll of the rest, [q]uit: "
_HELP = "y makes it, n leaves it, a makes it and asks no more, q makes what was chosen so far and no more."
_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


class Asking:
    """Asks about fixes round by round; what was answered with `a` or `q` holds for all that follow."""

    def __init__(self, fixability: Fixability, colour: str) -> None:
        self._fixability = fixability
        self._colour = wants_colour(sys.stdout, choice=colour)
        self._rest: bool | None = None

    def __call__(self, findings: list[Diagnostic], preview: Preview) -> list[Diagnostic]:
        """Return the findings whose fixes are to be made."""
        return [one for place, one in enumerate(findings, 1) if self._is_wanted(one, preview, place, len(findings))]

    def _is_wanted(self, finding: Diagnostic, preview: Preview, place: int, count: int) -> bool:
        if self._rest is not None:
            return self._rest
        self._show(finding, preview, place, count)
        while True:
            answer = _answer()
            if answer in ("a", "q"):
                self._rest = answer == "a"
            if answer in ("y", "n", "a", "q"):
                return answer in ("y", "a")
            click.echo(_HELP)

    def _show(self, finding: Diagnostic, preview: Preview, place: int, count: int) -> None:
        from scriptlint.engine.paths import printable
        from scriptlint.text import Safety

        assert finding.fix is not None
        unsafe = " (unsafe)" if self._fixability.safety(finding) is Safety.UNSAFE else ""
        click.echo(f"\n{place}/{count} {finding.code} {finding.name}: {printable(finding.message)}")
        click.echo(f"fix: {printable(finding.fix.title)}{unsafe}")
        for line in diff_of(finding.fix.path, *preview(finding)):
            text = re.sub(r"[^\t\n]+", lambda part: printable(part[0]), line)
            click.secho(text, nl=False, fg=_COLOURS.get(line[:1]), color=self._colour)


def _answer() -> str:
    """Return the first letter of a line that is read; the end of the input is `q`."""
    click.echo(_QUESTION, nl=False)
    sys.stdout.flush()
    line = sys.stdin.readline()
    return line.strip()[:1].lower() if line else "q"
