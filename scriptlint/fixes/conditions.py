"""Tests of what has no truth value in TorchScript."""

from __future__ import annotations

import re
from weakref import WeakKeyDictionary

from scriptlint.fixes.kinds import assigned
from scriptlint.fixes.places import above
from scriptlint.program.module import Class, ModuleInfo
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk
from scriptlint.text import Edit, Fix, Safety

_CONTAINERS = frozenset({"Sequential", "ModuleList", "ModuleDict", "ParameterList", "ParameterDict"})


def is_not_none(
    module: ModuleInfo, function: n.FunctionDef, node: n.Expr, safety: Safety, relies_on: tuple[str, ...] = ()
) -> Fix | None:
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
    title = f"compare `{module.text(node)}` with None"
    return Fix(module.path, title, safety.value, tuple(edits), relies_on=relies_on)


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
    """Return the `and` or `or` with this operand whose value is used for more than a test."""
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
    """Return True if all that the file of a class sets an attribute to are None and calls of what is named like a class."""
    values = [part for value, _ in assigned(cls, name) for part in _parts(value)]
    return bool(values) and all(
        _is_module(cls, one) or (isinstance(one, n.Constant) and one.kind == "none") for one in values
    )


def _parts(value: n.Expr) -> list[n.Expr]:
    return [value.body, value.orelse] if isinstance(value, n.IfExp) else [value]


def _is_module(cls: Class, value: n.Expr) -> bool:
    """Return True if a class is called, other than those whose objects have a length, and with it a truth value."""
    called = _last(value.func) if isinstance(value, n.Call) else ""
    has_truth = any(
        one.node.name == called and ("__len__" in one.functions or "__bool__" in one.functions)
        for one in cls.module.classes.values()
    )
    return called[:1].isupper() and called not in _CONTAINERS and not has_truth


def may_be_false(cls: Class, name: str) -> bool:
    """Return True if an attribute is given a parameter that is a flag, number or text elsewhere, by its default or annotation, or
    since the constructor, which must be given it, asks for its truth."""
    initialiser = cls.functions.get("__init__")
    if initialiser is None:
        return False
    plain = {
        one.name
        for one in initialiser.node.args.all()
        if (isinstance(one.default, n.Constant) and one.default.kind in ("bool", "int", "float", "str"))
        or (one.annotation is not None and re.search(r"\b(bool|int|float|str)\b", cls.module.text(one.annotation)))
    }
    asked = {one.test.id for one in walk(initialiser.node) if isinstance(one, n.If) and isinstance(one.test, n.Name)}
    plain |= asked & {one.name for one in initialiser.node.args.all() if one.default is None}
    plain |= _flags(cls.module)
    return any(
        isinstance(one.value, n.Name) and one.value.id in plain
        for one in walk(initialiser.node)
        if isinstance(one, n.Assign)
        if any(isinstance(target, n.Attribute) and target.attr == name for target in one.targets)
    )


_FLAGS: WeakKeyDictionary[ModuleInfo, set[str]] = WeakKeyDictionary()


def _flags(module: ModuleInfo) -> set[str]:
    """Return the names that are flags as parameters of some function of a file, which may hand them on by name."""
    if module not in _FLAGS:
        parameters = [one for function in module.functions.values() for one in function.node.args.all()]
        _FLAGS[module] = {
            one.name for one in parameters if isinstance(one.default, n.Constant) and one.default.kind == "bool"
        }
    return _FLAGS[module]


def _last(node: n.Expr) -> str:
    return node.attr if isinstance(node, n.Attribute) else node.id if isinstance(node, n.Name) else ""


def with_is(module: ModuleInfo, node: n.Node) -> Fix | None:
    """`self.norm != None` of a module becomes `self.norm is not None`."""
    if not isinstance(node, n.Compare) or len(node.ops) != 1 or node.ops[0] not in ("==", "!="):
        return None
    between = module.source.text[node.left.end : node.comparators[0].start]
    at = node.left.end + between.find(node.ops[0])
    if between.count(node.ops[0]) != 1:
        return None
    word = "is" if node.ops[0] == "==" else "is not"
    text = f"{' ' * (node.left.end == at)}{word}{' ' * (node.comparators[0].start == at + 2)}"
    return Fix(module.path, f"write `{word}`", Safety.SAFE.value, (Edit(at, at + 2, text),))
