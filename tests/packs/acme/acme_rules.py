"""What our accelerator cannot run, though TorchScript can."""

import ast
from collections.abc import Iterator

from scriptlint.pack import CompiledFunction, Pack, Problem, Rule, Severity, Target

SLOW_SORT = Rule(
    code="ACME001",
    name="slow-sort",
    severity=Severity.WARNING,
    target=Target.TOOL,
    message="`{name}` sorts a `{type}` on the host, which stops the accelerator",
    help="use `torch.topk` where the first few are enough",
)


def slow_sorts(function: CompiledFunction) -> Iterator[Problem]:
    for node in ast.walk(function.tree):
        if isinstance(node, ast.Call) and node.args:
            name, kind = function.name_of(node.func), function.type_of(node.args[0])
            if name in ("torch.sort", "torch.argsort") and kind == "Tensor":
                yield Problem(SLOW_SORT, node.func, {"name": name, "type": kind})


pack = Pack(
    rules=(SLOW_SORT,),
    checks=(slow_sorts,),
    pages={"ACME001": "# ACME001 slow-sort\n\nSorting waits for the host. `torch.topk` does not.\n"},
    operators=("acme::crop(Tensor x, int size) -> Tensor",),
    scripts=("acme.deploy.ship",),
)
