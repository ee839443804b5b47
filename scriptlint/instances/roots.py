"""Where the code compiles or traces something: the calls are noted as roots."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from scriptlint.evaluate.values import ClassValue, Compiled, FunctionValue, Instance, Value
from scriptlint.instances.frames import Compilation, Frame
from scriptlint.program.project import Place
from scriptlint.syntax import nodes as n

if TYPE_CHECKING:
    from scriptlint.instances.machine import Machine


def compiled(
    machine: Machine,
    how: str,
    value: Value,
    call: n.Call,
    frame: Frame,
    examples: Sequence[Value],
    keywords: dict[str, Value],
    by: str,
) -> Value:
    """Note a root and return what the call of the function `by` gives."""
    below = value.below() if isinstance(value, Instance) else ()
    evaluated = frozenset(one for one in below if one.evaluated)
    ran = _ran(machine, value, frame.place)
    machine.compilations.append(
        Compilation(how, value, call, frame.module, tuple(examples), keywords, evaluated, by, ran)
    )
    if how == "trace" and isinstance(value, Instance):
        value.ran = True
    if isinstance(value, Compiled):
        return value
    if how == "script" and isinstance(value, ClassValue):
        return value
    return Compiled(how, value, frame.module.span(call), value in evaluated)


def _ran(machine: Machine, value: Value, place: Place) -> bool:
    """Return True if an object was called before, or a function in the same body."""
    if isinstance(value, FunctionValue):
        return (value.function, place) in machine.called
    return isinstance(value, Instance) and value.ran
