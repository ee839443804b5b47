"""What the methods, attributes and functions of torch give while a trace is made (trace-hazards.md section 3)."""

from __future__ import annotations

from scriptlint.trace.values import (
    ASSUMED,
    BAKED,
    FALSE,
    HELD,
    PYTHON,
    SHAPE,
    SIZE,
    TENSOR,
    TENSORS,
    TRUE,
    UNKNOWN,
    Kind,
    Traced,
)

_SHAPES = frozenset({"shape"})
_TENSOR_ATTRIBUTES = frozenset({"T", "H", "mT", "mH", "data", "grad", "real", "imag"})
_METADATA = frozenset(
    "ndim dtype device layout requires_grad grad_fn names itemsize nbytes retains_grad name output_nr".split()
)
_PYTHON_METHODS = frozenset(
    "dim ndimension stride storage_offset element_size is_contiguous is_floating_point is_complex is_signed get_device "
    "data_ptr type is_pinned is_inference is_conj is_neg is_shared is_same_size is_set_to has_names __hash__".split()
)
_CONTENT_METHODS = frozenset("item tolist numpy equal allclose is_nonzero __bool__ __int__ __float__".split())
_TUPLE_METHODS = frozenset(
    "split chunk unbind topk sort kthvalue mode tensor_split hsplit vsplit dsplit split_with_sizes qr svd "
    "slogdet triangular_solve lu_with_info geqrf symeig eig frexp cummax cummin aminmax std_mean var_mean "
    "broadcast_tensors meshgrid unique_consecutive linalg.eigh linalg.svd linalg.qr".split()
)
_TUPLE_WITH_DIM = frozenset({"max", "min", "median", "nanmedian"})

# Methods that only tensors have: a parameter on which one is called is a tensor.
EVIDENCE = frozenset(
    "size view reshape permute transpose unsqueeze squeeze contiguous flatten expand repeat_interleave sum mean "
    "softmax detach clone unbind chunk cuda cpu matmul bmm mm gather scatter scatter_ masked_fill masked_fill_ argmax "
    "argmin norm clamp sigmoid tanh relu exp log sqrt pow abs new_zeros new_ones new_full new_empty type_as numel item "
    "tolist numpy dim t index_select cumsum prod std var topk unfold narrow half long".split()
)
# The same for attributes. A picture has a `size` and a configuration a `device`, but neither has these.
EVIDENT_ATTRIBUTES = frozenset({"shape", "ndim", "T"})

_PYTHON_FUNCTIONS = frozenset(
    "is_tensor is_floating_point is_complex is_storage get_default_dtype device finfo iinfo Size promote_types "
    "result_type can_cast is_grad_enabled is_inference_mode_enabled typename numel manual_seed no_grad enable_grad "
    "inference_mode autocast set_grad_enabled Generator dtype".split()
)
_CONTENT_FUNCTIONS = frozenset({"equal", "allclose", "is_nonzero"})
_GUARDS = {
    "torch.jit.is_tracing": TRUE,
    "torch.jit.is_scripting": FALSE,
    "torch._C._get_tracing_state": TRUE,
    "torch.onnx.is_in_onnx_export": FALSE,
    "torch.compiler.is_compiling": FALSE,
    "torch.compiler.is_dynamo_compiling": FALSE,
    "torch.compiler.is_exporting": FALSE,
    "torch._dynamo.is_compiling": FALSE,
}
_TENSOR_SPACES = (
    "torch.nn.functional.",
    "torch.linalg.",
    "torch.fft.",
    "torch.special.",
    "torch.functional.",
)


def attribute(name: str, of: Traced = TENSOR) -> Traced:
    """`x.name` of a tensor."""
    if name in _SHAPES:
        return PYTHON if of.kind is Kind.HELD else SHAPE
    if name in _METADATA or name.startswith("is_"):
        return PYTHON
    if name not in _TENSOR_ATTRIBUTES:
        return UNKNOWN  # of a subclass of Tensor
    return HELD if of.kind is Kind.HELD else TENSOR


def method(name: str, arguments: list[Traced], has_dim: bool, of: Traced = TENSOR) -> Traced:
    """`x.name(...)` of a tensor; `has_dim` says that the call names or gives a dimension."""
    if of.kind is Kind.HELD:
        if name in ("size", "numel", "nelement"):
            return PYTHON
        if name not in _PYTHON_METHODS | _CONTENT_METHODS | _TUPLE_METHODS | _TUPLE_WITH_DIM:
            return binary(of, *arguments)
    if name == "size":
        return SIZE if arguments or has_dim else SHAPE
    if name in ("numel", "nelement"):
        return SIZE
    if name in _PYTHON_METHODS:
        return PYTHON
    if name in _CONTENT_METHODS:
        return BAKED
    if name in _TUPLE_METHODS or (name in _TUPLE_WITH_DIM and has_dim):
        return TENSORS
    return TENSOR


def function(name: str, arguments: list[Traced], has_dim: bool) -> Traced:
    """A call of something of torch by its dotted name."""
    if name in _GUARDS:
        return _GUARDS[name]
    short = name.rpartition(".")[2]
    space = name[: len(name) - len(short)]
    if space == "torch.":
        if short in _PYTHON_FUNCTIONS:
            return PYTHON
        if short in _CONTENT_FUNCTIONS:
            return BAKED
        if short in _TUPLE_METHODS or (short in _TUPLE_WITH_DIM and has_dim and arguments[1:2] != [TENSOR]):
            return TENSORS
    elif space not in _TENSOR_SPACES:
        return UNKNOWN
    kinds = {one.kind for one in arguments}
    if Kind.TENSOR in kinds or Kind.ASSUMED in kinds or Kind.TENSORS in kinds:
        return TENSOR
    if Kind.HELD in kinds:
        return HELD if kinds <= {Kind.HELD, Kind.PYTHON} else TENSOR
    return UNKNOWN if Kind.UNKNOWN in kinds or space != "torch." else PYTHON


def binary(*operands: Traced) -> Traced:
    """Arithmetic under trace."""
    kinds = {one.kind for one in operands}
    for kind, result in ((Kind.TENSOR, TENSOR), (Kind.UNKNOWN, UNKNOWN), (Kind.ASSUMED, ASSUMED)):
        if kind in kinds:
            return result
    if Kind.HELD in kinds:
        return HELD if kinds <= {Kind.HELD, Kind.PYTHON} else TENSOR
    if Kind.TENSORS in kinds:
        return TENSORS
    if Kind.SHAPE in kinds:
        return SHAPE
    for kind in (Kind.SIZE, Kind.BAKED, Kind.BAKED_SIZE):
        if kind in kinds:
            return Traced(kind)
    return PYTHON if kinds == {Kind.PYTHON} else UNKNOWN
