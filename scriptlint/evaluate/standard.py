"""The pure parts of the standard library, and of NumPy what constructors compute sizes and rates with."""

from __future__ import annotations

import keyword
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from scriptlint.evaluate import (
    attributes,
    calls,
    classes,
    command_line,
    containers,
    copying,
    deriving,
    enumerations,
    getters,
    iteration,
    keys,
    kinds,
    methods,
    operators,
    plain,
    pure,
    reflection,
    regular,
    symbols,
    versions,
)
from scriptlint.evaluate.arguments import Arguments, hide
from scriptlint.evaluate.frames import Frame, Raised
from scriptlint.evaluate.values import (
    ClassValue,
    Const,
    ExternalValue,
    Foreign,
    FunctionValue,
    Instance,
    Items,
    LambdaValue,
    Mapping,
    Partial,
    PythonObject,
    Scalar,
    Some,
    Symbol,
    Unknown,
    Value,
)
from scriptlint.program.module import Class
from scriptlint.syntax import nodes as n

if TYPE_CHECKING:
    from scriptlint.evaluate.evaluator import Evaluator

Function = Callable[["Evaluator", Arguments, "n.Node | None", "Frame | None"], "Value | None"]

_INTEGERS = frozenset("floor ceil trunc gcd lcm isqrt".split())
_HUGE = frozenset({"factorial", "comb", "perm"})
_TESTS = frozenset("isnan isinf isfinite isclose".split())
_BINARY = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "truediv": "/",
    "floordiv": "//",
    "mod": "%",
    "pow": "**",
}
_COMPARED = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "is_": "is", "is_not": "is not"}
# Functions that give their first argument back, as far as what it is matters here.
_IDENTITIES = frozenset(
    "dataclasses.dataclass functools.wraps functools.update_wrapper typing.cast abc.abstractmethod typing.final "
    "functools.lru_cache functools.cache functools.total_ordering contextlib.contextmanager "
    "typing.overload typing.no_type_check torch.fx.wrap atexit.register enum.unique typing.runtime_checkable".split()
)


