"""Loops over the modules of a container: TorchScript unrolls them, but does not index modules by a variable."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from scriptlint.fixes.layout import indentation, line_start, next_line
from scriptlint.fixes.places import free_name, names_in
from scriptlint.program.module import ModuleInfo
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk
from scriptlint.text import Edit, Fix, Safety


@dataclass(frozen=True)
class _Loop:
    """A loop of a statement or comprehension: what runs in each round is in `inside`."""

    node: n.For | n.Comprehension
    inside: list[n.Node]


def over_modules(
    module: ModuleInfo,
    function: n.FunctionDef,
    node: n.Subscript,
    is_modules: Callable[[n.Expr], bool],
    count: int | None,
) -> Fix | None:
    """`for i in range(len(self.m))` with `self.m[i]` in it becomes a loop over the modules themselves.

    `node` is such a subscript; `is_modules` tells whether an expression holds modules, `count` how many there are in
    this one if that is known. Where nothing says that the loop runs over all of them, the fix is unsafe.
    """
    if not isinstance(node.slice, n.Name):
        return None
    index, container = node.slice.id, module.text(node.value)
    loop = next((one for one in _loops(function) if _binds(one, index) and _holds(one, node)), None)
    if loop is None or isinstance(node.value, n.Subscript):
        return None
    uses = [one for part in loop.inside for one in walk(part) if isinstance(one, n.Name) and one.id == index]
    items = [
        one
        for part in loop.inside
        for one in walk(part)
        if isinstance(one, n.Subscript) and isinstance(one.slice, n.Name) and one.slice.id == index
        if module.text(one.value) == container
    ]
    if _is_rebound(loop, index, container, module):
        return None
    bound = loop.node.iter.args[-1:] if isinstance(loop.node.iter, n.Call) else []
    if any(isinstance(one, n.Constant) and one.value != count for one in bound):
        return None  # it runs over some of them
    item = _name_of_module(container, module, function)
    elsewhere = [one for one in walk(function) if isinstance(one, n.Name) and one.id == index and one not in uses]
    numbered = len(uses) != len(items) or elsewhere != [loop.node.target]
    part = _part(module, loop, container)
    if part is not None:
        return _guarded_loop(module, function, loop, index, part, item, container, items)
    changed = _header(module, loop, index, container, item, is_modules)
    if changed is None:
        return None
    target, iterated, safety, first = changed
    if safety is Safety.UNSAFE and not _in_every_round(loop, items):
        return None  # there may be fewer of them than rounds
    if not first and iterated.startswith("enumerate(") and not numbered:
        target, iterated = item, container
    edits = [
        Edit(loop.node.target.start, loop.node.iter.end, f"{target} in {iterated}"),
        *(Edit(one.start, one.end, item) for one in items),
        *first,
    ]
    return Fix(module.path, f"loop over `{container}`", safety.value, tuple(sorted(edits)))


def _part(module: ModuleInfo, loop: _Loop, container: str) -> str | None:
    """The numbers of a container's items that a loop runs over: `< len(self.m) - 1` for `range(len(self.m) - 1)`, and
    None where it does not say so."""
    called = loop.node.iter
    if not isinstance(called, n.Call) or called.keywords or not isinstance(called.func, n.Name) or not called.args:
        return None
    whole, last = _flat(f"len({container})"), called.args[-1]
    if called.func.id != "range":
        return None
    match [last, *called.args[:-1]]:
        case [n.BinOp(left=left, op="-", right=n.Constant(kind="int"))] if _flat(module.text(left)) == whole:
            return f"< {module.text(last)}"
        case [n.Call(), n.Constant(kind="int", value=int(first))] if _flat(module.text(last)) == whole and first > 0:
            return f">= {first}"
        case _:
            return None


def _guarded_loop(
    module: ModuleInfo,
    function: n.FunctionDef,
    loop: _Loop,
    index: str,
    part: str,
    item: str,
    container: str,
    items: list[n.Subscript],
) -> Fix | None:
    """A loop over all modules, in which only those with some of the numbers do what the body says."""
    if not isinstance(loop.node, n.For) or loop.node.orelse:
        return None
    known = [one.node for one in _loops(function) if _binds(one, index)]
    inside = [*known, *(one for other in _loops(function) if other.node in known for one in other.inside)]
    for one in walk(function):
        if isinstance(one, n.Name) and one.id == index and not any(at.start <= one.start < at.end for at in inside):
            return None  # the last number would be another
    guard = _guard(module, loop.node, f"{index} {part}")
    if guard is None:
        return None
    edits = [
        Edit(loop.node.target.start, loop.node.iter.end, f"{index}, {item} in enumerate({container})"),
        *guard,
        *(Edit(one.start, one.end, item) for one in items),
    ]
    return Fix(module.path, f"loop over `{container}`", Safety.SAFE.value, tuple(sorted(edits)))


def _guard(module: ModuleInfo, loop: n.For, condition: str) -> list[Edit] | None:
    """Puts the body of a loop below an `if`; None where that would move the lines of a string too."""
    body, text = loop.body, module.source.text
    blanks, outer = indentation(text, body[0].start), indentation(text, loop.start)
    if blanks is None or outer is None or not blanks.startswith(outer):
        return None
    if any(isinstance(one, n.Constant) and "\n" in module.text(one) for part in body for one in walk(part)):
        return None
    deeper, start = blanks[len(outer) :], line_start(text, body[0].start)
    lines = [at for at in _line_starts(text, start, body[-1].end) if text[at : next_line(text, at)].strip()]
    header = Edit(start, start, f"{blanks}if {condition}:\n{deeper}")
    return [header, *(Edit(at, at, deeper) for at in lines if at != start)]


def over_later_modules(module: ModuleInfo, function: n.FunctionDef, node: n.Subscript) -> Fix | None:
    """`for i in range(len(self.m) - 1)` with `self.m[i + 1]` in it becomes a loop over all that leaves the first ones out."""
    container = module.text(node.value)
    match node.slice:
        case n.BinOp(left=n.Name(id=index), op="+", right=n.Constant(kind="int", value=int(first))):
            pass
        case _:
            return None
    loop = next((one for one in _loops(function) if _binds(one, index) and _holds(one, node)), None)
    bound = f"range(len({container})-{first})"
    if (
        loop is None
        or not isinstance(loop.node, n.For)
        or _flat(module.text(loop.node.iter)) != bound
        or loop.node.orelse
    ):
        return None
    items = [
        one
        for part in loop.inside
        for one in walk(part)
        if isinstance(one, n.Subscript) and _flat(module.text(one)) == f"{_flat(container)}[{index}+{first}]"
    ]
    uses = [one for one in walk(function) if isinstance(one, n.Name) and one.id == index]
    guard = _guard(module, loop.node, f"{index} >= {first}")
    if len(uses) != len(items) + 1 or guard is None:
        return None  # the number is used for something else
    item = _name_of_module(container, module, function)
    edits = [
        Edit(loop.node.target.start, loop.node.iter.end, f"{index}, {item} in enumerate({container})"),
        *guard,
        *(Edit(one.start, one.end, item) for one in items),
    ]
    return Fix(module.path, f"loop over `{container}`", Safety.SAFE.value, tuple(sorted(edits)))


def _flat(text: str) -> str:
    return re.sub(r"\s", "", text)


def _line_starts(text: str, start: int, end: int) -> Iterator[int]:
    at = start
    while at < end:
        yield at
        at = next_line(text, at)


def over_zipped(module: ModuleInfo, function: n.FunctionDef, call: n.Call, unrolled: list[bool]) -> Fix | None:
    """`for x, m in zip(xs, self.m)` becomes `for i, m in enumerate(self.m)`, which takes `x` from `xs[i]`.

    `unrolled` tells which of the arguments the compiler unrolls; of the others there may have been fewer.
    """
    loop = next((one for one in walk(function) if isinstance(one, n.For) and one.iter is call), None)
    if loop is None or not isinstance(loop.target, n.Tuple) or len(loop.target.elts) != len(call.args):
        return None
    parts = list(zip(loop.target.elts, call.args, unrolled, strict=True))
    blanks = indentation(module.source.text, loop.body[0].start)
    plain = all(isinstance(source, (n.Name, n.Attribute)) or known for _, source, known in parts)
    if blanks is None or not plain or _changes(loop, [source for _, source, known in parts if not known], module):
        return None
    taken = names_in([function])
    index = next((one for one in ("i", "index", "number") if one not in taken), None)
    if index is None:
        return None
    kept = [(module.text(target), module.text(source)) for target, source, known in parts if known]
    lines = [
        f"{module.text(target)} = {module.text(source)}[{index}]\n{blanks}"
        for target, source, known in parts
        if not known
    ]
    targets, sources = ", ".join(one for one, _ in kept), ", ".join(one for _, one in kept)
    header = f"{index}, {targets} in enumerate({sources})"
    if len(kept) > 1:
        header = f"{index}, ({targets}) in enumerate(zip({sources}))"
    begin = loop.body[0].start
    edits = (Edit(loop.target.start, loop.iter.end, header), Edit(begin, begin, "".join(lines)))
    before = module.source.text[: loop.target.start].rstrip()
    if before.endswith("("):
        return None  # the target's own parentheses are not part of it
    return Fix(module.path, "loop over the modules, and index the rest", Safety.UNSAFE.value, edits)


def _changes(loop: n.For, sources: list[n.Expr], module: ModuleInfo) -> bool:
    """Whether a round assigns what is iterated over."""
    texts = {module.text(one) for one in sources}
    return any(
        module.text(target) in texts
        for part in loop.body
        for one in walk(part)
        if isinstance(one, (n.Assign, n.AugAssign))
        for target in (one.targets if isinstance(one, n.Assign) else [one.target])
    )


def _loops(function: n.FunctionDef) -> Iterator[_Loop]:
    """The loops of a function, inner ones first."""
    found: list[_Loop] = []
    for one in walk(function):
        if isinstance(one, n.For):
            found.append(_Loop(one, list(one.body)))
        elif isinstance(one, (n.ListComp, n.GeneratorExp)) and len(one.generators) == 1:
            found.append(_Loop(one.generators[0], [one.elt, *one.generators[0].ifs]))
    return reversed(found)


def _binds(loop: _Loop, index: str) -> bool:
    target = loop.node.target
    if isinstance(target, n.Tuple) and target.elts:
        target = target.elts[0]
    return isinstance(target, n.Name) and target.id == index


def _holds(loop: _Loop, node: n.Node) -> bool:
    return any(one.start <= node.start < one.end for one in loop.inside)


def _in_every_round(loop: _Loop, items: list[n.Subscript]) -> bool:
    """Whether each round surely comes to one of the items, so that there are as many of them as rounds, or more."""
    if isinstance(loop.node, n.Comprehension) and loop.node.ifs:
        return False
    for part in loop.inside:
        if isinstance(part, (n.If, n.For, n.While, n.Try, n.With, n.Match)):
            if any(isinstance(one, (n.Continue, n.Break, n.Return)) for one in walk(part)):
                return False
        elif any(one in items for one in walk(part, closed=_MAYBE) if isinstance(one, n.Subscript)):
            return True
    return False


# What does not evaluate all of its parts.
_MAYBE = (n.IfExp, n.BoolOp, n.Lambda, n.ListComp, n.SetComp, n.DictComp, n.GeneratorExp, n.FunctionDef)


def _is_rebound(loop: _Loop, index: str, container: str, module: ModuleInfo) -> bool:
    """Whether a round assigns the index, or an item of the container."""
    for part in loop.inside:
        for one in walk(part):
            targets: list[n.Expr] = []
            if isinstance(one, n.Assign):
                targets = one.targets
            elif isinstance(one, (n.AugAssign, n.AnnAssign, n.For, n.NamedExpr)):
                targets = [one.target]
            for target in targets:
                for name in walk(target):
                    if isinstance(name, n.Name) and name.id == index and not isinstance(target, n.Subscript):
                        return True
                if isinstance(target, n.Subscript) and module.text(target.value) == container:
                    return True
    return False


def _header(
    module: ModuleInfo, loop: _Loop, index: str, container: str, item: str, is_modules: Callable[[n.Expr], bool]
) -> tuple[str, str, Safety, list[Edit]] | None:
    """The new target and what is iterated over, how safe that is, and what each round has to begin with."""
    called = loop.node.iter
    target = loop.node.target
    if not isinstance(called, n.Call) or called.keywords or not isinstance(called.func, n.Name):
        return None
    if called.func.id == "range" and isinstance(target, n.Name):
        if len(called.args) == 2 and module.text(called.args[0]) == "0":
            bound = called.args[1]
        elif len(called.args) == 1:
            bound = called.args[0]
        else:
            return None
        whole = _flat(module.text(bound)) == _flat(f"len({container})")
        if not whole and not isinstance(bound, (n.Name, n.Attribute, n.Constant)):
            return None  # it runs over some of them
        return f"{index}, {item}", f"enumerate({container})", Safety.SAFE if whole else Safety.UNSAFE, []
    if called.func.id != "enumerate" or len(called.args) != 1:
        return None
    if not isinstance(target, n.Tuple) or len(target.elts) != 2:
        return None
    other, row = called.args[0], module.text(target.elts[1])
    if is_modules(other):
        return f"{index}, ({row}, {item})", f"enumerate(zip({module.text(other)}, {container}))", Safety.UNSAFE, []
    if isinstance(other, n.Call) and isinstance(other.func, n.Name) and other.func.id == "zip":
        if isinstance(target.elts[1], n.Tuple) and all(map(is_modules, other.args)):
            rows = ", ".join(module.text(one) for one in (*target.elts[1].elts,))
            zipped = ", ".join(module.text(one) for one in other.args)
            return f"{index}, ({rows}, {item})", f"enumerate(zip({zipped}, {container}))", Safety.UNSAFE, []
        return None
    if isinstance(other, (n.Name, n.Attribute)) and isinstance(loop.node, n.For) and isinstance(target.elts[1], n.Name):
        begin = loop.inside[0].start
        blanks = " " * (begin - module.source.text.rfind("\n", 0, begin) - 1)
        if module.source.text[begin - len(blanks) - 1 : begin] != f"\n{blanks}":
            return None
        line = Edit(begin, begin, f"{row} = {module.text(other)}[{index}]\n{blanks}")
        return f"{index}, {item}", f"enumerate({container})", Safety.UNSAFE, [line]
    return None


def _name_of_module(container: str, module: ModuleInfo, function: n.FunctionDef) -> str:
    """A name for one of the modules, after that of the container."""
    last = re.sub(r"\W.*", "", container.rpartition(".")[2])
    name = re.sub(r"(_?list|_modules|(?<=ch|sh|ss|.x)es|(?<!s)s)$", "", last) or "module"
    name = name if name != last else f"{name}_module"
    return free_name(name, {*names_in([function]), *module.scope.bindings})
