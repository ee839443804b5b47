"""What the parameters of a traced function are, told from annotations, defaults and use."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from weakref import WeakKeyDictionary

from msgspec.structs import replace

from scriptlint.program.module import Function
from scriptlint.program.project import External, Project
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk_scope
from scriptlint.trace.values import ASSUMED, PYTHON, TENSOR, TENSORS, UNKNOWN, Kind, Traced, arithmetic, many

_OPTIONAL = re.compile(r"(typing\.)?Optional\[(torch\.)?Tensor\]|(torch\.)?Tensor *\| *None|None *\| *(torch\.)?Tensor")
_PYTHON_TYPES = frozenset({"int", "float", "bool", "str", "complex"})
_SEQUENCES = frozenset({"list", "tuple", "sequence", "iterable"})

# Methods that only tensors have: a parameter on which one is called is a tensor.
_METHODS = frozenset(
    "size view reshape permute transpose unsqueeze squeeze contiguous flatten expand expand_as repeat_interleave sum "
    "mean softmax log_softmax detach clone unbind chunk cuda cpu matmul bmm mm gather scatter scatter_ masked_fill "
    "masked_fill_ argmax argmin norm clamp clamp_ sigmoid tanh relu exp log sqrt pow abs new_zeros new_ones new_full "
    "new_empty new_tensor type_as numel nelement item tolist numpy dim t index_select cumsum prod std var topk unfold "
    "narrow half long float double bool requires_grad_ is_cuda nonzero eq ne lt gt le ge any all max min ndimension "
    "stride is_contiguous view_as bmm div mul add sub neg triu tril roll flip diagonal diag".split()
) - frozenset({"all", "any", "add", "max", "min", "bool", "float", "repeat", "sub", "numpy"})
# The same for attributes. A picture has a `size` and a configuration a `device`, but neither has these.
_ATTRIBUTES = frozenset({"shape", "ndim", "T", "is_cuda", "requires_grad", "mT"})
# Functions of torch whose first argument need not be a tensor.
_ANY = frozenset("tensor as_tensor is_tensor cat stack zeros ones arange rand randn full empty Size device save from_numpy "
    "is_floating_point meshgrid einsum broadcast_tensors block_diag cartesian_prod Tensor manual_seed hstack vstack "
    "dstack concat concatenate eye linspace randint randperm normal LongTensor FloatTensor".split())  # fmt: skip


def role(project: Project, parameter: n.Parameter, function: Function) -> Traced:
    """Return the value of a parameter that no call determines."""
    optional = isinstance(parameter.default, n.Constant) and parameter.default.kind == "none"
    if parameter.annotation is not None and not optional:
        known = _annotated(function.module.text(parameter.annotation).strip("'\""))
        if known is not UNKNOWN:
            return known
    if parameter.default is not None:
        if optional:
            return ASSUMED if parameter.name in tensors_by_use(function, project) else UNKNOWN
        return PYTHON
    if parameter.annotation is not None:
        return UNKNOWN
    return TENSOR if parameter.name in tensors_by_use(function, project) else ASSUMED


def returned(function: Function, given: Iterable[Traced]) -> Traced:
    """Return what a function gives by its annotation, where following it did not tell: tensors made of those it was given."""
    if function.node.returns is None:
        return UNKNOWN
    known = _annotated(function.module.text(function.node.returns).strip("'\""))
    if known is not TENSOR and known is not TENSORS:
        return UNKNOWN
    optional = _OPTIONAL.fullmatch(function.module.text(function.node.returns)) is not None
    tensors = [one for value in given for one in (value.items or (value,)) if one.kind is Kind.TENSOR]
    made = replace(arithmetic(*tensors), truth=None) if tensors else TENSOR
    if optional:
        return replace(made, sure=False)
    return made if known is TENSOR else many(made)


def _annotated(text: str) -> Traced:
    short = text.rpartition(".")[2]
    if short == "Tensor" or _OPTIONAL.fullmatch(text):
        return TENSOR
    if text in _PYTHON_TYPES:
        return PYTHON
    inner = text.partition("[")[2]
    if text.split("[")[0].lower().rpartition(".")[2] in _SEQUENCES and "Tensor" in inner:
        return TENSORS
    return UNKNOWN


_KNOWN: WeakKeyDictionary[Project, dict[Function, frozenset[str]]] = WeakKeyDictionary()


def tensors_by_use(function: Function, project: Project) -> frozenset[str]:
    """Return the names in a function that it uses as only a tensor can be used."""
    function.node.is_read = True
    known = _KNOWN.setdefault(project, {})
    if function not in known:
        body = list(walk_scope(function.node.body))
        known[function] = frozenset(_used_as_tensors(body, function, project)) - frozenset(_tested_types(body))
    return known[function]


def _tested_types(body: list[n.Node]) -> Iterator[str]:
    """Yield the names whose type a function asks for: they may be several things."""
    for node in body:
        if isinstance(node, n.Call) and isinstance(node.func, n.Name) and node.func.id in ("isinstance", "hasattr"):
            if node.args and isinstance(node.args[0], n.Name):
                yield node.args[0].id


def _used_as_tensors(body: list[n.Node], function: Function, project: Project) -> Iterator[str]:
    for node in body:
        if isinstance(node, n.Attribute) and isinstance(node.value, n.Name) and node.attr in _ATTRIBUTES:
            yield node.value.id
        elif isinstance(node, n.Call):
            func = node.func
            if isinstance(func, n.Attribute) and isinstance(func.value, n.Name) and func.attr in _METHODS:
                yield func.value.id
            elif node.args and isinstance(node.args[0], n.Name):
                symbol = project.resolve(func, function)
                if isinstance(symbol, External) and symbol.name.startswith("torch."):
                    head, _, last = symbol.name.rpartition(".")
                    if head in ("torch", "torch.nn.functional") and last not in _ANY:
                        yield node.args[0].id
