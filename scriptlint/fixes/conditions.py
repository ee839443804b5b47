"""Tests of what has no truth value in TorchScript."""

from __future__ import annotations

import re

from scriptlint.program.module import Class, ModuleInfo
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk
from scriptlint.text import Edit, Fix, Safety


def is_not_none(module: ModuleInfo, node: n.Expr, safety: Safety) -> Fix | None:
    """`if x:` becomes `if x is not None:`, and `not x` becomes `x is None`."""
    if not isinstance(node, (n.Name, n.Attribute, n.Subscript)):
        return None
    text = module.source.text
    negation = re.search(r"\bnot\s+$", text[max(0, node.start - 20) : node.start])
    if negation is None:
        parenthesized = text[node.end : node.end + 1] == ")" and re.search(r"not\s*\($", text[: node.start][-20:])
        if parenthesized and not text[: node.start].endswith(" ("):
            return None
        edits = [Edit(node.end, node.end, " is not None")]
    else:
        edits = [Edit(node.start - len(negation[0]), node.start, ""), Edit(node.end, node.end, " is None")]
    return Fix(module.path, f"compare `{module.text(node)}` with None", safety.value, tuple(edits))


def only_modules_or_none(cls: Class, name: str) -> bool:
    """Whether all that a class assigns to an attribute are None and calls of what is named like a class."""
    found = False
    for one in walk(cls.node):
        targets = one.targets if isinstance(one, n.Assign) else [one.target] if isinstance(one, n.AnnAssign) else []
        for target in targets:
            if not (isinstance(target, n.Attribute) and target.attr == name):
                continue
            value = one.value if isinstance(one, (n.Assign, n.AnnAssign)) else None
            found = True
            if isinstance(value, n.Constant) and value.kind == "none":
                continue
            if not isinstance(value, n.Call) or not _last(value.func)[:1].isupper():
                return False
            if _last(value.func) in ("Sequential", "ModuleList", "ModuleDict", "ParameterList", "ParameterDict"):
                return False  # these have a length, and with it a truth value
    return found


def _last(node: n.Expr) -> str:
    return node.attr if isinstance(node, n.Attribute) else node.id if isinstance(node, n.Name) else ""
