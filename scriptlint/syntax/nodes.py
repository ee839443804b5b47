"""The tree: the nodes of Python's `ast`, as plain data that msgspec stores and loads.

Every node begins with `start` and `end`, the half-open range of offsets of its text as `ast` defines it (without the
parentheses around an expression; a decorated definition starts at its `def` or `class`). Differences from `ast`:
operators are their text (`"+"`, `"not in"`); a `Constant` says its `kind`; asynchronous forms are a flag; a chained
comparison, a call and the rest keep `ast`'s shape.
"""

from __future__ import annotations

from typing import Union

import msgspec


class Node(msgspec.Struct, array_like=True, tag=True, tag_field="node", gc=False, eq=False):
    """What every node has."""

    start: int
    end: int


# Expressions


class Constant(Node):
    """A literal. `kind` is none, bool, int, float, complex, str, bytes or ellipsis.

    `value` is the Python value; of a complex number its imaginary part; of an int that does not fit in 64 bits its digits
    as text; of bytes, the ellipsis and a text with half a surrogate pair (which has no UTF-8) None.
    """

    kind: str
    value: bool | int | float | str | None


class Name(Node):
    id: str


class Attribute(Node):
    value: Expr
    attr: str


class Subscript(Node):
    value: Expr
    slice: Expr


class Slice(Node):
    lower: Expr | None
    upper: Expr | None
    step: Expr | None


class Starred(Node):
    value: Expr


class Tuple(Node):
    elts: list[Expr]


class List(Node):
    elts: list[Expr]


class Set(Node):
    elts: list[Expr]


class Dict(Node):
    """`{key: value}`; the key of a `**mapping` is None."""

    keys: list[Expr | None]
    values: list[Expr]


class Keyword(Node):
    """`arg=value` in a call or class header; `arg` is None for `**value`."""

    arg: str | None
    value: Expr


class Call(Node):
    func: Expr
    args: list[Expr]
    keywords: list[Keyword]


class BinOp(Node):
    left: Expr
    op: str
    right: Expr


class UnaryOp(Node):
    op: str
    operand: Expr


class BoolOp(Node):
    """`op` is `and` or `or`; a chain of the same operator is one node."""

    op: str
    values: list[Expr]


class Compare(Node):
    left: Expr
    ops: list[str]
    comparators: list[Expr]


class IfExp(Node):
    test: Expr
    body: Expr
    orelse: Expr


class NamedExpr(Node):
    target: Expr
    value: Expr


class Lambda(Node):
    args: Arguments
    body: Expr


class Comprehension(Node):
    target: Expr
    iter: Expr
    ifs: list[Expr]
    is_async: bool


class ListComp(Node):
    elt: Expr
    generators: list[Comprehension]


class SetComp(Node):
    elt: Expr
    generators: list[Comprehension]


class GeneratorExp(Node):
    elt: Expr
    generators: list[Comprehension]


class DictComp(Node):
    key: Expr
    value: Expr
    generators: list[Comprehension]


class Await(Node):
    value: Expr


class Yield(Node):
    value: Expr | None


class YieldFrom(Node):
    value: Expr


class FormattedValue(Node):
    """`{value!conversion:format_spec}` of an f-string; `equal` marks the debug form `{value=}`."""

    value: Expr
    conversion: str | None
    format_spec: JoinedStr | None
    equal: bool


class JoinedStr(Node):
    """An f-string (or several literals in a row with an f-string among them)."""

    values: list[Expr]


class TemplateStr(Node):
    """A t-string (PEP 750)."""

    values: list[Expr]


# Parameters


class Parameter(Node):
    """One parameter; the range is name and annotation, as `ast.arg` has it."""

    name: str
    annotation: Expr | None
    default: Expr | None


class Arguments(Node):
    """The parameters of a function or lambda, in source order; the range is empty where there are none."""

    posonly: list[Parameter]
    args: list[Parameter]
    vararg: Parameter | None
    kwonly: list[Parameter]
    kwarg: Parameter | None

    def all(self) -> list[Parameter]:
        """Return every parameter in the order of the signature."""
        variadic = [self.vararg] if self.vararg else []
        keywords = [self.kwarg] if self.kwarg else []
        return [*self.posonly, *self.args, *variadic, *self.kwonly, *keywords]


# Statements


class FunctionDef(Node):
    """`def`; `header_end` is where the colon of the header ends, `name_start` where the name begins.

    `is_read` says that somebody looked at the `body`. `suite` is the body too: what is taken from that, outlines hold.
    """

    name: str
    args: Arguments
    suite: list[Stmt]
    decorators: list[Expr]
    returns: Expr | None
    is_async: bool
    name_start: int
    header_end: int
    is_read: bool = False

    @property
    def body(self) -> list[Stmt]:
        """The statements of the body."""
        self.is_read = True
        return self.suite


