"""Arguments of calls: ints where a float is wanted, and lists that are unpacked into sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from scriptlint.fixes.imports import Speller
from scriptlint.fixes.places import outermost, scope_in
from scriptlint.program.module import Function, ModuleInfo
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk
from scriptlint.text import Edit, Fix, Safety

# Operators that take sizes one by one or as a list, in Python as in TorchScript.
TAKES_SIZES = frozenset(
    f"aten::{name}"
    for name in (
        *("view", "reshape", "permute", "expand", "repeat", "flip", "tile", "zeros", "ones", "empty", "rand", "randn"),
        *("new_zeros", "new_ones", "new_empty"),
    )
)

IS_TENSOR = "torch.is_tensor"

# What Python also takes for keywords of operators (`numpy_compatibility_arg_names` in torch's python_arg_parser.cpp).
NUMPY_KEYWORDS: Mapping[str, str] = {"axis": "dim", "keepdims": "keepdim"}


def as_floats(module: ModuleInfo, nodes: Sequence[n.Expr], safety: Safety) -> Fix | None:
    """Make floats of ints: literals get a fraction, anything else is converted."""
    edits: list[Edit] = []
    for node in nodes:
        made = _as_float(module, node)
        if made is None:
            return None
        edits += made
    if not edits:
        return None
    written = ", ".join(f"`{module.text(one)}`" for one in nodes)
    return Fix(module.path, f"write {written} as a float", safety.value, tuple(sorted(edits)))


def _as_float(module: ModuleInfo, node: n.Expr) -> list[Edit] | None:
    match node:
        case n.Constant(kind="int"):
            plain = module.text(node).replace("_", "").isdigit()
            return [Edit(node.end, node.end, ".0")] if plain else None
        case n.UnaryOp(op="-", operand=n.Constant()):
            return _as_float(module, node.operand)
        case n.Tuple() | n.List():
            parts = [_as_float(module, one) for one in node.elts if not _is_float(one)]
            return None if None in parts else [edit for part in parts if part is not None for edit in part]
        case n.Name() | n.Attribute() | n.Subscript() | n.Call() | n.BinOp():
            return [Edit(node.start, node.start, "float("), Edit(node.end, node.end, ")")]
        case _:
            return None


def as_ints(function: Function, nodes: Sequence[n.BinOp]) -> Fix | None:
    """`2 ** n` becomes `int(2 ** n)`, which is the same unless the power is negative."""
    module = function.module
    hidden = frozenset(function.scope.bindings)
    called = Speller(module, outermost(module, function.node).start, hidden)("builtins.int")
    if called is None:
        return None
    edits = [edit for one in nodes for edit in (Edit(one.start, one.start, f"{called}("), Edit(one.end, one.end, ")"))]
    literal = all(isinstance(one.right, n.Constant) for one in nodes)
    title = "write " + ", ".join(f"`{called}({module.text(one)})`" for one in nodes)
    return Fix(module.path, title, (Safety.SAFE if literal else Safety.UNSAFE).value, tuple(sorted(edits)))


def _is_float(node: n.Expr) -> bool:
    return isinstance(node, n.Constant) and node.kind == "float"


def unstarred(module: ModuleInfo, call: n.Call) -> Fix | None:
    """`x.view(*sizes)` becomes `x.view(sizes)`, and `x.view(n, *sizes)` becomes `x.view([n] + list(sizes))`."""
    starred = [one for one in call.args if isinstance(one, n.Starred)]
    if len(starred) == len(call.args) == 1:
        only = starred[0]
        edits = [Edit(only.start, only.value.start, "")]
        title = f"pass `{_short(module.text(only.value))}` itself"
        if module.source.text[only.start : only.value.start] != "*":
            return None
        return Fix(module.path, title, Safety.SAFE.value, tuple(edits))
    text = " + ".join(_parts(module, call.args))
    edits = [Edit(call.args[0].start, call.args[-1].end, text)]
    return Fix(module.path, "pass one list of sizes", Safety.SAFE.value, tuple(edits))


def _parts(module: ModuleInfo, nodes: Sequence[n.Expr]) -> Iterator[str]:
    """Yield the arguments as lists that are to be added."""
    run: list[str] = []
    for one in nodes:
        if not isinstance(one, n.Starred):
            run.append(module.text(one))
            continue
        if run:
            yield f"[{', '.join(run)}]"
            run = []
        yield _as_list(module, one.value)
    if run:
        yield f"[{', '.join(run)}]"


def _as_list(module: ModuleInfo, node: n.Expr) -> str:
    """Return the text of what gives the items of an iterable as a list."""
    text = module.text(node)
    match node:
        case n.List() | n.ListComp() | n.Call(func=n.Name(id="list")):
            return text
        case n.BinOp(left=n.List(), op="*") | n.BinOp(right=n.List(), op="*"):
            return text
        case n.GeneratorExp() if text.startswith("("):
            return f"list{text}"
    return f"list({text})"


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 40 else flat[:37] + "..."


def without_tuple(module: ModuleInfo, call: n.Call) -> Fix | None:
    """`torch.cat(tuple(xs))` becomes `torch.cat(xs)`."""
    inner = call.args[0]
    edits = (Edit(call.start, inner.start, ""), Edit(inner.end, call.end, ""))
    if module.source.text[inner.end : call.end] != ")" or call.keywords or len(call.args) != 1:
        return None
    return Fix(module.path, f"pass `{_short(module.text(inner))}` itself", Safety.SAFE.value, edits)


def renamed_keywords(module: ModuleInfo, call: n.Call) -> Fix:
    """`x.sum(axis=1)` becomes `x.sum(dim=1)`."""
    found = [(one, one.arg) for one in call.keywords if one.arg in NUMPY_KEYWORDS]
    edits = tuple(Edit(one.start, one.start + len(name), NUMPY_KEYWORDS[name]) for one, name in found if name)
    title = "write " + ", ".join(f"`{NUMPY_KEYWORDS[name]}=` for `{name}=`" for _, name in found if name)
    return Fix(module.path, title, Safety.SAFE.value, edits)


def without_keyword(module: ModuleInfo, call: n.Call, keyword: n.Keyword) -> Fix:
    """Drop a keyword of a call with its comma."""
    arguments: list[n.Node] = sorted([*call.args, *call.keywords], key=lambda one: one.start)
    place = arguments.index(keyword)
    start, end = keyword.start, keyword.end
    if place > 0:
        start = arguments[place - 1].end
    elif len(arguments) > 1:
        end = arguments[1].start
    return Fix(module.path, f"drop `{module.text(keyword)}`", Safety.SAFE.value, (Edit(start, end, ""),))


def with_keyword(module: ModuleInfo, call: n.Call, text: str) -> Fix:
    """Write a keyword that Python assumes before the others of a call."""
    at = call.keywords[0].start
    return Fix(module.path, f"write `{text}`", Safety.SAFE.value, (Edit(at, at, f"{text}, "),))


def isinstance_of_tensor(module: ModuleInfo, function: n.FunctionDef, call: n.Call) -> Fix | None:
    """`torch.is_tensor(x)` becomes `isinstance(x, torch.Tensor)`, which it is defined as."""
    if len(call.args) != 1 or call.keywords or isinstance(call.args[0], n.Starred):
        return None
    value = call.args[0]
    if module.source.text[call.func.end : value.start] != "(" or module.source.text[value.end : call.end] != ")":
        return None
    spell = Speller(module, outermost(module, function).start, frozenset(scope_in(function).bindings))
    test, tensor = spell("builtins.isinstance"), spell("torch.Tensor")
    if test is None or tensor is None:
        return None
    edits = (Edit(call.func.start, call.func.end, test), Edit(value.end, value.end, f", {tensor}"))
    return Fix(module.path, f"write `{test}(..., {tensor})`", Safety.SAFE.value, edits, tuple(spell.imports))


def _argument_of(module: ModuleInfo, start: int, parameter: str, place: int) -> list[n.Expr]:
    """Return the argument that the constructor that is called at `start` is given for a parameter."""
    calls = [one for one in walk(module.tree) if isinstance(one, n.Call) and one.start == start]
    if not calls or any(isinstance(one, n.Starred) for one in calls[-1].args):
        return []
    call = min(calls, key=lambda one: one.end)
    return [one.value for one in call.keywords if one.arg == parameter] or call.args[place : place + 1]


def constructed_with_number(
    module: ModuleInfo, start: int, parameter: str, place: int, kind: str, is_numpy: Callable[[n.Expr], bool]
) -> Fix | None:
    """Make a number of Python of one of NumPy that the constructor that is called at `start` is given.

    `is_numpy` tells whether a function is NumPy's; what a variable holds may be None elsewhere.
    """
    given = _argument_of(module, start, parameter, place)
    around = [one for one in module.functions.values() if one.node.start <= start < one.node.end]
    hidden = kind in module.scope.bindings or any(kind in one.scope.bindings for one in around)
    if len(given) != 1 or hidden or isinstance(given[0], (n.Tuple, n.List)):
        return None
    safety = Safety.SAFE if isinstance(given[0], n.Call) and is_numpy(given[0].func) else Safety.UNSAFE
    edits = (Edit(given[0].start, given[0].start, f"{kind}("), Edit(given[0].end, given[0].end, ")"))
    return Fix(module.path, f"write `{kind}({_short(module.text(given[0]))})`", safety.value, edits)


def constructed_with_float(module: ModuleInfo, start: int, parameter: str, place: int) -> Fix | None:
    """Make a float of an argument of the constructor that is called at `start`."""
    given = _argument_of(module, start, parameter, place)
    literal = all(isinstance(one, n.Constant) for one in given)
    return as_floats(module, given, Safety.SAFE if literal else Safety.UNSAFE)
