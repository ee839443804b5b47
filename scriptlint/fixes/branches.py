"""Variables that not every branch of an `if` defines, or that only the rounds of a loop do."""

from __future__ import annotations

import itertools

from scriptlint.fixes.first_values import first_value
from scriptlint.fixes.imports import Speller
from scriptlint.fixes.layout import before, indentation, next_line
from scriptlint.fixes.places import above, names_in, outermost, statement_of, uses_in
from scriptlint.program.module import Function, ModuleInfo
from scriptlint.program.scopes import targets
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import statements, walk
from scriptlint.text import Edit, Fix, Safety
from scriptlint.types.model import Type


def raising_otherwise(module: ModuleInfo, function: n.FunctionDef, node: n.If, used: n.Name) -> Fix | None:
    """Give an `if` whose branches all define a variable an `else` that raises what its use would raise."""
    text, last, name = module.source.text, node, used.id
    if not _surely_reaches(function, node, used):
        return None
    within = [one for one in statements(function.body) if node.start <= one.start < node.end]
    if any(name in _bound(one) for one in statements(function.body) if one not in within):
        return None  # it may have a value already
    while True:
        if not _surely_gives(last.body, name):
            return None
        if not last.orelse:
            break
        if not isinstance(last.orelse[0], n.If) or not text.startswith("elif", last.orelse[0].start):
            return None
        last = last.orelse[0]
    outer, inner = indentation(text, node.start), indentation(text, node.body[0].start)
    if outer is None or inner is None or text.startswith("elif", node.start) or "UnboundLocalError" in names_in([node]):
        return None
    at = next_line(text, last.end)
    start = "" if text[:at].endswith(("\n", "\r")) else "\n"
    lines = f'{start}{outer}else:\n{inner}raise UnboundLocalError("{name}")\n'
    return Fix(module.path, f"raise where `{name}` is not set", Safety.UNSAFE.value, (Edit(at, at, lines),))


def started_before(function: Function, loop: n.For | n.While, name: str, kind: Type) -> Fix | None:
    """Give a variable that a loop defines a first value before it, which no round leaves."""
    module, node = function.module, function.node
    spell = Speller(module, outermost(module, node).start, frozenset(function.scope.bindings))
    value = first_value(kind, spell)
    is_target = isinstance(loop, n.For) and name in names_in([loop.target])
    if value is None or is_target or name in {one.name for one in node.args.all()}:
        return None
    place = statement_of(node, loop)
    line = before(module.source.text, loop.start, [f"{name} = {value}"])
    if line is None or place is None or place[0] is not loop or module.source.text.startswith("elif", loop.start):
        return None
    store = next((one for one in loop.body if name in _bound(one)), None)
    is_sure = store is not None and _surely_runs(loop)
    if _may_have_value(node, loop, name) and (not is_sure or store is None or _is_read_before(loop, store, name)):
        return None
    safety = Safety.SAFE if is_sure else Safety.UNSAFE
    return Fix(module.path, f"write `{name} = {value}` before the loop", safety.value, (line,), tuple(spell.imports))


def started_before_if(function: Function, node: n.If, name: str, kind: Type) -> Fix | None:
    """Give a variable of an `if` a first value before it, where all that reads it stands under an `if` with the same test."""
    module, body = function.module, function.node
    spell = Speller(module, outermost(module, body).start, frozenset(function.scope.bindings))
    value = first_value(kind, spell)
    uses = uses_in(body).get(name, [])
    place = statement_of(body, node)
    line = before(module.source.text, node.start, [f"{name} = {value}"])
    if value is None or line is None or place is None or place[0] is not node or node.orelse:
        return None
    if module.source.text.startswith("elif", node.start) or name in {one.name for one in body.args.all()}:
        return None
    stores = [one for one in node.body if name in _bound(one)]
    if not stores or any(name in names_in([one]) for one in node.body[: node.body.index(stores[0])]):
        return None
    first = stores[0].value if isinstance(stores[0], (n.Assign, n.AnnAssign)) else None
    within = [one for one in uses if node.start <= one.start < node.end]
    if first is None or name in names_in([first]) or any(one.start < node.start for one in uses):
        return None
    later = [one for one in uses if one not in within]
    if not _is_stable(function, node) or not all(_is_under(module, body, node, one) for one in later):
        return None
    title = f"write `{name} = {value}` before the `if`"
    return Fix(module.path, title, Safety.SAFE.value, (line,), tuple(spell.imports))


def _is_stable(function: Function, node: n.If) -> bool:
    """Return True if a test asks only variables and attributes that nothing in the function changes from there on."""
    read = [*walk(node.test)]
    plain = (n.Name, n.Attribute, n.Constant, n.UnaryOp, n.Compare, n.BoolOp)
    names = names_in([node.test])
    attributes = {one.attr for one in read if isinstance(one, n.Attribute)}
    for one in statements(function.node.body):
        given = one.targets if isinstance(one, n.Assign) else [getattr(one, "target", None)]
        for target in (part for each in given if each is not None for part in walk(each)):
            if isinstance(target, n.Attribute) and target.attr in attributes:
                return False
            if isinstance(target, n.Name) and target.id in names and one.start >= node.start:
                return False
    return all(isinstance(one, plain) for one in read)


