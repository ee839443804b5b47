"""What an object remembers from one call to the next (trace-hazards.md 1.6).

A new object is traced as its constructor left it: what is filled where it is first needed is filled by the trace, which
records how. An object that was called before holds what that call left, and the trace keeps it as a constant. And a call after
the first may do what no trace of the first shows: it goes on with what the first left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from scriptlint.evaluate.values import Const, Instance
from scriptlint.syntax import nodes as n
from scriptlint.trace import frozen
from scriptlint.trace.frames import Frame
from scriptlint.trace.schemas import Arguments
from scriptlint.trace.values import LITERAL, PYTHON, Kind, Length, Traced, join

if TYPE_CHECKING:
    from scriptlint.trace.flow import Flow
    from scriptlint.trace.summaries import Finding

CACHES = frozenset({"functools.lru_cache", "functools.cache", "functools.cached_property"})

# What holds a name that outlives a call: an object, or a file by its path.
Owner = Instance | str
Stored = dict[Owner, dict[str, Traced]]
Read = tuple[str, str, int]


class Effects(Struct):
    """What a call does to what outlives it, and the places where it reads attributes."""

    stored: Stored = field(default_factory=dict)
    reads: set[Read] = field(default_factory=set)

    def store(self, owner: Owner, name: str, value: Traced) -> None:
        """Add a value that a name may have been given."""
        known = self.stored.setdefault(owner, {})
        known[name] = join(known[name], value) if name in known else value

    def each(self) -> Iterator[tuple[Owner, str, Traced]]:
        """Return every name that was given a value."""
        for owner, names in self.stored.items():
            for name, value in names.items():
                yield owner, name, value


class Memory(Effects):
    """What is known of attributes while a root is followed.

    `ran` says that there were calls before the trace, `recalled` what they left; `used` are the names of those whose
    values were read as more than a question whether there is one.
    """

    ran: bool = False

    recalled: Stored = field(default_factory=dict)
    used: set[tuple[Owner, str]] = field(default_factory=set)

    @property
    def key(self) -> object:
        """What distinguishes summaries of calls with different memories."""
        return self.ran, *((owner, *names.items()) for owner, names in self.recalled.items())

    def has_recalled(self, owner: Owner, name: str) -> bool:
        """Return True if a call before the trace left a value under a name."""
        return name in self.recalled.get(owner, ())

    def recall(self, owner: Owner, name: str, asking: bool = False) -> Traced | None:
        """Return what a call before the trace left under a name, as long as the trace has not overwritten it.

        `asking` says that the question is only whether there is something.
        """
        if name in self.stored.get(owner, ()):
            return None
        value = self.recalled.get(owner, {}).get(name)
        if value is not None and value.kind is Kind.TENSOR and not asking:
            self.used.add((owner, name))
        return value


def recall(flow: Flow, run: Callable[[], object]) -> None:
    """Let the object remember a call before the trace."""
    flow.aside(run)
    _keep(flow)
    flow.memory.ran = True


def judge_second_call(flow: Flow, run: Callable[[], object]) -> None:
    """Report state that only a second call of the object shows."""
    if flow.memory.ran or not flow.memory.stored:
        return
    _keep(flow)
    for one in flow.aside(run).values():
        if one.rule in (frozen.LOST_STATE, frozen.GLOBAL_STATE):
            flow.note(one)
    flow.memory.recalled = {}


def _keep(flow: Flow) -> None:
    flow.memory.recalled = {
        owner: {name: constant(value) for name, value in names.items()} for owner, names in flow.memory.stored.items()
    }
    flow.memory.stored = {}
    flow.memory.used = set()


def constant(value: Traced) -> Traced:
    """Return what is left of a value after the call that made it: nothing of it follows the inputs of the next."""
    match value.kind:
        case Kind.TENSOR:
            return LITERAL
        case Kind.SIZE:
            return PYTHON
        case Kind.SEQUENCE | Kind.MAPPING:
            items = None if value.items is None else tuple(constant(one) for one in value.items)
            item = None if value.item is None else PYTHON if value.is_shape else constant(value.item)
            return replace(value, items=items, item=item, length=Length.PYTHON)
        case Kind.BAKED:
            return PYTHON
        case Kind.PYTHON if isinstance(value.value, Const) and not isinstance(value.value.value, (bool, str)):
            return value if value.value.value is None else PYTHON
        case _:
            return value


def cached(flow: Flow, given: Arguments, result: Traced, node: n.Call, frame: Frame) -> Traced:
    """Return what a call of a function under `functools.cache` gives: what an earlier call with equal arguments gave.

    Under trace a size is a tensor, which equals no other, so that such calls are never found again.
    """
    if any(one.kind not in (Kind.PYTHON, Kind.BAKED) for one in given.values) or result.kind is not Kind.TENSOR:
        return result
    if flow.memory.ran:
        return constant(result)
    if flow.checked:
        flow.say(frozen.FILLED, frame, node, text=frame.text(node))
    return result


def is_read(one: Finding, reads: set[Read]) -> bool:
    """Return True if the attribute that a finding is about is read outside of the statement that it is about."""
    return any(
        name == one.attribute and not (path == one.module.path and one.node.start <= start < one.node.end)
        for name, path, start in reads
    )
