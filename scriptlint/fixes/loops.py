"""Loops over the modules of a container: TorchScript unrolls them, but does not index modules by a variable."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from scriptlint.fixes.layout import indentation, line_start, next_line
from scriptlint.fixes.places import above, free_name, names_within
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
    bound = loop.node.iter.args[-1:] if isinstance(loop.node.iter, n.Call) else []
    constant = any(isinstance(one, n.Constant) for one in bound)
    if constant and any(isinstance(one, n.Constant) and one.value != count for one in bound):
        return None  # it runs over some of them
    items = _items(loop, index, module)
    if container not in items or _is_rebound(loop, index, items[container][0], module):
        return None
    part = _part(module, loop, container)
    if part is not None:
        item = _name_of_module(container, module, function, (), loop)
        return _guarded_loop(module, function, loop, index, part, item, container, items[container])
    header = _header(module, loop, index, container, is_modules)
    if header is None:
        return None
    taken = [container]
    if header.safety is Safety.UNSAFE:
        # There may be fewer of them than rounds.
        whole = [one for one in items if _in_every_round(loop, items[one])]
        if container not in whole:
            return None
        if not constant and not header.lines:
            others = [one for one in whole if one != container and is_modules(items[one][0].value)]
            taken += [one for one in others if not _is_rebound(loop, index, items[one][0], module)]
    names: dict[str, str] = {}
    for one in taken:
        names[one] = _name_of_module(one, module, function, names.values(), loop)
    edits = [
        Edit(loop.node.target.start, loop.node.iter.end, _text(header, names, loop, index, function, items)),
        *(Edit(item.start, item.end, name) for one, name in names.items() for item in items[one]),
        *header.lines,
    ]
    over = " and ".join(f"`{one}`" for one in taken)
    return Fix(module.path, f"loop over {over}", header.safety.value, tuple(sorted(edits)))


def _items(loop: _Loop, index: str, module: ModuleInfo) -> dict[str, list[n.Subscript]]:
    """Return the subscripts by the index alone, by the text of their container."""
    found: dict[str, list[n.Subscript]] = {}
    for part in loop.inside:
        for one in walk(part):
            if isinstance(one, n.Subscript) and isinstance(one.slice, n.Name) and one.slice.id == index:
                if not isinstance(one.value, n.Subscript):
                    found.setdefault(module.text(one.value), []).append(one)
    return found


def _text(
    header: _Header,
    names: Mapping[str, str],
    loop: _Loop,
    index: str,
    function: n.FunctionDef,
    items: Mapping[str, list[n.Subscript]],
) -> str:
    """Return the header of a loop over containers by their `names`, without the number if nobody needs it."""
    targets, sources = ", ".join([*header.targets, *names.values()]), ", ".join([*header.sources, *names])
    if "," in targets:
        targets, sources = f"({targets})", f"zip({sources})"
    uses = [one for one in walk(function) if isinstance(one, n.Name) and one.id == index]
    replaced = [item.slice for one in names for item in items[one]]
    bound = loop.node.target.elts[0] if isinstance(loop.node.target, n.Tuple) else loop.node.target
    if header.lines or any(one is not bound and one not in replaced for one in uses):
        return f"{index}, {targets} in enumerate({sources})"
    return f"{targets.strip('()')} in {sources}"


def _part(module: ModuleInfo, loop: _Loop, container: str) -> str | None:
    """Return the numbers of a container's items that a loop runs over: `< len(self.m) - 1` for `range(len(self.m) - 1)`, and
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
    """Return a loop over all modules, in which only those with some of the numbers do what the body says."""
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
    """Put the body of a loop below an `if`; None where that would move the lines of a string too."""
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
    item = _name_of_module(container, module, function, (), loop)
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
    taken = names_within(function)
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
    """Return True if a round assigns what is iterated over."""
    texts = {module.text(one) for one in sources}
    return any(
        module.text(target) in texts
        for part in loop.body
        for one in walk(part)
        if isinstance(one, (n.Assign, n.AugAssign))
        for target in (one.targets if isinstance(one, n.Assign) else [one.target])
    )


def _loops(function: n.FunctionDef) -> Iterator[_Loop]:
    """Return the loops of a function, inner ones first."""
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
    """Return True if each round surely comes to one of the items, so that there are as many of them as rounds, or more."""
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


