"""What is compiled, and why (compile-errors.md section 2; torch/jit/_recursive.py).

From an object: its forward, exports and properties, those of every submodule, and from there whatever an expression
that is not pruned evaluates: methods of `self` and of submodules, functions of any file, classes that are constructed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scriptlint.diag import Span, Step
from scriptlint.instances.frames import condition_text, negate
from scriptlint.instances.machine import Machine
from scriptlint.instances.values import Compiled, Const, FunctionValue, Held, Instance, both, flatten
from scriptlint.program.classes import Member
from scriptlint.program.decorators import Kind, decoration
from scriptlint.program.module import Class, Function
from scriptlint.program.project import External
from scriptlint.script.conditions import Static, is_self, static
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import children

# Bases that make a class something else than a script class when it is called.
_NOT_SCRIPT_CLASSES = frozenset(
    {
        "enum.Enum",
        "enum.IntEnum",
        "enum.Flag",
        "typing.NamedTuple",
        "torch.autograd.Function",
        "torch.autograd.function.Function",
    }
)


@dataclass(frozen=True, eq=False)
class Unit:
    """One compiled function: the object it is a method of, how it is reached, and the condition under which it is.

    `used` says whether somebody uses what the call that reaches it gives back.
    """

    function: Function
    instance: Instance | None
    trail: tuple[Step, ...] = ()
    when: str | None = None
    used: bool = True


@dataclass(frozen=True)
class _Place:
    unit: Unit
    when: str | None
    variables: dict[str, list[Held]]
    used: bool = True


class Reach:
    """Collects the units of one root. `units` are in the order in which they are found."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.classes = machine.classes
        self.project = machine.project
        self.units: list[Unit] = []
        self.unseen: list[str] = []
        self.modules: set[Class] = set()
        self.excluded: set[Function] = set()  # called from compiled code, but kept out by ignore or unused
        self._seen: dict[tuple[Function, Instance | None], int] = {}
        self.objects: dict[Instance, tuple[tuple[Step, ...], str | None]] = {}
        self._script_objects: dict[Class, Instance] = {}  # one object stands for all of a script class

    # Objects

    def module(self, instance: Instance, trail: tuple[Step, ...] = (), when: str | None = None) -> None:
        """A module and all that hangs below it is compiled."""
        if instance in self.objects and (when is not None or self.objects[instance][1] is None):
            return
        self.objects[instance] = (trail, when)
        if isinstance(instance.cls, Class) and "__prepare_scriptable__" in self.classes.methods(instance.cls):
            self.unseen.append(f"what `{instance.class_name}.__prepare_scriptable__` gives")
            return
        if isinstance(instance.cls, Class):
            self.modules.update(self.classes.lineage(instance.cls).classes)
            replaced = [one for held in instance.held("forward") for one in flatten(held)]
            for option in replaced:
                if isinstance(option.value, FunctionValue):
                    self.function(Unit(option.value.function, instance, trail, both(when, option.when)))
            for function in self.entries(instance.cls):
                if not replaced or function.node.name != "forward":
                    self.function(Unit(function, instance, trail, when))
        for name, held in list(instance.submodules()):
            inner = held.value
            if isinstance(inner, Instance):
                self.module(inner, (*trail, *self._submodule_step(instance, name, held)), both(when, held.when))

    def _submodule_step(self, instance: Instance, name: str, held: Held) -> list[Step]:
        if held.span is None or not isinstance(instance.cls, Class):
            return []
        kind = held.value.class_name if isinstance(held.value, Instance) else "module"
        return [Step(f"`{instance.class_name}` holds a `{kind}` as `self.{name}`", held.span)]

    def entries(self, cls: Class) -> Iterator[Function]:
        """The methods that are compiled because the object is: forward, exports and properties."""
        unused = self._unused_properties(cls)
        for name, function in self.classes.methods(cls).items():
            marks = decoration(function, self.project)
            if marks.kind is Kind.PROPERTY:
                if name not in unused:
                    yield from self._accessors(function)
            elif any(one.name == "abc.abstractmethod" for one in marks.others):
                continue  # there is no object of this very class
            elif marks.compiled is True and (name == "forward" or marks.jit == "export"):
                yield function
        aliased = self.classes.member(cls, "forward")
        if isinstance(aliased, Member) and not isinstance(aliased.value, Function):
            method = self.classes.method(cls, "forward")
            if method is not None:
                yield method

    def _accessors(self, getter: Function) -> Iterator[Function]:
        """The getter and the setter of a property."""
        for function in getter.module.functions.values():
            if function.owner is getter.owner and function.node.name == getter.node.name:
                marks = decoration(function, self.project)
                if marks.kind in (Kind.PROPERTY, Kind.SETTER) and marks.compiled is True and not marks.others:
                    yield function

    def _unused_properties(self, cls: Class) -> set[str]:
        found: set[str] = set()
        for one in self.classes.lineage(cls).classes:
            for binding in one.scope.bindings.get("__jit_unused_properties__", ()):
                if isinstance(binding.value, (n.List, n.Tuple)):
                    found |= {str(item.value) for item in binding.value.elts if isinstance(item, n.Constant)}
        return found

    def script_class(self, cls: Class, trail: tuple[Step, ...], when: str | None) -> None:
        """All methods of a class that compiled code constructs are compiled."""
        lineage = self.classes.lineage(cls)
        names = {one.name for one in lineage.entries if isinstance(one, External)}
        if lineage.unseen or names & _NOT_SCRIPT_CLASSES or any("Exception" in one or "Error" in one for one in names):
            return
        if self.classes.is_module(cls) is not False or names - {"builtins.object"}:
            return
        if decoration(cls, self.project).others:
            return
        for function in cls.functions.values():
            if decoration(function, self.project).jit not in ("unused", "drop"):
                instance = self._script_objects.setdefault(cls, Instance(cls, open=True))
                self.function(Unit(function, instance, trail, when))

    # Functions

    def function(self, unit: Unit) -> None:
        """A function is compiled, and whatever it evaluates."""
        key = (unit.function, unit.instance)
        before = self._seen.get(key)
        if before is not None:
            known = self.units[before]
            now_certain = known.when is not None and unit.when is None
            if now_certain:
                unit = Unit(unit.function, unit.instance, unit.trail, None, unit.used or known.used)
            elif unit.used and not known.used:
                unit = Unit(known.function, known.instance, known.trail, known.when)
            else:
                return
            self.units[before] = unit
            if not now_certain:
                return  # what it reaches is known, with the same condition
        else:
            self._seen[key] = len(self.units)
            self.units.append(unit)
        self._block(unit.function.node.body, _Place(unit, unit.when, {}))

    # Statements: each says whether control never gets behind it, for then the compiler emits nothing that follows

    def _block(self, body: list[n.Stmt], place: _Place) -> bool:
        return any(self._statement(statement, place) for statement in body)

    def _static(self, test: n.Expr, place: _Place) -> Static:
        return static(test, place.unit.function, place.unit.instance, self.classes)

    def _statement(self, node: n.Stmt, place: _Place) -> bool:
        match node:
            case n.If():
                self._expression(node.test, place)
                return self._branches(node.test, node.body, node.orelse, place)
            case n.For():
                self._expression(node.iter, place)
                inner = {**place.variables, **dict(self._iterated(node.target, node.iter, place))}
                below = _Place(place.unit, place.when, inner)
                self._block(node.body, below)
                self._block(node.orelse, below)
            case n.While():
                self._expression(node.test, place)
                self._block(node.body, place)
            case n.With():
                for item in node.items:
                    self._expression(item.context, place)
                return self._block(node.body, place)
            case n.Assign(targets=[n.Name(id=name)]):
                self._expression(node.value, place)
                # A variable that is given two objects is not followed.
                objects = [] if name in place.variables else self._objects_of(node.value, place)
                place.variables[name] = objects
            case n.ExprStmt():
                self._expression(node.value, _Place(place.unit, place.when, place.variables, used=False))
            case n.AnnAssign():
                if node.value is not None:
                    self._expression(node.value, place)
            case n.FunctionDef() | n.ClassDef() | n.Try() | n.Match():
                pass  # refused as they stand; what is inside them is never reached
            case _:
                for child in children(node):
                    self._expression(child, place)
                return isinstance(node, (n.Return, n.Raise, n.Break, n.Continue))
        return False

    def _branches(self, test: n.Expr, body: list[n.Stmt], orelse: list[n.Stmt], place: _Place) -> bool:
        known = self._static(test, place)
        body_ends = else_ends = True
        if known is not Static.FALSE:
            body_ends = self._block(body, self._under(test, place, known, positive=True))
        if known is not Static.TRUE:
            else_ends = self._block(orelse, self._under(test, place, known, positive=False))
        return body_ends and else_ends

    def _under(self, test: n.Expr, place: _Place, known: Static, positive: bool) -> _Place:
        if known is not Static.MAYBE:
            return place
        text = condition_text(place.unit.function.module.text(test))
        return _Place(place.unit, both(place.when, text if positive else negate(text)), place.variables, place.used)

    def _iterated(self, target: n.Expr, node: n.Expr, place: _Place) -> Iterator[tuple[str, list[Held]]]:
        """The variables of a loop over submodules, and the objects that each may stand for."""
        if isinstance(target, n.Tuple) and isinstance(node, n.Call):
            name = node.func.id if isinstance(node.func, n.Name) else ""
            if name == "enumerate" and len(target.elts) == 2 and node.args:
                yield from self._iterated(target.elts[1], node.args[0], place)
            elif name == "zip" and len(target.elts) == len(node.args):
                for one, argument in zip(target.elts, node.args, strict=True):
                    yield from self._iterated(one, argument, place)
            elif isinstance(node.func, n.Attribute) and node.func.attr in ("items", "named_children"):
                yield from self._iterated(target.elts[-1], node.func.value, place)
        elif isinstance(target, n.Name):
            if isinstance(node, n.Call) and isinstance(node.func, n.Attribute):
                node = node.func.value if node.func.attr in ("values", "children") else node
            owners = [one for one in self._objects_of(node, place) if isinstance(one.value, Instance)]
            children_of = [(owner, one) for owner in owners for one in _children(owner)]
            yield target.id, [Held(one.value, both(owner.when, one.when), one.span) for owner, one in children_of]

    def _objects_of(self, node: n.Expr, place: _Place) -> list[Held]:
        """The objects that a name or attribute of compiled code may stand for."""
        if isinstance(node, n.Name):
            if is_self(node, place.unit.function):
                return [] if place.unit.instance is None else [Held(place.unit.instance)]
            return place.variables.get(node.id, [])
        if isinstance(node, n.Attribute):
            found: list[Held] = []
            for owner in self._objects_of(node.value, place):
                if isinstance(owner.value, Instance):
                    for held in owner.value.held(node.attr):
                        found += [Held(one.value, both(owner.when, one.when), one.span) for one in flatten(held)]
            return found
        if isinstance(node, n.Subscript) and isinstance(node.slice, n.Constant):
            key = str(node.slice.value)
            owners = [one for one in self._objects_of(node.value, place) if isinstance(one.value, Instance)]
            return [
                Held(one.value, both(owner.when, one.when), one.span)
                for owner in owners
                for one in _children(owner, key)
            ]
        return []

    def _expression(self, node: n.Node, place: _Place) -> None:
        match node:
            case n.IfExp():
                self._expression(node.test, place)
                known = self._static(node.test, place)
                if known is not Static.FALSE:
                    self._expression(node.body, self._under(node.test, place, known, positive=True))
                if known is not Static.TRUE:
                    self._expression(node.orelse, self._under(node.test, place, known, positive=False))
            case n.Attribute():
                self._attribute(node, place)
            case n.Name():
                self._name(node, place)
            case n.Call():
                self._expression(node.func, place)
                inner = _Place(place.unit, place.when, place.variables)
                for argument in (*node.args, *(one.value for one in node.keywords)):
                    self._expression(argument, inner)
            case n.Lambda():
                return
            case _:
                inner = _Place(place.unit, place.when, place.variables)
                for child in children(node):
                    self._expression(child, inner)

    def _attribute(self, node: n.Attribute, place: _Place) -> None:
        owners = [one for one in self._objects_of(node.value, place) if isinstance(one.value, Instance)]
        for owner in owners:
            self._member(node, owner, place)
        if owners:
            if not isinstance(node.value, n.Name):
                self._expression(node.value, place)
            return
        symbol = self.project.resolve(node, place.unit.function)
        if isinstance(symbol, (Function, Class)):
            self._symbol(symbol, node, place)
        elif not isinstance(node.value, n.Name):
            self._expression(node.value, place)

    def _member(self, node: n.Attribute, owner: Held, place: _Place) -> None:
        instance = owner.value
        assert isinstance(instance, Instance)
        for held in instance.held(node.attr):
            for option in flatten(held):
                if isinstance(option.value, FunctionValue) and option.value.bound is None:
                    self._reached(option.value.function, None, node, place, both(owner.when, option.when))
        if instance.held(node.attr) or not isinstance(instance.cls, Class):
            return
        method = self.classes.method(instance.cls, node.attr)
        if method is not None:
            static_method = decoration(method, self.project).kind is Kind.STATIC
            self._reached(method, None if static_method else instance, node, place, owner.when)

    def _name(self, node: n.Name, place: _Place) -> None:
        symbol = self.project.resolve(node, place.unit.function)
        if isinstance(symbol, (Function, Class)):
            self._symbol(symbol, node, place)

    def _symbol(self, symbol: Function | Class, node: n.Expr, place: _Place) -> None:
        if isinstance(symbol, Function):
            if symbol.outer is None:
                self._reached(symbol, None, node, place, None)
        elif self.classes.is_module(symbol) is False:
            step = Step(f"`{place.unit.function.qualname}` uses `{symbol.node.name}`", self._span(node, place))
            self.script_class(symbol, (*place.unit.trail, step), place.when)

    def _reached(
        self, function: Function, bound: Instance | None, node: n.Expr, place: _Place, when: str | None
    ) -> None:
        marks = decoration(function, self.project)
        if marks.compiled is not True:
            if marks.jit in ("ignore", "unused", "drop"):
                self.excluded.add(function)
            return
        step = Step(f"`{place.unit.function.qualname}` calls `{function.qualname}`", self._span(node, place))
        condition = both(place.when, when)
        self.function(Unit(function, bound, (*place.unit.trail, step), condition, place.used))

    def _span(self, node: n.Node, place: _Place) -> Span:
        return place.unit.function.module.span(node)


def _children(owner: Held, only: str | None = None) -> Iterator[Held]:
    """The submodules of an object, or the one of a name."""
    if isinstance(owner.value, Instance):
        yield from (held for name, held in owner.value.submodules() if only in (None, name))


def entry_instances(held: Held) -> Iterator[Held]:
    """The objects among the options of a value that is compiled; what was compiled before is looked through."""
    for option in flatten(held):
        value = option.value
        if isinstance(value, Compiled):
            if value.how == "script":
                yield from entry_instances(Held(value.inner, option.when))
        elif not isinstance(value, Const):
            yield option
