"""The types of TorchScript.

Twins: aten/src/ATen/core/jit_type_base.h (the kinds), jit_type.h, union_type.cpp (how unions are normalised).

Every type is made once: calling a class with arguments that were seen before gives the same object, so types compare with
`is`, hash by identity and can be matched (`case List(element)`). Containers hold a Tensor only in its plain form, because
"(inferred)" is a remark about a value, printed at top level only and ignored by every relation.

Why no flag on one general class: `match` over small classes reads as the compiler's own `cast<ListType>()`.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, fields
from typing import Any, ClassVar

# The order in which c10 sorts the members of a union.
KINDS = (
    "Any Enum AnyEnumType Tensor Storage Tuple List Dict number float complex Future Await RRef int NoneType str Generator "
    "Quantizer bool Optional Var Device Stream Function Class PyObject Capsule Interface QScheme ScalarType Layout "
    "MemoryFormat list tuple AnyClassType SymInt SymFloat SymBool Union Unknown"
).split()
RANK = {kind: rank for rank, kind in enumerate(KINDS)}


# Of a larger type nothing is known. `x = (x, x)`, thirty times, has one of a thousand million parts.
_LARGEST = 20_000


class _OneOfEach(type):
    """Makes calls of a class return the object that an equal call returned before."""

    made: ClassVar[dict[tuple[Any, ...], Any]] = {}
    asked: ClassVar[dict[tuple[Any, ...], Any]] = {}

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        asked = (cls, args, *kwargs.items())
        known = _OneOfEach.asked.get(asked)
        if known is None:
            candidate = super().__call__(*args, **kwargs)
            size = 1 + sum(one.size for one in candidate.contained)
            if size > _LARGEST:
                candidate = Unknown(f"a type of more than {_LARGEST:,} parts")
            elif size > 1:
                object.__setattr__(candidate, "size", size)
            known = _OneOfEach.made.setdefault((type(candidate), *candidate.key()), candidate)
            _OneOfEach.asked[asked] = known
        return known


class Type(metaclass=_OneOfEach):
    """A type. `kind` is its place in c10's order of kinds, `size` counts the types it is made of."""

    kind: ClassVar[str] = ""
    size = 1

    def key(self) -> tuple[Any, ...]:
        """Return what tells this type from others of its class."""
        return tuple(getattr(self, field.name) for field in fields(self))  # type: ignore[arg-type]

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self.key()

    def __str__(self) -> str:
        from scriptlint.types.show import show

        return show(self)

    @property
    def rank(self) -> int:
        """The place of its kind among those of c10."""
        return RANK[self.kind]

    @property
    def contained(self) -> tuple[Type, ...]:
        """The types it is made of."""
        return ()


@dataclass(frozen=True, eq=False)
class Primitive(Type):
    """A type that is its name: int, float, bool, complex, number, str, NoneType, Device, Any, the bare `list`..."""

    name: str

    @property
    def rank(self) -> int:
        return RANK[self.name]


@dataclass(frozen=True, eq=False)
class Tensor(Type):
    """A tensor; `inferred` when nobody said so and the compiler assumed it."""

    inferred: bool = False
    kind = "Tensor"


@dataclass(frozen=True, eq=False)
class List(Type):
    """List[element]."""

    element: Type
    kind = "List"

    def __post_init__(self) -> None:
        object.__setattr__(self, "element", plain(self.element))

    @property
    def contained(self) -> tuple[Type, ...]:
        return (self.element,)


@dataclass(frozen=True, eq=False)
class Dict(Type):
    """Dict[key_type, value]."""

    key_type: Type
    value: Type
    kind = "Dict"

    def __post_init__(self) -> None:
        object.__setattr__(self, "key_type", plain(self.key_type))
        object.__setattr__(self, "value", plain(self.value))

    @property
    def contained(self) -> tuple[Type, ...]:
        return (self.key_type, self.value)


@dataclass(frozen=True, eq=False)
class Tuple(Type):
    """Tuple[elements]; a NamedTuple when it has field names.

    An operator with named results returns one with names and no qualified name. `defaults` counts the fields, from the
    last, that have a default.
    """

    elements: tuple[Type, ...]
    names: tuple[str, ...] | None = None
    qualified: str | None = None
    defaults: int = 0
    kind = "Tuple"

    def __post_init__(self) -> None:
        object.__setattr__(self, "elements", tuple(map(plain, self.elements)))

    @property
    def contained(self) -> tuple[Type, ...]:
        return self.elements


@dataclass(frozen=True, eq=False)
class Optional(Type):
    """Optional[element]. Made by `make_optional`, which keeps the element free of None."""

    element: Type
    kind = "Optional"

    @property
    def contained(self) -> tuple[Type, ...]:
        return (self.element,)


@dataclass(frozen=True, eq=False)
class Union(Type):
    """Union of at least two members, none an Optional or a Union, in c10's order. Made by `make_union`."""

    members: tuple[Type, ...]
    kind = "Union"

    @property
    def contained(self) -> tuple[Type, ...]:
        return self.members


@dataclass(frozen=True, eq=False)
class _Boxed(Type):
    element: Type

    def __post_init__(self) -> None:
        object.__setattr__(self, "element", plain(self.element))

    @property
    def contained(self) -> tuple[Type, ...]:
        return (self.element,)


@dataclass(frozen=True, eq=False)
class Future(_Boxed):
    """What `torch.jit.fork` returns."""

    kind = "Future"


@dataclass(frozen=True, eq=False)
class Await(_Boxed):
    """What `torch.jit._awaitable` returns."""

    kind = "Await"


