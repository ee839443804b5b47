"""`torch.jit.fork` and `wait`. Twin: emitForkExpr of torch/csrc/jit/frontend/ir_emitter.cpp."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scriptlint.script.infer import arguments
from scriptlint.script.infer.values import Typed, Value, unknown
from scriptlint.syntax import nodes as n
from scriptlint.types.model import Future, has_unknown

if TYPE_CHECKING:
    from scriptlint.script.infer.unit import Unit


def fork(unit: Unit, node: n.Call) -> Value:
    """Return the future of what the first argument gives for the others."""
    from scriptlint.script.infer import calls

    if not node.args or isinstance(node.args[0], n.Starred):
        arguments.evaluate(unit, node)
        return unknown("fork")
    inner = n.Call(node.args[0].start, node.end, node.args[0], node.args[1:], node.keywords)
    value = calls.call(unit, inner, None)
    return (
        Typed(Future(value.type)) if isinstance(value, Typed) and not has_unknown(value.type) else unknown("a future")
    )


def wait(unit: Unit, node: n.Call) -> Value:
    """Return what a future holds."""
    schemas = unit.compiler.library.schemas("aten::wait")
    found = arguments.matched(unit, node, schemas, arguments.evaluate(unit, node), "wait")
    return found if isinstance(found, Typed) else Typed(found.returns)
