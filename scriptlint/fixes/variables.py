"""Annotations of local variables, which Python never evaluates: types where the compiler would take the first value's."""

from __future__ import annotations

from scriptlint.fixes.annotations import TYPE_COMMENT, spelled
from scriptlint.fixes.arguments import as_floats
from scriptlint.fixes.imports import Speller
from scriptlint.fixes.places import assignments_in, outermost
from scriptlint.fixes.statements import written_out
from scriptlint.program.module import Function
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import statements
from scriptlint.text import Edit, Fix, Safety
from scriptlint.types.model import Type, has_unknown


def annotated_where_empty(function: Function, name: str, kind: Type) -> Fix | None:
    """`xs = []` becomes `xs: List[int] = []`, where that is the one place that empties it."""
    found = [one for one in _given(function.node, name) if _is_empty(one.value)]
    return _annotated(function, name, found, kind)


def is_empty_at_first(function: Function, name: str) -> bool:
    """Return True if some assignment makes a variable an empty container, so that its type is a guess."""
    return any(_is_empty(one.value) for one in _given(function.node, name))


def annotated_where_none(function: Function, name: str, kind: Type) -> Fix | None:
    """`y = None` becomes `y: Optional[Tensor] = None`, where that is the first value of `y`."""
    given = _given(function.node, name)
    if not given or not _is_none(given[0].value):
        return None
    return _annotated(function, name, [one for one in given if _is_none(one.value)], kind)


def started_as_float(function: Function, name: str) -> Fix | None:
    """`total = 0`, which becomes a float later, becomes `total = 0.0`."""
    given = _given(function.node, name)
    if not given or not isinstance(given[0].value, n.Constant) or given[0].value.kind != "int":
        return None
    return as_floats(function.module, [given[0].value], Safety.UNSAFE)


def as_tensor(function: Function, name: str) -> Fix | None:
    """`loss = 0`, to which tensors are added, becomes `loss = torch.tensor(0)`."""
    given = _given(function.node, name)
    if not given or not _is_number(given[0].value) or sum(_is_number(one.value) for one in given) != 1:
        return None
    spell = _speller(function)
    called = spell("torch.tensor")
    if called is None:
        return None
    value = given[0].value
    edits = [Edit(value.start, value.start, f"{called}("), Edit(value.end, value.end, ")")]
    for one in statements(function.node.body):
        if isinstance(one, n.AugAssign) and isinstance(one.target, n.Name) and one.target.id == name:
            added = written_out(function.module, one)  # in place it would keep the shape and dtype of the first value
            if added is None:
                return None
            edits += added.edits
    title = f"make a tensor of `{name}`"
    return Fix(function.module.path, title, Safety.UNSAFE.value, tuple(edits), tuple(spell.imports))


def _annotated(function: Function, name: str, found: list[n.Assign], kind: Type) -> Fix | None:
    module = function.module
    if len(found) != 1 or has_unknown(kind) or TYPE_COMMENT.search(module.text(function.node)):
        return None
    first = _given(function.node, name)[0]
    if first is not found[0] or name in {one.name for one in function.node.args.all()}:
        return None
    if name in function.scope.declared_global:
        return None  # Python forbids to annotate it
    spell = _speller(function)
    text = spelled(kind, spell)
    if text is None or _is_annotated(function.node, name):
        return None
    end = found[0].targets[0].end
    edit = Edit(end, end, f": {text}")
    return Fix(module.path, f"annotate `{name}: {text}`", Safety.SAFE.value, (edit,), tuple(spell.imports))


def _speller(function: Function) -> Speller:
    hidden = frozenset(function.scope.bindings)
    return Speller(function.module, outermost(function.module, function.node).start, hidden)


def _given(function: n.FunctionDef, name: str) -> list[n.Assign]:
    """Return the plain assignments of a variable, in source order."""
    return [one for one in assignments_in(function).get(name, ()) if isinstance(one, n.Assign)]


def _is_annotated(function: n.FunctionDef, name: str) -> bool:
    return any(isinstance(one, n.AnnAssign) for one in assignments_in(function).get(name, ()))


def _is_empty(value: n.Expr) -> bool:
    if isinstance(value, n.Call):
        return (
            isinstance(value.func, n.Name) and value.func.id in ("list", "dict") and not (value.args or value.keywords)
        )
    return (isinstance(value, n.List) and not value.elts) or (isinstance(value, n.Dict) and not value.values)


def _is_none(value: n.Expr) -> bool:
    return isinstance(value, n.Constant) and value.kind == "none"


def _is_number(value: n.Expr) -> bool:
    return isinstance(value, n.Constant) and value.kind in ("int", "float")
