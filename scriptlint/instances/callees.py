"""Calls in abstractly executed code: our functions and classes, and the well-known ones of torch and Python."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from scriptlint.instances.frames import Frame, Observed
from scriptlint.instances.values import (
    Choice,
    ClassValue,
    Compiled,
    Const,
    ExternalValue,
    Foreign,
    FunctionValue,
    Held,
    Instance,
    Items,
    LambdaValue,
    Mapping,
    Partial,
    Some,
    TensorValue,
    Unknown,
    Value,
    flatten,
)
from scriptlint.program.decorators import decoration
from scriptlint.program.module import Class
from scriptlint.program.project import KNOWN_PACKAGES, External
from scriptlint.syntax import nodes as n

if TYPE_CHECKING:
    from scriptlint.instances.machine import Machine

_SCRIPTERS = ("torch.jit.script", "torch.jit._script.script", "torch.jit.freeze", "torch.jit.optimize_for_inference")
_TRACERS = ("torch.jit.trace", "torch.jit.trace_module")
_OBSERVED = frozenset({"torch.save", "torch.load", "torch.jit.save", "torch.jit.load", "torch.onnx.export"})
# Methods of nn.Module that give back the module itself.
_CHAINED = frozenset(
    "eval train to cuda cpu half float double bfloat16 type requires_grad_ apply share_memory to_empty compile".split()
)
# They put a hook without a name on a module and give it back; their successors replace a parameter instead.
_HOOKS = frozenset({"torch.nn.utils.weight_norm", "torch.nn.utils.spectral_norm"})
_UNHOOKS = frozenset({"torch.nn.utils.remove_weight_norm", "torch.nn.utils.remove_spectral_norm"})
_PARAMETRIZATIONS = frozenset(
    f"torch.nn.utils.parametrizations.{name}" for name in ("weight_norm", "spectral_norm", "orthogonal")
)
_CONTAINERS = frozenset({"torch.nn.Sequential", "torch.nn.ModuleList", "torch.nn.ModuleDict"})
_TENSOR_FACTORIES = frozenset(
    f"torch.{name}"
    for name in "zeros ones empty full rand randn randint arange linspace eye tensor as_tensor from_numpy Tensor "
    "FloatTensor LongTensor zeros_like ones_like randn_like tril triu randperm logspace cat stack".split()
)


def call(
    machine: Machine,
    callee: Value,
    arguments: list[Value],
    keywords: dict[str, Value],
    node: n.Call,
    frame: Frame,
    exact: bool,
) -> Value:
    """What a call gives. `exact` says that `arguments` are all of them."""
    match callee:
        case Choice():
            options = [
                Held(call(machine, one.value, arguments, keywords, node, frame, exact), one.when)
                for one in flatten(Held(callee))
            ]
            return Choice(tuple(options))
        case FunctionValue():
            if not decoration(callee.function, machine.project).transparent:
                _hide(arguments, keywords)
                return Unknown("a decorated function")
            return machine.call_function(callee.function, arguments, keywords, callee.bound)
        case ClassValue():
            return machine.construct(callee.symbol, arguments, keywords, frame.module.span(node))
        case Instance():
            callee.ran = True
            return Unknown("what a module gives")
        case Partial():
            return call(
                machine,
                callee.callee,
                [*callee.arguments, *arguments],
                {**callee.keywords, **keywords},
                node,
                frame,
                exact,
            )
        case LambdaValue():
            return _call_lambda(machine, callee, arguments)
        case ExternalValue(receiver=None):
            if callee.name.partition(".")[0] not in KNOWN_PACKAGES or callee.name == "builtins.vars":
                _hide(arguments, keywords)
            return _external(machine, callee.name, arguments, keywords, node, frame, exact)
        case ExternalValue():
            name = callee.name.rpartition(".")[2]
            return _method(machine, callee.receiver, name, callee.name, arguments, keywords, node, frame)
        case _:
            _hide(arguments, keywords)
            return Unknown()


def _hide(arguments: list[Value], keywords: dict[str, Value]) -> None:
    """What is called is not followed, and may set attributes on the objects it is given."""
    for one in (*arguments, *keywords.values()):
        if isinstance(one, Instance):
            one.hide()


def _call_lambda(machine: Machine, callee: LambdaValue, arguments: list[Value]) -> Value:
    frame = Frame(callee.place)
    for parameter, value in zip(callee.node.args.args, arguments, strict=False):
        frame.variables[parameter.name] = value
    return machine.evaluate(callee.node.body, frame)


def _external(
    machine: Machine,
    name: str,
    arguments: list[Value],
    keywords: dict[str, Value],
    node: n.Call,
    frame: Frame,
    exact: bool,
) -> Value:
    first: Value = arguments[0] if arguments else next(iter(keywords.values()), Unknown())
    if name in _SCRIPTERS or name in _TRACERS:
        how = "trace" if name in _TRACERS else "script"
        target = keywords.get("obj", keywords.get("func", keywords.get("mod", first)))
        return machine.compiled(how, target, node, frame.module, arguments[1:])
    if name in _OBSERVED:
        machine.observed.append(Observed(name, node, frame.module, tuple(arguments), keywords))
        return _exported(machine, name, arguments, keywords, node, frame)
    if name in _HOOKS and isinstance(first, Instance):
        first.hooked = (name, frame.module.span(node.func))
        return first
    if name in _UNHOOKS and isinstance(first, Instance):
        first.hooked = None
        return first
    if name in _PARAMETRIZATIONS and isinstance(first, Instance):
        return first
    if name in _TENSOR_FACTORIES:
        return TensorValue()
    if name in ("torch.nn.Parameter", "torch.nn.parameter.Parameter"):
        return TensorValue("parameter")
    if name.startswith("builtins."):
        return _builtin(machine, name.removeprefix("builtins."), arguments, frame)
    if name == "functools.partial" and arguments:
        return Partial(arguments[0], arguments[1:], keywords)
    if name == "copy.deepcopy" and arguments:
        return arguments[0]
    if name == "collections.OrderedDict":
        return _as_mapping(machine, first) if arguments else Mapping(dict(keywords), depth=len(machine.conditions))
    if machine.project.library.is_module_class(name):
        made = Instance(External(name), frame.module.span(node), depth=len(machine.conditions))
        made.open = not fill_container(machine, made, name, arguments) or not exact
        made.foreign = Foreign(name, tuple(arguments), keywords) if exact else None
        return made
    return Unknown(f"`{name}`")


def _exported(
    machine: Machine, name: str, arguments: list[Value], keywords: dict[str, Value], node: n.Call, frame: Frame
) -> Value:
    if name == "torch.onnx.export" and keywords.get("dynamo") == Const(False) and arguments:
        machine.compiled("trace", arguments[0], node, frame.module, arguments[1:])
        return Const(None)
    if name == "torch.jit.load":
        return Compiled("script", Unknown("a loaded archive"), frame.module.span(node))
    return Unknown()


def _builtin(machine: Machine, name: str, arguments: list[Value], frame: Frame) -> Value:
    match name, arguments:
        case "range", [*numbers] if numbers and all(
            isinstance(one, Const) and isinstance(one.value, int) for one in numbers
        ):
            values = range(*[one.value for one in numbers if isinstance(one, Const) and isinstance(one.value, int)])
            return Items("range", [Const(one) for one in values[:65]], len(values) <= 65)
        case "len", [Items() | Mapping() as counted] if counted.exact:
            return Const(len(counted.items))
        case (("list" | "tuple"), [Items() as items]):
            return Items(name, list(items.items), items.exact, len(machine.conditions))
        case (("list" | "tuple"), []):
            return Items(name, [], depth=len(machine.conditions))
        case "dict", [Mapping() as mapping]:
            return Mapping(dict(mapping.items), mapping.exact, len(machine.conditions))
        case "dict", []:
            return Mapping({}, depth=len(machine.conditions))
        case "enumerate", [Items() as items]:
            pairs: list[Value] = [Items("tuple", [Const(i), one]) for i, one in enumerate(items.items)]
            return Items("list", pairs, items.exact)
        case "zip", [*several] if several and all(isinstance(one, Items) for one in several):
            lists = [one for one in several if isinstance(one, Items)]
            rows: list[Value] = [Items("tuple", list(row)) for row in zip(*(one.items for one in lists), strict=False)]
            return Items("list", rows, all(one.exact for one in lists))
        case "reversed", [Items() as items]:
            return Items("list", items.items[::-1], items.exact)
        case "getattr", [owner, Const(value=str() as attr), *_]:
            return machine.attribute(owner, attr)
        case "setattr", [Instance() as instance, Const(value=str() as attr), value]:
            machine.set_attribute(instance, attr, value, None)
            return Const(None)
        case "setattr", [Instance() as instance, *_]:
            instance.hide()
            return Const(None)
        case "type", [Partial()]:
            return ExternalValue("functools.partial")
        case "type", [ClassValue() | ExternalValue(receiver=None)]:
            return ExternalValue("builtins.type")
        case "type", [Const(value=int() | float() | str() as constant)]:
            return ExternalValue(f"builtins.{type(constant).__name__}")
        case "isinstance", [Instance(cls=Class() as cls), ClassValue() as asked]:
            return Const(asked.symbol in machine.classes.lineage(cls).entries)
        case "isinstance", [Some() as some, ExternalValue() as asked]:
            return Const(asked.name.removeprefix("builtins.") == some.kind) if some.kind != "bool" else Unknown()
        case (("int" | "float" | "str" | "bool"), [Some()]):
            return Some(name)
        case "isinstance", [Const() as constant, ExternalValue() as asked]:
            kinds = {"int": int, "float": float, "str": str, "bool": bool}
            kind = kinds.get(asked.name.removeprefix("builtins."))
            return Unknown() if kind is None else Const(isinstance(constant.value, kind))
        case (("int" | "float" | "str" | "bool"), [Const() as constant]):
            try:
                return Const({"int": int, "float": float, "str": str, "bool": bool}[name](constant.value))
            except (TypeError, ValueError):
                return Unknown()
        case _:
            return Unknown()


def _as_mapping(machine: Machine, value: Value) -> Value:
    if isinstance(value, Mapping):
        return value
    if isinstance(value, Items):
        found = Mapping({}, value.exact, len(machine.conditions))
        for one in value.items:
            pair = one.items if isinstance(one, Items) else []
            if len(pair) == 2 and isinstance(pair[0], Const):
                found.items[str(pair[0].value)] = pair[1]
            else:
                found.exact = False
        return found
    return Unknown()


def fill_container(machine: Machine, instance: Instance, name: str, arguments: Sequence[Value]) -> bool:
    """Leaves the children of Sequential, ModuleList and ModuleDict on an instance; False for other classes."""
    if name not in _CONTAINERS:
        return False
    children: list[tuple[str, Value]] = []
    first = arguments[0] if arguments else None
    if isinstance(first, Mapping):
        children = list(first.items.items())
        instance.open = not first.exact
    elif isinstance(first, Items):
        children = [(str(index), one) for index, one in enumerate(first.items)]
        instance.open = not first.exact
    elif name == "torch.nn.Sequential":
        children = [(str(index), one) for index, one in enumerate(arguments)]
    elif first is not None:
        instance.open = True
    for key, child in children:
        instance.attributes[key] = [Held(child)]
    return True


def _method(
    machine: Machine,
    receiver: Value | None,
    name: str,
    dotted: str,
    arguments: list[Value],
    keywords: dict[str, Value],
    node: n.Call,
    frame: Frame,
) -> Value:
    if isinstance(receiver, Compiled):
        machine.observed.append(Observed(f".{name}", node, frame.module, (receiver, *arguments), keywords))
        return receiver if name in _CHAINED else Unknown()
    if isinstance(receiver, Instance):
        return _module_method(machine, receiver, name, dotted, arguments, keywords, frame, node)
    if isinstance(receiver, Items):
        return _list_method(machine, receiver, name, arguments)
    if isinstance(receiver, Mapping):
        return _dict_method(receiver, name, arguments)
    return Unknown()


def _module_method(
    machine: Machine,
    instance: Instance,
    name: str,
    dotted: str,
    arguments: list[Value],
    keywords: dict[str, Value],
    frame: Frame,
    node: n.Call,
) -> Value:
    span = frame.module.span(node)
    if name == "__init__":
        machine.construct_external(instance, dotted.removesuffix(".__init__"), arguments, keywords)
        return Const(None)
    if name in ("add_module", "register_module", "register_parameter", "register_buffer") and arguments:
        key = arguments[0]
        value = arguments[1] if len(arguments) > 1 else next(iter(keywords.values()), Unknown())
        if name in ("register_parameter", "register_buffer") and value != Const(None):
            value = TensorValue("buffer" if name == "register_buffer" else "parameter")
        if isinstance(key, Const) and isinstance(key.value, str):
            machine.set_attribute(instance, key.value, value, span)
        else:
            instance.hide()
            machine.set_attribute(instance, f"<computed at {node.start}>", value, span)
        return Const(None)
    if name in ("append", "extend", "insert") and arguments:
        added = arguments[-1].items if name == "extend" and isinstance(arguments[-1], Items) else [arguments[-1]]
        for one in added:
            machine.set_attribute(instance, str(len(instance.attributes)), one, span)
        return instance
    return instance if name in _CHAINED else Unknown()


def _list_method(machine: Machine, receiver: Items, name: str, arguments: list[Value]) -> Value:
    match name, arguments:
        case "append", [value]:
            machine.extend(receiver, Items("list", [value]))
        case "extend", [Items() as more]:
            machine.extend(receiver, more)
        case "insert", [Const(value=int() as index), value]:
            receiver.items.insert(index, value)
        case "pop", _ if receiver.exact and receiver.items:
            return receiver.items.pop()
        case (("append" | "extend" | "insert" | "remove" | "clear" | "sort" | "reverse" | "pop"), _):
            receiver.exact = False
        case _:
            return Unknown()
    return Const(None)


def _dict_method(receiver: Mapping, name: str, arguments: list[Value]) -> Value:
    match name, arguments:
        case (("get" | "pop"), [Const(value=str() as key), *default]):
            if key in receiver.items:
                return receiver.items[key]
            return (default[0] if default else Const(None)) if receiver.exact else Unknown()
        case "items", []:
            pairs: list[Value] = [Items("tuple", [Const(key), value]) for key, value in receiver.items.items()]
            return Items("list", pairs, receiver.exact)
        case "values", []:
            return Items("list", list(receiver.items.values()), receiver.exact)
        case "keys", []:
            return Items("list", [Const(key) for key in receiver.items], receiver.exact)
        case "update", [Mapping() as more]:
            receiver.items.update(more.items)
            receiver.exact = receiver.exact and more.exact
            return Const(None)
        case _:
            return Unknown()
