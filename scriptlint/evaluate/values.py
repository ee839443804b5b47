"""What an expression stands for while Python is evaluated without being run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Protocol

from msgspec import Struct, field

from scriptlint.diag import Span
from scriptlint.program.module import Class, Function, ModuleInfo
from scriptlint.program.project import External, Place
from scriptlint.syntax import nodes as n

Key = bool | int | float | str | None
"""What a constant is, and what keys of dictionaries mostly are; see `keys` for the others."""


class Unknown(Struct, frozen=True):
    """Nothing is known; `reason` says why, for verdicts that have to name it.

    `assumed` says that nobody could know more, as of an argument: what the compiler wants of it is taken for granted.
    `is_given` says that it is not None.
    """

    reason: str = ""
    assumed: bool = False
    is_given: bool = False


class Symbol(Struct, eq=False):
    """Something that the code does not tell: an argument that is not given, or what code that is not followed returns.

    `name` is the expression that messages call it by, `key` identifies it in every path through the same code. `kind` is
    what its annotation or a test says: int, float, bool, str, tensor, module, list... or empty. `default` is the value of
    an argument that is left out. `value` is what it is taken for in this path, None as long as nothing depends on it;
    `is_chosen` says that any other number would have done as well. `excluded` are the constants that it is known not to
    be, `parts` what was read from it under the text of attributes and keys, each of which `is_part`. `is_rest` says that it is the `*args` of a
    call that nobody makes. `usual` is the number that it stands for on a path that is told nothing of it.
    """

    name: str
    key: tuple[object, ...]
    kind: str = ""
    default: Value | None = None
    annotation: n.Expr | None = None
    place: Place | None = None
    value: Value | None = None
    is_chosen: bool = False
    is_argument: bool = True
    is_rest: bool = False
    is_part: bool = False
    usual: int | float | None = None
    excluded: list[Key] = field(default_factory=list)
    parts: dict[str, Value] = field(default_factory=dict)


class Const(Struct, frozen=True):
    """A Python constant."""

    value: Key


class Some(Struct, frozen=True):
    """A Python constant whose value is not known; `kind` is int, float, bool, str, or torch's dtype, layout or device.

    `name` is which of torch's own it is, where that is known: "torch.float32".
    """

    kind: str
    name: str = ""


class Scalar(Struct, frozen=True):
    """A NumPy scalar that is no Python number (a float64 is a float): `kind` as in int64, `value` if it is known."""

    kind: str
    value: int | float | None = None


class PythonObject(Struct, frozen=True):
    """An object of a class that TorchScript has no type for, by the class's dotted name.

    `numbers` are those of an array or a version. `itself` is the object, where Python's own can be asked.
    """

    kind: str
    numbers: Items | None = None
    itself: re.Pattern[str] | re.Match[str] | None = None


class EnumMember(Struct, frozen=True):
    """A member of an enum class, by its name."""

    cls: Class
    name: str


class Uninitialized(Struct, eq=False):
    """A parameter or buffer that was made without a shape; `ended` says that it may have been given one since."""

    ended: bool = False


class TensorValue(Struct, frozen=True):
    """A tensor; `kind` is parameter, buffer or plain (not registered on a module).

    `numbers` are those in it, if they are known, or the one of a tensor without dimensions. `shape` is its shape, if known,
    `uninitialized` tells of one that was made without a shape.
    """

    kind: str = "plain"
    numbers: Items | Const | Some | None = None
    shape: tuple[int, ...] | None = None
    uninitialized: Uninitialized | None = None


class Items(Struct, eq=False):
    """A list, tuple, set, range or iterator. `exact` says that the items are all there is; else they are samples of it.

    `made_by` is the class of a named tuple.
    """

    kind: str
    items: list[Value]
    exact: bool = True
    made_by: Class | TupleClass | None = None

    def forget(self) -> None:
        """Any items may be there."""
        self.items.clear()
        self.exact = False


class Mapping(Struct, eq=False):
    """A dictionary; its keys are constants, tuples of them, or `Hashed`. Not `exact` where there may be other keys.

    `factory` makes the values that a defaultdict lacks. `is_rest` says that it is the `**kwargs` of a call that nobody makes.
    `owner` is the object whose own dictionary it is: what is stored there, is set on it; `table` is its name, as `_modules`.
    """

    items: dict[Key, Value]
    exact: bool = True
    factory: Value | None = None
    is_rest: bool = False
    owner: Instance | None = None
    table: str = ""

    def forget(self) -> None:
        """Any key may have been given any value."""
        self.items.clear()
        self.exact = False


class Scope(Protocol):
    """The variables around a definition, where it was executed."""

    variables: dict[str, Value]


class FunctionValue(Struct, frozen=True, eq=False):
    """A Python function; `bound` is the object it is a method of.

    `scope` holds the variables of the function around it and `defaults` those of its parameters, where its definition was
    executed. `decorated` is what its decorators made of it; None where they were not applied. A call of one that
    `is_plain` runs its own body, as that of what a decorator is given.
    """

    function: Function
    bound: Value | None = None
    scope: Scope | None = None
    defaults: dict[str, Value] | None = None
    decorated: Value | None = None
    is_plain: bool = False


class LambdaValue(Struct, frozen=True, eq=False):
    """A lambda, the place where it stands, the variables around it and the defaults of its parameters."""

    node: n.Lambda
    place: Place
    scope: Scope | None = None
    defaults: dict[str, Value] = field(default_factory=dict)


class Partial(Struct, frozen=True, eq=False):
    """A callee with some of its arguments."""

    callee: Value
    arguments: list[Value]
    keywords: dict[str, Value]


class ClassValue(Struct, frozen=True, eq=False):
    """A class whose source is at hand; `scope` holds the variables of the function around it."""

    symbol: Class
    scope: Scope | None = None


class ExternalValue(Struct, frozen=True):
    """Something of a package that is not followed; `receiver` is the object it is a method of."""

    name: str
    receiver: Value | None = None


class TupleClass(Struct, eq=False):
    """The class that a call of `namedtuple` makes; the `defaults` are those of its last fields."""

    name: str
    fields: tuple[str, ...]
    defaults: list[Value]


class ModuleValue(Struct, frozen=True, eq=False):
    """A Python module (a file)."""

    module: ModuleInfo


class SuperValue(Struct, frozen=True, eq=False):
    """`super()` inside a method of `owner`."""

    owner: Class
    instance: Instance | ClassValue


class Slice(Struct, frozen=True, eq=False):
    """A slice of constants."""

    bounds: slice


class Hashed(Struct, frozen=True, eq=False):
    """A key of a dictionary that is not a constant; keys with the same `identity` are equal."""

    value: Value
    identity: object

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Hashed) and self.identity == other.identity

    def __hash__(self) -> int:
        return hash(self.identity)


class GeneratedInit(Struct, frozen=True, eq=False):
    """The constructor that Python wrote for the dataclass `cls`, of an object; None where it takes the object first."""

    cls: Class
    instance: Instance | None


class Choice(Struct, frozen=True, eq=False, weakref=True):
    """One of several values, none of them a choice, each with the condition under which it is the one. See `choice`."""

    options: tuple[Held, ...]


class Compiled(Struct, frozen=True, eq=False):
    """What torch.jit.script (`how` is script) or torch.jit.trace gave back for `inner`.

    `evaluated` says that it may have been in eval mode then, `frozen` that torch.jit.freeze kept nothing but its forward.
    """

    how: str
    inner: Value
    site: Span
    evaluated: bool = False
    frozen: bool = False


class Optimized(Struct, frozen=True, eq=False):
    """What torch.compile gave back for `inner`, a module or a function: another object, which runs it."""

    inner: Value
    site: Span


class Held(Struct, frozen=True, eq=False):
    """A value that an attribute may hold, the condition under which it does, and where it was assigned.

    `registered` is False for a module that the object holds without being its parent, as `object.__setattr__` does.
    """

    value: Value
    when: str | None = None
    span: Span | None = None
    registered: bool = True


class Foreign(Struct, frozen=True, eq=False):
    """A constructor of a package that is not followed, as it was called for an instance."""

    name: str
    arguments: tuple[Value, ...]
    keywords: dict[str, Value]


class Instance(Struct, eq=False):
    """An object. `cls` is its class; `attributes` what its constructor left on it, submodules included.

    `open` says that it may have more attributes than those. `hidden` says that nobody knows which: code that was not
    followed or a computed name may have set them, while those that torch's own constructors set are in the library.
    `depth` is the number of conditions that were in force where it was made: only later ones condition its
    attributes. `is_plain` says that it is surely no module. `foreign` is the constructor of a torch class that made it, or that its own constructor calls; `ran`
    says that it was called since, `hooked` which function put a hook or parametrization on it that the compiler cannot
    take, and where.
    `is_stand_in` says that it was made for an argument, of whose object only the class is known. `evaluated` says that it may be in eval mode, `frozen` that its parameters want no gradients, `hooks` and
    `pre_hooks` run after and before its forward and `backward_hook` around its backward pass.
    """

    cls: Class | External
    site: Span | None = None
    depth: int = 0
    is_plain: bool = False
    open: bool = False
    hidden: bool = False
    foreign: Foreign | None = None
    is_stand_in: bool = False
    ran: bool = False
    hooked: tuple[str, Span] | None = None
    evaluated: bool = False
    frozen: bool = False
    hooks: list[Value] = field(default_factory=list)
    pre_hooks: list[Value] = field(default_factory=list)
    backward_hook: bool = False
    attributes: dict[str, list[Held]] = field(default_factory=dict)

    @property
    def class_name(self) -> str:
        """The class as messages call it."""
        return self.cls.node.name if isinstance(self.cls, Class) else self.cls.name.rpartition(".")[2]

    def hide(self) -> None:
        """Something that was not followed may set any attribute."""
        self.open = self.hidden = True

    def held(self, name: str) -> list[Held]:
        """Return what an attribute may hold; empty where nothing was ever assigned."""
        return self.attributes.get(name, [])

    def submodules(self) -> Iterator[tuple[str, Held]]:
        """Yield the attributes that may hold modules or compiled objects, in order of assignment."""
        for name, options in self.attributes.items():
            for held in options:
                if not held.registered:
                    continue
                if is_child(held.value):
                    yield name, held
                elif isinstance(held.value, Choice):
                    for option in flatten(held):
                        if is_child(option.value):
                            yield name, option

    def below(self) -> list[Instance]:
        """Return the object and every object that it holds, wrapped ones included."""
        found, seen = [self], {self}
        for one in found:
            wrapped = one.foreign.arguments if one.foreign is not None else ()
            for value in (*(held.value for _, held in one.submodules()), *wrapped):
                if isinstance(value, Instance) and value not in seen:
                    seen.add(value)
                    found.append(value)
        return found


Value = (
    Unknown
    | Symbol
    | Slice
    | Const
    | Some
    | Scalar
    | PythonObject
    | EnumMember
    | TensorValue
    | Items
    | Mapping
    | FunctionValue
    | LambdaValue
    | Partial
    | ClassValue
    | TupleClass
    | ExternalValue
    | ModuleValue
    | SuperValue
    | GeneratedInit
    | Choice
    | Compiled
    | Optimized
    | Instance
)


def is_child(value: Value) -> bool:
    """Return True for what a module may hold as a module: an object that is not known to be none, or a compiled one."""
    if type(value) is Optimized:
        return is_child(value.inner)
    return not value.is_plain if type(value) is Instance else type(value) is Compiled


_MOST = 512  # possibilities of one value


def choice(options: Iterable[Held]) -> Choice | Unknown:
    """One of several values; choices within choices are resolved and their conditions joined.

    Unknown where they are too many to be followed, as after a row of undecided branches.
    """
    found = [one for option in options for one in flatten(option)]
    return Choice(tuple(found)) if len(found) <= _MOST else Unknown("it has too many possible values")


def flatten(held: Held) -> Sequence[Held]:
    """Return the options of a value, under its condition."""
    value, when, span = held.value, held.when, held.span
    if type(value) is not Choice:
        return (held,)
    if when is None and span is None:
        return value.options
    return [Held(one.value, both(when, one.when), one.span or span) for one in value.options]


@lru_cache(maxsize=65536)
def both(first: str | None, second: str | None) -> str | None:
    """Two conditions that hold together."""
    if first is None or first == second:
        return second
    if second is None or f" and {_part(second)} and " in f" and {first} and ":
        return first
    return f"{_part(first)} and {_part(second)}"


def _part(condition: str) -> str:
    """Return a condition as one part of a conjunction."""
    bare = " or " in condition and not condition.startswith(("not (", "("))
    return f"({condition})" if bare else condition


def truth(value: Value) -> bool | None:
    """Return whether a value that is no object of a class is true, None if that is unknown."""
    if isinstance(value, Const):
        return bool(value.value)
    if isinstance(value, (Items, Mapping)):
        return bool(value.items) if value.exact or value.items else None
    if isinstance(value, (FunctionValue, LambdaValue, Partial, ClassValue, TupleClass, ModuleValue)):
        return True
    return None


def identity(value: Value) -> object:
    """Something hashable that equal values share, None for values that cannot be compared."""
    match value:
        case Const():
            return type(value.value), value.value
        case (
            Unknown() | Some() | Scalar() | PythonObject() | EnumMember() | TensorValue() | ExternalValue(receiver=None)
        ):
            return value
        case ClassValue():
            return value.symbol
        case FunctionValue(bound=None):
            return value.function
        case LambdaValue():
            return id(value.node), value.place
        case ModuleValue():
            return value.module
        case Instance():
            return value
        case Partial():
            bound = (value.callee, *value.arguments, *value.keywords.values())
            parts = tuple(identity(one) for one in bound)
            return None if None in parts else ("partial", len(value.arguments), *value.keywords, *parts)
        case Choice():
            options = tuple((one.when, identity(one.value)) for one in value.options)
            return None if any(one is None for _, one in options) else options
        case Items():
            inner = tuple(identity(one) for one in value.items)
            return None if None in inner else (value.kind, value.exact, *inner)
        case Mapping():
            pairs = tuple((name, identity(one)) for name, one in value.items.items())
            return None if any(one is None for _, one in pairs) else (value.exact, *pairs)
        case _:
            return None
