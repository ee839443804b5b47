"""Expressions of abstractly executed code."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from scriptlint.instances.callees import call
from scriptlint.instances.frames import Compilation, Frame, condition_text, negate
from scriptlint.instances.values import (
    Choice,
    ClassValue,
    Compiled,
    Const,
    ExternalValue,
    FunctionValue,
    Held,
    Instance,
    Items,
    LambdaValue,
    Mapping,
    ModuleValue,
    Some,
    SuperValue,
    TensorValue,
    Unknown,
    Value,
    flatten,
    identity,
    truth,
)
from scriptlint.program.classes import Member
from scriptlint.program.decorators import Kind, decoration
from scriptlint.program.module import Class, Function, ModuleInfo
from scriptlint.program.project import External, Global, Symbol
from scriptlint.syntax import nodes as n

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
    before = node.start if isinstance(frame.place, ModuleInfo) and not frame.outside else None
    symbol = machine.project.lookup(node.id, frame.place, before)
    if symbol is None and node.id == "torch":
        return ExternalValue("torch")  # snippets and notebook cells leave the import out
    return from_symbol(machine, symbol)


def _attribute(machine: Machine, node: n.Attribute, frame: Frame) -> Value:
    owner = machine.evaluate(node.value, frame)
    if node.attr == "__dict__" and isinstance(owner, Instance):
        owner.hide()
    return attribute(machine, owner, node.attr)


def attribute(machine: Machine, owner: Value, name: str) -> Value:
    """`owner.name`."""
    match owner:
        case Choice():
            options = [Held(attribute(machine, one.value, name), one.when) for one in flatten(Held(owner))]
            return Choice(tuple(options))
        case ModuleValue():
            return from_symbol(machine, machine.project.member(owner.module, name))
        case ExternalValue(receiver=None):
            return ExternalValue(machine.project.library.canonical(f"{owner.name}.{name}"))
        case ClassValue():
            return _class_attribute(machine, owner.symbol, name, None)
        case SuperValue():
            return _class_attribute(machine, _class_of(owner.instance), name, owner.instance, owner.owner)
        case Instance():
            held = owner.held(name)
            if len(held) == 1 and held[0].when is None:
                return held[0].value
            if held:
                return Choice(tuple(held))
            if isinstance(owner.cls, Class):
                return _class_attribute(machine, owner.cls, name, owner)
            return ExternalValue(f"{owner.cls.name}.{name}", owner)
        case Compiled() | Items() | Mapping():
            return ExternalValue(f".{name}", owner)
        case _:
            return Unknown()


def _class_of(instance: Instance) -> Class | External:
    return instance.cls


def _class_attribute(
    machine: Machine, cls: Class | External, name: str, instance: Instance | None, after: Class | None = None
) -> Value:
    if isinstance(cls, External):
        return ExternalValue(f"{cls.name}.{name}", instance)
    found = machine.classes.member(cls, name, after)
    if isinstance(found, External):
        return ExternalValue(f"{found.name}.{name}", instance)
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
        return Unknown("a member of an enum")
    if found.value.value is not None:
        return machine.evaluate(found.value.value, Frame(found.owner))
    return Unknown()


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
            unpacked = machine.evaluate(one.value, frame)
            if isinstance(unpacked, Items):
                arguments += unpacked.items
                exact = exact and unpacked.exact
            else:
                exact = False
        else:
            arguments.append(machine.evaluate(one, frame))
    keywords: dict[str, Value] = {}
    for keyword in node.keywords:
        value = machine.evaluate(keyword.value, frame)
        if keyword.arg is not None:
            keywords[keyword.arg] = value
        elif isinstance(value, Mapping):
            keywords.update(value.items)
    return call(machine, callee, arguments, keywords, node, frame, exact)


def _items(machine: Machine, node: n.List | n.Tuple, frame: Frame) -> Value:
    items: list[Value] = []
    exact = True
    for one in node.elts:
        if isinstance(one, n.Starred):
            inner = machine.evaluate(one.value, frame)
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
        if isinstance(name, Const) and isinstance(name.value, str):
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
        if isinstance(key, Const) and isinstance(key.value, str):
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
    iterated = machine.evaluate(first.iter, frame)
    exact = isinstance(iterated, Items) and iterated.exact and len(iterated.items) <= 64
    samples = iterated.items if isinstance(iterated, Items) else []
    if not exact:
        samples = samples[:1] or [Unknown("the loop")]
    found: list[Value] = []
    for sample in samples:
        machine.assign(first.target, sample, frame)
        tests = [truth(machine.evaluate(one, frame)) for one in first.ifs]
        if False in tests:
            continue
        exact = exact and None not in tests
        inner, inner_exact = _generated(machine, rest, frame, element)
        found += inner
        exact = exact and inner_exact
    frame.variables = outer
    return found, exact


def _if_exp(machine: Machine, node: n.IfExp, frame: Frame) -> Value:
    known = truth(machine.evaluate(node.test, frame))
    if known is not None:
        return machine.evaluate(node.body if known else node.orelse, frame)
    text = condition_text(frame.module.text(node.test))
    return Choice(
        (Held(machine.evaluate(node.body, frame), text), Held(machine.evaluate(node.orelse, frame), negate(text)))
    )


def _bool_op(machine: Machine, node: n.BoolOp, frame: Frame) -> Value:
    value: Value = Unknown()
    unknown = False
    for one in node.values:
        value = machine.evaluate(one, frame)
        known = truth(value)
        if known is (node.op == "or"):
            return value if not unknown else (Const(known) if node.op == "and" else Unknown())
        unknown = unknown or known is None
    return Unknown() if unknown else value


def _unary(machine: Machine, node: n.UnaryOp, frame: Frame) -> Value:
    value = machine.evaluate(node.operand, frame)
    if node.op == "not":
        known = truth(value)
        return Unknown() if known is None else Const(not known)
    if isinstance(value, Const) and isinstance(value.value, (int, float)):
        operations: dict[str, Callable[[Any], Any]] = {"-": lambda x: -x, "+": lambda x: +x}
        if node.op in operations:
            return Const(operations[node.op](value.value))
    return Unknown()


_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
}


def arithmetic(operator: str, left: Value, right: Value) -> Value:
    """A binary operation on constants and lists."""
    if isinstance(left, Items) and isinstance(right, Items) and operator == "+":
        return Items(left.kind, [*left.items, *right.items], left.exact and right.exact)
    if isinstance(left, Items) and isinstance(right, Const) and isinstance(right.value, int) and operator == "*":
        return Items(left.kind, left.items * min(right.value, 64), left.exact and right.value <= 64)
    if isinstance(left, Const) and isinstance(right, Const) and operator in _ARITHMETIC:
        if isinstance(left.value, str) and operator == "*":
            return Unknown()
        try:
            return Const(_ARITHMETIC[operator](left.value, right.value))
        except (TypeError, ValueError, ZeroDivisionError, OverflowError):
            return Unknown()
    if isinstance(left, TensorValue) or isinstance(right, TensorValue):
        return TensorValue()
    kinds = {one.kind if isinstance(one, Some) else type(getattr(one, "value", None)).__name__ for one in (left, right)}
    if kinds <= {"int", "float", "bool"} and all(isinstance(one, (Some, Const)) for one in (left, right)):
        return Some("float" if operator == "/" or "float" in kinds else "int")
    return Unknown()


def _binary(machine: Machine, node: n.BinOp, frame: Frame) -> Value:
    return arithmetic(node.op, machine.evaluate(node.left, frame), machine.evaluate(node.right, frame))


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def _compare(machine: Machine, node: n.Compare, frame: Frame) -> Value:
    if len(node.ops) != 1:
        return Unknown()
    left = machine.evaluate(node.left, frame)
    right = machine.evaluate(node.comparators[0], frame)
    operator = node.ops[0]
    if operator in ("is", "is not"):
        same = _same(left, right)
        return Unknown() if same is None else Const(same == (operator == "is"))
    if isinstance(left, Const) and operator in ("in", "not in") and isinstance(right, (Items, Mapping)):
        return _contains(left, right, operator == "in")
    if operator in ("==", "!=") and all(isinstance(one, (ExternalValue, ClassValue)) for one in (left, right)):
        return Const((identity(left) == identity(right)) == (operator == "=="))
    if isinstance(left, Const) and isinstance(right, Const) and operator in _COMPARISONS:
        try:
            return Const(bool(_COMPARISONS[operator](left.value, right.value)))
        except TypeError:
            return Unknown()
    return Unknown()


def _contains(key: Const, container: Items | Mapping, positive: bool) -> Value:
    if isinstance(container, Mapping):
        found = key.value in container.items
    else:
        found = any(isinstance(one, Const) and one.value == key.value for one in container.items)
        if not found and not all(isinstance(one, Const) for one in container.items):
            return Unknown()
    return Const(found == positive) if found or container.exact else Unknown()


def _same(left: Value, right: Value) -> bool | None:
    none = Const(None)
    if none in (left, right):
        other = right if left == none else left
        if isinstance(other, Const):
            return other.value is None
        return None if isinstance(other, (Unknown, Choice, ExternalValue)) else False
    if isinstance(left, ClassValue) and isinstance(right, ClassValue):
        return left.symbol is right.symbol
    if isinstance(left, ExternalValue) and isinstance(right, ExternalValue):
        return left == right
    if isinstance(left, Const) and isinstance(right, Const) and isinstance(left.value, bool):
        return left.value is right.value
    return None


def _subscript(machine: Machine, node: n.Subscript, frame: Frame) -> Value:
    container = machine.evaluate(node.value, frame)
    if isinstance(node.slice, n.Slice):
        return _sliced(machine, container, node.slice, frame)
    key = machine.evaluate(node.slice, frame)
    if isinstance(key, Const) and isinstance(container, Items) and container.exact and isinstance(key.value, int):
        if -len(container.items) <= key.value < len(container.items):
            return container.items[key.value]
    if isinstance(key, Const) and isinstance(container, Mapping) and isinstance(key.value, str):
        return container.items.get(key.value, Unknown())
    if isinstance(container, Mapping) and container.exact and container.items:
        return Choice(tuple(Held(one, f"`{name}` is chosen") for name, one in container.items.items()))
    if isinstance(container, Instance) and isinstance(key, Const) and str(key.value) in container.attributes:
        return attribute(machine, container, str(key.value))
    return Unknown()


def _sliced(machine: Machine, container: Value, node: n.Slice, frame: Frame) -> Value:
    bounds = [None if one is None else machine.evaluate(one, frame) for one in (node.lower, node.upper, node.step)]
    if isinstance(container, Items) and all(one is None or isinstance(one, Const) for one in bounds):
        lower, upper, step = (one.value if isinstance(one, Const) else None for one in bounds)
        if (
            isinstance(lower, int | None)
            and isinstance(upper, int | None)
            and isinstance(step, int | None)
            and step != 0
        ):
            return Items(container.kind, container.items[lower:upper:step], container.exact)
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
            return Unknown()
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
