"""What the compiler's Python half refuses while it builds its tree: expressions. Twin: `ExprBuilder` of
`torch/jit/frontend.py`. See `frontend`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from scriptlint.diag import Fixable
from scriptlint.fixes.comprehensions import as_list, as_loop
from scriptlint.fixes.expressions import list_of_set
from scriptlint.fixes.nested import moved_out
from scriptlint.fixes.statements import assigned_before
from scriptlint.fixes.strings import plain_value
from scriptlint.script.form import Form
from scriptlint.script.refusal import refusal
from scriptlint.syntax import nodes as n
from scriptlint.syntax.dispatch import Dispatch
from scriptlint.syntax.walk import children

LAMBDA_EXPRESSION = refusal(
    code="SL120",
    name="lambda-expression",
    message="a `lambda`, which TorchScript does not compile",
    help="write a function with `def` at the module's top level, and call it by name",
    compiler="Lambda aren't supported|Expected a single top-level function",
    fixable=Fixable.SOMETIMES,
)

WALRUS_EXPRESSION = refusal(
    code="SL121",
    name="walrus-expression",
    message="`{target} := ...` assigns inside of an expression",
    help="assign to `{target}` in a statement of its own",
    compiler="NamedExpr aren't supported",
    fixable=Fixable.SOMETIMES,
)

GENERATOR_FUNCTION = refusal(
    code="SL122",
    name="generator-function",
    message="`{keyword}` makes the function a generator",
    help="build a list and return it",
    compiler="Yield aren't supported|YieldFrom aren't supported",
    fixable=Fixable.SOMETIMES,
)

SET_DISPLAY = refusal(
    code="SL123",
    name="set-display",
    message="`{text}` makes a set, a type that TorchScript lacks",
    help="write a list, or a dictionary with `bool` values",
    compiler="Set aren't supported|SetComp aren't supported",
    fixable=Fixable.SOMETIMES,
)

COMPREHENSION_CONDITION = refusal(
    code="SL124",
    name="comprehension-condition",
    message="the comprehension has an `if`",
    help="write a `for` loop that appends to an annotated list",
    compiler="Comprehension ifs are not supported yet",
    fixable=Fixable.SOMETIMES,
)

COMPREHENSION_WITH_SEVERAL_LOOPS = refusal(
    code="SL125",
    name="comprehension-with-several-loops",
    message="the comprehension has {count} `for` clauses; TorchScript takes one",
    help="write nested `for` loops that append to an annotated list",
    compiler="Only a single generator is currently supported",
    fixable=Fixable.SOMETIMES,
)

UNARY_PLUS = refusal(
    code="SL126",
    name="unary-plus",
    message="`{text}` applies a unary plus, which TorchScript lacks",
    help="drop the `+`",
    compiler="'UnaryOp' object has no attribute 'range'",
)

DICTIONARY_UNPACKING = refusal(
    code="SL127",
    name="dictionary-unpacking",
    message="`{text}` unpacks a dictionary into another",
    help="copy the dictionary and assign the other keys, or call `update`",
    # Only as the first entry is it refused in words; further on the error dies for want of a place.
    compiler=r"Dict expansion|'NoneType' object has no attribute 'lineno'",
)

KEYWORD_UNPACKING = refusal(
    code="SL128",
    name="keyword-unpacking",
    message="`{text}` unpacks a dictionary into the keywords of a call",
    help="write the keywords out",
    compiler="keyword-arg expansion is not supported",
)

F_STRING_CONVERSION = refusal(
    code="SL129",
    name="f-string-conversion",
    message="the f-string converts a value: `{text}`",
    help="write `{{str(value)}}`, or `name={{name}}` for the form with `=`",
    compiler="Don't support conversion in JoinedStr",
    fixable=Fixable.SOMETIMES,
)

F_STRING_FORMAT = refusal(
    code="SL130",
    name="f-string-format",
    message="the f-string formats a value: `{text}`",
    help="drop the format; note that `str.format` ignores formats in TorchScript",
    compiler="Don't support formatting in JoinedStr",
    fixable=Fixable.SOMETIMES,
)

BYTES_LITERAL = refusal(
    code="SL131",
    name="bytes-literal",
    message="`{text}` is a bytes literal, and TorchScript lacks the type",
    help="use a `str`, or a tensor of `torch.uint8`",
    compiler="Unknown Constant expression type",
)

SURROGATE_IN_STRING = refusal(
    code="SL132",
    name="surrogate-in-string",
    message="the string holds half of a surrogate pair, which is not a character",
    help="write the character itself, or one escape for all of it: `\\U0001f600`",
    compiler="_jit_tree_views.StringLiteral",
)

RESERVED_NAME = refusal(
    code="SL133",
    name="reserved-name",
    message="the variable `{name}` begins with `__jit`, which the compiler keeps for itself",
    help="rename it",
    compiler="names of variables used in JIT-ed functions can't start with __jit",
)

TEMPLATE_STRING = refusal(
    code="SL134",
    name="template-string",
    message="a template string, which TorchScript does not know",
    help="write a plain f-string",
    compiler="TemplateStr aren't supported|invalid syntax",
)


def build_exprs(form: Form, exprs: Iterable[n.Expr]) -> None:
    """Judge expressions in order."""
    for one in exprs:
        build_expr(form, one)


def build_expr(form: Form, expr: n.Expr) -> None:
    """Judge an expression and what is in it, in the order in which torch builds it."""
    build = _TABLE.get(type(expr))
    if build is not None:
        build(form, expr)
        return
    for child in children(expr):
        build_expr(form, child)  # type: ignore[arg-type]


_Build = Callable[[Form, Any], None]
_TABLE: Dispatch[_Build] = Dispatch()


@_TABLE.on(n.Lambda)
def _lambda(form: Form, expr: n.Lambda) -> None:
    form.say(LAMBDA_EXPRESSION, expr.start, expr.end, fix=moved_out(form.module, form.function, expr))


@_TABLE.on(n.NamedExpr)
def _named(form: Form, expr: n.NamedExpr) -> None:
    fix = assigned_before(form.module, form.function, expr)
    form.say(WALRUS_EXPRESSION, expr.start, expr.end, target=form.text(expr.target), fix=fix)


@_TABLE.on(n.Yield, n.YieldFrom)
def _yield(form: Form, expr: n.Yield | n.YieldFrom) -> None:
    keyword = "yield" if isinstance(expr, n.Yield) else "yield from"
    form.say(GENERATOR_FUNCTION, expr.start, expr.end, keyword=keyword, fix=as_list(form.module, form.function))


@_TABLE.on(n.Set, n.SetComp)
def _set(form: Form, expr: n.Set | n.SetComp) -> None:
    form.say(SET_DISPLAY, expr.start, expr.end, text=form.text(expr), fix=list_of_set(form.module, form.function, expr))


@_TABLE.on(n.TemplateStr)
def _template(form: Form, expr: n.TemplateStr) -> None:
    form.say(TEMPLATE_STRING, expr.start, expr.end)


@_TABLE.on(n.ListComp, n.GeneratorExp, n.DictComp)
def _comprehension(form: Form, expr: n.ListComp | n.GeneratorExp | n.DictComp) -> None:
    only = expr.generators[0]
    if len(expr.generators) != 1:
        fix = as_loop(form.module, form.function, expr)
        form.say(COMPREHENSION_WITH_SEVERAL_LOOPS, expr.start, expr.end, count=len(expr.generators), fix=fix)
        return
    if only.ifs:
        form.say(COMPREHENSION_CONDITION, expr.start, expr.end, fix=as_loop(form.module, form.function, expr))
        return
    results = [expr.key, expr.value] if isinstance(expr, n.DictComp) else [expr.elt]
    build_exprs(form, [*results, only.target, only.iter])


@_TABLE.on(n.UnaryOp)
def _unary(form: Form, expr: n.UnaryOp) -> None:
    build_expr(form, expr.operand)
    if expr.op == "+":
        form.say(UNARY_PLUS, expr.start, expr.end, text=form.text(expr))


@_TABLE.on(n.Dict)
def _dict(form: Form, expr: n.Dict) -> None:
    for place, (key, value) in enumerate(zip(expr.keys, expr.values, strict=True)):
        if key is not None:
            build_expr(form, key)
            continue
        stars = form.source.text.rfind("**", expr.start, value.start)
        start, end = (expr.start, expr.start + 1) if place == 0 else (stars, value.end)
        form.say(DICTIONARY_UNPACKING, start, end, text=f"**{form.text(value)}")
    build_exprs(form, expr.values)


@_TABLE.on(n.Call)
def _call(form: Form, expr: n.Call) -> None:
    build_expr(form, expr.func)
    build_exprs(form, expr.args)
    for keyword in expr.keywords:
        build_expr(form, keyword.value)
        if keyword.arg is None:
            value = keyword.value
            form.say(KEYWORD_UNPACKING, value.start, value.end, text=f"**{form.text(value)}")


@_TABLE.on(n.Compare)
def _compare(form: Form, expr: n.Compare) -> None:
    build_exprs(form, [expr.left, *expr.comparators])


@_TABLE.on(n.JoinedStr)
def _joined(form: Form, expr: n.JoinedStr) -> None:
    for part in expr.values:
        if not isinstance(part, n.FormattedValue):
            continue
        # Python 3.11 gives the parts of an f-string the place of the whole, and so does torch.
        rule = F_STRING_CONVERSION if part.conversion is not None else F_STRING_FORMAT
        if part.conversion is not None or part.format_spec is not None:
            fix = plain_value(form.module, form.function, part)
            form.say(rule, expr.start, expr.end, text=form.text(part), fix=fix)
        build_expr(form, part.value)


@_TABLE.on(n.Constant)
def _constant(form: Form, expr: n.Constant) -> None:
    if expr.kind == "bytes":
        form.say(BYTES_LITERAL, expr.start, expr.end, text=form.text(expr))
    elif expr.kind == "str" and expr.value is None:
        form.say(SURROGATE_IN_STRING, expr.start, expr.end)


@_TABLE.on(n.Name)
def _name(form: Form, expr: n.Name) -> None:
    if expr.id.startswith("__jit"):
        form.say(RESERVED_NAME, expr.start, expr.end, name=expr.id)
