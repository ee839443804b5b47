"""The domain of construction: torch's modules, tensors and compilers, as constructors and scripts use them."""

from __future__ import annotations

import builtins
import math
import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

from scriptlint.diag import Span
from scriptlint.evaluate import attributes, containers, dictionaries, exceptions, kinds, pure, symbols
from scriptlint.evaluate.arguments import Arguments, hide
from scriptlint.evaluate.frames import Frame, Raised
from scriptlint.evaluate.values import (
    ClassValue,
    Compiled,
    Const,
    ExternalValue,
    Foreign,
    FunctionValue,
    Instance,
    Items,
    LambdaValue,
    Mapping,
    Optimized,
    PythonObject,
    Some,
    Symbol,
    TensorValue,
    Uninitialized,
    Unknown,
    Value,
)
from scriptlint.instances import children, in_place, modules, python_objects, tensors, torch_objects
from scriptlint.instances.roots import AttributeRead, Compilation, Observed
from scriptlint.program.decorators import decoration
from scriptlint.program.module import Class
from scriptlint.program.project import External
from scriptlint.syntax import nodes as n
from scriptlint.types.model import TENSOR

if TYPE_CHECKING:
    from scriptlint.evaluate.evaluator import Evaluator

_SCRIPTERS = ("torch.jit.script", "torch.jit._script.script")
# They take what was compiled, and give it back.
_OPTIMIZERS = ("torch.jit.freeze", "torch.jit.optimize_for_inference")
_TRACERS = ("torch.jit.trace", "torch.jit.trace_module")
_OBSERVED = frozenset(
    {"torch.save", "torch.load", "torch.jit.save", "torch.jit.load", "torch.onnx.export", *_OPTIMIZERS}
)
# What they give is not compiled.
_LEFT_TO_PYTHON = ("torch.jit.ignore", "torch.jit.unused")

# Two names of one dtype.
_DTYPE_ALIASES = {
    f"torch.{alias}": f"torch.{name}"
    for alias, name in {
        "half": "float16",
        "float": "float32",
        "double": "float64",
        "short": "int16",
        "int": "int32",
        "long": "int64",
        "chalf": "complex32",
        "cfloat": "complex64",
        "cdouble": "complex128",
    }.items()
}


# What stands where something is compiled, or where a function is called that does it.
_COMPILING = re.compile(r"jit|script|trace|export|onnx", re.IGNORECASE)


