"""Statements that Python has and TorchScript lacks, written with those that it has."""

from __future__ import annotations

import re

from scriptlint.fixes.imports import import_place
from scriptlint.fixes.layout import before, indentation, line_start, next_line, shifted, without
from scriptlint.fixes.places import operand, outermost, runs_first, statement_of
from scriptlint.program.module import Function, ModuleInfo
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import statements, walk
from scriptlint.text import Edit, Fix, Safety, is_standard

_ELSE = re.compile(r"^[ \t]*else[ \t]*:[ \t]*(#.*)?(?:\r\n?|\n)", re.M)


def written_out(module: ModuleInfo, stmt: n.AugAssign) -> Fix | None:
    """`x @= y` becomes `x = x @ y`: tensors have no `@=` of their own, but a `//=`, which writes to the tensor."""
    if not isinstance(stmt.target, (n.Name, n.Attribute)):
        return None
    target = module.text(stmt.target)
    text = f"= {target} {stmt.op} "
    value = operand(module, stmt.value)
    safety = Safety.SAFE if stmt.op == "@" else Safety.UNSAFE
    between = module.source.text[stmt.target.end : stmt.value.start]
    if between.strip() != f"{stmt.op}=":
        return None
    edits = (Edit(stmt.target.end, stmt.value.end, f" {text}{value}"),)
    return Fix(module.path, f"write `{target} {text}...`", safety.value, edits)


def without_else(module: ModuleInfo, loop: n.For | n.While) -> Fix | None:
    """Move the block of an `else` below its loop, where nothing breaks the loop, so that the block always runs."""
    text, block = module.source.text, loop.orelse
    outer, inner = indentation(text, loop.start), indentation(text, block[0].start)
    if _breaks(loop) or outer is None or inner is None or _has_long_string(module, block):
        return None
    header = _ELSE.search(text, loop.body[-1].end)
    if header is None or header.end() > block[0].start:
        return None
    end = next_line(text, block[-1].end)
    comment = f"{outer}{header[1]}\n" if header[1] else ""
    edit = Edit(header.start(), end, comment + shifted(text[header.end() : end], inner, outer))
    return Fix(module.path, "put the `else` block behind the loop", Safety.SAFE.value, (edit,))


def without_catching(function: Function, call: n.Call) -> Fix | None:
    """Run the block of `with warnings.catch_warnings():` by itself, without what it says of warnings: they are shown."""
    module, place = function.module, statement_of(function.node, call)
    text = module.source.text
    match place:
        case (n.With(items=[n.WithItem(context=context, target=None)], body=body) as stmt, _) if context is call:
            outer, inner = indentation(text, stmt.start), indentation(text, body[0].start)
        case _:
            return None
    silent = [one for one in body if _is_about_warnings(function, one)]
    alone = all(indentation(text, one.start) is not None and _ends_line(text, one.end) for one in silent)
    header = (one for one in module.comments if stmt.start < one.start < body[0].start)
    if outer is None or inner is None or not alone or len(silent) == len(body) or any(header):
        return None
    if _has_long_string(module, body):
        return None
    at, end, kept = line_start(text, body[0].start), next_line(text, body[-1].end), ""
    for one in silent:
        kept += text[at : line_start(text, one.start)]
        at = next_line(text, one.end)
    edit = Edit(line_start(text, stmt.start), end, shifted(kept + text[at:end], inner, outer))
    return Fix(module.path, "let the block show its warnings", Safety.UNSAFE.value, (edit,))


def _ends_line(text: str, at: int) -> bool:
    rest = text[at : next_line(text, at)].strip()
    return not rest or rest.startswith("#")


def _is_about_warnings(function: Function, stmt: n.Stmt) -> bool:
    match stmt:
        case n.ExprStmt(
            value=n.Call(func=n.Attribute(value=n.Name(id="warnings"), attr=("simplefilter" | "filterwarnings")))
        ):
            return "warnings" not in function.scope.bindings
    return False


def _breaks(loop: n.For | n.While) -> bool:
    inner = {
        id(one)
        for other in statements(loop.body)
        if isinstance(other, (n.For, n.While))
        for one in statements(other.body)
    }
    return any(isinstance(one, n.Break) and id(one) not in inner for one in statements(loop.body))


def _has_long_string(module: ModuleInfo, block: list[n.Stmt]) -> bool:
    """Return True if a string goes over lines, which moving them would change."""
    return any(
        isinstance(one, (n.Constant, n.JoinedStr)) and "\n" in module.text(one) for part in block for one in walk(part)
    )


def without_declaration(module: ModuleInfo, function: n.FunctionDef, stmt: n.AnnAssign) -> Fix | None:
    """Delete `x: int`, and give its annotation to the assignment of `x` below, where there is one in the same block."""
    place = statement_of(function, stmt)
    if place is None:
        return None
    body = place[1]
    edit = without(module.source.text, body, stmt)
    if edit is None:
        return None
    edits = [edit]
    target = module.text(stmt.target)
    later = [one for one in body if one.start > stmt.start and target in _assigned(module, one)]
    if later and isinstance(later[0], n.Assign) and len(later[0].targets) == 1:
        end = later[0].targets[0].end
        if isinstance(stmt.target, n.Name) and body is function.body:
            edits.append(Edit(end, end, f": {module.text(stmt.annotation)}"))
    return Fix(module.path, f"annotate no `{target}` without a value", Safety.SAFE.value, tuple(edits))


