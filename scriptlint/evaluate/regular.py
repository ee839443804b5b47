"""Regular expressions on known texts, which Python itself matches."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from scriptlint.evaluate import calls, plain
from scriptlint.evaluate.arguments import Arguments
from scriptlint.evaluate.values import Const, ExternalValue, Items, PythonObject, Some, Unknown, Value

if TYPE_CHECKING:
    from scriptlint.evaluate.evaluator import Evaluator

FUNCTIONS = frozenset("compile sub match search fullmatch split findall finditer escape".split())
_OF_PATTERN = FUNCTIONS - {"compile", "escape"}
_OF_MATCH = frozenset("group groups groupdict start end span".split())
_FLAGS = frozenset("IGNORECASE I VERBOSE X MULTILINE M DOTALL S ASCII A UNICODE U NOFLAG".split())
_LONGEST = 200
_LONGEST_PATTERN = 2000
# A pattern that repeats a repetition may take long, unless the text is short.
_REPEATS = re.compile(r"[*+}]\)?[*+{]")
_SHORT = 12


def call(ev: Evaluator, name: str, given: Arguments) -> Value:
    """Return what a function of `re` returns."""
    known = [_known(ev.resolved(one)) for one in given.positional]
    keywords = {key: _known(ev.resolved(one)) for key, one in given.keywords.items()}
    if name == "sub" and len(known) == 3 and known[0] is not None and known[2] is not None and known[1] is None:
        return _replaced(ev, known[0][0], given.positional[1], known[2][0])
    if not known or None in known or None in keywords.values() or not given.exact:
        return _unknown(name)
    arguments = [one[0] for one in known if one is not None]
    return _run(name, arguments, {key: one[0] for key, one in keywords.items() if one is not None})


def method(ev: Evaluator, owner: PythonObject, name: str, given: Arguments) -> Value:
    """Return what a method of a pattern or of a match returns."""
    of_pattern = owner.kind == "re.Pattern"
    if of_pattern and name in _OF_PATTERN:
        pattern = Arguments([owner, *given.positional], given.keywords, given.exact)
        return call(ev, name, pattern)
    if not of_pattern and name in _OF_MATCH and given.exact:
        return plain.computed(getattr(owner.itself, name), [ev.resolved(one) for one in given.positional])
    return Unknown(f"`{name}` of a `{owner.kind}`")


def attribute(owner: PythonObject, name: str) -> Value | None:
    """Return an attribute of a pattern or of a match that is not a method; None for other names."""
    if name in ("pattern", "groups", "string", "lastgroup", "lastindex") and hasattr(owner.itself, name):
        value = getattr(owner.itself, name)
        return None if callable(value) else plain.of_python(value)
    return None


def _known(value: Value) -> tuple[Any] | None:
    if isinstance(value, PythonObject) and value.itself is not None:
        return (value.itself,)
    if isinstance(value, ExternalValue) and value.name.startswith("re.") and value.name[3:] in _FLAGS:
        return (getattr(re, value.name[3:]),)
    return plain.to_python(value)


def _run(name: str, arguments: list[Any], keywords: dict[str, Any]) -> Value:
    first, *rest = arguments
    pattern = first.pattern if isinstance(first, re.Pattern) else first
    texts = [one for one in rest if isinstance(one, str)]
    longest = max(map(len, texts), default=0)
    if not isinstance(pattern, str) or longest > _LONGEST or len(pattern) > _LONGEST_PATTERN:
        return _unknown(name)
    if name not in ("compile", "escape") and longest > _SHORT and _REPEATS.search(pattern):
        return _unknown(name)
    try:
        made = getattr(re, name)(first, *rest, **keywords)
    except (re.error, RecursionError, *plain.ERRORS):
        return _unknown(name)
    if name == "finditer":
        return Items("iterator", [of_object(one) for one in made])
    return of_object(made) if isinstance(made, (re.Pattern, re.Match)) else plain.of_python(made) or _unknown(name)


def of_object(value: re.Pattern[str] | re.Match[str]) -> PythonObject:
    """Return the value that stands for a pattern or a match."""
    return PythonObject("re.Pattern" if isinstance(value, re.Pattern) else "re.Match", itself=value)


def _replaced(ev: Evaluator, pattern: Any, function: Value, text: object) -> Value:
    """Return what `re.sub` makes of a text with a function that is called for each match."""
    found = _run("finditer", [pattern, text], {})
    if not isinstance(found, Items) or not isinstance(text, str):
        return Some("str")
    made, at = "", 0
    for one in found.items:
        assert isinstance(one, PythonObject)
        assert isinstance(one.itself, re.Match)
        part = ev.resolved(calls.call(ev, function, Arguments([one], {})))
        if not isinstance(part, Const) or not isinstance(part.value, str):
            return Some("str")
        made += text[at : one.itself.start()] + part.value
        at = one.itself.end()
    return Const(made + text[at:]) if len(made) < plain.LONGEST else Some("str")


def _unknown(name: str) -> Value:
    return (
        Some("str") if name == "sub" else PythonObject("re.Pattern") if name == "compile" else Unknown(f"`re.{name}`")
    )
