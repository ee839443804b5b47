"""Calls of `tuple`, `list` and `dict`. Twin: emitApplySpecialForm of ir_emitter.cpp."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scriptlint.fixes.arguments import without_tuple
from scriptlint.fixes.unpacking import as_list
from scriptlint.program.project import External
from scriptlint.script.infer import expressions, loops
from scriptlint.script.infer.arguments import ARGUMENTS
from scriptlint.script.infer.assign import UNPACK_TYPE
from scriptlint.script.infer.values import Typed, Value, is_unknown, unknown
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk
from scriptlint.types.model import STRING, TENSOR, Dict, List, Tensor, Tuple, Type, has_unknown
from scriptlint.types.relations import unify_all

if TYPE_CHECKING:
    from scriptlint.script.infer.unit import Unit


def made_tuple(unit: Unit, node: n.Call) -> Value:
    """Return the value of `tuple(...)`."""
    if len(node.args) != 1 or isinstance(node.args[0], n.Starred):
        for argument in (*node.args, *(one.value for one in node.keywords)):
            unit.typed(argument)
        if node.args:
            return unknown("tuple()")
        return unit.say(ARGUMENTS, node, callee="tuple", reason="it wants exactly one argument")
    value = unit.value(node.args[0])
    items = loops.unpacked_items(unit, value)
    if items is not None:
        return Typed(Tuple(tuple(unit.as_typed(one, node).type for one in items)))
    refused = expressions.not_unpacked(unit, value, node, node.args[0])
    if refused is not None:
        return refused
    if isinstance(value, Typed) and isinstance(value.type, List) and not has_unknown(value.type):
        fix = without_tuple(unit.module, node) if _takes_lists(unit, node) else None
        fix = fix or as_list(unit.module, unit.function.node, node)
        return unit.say(UNPACK_TYPE, node.func, text=unit.text(node.args[0]), found=str(value.type), fix=fix)
    if isinstance(value, Typed) and isinstance(value.type, Tensor):
        return unit.say(UNPACK_TYPE, node.args[0], text=unit.text(node.args[0]), found=str(value.type))
    return unknown("tuple()")


# Operators that take a list of tensors where Python takes a tuple as well.
_LISTS = frozenset(f"torch.{name}" for name in "cat concat concatenate stack hstack vstack dstack block_diag".split())


def _takes_lists(unit: Unit, node: n.Call) -> bool:
    """Return True if a `tuple(...)` is given to an operator that takes the list itself."""
    outer = (one for one in walk(unit.function.node) if isinstance(one, n.Call) and node in one.args[:1])
    symbols = [unit.compiler.project.resolve(one.func, unit.function) for one in outer]
    return any(isinstance(one, External) and one.name in _LISTS for one in symbols)


def made_list(unit: Unit, node: n.Call, hint: Type | None) -> Value:
    """Return the value of `list(...)`."""
    if not node.args:
        return Typed(hint if isinstance(hint, List) else List(TENSOR), empty_list=True)
    value = unit.value(node.args[0])
    items = loops.unrolled_items(unit, value)
    if items is not None:
        unified = unify_all([unit.as_typed(one, node).type for one in items])
        return unknown("list()") if unified is None else Typed(List(unified))
    item = loops.item_of(unit, value, node.args[0], node)
    return Typed(List(item.type)) if isinstance(item, Typed) and not is_unknown(item) else unknown("list()")


def made_dict(unit: Unit, node: n.Call, hint: Type | None) -> Value:
    """Return the value of `dict(...)`: of keywords, of another dictionary, or of whatever gives pairs."""
    values = [unit.value(one) for one in node.args]
    named = [unit.typed(one.value) for one in node.keywords]
    if isinstance(hint, Dict):
        return Typed(hint)
    if not values and named and all(one.arg is not None for one in node.keywords):
        unified = unify_all([one.type for one in named])
        return unknown("dict()") if unified is None else Typed(Dict(STRING, unified))
    if len(values) != 1 or named:
        return unknown("dict()")
    if isinstance(values[0], Typed) and isinstance(values[0].type, Dict):
        return Typed(values[0].type)
    item = loops.item_of(unit, values[0], node.args[0], node)
    if isinstance(item, Typed) and isinstance(item.type, Tuple) and len(item.type.elements) == 2:
        return Typed(Dict(*item.type.elements))
    return unknown("dict()")
