"""Enums as types: their members, the type of their values, and why an enum has none.

Twins: get_enum_value_type of torch/jit/annotations.py, EnumType::create of c10, SugaredEnumClass of python_sugared_value.cpp.
The order in which tryToInferType of pybind_utils.h asks what an object is makes a member that is an int, a float or a str
such a value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from scriptlint.program.classes import Classes
from scriptlint.program.module import Class
from scriptlint.program.project import External
from scriptlint.script.refusal import refusal
from scriptlint.syntax import nodes as n
from scriptlint.types.model import FLOAT, INT, STRING, Enum, Type, Unknown

if TYPE_CHECKING:
    from scriptlint.script.infer.compiler import Compiler

UNSCRIPTABLE = refusal(
    code="SL329",
    name="unscriptable-enum",
    message="the enum `{annotation}` {why}, so it has no TorchScript type",
    help="give all members values of one type, which is int, float or str; or store the value of a member instead of the member",
    compiler="Cannot create Enum with value type|Could not unify type list|No enum values defined|Cannot create dict for key type"
    "|Can't get source for <enum|Tracer cannot infer type of|Expected .* to be a function",
)
MISSING_MEMBER = refusal(
    code="SL331",
    name="missing-enum-member",
    message="`{name}` is not a member of the enum `{cls}` in TorchScript: {why}",
    help="name one of its members: {members}",
    compiler="has no attribute",
)

ENUMS = frozenset({"enum.Enum", "enum.IntEnum", "enum.Flag", "enum.IntFlag", "enum.StrEnum", "enum.ReprEnum"})
_MIXED: dict[str, Type] = {
    "builtins.int": INT,
    "builtins.float": FLOAT,
    "builtins.str": STRING,
    "enum.IntEnum": INT,
    "enum.IntFlag": INT,
    "enum.StrEnum": STRING,
}
_LITERALS: dict[str, Type] = {"int": INT, "float": FLOAT, "str": STRING}
_VALUES = {INT: "int", FLOAT: "float", STRING: "str"}


class Members(Struct, frozen=True, eq=False):
    """The members of an enum by name, each with its value; `aliases` are second names of values that are there already."""

    values: dict[str, n.Expr]
    aliases: frozenset[str]


def members(compiler: Compiler, cls: Class) -> Members | None:
    """Return the members of an enum; None where its body does more than assign values to names."""
    values: dict[str, n.Expr] = {}
    for statement in cls.node.body:
        match statement:
            case n.Assign(targets=[n.Name(id=name)], value=value):
                values[name] = value
            case n.AnnAssign(target=n.Name(id=name), value=value) if value is not None:
                values[name] = value
            case n.FunctionDef() | n.Pass() | n.AnnAssign() | n.ExprStmt(value=n.Constant()):
                continue
            case _:
                return None
    values = {name: value for name, value in values.items() if not _is_private(name) and not _is_descriptor(value)}
    seen: set[tuple[str, object]] = set()
    aliases: set[str] = set()
    for name, value in values.items():
        if isinstance(value, n.Constant):
            literal = value.value
            equal = ("number" if isinstance(literal, (bool, int, float)) else value.kind, literal)
            if equal in seen:
                aliases.add(name)
            seen.add(equal)
        elif isinstance(value, n.Name) and value.id in values:
            aliases.add(name)
    return Members(values, frozenset(aliases))


def _is_private(name: str) -> bool:
    return name.startswith("_") and (name.endswith("_") or name.startswith("__"))


def _is_descriptor(value: n.Expr) -> bool:
    return isinstance(value, n.Lambda)


def mixed_in(classes: Classes, cls: Class) -> Type | None:
    """Return the type of Python's own that the members of an enum are objects of; None for an enum without one."""
    entries = classes.lineage(cls).entries
    return next((_MIXED[one.name] for one in entries if isinstance(one, External) and one.name in _MIXED), None)


def is_enum(classes: Classes, cls: Class) -> bool:
    """Return True if a class is an enum."""
    return any(one.name in ENUMS for one in classes.lineage(cls).externals)


def impossible(compiler: Compiler, cls: Class) -> str | None:
    """Return why an enum has no type, None where it has one or is not understood; completes "the enum `K` ..."."""
    if any(_is_descriptor(one.value) for one in cls.node.body if isinstance(one, n.Assign)):
        return "has a lambda for a value"
    found = members(compiler, cls)
    if found is None:
        return None
    if not found.values:
        inherits = any(one.node.body for one in compiler.classes.lineage(cls).classes[1:])
        return None if inherits and compiler.classes.lineage(cls).unseen else "has no members"
    if mixed_in(compiler.classes, cls) is not None:
        return None
    kinds = {_kind(compiler, cls, value) for name, value in found.values.items() if name not in found.aliases}
    if None in kinds:
        return None
    if len(kinds) > 1:
        return "has members with values of several types"
    word = kinds.pop()
    return None if word in _VALUES.values() else f"has members whose values are {word}"


def enum_type(compiler: Compiler, cls: Class) -> Type:
    """Return the type of an enum by the values of its members, Unknown where it has none or they are not understood."""
    found = members(compiler, cls)
    if found is None or impossible(compiler, cls) is not None:
        return Unknown(f"the enum `{cls.node.name}`")
    names = tuple(name for name in found.values if name not in found.aliases)
    kind = mixed_in(compiler.classes, cls)
    if kind is None:
        words = {_kind(compiler, cls, found.values[name]) for name in names}
        kind = next((kind for kind, word in _VALUES.items() if words == {word}), None)
    return Unknown(f"the enum `{cls.node.name}`") if kind is None else Enum(cls.dotted, kind, names)


def _kind(compiler: Compiler, cls: Class, value: n.Expr) -> str | None:
    """Return what the value of a member is, as messages call it; None where that is not known."""
    match value:
        case n.Constant(kind=("int" | "float" | "str") as kind):
            return kind
        case n.Constant(kind="bool"):
            return "bool"
        case n.Constant(kind="none"):
            return "None"
        case n.UnaryOp(op="-", operand=n.Constant(kind=("int" | "float") as kind)):
            return kind
        case n.Tuple():
            return "tuples"
        case n.List() | n.ListComp():
            return "lists"
        case n.Dict() | n.DictComp():
            return "dictionaries"
        case n.Set() | n.SetComp():
            return "sets"
        case n.JoinedStr():
            return "str"
        case n.BinOp():
            kinds = {_kind(compiler, cls, value.left), _kind(compiler, cls, value.right)}
            if kinds <= {"int", "float"}:
                return "float" if "float" in kinds or value.op == "/" else "int"
            return None
        case n.Call():
            symbol = compiler.project.resolve(value.func, cls)
            if isinstance(symbol, External) and compiler.library.builtin(symbol.name) is not None:
                return "tensors" if symbol.name.startswith("torch.") else None
            return "int" if symbol == External("enum.auto") else None
        case n.Name() | n.Attribute():
            symbol = compiler.project.resolve(value, cls)
            if isinstance(symbol, External) and compiler.library.builtin(symbol.name) is not None:
                return "functions"
            return "int" if isinstance(symbol, External) and _is_dtype(compiler, symbol.name) else None
        case _:
            return None


def _is_dtype(compiler: Compiler, name: str) -> bool:
    found = compiler.library.exists(name)
    return found is not None and found.kind == "constant" and found.detail.startswith("dtype")
