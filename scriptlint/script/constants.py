"""What a class declares of its attributes: annotations, and which are constants and what can be one, by `Final` or `__constants__`.

Twin: torch/jit/_recursive.py (get_annotations, infer_concrete_type_builder).
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

from scriptlint.evaluate.sizes import is_small
from scriptlint.evaluate.values import (
    ClassValue,
    EnumMember,
    FunctionValue,
    Instance,
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
from scriptlint.program.project import External
from scriptlint.syntax import nodes as n


def is_constant(cls: Class, name: str, classes: Classes) -> bool | None:
    """Return whether an attribute is a compile-time constant (`Final` or `__constants__`); None if a base may say so.

    As Python looks both up on the class, the nearest class that has annotations, or `__constants__`, hides its bases'.
    """
    owner, annotation = declared(cls, classes).get(name, (cls, None))
    if annotation is not None and "Final" in owner.module.text(annotation):
        return True
    return is_named(cls, "__constants__", name, classes)


# The bases that make an object a number or a text, and those that make nothing of it.
_PLAIN_VALUES = frozenset(
    {"builtins.int", "builtins.float", "builtins.str", "enum.IntEnum", "enum.IntFlag", "enum.StrEnum"}
)
_PLAIN_BASES = frozenset({"builtins.object", "abc.ABC", "typing.Generic"})


def invalid(value: Value, classes: Classes, outermost: bool = True) -> str | None:
    """Return the class of what can be no constant, None for what can, or is not known (_get_valid_constant in _recursive.py)."""
    if outermost and not is_small(value):
        return None
    match value:
        case Mapping():
            return "dict"
        case Items(kind=("list" | "tuple")):
            return next(filter(None, (invalid(one, classes, outermost=False) for one in value.items)), None)
        case Items(kind=kind):
            return kind
        case TensorValue(kind=kind) if kind == "plain" or not outermost:
            return "torch.Tensor"
        case Scalar(kind=kind):
            return f"numpy.{kind}"
        case PythonObject(kind=kind):
            return kind
        case EnumMember():
            entries = classes.lineage(value.cls).entries
            mixed = any(isinstance(one, External) and one.name in _PLAIN_VALUES for one in entries)
            return None if mixed else value.cls.node.name
        case Instance(cls=Class() as cls) if classes.is_module(cls) is False:
            entries = classes.lineage(cls).entries
            outside = any(isinstance(one, External) and one.name not in _PLAIN_BASES for one in entries)
            return None if outside or classes.lineage(cls).unseen else cls.node.name
        case LambdaValue() | FunctionValue(bound=None):
            return "function"
        case ClassValue():
            return "type"
        case Partial():
            return "functools.partial"
        case _:
            return None


def is_named(cls: Class, listing: str, name: str, classes: Classes) -> bool | None:
    """Return whether a list in the class body, as `__jit_ignored_attributes__`, has a name in it; None if a base may say so."""
    lineage = classes.lineage(cls)
    for binding in next((own for one in lineage.classes if (own := one.scope.visible(listing))), []):
        if not isinstance(binding.value, (n.List, n.Tuple, n.Set)):
            return None
        if any(isinstance(item, n.Constant) and item.value == name for item in binding.value.elts):
            return True
    return None if lineage.unseen else False


Annotations = dict[str, tuple[Class, n.Expr]]
_DECLARED: WeakKeyDictionary[Classes, dict[Class, Annotations]] = WeakKeyDictionary()


def declared(cls: Class, classes: Classes) -> Annotations:
    """Return the annotations that the compiler finds on a class, each with the class it stands in: those of the nearest that has any."""
    known = _DECLARED.setdefault(classes, {})
    if cls not in known:
        known[cls] = _declared(cls, classes)
    return known[cls]


def _declared(cls: Class, classes: Classes) -> Annotations:
    lineage = classes.lineage(cls)
    if lineage.parent is not None and cls.dotted not in _UNANNOTATED and not _written(cls):
        return declared(lineage.parent, classes)
    if any((one.name if isinstance(one, External) else one.dotted) in _UNANNOTATED for one in lineage.entries):
        return {}
    for one in lineage.classes:
        found = _written(one)
        if found:
            return found
    return {}


def _written(cls: Class) -> Annotations:
    """Return the annotations in the body of a class."""
    found = {
        statement.target.id: (cls, statement.annotation)
        for statement in cls.node.body
        if isinstance(statement, n.AnnAssign) and isinstance(statement.target, n.Name)
    }
    for binding in cls.scope.visible("__annotations__"):
        if isinstance(binding.value, n.Dict):
            pairs = zip(binding.value.keys, binding.value.values, strict=True)
            found |= {str(key.value): (cls, value) for key, value in pairs if isinstance(key, n.Constant)}
    return found


# The compiler itself makes an exception of these.
_UNANNOTATED = frozenset({"torch.ao.quantization.QuantWrapper", "torch.ao.quantization.stubs.QuantWrapper"})
