"""Annotations in the body of a class, which tell the compiler what the attributes of its objects are.

Python keeps them in a dictionary that nothing of torch but the compiler reads, so they change nothing else. Where
`from __future__ import annotations` makes texts of them the compiler refuses them.
"""

from __future__ import annotations

from collections.abc import Mapping

from scriptlint.fixes.annotations import spelled
from scriptlint.fixes.imports import Speller
from scriptlint.fixes.layout import indentation, line_start, next_line
from scriptlint.fixes.places import above, outermost, uses_in
from scriptlint.program.module import Class
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk
from scriptlint.text import Edit, Fix, Safety
from scriptlint.types.model import Type


def final_attributes(cls: Class, kinds: Mapping[str, Type]) -> Fix | None:
    """Make constants of attributes that the constructor sets, so that the compiler prunes the branches they decide."""
    if cls.module.has_future_annotations:
        return None
    spell = Speller(cls.module, outermost(cls.module, cls.node).start)
    final = spell("typing.Final")
    lines = []
    for name, kind in kinds.items():
        text = spelled(kind, spell)
        if text is None or final is None:
            return None
        lines.append(f"{name}: {final}[{text}]\n")
    edits = _at_the_top(cls, lines)
    if edits is None:
        return None
    title = f"make {', '.join(f'`{one}`' for one in kinds)} Final"
    relies_on = tuple(f"{cls.node.name}.{name}" for name in kinds)
    return Fix(cls.module.path, title, Safety.SAFE.value, edits, tuple(spell.imports), relies_on)


def declared(cls: Class, name: str, kind: Type, safety: Safety) -> Fix | None:
    """Tell the compiler the type of an attribute whose first value does not: None, or an empty container."""
    if cls.module.has_future_annotations:
        return None
    spell = Speller(cls.module, outermost(cls.module, cls.node).start)
    text = spelled(kind, spell)
    edits = None if text is None else _at_the_top(cls, [f"{name}: {text}\n"])
    if edits is None:
        return None
    relies_on = (f"{cls.node.name}.{name}",)
    title = f"declare `{name}: {text}`"
    return Fix(cls.module.path, title, safety.value, edits, tuple(spell.imports), relies_on)


def has_only_length_asked(cls: Class, name: str) -> bool:
    """Return True if the methods of a class read an attribute only to learn if it is empty, or how long it is."""
    for method in cls.functions.values():
        for one in walk(method.node) if method.node.name != "__init__" else ():
            if not isinstance(one, n.Attribute) or one.attr != name:
                continue
            holder = above(method.node, one)[0]
            is_test = isinstance(holder, (n.If, n.IfExp, n.While, n.Assert)) and holder.test is one
            is_length = isinstance(holder, n.Call) and isinstance(holder.func, n.Name) and holder.func.id == "len"
            if not (is_test or is_length or isinstance(holder, n.UnaryOp)):
                return False
    return True


def constant_of_class(cls: Class, function: n.FunctionDef, name: str, kind: Type) -> Fix | None:
    """A global constant that a method reads becomes a Final attribute of its class."""
    if cls.module.has_future_annotations:
        return None
    spell = Speller(cls.module, outermost(cls.module, cls.node).start)
    head, inner = spell("typing.Final"), spelled(kind, spell)
    instance = function.args.args[0].name if function.args.args else ""
    taken = name in cls.scope.bindings or any(name in one.assigned_attributes for one in cls.module.functions.values())
    if head is None or inner is None or not instance or function.decorators or taken:
        return None
    edits = _at_the_top(cls, [f"{name}: {head}[{inner}] = {name}\n"])
    reads = uses_in(function).get(name, [])
    defaults = [one for one in walk(function.args) if one in reads]
    if edits is None or defaults:
        return None
    moved = [Edit(one.start, one.start, f"{instance}.") for one in reads]
    title = f"make `{name}` a Final attribute"
    return Fix(cls.module.path, title, Safety.UNSAFE.value, tuple(sorted([*edits, *moved])), tuple(spell.imports))


def _at_the_top(cls: Class, lines: list[str]) -> tuple[Edit, ...] | None:
    """Put lines below the docstring of a class, None where its body stands on the line of its header."""
    body, text = cls.node.body, cls.module.source.text
    blanks = indentation(text, body[0].start)
    if blanks is None:
        return None
    has_docstring = isinstance(body[0], n.ExprStmt) and isinstance(body[0].value, n.Constant)
    rest = body[1:] if has_docstring else body
    before = after = ""
    if rest and isinstance(rest[0], n.AnnAssign):
        at = line_start(text, rest[0].start)
    elif has_docstring:
        at = next_line(text, body[0].end)
        before = "\n" if text[:at].endswith(("\n", "\r")) else "\n\n"
        after = "" if not rest or text[at:].startswith(("\n", "\r")) else "\n"
    else:
        at = next_line(text, cls.node.header_end - 1)
        after = "" if not rest or text[at:].startswith(("\n", "\r")) else "\n"
    return tuple(Edit(at, at, f"{before}{blanks}{one}{after}", True) for one in lines)
