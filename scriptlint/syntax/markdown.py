"""Markdown: the fenced Python of a page as one program, in which all else is blank, so that places stay as they are."""

from __future__ import annotations

import re
from collections.abc import Sequence

from scriptlint.text import Edit, Fix, UnreadableSource
from scriptlint.text.edit import applied, merged

_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")
_FENCE = re.compile(r"( *)(`{3,}|~{3,})[ \t]*\{?\.?(?P<word>[\w+-]*)[^`\r\n]*[\r\n]*\Z")
_LANGUAGES = frozenset({"python", "python3", "py", "py3"})
_BLANK = re.compile(r"[^\r\n]")


def program(text: str) -> str:
    """Return the program of a page: as long as the page, line by line.

    A block that is indented, as in a list, becomes the body of an `if 1:` in the line of its fence. Blocks that show a
    session of the interpreter are left out.
    """
    made: list[str] = []
    fence: re.Match[str] | None = None
    block: list[str] = []
    for line in _LINE.findall(text):
        found = _FENCE.match(line)
        if fence is None:
            fence, block = found, [line]
            if found is None:
                made.append(_blank(line))
        elif found is not None and found[2].startswith(fence[2]) and not line.strip().strip(fence[2][0]):
            made += [*_code(fence, block), _blank(line)]
            fence = None
        else:
            block.append(line)
    if fence is not None:
        made += map(_blank, block)  # it never ends
    return "".join(made)


def rewritten(text: str, fixes: Sequence[Fix]) -> str:
    """Return a page with fixes of its program; raises UnreadableSource where one changes what is not in a block."""
    code = program(text)
    for edit in merged(fixes):
        if not _is_in_block(code, text, edit):
            raise UnreadableSource("a fix that changes more than the code of one block")
    return applied(text, fixes, "\r\n" if "\r\n" in text else "\n")


def _is_in_block(code: str, text: str, edit: Edit) -> bool:
    if code[edit.start : edit.end] != text[edit.start : edit.end]:
        return False
    first = code.rfind("\n", 0, edit.start) + 1
    end = code.find("\n", max(edit.end - 1, edit.start))
    lines = code[first : end if end >= 0 else len(code)]
    return bool(lines.strip()) and lines == text[first : first + len(lines)]


def _code(fence: re.Match[str], block: list[str]) -> list[str]:
    """Return the lines of a block, its opening fence the first."""
    indent, body = fence[1], block[1:]
    is_python = fence["word"].lower() in _LANGUAGES
    is_whole = all(one.startswith(indent) or not one.strip() for one in body)
    is_session = any(one.lstrip().startswith(">>>") for one in body)
    if not is_python or not is_whole or is_session or not "".join(body).strip():
        return [_blank(one) for one in block]
    opening = _blank(block[0])
    if indent:
        opening = "if 1:" + opening[5:]
        last = max(at for at, one in enumerate(body) if one.strip())
        if all(not one.strip() or one.lstrip().startswith("#") for one in body[: last + 1]):
            return [_blank(one) for one in block]
    return [opening, *body]


def _blank(line: str) -> str:
    return _BLANK.sub(" ", line)