@dataclass(frozen=True, eq=False)
class RRef(_Boxed):
    """A reference to a value on another machine."""

    kind = "RRef"


@dataclass(frozen=True, eq=False)
class Class(Type):
    """A script class, a class bound in C++, or (`is_module`) the type of a module's `self`, by qualified name.

    `instance` tells apart the types of modules of one class: two instances may have two types.
    """

    qualified: str
    is_module: bool = False
    instance: int = 0
    kind = "Class"


@dataclass(frozen=True, eq=False)
class Enum(Type):
    """An enum class: qualified name, type of the values, names of the members."""

    qualified: str
    value: Type
    members: tuple[str, ...] = ()
    kind = "Enum"


@dataclass(frozen=True, eq=False)
class Interface(Type):
    """An interface, by qualified name."""

    qualified: str
    is_module: bool = False
    kind = "Interface"


@dataclass(frozen=True, eq=False)
class Function(Type):
    """The type of a function held as an attribute."""

    qualified: str
    kind = "Function"


@dataclass(frozen=True, eq=False)
class Var(Type):
    """A type variable of a schema: `t` in `t[] -> t`."""

    name: str
    kind = "Var"


@dataclass(frozen=True, eq=False)
class Unknown(Type):
    """What could not be seen, and why. It relates to every type and is never the reason of a finding."""

    reason: str = ""
    kind = "Unknown"


ANY = Primitive("Any")
BOOL = Primitive("bool")
COMPLEX = Primitive("complex")
DEVICE = Primitive("Device")
FLOAT = Primitive("float")
GENERATOR = Primitive("Generator")
INT = Primitive("int")
NONE = Primitive("NoneType")
NUMBER = Primitive("number")
STRING = Primitive("str")
ABSTRACT_NUMBER = Class("numbers.Number")  # a class like any other, which no number is of
ANY_LIST = Primitive("list")
ANY_TUPLE = Primitive("tuple")
ANY_CLASS = Primitive("AnyClassType")
ANY_ENUM = Primitive("AnyEnumType")
STREAM = Primitive("Stream")
TENSOR = Tensor()
INFERRED_TENSOR = Tensor(True)
NUMBERS = (INT, FLOAT, COMPLEX)


def plain(kind: Type) -> Type:
    """Return the type without the remark that it was inferred."""
    return TENSOR if kind is INFERRED_TENSOR else kind


def make_optional(element: Type) -> Type:
    """Optional[element], as OptionalType::create: flat, and itself for NoneType and Unknown."""
    element = plain(element)
    match element:
        case Unknown() | Optional():
            return element
        case Primitive(name="NoneType"):
            return element
        case Union(members):
            rest = tuple(member for member in members if member is not NONE)
            return Optional(rest[0] if len(rest) == 1 else element if rest == members else make_union(rest))
        case _:
            return Optional(element)


def make_union(members: tuple[Type, ...]) -> Type:
    """Return the union of the members, as UnionType::create: flat, unified where possible, sorted; Unknown if any member is.

    One remaining member comes back as itself (the compiler asserts that this does not happen), None and one other as an
    Optional, int, float and complex as number.
    """
    flat: list[Type] = []
    for member in members:
        _flatten(plain(member), flat)
    for member in flat:
        if isinstance(member, Unknown):
            return member
    _merge(flat)
    from scriptlint.types.show import show_schema

    flat.sort(key=lambda kind: (kind.rank, show_schema(kind)))
    rest = tuple(kind for kind in flat if kind is not NONE)
    if not rest:
        return NONE
    if set(rest) == set(NUMBERS):
        return NUMBER if len(rest) == len(flat) else Optional(NUMBER)
    if len(rest) == len(flat):
        return rest[0] if len(rest) == 1 else Union(rest)
    return Optional(rest[0]) if len(rest) == 1 else Union(tuple(flat))


def _flatten(kind: Type, into: list[Type]) -> None:
    match kind:
        case Union(members):
            for member in members:
                _flatten(member, into)
        case Optional(element):
            _flatten(element, into)
            into.append(NONE)
        case Primitive(name="number"):
            into.extend(NUMBERS)
        case _:
            into.append(kind)


def _merge(kinds: list[Type]) -> None:
    """Replace members that unify by what they unify to, in c10's order: from right to left, None only with None."""
    from scriptlint.types.relations import unify

    end = len(kinds) - 1
    for i in range(len(kinds) - 1, 0, -1):
        for j in range(min(i - 1, end), -1, -1):
            if (kinds[i] is NONE) != (kinds[j] is NONE):
                continue
            unified = unify(kinds[i], kinds[j])
            if unified is not None:
                kinds[j] = unified
                kinds[i] = kinds[end]
                end -= 1
                break
    del kinds[end + 1 :]


@functools.cache
def has_variables(kind: Type) -> bool:
    """Return True if a type variable occurs in it."""
    return isinstance(kind, Var) or any(map(has_variables, kind.contained))


@functools.cache
def has_unknown(kind: Type) -> bool:
    """Return True if it is or holds an Unknown."""
    return isinstance(kind, Unknown) or any(map(has_unknown, kind.contained))


def rebuild(kind: Type, contained: tuple[Type, ...]) -> Type:
    """Return the same kind of type made of other types, as Type::withContained."""
    match kind:
        case List():
            return List(*contained)
        case Dict():
            return Dict(*contained)
        case Tuple(_, names, qualified, defaults):
            return Tuple(contained, names, qualified, defaults)
        case Optional():
            return make_optional(*contained)
        case Union():
            return make_union(contained)
        case Future() | Await() | RRef():
            return type(kind)(*contained)
        case _:
            return kind
