"""Going through a tree: children in source order, and whole subtrees."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import TypeVar

from scriptlint.syntax import nodes as n

T = TypeVar("T")


def _annotation(kind: type[n.Node], name: str) -> str:
    return str(next(one.__annotations__[name] for one in kind.__mro__ if name in one.__annotations__))


# The fields of each kind of node that hold nodes, as their annotations say: only the names of nodes are capitalised.
_FIELDS = {
    kind: tuple(name for name in kind.__struct_fields__ if re.search(r"\b(?!None\b)[A-Z]", _annotation(kind, name)))
    for kind in vars(n).values()
    if isinstance(kind, type) and issubclass(kind, n.Node)
}


def children(node: n.Node) -> list[n.Node]:
    """Return the nodes directly below a node, field by field."""
    kind = type(node)
    if kind is n.FunctionDef:
        node.is_read = True  # type: ignore[attr-defined]
    found: list[n.Node] = []
    for name in _FIELDS[kind]:
        value = getattr(node, name)
        if type(value) is list:
            found += value
        elif value is not None:
            found.append(value)
    return found if kind is not n.Dict else [one for one in found if one is not None]


def walk(*nodes: n.Node, closed: tuple[type[n.Node], ...] = ()) -> Iterator[n.Node]:
    """Nodes and everything below them, parents first, in source order; not below those of the kinds `closed`."""
    stack = list(reversed(nodes))
    while stack:
        one = stack.pop()
        yield one
        if not isinstance(one, closed):
            below = children(one)
            below.reverse()
            stack += below


_NEW_SCOPE = (n.FunctionDef, n.ClassDef, n.Lambda)


def walk_scope(body: list[n.Stmt]) -> Iterator[n.Node]:
    """Everything in a body that runs in its own scope: nested functions, classes and lambdas are given, not entered."""
    return walk(*body, closed=_NEW_SCOPE)


def assigned_attributes(body: list[n.Stmt]) -> frozenset[str]:
    """Return the attributes of any object that a body assigns in its own scope."""
    found: set[str] = set()
    for node in statements(body):
        if isinstance(node, (n.Assign, n.AnnAssign, n.AugAssign)):
            for target in node.targets if isinstance(node, n.Assign) else [node.target]:
                found |= {one.attr for one in walk(target) if isinstance(one, n.Attribute)}
    return frozenset(found)


def statements(body: list[n.Stmt]) -> Iterator[n.Stmt]:
    """Yield every statement of a body and of the blocks inside it, in source order; definitions are given, not entered."""
    pending = list(reversed(body))
    while pending:
        one = pending.pop()
        yield one
        for block in reversed(list(blocks(one))):
            pending += reversed(block)


_WITH_BLOCKS = frozenset({n.If, n.For, n.While, n.With, n.Try, n.Match})


def blocks(node: n.Stmt) -> Iterator[list[n.Stmt]]:
    """Yield the bodies of a compound statement that run in its own scope."""
    if type(node) not in _WITH_BLOCKS:
        return
    match node:
        case n.If() | n.For() | n.While():
            yield node.body
            yield node.orelse
        case n.With():
            yield node.body
        case n.Try():
            yield node.body
            for handler in node.handlers:
                yield handler.body
            yield node.orelse
            yield node.finalbody
        case n.Match():
            for case_ in node.cases:
                yield case_.body
        case _:
            return


def dotted(node: n.Node | None) -> str | None:
    """`a.b.c` of nested attributes that start at a name; None for anything else."""
    parts = []
    while isinstance(node, n.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, n.Name):
        return None
    return ".".join([node.id, *reversed(parts)])


def shift(nodes: Iterable[n.Node], by: int) -> None:
    """Move some nodes and everything below them to other offsets."""
    functions = []
    for one in walk(*nodes):
        one.start += by
        one.end += by
        if isinstance(one, (n.FunctionDef, n.ClassDef)):
            one.name_start += by
            one.header_end += by
        if isinstance(one, n.FunctionDef):
            functions.append(one)
    for function in functions:
        function.is_read = False


def gaps_of(body: Iterable[n.Stmt]) -> Iterator[n.Gap]:
    """Yield the gaps in the body of a module and of the classes in it."""
    for one in body:
        if isinstance(one, n.Gap):
            yield one
        elif isinstance(one, n.ClassDef):
            yield from (part for part in one.body if isinstance(part, n.Gap))


def by_function(size: int) -> Callable[[Callable[[n.FunctionDef], T]], Callable[[n.FunctionDef], T]]:
    """Remember what is gathered from the last functions; the body counts as read by everyone who asks."""

    def decorated(gather: Callable[[n.FunctionDef], T]) -> Callable[[n.FunctionDef], T]:
        known = lru_cache(size)(gather)

        def asked(function: n.FunctionDef) -> T:
            function.is_read = True
            return known(function)

        return asked

    return decorated