def _is_under(module: ModuleInfo, function: n.FunctionDef, node: n.If, use: n.Name) -> bool:
    """Return True if a use stands in the body of an `if` below another, for which the test of that has to be true."""
    wanted = module.text(node.test)
    holders = above(function, use)
    if any(isinstance(one, (n.FunctionDef, n.Lambda)) for one in holders[:-1]):
        return False
    for inner, holder in zip([use, *holders], holders, strict=False):
        if isinstance(holder, (n.If, n.IfExp)) and holder.start >= node.end:
            asked = (
                holder.test.values if isinstance(holder.test, n.BoolOp) and holder.test.op == "and" else [holder.test]
            )
            is_body = inner in holder.body if isinstance(holder, n.If) else inner is holder.body
            if is_body and any(module.text(one) == wanted for one in asked):
                return True
    return False


def _may_have_value(function: n.FunctionDef, loop: n.For | n.While, name: str) -> bool:
    """Return True if a variable may have a value where a loop begins: from code above, or from a round of a loop around it."""
    is_in_loop = any(isinstance(one, (n.For, n.While)) for one in above(function, loop))
    return is_in_loop or any(one.start < loop.start for one in uses_in(function).get(name, ()))


def _is_read_before(loop: n.For | n.While, store: n.Stmt, name: str) -> bool:
    """Return True if a round reads a variable before the statement of it that stores it."""
    value = [store.value] if isinstance(store, (n.Assign, n.AnnAssign)) and store.value is not None else []
    return name in names_in([*loop.body[: loop.body.index(store)], *value])


def _surely_runs(loop: n.For | n.While) -> bool:
    """Return True if a loop has rounds by its form, and each comes to its end."""
    match loop:
        case n.For(iter=n.Call(func=n.Name(id="range"), args=[n.Constant(kind="int", value=int(count))])) if count > 0:
            return not any(isinstance(one, (n.Break, n.Continue)) for one in statements(loop.body))
    return False


def _surely_reaches(function: n.FunctionDef, node: n.If, used: n.Name) -> bool:
    """Return True if everything that passes an `if` comes to a use behind it."""
    block = _block(function, node) or []
    place = statement_of(function, used)
    if place is None or place[1] is not block:
        return False
    between = block[block.index(node) + 1 : block.index(place[0])]
    leaves = (n.Return, n.Raise, n.Break, n.Continue, n.Assert)
    conditional = (n.BoolOp, n.IfExp, n.Lambda, n.ListComp, n.GeneratorExp, n.DictComp)
    return not any(isinstance(one, leaves) for one in statements(between)) and not any(
        isinstance(one, conditional) for one in above(place[0], used)
    )


def _surely_gives(body: list[n.Stmt], name: str) -> bool:
    for one in body:
        if isinstance(one, (n.Raise, n.Return)):
            return True
        if isinstance(one, n.If) and one.orelse and _surely_gives(one.body, name) and _surely_gives(one.orelse, name):
            return True
        if isinstance(one, n.With) and _surely_gives(one.body, name):
            return True
        if name in _bound(one):
            return True
    return False


def _bound(one: n.Stmt) -> set[str]:
    if isinstance(one, n.Assign):
        return {name.id for target in one.targets for name in targets(target)}
    return {name.id for name in targets(one.target)} if isinstance(one, n.AnnAssign) else set()


def as_else(module: ModuleInfo, function: n.FunctionDef, node: n.If) -> Fix | None:
    """`if c: ...` and, right behind it, `if not c: ...` become one `if` with an `else`."""
    block = _block(function, node) or []
    pairs = [(one, other) for one, other in itertools.pairwise(block) if node in (one, other)]
    return next((fix for one, other in pairs if (fix := _joined(module, one, other)) is not None), None)


def _joined(module: ModuleInfo, node: n.Stmt, second: n.Stmt) -> Fix | None:
    if not isinstance(node, n.If) or not isinstance(second, n.If) or node.orelse or second.orelse:
        return None
    if not _is_opposite(module, node.test, second.test):
        return None
    text = module.source.text
    read = names_in([node.test])
    given = {name for one in statements(node.body) for name in _bound(one)}
    plain = (n.Name, n.Attribute, n.Constant, n.UnaryOp, n.Compare)
    if not all(isinstance(one, plain) for one in walk(node.test)) or read & given:
        return None
    colon = text.index(":", second.test.end)
    if text[second.test.end : colon].strip(" )") or text[node.end : second.start].strip():
        return None
    of_objects = any(isinstance(one, n.Attribute) for one in walk(node.test))
    safety = Safety.UNSAFE if of_objects else Safety.SAFE
    edit = Edit(second.start, colon, "else")
    return Fix(module.path, "make one `if` of the two", safety.value, (edit,))


def _block(function: n.FunctionDef, node: n.If) -> list[n.Stmt] | None:
    found = statement_of(function, node)
    return found[1] if found is not None and found[0] is node else None


def _is_opposite(module: ModuleInfo, one: n.Expr, other: n.Expr) -> bool:
    """Return True if two tests are each other's negation by form."""
    if isinstance(other, n.UnaryOp) and other.op == "not":
        return module.text(other.operand) == module.text(one)
    if isinstance(one, n.UnaryOp) and one.op == "not":
        return module.text(one.operand) == module.text(other)
    if not isinstance(one, n.Compare) or not isinstance(other, n.Compare):
        return False
    pairs = {("is", "is not"), ("==", "!="), ("in", "not in")}
    same = module.text(one.left) == module.text(other.left) and [module.text(part) for part in one.comparators] == [
        module.text(part) for part in other.comparators
    ]
    return (
        same and len(one.ops) == len(other.ops) == 1 and bool({(*one.ops, *other.ops), (*other.ops, *one.ops)} & pairs)
    )