def _assigned(module: ModuleInfo, stmt: n.Stmt) -> set[str]:
    return {
        module.text(target)
        for one in statements([stmt])
        if isinstance(one, (n.Assign, n.AnnAssign, n.AugAssign))
        for target in (one.targets if isinstance(one, n.Assign) else [one.target])
    }


def without_annotation(module: ModuleInfo, stmt: n.AnnAssign) -> Fix:
    """`self.x: int = 1` becomes `self.x = 1`; nothing keeps the annotation."""
    edit = Edit(stmt.target.end, stmt.annotation.end, "")
    return Fix(module.path, "drop the annotation", Safety.SAFE.value, (edit,))


def assigned_before(module: ModuleInfo, function: n.FunctionDef, walrus: n.NamedExpr) -> Fix | None:
    """`if (n := f(x)) > 1:` becomes `n = f(x)` and `if n > 1:`, where nothing else is evaluated first."""
    place, text = statement_of(function, walrus), module.source.text
    if place is None or not runs_first(place[0], walrus) or text.startswith("elif", place[0].start):
        return None
    target, value = module.text(walrus.target), module.text(walrus.value)
    line = before(text, place[0].start, [f"{target} = ({value})" if "\n" in value else f"{target} = {value}"])
    if line is None:
        return None
    start, end = walrus.start, walrus.end
    called = text[: start - 1].rstrip(" ")[-1:]
    if text[start - 1] == "(" and text[end] == ")" and not (called.isalnum() or called in "_)]"):
        start, end = start - 1, end + 1
    elif text[start - 1] == "(" and text[end] == ")" and text[start - 2].isspace():
        start, end = start - 1, end + 1  # behind a keyword
    edits = (line, Edit(start, end, target))
    return Fix(module.path, f"assign `{target}` beforehand", Safety.SAFE.value, edits)


def imported_above(module: ModuleInfo, function: n.FunctionDef, stmt: n.Import | n.ImportFrom) -> Fix | None:
    """Move an import to the top of the file, or drop it where it stands there already."""
    place = statement_of(function, stmt)
    edit = without(module.source.text, place[1], stmt) if place is not None else None
    if place is not None and edit is not None and stmt is place[1][0] and not edit.text:
        edit = Edit(edit.start, _below_empty_lines(module.source.text, edit.end), "")
    if edit is None or any(one.name == "*" for one in stmt.names):
        return None
    names = [one.asname or one.name.partition(".")[0] for one in stmt.names]
    bound = [module.scope.bindings.get(one, []) for one in names]
    if all(len(found) == 1 and not found[0].conditional and _same(stmt, found[0].node) for found in bound):
        return Fix(module.path, "drop the import, which the file has", Safety.SAFE.value, (edit,))
    packages = [one.name for one in stmt.names] if isinstance(stmt, n.Import) else [stmt.module]
    if any(bound) or (isinstance(stmt, n.ImportFrom) and stmt.level) or any(_is_own(module, one) for one in packages):
        return None
    if not all(_is_at_hand(module, one) for one in packages):
        return None
    at, ahead = import_place(module, packages[0], outermost(module, function).start)
    blanks = indentation(module.source.text, stmt.start) or ""
    text = shifted(f"{blanks}{module.text(stmt)}\n", blanks, "")
    added = Edit(at, at, text + ("\n" if ahead else ""))
    return Fix(module.path, "import it at the top", Safety.UNSAFE.value, (added, edit))


def _is_own(module: ModuleInfo, package: str) -> bool:
    """Return True if a package is the file's own, where an import inside of a function may be what keeps two files from a circle."""
    return "." in module.name and module.name.partition(".")[0] == package.partition(".")[0]


def _is_at_hand(module: ModuleInfo, package: str) -> bool:
    """Return True if a package is surely installed where the file is imported: Python's, or one that the file imports already."""
    top = package.partition(".")[0]
    names = [
        name
        for one in module.tree.body
        if isinstance(one, (n.Import, n.ImportFrom))
        for name in ([one.module] if isinstance(one, n.ImportFrom) else [alias.name for alias in one.names])
    ]
    return is_standard(top) or any(name.partition(".")[0] == top for name in names)


def _below_empty_lines(text: str, at: int) -> int:
    if at and text[at - 1] not in "\r\n":
        return at  # a comment stays on the line
    while at < len(text) and not text[at : next_line(text, at)].strip():
        at = next_line(text, at)
    return at


def _same(one: n.Import | n.ImportFrom, other: n.Node) -> bool:
    """Return True if another statement imports all that this one does, from the same place and by the same names."""
    if isinstance(one, n.ImportFrom):
        if not isinstance(other, n.ImportFrom) or (one.module, one.level) != (other.module, other.level):
            return False
    elif not isinstance(other, n.Import):
        return False
    had = {(alias.name, alias.asname) for alias in other.names}
    return all((alias.name, alias.asname) in had for alias in one.names)
