"""Names from outside as people read them."""

from __future__ import annotations

import os
import re

# Control characters, and the marks that turn the direction of text: a terminal obeys them instead of showing them.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def shown(path: str) -> str:
    """Return a path relative to the working folder if it lies below it, else as it is."""
    try:
        here = os.getcwd()
    except OSError:
        return path
    prefix = here if here.endswith(os.sep) else here + os.sep
    return path[len(prefix) :] if path.startswith(prefix) else path


def split_target(target: str) -> tuple[str, str]:
    """Return the file and the expression of `FILE::EXPRESSION`; `::` may also stand in the name of a file that is there."""
    path, _, expression = target.partition("::")
    first = path, expression
    while not os.path.lexists(path) and "::" in expression:
        more, _, expression = expression.partition("::")
        path = f"{path}::{more}"
    return (path, expression) if os.path.lexists(path) else first


def printable(text: str) -> str:
    """Return the text with everything escaped that a terminal would obey or could not encode: it stays on its line."""
    return _UNPRINTABLE.sub(lambda match: ascii(match[0])[1:-1], text)
