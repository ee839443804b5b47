"""The parameters of a compiled function, as far as their form decides. Twin: `build_param_list` of
`torch/jit/frontend.py`."""

from __future__ import annotations

from scriptlint.diag import Fixable
from scriptlint.fixes.signatures import positional, without_variadic
from scriptlint.script.form import Form
from scriptlint.script.frontend_expr import build_expr
from scriptlint.script.refusal import refusal

VARIADIC_PARAMETER = refusal(
    code="SL140",
    name="variadic-parameter",
    message="`{text}` takes any number of arguments",
    help="name the parameters, or take one list or dictionary",
    compiler="Compiled functions can't take variable number of arguments",
    fixable=Fixable.SOMETIMES,
)

KEYWORD_ONLY_DEFAULT = refusal(
    code="SL141",
    name="keyword-only-default",
    message="the keyword-only parameter `{name}` has a default",
    help="drop the default, or the `*` before the parameter",
    compiler="use keyword-only arguments with defaults",
    fixable=Fixable.SOMETIMES,
)

MISSING_SELF = refusal(
    code="SL142",
    name="missing-self",
    message="the method `{name}` has no parameter for the instance",
    help="add `self`",
    compiler="invalid method signature",
)

POSITIONAL_ONLY_PARAMETER = refusal(
    code="SL143",
    name="positional-only-parameter",
    message="`{name}` is positional-only, and the compiler drops such parameters",
    help="remove the `/` from the signature",
    compiler="undefined value|methods must have a self argument",
)


def check(form: Form) -> None:
    """Report the parameters that refuse the function; annotations are built as expressions, used or not."""
    args = form.function.args
    if form.method and not (args.posonly or args.args or args.vararg):
        name = form.function.name
        start = form.function.name_start
        form.say(MISSING_SELF, start, start + len(name), name=name)
    variadic = [one for one in (args.vararg, args.kwarg) if one is not None]
    fixes = {one.name: without_variadic(form.module, form.function, one) for one in variadic}
    removable = None not in fixes.values()  # one of them alone would still refuse the function
    if args.kwarg is not None:
        # The compiler's own place is the second star: it reckons with one.
        form.say(
            VARIADIC_PARAMETER,
            args.kwarg.start - 1,
            args.kwarg.end,
            text=f"**{args.kwarg.name}",
            fix=fixes[args.kwarg.name] if removable else None,
        )
    if args.vararg is not None:
        form.say(
            VARIADIC_PARAMETER,
            args.vararg.start - 1,
            args.vararg.end,
            text=f"*{args.vararg.name}",
            fix=fixes[args.vararg.name] if removable else None,
        )
    for one in args.kwonly:
        if one.default is not None:
            build_expr(form, one.default)
            fix = positional(form.module, form.function)
            form.say(KEYWORD_ONLY_DEFAULT, one.default.start, one.default.end, name=one.name, fix=fix)
    for one in [*args.args, *args.kwonly]:
        if one.annotation is not None:
            build_expr(form, one.annotation)