class Construction:
    """Answers for torch, and notes the roots and the calls that it meets."""

    def __init__(self) -> None:
        self.compilations: list[Compilation] = []
        self.observed: list[Observed] = []
        self.reads: list[AttributeRead] = []
        self._constants: dict[str, Value] = {}
        self._leading: dict[n.If, bool] = {}

    # Names

    def external(self, name: str) -> External:
        return External(name)

    def constant(self, ev: Evaluator, name: str) -> Value:
        known = self._constants.get(name)
        if known is None:
            known = self._constants[name] = _constant(ev, name)
        return known

    def has_member(self, ev: Evaluator, name: str, attribute: str) -> bool | None:
        if not name.startswith("torch"):
            return None
        known = ev.library.exists(ev.library.canonical(f"{name}.{attribute}"))
        return True if known is not None else False if ev.library.lacks(f"{name}.{attribute}") else None

    def is_missing(self, ev: Evaluator, node: n.Import | n.ImportFrom, alias: n.Alias, frame: Frame) -> bool:
        name = alias.name if isinstance(node, n.Import) else node.module if not node.level else None
        # Only what is optional: anything else is there where the code runs, though it may not be where it is linted.
        return name is not None and node in frame.module.optional_imports and ev.project.lacks(name, frame.module)

    # Constructors and calls

    def initialise(self, ev: Evaluator, instance: Instance, name: str, given: Arguments) -> None:
        if name == "builtins.object" or name == "torch.nn.Module":
            instance.foreign = Foreign(name, tuple(given.positional), given.keywords)
            return
        if name in kinds.DICTIONARIES:
            known = containers.as_mapping(ev, given.positional[0]) if given.positional else Mapping({})
            instance.foreign = Foreign(name, tuple(given.positional), given.keywords)
            instance.open = known is None or not known.exact or not given.exact
            items = list(known.items.items()) if known is not None else []
            for key, value in [*items, *given.keywords.items()]:
                ev.set_attribute(instance, str(key), value, None)
            return
        modules.demand(ev, name, given)
        instance.foreign = Foreign(name, tuple(given.positional), given.keywords)
        if not children.fill(ev, instance, name, given.positional):
            instance.open = True

    def call(self, ev: Evaluator, name: str, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
        if ev.library.is_module_class(name):
            return modules.construct(ev, name, given, node, frame)
        owner, _, method = name.rpartition(".")
        if given.positional and ev.library.is_module_class(owner):
            receiver = ev.resolved(given.positional[0])
            if isinstance(receiver, ClassValue) and method == "__new__":
                return Instance(receiver.symbol)
            if isinstance(receiver, Instance):
                rest = Arguments(given.positional[1:], given.keywords, given.exact)
                return modules.method(self, ev, receiver, method, name, rest, node, frame)
        first = ev.resolved(given.first())
        if isinstance(node, n.Call) and frame is not None:
            if name in _OBSERVED:
                seen = Observed(
                    name, node, frame.module, tuple(map(ev.resolved, given.positional)), dict(given.keywords)
                )
                self.observed.append(seen)
            how = "script" if name in _SCRIPTERS else "trace" if name in _TRACERS else ev.library.compilers.get(name)
            if how is not None:
                target = next((given.keywords[one] for one in ("obj", "func", "mod") if one in given.keywords), first)
                return self.compiled(ev, how, target, node, frame, given, name)
            if name in _OBSERVED:
                return self._exported(ev, name, given, node, frame)
        if name in modules.HOOKS or name in modules.UNHOOKS or name == modules.WEIGHT_NORM:
            return modules.parametrized(ev, name, first, node, frame)
        if name in ("torch.nn.Parameter", "torch.nn.parameter.Parameter", "torch.nn.Buffer"):
            return tensors.parameter(first) if not name.endswith("Buffer") else TensorValue("buffer")
        if name in _UNINITIALIZED:
            return TensorValue(_UNINITIALIZED[name], uninitialized=Uninitialized())
        if name == "torch.compile" and isinstance(node, n.Call) and frame is not None:
            return _optimized(given, first, frame.module.span(node))
        if name in ("torch.device", "torch.get_default_device"):
            return Some("device")
        if name == "torch.get_default_dtype":
            return Some("dtype")
        if (kind := python_objects.kind_of(name)) is not None:
            return PythonObject(kind)
        if name in _LEFT_TO_PYTHON:
            return PythonObject(name) if isinstance(first, FunctionValue) else Unknown(f"`{name}`")
        if name == "torch.jit.annotate" and len(given.positional) == 2:
            return given.positional[1]
        in_place.by_function(ev, name, given, node, frame)
        made = tensors.made(ev, name, given)
        if made is not None:
            return made
        if name in _TENSOR_FACTORIES or gives_tensor(ev, ev.library.builtin(name)):
            return TensorValue()
        return self._unknown(ev, name, given, node, frame)

    def _unknown(self, ev: Evaluator, name: str, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
        if name.startswith("builtins.") and _is_exception(name):
            made = Instance(External(name), foreign=Foreign(name, tuple(given.positional), given.keywords))
            ev.set_attribute(made, "args", Items("tuple", list(given.positional), given.exact), None)
            return made
        if name.rpartition(".")[2].startswith(("is_", "has_")) and node is not None and frame is not None:
            text = " ".join(frame.text(node).split())
            return Symbol(text, (frame.module.path, node.start, node.end), "bool", is_argument=False)
        return Unknown(f"`{name}`")

    def compiled(
        self, ev: Evaluator, how: str, value: Value, node: n.Call, frame: Frame, given: Arguments, by: str
    ) -> Value:
        """Note a root and return what the call of the function `by` returns."""
        value = ev.resolved(value)
        below = value.below() if isinstance(value, Instance) else ()
        for one in below:
            _take_methods(ev, one)
        evaluated = frozenset(one for one in below if one.evaluated)
        rest = tuple(map(ev.resolved, given.positional[1:]))
        keywords = {name: ev.resolved(one) for name, one in given.keywords.items()}
        ran = value.ran if isinstance(value, Instance) else False
        if isinstance(value, FunctionValue):
            ran = (value.function, frame.place) in ev.called
        root = Compilation(how, value, node, frame.module, rest, keywords, evaluated, by, ran, expected=ev.expected > 0)
        self.compilations.append(root)
        if how == "trace" and isinstance(value, Instance):
            value.ran = True
        if isinstance(value, Compiled):
            return value
        if how == "script" and isinstance(value, ClassValue):
            return value
        return Compiled(how, value, frame.module.span(node), value in evaluated)

    def _exported(self, ev: Evaluator, name: str, given: Arguments, node: n.Call, frame: Frame) -> Value:
        first = ev.resolved(given.keywords.get("mod", given.first()))
        if name in _OPTIMIZERS:
            if not isinstance(first, Compiled):
                return Unknown(f"`{name}`")
            return replace(first, frozen=True) if len(given.all()) == 1 else first
        if name == "torch.onnx.export" and given.keywords.get("dynamo") == Const(False) and given.positional:
            self.compiled(ev, "trace", given.positional[0], node, frame, given, name)
            return Const(None)
        if name == "torch.jit.load":
            return Compiled("script", Unknown("a loaded archive"), frame.module.span(node))
        return Unknown(f"`{name}`")

    def call_method(
        self, ev: Evaluator, receiver: Value, name: str, given: Arguments, node: n.Node | None, frame: Frame | None
    ) -> Value:
        last = name.rpartition(".")[2]
        if isinstance(receiver, Compiled):
            if isinstance(node, n.Call) and frame is not None:
                arguments = (receiver, *map(ev.resolved, given.positional))
                self.observed.append(Observed(f".{last}", node, frame.module, arguments, dict(given.keywords)))
            return receiver if last in modules.CHAINED else Unknown(f"`{last}` of a compiled object")
        if isinstance(receiver, Instance):
            if last == "to_torchscript" and isinstance(node, n.Call) and frame is not None:
                how = "trace" if given.get(1, "method") == Const("trace") else "script"  # of Lightning
                return self.compiled(ev, how, receiver, node, frame, Arguments([receiver], {}), last)
            return modules.method(self, ev, receiver, last, name, given, node, frame)
        if isinstance(receiver, TensorValue) and receiver.uninitialized is not None:
            receiver.uninitialized.ended = True
        if isinstance(receiver, (TensorValue, PythonObject)):
            if in_place.is_changing(receiver, last):
                return in_place.by_method(ev, receiver, last, node, frame)
            known = tensors.method(ev, receiver, last, given)
            if known is not None or isinstance(receiver, PythonObject):
                return known or Unknown(f"`{last}` of a `{receiver.kind}`")
            return _tensor_method(ev, last)
        hide(ev, given)
        return Unknown(f"`{last}`")

    def call_object(
        self,
        ev: Evaluator,
        callee: Instance | Compiled,
        given: Arguments,
        node: n.Node | None,
        frame: Frame | None,
    ) -> Value:
        if isinstance(callee, Compiled) and given.exact and isinstance(node, n.Call) and frame is not None:
            arguments = (callee, *map(ev.resolved, given.positional))
            self.observed.append(Observed("()", node, frame.module, arguments, dict(given.keywords)))
        return _returned(ev, callee)

    # Attributes and items

    def attribute(self, ev: Evaluator, owner: Value, name: str) -> Value:
        if isinstance(owner, TensorValue):
            return tensors.attribute(ev, owner, name)
        if isinstance(owner, Instance):
            assert isinstance(owner.cls, External)
            if name in dictionaries.TABLES and ev.library.is_module_class(owner.cls.name):
                return children.table(ev, owner, name)
            if name == "training" and not owner.evaluated and ev.library.is_module_class(owner.cls.name):
                return Const(True)
            return torch_objects.value(ev.library, owner, name) or ExternalValue(f"{owner.cls.name}.{name}", owner)
        kind = f"{owner.kind}" if isinstance(owner, PythonObject) else ""
        return ExternalValue(f"{kind}.{name}", owner)

    def inherited(self, ev: Evaluator, owner: Instance, base: str, name: str) -> Value:
        if name == "training" and not owner.evaluated and ev.library.is_module_class(base):
            return Const(True)
        if name in dictionaries.TABLES and ev.library.is_module_class(base):
            return children.table(ev, owner, name)
        known = torch_objects.value(ev.library, owner, name)
        return known or ExternalValue(f"{base}.{name}", owner)

    def has_attribute(self, ev: Evaluator, owner: Instance, name: str) -> bool | None:
        touched = owner.hidden or owner.hooked is not None or name == "parametrizations"  # which utilities put there
        return None if touched else torch_objects.has_attribute(ev.library, owner, name)

    def iterate(self, ev: Evaluator, value: Value) -> Items | None:
        if isinstance(value, Instance):
            return children.iterate(ev, value)
        return tensors.items(value)

    def as_mapping(self, ev: Evaluator, value: Instance) -> Mapping | None:
        if kinds.is_dictionary(ev, value):
            return children.as_dictionary(value)
        if "torch.nn.ModuleDict" in kinds.container_names(ev, value):
            return Mapping(dict(children.entries(ev, value)), not value.open)
        return None

    def contains(self, ev: Evaluator, key: Value, container: Instance) -> bool | None:
        parts = self.iterate(ev, container)
        if parts is None or not isinstance(key, Const):
            return None
        known = {one.value for one in parts.items if isinstance(one, Const)}
        return True if key.value in known else False if parts.exact and isinstance(key.value, str) else None

    def item(self, ev: Evaluator, owner: Value, key: Value, node: n.Subscript, frame: Frame) -> Value:
        if isinstance(owner, Instance):
            known = children.item(ev, owner, symbols.settled(ev, key))
            return known if known is not None else Unknown(f"`{frame.text(node)}`")
        parts = tensors.items(owner)
        key = ev.resolved(key)
        if parts is not None and parts.exact and isinstance(key, Const) and isinstance(key.value, int):
            if -len(parts.items) <= key.value < len(parts.items):
                return parts.items[key.value]
        if isinstance(owner, TensorValue):
            return TensorValue()
        if owner == ExternalValue("sys.modules") and isinstance(key, Const) and isinstance(key.value, str):
            return ev.namespaces.module_named(key.value, frame.module)
        if isinstance(owner, Unknown) and owner.reason:
            return owner
        return Unknown(f"`{frame.text(node)}`")

    def part(self, ev: Evaluator, owner: Value, bounds: slice) -> Value | None:
        if isinstance(owner, Instance):
            return children.slice_of(ev, owner, bounds)
        return tensors.part(owner, bounds)

    def store_item(
        self, ev: Evaluator, owner: Value, key: Value, value: Value, target: n.Subscript, frame: Frame
    ) -> None:
        if isinstance(owner, Instance):
            key = symbols.settled(ev, key)
            if isinstance(key, Const):
                name = str(key.value)
                if isinstance(key.value, int) and key.value < 0:
                    name = str(len(owner.attributes) + key.value)
                ev.set_attribute(owner, name, value, frame.module.span(target))
            else:
                owner.open = True
        elif isinstance(owner, (TensorValue, PythonObject)):
            in_place.forget(ev, owner, target.value, frame, reshaped=False)

    def delete_item(self, ev: Evaluator, owner: Value, key: Value) -> None:
        if isinstance(owner, Instance) and isinstance(key, Const) and isinstance(key.value, str):
            owner.attributes.pop(key.value, None)
        elif isinstance(owner, Instance) and isinstance(key, Const) and isinstance(key.value, int) and not owner.open:
            held = list(owner.attributes.values())
            if -len(held) <= key.value < len(held):
                del held[key.value]
                owner.attributes = {str(index): one for index, one in enumerate(held)}
        elif isinstance(owner, Instance):
            owner.open = True

    def store_attribute(
        self, ev: Evaluator, owner: Value, name: str, value: Value, node: n.Node | None, frame: Frame | None
    ) -> None:
        if isinstance(owner, TensorValue) and name == "data" and isinstance(node, n.Attribute):
            in_place.forget(ev, owner, node.value, frame, reshaped=True)

    # What happens

    def on_change(self, ev: Evaluator, owner: Value | None) -> None:
        pass

    def on_read(
        self, ev: Evaluator, owner: Value, name: str, value: Value | None, node: n.Node | None, frame: Frame | None
    ) -> None:
        if type(owner) is Compiled and isinstance(node, n.Attribute) and frame is not None:
            self.reads.append(AttributeRead(owner, node, frame.module))

    def leads(self, node: n.If, frame: Frame) -> bool:
        known = self._leading.get(node)
        if known is None:
            known = self._leading[node] = _COMPILING.search(frame.code(node)) is not None
        return known

    def on_loop(self, ev: Evaluator, node: n.For, frame: Frame) -> None:
        modules.note_freezing(ev, node, frame)

    def on_definition(
        self, ev: Evaluator, plain: Value, decorated: Value, node: n.FunctionDef | n.ClassDef, frame: Frame
    ) -> Value:
        symbol = (
            plain.function
            if isinstance(plain, FunctionValue)
            else plain.symbol
            if isinstance(plain, ClassValue)
            else None
        )
        assert symbol is not None
        if decoration(symbol, ev.project).jit != "script":
            return decorated
        self.compilations.append(Compilation("script", plain, node, frame.module))
        return Compiled("script", plain, frame.module.span(node)) if isinstance(plain, FunctionValue) else plain

    def swallows(self, ev: Evaluator, manager: Instance, error: Raised) -> bool:
        if manager.cls != External("contextlib.suppress") or manager.foreign is None or error.kind is None:
            return manager.cls == External("contextlib.suppress")
        kinds_taken = [exceptions.is_a(ev, error.kind, ev.resolved(one)) for one in manager.foreign.arguments]
        return any(one is not False for one in kinds_taken)


def _optimized(given: Arguments, first: Value, site: Span) -> Value:
    """Return what a call of torch.compile gives, which may be its argument if it is told to disable itself."""
    known = given.exact and "disable" not in given.keywords
    is_code = isinstance(first, (Instance, FunctionValue, LambdaValue))
    return Optimized(first, site) if known and is_code else Unknown("`torch.compile`")


_UNINITIALIZED = {"torch.nn.UninitializedParameter": "parameter", "torch.nn.UninitializedBuffer": "buffer"}
# They make tensors and are no operators.
_TENSOR_FACTORIES = frozenset(
    f"torch.{name}" for name in "Tensor FloatTensor LongTensor BoolTensor IntTensor DoubleTensor from_numpy".split()
)
# Methods of Tensor, not operators, that give a tensor.
_TENSOR_CHAINED = frozenset("cuda cpu to float double half long int bool byte type new_tensor requires_grad_".split())


def gives_tensor(ev: Evaluator, operator: str | None) -> bool:
    """Return True if every form of an operator returns a tensor."""
    schemas = () if operator is None else ev.library.schemas(operator)
    return bool(schemas) and all(one.returns is TENSOR for one in schemas)


def _returned(ev: Evaluator, callee: Instance | Compiled) -> Value:
    """Return what calling a module returns, as far as the annotation of its forward says."""
    cls = callee.cls if isinstance(callee, Instance) else None
    forward = ev.classes.method(cls, "forward") if isinstance(cls, Class) else None
    if forward is not None and not symbols.names_none(forward.node.returns):
        kind = symbols.kind_of(ev, forward.node.returns, forward.owner or forward.module)
        if kind in ("tensor", "dict"):
            return TensorValue() if kind == "tensor" else Mapping({}, exact=False)
    return Unknown("what a module gives")


def _tensor_method(ev: Evaluator, name: str) -> Value:
    if name in _TENSOR_CHAINED or gives_tensor(ev, f"aten::{name}"):
        return TensorValue()
    if name in ("numel", "dim", "nelement"):
        return Some("int")
    if name == "item":
        return Unknown("the number in a tensor")
    return PythonObject("numpy.ndarray") if name == "numpy" else Unknown(f"`{name}` of a tensor")


def _take_methods(ev: Evaluator, instance: Instance) -> None:
    """Give an object the methods that code has set on its class since the class was made."""
    if not isinstance(instance.cls, Class):
        return
    for name, value in ev.namespaces.set_on(instance.cls).items():
        if ev.classes.method(instance.cls, name) is not None and name not in instance.attributes:
            known = attributes.bound(ev, ev.resolved(value), instance)
            ev.set_attribute(instance, name, known if name == "forward" else Unknown(f"`{name}`"), None)


def _constant(ev: Evaluator, name: str) -> Value:
    known = ev.library.exists(name)
    if known is not None and known.kind == "constant":
        kind, _, text = known.detail.partition(" ")
        if kind == "float" and text:
            return Const(float(text))
        if kind in ("dtype", "layout"):
            return Some(kind, _DTYPE_ALIASES.get(name, name))
        if kind == "memory_format":
            return PythonObject("torch.memory_format")
    if (own := pure.constant(name)) is not None:
        return own
    if name in (
        "numpy.pi",
        "numpy.e",
        "numpy.inf",
        "numpy.nan",
        "math.pi",
        "math.e",
        "math.inf",
        "math.nan",
        "math.tau",
    ):
        return Const(getattr(math, name.partition(".")[2]))
    return ExternalValue(name)


def _is_exception(name: str) -> bool:
    found = getattr(builtins, name.removeprefix("builtins."), None)
    return isinstance(found, type) and issubclass(found, BaseException)
