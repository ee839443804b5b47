"""Tensors and sizes that stay linked to a trace: what `x.data` and `len(x)` are to be replaced by."""

from __future__ import annotations

import re

from scriptlint.fixes.arguments import TAKES_SIZES
from scriptlint.fixes.places import above, operand, scope_in
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
    if not path or not (isinstance(path[0], (n.BinOp, n.UnaryOp, n.Compare)) or _is_queried(path, _FRESH)):
        return None
    if module.source.text[read.value.end : read.end] != ".data":
        return None
    if _is_queried(path, _OF_FORM):
        edit = Edit(read.value.end, read.end, "")
        return Fix(module.path, f"ask `{module.text(read.value)}` itself", safety.value, (edit,))
    edit = Edit(read.value.end, read.end, ".detach()")
    return Fix(module.path, f"write `{module.text(read.value)}.detach()`", safety.value, (edit,))


# What a tensor is asked that its values have nothing to do with, and methods that give a new tensor or a number.
_OF_FORM = frozenset("size dim numel shape dtype ndim".split())
_FRESH = _OF_FORM | frozenset("sum mean max min abs norm exp log sqrt argmax argmin std var any all item".split())


def _is_queried(path: list[n.Node], names: frozenset[str]) -> bool:
    """Return True if what is read is only asked for something: `x.data.max()`."""
    if not isinstance(path[0], n.Attribute) or path[0].attr not in names:
        return False
    called = len(path) > 1 and isinstance(path[1], n.Call) and path[1].func is path[0]
    return called != (path[0].attr in ("shape", "dtype", "ndim"))


def linked_length(function: Function | None, call: n.Call, safety: Safety) -> Fix | None:
    """`x.view(len(x), -1)` becomes `x.view(x.shape[0], -1)`, and `x.sum() / len(x)` `x.sum() / x.shape[0]`.

    Elsewhere than in sizes and beside tensors the link may be lost in silence.
    """
    size = call.args[0] if len(call.args) == 1 and not call.keywords else None
    if not isinstance(size, (n.Name, n.Attribute, n.Subscript, n.Call)):
        return None
    if function is None:
        return None
    module = function.module
    holders = above(function.node, call)
    if not _beside_tensor(holders, call):
        outer = (one for one in holders if not isinstance(one, (n.BinOp, n.UnaryOp, n.Tuple, n.List)))
        user = next(outer, None)
        if not isinstance(user, n.Call) or not isinstance(user.func, n.Attribute) or user.func.attr not in _SIZED:
            return None
        if user.func.start <= call.start < user.func.end:
            return None  # what the method is called on
    if module.source.text[call.func.end : size.start] != "(" or module.source.text[size.end : call.end] != ")":
        return None
    edits = (Edit(call.start, size.start, ""), Edit(size.end, call.end, ".shape[0]"))
    return Fix(module.path, f"write `{module.text(size)}.shape[0]`", safety.value, edits)


# Methods and functions that give a tensor, whatever they are given.
_GIVES_TENSOR = frozenset({"sum", "mean", "exp", "log", "sqrt", "abs", "float", "double"})


def _beside_tensor(holders: list[n.Node], node: n.Node) -> bool:
    holder = holders[0] if holders else None
    if not isinstance(holder, n.BinOp) or holder.op not in ("+", "-", "*", "/"):
        return False
    other = holder.left if holder.right is node else holder.right
    return isinstance(other, n.Call) and isinstance(other.func, n.Attribute) and other.func.attr in _GIVES_TENSOR


def whole_number(function: Function | None, call: n.Call) -> Fix | None:
    """`int(x.size(0) / 2)` becomes `x.size(0) // 2`, and `int(x.size(0))` becomes `x.size(0)`."""
    if function is None or len(call.args) != 1 or call.keywords:
        return None
    module, value = function.module, call.args[0]
    name = call.func.attr if isinstance(call.func, n.Attribute) else getattr(call.func, "id", "")
    is_math = (
        isinstance(call.func, n.Attribute) and isinstance(call.func.value, n.Name) and call.func.value.id == "math"
    )
    if not (is_math and name in ("floor", "ceil")) and not (isinstance(call.func, n.Name) and name == "int"):
        return None
    divided = isinstance(value, n.BinOp) and value.op == "/" and _is_count(value.right)
    if isinstance(value, n.BinOp) and divided and _is_size(function.node, value.left):
        left, right = operand(module, value.left), module.text(value.right)
        made = f"-(-{left} // {right})" if name == "ceil" else f"{left} // {right}"
    elif _is_size(function.node, value):
        made = module.text(value)
    else:
        return None
    holders = above(function.node, call)
    if any(isinstance(one, (n.If, n.IfExp)) and "is_tracing" in module.text(one.test) for one in holders):
        return None  # a number is what the author wants of a trace
    if holders and isinstance(holders[0], n.BinOp) and holders[0].op == "**" and holders[0].left is call:
        if not isinstance(holders[0].right, n.Constant):
            return None  # a tensor of integers has no negative powers
    binds = isinstance(value, n.BinOp) and isinstance(next(iter(holders), None), _BINDING)
    edit = Edit(call.start, call.end, f"({made})" if binds and not made.startswith("-(") else made)
    return Fix(module.path, f"write `{made}`", Safety.SAFE.value, (edit,))


