"""Every rule there is, collected from the modules that declare one.

A module that declares a `Rule` constant is listed here, and nothing else is needed to add one: a test refuses a
constant in a module that is not listed. Nothing is imported before somebody asks, because a run whose settings and
comments name no rule never needs to know them all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib import import_module

from scriptlint.diag import Rule

RULE_MODULES: tuple[str, ...] = (
    "scriptlint.confirm.rules",
    "scriptlint.engine.rules",
    "scriptlint.script.declared_attributes",
    "scriptlint.script.declarations",
    "scriptlint.script.archive_names",
    "scriptlint.script.decorated",
    "scriptlint.script.given",
    "scriptlint.script.defaults",
    "scriptlint.script.emission",
    "scriptlint.script.emission_expr",
    "scriptlint.script.frontend",
    "scriptlint.script.frontend_expr",
    "scriptlint.script.infer.arguments",
    "scriptlint.script.infer.assign",
    "scriptlint.script.infer.attributes",
    "scriptlint.script.infer.branches",
    "scriptlint.script.infer.builtins",
    "scriptlint.script.infer.calls",
    "scriptlint.script.infer.class_variables",
    "scriptlint.script.infer.dataclass_types",
    "scriptlint.script.infer.differs",
    "scriptlint.script.infer.enums",
    "scriptlint.script.infer.expressions",
    "scriptlint.script.infer.hooks",
    "scriptlint.script.infer.ignored",
    "scriptlint.script.infer.interfaces",
    "scriptlint.script.infer.library_calls",
    "scriptlint.script.infer.loops",
    "scriptlint.script.infer.names",
    "scriptlint.script.infer.objects",
    "scriptlint.script.infer.operators",
    "scriptlint.script.infer.overloads",
    "scriptlint.script.infer.python_calls",
    "scriptlint.script.infer.signature",
    "scriptlint.script.infer.statements",
    "scriptlint.script.infer.subscripts",
    "scriptlint.script.infer.undefined",
    "scriptlint.script.infer.unit",
    "scriptlint.script.infer.wrapped",
    "scriptlint.script.judge",
    "scriptlint.script.properties",
    "scriptlint.script.saving",
    "scriptlint.script.signature",
    "scriptlint.script.state_methods",
    "scriptlint.script.type_comments",
    "scriptlint.script.undented",
    "scriptlint.trace.boundary",
    "scriptlint.trace.checks",
    "scriptlint.trace.entry",
    "scriptlint.trace.frozen",
    "scriptlint.trace.guards",
    "scriptlint.trace.hazards",
    "scriptlint.trace.modes",
    "scriptlint.trace.outputs",
    "scriptlint.trace.remains",
    "scriptlint.trace.uses",
)


class BrokenRegistry(Exception):
    """Two rules share a code or a name."""


_of_packs: dict[str, Rule] = {}
_pages: dict[str, str] = {}


def add(rules: Iterable[Rule], pages: Mapping[str, str]) -> None:
    """Make the rules of a pack known to this process, with the pages of those that have one. Raises BrokenRegistry."""
    known = dict(all_rules())
    for rule in rules:
        taken = next((one for one in known.values() if rule.code == one.code or rule.name == one.name), None)
        if taken is not None:
            raise BrokenRegistry(f"{taken.code} {taken.name} and {rule.code} {rule.name} clash")
        known[rule.code] = _of_packs[rule.code] = rule
    _pages.update(pages)
    all_rules.cache_clear()
    codes_by_name.cache_clear()
    code_letters.cache_clear()


def page(code: str) -> str | None:
    """Return the page of a pack's rule as Markdown, None where the pack has none."""
    return _pages.get(code)


@cache
def all_rules() -> Mapping[str, Rule]:
    """Return the rules by code, in the order of their codes; those of packs last."""
    return {**collect(RULE_MODULES), **dict(sorted(_of_packs.items()))}


@cache
def code_letters() -> frozenset[str]:
    """Return what codes begin with: `SL`, and the letters of packs that are in use."""
    return frozenset({"SL", *(code.rstrip("0123456789") for code in _of_packs)})


@cache
def codes_by_name() -> Mapping[str, str]:
    """Return the code of each name."""
    return {rule.name: rule.code for rule in all_rules().values()}


def find(code_or_name: str) -> Rule | None:
    """Return the rule of this code (in either case) or name."""
    code = codes_by_name().get(code_or_name.lower(), code_or_name.upper())
    return all_rules().get(code)


def collect(modules: tuple[str, ...]) -> Mapping[str, Rule]:
    """Return the rules that these modules declare, by code; raises BrokenRegistry where an identity is given twice."""
    rules: dict[str, Rule] = {}
    names: dict[str, Rule] = {}
    for module in modules:
        for rule in declared(module):
            for taken in (rules.get(rule.code), names.get(rule.name)):
                if taken is not None and taken is not rule:
                    raise BrokenRegistry(f"{taken.code} {taken.name} and {rule.code} {rule.name} ({module}) clash")
            rules[rule.code] = names[rule.name] = rule
    return dict(sorted(rules.items()))


def declared(module: str) -> list[Rule]:
    """Return the `Rule` constants among the globals of a module."""
    return [value for value in vars(import_module(module)).values() if isinstance(value, Rule)]
