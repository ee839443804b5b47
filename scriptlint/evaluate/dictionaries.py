"""The dictionaries that objects have of their own: `__dict__`, and the tables of a module."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scriptlint.diag import Span
from scriptlint.evaluate import keys, kinds
from scriptlint.evaluate.values import (
    Const,
    ExternalValue,
    Held,
    Instance,
    Key,
    Mapping,
    TensorValue,
    Value,
    is_child,
)
from scriptlint.program.module import Class

if TYPE_CHECKING:
    from scriptlint.evaluate.evaluator import Evaluator

TABLES = {"_modules": "", "_parameters": "parameter", "_buffers": "buffer"}
"""The tables of every module, with the kind of tensor that each holds; the first holds modules."""


def of_object(ev: Evaluator, instance: Instance) -> Mapping:
    """Return the `__dict__` of an object; of a module, what stands in none of its tables."""
    made = Mapping({}, owner=instance, table="__dict__")
    refresh(ev, made)
    return made


def refresh(ev: Evaluator, made: Mapping) -> None:
    """Let the `__dict__` of an object hold what the object holds by now; any other dictionary stays as it is."""
    instance = made.owner
    if instance is None or made.table != "__dict__":
        return
    made.items.clear()
    made.exact = not instance.open and not _may_be_module(ev, instance)
    if not _may_be_module(ev, instance):
        made.items.update((name, held[-1].value) for name, held in instance.attributes.items())
        return
    for name, held in instance.attributes.items():
        value = ev.resolved(held[-1].value)
        is_tensor = isinstance(value, TensorValue) and value.kind in TABLES.values()
        if not (is_tensor or (is_child(value) and held[-1].registered)):
            made.items[name] = value
    for name in (*TABLES, "training"):
        made.items[name] = ev.attribute(instance, name)


def _may_be_module(ev: Evaluator, instance: Instance) -> bool:
    if isinstance(instance.cls, Class):
        return ev.classes.is_module(instance.cls) is not False
    return kinds.is_instance(ev, instance, ExternalValue("torch.nn.Module")) is True


def put(ev: Evaluator, table: Mapping, key: Value, value: Value, span: Span | None) -> None:
    """Set on an object what is stored in its dictionary."""
    owner = table.owner
    assert owner is not None
    if not isinstance(key, Const):
        owner.hide()
        return
    value = ev.resolved(value)
    if table.table == "__dict__" and key.value in TABLES and _may_be_module(ev, owner):
        _put_table(ev, owner, value, span)
        return
    if table.table == "_buffers" and isinstance(value, TensorValue):
        value = TensorValue("buffer", shape=value.shape)
    ev.set_attribute(owner, str(key.value), value, span)
    if table.table == "__dict__" and is_child(value) and _may_be_module(ev, owner):
        owner.attributes[str(key.value)] = [Held(value, None, span, registered=False)]


def _put_table(ev: Evaluator, owner: Instance, value: Value, span: Span | None) -> None:
    """Give a module all that stands in a table of modules, parameters or buffers."""
    of_project = isinstance(value, Mapping) and value.owner is not None and isinstance(value.owner.cls, Class)
    if not isinstance(value, Mapping) or not (value.exact or of_project):
        owner.hide()
        return
    for name, one in value.items.items():
        ev.set_attribute(owner, str(name), one, span)


def replace(ev: Evaluator, owner: Instance, value: Value) -> None:
    """Evaluate `owner.__dict__ = value`: the object and the dictionary hold the same from now on."""
    if value is owner:  # a dictionary that is its own keeps its items as attributes
        return
    ev.domain.on_change(ev, owner)
    if not isinstance(value, Mapping) or (not value.exact and value.owner is None):
        owner.hide()
        return
    if value.owner is None or value.table != "__dict__":
        ev.domain.on_change(ev, value)
        value.owner, value.table = owner, "__dict__"
        owner.attributes = {str(name): [Held(one)] for name, one in value.items.items()}
        return
    other = value.owner
    owner.attributes, owner.open, owner.hidden = other.attributes, other.open, other.hidden


def take(ev: Evaluator, table: Mapping, key: Value) -> None:
    """Remove from an object what is removed from its dictionary."""
    owner = table.owner
    assert owner is not None
    if isinstance(key, Const):
        ev.domain.on_change(ev, owner)
        owner.attributes.pop(str(key.value), None)
    else:
        owner.hide()


def carry(ev: Evaluator, table: Mapping, before: dict[Key, Value], was_exact: bool, span: Span | None) -> None:
    """Do to an object what a method did to its dictionary."""
    for key in before.keys() - table.items.keys():
        take(ev, table, keys.of_key(key))
    for key, value in table.items.items():
        if before.get(key) is not value:
            put(ev, table, keys.of_key(key), value, span)
    if was_exact and not table.exact and table.owner is not None:
        table.owner.hide()
