"""What is compiled, and why (compile-errors.md section 2; torch/jit/_recursive.py).

From an object: its forward, exports and properties, those of every submodule, and from there whatever inference met where
it compiled them: methods of `self` and of submodules, functions of any file, classes that are constructed.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from msgspec import Struct

from scriptlint.diag import Span, Step
from scriptlint.evaluate.values import Compiled as CompiledValue
from scriptlint.evaluate.values import (
    Const,
    FunctionValue,
    Held,
    Instance,
    LambdaValue,
    PythonObject,
    Unknown,
    both,
    flatten,
)
from scriptlint.fixes.hooks import PREPARE
from scriptlint.program.classes import Member
from scriptlint.program.decorators import Kind, decoration, overloads, replacement
from scriptlint.program.module import Class, Function
from scriptlint.program.project import External
from scriptlint.program.scopes import Binding
from scriptlint.script import properties
from scriptlint.script.infer import hooks, script_classes
from scriptlint.script.infer.classes import kind_of
from scriptlint.script.infer.compiler import Callee, Compiler
from scriptlint.syntax import nodes as n

# What a class answers for itself, so that a property of that name is not found on it.
_OF_TYPES = frozenset(name for name, value in vars(type).items() if hasattr(value, "__set__")) - {"__doc__"}


# How deep modules are nested that are looked at, and the calls in them.
_DEEPEST = 200


class Unit(Struct, frozen=True, eq=False):
    """One compiled function: the object it is a method of, how it is reached, and the condition under which it is.

    `used` says whether somebody uses what the call that reaches it gives back; `form` is the overload whose signature it has.
    """

    function: Function
    instance: Instance | None
    trail: tuple[Step, ...] = ()
    when: str | None = None
    used: bool = True
    form: Function | None = None


class Reach:
    """Collects the units of one root. `units` are in the order in which they are found."""

    def __init__(self, compiler: Compiler) -> None:
        self.compiler = compiler
        self.classes = compiler.classes
        self.project = compiler.project
        self.units: list[Unit] = []
        self.unseen: list[str] = []
        self.modules: set[Class] = set()
        self.excluded: set[Function] = set()  # called from compiled code, but kept out by ignore or unused
        self._seen: dict[tuple[Function, Instance | None, Function | None], int] = {}
        self.objects: dict[Instance, tuple[tuple[Step, ...], str | None]] = {}
        self._prepares = False  # True if `__prepare_scriptable__` could not be followed
        self.annotations: dict[Span, Class] = {}  # those that have a class compiled
        self.used: set[Class] = set()  # classes whose methods are called, or whose objects are made
        self.script_classes: dict[Class, tuple[tuple[Step, ...], str | None]] = {}

    # Objects

    def root(self, instance: Instance, trail: tuple[Step, ...] = (), when: str | None = None) -> Instance:
        """The compiler is given a module; return what it compiles, which `__prepare_scriptable__` may have changed."""
        if not any(self._prepare(one) for one in instance.below()):
            self.module(instance, trail, when)
            return instance
        prepared = self.compiler.machine.prepared(instance, self._prepare)
        self._prepares = prepared is None
        self.module(prepared or instance, trail, when)
        return prepared or instance

    def _prepare(self, instance: Instance) -> Function | None:
        return self.classes.method(instance.cls, PREPARE) if isinstance(instance.cls, Class) else None

    def module(self, instance: Instance, trail: tuple[Step, ...] = (), when: str | None = None) -> None:
        """A module and all that hangs below it is compiled."""
        if self._is_known(instance, when):
            return
        if len(trail) > _DEEPEST:
            self.unseen.append(f"modules that are nested more than {_DEEPEST} deep")
            return
        self.objects[instance] = (trail, when)
        if self._prepares and self._prepare(instance) is not None:
            self.unseen.append(f"what `{instance.class_name}.{PREPARE}` gives")
            return
        if isinstance(instance.cls, Class):
            self.modules.update(self.classes.lineage(instance.cls).classes)
            replaced = [one for held in instance.held("forward") for one in flatten(held)]
            for option in replaced:
                if isinstance(option.value, FunctionValue):
                    self.compiler.form_checks.hooks.add(option.value.function)
                    self.function(Unit(option.value.function, instance, trail, both(when, option.when)))
                elif not isinstance(option.value, PythonObject):  # which is left to Python
                    self.unseen.append(f"`forward` of `{instance.class_name}`, which is set from outside")
            for function, form in self.entries(instance.cls):
                if not replaced or function.node.name != "forward":
                    self.function(Unit(function, instance, trail, when, form=form))
            if not replaced:
                self._bound_forward(instance, instance.cls, trail, when)
            forward = self.classes.method(instance.cls, "forward")
            instead = None if forward is None or replaced else replacement(forward, self.project)
            if forward is not None and instead is not None and (instead.node.args.vararg or instead.node.args.kwarg):
                self.function(Unit(instead, None, (*trail, replaced_by(forward, instead)), when))
        for hook in hooks.functions(instance):
            self.compiler.form_checks.hooks.add(hook)
            self.function(Unit(hook, instance, trail, when))
        for name, held in list(instance.submodules()):
            inner = held.value
            if isinstance(inner, Instance) and not self._is_plain(inner):
                inner_when = both(when, held.when)
                if not self._is_known(inner, inner_when):
                    self.module(inner, (*trail, *self._submodule_step(instance, name, held)), inner_when)

    def _bound_forward(self, instance: Instance, cls: Class, trail: tuple[Step, ...], when: str | None) -> None:
        """Compile the `forward` that a statement of the class body binds, as `forward = function` does."""
        found = self.classes.member(cls, "forward")
        if not isinstance(found, Member) or isinstance(found.value, Function) or found.value.value is None:
            return
        if self.classes.method(cls, "forward") is not None:
            return
        if found.owner.outer is not None:  # every call of the function around it makes another class
            self.unseen.append(f"`forward` of `{instance.class_name}`, which the function around the class is given")
            return
        evaluator = self.compiler.machine.evaluator
        value = evaluator.resolved(evaluator.namespaces.class_variable(found.owner, "forward"))
        if isinstance(value, FunctionValue):
            self.compiler.form_checks.hooks.add(value.function)
            self.function(Unit(value.function, instance, trail, when))
        elif isinstance(value, (Unknown, LambdaValue)):
            self.unseen.append(f"`forward` of `{instance.class_name}`, which is no method of the class")

    def lacks(self, name: str) -> bool:
        """Return True if surely no module of the class `name` is compiled along, so that the name is no type."""
        return self._named is not None and name not in self._named

    @cached_property
    def _named(self) -> frozenset[str] | None:
        """The classes of the root and of all that it surely is made of; None where it may hold others."""
        found: set[str] = set()
        root = next(iter(self.objects), None)
        if root is None:
            return None
        for one in root.below():
            known = self.compiler.library.module(one.foreign.name) if one.foreign is not None else None
            layers = known is not None and any(held.kind == "module" for held in known.held.values())
            values = [option.value for held in one.attributes.values() for whole in held for option in flatten(whole)]
            opened = one.open and (isinstance(one.cls, Class) or bool(self.compiler.container_kinds(one)))
            if one.hidden or opened or layers or any(isinstance(value, (Unknown, CompiledValue)) for value in values):
                return None
            found.add(one.cls.dotted if isinstance(one.cls, Class) else self.compiler.library.canonical(one.cls.name))
        return frozenset(found)

    def _is_plain(self, instance: Instance) -> bool:
        """Whether an object is surely no module: it becomes a value, or an attribute that nothing can use."""
        return isinstance(instance.cls, Class) and self.classes.is_module(instance.cls) is False

    def _is_known(self, instance: Instance, when: str | None) -> bool:
        """Return True if a module was met already, and not only under a condition that now is gone."""
        return instance in self.objects and (when is not None or self.objects[instance][1] is None)

    def _submodule_step(self, instance: Instance, name: str, held: Held) -> list[Step]:
        if held.span is None or not isinstance(instance.cls, Class):
            return []
        kind = held.value.class_name if isinstance(held.value, Instance) else "module"
        return [Step(f"`{instance.class_name}` holds a `{kind}` as `self.{name}`", held.span)]

    def entries(self, cls: Class) -> Iterator[tuple[Function, Function | None]]:
        """Yield the methods that are compiled because the object is: forward, exports, properties and all forms of overloads."""
        unused = self._unused_properties(cls)
        for name, function in self.classes.methods(cls).items():
            marks = decoration(function, self.project)
            forms = overloads(function, self.project) if function.owner is cls and marks.compiled is True else []
            if forms:
                yield from ((function, form) for form in forms)
            elif marks.kind is Kind.PROPERTY:
                if name not in unused and name not in _OF_TYPES:
                    yield from ((one, None) for one in self._accessors(function))
            elif any(one.name == "abc.abstractmethod" for one in marks.others) and self._is_abstract(cls):
                continue  # there is no object of this very class
            elif marks.compiled is True and (name == "forward" or marks.jit == "export"):
                yield function, None
        for owner, accessor in properties.made(cls, self.classes):
            method = owner.functions.get(accessor.id) if isinstance(accessor, n.Name) else None
            if method is not None and decoration(method, self.project).jit not in ("unused", "drop"):
                yield method, None
        forward = self.classes.member(cls, "forward")
        if isinstance(forward, Member) and not isinstance(forward.value, Function):
            method = self.classes.method(cls, "forward")
            if method is not None:
                yield method, None
        elif isinstance(forward, External):
            yield from ((one, None) for one in self._called_by_torch(cls, forward))

    def _called_by_torch(self, cls: Class, parent: External) -> Iterator[Function]:
        """Yield the methods of a class that take the place of those which the forward of its parent in torch calls."""
        known = self.compiler.library.module(parent.name)
        methods = self.classes.methods(cls)
        for name in known.methods if known is not None else ():
            if name != "forward" and name in methods and decoration(methods[name], self.project).compiled is True:
                yield methods[name]

    def _is_abstract(self, cls: Class) -> bool:
        """Return True if abstract methods keep a class from being built, which a class that knows nothing of `abc` does not mind."""
        lineage = self.classes.lineage(cls)
        metaclass = any(keyword.arg == "metaclass" for one in lineage.classes for keyword in one.node.keywords)
        return bool(lineage.unseen) or metaclass or External("abc.ABC") in lineage.entries

    def _accessors(self, getter: Function) -> Iterator[Function]:
        """Yield the getter and the setter of a property."""
        for function in getter.module.functions.values():
            if function.owner is getter.owner and function.node.name == getter.node.name:
                marks = decoration(function, self.project)
                if marks.kind in (Kind.PROPERTY, Kind.SETTER) and marks.compiled is True:
                    yield function

    def _unused_properties(self, cls: Class) -> set[str]:
        found = self.classes.member(cls, "__jit_unused_properties__")
        value = found.value.value if isinstance(found, Member) and isinstance(found.value, Binding) else None
        items = value.elts if isinstance(value, (n.List, n.Tuple)) else []
        return {str(item.value) for item in items if isinstance(item, n.Constant)}

    def script_class(self, cls: Class, trail: tuple[Step, ...], when: str | None) -> None:
        """All methods of a class that is scripted by itself are compiled."""
        if kind_of(self.compiler, cls) != "class":
            return
        self.script_classes.setdefault(cls, (trail, when))
        instance = self.compiler.script_object(cls)
        for function in script_classes.methods(self.compiler, cls):
            self.function(Unit(function, instance, trail, when))

    # Functions

    def function(self, unit: Unit) -> None:
        """A function is compiled, and whatever its code evaluates.

        One that is reached twice keeps the way that holds without a condition, and is used if any call uses it.
        """
        key = (unit.function, unit.instance, unit.form)
        before = self._seen.get(key)
        if before is not None:
            known = self.units[before]
            now_certain = known.when is not None and unit.when is None
            if now_certain:
                unit = Unit(unit.function, unit.instance, unit.trail, None, unit.used or known.used, unit.form)
            elif unit.used and not known.used:
                unit = Unit(known.function, known.instance, known.trail, known.when, form=known.form)
            else:
                return
            self.units[before] = unit
            if not now_certain:
                return  # what it reaches is known, with the same condition
        else:
            self._seen[key] = len(self.units)
            self.units.append(unit)
        compiled = self.compiler.compile(unit.function, unit.instance, unit.form)
        self.excluded |= compiled.excluded
        for callee in compiled.callees:
            step = self._step(unit, callee)
            when = both(unit.when, callee.when)
            trail = (*unit.trail, step)
            self.function(Unit(callee.function, callee.instance, trail, when, callee.used, callee.form))

    def _step(self, unit: Unit, callee: Callee) -> Step:
        """Return how a unit leads to a function, and note what its class is used for."""
        span = unit.function.module.span(callee.node)
        cls, name = callee.function.owner, callee.function.qualname
        if cls is not None and callee.by == "annotation":
            self.annotations[span] = cls
            return Step(f"`{unit.function.qualname}` takes `{cls.qualname}`, so `{name}` is compiled", span)
        if cls is not None and unit.function.owner is not cls:
            self.used.add(cls)
        return Step(f"`{unit.function.qualname}` calls `{name}`", span)


def replaced_by(function: Function, instead: Function) -> Step:
    """Return how a function leads to the one that its decorator made."""
    name = function.node.name
    why = f"the decorator of `{name}` returns `{instead.node.name}`, and has no `functools.wraps` that leads back"
    return Step(why, function.name_span)


def entry_instances(held: Held) -> Iterator[Held]:
    """Yield the objects among the options of a value that is compiled; what was compiled before is looked through."""
    for option in flatten(held):
        value = option.value
        if isinstance(value, CompiledValue):
            if value.how == "script":
                yield from entry_instances(Held(value.inner, option.when))
        elif not isinstance(value, Const):
            yield option
