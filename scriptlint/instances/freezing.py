"""Loops that take the gradients from the parameters of an object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scriptlint.evaluate.values import Held, Instance, flatten
from scriptlint.instances.frames import Frame
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk_scope

if TYPE_CHECKING:
    from scriptlint.instances.machine import Machine


def note(machine: Machine, node: n.For, frame: Frame) -> None:
    """Notes on an object that a loop over its parameters freezes them, or some of them."""
    call = node.iter
    if not isinstance(call, n.Call) or not isinstance(call.func, n.Attribute):
        return
    if call.func.attr not in ("parameters", "named_parameters") or not any(map(_freezes, walk_scope(node.body))):
        return
    for held in flatten(Held(machine.evaluate(call.func.value, frame))):
        if isinstance(held.value, Instance):
            for one in held.value.below():
                one.frozen = True


def _freezes(node: n.Node) -> bool:
    """Whether a node is `p.requires_grad = ...` or `p.requires_grad_(...)` of something that is not known to be true."""
    if isinstance(node, n.Assign):
        targets = [one for one in node.targets if isinstance(one, n.Attribute) and one.attr == "requires_grad"]
        return bool(targets) and not (isinstance(node.value, n.Constant) and node.value.value is True)
    return isinstance(node, n.Call) and isinstance(node.func, n.Attribute) and node.func.attr == "requires_grad_"
