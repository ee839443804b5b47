"""Symbols: what is taken for granted of values that the code does not tell.

A symbol is decided as late as possible and once per path. A test of it is a question to the path, whose first case is
what its default says; an operation that needs a number, a list or an object gets a representative. What was taken for
granted is noted, so that verdicts can say it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scriptlint.evaluate import classes, kinds, numbers
from scriptlint.evaluate.frames import Frame, condition_text, negate
from scriptlint.evaluate.path import Question
from scriptlint.evaluate.values import (
    Const,
    Items,
    Key,
    Mapping,
    Some,
    Symbol,
    TensorValue,
    Unknown,
    Value,
)
from scriptlint.program.module import Class, Function
from scriptlint.program.project import External, Place
from scriptlint.syntax import nodes as n

if TYPE_CHECKING:
    from scriptlint.evaluate.evaluator import Evaluator

READ = "read"  # what keys of symbols begin with that stand for what is read from a file
NUMBERS = frozenset({"int", "float", "bool"})
PLAIN = frozenset({"int", "float", "bool", "str"})
_TRUE = frozenset({"module", "callable", "class", "object"})
# Sizes of which each divides those before it, as the number of heads divides the width.
_LARGEST_SIZE = 96
_ELEMENT = 12
_COUNT = 3
_LISTS = frozenset("list tuple set List Tuple Set Sequence Iterable Collection FrozenSet ModuleList".split())
_DICTS = frozenset("dict Dict Mapping MutableMapping OrderedDict DefaultDict".split())


# Making them


def argument(ev: Evaluator, function: Function, parameter: n.Parameter, default: Value | None) -> Value:
    """Return what a parameter holds when nothing is given for it and nobody knows whether something will be."""
    place = function.owner or function.outer or function.module
    known = isinstance(default, (Const, type(None)))
    if not known:
        return default or Unknown()
    made = Symbol(
        parameter.name, ("argument", parameter.name), default=default, annotation=parameter.annotation, place=place
    )
    made.kind = kind_of(ev, parameter.annotation, place)
    if not made.kind and isinstance(default, Const) and default.value is not None:
        made.kind = type(default.value).__name__
    return made


def kind_of(ev: Evaluator, annotation: n.Expr | None, place: Place) -> str:
    """Return what an annotation says a value is, as far as it matters here; empty where it says nothing."""
    match annotation:
        case n.Constant(kind="str", value=str() as text) if text in PLAIN:
            return text
        case n.Subscript(value=n.Name(id="Optional") | n.Attribute(attr="Optional"), slice=inner):
            return kind_of(ev, inner, place)
        case n.BinOp(op="|", left=left, right=n.Constant(kind="none")):
            return kind_of(ev, left, place)
        case n.Subscript(value=owner):
            return kind_of(ev, owner, place)
        case n.Name() | n.Attribute():
            symbol = ev.project.resolve(annotation, place)
            last = annotation.id if isinstance(annotation, n.Name) else annotation.attr
            if last in PLAIN:
                return last
            if last in _LISTS:
                return "list"
            if last in _DICTS:
                return "dict"
            if isinstance(symbol, External):
                if symbol.name in ("torch.Tensor", "torch.nn.Parameter", "torch.nn.parameter.Parameter"):
                    return "tensor"
                if ev.library.is_module_class(symbol.name):
                    return "module"
            if isinstance(symbol, Class):
                return "object"
            return "callable" if last in ("Callable", "Type", "type") else ""
    return ""


def may_be_none(symbol: Symbol) -> bool:
    """Return True if the annotation of a symbol names None."""
    return names_none(symbol.annotation)


def names_none(annotation: n.Expr | None) -> bool:
    """Return True if None is among what an annotation names."""
    match annotation:
        case n.Subscript(value=n.Name(id="Optional") | n.Attribute(attr="Optional")):
            return True
        case n.BinOp(op="|", right=n.Constant(kind="none")):
            return True
    return False


# Deciding them


def truth(ev: Evaluator, value: Value) -> bool | None:
    """Return whether a value is true; None where that is not known."""
    value = ev.resolved(value)
    if isinstance(value, Symbol):
        return None if value.default is not None or may_be_none(value) or value.kind not in _TRUE else True
    return kinds.truth(ev, value)


def decide(ev: Evaluator, value: Value, test: n.Expr, frame: Frame, likely: bool | None = None) -> bool:
    """Return the truth of a value that is tested; where nothing tells, that of the path.

    `likely` is taken for granted instead where it is given.
    """
    known = truth(ev, value)
    if known is not None:
        return known
    text = condition_text(frame.text(test))
    if likely is not None:
        ev.path.assume(f"`{text}`" if likely else f"`{negate(text)}`")
        return likely
    symbol = ev.resolved(value)
    if isinstance(symbol, Symbol):
        return _truth_of_symbol(ev, symbol)
    question = (frame.module.path, test.start, test.end)
    match test:
        case n.Compare(ops=["is"], comparators=[n.Constant(kind="none")]):  # which it is less often than not
            return ev.path.choose(question, (negate(text), text)) == 1
    return ev.path.choose(question, (text, negate(text))) == 0


def _choose(ev: Evaluator, symbol: Symbol, question: Question, conditions: tuple[str, ...]) -> int:
    is_read = symbol.key[0] == READ and symbol.default is None  # the code has a default of its own
    return ev.path.choose(question, conditions, is_read=is_read)


def _truth_of_symbol(ev: Evaluator, symbol: Symbol) -> bool:
    first = False
    if isinstance(symbol.default, Const):
        first = bool(symbol.default.value)
    elif symbol.kind != "bool":
        first = symbol.is_argument
    conditions = (symbol.name, negate(symbol.name)) if first else (negate(symbol.name), symbol.name)
    answer = first if _choose(ev, symbol, (symbol.key, "truth"), conditions) == 0 else not first
    if isinstance(symbol.default, Const) and bool(symbol.default.value) is answer:
        symbol.value = symbol.default
    elif symbol.kind == "bool":
        symbol.value = Const(answer)
    elif not answer:
        empty: dict[str, Value] = {"int": Const(0), "float": Const(0.0), "str": Const("")}
        if symbol.kind or not symbol.is_part:  # an attribute of a configuration is as likely False as None
            symbol.value = empty.get(symbol.kind, kinds.falsy(ev, symbol))
    elif symbol.kind in NUMBERS:
        choose_number(ev, symbol)
    else:
        symbol.excluded.append(None)
        symbol.default = None
    return answer


def compared(ev: Evaluator, operator: str, left: Value, right: Value, node: n.Expr, frame: Frame) -> Value:
    """Return the value of a comparison, one side of which may be a symbol."""
    if isinstance(left, Symbol) and left.usual is not None and operator in numbers.ORDER:
        known = numbers.reordered(ev, operator, left, ev.resolved(right))
        if known is not None:
            return Const(known)
    left, right = ev.resolved(left), ev.resolved(right)
    if isinstance(left, Symbol) and isinstance(right, Const):
        answer = _against_constant(ev, operator, left, right)
        if answer is not None:
            return Const(answer)
    if isinstance(right, Symbol) and isinstance(left, Const) and operator in _MIRRORED:
        answer = _against_constant(ev, _MIRRORED[operator], right, left)
        if answer is not None:
            return Const(answer)
    if isinstance(left, Symbol) and operator in ("in", "not in"):
        found = _among(ev, left, right)
        if found is not None:
            return Const(found == (operator == "in"))
    if operator in ("in", "not in") and isinstance(right, Mapping) and isinstance(left, Const) and not right.exact:
        absent = condition_text(frame.text(node)) if operator == "not in" else negate(condition_text(frame.text(node)))
        if ev.namespaces.registries.lacks(right, left.value, absent):
            return Const(operator == "not in")
    return ev.compare(operator, settled(ev, left), settled(ev, right))


_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!=", "is": "is", "is not": "is not"}


def _against_constant(ev: Evaluator, operator: str, symbol: Symbol, constant: Const) -> bool | None:
    wanted = constant.value
    if wanted is None:
        none = is_none(ev, symbol)
        return none == (operator in ("is", "=="))
    positive = operator in ("==", "is")
    if operator in ("==", "!=", "is", "is not") and (isinstance(wanted, (str, bool)) or symbol.kind == "str"):
        return equals(ev, symbol, wanted) == positive
    if operator in numbers.ORDER and isinstance(wanted, (int, float)):
        return _ordered(ev, operator, symbol, wanted)
    return None


def is_none(ev: Evaluator, symbol: Symbol) -> bool:
    """Return whether a symbol is None on this path."""
    if None in symbol.excluded:
        return False
    default_is_none = symbol.default == Const(None)
    if not default_is_none and not may_be_none(symbol) and (symbol.kind or symbol.default is not None):
        return False
    names = (f"{symbol.name} is not None", f"{symbol.name} is None")
    conditions = (names[1], names[0]) if default_is_none else names
    first = default_is_none
    answer = first if _choose(ev, symbol, (symbol.key, "none"), conditions) == 0 else not first
    if answer:
        symbol.value = Const(None)
    else:
        symbol.excluded.append(None)
        symbol.default = None if default_is_none else symbol.default
    return answer


def equals(ev: Evaluator, symbol: Symbol, wanted: Key) -> bool:
    """Return whether a symbol equals a constant on this path."""
    if wanted in symbol.excluded:
        return False
    first = True
    if isinstance(symbol.default, Const):
        first = symbol.default.value == wanted
    names = (f"{symbol.name} == {wanted!r}", f"{symbol.name} != {wanted!r}")
    answer = _choose(ev, symbol, (symbol.key, "==", wanted), names if first else (names[1], names[0])) == 0
    answer = first if answer else not first
    if isinstance(symbol.default, Const) and answer == (symbol.default.value == wanted):
        symbol.value = symbol.default
    elif answer:
        symbol.value = Const(wanted)
    else:
        symbol.excluded.append(wanted)
        symbol.default = None
    return answer


def _among(ev: Evaluator, symbol: Symbol, container: Value) -> bool | None:
    """Return whether a symbol is one of some constants on this path; None where the container is not known."""
    if isinstance(container, Mapping):
        options = list(container.items)
    elif isinstance(container, Items) and container.exact:
        options = [one.value for one in container.items if isinstance(one, Const)]
    else:
        return None
    if options and len(options) == len(container.items) and all(one in symbol.excluded for one in options):
        return False
    options = [one for one in options if isinstance(one, (str, int, float)) and one not in symbol.excluded]
    if not options or len(options) > 64:
        return None
    first = True
    if isinstance(symbol.default, Const):
        first = symbol.default.value in options
    names = (f"{symbol.name} in {tuple(options)!r}", f"{symbol.name} not in {tuple(options)!r}")
    names = tuple(condition_text(one) for one in names)  # type: ignore[assignment]
    question = (symbol.key, "in", tuple(options))
    answer = ev.path.choose(question, names if first else (names[1], names[0])) == 0
    answer = first if answer else not first
    if isinstance(symbol.default, Const) and answer == (symbol.default.value in options):
        symbol.value = symbol.default
    elif answer:
        symbol.value = Const(options[0])
    else:
        symbol.excluded += options
        symbol.default = None
    return answer


def _ordered(ev: Evaluator, operator: str, symbol: Symbol, limit: float) -> bool | None:
    """Return how a symbol compares with a number on this path; it gets a number for which that is so."""
    if symbol.kind not in ("int", "float", "") or (symbol.default is not None and not is_number(symbol.default)):
        return None
    test = numbers.ORDER[operator]
    kind = symbol.kind or type(limit).__name__
    candidates = [limit + 1, limit, limit - 1] if kind == "int" else [limit + 0.5, limit, limit / 2, limit - 0.5]
    start = symbol.default.value if isinstance(symbol.default, Const) else _COUNT if kind == "int" else 0.5
    assert isinstance(start, (int, float))
    usual = test(start, limit)
    others = [one for one in candidates if test(one, limit) is not usual and one >= 0]
    if not others:
        is_usual = symbol.default is not None or (limit <= 0 and symbol.is_argument)
        return usual if is_usual else None
    condition = f"{symbol.name} {operator} {limit!r}"
    conditions = (condition, negate(condition)) if usual else (negate(condition), condition)
    answer = usual if _choose(ev, symbol, (symbol.key, operator, limit), conditions) == 0 else not usual
    if answer is usual and symbol.default is not None:
        symbol.value = symbol.default
        return answer
    symbol.kind = kind
    if answer is not usual:
        choose_number(ev, symbol, others[0])
    else:
        choose_number(ev, symbol, None if kind == "int" and test(_LARGEST_SIZE, limit) is usual else start)
    return answer


def is_number(value: Value) -> bool:
    """Return True if a value is a constant number."""
    return isinstance(value, Const) and isinstance(value.value, (int, float))


def is_instance(ev: Evaluator, symbol: Symbol, asked: Value, text: str) -> bool:
    """Return whether a symbol is an instance of a class on this path."""
    if symbol.default == Const(None) and is_none(ev, symbol):
        return bool(kinds.is_instance(ev, Const(None), asked))
    if symbol.default is not None:
        symbol.value = symbol.default
        return bool(kinds.is_instance(ev, symbol.default, asked))
    if symbol.kind == "object" and symbol.value is None:
        make_object(ev, symbol)
        made = ev.resolved(symbol)
        if made is not symbol:
            return bool(kinds.is_instance(ev, made, asked))
    representative = finalized(symbol)
    known = kinds.is_instance(ev, representative, asked) if not isinstance(representative, Unknown) else None
    if known is not None:
        return known
    condition = f"isinstance({symbol.name}, {text})"
    # What is not annotated is rarely a text or a container where a test asks for one.
    first = not any(word in text for word in ("str", "list", "tuple", "dict", "Iterable", "Sequence", "Mapping"))
    conditions = (condition, negate(condition)) if first else (negate(condition), condition)
    answer = (_choose(ev, symbol, (symbol.key, "isinstance", text), conditions) == 0) is first
    if answer:
        symbol.excluded.append(None)
        symbol.kind = {"Tensor": "tensor", "torch.Tensor": "tensor", "nn.Module": "module"}.get(
            text, text if text in (*PLAIN, "list", "tuple", "dict") else symbol.kind or "object"
        ).replace("tuple", "list")
    return answer


# Using them


def settled(ev: Evaluator, value: Value) -> Value:
    """Return a value for an operation that does not mind: what is left out has its default."""
    value = ev.resolved(value)
    if type(value) is Symbol and value.default is not None:
        value.value = value.default
        return value.default
    return value


def number(ev: Evaluator, value: Value, kind: str = "") -> Value:
    """Return a value where a number is needed; `kind` is what is taken for granted where nothing says it, if anything is."""
    value = settled(ev, value)
    if not isinstance(value, Symbol) or value.kind not in ("int", "float", "") or not (value.kind or kind):
        return value
    if not value.kind:
        value.kind = kind
        ev.path.assume(f"`{value.name}` is {'an' if kind == 'int' else 'a'} {kind}")
    choose_number(ev, value)
    assert value.value is not None
    return value.value


def derived(symbol: Symbol, text: str, kind: str, node: n.Node, frame: Frame) -> Symbol:
    """Return what an operator makes of a symbol of which nothing else is known."""
    key = (*symbol.key, frame.module.path, node.start)
    return Symbol(condition_text(text), key, kind, is_argument=symbol.is_argument)


def choose_number(ev: Evaluator, symbol: Symbol, wanted: float | None = None) -> None:
    """Let a symbol stand for a number."""
    symbol.is_chosen, symbol.default, ev.path.has_chosen = True, None, True
    if symbol.kind == "float":
        symbol.value = Const(0.5 if wanted is None else float(wanted))
    elif wanted is not None:
        symbol.value = Const(int(wanted))
    else:
        is_element = symbol.key and isinstance(symbol.key[-1], int)
        size = _ELEMENT if is_element else max(_LARGEST_SIZE >> ev.path.sizes, _COUNT)
        ev.path.sizes += not is_element
        symbol.usual = size
        symbol.value = Const(numbers.told(ev, symbol, size))


def count(ev: Evaluator, value: Value) -> Value:
    """Return a value where a number of rounds or copies is needed, which is a small one."""
    value = settled(ev, value)
    if isinstance(value, Symbol) and value.kind in ("int", ""):
        if not value.kind:
            value.kind = "int"
            ev.path.assume(f"`{value.name}` is an int")
        value.value, value.is_chosen = Const(_COUNT), True
        return value.value
    return value


def elements(ev: Evaluator, symbol: Symbol) -> Items:
    """Return what iterating over a symbol gives: a few of what its annotation says."""
    if isinstance(symbol.value, Items):
        return symbol.value
    inner = symbol.annotation.slice if isinstance(symbol.annotation, n.Subscript) else None
    place = symbol.place
    names = [f"{symbol.name}[{index}]" for index in range(_COUNT)]
    made: list[Value] = []
    for index, name in enumerate(names):
        one = _annotation_of(inner, index)
        kind = kind_of(ev, one, place) if place is not None else ""
        made.append(
            Symbol(name, (*symbol.key, index), kind, annotation=one, place=place, is_argument=symbol.is_argument)
        )
    if not symbol.kind:
        ev.path.assume(f"`{symbol.name}` is a list")
    symbol.kind = "list"
    symbol.value, symbol.is_chosen = Items("list", made), True
    return symbol.value


def _annotation_of(inner: n.Expr | None, index: int) -> n.Expr | None:
    """Return the annotation of an item, as `Tuple[int, ...]` has it."""
    if not isinstance(inner, n.Tuple) or not inner.elts:
        return inner
    fixed = [one for one in inner.elts if not (isinstance(one, n.Constant) and one.kind == "ellipsis")]
    return fixed[min(index, len(fixed) - 1)] if fixed else None


def part(ev: Evaluator, symbol: Symbol, text: str) -> Value:
    """Return an attribute or item of a symbol; `text` is how it is written after its name."""
    if symbol.kind == "object":
        make_object(ev, symbol)
        if symbol.value is not None:
            return symbol.value
    if text not in symbol.parts:
        key = (*symbol.key, text)
        symbol.parts[text] = Symbol(f"{symbol.name}{text}", key, is_argument=symbol.is_argument, is_part=True)
    return symbol.parts[text]


def make_object(ev: Evaluator, symbol: Symbol) -> None:
    """Let a symbol whose annotation names a class of the project stand for the object that the class makes."""
    annotation = symbol.annotation
    if isinstance(annotation, n.Subscript) and may_be_none(symbol):
        annotation = annotation.slice
    elif isinstance(annotation, n.BinOp):
        annotation = annotation.left
    found = (
        ev.project.resolve(annotation, symbol.place) if annotation is not None and symbol.place is not None else None
    )
    if isinstance(found, Class) and classes.can_be_made(ev, found):
        symbol.value = classes.representative(ev, found, symbol)


# Ending


def finalized(value: Value) -> Value:
    """Return what stands for a symbol when its path has ended; any other value as it is."""
    while type(value) is Symbol and value.value is not None and not (value.is_chosen and value.kind in NUMBERS):
        value = value.value
    if type(value) is not Symbol:
        return value
    if value.default is not None:
        return value.default
    if value.kind in PLAIN:
        return Some(value.kind)
    if value.kind == "tensor":
        return TensorValue()
    what = "the argument " if value.is_argument else ""
    return Unknown(f"{what}`{value.name}`", assumed=value.is_argument, is_given=None in value.excluded)


def float_for_int(ev: Evaluator, symbol: Symbol) -> None:
    """Ask whether an argument whose default is an int is a float, which is another type to the compiler."""
    default = symbol.default.value if isinstance(symbol.default, Const) else None
    if symbol.value is not None or type(default) is not int:
        return
    conditions = (f"{symbol.name} == {default!r}", f"{symbol.name} is a float")
    if _choose(ev, symbol, (symbol.key, "float"), conditions) == 0:
        symbol.value = symbol.default
    else:
        symbol.kind, symbol.default = "float", None
        choose_number(ev, symbol)


def ask(ev: Evaluator, symbol: Symbol) -> None:
    """Ask the path about a symbol that an object keeps and whose value decides how the object is compiled."""
    if symbol.value is not None:
        return
    if symbol.kind == "float":
        float_for_int(ev, symbol)
        return
    if symbol.default == Const(None) or may_be_none(symbol):
        is_none(ev, symbol)
    elif symbol.kind == "bool":
        _truth_of_symbol(ev, symbol)
