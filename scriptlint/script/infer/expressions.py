"""Expressions: literals, containers, comprehensions, strings; what has a file of its own is only dispatched here.

Twin: emitSugaredExpr, emitSimpleExpr of ir_emitter.cpp.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from scriptlint.diag import Fixable
from scriptlint.evaluate.values import Instance
from scriptlint.fixes.unpacking import starred_apart
from scriptlint.script.infer import attributes, branches, calls, differs, loops, names, operators, subscripts
from scriptlint.script.infer.assign import UNPACK_TYPE, to_target
from scriptlint.script.infer.environment import Frame
from scriptlint.script.infer.values import (
    Iterable,
    ModuleObject,
    TracedObject,
    Typed,
    Unsupported,
    Value,
    is_unknown,
    unknown,
)
from scriptlint.script.refusal import refusal
from scriptlint.syntax import nodes as n
from scriptlint.text import Fix
from scriptlint.types.annotations import is_key
from scriptlint.types.convert import convert
from scriptlint.types.model import (
    BOOL,
    COMPLEX,
    FLOAT,
    INT,
    NONE,
    STRING,
    TENSOR,
    Dict,
    List,
    Optional,
    Tuple,
    Type,
    Union,
    Unknown,
    has_unknown,
)
from scriptlint.types.relations import is_subtype, unify, unify_all

if TYPE_CHECKING:
    from scriptlint.script.infer.unit import Unit

LIST_ELEMENTS = refusal(
    code="SL325",
    name="list-element-mismatch",
    message="this list holds `{found}`, but `{wanted}` is wanted",
    help="make all elements the type that the annotation says",
    compiler="List type annotation .* did not match the types of the given list elements|Dict type annotation",
)
DICT_KEYS = refusal(
    code="SL326",
    name="mixed-dictionary-keys",
    message="the keys of this dictionary have types `{first}` and `{second}`",
    help="use keys of one type",
    compiler="Dict keys must contain only a single type",
)
DICT_KEY_KIND = refusal(
    code="SL327",
    name="unhashable-dictionary-key",
    message="a dictionary with keys of type `{found}`",
    help="use keys of type int, float, complex, str, bool, Tensor or torch.device",
    compiler="Cannot create dict for key type",
)
STARRED_LIST = refusal(
    code="SL410",
    name="starred-list",
    message="`*{text}` unpacks a `{found}`, whose length is not known to the compiler",
    help="pass the list itself where the operator takes one, as in `x.view(sizes)`",
    compiler="cannot statically infer the expected size of a list in this context",
    fixable=Fixable.SOMETIMES,
)

_CONSTANTS = {"int": INT, "float": FLOAT, "bool": BOOL, "complex": COMPLEX, "str": STRING, "none": NONE}


def emit(unit: Unit, node: n.Expr, hint: Type | None) -> Value:
    """Return the value of an expression."""
    function = _TABLE.get(type(node))
    if function is None:
        return unknown("a form that is refused")
    unit.compiler.budget.step()
    value = function(unit, node, hint)
    unit.compiler.budget.leave()
    if unit.compiler.observer is not None:
        unit.compiler.observer(unit, node, value)
    return value


def as_simple(unit: Unit, value: Value) -> Typed | None:
    """Return a value that only exists while compiling as a first-class one, where the compiler makes one of it."""
    if isinstance(value, ModuleObject):
        return Typed(unit.compiler.module_type(value.instance))
    if isinstance(value, TracedObject) and isinstance(value.inner, Instance):
        return unknown("a traced module")
    if isinstance(value, Iterable) and value.name not in loops.TREES and value.unrolled:
        items = [one if isinstance(one, Typed) else as_simple(unit, one) for one in value.items]
        known = [one.type for one in items if one is not None]
        return Typed(Tuple(tuple(known))) if len(known) == len(items) else None
    is_class = isinstance(value, Unsupported) and value.name.rpartition(".")[2][:1].isupper()
    if isinstance(value, Unsupported) and "." in value.name and not value.name.startswith("torch.") and not is_class:
        return unit.lose(f"`{value.name}`")  # of the standard library, and perhaps a constant
    return None


def _constant(unit: Unit, node: n.Constant, hint: Type | None) -> Value:
    kind = _CONSTANTS.get(node.kind)
    return unknown("a constant that is refused") if kind is None else Typed(kind, literal=node)


def _name(unit: Unit, node: n.Name, hint: Type | None) -> Value:
    return names.value_of(unit, node)


def _attribute(unit: Unit, node: n.Attribute, hint: Type | None) -> Value:
    return attributes.value_of(unit, node)


def _call(unit: Unit, node: n.Call, hint: Type | None) -> Value:
    return calls.call(unit, node, hint)


def _binary(unit: Unit, node: n.BinOp, hint: Type | None) -> Value:
    return operators.binary(unit, node, node.op, unit.typed(node.left), node.right)


def _unary(unit: Unit, node: n.UnaryOp, hint: Type | None) -> Value:
    if node.op == "not":
        branches.condition(unit, node)
        return Typed(BOOL)
    return operators.unary(unit, node, hint)


def _bool_op(unit: Unit, node: n.BoolOp, hint: Type | None) -> Value:
    operands: list[Typed] = []
    branches.condition(unit, node, operands)
    differs.boolean_operator(unit, node, operands)
    return Typed(BOOL)


def _compare(unit: Unit, node: n.Compare, hint: Type | None) -> Value:
    return operators.compare(unit, node)


def _if_exp(unit: Unit, node: n.IfExp, hint: Type | None) -> Value:
    return branches.ternary(unit, node, hint)


def _subscript(unit: Unit, node: n.Subscript, hint: Type | None) -> Value:
    return subscripts.load(unit, node, hint)


def elements(unit: Unit, nodes: list[n.Expr], hint: Type | None = None, fix: Fix | None = None) -> list[Typed] | None:
    """Return the values of a display or of positional arguments, starred ones unpacked; None if their number is not known.

    `fix` does without the star of a list of ints.
    """
    found: list[Typed] = []
    exact = True
    for one in nodes:
        if isinstance(one, n.Starred):
            inner = unit.value(one.value)
            unpacked = loops.unpacked_items(unit, inner)
            if unpacked is not None:
                found += [unit.as_typed(item, one) for item in unpacked]
                continue
            if not_unpacked(unit, inner, one, one.value) is not None:
                exact = False
                continue
            typed = unit.as_typed(inner, one.value)
            if not has_unknown(typed.type):
                is_sizes = typed.type == List(INT)
                mended = (fix or starred_apart(unit.module, unit.function.node, one)) if is_sizes else None
                unit.say(STARRED_LIST, one, text=unit.text(one.value), found=str(typed.type), fix=mended)
            exact = False
        else:
            found.append(unit.typed(one, hint))
    return found if exact else None


def not_unpacked(unit: Unit, value: Value, node: n.Expr, inner: n.Expr) -> Typed | None:
    """Report what can be iterated over and is no tuple: modules, `range`, `zip`; None for everything else."""
    if isinstance(value, ModuleObject):
        return unit.say(UNPACK_TYPE, node, text=unit.text(inner), found=value.instance.class_name)
    if isinstance(value, Iterable) and value.name in loops.TREES:
        return unit.say(UNPACK_TYPE, node, text=unit.text(inner), found=value.name)
    return None


def _tuple(unit: Unit, node: n.Tuple, hint: Type | None) -> Value:
    hints = hint.elements if isinstance(hint, Tuple) and len(hint.elements) == len(node.elts) else ()
    if hints and not any(isinstance(one, n.Starred) for one in node.elts):
        # Only displays hear of it: `x.tolist()` in a tuple has no type hint.
        displays = (n.List, n.Dict, n.Tuple)
        wanted = [one if isinstance(part, displays) else None for part, one in zip(node.elts, hints, strict=True)]
        found: list[Typed] | None = [unit.typed(part, one) for part, one in zip(node.elts, wanted, strict=True)]
    else:
        found = elements(unit, node.elts)
    return unknown("a tuple of unknown length") if found is None else Typed(Tuple(tuple(one.type for one in found)))


def _list(unit: Unit, node: n.List, hint: Type | None) -> Value:
    found = elements(unit, node.elts)
    if found is None:
        return unknown("a list of unknown length")
    return list_of(unit, found, hint, node, literal=True)


def _element_hint(hint: Type | None) -> Type | None:
    if isinstance(hint, Optional):
        hint = hint.element
    return hint.element if isinstance(hint, List) else None


def list_of(unit: Unit, found: list[Typed], hint: Type | None, node: n.Expr, literal: bool) -> Value:
    """Return the list of some values, under what its surroundings want."""
    if isinstance(hint, Optional):
        hint = hint.element
    if not found:
        return Typed(hint if isinstance(hint, List) else List(TENSOR), empty_list=literal)
    kinds = [one.type for one in found]
    unified = unify_all(kinds, default_to_union=True) or Unknown("several types")
    if isinstance(hint, List) and not has_unknown(unified) and not has_unknown(hint):
        if all(is_subtype(one, hint.element) for one in kinds):
            return Typed(hint)
        if not isinstance(hint.element, (Union, Optional)) or not is_subtype(unified, hint.element):
            return unit.say(LIST_ELEMENTS, node, found=str(unified), wanted=str(hint))
    return Typed(hint if isinstance(hint, List) and has_unknown(unified) else List(unified))


def _dict(unit: Unit, node: n.Dict, hint: Type | None) -> Value:
    wanted = hint.element if isinstance(hint, Optional) else hint
    keys = [unit.typed(one) for one in node.keys if one is not None]
    values = [unit.typed(one, wanted.value if isinstance(wanted, Dict) else None) for one in node.values]
    if None in node.keys:
        return unknown("a dictionary that is refused")
    if not keys:
        return Typed(wanted if isinstance(wanted, Dict) else Dict(STRING, TENSOR))
    first = keys[0].type
    for one, key in zip(node.keys[1:], keys[1:], strict=True):
        if unify(first, key.type) is None and one is not None:
            return unit.say(DICT_KEYS, one, first=str(first), second=str(key.type))
    if not is_key(first):
        return unit.say(DICT_KEY_KIND, node, found=str(first))
    unified = unify_all([one.type for one in values], default_to_union=True) or Unknown("several types")
    if isinstance(wanted, Dict):
        fits = is_subtype(first, wanted.key_type) and all(is_subtype(one.type, wanted.value) for one in values)
        if fits or has_unknown(unified) or has_unknown(first):
            return Typed(wanted)
    return Typed(Dict(first, unified))


def _list_comprehension(unit: Unit, node: n.ListComp | n.GeneratorExp, hint: Type | None) -> Value:
    if len(node.generators) != 1:
        return unknown("a comprehension that is refused")
    wanted = _element_hint(hint)

    def element() -> Typed:
        return unit.typed(node.elt, wanted)

    found = _comprehended(unit, node, node.generators[0], element)
    if not found:
        return Typed(hint if isinstance(hint, List) else List(TENSOR))
    unified = unify_all([one.type for one in found])
    if unified is None:
        if any(has_unknown(one.type) for one in found):
            return unknown("a comprehension")
        kinds = ", ".join(dict.fromkeys(str(one.type) for one in found))
        return unit.say(LIST_ELEMENTS, node, found=kinds, wanted=str(List(found[0].type)))
    if isinstance(hint, List) and is_subtype(convert(unified, hint.element), hint.element):
        return Typed(hint)
    return Typed(List(unified))


def _dict_comprehension(unit: Unit, node: n.DictComp, hint: Type | None) -> Value:
    if len(node.generators) != 1:
        return unknown("a comprehension that is refused")

    def pair() -> Typed:
        key, value = unit.typed(node.key), unit.typed(node.value)
        return Typed(Tuple((key.type, value.type)))

    found = _comprehended(unit, node, node.generators[0], pair)
    unified = unify_all([one.type for one in found])
    if isinstance(unified, Tuple):
        key, value = unified.elements
        if not is_key(key):
            return unit.say(DICT_KEY_KIND, node, found=str(key))
        return Typed(Dict(key, value))
    return unknown("a dictionary comprehension")


def _comprehended(unit: Unit, node: n.Expr, generator: n.Comprehension, element: Callable[[], Typed]) -> list[Typed]:
    iterated = unit.value(generator.iter)
    items = loops.unrolled_items(unit, iterated)
    if items is None:
        items = [loops.item_of(unit, iterated, generator.iter, node)]
    found = []
    for item in items:
        outer = unit.frame
        unit.frame = Frame(outer)
        to_target(unit, generator.target, item, generator.target)
        found.append(element())
        unit.frame = outer
    return found


def _joined(unit: Unit, node: n.JoinedStr, hint: Type | None) -> Value:
    for one in node.values:
        if isinstance(one, n.FormattedValue) and one.format_spec is None and one.conversion is None:  # else refused
            differs.text_of(unit, one.value, unit.typed(one.value))
    return Typed(STRING)


def _starred(unit: Unit, node: n.Starred, hint: Type | None) -> Value:
    value = unit.value(node.value)
    return unknown("an unpacked value") if is_unknown(value) else unknown("a starred expression")


def _named(unit: Unit, node: n.NamedExpr, hint: Type | None) -> Value:
    value = unit.value(node.value)
    if isinstance(node.target, n.Name):
        unit.frame.set(node.target.id, unknown("it is bound by an expression that is refused"))
    return value


_TABLE: dict[type, Callable[[Unit, Any, Type | None], Value]] = {
    n.NamedExpr: _named,
    n.Constant: _constant,
    n.Name: _name,
    n.Attribute: _attribute,
    n.Call: _call,
    n.BinOp: _binary,
    n.UnaryOp: _unary,
    n.BoolOp: _bool_op,
    n.Compare: _compare,
    n.IfExp: _if_exp,
    n.Subscript: _subscript,
    n.Tuple: _tuple,
    n.List: _list,
    n.Dict: _dict,
    n.ListComp: _list_comprehension,
    n.GeneratorExp: _list_comprehension,
    n.DictComp: _dict_comprehension,
    n.JoinedStr: _joined,
    n.Starred: _starred,
}
