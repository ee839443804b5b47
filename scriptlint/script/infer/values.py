"""What an expression stands for while it is compiled. Twin: torch/csrc/jit/frontend/sugared_value.h."""

from __future__ import annotations

from msgspec import Struct

from scriptlint.evaluate.values import FunctionValue, Instance, LambdaValue
from scriptlint.evaluate.values import Value as MadeValue
from scriptlint.program.module import Class, Function, ModuleInfo
from scriptlint.syntax import nodes as n
from scriptlint.types.model import Tuple, Type
from scriptlint.types.model import Unknown as UnknownType


class Typed(Struct, frozen=True, eq=False):
    """A first-class value. `literal` is the constant it was written as; `empty_list` marks the literal `[]`.

    `per_name` marks what an unannotated call of Python gives: a Tensor, or one for each name it is unpacked to
    (PythonValue::getSchema of python_sugared_value.cpp). `is_given` says of something unknown that it is not None.
    `is_unseen` marks a bool that is a constant to the compiler, which prunes branches by it, but not known here.
    """

    type: Type
    literal: n.Constant | None = None
    empty_list: bool = False
    per_name: bool = False
    is_given: bool = False
    is_unseen: bool = False


class PyModule(Struct, frozen=True, eq=False):
    """A Python module: of the project, or of a package that is not followed."""

    module: ModuleInfo | None
    name: str


class PyFunction(Struct, frozen=True, eq=False):
    """A function of the source; `bound` is the object whose method it is."""

    function: Function
    bound: Instance | None = None


class LibFunction(Struct, frozen=True, eq=False):
    """A Python function of torch, whose signature the library knows."""

    name: str


class LibMethod(Struct, frozen=True, eq=False):
    """A method that a module has from a class of torch."""

    name: str
    instance: Instance


class Builtin(Struct, frozen=True, eq=False):
    """An operator under a Python name; `receiver` is what stands before the dot of a method."""

    op: str
    receiver: Typed | None = None


class Unsupported(Struct, frozen=True, eq=False):
    """Something callable that TorchScript lacks."""

    name: str


class LibClass(Struct, frozen=True, eq=False):
    """A class of torch, as what constructs it."""

    name: str


class Special(Struct, frozen=True, eq=False):
    """A Python builtin that the emitter treats by itself: `isinstance`, `range`, `annotate`..."""

    name: str


class PyClass(Struct, frozen=True, eq=False):
    """A class of the source, as what constructs it."""

    cls: Class


class InterfaceMethod(Struct, frozen=True, eq=False):
    """A method that an interface declares."""

    function: Function


class ScriptedModule(Struct, frozen=True, eq=False):
    """A module that was compiled before, and that the function does not own."""


class PyNamedTuple(Struct, frozen=True, eq=False):
    """A class that a call of `namedtuple` made, as what constructs its tuples."""

    type: Tuple


class TypeName(Struct, frozen=True, eq=False):
    """A type as a value: the second argument of `isinstance`, the first of `annotate`."""

    name: str


class PythonCallable(Struct, frozen=True, eq=False):
    """What compiled code calls in Python, and gets a Tensor from; `why` completes "`f` ..."."""

    why: str


class PyException(Struct, frozen=True, eq=False):
    """An exception class."""

    name: str


class ModuleObject(Struct, frozen=True, eq=False):
    """An nn.Module; not `callable` where the compiler has made a plain value of it."""

    instance: Instance
    callable: bool = True


class TracedObject(Struct, frozen=True, eq=False):
    """What torch.jit.trace returned for `inner`: a call runs what was recorded."""

    inner: MadeValue


class ModuleChoice(Struct, frozen=True, eq=False):
    """One of several modules, each with the condition under which it is the one; or None, if `optional`."""

    options: tuple[tuple[Instance, str | None], ...]
    optional: bool


class Iterable(Struct, frozen=True, eq=False):
    """`range(...)`, `zip(...)`, `enumerate(...)`: what it gives, and whether the compiler unrolls it."""

    name: str
    item: Value
    unrolled: bool = False
    items: tuple[Value, ...] = ()


class SuperObject(Struct, frozen=True, eq=False):
    """`super()`, which Python's frontend of the compiler accepts and the compiler does not understand."""


class Refused(Struct, frozen=True, eq=False):
    """A Python object that cannot be used as a value: `kind` is the name of its Python type."""

    kind: str


Value = (
    Typed
    | PyModule
    | PyFunction
    | LibFunction
    | Builtin
    | Special
    | Unsupported
    | LibClass
    | LibMethod
    | SuperObject
    | PyClass
    | InterfaceMethod
    | ScriptedModule
    | PyNamedTuple
    | PythonCallable
    | TypeName
    | PyException
    | ModuleObject
    | ModuleChoice
    | TracedObject
    | Iterable
    | Refused
)


def unknown(reason: str = "") -> Typed:
    """Return a value about which nothing is known; it is never reported."""
    return Typed(UnknownType(reason))


def is_unknown(value: Value) -> bool:
    """Return True if nothing is known of a value."""
    return isinstance(value, Typed) and isinstance(value.type, UnknownType)


def describe(value: Value) -> str:
    """Return what a value is called in messages of the compiler."""
    match value:
        case Typed():
            return str(value.type)
        case PyFunction() | LibFunction() | LibMethod() | PythonCallable() | InterfaceMethod():
            return "function"
        case Builtin():
            return "builtin"
        case PyClass() | PyNamedTuple() | TypeName() | LibClass():
            return "class"
        case Unsupported():
            return "builtin"
        case PyException():
            return "Python exception"
        case TracedObject(inner=FunctionValue() | LambdaValue()):
            return "function"
        case ModuleObject() | ModuleChoice() | TracedObject() | ScriptedModule():
            return "module"
        case Iterable():
            return value.name
        case PyModule():
            return "module"
        case Refused():
            return f"python value of type '{value.kind}'"
        case SuperObject():
            return "super object"
        case Special():
            return "builtin"
