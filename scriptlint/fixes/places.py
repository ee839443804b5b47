"""Where a node stands: what holds it, what runs before it, and which names are taken there."""

from __future__ import annotations

import keyword
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from weakref import WeakKeyDictionary

from scriptlint.program.module import BUILTINS, ModuleInfo
from scriptlint.program.scopes import Scope, scope_of
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import blocks, by_function, children, statements, walk

_ATOMS = (n.Name, n.Attribute, n.Subscript, n.Call, n.Constant, n.List, n.Dict, n.ListComp, n.DictComp)
_PLAIN = (n.Name, n.Attribute, n.Constant)


def outermost(module: ModuleInfo, node: n.Node) -> n.Node:
    """Return the statement of the file that holds a node; the node itself where it is one."""
    found = _holder(module.tree.body, node)
    return node if found is None else found


def _holder(body: list[n.Stmt], node: n.Node) -> n.Stmt | None:
    """Return the statement of a block in which a node begins."""
    index = bisect_right(body, node.start, key=lambda one: one.start) - 1
    return body[index] if index >= 0 and node.start < body[index].end else None


# What is asked of a tree is gathered once: a function may have thousands of findings with fixes.
_REMEMBERED = 8


def above(root: n.Node, node: n.Node) -> list[n.Node]:
    """Return the nodes of a tree that hold another, the innermost first; empty where it is not one of the tree's."""
    holders, functions = _holders(root)
    for function in functions:
        function.is_read = True
    path: list[n.Node] = []
    while node is not root:
        holder = holders.get(id(node))
        if holder is None:
            return []
        path.append(holder)
        node = holder
    return path


@lru_cache(_REMEMBERED)
def _holders(root: n.Node) -> tuple[dict[int, n.Node], list[n.FunctionDef]]:
    """Return what holds each node below a root, and the functions among these."""
    nodes = list(walk(root))
    holders = {id(child): one for one in nodes for child in children(one)}
    return holders, [one for one in nodes if isinstance(one, n.FunctionDef)]


@by_function(_REMEMBERED)
def scope_in(function: n.FunctionDef) -> Scope:
    """Return the scope of a function: its parameters, and what its body binds."""
    return scope_of(function.body, function.args)


@by_function(_REMEMBERED)
def names_within(function: n.FunctionDef) -> frozenset[str]:
    """Return the names that stand anywhere in a function, those of parameters included."""
    return frozenset(names_in([function]))


@by_function(_REMEMBERED)
def assignments_in(function: n.FunctionDef) -> dict[str, list[n.Assign | n.AnnAssign]]:
    """Return the plain and the annotated assignments of each variable of a function, in source order."""
    found: dict[str, list[n.Assign | n.AnnAssign]] = {}
    for one in statements(function.body):
        if isinstance(one, n.Assign) and len(one.targets) == 1 and isinstance(one.targets[0], n.Name):
            found.setdefault(one.targets[0].id, []).append(one)
        elif isinstance(one, n.AnnAssign) and isinstance(one.target, n.Name):
            found.setdefault(one.target.id, []).append(one)
    return found


@by_function(_REMEMBERED)
def uses_in(function: n.FunctionDef) -> dict[str, list[n.Name]]:
    """Return the names that stand in a function as expressions, by what they are, in source order."""
    found: dict[str, list[n.Name]] = {}
    for one in walk(function):
        if isinstance(one, n.Name):
            found.setdefault(one.id, []).append(one)
    return found


def statement_of(function: n.FunctionDef, node: n.Node) -> tuple[n.Stmt, list[n.Stmt]] | None:
    """Return the innermost statement of a function's own blocks that holds a node, and the block that it stands in."""
    return next(iter(statements_around(function, node)), None)


def statements_around(function: n.FunctionDef, node: n.Node) -> list[tuple[n.Stmt, list[n.Stmt]]]:
    """Return the statements of a function's own blocks that hold a node, each with the block that it stands in; innermost first."""
    found: list[tuple[n.Stmt, list[n.Stmt]]] = []
    body = function.body
    while (holder := _holder(body, node)) is not None:
        found.insert(0, (holder, body))
        inner = [block for block in blocks(holder) if block and block[0].start <= node.start < block[-1].end]
        if not inner:
            break
        body = inner[0]
    return found


