"""Defaults that are names: what a name means where the `def` stands, not inside of the function."""

from __future__ import annotations

import builtins
import math

from scriptlint.program.module import Class, Function, ModuleInfo
from scriptlint.program.project import External, Global, Place, Project
from scriptlint.syntax import nodes as n
from scriptlint.torchlib.library import Library

_DEEPEST = 4  # how many names may stand for one another


def value_of(project: Project, library: Library, function: Function, node: n.Expr) -> n.Expr | None:
    """Return the literal that a name stands for, or the name itself where that is a class, function or module; else None."""
    return _value(project, library, function.owner or function.outer or function.module, node, 0)


def _value(project: Project, library: Library, place: Place, node: n.Expr, depth: int) -> n.Expr | None:
    if isinstance(node, n.Subscript):  # `Optional[Tensor]`
        symbol = project.resolve(node.value, place)
        return node if isinstance(symbol, External) and symbol.name.startswith("typing.") else None
    if not isinstance(node, (n.Name, n.Attribute)):
        return None
    match project.resolve(node, place):
        case Function() | Class() | ModuleInfo():
            return node
        case External(name=name) if _is_object(library, name):
            return node
        case Global(value=value, module=module, name=name) if value is not None and depth < _DEEPEST:
            if len(module.scope.bindings.get(name, ())) > 1:
                return None  # it may have had another value where the `def` stands
            return value if _is_literal(value) else _value(project, library, module, value, depth + 1)
    return None


def _is_object(library: Library, name: str) -> bool:
    """Return True for the name of a class, function or module of Python or torch, which is the value of no parameter."""
    package, _, last = name.rpartition(".")
    if package == "typing":
        return True
    if package in ("builtins", "math"):
        return callable(getattr(builtins if package == "builtins" else math, last, None))
    if name in ("math", "torch", "torch.Tensor"):
        return True
    known = library.exists(name)
    return library.is_module_class(name) or (known is not None and known.kind in ("class", "function", "operator"))


def _is_literal(node: n.Expr) -> bool:
    match node:
        case n.Constant() | n.Lambda() | n.List() | n.Dict():
            return True
        case n.UnaryOp():
            return _is_literal(node.operand)
        case n.Tuple():
            return all(map(_is_literal, node.elts))
    return False
