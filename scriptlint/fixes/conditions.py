"""Tests of what has no truth value in TorchScript."""

from __future__ import annotations

import re

from scriptlint.fixes.places import above
from scriptlint.program.module import Class, ModuleInfo
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk
from scriptlint.text import Edit, Fix, Safety


def is_not_none(module: ModuleInfo, function: n.FunctionDef, node: n.Expr, safety: Safety) -> Fix | None:
    """`if x:` becomes `if x is not None:`, and `not x` becomes `x is None`."""
    if not isinstance(node, (n.Name, n.Attribute, n.Subscript)):
        return None
    text = module.source.text
    holder = _used_operator(function, node)
    if holder is not None:
        return _chosen(module, holder, node, f"{module.text(node)} is not None", Safety.UNSAFE)
    negation = re.search(r"\bnot\s+$", text[max(0, node.start - 20) : node.start])
    if negation is None:
        parenthesized = text[node.end : node.end + 1] == ")" and re.search(r"not\s*\($", text[: node.start][-20:])
        if parenthesized and not text[: node.start].endswith(" ("):
            return None
        edits = [Edit(node.end, node.end, " is not None")]
    else:
        edits = [Edit(node.start - len(negation[0]), node.start, ""), Edit(node.end, node.end, " is None")]
    return Fix(module.path, f"compare `{module.text(node)}` with None", safety.value, tuple(edits))


def is_not_none_and(module: ModuleInfo, function: n.FunctionDef, node: n.Expr, truth: tuple[str, str]) -> Fix | None:
    """`if flag:` becomes `if flag is not None and flag:`; `truth` says when a value that is there is true, and when not."""
    path = above(function, node)
    if not isinstance(node, n.Name) or not path:
        return None
    holder = _used_operator(function, node)
    yes = f"{node.id} is not None and {truth[0]}"
    if holder is not None:
        return _chosen(module, holder, node, yes, Safety.SAFE)
    negation = isinstance(path[0], n.UnaryOp) and path[0].op == "not"
    tested, around = (path[0], path[1]) if negation else (node, path[0])
    made = f"{node.id} is None or {truth[1]}" if negation else yes
    if not isinstance(around, (n.If, n.While, n.Assert, n.IfExp)):
        made = f"({made})"
    edit = Edit(tested.start, tested.end, made)
    return Fix(module.path, f"write `{made}`", Safety.SAFE.value, (edit,))


def _used_operator(function: n.FunctionDef, node: n.Expr) -> n.BoolOp | None:
    """The `and` or `or` with this operand whose value is used for more than a test."""
    found: n.BoolOp | None = None
    below: n.Node = node
    for one in above(function, node):
        if isinstance(one, n.BoolOp):
            found = one
        elif isinstance(one, n.UnaryOp) and one.op == "not":
            return None
        else:
            is_test = isinstance(one, (n.If, n.While, n.IfExp, n.Assert)) and one.test is below
            is_condition = isinstance(one, n.Comprehension) and below in one.ifs
            return None if is_test or is_condition else found
        below = one
    return found


def _chosen(module: ModuleInfo, holder: n.BoolOp, node: n.Expr, test: str, safety: Safety) -> Fix | None:
    """`a or b` becomes `a if a is not None else b`."""
    if holder.op != "or" or len(holder.values) != 2 or holder.values[0] is not node:
        return None
    first, second = (module.text(one) for one in holder.values)
    if module.source.text[holder.start - 1] not in "(=, \n" or "\n" in first + second:
        return None
    made = f"{first} if {test} else {second}"
    edit = Edit(holder.start, holder.end, made)
    return Fix(module.path, f"write `{made}`", safety.value, (edit,))


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


def may_be_false(cls: Class, name: str) -> bool:
    """Whether an attribute is given a parameter that is a flag, number or text elsewhere, by its default or annotation."""
    initialiser = cls.functions.get("__init__")
    if initialiser is None:
        return False
    plain = {
        one.name
        for one in initialiser.node.args.all()
        if (isinstance(one.default, n.Constant) and one.default.kind in ("bool", "int", "float", "str"))
        or (one.annotation is not None and re.search(r"\b(bool|int|float|str)\b", cls.module.text(one.annotation)))
    }
    return any(
        isinstance(one.value, n.Name) and one.value.id in plain
        for one in walk(initialiser.node)
        if isinstance(one, n.Assign)
        if any(isinstance(target, n.Attribute) and target.attr == name for target in one.targets)
    )


def _last(node: n.Expr) -> str:
    return node.attr if isinstance(node, n.Attribute) else node.id if isinstance(node, n.Name) else ""
