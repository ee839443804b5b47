"""Functions of Python and NumPy that TorchScript lacks, written with what it has."""

from __future__ import annotations

from scriptlint.fixes.arguments import as_floats
from scriptlint.fixes.imports import Speller
from scriptlint.fixes.places import above, free_name, names_within, outermost
from scriptlint.program.module import Function, ModuleInfo
from scriptlint.syntax import nodes as n
from scriptlint.text import Edit, Fix, Safety
from scriptlint.types.model import FLOAT, INT, List, Type

# Functions of one number that `math` has too; NumPy's give its own numbers.
_OF_MATH = frozenset("ceil floor sqrt log exp log2 log10 sin cos tan".split())


def speller(function: Function) -> Speller:
    """Spell names inside of a function."""
    hidden = frozenset(function.scope.bindings)
    return Speller(function.module, outermost(function.module, function.node).start, hidden)


def of_math(function: Function, call: n.Call, name: str) -> Fix | None:
    """`np.ceil(n / 2)` of a plain number becomes `math.ceil(n / 2)`."""
    last = name.rpartition(".")[2]
    if last not in _OF_MATH or len(call.args) != 1 or call.keywords:
        return None
    spell = speller(function)
    spelled = spell(f"math.{last}")
    if spelled is None:
        return None
    edit = Edit(call.func.start, call.func.end, spelled)
    return Fix(function.module.path, f"write `{spelled}`", Safety.UNSAFE.value, (edit,), tuple(spell.imports))


_OF_BUILTINS = {"abs": "abs", "absolute": "abs", "maximum": "max", "minimum": "min"}


def of_numbers(function: Function, call: n.Call, name: str, given: list[Type]) -> Fix | None:
    """`np.maximum(a, b)` of plain numbers becomes `max(a, b)`, and `np.power(a, 0.5)` `math.pow(a, 0.5)`."""
    last, spell = name.rpartition(".")[2], speller(function)
    if call.keywords or len(given) != len(call.args) or not all(kind in (INT, FLOAT) for kind in given):
        return None
    if last in _OF_BUILTINS and len(given) == (1 if last.startswith("abs") else 2) and len(set(given)) == 1:
        spelled = spell(f"builtins.{_OF_BUILTINS[last]}")
    elif last in ("power", "float_power") and len(given) == 2 and FLOAT in given:
        spelled = spell("math.pow")
    else:
        return of_math(function, call, name) if len(given) == 1 else None
    if spelled is None:
        return None
    edit = Edit(call.func.start, call.func.end, spelled)
    return Fix(function.module.path, f"write `{spelled}`", Safety.UNSAFE.value, (edit,), tuple(spell.imports))


def of_sizes(function: Function, call: n.Call) -> Fix | None:
    """`np.prod(x.shape)` becomes `x.numel()`, and `np.prod(x.shape[1:])` `x[0].numel()`."""
    sizes = call.args[0] if len(call.args) == 1 and not call.keywords else None
    item = ""
    if isinstance(sizes, n.Subscript):
        piece = sizes.slice
        if not isinstance(piece, n.Slice) or piece.upper is not None or piece.step is not None:
            return None
        if not isinstance(piece.lower, n.Constant) or piece.lower.value != 1:
            return None
        sizes, item = sizes.value, "[0]"
    if (
        isinstance(sizes, n.Call)
        and isinstance(sizes.func, n.Attribute)
        and sizes.func.attr == "size"
        and not sizes.args
    ):
        tensor = sizes.func.value
    elif isinstance(sizes, n.Attribute) and sizes.attr == "shape":
        tensor = sizes.value
    else:
        return None
    if not isinstance(tensor, (n.Name, n.Attribute)):
        return None
    made = f"{function.module.text(tensor)}{item}.numel()"
    return Fix(function.module.path, f"write `{made}`", Safety.UNSAFE.value, (Edit(call.start, call.end, made),))


def replaced(module: ModuleInfo, node: n.Expr, text: str) -> Fix:
    """Replace an expression by one that most likely has the same value."""
    edit = Edit(node.start, node.end, text)
    return Fix(module.path, f"write `{text}`", Safety.UNSAFE.value, (edit,))


def renamed(function: Function, call: n.Call, name: str) -> Fix | None:
    """Call a function by the other of its two names: `torch.spmm` is `torch.mm`."""
    spell = speller(function)
    spelled = spell(name)
    if spelled is None:
        return None
    edit = Edit(call.func.start, call.func.end, spelled)
    return Fix(function.module.path, f"write `{spelled}`", Safety.SAFE.value, (edit,), tuple(spell.imports))


