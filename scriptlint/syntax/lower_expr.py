"""libcst's tree to ours, expressions and parameters. See `lower`."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence
from typing import Any

import libcst as cst

from scriptlint.syntax import nodes as n
from scriptlint.syntax.dispatch import Dispatch

_Lower = Callable[["Lowering", Any, int, int], n.Expr]
_TABLE: Dispatch[_Lower] = Dispatch()

_SINGLETONS: dict[str, tuple[str, bool | None]] = {
    "None": ("none", None),
    "True": ("bool", True),
    "False": ("bool", False),
}
_INT_MAX = 2**63
_DIGITS = 4300  # of a decimal integer: to read more takes time that grows with their square
_SURROGATE = re.compile("[\ud800-\udfff]")


class LargeInteger(Exception):
    """A decimal integer with more digits than Python reads; `offset` is where it stands."""

    def __init__(self, offset: int) -> None:
        super().__init__()
        self.offset = offset


class Lowering:
    """What lowering needs at hand: the ranges of the libcst nodes, the text, and a list of string ranges it fills."""

    def __init__(self, spans: dict[int, tuple[int, int]], text: str) -> None:
        self.spans = spans
        self.text = text
        self.strings: list[tuple[int, int]] = []

    def expr(self, node: cst.CSTNode) -> n.Expr:
        """Lower one expression."""
        start, end = self.spans[id(node)]
        return _TABLE[type(node)](self, node, start, end)

    def maybe(self, node: cst.CSTNode | None) -> n.Expr | None:
        """Lower an expression that may be absent."""
        return None if node is None else self.expr(node)

    def arguments(self, params: cst.Parameters, at: int) -> n.Arguments:
        """Lower the parameters of a function or lambda; `at` is where an empty list stands."""
        star, kwarg = params.star_arg, params.star_kwarg
        lowered = n.Arguments(
            at,
            at,
            posonly=[self._parameter(one) for one in params.posonly_params],
            args=[self._parameter(one) for one in params.params],
            vararg=self._parameter(star) if isinstance(star, cst.Param) else None,
            kwonly=[self._parameter(one) for one in params.kwonly_params],
            kwarg=self._parameter(kwarg) if kwarg is not None else None,
        )
        every = lowered.all()
        if every:
            lowered.start = every[0].start
            lowered.end = max((one.default or one).end for one in every)
        return lowered

    def _parameter(self, node: cst.Param) -> n.Parameter:
        start, end = self.spans[id(node.name)]
        annotation = self.maybe(node.annotation.annotation if node.annotation else None)
        return n.Parameter(
            start, annotation.end if annotation else end, node.name.value, annotation, self.maybe(node.default)
        )

    def call_arguments(self, args: Sequence[cst.Arg]) -> tuple[list[n.Expr], list[n.Keyword]]:
        """Lower the arguments of a call or class header: positional ones and keywords."""
        positional: list[n.Expr] = []
        keywords: list[n.Keyword] = []
        for arg in args:
            start = self.spans[id(arg)][0]
            value = self.expr(arg.value)
            if arg.star == "*":
                positional.append(n.Starred(start, self.outer_end(arg.value), value))
            elif arg.star == "**":
                keywords.append(n.Keyword(start, self.outer_end(arg.value), None, value))
            elif arg.keyword is not None:
                keywords.append(n.Keyword(start, self.outer_end(arg.value), arg.keyword.value, value))
            else:
                positional.append(value)
        return positional, keywords

    def outer_end(self, node: cst.BaseExpression) -> int:
        """Return where an expression ends with all its parentheses."""
        return self.spans[id(node.rpar[-1] if node.rpar else node)][1]

    def inside_parentheses(self, node: cst.BaseExpression, start: int, end: int) -> tuple[int, int]:
        """Return the range with the innermost parentheses, which `ast` counts to tuples and generators."""
        if node.lpar:
            return self.spans[id(node.lpar[-1])][0], self.spans[id(node.rpar[0])][1]
        return start, end


def dotted_name(node: cst.CSTNode) -> str:
    """`a.b.c` of nested libcst attributes."""
    if isinstance(node, cst.Attribute):
        return f"{dotted_name(node.value)}.{node.attr.value}"
    return node.value if isinstance(node, cst.Name) else ""


# Names and literals


@_TABLE.on(cst.Name)
def _name(to: Lowering, node: cst.Name, start: int, end: int) -> n.Expr:
    if node.value in _SINGLETONS:
        kind, value = _SINGLETONS[node.value]
        return n.Constant(start, end, kind, value)
    return n.Name(start, end, node.value)


@_TABLE.on(cst.Ellipsis)
def _ellipsis(to: Lowering, node: cst.Ellipsis, start: int, end: int) -> n.Expr:
    return n.Constant(start, end, "ellipsis", None)


@_TABLE.on(cst.Integer)
def _integer(to: Lowering, node: cst.Integer, start: int, end: int) -> n.Expr:
    digits = node.value.replace("_", "")
    if digits.isdecimal() and len(digits.lstrip("0")) > _DIGITS:
        raise LargeInteger(start)
    value = int(digits, 0) if digits.strip("0") else 0
    return n.Constant(start, end, "int", value if value < _INT_MAX else digits)


@_TABLE.on(cst.Float)
def _float(to: Lowering, node: cst.Float, start: int, end: int) -> n.Expr:
    return n.Constant(start, end, "float", float(node.value))


@_TABLE.on(cst.Imaginary)
def _imaginary(to: Lowering, node: cst.Imaginary, start: int, end: int) -> n.Expr:
    return n.Constant(start, end, "complex", float(node.value.replace("_", "")[:-1]))


def _string_value(literal: str) -> str | None:
    """Return the value of one string literal; None for bytes."""
    quote = literal[-1]
    if literal[0] == quote and "\\" not in literal and "\r" not in literal:
        width = 3 if len(literal) >= 6 and literal.startswith(quote * 3) else 1
        return literal[width:-width]
    value = ast.literal_eval(literal)
    return value if isinstance(value, str) else None


@_TABLE.on(cst.SimpleString)
def _string(to: Lowering, node: cst.SimpleString, start: int, end: int) -> n.Expr:
    to.strings.append((start, end))
    value = _string_value(node.value)
    if value is not None and _SURROGATE.search(value):  # no UTF-8, so nothing that could be stored
        return n.Constant(start, end, "str", None)
    return n.Constant(start, end, "bytes" if value is None else "str", value)


@_TABLE.on(cst.ConcatenatedString)
def _concatenated(to: Lowering, node: cst.ConcatenatedString, start: int, end: int) -> n.Expr:
    parts = [to.expr(node.left), to.expr(node.right)]
    if all(isinstance(one, n.Constant) for one in parts):
        left, right = (one for one in parts if isinstance(one, n.Constant))
        if left.kind == "bytes" or right.kind == "bytes":
            return n.Constant(start, end, "bytes", None)
        whole = None if left.value is None or right.value is None else f"{left.value}{right.value}"
        return n.Constant(start, end, "str", whole)
    values: list[n.Expr] = []
    for one in parts:
        values += one.values if isinstance(one, (n.JoinedStr, n.TemplateStr)) else [one]
    kind = n.TemplateStr if any(isinstance(one, n.TemplateStr) for one in parts) else n.JoinedStr
    return kind(start, end, values)


def _formatted_parts(to: Lowering, parts: Sequence[Any]) -> list[n.Expr]:
    values: list[n.Expr] = []
    for one in parts:
        start, end = to.spans[id(one)]
        if hasattr(one, "value"):
            values.append(n.Constant(start, end, "str", one.value.replace("{{", "{").replace("}}", "}")))
            continue
        spec = None
        if one.format_spec is not None:
            inner = _formatted_parts(to, one.format_spec)
            spec = n.JoinedStr(inner[0].start if inner else end, inner[-1].end if inner else end, inner)
        equal = one.equal is not None
        conversion = one.conversion or ("r" if equal and spec is None else None)
        values.append(n.FormattedValue(start, end, to.expr(one.expression), conversion, spec, equal))
    return values


@_TABLE.on(cst.FormattedString)
def _formatted(to: Lowering, node: cst.FormattedString, start: int, end: int) -> n.Expr:
    to.strings.append((start, end))
    return n.JoinedStr(start, end, _formatted_parts(to, node.parts))


@_TABLE.on(*([cst.TemplatedString] if hasattr(cst, "TemplatedString") else []))
def _template(to: Lowering, node: Any, start: int, end: int) -> n.Expr:
    to.strings.append((start, end))
    return n.TemplateStr(start, end, _formatted_parts(to, node.parts))


# Displays and comprehensions


@_TABLE.on(cst.Element)
def _element(to: Lowering, node: cst.Element, start: int, end: int) -> n.Expr:
    return to.expr(node.value)


@_TABLE.on(cst.StarredElement)
def _starred(to: Lowering, node: cst.StarredElement, start: int, end: int) -> n.Expr:
    return n.Starred(start, to.outer_end(node.value), to.expr(node.value))


@_TABLE.on(cst.Tuple)
def _tuple(to: Lowering, node: cst.Tuple, start: int, end: int) -> n.Expr:
    start, end = to.inside_parentheses(node, start, end)
    return n.Tuple(start, end, [to.expr(one) for one in node.elements])


@_TABLE.on(cst.List)
def _list(to: Lowering, node: cst.List, start: int, end: int) -> n.Expr:
    return n.List(start, end, [to.expr(one) for one in node.elements])


@_TABLE.on(cst.Set)
def _set(to: Lowering, node: cst.Set, start: int, end: int) -> n.Expr:
    return n.Set(start, end, [to.expr(one) for one in node.elements])


@_TABLE.on(cst.Dict)
def _dict(to: Lowering, node: cst.Dict, start: int, end: int) -> n.Expr:
    keys = [to.expr(one.key) if isinstance(one, cst.DictElement) else None for one in node.elements]
    return n.Dict(start, end, keys, [to.expr(one.value) for one in node.elements])


def _generators(to: Lowering, node: cst.CompFor | None) -> list[n.Comprehension]:
    found = []
    while node is not None:
        start, end = to.spans[id(node)]
        found.append(
            n.Comprehension(
                start,
                end,
                to.expr(node.target),
                to.expr(node.iter),
                [to.expr(one.test) for one in node.ifs],
                node.asynchronous is not None,
            )
        )
        node = node.inner_for_in
    return found


@_TABLE.on(cst.ListComp)
def _list_comp(to: Lowering, node: cst.ListComp, start: int, end: int) -> n.Expr:
    return n.ListComp(start, end, to.expr(node.elt), _generators(to, node.for_in))


@_TABLE.on(cst.SetComp)
def _set_comp(to: Lowering, node: cst.SetComp, start: int, end: int) -> n.Expr:
    return n.SetComp(start, end, to.expr(node.elt), _generators(to, node.for_in))


@_TABLE.on(cst.GeneratorExp)
def _generator(to: Lowering, node: cst.GeneratorExp, start: int, end: int) -> n.Expr:
    start, end = to.inside_parentheses(node, start, end)
    return n.GeneratorExp(start, end, to.expr(node.elt), _generators(to, node.for_in))


@_TABLE.on(cst.DictComp)
def _dict_comp(to: Lowering, node: cst.DictComp, start: int, end: int) -> n.Expr:
    return n.DictComp(start, end, to.expr(node.key), to.expr(node.value), _generators(to, node.for_in))


# Operators

_UNARY = {cst.Plus: "+", cst.Minus: "-", cst.BitInvert: "~", cst.Not: "not"}


@_TABLE.on(cst.UnaryOperation)
def _unary(to: Lowering, node: cst.UnaryOperation, start: int, end: int) -> n.Expr:
    return n.UnaryOp(start, end, _UNARY[type(node.operator)], to.expr(node.expression))


@_TABLE.on(cst.BinaryOperation)
def _binary(to: Lowering, node: cst.BinaryOperation, start: int, end: int) -> n.Expr:
    operator = node.operator._get_token()  # type: ignore[attr-defined]
    return n.BinOp(start, end, to.expr(node.left), operator, to.expr(node.right))


@_TABLE.on(cst.BooleanOperation)
def _boolean(to: Lowering, node: cst.BooleanOperation, start: int, end: int) -> n.Expr:
    operator = "and" if isinstance(node.operator, cst.And) else "or"
    left = to.expr(node.left)
    values = left.values if isinstance(left, n.BoolOp) and left.op == operator and not node.left.lpar else [left]
    return n.BoolOp(start, end, operator, [*values, to.expr(node.right)])


_COMPARE = {
    cst.LessThan: "<",
    cst.GreaterThan: ">",
    cst.LessThanEqual: "<=",
    cst.GreaterThanEqual: ">=",
    cst.Equal: "==",
    cst.In: "in",
    cst.NotIn: "not in",
    cst.Is: "is",
    cst.IsNot: "is not",
    cst.NotEqual: "!=",
}


@_TABLE.on(cst.Comparison)
def _compare(to: Lowering, node: cst.Comparison, start: int, end: int) -> n.Expr:
    operators = [_COMPARE[type(one.operator)] for one in node.comparisons]
    return n.Compare(start, end, to.expr(node.left), operators, [to.expr(one.comparator) for one in node.comparisons])


@_TABLE.on(cst.IfExp)
def _if_exp(to: Lowering, node: cst.IfExp, start: int, end: int) -> n.Expr:
    return n.IfExp(start, end, to.expr(node.test), to.expr(node.body), to.expr(node.orelse))


@_TABLE.on(cst.NamedExpr)
def _named(to: Lowering, node: cst.NamedExpr, start: int, end: int) -> n.Expr:
    return n.NamedExpr(start, end, to.expr(node.target), to.expr(node.value))


@_TABLE.on(cst.Lambda)
def _lambda(to: Lowering, node: cst.Lambda, start: int, end: int) -> n.Expr:
    return n.Lambda(start, end, to.arguments(node.params, start), to.expr(node.body))


@_TABLE.on(cst.Await)
def _await(to: Lowering, node: cst.Await, start: int, end: int) -> n.Expr:
    return n.Await(start, end, to.expr(node.expression))


@_TABLE.on(cst.Yield)
def _yield(to: Lowering, node: cst.Yield, start: int, end: int) -> n.Expr:
    if isinstance(node.value, cst.From):
        return n.YieldFrom(start, end, to.expr(node.value.item))
    return n.Yield(start, end, to.maybe(node.value))


# Access and calls


@_TABLE.on(cst.Attribute)
def _attribute(to: Lowering, node: cst.Attribute, start: int, end: int) -> n.Expr:
    return n.Attribute(start, end, to.expr(node.value), node.attr.value)


@_TABLE.on(cst.Subscript)
def _subscript(to: Lowering, node: cst.Subscript, start: int, end: int) -> n.Expr:
    elements = [to.expr(one.slice) for one in node.slice]
    last = node.slice[-1]
    if len(elements) == 1 and not isinstance(last.comma, cst.Comma) and not isinstance(elements[0], n.Starred):
        return n.Subscript(start, end, to.expr(node.value), elements[0])
    first = to.spans[id(node.slice[0])][0]
    finish = to.outer_end(last.slice.value) if isinstance(last.slice, cst.Index) else elements[-1].end
    if isinstance(last.comma, cst.Comma):
        finish = to.text.index(",", to.spans[id(last.comma)][0]) + 1
    return n.Subscript(start, end, to.expr(node.value), n.Tuple(first, finish, elements))


@_TABLE.on(cst.Index)
def _index(to: Lowering, node: cst.Index, start: int, end: int) -> n.Expr:
    value = to.expr(node.value)
    return n.Starred(start, to.outer_end(node.value), value) if node.star else value


@_TABLE.on(cst.Slice)
def _slice(to: Lowering, node: cst.Slice, start: int, end: int) -> n.Expr:
    last = node.step or node.upper
    if last is not None and not (node.step is None and isinstance(node.second_colon, cst.Colon)):
        end = to.outer_end(last)
    else:  # it ends with its last colon, whose range holds the whitespace around it
        colon = node.second_colon if isinstance(node.second_colon, cst.Colon) else node.first_colon
        end = to.spans[id(colon.whitespace_before)][1] + 1
    return n.Slice(start, end, to.maybe(node.lower), to.maybe(node.upper), to.maybe(node.step))


@_TABLE.on(cst.Call)
def _call(to: Lowering, node: cst.Call, start: int, end: int) -> n.Expr:
    func = to.expr(node.func)
    args, keywords = to.call_arguments(node.args)
    if len(args) == 1 and isinstance(args[0], n.GeneratorExp) and not getattr(node.args[0].value, "lpar", ()):
        args[0].start, args[0].end = (
            to.text.index("(", func.end),
            end,
        )  # `f(x for x in y)` shares the call's parentheses
    return n.Call(start, end, func, args, keywords)
