"""Where code moves a model to a device: what its trace keeps of the example's device is wrong there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scriptlint.diag import Label
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk

if TYPE_CHECKING:
    from scriptlint.trace.entry import Entry

_MOVING = frozenset({"to", "cuda", "cpu", "to_empty"})
_DEVICE = re.compile(r"\b(cpu|cuda|mps|xpu|meta|\w*dev(ice)?s?)\b", re.IGNORECASE)


def label(entry: Entry) -> Label | None:
    """Return where the file of a root moves the model or its trace, or loads a trace for a device."""
    if entry.call is None or entry.module is None:
        return None
    nodes = list(walk(*entry.module.tree.body))
    names = _names(entry.call, nodes)
    for one in nodes:
        if isinstance(one, n.Call) and isinstance(one.func, n.Attribute) and _moves(one, one.func, entry, names):
            return Label(entry.module.span(one), "the model is moved to a device here")
    return None


def _names(call: n.Call, nodes: list[n.Node]) -> set[str]:
    """Return the names of what a call traces, and of what it gives."""
    first = call.args[0] if call.args else None
    names = {first.id} if isinstance(first, n.Name) else set()
    for one in nodes:
        if isinstance(one, n.Assign) and one.value is call:
            names |= {target.id for target in one.targets if isinstance(target, n.Name)}
    return names


def _moves(call: n.Call, func: n.Attribute, entry: Entry, names: set[str]) -> bool:
    assert entry.module is not None
    if func.attr == "load" and any(one.arg == "map_location" for one in call.keywords):
        return isinstance(func.value, n.Attribute) and func.value.attr == "jit"
    if func.attr not in _MOVING or not _is_of(func.value, entry, names):
        return False
    given = [*call.args, *(one.value for one in call.keywords)]
    return func.attr in ("cuda", "cpu") or any(_DEVICE.search(entry.module.text(one)) for one in given)


def _is_of(owner: n.Expr, entry: Entry, names: set[str]) -> bool:
    """Return True for the model, its trace, and what their methods return."""
    assert entry.call is not None
    while isinstance(owner, n.Call) and isinstance(owner.func, n.Attribute) and owner is not entry.call:
        owner = owner.func.value
    return owner is entry.call or (isinstance(owner, n.Name) and owner.id in names)