def _is_rebound(loop: _Loop, index: str, item: n.Subscript, module: ModuleInfo) -> bool:
    """Return True if a round assigns the index, an item of the container, or what the container is reached by."""
    container = module.text(item.value)
    names = {index, *(one.id for one in walk(item.value) if isinstance(one, n.Name))}
    if any(isinstance(one, n.Name) and one.id in names - {index} for one in walk(loop.node.target)):
        return True
    for part in loop.inside:
        for one in walk(part):
            targets: list[n.Expr] = []
            if isinstance(one, n.Assign):
                targets = one.targets
            elif isinstance(one, (n.AugAssign, n.AnnAssign, n.For, n.NamedExpr)):
                targets = [one.target]
            for target in targets:
                if isinstance(target, n.Subscript):
                    assigned = module.text(target.value) == container
                else:
                    bound = {name.id for name in walk(target) if isinstance(name, n.Name)}
                    assigned = bool(bound & names - {"self"}) or module.text(target) == container
                if assigned:
                    return True
    return False


@dataclass(frozen=True)
class _Header:
    """What a loop is over besides the containers: targets and sources, and what each round has to begin with."""

    targets: list[str]
    sources: list[str]
    safety: Safety
    lines: list[Edit]


def _header(
    module: ModuleInfo, loop: _Loop, index: str, container: str, is_modules: Callable[[n.Expr], bool]
) -> _Header | None:
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
        return _Header([], [], Safety.SAFE if whole else Safety.UNSAFE, [])
    if called.func.id != "enumerate" or len(called.args) != 1:
        return None
    if not isinstance(target, n.Tuple) or len(target.elts) != 2:
        return None
    other, row = called.args[0], target.elts[1]
    if is_modules(other) and isinstance(row, n.Name):
        return _Header([row.id], [module.text(other)], Safety.UNSAFE, [])
    if isinstance(other, n.Call) and isinstance(other.func, n.Name) and other.func.id == "zip":
        names = [one.id for one in row.elts if isinstance(one, n.Name)] if isinstance(row, n.Tuple) else []
        if len(names) == len(other.args) and all(map(is_modules, other.args)):
            return _Header(names, [*map(module.text, other.args)], Safety.UNSAFE, [])
        return None
    if isinstance(other, (n.Name, n.Attribute)) and isinstance(loop.node, n.For) and isinstance(row, n.Name):
        begin = loop.inside[0].start
        blanks = " " * (begin - module.source.text.rfind("\n", 0, begin) - 1)
        if module.source.text[begin - len(blanks) - 1 : begin] != f"\n{blanks}":
            return None
        line = Edit(begin, begin, f"{row.id} = {module.text(other)}[{index}]\n{blanks}")
        return _Header([], [], Safety.UNSAFE, [line])
    return None


def name_of_item(module: ModuleInfo, function: n.FunctionDef, loop: n.For) -> str:
    """Return a name for what one round of a loop is about, after what it runs over."""
    iterated = loop.iter
    while isinstance(iterated, n.Call) and iterated.args:
        iterated = iterated.args[0]
    return _name_of_module(module.text(iterated), module, function, (), _Loop(loop, []))


def _name_of_module(
    container: str, module: ModuleInfo, function: n.FunctionDef, taken: Iterable[str], loop: _Loop
) -> str:
    """Return a name for one of the modules, after that of the container.

    A comprehension has names of its own: a variable that is a module in a loop before it cannot be another one there.
    """
    last = re.sub(r"\W.*", "", container.rpartition(".")[2])
    name = re.sub(r"(_?list|_modules|(?<=ch|sh|ss|.x)es|(?<![siu])(?<!ia)s)$", "", last) or "module"
    name = name if name != last else f"{name}_module"
    name = f"each_{name}" if isinstance(loop.node, n.Comprehension) else name
    return free_name(name, {*names_within(function), *module.scope.bindings, *taken})


def of_tables(module: ModuleInfo, function: n.FunctionDef, table: n.Attribute) -> Fix | None:
    """`self._modules.items()` becomes `self.named_children()`, which leaves out None and what comes twice."""
    match above(function, table)[:2]:
        case [n.Attribute(attr="items" | "values" as method), n.Call(args=[], keywords=[]) as call]:
            name = "named_children" if method == "items" else "children"
            edit = Edit(table.value.end, call.end, f".{name}()")
            return Fix(module.path, f"write `{name}()`", Safety.UNSAFE.value, (edit,))
    return None
