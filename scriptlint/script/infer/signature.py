"""Signatures: the types of parameters and result, from annotations or type comments.

Twins: torch/csrc/jit/frontend/script_type_parser.cpp (parseSchemaFromDef), torch/jit/annotations.py (get_type_line).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct

from scriptlint.diag import Fixable
from scriptlint.fixes.type_names import known_type
from scriptlint.program.decorators import Kind, decoration
from scriptlint.program.module import Class, Function
from scriptlint.program.project import External, Local, Symbol
from scriptlint.script import type_comments
from scriptlint.script.infer import classes, enums, named_tuples
from scriptlint.script.refusal import refusal
from scriptlint.script.type_comments import TypeComment
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk_scope
from scriptlint.text import Fix
from scriptlint.torchlib.schema import NO_DEFAULT, Param, Schema
from scriptlint.types.annotations import Annotations, Refused, is_plain
from scriptlint.types.model import INFERRED_TENSOR, List, Type, Unknown

if TYPE_CHECKING:
    from scriptlint.diag import Report
    from scriptlint.script.infer.compiler import Compiler

UNKNOWN_TYPE = refusal(
    code="SL310",
    name="unknown-annotation",
    message="`{annotation}` is not a type that TorchScript knows",
    help="use Tensor, int, float, bool, str, List, Dict, Tuple, Optional, Union of these, or a class that compiles",
    compiler="Unknown type name|Unknown type annotation|Unknown type constructor|Failed to get source for|Can't get source for"
    "|not supported as default NamedTuple fields",
    fixable=Fixable.SOMETIMES,
)
BARE_TYPE = refusal(
    code="SL311",
    name="bare-container-annotation",
    message="`{annotation}` does not say what it contains",
    help="name the contained types, as in `List[int]` or `Dict[str, Tensor]`",
    compiler="Attempted to use .* without (a )?contained type",
    fixable=Fixable.SOMETIMES,
)
TYPE_EXPRESSION = refusal(
    code="SL312",
    name="computed-annotation",
    message="`{annotation}` cannot stand in a type",
    help="name the type by itself; a tuple of any length is a `List`",
    compiler="cannot be used in a type expression|Expression of type .* cannot be used in a type",
    fixable=Fixable.SOMETIMES,
)
DICT_KEY = refusal(
    code="SL313",
    name="dictionary-key-type",
    message="a dictionary with keys of type `{annotation}`",
    help="use keys of type int, float, complex, str, bool, Tensor or torch.device",
    compiler="Cannot create dict for key type",
)

QUOTED_FIELDS = refusal(
    code="SL314",
    name="quoted-named-tuple-fields",
    message="the fields of the named tuple `{annotation}` have quoted annotations, which TorchScript cannot read here: {why}",
    help="remove the quotes, or the line `from __future__ import annotations`, which quotes all, in the file of `{annotation}`",
    compiler="Unknown type annotation: .* in NamedTuple .*",
)

_RULES = {
    "dataclass": UNKNOWN_TYPE,
    "name": UNKNOWN_TYPE,
    "constructor": UNKNOWN_TYPE,
    "bare": BARE_TYPE,
    "expression": TYPE_EXPRESSION,
    "key": DICT_KEY,
    "enum": enums.UNSCRIPTABLE,
    "fields": QUOTED_FIELDS,
}


class Signature(Struct, frozen=True, eq=False):
    """What a caller sees. `params` leaves out `self`; `returns` is None where the body decides it."""

    params: tuple[Param, ...]
    returns: Type | None

    def schema(self, name: str, returns: Type) -> Schema:
        """Return the schema of a call."""
        return Schema.of(name, self.params, returns)


def reader(compiler: Compiler, place: Function | Class) -> Annotations:
    """Read annotations where they stand."""

    def of_class(cls: Class, node: n.Expr, enclosed: bool) -> Type:
        evaluated = isinstance(place, Class) or _finds(compiler, place, cls)
        text = place.module.text(node)
        # Nothing is looked up for the attributes of a class (infer_type in torch/jit/_recursive.py).
        kind = classes.type_of(compiler, cls, node, text, evaluated, enclosed or isinstance(place, Class))
        field = named_tuples.unread_field(cls, made, place.module) if named_tuples.is_class(compiler, cls) else None
        if field is not None:
            raise Refused("fields", node, text, f"`{field}` is looked up in this file, and is not a type here")
        return kind

    # Annotations are looked up where the function is defined, not among its own variables.
    outside = (place.outer or place.module) if isinstance(place, Function) else place

    def resolve(node: n.Expr) -> Symbol | None:
        if isinstance(place, Function) and isinstance(node, n.Name) and node.id in place.scope.bindings:
            return Local(place, node.id, ())  # bound by a statement of the body, which is refused by form
        # What stands in a class body is looked up when the class is made, unless it is a text.
        found = compiler.project.resolve(node, outside, place.node.start) if isinstance(place, Class) else None
        return found or compiler.project.resolve(node, outside)

    complete = not place.module.scope.is_open and not place.module.has_global_statement
    of_global = partial(named_tuples.of_global, compiler)
    is_module, text = compiler.library.is_module_class, place.module.text
    made = Annotations(resolve, compiler.project.resolve, of_class, text, is_module, complete, of_global)
    return made


def _finds(compiler: Compiler, function: Function, cls: Class) -> bool:
    """Return True if the compiler may find a local class by its name in the signature of a function.

    It finds what the body uses, since that is in the closure. The methods of a plain class find the class itself, and what
    stands beside it where it is scripted.
    """
    owner = function.owner
    if owner is not None and owner.outer is cls.outer and compiler.classes.is_module(owner) is False:
        return True
    return any(isinstance(one, n.Name) and one.id == cls.node.name for one in walk_scope(function.node.body))


def read(compiler: Compiler, node: n.Expr, place: Function, report: Report | None) -> Type:
    """Return the type of an annotation; what is refused is reported and Unknown."""
    try:
        return reader(compiler, place).type_of(node)
    except Refused as refused:
        if report is not None:
            rule = _RULES[refused.kind]
            fix = _known_type(compiler, node, place, refused) if rule.fixable is not Fixable.NEVER else None
            _refuse(refused, place, report, fix)
        return Unknown("its annotation is refused")


def _known_type(compiler: Compiler, whole: n.Expr, place: Function, refused: Refused) -> Fix | None:
    node = refused.node.value if isinstance(refused.node, n.Subscript) else refused.node
    symbol = compiler.project.resolve(node, place.outer or place.module)
    name = symbol.name if isinstance(symbol, External) else None
    return known_type(place, whole, refused.kind, refused.node, name)


def read_class(compiler: Compiler, node: n.Expr, cls: Class) -> Type:
    """Return the type of a class-level annotation; Unknown where it is refused, since the object decides what that means."""
    try:
        return reader(compiler, cls).type_of(node)
    except Refused:
        return Unknown("its annotation is refused")


def read_declared(compiler: Compiler, node: n.Expr, cls: Class, report: Report) -> Type:
    """Return the type of an annotation in a class body; what is refused is reported and Unknown."""
    try:
        return reader(compiler, cls).type_of(node)
    except Refused as refused:
        _refuse(refused, cls, report, None)
        return Unknown("its annotation is refused")


def _refuse(refused: Refused, place: Function | Class, report: Report, fix: Fix | None) -> None:
    rule, span, text = _RULES[refused.kind], place.module.span(refused.node), _flat(refused.text)
    if refused.why:
        report.report(rule, span, fix=fix, annotation=text, why=refused.why)
    else:
        report.report(rule, span, fix=fix, annotation=text)


def _flat(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 50 else flat[:47] + "..."


def of_function(compiler: Compiler, function: Function, bound: bool, report: Report | None) -> Signature:
    """Return the signature of a function; `bound` leaves out its first parameter."""
    node = function.node
    parameters = [*node.args.args, *node.args.kwonly]
    keyword_only = {one.name for one in node.args.kwonly}
    if bound and node.args.args:
        parameters = parameters[1:]
    comment = type_comments.read(node, function.module.raw)
    params: list[Param] = []
    for index, parameter in enumerate(parameters):
        if comment is not None:
            kind = _from_comment(compiler, function, comment, index, len(parameters), report)
        elif parameter.annotation is not None:
            kind = read(compiler, parameter.annotation, function, report)
        else:
            kind = INFERRED_TENSOR
        size = None
        if isinstance(kind, List) and parameter.annotation is not None:
            size = reader(compiler, function).size_of(parameter.annotation)
        default = NO_DEFAULT if parameter.default is None else None
        params.append(Param(parameter.name, kind, size, default, parameter.name in keyword_only))
    if comment is not None and comment.returns is not None:
        return Signature(tuple(params), _comment_type(compiler, function, comment, comment.returns, report))
    if comment is None and node.returns is not None:
        return Signature(tuple(params), read(compiler, node.returns, function, report))
    return Signature(tuple(params), None)


def is_typed(function: Function) -> bool:
    """Return True if annotations or a type comment give any type of a function."""
    node = function.node
    annotated = node.returns is not None or any(one.annotation is not None for one in node.args.all())
    return annotated or type_comments.read(node, function.module.raw) is not None


def _from_comment(
    compiler: Compiler, function: Function, comment: TypeComment, index: int, count: int, report: Report | None
) -> Type:
    if "..." in comment.params or len(comment.params) != count:
        return Unknown("a type comment")
    return _comment_type(compiler, function, comment, comment.params[index], report)


def _comment_type(
    compiler: Compiler, function: Function, comment: TypeComment, text: str, report: Report | None
) -> Type:
    """Return a type that a comment gives; what is refused is reported at the comment, unless it is no plain type."""
    quoted = n.Constant(comment.start, comment.end, "str", text.strip())
    if not is_plain(text):
        return Unknown("a type comment")
    try:
        return reader(compiler, function).type_of(quoted)
    except Refused as refused:
        if report is not None:
            refused.text = text.strip()
            _refuse(refused, function, report, None)
        return Unknown("a type comment")


def is_bound(function: Function, compiler: Compiler) -> bool:
    """Return True if the first parameter of a method is the object itself."""
    if function.owner is None:
        return False
    return decoration(function, compiler.project).kind is not Kind.STATIC
