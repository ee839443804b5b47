"""Expressions that Python has and TorchScript lacks, written with those that it has."""

from __future__ import annotations

from scriptlint.fixes.places import above
from scriptlint.program.module import ModuleInfo
from scriptlint.syntax import nodes as n
from scriptlint.text import Edit, Fix, Safety


def list_of_set(module: ModuleInfo, function: n.FunctionDef, expr: n.Set | n.SetComp) -> Fix | None:
    """`x in {1, 2}` becomes `x in [1, 2]`, which also takes an `x` that has no hash, and compares it."""
    holders = above(function, expr)
    test = holders[0] if holders else None
    if not isinstance(expr, n.Set) or not all(isinstance(one, n.Constant) for one in expr.elts):
        return None
    if not isinstance(test, n.Compare) or test.ops not in (["in"], ["not in"]) or test.left is expr:
        return None
    edits = (Edit(expr.start, expr.start + 1, "["), Edit(expr.end - 1, expr.end, "]"))
    return Fix(module.path, "look in a list", Safety.UNSAFE.value, edits)
