"""What is asked of files that are not parsed: where a module of a given name lies, and whether a word stands in a text."""

from __future__ import annotations

import os
from pathlib import Path

from scriptlint.text.reading import SETTINGS_LIMIT, read

_FORMS = (".py", ".pyc", ".so", ".pyd")


def locate(root: Path, name: str) -> str | None:
    """Return the file of the module or package `name` below `root`, None where there is none.

    `name.*` asks for anything that some Python could import by the name, as `_in_any_form` does.
    """
    if name.endswith(".*"):
        return _in_any_form(root, name[:-2])
    # Strings and no paths: a run that judges nothing asks for thousands.
    base = os.path.join(root, *filter(None, name.split(".")))
    return next((one for one in (os.path.join(base, "__init__.py"), f"{base}.py") if os.path.isfile(one)), None)


def _in_any_form(root: Path, name: str) -> str | None:
    """Return a file that Python could import by a name; folders without `__init__.py` and binaries of any Python count too.

    So do the finders that editable installations put beside the packages, where they mention the name.
    """
    try:
        entries = os.listdir(root)
    except OSError:
        return None
    found = [one for one in entries if one == name or (one.startswith(f"{name}.") and one.endswith(_FORMS))]
    finders = [one for one in entries if one.startswith("_") and "editable" in one and one.endswith(".py")]
    found = found or [one for one in finders if mentions(_content(os.path.join(root, one)), name)]
    return os.path.join(root, min(found)) if found else None


def _content(path: str) -> bytes | OSError:
    try:
        return read(path, SETTINGS_LIMIT)
    except OSError as error:
        return error


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
