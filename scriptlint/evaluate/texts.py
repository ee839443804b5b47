"""The text of a value: what `str`, `repr` and f-strings make of it, methods of the project's classes included."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scriptlint.evaluate import calls, classes, plain
from scriptlint.evaluate.arguments import Arguments
from scriptlint.evaluate.values import Const, EnumMember, Instance, Value
from scriptlint.program.classes import Member
from scriptlint.program.module import Class

if TYPE_CHECKING:
    from scriptlint.evaluate.evaluator import Evaluator


def text_of(ev: Evaluator, value: Value, conversion: str = "") -> str | None:
    """Return `str(value)`, or `repr(value)` where the conversion is "r"; None where that is not known."""
    value = ev.resolved(value)
    known = plain.to_python(value)
    if known is not None:
        return repr(known[0]) if conversion == "r" else str(known[0])
    cls = value.cls if isinstance(value, (Instance, EnumMember)) else None
    if isinstance(cls, Class):
        for name in ("__repr__",) if conversion == "r" else ("__str__", "__repr__"):
            if isinstance(ev.classes.member(cls, name), Member):
                made = ev.resolved(calls.call(ev, ev.attribute(value, name), Arguments([], {})))
                return str(made.value) if isinstance(made, Const) and isinstance(made.value, str) else None
    if isinstance(value, EnumMember) and conversion != "r":
        bases = classes.bases(ev, value.cls)
        if bases <= {"enum.Enum"}:
            return f"{value.cls.node.name}.{value.name}"
        if bases & {"enum.StrEnum", "enum.IntEnum"}:
            return text_of(ev, classes.enum_value(ev, value))
    if isinstance(value, Instance) and value.foreign is not None and "args" in value.attributes and conversion != "r":
        (argument,) = arguments if len(arguments := value.foreign.arguments) == 1 else (None,)
        return None if argument is None else text_of(ev, argument)  # of an exception
    return None