def call(ev: Evaluator, name: str, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value | None:
    """Return what a function of the standard library or NumPy returns; None for one that is not known here."""
    special = _TABLE.get(name)
    known = special(ev, given, node, frame) if special is not None else None
    if known is not None:
        return known
    package, _, last = name.rpartition(".")
    if name in _IDENTITIES:
        return _identity(ev, name, given)
    if package == "math" and last not in _HUGE and callable(function := getattr(math, last, None)):
        return _math(ev, last, function, given, node, frame)
    if package == "numpy":
        return _numpy(ev, last, given, node, frame)
    if (
        package == "operator"
        and (last in _BINARY or last in _COMPARED)
        and len(given.positional) == 2
        and frame
        and node
    ):
        left, right = (ev.resolved(one) for one in given.positional)
        if last in _BINARY:
            return operators.binary(ev, _BINARY[last], left, right, node, frame)
        return ev.compare(_COMPARED[last], left, right)
    if package == "itertools" and last in iteration.FINITE:
        return iteration.call(ev, last, given, node, frame)
    if package == "re" and last in regular.FUNCTIONS:
        return regular.call(ev, last, given)
    if name in versions.PARSERS:
        return versions.parsed(ev, given)
    if package == versions.OF_TORCH.name:
        return methods.call(ev, Const(ev.library.version), last, given, node, frame)
    if package.startswith("torch.nn") and last in _TUPLES:
        return _tuple(ev, given.first(), _TUPLES[last])
    return pure.call(name, [symbols.settled(ev, one) for one in given.positional], given)


_TUPLES = {"_single": 1, "_pair": 2, "_triple": 3, "_quadruple": 4}


def _tuple(ev: Evaluator, value: Value, count: int) -> Value:
    value = symbols.settled(ev, value)
    if isinstance(value, (Const, Some)):
        return Items("tuple", [value] * count)
    if isinstance(value, Items):
        return Items("tuple", list(value.items), value.exact)
    return Unknown("a tuple")


def _identity(ev: Evaluator, name: str, given: Arguments) -> Value:
    if name == "typing.cast" and len(given.positional) == 2:
        return given.positional[1]
    first = ev.resolved(given.first())
    if name == "dataclasses.dataclass" and isinstance(first, ClassValue):
        ev.namespaces.dataclasses.add(first.symbol)
    if name == "functools.update_wrapper" or isinstance(first, (FunctionValue, ClassValue, LambdaValue)):
        if name == "functools.wraps":
            return ExternalValue("builtins.staticmethod")  # which gives back what it is given
        return first
    return ExternalValue("builtins.staticmethod")


def _math(
    ev: Evaluator, name: str, function: Callable[..., Any], given: Arguments, node: n.Node | None, frame: Frame | None
) -> Value:
    kind = "int" if name in _INTEGERS else "bool" if name in _TESTS else "float"
    values = [symbols.number(ev, one) for one in given.positional]
    if name in ("prod", "fsum") and values:
        items = containers.iterate(ev, values[0])
        values[0] = Items("list", [symbols.number(ev, one) for one in items.items], items.exact)
        kind = "int" if name == "prod" else "float"
    try:
        made = plain.apply(function, values, given.keywords)
        if made is None and kind != "bool":
            made = deriving.number(ev, values, kind, node, frame)
        return made or Some(kind)
    except OverflowError:
        return Some(kind)
    except plain.ERRORS as error:
        module = frame.module if frame is not None else None
        raise Raised(f"builtins.{type(error).__name__}", None, node, module) from None


# Of numbers these give a float64, which is a float; of whole numbers the second group gives NumPy's own int64.
_NUMPY_FLOATS: dict[str, Callable[..., Any]] = {
    **{name: getattr(math, name) for name in "sqrt exp log log2 log10 log1p sin cos tan tanh".split()},
    "float64": float,
    "mean": lambda xs: sum(xs) / len(xs),
}
_NUMPY_NUMBERS: dict[str, Callable[..., Any]] = {
    "prod": math.prod,
    "product": math.prod,
    "sum": sum,
    "max": max,
    "min": min,
    "amax": max,
    "amin": min,
    "power": operators.power,
    "abs": abs,
    "maximum": max,
    "minimum": min,
    "int64": int,
}
_NUMPY_SCALARS = frozenset("int8 int16 int32 uint8 uint16 uint32 uint64 float16 float32 bool_".split())
_NUMPY_ARRAYS = frozenset(
    "array asarray zeros ones empty full arange linspace eye stack concatenate outer meshgrid tile repeat".split()
)


def _numpy(ev: Evaluator, name: str, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value | None:
    values = [symbols.settled(ev, one) for one in given.positional]
    if name in ("floor", "ceil"):  # of a whole number NumPy 1 gives a float64 and NumPy 2 an int64
        value = plain.to_python(values[0]) if len(values) == 1 else None
        if value and type(value[0]) is float:
            return Const(float(getattr(math, name)(value[0])))
        return deriving.number(ev, values, "", node, frame)
    if name in _NUMPY_FLOATS:
        made = plain.computed(_NUMPY_FLOATS[name], values)
        if not isinstance(made, Unknown):
            return made
        return deriving.number(ev, values, "float", node, frame) or Some("float")
    if name in _NUMPY_NUMBERS:
        result = plain.computed(_NUMPY_NUMBERS[name], values)
        if isinstance(result, Const) and type(result.value) is int:
            return Scalar("int64", result.value)
        return (deriving.number(ev, values, "", node, frame) or result) if isinstance(result, Unknown) else result
    if name in _NUMPY_SCALARS:
        value = plain.to_python(values[0]) if values else None
        return Scalar(name, value[0] if value is not None and isinstance(value[0], (int, float)) else None)
    return PythonObject("numpy.ndarray") if name in _NUMPY_ARRAYS and name != "linspace" else None


# Single functions


def _partial(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    if not given.positional:
        return Unknown("`functools.partial`")
    callee = symbols.settled(ev, given.positional[0])
    if isinstance(callee, Partial):  # Python makes one of the two
        arguments = [*callee.arguments, *given.positional[1:]]
        return Partial(callee.callee, arguments, {**callee.keywords, **given.keywords})
    return Partial(callee, given.positional[1:], given.keywords)


def _reduce(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:

    if len(given.positional) < 2:
        return Unknown("`functools.reduce`")
    items = containers.iterate(ev, given.positional[1], node, frame)
    values = [*given.positional[2:3], *items.items]
    if not items.exact or not values:
        return Unknown("`functools.reduce`")
    total = values[0]
    for one in values[1:]:
        ev.spend()
        total = calls.call(ev, given.positional[0], Arguments([total, one], {}), node, frame)
    return total


def _copy(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    return copying.copy(ev.resolved(given.first()), deep=False)


def _deepcopy(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    return copying.copy(ev.resolved(given.first()), deep=True)


def _ordered_dict(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    made = Mapping({})
    if given.positional:
        known = containers.as_mapping(ev, given.positional[0])
        made = Mapping({}, exact=False) if known is None else Mapping(dict(known.items), known.exact)
    made.items.update(given.keywords.items())
    return made


def _deque(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    items = containers.iterate(ev, given.positional[0], node, frame) if given.positional else Items("list", [])
    longest = ev.resolved(given.get(1, "maxlen") or Const(None))
    if longest != Const(None):  # what is appended later drops the first
        return Items("deque", [], exact=False)
    return Items("deque", list(items.items), items.exact)


def _default_dict(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    made = Mapping({}, factory=given.positional[0] if given.positional else None)
    if len(given.positional) > 1 and (known := containers.as_mapping(ev, given.positional[1])) is not None:
        containers.update(made, known)
    return made


def _namedtuple(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    return classes.made_tuple_class(ev, given) or Unknown("`namedtuple`")


def _fields(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    return classes.dataclass_fields(ev, ev.resolved(given.first()))


def _asdict(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    known = attributes.dictionary(ev, ev.resolved(given.first()))
    return Mapping(dict(known.items), known.exact) if isinstance(known, Mapping) else Unknown("`asdict`")


def _replace(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    made = copying.copy(ev.resolved(given.first()), deep=False)
    if isinstance(made, Instance):
        for name, value in given.keywords.items():
            ev.set_attribute(made, name, value, None)
    return made


def _isclass(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:

    known = kinds.is_class(symbols.settled(ev, given.first()))
    return Some("bool") if known is None else Const(known)


def _isfunction(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    value = symbols.settled(ev, given.first())
    if isinstance(value, (FunctionValue, LambdaValue)):
        return Const(getattr(value, "bound", None) is None)
    return Const(False) if isinstance(value, (Const, ClassValue, Instance, Items, Mapping, Partial)) else Some("bool")


def _namespace(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    made = Instance(ev.domain.external("types.SimpleNamespace"), is_plain=True)
    for name, value in given.keywords.items():
        ev.set_attribute(made, name, value, None)
    made.open = not given.exact or bool(given.positional)
    return made


def _is_dataclass(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    value = symbols.settled(ev, given.first())
    cls = value.cls if isinstance(value, Instance) else calls.class_of(value)
    return Const(classes.is_dataclass(ev, cls)) if isinstance(cls, Class) else Some("bool")


def _bound_method(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    function, owner = (ev.resolved(given.get(index, "") or Unknown()) for index in (0, 1))
    if isinstance(function, FunctionValue) and isinstance(owner, (Instance, ClassValue)):
        return replace(function, bound=owner)
    hide(ev, given)
    return Unknown("`types.MethodType`")


def _suppress(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    made = Instance(ev.domain.external("contextlib.suppress"), is_plain=True)
    made.foreign = Foreign("contextlib.suppress", tuple(given.positional), {})
    return made


def _counter(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    made = Mapping({}, factory=ExternalValue("builtins.int"))
    items = containers.iterate(ev, given.positional[0], node, frame) if given.positional else Items("list", [])
    for one in items.items:
        key = keys.key_of(ev, one)
        before = made.items.get(key, Const(0))
        made.exact = made.exact and key is not keys.NO_KEY and isinstance(before, Const)
        if made.exact and isinstance(before, Const) and isinstance(before.value, int):
            made.items[key] = Const(before.value + 1)
    is_mapping = bool(given.positional) and isinstance(ev.resolved(given.positional[0]), (Mapping, Instance))
    made.exact = made.exact and items.exact and not is_mapping and not given.keywords
    return made


def _is_tensor(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    known = kinds.is_instance(ev, ev.resolved(given.first()), ExternalValue("torch.Tensor"))
    return Some("bool") if known is None else Const(known)


def _nothing(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    return Const(None)


def _iskeyword(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    text = ev.resolved(given.first())
    return Const(text.value in keyword.kwlist) if isinstance(text, Const) else Some("bool")


def _import_module(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    name = ev.resolved(given.first())
    if isinstance(name, Const) and isinstance(name.value, str) and frame is not None and len(given.all()) == 1:
        return ev.namespaces.module_named(name.value, frame.module)
    return Unknown("a computed import")


def _environment(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    """Return what is read of the environment: the default, since the variables of the tool itself are not set elsewhere."""
    name = ev.resolved(given.first())
    if isinstance(name, Const):
        ev.path.assume(f"the environment variable `{name.value}` is not set")
    return given.get(1, "default") or Const(None)


_LOADERS = (
    *(f"yaml.{name}" for name in ("load", "safe_load", "full_load", "unsafe_load")),
    *(f"{name}.{verb}" for name in ("json", "toml", "tomli", "tomllib") for verb in ("load", "loads")),
)


def _loaded(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value | None:
    """Return what a program reads from a file that configures it."""
    if not isinstance(node, n.Call) or frame is None or isinstance(ev.resolved(given.first()), Const):
        return None
    return Symbol(f"{frame.text(node.func)}(...)", (symbols.READ, frame.module.path, node.start), is_argument=False)


_TABLE: dict[str, Function] = {
    "os.environ.get": _environment,
    "os.getenv": _environment,
    "functools.partial": _partial,
    "functools.reduce": _reduce,
    "copy.copy": _copy,
    "copy.deepcopy": _deepcopy,
    "collections.OrderedDict": _ordered_dict,
    "typing.OrderedDict": _ordered_dict,
    "collections.defaultdict": _default_dict,
    "typing.DefaultDict": _default_dict,
    "collections.namedtuple": _namedtuple,
    "typing.NamedTuple": _namedtuple,
    "collections.deque": _deque,
    **getters.TABLE,
    **iteration.TABLE,
    "dataclasses.fields": _fields,
    "enum.Enum": enumerations.call,
    "dataclasses.asdict": _asdict,
    "dataclasses.replace": _replace,
    "inspect.isclass": _isclass,
    "inspect.isfunction": _isfunction,
    "inspect.signature": reflection.signature,
    "importlib.import_module": _import_module,
    "types.SimpleNamespace": _namespace,
    "argparse.Namespace": _namespace,
    "argparse.ArgumentParser": command_line.parser,
    **dict.fromkeys(_LOADERS, _loaded),
    "keyword.iskeyword": _iskeyword,
    "collections.Counter": _counter,
    "contextlib.suppress": _suppress,
    "dataclasses.is_dataclass": _is_dataclass,
    "torch.is_tensor": _is_tensor,
    "types.MethodType": _bound_method,
    "warnings.warn": _nothing,
    "warnings.filterwarnings": _nothing,
    "warnings.simplefilter": _nothing,
}
