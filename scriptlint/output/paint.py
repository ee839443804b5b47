"""Colour, where it is wanted."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TextIO

_CODES = {
    "error": "1;31",
    "warning": "1;33",
    "note": "1;36",
    "help": "1;36",
    "gutter": "1;34",
    "strong": "1",
    "good": "1;32",
    "faint": "2",
}


class Paint:
    """Wraps text in the terminal's colours, or in nothing if `on` is false."""

    def __init__(self, on: bool) -> None:
        self.on = on

    def __call__(self, text: str, style: str) -> str:
        """The text in one of the styles: a severity, help, gutter, strong, good or faint."""
        return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if self.on and text else text


def wants_colour(stream: TextIO, environment: Mapping[str, str] = os.environ, choice: str = "auto") -> bool:
    """Whether to colour what is written to `stream`.

    `choice` (always, never) wins, then FORCE_COLOR, then NO_COLOR, then TERM=dumb; a terminal gets colour, a pipe does
    not. A variable that is set to nothing does not count, and neither does FORCE_COLOR=0.
    """
    if choice != "auto":
        return choice == "always"
    if environment.get("FORCE_COLOR", "") not in ("", "0"):
        return True
    if environment.get("NO_COLOR") or environment.get("TERM") == "dumb":
        return False
    return stream.isatty()
