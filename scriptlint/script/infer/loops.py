"""Loops. Twin: emitFor, emitForLoop, emitUnrolledLoop, emitWhile of ir_emitter.cpp."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from scriptlint.evaluate.values import Instance, flatten
from scriptlint.program.module import Class as ClassSymbol
from scriptlint.program.scopes import scope_of
from scriptlint.script.infer import assign, branches
from scriptlint.script.infer.environment import Frame
from scriptlint.script.infer.values import Iterable, ModuleObject, Typed, Value, is_unknown, unknown
from scriptlint.script.refusal import refusal
from scriptlint.syntax import nodes as n
from scriptlint.types.model import STRING, TENSOR, Class, Dict, List, Tensor, Tuple, Unknown, has_unknown
from scriptlint.types.relations import unify_all

if TYPE_CHECKING:
    from scriptlint.script.infer.unit import Unit

NOT_ITERABLE = refusal(
    code="SL511",
    name="not-iterable",
    message="`{text}` has type `{found}`, which cannot be iterated over",
    help="iterate over a list, tensor, string, dictionary, tuple or `range`",
    compiler="object is not iterable|cannot be used as an iterable|Only constant Sequential, ModuleList"
    r"|INTERNAL ASSERT FAILED at .*python_sugared_value\.cpp",
)


TREES = frozenset({"range", "zip", "enumerate", "items", "named_children"})
"""What can only be iterated over; other sequences that the compiler unrolls are tuples as well."""


def for_loop(unit: Unit, node: n.For) -> bool:
    """Emit `for`."""
    iterated = unit.value(node.iter)
    items = unrolled_items(unit, iterated)
    if items is not None:
        return _unrolled(unit, node, items, iterated)
    item = item_of(unit, iterated, node.iter, node)
    _body(unit, lambda: assign.to_target(unit, node.target, item, node), node)
    if is_unknown(iterated):  # what is unrolled may leave any variable of it with another type
        for name in scope_of([node], walruses=False).bindings:
            unit.frame.set(name, unknown(f"`{name}` of a loop over something unknown"))
    return False


def _unrolled(unit: Unit, node: n.For, items: list[Value], iterated: Value) -> bool:
    from scriptlint.script.infer import statements

    unit.loops.append("a tuple" if isinstance(iterated, Typed) else "modules")
    exits = False
    for item in items:
        assign.to_target(unit, node.target, item, node.target)
        if statements.block(unit, node.body):
            exits = True
            break
    unit.loops.pop()
    return exits


def _body(unit: Unit, bind: Callable[[], None], loop: n.For | n.While) -> None:
    from scriptlint.script.infer import statements

    outer = unit.frame
    unit.frame = Frame(outer)
    unit.loops.append(None)
    bind()
    statements.block(unit, loop.body)
    unit.loops.pop()
    ended = {name: one.type for name, one in unit.frame.values.items() if isinstance(one, Typed)}
    ended |= {name: kind for name, (_, kind) in unit.frame.ended.items()}
    unit.frame = outer
    outer.ended |= {name: (loop, kind) for name, kind in ended.items() if outer.find(name) is None}


def while_loop(unit: Unit, node: n.While) -> bool:
    """Emit `while`, whose test never prunes and never refines."""

    def test() -> None:
        branches.condition(unit, node.test)

    _body(unit, test, node)
    return False


def unrolled_items(unit: Unit, value: Value) -> list[Value] | None:
    """Return the items of what the compiler unrolls: tuples, containers of modules and parameters, zips of them; None for everything else."""
    match value:
        case Typed(type=Tuple(elements=elements)):
            return [Typed(one) for one in elements]
        case ModuleObject():
            return _modules(unit, value.instance)
        case Iterable(unrolled=True):
            return list(value.items)
        case _:
            return None


def unpacked_items(unit: Unit, value: Value) -> list[Value] | None:
    """Return the items of what the compiler takes for a tuple, as `*x` and `tuple(x)` do; None for everything else."""
    is_tree = isinstance(value, Iterable) and value.name in TREES
    return None if is_tree or isinstance(value, ModuleObject) else unrolled_items(unit, value)


def _modules(unit: Unit, instance: Instance) -> list[Value] | None:
    kinds = unit.compiler.container_kinds(instance)
    if "torch.nn.ModuleDict" in kinds and not instance.open:
        return [Typed(STRING) for _ in instance.attributes]
    if "torch.nn.ParameterList" in kinds and not instance.open:
        return [Typed(TENSOR) for _ in instance.attributes]
    if "torch.nn.ParameterList" in kinds:
        return [Typed(TENSOR)]  # how many there are is not known
    if not kinds & {"torch.nn.Sequential", "torch.nn.ModuleList"}:
        return None
    if instance.open:
        return [unknown("the modules of a container")]
    found: list[Value] = []
    for name in dict.fromkeys(name for name, _ in instance.submodules()):
        options = [one for held in instance.held(name) for one in flatten(held)]
        inner = options[0].value
        known = len(options) == 1 and isinstance(inner, Instance)
        found.append(ModuleObject(inner) if known and isinstance(inner, Instance) else unknown("a compiled module"))
    return found


def item_of(unit: Unit, value: Value, node: n.Expr, whole: n.Node) -> Value:
    """Return what one round of a loop over a value binds."""
    match value:
        case Iterable():
            return value.item
        case Typed(type=List(element=element)):
            return Typed(element)
        case Typed(type=Tensor()):
            return Typed(TENSOR)
        case Typed(type=Dict(key_type=key)):
            return Typed(key)
        case Typed(type=Tuple(elements=elements)):
            return Typed(unify_all(elements) or Unknown("a tuple of several types"))
        case Typed() if value.type is STRING:
            return Typed(STRING)
        case Typed(type=Class() as kind):
            if unit.compiler.object_of(kind) is None:
                return unknown("an object")
            return unit.say(NOT_ITERABLE, whole, text=unit.text(node), found=str(kind))
        case Typed() if is_unknown(value) or has_unknown(value.type):
            return unknown("the items of something unknown")
        case Typed():
            return unit.say(NOT_ITERABLE, whole, text=unit.text(node), found=str(value.type))
        case ModuleObject():
            is_open = value.instance.open and isinstance(value.instance.cls, ClassSymbol)
            kinds = unit.compiler.container_kinds(value.instance)
            if is_open or (kinds and "torch.nn.ParameterDict" not in kinds):
                return unknown("the items of a module")
            return unit.say(NOT_ITERABLE, whole, text=unit.text(node), found=value.instance.class_name)
        case _:
            return unknown("the items of something unknown")


def modules_of(unit: Unit, instance: Instance, method: str) -> Value | None:
    """Return what `keys`, `values` and `items` of a ModuleDict and `children` of any module unroll to; None for other methods."""
    if method not in ("keys", "values", "items", "children", "named_children"):
        return None
    if "children" not in method and "torch.nn.ModuleDict" not in unit.compiler.container_kinds(instance):
        return None
    if instance.open and unit.compiler.container_kinds(instance):
        return unknown("the modules of a container")
    rows: list[Value] = []
    for _, held in instance.submodules():
        module: Value = unknown("a compiled module")
        if isinstance(held.value, Instance) and held.when is None:
            module = ModuleObject(held.value)
        if method in ("keys",):
            rows.append(Typed(STRING))
        elif method in ("values", "children"):
            rows.append(module)
        else:
            rows.append(Iterable("row", unknown("a row"), unrolled=True, items=(Typed(STRING), module)))
    return Iterable(method, unknown("a row"), unrolled=True, items=tuple(rows))
