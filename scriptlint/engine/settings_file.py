"""A settings file as text and as data: where it is, and what in it is not in order, with the line.

TOML parsers keep no positions, so the line of a key is found by scanning the text: exact for files as people write
them, and never worse than the line of the table.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from scriptlint.engine.paths import shown
from scriptlint.text.reading import SETTINGS_LIMIT
from scriptlint.text.reading import read as read_bytes

OWN_NAMES = ("scriptlint.toml", ".scriptlint.toml")
_KEY_PART = r"""(?:[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*"""
_LONG_KEY = re.compile(
    rf"(?<![\w-])(?:{_KEY_PART}){{64}}"
)  # the TOML parser takes time that grows with the cube of its length
_BARE = re.compile(r"[^\s\[\]{}\"',#=]+")
_KEY = re.compile(r"""\s*((?:"[^"]*"|'[^']*'|[\w.-])+)\s*=""")


class SettingsError(Exception):
    """Settings that cannot be followed; the message is one sentence that names the file and the line."""


class Refused(ValueError):
    """What a value should have been; `found` is the part of it that is wrong, where that is not the whole."""

    def __init__(self, wanted: str, *found: object) -> None:
        super().__init__(wanted)
        self.found = found


class SettingsFile:
    """The settings of one file: `values` as they stand there, `table` the table that holds them ("" in our own files)."""

    def __init__(self, path: str, text: str, table: str, values: Mapping[str, Any]) -> None:
        self.path = path
        self.text = text
        self.table = table
        self.values = values

    def checked(self, fields: Mapping[str, Callable[[object], object]], only: str | None = None) -> dict[str, Any]:
        """Return the values under the names of `fields` (underscores for dashes), each as its check returns it.

        With `only`, that value alone is looked at.
        """
        known = {name.replace("_", "-"): check for name, check in fields.items()}
        values = self.values if only is None else {only: self.values[only]}
        return {key.replace("-", "_"): self._checked(key, value, known) for key, value in values.items()}

    def _checked(self, key: str, value: object, known: Mapping[str, Callable[[object], object]]) -> object:
        if key not in known:
            raise self.error(key, f"unknown setting `{key}`{did_you_mean(key, list(known))}")
        try:
            return known[key](value)
        except Refused as wanted:
            found = *wanted.found, value
            raise self.error(key, f"`{key}` must be {wanted}, not {_kind(found[0])}") from None

    def error(self, key: str, problem: str, *, value: str | None = None) -> SettingsError:
        """Return the error to raise about `key`, or about one string within its value."""
        return SettingsError(f"{self.place(key, value)}: {problem}")

    def place(self, key: str, value: str | None = None) -> str:
        """Return where `key` stands, or one string within its value: the file and the line."""
        return f"{shown(self.path)}:{self._line_of(key, value)}"

    def _line_of(self, key: str, value: str | None) -> int:
        wanted = f"{self.table}.{key}" if self.table else key
        lines = self.text.splitlines()
        table, found = "", 0
        for row, line in enumerate(lines, 1):
            header = _header(line)
            if header is not None:
                table = _unquoted(header)
                names = [table]
            elif match := _KEY.match(line):
                names = [f"{table}.{_unquoted(match[1])}" if table else _unquoted(match[1])]
            else:
                continue
            if any(name == wanted or name.startswith(wanted + ".") for name in names):
                found = row
                break
            if not found and self.table and names[0] == self.table:
                found = row
        found = found or 1
        if value is not None:
            quoted = re.compile(f"""["']{re.escape(value)}["']""")
            return next((row for row, line in enumerate(lines[found - 1 :], found) if quoted.search(line)), found)
        return found


class Assignments(SettingsFile):
    """Settings that the command line gives as `key=value`, where a value is TOML, or text without quotes."""

    def __init__(self, given: Sequence[str]) -> None:
        """Raise SettingsError where one of them is neither."""
        values: dict[str, Any] = {}
        for one in given:
            key, _, value = one.partition("=")
            values[key.strip()] = _value(value.strip())
        super().__init__("", "", "", values)

    def place(self, key: str, value: str | None = None) -> str:
        """Return the option that gives them."""
        return "--config"


def _value(text: str) -> object:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    if _LONG_KEY.search(text) or "\n" in text:
        raise SettingsError("--config: a value must be short and on one line")
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (tomllib.TOMLDecodeError, RecursionError, ValueError):
        if _BARE.fullmatch(text):
            return text
    raise SettingsError(f"--config: `{text}` is neither a value of TOML nor a word")


def find_in(folder: str) -> SettingsFile | None:
    """Return the settings file of this folder itself; a pyproject.toml without our table is none."""
    for name in OWN_NAMES:
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            return read(path)
    path = os.path.join(folder, "pyproject.toml")
    if os.path.isfile(path):
        text = _text(path)
        # Most pyproject.toml files say nothing to us: they are not parsed, and their mistakes are not our business.
        if "scriptlint" in text:
            values = _own_table(path, text)
            if values is not None:
                return SettingsFile(path, text, "tool.scriptlint", values)
    return None


def read(path: str) -> SettingsFile:
    """Return the settings in this file; raises SettingsError if it cannot be read."""
    return _parsed(path, _text(path))


def did_you_mean(name: str, known: list[str]) -> str:
    """Return the end of a sentence about an unknown name: the nearest known one, if any is near."""
    import difflib  # for mistakes only

    near = difflib.get_close_matches(name.replace("_", "-"), known, 1, 0.6)
    return f"; did you mean `{near[0]}`?" if near else ""


def _text(path: str) -> str:
    try:
        return read_bytes(path, SETTINGS_LIMIT).decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError:
        raise SettingsError(f"{shown(path)}:1: a settings file must be UTF-8") from None
    except OSError as error:
        raise SettingsError(f"{shown(path)}: the settings file cannot be read: {error.strerror}") from None


def _own_table(path: str, text: str) -> Mapping[str, Any] | None:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        if _LONG_KEY.search(text):
            raise RecursionError
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"line (\d+)", str(error))
        line = int(place[1]) if place else text.count("\n") + 1
        reason = re.sub(r"\s*\(at .*\)$", "", str(error))
        raise SettingsError(f"{shown(path)}:{line}: this is not TOML: {reason[:1].lower()}{reason[1:]}") from None
    except (RecursionError, ValueError) as error:  # a ValueError is an integer of thousands of digits
        what = (
            "something nested too deeply"
            if isinstance(error, RecursionError)
            else "an integer that has too many digits"
        )
        raise SettingsError(f"{shown(path)}: the settings file cannot be read: there is {what}") from None
    if os.path.basename(path) != "pyproject.toml":
        return document
    tool = document.get("tool")
    table = tool.get("scriptlint") if isinstance(tool, dict) else None
    if table is not None and not isinstance(table, dict):
        raise SettingsFile(path, text, "tool", {}).error(
            "scriptlint", f"`tool.scriptlint` must be a table, not {_kind(table)}"
        )
    return table


def _parsed(path: str, text: str) -> SettingsFile:
    table = "tool.scriptlint" if os.path.basename(path) == "pyproject.toml" else ""
    return SettingsFile(path, text, table, _own_table(path, text) or {})


def _header(line: str) -> str | None:
    """Return the name of the table that begins in a line, if one does."""
    line = line.strip()
    name, end, rest = line.lstrip("[").partition("]")
    rest = rest.lstrip("]").strip()
    if not line.startswith("[") or not end or (rest and not rest.startswith("#")):
        return None
    return name.strip()


def _unquoted(dotted: str) -> str:
    return re.sub(r"\s*\.\s*", ".", dotted).replace('"', "").replace("'", "").strip()


def _kind(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f'"{value}"'
        case int() | float():
            return f"the number {value}"
        case list():
            return "a list" if all(isinstance(one, str) for one in value) else "a list with other things in it"
        case dict():
            return "a table"
    return f"a {type(value).__name__}"
