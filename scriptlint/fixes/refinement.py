"""Attributes that may be None, read through a local variable: the compiler remembers of variables alone that they are not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scriptlint.fixes.layout import before
from scriptlint.fixes.places import free_name, names_within, statement_of
from scriptlint.program.module import Function
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk
from scriptlint.text import Edit, Fix, Safety


def tested_attributes(function: n.FunctionDef, node: n.Node) -> Iterator[n.Attribute]:
    """The attributes of `self` below a node that a test around it, or above it, compares with None."""
    reads = {one.attr: one for one in walk(node) if isinstance(one, n.Attribute) and _is_own(one)}
    for name, read in reads.items():
        if _tests(function, read):
            yield reads[name]


def through_local(function: Function, read: n.Attribute) -> Fix | None:
    """`if self.h is not None: f(self.h)` becomes `h = self.h` and `if h is not None: f(h)`."""
    module, tests = function.module, _tests(function.node, read)
    region = next((found for one in tests if (found := _region(function.node, one, read)) is not None), None)
    if region is None:
        return None
    reads = [one for part in region for one in walk(part) if isinstance(one, n.Attribute) and _is_own(one)]
    reads = [one for one in reads if one.attr == read.attr]
    if any(one in reads for part in region for one in _stored(part)):
        return None
    text = module.source.text
    if text.startswith("elif", region[0].start) or isinstance(region[0], n.While):
        return None
    name = free_name(read.attr.lstrip("_"), {*names_within(function.node), *module.scope.bindings})
    line = before(text, region[0].start, [f"{name} = {module.text(read)}"])
    if line is None:
        return None
    edits = [line, *(Edit(one.start, one.end, name) for one in reads)]
    methods = set(function.owner.functions) if function.owner is not None else set()
    calls = (one.func for part in region for one in walk(part) if isinstance(one, n.Call))
    called = {one.attr for one in calls if isinstance(one, n.Attribute) and _is_own(one)}
    safety = Safety.UNSAFE if called & methods else Safety.SAFE
    return Fix(module.path, f"read `{module.text(read)}` once", safety.value, tuple(sorted(edits)))


def _is_own(node: n.Node) -> bool:
    return isinstance(node, n.Attribute) and isinstance(node.value, n.Name) and node.value.id == "self"


def _tests(function: n.FunctionDef, read: n.Attribute) -> list[n.Compare]:
    """The comparisons of the same attribute with None, the last first."""
    found = [
        one
        for one in walk(function)
        if isinstance(one, n.Compare) and one.ops in (["is"], ["is not"])
        if isinstance(one.left, n.Attribute) and _is_own(one.left) and one.left.attr == read.attr
        if isinstance(one.comparators[0], n.Constant) and one.comparators[0].kind == "none"
    ]
    return found[::-1]


def _region(function: n.FunctionDef, test: n.Compare, read: n.Attribute) -> Sequence[n.Stmt] | None:
    """The statements in which the test speaks of the read: the one that holds both, or all behind a test that leaves."""
    place = statement_of(function, test)
    if place is None:
        return None
    holder, body = place
    if holder.start <= read.start < holder.end:
        return [holder]
    at = body.index(holder)
    leaves = isinstance(holder, n.Assert) or (
        isinstance(holder, n.If) and isinstance(holder.body[-1], (n.Return, n.Raise)) and not holder.orelse
    )
    inside = any(one.start <= read.start < one.end for one in body[at:])
    return body[at:] if leaves and inside else None


def _stored(part: n.Stmt) -> Iterator[n.Node]:
    for one in walk(part):
        if isinstance(one, (n.Assign, n.Delete)):
            yield from one.targets
        elif isinstance(one, (n.AugAssign, n.AnnAssign)):
            yield one.target
