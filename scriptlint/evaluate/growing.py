"""Containers of a file that its functions put things into, so that more may be in them than importing the file shows."""

from __future__ import annotations

from collections.abc import Iterator
from weakref import WeakKeyDictionary

from scriptlint.program.module import Class, Function, ModuleInfo
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk

_CHANGING = frozenset(
    "add append clear difference_update discard extend insert intersection_update pop popitem remove reverse setdefault sort"
    " symmetric_difference_update update".split()
)

_DEFINING = (n.FunctionDef, n.ClassDef, n.Import, n.ImportFrom)
_VARIABLES: WeakKeyDictionary[ModuleInfo, frozenset[str]] = WeakKeyDictionary()
_FILLED: WeakKeyDictionary[Class, frozenset[str]] = WeakKeyDictionary()
_CHANGED: WeakKeyDictionary[ModuleInfo, frozenset[str]] = WeakKeyDictionary()


def changed_later(module: ModuleInfo) -> frozenset[str]:
    """Return the names whose items some function of the file sets, deletes, adds or takes away."""
    if module not in _CHANGED:
        bodies = [one.node.suite for one in module.functions.values() if one.outer is None]
        _CHANGED[module] = frozenset(name for body in bodies for name in changed(module, body))
    return _CHANGED[module]


def filled_by_methods(cls: Class) -> frozenset[str]:
    """Return the attributes of its objects whose items some method of a class sets or adds."""
    for method in cls.functions.values():
        method.module.asked.add(method.number)
    if cls not in _FILLED:
        _FILLED[cls] = frozenset(name for method in cls.functions.values() for name in filled(method))
    return _FILLED[cls]


def filled(function: Function) -> set[str]:
    """Return the attributes of any object whose items a function sets, deletes, adds or takes away."""
    owners = (owner for node in walk(*function.node.suite) for owner in _owners(node))
    return {owner.attr for owner in owners if isinstance(owner, n.Attribute)}


def variables(module: ModuleInfo) -> frozenset[str]:
    """Return the names of a file that something else than a definition or an import gives a value."""
    if module not in _VARIABLES:
        bindings = module.scope.bindings.items()
        own = {name for name, each in bindings if not all(isinstance(one.node, _DEFINING) for one in each)}
        _VARIABLES[module] = module.declared_global | own
    return _VARIABLES[module]


def changed(module: ModuleInfo, body: list[n.Stmt]) -> Iterator[str]:
    """Yield the names of the file whose items a body sets, deletes, adds or takes away."""
    names = variables(module)
    for node in walk(*body):
        yield from (one for one in _names(node) if one in names)


def _names(node: n.Node) -> list[str]:
    return [one.id for one in _owners(node) if isinstance(one, n.Name)]


_CHANGE = frozenset({n.Assign, n.Delete, n.AugAssign, n.Call})


def _owners(node: n.Node) -> list[n.Expr]:
    """Return the containers that a node changes."""
    if type(node) not in _CHANGE:
        return []
    match node:
        case n.Assign(targets=targets) | n.Delete(targets=targets):
            return [one.value for one in targets if isinstance(one, n.Subscript)]
        case n.AugAssign(target=n.Subscript(value=owner)) | n.AugAssign(target=owner):
            return [owner]
        case n.Call(func=n.Attribute(value=owner, attr=attr)) if attr in _CHANGING:
            return [owner]
        case _:
            return []
