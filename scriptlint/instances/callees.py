"""Calls in abstractly executed code: our functions and classes, and the well-known ones of torch and Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from scriptlint.evaluate.values import (
    Choice,
    ClassValue,
    Compiled,
    Const,
    ExternalValue,
    Foreign,
    FunctionValue,
    GeneratedInit,
    Held,
    Instance,
    Items,
    LambdaValue,
    Mapping,
    Partial,
    PythonObject,
    Some,
    TensorValue,
    Unknown,
    Value,
    choice,
    flatten,
)
from scriptlint.instances import arrays, constants, containers, dataclasses, kinds, roots
from scriptlint.instances.frames import Frame, Observed
from scriptlint.program.decorators import Kind, decoration
from scriptlint.program.project import KNOWN_PACKAGES, External
from scriptlint.syntax import nodes as n
from scriptlint.types.model import TENSOR

if TYPE_CHECKING:
    from scriptlint.instances.machine import Machine

_SCRIPTERS = ("torch.jit.script", "torch.jit._script.script")
# They take what was compiled, and give it back.
_OPTIMIZERS = ("torch.jit.freeze", "torch.jit.optimize_for_inference")
_TRACERS = ("torch.jit.trace", "torch.jit.trace_module")
_OBSERVED = frozenset(
    {"torch.save", "torch.load", "torch.jit.save", "torch.jit.load", "torch.onnx.export", *_OPTIMIZERS}
)
# Methods of nn.Module that give back the module itself.
_CHAINED = frozenset(
    "eval train to cuda cpu half float double bfloat16 type requires_grad_ apply share_memory to_empty compile".split()
)
# They put a hook without a name on a module, or a parametrization whose own code does not script, and give it back.
_HOOKS = frozenset(
    f"torch.nn.utils.{name}"
    for name in ("weight_norm", "spectral_norm", "parametrizations.spectral_norm", "parametrizations.orthogonal")
)
# Methods that put a hook on a module, and how many parameters the compiler wants it to have.
_FORWARD_HOOKS = frozenset({"register_forward_hook", "register_forward_pre_hook"})
_BACKWARD_HOOKS = frozenset(
    {"register_full_backward_hook", "register_backward_hook", "register_full_backward_pre_hook"}
)
_UNHOOKS = frozenset(
    f"torch.nn.utils.{name}"
    for name in ("remove_weight_norm", "remove_spectral_norm", "parametrize.remove_parametrizations")
)
_WEIGHT_NORM = "torch.nn.utils.parametrizations.weight_norm"
# Methods of Tensor, not operators, that give a tensor.
_TENSOR_CHAINED = frozenset("cuda cpu to float double half long int bool byte type new_tensor requires_grad_".split())
# What makes generators of random numbers, and what these are.
RANDOM_GENERATORS = {
    "random.Random": "random.Random",
    "random.SystemRandom": "random.SystemRandom",
    "numpy.random.default_rng": "numpy.random.Generator",
    "numpy.random.RandomState": "numpy.random.RandomState",
}
# What makes objects of Python that TorchScript has no type for, and what these are.
_PYTHON_OBJECTS = {
    **RANDOM_GENERATORS,
    **{
        name: name
        for name in (
            "argparse.Namespace",
            "types.SimpleNamespace",
            "collections.deque",
            "pathlib.Path",
            "threading.Lock",
        )
    },
    "logging.getLogger": "logging.Logger",
    "re.compile": "re.Pattern",
}
# They make tensors and are no operators.
_TENSOR_FACTORIES = frozenset(
    f"torch.{name}" for name in "Tensor FloatTensor LongTensor BoolTensor IntTensor DoubleTensor from_numpy".split()
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
            return choice(options)
        case FunctionValue():
            machine.called.add((callee.function, frame.place))
            marks = decoration(callee.function, machine.project)
            if not marks.transparent:
                _hide(arguments, keywords)
                return Unknown("a decorated function")
            is_method = callee.function.owner is not None and marks.kind is not Kind.STATIC
            if callee.bound is None and is_method and arguments and isinstance(arguments[0], Instance):
                # It is named by its class, as in `Base.__init__(self)`.
                return machine.call_function(callee.function, arguments[1:], keywords, arguments[0], exact)
            return machine.call_function(callee.function, arguments, keywords, callee.bound, exact)
        case ClassValue():
            return machine.construct(callee.symbol, arguments, keywords, frame.module.span(node), exact)
        case GeneratedInit():
            dataclasses.initialise(machine, callee.instance, callee.cls, arguments, keywords, exact)
            return Const(None)
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
            owner, _, method = callee.name.rpartition(".")
            if arguments and isinstance(arguments[0], Instance) and machine.library.is_module_class(owner):
                return _method(machine, arguments[0], method, callee.name, arguments[1:], keywords, node, frame)
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
    if machine.library.is_module_class(name):
        made = Instance(External(name), frame.module.span(node), depth=len(machine.conditions))
        made.open = not containers.fill_container(machine, made, name, arguments) or not exact
        made.foreign = Foreign(name, tuple(arguments), keywords) if exact else None
        return made
    first: Value = arguments[0] if arguments else next(iter(keywords.values()), Unknown())
    if name in _OBSERVED:
        machine.observed.append(Observed(name, node, frame.module, tuple(arguments), keywords))
    if name in _SCRIPTERS or name in _TRACERS:
        how = "trace" if name in _TRACERS else "script"
        target = keywords.get("obj", keywords.get("func", keywords.get("mod", first)))
        return roots.compiled(machine, how, target, node, frame, arguments[1:], keywords, name)
    if name in _OPTIMIZERS:
        return _optimized(keywords.get("mod", first), arguments, keywords)
    if name in _OBSERVED:
        return _exported(machine, name, arguments, keywords, node, frame)
    if name in _HOOKS and isinstance(first, Instance):
        first.hooked = (name, frame.module.span(node.func))
        return first
    if name in _UNHOOKS and isinstance(first, Instance):
        first.hooked = None
        return first
    if name == _WEIGHT_NORM and isinstance(first, Instance):
        return first
    if name in ("torch.nn.Parameter", "torch.nn.parameter.Parameter"):
        return TensorValue("parameter")
    if name == "torch.device":
        return Some("device")
    if name in _PYTHON_OBJECTS:
        return PythonObject(_PYTHON_OBJECTS[name])
    if name.startswith("torch.distributions.") and name.rpartition(".")[2][:1].isupper():
        return PythonObject(name)
    if (array := arrays.linspace(name, arguments, keywords)) is not None:
        return array
    if name == "builtins.float" and isinstance(first, TensorValue) and isinstance(first.numbers, (Const, Some)):
        return first.numbers
    if name in _TENSOR_FACTORIES or _gives_tensor(machine, machine.library.builtin(name)):
        return TensorValue()
    if (constant := constants.call(name, arguments, keywords)) is not None and constant != Unknown():
        return constant
    if name == "inspect.isclass":
        return _flag(kinds.is_class(first))
    if name.startswith("builtins."):
        return _builtin(machine, name.removeprefix("builtins."), arguments, keywords, frame)
    if name == "functools.partial" and arguments:
        return Partial(arguments[0], arguments[1:], keywords)
    if name == "torch.jit.annotate" and len(arguments) == 2:
        return arguments[1]
    if name in ("copy.copy", "copy.deepcopy") and arguments:
        return _copied(machine, first)
    if name == "collections.OrderedDict":
        return (
            containers.as_mapping(machine, first)
            if arguments
            else Mapping(dict(keywords.items()), depth=len(machine.conditions))
        )
    return Unknown(f"`{name}`")


def _copied(machine: Machine, value: Value) -> Value:
    """A copy of a container or object, which may change by itself; anything else stands for its copy."""
    match value:
        case Instance():
            attributes = {name: list(held) for name, held in value.attributes.items()}
            return replace(value, attributes=attributes, hooks=list(value.hooks))
        case Items():
            return Items(value.kind, list(value.items), value.exact, len(machine.conditions))
        case Mapping():
            return Mapping(dict(value.items), value.exact, len(machine.conditions))
        case _:
            return value


def _gives_tensor(machine: Machine, operator: str | None) -> bool:
    schemas = () if operator is None else machine.library.schemas(operator)
    return bool(schemas) and all(one.returns is TENSOR for one in schemas)


def _optimized(value: Value, arguments: list[Value], keywords: dict[str, Value]) -> Value:
    """What freezing gives: the compiled object without its exported methods, unless further arguments name some."""
    if not isinstance(value, Compiled):
        return Unknown()
    return replace(value, frozen=True) if len(arguments) + len(keywords) == 1 else value


def _exported(
    machine: Machine, name: str, arguments: list[Value], keywords: dict[str, Value], node: n.Call, frame: Frame
) -> Value:
    if name == "torch.onnx.export" and keywords.get("dynamo") == Const(False) and arguments:
        roots.compiled(machine, "trace", arguments[0], node, frame, arguments[1:], keywords, name)
        return Const(None)
    if name == "torch.jit.load":
        return Compiled("script", Unknown("a loaded archive"), frame.module.span(node))
    return Unknown()


def _builtin(machine: Machine, name: str, arguments: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    if name in ("list", "tuple", "enumerate", "zip", "reversed", "iter", "len"):
        arguments = [arrays.items(one) or one for one in arguments]
    match name, arguments:
        case "range", [*numbers] if numbers and all(
            isinstance(one, Const) and isinstance(one.value, int) for one in numbers
        ):
            values = range(*[one.value for one in numbers if isinstance(one, Const) and isinstance(one.value, int)])
            return Items("range", [Const(one) for one in values[:65]], len(values) <= 65)
        case "len", [Items() | Mapping() as counted] if counted.exact:
            return Const(len(counted.items))
        case (("list" | "tuple" | "enumerate" | "zip" | "reversed" | "iter"), [Instance(), *_]):
            children = [containers.iterated(machine, one) for one in arguments]
            return (
                Unknown()
                if any(isinstance(one, Instance) for one in children)
                else _builtin(machine, name, children, {}, frame)
            )
        case (("list" | "tuple"), [Items() as items]):
            return Items(name, list(items.items), items.exact, len(machine.conditions))
        case (("list" | "tuple"), []):
            return Items(name, [], depth=len(machine.conditions))
        case "dict", [] | [Mapping()]:
            given = arguments[0] if arguments else Mapping({})
            found = Mapping({}, not isinstance(given, Mapping) or given.exact, len(machine.conditions))
            found.items.update(given.items if isinstance(given, Mapping) else {})
            found.items.update(keywords.items())
            return found
        case "enumerate", [Items() as items]:
            pairs: list[Value] = [Items("tuple", [Const(i), one]) for i, one in enumerate(items.items)]
            return Items("list", pairs, items.exact)
        case "zip", [*several] if several and all(isinstance(one, Items) for one in several):
            lists = [one for one in several if isinstance(one, Items)]
            rows: list[Value] = [Items("tuple", list(row)) for row in zip(*(one.items for one in lists), strict=False)]
            return Items("list", rows, all(one.exact for one in lists))
        case "reversed", [Items() as items]:
            return Items("list", items.items[::-1], items.exact)
        case "getattr", [owner, Const(value=str() as attr), *default]:
            missing = default and kinds.has_attribute(machine, owner, attr) is False
            return default[0] if missing else machine.attribute(owner, attr)
        case "setattr", [Instance() as instance, Const(value=str() as attr), value] if not machine.sampling:
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
        case "isinstance", [value, asked]:
            return _flag(kinds.is_instance(machine, value, asked))
        case "issubclass", [cls, asked]:
            return _flag(kinds.is_subclass(machine, cls, asked))
        case "callable", [value]:
            return _flag(kinds.is_callable(value))
        case "hasattr", [value, Const(value=str() as attr)]:
            return _flag(kinds.has_attribute(machine, value, attr))
        case "len", _:
            return Some("int")
        case _:
            return Unknown()


def _flag(known: bool | None) -> Value:
    return Some("bool") if known is None else Const(known)


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
    if isinstance(receiver, (TensorValue, PythonObject)):
        known = arrays.method(receiver, name, arguments)
        if known is not None or isinstance(receiver, PythonObject):
            return known or Unknown()
        return _tensor_method(machine, name)
    if isinstance(receiver, Const) and isinstance(receiver.value, str):
        return constants.method(receiver.value, name, arguments)
    return Unknown()


def _tensor_method(machine: Machine, name: str) -> Value:
    if name in _TENSOR_CHAINED or _gives_tensor(machine, f"aten::{name}"):
        return TensorValue()
    if name in ("numel", "dim", "nelement"):
        return Some("int")
    return PythonObject("numpy.ndarray") if name == "numpy" else Unknown()


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
        if isinstance(key, Const) and isinstance(key.value, str) and not machine.sampling:
            machine.set_attribute(instance, key.value, value, span)
        else:
            instance.hide()
            machine.set_attribute(instance, f"<computed at {node.start}>", value, span)
        return Const(None)
    if kinds.is_dictionary(machine, instance):
        if name in ("items", "values", "keys", "get"):
            return _dict_method(containers.as_dictionary(instance), name, arguments)
        instance.hide()
        return Unknown()
    if name in _FORWARD_HOOKS and arguments:
        if isinstance(arguments[0], (LambdaValue, Partial, Instance)):
            instance.hooked = (name, span)
        when = machine.since(instance.depth)
        hook = arguments[0] if when is None else choice((Held(arguments[0], when),))
        (instance.pre_hooks if "pre" in name else instance.hooks).append(hook)
        return Unknown()
    if name in ("children", "named_children", "values", "items", "keys") and not arguments:
        return containers.children_by(machine, instance, name)
    if name in ("append", "extend", "insert") and arguments:
        more = arguments[-1] if name == "extend" else Items("list", [arguments[-1]])
        containers.extend(machine, instance, more, span)
        return instance
    if name in ("eval", "train"):
        sure = len(machine.conditions) <= instance.depth and not keywords and arguments in ([], [Const(True)])
        for one in instance.below():
            one.evaluated = name == "eval" or not sure
    elif name == "requires_grad_":
        instance.frozen = arguments[:1] == [Const(False)]
    elif name in _BACKWARD_HOOKS:
        instance.backward_hook = True
    elif instance.foreign is None and not _is_of_every_module(machine, name):
        instance.hide()  # a method of a torch class does here what its constructor does elsewhere
    return instance if name in _CHAINED else Unknown()


def _is_of_every_module(machine: Machine, name: str) -> bool:
    base = machine.library.module("torch.nn.Module")
    return base is not None and name in base.members


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
        case (("get" | "pop"), [Const(value=key), *default]):
            if key in receiver.items:
                return receiver.items.pop(key) if name == "pop" else receiver.items[key]
            return (default[0] if default else Const(None)) if receiver.exact else Unknown()
        case "setdefault", [Const(value=key), *default] if receiver.exact:
            return receiver.items.setdefault(key, default[0] if default else Const(None))
        case "copy", []:
            return Mapping(dict(receiver.items), receiver.exact, receiver.depth)
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
        case (("clear" | "popitem" | "setdefault" | "update"), _):
            receiver.forget()
            return Unknown()
        case _:
            return Unknown()