_BINDING = (n.BinOp, n.UnaryOp, n.Attribute, n.Subscript, n.Compare)


def _is_count(node: n.Expr) -> bool:
    return isinstance(node, n.Constant) and node.kind == "int" and isinstance(node.value, int) and node.value > 0


def _is_size(function: n.FunctionDef, node: n.Expr, depth: int = 0) -> bool:
    """Return True if an expression is surely a whole number that is not negative: sizes, and sums and products of them."""
    match node:
        case n.Constant():
            return _is_count(node)
        case n.Call(func=n.Attribute(attr="size"), args=[_]):
            return True
        case n.Call(func=n.Name(id="len"), args=[_]):
            return True
        case n.Subscript(value=n.Attribute(attr="shape"), slice=piece):
            return not isinstance(piece, n.Slice)
        case n.Subscript(value=n.Call(func=n.Attribute(attr="size"), args=[]), slice=piece):
            return not isinstance(piece, n.Slice)
        case n.BinOp(op=("+" | "*" | "//")):
            return _is_size(function, node.left, depth) and _is_size(function, node.right, depth)
        case n.Name() if depth < 3:
            return _is_size_variable(function, node.id, depth + 1)
        case _:
            return False


def is_shape(node: n.Expr) -> bool:
    """`x.shape` or `x.size()`, whole."""
    if isinstance(node, n.Call):
        return isinstance(node.func, n.Attribute) and node.func.attr == "size" and not (node.args or node.keywords)
    return isinstance(node, n.Attribute) and node.attr == "shape"


def _is_size_variable(function: n.FunctionDef, name: str, depth: int) -> bool:
    bindings = scope_in(function).bindings.get(name, [])
    if len(bindings) != 1 or not isinstance(bindings[0].node, n.Assign):
        return False
    value = bindings[0].node.value
    if bindings[0].value is not None:
        return _is_size(function, value, depth)
    return all(isinstance(one, n.Tuple) for one in bindings[0].node.targets) and is_shape(value)


def counted(function: Function | None, call: n.Call) -> Fix | None:
    """`torch.numel(x)` and `x.shape.numel()` become `x.numel()`, which the trace follows."""
    if function is None or not isinstance(call.func, n.Attribute) or call.keywords:
        return None
    module, owner = function.module, call.func.value
    tensor: n.Expr | None = None
    if len(call.args) == 1:
        tensor = call.args[0]
    elif isinstance(owner, n.Attribute) and owner.attr == "shape":
        tensor = owner.value
    elif isinstance(owner, n.Call) and isinstance(owner.func, n.Attribute) and owner.func.attr == "size":
        tensor = owner.func.value
    if not isinstance(tensor, (n.Name, n.Attribute, n.Subscript, n.Call)):
        return None
    made = f"{module.text(tensor)}.numel()"
    return Fix(module.path, f"write `{made}`", Safety.SAFE.value, (Edit(call.start, call.end, made),))


_DIMENSIONS = re.compile(r"pool(\d)d$")


def in_tuple(function: Function | None, node: n.Expr, operator: str, safety: Safety) -> Fix | None:
    """`F.avg_pool2d(x, n)` becomes `F.avg_pool2d(x, (n, n))`: in a tuple a size stays linked."""
    found = _DIMENSIONS.search(operator)
    count = int(found[1]) if found is not None else 1 if operator == "roll" else 0
    if function is None or not count or not isinstance(node, (n.Name, n.Attribute, n.Subscript, n.Call, n.BinOp)):
        return None
    text = function.module.text(node)
    if "\n" in text:
        return None
    made = f"({text},)" if count == 1 else f"({', '.join([text] * count)})"
    return Fix(function.module.path, f"write `{made}`", safety.value, (Edit(node.start, node.end, made),))


_DTYPES = {
    "FloatTensor": "float32",
    "DoubleTensor": "float64",
    "HalfTensor": "float16",
    "ByteTensor": "uint8",
    "CharTensor": "int8",
    "ShortTensor": "int16",
    "IntTensor": "int32",
    "LongTensor": "int64",
    "BoolTensor": "bool",
}


def new_empty(function: Function | None, call: n.Call, safety: Safety) -> Fix | None:
    """`x.new(n, m)` becomes `x.new_empty(n, m)`, and `torch.LongTensor(n)` `torch.empty(n, dtype=torch.int64)`."""
    if function is None or call.keywords or not isinstance(call.func, n.Attribute):
        return None
    module, name, start = function.module, call.func.attr, call.func.end - len(call.func.attr)
    if name == "new":
        edit = Edit(start, call.func.end, "new_empty")
        return Fix(module.path, "write `new_empty`", safety.value, (edit,))
    package = module.text(call.func.value)
    if package != "torch" or name not in (*_DTYPES, "Tensor"):
        return None
    edits = [Edit(start, call.func.end, "empty")]
    if name in _DTYPES:
        end = call.args[-1].end
        edits.append(Edit(end, end, f", dtype={package}.{_DTYPES[name]}"))
    return Fix(module.path, f"write `{package}.empty`", Safety.UNSAFE.value, tuple(edits))
