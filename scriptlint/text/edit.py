"""Edits: what a fix does to a file, as data that the cache keeps and editors take as it is.

Why text and no trees: disjoint edits of many fixes are applied in one pass, what lies outside of them is untouched by
construction, and whether two fixes can go together is a question about numbers.
"""

from __future__ import annotations

import enum
import re
import sys
from collections.abc import Iterable, Iterator, Sequence

import msgspec

_DEFINITION = re.compile(r"^[ \t]*(?:def|class) (\w+)", re.M)


class Safety(str, enum.Enum):
    """What a fix may change.

    safe: neither what the code computes nor the signature that others call. unsafe: one of these, for some callers or
    inputs. display: a suggestion that somebody has to complete; it is shown and never applied.
    """

    SAFE = "safe"
    UNSAFE = "unsafe"
    DISPLAY = "display"


class Edit(msgspec.Struct, frozen=True, array_like=True, order=True):
    """Replaces the half-open range of offsets by `text`, in which every line ends with `\\n`.

    `line` marks an inserted line that may stand beside others at the same place, in whichever order.
    """

    start: int
    end: int
    text: str
    line: bool = False


class Import(msgspec.Struct, frozen=True, array_like=True, order=True):
    """A name that a fix needs: `from module import name`, or `import module` where `name` is empty.

    Several fixes may need the same, so the statement is written only when it is known which of them are applied. `at` is
    where it goes, the beginning of a line. With a `separator` it is a place among the names of an import from this module,
    behind one of them. Where it is `ahead`, it stands before the name at this place, or before a group of imports.
    """

    at: int
    module: str
    name: str
    separator: str = ""
    ahead: bool = False


class Fix(msgspec.Struct, frozen=True, array_like=True):
    """One repair, applied as a whole or not at all. All of its edits are in the file `path`, and none overlap.

    `relies_on` are attributes, `Class.name`, that no other file sets: else a safe fix is unsafe.
    """

    path: str
    title: str
    safety: str
    edits: tuple[Edit, ...]
    imports: tuple[Import, ...] = ()
    relies_on: tuple[str, ...] = ()

    @property
    def all_edits(self) -> list[Edit]:
        """The edits and the imports, for whoever applies this fix alone."""
        return list(_together(sorted([*self.edits, *written(self.imports)])))


def written(imports: Iterable[Import]) -> list[Edit]:
    """Return the edits that bring these imports into the file, names of one module in one statement."""
    places: dict[int, list[Import]] = {}
    for one in sorted(set(imports)):
        places.setdefault(one.at, []).append(one)
    return [
        Edit(at, at, _statements(wanted) if not wanted[0].separator else _names(wanted))
        for at, wanted in places.items()
    ]


def _names(wanted: Sequence[Import]) -> str:
    return "".join(f"{one.name}{one.separator}" if one.ahead else f"{one.separator}{one.name}" for one in wanted)


def _statements(wanted: Sequence[Import]) -> str:
    """Import statements, those of the standard library first, and an empty line before a group that follows."""
    whole = sorted({one.module for one in wanted if not one.name}, key=_group)
    names: dict[str, list[str]] = {}
    for one in wanted:
        if one.name:
            names.setdefault(one.module, []).append(one.name)
    parts = [(_group(module), f"import {module}\n") for module in whole]
    parts += [
        (_group(module), f"from {module} import {', '.join(names[module])}\n") for module in sorted(names, key=_group)
    ]
    text = "".join(line for _, line in sorted(parts, key=lambda part: part[0][0]))
    return text + "\n" if all(one.ahead for one in wanted) else text


def _group(module: str) -> tuple[bool, str]:
    return not is_standard(module), module


def is_standard(module: str) -> bool:
    """Return True if a module is one of Python's own library."""
    return module.partition(".")[0] in sys.stdlib_module_names


def compatible(fixes: Iterable[Fix]) -> list[Fix]:
    """Return those of the fixes of one file that can be applied together, in the order of the file.

    A fix of which any edit overlaps one that is taken is left out whole, and so is one that defines a function or class
    whose name another one defines: neither knew of the other when it chose the name. An edit that is taken already, to
    the letter, is no conflict: two findings may ask for the same.
    """
    taken: list[Edit] = []
    defined: set[str] = set()
    chosen: list[Fix] = []
    for fix in sorted(fixes, key=lambda one: min(one.edits).start):
        new = [edit for edit in fix.edits if edit not in taken]
        names = {name for edit in new for name in _DEFINITION.findall(edit.text)}
        if not names & defined and not any(_overlap(one, other) for one in new for other in taken):
            taken += new
            defined |= names
            chosen.append(fix)
    return chosen


def applied(text: str, fixes: Sequence[Fix], newline: str = "\n") -> str:
    """Return the text after fixes that are compatible; lines that they add end with `newline`."""
    pieces: list[str] = []
    at = 0
    for edit in merged(fixes):
        pieces += [text[at : edit.start], ended(edit.text, newline)]
        at = max(at, edit.end)
    return "".join([*pieces, text[at:]])


def ended(text: str, newline: str) -> str:
    """Return text whose lines end as those of a file do; what is copied from the file may end so already."""
    return text.replace("\r\n", "\n").replace("\n", newline)


def merged(fixes: Sequence[Fix]) -> list[Edit]:
    """Return the edits of fixes that are compatible, in order."""
    edits = {edit for fix in fixes for edit in fix.edits}
    imports = written({one for fix in fixes for one in fix.imports})
    return list(_together(sorted([*edits, *imports])))


def _together(edits: Iterable[Edit]) -> Iterator[Edit]:
    """Lines at one place with the empty lines of one around all of them."""
    last: Edit | None = None
    for edit in edits:
        if last is not None and last.line and edit.line and last.start == edit.start:
            above = last.text[:-1] if last.text.endswith("\n\n") and edit.text.endswith("\n\n") else last.text
            last = msgspec.structs.replace(last, text=above + edit.text.lstrip("\n"))
            continue
        if last is not None:
            yield last
        last = edit
    if last is not None:
        yield last


def _overlap(one: Edit, other: Edit) -> bool:
    if one.start == one.end and other.start == other.end:
        return one.start == other.start and not (one.line and other.line)  # nobody knows which of two comes first
    return one.start < other.end and other.start < one.end
