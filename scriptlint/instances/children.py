"""The children of modules: what containers hold, what iteration over them gives, how they grow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from scriptlint.diag import Span
from scriptlint.evaluate import containers, dictionaries, keys, kinds, symbols
from scriptlint.evaluate.values import (
    Compiled,
    Const,
    ExternalValue,
    Foreign,
    Held,
    Instance,
    Items,
    Key,
    Mapping,
    Symbol,
    TensorValue,
    Unknown,
    Value,
    is_child,
)
from scriptlint.program.project import External

if TYPE_CHECKING:
    from scriptlint.evaluate.evaluator import Evaluator

_CONTAINERS = frozenset({"torch.nn.Sequential", "torch.nn.ModuleList", "torch.nn.ModuleDict"})
_PARAMETERS = frozenset({"torch.nn.ParameterList", "torch.nn.ParameterDict"})
_DICTIONARIES = frozenset({"torch.nn.ModuleDict", "torch.nn.ParameterDict"})


def children(instance: Instance) -> list[tuple[str, Value]]:
    """Return the submodules by name; an argument of which nothing is known is one where a container holds it."""
    found: list[tuple[str, Value]] = []
    for name, held in instance.attributes.items():
        value = held[-1].value
        while isinstance(value, Symbol) and value.value is not None:
            value = value.value
        if is_child(value) or (isinstance(value, (Symbol, Unknown)) and name.isdigit()):
            found.append((name, value))
    return found


def entries(ev: Evaluator, instance: Instance) -> list[tuple[str, Value]]:
    """Return the items of a container: modules, or the parameters of a list or dictionary of them."""
    if kinds.container_names(ev, instance) & _PARAMETERS or isinstance(instance.cls, External):
        return [(name, held[-1].value) for name, held in instance.attributes.items()]
    return children(instance)


def iterate(ev: Evaluator, instance: Instance) -> Items | None:
    """Return what iterating over a container gives; None for other objects."""
    if kinds.is_dictionary(ev, instance):
        return Items("iterator", [Const(name) for name in instance.attributes], not instance.open)
    if not kinds.is_container(ev, instance):
        return None
    found = entries(ev, instance)
    if kinds.container_names(ev, instance) & _DICTIONARIES:
        return Items("iterator", [Const(name) for name, _ in found], not instance.open)
    return Items("iterator", [value for _, value in found], not instance.open)


def fill(ev: Evaluator, instance: Instance, name: str, arguments: Sequence[Value]) -> bool:
    """Leave the children of a container of torch.nn on an instance; return False for other classes."""
    if name not in _CONTAINERS and name not in _PARAMETERS:
        return False
    first = symbols.settled(ev, arguments[0]) if arguments else None
    found: list[tuple[str, Value]] = []
    mapping = containers.as_mapping(ev, first) if first is not None and _is_mapping(ev, name, first) else None
    if mapping is not None:
        found = [(str(key), one) for key, one in mapping.items.items()]
        instance.open = not mapping.exact
    elif name == "torch.nn.Sequential":
        found = [(str(index), one) for index, one in enumerate(arguments)]
    elif first is not None:
        items = containers.iterate(ev, first)
        found = [(str(index), one) for index, one in enumerate(items.items)]
        instance.open = not items.exact
    for key, child in found:
        instance.attributes[key] = [Held(_registered(ev, name, child))]
    return True


def _is_mapping(ev: Evaluator, name: str, first: Value) -> bool:
    return name in _DICTIONARIES or isinstance(first, Mapping)


def _registered(ev: Evaluator, name: str, value: Value) -> Value:
    """Return what a container keeps of a value: a ParameterList makes parameters of tensors."""
    resolved = ev.resolved(value)
    if name in _PARAMETERS and isinstance(resolved, TensorValue):
        return TensorValue("parameter", shape=resolved.shape)
    return value


def extend(ev: Evaluator, instance: Instance, more: Items, span: Span) -> None:
    """Add children to a container of modules; it is open where they are not all known."""
    if not more.exact:
        instance.open = True
    names = kinds.container_names(ev, instance)
    parameters = "torch.nn.ParameterList" if names & _PARAMETERS else ""
    for one in more.items:
        taken = sum(1 for name in instance.attributes if name.isdigit())
        ev.set_attribute(instance, str(taken), _registered(ev, parameters, one), span)


def slice_of(ev: Evaluator, whole: Instance, bounds: slice) -> Value:
    """Return a container like `whole` with some of its children."""
    if not isinstance(whole.cls, External) or whole.open:
        return Unknown("a slice of a container")
    part = Items("list", [value for _, value in entries(ev, whole)][bounds])
    made = Instance(whole.cls, whole.site)
    arguments = tuple(part.items) if whole.cls.name == "torch.nn.Sequential" else (part,)
    fill(ev, made, whole.cls.name, arguments)
    made.foreign = Foreign(whole.cls.name, arguments, {})
    return made


def item(ev: Evaluator, owner: Instance, key: Value) -> Value | None:
    """Return an item of a container; None where it is not known."""
    if kinds.is_dictionary(ev, owner):
        known = keys.key_of(ev, key)
        held = owner.held(str(known)) if isinstance(known, str) else []
        return held[-1].value if held else None
    if not kinds.container_names(ev, owner) or not isinstance(key, Const):
        return None
    if isinstance(key.value, int) and not owner.open:
        found = [value for _, value in entries(ev, owner)]
        return found[key.value] if -len(found) <= key.value < len(found) else None
    held = owner.held(str(key.value))
    return held[-1].value if held else None


def by(ev: Evaluator, instance: Instance, name: str) -> Value:
    """Return what `children()` and its neighbours give."""
    exact = not instance.hidden and (not instance.open or instance.foreign is None)
    if name in ("values", "items", "keys"):
        if not kinds.container_names(ev, instance) & _DICTIONARIES:
            return Unknown(f"`{name}` of a `{instance.class_name}`")
        found = entries(ev, instance)
    else:
        found = children(instance)
    match name:
        case "children":
            return Items("iterator", [one for _, one in found], exact)
        case "values":
            return Items("list", [one for _, one in found], exact)
        case "keys":
            return Items("list", [Const(key) for key, _ in found], exact)
        case _:
            pairs: list[Value] = [Items("tuple", [Const(key), one]) for key, one in found]
            return Items("iterator" if name == "named_children" else "list", pairs, exact)


def table(ev: Evaluator, instance: Instance, name: str) -> Mapping:
    """Return a table of a module's own, under the names of its attributes."""
    known: dict[Key, Value] = {}
    for key, held in instance.attributes.items():
        value = ev.resolved(held[-1].value)
        is_tensor = isinstance(value, TensorValue) and value.kind == dictionaries.TABLES[name]
        if is_tensor or (name == "_modules" and isinstance(value, (Instance, Compiled)) and _is_module(ev, value)):
            known[key] = value
    # What a layer of torch keeps there is not known here, nor what is None.
    of_layer = isinstance(instance.cls, External) and not kinds.container_names(ev, instance)
    exact = not (instance.open or instance.hidden or of_layer or name != "_modules")
    return Mapping(known, exact, owner=instance, table=name)


