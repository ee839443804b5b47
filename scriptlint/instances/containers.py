"""Containers in abstractly executed code: the children of modules, the items of dictionaries, what iteration gives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from scriptlint.diag import Span
from scriptlint.evaluate.values import (
    Compiled,
    Const,
    Foreign,
    Held,
    Instance,
    Items,
    Mapping,
    Some,
    Unknown,
    Value,
    choice,
    flatten,
)
from scriptlint.instances import arrays, kinds
from scriptlint.program.project import External

if TYPE_CHECKING:
    from scriptlint.instances.machine import Machine

_CONTAINERS = frozenset(
    f"torch.nn.{name}" for name in ("Sequential", "ModuleList", "ModuleDict", "ParameterList", "ParameterDict")
)


def iterated(machine: Machine, value: Value) -> Value:
    """What a value is when it is iterated over: a container of modules gives its children, a dictionary its keys."""
    if isinstance(value, Mapping):
        return Items("list", [Const(key) for key in value.items], value.exact)
    if isinstance(value, Const) and isinstance(value.value, str):
        return Items("list", [Const(one) for one in value.value])
    if (parts := arrays.items(value)) is not None:
        return parts
    if not isinstance(value, Instance) or not kinds.is_container(machine, value):
        return value
    items = children(value)
    if "torch.nn.ModuleDict" in kinds.container_names(machine, value):
        return Items("list", [Const(key) for key, _ in items], not value.open)
    return Items("list", [one for _, one in items], not value.open)


def extend(machine: Machine, instance: Instance, more: Value, span: Span) -> None:
    """Adds children to a container of modules; it is open where they are not all known."""
    added = iterated(machine, more)
    if not isinstance(added, Items) or not added.exact:
        instance.open = True
    for one in added.items if isinstance(added, Items) else ():
        machine.set_attribute(instance, str(len(instance.attributes)), one, span)


def sample(iterated: Value) -> Value:
    """What stands for every item of something of unknown length: of a constant, one of its type."""
    items = iterated.items if isinstance(iterated, Items) else []
    return _any_like(items[0]) if items else Unknown("the loop")


def _any_like(value: Value) -> Value:
    match value:
        case Const(value=bool() | int() | float() | str() as constant):
            return Some(type(constant).__name__)
        case Items(kind="tuple"):
            return Items("tuple", [_any_like(one) for one in value.items], value.exact, value.depth)
        case _:
            return value


def container_of(machine: Machine, whole: Instance, part: Items) -> Value:
    """A container like `whole` with some of its children, as a slice of it gives."""
    if not isinstance(whole.cls, External):
        return Unknown("a slice of a container")
    made = Instance(whole.cls, whole.site, depth=len(machine.conditions))
    fill_container(machine, made, whole.cls.name, [part])
    made.foreign = Foreign(whole.cls.name, (part,), {})
    return made


def children(instance: Instance) -> list[tuple[str, Value]]:
    """The submodules by name; where an attribute is one for some constructor arguments only, a choice."""
    return [
        (name, options[0].value if len(options) == 1 and options[0].when is None else choice(options))
        for name, options in instance.attributes.items()
        if any(isinstance(one.value, (Instance, Compiled)) for held in options for one in flatten(held))
    ]


def fill_container(machine: Machine, instance: Instance, name: str, arguments: Sequence[Value]) -> bool:
    """Leaves what a container of modules or parameters holds on an instance; False for other classes."""
    if name not in _CONTAINERS:
        return False
    children: list[tuple[str, Value]] = []
    first = arguments[0] if arguments else None
    if isinstance(first, Mapping):
        children = [(str(key), one) for key, one in first.items.items()]
        instance.open = not first.exact
    elif isinstance(first, Items):
        children = [(str(index), one) for index, one in enumerate(first.items)]
        instance.open = not first.exact
    elif name == "torch.nn.Sequential":
        children = [(str(index), one) for index, one in enumerate(arguments)]
    elif first is not None:
        instance.open = True
    for key, child in children:
        instance.attributes[key] = [Held(child)]
    return True


def as_mapping(machine: Machine, value: Value) -> Value:
    if isinstance(value, Mapping):
        return value
    if isinstance(value, Items):
        found = Mapping({}, value.exact, len(machine.conditions))
        for one in value.items:
            pair = one.items if isinstance(one, Items) else []
            if len(pair) == 2 and isinstance(pair[0], Const):
                found.items[str(pair[0].value)] = pair[1]
            else:
                found.exact = False
        return found
    return Unknown()


def children_by(machine: Machine, instance: Instance, name: str) -> Value:
    if name in ("values", "items", "keys"):
        if "torch.nn.ModuleDict" not in kinds.container_names(machine, instance):
            return Unknown()
    found = children(instance)
    exact = not instance.hidden and (not instance.open or instance.foreign is None)
    match name:
        case "children" | "values":
            return Items("list", [one for _, one in found], exact)
        case "keys":
            return Items("list", [Const(key) for key, _ in found], exact)
        case _:
            pairs: list[Value] = [Items("tuple", [Const(key), one]) for key, one in found]
            return Items("list", pairs, exact)


def as_dictionary(instance: Instance) -> Mapping:
    """The items of an object of a subclass of dict, which it keeps as attributes."""
    return Mapping({key: held[-1].value for key, held in instance.attributes.items()}, not instance.open)
