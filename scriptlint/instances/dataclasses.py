"""Dataclasses: the constructor that Python writes for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from scriptlint.evaluate.values import Instance, Unknown, Value
from scriptlint.instances.arguments import perhaps
from scriptlint.instances.frames import Frame
from scriptlint.program.decorators import decoration
from scriptlint.program.module import Class
from scriptlint.program.project import External
from scriptlint.syntax import nodes as n

if TYPE_CHECKING:
    from scriptlint.instances.machine import Machine


def is_dataclass(machine: Machine, cls: Class) -> bool:
    """Whether Python writes a constructor for the class, or for the base from which it has its own."""
    return any(_is_decorated(machine, one) for one in machine.classes.lineage(cls).classes)


def _is_decorated(machine: Machine, cls: Class) -> bool:
    return any(one.name == "dataclasses.dataclass" for one in decoration(cls, machine.project).others)


def initialise(
    machine: Machine,
    instance: Instance,
    cls: Class,
    arguments: Sequence[Value],
    keywords: dict[str, Value],
    exact: bool,
) -> None:
    """Leaves the fields on an object, in the order of the bases, and calls `__post_init__`."""
    fields = list(_fields(machine, cls))
    for index, (name, owner, default) in enumerate(fields):
        if index < len(arguments):
            value = arguments[index]
        elif name in keywords:
            value = keywords[name]
        else:
            value = perhaps(_default(machine, owner, default), name, exact)
        machine.set_attribute(instance, name, value, None)
    after = machine.classes.method(cls, "__post_init__")
    if after is not None:
        machine.call_function(after, [], {}, instance)


def _fields(machine: Machine, cls: Class) -> Iterator[tuple[str, Class, n.Expr | None]]:
    """The fields, each with the class that says its default."""
    found: dict[str, tuple[Class, n.Expr | None]] = {}
    for one in reversed(list(machine.classes.lineage(cls).classes)):
        if _is_decorated(machine, one):
            for statement in one.node.body:
                if isinstance(statement, n.AnnAssign) and isinstance(statement.target, n.Name):
                    if "ClassVar" not in one.module.text(statement.annotation):
                        found[statement.target.id] = (one, statement.value)
    return ((name, owner, default) for name, (owner, default) in found.items())


def _default(machine: Machine, owner: Class, default: n.Expr | None) -> Value:
    if default is None:
        return Unknown("a field without default")
    if isinstance(default, n.Call) and machine.project.resolve(default.func, owner) == External("dataclasses.field"):
        given = {one.arg: one.value for one in default.keywords}
        if "default_factory" in given:
            call = n.Call(default.start, default.end, given["default_factory"], [], [])
            return machine.evaluate(call, Frame(owner))
        default = given.get("default", default)
    return machine.evaluate(default, Frame(owner))
