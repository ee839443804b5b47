"""What a trace erases where Python decides by a tensor or by a size: tests and loops (trace-hazards.md 1.1 and 1.2)."""

from __future__ import annotations

from scriptlint.diag import Rule, Severity, Target

TENSOR_BRANCH = Rule(
    code="SL801",
    name="tensor-dependent-branch",
    severity=Severity.WARNING,
    target=Target.TRACE,
    message="`{test}` decides by the content of a tensor, and a trace keeps only the branch that its example takes",
    help="use `torch.where`, or move the branch into a function under `@torch.jit.script_if_tracing`",
    compiler="Converting a tensor to a Python boolean",
)

SIZE_BRANCH = Rule(
    code="SL802",
    name="size-dependent-branch",
    severity=Severity.WARNING,
    target=Target.TRACE,
    message="`{test}` decides by the size of a tensor, and a trace keeps only the branch that its example takes",
    help="write code that fits every size (a slice or a pad by 0 does nothing), or use `@torch.jit.script_if_tracing`",
    compiler="Converting a tensor to a Python boolean",
)

TENSOR_WHILE = Rule(
    code="SL803",
    name="tensor-dependent-loop",
    severity=Severity.WARNING,
    target=Target.TRACE,
    message="`while {test}` runs as often as its example needs, and a trace keeps just those rounds",
    help="move the loop into a function under `@torch.jit.script_if_tracing`, or script the module that holds it",
    compiler="Converting a tensor to a Python boolean",
)

SIZE_LOOP = Rule(
    code="SL804",
    name="size-dependent-loop",
    severity=Severity.WARNING,
    target=Target.TRACE,
    message="the loop over `{iterated}` is unrolled to the length of the example, and torch does not warn",
    help="work on the whole tensor at once, or script the module that holds the loop",
)

TENSOR_ITERATION = Rule(
    code="SL805",
    name="tensor-iteration",
    severity=Severity.WARNING,
    target=Target.TRACE,
    message="iterating over the tensor `{iterated}` is unrolled to the length of the example",
    help="work on the whole tensor at once, or move the loop into a function under `@torch.jit.script_if_tracing`",
    compiler="Iterating over a tensor might cause the trace to be incorrect",
)
