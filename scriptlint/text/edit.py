"""Edits: what a fix does to a file, as data that the cache keeps and editors take as it is.

Why text and no trees: disjoint edits of many fixes are applied in one pass, what lies outside of them is untouched by
construction, and whether two fixes can go together is a question about numbers.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Sequence

import msgspec


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
    where it goes: with `extends`, behind the last name of an import from this module, else at the beginning of a line.
    """

    at: int
    extends: bool
    module: str
    name: str


class Fix(msgspec.Struct, frozen=True, array_like=True):
    """One repair, applied as a whole or not at all. All of its edits are in the file `path`, and none overlap."""

    path: str
    title: str
    safety: str
    edits: tuple[Edit, ...]
    imports: tuple[Import, ...] = ()

    @property
    def all_edits(self) -> list[Edit]:
        """The edits and the imports, for whoever applies this fix alone."""
        return list(_together(sorted([*self.edits, *written(self.imports)])))


def written(imports: Iterable[Import]) -> list[Edit]:
    """The edits that bring these imports into the file, names of one module in one statement."""
    names: dict[tuple[int, bool, str], list[str]] = {}
    for one in sorted(set(imports)):
        names.setdefault((one.at, one.extends, one.module), []).append(one.name)
    edits: dict[int, str] = {}
    for (at, extends, module), wanted in names.items():
        if extends:
            text = "".join(f", {name}" for name in wanted)
        else:
            text = f"import {module}\n" if "" in wanted else ""
            named = ", ".join(filter(None, wanted))
            text += f"from {module} import {named}\n" if named else ""
        edits[at] = edits.get(at, "") + text
    return [Edit(at, at, text) for at, text in edits.items()]


def compatible(fixes: Iterable[Fix]) -> list[Fix]:
    """Those of the fixes of one file that can be applied together, in the order of the file.

    A fix of which any edit overlaps one that is taken is left out whole. An edit that is taken already, to the letter,
    is no conflict: two findings may ask for the same.
    """
    taken: list[Edit] = []
    chosen: list[Fix] = []
    for fix in sorted(fixes, key=lambda one: min(one.edits).start):
        new = [edit for edit in fix.edits if edit not in taken]
        if not any(_overlap(one, other) for one in new for other in taken):
            taken += new
            chosen.append(fix)
    return chosen


def applied(text: str, fixes: Sequence[Fix], newline: str = "\n") -> str:
    """The text after fixes that are compatible; lines that they add end with `newline`."""
    edits = {edit for fix in fixes for edit in fix.edits}
    imports = written({one for fix in fixes for one in fix.imports})
    pieces: list[str] = []
    at = 0
    for edit in _together(sorted([*edits, *imports])):
        pieces += [text[at : edit.start], edit.text.replace("\n", newline)]
        at = max(at, edit.end)
    return "".join([*pieces, text[at:]])


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
