"""Subscripts. Twin: emitSubscript, emitMultidimSlicing, emitSlice, emitSubscriptAssign of ir_emitter.cpp."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scriptlint.diag import Fixable
from scriptlint.evaluate.values import Instance, flatten
from scriptlint.fixes.loops import over_later_modules, over_modules
from scriptlint.program.module import Class as ClassSymbol
from scriptlint.script.emission_expr import is_ellipsis
from scriptlint.script.infer import call_fixes, interfaces, uses
from scriptlint.script.infer.arguments import ARGUMENTS
from scriptlint.script.infer.values import Iterable, ModuleObject, Typed, Value, is_unknown, unknown
from scriptlint.script.refusal import refusal
from scriptlint.syntax import nodes as n
from scriptlint.text import Fix
from scriptlint.types.convert import convert
from scriptlint.types.model import (
    BOOL,
    COMPLEX,
    FLOAT,
    INT,
    NONE,
    NUMBER,
    STRING,
    TENSOR,
    Class,
    Dict,
    Interface,
    List,
    Optional,
    Tensor,
    Tuple,
    Type,
    has_unknown,
)
from scriptlint.types.relations import is_subtype, unify_all

if TYPE_CHECKING:
    from scriptlint.script.infer.unit import Unit

NOT_SUBSCRIPTABLE = refusal(
    code="SL515",
    name="not-subscriptable",
    message="`{text}` has type `{found}`, which cannot be subscripted",
    help="check an Optional with `is not None` before, or use a list, tuple, dictionary, string or tensor",
    compiler="object is not subscriptable|does not support (subscripted|augmented) assignment"
    "|Arguments for call are not valid|modules are subscriptable",
)
NOT_SLICED = refusal(
    code="SL523",
    name="sliced-container",
    message="`{text}` is a `{found}`, which TorchScript cannot slice",
    help="go through the whole of it with `enumerate` and an `if`, or write the items by their literal indices or keys",
    compiler="Only ModuleList or Sequential modules can be used as tuple",
)
FIXED_ITEMS = refusal(
    code="SL522",
    name="item-assignment",
    message="`{text}` has type `{found}`, whose items cannot be {changed}",
    help="make a new value, or keep the items in a list, dictionary or tensor; a parameter is changed in place, as by `copy_`",
    compiler="does not support (subscripted|augmented) assignment|Arguments for call are not valid"
    "|no attribute or method '__setitem__'|Class does not define __delitem__|We don't have an op for aten::Delete",
)
INDEX_TYPE = refusal(
    code="SL516",
    name="index-type",
    message="a {container} is indexed by a `{found}`",
    help="use an int; a tensor also takes slices, None, `...` and tensors of integers or bools",
    compiler="unsupported index type|Arguments for call are not valid|Expected a value of type|tuple index must",
    fixable=Fixable.SOMETIMES,
)
ELLIPSIS_INDEX = refusal(
    code="SL521",
    name="tensor-index-after-ellipsis",
    message="a tensor is indexed by a tensor or list behind an ellipsis",
    help="use `x.index_select(-1, index)`, or write the leading slices out",
    compiler="Ellipses followed by tensor indexing is currently not supported",
)
TUPLE_INDEX = refusal(
    code="SL517",
    name="variable-tuple-index",
    message="a tuple of several types, or of modules, is indexed by something that is not a literal",
    help="index it by a literal, or unpack it",
    compiler="Cannot index into a |tuple slice indices must be integer constants|tuple index must",
)
TUPLE_RANGE = refusal(
    code="SL518",
    name="tuple-index-out-of-range",
    message="index {index} is out of range of a tuple of {length}",
    help="a tuple's length is part of its type",
    compiler="Tuple index out of range",
)
MULTIPLE_INDICES = refusal(
    code="SL519",
    name="multiple-indices",
    message="`{text}` of type `{found}` is indexed by several indices at once",
    help="index step by step: `x[i][j]`",
    compiler="attempted to use multidimensional indexing on a non-tensor type|Sliced expression not yet supported for",
)
MODULE_KEY = refusal(
    code="SL612",
    name="missing-module-key",
    message="`{text}` holds no module `{key}`",
    help="use a key that the container has; the compiler looks even where a test would keep the program away",
    compiler="Key Error|out of range of length",
)
MODULE_INDEX = refusal(
    code="SL605",
    name="variable-module-index",
    message="`{text}` holds modules and is indexed by something that is not a literal",
    help="iterate over it (with `enumerate` where the number is needed), or index it by a literal",
    compiler="Expected integer literal for index|Unable to extract string literal index",
    fixable=Fixable.SOMETIMES,
)


def load(unit: Unit, node: n.Subscript, hint: Type | None) -> Value:
    """Return the value of `x[i]`; `hint` is an interface where modules of one may be chosen at run time."""
    container = unit.value(node.value)
    if isinstance(container, ModuleObject):
        if isinstance(hint, Interface):
            unit.value(node.slice)
            interfaces.check_items(unit, node, container.instance, hint)
            return Typed(hint)
        return _module(unit, node, container.instance)
    typed = unit.as_typed(container, node.value)
    kind = typed.type
    if isinstance(kind, Optional) and not has_unknown(kind):
        _indices(unit, node.slice)
        return unit.say(NOT_SUBSCRIPTABLE, node, text=unit.text(node.value), found=str(kind))
    if isinstance(node.slice, n.Tuple) and not isinstance(kind, (Tensor, Dict)):
        _indices(unit, node.slice)
        if has_unknown(kind) or isinstance(kind, Class):
            return unknown("an item")
        return unit.say(MULTIPLE_INDICES, node, text=unit.text(node.value), found=str(kind))
    if isinstance(node.slice, n.Slice):
        return _slice(unit, node, kind)
    match kind:
        case Tensor():
            return _tensor(unit, node)
        case Tuple(elements=elements):
            return _tuple(unit, node, elements)
        case List(element=element):
            return Typed(element) if _int_index(unit, node, "list") else unknown("an item")
        case Dict(key_type=key, value=value):
            given = unit.typed(node.slice)
            if not is_subtype(convert(given.type, key), key) and not has_unknown(given.type) and not has_unknown(key):
                unit.say(INDEX_TYPE, node, container=f"`{kind}`", found=str(given.type))
            return Typed(value)
        case Class():
            from scriptlint.script.infer.attributes import magic

            unit.value(node.slice)
            return unknown("an item of a module") if kind.is_module else magic(unit, typed, "__getitem__", node.value)
    if kind is STRING:
        return Typed(STRING) if _int_index(unit, node, "string") else unknown("a character")
    unit.value(node.slice)
    if has_unknown(kind):
        return unknown("an item")
    return unit.say(NOT_SUBSCRIPTABLE, node, text=unit.text(node.value), found=str(kind))


def _indices(unit: Unit, node: n.Expr) -> None:
    for one in node.elts if isinstance(node, n.Tuple) else [node]:
        if isinstance(one, n.Slice):
            for bound in (one.lower, one.upper, one.step):
                if bound is not None:
                    unit.value(bound)
        elif not isinstance(one, n.Constant):
            unit.value(one)


def _int_index(unit: Unit, node: n.Subscript, container: str) -> bool:
    index = unit.typed(node.slice)
    if is_subtype(convert(index.type, INT), INT) or has_unknown(index.type):
        return True
    unit.say(INDEX_TYPE, node, container=container, found=str(index.type))
    return False


def _slice(unit: Unit, node: n.Subscript, kind: Type) -> Value:
    assert isinstance(node.slice, n.Slice)
    _bounds(unit, node, node.slice)
    if isinstance(kind, Tensor):
        return Typed(TENSOR)
    if isinstance(kind, List) or kind is STRING:
        return Typed(kind)
    if isinstance(kind, Tuple):
        return _tuple_slice(unit, node, kind)
    if has_unknown(kind) or isinstance(kind, Class):
        return unknown("a slice")
    return unit.say(NOT_SUBSCRIPTABLE, node, text=unit.text(node.value), found=str(kind))


def _bounds(unit: Unit, node: n.Subscript, piece: n.Slice) -> None:
    for bound in (piece.lower, piece.upper, piece.step):
        if bound is not None:
            given = unit.typed(bound)
            fits = given.type is NONE or is_subtype(convert(given.type, INT), INT)
            if not fits and not has_unknown(given.type) and not isinstance(given.type, Optional):
                unit.say(INDEX_TYPE, node, container="slice", found=str(given.type))


def _tuple_slice(unit: Unit, node: n.Subscript, kind: Tuple) -> Value:
    assert isinstance(node.slice, n.Slice)
    numbers: list[int | None] = []
    for bound in (node.slice.lower, node.slice.upper, node.slice.step):
        literal = None if bound is None else unit.typed(bound).literal
        if bound is not None and (literal is None or not isinstance(literal.value, int)):
            return unit.say(TUPLE_INDEX, node)
        numbers.append(None if literal is None else int(literal.value or 0))
    if numbers[2] == 0:
        return unknown("a slice")
    return Typed(Tuple(kind.elements[slice(*numbers)]))


def _tuple(unit: Unit, node: n.Subscript, elements: tuple[Type, ...]) -> Value:
    index = unit.typed(node.slice)
    literal = index.literal
    if literal is not None and isinstance(literal.value, int) and not isinstance(literal.value, bool):
        if -len(elements) <= literal.value < len(elements):
            return Typed(elements[literal.value])
        return unit.say(TUPLE_RANGE, node, index=str(literal.value), length=str(len(elements)))
    if is_unknown(index):
        return unknown("an item of a tuple")
    if not is_subtype(index.type, INT):
        return unit.say(INDEX_TYPE, node, container="tuple", found=str(index.type))
    unified = unify_all(elements)
    if unified is None or any(one is not elements[0] for one in elements):
        if any(has_unknown(one) for one in elements) or not elements:
            return unknown("an item of a tuple")
        return unit.say(TUPLE_INDEX, node)
    return Typed(unified)


def _tensor(unit: Unit, node: n.Subscript) -> Value:
    behind_ellipsis = False
    for one in node.slice.elts if isinstance(node.slice, n.Tuple) else [node.slice]:
        if isinstance(one, n.Slice):
            _bounds(unit, node, one)
        elif is_ellipsis(one):
            behind_ellipsis = True
        elif isinstance(one, n.Constant) and one.kind == "none":
            continue
        else:
            given = unit.typed(one)
            if behind_ellipsis and isinstance(given.type, (Tensor, List)):
                return unit.say(ELLIPSIS_INDEX, node)
            if not _indexes_tensor(given.type) and not has_unknown(given.type):
                fix = uses.as_dictionary(unit, node) if given.type is STRING else None
                return unit.say(INDEX_TYPE, node, container="tensor", found=str(given.type), fix=fix)
    return Typed(TENSOR)


def _indexes_tensor(kind: Type) -> bool:
    if isinstance(kind, Tensor) or kind in (INT, NONE) or isinstance(kind, Optional):
        return not isinstance(kind, Optional) or isinstance(kind.element, Tensor)
    return isinstance(kind, List) and (kind.element in (INT, BOOL, NUMBER) or isinstance(kind.element, Tensor))


_OF_PARAMETERS = frozenset({"torch.nn.ParameterList", "torch.nn.ParameterDict"})


def _module(unit: Unit, node: n.Subscript, instance: Instance) -> Value:
    kinds = unit.compiler.container_kinds(instance)
    if not kinds:
        unit.value(node.slice)
        if isinstance(instance.cls, ClassSymbol) and unit.compiler.classes.lineage(instance.cls).unseen:
            return unit.lose("an item of a module")
        return unit.say(NOT_SUBSCRIPTABLE, node, text=unit.text(node.value), found=instance.class_name)
    if isinstance(node.slice, n.Slice) and not kinds & {"torch.nn.ModuleList", "torch.nn.Sequential"}:
        return unit.say(NOT_SLICED, node.value, text=unit.text(node.value), found=instance.class_name)
    if isinstance(node.slice, n.Slice):
        return _module_slice(unit, node, instance)
    index = unit.typed(node.slice)
    literal = index.literal
    if literal is None:
        if is_unknown(index):
            return unknown("a module of a container")
        count = None if instance.open else len(instance.attributes)
        fix = over_modules(unit.module, unit.function.node, node, lambda one: _is_modules(unit, one), count)
        fix = fix or over_later_modules(unit.module, unit.function.node, node)
        return unit.say(MODULE_INDEX, node, text=unit.text(node.value), fix=fix)
    key = str(literal.value)
    if isinstance(literal.value, int) and literal.value < 0:
        key = str(len(instance.attributes) + literal.value)
    options = [one for held in instance.held(key) for one in flatten(held)]
    if not options and not instance.open:
        return unit.say(MODULE_KEY, node, text=unit.text(node.value), key=key)
    if kinds & _OF_PARAMETERS:
        return Typed(TENSOR)
    if len(options) == 1 and isinstance(options[0].value, Instance) and not instance.open:
        return ModuleObject(options[0].value)
    return unknown("a module of a container")


def _is_modules(unit: Unit, node: n.Expr) -> bool:
    value = unit.value(node)
    return isinstance(value, ModuleObject) and bool(unit.compiler.container_kinds(value.instance))


def _module_slice(unit: Unit, node: n.Subscript, instance: Instance) -> Value:
    """A slice of modules is a tuple of objects whose methods can be called, but not they themselves."""
    assert isinstance(node.slice, n.Slice)
    numbers: list[int | None] = []
    for bound in (node.slice.lower, node.slice.upper, node.slice.step):
        literal = None if bound is None else unit.typed(bound).literal
        if bound is not None and (literal is None or not isinstance(literal.value, int)):
            known = not has_unknown(unit.type_of(bound)) if bound is not None else False
            return unit.say(TUPLE_INDEX, node) if known else unknown("a slice of modules")
        numbers.append(None if literal is None else int(literal.value or 0))
    children = [one.value for _, one in instance.submodules()]
    if instance.open or numbers[2] == 0 or len(children) != len(instance.attributes):
        return unknown("a slice of modules")
    chosen = children[slice(*numbers)]
    items = tuple(ModuleObject(one, callable=False) if isinstance(one, Instance) else unknown("") for one in chosen)
    return Iterable("modules", unknown("a module"), unrolled=True, items=items)


def store(unit: Unit, target: n.Subscript, value: Typed, whole: n.Node) -> None:
    """Emit `x[i] = value`."""
    container = unit.typed(target.value)
    kind = container.type
    match kind:
        case Tensor():
            _tensor(unit, target)
            display = isinstance(whole, n.Assign) and isinstance(whole.value, (n.List, n.Tuple, n.ListComp))
            fits = display and _is_slice(target)  # that is refused by form
            fits = fits or isinstance(value.type, Tensor) or value.type in (INT, FLOAT, BOOL, COMPLEX, NUMBER)
            if not fits and not has_unknown(value.type) and not isinstance(value.type, Class):
                reason = f"a tensor takes a tensor or a number and is given `{value.type}`"
                unit.say(ARGUMENTS, whole, callee="item assignment", reason=reason)
        case List() if isinstance(target.slice, n.Tuple):
            unit.say(MULTIPLE_INDICES, target.slice, text=unit.text(target.value), found=str(kind))
        case List(element=element) if not isinstance(target.slice, n.Slice):
            _int_index(unit, target, "list")
            _fits(unit, value, element, whole, "list")
        case Dict(key_type=key, value=element):
            given = unit.typed(target.slice)
            wanted = Dict(given.type, value.type)
            guessed = isinstance(whole, n.Assign) and call_fixes.is_filled_later(unit, whole.value)
            fix = None if guessed or is_subtype(wanted, kind) else _of_empty_dict(unit, target, kind, wanted)
            _fits(unit, given, key, whole, "dictionary", fix, is_key=True)
            _fits(unit, value, element, whole, "dictionary", fix)
        case List():
            pass  # a slice, which is refused by form
        case _:
            _indices(unit, target.slice)
            if not _has_items(unit, kind, "__setitem__"):
                _fixed(unit, target, kind, "assigned")


def augmented(unit: Unit, target: n.Subscript, result: Typed) -> None:
    """Emit what `x[i] += value` gives back to `x`, which has to be a tensor, list or dictionary."""
    kind = unit.type_of(target.value)
    if isinstance(kind, (List, Dict)) and not isinstance(target.slice, (n.Slice, n.Tuple)):
        element = kind.element if isinstance(kind, List) else kind.value
        _fits(unit, result, element, target, "list" if isinstance(kind, List) else "dictionary")
    elif not isinstance(kind, (Tensor, List, Dict)) and (isinstance(kind, Class) or not _has_items(unit, kind, "")):
        _fixed(unit, target, kind, "assigned")


def delete(unit: Unit, target: n.Subscript) -> None:
    """Emit `del x[i]`."""
    kind = unit.type_of(target.value)
    unit.value(target.slice)
    if not isinstance(kind, (List, Dict)) and not _has_items(unit, kind, "__delitem__"):
        _fixed(unit, target, kind, "deleted")


def _fixed(unit: Unit, target: n.Subscript, kind: Type, changed: str) -> None:
    """Report a change of the items of something that is no list, dictionary or tensor."""
    if isinstance(kind, Optional):
        unit.say(NOT_SUBSCRIPTABLE, target, text=unit.text(target.value), found=str(kind))
    else:
        unit.say(FIXED_ITEMS, target, text=unit.text(target.value), found=str(kind), changed=changed)


def _has_items(unit: Unit, kind: Type, method: str) -> bool:
    """Return True if an object may have the method that changes its items; True for what is not known."""
    if not isinstance(kind, Class):
        return has_unknown(kind)
    instance = unit.compiler.module_of(kind) or unit.compiler.object_of(kind)
    if instance is None or not isinstance(instance.cls, ClassSymbol):
        return instance is None
    classes = unit.compiler.classes
    return bool(classes.lineage(instance.cls).unseen) or classes.method(instance.cls, method) is not None


def _is_slice(target: n.Subscript) -> bool:
    parts = target.slice.elts if isinstance(target.slice, n.Tuple) else [target.slice]
    return any(isinstance(one, n.Slice) for one in parts)


def _of_empty_dict(unit: Unit, target: n.Subscript, kind: Type, given: Dict) -> Fix | None:
    """Annotate a dictionary that is empty at first with the types of what it is given."""
    if kind != Dict(STRING, TENSOR) or not isinstance(target.value, n.Name) or given.value is NONE:
        return None
    if isinstance(given.key_type, Tensor):
        return None  # most often a parameter that nobody annotated
    if not call_fixes.is_first_fill(unit, target.value.id, target):
        return None
    return call_fixes.of_empty(unit, target.value.id, given)


def _fits(
    unit: Unit, value: Typed, wanted: Type, whole: n.Node, container: str, fix: Fix | None = None, is_key: bool = False
) -> None:
    # An item is of the container's type variable, to which nothing is converted but a number that is only known to be one.
    found = convert(value.type, wanted, is_key or value.type is NUMBER)
    if not is_subtype(found, wanted) and not has_unknown(found) and not has_unknown(wanted):
        unit.say(
            ARGUMENTS,
            whole,
            fix=fix,
            callee=f"{container} assignment",
            reason=f"it wants `{wanted}` and is given `{value.type}`",
        )
