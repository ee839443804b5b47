"""Annotations that TorchScript does not know, written with types that it has."""

from __future__ import annotations

from collections.abc import Mapping

from scriptlint.fixes.imports import Speller
from scriptlint.fixes.places import outermost
from scriptlint.program.module import Function, ModuleInfo
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk
from scriptlint.text import Edit, Fix, Safety

# Containers of any kind, and the one that TorchScript has.
_CONTAINERS: Mapping[str, str] = {
    **dict.fromkeys(("Sequence", "MutableSequence", "Iterable", "Collection"), "typing.List"),
    **dict.fromkeys(("Mapping", "MutableMapping", "OrderedDict", "DefaultDict"), "typing.Dict"),
}
# What the compiler assumes of an empty list or dictionary, and of a parameter without annotation.
_BARE: Mapping[str, str] = {
    "List": "[{tensor}]",
    "Dict": "[{text}, {tensor}]",
    "Optional": "[{tensor}]",
}


def known_type(function: Function, whole: n.Expr, kind: str, node: n.Expr, name: str | None) -> Fix | None:
    """Rewrite the part `node` of an annotation, which is refused for a reason of a `kind`; `name` is what it resolves to."""
    module = function.module
    if module.text(node).startswith(("'", '"')) or _is_in_union(module, whole, node):
        return None
    if whole is function.node.returns and (name or "").rpartition(".")[2] == "Iterable":
        return None  # what is given may be no list
    spell = Speller(module, outermost(module, function.node).start)
    edits: list[Edit | None]
    match kind, node:
        case "name", n.Name() | n.Attribute() if name == "torch.tensor":
            edits, safety = [_replaced(node, spell("torch.Tensor"))], Safety.SAFE
        case "name", n.Name() | n.Attribute() if name == "torch.Size":
            edits, safety = [_replaced(node, _of_ints(spell))], Safety.UNSAFE
        case "constructor", n.Subscript() if name is not None and name.rpartition(".")[2] in _CONTAINERS:
            edits, safety = [_replaced(node.value, spell(_CONTAINERS[name.rpartition(".")[2]]))], Safety.UNSAFE
        case "bare", n.Name() | n.Attribute() if name is not None and name.rpartition(".")[2] in _BARE:
            tensor, text = spell("torch.Tensor"), spell("builtins.str")
            if tensor is None or text is None:
                return None
            made = _BARE[name.rpartition(".")[2]].format(tensor=tensor, text=text)
            edits, safety = [Edit(node.end, node.end, made)], Safety.UNSAFE
        case "expression", n.Constant(kind="ellipsis"):
            edits, safety = _of_any_length(whole, node, spell), Safety.UNSAFE
        case "expression", n.Tuple() if module.text(node).startswith("("):
            head = spell("typing.Tuple")
            edits, safety = (
                [Edit(node.start, node.start + 1, f"{head}["), Edit(node.end - 1, node.end, "]")],
                Safety.SAFE,
            )
            if head is None or not node.elts:
                return None
        case "expression", n.BoolOp(
            op="or", values=[n.Name() | n.Attribute() | n.Subscript() as first, n.Constant(kind="none")]
        ):
            head = spell("typing.Optional")
            edits, safety = [Edit(node.start, node.end, f"{head}[{module.text(first)}]") if head else None], Safety.SAFE
        case _:
            return None
    if None in edits or not edits:
        return None
    whole_edits = tuple(one for one in edits if one is not None)
    return Fix(module.path, "write a type that TorchScript has", safety.value, whole_edits, tuple(spell.imports))


def _is_in_union(module: ModuleInfo, whole: n.Expr, node: n.Expr) -> bool:
    """Return True if a type is one of several, of which another may be what it would become."""
    return any(
        isinstance(one, n.Subscript) and one is not node and module.text(one.value).rpartition(".")[2] == "Union"
        for one in walk(whole)
        if one.start <= node.start and node.end <= one.end
    )


def _replaced(node: n.Expr, text: str | None) -> Edit | None:
    return None if text is None else Edit(node.start, node.end, text)


def _of_ints(spell: Speller) -> str | None:
    head, inner = spell("typing.List"), spell("builtins.int")
    return None if head is None or inner is None else f"{head}[{inner}]"


def _of_any_length(whole: n.Expr, dots: n.Expr, spell: Speller) -> list[Edit | None]:
    """`Tuple[int, ...]` becomes `List[int]`."""
    for one in walk(whole):
        if isinstance(one, n.Subscript) and isinstance(one.slice, n.Tuple) and one.slice.elts[1:] == [dots]:
            head = spell("typing.List")
            first = one.slice.elts[0]
            return [_replaced(one.value, head), Edit(first.end, dots.end, "")]
    return []
