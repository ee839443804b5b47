"""Dataclasses that are script classes: their fields, and the methods that the compiler writes for them.

Twin: torch/jit/_dataclass_impls.py. The compiler writes `__init__`, `__eq__` and the other comparisons anew as text, so what
it refuses in them has no place in the program; it is reported at the field.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from scriptlint.diag import Diagnostic, Report
from scriptlint.program.decorators import decoration
from scriptlint.program.module import Class, Function, ModuleInfo
from scriptlint.program.project import External
from scriptlint.script.infer import signature
from scriptlint.script.refusal import refusal
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk
from scriptlint.torchlib.match import Given, Refusal, match
from scriptlint.torchlib.schema import NO_DEFAULT, Param
from scriptlint.types.model import BOOL, FLOAT, INT, NONE, STRING, Optional, Tensor, Tuple, Type, has_unknown
from scriptlint.types.model import Class as ClassType

if TYPE_CHECKING:
    from scriptlint.script.infer.compiler import Compiler

UNSCRIPTABLE = refusal(
    code="SL332",
    name="unscriptable-dataclass",
    message="the dataclass `{name}` {why}",
    help="{advice}",
    compiler="Default factory initializers|Can't get source for|Unknown type|Arguments for call are not valid|has no attribute or method"
    "|Expected a default value of type|can't take variable number of arguments or use keyword-only",
)

_LITERALS: dict[str, Type] = {"bool": BOOL, "int": INT, "float": FLOAT, "str": STRING, "none": NONE}
_COMPARISONS = {"order": ("lt", "gt"), "eq": ("ne",)}


class Field(Struct, frozen=True, eq=False):
    """A field: its statement, name, default, and which of the generated methods have it."""

    node: n.AnnAssign
    name: str
    default: n.Expr | None
    factory: bool = False
    in_init: bool = True
    compared: bool = True
    init_only: bool = False


def is_dataclass(compiler: Compiler, cls: Class) -> bool:
    """Return True if the class itself is decorated as a dataclass."""
    return any(one.name == "dataclasses.dataclass" for one in decoration(cls, compiler.project).others)


def is_scripted(compiler: Compiler, cls: Class) -> bool:
    """Return True if the class is given to torch.jit.script where it is defined, or below in its file or function."""
    return decoration(cls, compiler.project).jit == "script" or _is_scripted_below(compiler, cls)


def _is_scripted_below(compiler: Compiler, cls: Class) -> bool:
    """Return True if `torch.jit.script(Name)` stands beside the class, or in a block there."""
    name = cls.node.name
    if not cls.module.finds(rf"\({name}\)"):
        return False
    place: Function | ModuleInfo = cls.outer or cls.module
    body = cls.module.tree.body if cls.outer is None else cls.outer.node.body
    return any(
        isinstance(one, n.Call)
        and [given.id for given in one.args if isinstance(given, n.Name)] == [name]
        and compiler.project.resolve(one.func, place) == External("torch.jit.script")
        for one in walk(*body)
    )


def fields(compiler: Compiler, cls: Class) -> list[Field]:
    """Return the fields of a dataclass in order, those for the constructor alone included."""
    found: dict[str, Field] = {}
    for one in cls.node.body:
        if isinstance(one, n.AnnAssign) and isinstance(one.target, n.Name):
            text = cls.module.text(one.annotation)
            if "ClassVar" not in text and "KW_ONLY" not in text:
                found[one.target.id] = _field(compiler, cls, one, one.target.id, "InitVar" in text)
    return list(found.values())


def _field(compiler: Compiler, cls: Class, node: n.AnnAssign, name: str, init_only: bool) -> Field:
    call = node.value
    if not isinstance(call, n.Call) or compiler.project.resolve(call.func, cls) != External("dataclasses.field"):
        return Field(node, name, call, compared=not init_only, init_only=init_only)
    given = {one.arg: one.value for one in call.keywords}
    return Field(
        node,
        name,
        given.get("default"),
        factory="default_factory" in given,
        in_init=not _is_false(given.get("init")),
        compared=not _is_false(given.get("compare")) and not init_only,
        init_only=init_only,
    )


def _is_false(node: n.Expr | None) -> bool:
    return isinstance(node, n.Constant) and node.value is False


def options(compiler: Compiler, cls: Class) -> dict[str, bool]:
    """Return the keywords of the decorator that are literals."""
    found: dict[str, bool] = {}
    for one in decoration(cls, compiler.project).others:
        if one.name == "dataclasses.dataclass" and isinstance(one.node, n.Call):
            for keyword in one.node.keywords:
                if keyword.arg is not None and isinstance(keyword.value, n.Constant):
                    found[keyword.arg] = bool(keyword.value.value)
    return found


def attributes(compiler: Compiler, cls: Class) -> dict[str, Type]:
    """Return the attributes that the generated constructor sets, with their types."""
    return {one.name: _type(compiler, cls, one) for one in fields(compiler, cls) if one.in_init and not one.init_only}


def constructor(compiler: Compiler, cls: Class) -> signature.Signature:
    """Return the signature of the generated constructor."""
    params = [
        Param(one.name, _type(compiler, cls, one), default=NO_DEFAULT if one.default is None else None)
        for one in fields(compiler, cls)
        if one.in_init
    ]
    return signature.Signature(tuple(params), NONE)


def generated(compiler: Compiler, cls: Class) -> frozenset[str]:
    """Return the names of the methods that Python writes for a dataclass and the compiler writes anew."""
    given = options(compiler, cls)
    names = {"__init__", "__repr__", "__eq__"} - {
        f"__{name}__" for name in ("init", "repr", "eq") if given.get(name) is False
    }
    if given.get("order"):
        names |= {"__lt__", "__le__", "__gt__", "__ge__"}
    return frozenset(names - set(cls.functions))


def _annotation(field: Field) -> n.Expr:
    inner = field.node.annotation
    return inner.slice if field.init_only and isinstance(inner, n.Subscript) else inner


def _type(compiler: Compiler, cls: Class, field: Field) -> Type:
    return signature.read_class(compiler, _annotation(field), cls)


def problems(compiler: Compiler, cls: Class) -> list[Diagnostic]:
    """Return what the compiler refuses in the methods that it writes for a dataclass."""
    report = Report()
    name = cls.node.name
    start = cls.node.name_start
    if options(compiler, cls).get("frozen"):
        whole = cls.module.span(n.Name(start, start + len(name), name))
        why = "is frozen, and the methods that freeze it have no source"
        report.report(UNSCRIPTABLE, whole, name=name, why=why, advice="leave `frozen=True` out")
    for node, why, advice in _of_fields(compiler, cls):
        report.report(UNSCRIPTABLE, cls.module.span(node), name=name, why=why, advice=advice)
    return report.diagnostics


def _of_fields(compiler: Compiler, cls: Class) -> Iterator[tuple[n.Node, str, str]]:
    """Yield where a field is refused, why, and what to write instead."""
    methods = generated(compiler, cls)
    given = options(compiler, cls)
    for field in fields(compiler, cls):
        name, node = field.name, field.node
        if "__init__" in methods and field.factory:
            yield (
                node,
                f"has a `default_factory` for `{name}`",
                "give it the default None, and make the value where it is used",
            )
            continue
        if "__init__" in methods and field.in_init:
            foreign = _foreign(compiler, cls, _annotation(field))
            if foreign is not None:
                why = f"has a field of the class `{foreign}`, which the compiler looks for under the name of its module"
                yield node, why, f'write the annotation as text: `{name}: "{cls.module.text(_annotation(field))}"`'
                continue
            report = Report()
            kind = signature.read_declared(compiler, _annotation(field), cls, report)
            if report.diagnostics:
                yield (
                    node,
                    f"has a field of type `{cls.module.text(field.node.annotation)}`",
                    "use a type that TorchScript knows",
                )
                continue
            if field.default is not None and not _fits(field.default, kind):
                yield (
                    node,
                    f"has a default for `{name}` that is not of type `{kind}`",
                    "change the default or the annotation",
                )
            if given.get("kw_only") and field.default is not None:
                yield node, "has keyword-only fields with defaults", "leave `kw_only=True` out"
                continue
        if field.init_only or not field.compared:
            continue
        if not field.in_init and "__eq__" in methods and "__post_init__" not in cls.functions:
            why = f"compares the field `{name}`, which its constructor does not set"
            yield node, why, "give the field `compare=False`, or set it in the constructor"
            continue
        kind = _type(compiler, cls, field)
        for option, operators in _COMPARISONS.items():
            if given.get(option, option == "eq") and not all(_is_comparable(compiler, kind, one) for one in operators):
                why = f"compares the field `{name}` of type `{kind}` with `{_SYMBOLS[operators[0]]}`, which TorchScript cannot"
                advice = "decorate it with `@dataclass(eq=False)`" if option == "eq" else "leave `order=True` out"
                yield node, why, f"{advice}, or give the field `compare=False`"
                break


_SYMBOLS = {"ne": "!=", "lt": "<"}


def _is_comparable(compiler: Compiler, kind: Type, operator: str) -> bool:
    """Return False if two values of a type surely cannot be compared, and the outcome be tested."""
    if has_unknown(kind):
        return True
    if isinstance(kind, Optional):
        kind = kind.element
    if isinstance(kind, ClassType):
        return True
    if isinstance(kind, Tuple):
        return operator == "ne" or all(_is_comparable(compiler, one, operator) for one in kind.elements)
    found = match(compiler.library.schemas(f"aten::{operator}"), [Given(kind), Given(kind)])
    return not isinstance(found, Refusal) and (found.returns is BOOL or isinstance(found.returns, Tensor))


def _fits(default: n.Expr, kind: Type) -> bool:
    """Return False if a literal surely is not of a type."""
    if not isinstance(default, n.Constant) or default.kind not in _LITERALS or has_unknown(kind):
        return True
    literal = _LITERALS[default.kind]
    if kind not in (BOOL, INT, FLOAT, STRING) and not isinstance(kind, (Tensor, Optional)):
        return True
    if isinstance(kind, Optional):
        return literal is NONE or _fits(default, kind.element)
    return literal is kind or (literal, kind) in ((INT, FLOAT), (BOOL, INT), (BOOL, FLOAT))


def _foreign(compiler: Compiler, cls: Class, annotation: n.Expr) -> str | None:
    """Return the class of the source that an annotation names outside of quotes, which its printed form names with its module."""
    if any(isinstance(one, n.ImportFrom) and one.module == "__future__" for one in cls.module.tree.body):
        return None
    for one in walk(annotation):
        if isinstance(one, (n.Name, n.Attribute)):
            symbol = compiler.project.resolve(one, cls)
            if isinstance(symbol, Class):
                return symbol.node.name
    return None
