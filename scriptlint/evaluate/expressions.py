"""Expressions: how each kind of them is evaluated, in `TABLE`; a kind that is not there has no value."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from scriptlint.evaluate import attributes, calls, containers, keys, operators, plain, symbols, texts
from scriptlint.evaluate.arguments import Arguments
from scriptlint.evaluate.frames import Frame
from scriptlint.evaluate.values import (
    ClassValue,
    Const,
    ExternalValue,
    FunctionValue,
    GeneratedInit,
    Instance,
    Items,
    LambdaValue,
    Mapping,
    PythonObject,
    Slice,
    Some,
    SuperValue,
    Symbol,
    Unknown,
    Value,
)
from scriptlint.program.module import Class, Function, ModuleInfo
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk

if TYPE_CHECKING:
    from scriptlint.evaluate.evaluator import Evaluator


def _constant(ev: Evaluator, node: n.Constant, frame: Frame) -> Value:
    if node.kind == "int" and isinstance(node.value, str):
        return Some("int")
    if node.kind in ("none", "bool", "int", "float", "str"):
        return Const(node.value)
    if node.kind == "ellipsis":
        return PythonObject("ellipsis")
    return PythonObject(node.kind)


def _name(ev: Evaluator, node: n.Name, frame: Frame) -> Value:
    local = frame.variables.get(node.id)
    if local is not None:
        return local
    return variable(ev, node.id, frame, node)


def variable(ev: Evaluator, name: str, frame: Frame, node: n.Node | None = None) -> Value:
    """Return the value of a name where it is used."""
    at: Frame | None = frame
    while at is not None:
        if name in at.variables and (at is frame or not isinstance(at.place, Class)):
            return at.variables[name]
        at = at.outer
    if name == "__class__" and frame.owner is not None:
        return calls.class_value(frame.owner)
    before = node.start if node is not None and isinstance(frame.place, ModuleInfo) and frame.outside is None else None
    return ev.namespaces.lookup(name, frame.place, before)


def _attribute(ev: Evaluator, node: n.Attribute, frame: Frame) -> Value:
    return attributes.load(ev, ev.evaluate(node.value, frame), node.attr, node, frame)


_OURS = (FunctionValue, ClassValue, GeneratedInit)


def _call(ev: Evaluator, node: n.Call, frame: Frame) -> Value:
    if type(node.func) is n.Name:
        if node.func.id == "super":
            made = _super(ev, node, frame)
            if made is not None:
                return made
        elif node.func.id in ("locals", "vars") and not node.args:
            return _locals(frame)
    callee = ev.evaluate(node.func, frame)
    if type(callee) is ExternalValue:
        is_ours = callee.name == "builtins.type.__call__"
    else:
        is_ours = isinstance(ev.resolved(callee), _OURS)
    return calls.call(ev, callee, _arguments(ev, node, frame, is_ours), node, frame)


def _locals(frame: Frame) -> Value:
    """Return the variables of a function by their names; those of a method that names `super` have its class, too."""
    known = Mapping({name: value for name, value in frame.variables.items() if not name.startswith(".")})
    if frame.owner is not None and isinstance(frame.place, Function):
        named = {one.id for one in walk(*frame.place.node.body) if isinstance(one, n.Name)}
        if named & {"super", "__class__"}:
            known.items["__class__"] = calls.class_value(frame.owner)
    return known


def _arguments(ev: Evaluator, node: n.Call, frame: Frame, is_ours: bool) -> Arguments:
    """Return the arguments of a call; a function of the source is passed on what nobody gives as just that."""
    given = Arguments([], {})
    for one in node.args:
        if type(one) is n.Starred:
            value = ev.evaluate(one.value, frame)
            if is_ours and isinstance(value, Symbol) and value.is_rest and value.value is None:
                given.open = True
                continue
            unpacked = containers.iterate(ev, value, one.value, frame)
            given.positional += unpacked.items if unpacked.exact else []
            given.exact = given.exact and unpacked.exact
        else:
            given.positional.append(ev.evaluate(one, frame))
    for keyword in node.keywords:
        value = ev.evaluate(keyword.value, frame)
        if keyword.arg is not None:
            given.keywords[keyword.arg] = value
            continue
        mapping = containers.as_mapping(ev, value)
        if mapping is None:
            given.exact = False
        else:
            given.keywords.update({key: one for key, one in mapping.items.items() if isinstance(key, str)})
            given.exact = given.exact and mapping.exact
            given.open = given.open or (is_ours and mapping.is_rest)
    return given


def _super(ev: Evaluator, node: n.Call, frame: Frame) -> Value | None:
    """Return the value of `super()`; None where the name means something else."""
    if not isinstance(variable(ev, "super", frame), ExternalValue):
        return None
    owner, receiver = frame.owner, frame.receiver
    if node.args:
        first = ev.resolved(ev.evaluate(node.args[0], frame))
        second = ev.resolved(ev.evaluate(node.args[1], frame)) if len(node.args) > 1 else receiver
        owner = calls.class_of(first)
        if isinstance(second, (Instance, ClassValue)):
            receiver = second
    if owner is None or receiver is None:
        return Unknown("`super()`")
    return SuperValue(owner, receiver)


def _display(ev: Evaluator, node: n.List | n.Tuple | n.Set, frame: Frame) -> Value:
    items: list[Value] = []
    exact = True
    for one in node.elts:
        if isinstance(one, n.Starred):
            inner = containers.iterate(ev, ev.evaluate(one.value, frame), one.value, frame)
            items += inner.items
            exact = exact and inner.exact
        else:
            items.append(ev.evaluate(one, frame))
    kind = {n.List: "list", n.Tuple: "tuple", n.Set: "set"}[type(node)]
    return Items(kind, containers.distinct(ev, items) if kind == "set" else items, exact)


def _dict(ev: Evaluator, node: n.Dict, frame: Frame) -> Value:
    made = Mapping({})
    for key, value in zip(node.keys, node.values, strict=True):
        evaluated = ev.evaluate(value, frame)
        if key is None:
            inner = containers.as_mapping(ev, evaluated)
            if inner is None:
                made.exact = False
            else:
                containers.update(made, inner)
            continue
        name = keys.key_of(ev, ev.evaluate(key, frame))
        if name is keys.NO_KEY:
            made.exact = False
        else:
            made.items[name] = evaluated
    return made


def _comprehension(ev: Evaluator, node: n.ListComp | n.GeneratorExp | n.SetComp, frame: Frame) -> Value:
    items: list[Value] = []
    inner = _inner(frame)
    exact = _generate(ev, node.generators, inner, lambda: items.append(ev.evaluate(node.elt, inner)))
    kind = {n.ListComp: "list", n.GeneratorExp: "iterator", n.SetComp: "set"}[type(node)]
    return Items(kind, containers.distinct(ev, items) if kind == "set" else items, exact)


def _dict_comprehension(ev: Evaluator, node: n.DictComp, frame: Frame) -> Value:
    made = Mapping({})
    inner = _inner(frame)

    def pair() -> None:
        key = keys.key_of(ev, ev.evaluate(node.key, inner))
        value = ev.evaluate(node.value, inner)
        if key is keys.NO_KEY:
            made.exact = False
        else:
            made.items[key] = value

    exact = _generate(ev, node.generators, inner, pair)
    made.exact = made.exact and exact
    return made


def _inner(frame: Frame) -> Frame:
    """Return the activation of a comprehension, which sees the variables around it."""
    variables = dict(frame.variables) if isinstance(frame.place, Class) else {}
    return Frame(
        frame.place, variables, frame, frame.owner, frame.receiver, outside=frame.outside, is_comprehension=True
    )


def _generate(
    ev: Evaluator,
    generators: list[n.Comprehension],
    frame: Frame,
    element: Callable[[], object],
    *,
    is_inner: bool = False,
) -> bool:
    """Run the loops of a comprehension; return True if all rounds are known."""
    if not generators:
        element()
        return True
    first, rest = generators[0], generators[1:]
    around = frame if is_inner or frame.outer is None else frame.outer  # Python evaluates the first of them there
    source = containers.iterate(ev, ev.evaluate(first.iter, around), first.iter, frame)
    exact = source.exact
    for one in list(source.items):
        ev.spend()
        ev.assign(first.target, one, frame)
        if all(ev.decide(test, frame) for test in first.ifs):
            exact = _generate(ev, rest, frame, element, is_inner=True) and exact
    return exact


def _if_exp(ev: Evaluator, node: n.IfExp, frame: Frame) -> Value:
    return ev.evaluate(node.body if ev.decide(node.test, frame) else node.orelse, frame)


def _bool_op(ev: Evaluator, node: n.BoolOp, frame: Frame) -> Value:
    value: Value = Unknown()
    for index, one in enumerate(node.values):
        value = ev.evaluate(one, frame)
        if index < len(node.values) - 1 and symbols.decide(ev, value, one, frame) is (node.op == "or"):
            # What was decided of a flag is not asked again.
            return Const(node.op == "or") if isinstance(value, Some) and value.kind == "bool" else value
    return value


def _unary(ev: Evaluator, node: n.UnaryOp, frame: Frame) -> Value:
    value = ev.evaluate(node.operand, frame)
    if node.op == "not":
        return Const(not symbols.decide(ev, value, node.operand, frame))
    return operators.unary(ev, node.op, value, node, frame)


def _binary(ev: Evaluator, node: n.BinOp, frame: Frame) -> Value:
    # A chain of a thousand additions is a thousand nodes deep on its left.
    chain = [node]
    while isinstance(chain[-1].left, n.BinOp):
        chain.append(chain[-1].left)
    value = ev.evaluate(chain[-1].left, frame)
    for one in reversed(chain):
        ev.spend()
        value = operators.binary(ev, one.op, value, ev.evaluate(one.right, frame), one, frame)
    return value


def _compare(ev: Evaluator, node: n.Compare, frame: Frame) -> Value:
    left = ev.evaluate(node.left, frame)
    result: Value = Const(True)
    for index, (operator, comparator) in enumerate(zip(node.ops, node.comparators, strict=True)):
        right = ev.evaluate(comparator, frame)
        result = symbols.compared(ev, operator, left, right, node, frame)
        if index < len(node.ops) - 1 and not symbols.decide(ev, result, node, frame):
            return result
        left = right
    return result


def _subscript(ev: Evaluator, node: n.Subscript, frame: Frame) -> Value:
    owner = ev.evaluate(node.value, frame)
    return containers.item(ev, owner, ev.evaluate(node.slice, frame), node, frame)


def _slice(ev: Evaluator, node: n.Slice, frame: Frame) -> Value:
    bounds = []
    for one in (node.lower, node.upper, node.step):
        known = plain.to_python(ev.resolved(Const(None) if one is None else ev.evaluate(one, frame)))
        if known is None or not isinstance(known[0], int | None):
            return Unknown("a slice")
        bounds.append(known[0])
    return Slice(slice(*bounds))


def _lambda(ev: Evaluator, node: n.Lambda, frame: Frame) -> Value:
    defaults = {one.name: ev.evaluate(one.default, frame) for one in node.args.all() if one.default is not None}
    return LambdaValue(node, frame.place, frame, defaults)


def _named(ev: Evaluator, node: n.NamedExpr, frame: Frame) -> Value:
    value = ev.evaluate(node.value, frame)
    at = frame
    while at.is_comprehension and at.outer is not None:
        at = at.outer
    ev.assign(node.target, value, at)
    return value


def _joined(ev: Evaluator, node: n.JoinedStr, frame: Frame) -> Value:
    parts: list[str] | None = []
    for one in node.values:
        text = _formatted(ev, one, frame) if isinstance(one, n.FormattedValue) else _text(ev, one, frame)
        parts = None if parts is None or text is None else [*parts, text]
    return Some("str") if parts is None else Const("".join(parts))


def _text(ev: Evaluator, node: n.Expr, frame: Frame) -> str | None:
    value = ev.resolved(ev.evaluate(node, frame))
    return str(value.value) if isinstance(value, Const) else None


_CONVERSIONS: dict[str, Callable[[Any], str]] = {"r": repr, "s": str, "a": ascii}


def _formatted(ev: Evaluator, node: n.FormattedValue, frame: Frame) -> str | None:
    value = ev.resolved(ev.evaluate(node.value, frame))
    spec = "" if node.format_spec is None else _text(ev, node.format_spec, frame)
    known = plain.to_python(value)
    if spec is None or node.equal:
        return None
    if known is None:
        text = texts.text_of(ev, value, node.conversion or "")
        return text if not spec else None
    try:
        convert = _CONVERSIONS.get(node.conversion or "")
        converted = known[0] if convert is None else convert(known[0])
        return plain.limited(lambda: format(converted, spec))
    except (ValueError, TypeError, plain.TooLarge):
        return None


def _yield(ev: Evaluator, node: n.Yield, frame: Frame) -> Value:
    value = Const(None) if node.value is None else ev.evaluate(node.value, frame)
    _collect(ev, frame, [value])
    return Unknown("what is sent to a generator")


def _yield_from(ev: Evaluator, node: n.YieldFrom, frame: Frame) -> Value:
    _collect(ev, frame, containers.iterate(ev, ev.evaluate(node.value, frame), node.value, frame).items)
    return Unknown("what a generator returns")


def _collect(ev: Evaluator, frame: Frame, items: list[Value]) -> None:
    at: Frame | None = frame
    while at is not None and at.yields is None:
        at = at.outer
    if at is not None and at.yields is not None:
        ev.spend(len(items))
        at.yields += items


TABLE: dict[type, Callable[[Any, Any, Frame], Value]] = {
    n.Constant: _constant,
    n.Name: _name,
    n.Attribute: _attribute,
    n.Call: _call,
    n.List: _display,
    n.Tuple: _display,
    n.Set: _display,
    n.Dict: _dict,
    n.ListComp: _comprehension,
    n.GeneratorExp: _comprehension,
    n.SetComp: _comprehension,
    n.DictComp: _dict_comprehension,
    n.IfExp: _if_exp,
    n.BoolOp: _bool_op,
    n.UnaryOp: _unary,
    n.BinOp: _binary,
    n.Compare: _compare,
    n.Subscript: _subscript,
    n.Slice: _slice,
    n.Lambda: _lambda,
    n.NamedExpr: _named,
    n.JoinedStr: _joined,
    n.Yield: _yield,
    n.YieldFrom: _yield_from,
}
