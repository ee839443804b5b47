"""Colour, where it is wanted."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TextIO

from scriptlint.diag import pages

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
    """Wraps text in the terminal's colours, or in nothing if `on` is false, and codes in links if `links` is true."""

    def __init__(self, on: bool, links: bool = False) -> None:
        self.on = on
        self.links = links

    def __call__(self, text: str, style: str) -> str:
        """Return the text in one of the styles: a severity, help, gutter, strong, good or faint."""
        return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if self.on and text else text

    def code(self, code: str) -> str:
        """Return the code of a rule, which leads to its page where the terminal can follow it."""
        address = pages.url(code) if self.links else None
        return f"\x1b]8;;{address}\x1b\\{code}\x1b]8;;\x1b\\" if address is not None else code


# What terminals that follow links (OSC 8) say of themselves.
_LINKING_PROGRAMS = frozenset({"iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper", "rio", "Tabby", "zed"})
_LINKING_TERMS = ("xterm-kitty", "alacritty", "foot", "xterm-ghostty", "contour")
_LINKING_VARIABLES = ("WT_SESSION", "KITTY_WINDOW_ID", "KONSOLE_VERSION", "DOMTERM", "ALACRITTY_WINDOW_ID")
_VTE = 5000


def wants_links(stream: TextIO, environment: Mapping[str, str] = os.environ) -> bool:
    """Return True if codes should be links in what is written to `stream`.

    FORCE_HYPERLINK decides where it is set (0 means no); else it must be a terminal that is known to follow links.
    """
    forced = environment.get("FORCE_HYPERLINK", "")
    if forced:
        return forced != "0"
    if not stream.isatty() or environment.get("TERM") == "dumb" or environment.get("CI"):
        return False
    vte = environment.get("VTE_VERSION", "")
    return (
        environment.get("TERM_PROGRAM") in _LINKING_PROGRAMS
        or environment.get("TERM", "").startswith(_LINKING_TERMS)
        or any(environment.get(name) for name in _LINKING_VARIABLES)
        or (vte.isdigit() and int(vte) >= _VTE)
    )


def wants_colour(stream: TextIO, environment: Mapping[str, str] = os.environ, choice: str = "auto") -> bool:
    """Return whether to colour what is written to `stream`.

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
