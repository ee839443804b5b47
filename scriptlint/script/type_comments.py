"""`# type:` in a compiled function. Twin: `get_type_line` of `torch/jit/annotations.py`.

The compiler looks for the text `# type:` in the function's source as it stands, line by line: in comments, but just as
well in strings and docstrings, in decorators, and in code that can never run. Whatever it finds is taken for the types
of the whole signature (PEP 484's form for Python 2), except for a line that ends in `# type: ignore`, with at most one
code in brackets.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from scriptlint.diag import Fixable, Rule
from scriptlint.fixes.type_comments import as_annotation, ignore_at_the_end, spelled_right
from scriptlint.script.form import Form
from scriptlint.script.refusal import refusal
from scriptlint.syntax import nodes as n
from scriptlint.text import SourceFile

STRAY_TYPE_COMMENT = refusal(
    code="SL150",
    name="stray-type-comment",
    message="`# type:` here is read as the types of the function's whole signature",
    help="annotate the variable, `name: type = value`; in other text, put anything between `#` and `type:`",
    compiler="expected type comment but found|expected \\( but found|Return type line",
    fixable=Fixable.SOMETIMES,
)

MALFORMED_TYPE_IGNORE = refusal(
    code="SL151",
    name="malformed-type-ignore",
    message="the compiler does not see that `{text}` only speaks to a type checker",
    help="end the line with `# type: ignore` or `# type: ignore[one-code]`, with other comments before it",
    compiler="expected type comment but found|expected \\( but found|Return type line",
    fixable=Fixable.SOMETIMES,
)

MISSPELT_TYPE_COMMENT = refusal(
    code="SL152",
    name="misspelt-type-comment",
    message="`{text}` looks to the compiler like a misspelt type comment",
    help="write `# type:` with exactly one blank if it is one; otherwise reword it",
    compiler="The annotation prefix in line \\d+ is probably invalid",
    fixable=Fixable.SOMETIMES,
)

INCOMPLETE_TYPE_COMMENT = refusal(
    code="SL153",
    name="incomplete-type-comment",
    message="the type comment does not give the types of all parameters together with that of the result",
    help="annotate the parameters, or write one type per parameter and a line `# type: (...) -> T`",
    compiler=r"Return type line '# type: \(\.\.\.\) -> \.\.\.' not found|Expression of type dots|Number of type annotations",
)

TYPE_COMMENT_COUNT = refusal(
    code="SL154",
    name="type-comment-count",
    message="the type comment has {found} parameter types, the function {expected} parameters",
    help="give one type for every parameter but `self`",
    compiler="Number of type annotations \\(\\d+\\) did not match the number of",
)

_MARK = "# type:"
_MARKED_RETURN = "# type: (...) -> "
# These two are the compiler's own.
_IGNORE = re.compile(r"# type: ignore(\[[a-zA-Z-]+\])?$")
_MISSPELT = re.compile(r"#[\t ]*type[\t ]*(?!: ignore(\[.*\])?$):")


@dataclass(frozen=True)
class TypeComment:
    """The types of a signature as a comment gives them, each as text; `returns` is None without an arrow.

    `start` and `end` are where the comment, or the last line of it, stands.
    """

    params: list[str]
    returns: str | None
    start: int
    end: int


@dataclass(frozen=True)
class _Line:
    start: int
    text: str

    @property
    def mark(self) -> int:
        return self.text.index(_MARK)

    @property
    def after(self) -> str:
        return self.text[self.mark + len(_MARK) :].strip()

    @property
    def is_ignore(self) -> bool:
        return self.after.startswith("ignore")

    @property
    def is_signature(self) -> bool:
        return self.text.lstrip().startswith(_MARK) and self.after.startswith("(")


def check(form: Form) -> TypeComment | None:
    """Report comments that the compiler trips over; return the types of the signature if a good comment has them."""
    lines = _source_lines(form.function, form.source)
    marked = [one for one in lines if _MARK in one.text and not _IGNORE.search(one.text)]
    if not marked:
        _check_spelling(form, lines)
        return None
    if len(marked) == 1:
        comment = _parsed(marked[0], marked[0].after) if marked[0].is_signature else None
        if comment is not None and "..." in comment.params:
            _say(form, INCOMPLETE_TYPE_COMMENT, marked[0], marked[0].mark)
            return None
        if not marked[0].is_signature:
            _refuse(form, marked[0])
        return comment
    last = next((place for place, one in enumerate(marked) if _MARKED_RETURN in one.text), None)
    if last is None:
        _check_several(form, marked)
        return None
    wrong = [one for one in marked[:last] if one.is_ignore]
    if not marked[last].is_signature:
        wrong.append(marked[last])
    for one in wrong:
        _refuse(form, one)
    params = ", ".join(one.after for one in marked[:last])
    return None if wrong else _parsed(marked[last], marked[last].after.replace("...", params, 1))


def check_count(form: Form, comment: TypeComment) -> None:
    """Report a comment whose types are not as many as the parameters (`mergeTypesFromTypeComment`)."""
    function = form.function
    expected = len(function.args.args) + len(function.args.kwonly) - (1 if form.method else 0)
    if expected >= 0 and len(comment.params) != expected:
        end = function.name_start + len(function.name)
        form.say(TYPE_COMMENT_COUNT, function.start, end, found=len(comment.params), expected=expected)


def read(function: n.FunctionDef, source: SourceFile) -> TypeComment | None:
    """Return the types that a good type comment gives the signature of a function, without reporting anything."""
    function.is_read = True  # comments stand in its body
    if _MARK not in source.text:
        return None
    marked = [one for one in _source_lines(function, source) if _MARK in one.text and not _IGNORE.search(one.text)]
    if len(marked) == 1 and marked[0].is_signature:
        return _parsed(marked[0], marked[0].after)
    last = next((place for place, one in enumerate(marked) if _MARKED_RETURN in one.text), None)
    if last is None or not marked[last].is_signature:
        return None
    params = ", ".join(one.after for one in marked[:last])
    return _parsed(marked[last], marked[last].after.replace("...", params, 1))


def _source_lines(function: n.FunctionDef, source: SourceFile) -> list[_Line]:
    """Return the lines that `inspect.getsourcelines` gives: decorators, the function, and comments that belong to its body."""
    start = function.start
    if function.decorators:
        start = source.text.rfind("@", 0, function.decorators[0].start)
    first = source.location(start).row
    last = source.location(max(function.end - 1, function.start)).row
    body = source.location(_outer_start(function.body[0]))
    if body.row > source.location(function.header_end - 1).row:
        row = last + 1
        while row <= len(source.line_starts):
            text = source.line(row)
            stripped = text.lstrip()
            if stripped and not stripped.startswith("#"):
                break
            if stripped and len(text) - len(stripped) >= body.column - 1:
                last = row
            row += 1
    return [_Line(source.line_starts[row - 1], source.line(row)) for row in range(first, last + 1)]


def _outer_start(stmt: n.Stmt) -> int:
    if isinstance(stmt, (n.FunctionDef, n.ClassDef)) and stmt.decorators:
        return stmt.decorators[0].start
    return stmt.start


def _check_spelling(form: Form, lines: list[_Line]) -> None:
    for one in lines:
        found = _MISSPELT.search(one.text)
        if found is not None:
            fix = spelled_right(form.module, one.start + found.start())
            _say(form, MISSPELT_TYPE_COMMENT, one, found.start(), fix=fix, text=_short(found.group()))


def _check_several(form: Form, marked: list[_Line]) -> None:
    header_end = form.function.header_end
    params = [one for one in marked if one.start < header_end and not one.is_ignore]
    for one in marked:
        if one.is_ignore or (one.start >= header_end and not one.is_signature):
            _refuse(form, one)
    signatures = [one for one in marked if one.start >= header_end and one.is_signature and not one.is_ignore]
    if params:
        _say(form, INCOMPLETE_TYPE_COMMENT, params[0], params[0].mark)
    elif len(signatures) > 1:
        _say(form, INCOMPLETE_TYPE_COMMENT, signatures[1], signatures[1].mark)


def _refuse(form: Form, line: _Line) -> None:
    at = line.start + line.mark
    if line.is_ignore:
        fix = ignore_at_the_end(form.module, at)
        _say(form, MALFORMED_TYPE_IGNORE, line, line.mark, fix=fix, text=_short(line.text[line.mark :]))
    else:
        _say(form, STRAY_TYPE_COMMENT, line, line.mark, fix=as_annotation(form.module, form.function, at))


def _say(form: Form, rule: Rule, line: _Line, column: int, **facts: Any) -> None:
    form.say(rule, line.start + column, line.start + len(line.text.rstrip()), **facts)


def _short(text: str) -> str:
    text = text.strip().replace("`", "'")
    return text if len(text) <= 30 else f"{text[:27]}..."


def _parsed(line: _Line, text: str) -> TypeComment | None:
    """`(T, T) -> T` taken apart at its outermost commas; None where the brackets do not match."""
    depth = 0
    params: list[str] = []
    begin = 1
    for place, one in enumerate(text):
        if one in "([{":
            depth += 1
        elif one in ")]}":
            depth -= 1
        if depth == (0 if one == ")" else 1) and one in ",)":
            part = text[begin:place].strip()
            if part:
                params.append(part)
            begin = place + 1
        if depth == 0:
            _, arrow, returns = text[place + 1 :].partition("->")
            returns = returns.partition("#")[0].strip()
            end = line.start + len(line.text.rstrip())
            return TypeComment(params, returns if arrow else None, line.start + line.mark, end)
    return None
