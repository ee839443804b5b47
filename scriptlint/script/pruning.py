"""Which branches are pruned, as far as the form of a test tells. Twin: `emitCondExpr` of
`torch/csrc/jit/frontend/ir_emitter.cpp`.

The answer for a test is true or false where the compiler knows it, *dynamic* where it certainly emits both branches, and
*maybe* where a type or an object decides, which inference knows and a form does not.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from functools import cache

from scriptlint.script.form import Form
from scriptlint.script.type_comments import TypeComment
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk


class Static(Enum):
    """What the compiler knows of a test before anything runs."""

    TRUE = "true"
    FALSE = "false"
    DYNAMIC = "dynamic"
    MAYBE = "maybe"


Prune = Callable[[n.Expr], Static]

_TRUE = frozenset({"torch.jit.is_scripting", "torch._jit_internal.is_scripting"})
_FALSE = frozenset(
    f"{package}.has_torch_function{ending}"
    for package in ("torch.overrides", "torch")
    for ending in ("", "_unary", "_variadic")
)
_DECIDED_BY_TYPES = frozenset({"builtins.isinstance", "builtins.hasattr", "builtins.bool", "torch.jit.isinstance"})
_OPPOSITE = {Static.TRUE: Static.FALSE, Static.FALSE: Static.TRUE}
# Types of parameters that are never None, as the compiler sees them.
_NEVER_NONE = frozenset({"int", "float", "bool", "str", "complex", "Tensor", "torch.Tensor"})


def by_form(form: Form, comment: TypeComment | None) -> Prune:
    """Return what the compiler knows of a test in this function before anything runs, from the test's form alone.

    `comment` is the function's type comment.
    """
    # Few functions compare with None.
    assigned = cache(lambda: _first_assignments(form))
    never_none = _parameters_never_none(form) if comment is None else set()
    first_tests = cache(lambda: _first_tests_for_none(form))

    def static(test: n.Expr) -> Static:
        match test:
            case n.Constant(kind="bool"):
                return Static.TRUE if test.value else Static.FALSE
            case n.UnaryOp(op="not"):
                inner = static(test.operand)
                return _OPPOSITE.get(inner, inner)
            case n.BoolOp():
                return _bool_op(test.op, [static(one) for one in test.values])
            case n.Call():
                return _call(form, test.func)
            case n.Compare(left=n.Name() as left, ops=["is" | "is not" as op], comparators=[n.Constant(kind="none")]):
                if assigned().get(left.id, test.start) < test.start:
                    return Static.MAYBE
                if left.id in never_none:
                    return Static.FALSE if op == "is" else Static.TRUE
                return Static.DYNAMIC if first_tests().get(left.id) is test else Static.MAYBE
            case n.Compare():
                return Static.MAYBE if {"is", "is not"} & set(test.ops) else Static.DYNAMIC
            case n.BinOp() | n.UnaryOp() | n.Constant() | n.Tuple():
                return Static.DYNAMIC
            case n.Name():
                return Static.DYNAMIC if form.resolve(test) is None else Static.MAYBE
            case _:
                return Static.MAYBE

    return static


def _bool_op(operator: str, values: list[Static]) -> Static:
    deciding = Static.FALSE if operator == "and" else Static.TRUE
    if deciding in values:
        return deciding
    if Static.MAYBE in values:
        return Static.MAYBE
    return Static.DYNAMIC if Static.DYNAMIC in values else _OPPOSITE[deciding]


def _call(form: Form, func: n.Expr) -> Static:
    name = form.resolve(func)
    if name in _TRUE:
        return Static.TRUE
    if name in _FALSE:
        return Static.FALSE
    if name in _DECIDED_BY_TYPES:
        return Static.MAYBE
    if name is not None:
        return Static.DYNAMIC if name.startswith("builtins.") else Static.MAYBE
    last = func.attr if isinstance(func, n.Attribute) else ""
    known = bool(last) and "scripting" not in last and "torch_function" not in last
    return Static.DYNAMIC if known else Static.MAYBE  # a method, most likely of a tensor


def _first_assignments(form: Form) -> dict[str, int]:
    """Return where the body first rebinds each name that it does."""
    found: dict[str, int] = {}
    for node in walk(form.function):
        match node:
            case n.Assign() | n.Delete():
                targets = node.targets
            case n.AugAssign() | n.AnnAssign() | n.For() | n.Comprehension() | n.NamedExpr():
                targets = [node.target]
            case n.WithItem(target=target) if target is not None:
                targets = [target]
            case _:
                continue
        for one in (one for target in targets for one in walk(target)):
            if isinstance(one, n.Name):
                found[one.id] = min(one.start, found.get(one.id, one.start))
    return found


def _parameters_never_none(form: Form) -> set[str]:
    own = _own_parameters(form)
    return {one.name for one in own if one.annotation is None or _text(form, one.annotation) in _NEVER_NONE}


def _first_tests_for_none(form: Form) -> dict[str, n.Node]:
    """For each parameter of an Optional type, its first comparison with None: nothing can have refined it before."""
    optional = {
        one.name
        for one in _own_parameters(form)
        if one.annotation is not None and ("Optional[" in (text := _text(form, one.annotation)) or "| None" in text)
    }
    found: dict[str, n.Node] = {}
    for statement in form.function.body:
        for node in walk(statement):
            match node:
                case n.Compare(left=n.Name() as name, ops=["is" | "is not"]):
                    if name.id in optional:
                        found.setdefault(name.id, node)
                case n.Call(func=n.Name(id="isinstance"), args=[n.Name() as name, *_]):
                    found.setdefault(name.id, node)
    return found


def _own_parameters(form: Form) -> list[n.Parameter]:
    args = form.function.args
    return [*args.args, *args.kwonly][1 if form.method else 0 :]


def _text(form: Form, node: n.Expr) -> str:
    return form.source.text[node.start : node.end].strip("'\"")