class ClassDef(Node):
    name: str
    bases: list[Expr]
    keywords: list[Keyword]
    body: list[Stmt]
    decorators: list[Expr]
    name_start: int
    header_end: int


class Return(Node):
    value: Expr | None


class Delete(Node):
    targets: list[Expr]


class Assign(Node):
    targets: list[Expr]
    value: Expr


class AugAssign(Node):
    """`op` is the operator without its equals sign."""

    target: Expr
    op: str
    value: Expr


class AnnAssign(Node):
    target: Expr
    annotation: Expr
    value: Expr | None


class TypeAlias(Node):
    name: Expr
    value: Expr


class For(Node):
    target: Expr
    iter: Expr
    body: list[Stmt]
    orelse: list[Stmt]
    is_async: bool


class While(Node):
    test: Expr
    body: list[Stmt]
    orelse: list[Stmt]


class If(Node):
    test: Expr
    body: list[Stmt]
    orelse: list[Stmt]


class WithItem(Node):
    context: Expr
    target: Expr | None


class With(Node):
    items: list[WithItem]
    body: list[Stmt]
    is_async: bool


class Raise(Node):
    exc: Expr | None
    cause: Expr | None


class ExceptHandler(Node):
    type: Expr | None
    name: str | None
    body: list[Stmt]


class Try(Node):
    """`try`; `is_star` marks the `except*` form."""

    body: list[Stmt]
    handlers: list[ExceptHandler]
    orelse: list[Stmt]
    finalbody: list[Stmt]
    is_star: bool


class Assert(Node):
    test: Expr
    msg: Expr | None


class Alias(Node):
    """One name of an import statement; `name` is `*` for a star import."""

    name: str
    asname: str | None


class Import(Node):
    names: list[Alias]


class ImportFrom(Node):
    """`from ..module import names`; `level` counts the dots, `module` is empty where only dots stand."""

    module: str
    names: list[Alias]
    level: int


class Global(Node):
    names: list[str]


class Nonlocal(Node):
    names: list[str]


class ExprStmt(Node):
    """An expression as a statement (`ast.Expr`)."""

    value: Expr


class Pass(Node):
    pass


class Break(Node):
    pass


class Continue(Node):
    pass


class Pattern(Node):
    """What a `case` asks of a value.

    `kind` is any, as, or, value, singleton, sequence, star, mapping or class. `value` is the expression that is evaluated:
    the value or the class; `keys` are those of a mapping. `parts` are the patterns inside; the last ones of a class are for
    the attributes `names`. `bound` is the name that gets the value, of a mapping what is left of it.
    """

    kind: str
    value: Expr | None = None
    keys: list[Expr] = []
    parts: list[Pattern] = []
    names: list[str] = []
    bound: Name | None = None

    def all(self) -> list[Pattern]:
        """Return the pattern and all inside it, in source order."""
        return [self, *(below for part in self.parts for below in part.all())]


class MatchCase(Node):
    pattern: Pattern
    guard: Expr | None
    body: list[Stmt]

    @property
    def binds(self) -> list[Name]:
        """The names that the pattern gives values."""
        return [one.bound for one in self.pattern.all() if one.bound is not None]

    @property
    def values(self) -> list[Expr]:
        """The expressions that the pattern evaluates, other than None, True and False."""
        found: list[Expr] = []
        for one in self.pattern.all():
            found += [*([one.value] if one.value is not None and one.kind != "singleton" else []), *one.keys]
        return found


class Match(Node):
    subject: Expr
    cases: list[MatchCase]


class Gap(Node):
    """Text that is not Python, in the body of a module or class; no `ast` has it.

    `names` are those that it may bind, as far as can be told; Python stops `at` an offset for a `reason`.
    """

    names: list[str]
    reason: str
    at: int


class Module(Node):
    body: list[Stmt]


Expr = Union[  # noqa: UP007  # thirty names read better in a column
    Constant,
    Name,
    Attribute,
    Subscript,
    Slice,
    Starred,
    Tuple,
    List,
    Set,
    Dict,
    Call,
    BinOp,
    UnaryOp,
    BoolOp,
    Compare,
    IfExp,
    NamedExpr,
    Lambda,
    ListComp,
    SetComp,
    GeneratorExp,
    DictComp,
    Await,
    Yield,
    YieldFrom,
    FormattedValue,
    JoinedStr,
    TemplateStr,
]

_Simple = Union[Return, Delete, Raise, Assert, Import, ImportFrom, Global, Nonlocal, Pass, Break, Continue]  # noqa: UP007
Stmt = Union[  # noqa: UP007
    FunctionDef,
    ClassDef,
    Assign,
    AugAssign,
    AnnAssign,
    TypeAlias,
    For,
    While,
    If,
    With,
    Try,
    ExprStmt,
    Match,
    Gap,
    _Simple,
]