def _is_module(ev: Evaluator, value: Value) -> bool:
    if not isinstance(value, Instance) or isinstance(value.cls, External):
        return isinstance(value, Compiled) or kinds.is_instance(ev, value, ExternalValue("torch.nn.Module")) is True
    return ev.classes.is_module(value.cls) is True


def modules(instance: Instance, named: bool) -> Items:
    """Return what `modules()` or `named_modules()` gives: the object and all below it, each once."""
    found: list[tuple[str, Instance]] = [("", instance)]
    seen = {instance}
    exact = True
    index = 0
    while index < len(found):
        prefix, one = found[index]
        exact = exact and not one.hidden and (not one.open or one.foreign is not None)
        below = []
        for name, held in one.attributes.items():
            value = held[-1].value
            if isinstance(value, Instance) and value not in seen:
                seen.add(value)
                below.append((f"{prefix}.{name}" if prefix else name, value))
        found[index + 1 : index + 1] = below
        index += 1
    if named:
        return Items("iterator", [Items("tuple", [Const(name), one]) for name, one in found], exact)
    return Items("iterator", [one for _, one in found], exact)


def as_dictionary(instance: Instance) -> Mapping:
    """Return the items of an object of a subclass of dict, which it keeps as attributes."""
    return Mapping({key: held[-1].value for key, held in instance.attributes.items()}, not instance.open)
