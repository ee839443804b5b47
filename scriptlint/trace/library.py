"""What the attributes, methods and functions of torch give while a trace is made.

What is not said here by name is told from the schemas of the operator (schemas.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from scriptlint.evaluate.values import Const, PythonObject
from scriptlint.fixes import tracing
from scriptlint.syntax import nodes as n
from scriptlint.text import Safety
from scriptlint.trace import constants, frozen, hazards
from scriptlint.trace.frames import Frame
from scriptlint.trace.schemas import FACTORIES, Arguments, judge_arguments, literals, result_of, still
from scriptlint.trace.values import (
    FIXED_SHAPE,
    FIXED_SIZE,
    FRESH,
    LITERAL,
    PYTHON,
    SHAPE,
    SIZE,
    TRUE,
    UNKNOWN,
    Kind,
    Length,
    Traced,
    Why,
    arithmetic,
    baked,
    many,
    sequence,
)

if TYPE_CHECKING:
    from scriptlint.trace.flow import Flow

_RANK = frozenset("ndim dim ndimension".split())
_DTYPE = frozenset("dtype is_floating_point is_complex is_signed type".split())
_DEVICE = frozenset(
    "device is_cuda is_cpu is_meta is_mps is_xpu is_xla is_vulkan is_ipu is_maia is_mtia layout is_sparse is_sparse_csr "
    "is_quantized is_mkldnn is_nested get_device is_pinned is_shared".split()
)
_GRAD = frozenset("requires_grad is_leaf grad grad_fn retains_grad output_nr _version is_inference".split())
_MEMORY = frozenset(
    "is_contiguous stride storage_offset element_size itemsize nbytes data_ptr untyped_storage storage is_set_to is_conj "
    "is_neg".split()
)
_QUERIES = frozenset("equal allclose is_nonzero".split())
_CONVERSIONS = frozenset("item tolist __int__ __float__ __bool__ __index__".split())
_SILENT_CONVERSIONS = frozenset({"__index__"})
_CALLBACKS = frozenset("apply_ map_ map2_".split())
_RESIZES = frozenset("resize_ resize_as_".split())
_NUMPY = frozenset("numpy __array__ __dlpack__".split())
# Methods that ask of `x.data` only what `x` says as well.
DESCRIBING = frozenset("new new_zeros new_ones new_empty new_full new_tensor dim type is_contiguous".split())
_SAME = frozenset({"T", "H", "mT", "mH", "real", "imag"})
# They give as many parts as a size says, except where their sizes are listed.
_SPLITS = frozenset({"unbind", "split", "split_with_sizes", "tensor_split", "chunk", "unsafe_split", "unsafe_chunk"})
_SPACES = ("torch.nn.functional.", "torch.linalg.", "torch.fft.", "torch.special.", "torch.functional.", "torch.")
# What they give is made of whole numbers or truths, through which no gradient flows.
_WHOLE = frozenset(
    "argmax argmin argsort nonzero one_hot bincount sign round floor ceil long int bool eq ne lt gt le ge".split()
)
_RANDOM = frozenset("rand randn randint randperm normal bernoulli multinomial rand_like randn_like".split())
_COPIES = frozenset("tensor as_tensor Tensor asarray".split())
_TYPED = frozenset(f"{kind}Tensor" for kind in "Float Double Half BFloat16 Long Int Short Char Byte Bool".split())
_PYTHON_NAMES = frozenset(
    "is_tensor is_storage get_default_dtype device finfo iinfo promote_types result_type can_cast typename no_grad "
    "enable_grad inference_mode autocast set_grad_enabled dtype set_num_threads get_num_threads".split()
)
# An object of torch.distributions, whose methods give tensors.
DISTRIBUTION = Traced(Kind.OBJECT, PythonObject("torch.distributions.Distribution"), True)
_OF_DISTRIBUTION = frozenset(
    "log_prob sample rsample sample_n entropy perplexity cdf icdf mean mode variance stddev probs logits loc scale "
    "concentration rate covariance_matrix".split()
)
GUARDS = {
    "torch.jit.is_tracing": True,
    "torch._C._get_tracing_state": True,
    "torch.jit.is_scripting": False,
    "torch.onnx.is_in_onnx_export": False,
    "torch.compiler.is_compiling": False,
    "torch.compiler.is_dynamo_compiling": False,
    "torch.compiler.is_exporting": False,
    "torch._dynamo.is_compiling": False,
    "torch.are_deterministic_algorithms_enabled": False,
    "torch.overrides.has_torch_function": False,
    "torch.overrides.has_torch_function_unary": False,
    "torch.overrides.has_torch_function_variadic": False,
}


def attribute(flow: Flow, owner: Traced, name: str, frame: Frame, node: n.Attribute) -> Traced:
    """`x.name` of a tensor."""
    if name == "shape":
        return FIXED_SHAPE if owner.fixed else replace(SHAPE, item=replace(SIZE, sure=True))
    if name in _RANK:
        return baked(Why.RANK, said=owner.fixed)
    if name in _DTYPE:
        return baked(Why.DTYPE, said=owner.fixed)
    if name in _DEVICE or (name.startswith("is_") and not flow.library.tensor_has(name)):
        return baked(Why.DEVICE, said=owner.fixed and not owner.weights)
    if name in _GRAD:
        return replace(owner, sure=False) if name == "grad" else baked(Why.GRAD)
    if name in _MEMORY:
        return baked(Why.MEMORY, said=owner.fixed)
    if name == "data":
        return _data(flow, owner, frame, node)
    return replace(owner, truth=None) if name in _SAME else UNKNOWN


def _data(flow: Flow, owner: Traced, frame: Frame, node: n.Attribute) -> Traced:
    if (
        (owner.sure and not owner.constant and not owner.fixed)
        or owner.weights
        or (owner.sure and owner.fixed and not owner.constant)
    ):
        safety = Safety.SAFE if frame.root or owner.weights else Safety.UNSAFE
        fix = tracing.detached(frame.function, node, safety)
        flow.say(frozen.DATA, frame, node, fix=fix, text=frame.text(node))
    return LITERAL


def of_distribution(name: str) -> Traced:
    """Return what a method or attribute of an object of torch.distributions gives."""
    return Traced(Kind.TENSOR) if name in _OF_DISTRIBUTION else UNKNOWN


# Methods


def method(flow: Flow, owner: Traced, name: str, given: Arguments, node: n.Call, frame: Frame) -> Traced:
    """`x.name(...)` of a tensor."""
    text = frame.text(node)
    if name == "size":
        shape = FIXED_SHAPE if owner.fixed else SHAPE
        if given.positional or given.keywords:
            for value, at in (*given.positional, *given.keywords.values()):
                if value.kind is Kind.BAKED and value.why is Why.RANK and not value.said:
                    flow.say(hazards.RANK_NUMBER, frame, at, text=frame.text(at))
            return FIXED_SIZE if owner.fixed else SIZE
        return shape
    if name in ("numel", "nelement", "__len__"):
        if name == "__len__" and owner.sure:
            flow.say(hazards.SIZE_CONVERSION, frame, node, text=text, torch="torch warns of it")
        return FIXED_SIZE if owner.fixed else SIZE
    if (
        name in _RANK
        or name in _GRAD
        or name in _MEMORY
        or name in _DEVICE
        or (name in _DTYPE and not given.positional)
    ):
        return attribute(flow, owner, name, frame, n.Attribute(node.start, node.end, node, name))
    if name == "is_same_size":
        return baked(Why.SIZE)
    if name in _QUERIES:
        return _query(flow, [owner, *given.values], frame, node)
    if name in _CONVERSIONS:
        if owner.sure:
            convert(flow, owner, frame, node)
        return baked(Why.CONTENT, True)
    if name in _NUMPY:
        if owner.sure:
            flow.say(hazards.NUMPY, frame, node, text=text)
        return baked(Why.CONTENT, True)
    if not owner.sure and not flow.library.tensor_has(name):
        return UNKNOWN
    if name in _CALLBACKS:
        flow.say(frozen.PYTHON_CALLBACK, frame, node, text=text)
        return owner
    if name in _RESIZES:
        flow.say(frozen.RESIZED, frame, node, text=text)
        return owner
    if name == "new":
        return constants.legacy(flow, given, node, frame)
    if name == "new_tensor":
        return constants.copied(flow, "new_tensor", given, node, frame, False)
    if name in ("to", "cuda", "type", "cpu"):
        _moved(flow, name, given, node, frame)
        return replace(owner, truth=None)
    if name == "type_as":
        return arithmetic(owner, *given.values)
    if name in ("requires_grad_", "retain_grad", "register_hook", "backward"):
        return owner if name == "requires_grad_" else UNKNOWN
    if name in ("new_zeros", "new_ones", "new_full", "new_empty"):
        return FRESH if still(given.values) else replace(FRESH, fixed=False)
    if name in _SPLITS:
        return _split(flow, name, owner, given, node, frame, 0)
    if name in ("detach", "detach_"):
        return replace(owner, weights=False, truth=None)
    schemas = flow.library.schemas(f"aten::{name}")
    judge_arguments(flow, schemas, name, given, 1, node, frame, operator=True)
    made = result_of(schemas, owner, given, 1)
    return replace(made, weights=False) if name in _WHOLE and made.kind is Kind.TENSOR else made


def convert(flow: Flow, value: Traced, frame: Frame, node: n.Expr, silent: bool = False) -> None:
    """Report the making of a Python value of a tensor or size."""
    text = frame.text(node)
    if value.kind is Kind.SIZE:
        if value.fixed:
            flow.say(frozen.HARMLESS_WARNING, frame, node, text=text)
        elif value.sure:
            warns = "torch does not warn" if silent else "torch warns of it"
            fix = tracing.whole_number(frame.function, node) if isinstance(node, n.Call) else None
            flow.say(hazards.SIZE_CONVERSION, frame, node, fix=fix, text=text, torch=warns)
    elif value.is_tensor:
        if value.constant:
            flow.say(frozen.HARMLESS_WARNING, frame, node, text=text)
        else:
            flow.say(hazards.TENSOR_CONVERSION, frame, node, text=text)


def _query(flow: Flow, values: Sequence[Traced], frame: Frame, node: n.Expr) -> Traced:
    if any(one.is_linked for one in values):
        flow.say(hazards.SILENT_QUERY, frame, node, text=frame.text(node))
        return baked(Why.CONTENT, True)
    return UNKNOWN


def _split(flow: Flow, name: str, owner: Traced, given: Arguments, node: n.Call, frame: Frame, skip: int) -> Traced:
    """Parts of a tensor; `skip` is the place of the first argument after the tensor."""
    part = replace(owner, truth=None)
    key = {"chunk": "chunks", "unsafe_chunk": "chunks", "tensor_split": "indices_or_sections"}.get(name, "split_size")
    first = given.get(skip, key) or given.keywords.get("split_size_or_sections")
    if name == "unbind":
        return many(part, Length.PYTHON if owner.fixed else Length.SPLIT)
    if first is None:
        return many(part)
    value, at = first
    if value.kind is Kind.SEQUENCE:
        if value.items is not None:
            return sequence([part] * len(value.items))
        return many(part)
    if value.kind in (Kind.SIZE, Kind.TENSOR) and value.is_linked and not value.fixed:
        if name in ("split", "unsafe_split"):
            flow.say(
                frozen.FROZEN_ARGUMENT,
                frame,
                at,
                text=frame.text(at),
                argument="split_size",
                torch="torch does not warn",
            )
            return many(part)
        if name == "tensor_split" and value.kind is Kind.TENSOR:
            return many(part)
        return many(part, Length.SPLIT)
    if owner.fixed:
        return many(part)
    if name in ("chunk", "unsafe_chunk") and _of_batch(value, given, skip):
        return many(part, Length.SPLIT)
    return many(part, Length.PARTS if name in ("split", "unsafe_split") else Length.PYTHON)


def _of_batch(count: Traced, given: Arguments, skip: int) -> bool:
    """Return True for chunks of the first dimension that may be fewer than is asked for: all batches of two or more give two."""
    dimension = given.get(skip + 1, "dim")
    many_chunks = isinstance(count.value, Const) and isinstance(count.value.value, int) and count.value.value > 2
    return many_chunks and (dimension is None or dimension[0].value == Const(0))


def _moved(flow: Flow, name: str, given: Arguments, node: n.Call, frame: Frame) -> None:
    """`.to(...)` and its like: a dtype or device is written into the trace."""
    text = frame.text(node)
    if name in ("cuda", "cpu"):
        flow.say(frozen.DEVICE, frame, node, text=text)
    for value, at in (*given.positional, *given.keywords.values()):
        if value.kind is Kind.TENSOR and value.sure:
            flow.say(frozen.DTYPE, frame, node, text=text)
        elif isinstance(at, n.Constant) and at.kind == "str":
            flow.say(frozen.DEVICE, frame, node, text=text)
    literals(flow, given, frame)


# Functions


def function(flow: Flow, name: str, given: Arguments, node: n.Call, frame: Frame) -> Traced:
    """Return the value of a call of something of torch by its dotted name."""
    if name in GUARDS:
        truth = GUARDS[name] or (flow.exporting and name == "torch.onnx.is_in_onnx_export")
        return Traced(Kind.PYTHON, truth=truth, why=Why.TRACING if truth else None)
    space = next((one for one in _SPACES if name.startswith(one)), "")
    short = name.removeprefix(space)
    if "." in short or name == "torch.Size":
        return _elsewhere(flow, name, given, node, frame)
    text = frame.text(node)
    if space == "torch.":
        if short in _COPIES:
            if short == "asarray" and given.positional and given.positional[0][0].kind is Kind.TENSOR:
                return given.positional[0][0]
            if short == "Tensor":
                return constants.of_class(flow, given, node, frame)
            return constants.copied(flow, short, given, node, frame, short != "asarray")
        if short in _TYPED:
            return constants.legacy(flow, given, node, frame)
        if short in ("from_numpy", "frombuffer", "from_dlpack"):
            if any(one.kind is Kind.BAKED for one in given.values) or short == "from_numpy":
                constants.say_constant(flow, given.values, node, frame)
            return LITERAL
        if short.startswith("sparse_") and short.endswith("_tensor"):
            if any(constants.depends(one) for one in given.values):
                flow.say(frozen.TENSOR_LITERAL, frame, node, text=text)
            else:
                constants.say_constant(flow, given.values, node, frame)
            return LITERAL
        if short in _QUERIES:
            return _query(flow, given.values, frame, node)
        if short == "numel":
            return _size_query(flow, given, node, frame)
        if short in ("is_floating_point", "is_complex", "is_signed"):
            return baked(Why.DTYPE)
        if short in ("is_grad_enabled", "is_inference_mode_enabled", "is_autocast_enabled"):
            return baked(Why.GRAD)
        if short in ("get_default_dtype", "finfo", "iinfo", "result_type", "promote_types"):
            literals(flow, given, frame)
            if short == "get_default_dtype":
                return baked(Why.DTYPE)
            return baked(Why.DTYPE, True) if given.values and given.values[0].kind is Kind.BAKED else PYTHON
        if short == "is_tensor":
            one = given.values[0] if given.values else UNKNOWN
            if one.mixed:
                return UNKNOWN
            if one.kind is Kind.SIZE:
                return Traced(Kind.PYTHON, truth=True, why=Why.TRACING)
            return TRUE if one.is_tensor else UNKNOWN
        if short == "manual_seed" or short == "Generator":
            if short == "manual_seed":
                flow.say(frozen.SEED, frame, node, text=text)
            return PYTHON
        if short == "_check" and any(one.is_linked for one in given.values[:1]):
            flow.say(hazards.REFUSED_SIZE, frame, node, flow.refusal, text=text)
            return PYTHON
        if short in ("_assert", "_assert_async"):
            return _assertion(flow, given, node, frame)
        if short == "broadcast_shapes":
            return SHAPE if any(constants.depends(one) or one.is_shape for one in given.values) else FIXED_SHAPE
        if short in ("meshgrid", "broadcast_tensors"):
            return _as_many(given)
        if short == "_shape_as_tensor":
            return arithmetic(*given.values)
        if short in _PYTHON_NAMES:
            literals(flow, given, frame)
            return PYTHON
    if "generator" in given.keywords:
        flow.say(frozen.SEED, frame, node, text=text)
    literals(flow, given, frame)
    if short in _SPLITS and given.positional:
        return _split(flow, short, given.positional[0][0], given, node, frame, 1)
    if space == "torch." and (short in FACTORIES or short.endswith("_like")):
        unmoved = still(
            [value for key, (value, _) in given.keywords.items() if key == "size"] + [v for v, _ in given.positional]
        )
        drawn = short in _RANDOM or any(one.kind is Kind.TENSOR for one in given.values)
        judge_arguments(flow, flow.library.schemas(f"aten::{short}"), short, given, 0, node, frame, operator=False)
        return Traced(Kind.TENSOR, fixed=unmoved, constant=unmoved and not drawn)
    operator = flow.library.builtin(name)
    known = flow.library.function(name)
    schemas = flow.library.schemas(operator) if operator is not None else known.signatures if known is not None else ()
    if known is not None and known.dispatch is not None:
        operator = f"aten::{short}"
        schemas = flow.library.schemas(operator)
    judge_arguments(flow, schemas, short, given, 0, node, frame, operator=operator is not None)
    made = result_of(schemas, None, given, 0) if schemas else _by_arguments(given)
    return replace(made, weights=False) if short in _WHOLE and made.kind is Kind.TENSOR else made


def _size_query(flow: Flow, given: Arguments, node: n.Call, frame: Frame) -> Traced:
    """`torch.numel(x)` and `x.shape.numel()`: plain numbers, unlike `x.numel()`."""
    value = given.values[0] if given.values else UNKNOWN
    if value.kind is Kind.TENSOR and value.sure and not value.fixed:
        fix = tracing.counted(frame.function, node)
        flow.say(hazards.SIZE_CONVERSION, frame, node, fix=fix, text=frame.text(node), torch="torch does not warn")
        return baked(Why.SIZE, True)
    return PYTHON


def _assertion(flow: Flow, given: Arguments, node: n.Call, frame: Frame) -> Traced:
    if given.positional:
        value, _ = given.positional[0]
        if (value.is_linked and not value.fixed) or (value.kind is Kind.BAKED and value.why is Why.SIZE):
            text = frame.text(given.positional[0][1])
            flow.say(hazards.LOST_CHECK, frame, node, test=text, torch="torch does not warn")
    return PYTHON


def _elsewhere(flow: Flow, name: str, given: Arguments, node: n.Call, frame: Frame) -> Traced:
    """Functions outside of the spaces whose operators are known."""
    if name.startswith("torch.distributions."):
        return DISTRIBUTION if name.rpartition(".")[2][0].isupper() else Traced(Kind.TENSOR)
    if name == "torch.Size":
        return given.values[0] if given.values else SHAPE
    if name.startswith("torch.nn.init."):
        return given.values[0] if given.values else UNKNOWN
    if name in ("torch.random.manual_seed", "torch.cuda.manual_seed", "torch.cuda.manual_seed_all"):
        flow.say(frozen.SEED, frame, node, text=frame.text(node))
        return PYTHON
    if name.startswith("torch.utils.dlpack."):
        if any(one.kind in (Kind.TENSOR, Kind.BAKED) for one in given.values):
            flow.say(hazards.NUMPY, frame, node, text=frame.text(node))
        return LITERAL
    if name in ("torch.nn.utils.rnn.pad_sequence", "torch.nn.utils.rnn.pack_sequence"):
        return Traced(Kind.TENSOR)
    if name == "torch.nn.utils.rnn.pad_packed_sequence":
        return sequence([Traced(Kind.TENSOR), Traced(Kind.TENSOR)])
    if name in ("torch.nn.Parameter", "torch.nn.parameter.Parameter") and given.values:
        if "requires_grad" not in given.keywords:
            flow.say(frozen.MADE_IN_TRACE, frame, node, text=frame.text(node))
        return replace(given.values[0], weights=False) if given.values[0].kind is Kind.TENSOR else FRESH
    if name in ("torch.cuda.is_available", "torch.backends.mps.is_available", "torch.cuda.device_count"):
        return PYTHON
    if name == "torch.autograd.Variable" and given.values:
        return given.values[0]
    return many(_by_arguments(given)) if name == "torch.autograd.grad" else UNKNOWN


def _as_many(given: Arguments) -> Traced:
    """Return what a function gives that returns as many tensors as it is given, in a list or by themselves."""
    made = _by_arguments(given)
    first = given.values[0] if len(given.positional) == 1 else UNKNOWN
    parts = first.items if first.kind is Kind.SEQUENCE else tuple(given.values)
    return many(made) if parts is None or not given.exact else sequence([made] * len(parts))


def _by_arguments(given: Arguments) -> Traced:
    values = [part for one in given.values for part in (one.items or ((one.item,) if one.item else (one,)))]
    tensors = [one for one in values if one.kind is Kind.TENSOR]
    if not tensors:
        return UNKNOWN
    return arithmetic(*tensors, *(one for one in values if one.kind is Kind.UNKNOWN))
