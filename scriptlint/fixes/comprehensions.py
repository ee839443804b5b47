"""Comprehensions with conditions or several loops, written as loops that append; generators, as lists."""

from __future__ import annotations

from collections.abc import Iterator

from scriptlint.fixes.layout import indentation, next_line
from scriptlint.fixes.places import free_name, has_comment, names_in, names_within, runs_first, statement_of
from scriptlint.program.module import ModuleInfo
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk, walk_scope
from scriptlint.text import Edit, Fix, Safety

# They take every element before they do anything else, so a list serves them as well as a generator.
_TAKES_ALL = frozenset({"list", "tuple", "sum", "min", "max", "sorted", "cat", "stack", "join", "tensor"})
_STEP = "    "


def as_loop(module: ModuleInfo, function: n.FunctionDef, comp: n.ListComp | n.GeneratorExp | n.DictComp) -> Fix | None:
    """`ys = [f(x) for x in xs if x]` becomes a loop that appends to `ys`, above the statement that holds it."""
    place = statement_of(function, comp)
    if place is None or has_comment(module, comp) or any(one.is_async for one in comp.generators):
        return None
    holder, text = place[0], module.source.text
    blanks = indentation(text, holder.start)
    odd = (n.Lambda, n.NamedExpr, n.Await)
    if blanks is None or text.startswith("elif", holder.start) or any(isinstance(one, odd) for one in walk(comp)):
        return None
    first = runs_first(holder, comp)
    if not first and not _in_order(holder, comp):
        return None
    taken = names_within(function)
    target = _target(holder, comp)
    given = f"{target} = "
    if target is None:
        target = free_name("found", {*taken, *module.scope.bindings})
        given = f"{target} = "
        if isinstance(holder, n.Return) and holder.value is comp and function.returns is not None:
            given = f"{target}: {module.text(function.returns)} = "
        edits = [_in_place(text, comp, target)]
    elif isinstance(holder, n.AnnAssign):
        given = f"{target}: {module.text(holder.annotation)} = "
        edits = []
    else:
        edits = []
    renames = _renames(module, function, comp)
    if renames is None:
        return None
    lines = [given + ("{}" if isinstance(comp, n.DictComp) else "[]"), *_loop(module, comp, target, renames)]
    written = f"\n{blanks}".join(lines)
    if edits:
        edits.insert(0, Edit(holder.start, holder.start, f"{written}\n{blanks}"))
    else:
        rest = text[holder.end : next_line(text, holder.end)].strip()
        if rest and not rest.startswith("#"):
            return None  # another statement stands on the line
        edits = [Edit(holder.start, holder.end, written)]
    safe = first and not (isinstance(comp, n.GeneratorExp) and not _is_consumed(holder, comp))
    safety = Safety.SAFE if safe else Safety.UNSAFE
    return Fix(module.path, f"fill `{target}` in a loop", safety.value, tuple(edits))


def _in_order(holder: n.Stmt, comp: n.Expr) -> bool:
    """Return True if the statement evaluates the comprehension once and in any case, if not first."""
    if isinstance(holder, (n.While, n.With, n.Assert)):
        return False
    conditional = (n.Lambda, n.ListComp, n.DictComp, n.GeneratorExp, n.SetComp, n.BoolOp, n.IfExp)
    return not any(
        isinstance(one, conditional) and one is not comp and one.start <= comp.start and comp.end <= one.end
        for one in walk(holder)
    )


def _target(holder: n.Stmt, comp: n.Expr) -> str | None:
    """Return the variable that the comprehension alone is assigned to, if it does not read it."""
    if isinstance(holder, n.Assign) and len(holder.targets) == 1:
        target: n.Expr = holder.targets[0]
    elif isinstance(holder, n.AnnAssign):
        target = holder.target
    else:
        return None
    if holder.value is not comp or isinstance(comp, n.GeneratorExp) or not isinstance(target, n.Name):
        return None
    return None if target.id in names_in([comp]) else target.id


def _in_place(text: str, comp: n.Expr, name: str) -> Edit:
    """Put the name in place of the comprehension; the parentheses of a generator may be those of the call."""
    if isinstance(comp, n.GeneratorExp) and (text[comp.start - 1].isalnum() or text[comp.start - 1] in "_)]"):
        return Edit(comp.start + 1, comp.end - 1, name)
    return Edit(comp.start, comp.end, name)


