"""Functions and constants of the standard library that Python itself can be asked for: they read nothing but their arguments."""

from __future__ import annotations

import json
import posixpath
import re
import string
import textwrap
from collections.abc import Callable
from typing import Any

from scriptlint.evaluate import plain
from scriptlint.evaluate.arguments import Arguments
from scriptlint.evaluate.values import Const, Some, Unknown, Value

_LONGEST = 1000
"""Longer texts are not parsed: they may be nested deeper than the stack."""


def _parsed(text: str) -> Any:
    if len(text) > _LONGEST:
        raise ValueError
    return json.loads(text)


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "json.loads": _parsed,
    "textwrap.dedent": textwrap.dedent,
    **{
        f"{package}.{name}": getattr(posixpath, name)
        for package in ("os.path", "posixpath")
        for name in ("basename", "dirname", "isabs", "join", "normpath", "split", "splitext")
    },
}
_TEXTS = frozenset("textwrap.dedent os.path.basename os.path.dirname os.path.join os.path.normpath".split())
_CONSTANTS: dict[str, object] = {
    **{f"string.{name}": value for name, value in vars(string).items() if isinstance(value, str)},
    **{f"re.{name}": int(flag) for name, flag in vars(re).items() if isinstance(flag, re.RegexFlag)},
    "os.sep": "/",
}


def call(name: str, arguments: list[Value], given: Arguments) -> Value | None:
    """Return what a function returns; None for those that are not known here."""
    function = _FUNCTIONS.get(name)
    if function is None:
        return None
    made = plain.computed(function, arguments, given.keywords) if given.exact else Unknown()
    if isinstance(made, Unknown):
        return Some("str") if name in _TEXTS else Unknown(f"`{name}`")
    return made


def constant(name: str) -> Value | None:
    """Return the value of a constant by its dotted name; None where there is none."""
    value = _CONSTANTS.get(name)
    return Const(value) if isinstance(value, (int, str)) else None
