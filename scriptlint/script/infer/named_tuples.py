"""Named tuples as types: classes of typing.NamedTuple, and what a call of `namedtuple` gives.

Twins: get_type_hints and _get_named_tuple_properties in torch/_jit_internal.py: a field without annotation is a Tensor.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from scriptlint.program.module import Class, ModuleInfo
from scriptlint.program.project import External, Global
from scriptlint.script.infer import classes
from scriptlint.syntax import nodes as n
from scriptlint.types.annotations import Annotations, Refused
from scriptlint.types.model import INFERRED_TENSOR, Tuple, Type, Unknown

if TYPE_CHECKING:
    from scriptlint.script.infer.compiler import Compiler


def is_class(compiler: Compiler, cls: Class) -> bool:
    """Return True for a class of typing.NamedTuple."""
    return External("typing.NamedTuple") in compiler.classes.lineage(cls).entries


def of_class(compiler: Compiler, cls: Class) -> Type:
    """The type of a typing.NamedTuple class; unknown while that of a class which it holds is asked for."""
    known = compiler.named_tuples
    if cls not in known:
        known[cls] = Unknown("a named tuple that holds itself")
        try:
            known[cls] = _of_class(compiler, cls)
        except BaseException:
            del known[cls]
            raise
    return known[cls]


def _of_class(compiler: Compiler, cls: Class) -> Type:
    fields = [one for one in cls.node.body if isinstance(one, n.AnnAssign) and isinstance(one.target, n.Name)]

    def of_other(other: Class, node: n.Expr) -> Type:
        return classes.type_of(compiler, other, node, other.node.name)

    read = _reader(compiler, cls, of_other)
    names = tuple(one.target.id for one in fields if isinstance(one.target, n.Name))
    kinds = tuple(read(one.annotation) for one in fields)
    return Tuple(kinds, names, cls.dotted, sum(one.value is not None for one in fields))


def has_refused_field(compiler: Compiler, cls: Class) -> bool:
    """Return True if the annotation of a field is not a type that the compiler knows."""
    known = compiler.refused_named_tuples
    if cls not in known:
        known[cls] = False  # while those that it holds are asked
        known[cls] = _has_refused_field(compiler, cls)
    return known[cls]


def _has_refused_field(compiler: Compiler, cls: Class) -> bool:
    def of_other(other: Class, node: n.Expr) -> Type:
        return classes.type_of(compiler, other, node, other.node.name, True)

    resolve = compiler.project.resolve
    is_module = compiler.library.is_module_class
    reader = Annotations(partial(resolve, place=cls), resolve, of_other, cls.module.text, is_module)
    for one in cls.node.body:
        if isinstance(one, n.AnnAssign):
            try:
                reader.type_of(one.annotation)
            except Refused:
                return True
    return False


def of_global(compiler: Compiler, symbol: Global) -> Tuple | None:
    """The type that a variable of a file is, if a call of `namedtuple` gave it; None for anything else."""
    call = symbol.value
    module = symbol.module
    if not isinstance(call, n.Call) or len(call.args) != 2 or call.keywords:
        return None
    maker = compiler.project.resolve(call.func, module)

    def of_other(other: Class, node: n.Expr) -> Type:
        return classes.type_of(compiler, other, node, other.node.name)

    read = _reader(compiler, module, of_other)
    if maker == External("collections.namedtuple"):
        names = _names(call.args[1])
        hints = _hints(module, symbol.name)
        if names is None:
            return None
        kinds = [read(hints[one]) if one in hints else INFERRED_TENSOR for one in names]
    elif maker == External("typing.NamedTuple") and isinstance(call.args[1], (n.List, n.Tuple)):
        pairs = [one.elts for one in call.args[1].elts if isinstance(one, n.Tuple) and len(one.elts) == 2]
        names = [str(name.value) for name, _ in pairs if isinstance(name, n.Constant)]
        if len(names) != len(call.args[1].elts):
            return None
        kinds = [read(kind) for _, kind in pairs]
    else:
        return None
    return Tuple(tuple(kinds), tuple(names), f"{module.name}.{symbol.name}")


def _reader(compiler: Compiler, place: Class | ModuleInfo, of_class: Callable[..., Type]) -> Callable[[n.Expr], Type]:
    module = place.module if isinstance(place, Class) else place
    project = compiler.project
    is_module = compiler.library.is_module_class
    reader = Annotations(partial(project.resolve, place=place), project.resolve, of_class, module.text, is_module)

    def read(node: n.Expr) -> Type:
        try:
            return reader.type_of(node)
        except Refused:
            return Unknown("a field")

    return read


def _names(node: n.Expr) -> list[str] | None:
    """The names of the fields: a list of texts, or one text."""
    if isinstance(node, n.Constant) and isinstance(node.value, str):
        return node.value.replace(",", " ").split()
    if not isinstance(node, (n.List, n.Tuple)):
        return None
    names = [str(one.value) for one in node.elts if isinstance(one, n.Constant)]
    return names if len(names) == len(node.elts) else None


def _hints(module: ModuleInfo, name: str) -> dict[str, n.Expr]:
    """What a statement `name.__annotations__ = {...}` says of the fields."""
    for one in module.tree.body:
        if isinstance(one, n.Assign) and isinstance(one.value, n.Dict) and isinstance(one.targets[0], n.Attribute):
            target = one.targets[0]
            if target.attr == "__annotations__" and isinstance(target.value, n.Name) and target.value.id == name:
                pairs = zip(one.value.keys, one.value.values, strict=True)
                return {str(key.value): value for key, value in pairs if isinstance(key, n.Constant)}
    return {}
