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
from scriptlint.syntax.walk import walk
from scriptlint.types.annotations import Annotations, Refused
from scriptlint.types.model import INFERRED_TENSOR, Tuple, Type, Unknown

if TYPE_CHECKING:
    from scriptlint.script.infer.compiler import Compiler


def is_class(compiler: Compiler, cls: Class) -> bool:
    """Return True for a class of typing.NamedTuple."""
    return External("typing.NamedTuple") in compiler.classes.lineage(cls).entries


def of_class(compiler: Compiler, cls: Class) -> Type:
    """Return the type of a typing.NamedTuple class; unknown while that of a class which it holds is asked for."""
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

    def of_other(other: Class, node: n.Expr, enclosed: bool) -> Type:
        return classes.type_of(compiler, other, node, other.node.name)

    read = _reader(compiler, cls, of_other)
    names = tuple(one.target.id for one in fields if isinstance(one.target, n.Name))
    kinds = tuple(read(one.annotation) for one in fields)
    return Tuple(kinds, names, cls.dotted, sum(one.value is not None for one in fields))


def refused_field(compiler: Compiler, cls: Class) -> Refused | None:
    """Return what the compiler refuses about the annotation of a field, None if it takes all."""
    known = compiler.refused_fields
    if cls not in known:
        known[cls] = None  # while those that it holds are asked
        known[cls] = _refused_field(compiler, cls)
    return known[cls]


def _refused_field(compiler: Compiler, cls: Class) -> Refused | None:
    def of_other(other: Class, node: n.Expr, enclosed: bool) -> Type:
        return classes.type_of(compiler, other, node, other.node.name, True, enclosed)

    resolve = compiler.project.resolve
    is_module = compiler.library.is_module_class
    reader = Annotations(partial(resolve, place=cls), resolve, of_other, cls.module.text, is_module)
    for annotation in _annotations(cls):
        if cls.module.has_future_annotations and any(_is_text(one) for one in walk(annotation)):
            return Refused("fields", annotation, cls.module.text(annotation), "they are quoted twice")
        try:
            reader.type_of(annotation)
        except Refused as refused:
            return refused
    return None


def unread_field(cls: Class, reader: Annotations, module: ModuleInfo) -> str | None:
    """Return the annotation of a field that means nothing in `module`, where `reader` reads; None if all are read there.

    Quoted annotations are looked up where the class is used ("ForwardRef annotations in NamedTuple attributes" in
    torch/_jit_internal.py).
    """
    if cls.module is module:
        return None
    try:
        for one in _quoted_fields(cls):
            reader.type_of(one)
    except Refused as refused:
        return refused.text
    return None


def has_quoted_fields(compiler: Compiler, cls: Class, seen: frozenset[Class] = frozenset()) -> bool:
    """Return True if an annotation of a field is a text for Python, here or in a named tuple that this one names."""
    if cls in seen or not is_class(compiler, cls):
        return False
    if _quoted_fields(cls):
        return True
    named = (
        compiler.project.resolve(one, cls)
        for field in _annotations(cls)
        for one in walk(field)
        if isinstance(one, n.Name | n.Attribute)
    )
    return any(isinstance(one, Class) and has_quoted_fields(compiler, one, seen | {cls}) for one in named)


def _quoted_fields(cls: Class) -> list[n.Expr]:
    """Return the annotations that are texts for Python: those in quotes, or all by `from __future__ import annotations`."""
    if cls.module.has_future_annotations:
        return _annotations(cls)
    return [one for one in _annotations(cls) if _is_text(one)]


def _is_text(node: n.Node) -> bool:
    return isinstance(node, n.Constant) and isinstance(node.value, str)


def _annotations(cls: Class) -> list[n.Expr]:
    return [one.annotation for one in cls.node.body if isinstance(one, n.AnnAssign)]


def of_global(compiler: Compiler, symbol: Global) -> Tuple | None:
    """Return the type that a variable of a file is, if a call of `namedtuple` gave it; None for anything else."""
    call = symbol.value
    module = symbol.module
    if not isinstance(call, n.Call) or len(call.args) != 2 or call.keywords:
        return None
    maker = compiler.project.resolve(call.func, module)

    def of_other(other: Class, node: n.Expr, enclosed: bool) -> Type:
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
    """Return the names of the fields: a list of texts, or one text."""
    if isinstance(node, n.Constant) and isinstance(node.value, str):
        return node.value.replace(",", " ").split()
    if not isinstance(node, (n.List, n.Tuple)):
        return None
    names = [str(one.value) for one in node.elts if isinstance(one, n.Constant)]
    return names if len(names) == len(node.elts) else None


def _hints(module: ModuleInfo, name: str) -> dict[str, n.Expr]:
    """Return what a statement `name.__annotations__ = {...}` says of the fields."""
    for one in module.tree.body:
        if isinstance(one, n.Assign) and isinstance(one.value, n.Dict) and isinstance(one.targets[0], n.Attribute):
            target = one.targets[0]
            if target.attr == "__annotations__" and isinstance(target.value, n.Name) and target.value.id == name:
                pairs = zip(one.value.keys, one.value.values, strict=True)
                return {str(key.value): value for key, value in pairs if isinstance(key, n.Constant)}
    return {}
