"""Expressions of abstractly executed code."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from scriptlint.evaluate.values import (
    Choice,
    ClassValue,
    Compiled,
    Const,
    EnumMember,
    ExternalValue,
    FunctionValue,
    GeneratedInit,
    Held,
    Instance,
    Items,
    LambdaValue,
    Mapping,
    ModuleValue,
    PythonObject,
    Some,
    SuperValue,
    TensorValue,
    Unknown,
    Value,
    choice,
    flatten,
)
from scriptlint.instances import arrays, constants, dataclasses, kinds, operators, torch_objects
from scriptlint.instances.callees import call
from scriptlint.instances.containers import container_of, iterated, sample
from scriptlint.instances.frames import AttributeRead, Compilation, Frame, condition_text, negate
from scriptlint.program.classes import Member
from scriptlint.program.decorators import Kind, decoration
from scriptlint.program.module import Class, Function, ModuleInfo
from scriptlint.program.project import External, Global, Symbol
from scriptlint.syntax import nodes as n
from scriptlint.types.model import BOOL, INT, TENSOR

if TYPE_CHECKING:
    from scriptlint.instances.machine import Machine


def evaluate(machine: Machine, node: n.Expr, frame: Frame) -> Value:
    """The value of an expression; Unknown for everything that has none here."""
    function = _TABLE.get(type(node))
    return Unknown() if function is None else function(machine, node, frame)


def definition(machine: Machine, node: n.FunctionDef | n.ClassDef, frame: Frame) -> Value:
    """The value of a definition met as a statement, with the decorators of torch.jit applied."""
    symbol: Function | Class
    value: Value
    if isinstance(node, n.FunctionDef):
        symbol = frame.module.functions[node.start]
        value = FunctionValue(symbol)
    else:
        symbol = frame.module.classes[node.start]
        value = ClassValue(symbol)
    word = decoration(symbol, machine.project).jit
    if word == "script":
        machine.compilations.append(Compilation("script", value, node, frame.module))
        if isinstance(value, FunctionValue):
            return Compiled("script", value, frame.module.span(node))
    return value


def from_symbol(machine: Machine, symbol: Symbol | None) -> Value:
    """The value of a name that the program layer resolved."""
    match symbol:
        case Function():
            if decoration(symbol, machine.project).jit == "script":
                return Compiled("script", FunctionValue(symbol), symbol.name_span)
            return FunctionValue(symbol)
        case Class():
            return ClassValue(symbol)
        case ModuleInfo():
            return ModuleValue(symbol)
        case External():
            return ExternalValue(symbol.name)
        case Global():
            return machine.global_value(symbol)
        case _:
            return Unknown()


def _constant(machine: Machine, node: n.Constant, frame: Frame) -> Value:
    return Const(node.value) if node.kind in ("none", "bool", "int", "float", "str") else Unknown()


def _name(machine: Machine, node: n.Name, frame: Frame) -> Value:
    if node.id in frame.variables:
        return frame.variables[node.id]
    before = node.start if isinstance(frame.place, ModuleInfo) and frame.outside is None else None
    symbol = machine.project.lookup(node.id, frame.place, before)
    if symbol is None and node.id == "torch":
        return ExternalValue("torch")  # snippets and notebook cells leave the import out
    return from_symbol(machine, symbol)


def _attribute(machine: Machine, node: n.Attribute, frame: Frame) -> Value:
    owner = machine.evaluate(node.value, frame)
    if node.attr == "__dict__" and isinstance(owner, Instance):
        owner.hide()
    elif isinstance(owner, Compiled):
        machine.reads.append(AttributeRead(owner, node, frame.module))
    return attribute(machine, owner, node.attr)


def attribute(machine: Machine, owner: Value, name: str) -> Value:
    """`owner.name`."""
    match owner:
        case Choice():
            options = [Held(attribute(machine, one.value, name), one.when) for one in flatten(Held(owner))]
            return choice(options)
        case ModuleValue():
            return from_symbol(machine, machine.project.member(owner.module, name))
        case ExternalValue(receiver=None):
            return _external(machine, machine.library.canonical(f"{owner.name}.{name}"))
        case ClassValue():
            return _class_attribute(machine, owner.symbol, name, None)
        case SuperValue():
            return _class_attribute(machine, _class_of(owner.instance), name, owner.instance, owner.owner)
        case Instance():
            held = owner.held(name)
            if len(held) == 1 and held[0].when is None:
                return held[0].value
            if held:
                return choice(held)
            if isinstance(owner.cls, Class):
                return _class_attribute(machine, owner.cls, name, owner)
            return _torch_attribute(machine, owner, name) or ExternalValue(f"{owner.cls.name}.{name}", owner)
        case TensorValue():
            return _tensor_attribute(machine, owner, name)
        case PythonObject(numbers=Items()):
            return ExternalValue(f"{owner.kind}.{name}", owner)
        case EnumMember():
            return _of_member(machine, owner, name)
        case Compiled() | Items() | Mapping() | Const(value=str()) | Some(kind="str"):
            return ExternalValue(f".{name}", owner)
        case _:
            return Unknown()


def _external(machine: Machine, name: str) -> Value:
    """Something of a package that is not followed: constants have their values."""
    known = machine.library.exists(name)
    if known is not None and known.kind == "constant":
        kind, _, text = known.detail.partition(" ")
        if kind == "float" and text:
            return Const(float(text))
        if kind in ("dtype", "layout"):
            return Some(kind)
        if kind == "memory_format":
            return PythonObject("torch.memory_format")
    if name == "sys.version_info":
        return Items("tuple", [Const(3), Some("int"), Some("int")], exact=False)
    if name in ("numpy.pi", "numpy.e", "numpy.inf", "numpy.nan"):
        return Const(getattr(math, name.removeprefix("numpy.")))
    return ExternalValue(name)


def _torch_attribute(machine: Machine, instance: Instance, name: str) -> Value | None:
    return torch_objects.value(machine.library, instance, name)


def _tensor_attribute(machine: Machine, tensor: TensorValue, name: str) -> Value:
    kind = machine.library.tensor_attribute(name)
    if name in ("dtype", "layout", "device"):
        return Some(name)
    if kind in (INT, BOOL):
        return Some(str(kind))
    return TensorValue() if kind is TENSOR else ExternalValue(f"torch.Tensor.{name}", tensor)


def _class_of(instance: Instance) -> Class | External:
    return instance.cls


def _class_attribute(
    machine: Machine, cls: Class | External, name: str, instance: Instance | None, after: Class | None = None
) -> Value:
    if isinstance(cls, External):
        return ExternalValue(f"{cls.name}.{name}", instance)
    found = machine.classes.member(cls, name, after)
    if name == "__init__" and instance is not None and not isinstance(found, Member):
        lineage = list(machine.classes.lineage(cls).classes)
        behind = lineage[lineage.index(after) + 1 :] if after in lineage else lineage
        if behind and dataclasses.is_dataclass(machine, behind[0]):
            return GeneratedInit(behind[0], instance)
    if isinstance(found, External):
        known = None if instance is None else _torch_attribute(machine, instance, name)
        return known or ExternalValue(f"{found.name}.{name}", instance)
    if not isinstance(found, Member):
        return Unknown()
    if isinstance(found.value, Function):
        kind = decoration(found.value, machine.project).kind
        if kind in (Kind.PROPERTY, Kind.SETTER):
            return Unknown("a property")
        if kind is Kind.CLASS:
            return FunctionValue(found.value, ClassValue(cls))
        return FunctionValue(found.value, None if kind is Kind.STATIC else instance)
    if any(isinstance(one, External) and one.name.startswith("enum.") for one in machine.classes.lineage(cls).entries):
        return EnumMember(cls, name)
    if found.value.value is not None:
        return machine.evaluate(found.value.value, Frame(found.owner))
    return Unknown()


def _of_member(machine: Machine, member: EnumMember, name: str) -> Value:
    if name == "name":
        return Const(member.name)
    binding = member.cls.scope.visible(member.name)
    if name == "value" and binding and binding[-1].value is not None:
        return machine.evaluate(binding[-1].value, Frame(member.cls))
    return Unknown("an attribute of a member of an enum")


def _call(machine: Machine, node: n.Call, frame: Frame) -> Value:
    if isinstance(node.func, n.Name) and node.func.id == "super" and "super" not in frame.variables:
        if frame.owner is not None and frame.instance is not None:
            return SuperValue(frame.owner, frame.instance)
        return Unknown()
    callee = machine.evaluate(node.func, frame)
    arguments: list[Value] = []
    exact = True
    for one in node.args:
        if isinstance(one, n.Starred):
            unpacked = iterated(machine, machine.evaluate(one.value, frame))
            if isinstance(unpacked, Items):
                arguments += unpacked.items
            exact = exact and isinstance(unpacked, Items) and unpacked.exact
        else:
            arguments.append(machine.evaluate(one, frame))
    keywords: dict[str, Value] = {}
    for keyword in node.keywords:
        value = machine.evaluate(keyword.value, frame)
        if keyword.arg is not None:
            keywords[keyword.arg] = value
        elif isinstance(value, Mapping):
            keywords.update({key: one for key, one in value.items.items() if isinstance(key, str)})
            exact = exact and value.exact
        else:
            exact = False
    return call(machine, callee, arguments, keywords, node, frame, exact)


def _items(machine: Machine, node: n.List | n.Tuple, frame: Frame) -> Value:
    items: list[Value] = []
    exact = True
    for one in node.elts:
        if isinstance(one, n.Starred):
            inner = iterated(machine, machine.evaluate(one.value, frame))
            items += inner.items if isinstance(inner, Items) else []
            exact = exact and isinstance(inner, Items) and inner.exact
        else:
            items.append(machine.evaluate(one, frame))
    return Items("list" if isinstance(node, n.List) else "tuple", items, exact, len(machine.conditions))


def _set(machine: Machine, node: n.Set, frame: Frame) -> Value:
    return Items("set", [machine.evaluate(one, frame) for one in node.elts if not isinstance(one, n.Starred)])


def _dict(machine: Machine, node: n.Dict, frame: Frame) -> Value:
    found = Mapping({}, depth=len(machine.conditions))
    for key, value in zip(node.keys, node.values, strict=True):
        evaluated = machine.evaluate(value, frame)
        name = machine.evaluate(key, frame) if key is not None else None
        if isinstance(name, Const):
            found.items[name.value] = evaluated
        elif key is None and isinstance(evaluated, Mapping):
            found.items.update(evaluated.items)
            found.exact = found.exact and evaluated.exact
        else:
            found.exact = False
    return found


def _comprehension(machine: Machine, node: n.ListComp | n.GeneratorExp, frame: Frame) -> Value:
    items, exact = _generated(machine, node.generators, frame, lambda: [machine.evaluate(node.elt, frame)])
    return Items("list", items, exact, len(machine.conditions))


def _dict_comprehension(machine: Machine, node: n.DictComp, frame: Frame) -> Value:
    def pair() -> list[Value]:
        return [Items("tuple", [machine.evaluate(node.key, frame), machine.evaluate(node.value, frame)])]

    pairs, exact = _generated(machine, node.generators, frame, pair)
    found = Mapping({}, exact)
    for one in pairs:
        key, value = one.items if isinstance(one, Items) else (Unknown(), Unknown())
        if isinstance(key, Const):
            found.items[key.value] = value
        else:
            found.exact = False
    return found


def _generated(
    machine: Machine, generators: list[n.Comprehension], frame: Frame, element: Callable[[], list[Value]]
) -> tuple[list[Value], bool]:
    if not generators:
        return element(), True
    first, rest = generators[0], generators[1:]
    outer = dict(frame.variables)
    source = iterated(machine, machine.evaluate(first.iter, frame))
    exact = isinstance(source, Items) and source.exact and len(source.items) <= 64
    samples = source.items if isinstance(source, Items) else []
    if not exact:
        samples = [sample(source)]
    found: list[Value] = []
    for one in samples:
        machine.assign(first.target, one, frame)
        tests = [kinds.truth(machine, machine.evaluate(test, frame)) for test in first.ifs]
        if False in tests:
            continue
        exact = exact and None not in tests
        inner, inner_exact = _generated(machine, rest, frame, element)
        found += inner
        exact = exact and inner_exact
    frame.variables = outer
    return found, exact


def _if_exp(machine: Machine, node: n.IfExp, frame: Frame) -> Value:
    known = kinds.truth(machine, machine.evaluate(node.test, frame))
    if known is not None:
        return machine.evaluate(node.body if known else node.orelse, frame)
    text = condition_text(frame.text(node.test))
    return choice(
        (Held(machine.evaluate(node.body, frame), text), Held(machine.evaluate(node.orelse, frame), negate(text)))
    )


def _bool_op(machine: Machine, node: n.BoolOp, frame: Frame) -> Value:
    value: Value = Unknown()
    unknown, flags = False, True
    for one in node.values:
        value = machine.evaluate(one, frame)
        known = kinds.truth(machine, value)
        if known is (node.op == "or"):
            return value if not unknown else (Const(known) if node.op == "and" else Unknown())
        unknown = unknown or known is None
        flags = flags and _is_bool(value)
    return value if not unknown else Some("bool") if flags else Unknown()


def _is_bool(value: Value) -> bool:
    return value == Some("bool") or (isinstance(value, Const) and isinstance(value.value, bool))


def _unary(machine: Machine, node: n.UnaryOp, frame: Frame) -> Value:
    value = machine.evaluate(node.operand, frame)
    if node.op == "not":
        known = kinds.truth(machine, value)
        return Some("bool") if known is None else Const(not known)
    if isinstance(value, Const) and isinstance(value.value, (int, float)):
        operations: dict[str, Callable[[Any], Any]] = {"-": lambda x: -x, "+": lambda x: +x}
        if node.op in operations:
            return Const(operations[node.op](value.value))
    if isinstance(value, Some) and value.kind in ("int", "float"):
        return value
    return TensorValue() if isinstance(value, TensorValue) else Unknown()


def _binary(machine: Machine, node: n.BinOp, frame: Frame) -> Value:
    return operators.arithmetic(node.op, machine.evaluate(node.left, frame), machine.evaluate(node.right, frame))


def _compare(machine: Machine, node: n.Compare, frame: Frame) -> Value:
    if len(node.ops) != 1:
        return Unknown()
    return operators.compare(
        node.ops[0], machine.evaluate(node.left, frame), machine.evaluate(node.comparators[0], frame)
    )


def _subscript(machine: Machine, node: n.Subscript, frame: Frame) -> Value:
    container = machine.evaluate(node.value, frame)
    if isinstance(node.slice, n.Slice):
        return _sliced(machine, container, node.slice, frame)
    container = arrays.items(container) or container
    key = machine.evaluate(node.slice, frame)
    if isinstance(key, Const) and isinstance(container, Items) and isinstance(key.value, int):
        if not container.exact:
            leading = 0 <= key.value < len(container.items) and container.kind == "tuple"
            return container.items[key.value] if leading else Unknown()
        if -len(container.items) <= key.value < len(container.items):
            return container.items[key.value]
    if isinstance(key, Const) and isinstance(container, Mapping):
        return container.items.get(key.value, Unknown())
    if isinstance(key, Const) and isinstance(container, Const) and isinstance(container.value, str):
        return constants.method(container.value, "__getitem__", [key])
    if isinstance(container, Instance) and isinstance(key, Const) and isinstance(key.value, int):
        container = iterated(machine, container)
        if (
            isinstance(container, Items)
            and container.exact
            and -len(container.items) <= key.value < len(container.items)
        ):
            return container.items[key.value]
        return Unknown()
    if isinstance(container, Mapping) and container.exact and container.items:
        return choice(Held(one, f"`{name}` is chosen") for name, one in container.items.items())
    if isinstance(container, Instance) and isinstance(key, Const) and str(key.value) in container.attributes:
        return attribute(machine, container, str(key.value))
    return Unknown()


def _sliced(machine: Machine, container: Value, node: n.Slice, frame: Frame) -> Value:
    bounds = [None if one is None else machine.evaluate(one, frame) for one in (node.lower, node.upper, node.step)]
    module = container if isinstance(container, Instance) else None
    if module is not None:
        container = iterated(machine, module)
    if all(one is None or isinstance(one, Const) for one in bounds):
        lower, upper, step = (one.value if isinstance(one, Const) else None for one in bounds)
        if (
            isinstance(lower, int | None)
            and isinstance(upper, int | None)
            and isinstance(step, int | None)
            and step != 0
        ):
            at = slice(lower, upper, step)
            if not isinstance(container, Items):
                return arrays.part(container, at) or Unknown()
            part = Items(container.kind, container.items[at], container.exact)
            return part if module is None else container_of(machine, module, part)
    return Unknown()


def _lambda(machine: Machine, node: n.Lambda, frame: Frame) -> Value:
    return LambdaValue(node, frame.place)


def _named(machine: Machine, node: n.NamedExpr, frame: Frame) -> Value:
    value = machine.evaluate(node.value, frame)
    machine.assign(node.target, value, frame)
    return value


def _joined(machine: Machine, node: n.JoinedStr, frame: Frame) -> Value:
    text = ""
    for one in node.values:
        value = (
            machine.evaluate(one.value, frame) if isinstance(one, n.FormattedValue) else machine.evaluate(one, frame)
        )
        plain = not isinstance(one, n.FormattedValue) or (one.format_spec is None and one.conversion is None)
        if not isinstance(value, Const) or not plain:
            return Some("str")
        text += str(value.value)
    return Const(text)


_TABLE: dict[type, Callable[[Machine, Any, Frame], Value]] = {
    n.Constant: _constant,
    n.Name: _name,
    n.Attribute: _attribute,
    n.Call: _call,
    n.List: _items,
    n.Tuple: _items,
    n.Dict: _dict,
    n.Set: _set,
    n.ListComp: _comprehension,
    n.GeneratorExp: _comprehension,
    n.DictComp: _dict_comprehension,
    n.IfExp: _if_exp,
    n.BoolOp: _bool_op,
    n.UnaryOp: _unary,
    n.BinOp: _binary,
    n.Compare: _compare,
    n.Subscript: _subscript,
    n.Lambda: _lambda,
    n.NamedExpr: _named,
    n.JoinedStr: _joined,
}
