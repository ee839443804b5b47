"""What the use of a parameter tells of its type, where nobody annotated it and the compiler takes it as a Tensor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scriptlint.fixes.annotations import annotated_for_call
from scriptlint.script.infer.values import Typed, Value
from scriptlint.syntax import nodes as n
from scriptlint.text import Fix
from scriptlint.types.model import INFERRED_TENSOR, Tensor, Type, has_unknown

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