def runs_first(statement: n.Stmt, node: n.Node) -> bool:
    """Return True if nothing that could have an effect, or keep it from running, is evaluated before an expression."""
    path = above(statement, node)
    if isinstance(statement, (n.While, n.With, n.Assert, n.AugAssign)) or not path:
        return False
    below = node
    for one in path:
        match one:
            case n.Lambda() | n.ListComp() | n.SetComp() | n.DictComp() | n.GeneratorExp() | n.FunctionDef():
                return False
            case n.BoolOp() if one.values[0] is not below:
                return False
            case n.IfExp() if one.test is not below:
                return False
            case n.Compare() if below in one.comparators[1:]:
                return False
        below = one
    return all(isinstance(one, (*_PLAIN, n.Keyword)) for one in _evaluated(statement) if one.end <= node.start)


def _evaluated(statement: n.Stmt) -> Iterator[n.Node]:
    """Yield what a statement evaluates itself, and in an assignment the value alone: the target comes after it."""
    match statement:
        case n.If():
            yield from walk(statement.test)
        case n.For():
            yield from walk(statement.iter)
        case n.Assign() | n.AnnAssign() | n.Return() | n.ExprStmt() if statement.value is not None:
            yield from walk(statement.value)
        case _:
            yield from walk(statement)


def names_in(nodes: Iterable[n.Node]) -> set[str]:
    """Return the names that stand anywhere in these nodes, those of parameters included."""
    found: set[str] = set()
    for node in nodes:
        for one in walk(node):
            if isinstance(one, n.Name):
                found.add(one.id)
            elif isinstance(one, (n.Parameter, n.FunctionDef, n.ClassDef)):
                found.add(one.name)
    return found


def free_name(wanted: str, taken: Iterable[str]) -> str:
    """`wanted`, or a name like it that is not taken, no builtin and no keyword."""
    used = {*taken, *BUILTINS, *keyword.kwlist}
    while wanted in used:
        wanted += "_"
    return wanted


def operand(module: ModuleInfo, node: n.Expr) -> str:
    """Return the text of an expression as it can stand beside any operator."""
    text = module.text(node)
    return text if isinstance(node, _ATOMS) and "\n" not in text else f"({text})"


class _Index:
    """The calls and the mentions of a file, by the last name of what is called or mentioned."""

    def __init__(self, module: ModuleInfo) -> None:
        self.calls: dict[str, list[n.Call]] = {}
        self.mentions: Counter[str] = Counter()
        for one in walk(module.tree):
            if isinstance(one, (n.Name, n.Attribute)):
                self.mentions[_last(one)] += 1
            elif isinstance(one, n.Call) and isinstance(one.func, (n.Name, n.Attribute)):
                self.calls.setdefault(_last(one.func), []).append(one)


def _last(node: n.Name | n.Attribute) -> str:
    return node.id if isinstance(node, n.Name) else node.attr


# Gathered once: a file may have thousands of findings with fixes.
_INDEXES: WeakKeyDictionary[ModuleInfo, _Index] = WeakKeyDictionary()


def _index(module: ModuleInfo) -> _Index:
    module.is_read = True
    if module not in _INDEXES:
        _INDEXES[module] = _Index(module)
    return _INDEXES[module]


def calls_of(module: ModuleInfo, *names: str) -> list[n.Call]:
    """Return the calls in a file of whatever is called by one of these names, or by it as an attribute."""
    return [one for name in names for one in _index(module).calls.get(name, ())]


def mentions_of(module: ModuleInfo, name: str) -> int:
    """Return how often a name stands in a file as an expression, or as an attribute in one."""
    return _index(module).mentions[name]


def is_named(node: n.Node, name: str) -> bool:
    """Return True if a name or an attribute is this one."""
    return (isinstance(node, n.Name) and node.id == name) or (isinstance(node, n.Attribute) and node.attr == name)


def family(module: ModuleInfo, cls: n.ClassDef) -> list[n.ClassDef]:
    """Return the top-level classes of a file that inherit from a class, or that it inherits from, and itself."""
    classes = [one for one in module.tree.body if isinstance(one, n.ClassDef)]
    found = [cls]
    for upwards in (True, False):
        pending = [cls]
        while pending:
            last = pending.pop()
            near = [
                one
                for one in classes
                if one not in found
                and any(is_named(base, (one if upwards else last).name) for base in (last if upwards else one).bases)
            ]
            found += near
            pending += near
    return found


def has_comment(module: ModuleInfo, node: n.Node) -> bool:
    """Return True if a comment stands inside of a node."""
    return any(node.start <= one.start < node.end for one in module.comments)
