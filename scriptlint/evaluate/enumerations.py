"""Enums that a call makes: `Enum("Norm", "Batch Layer")`. Each member is one object, so that comparisons are decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scriptlint.evaluate import containers
from scriptlint.evaluate.arguments import Arguments
from scriptlint.evaluate.frames import Frame
from scriptlint.evaluate.values import Const, Instance, Items, Mapping, Unknown, Value
from scriptlint.program.project import External
from scriptlint.syntax import nodes as n

if TYPE_CHECKING:
    from scriptlint.evaluate.evaluator import Evaluator

MEMBER = External("enum.Enum")
CLASS = External("enum.EnumType")


def call(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    """Return the class that a call of `Enum` makes; unknown where the names of its members are."""
    named = _members(ev, ev.resolved(given.get(1, "names") or Unknown()))
    if named is None or not given.exact:
        return Unknown("an enum that a call makes")
    made = Instance(CLASS)
    for name, value in named.items():
        member = Instance(MEMBER)
        for key, part in (("name", Const(name)), ("_name_", Const(name)), ("value", value), ("_value_", value)):
            ev.set_attribute(member, key, part, None)
        ev.set_attribute(made, name, member, None)
    return made


def _members(ev: Evaluator, names: Value) -> dict[str, Value] | None:
    if isinstance(names, Const) and isinstance(names.value, str):
        texts = names.value.replace(",", " ").split()
        return {one: Const(index + 1) for index, one in enumerate(texts)}
    if isinstance(names, Mapping) and names.exact:
        return {str(key): value for key, value in names.items.items()}
    if not isinstance(names, Items) or not names.exact:
        return None
    found: dict[str, Value] = {}
    for index, one in enumerate(names.items):
        item = ev.resolved(one)
        pair = containers.iterate(ev, item).items if isinstance(item, Items) else [item, Const(index + 1)]
        name = ev.resolved(pair[0])
        if len(pair) != 2 or not isinstance(name, Const) or not isinstance(name.value, str):
            return None
        found[name.value] = pair[1]
    return found
