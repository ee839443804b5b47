"""From the units that are compiled anyway to all that they call (torch/jit/_recursive.py, compile_function)."""

from __future__ import annotations

from collections.abc import Iterable

from scriptlint.diag import Step
from scriptlint.instances.values import both
from scriptlint.program.decorators import decoration
from scriptlint.program.module import Function
from scriptlint.script.infer.compiler import Compiler
from scriptlint.script.reach import Unit


def closure(compiler: Compiler, entries: Iterable[Unit]) -> list[Unit]:
    """All units that compiling the entries compiles, in the order in which they are met.

    A function that is marked unused is compiled to an exception, whatever stands in it. A unit that is reached twice keeps the way that holds without a condition, and is used if any call uses it.
    """
    found: dict[tuple[Function, int], Unit] = {}
    pending = [one for one in entries if decoration(one.function, compiler.project).jit not in ("unused", "drop")][::-1]
    while pending:
        unit = pending.pop()
        key = (unit.function, id(unit.instance))
        known = found.get(key)
        if known is not None:
            better = known.when is not None and unit.when is None
            if not better and (known.used or not unit.used):
                continue
            unit = unit if better else Unit(known.function, known.instance, known.trail, known.when, True)
        found[key] = unit
        if known is not None and not better:
            continue
        compiled = compiler.compile(unit.function, unit.instance)
        for callee in reversed(compiled.callees):
            text = f"`{unit.function.qualname}` calls `{callee.function.qualname}`"
            step = Step(text, unit.function.module.span(callee.node))
            when = both(unit.when, callee.when)
            pending.append(Unit(callee.function, callee.instance, (*unit.trail, step), when, callee.used))
    return list(found.values())
