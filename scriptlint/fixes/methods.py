"""Methods of Tensor that TorchScript lacks, written with those that it has."""

from __future__ import annotations

from collections.abc import Mapping

from scriptlint.fixes.imports import Speller
from scriptlint.fixes.layout import without
from scriptlint.fixes.places import above, outermost, statement_of
from scriptlint.program.module import Function
from scriptlint.syntax import nodes as n
from scriptlint.text import Edit, Fix, Safety

# Two names of one method (`torch/_tensor_docs.py`).
_NAMES: Mapping[str, str] = {"nelement": "numel", "ndimension": "dim"}
# `x.bool()` is `x.to(torch.bool)`.
_CASTS = frozenset({"bool", "bfloat16"})
# Methods that call the function of that name (`torch/_tensor.py`).
_FUNCTIONS = frozenset({"unique"})


def with_known_method(function: Function, node: n.Attribute) -> Fix | None:
    """`x.bool()` becomes `x.to(torch.bool)`, `x.nelement()` becomes `x.numel()`."""
    module, text = function.module, function.module.source.text
    call = next(iter(above(function.node, node)), None)
    if not isinstance(call, n.Call) or call.func is not node or not text[: node.end].endswith(f".{node.attr}"):
        return None
    start = node.end - len(node.attr)
    if node.attr in _NAMES:
        edit = Edit(start, node.end, _NAMES[node.attr])
        return Fix(module.path, f"write `{_NAMES[node.attr]}`", Safety.SAFE.value, (edit,))
    hidden = frozenset(function.scope.bindings)
    spell = Speller(module, outermost(module, function.node).start, hidden)
    spelled = spell(f"torch.{node.attr}")
    if spelled is None:
        return None
    if node.attr in _CASTS and not call.args and not call.keywords:
        edit = Edit(start, call.end, f"to({spelled})")
        return Fix(module.path, f"write `to({spelled})`", Safety.SAFE.value, (edit,), tuple(spell.imports))
    if node.attr in _FUNCTIONS:
        opening = text.index("(", node.end) + 1
        separator = ", " if call.args or call.keywords else ""
        edits = (Edit(call.start, call.start, f"{spelled}("), Edit(node.value.end, opening, separator))
        return Fix(module.path, f"write `{spelled}(...)`", Safety.SAFE.value, edits, tuple(spell.imports))
    return None


def without_cast(function: Function, call: n.Call) -> Fix | None:
    """`typing.cast(T, x)` becomes `x`, which is what it gives."""
    if len(call.args) != 2 or call.keywords or any(isinstance(one, n.Starred) for one in call.args):
        return None
    module, value = function.module, call.args[1]
    if module.source.text[value.end : call.end].strip() not in (")", ",)"):
        return None
    place = statement_of(function.node, call)
    if place is not None and _gives_itself(place[0], call, value):
        removed = without(module.source.text, place[1], place[0])
        title = f"write `{module.text(value)}` itself"
        return None if removed is None else Fix(module.path, title, Safety.SAFE.value, (removed,))
    plain = isinstance(value, (n.Name, n.Attribute, n.Call, n.Subscript, n.Constant))
    text = module.text(value) if plain and "\n" not in module.text(value) else f"({module.text(value)})"
    edit = Edit(call.start, call.end, text)
    return Fix(module.path, f"write `{module.text(value)}` itself", Safety.SAFE.value, (edit,))


def _gives_itself(statement: n.Stmt, call: n.Call, value: n.Expr) -> bool:
    """Return True if a statement is `x = cast(T, x)`, which does nothing but that."""
    if not isinstance(statement, n.Assign) or statement.value is not call or not isinstance(value, n.Name):
        return False
    return all(isinstance(one, n.Name) and one.id == value.id for one in statement.targets)
