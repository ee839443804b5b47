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
    """Return the class that a call of `Enum` makes; unknown where the names or the values of its members are."""
    start = ev.resolved(given.keywords.get("start", Const(1)))
    if not given.exact or "type" in given.keywords or not isinstance(start, Const) or type(start.value) is not int:
        return Unknown("an enum that a call makes")
    named = _members(ev, ev.resolved(given.get(1, "names") or Unknown()), start.value)
    if named is None:
        return Unknown("an enum that a call makes")
    made = Instance(CLASS)
    for name, value in named.items():
        member = Instance(MEMBER)
        for key, part in (("name", Const(name)), ("_name_", Const(name)), ("value", value), ("_value_", value)):
            ev.set_attribute(member, key, part, None)
        ev.set_attribute(made, name, member, None)
    return made


def _members(ev: Evaluator, names: Value, start: int) -> dict[str, Value] | None:
    """Return the values of the members by their names, numbers from `start` on where none are said."""
    if isinstance(names, Const) and isinstance(names.value, str):
        texts = names.value.replace(",", " ").split()
        return {one: Const(number) for number, one in enumerate(texts, start)}
    if isinstance(names, Mapping) and names.exact:
        return {str(key): value for key, value in names.items.items()}
    if not isinstance(names, Items) or not names.exact:
        return None
    found: dict[str, Value] = {}
    for number, one in enumerate(names.items, start):
        item = ev.resolved(one)
        pair = containers.iterate(ev, item).items if isinstance(item, Items) else [item, Const(number)]
        name = ev.resolved(pair[0])
        if len(pair) != 2 or not isinstance(name, Const) or not isinstance(name.value, str):
            return None
        found[name.value] = pair[1]
    return found
