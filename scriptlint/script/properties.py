"""Properties that raise. Before anything is compiled, Python reads every property of the object, compiled or not
(`getattr` over `dir(nn_module)` in infer_methods_to_compile of torch/jit/_recursive.py)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from scriptlint.program.classes import Classes
from scriptlint.program.decorators import Kind, decoration
from scriptlint.program.module import Class, Function
from scriptlint.program.project import External, Project
from scriptlint.script.constants import is_named
from scriptlint.script.refusal import refusal
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk

RAISING_PROPERTY = refusal(
    code="SL618",
    name="raising-property",
    message="the property `{name}` raises, and the compiler reads every property of an object",
    help="make it a method, or name it in `__jit_ignored_attributes__` of its class",
    compiler=r"^(?!RuntimeError|AttributeError|NotSupported|UnsupportedNode|Frontend)\w+(?:Error|Exception)\b",
)

# What is not, or not surely, evaluated where it stands.
_LATER = (n.Lambda, n.ListComp, n.SetComp, n.DictComp, n.GeneratorExp, n.BoolOp, n.IfExp, n.Compare)


def raising(
    cls: Class, classes: Classes, evaluated: Callable[[Function], n.Node | None]
) -> Iterator[tuple[Function, n.Node]]:
    """Yield the properties of objects of a class that surely raise something else than AttributeError, and what does.

    `evaluated` tells that of one property of the object at hand; what raises for every object is seen without it.
    """
    for name, function in classes.methods(cls).items():
        marks = decoration(function, classes.project)
        is_cached = [one.name for one in marks.others] == ["functools.cached_property"]
        if is_cached or (marks.kind is Kind.PROPERTY and not marks.others):
            found = _raises(function, classes.project) or evaluated(function)
            if found is not None and is_named(cls, "__jit_ignored_attributes__", name, classes) is False:
                yield function, found


def made(cls: Class, classes: Classes) -> Iterator[tuple[Class, n.Expr]]:
    """Yield the getters and setters of properties that class bodies make by a call, as in `size = property(get_size)`, and
    the classes.
    """
    seen: set[str] = set()
    for one in classes.lineage(cls).classes:
        for name in one.scope.bindings.keys() - seen:
            bindings = one.scope.visible(name)
            call = bindings[0].value if len(bindings) == 1 else None
            if isinstance(call, n.Call) and classes.project.resolve(call.func, one) == External("builtins.property"):
                named = [key.value for key in call.keywords if key.arg in ("fget", "fset")]
                if is_named(cls, "__jit_unused_properties__", name, classes) is False:
                    yield from ((one, accessor) for accessor in (*call.args[:2], *named))
        seen |= one.scope.bindings.keys()


def has_no_source(accessor: n.Expr, cls: Class, project: Project) -> bool:
    """Return True for an accessor that a call makes which returns no function, such as `operator.attrgetter("size")`."""
    made_by = project.resolve(accessor.func, cls) if isinstance(accessor, n.Call) else None
    return isinstance(made_by, External) and made_by.name in _GETTERS


_GETTERS = frozenset({"operator.attrgetter", "operator.itemgetter", "operator.methodcaller", "functools.partial"})


def _raises(function: Function, project: Project) -> n.Node | None:
    for statement in function.node.body:
        match statement:
            case n.Raise(exc=exc):
                raised = project.resolve(exc.func if isinstance(exc, n.Call) else exc, function) if exc else None
                known = isinstance(raised, External) and raised.name.startswith("builtins.")
                return statement if known and raised != External("builtins.AttributeError") else None
            case n.ExprStmt(value=value) | n.Assign(value=value):
                found = _undefined(value, function, project)
            case n.Return(value=value):
                return None if value is None else _undefined(value, function, project)
            case _:
                return None
        if found is not None:
            return found
    return None


def _undefined(value: n.Expr, function: Function, project: Project) -> n.Node | None:
    if function.module.scope.is_open or function.outer is not None or (function.owner and function.owner.outer):
        return None
    names = (one for one in walk(value, closed=_LATER) if isinstance(one, n.Name) and not one.id.startswith("__"))
    return next((one for one in names if project.lookup(one.id, function) is None), None)
