"""Type comments that the compiler misreads."""

from __future__ import annotations

import re
from bisect import bisect_right

from scriptlint.fixes.places import scope_in
from scriptlint.program.module import ModuleInfo
from scriptlint.syntax import nodes as n
from scriptlint.syntax.trivia import Comment
from scriptlint.syntax.walk import by_function, statements, walk
from scriptlint.text import Edit, Fix, Safety

_IGNORE = re.compile(r"# type: ignore(?P<codes>\[[^\]]*\])?\s*(?P<rest>#.*)?$")
_ONE_CODE = re.compile(r"\[[a-zA-Z-]+\]")
_SPELLING = re.compile(r"#[\t ]*type[\t ]*:[\t ]*(?=\(|ignore\b)")
_TYPE = re.compile(r"# type:\s*(?P<type>[\w.]+(?:\[.*\])?)\s*$")


def ignore_at_the_end(module: ModuleInfo, at: int) -> Fix | None:
    """`# type: ignore  # why` becomes `# why  # type: ignore`, and several codes none."""
    comment = _comment(module, at)
    found = _IGNORE.search(comment.text) if comment is not None else None
    if comment is None or found is None or "# type:" in (found["rest"] or ""):
        return None
    codes = found["codes"] if found["codes"] and _ONE_CODE.fullmatch(found["codes"]) else ""
    made = f"{found['rest'].rstrip()}  # type: ignore{codes}" if found["rest"] else f"# type: ignore{codes}"
    edit = Edit(comment.start + found.start(), comment.start + len(comment.text), made)
    return Fix(module.path, "end the line with `# type: ignore`", Safety.SAFE.value, (edit,))


def spelled_right(module: ModuleInfo, at: int) -> Fix | None:
    """`#type:(int) -> int` becomes `# type: (int) -> int`."""
    comment = _comment(module, at)
    found = _SPELLING.match(comment.text) if comment is not None else None
    if comment is None or found is None:
        return None
    edit = Edit(comment.start, comment.start + found.end(), "# type: ")
    return Fix(module.path, "write `# type: `", Safety.SAFE.value, (edit,))


def as_annotation(module: ModuleInfo, function: n.FunctionDef, at: int) -> Fix | None:
    """`x = []  # type: List[int]` becomes `x: List[int] = []`, where that is the first value of `x`."""
    comment = _comment(module, at)
    found = _TYPE.match(comment.text) if comment is not None else None
    if comment is None or found is None:
        return None
    text, end = module.source.text, at
    while text[end - 1] in " \t":
        end -= 1
    stmt = _by_end(function).get(end)
    if not isinstance(stmt, n.Assign) or len(stmt.targets) != 1 or not isinstance(stmt.targets[0], n.Name):
        return None
    target = stmt.targets[0]
    if target.id in scope_in(function).declared_global or _first_mentions(function)[target.id] < stmt.start:
        return None
    edits = (
        Edit(target.end, target.end, f": {found['type']}"),
        Edit(stmt.end, comment.start + len(comment.text), ""),
    )
    return Fix(module.path, f"annotate `{target.id}`", Safety.SAFE.value, edits)


def _comment(module: ModuleInfo, at: int) -> Comment | None:
    """Return the comment that an offset lies in."""
    index = bisect_right(module.comments, at, key=lambda one: one.start) - 1
    comment = module.comments[index] if index >= 0 else None
    return comment if comment is not None and at < comment.start + len(comment.text) else None


@by_function(8)
def _by_end(function: n.FunctionDef) -> dict[int, n.Stmt]:
    """Return the statements of a function by where they end, of several the outermost."""
    found: dict[int, n.Stmt] = {}
    for one in statements(function.body):
        found.setdefault(one.end, one)
    return found


@by_function(8)
def _first_mentions(function: n.FunctionDef) -> dict[str, int]:
    """Return where each name stands first in a function, as an expression, a parameter or a definition."""
    found: dict[str, int] = {}
    for one in walk(function.args, *function.body):
        name = one.id if isinstance(one, n.Name) else getattr(one, "name", None)
        if isinstance(name, str):
            found[name] = min(one.start, found.get(name, one.start))
    return found
