"""Python's own `ast` as the judge of our tree: same kinds, same places, wherever both can be compared."""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections.abc import Iterator

from scriptlint.syntax import nodes

_RENAMED = {"ExprStmt": "Expr", "Keyword": "keyword", "Parameter": "arg", "Alias": "alias"}
_ASYNC = {"FunctionDef": "AsyncFunctionDef", "For": "AsyncFor", "With": "AsyncWith"}
# `ast` gives these no place of their own, or (inside f-strings and patterns, before Python 3.12) a wrong one.
_PLACELESS = {"Arguments", "Comprehension", "WithItem", "MatchCase", "Module"}


def places(tree: nodes.Module) -> set[tuple[str, int, int]]:
    """(kind, start, end) of every node of ours that `ast` places too, nothing inside f-strings and match statements."""
    return {place for node in _ours(tree) if (place := _place(node)) is not None}


def _place(node: nodes.Node) -> tuple[str, int, int] | None:
    kind = type(node).__name__
    if kind in _PLACELESS:
        return None
    if kind in _ASYNC and node.is_async:  # type: ignore[attr-defined]
        kind = _ASYNC[kind]
    if kind == "Try" and node.is_star:  # type: ignore[attr-defined]
        kind = "TryStar"
    return _RENAMED.get(kind, kind), node.start, node.end


def _ours(node: object) -> Iterator[nodes.Node]:
    if isinstance(node, list):
        for one in node:
            yield from _ours(one)
    elif isinstance(node, nodes.Node):
        yield node
        if isinstance(node, (nodes.JoinedStr, nodes.Match)):
            return
        for name in node.__struct_fields__:
            yield from _ours(getattr(node, name))


def oracle_places(text: str) -> set[tuple[str, int, int]]:
    """The same, told by `ast`."""
    lines = text.splitlines(keepends=True) if "\f" not in text and "\x1c" not in text else _lines(text)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))

    def offset(row: int, column: int) -> int:
        line = lines[row - 1] if row <= len(lines) else ""
        if line.isascii():
            return starts[row - 1] + column
        widths = [0]
        for character in line:
            widths.append(widths[-1] + len(character.encode("utf-8", "surrogatepass")))
        return starts[row - 1] + bisect_left(widths, column)

    found = set()
    for node in _theirs(ast.parse(text)):
        if hasattr(node, "lineno"):
            place = (offset(node.lineno, node.col_offset), offset(node.end_lineno, node.end_col_offset))
            found.add((type(node).__name__, *place))
    return found


def _lines(text: str) -> list[str]:
    import io

    return list(io.StringIO(text, newline=""))


def _theirs(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    if isinstance(node, (ast.JoinedStr, ast.Match)):
        return
    for child in ast.iter_child_nodes(node):
        yield from _theirs(child)
