"""What is asked of files that are not parsed: where a module of a given name lies, and whether a word stands in a text."""

from __future__ import annotations

import os
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

_BINARY = (*EXTENSION_SUFFIXES, ".pyd")


def locate(root: Path, name: str) -> str | None:
    """Return the file of the module or package `name` below `root`, None where there is none.

    `name.*` asks for anything that Python could import by the name: folders without `__init__.py` and binaries as well.
    """
    if name.endswith(".*"):
        base = os.path.join(root, name[:-2])
        there = (f"{base}{ending}" for ending in ("", ".py", *_BINARY))
        return next((one for one in there if os.path.exists(one)), None)
    # Strings and no paths: a run that judges nothing asks for thousands.
    base = os.path.join(root, *filter(None, name.split(".")))
    return next((one for one in (os.path.join(base, "__init__.py"), f"{base}.py") if os.path.isfile(one)), None)


def mentions(content: bytes | OSError, word: str) -> bool:
    """Return True if a word stands in the content of a file."""
    if isinstance(content, OSError):
        return False
    wanted = word.encode("utf-8", "surrogatepass")
    at = content.find(wanted)
    while at >= 0:
        end = at + len(wanted)
        if not (_is_of_word(content[at - 1 : at]) or _is_of_word(content[end : end + 1])):
            return True
        at = content.find(wanted, at + 1)
    return False


def _is_of_word(byte: bytes) -> bool:
    return byte.isalnum() or byte == b"_"