def summed(function: Function, call: n.Call) -> Fix | None:
    """`sum(xs)` of tensors becomes `torch.stack(xs).sum(dim=0)`, which takes one tensor at least, and all of one shape."""
    text, given = function.module.source.text, call.args[0]
    spell = speller(function)
    stack = spell("torch.stack")
    start, end = given.start, given.end
    if isinstance(given, n.GeneratorExp):
        start, end = (start + 1, end - 1) if text[start] == "(" else (start, end)
    if stack is None or text[call.func.end : start] != "(" or text[end : call.end] != ")":
        return None
    opened, closed = ("([", "])") if isinstance(given, n.GeneratorExp) else ("(", ")")
    edits = (Edit(call.start, start, stack + opened), Edit(end, call.end, f"{closed}.sum(dim=0)"))
    return Fix(
        function.module.path, f"write `{stack}(...).sum(dim=0)`", Safety.UNSAFE.value, edits, tuple(spell.imports)
    )


def constructed(function: Function, call: n.Call, given: list[Type]) -> Fix | None:
    """`torch.Tensor([1.0, 2.0])` becomes `torch.tensor([1.0, 2.0])`, and `torch.Tensor(n, 2)` `torch.empty(n, 2)`."""
    if call.keywords or not call.args:
        return None
    spell = speller(function)
    ints = call.args[0].elts if given == [List(INT)] and isinstance(call.args[0], n.List) else []
    if not all(kind is INT for kind in given) and given != [List(FLOAT)] and not ints:
        return None
    called = spell("torch.empty" if INT in given else "torch.tensor")
    floats = as_floats(function.module, ints, Safety.UNSAFE)
    if called is None or (ints and floats is None):
        return None
    edits = (Edit(call.func.start, call.func.end, called), *(() if floats is None else floats.edits))
    return Fix(function.module.path, f"write `{called}`", Safety.UNSAFE.value, edits, tuple(spell.imports))


def mapped(function: Function, call: n.Call) -> Fix | None:
    """`list(map(f, xs))` becomes `[f(x) for x in xs]`; without `list`, it is no longer made step by step."""
    module = function.module
    if len(call.args) != 2 or call.keywords or any(isinstance(one, n.Starred) for one in call.args):
        return None
    callee, source = call.args
    variable = free_name("one", {*names_within(function.node), *module.scope.bindings})
    if isinstance(callee, n.Lambda):
        parameters = callee.args.all()
        if len(parameters) != 1 or len(callee.args.args) != 1 or parameters[0].default is not None:
            return None
        variable, made = parameters[0].name, module.text(callee.body)
        if any(isinstance(one, n.NamedExpr) for one in (callee.body,)):
            return None
    elif isinstance(callee, (n.Name, n.Attribute)):
        made = f"{module.text(callee)}({variable})"
    else:
        return None
    text = f"[{made} for {variable} in {module.text(source)}]"
    if "\n" in text or isinstance(source, (n.IfExp, n.Lambda)):
        return None
    outer = next(iter(above(function.node, call)), None)
    start, end, safety = call.start, call.end, Safety.UNSAFE
    if (
        isinstance(outer, n.Call)
        and isinstance(outer.func, n.Name)
        and outer.func.id == "list"
        and outer.args == [call]
    ):
        start, end, safety = outer.start, outer.end, Safety.SAFE
    return Fix(module.path, "write a comprehension", safety.value, (Edit(start, end, text),))


def drawn(function: Function, call: n.Call, name: str) -> Fix | None:
    """`random.random()` becomes `float(torch.rand(1))`: another stream of numbers."""
    if call.keywords or any(isinstance(one, n.Starred) for one in call.args):
        return None
    spell = speller(function)
    last = name.rpartition(".")[2]
    if last == "random" and not call.args:
        called, kind = spell("torch.rand"), spell("builtins.float")
        made = f"{kind}({called}(1))"
    elif last == "randint" and len(call.args) == 2:
        called, kind = spell("torch.randint"), spell("builtins.int")
        low, high = (function.module.text(one) for one in call.args)
        made = f"{kind}({called}({low}, {high} + 1, (1,)))"
    else:
        return None
    if called is None or kind is None:
        return None
    edit = Edit(call.start, call.end, made)
    return Fix(function.module.path, f"write `{made}`", Safety.UNSAFE.value, (edit,), tuple(spell.imports))


def instance_test(function: Function, node: n.Expr) -> Fix | None:
    """`type(x) is T` becomes `isinstance(x, T)`, which is true of subclasses too."""
    module = function.module
    test = next(iter(above(function.node, node)), None)
    if not isinstance(test, n.Compare) or len(test.ops) != 1 or test.comparators[0] is not node:
        return None
    left = test.left
    if (
        not isinstance(left, n.Call)
        or not isinstance(left.func, n.Name)
        or left.func.id != "type"
        or len(left.args) != 1
    ):
        return None
    spell = speller(function)
    called = spell("builtins.isinstance")
    positive = test.ops[0] in ("is", "==")
    if called is None or not (positive or test.ops[0] in ("is not", "!=")):
        return None
    made = f"{'' if positive else 'not '}{called}({module.text(left.args[0])}, {module.text(node)})"
    return Fix(module.path, f"write `{made}`", Safety.UNSAFE.value, (Edit(test.start, test.end, made),))
