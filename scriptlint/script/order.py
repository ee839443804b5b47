"""Which of all errors the compiler meets first, and so prints alone (compile-errors.md section 1).

Twin: torch/jit/_recursive.py, create_script_module_impl: a module's own trees are built before its submodules are made, and
its bodies emitted after them; a callee is compiled where the call stands.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from scriptlint.diag import Diagnostic, Severity
from scriptlint.evaluate.values import Instance
from scriptlint.program.decorators import Kind, decoration
from scriptlint.program.module import Class, Function
from scriptlint.script.infer import hooks
from scriptlint.script.judge import Judge
from scriptlint.script.reach import Reach

_OF_HOOKS = frozenset({hooks.HOOK_SIGNATURE.code, hooks.HOOK_NAME.code})


class Order:
    """Follows the compiler through one root."""

    def __init__(self, judge: Judge, reach: Reach) -> None:
        self.judge = judge
        self.reach = reach
        self._seen: set[tuple[Function, int, Function | None]] = set()
        self._made: set[int] = set()

    def module(self, instance: Instance) -> Diagnostic | None:
        """Return the first error of a module and all that hangs below it."""
        if id(instance) in self._made:
            return None
        self._made.add(id(instance))
        entries = list(self.reach.entries(instance.cls)) if isinstance(instance.cls, Class) else []
        trees = [_first(self.judge.tree(one)) for one, _ in sorted(entries, key=self._parsed)]
        found = next((one for one in trees if one is not None), None)
        if found is not None:
            return found
        for _, held in instance.submodules():
            if isinstance(held.value, Instance) and held.when is None:
                found = self.module(held.value)
                if found is not None:
                    return found
        for one, form in sorted(entries, key=self._emitted):
            found = self.function(one, instance, form)
            if found is not None:
                return found
        for hook in hooks.functions(instance):
            found = self.function(hook, instance)
            if found is not None:
                return found
        return _first(one for one in self.judge.object(instance) if one.code in _OF_HOOKS)

    def _parsed(self, entry: tuple[Function, Function | None]) -> tuple[int, str]:
        function, form = entry
        if form is not None:
            return (-1, function.node.name)
        is_property = decoration(function, self.judge.project).kind in (Kind.PROPERTY, Kind.SETTER)
        return (2 if is_property else 0 if function.node.name == "forward" else 1, function.node.name)

    def _emitted(self, entry: tuple[Function, Function | None]) -> tuple[int, str]:
        place, name = self._parsed(entry)
        return (-2 if place == 2 else place, name)

    def function(
        self, function: Function, instance: Instance | None, form: Function | None = None
    ) -> Diagnostic | None:
        """Return the first error of a function and of what it calls."""
        key = (function, id(instance), form)
        if key in self._seen:
            return None
        self._seen.add(key)
        found = _first(self.judge.tree(function))
        if found is not None:
            return found
        compiled = self.judge.compiler.compile(function, instance, form)
        inferred = self.judge.inferred(self.reach, function, instance, form)
        errors = [one for one in (*self.judge.emitted(function), *inferred) if _stops(one)]
        met: list[tuple[int, int, object]] = [(one.span.start, 1, one) for one in errors]
        met += [(one.node.start, 0, one) for one in compiled.callees if one.when is None]
        for _, _, event in sorted(met, key=lambda one: one[:2]):
            if isinstance(event, Diagnostic):
                return event
            found = self.function(event.function, event.instance, event.form)  # type: ignore[attr-defined]
            if found is not None:
                return found
        return None


def _stops(finding: Diagnostic) -> bool:
    return finding.severity == Severity.ERROR.value and finding.when is None


def _first(findings: Iterable[Diagnostic]) -> Diagnostic | None:
    return next((one for one in findings if _stops(one)), None)


def mark(findings: list[Diagnostic], begin: int, first: Diagnostic | None) -> None:
    """Mark the finding that is the first one, wherever it stands among those of its root, which begin at an index."""
    if first is None:
        return
    for index in range(begin, len(findings)):
        if findings[index].code == first.code and findings[index].span == first.span:
            findings[index] = msgspec.structs.replace(findings[index], first=True)
