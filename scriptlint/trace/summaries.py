"""What is kept of a call: what it gives, what is wrong in it, and what it does to objects."""

from __future__ import annotations

import re
from collections.abc import Callable

from msgspec import Struct

from scriptlint.diag import Label, Rule, Severity, Step
from scriptlint.evaluate.budget import Budget
from scriptlint.evaluate.values import Instance, both
from scriptlint.program.module import Class, Function, ModuleInfo
from scriptlint.syntax import nodes as n
from scriptlint.text import Fix
from scriptlint.trace.memory import Effects
from scriptlint.trace.values import Traced

# As `torch/__init__.py` has it: a dot is any character there.
_FILTERED = re.compile("torch.(?!jit)")

FindingKey = tuple[str, str, int]


class Finding(Struct, frozen=True):
    """A hazard in a function: `trail` leads to it from the function whose summary holds it.

    One about an `attribute` is a hazard only if what is traced reads the attribute elsewhere.
    """

    rule: Rule
    node: n.Node
    module: ModuleInfo
    facts: dict[str, object]
    severity: Severity | None
    trail: tuple[Step, ...] = ()
    when: str | None = None
    fix: Fix | None = None
    attribute: str | None = None
    labels: tuple[Label, ...] = ()

    def hidden(self) -> tuple[Label, ...]:
        """Return where torch's own filter drops the warning: it means torch's files, and meets every name that begins like them."""
        warned = self.rule.compiler is not None and self.facts.get("torch") != "torch does not warn"
        if not warned or self.severity is Severity.ERROR or not _FILTERED.match(self.module.name):
            return ()
        name = self.module.name
        text = f"torch hides its warning here: its filter drops those of every module whose name begins as `{name}`"
        return (Label(self.module.span(self.node), text),)


class Summary(Struct, frozen=True):
    """What a call of a function gives, what is wrong in it and in what it calls, and what it does to objects."""

    result: Traced
    found: dict[FindingKey, Finding]
    unseen: frozenset[str]
    assumed: frozenset[str]
    effects: Effects


class Summaries:
    """The summaries of a run; `observer` hears of each expression and its value."""

    def __init__(self) -> None:
        self.observer: Callable[[ModuleInfo, n.Expr, Traced], None] | None = None
        self.known: dict[tuple[object, ...], Summary] = {}
        self.written: dict[Function, dict[str, list[n.Stmt]]] = {}
        self.names_written: dict[Function, frozenset[str]] = {}
        self.writers: dict[tuple[Class, str], list[Function]] = {}
        self.changed_in_place: dict[Class, set[str]] = {}
        self.plain: dict[tuple[Class, str, int], Instance] = {}
        self.trainable: dict[Instance, bool] = {}
        self.runs: dict[tuple[Class, str], Function | None] = {}
        self.made: dict[Instance, dict[str, Traced]] = {}
        self.layers: dict[Instance, bool] = {}
        self.spent: dict[Class, Budget] = {}
        """Classes with an object whose trace is too long to be followed, which is not tried with others."""


class Under:
    """A block in which a condition holds beside those that are on the stack already."""

    __slots__ = ("_condition", "_stack")

    def __init__(self, stack: list[str | None], condition: str | None) -> None:
        self._stack = stack
        self._condition = condition

    def __enter__(self) -> None:
        self._stack.append(both(self._stack[-1], self._condition))

    def __exit__(self, *error: object) -> None:
        self._stack.pop()
