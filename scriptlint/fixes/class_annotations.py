"""Annotations in the body of a class, which tell the compiler what the attributes of its objects are.

Python keeps them in a dictionary that nothing of torch but the compiler reads, so they change nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping

from scriptlint.fixes.annotations import spelled
from scriptlint.fixes.imports import Speller
from scriptlint.fixes.layout import indentation, line_start, next_line
from scriptlint.fixes.places import outermost
from scriptlint.program.module import Class
from scriptlint.syntax import nodes as n
from scriptlint.text import Edit, Fix, Safety
from scriptlint.types.model import Type


def final_attributes(cls: Class, kinds: Mapping[str, Type]) -> Fix | None:
    """Makes constants of attributes that the constructor sets, so that the compiler prunes the branches they decide."""
    spell = Speller(cls.module, outermost(cls.module, cls.node).start)
    final = spell("typing.Final")
    lines = []
    for name, kind in kinds.items():
        text = spelled(kind, spell)
        if text is None or final is None:
            return None
        lines.append(f"{name}: {final}[{text}]\n")
    edit = _at_the_top(cls, lines)
    if edit is None:
        return None
    title = f"make {', '.join(f'`{one}`' for one in kinds)} Final"
    return Fix(cls.module.path, title, Safety.SAFE.value, (edit,), tuple(spell.imports))


def _at_the_top(cls: Class, lines: list[str]) -> Edit | None:
    """Puts lines below the docstring of a class, None where its body stands on the line of its header."""
    body, text = cls.node.body, cls.module.source.text
    blanks = indentation(text, body[0].start)
    if blanks is None:
        return None
    has_docstring = isinstance(body[0], n.ExprStmt) and isinstance(body[0].value, n.Constant)
    rest = body[1:] if has_docstring else body
    written = "".join(blanks + one for one in lines)
    if rest and isinstance(rest[0], n.AnnAssign):
        at = line_start(text, rest[0].start)
        return Edit(at, at, written)
    if has_docstring:
        at = next_line(text, body[0].end)
        ends = text[:at].endswith(("\n", "\r"))
        return Edit(at, at, ("" if ends else "\n") + "\n" + written)
    at = next_line(text, cls.node.header_end - 1)
    return Edit(at, at, written if not rest or text[at:].startswith(("\n", "\r")) else f"{written}\n")
