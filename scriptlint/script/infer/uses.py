"""What the use of a parameter tells of its type, where nobody annotated it and the compiler takes it as a Tensor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scriptlint.fixes.annotations import annotated_for_call
from scriptlint.fixes.decorators import taking_object
from scriptlint.fixes.guesses import hints
from scriptlint.fixes.kinds import fits
from scriptlint.fixes.python_functions import speller
from scriptlint.program.decorators import Kind, decoration
from scriptlint.script.infer.values import Typed, Value
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk
from scriptlint.text import Edit, Fix, Safety
from scriptlint.types.model import INFERRED_TENSOR, NUMBER, STRING, TENSOR, Dict, Tensor, Type, has_unknown

if TYPE_CHECKING:
    from scriptlint.script.infer.unit import Unit


def annotated(unit: Unit, node: n.Expr, value: Value, kind: Type) -> Fix | None:
    """Annotate the parameter that `node` names with the type that its use asks for."""
    names = {one.name for one in unit.function.node.args.all() if one.annotation is None}
    if not isinstance(node, n.Name) or node.id not in names or isinstance(kind, Tensor) or has_unknown(kind):
        return None
    if not isinstance(value, Typed) or value.type is not INFERRED_TENSOR:
        return None
    return annotated_for_call(unit.function, {node.id: kind}, unit.compiler.reader)


def as_dictionary(unit: Unit, node: n.Subscript) -> Fix | None:
    """Annotate a parameter that is asked for names as a dictionary of tensors, if its values are used as such."""
    function, container = unit.function, node.value
    if not isinstance(container, n.Name):
        return None
    for one in walk(*function.node.body):
        match one:
            case n.Subscript(
                value=n.Subscript(value=n.Name(id=name), slice=n.Constant(kind="str")), slice=n.Constant(kind="str")
            ):
                if name == container.id:
                    return None  # a dictionary of dictionaries
    kind = Dict(STRING, TENSOR)
    if not all(fits(kind, one.type) for one in hints(unit.compiler.reader, function, container.id)):
        return None
    return annotated(unit, container, unit.value(container), kind)


def static_forward(unit: Unit) -> Fix | None:
    """Give a static `forward` its object: the compiler takes its first parameter for that."""
    function = unit.function
    is_static = decoration(function, unit.compiler.project).kind is Kind.STATIC
    return taking_object(function) if is_static and function.node.name == "forward" else None


def whole(unit: Unit, node: n.Expr, kind: Type) -> Fix | None:
    """Make an int of what Python takes for one: the item of a tensor, or a tensor without dimensions."""
    called = speller(unit.function)("builtins.int")
    if called is None or kind is INFERRED_TENSOR or not (isinstance(kind, Tensor) or kind is NUMBER):
        return None
    edits = (Edit(node.start, node.start, f"{called}("), Edit(node.end, node.end, ")"))
    return Fix(unit.module.path, f"write `{called}(...)`", Safety.SAFE.value, edits)
