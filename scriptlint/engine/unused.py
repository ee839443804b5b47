"""The fix of a suppression that suppresses nothing: it goes, or the names in it that are of no use."""

from __future__ import annotations

import re
from collections.abc import Collection

from scriptlint.diag import Span
from scriptlint.text import Edit, Fix, Safety, SourceFile

_NAMES = re.compile(r"(?P<open>\[|:\s*(?=[A-Z]+[0-9]))(?P<names>[\w\s,.-]*\w)", re.IGNORECASE)


def without(source: SourceFile, span: Span, unused: Collection[str]) -> Fix:
    """Take names out of the directive at `span`, and all of it where no name is left."""
    text = source.text[span.start : span.end]
    found = _NAMES.search(text, text.find(":") + 1 if "scriptlint" in text else 0)
    names = re.split(r"[\s,]+", found["names"].strip()) if found is not None else []
    kept = [one for one in names if one not in unused and one.upper() not in unused]
    if found is not None and kept and len(kept) < len(names):
        edit = Edit(span.start + found.start("names"), span.start + found.end("names"), ", ".join(kept))
        title = f"remove {', '.join(f'`{one}`' for one in unused)}"
        return Fix(span.path, title, Safety.SAFE.value, (edit,))
    return Fix(span.path, "remove the comment", Safety.SAFE.value, (_removed(source.text, span),))


def _removed(text: str, span: Span) -> Edit:
    """Return the edit that takes a directive out of its line, and the line with it where nothing else stands there."""
    first = max(text.rfind("\n", 0, span.start), text.rfind("\r", 0, span.start)) + 1
    ending = re.compile(r"\r\n?|\n|$").search(text, span.end)
    assert ending is not None
    rest = text[span.end : ending.start()]
    if rest.strip():
        is_comment = rest.lstrip().startswith("#")
        return Edit(span.start, span.end + len(rest) - len(rest.lstrip()), "" if is_comment else "# ")
    if not text[first : span.start].strip():
        return Edit(first, ending.end(), "")
    return Edit(first + len(text[first : span.start].rstrip()), ending.start(), "")
