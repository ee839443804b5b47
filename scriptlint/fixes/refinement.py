"""Attributes that may be None, read through a local variable: the compiler remembers of variables alone that they are not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeGuard

from scriptlint.fixes.layout import before, indentation
from scriptlint.fixes.places import above, free_name, has_comment, names_within, statement_of, statements_around
from scriptlint.program.module import Function
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk
from scriptlint.text import Edit, Fix, Safety


def tested_attributes(function: n.FunctionDef, node: n.Node) -> Iterator[n.Attribute]:
    """Yield the attributes of `self` below a node that a test around it, or above it, compares with None."""
    reads = {one.attr: one for one in walk(node) if _is_own(one)}
    for name, read in reads.items():
        if _tests(function, read):
            yield reads[name]


def through_local(function: Function, read: n.Attribute) -> Fix | None:
    """`if self.h is not None: f(self.h)` becomes `h = self.h` and `if h is not None: f(h)`."""
    module, tests = function.module, _tests(function.node, read)
    region = next((found for one in tests if (found := _region(function.node, one, read)) is not None), None)
    if region is None:
        return None
    reads = [one for part in region for one in walk(part) if _is_own(one)]
    reads = [one for one in reads if one.attr == read.attr]
    if any(one in reads for part in region for one in _stored(part)):
        return None
    text = module.source.text
    if text.startswith("elif", region[0].start) or isinstance(region[0], n.While):
        return None
    name = _variable(function, read)
    line = before(text, region[0].start, [f"{name} = {module.text(read)}"])
    if line is None:
        return None
    edits = [line, *(Edit(one.start, one.end, name) for one in reads)]
    safety = _safety(function, region)
    return Fix(module.path, f"read `{module.text(read)}` once", safety.value, tuple(sorted(edits)))


def _variable(function: Function, read: n.Attribute) -> str:
    """Return a name for a variable that holds an attribute, which no fix of another attribute chooses."""
    bare = read.attr.lstrip("_")
    others = {one.attr for one in own_attributes(function.node)} - {read.attr}
    taken = {*names_within(function.node), *function.module.scope.bindings, *others}
    return free_name(bare if bare.isidentifier() else f"own{read.attr}", taken)


def _is_own(node: n.Node) -> TypeGuard[n.Attribute]:
    return isinstance(node, n.Attribute) and isinstance(node.value, n.Name) and node.value.id == "self"


def _tests(function: n.FunctionDef, read: n.Attribute) -> list[n.Compare]:
    """Return the comparisons of the same attribute with None, the last first."""
    found = [
        one
        for one in walk(function)
        if isinstance(one, n.Compare) and one.ops in (["is"], ["is not"])
        if isinstance(one.left, n.Attribute) and _is_own(one.left) and one.left.attr == read.attr
        if isinstance(one.comparators[0], n.Constant) and one.comparators[0].kind == "none"
    ]
    return found[::-1]


def _region(function: n.FunctionDef, test: n.Compare, read: n.Attribute) -> Sequence[n.Stmt] | None:
    """Return the statements in which the test speaks of the read: the one that holds both, or all behind a test that leaves."""
    place = statement_of(function, test)
    if place is None:
        return None
    holder, body = place
    if holder.start <= read.start < holder.end:
        return [holder]
    at = body.index(holder)
    leaves = isinstance(holder, n.Assert) or (
        isinstance(holder, n.If) and isinstance(holder.body[-1], (n.Return, n.Raise)) and not holder.orelse
    )
    inside = any(one.start <= read.start < one.end for one in body[at:])
    return body[at:] if leaves and inside else None


def _stored(part: n.Stmt) -> Iterator[n.Node]:
    for one in walk(part):
        if isinstance(one, (n.Assign, n.Delete)):
            yield from one.targets
        elif isinstance(one, (n.AugAssign, n.AnnAssign)):
            yield one.target


def with_test_inlined(function: Function, name: n.Name, helper: Callable[[n.Call], Function | None]) -> Fix | None:
    """`if exists(x):` becomes `if x is not None:` around a use of `x`, where that is what `exists` returns.

    `helper` gives the function that is called: what one has found out is not known where it was called.
    """
    module, edits = function.module, []
    for holder in above(function.node, name):
        test = holder.test if isinstance(holder, (n.If, n.IfExp)) else holder if isinstance(holder, n.BoolOp) else None
        inside = test is not None and test.start <= name.start < test.end
        for one in walk(test) if test is not None else ():
            if (
                isinstance(one, n.Call)
                and len(one.args) == 1
                and not one.keywords
                and (one.end <= name.start or not inside)
            ):
                given = one.args[0]
                is_helper = _returns_is_not_none(helper(one)) and not has_comment(module, one)
                if isinstance(given, n.Name) and given.id == name.id and is_helper:
                    outer = above(function.node, one)[0]
                    text = f"{name.id} is not None"
                    is_operand = isinstance(outer, (n.UnaryOp, n.Compare, n.BinOp))
                    edits.append(Edit(one.start, one.end, f"({text})" if is_operand else text))
    if not edits:
        return None
    return Fix(module.path, f"write `{name.id} is not None`", Safety.SAFE.value, tuple(sorted(set(edits))))


def _returns_is_not_none(function: Function | None) -> bool:
    """Return True if all that a function does is to compare its parameter with None."""
    parameters = [] if function is None or function.node.decorators else function.node.args.all()
    match function.node.body if function is not None and len(parameters) == 1 else []:
        case [n.Return(value=n.Compare(left=n.Name(id=left), ops=["is not"], comparators=[right]))]:
            return left == parameters[0].name and _is_none(right)
    return False


def own_attributes(node: n.Node) -> Iterator[n.Attribute]:
    """Yield the attributes of `self` below a node, each once."""
    yield from {one.attr: one for one in walk(node) if _is_own(one)}.values()


def stored_through_local(function: Function, read: n.Attribute) -> Fix | None:
    """`self.h = f(x)` and `g(self.h)` become `h = f(x)`, `self.h = h` and `g(h)`: the compiler knows what a variable was given.

    The attribute may also be set where it is None: `if self.h is None: self.h = f(x)`.
    """
    module, found = function.module, None
    for statement, body in statements_around(function.node, read):
        in_test = isinstance(statement, n.If) and statement.test.start <= read.start < statement.test.end
        found = _store_before(body[: body.index(statement) + in_test], read.attr)
        if found is not None:
            break
    else:
        return None
    store, holder = found
    region = _until_stored(body[body.index(holder) + 1 :], read.attr)
    asked = [holder.test] if isinstance(holder, n.If) else []
    reads = [one for part in (*asked, *region) for one in walk(part) if _is_own(one)]
    stored = [one for part in region for one in _stored(part)]
    reads = [one for one in reads if one.attr == read.attr and one not in stored]
    blanks = indentation(module.source.text, store.start)
    if blanks is None or read not in reads or module.source.text.startswith("elif", holder.start):
        return None
    name = _variable(function, read)
    own = module.text(store.targets[0])
    edits = [
        Edit(store.targets[0].start, store.targets[0].end, name),
        Edit(store.end, store.end, f"\n{blanks}{own} = {name}"),
        *(Edit(one.start, one.end, name) for one in reads),
    ]
    if isinstance(holder, n.If):
        line = before(module.source.text, holder.start, [f"{name} = {own}"])
        if line is None:
            return None
        edits.append(line)
    if any(read.attr in one.assigned_attributes for one in _own_methods(function, [holder, *region])):
        return None
    safety = _safety(function, [holder, *region])
    return Fix(module.path, f"keep `{own}` in a variable", safety.value, tuple(sorted(edits)))


def _store_before(body: list[n.Stmt], name: str) -> tuple[n.Assign, n.Stmt] | None:
    """Return the last assignment of an attribute in a block, and the statement of the block that holds it; None if it may assign None."""
    for one in reversed(body):
        if isinstance(one, n.Assign) and _is_store(one, name):
            return (one, one) if not _is_none(one.value) else None
        if isinstance(one, n.If) and not one.orelse and _asks_for_none(one.test, name):
            inner = [each for each in one.body if isinstance(each, n.Assign) and _is_store(each, name)]
            return (inner[0], one) if len(inner) == 1 == len(list(_stores(one, name))) else None
        if any(True for _ in _stores(one, name)):
            return None
    return None


def _until_stored(body: list[n.Stmt], name: str) -> list[n.Stmt]:
    """Return the statements up to one that sets an attribute anew, which is the last; empty where some branch does that."""
    for place, one in enumerate(body):
        if any(True for _ in _stores(one, name)):
            is_plain = isinstance(one, n.Assign) and _is_store(one, name)
            return body[: place + 1] if is_plain else body[:place]
    return body


def _stores(part: n.Stmt, name: str) -> Iterator[n.Node]:
    for target in _stored(part):
        yield from (one for one in walk(target) if _is_own(one) and one.attr == name)


def _is_store(one: n.Assign, name: str) -> bool:
    only = one.targets[0] if len(one.targets) == 1 else None
    return isinstance(only, n.Attribute) and _is_own(only) and only.attr == name


def _asks_for_none(test: n.Expr, name: str) -> bool:
    match test:
        case n.BoolOp(op="or", values=[first, *_]):
            return _asks_for_none(first, name)
        case n.Compare(left=n.Attribute() as left, ops=["is"], comparators=[right]):
            return _is_own(left) and left.attr == name and _is_none(right)
    return False


def _is_none(node: n.Expr) -> bool:
    return isinstance(node, n.Constant) and node.kind == "none"


def _own_methods(function: Function, region: Sequence[n.Stmt]) -> list[Function]:
    """Return the methods and properties of the same class that some statements use."""
    used = {one.attr for part in region for one in own_attributes(part)}
    return [] if function.owner is None else [one for name, one in function.owner.functions.items() if name in used]


def _safety(function: Function, region: Sequence[n.Stmt]) -> Safety:
    """Return Safety.SAFE if nothing that some statements use can set an attribute of the object.

    Modules that the class itself sets do not; methods, also those of bases, and what is given the object may.
    """
    nodes = [one for part in region for one in walk(part)]
    owners = {id(one.value) for one in nodes if _is_own(one) and one.attr != "__dict__"}
    if any(isinstance(one, n.Name) and one.id in ("self", "super") and id(one) not in owners for one in nodes):
        return Safety.UNSAFE
    methods = [] if function.owner is None else function.owner.functions.values()
    held = {name for one in methods for name in one.assigned_attributes}
    called = {one.func.attr for one in nodes if isinstance(one, n.Call) and _is_own(one.func)}
    return Safety.UNSAFE if called - held or _own_methods(function, region) else Safety.SAFE
