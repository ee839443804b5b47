"""The compiler: every function once per object it is a method of, however often it is called.

Twin: torch/csrc/jit/api/compilation_unit.h and the caches of torch/jit/_state.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from msgspec import Struct, field

from scriptlint.diag import Diagnostic, Report
from scriptlint.evaluate import kinds
from scriptlint.evaluate import values as made
from scriptlint.evaluate.budget import Budget, Spent
from scriptlint.evaluate.frames import Frame
from scriptlint.evaluate.values import Instance, Scope
from scriptlint.fixes.evidence import Reader
from scriptlint.instances.machine import Machine
from scriptlint.program.answers import asked
from scriptlint.program.decorators import overloads
from scriptlint.program.module import Class, Function
from scriptlint.program.project import Local
from scriptlint.script.form_checks import FormChecks
from scriptlint.script.infer import signature, undefined
from scriptlint.script.infer.history import History
from scriptlint.script.infer.signature import Signature
from scriptlint.script.infer.unit import Unit
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk_scope
from scriptlint.torchlib.library import Library
from scriptlint.torchlib.schema import Param
from scriptlint.types.annotations import Refused
from scriptlint.types.model import INFERRED_TENSOR, Interface, Type, Unknown
from scriptlint.types.model import Class as ClassType

if TYPE_CHECKING:
    from scriptlint.script.infer.script_classes import Failure
    from scriptlint.script.infer.values import Value

_DEEPEST = 100


_Key = tuple[Function, int, Function | None, History, int]


class Callee(Struct, frozen=True, eq=False):
    """A function that a unit compiles, and where it does; `when` is the condition if that is not certain.

    `form` is the overload whose signature it has; `by` says that this function is called, or that all methods of its class
    are compiled, since a parameter is annotated with the class or an object of it is made.
    """

    function: Function
    instance: Instance | None
    node: n.Node
    when: str | None
    used: bool
    form: Function | None = None
    by: Literal["call", "annotation", "constructor"] = "call"


class Compiled(Struct, eq=False):
    """What compiling a function gave: its signature, its result, its findings and the functions it needs.

    `excluded` are those it calls but ignore or unused keep out; `unknowns` is what could not be seen, `assumptions` what nobody could know; `needs` are findings
    that hold where no module of a class is compiled along.
    """

    signature: Signature
    returns: Type
    diagnostics: list[Diagnostic] = field(default_factory=list)
    callees: list[Callee] = field(default_factory=list)
    excluded: set[Function] = field(default_factory=set)
    unknowns: list[str] = field(default_factory=list)
    assumptions: list[str] = field(default_factory=list)
    needs: list[tuple[str, Diagnostic]] = field(default_factory=list)

    @property
    def answer(self) -> str | None:
        """All of it as text; None where something is wrong or other functions are needed, which have places."""
        if self.diagnostics or self.callees or self.excluded or self.needs:
            return None
        return repr((self.signature.params, self.signature.returns, self.returns, self.unknowns, self.assumptions))


class Compiler:
    """Compiles functions and remembers them. `refused` are functions that other judges refuse by form."""

    def __init__(self, machine: Machine, library: Library) -> None:
        self.machine = machine
        self.project = machine.project
        self.classes = machine.classes
        self.library = library
        self.reader = Reader(machine.project, machine.classes, library)
        self.form_checks = FormChecks(self.reader)
        self._memo: dict[_Key, Compiled] = {}
        self.scopes: dict[Function, Scope] = {}
        """The variables around nested functions, where they were defined."""
        self._kept: list[Scope | None] = []  # what an id in a key of the memo stands for
        self._active: list[tuple[Function, int]] = []
        self._objects: dict[Class, Instance] = {}
        self._types: dict[Class, ClassType] = {}
        self._of_types: dict[ClassType, Instance] = {}
        self.budget = Budget()
        self._modules: dict[ClassType, Instance] = {}
        self.interfaces: dict[Interface, Class] = {}
        self.history = History.ANY
        self._set_later: dict[tuple[Class, History], frozenset[str]] = {}
        self.named_tuples: dict[Class, Type] = {}
        self.refused_fields: dict[Class, Refused | None] = {}
        self.attributes: dict[Class, dict[str, Type]] = {}
        """The attributes of script classes, as far as their constructors were compiled."""
        self.failures: dict[Class, Failure | None] = {}
        """Why the script classes that were met do not compile."""
        self.observer: Callable[[Unit, n.Node, Value], None] | None = None
        """Is told the value of every expression, parameter and assigned name, where somebody wants to show them."""

    @contextmanager
    def of(self, history: History) -> Iterator[None]:
        """Compile objects of which the history is known."""
        self.history = history
        try:
            yield
        finally:
            self.history = History.ANY

    def set_later(self, instance: Instance) -> frozenset[str]:
        """Return the attributes that methods other than the constructor may have given another value."""
        if not isinstance(instance.cls, Class) or self.history is History.NEW:
            return frozenset()
        key = (instance.cls, self.history)
        if key not in self._set_later:
            methods = self.classes.methods(instance.cls)
            names = set(methods) - {"__init__"}
            if self.history is not History.ANY:
                names = _reached(_RUN, methods)
            self._set_later[key] = frozenset().union(*(methods[one].assigned_attributes for one in names))
        return self._set_later[key]

    def enclosing(self, function: Function, variable: Local) -> made.Value | None:
        """Return the value of a variable of an enclosing function that is bound once; None where it is not known."""
        if len(variable.bindings) > 1:
            return None
        around: list[Scope] = []
        if function in self.scopes:
            around.append(self.scopes[function])
        elif function.owner is not None:
            around = self.machine.evaluator.namespaces.scopes_of(function.owner)
        found = [_variable(scope, variable) for scope in around]
        alike = len({_likeness(one) for one in found}) == 1
        return found[0] if found and alike else None

    def share_scope(self, function: Function, other: Function) -> None:
        """Give a nested function that another names the variables that both have around them."""
        scope = self.scopes.get(function)
        frame = None if other.outer is None or scope is None else _activation(scope, other.outer)
        if frame is not None:
            self.scopes[other] = frame

    # Script classes

    def class_type(self, cls: Class) -> Type:
        """Return the type of the instances of a script class."""
        self.script_object(cls)
        return self._types[cls]

    def script_object(self, cls: Class) -> Instance:
        """Return what stands for `self` in the methods of a script class."""
        if cls not in self._objects:
            namesakes = sum(
                one.dotted == cls.dotted for one in self._objects
            )  # of files of one name in several folders
            self._types[cls] = ClassType(cls.dotted, instance=namesakes)
            self._objects[cls] = self._of_types[self._types[cls]] = Instance(cls, open=True)
            self.attributes[cls] = {}
        return self._objects[cls]

    def object_of(self, kind: ClassType) -> Instance | None:
        """Return what stands for `self` in the methods of a class by its type; None where the class was not met here."""
        return self._of_types.get(kind)

    def is_met(self, cls: Class) -> bool:
        """Return True if a script class was compiled on the way here."""
        return cls in self._objects

    def module_type(self, instance: Instance) -> ClassType:
        """Return the type of a module that is used as a value."""
        name = instance.cls.dotted if isinstance(instance.cls, Class) else instance.cls.name
        kind = ClassType(name, is_module=True, instance=id(instance))
        self._modules[kind] = instance
        return kind

    def module_of(self, kind: ClassType) -> Instance | None:
        """Return the module of such a type; None for other types."""
        return self._modules.get(kind)

    def is_script_object(self, instance: Instance) -> bool:
        """Return True if an instance stands for the objects of a script class."""
        return isinstance(instance.cls, Class) and self._objects.get(instance.cls) is instance

    def container_kinds(self, instance: Instance) -> frozenset[str]:
        """Return the containers of torch.nn that the class of an object is."""
        return kinds.container_names(self.machine.evaluator, instance)

    def is_active(self, function: Function, instance: Instance | None) -> bool:
        """Return True if a function is being compiled for an object: to call it is recursion."""
        return (function, id(instance)) in self._active

    def compile(self, function: Function, instance: Instance | None = None, form: Function | None = None) -> Compiled:
        """Compiles a function as a method of `instance`, once; `form` is the overload whose signature it gets."""
        of_module = instance is not None and not self.is_script_object(instance)
        scope = self.scopes.get(function)
        key = (function, id(instance), form, self.history if of_module else History.ANY, id(scope))
        if key not in self._memo:
            if not self._active:
                self.budget = Budget()
            before, steps = self._state, self.budget.steps
            with asked(function) as one:
                self._kept.append(scope)
                self._begin(key, instance)
                is_alone = instance is None and form is None and scope is None and self.observer is None
                if is_alone and before == self._state and self.budget.is_leaf(steps):
                    one.question, one.answer = "compile", self._memo[key].answer
            if self.budget.is_tight:
                for of, *_ in self._memo:
                    of.node.is_read = True  # its length decides what is followed
        return self._memo[key]

    def _begin(self, key: _Key, instance: Instance | None) -> None:
        """Compile a function, which is remembered from the beginning: it may call itself."""
        function, _, form, *_ = key
        report = Report()
        # What is compiled for an object takes the object for its first parameter, a static forward or a function
        # too; a method by itself takes a tensor.
        bound = instance is not None
        read = signature.of_function(self, form or function, bound, report)
        if function.node.name == "__setstate__" and instance is not None:
            read = self._with_state(read, instance)
        compiled = Compiled(read, read.returns or Unknown(f"`{function.qualname}` calls itself"))
        if len(self._active) >= _DEEPEST:
            raise Spent(f"calls that are nested more than {_DEEPEST} deep")
        nested = self.budget.nested
        self._memo[key] = compiled
        self._active.append((function, id(instance)))
        try:
            self._run(Unit(self, function, instance, read, report), compiled, is_form=form is not None)
        except BaseException:
            del self._memo[key]  # half of a function would pass for all of it
            raise
        finally:
            self._active.pop()
            self.budget.nested = nested

    def _run(self, unit: Unit, compiled: Compiled, *, is_form: bool) -> None:
        """Compile a function, and put what is found into `compiled`."""
        try:
            if not is_form:
                undefined.check(unit)
            compiled.returns = unit.run()
            compiled.diagnostics = unit.report.diagnostics
        except Spent as spent:
            unit.unknowns.append(str(spent))
        compiled.callees = unit.callees
        compiled.excluded = unit.excluded
        compiled.unknowns = unit.unknowns
        compiled.assumptions = unit.assumptions
        compiled.needs = unit.needs

    @property
    def _state(self) -> tuple[int, ...]:
        """What changes when compiling a function leaves more behind than what it gave."""
        met: tuple[Sized, ...] = (
            self._objects,
            self._modules,
            self.interfaces,
            self.named_tuples,
            self.attributes,
            self.failures,
            self.refused_fields,
        )
        return (*map(len, met), self.machine.evaluator.namespaces.executed)

    def forms(self, function: Function, instance: Instance | None) -> list[Function]:
        """Return the overloads of a function; those of a method hold for objects of the very class that declares them."""
        if function.owner is not None and (instance is None or instance.cls is not function.owner):
            return []
        return self.declared_forms(function)

    def declared_forms(self, function: Function) -> list[Function]:
        """Return the overloads that are declared beside a function."""
        return overloads(function, self.project)

    def interface(self, kind: Interface) -> Class | None:
        """Return the class that declares an interface, where it was met."""
        return self.interfaces.get(kind)

    def _with_state(self, read: Signature, instance: Instance) -> Signature:
        """Return the signature of `__setstate__`: without an annotation it takes what `__getstate__` gives (extractSchemaFromDef)."""
        if len(read.params) != 1 or read.params[0].type is not INFERRED_TENSOR or not isinstance(instance.cls, Class):
            return read
        method = self.classes.method(instance.cls, "__getstate__")
        state = Unknown("a state") if method is None else self.compile(method, instance).returns
        return Signature((Param(read.params[0].name, state, default=read.params[0].default),), read.returns)


def _activation(scope: Scope | None, outer: Function) -> Frame | None:
    """Return the activation of an enclosing function among those around a definition."""
    while isinstance(scope, Frame) and scope.place is not outer:
        scope = scope.outer
    return scope if isinstance(scope, Frame) else None


def _variable(scope: Scope, variable: Local) -> made.Value | None:
    frame = _activation(scope, variable.function)
    return None if frame is None else frame.variables.get(variable.name)


def _likeness(value: made.Value | None) -> object:
    """Return what two values of a variable have in common where they are the same to the compiler."""
    match value:
        case made.Const():
            return type(value.value)
        case made.Items() | made.Mapping() | made.TensorValue():
            return type(value)
        case made.FunctionValue():
            return value.function
        case made.ExternalValue(receiver=None):
            return value.name
        case made.ClassValue():
            return value.symbol
        case _:
            return id(value)


# What people do to a model before they script it: call it, and give it a mode, a device or a precision.
_RUN = ("forward", "__call__", "train", "eval", "to", "cuda", "cpu", "half", "float", "_apply")


def _reached(names: Iterable[str], methods: Mapping[str, Function]) -> set[str]:
    """Return the methods that a call of some may run: those they mention, and those that these mention."""
    found: set[str] = set()
    pending = list(names)
    while pending:
        one = pending.pop()
        if one in methods and one not in found:
            found.add(one)
            body = walk_scope(methods[one].node.body)
            pending += [node.attr for node in body if isinstance(node, n.Attribute)]
    return found
