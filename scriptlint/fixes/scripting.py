"""What is left to Python: calls that TorchScript lacks under an `if`, whose other branch gives the same."""

from __future__ import annotations

from scriptlint.fixes.imports import Speller
from scriptlint.fixes.places import above, outermost
from scriptlint.program.module import Function
from scriptlint.syntax import nodes as n
from scriptlint.text import Edit, Fix, Safety

# What only spares memory or spreads work: the model that does without gives the same.
ONLY_OUTSIDE = frozenset({"checkpoint", "checkpoint_sequential", "data_parallel"})


def not_in_script(function: Function, call: n.Call) -> Fix | None:
    """`if self.with_cp:` becomes `if not torch.jit.is_scripting() and self.with_cp:`, where that is all that leads to a call."""
    module = function.module
    holders = above(function.node, call)
    for inner, one in zip([call, *holders], holders, strict=False):
        if isinstance(one, n.If) and inner in one.body and (one.orelse or isinstance(one.body[-1], n.Return)):
            break
        if isinstance(one, n.IfExp) and inner is one.body:
            break
    else:
        return None
    asked = Speller(module, outermost(module, function.node).start, frozenset(function.scope.bindings))
    is_scripting = asked("torch.jit.is_scripting")
    text = module.text(one.test)
    if is_scripting is None or "is_scripting" in text:
        return None
    test = f"({text})" if isinstance(one.test, (n.IfExp, n.Lambda, n.NamedExpr)) or _is_or(one.test) else text
    edit = Edit(one.test.start, one.test.end, f"not {is_scripting}() and {test}")
    title = f"ask `{is_scripting}()` first"
    return Fix(module.path, title, Safety.SAFE.value, (edit,), tuple(asked.imports))


def _is_or(node: n.Expr) -> bool:
    return isinstance(node, n.BoolOp) and node.op == "or"
