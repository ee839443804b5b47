"""Decorators that speak to the compiler, added and removed; Python's functions stay what they are."""

from __future__ import annotations

from scriptlint.fixes.annotations import TYPE_COMMENT
from scriptlint.fixes.imports import Speller
from scriptlint.fixes.layout import indentation, line_start, next_line
from scriptlint.fixes.places import family, is_named, names_within, outermost
from scriptlint.program.module import BUILTINS, Class, Function, ModuleInfo
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import dotted, statements, walk, walk_scope
from scriptlint.text import Edit, Fix, Safety


def decorated(function: Function, name: str) -> Fix | None:
    """Put a decorator of `torch.jit` right above a method."""
    spell = Speller(function.module, outermost(function.module, function.node).start)
    edit = _line_above(function, spell, name)
    if edit is None:
        return None
    title = f"add `@torch.jit.{name}`"
    return Fix(function.module.path, title, Safety.SAFE.value, (edit,), tuple(spell.imports))


def without_decorator(module: ModuleInfo, decorator: n.Expr, safety: Safety) -> Fix | None:
    """Remove the line of a decorator that does nothing."""
    edit = _removed(module, decorator)
    if edit is None:
        return None
    return Fix(module.path, f"remove `@{module.text(decorator)}`", safety.value, (edit,))


def taking_object(function: Function) -> Fix | None:
    """Give a static method its object as first parameter, where the file calls it on objects only."""
    module, node = function.module, function.node
    owner, given = function.owner, node.args.all()
    static = [one for one in node.decorators if is_named(one, "staticmethod")]
    if owner is None or len(static) != 1 or len(node.decorators) != 1 or "self" in names_within(node) or not given:
        return None
    if node.args.posonly or not node.args.args:
        return None
    classes = {one.name for one in family(module, owner.node)}
    read = (one for one in walk(module.tree) if isinstance(one, n.Attribute) and one.attr == node.name)
    removed = _removed(module, static[0])
    if removed is None or any((dotted(one.value) or "").rpartition(".")[2] in classes for one in read):
        return None
    added = Edit(given[0].start, given[0].start, "self, ")
    return Fix(module.path, f"make `{node.name}` a method of the object", Safety.UNSAFE.value, (removed, added))


def kept_out(function: Function) -> Fix | None:
    """Mark a method that is called for what it does alone as unused, and call it in Python only."""
    module, owner, name = function.module, function.owner, function.node.name
    if owner is None or function.node.decorators or _may_write(function):
        return None
    spell = Speller(module, outermost(module, owner.node).start)
    marked, asked = _line_above(function, spell, "unused"), spell("torch.jit.is_scripting")
    calls = [
        one
        for method in owner.functions.values()
        for one in statements(method.node.body)
        if isinstance(one, n.ExprStmt) and isinstance(one.value, n.Call) and _is_own(one.value.func, name)
    ]
    reads = [one for one in walk(module.tree) if isinstance(one, n.Attribute) and one.attr == name]
    if marked is None or asked is None or len(reads) != len(calls) or not calls:
        return None
    edits = [marked]
    for one in calls:
        blanks = indentation(module.source.text, one.start)
        if blanks is None or "\n" in module.text(one):
            return None
        edits.append(Edit(one.start, one.start, f"if not {asked}():\n{blanks}    "))
    title = f"leave `{name}` to Python"
    return Fix(module.path, title, Safety.UNSAFE.value, tuple(sorted(edits)), tuple(spell.imports))


def _may_write(function: Function) -> bool:
    """Return True if a method may change the object or what it is given, so that leaving it out would change the result."""
    scope = function.module.scope.bindings
    given = {one.name for one in function.node.args.all()}
    for one in walk_scope(function.node.body):
        targets = one.targets if isinstance(one, n.Assign) else [one.target] if isinstance(one, n.AugAssign) else []
        if any(not isinstance(target, n.Name) or isinstance(one, n.AugAssign) for target in targets):
            return True
        if not isinstance(one, n.Call):
            continue
        if isinstance(one.func, n.Attribute) and one.func.attr.endswith("_"):
            return True
        root = (dotted(one.func) or "").partition(".")[0]
        imported = all(isinstance(bound.node, (n.Import, n.ImportFrom)) for bound in scope.get(root, []))
        known = (root in scope and imported) or root in BUILTINS
        parts = [*one.args, *(keyword.value for keyword in one.keywords)]
        if not known and any(isinstance(part, n.Name) and part.id in given for part in parts):
            return True
    return False


def moved_to_forward(cls: Class, decorator: n.Expr, word: str) -> Fix | None:
    """Take a decorator from a module class to its `forward`."""
    forward = cls.functions.get("forward")
    removed = _removed(cls.module, decorator)
    if forward is None or removed is None or forward.node.decorators:
        return None
    spell = Speller(cls.module, outermost(cls.module, cls.node).start)
    added = _line_above(forward, spell, word)
    if added is None:
        return None
    title = "decorate `forward` instead"
    return Fix(cls.module.path, title, Safety.UNSAFE.value, (removed, added), tuple(spell.imports))


def _is_own(callee: n.Expr, name: str) -> bool:
    is_self = isinstance(callee, n.Attribute) and isinstance(callee.value, n.Name) and callee.value.id == "self"
    return is_self and callee.attr == name  # type: ignore[union-attr]


def _line_above(function: Function, spell: Speller, name: str) -> Edit | None:
    text, spelled = function.module.source.text, spell(f"torch.jit.{name}")
    blanks = indentation(text, function.node.start)
    if blanks is None or spelled is None:
        return None
    return Edit(function.node.start, function.node.start, f"@{spelled}\n{blanks}")


def _removed(module: ModuleInfo, decorator: n.Expr) -> Edit | None:
    """Return the line of a decorator, without its comment; None where something else stands on it."""
    text = module.source.text
    start, end = line_start(text, decorator.start), next_line(text, decorator.end)
    rest = text[decorator.end : end].strip()
    if text[start : decorator.start].strip() != "@" or (rest and not rest.startswith("#")):
        return None
    if rest:
        return Edit(text.rindex("@", start, decorator.start), text.index("#", decorator.end), "")
    return Edit(start, end, "")


def scripted_when_traced(function: Function) -> Fix | None:
    """Let the compiler take a function of tensors where a trace meets it, so that its branches and loops stay."""
    if function.owner is not None or function.outer is not None or function.node.decorators:
        return None
    parameters = function.node.args.all()
    plain = len(parameters) == len(function.node.args.args) and bool(parameters)
    if TYPE_COMMENT.search(function.module.text(function.node)):
        return None
    if not plain or any(one.annotation is not None or one.default is not None for one in parameters):
        return None
    spell = Speller(function.module, outermost(function.module, function.node).start)
    edit = _line_above(function, spell, "script_if_tracing")
    if edit is None:
        return None
    title = "script it where it is traced"
    return Fix(function.module.path, title, Safety.UNSAFE.value, (edit,), tuple(spell.imports))
