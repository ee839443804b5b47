"""What a trace erases where Python decides by a tensor or by a size, and where it turns one into a value of Python
(trace-hazards.md 1.1 and 1.2)."""

from __future__ import annotations

from scriptlint.diag import Fixable, Rule, Severity, Target


def hazard(
    code: str,
    name: str,
    message: str,
    help: str,  # noqa: A002 - as the rule calls it
    compiler: str | None = None,
    severity: Severity = Severity.WARNING,
    fixable: Fixable = Fixable.NEVER,
) -> Rule:
    """Return a rule about tracing."""
    return Rule(code, name, severity, Target.TRACE, message, help, compiler, fixable=fixable)


TENSOR_BRANCH = hazard(
    "SL801",
    "tensor-dependent-branch",
    "`{test}` decides by the content of a tensor, and a trace keeps only the branch that its example takes",
    "use `torch.where`, or move the branch into a function under `@torch.jit.script_if_tracing`",
    "Converting a tensor to a Python boolean",
    fixable=Fixable.SOMETIMES,
)

SIZE_BRANCH = hazard(
    "SL802",
    "size-dependent-branch",
    "`{test}` decides by the size of a tensor, and a trace keeps only the branch that its example takes",
    "write code that fits every size (a slice or a pad by 0 does nothing), or use `@torch.jit.script_if_tracing`",
    "Converting a tensor to a Python boolean",
    fixable=Fixable.SOMETIMES,
)

TENSOR_WHILE = hazard(
    "SL803",
    "tensor-dependent-loop",
    "`while {test}` runs as often as its example needs, and a trace keeps just those rounds",
    "move the loop into a function under `@torch.jit.script_if_tracing`, or script the module that holds it",
    "Converting a tensor to a Python boolean",
    fixable=Fixable.SOMETIMES,
)

SIZE_LOOP = hazard(
    "SL804",
    "size-dependent-loop",
    "the loop over `{iterated}` is unrolled to the length of the example, and torch does not warn",
    "work on the whole tensor at once, or script the module that holds the loop",
    fixable=Fixable.SOMETIMES,
)

TENSOR_ITERATION = hazard(
    "SL805",
    "tensor-iteration",
    "iterating over the tensor `{iterated}` is unrolled to the length of the example",
    "work on the whole tensor at once, or move the loop into a function under `@torch.jit.script_if_tracing`",
    "Iterating over a tensor might cause the trace to be incorrect",
)

TENSOR_CONVERSION = hazard(
    "SL806",
    "tensor-conversion",
    "`{text}` makes a Python value of a tensor's content, and the trace keeps the example's",
    "keep the tensor (torch's operators take one of no dimensions where they take a number)",
    "Converting a tensor to a Python",
)

SIZE_CONVERSION = hazard(
    "SL807",
    "size-conversion",
    "`{text}` makes a plain number of a size, and the trace keeps the example's; {torch}",
    "use the size as it is: `x.size(0)` for `len(x)`, `n // 2` for `int(n / 2)`, `n ** 0.5` for `math.sqrt(n)`, "
    "`x.numel()` for `x.shape.numel()`",
    "Using len to get tensor shape|Converting a tensor to a Python",
    fixable=Fixable.SOMETIMES,
)

SILENT_QUERY = hazard(
    "SL808",
    "tensor-query",
    "`{text}` answers with a Python bool, and the trace keeps the example's answer; torch does not warn",
    "compare with operators that give tensors, `(x == y).all()`, and choose with `torch.where`",
)

TENSOR_INDEX = hazard(
    "SL809",
    "tensor-as-index",
    "`{text}` makes a plain number of a tensor or size, which is the example's for ever; torch does not warn",
    "index, repeat or stack tensors instead of Python lists, or use `@torch.jit.script_if_tracing`",
)

NUMPY = hazard(
    "SL810",
    "numpy-conversion",
    "`{text}` leaves torch for NumPy, and the trace keeps what that gave for the example",
    "use the operator of torch that does the same",
    "Converting a tensor to a NumPy array|torch.from_numpy results are registered as constants",
)

TENSOR_TEXT = hazard(
    "SL811",
    "tensor-in-text",
    "`{text}` depends on the text of a tensor or size, which is the example's; torch does not warn",
    "compute with the tensor or size itself",
)

PICKED_SIZE = hazard(
    "SL812",
    "picked-operand",
    "`{text}` picks one of its operands, and the trace always takes the one that its example picks",
    "use `torch.minimum`, `torch.maximum` or `clamp`; a slice such as `x[:n]` clamps by itself",
    "Converting a tensor to a Python boolean",
)

RANK_BRANCH = hazard(
    "SL813",
    "rank-dependent-branch",
    "`{test}` decides by the number of dimensions, which the trace takes from its example; torch does not warn",
    "trace with as many dimensions as the deployed model is given",
)

RANK_NUMBER = hazard(
    "SL886",
    "rank-as-dimension",
    "`{text}` counts the dimensions of the example, so the trace keeps these numbers; torch does not warn",
    "count from the end, `-1` for the last dimension, or trace with as many dimensions as the deployed model is given",
)

MEMORY_QUERY = hazard(
    "SL814",
    "memory-layout-query",
    "`{text}` asks how a tensor lies in memory, and the trace keeps the example's answer; torch does not warn",
    "call `x.contiguous()` without asking, and compute strides from sizes",
)

LOST_CHECK = hazard(
    "SL815",
    "lost-check",
    "`{test}` is checked on the example alone, and the traced program accepts everything; {torch}",
    "check in a function under `@torch.jit.script_if_tracing` that returns a tensor, or before the model is called",
    "Converting a tensor to a Python boolean",
)

SWALLOWED = hazard(
    "SL816",
    "swallowed-exception",
    "the handler `{text}` is no part of a trace: what it catches is raised by the traced program",
    "test for the condition with operators of torch; an exception that is caught while tracing can crash the process",
)

FIXED_SPLIT = hazard(
    "SL817",
    "fixed-split",
    "`{text}` takes as many parts as the example has, and the traced program raises for any other number",
    "index or slice the tensor itself, split into sizes that are given, or script the loop",
)

TENSOR_UNPACKING = hazard(
    "SL818",
    "tensor-unpacking",
    "unpacking the tensor `{text}` makes torch warn, for no harm: the length is fixed here anyway",
    "index the tensor, or unpack `.unbind()`",
    "Iterating over a tensor might cause the trace to be incorrect",
    Severity.NOTE,
)

SIZE_TYPE = hazard(
    "SL819",
    "size-taken-for-int",
    "`{text}` takes a size for an `int`, but under trace it is a tensor, and this goes another way",
    "do not ask for the type of a size, and do not use it as a key",
)

REFUSED_SIZE = hazard(
    "SL820",
    "size-refused",
    "`{text}` raises under trace, where a size is a tensor",
    "use operators (`n // 3`, `n % 3`, `-(-n // 2)`), or give sizes in a tuple",
    severity=Severity.ERROR,
    fixable=Fixable.SOMETIMES,
)

FIXED_LENGTH = hazard(
    "SL821",
    "fixed-argument-length",
    "`{text}` has as many items as the example, and the traced program refuses any other number",
    "stack the tensors outside and take one tensor",
)
