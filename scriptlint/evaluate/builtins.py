"""The builtin functions of Python."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import TYPE_CHECKING, Any

from scriptlint.evaluate import (
    calls,
    containers,
    deriving,
    kinds,
    methods,
    operators,
    plain,
    reflection,
    symbols,
    texts,
    versions,
)
from scriptlint.evaluate.arguments import Arguments
from scriptlint.evaluate.frames import Frame, Raised
from scriptlint.evaluate.values import (
    ClassValue,
    Const,
    EnumMember,
    Instance,
    Items,
    Mapping,
    Scalar,
    Slice,
    Some,
    Symbol,
    TensorValue,
    Unknown,
    Value,
)
from scriptlint.syntax import nodes as n

if TYPE_CHECKING:
    from scriptlint.evaluate.evaluator import Evaluator

Function = Callable[["Evaluator", Arguments, "n.Node | None", "Frame | None"], "Value | None"]

_LONGEST_RANGE = 4096


def _power(base: Any, exponent: Any, modulus: Any = None) -> Any:
    return operators.power(base, exponent) if modulus is None else pow(base, exponent, modulus)


_PURE: dict[str, Callable[..., Any]] = {
    "abs": abs,
    "ascii": ascii,
    "bin": bin,
    "chr": chr,
    "divmod": divmod,
    "format": format,
    "hex": hex,
    "oct": oct,
    "ord": ord,
    "pow": _power,
    "repr": repr,
    "round": round,
    "sum": sum,
}
_CONVERSIONS: dict[str, Callable[..., Any]] = {"int": int, "float": float, "bool": bool, "str": str}
_NUMBERS = frozenset({"int", "float", "bool"})


def call(ev: Evaluator, name: str, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value | None:
    """Return what a builtin returns; None for one that is not known here."""
    special = _TABLE.get(name) or reflection.TABLE.get(name)
    if special is not None:
        return special(ev, given, node, frame)
    if name in _PURE:
        return _pure(ev, name, given, node, frame)
    if name in _CONVERSIONS:
        return _converted(ev, name, given, node, frame)
    if name in ("print", "input", "open", "breakpoint"):
        return Const(None) if name == "print" else Unknown(f"`{name}`")
    return None


def _pure(ev: Evaluator, name: str, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    arguments = [
        ev.resolved(symbols.number(ev, one) if name in ("abs", "pow", "round", "divmod") else one)
        for one in given.positional
    ]
    if name == "repr" and arguments and isinstance(arguments[0], (Instance, EnumMember)):
        text = texts.text_of(ev, arguments[0], "r")
        return Some("str") if text is None else Const(text)
    if name == "sum" and arguments:
        items = containers.iterate(ev, arguments[0])
        if any(isinstance(ev.resolved(one), Instance) for one in items.items) and items.exact and node and frame:
            return reduce(
                lambda total, one: operators.binary(ev, "+", total, one, node, frame),
                [ev.resolved(given.get(1, "start") or Const(0)), *items.items],
            )
        arguments[0] = Items("list", [ev.resolved(symbols.number(ev, one)) for one in items.items], items.exact)
    made = _run(_PURE[name], arguments, given.keywords, node, frame)
    if made is None and name in ("abs", "pow", "round", "sum"):
        kind = "int" if name == "round" and len(arguments) == 1 else ""
        made = deriving.number(ev, arguments, kind, node, frame)
    return made or _typed(name, arguments)


def _run(
    function: Callable[..., Any],
    arguments: list[Value],
    keywords: dict[str, Value],
    node: n.Node | None,
    frame: Frame | None,
) -> Value | None:
    """Return what a function of Python returns; None where its arguments are not plain. What it raises is raised."""
    try:
        return plain.apply(function, arguments, keywords)
    except OverflowError:
        return None
    except plain.ERRORS as error:
        raise Raised(
            f"builtins.{type(error).__name__}", None, node, frame.module if frame is not None else None
        ) from None


def _typed(name: str, arguments: list[Value]) -> Value:
    """Return a value of the type that a builtin returns where it cannot be called."""
    found = {_kind(one) for one in arguments[:1]}
    if name == "round" and len(arguments) == 1:
        return Some("int")
    if name in ("abs", "sum", "round", "max", "min") and len(found) == 1:
        kind = found.pop()
        if kind in _NUMBERS:
            return Some(kind)
        if kind == "tensor":
            return TensorValue()
    if name in ("bin", "hex", "oct", "chr", "ascii", "repr", "format"):
        return Some("str")
    cause = next((one for one in arguments if isinstance(one, Unknown)), None)
    return cause or Unknown(f"`{name}`")


def _kind(value: Value) -> str | None:
    match value:
        case Some(kind=kind):
            return kind
        case Const(value=constant):
            return type(constant).__name__
        case Symbol():
            return value.kind or None
        case TensorValue():
            return "tensor"
        case Items():
            found = {_kind(one) for one in value.items}
            return found.pop() if len(found) == 1 else "float" if found == {"int", "float"} else None
        case _:
            return None


def _converted(ev: Evaluator, name: str, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    if not given.positional:
        return Const(_CONVERSIONS[name]())
    first = versions.text_of_torch(ev, symbols.settled(ev, given.positional[0]))
    if name == "bool":
        if isinstance(first, Symbol) and frame is not None and isinstance(node, n.Call):
            return Const(symbols.decide(ev, first, node.args[0] if node.args else node, frame))
        known = symbols.truth(ev, first)
        return Some("bool") if known is None else Const(known)
    if isinstance(first, Symbol):
        if first.kind == "int" or first.kind == name:
            first = symbols.number(ev, first)
        else:
            derived = deriving.number(ev, [first], name, node, frame) if name in ("int", "float") else None
            return derived or Some(name)
    if isinstance(first, TensorValue) and isinstance(first.numbers, (Const, Some)):
        first = first.numbers
    if isinstance(first, Scalar) and first.value is not None:
        first = Const(first.value)
    if name == "str" and not isinstance(first, Const):
        text = texts.text_of(ev, first)
        return Some("str") if text is None else Const(text)
    if isinstance(first, Instance) and name in ("int", "float"):
        made = operators.by_method(ev, first, f"__{name}__", [])
        if made is not None:
            return made
    if isinstance(first, (Const, Items)):
        return _run(_CONVERSIONS[name], [first, *given.positional[1:]], given.keywords, node, frame) or Some(name)
    return Some(name)


def _range(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    numbers = [symbols.count(ev, one) for one in given.positional]
    known = [one.value for one in numbers if isinstance(one, Const) and isinstance(one.value, int)]
    if len(known) != len(numbers) or not 1 <= len(known) <= 3:
        if any(isinstance(one, Const) and isinstance(one.value, float) for one in numbers):
            raise Raised("builtins.TypeError", None, node, frame.module if frame is not None else None)
        return Items("range", [Some("int")] * 2, exact=False)
    try:
        values = range(*known)
    except ValueError:
        raise Raised("builtins.ValueError", None, node, frame.module if frame is not None else None) from None
    return Items("range", [Const(one) for one in values[:_LONGEST_RANGE]], len(values) <= _LONGEST_RANGE)


def _len(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    value = symbols.settled(ev, given.first())
    if isinstance(value, Symbol):
        if value.kind in ("", "list"):
            value = symbols.elements(ev, value)
        else:
            return Some("int")
    if isinstance(value, (Items, Mapping)):
        if isinstance(value, Items) and value.kind == "iterator":
            raise Raised("builtins.TypeError", None, node, frame.module if frame is not None else None)
        return Const(len(value.items)) if value.exact else Some("int")
    if isinstance(value, Const):
        if isinstance(value.value, str):
            return Const(len(value.value))
        raise Raised("builtins.TypeError", None, node, frame.module if frame is not None else None)
    if isinstance(value, Instance):
        length = kinds.length(ev, value)
        return Some("int") if length is None else length
    parts = containers.iterate(ev, value) if isinstance(value, ClassValue) else ev.domain.iterate(ev, value)
    return Const(len(parts.items)) if parts is not None and parts.exact else Some("int")


def _sequence(kind: str) -> Function:
    def make(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
        if not given.positional:
            return Items(kind, [])
        items = containers.iterate(ev, given.positional[0], node, frame)
        ev.spend(len(items.items))
        values = containers.distinct(ev, items.items) if kind == "set" else list(items.items)
        return Items(kind, values, items.exact)

    return make


def _dict(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    made = Mapping({})
    if given.positional:
        known = containers.as_mapping(ev, given.positional[0])
        if known is None:
            made.exact = False
        else:
            made = Mapping(dict(known.items), known.exact)
    made.items.update(given.keywords.items())
    made.exact = made.exact and given.exact
    return made


def _enumerate(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    items = containers.iterate(ev, given.first(), node, frame)
    start = ev.resolved(given.get(1, "start") or Const(0))
    first = start.value if isinstance(start, Const) and isinstance(start.value, int) else None
    pairs: list[Value] = [
        Items("tuple", [Some("int") if first is None or not items.exact else Const(first + index), one])
        for index, one in enumerate(items.items)
    ]
    return Items("iterator", pairs, items.exact)


def _zip(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    columns = [containers.iterate(ev, one, node, frame) for one in given.positional]
    exact = all(one.exact for one in columns) and given.exact
    rows: list[Value] = [Items("tuple", list(row)) for row in zip(*(one.items for one in columns), strict=False)]
    return Items("iterator", rows, exact)


def _reversed(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    items = containers.iterate(ev, given.first(), node, frame)
    return Items("iterator", items.items[::-1], items.exact)


def _iter(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    items = containers.iterate(ev, given.first(), node, frame)
    return items if items.kind == "iterator" else Items("iterator", list(items.items), items.exact)


def _next(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    items = ev.resolved(given.first())
    if isinstance(items, Items) and items.kind == "iterator":
        if items.items and items.exact:
            ev.domain.on_change(ev, items)
            return items.items.pop(0)
        if items.exact and len(given.positional) > 1:
            return given.positional[1]
        if items.exact:
            raise Raised("builtins.StopIteration", None, node, frame.module if frame is not None else None)
        return items.items[0] if items.items else Unknown("`next`")
    return Unknown("`next`")


def _map(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:

    if len(given.positional) < 2:
        return Unknown("`map`")
    columns = [containers.iterate(ev, one, node, frame) for one in given.positional[1:]]
    rows = list(zip(*(one.items for one in columns), strict=False))
    ev.spend(len(rows))
    made = [calls.call(ev, given.positional[0], Arguments(list(row), {}), node, frame) for row in rows]
    return Items("iterator", made, all(one.exact for one in columns))


def _filter(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:

    if len(given.positional) != 2:
        return Unknown("`filter`")
    test, items = ev.resolved(given.positional[0]), containers.iterate(ev, given.positional[1], node, frame)
    kept, exact = [], items.exact
    for one in items.items:
        verdict = one if test == Const(None) else calls.call(ev, test, Arguments([one], {}), node, frame)
        known = symbols.truth(ev, verdict)
        exact = exact and known is not None
        if known is not False:
            kept.append(one)
    return Items("iterator", kept, exact)


def _quantified(name: str) -> Function:
    decisive = name == "any"

    def ask(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
        items = containers.iterate(ev, given.first(), node, frame)
        answers = [symbols.truth(ev, one) for one in items.items]
        if decisive in answers:
            return Const(decisive)
        return Const(not decisive) if items.exact and None not in answers else Some("bool")

    return ask


def _extreme(name: str) -> Function:
    function: Callable[..., Any] = max if name == "max" else min

    def choose(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:

        exact = given.exact
        values = list(given.positional)
        if len(values) == 1:
            items = containers.iterate(ev, values[0], node, frame)
            values, exact = list(items.items), items.exact
            if not values and exact and "default" in given.keywords:
                return given.keywords["default"]
        values = [ev.resolved(symbols.number(ev, one)) for one in values]
        keyed = values
        if "key" in given.keywords:
            keyed = [
                ev.resolved(calls.call(ev, given.keywords["key"], Arguments([one], {}), node, frame)) for one in values
            ]
        known = [one[0] for one in map(plain.to_python, keyed) if one is not None]
        if not exact or len(known) < len(keyed):
            derived = deriving.number(ev, keyed, "", node, frame) if exact and "key" not in given.keywords else None
            return derived or _typed(name, [Items("list", values)])
        try:
            best: int = function(range(len(values)), key=known.__getitem__)
        except plain.ERRORS as error:
            kind = f"builtins.{type(error).__name__}"
            raise Raised(kind, None, node, frame.module if frame is not None else None) from None
        return values[best]

    return choose


def _sorted(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    items = containers.iterate(ev, given.first(), node, frame)
    return sort(ev, items, given.keywords, node, frame)


def sort(ev: Evaluator, items: Items, keywords: dict[str, Value], node: n.Node | None, frame: Frame | None) -> Items:
    """Return a sorted list of items; not exact where their order is not known."""

    values = [ev.resolved(one) for one in items.items]
    keyed = values
    key = ev.resolved(keywords.get("key", Const(None)))
    if key != Const(None):
        keyed = [ev.resolved(calls.call(ev, key, Arguments([one], {}), node, frame)) for one in values]
    known = [one[0] for one in map(plain.to_python, keyed) if one is not None]
    reverse = symbols.truth(ev, keywords.get("reverse", Const(False)))
    if not items.exact or len(known) < len(keyed) or reverse is None:
        return Items("list", values, exact=False)
    try:
        order = sorted(range(len(values)), key=known.__getitem__, reverse=reverse)
    except TypeError:
        return Items("list", values, exact=False)
    return Items("list", [values[index] for index in order])


def _slice(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    known = [plain.to_python(ev.resolved(one)) for one in given.positional]
    numbers = [one[0] for one in known if one is not None]
    fits = len(numbers) == len(known) and all(one is None or isinstance(one, int) for one in numbers)
    return Slice(slice(*numbers)) if fits and 1 <= len(numbers) <= 3 else Unknown("a slice")


def _id(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    return Some("int")


def _object(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    return Instance(ev.domain.external("builtins.object"), is_plain=True)


def _property(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    return Unknown("a property that is made by a call")


def _identity(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value:
    return given.first()


def _fromkeys(ev: Evaluator, given: Arguments, node: n.Node | None, frame: Frame | None) -> Value | None:
    return methods.call(ev, Mapping({}), "fromkeys", given, node, frame)


_TABLE: dict[str, Function] = {
    "all": _quantified("all"),
    "any": _quantified("any"),
    "classmethod": _identity,
    "dict": _dict,
    "dict.fromkeys": _fromkeys,
    "enumerate": _enumerate,
    "filter": _filter,
    "frozenset": _sequence("set"),
    "hash": _id,
    "id": _id,
    "iter": _iter,
    "len": _len,
    "list": _sequence("list"),
    "map": _map,
    "max": _extreme("max"),
    "min": _extreme("min"),
    "next": _next,
    "object": _object,
    "property": _property,
    "range": _range,
    "reversed": _reversed,
    "set": _sequence("set"),
    "slice": _slice,
    "sorted": _sorted,
    "staticmethod": _identity,
    "tuple": _sequence("tuple"),
    "zip": _zip,
}
