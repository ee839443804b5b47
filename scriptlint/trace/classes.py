"""Objects of classes whose source is seen, made while a trace is: modules, tuples with names, and objects of Python."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec.structs import replace

from scriptlint.evaluate import classes as python_classes
from scriptlint.evaluate.values import ClassValue, Instance, Items
from scriptlint.program.module import Class
from scriptlint.program.project import External
from scriptlint.syntax import nodes as n
from scriptlint.trace import modules
from scriptlint.trace.frames import Frame, step
from scriptlint.trace.schemas import Arguments
from scriptlint.trace.values import UNKNOWN, Kind, Traced, sequence

if TYPE_CHECKING:
    from scriptlint.trace.flow import Flow

_DICTIONARIES = frozenset({"collections.OrderedDict", "builtins.dict"})
_PLAIN_BASES = frozenset({"builtins.object", "abc.ABC", "typing.Generic", "typing.Protocol"})


def make(flow: Flow, symbol: Class, given: Arguments, node: n.Call, frame: Frame) -> Traced:
    """Return what calling a class gives."""
    if flow.classes.is_module(symbol):
        made = flow.machine.default_instance(symbol)
        modules.made(flow, made, given, node, frame)
        _construct(flow, symbol, made, given, node, frame)
        return Traced(Kind.OBJECT, made)
    names = {one.name for one in flow.classes.lineage(symbol).externals}
    if "typing.NamedTuple" in names:
        return named(given.values, tuple(fields(symbol)) if given.exact and not given.keywords else ())
    if names & _DICTIONARIES:
        items = tuple(one for one, _ in given.keywords.values())
        value = ClassValue(symbol) if is_dictionary(flow, symbol) else None
        return Traced(Kind.MAPPING, value, keys=tuple(given.keywords), items=items)
    if not is_plain(flow, symbol):
        return UNKNOWN
    made = flow.plain(symbol, frame, node)
    if python_classes.is_dataclass(flow.machine.evaluator, symbol):
        values = dict(zip(fields(symbol), given.spread(0), strict=False))
        flow.made[made] = {**values, **{name: one for name, (one, _) in given.keywords.items()}}
    else:
        _construct(flow, symbol, made, given, node, frame)
    return Traced(Kind.OBJECT, made)


def named(items: list[Traced], names: tuple[str, ...]) -> Traced:
    """Return a tuple whose items have names."""
    return replace(sequence(items), keys=names if names and len(names) == len(items) else None)


def of_fields(given: Arguments, names: tuple[str, ...]) -> Traced:
    """Return what a call gives that makes a tuple with these names, of which it may give some by their name."""
    keywords = {name: one for name, (one, _) in given.keywords.items()}
    if not given.exact or not keywords:
        return named(given.values, names if given.exact else ())
    first = [one for one, _ in given.positional]
    rest = [keywords[name] for name in names[len(first) :] if name in keywords]
    return named([*first, *rest], names)


def fields(symbol: Class) -> Iterator[str]:
    """Yield the names of the items of a typing.NamedTuple or dataclass."""
    for one in symbol.node.body:
        if isinstance(one, n.AnnAssign) and isinstance(one.target, n.Name):
            yield one.target.id


def names_of(value: Items) -> tuple[str, ...]:
    """Return the names of the items of a named tuple; none of another one."""
    if isinstance(value.made_by, Class):
        return tuple(fields(value.made_by))
    return () if value.made_by is None else value.made_by.fields


def is_plain(flow: Flow, symbol: Class) -> bool:
    """Return True if its objects are surely nothing that torch knows: no tensors, tuples, dictionaries or modules."""
    lineage = flow.classes.lineage(symbol)
    names = {one.name for one in lineage.entries if isinstance(one, External)}
    return not lineage.unseen and names <= _PLAIN_BASES


def is_dictionary(flow: Flow, symbol: Class) -> bool:
    """Return True if its objects are surely dictionaries that torch refuses.

    torch compiles the class of what it is given, takes the object for one of that class if it can, and for a dictionary if
    not. A class without methods compiles; one with methods of a dictionary mostly does not.
    """
    lineage = flow.classes.lineage(symbol)
    names = {one.name for one in lineage.entries if isinstance(one, External)}
    is_bare = not any(one.functions or one.node.decorators for one in lineage.classes)
    return not lineage.unseen and bool(names & _DICTIONARIES) and is_bare


def _construct(flow: Flow, symbol: Class, made: Instance, given: Arguments, node: n.Call, frame: Frame) -> None:
    """Follow the constructor of an object that is made while the trace is."""
    initialiser = flow.classes.method(symbol, "__init__")
    if initialiser is not None:
        keywords = {name: one for name, (one, _) in given.keywords.items()}
        flow.call(
            initialiser, made, [one for one, _ in given.positional], keywords, step(frame, node), None, given.exact
        )
