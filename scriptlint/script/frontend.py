"""What the compiler's Python half refuses while it builds its tree: statements. Twin: `torch/jit/frontend.py`.

Nothing of this hangs on types, names or branches: a function is refused for a lambda in code that can never run, and for
one behind a `return`. The order is the original's, so the first finding of a function is the one torch stops at; here
the walk goes on. Below a refused construct nothing is judged, since rewriting it changes what is there; only where a
clause or an operator too many is refused (`else` of a loop, `//=`, `+x`) do the parts stay and are looked at.

`get_jit_def` reads type comments first (`type_comments`), then the parameters (`signature`), the return annotation and
the body; expressions are in `frontend_expr`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scriptlint.diag import Fixable, Report
from scriptlint.fixes import statements as rewritten
from scriptlint.fixes.nested import moved_out
from scriptlint.program.module import ModuleInfo
from scriptlint.script import signature, type_comments
from scriptlint.script.form import Form, Resolve
from scriptlint.script.frontend_expr import build_expr, build_exprs
from scriptlint.script.refusal import refusal
from scriptlint.syntax import nodes as n
from scriptlint.syntax.dispatch import Dispatch
from scriptlint.syntax.walk import dotted

ASYNC_FUNCTION = refusal(
    code="SL101",
    name="async-function",
    message="`{name}` is an async function, and TorchScript has none",
    help="write a plain `def`; `torch.jit.fork` and `torch.jit.wait` are what runs in parallel in TorchScript",
    compiler="Expected a single top-level function",
)

NESTED_FUNCTION = refusal(
    code="SL102",
    name="nested-function",
    message="the function `{name}` is defined inside of a compiled function",
    help="move it to the module's top level and pass it what it takes from the surrounding function",
    compiler="function definitions aren't supported",
    fixable=Fixable.SOMETIMES,
)

NESTED_CLASS = refusal(
    code="SL103",
    name="nested-class",
    message="the class `{name}` is defined inside of a compiled function",
    help="move it to the module's top level",
    compiler="class definitions aren't supported",
)

TRY_STATEMENT = refusal(
    code="SL104",
    name="try-statement",
    message="a `try` statement, and TorchScript has no exception handling",
    help="test the condition beforehand, or move the statement to a function under `@torch.jit.ignore`",
    compiler="try blocks aren't supported|TryStar aren't supported",
)

MATCH_STATEMENT = refusal(
    code="SL105",
    name="match-statement",
    message="a `match` statement, which TorchScript does not know",
    help="write `if`, `elif` and `else`",
    compiler="Match aren't supported",
)

IMPORT_IN_FUNCTION = refusal(
    code="SL106",
    name="import-in-function",
    message="`{names}` is imported inside of a compiled function",
    help="move the import to the top of the file",
    compiler="import statements aren't supported",
    fixable=Fixable.SOMETIMES,
)

GLOBAL_STATEMENT = refusal(
    code="SL107",
    name="global-statement",
    message="`{keyword} {names}` rebinds a variable outside of the function",
    help="pass the value in and return it, or keep it in an attribute of the module",
    compiler="global variables aren't supported|nonlocal variables aren't supported",
)

TYPE_ALIAS_STATEMENT = refusal(
    code="SL108",
    name="type-alias-statement",
    message="a `type` statement inside of a compiled function",
    help="move it to the module's top level as a plain assignment, `Name = List[int]`",
    compiler="TypeAlias aren't supported|invalid syntax",
)

LOOP_ELSE = refusal(
    code="SL109",
    name="loop-else",
    message="the `{keyword}` loop has an `else` clause",
    help="set a flag before `break` and test it after the loop",
    # For `while` the error is built without a place and dies of that.
    compiler=r"else branches of for loops aren't supported|ErrorReport|SourceRange",
    fixable=Fixable.SOMETIMES,
)

ANNOTATION_WITHOUT_VALUE = refusal(
    code="SL110",
    name="annotation-without-value",
    message="`{name}` is annotated without a value",
    help="annotate the first assignment instead",
    compiler="annotated assignments without assigned value aren't supported",
    fixable=Fixable.SOMETIMES,
)

ATTRIBUTE_ANNOTATION = refusal(
    code="SL111",
    name="attribute-annotation",
    message="`{target}` is annotated outside of `__init__`",
    help="drop the annotation here, and annotate the attribute in the body of the class",
    compiler="Type annotations on instance attributes must be declared in __init__|object has no attribute 'id'",
    fixable=Fixable.SOMETIMES,
)

FLOOR_DIVISION_ASSIGNMENT = refusal(
    code="SL112",
    name="floor-division-assignment",
    message="the operator `//=`, which TorchScript lacks",
    help="write `{target} = {target} // ...`",
    compiler="unsupported kind of augmented assignment: FloorDiv",
    fixable=Fixable.SOMETIMES,
)

MATRIX_MULTIPLICATION_ASSIGNMENT = refusal(
    code="SL113",
    name="matrix-multiplication-assignment",
    message="the operator `@=`, which TorchScript lacks",
    help="write `{target} = {target} @ ...`",
    compiler="unsupported kind of augmented assignment: MatMult",
    fixable=Fixable.SOMETIMES,
)

BARE_RAISE = refusal(
    code="SL114",
    name="bare-raise",
    message="a `raise` that names no exception",
    help="name the exception to raise",
    compiler="'NoneType' object has no attribute 'lineno'",
)

COMPOUND_WITH_TARGET = refusal(
    code="SL115",
    name="compound-with-target",
    message="`{target}` follows `as` in a `with` statement, where only a plain name can stand",
    help="give the object a name, and take it apart in the body",
    compiler="_jit_tree_views.WithItem",
)


def check(
    function: n.FunctionDef,
    module: ModuleInfo,
    report: Report,
    *,
    method: bool,
    resolve: Resolve,
) -> None:
    """Report what refuses this function by form alone, whatever is pruned, in the order in which torch meets it.

    To be called for functions that are really compiled. `method` says that the first parameter is the instance.
    """
    form = Form(function, module, report, method, resolve)
    if function.is_async:
        form.say(ASYNC_FUNCTION, function.start, function.start + len("async def"), name=function.name)
        return
    comment = type_comments.check(form)
    signature.check(form)
    if function.returns is not None:
        build_expr(form, function.returns)
    if comment is not None:
        type_comments.check_count(form, comment)
    build_stmts(form, function.body)


def build_stmts(form: Form, body: list[n.Stmt]) -> None:
    """Judge statements in order."""
    for one in body:
        _TABLE[type(one)](form, one)


_Build = Callable[[Form, Any], None]
_TABLE: Dispatch[_Build] = Dispatch()


@_TABLE.on(n.FunctionDef)
def _function(form: Form, stmt: n.FunctionDef) -> None:
    keyword = "async def" if stmt.is_async else "def"
    fix = moved_out(form.module, form.function, stmt)
    form.say(NESTED_FUNCTION, stmt.start, stmt.start + len(keyword), name=stmt.name, fix=fix)


@_TABLE.on(n.ClassDef)
def _class(form: Form, stmt: n.ClassDef) -> None:
    form.say(NESTED_CLASS, stmt.start, stmt.start + len("class"), name=stmt.name)


@_TABLE.on(n.Try)
def _try(form: Form, stmt: n.Try) -> None:
    form.say(TRY_STATEMENT, stmt.start, stmt.start + len("try"))


@_TABLE.on(n.Match)
def _match(form: Form, stmt: n.Match) -> None:
    form.say(MATCH_STATEMENT, stmt.start, stmt.start + len("match"))


@_TABLE.on(n.Import, n.ImportFrom)
def _import(form: Form, stmt: n.Import | n.ImportFrom) -> None:
    names = ", ".join(one.name for one in stmt.names[:3]) + (", ..." if len(stmt.names) > 3 else "")
    fix = rewritten.imported_above(form.module, form.function, stmt)
    form.say(IMPORT_IN_FUNCTION, stmt.start, stmt.end, names=names, fix=fix)


@_TABLE.on(n.Global, n.Nonlocal)
def _global(form: Form, stmt: n.Global | n.Nonlocal) -> None:
    keyword = "global" if isinstance(stmt, n.Global) else "nonlocal"
    form.say(GLOBAL_STATEMENT, stmt.start, stmt.end, keyword=keyword, names=", ".join(stmt.names))


@_TABLE.on(n.TypeAlias)
def _type_alias(form: Form, stmt: n.TypeAlias) -> None:
    form.say(TYPE_ALIAS_STATEMENT, stmt.start, stmt.end)


@_TABLE.on(n.Pass, n.Break, n.Continue)
def _nothing(form: Form, stmt: n.Stmt) -> None:
    pass


@_TABLE.on(n.ExprStmt)
def _expr(form: Form, stmt: n.ExprStmt) -> None:
    build_expr(form, stmt.value)


@_TABLE.on(n.Assign)
def _assign(form: Form, stmt: n.Assign) -> None:
    build_expr(form, stmt.value)
    build_exprs(form, stmt.targets)


@_TABLE.on(n.AnnAssign)
def _ann_assign(form: Form, stmt: n.AnnAssign) -> None:
    target = stmt.target
    if stmt.value is None:
        fix = rewritten.without_declaration(form.module, form.function, stmt)
        form.say(ANNOTATION_WITHOUT_VALUE, stmt.start, target.end, name=form.text(target), fix=fix)
    elif isinstance(target, n.Attribute) and _is_refused_attribute(form, target):
        fix = rewritten.without_annotation(form.module, stmt)
        form.say(ATTRIBUTE_ANNOTATION, stmt.start, stmt.annotation.end, target=form.text(target), fix=fix)
        build_expr(form, stmt.value)
    else:
        build_expr(form, stmt.value)
        build_expr(form, target)
        build_expr(form, stmt.annotation)


def _is_refused_attribute(form: Form, target: n.Attribute) -> bool:
    # The original reads `target.value.id` before it asks for `__init__`, so `self.a.b: int = 1` dies anywhere.
    if not isinstance(target.value, n.Name):
        return True
    return target.value.id == "self" and form.function.name != "__init__"


@_TABLE.on(n.Delete)
def _delete(form: Form, stmt: n.Delete) -> None:
    build_exprs(form, stmt.targets)


@_TABLE.on(n.Return)
def _return(form: Form, stmt: n.Return) -> None:
    if stmt.value is not None:
        build_expr(form, stmt.value)


@_TABLE.on(n.Raise)
def _raise(form: Form, stmt: n.Raise) -> None:
    if stmt.exc is None:
        form.say(BARE_RAISE, stmt.start, stmt.end)
    else:
        build_expr(form, stmt.exc)  # `from` is dropped unseen


@_TABLE.on(n.Assert)
def _assert(form: Form, stmt: n.Assert) -> None:
    build_expr(form, stmt.test)
    if stmt.msg is not None:
        build_expr(form, stmt.msg)


@_TABLE.on(n.AugAssign)
def _aug_assign(form: Form, stmt: n.AugAssign) -> None:
    build_expr(form, stmt.target)
    build_expr(form, stmt.value)
    rule = {"//": FLOOR_DIVISION_ASSIGNMENT, "@": MATRIX_MULTIPLICATION_ASSIGNMENT}.get(stmt.op)
    if rule is not None:
        equals = form.source.text.rfind("=", stmt.target.end, stmt.value.start)
        fix = rewritten.written_out(form.module, stmt)
        form.say(rule, equals - 1, equals + 1, target=form.text(stmt.target), fix=fix)


@_TABLE.on(n.While)
def _while(form: Form, stmt: n.While) -> None:
    if stmt.orelse:
        fix = rewritten.without_else(form.module, stmt)
        form.say(LOOP_ELSE, stmt.start, stmt.start + len("while"), keyword="while", fix=fix)
    build_expr(form, stmt.test)
    build_stmts(form, stmt.body)


@_TABLE.on(n.For)
def _for(form: Form, stmt: n.For) -> None:
    if stmt.orelse:
        fix = rewritten.without_else(form.module, stmt)
        form.say(LOOP_ELSE, stmt.start, stmt.start + len("for"), keyword="for", fix=fix)
    build_expr(form, stmt.target)
    build_expr(form, stmt.iter)
    build_stmts(form, stmt.body)


@_TABLE.on(n.If)
def _if(form: Form, stmt: n.If) -> None:
    build_expr(form, stmt.test)
    build_stmts(form, stmt.body)
    build_stmts(form, stmt.orelse)


@_TABLE.on(n.With)
def _with(form: Form, stmt: n.With) -> None:
    if is_ignore_context(stmt):
        return
    for item in stmt.items:
        build_expr(form, item.context)
        if item.target is not None:
            build_expr(form, item.target)
            if not isinstance(item.target, n.Name):
                target = form.text(item.target)
                form.say(COMPOUND_WITH_TARGET, item.start, item.end, target=target)
    build_stmts(form, stmt.body)


def is_ignore_context(stmt: n.With) -> bool:
    """Return True if this is `with torch.jit._IgnoreContextManager(...)`, whose body stays Python and is never looked at."""
    first = stmt.items[0].context
    return isinstance(first, n.Call) and dotted(first.func) == "torch.jit._IgnoreContextManager"
