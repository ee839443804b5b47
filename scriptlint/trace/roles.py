"""What the parameters of a traced function are, told from annotations, defaults and use."""

from __future__ import annotations

from collections.abc import Iterator
from weakref import WeakKeyDictionary

from scriptlint.program.module import Function
from scriptlint.program.project import External, Project
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk_scope
from scriptlint.trace.tensors import EVIDENCE, EVIDENT_ATTRIBUTES
from scriptlint.trace.values import ASSUMED, PYTHON, TENSOR, TENSORS, UNKNOWN, Traced

_PYTHON_TYPES = frozenset({"int", "float", "bool", "str", "complex"})


def role(parameter: n.Parameter, function: Function, project: Project) -> Traced:
    """The value of a parameter that no call determines."""
    if parameter.annotation is not None:
        return _annotated(function.module.text(parameter.annotation).strip("'\""))
    if parameter.default is not None:
        none = isinstance(parameter.default, n.Constant) and parameter.default.kind == "none"
        return UNKNOWN if none else PYTHON
    return TENSOR if parameter.name in tensors_by_use(function, project) else ASSUMED


def _annotated(text: str) -> Traced:
    short = text.rpartition(".")[2]
    if short == "Tensor":
        return TENSOR
    if text in _PYTHON_TYPES:
        return PYTHON
    inner = text.partition("[")[2]
    if text.split("[")[0].lower().rpartition(".")[2] in ("list", "tuple", "sequence") and "Tensor" in inner:
        return TENSORS
    return UNKNOWN


_KNOWN: WeakKeyDictionary[Function, frozenset[str]] = WeakKeyDictionary()


def tensors_by_use(function: Function, project: Project) -> frozenset[str]:
    """The names in a function that it uses as only a tensor can be used."""
    if function not in _KNOWN:
        _KNOWN[function] = frozenset(_used_as_tensors(function, project))
    return _KNOWN[function]


def _used_as_tensors(function: Function, project: Project) -> Iterator[str]:
    for node in walk_scope(function.node.body):
        if isinstance(node, n.Attribute) and isinstance(node.value, n.Name) and node.attr in EVIDENT_ATTRIBUTES:
            yield node.value.id
        elif isinstance(node, n.Call):
            func = node.func
            if isinstance(func, n.Attribute) and isinstance(func.value, n.Name) and func.attr in EVIDENCE:
                yield func.value.id
            elif node.args and isinstance(node.args[0], n.Name):
                symbol = project.resolve(func, function)
                if isinstance(symbol, External) and symbol.name.startswith("torch.nn.functional."):
                    yield node.args[0].id
