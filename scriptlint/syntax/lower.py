"""libcst's tree to ours, statements; expressions are lowered by `lower_expr`.

One function per kind of node in a table by type: no visitor, since visiting rebuilds nodes and an empty visit costs
more than a parse. Nothing is judged here: all of Python is in the tree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import libcst as cst

from scriptlint.syntax import nodes as n
from scriptlint.syntax.dispatch import Dispatch
from scriptlint.syntax.lower_expr import Lowering, dotted_name

_Lower = Callable[[Lowering, Any, int, int], n.Stmt]
_TABLE: Dispatch[_Lower] = Dispatch()


def lower(module: cst.Module, spans: dict[int, tuple[int, int]], text: str) -> tuple[n.Module, list[tuple[int, int]]]:
    """Return the tree of a libcst module and the ranges of its string literals. `spans` are those of `spans.measure`."""
    lowering = Lowering(spans, text)
    body = _statements(lowering, module.body)
    return n.Module(0, len(text), body), lowering.strings


def _statements(to: Lowering, body: Iterable[cst.CSTNode]) -> list[n.Stmt]:
    found: list[n.Stmt] = []
    for one in body:
        if isinstance(one, cst.SimpleStatementLine):
            for small in one.body:
                start, end = to.spans[id(small)]
                found.append(_TABLE[type(small)](to, small, start, end))
        else:
            start, end = to.spans[id(one)]
            found.append(_TABLE[type(one)](to, one, start, end))
    return found


def _suite(to: Lowering, suite: cst.BaseSuite) -> list[n.Stmt]:
    if isinstance(suite, cst.SimpleStatementSuite):
        return [_TABLE[type(small)](to, small, *to.spans[id(small)]) for small in suite.body]
    return _statements(to, suite.body)


def _else(to: Lowering, clause: cst.Else | cst.Finally | None) -> list[n.Stmt]:
    return [] if clause is None else _suite(to, clause.body)


# Simple statements


@_TABLE.on(cst.Expr)
def _expr(to: Lowering, node: cst.Expr, start: int, end: int) -> n.Stmt:
    return n.ExprStmt(start, end, to.expr(node.value))


@_TABLE.on(cst.Assign)
def _assign(to: Lowering, node: cst.Assign, start: int, end: int) -> n.Stmt:
    return n.Assign(start, end, [to.expr(one.target) for one in node.targets], to.expr(node.value))


@_TABLE.on(cst.AnnAssign)
def _ann_assign(to: Lowering, node: cst.AnnAssign, start: int, end: int) -> n.Stmt:
    return n.AnnAssign(start, end, to.expr(node.target), to.expr(node.annotation.annotation), to.maybe(node.value))


@_TABLE.on(cst.AugAssign)
def _aug_assign(to: Lowering, node: cst.AugAssign, start: int, end: int) -> n.Stmt:
    operator = node.operator._get_token().removesuffix("=")  # type: ignore[attr-defined]
    return n.AugAssign(start, end, to.expr(node.target), operator, to.expr(node.value))


@_TABLE.on(cst.Return)
def _return(to: Lowering, node: cst.Return, start: int, end: int) -> n.Stmt:
    return n.Return(start, end, to.maybe(node.value))


@_TABLE.on(cst.Pass)
def _pass(to: Lowering, node: cst.Pass, start: int, end: int) -> n.Stmt:
    return n.Pass(start, end)


@_TABLE.on(cst.Break)
def _break(to: Lowering, node: cst.Break, start: int, end: int) -> n.Stmt:
    return n.Break(start, end)


@_TABLE.on(cst.Continue)
def _continue(to: Lowering, node: cst.Continue, start: int, end: int) -> n.Stmt:
    return n.Continue(start, end)


@_TABLE.on(cst.Del)
def _del(to: Lowering, node: cst.Del, start: int, end: int) -> n.Stmt:
    target = to.expr(node.target)
    several = isinstance(target, n.Tuple) and isinstance(node.target, cst.Tuple) and not node.target.lpar
    return n.Delete(start, end, target.elts if several and isinstance(target, n.Tuple) else [target])


@_TABLE.on(cst.Raise)
def _raise(to: Lowering, node: cst.Raise, start: int, end: int) -> n.Stmt:
    return n.Raise(start, end, to.maybe(node.exc), to.maybe(node.cause.item if node.cause else None))


@_TABLE.on(cst.Assert)
def _assert(to: Lowering, node: cst.Assert, start: int, end: int) -> n.Stmt:
    return n.Assert(start, end, to.expr(node.test), to.maybe(node.msg))


@_TABLE.on(cst.Global)
def _global(to: Lowering, node: cst.Global, start: int, end: int) -> n.Stmt:
    return n.Global(start, end, [one.name.value for one in node.names])


@_TABLE.on(cst.Nonlocal)
def _nonlocal(to: Lowering, node: cst.Nonlocal, start: int, end: int) -> n.Stmt:
    return n.Nonlocal(start, end, [one.name.value for one in node.names])


def _aliases(to: Lowering, names: Sequence[cst.ImportAlias]) -> list[n.Alias]:
    found = []
    for one in names:
        start = to.spans[id(one.name)][0]
        asname = one.asname.name.value if one.asname and isinstance(one.asname.name, cst.Name) else None
        end = to.spans[id(one.asname.name if one.asname else one.name)][1]
        found.append(n.Alias(start, end, dotted_name(one.name), asname))
    return found


# libcst 1.9 knows the lazy imports of PEP 810 as statements of their own; older ones of the tested range do not.
_IMPORT = [getattr(cst, name) for name in ("Import", "LazyImport") if hasattr(cst, name)]
_IMPORT_FROM = [getattr(cst, name) for name in ("ImportFrom", "LazyImportFrom") if hasattr(cst, name)]


@_TABLE.on(*_IMPORT)
def _import(to: Lowering, node: cst.Import, start: int, end: int) -> n.Stmt:
    return n.Import(start, end, _aliases(to, node.names))


@_TABLE.on(*_IMPORT_FROM)
def _import_from(to: Lowering, node: cst.ImportFrom, start: int, end: int) -> n.Stmt:
    module = dotted_name(node.module) if node.module else ""
    if isinstance(node.names, cst.ImportStar):
        names = [n.Alias(*to.spans[id(node.names)], "*", None)]
    else:
        names = _aliases(to, node.names)
    return n.ImportFrom(start, end, module, names, len(node.relative))


@_TABLE.on(*([cst.TypeAlias] if hasattr(cst, "TypeAlias") else []))
def _type_alias(to: Lowering, node: Any, start: int, end: int) -> n.Stmt:
    return n.TypeAlias(start, end, to.expr(node.name), to.expr(node.value))


# Compound statements


@_TABLE.on(cst.If)
def _if(to: Lowering, node: cst.If, start: int, end: int) -> n.Stmt:
    if isinstance(node.orelse, cst.If):
        orelse = [_if(to, node.orelse, *to.spans[id(node.orelse)])]
    else:
        orelse = _else(to, node.orelse)
    return n.If(start, end, to.expr(node.test), _suite(to, node.body), orelse)


@_TABLE.on(cst.For)
def _for(to: Lowering, node: cst.For, start: int, end: int) -> n.Stmt:
    target, iterated = to.expr(node.target), to.expr(node.iter)
    is_async = node.asynchronous is not None
    return n.For(start, end, target, iterated, _suite(to, node.body), _else(to, node.orelse), is_async)


@_TABLE.on(cst.While)
def _while(to: Lowering, node: cst.While, start: int, end: int) -> n.Stmt:
    return n.While(start, end, to.expr(node.test), _suite(to, node.body), _else(to, node.orelse))


@_TABLE.on(cst.With)
def _with(to: Lowering, node: cst.With, start: int, end: int) -> n.Stmt:
    items = []
    for one in node.items:
        context = to.expr(one.item)
        target = to.expr(one.asname.name) if one.asname else None
        items.append(n.WithItem(context.start, (target or context).end, context, target))
    return n.With(start, end, items, _suite(to, node.body), node.asynchronous is not None)


@_TABLE.on(cst.Try, cst.TryStar)
def _try(to: Lowering, node: cst.Try | cst.TryStar, start: int, end: int) -> n.Stmt:
    handlers = []
    for one in node.handlers:
        name = one.name.name.value if one.name and isinstance(one.name.name, cst.Name) else None
        caught = to.maybe(one.type)
        handlers.append(n.ExceptHandler(*to.spans[id(one)], caught, name, _suite(to, one.body)))
    body, orelse, final = _suite(to, node.body), _else(to, node.orelse), _else(to, node.finalbody)
    return n.Try(start, end, body, handlers, orelse, final, isinstance(node, cst.TryStar))


def _decorators(to: Lowering, decorators: Sequence[cst.Decorator]) -> list[n.Expr]:
    return [to.expr(one.decorator) for one in decorators]


@_TABLE.on(cst.FunctionDef)
def _function(to: Lowering, node: cst.FunctionDef, start: int, end: int) -> n.Stmt:
    return n.FunctionDef(
        start,
        end,
        name=node.name.value,
        args=to.arguments(node.params, start),
        suite=_suite(to, node.body),
        decorators=_decorators(to, node.decorators),
        returns=to.maybe(node.returns.annotation if node.returns else None),
        is_async=node.asynchronous is not None,
        name_start=to.spans[id(node.name)][0],
        header_end=to.spans[id(node.whitespace_before_colon)][1] + 1,
    )


@_TABLE.on(cst.ClassDef)
def _class(to: Lowering, node: cst.ClassDef, start: int, end: int) -> n.Stmt:
    bases, starred = to.call_arguments(node.bases)
    _, keywords = to.call_arguments(node.keywords)
    return n.ClassDef(
        start,
        end,
        name=node.name.value,
        bases=bases,
        keywords=[*starred, *keywords],
        body=_suite(to, node.body),
        decorators=_decorators(to, node.decorators),
        name_start=to.spans[id(node.name)][0],
        header_end=to.spans[id(node.whitespace_before_colon)][1] + 1,
    )


@_TABLE.on(cst.Match)
def _match(to: Lowering, node: cst.Match, start: int, end: int) -> n.Stmt:
    cases = []
    for one in node.cases:
        pattern = _pattern(to, one.pattern)
        cases.append(n.MatchCase(*to.spans[id(one)], pattern, to.maybe(one.guard), _suite(to, one.body)))
    return n.Match(start, end, to.expr(node.subject), cases)


def _pattern(to: Lowering, node: cst.CSTNode) -> n.Pattern:
    made = n.Pattern(*to.spans[id(node)], "any")
    match node:
        case cst.MatchAs():
            made.kind = "any" if node.pattern is None else "as"
            made.parts = [] if node.pattern is None else [_pattern(to, node.pattern)]
            made.bound = _bound(to, node.name)
        case cst.MatchOr():
            made.kind, made.parts = "or", [_pattern(to, one.pattern) for one in node.patterns]
        case cst.MatchValue() | cst.MatchSingleton():
            made.kind = "value" if isinstance(node, cst.MatchValue) else "singleton"
            made.value = to.expr(node.value)
        case cst.MatchSequence():
            made.kind, made.parts = "sequence", [_pattern(to, one) for one in node.patterns]
        case cst.MatchSequenceElement():
            return _pattern(to, node.value)
        case cst.MatchStar():
            made.kind, made.bound = "star", _bound(to, node.name)
        case cst.MatchMapping():
            made.kind, made.bound = "mapping", _bound(to, node.rest)
            made.keys = [to.expr(one.key) for one in node.elements]
            made.parts = [_pattern(to, one.pattern) for one in node.elements]
        case cst.MatchClass():
            made.kind, made.value = "class", to.expr(node.cls)
            made.names = [one.key.value for one in node.kwds]
            made.parts = [
                *(_pattern(to, one.value) for one in node.patterns),
                *(_pattern(to, one.pattern) for one in node.kwds),
            ]
        case _:
            raise TypeError(f"no pattern: {type(node).__name__}")
    return made


def _bound(to: Lowering, name: cst.Name | None) -> n.Name | None:
    return None if name is None else n.Name(*to.spans[id(name)], name.value)
