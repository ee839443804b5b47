"""What a trace keeps as a constant: tensors without a link to the inputs, arguments, state, modes, devices, randomness
(trace-hazards.md 1.3, 1.4, 1.6 to 1.9)."""

from __future__ import annotations

from scriptlint.diag import Fixable, Severity
from scriptlint.trace.hazards import hazard

DATA = hazard(
    "SL830",
    "data-attribute",
    "`{text}` cuts the tensor out of the trace, which keeps the example's values; torch does not warn",
    "use `.detach()`",
    fixable=Fixable.SOMETIMES,
)

UNTRACKED_WRITE = hazard(
    "SL831",
    "untracked-write",
    "`{text}` writes where the trace does not look, so the traced program does not do it",
    "write with an operator on the tensor itself, such as `x.copy_(...)`, under `torch.no_grad()` if need be",
)

TENSOR_LITERAL = hazard(
    "SL832",
    "constant-of-traced",
    "`{text}` makes a new tensor of values that depend on the input, and the trace keeps the example's",
    "use `torch.stack`, `torch.full` or arithmetic",
    "results are registered as constants|Converting a tensor to a Python",
)

HARMLESS_CONSTANT = hazard(
    "SL833",
    "constant-warning",
    "`{text}` triggers a constant warning that is harmless {where}",
    "register it as a buffer, which also follows the model to another device, or leave it",
    "results are registered as constants",
    Severity.NOTE,
)

RECORDED_COPY = hazard(
    "SL887",
    "recorded-copy",
    "`{text}` triggers a constant warning that does not apply: the trace records it and follows the input",
    "use the tensor or size itself; `.clone().detach()` copies a tensor without a warning",
    "results are registered as constants",
    Severity.NOTE,
)

HARMLESS_WARNING = hazard(
    "SL888",
    "input-independent-value",
    "`{text}` triggers a warning that is harmless here: its value is the same for every input",
    "compute it in `__init__`, or leave it",
    "Converting a tensor to a Python|Iterating over a tensor|Using len",
    Severity.NOTE,
)

LEGACY_CONSTRUCTOR = hazard(
    "SL834",
    "legacy-constructor",
    "`{text}` makes a tensor whose size is the example's for ever",
    "use `x.new_zeros(...)`, `x.new_empty(...)` or `torch.empty(...)`, whose sizes the trace follows",
    fixable=Fixable.SOMETIMES,
)

FROZEN_ARGUMENT = hazard(
    "SL835",
    "frozen-argument",
    "`{text}` is given to `{argument}` as a plain number, which is the example's; {torch}",
    "pass sizes in a tuple, or pad, slice and scale with operators whose sizes the trace follows",
    fixable=Fixable.SOMETIMES,
)

UNREGISTERED = hazard(
    "SL836",
    "unregistered-tensor",
    "`{text}` is no parameter and no buffer: the trace keeps it as a constant without a name",
    "register it, `self.register_buffer(name, value, persistent=False)`",
    fixable=Fixable.SOMETIMES,
)

UNREGISTERED_MODULE = hazard(
    "SL837",
    "unregistered-module",
    "`{text}` is no submodule of what is traced, so its parameters cannot become part of the trace",
    "hold modules in `nn.ModuleList` or `nn.ModuleDict`, parameters in `nn.ParameterList`",
    "Cannot insert a Tensor that requires grad as a constant|not part of the active trace",
    Severity.ERROR,
)

MISSING_ATTRIBUTE = hazard(
    "SL892",
    "attribute-not-found",
    "`{text}`: `{name}` has no `{attribute}`, so Python raises while the trace is made",
    "assign it in `__init__`",
    "has no attribute",
    Severity.ERROR,
)

SHARED_PARAMETER = hazard(
    "SL838",
    "shared-parameter",
    "`{first}` and `{second}` are one parameter under two names of the same module, which tracing refuses",
    "keep one name",
    "TracedModules don't support parameter sharing",
    Severity.ERROR,
)

MADE_IN_TRACE = hazard(
    "SL883",
    "module-made-in-trace",
    "`{text}` makes parameters while the trace is made: they are none of its own, and get no gradients",
    "make it in `__init__`, as a submodule or parameter",
)

LOST_STATE = hazard(
    "SL839",
    "lost-state",
    "`{text}` changes the object while it is traced, and the traced program does not do it again",
    "register a buffer and write into it with `self.state.copy_(...)`, or take the state as an input and return it",
)

GLOBAL_STATE = hazard(
    "SL840",
    "global-state",
    "`{text}` changes what outlives the model while it is traced, and the traced program does not do it again",
    "take the value as an input, or register a buffer and write into it",
)

FILLED = hazard(
    "SL884",
    "filled-by-trace",
    "`{text}` is filled by the first trace and found by the second, so the check of the trace fails",
    "fill it in `__init__`, or compute it in every call; `check_trace=False` leaves the check out",
    "Graphs differed across invocations",
    Severity.ERROR,
)

PYTHON_RANDOM = hazard(
    "SL841",
    "python-random",
    "`{text}` is drawn once, on the example; torch does not warn",
    "draw with torch: `torch.rand(())`, `torch.randint(...)`",
)

SEED = hazard(
    "SL842",
    "generator-in-trace",
    "`{text}` is not repeated by the traced program: its generator only starts from the seed, if at all",
    "seed outside of the model",
)

SURROUNDINGS = hazard(
    "SL843",
    "surroundings-in-trace",
    "`{text}` asks the time or the environment, and the trace keeps the answer; torch does not warn",
    "take the value as an input",
)

TRAINING_BRANCH = hazard(
    "SL844",
    "training-branch",
    "`{test}` asks for the training mode, and the trace keeps the mode of its example; torch does not warn",
    "trace in the mode that is deployed; a scripted submodule keeps the branch and follows `.train()` and `.eval()`",
)

DTYPE = hazard(
    "SL845",
    "frozen-dtype",
    "`{text}` is the example's dtype in every run of the trace",
    "use `y.type_as(x)`, `x.new_zeros(...)` or `torch.zeros_like(x)`, which follow the input",
    severity=Severity.NOTE,
)

DEVICE = hazard(
    "SL846",
    "frozen-device",
    "`{text}` is written into the trace as it is for the example",
    "use `y.type_as(x)`, `x.new_zeros(...)` or `torch.zeros_like(x)`, or a buffer, which follow the input or the model",
    severity=Severity.NOTE,
)

GRAD_STATE = hazard(
    "SL847",
    "autograd-state",
    "`{test}` asks autograd, and the trace keeps the example's answer",
    "compute the same whether gradients are needed or not",
    severity=Severity.NOTE,
)

NO_GRAD = hazard(
    "SL848",
    "lost-no-grad",
    "`{text}` is computed without gradients in eager mode, but a trace records no such block: gradients flow",
    "add `.detach()` to the result",
)

KEY_TEST = hazard(
    "SL849",
    "key-test",
    "`{test}` asks which keys the example has, and the trace keeps the answer; torch does not warn",
    "trace once for each set of keys, or script the function",
)

PYTHON_CALLBACK = hazard(
    "SL850",
    "python-callback",
    "`{text}` runs Python on every element, of which the trace sees nothing",
    "use operators of torch",
)

RESIZED = hazard(
    "SL851",
    "resized-tensor",
    "`{text}` cannot be recorded, so the traced program goes on with the old tensor",
    "slice it, or make a new tensor",
    "can't be represented in the JIT",
)
