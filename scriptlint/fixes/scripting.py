"""What is left to Python: calls that TorchScript lacks under an `if`, whose other branch gives the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from scriptlint.fixes.imports import Speller
from scriptlint.fixes.places import above, outermost, statement_of
from scriptlint.program.module import Function
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk
from scriptlint.text import Edit, Fix, Safety

# What only spares memory or spreads work: the model that does without gives the same.
ONLY_OUTSIDE = frozenset({"checkpoint", "checkpoint_sequential", "data_parallel"})


def not_in_script(function: Function, call: n.Call) -> Fix | None:
    """`if self.with_cp:` becomes `if not torch.jit.is_scripting() and self.with_cp:`, where that is all that leads to a call.

    It is safe where the other branch is one statement of the same kind that mentions what the call is given to run.
    """
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
    otherwise = _otherwise(function, one)
    alike = isinstance(one, n.IfExp) or _is_alike(one.body, otherwise)
    safety = Safety.SAFE if alike and _run(call.args[:1]) & _mentioned(otherwise) else Safety.UNSAFE
    return Fix(module.path, title, safety.value, (edit,), tuple(asked.imports))


def _otherwise(function: Function, holder: n.If | n.IfExp) -> list[n.Node]:
    """Return what runs where the test is false."""
    if isinstance(holder, n.IfExp):
        return [holder.orelse]
    place = statement_of(function.node, holder)
    return [*holder.orelse] or ([] if place is None else [*place[1][place[1].index(holder) + 1 :]])


def _is_alike(body: Sequence[n.Node], otherwise: Sequence[n.Node]) -> bool:
    """Return True if two blocks only return, or give the same variables their values; the first may define functions."""
    if not all(isinstance(one, n.FunctionDef) for one in body[:-1]):
        return False
    match body[-1], otherwise:
        case n.Return(), [n.Return()]:
            return True
        case n.Assign(targets=ours), [n.Assign(targets=theirs)]:
            return [*map(_shape, ours)] == [*map(_shape, theirs)]
    return False


def _shape(target: n.Expr) -> object:
    match target:
        case n.Name(id=name):
            return name
        case n.Attribute(value=value, attr=name):
            return _shape(value), name
        case n.Tuple(elts=parts) | n.List(elts=parts):
            return [*map(_shape, parts)]
    return target.start


def _run(nodes: Iterable[n.Node]) -> set[str]:
    """Return the names of what a call is given to run: of a module, of a function, or of what a function is made of."""
    found: set[str] = set()
    for node in nodes:
        match node:
            case n.Call(args=args):
                found |= _run(args)
            case n.Lambda(body=body):
                found |= _run(one.func for one in walk(body) if isinstance(one, n.Call))
            case n.Subscript(value=value):
                found |= _run([value])
            case n.Name(id=name) | n.Attribute(attr=name):
                found.add(name)
    return found


def _mentioned(nodes: Iterable[n.Node]) -> set[str]:
    names = (one for node in nodes for one in walk(node))
    return {one.id if isinstance(one, n.Name) else one.attr for one in names if isinstance(one, (n.Name, n.Attribute))}


def _is_or(node: n.Expr) -> bool:
    return isinstance(node, n.BoolOp) and node.op == "or"
