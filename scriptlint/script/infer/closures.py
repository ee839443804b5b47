"""Variables of enclosing functions, as the compiler finds them in a closure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scriptlint.program.module import Class, Function
from scriptlint.program.project import External, Local
from scriptlint.script.infer.python_calls import GLOBAL_MODULE
from scriptlint.script.infer.values import PythonCallable, Refused, ScriptedModule, Value
from scriptlint.syntax import nodes as n

if TYPE_CHECKING:
    from scriptlint.script.infer.unit import Unit


def value_of(unit: Unit, symbol: Local) -> Value:
    """Return the value of a variable of an enclosing function."""
    kinds = {literal_kind(one.value) for one in symbol.bindings}
    if len(kinds) == 1 and None not in kinds:
        return Refused(str(kinds.pop()))
    value = symbol.bindings[0].value if len(symbol.bindings) == 1 else None
    if _compiles_module(unit, value, symbol.function):
        return ScriptedModule()
    if _makes_module(unit, value, symbol.function):
        return PythonCallable(GLOBAL_MODULE)
    annotated = _annotated(symbol)
    return unit.lose(f"`{symbol.name}` of an enclosing function") if annotated is None else Refused(annotated)


def _compiles_module(unit: Unit, value: n.Expr | None, place: Function) -> bool:
    """Return True if an expression scripts or traces a module that it makes itself."""
    resolve = unit.compiler.project.resolve
    if not isinstance(value, n.Call) or not value.args or not isinstance(value.args[0], n.Call):
        return False
    if resolve(value.func, place) not in (External("torch.jit.script"), External("torch.jit.trace")):
        return False
    return _makes_module(unit, value.args[0], place)


def _makes_module(unit: Unit, value: n.Expr | None, place: Function) -> bool:
    """Return True for an expression that calls the class of a module."""
    made_of = unit.compiler.project.resolve(value.func, place) if isinstance(value, n.Call) else None
    if isinstance(made_of, External):
        return unit.compiler.library.is_module_class(made_of.name)
    return isinstance(made_of, Class) and unit.compiler.classes.is_module(made_of) is True


def _annotated(symbol: Local) -> str | None:
    """Return the type of Python that the annotation of an enclosing function's parameter names, if nothing else binds it."""
    node = symbol.function.node
    parameter = next((one for one in node.args.all() if one.name == symbol.name), None)
    annotation = parameter.annotation if parameter is not None else None
    if (
        any(one.node is not parameter for one in symbol.bindings)
        or not isinstance(annotation, n.Name)
        or annotation.id not in ("int", "float", "bool", "str")
    ):
        return None
    return annotation.id


def literal_kind(node: n.Expr | None) -> str | None:
    """Return the Python type that the form of an expression tells, None where it tells none."""
    match node:
        case n.Constant(kind=("int" | "float" | "bool" | "str") as kind):
            return kind
        case n.List() | n.ListComp():
            return "list"
        case n.Dict() | n.DictComp():
            return "dict"
        case n.Set() | n.SetComp():
            return "set"
        case n.Tuple():
            return "tuple"
        case n.JoinedStr():
            return "str"
        case n.UnaryOp(op="not"):
            return "bool"
        case n.Compare(ops=[("in" | "not in" | "is" | "is not")]):
            return "bool"
        case n.Compare(comparators=[n.Constant()]):
            return "bool"
        case n.Call(
            func=n.Name(id=("int" | "float" | "str" | "bool" | "set" | "frozenset" | "dict" | "list" | "tuple") as name)
        ):
            return name
        case _:
            return None
