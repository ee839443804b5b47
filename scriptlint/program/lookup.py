"""What is asked of files that are not parsed: where a module of a given name lies, and whether a word stands in a text."""

from __future__ import annotations

import re
from pathlib import Path


def locate(root: Path, name: str) -> str | None:
    """Return the file of the module or package `name` below `root`, None where there is none."""
    base = root.joinpath(*name.split("."))
    for candidate in (base / "__init__.py", base.with_name(base.name + ".py")):
        if candidate.is_file():
            return str(candidate)
    return None


def mentions(content: bytes | OSError, word: str) -> bool:
    """Return True if a word stands in the content of a file."""
    if isinstance(content, OSError):
        return False
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)".encode(), content) is not None