def _is_consumed(holder: n.Stmt, comp: n.Expr) -> bool:
    """Return True if the call that is given a generator takes all of it at once."""
    for one in walk(holder):
        if isinstance(one, n.Call) and comp in one.args:
            name = one.func.attr if isinstance(one.func, n.Attribute) else getattr(one.func, "id", "")
            return name in _TAKES_ALL
    return False


_Comprehension = n.ListComp | n.GeneratorExp | n.DictComp


def _renames(module: ModuleInfo, function: n.FunctionDef, comp: _Comprehension) -> dict[str, str] | None:
    """New names for the loop's variables that mean something else in the function, as they outlive the loop."""
    bound = {name.id for one in comp.generators for name in walk(one.target) if isinstance(name, n.Name)}
    elsewhere = {
        one.id if isinstance(one, n.Name) else one.name
        for one in walk(function)
        if isinstance(one, (n.Name, n.Parameter)) and not comp.start <= one.start < comp.end
    }
    elsewhere |= names_in([comp.generators[0].iter])
    if any(isinstance(one, n.Starred) for gen in comp.generators for one in walk(gen.target)):
        return None
    taken = names_within(function) | set(module.scope.bindings)
    return {name: free_name(f"{name}_", taken) for name in bound if name in elsewhere}


def _loop(module: ModuleInfo, comp: _Comprehension, target: str, renames: dict[str, str]) -> Iterator[str]:
    depth = 0
    for place, one in enumerate(comp.generators):
        source = _text(module, one.iter, renames if place else {})
        yield f"{_STEP * depth}for {_text(module, one.target, renames)} in {_bracketed(source)}:"
        depth += 1
        for test in one.ifs:
            yield f"{_STEP * depth}if {_bracketed(_text(module, test, renames))}:"
            depth += 1
    if isinstance(comp, n.DictComp):
        key, value = (_text(module, one, renames) for one in (comp.key, comp.value))
        yield f"{_STEP * depth}{target}[{key}] = {_bracketed(value)}"
    else:
        yield f"{_STEP * depth}{target}.append({_text(module, comp.elt, renames)})"


def _text(module: ModuleInfo, node: n.Expr, renames: dict[str, str]) -> str:
    """Return the text of an expression with some of its names replaced."""
    pieces, at = [], node.start
    for one in walk(node):
        if isinstance(one, n.Name) and one.id in renames:
            pieces += [module.source.text[at : one.start], renames[one.id]]
            at = one.end
    return "".join([*pieces, module.source.text[at : node.end]])


def _bracketed(text: str) -> str:
    return f"({text})" if "\n" in text and text[0] not in "([{" else text


def as_list(module: ModuleInfo, function: n.FunctionDef) -> Fix | None:
    """Let a function that yields collect what it yields, and return the list."""
    text = module.source.text
    yields = [one for one in walk_scope(function.body) if isinstance(one, (n.Yield, n.YieldFrom))]
    own = [one for one in walk_scope(function.body) if isinstance(one, n.ExprStmt) and one.value in yields]
    returns = [one for one in walk_scope(function.body) if isinstance(one, n.Return)]
    blanks = indentation(text, function.body[0].start)
    if len(own) != len(yields) or any(one.value is not None for one in returns) or blanks is None:
        return None
    name = free_name("found", {*names_within(function), *module.scope.bindings})
    first = function.body[0]
    if isinstance(first, n.ExprStmt) and isinstance(first.value, n.Constant) and len(function.body) > 1:
        first = function.body[1]
    edits = [Edit(first.start, first.start, f"{name} = []\n{blanks}")]
    for one in yields:
        value = one.value
        if value is None or (isinstance(value, n.Tuple) and not module.text(value).startswith("(")):
            return None
        called = "append" if isinstance(one, n.Yield) else "extend"
        edits.append(Edit(one.start, one.end, f"{name}.{called}({module.text(value)})"))
    edits += [Edit(one.end, one.end, f" {name}") for one in returns]
    if function.body[-1] not in returns:
        end = function.body[-1].end
        edits.append(Edit(end, end, f"\n{blanks}return {name}"))
    if function.returns is not None:
        return None  # it says an iterator
    return Fix(module.path, "return a list", Safety.UNSAFE.value, tuple(sorted(edits)))
