"""Tensors and sizes that stay linked to a trace: what `x.data` and `len(x)` are to be replaced by."""

from __future__ import annotations

from scriptlint.fixes.arguments import TAKES_SIZES
from scriptlint.fixes.places import above
from scriptlint.program.module import Function
from scriptlint.syntax import nodes as n
from scriptlint.text import Edit, Fix, Safety

_SIZED = frozenset(name.removeprefix("aten::") for name in TAKES_SIZES)


def detached(function: Function | None, read: n.Attribute, safety: Safety) -> Fix | None:
    """`x.data * 2` becomes `x.detach() * 2`; what may be written to is left, as autograd tells the two apart then."""
    if function is None:
        return None
    module = function.module
    path = above(function.node, read)
    if not path or not isinstance(path[0], (n.BinOp, n.UnaryOp, n.Compare)):
        return None
    if module.source.text[read.value.end : read.end] != ".data":
        return None
    edit = Edit(read.value.end, read.end, ".detach()")
    return Fix(module.path, f"write `{module.text(read.value)}.detach()`", safety.value, (edit,))


def linked_length(function: Function | None, call: n.Call, safety: Safety) -> Fix | None:
    """`x.view(len(x), -1)` becomes `x.view(x.shape[0], -1)`; elsewhere than in sizes the link may be lost in silence."""
    size = call.args[0] if len(call.args) == 1 and not call.keywords else None
    if not isinstance(size, (n.Name, n.Attribute, n.Subscript, n.Call)):
        return None
    if function is None:
        return None
    module = function.module
    holders = (one for one in above(function.node, call) if not isinstance(one, (n.BinOp, n.UnaryOp, n.Tuple, n.List)))
    user = next(holders, None)
    if not isinstance(user, n.Call) or not isinstance(user.func, n.Attribute) or user.func.attr not in _SIZED:
        return None
    if user.func.start <= call.start < user.func.end:
        return None  # what the method is called on
    if module.source.text[call.func.end : size.start] != "(" or module.source.text[size.end : call.end] != ")":
        return None
    edits = (Edit(call.start, size.start, ""), Edit(size.end, call.end, ".shape[0]"))
    return Fix(module.path, f"write `{module.text(size)}.shape[0]`", safety.value, edits)
