"""Classes of the source as types: enums, named tuples, script classes, interfaces (compile-errors.md 4.11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scriptlint.program.decorators import decoration
from scriptlint.program.module import Class
from scriptlint.program.project import External
from scriptlint.script.infer import dataclass_types, enums, named_tuples
from scriptlint.syntax import nodes as n
from scriptlint.types.annotations import Refused
from scriptlint.types.model import Interface, Type, Unknown

if TYPE_CHECKING:
    from scriptlint.script.infer.compiler import Compiler


_STRUCTURAL = frozenset(
    f"{module}.{name}" for module in ("typing", "typing_extensions") for name in ("Protocol", "TypedDict")
)


def kind_of(compiler: Compiler, cls: Class) -> str:
    """Return what the compiler takes a class for: module, enum, namedtuple, exception, refused, interface, dataclass, class, or
    unknown."""
    lineage = compiler.classes.lineage(cls)
    names = {one.name for one in lineage.entries if isinstance(one, External)}
    marks = decoration(cls, compiler.project)
    if marks.jit == "interface":
        return "interface"
    if cls in compiler.machine.evaluator.namespaces.replaced:
        return "unknown"
    if compiler.classes.is_module(cls):
        return "module"
    if names & enums.ENUMS:
        return "enum"
    if "typing.NamedTuple" in names:
        return "namedtuple"
    if names & _STRUCTURAL:
        return "refused" if cls.functions else "class"
    if "builtins.BaseException" in names:
        return "refused"
    if any(one.startswith("builtins.") and ("Error" in one or "Exception" in one) for one in names):
        return "exception"
    others = [one for one in marks.others if one.name != "dataclasses.dataclass"]
    if dataclass_types.is_dataclass(compiler, cls) and not dataclass_types.is_scripted(compiler, cls):
        return "dataclass"
    if lineage.unseen or names - {"builtins.object", "abc.ABC"} or others:
        return "unknown"
    return "class"


def type_of(
    compiler: Compiler, cls: Class, node: n.Expr, text: str, evaluated: bool = False, enclosed: bool = False
) -> Type:
    """Return the type that a class is as an annotation; raises Refused if it is not one.

    `evaluated` says that Python has looked the name up, `enclosed` that it has built another type around the class.
    """
    if cls.outer is not None and not evaluated:
        raise Refused("name", node, text)  # a class of a function's body is not found from its signature
    match kind_of(compiler, cls):
        case "module" | "refused":
            raise Refused("name", node, text)
        case "enum":
            why = enums.impossible(compiler, cls)
            if why is not None:
                raise Refused("enum", node, text, why)
            return enums.enum_type(compiler, cls)
        case "namedtuple":
            refused = named_tuples.refused_field(compiler, cls)
            if refused is not None and refused.kind == "fields":
                raise Refused("fields", node, text, refused.why)
            if refused is not None or has_bad_default(cls):
                raise Refused("name", node, text)
            if enclosed and named_tuples.has_quoted_fields(compiler, cls):
                raise Refused("fields", node, text, "no name is looked up inside another type")
            return named_tuples.of_class(compiler, cls)
        case "interface":
            kind = Interface(cls.dotted, is_module=compiler.classes.is_module(cls) is True)
            compiler.interfaces[kind] = cls
            return kind
        case "class":
            return compiler.class_type(cls)
        case "dataclass":
            raise Refused("dataclass", node, text)
        case _:
            return Unknown(f"the class `{cls.node.name}`")


def has_bad_default(cls: Class) -> bool:
    """Return True if a field of a named tuple has a default that has no type, or is a tensor."""
    for one in cls.node.body:
        if isinstance(one, n.AnnAssign):
            empty = isinstance(one.value, (n.List, n.Dict)) and not _elements(one.value)
            if empty or (isinstance(one.value, n.Call) and "Tensor" in cls.module.text(one.annotation)):
                return True
    return False


def _elements(node: n.List | n.Dict) -> list[n.Expr]:
    return node.elts if isinstance(node, n.List) else node.values
