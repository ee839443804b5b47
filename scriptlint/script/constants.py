"""Which attributes are constants of the compiler, and what can be one: `Final` and `__constants__` (infer_methods_to_compile and
infer_concrete_type_builder in torch/jit/_recursive.py)."""

from __future__ import annotations

from scriptlint.instances.values import (
    ClassValue,
    FunctionValue,
    Items,
    LambdaValue,
    Mapping,
    Partial,
    PythonObject,
    Scalar,
    TensorValue,
    Value,
)
from scriptlint.program.classes import Classes
from scriptlint.program.module import Class
from scriptlint.syntax import nodes as n


def is_constant(cls: Class, name: str, classes: Classes) -> bool | None:
    """Whether an attribute is a compile-time constant (`Final` or `__constants__`); None if a base may say so.

    As Python looks both up on the class, the nearest class that has annotations, or `__constants__`, hides its bases'.
    """
    if "Final" in _class_annotations(cls, classes).get(name, ""):
        return True
    return is_named(cls, "__constants__", name, classes)


def invalid(value: Value, outermost: bool = True) -> str | None:
    """The class of what can be no constant, None for what can, or is not known (_get_valid_constant in _recursive.py)."""
    match value:
        case Mapping():
            return "dict"
        case Items(kind=("list" | "tuple")):
            return next(filter(None, (invalid(one, outermost=False) for one in value.items)), None)
        case Items(kind=kind):
            return kind
        case TensorValue(kind=kind) if kind == "plain" or not outermost:
            return "torch.Tensor"
        case Scalar(kind=kind):
            return f"numpy.{kind}"
        case PythonObject(kind=kind):
            return kind
        case LambdaValue() | FunctionValue(bound=None):
            return "function"
        case ClassValue():
            return "type"
        case Partial():
            return "functools.partial"
        case _:
            return None


def is_named(cls: Class, listing: str, name: str, classes: Classes) -> bool | None:
    """Whether a list in the class body, as `__jit_ignored_attributes__`, has a name in it; None if a base may say so."""
    lineage = classes.lineage(cls)
    for binding in next((own for one in lineage.classes if (own := one.scope.visible(listing))), []):
        if not isinstance(binding.value, (n.List, n.Tuple, n.Set)):
            return None
        if any(isinstance(item, n.Constant) and item.value == name for item in binding.value.elts):
            return True
    return None if lineage.unseen else False


def _class_annotations(cls: Class, classes: Classes) -> dict[str, str]:
    """The annotations that the compiler finds on a class, as text: those of the nearest class that has any."""
    for one in classes.lineage(cls).classes:
        found = {
            statement.target.id: one.module.text(statement.annotation)
            for statement in one.node.body
            if isinstance(statement, n.AnnAssign) and isinstance(statement.target, n.Name)
        }
        if found:
            return found
    return {}
