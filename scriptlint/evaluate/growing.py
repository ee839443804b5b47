"""Containers of a file that its functions put things into, so that more may be in them than importing the file shows."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from scriptlint.program.module import ModuleInfo
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk

_CHANGING = frozenset(
    "add append clear difference_update discard extend insert intersection_update pop popitem remove reverse setdefault sort"
    " symmetric_difference_update update".split()
)

_CHANGED: WeakKeyDictionary[ModuleInfo, frozenset[str]] = WeakKeyDictionary()


def changed_later(module: ModuleInfo) -> frozenset[str]:
    """Return the names whose items some function of the file sets, deletes, adds or takes away."""
    if module not in _CHANGED:
        bodies = [one.node for one in module.functions.values() if one.outer is None]
        _CHANGED[module] = frozenset(name for node in walk(*bodies) for name in _names(node))
    return _CHANGED[module]


def _names(node: n.Node) -> list[str]:
    match node:
        case n.Assign(targets=targets) | n.Delete(targets=targets):
            owners = [one.value for one in targets if isinstance(one, n.Subscript)]
        case n.AugAssign(target=n.Subscript(value=owner)) | n.AugAssign(target=owner):
            owners = [owner]
        case n.Call(func=n.Attribute(value=owner, attr=attr)) if attr in _CHANGING:
            owners = [owner]
        case _:
            return []
    return [one.id for one in owners if isinstance(one, n.Name)]
