"""The evaluator: statements, functions and objects of Python, evaluated without being run.

Expressions are in `expressions`, calls in `calls`; what is not Python's own is asked of the `domain`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from scriptlint.diag import Span
from scriptlint.evaluate import (
    attributes,
    binding,
    branching,
    calls,
    classes,
    comparisons,
    containers,
    exceptions,
    expressions,
    matching,
    methods,
    operators,
    symbols,
)
from scriptlint.evaluate.arguments import Arguments, hide
from scriptlint.evaluate.frames import End, Exhausted, Frame, Raised
from scriptlint.evaluate.imports import Namespaces
from scriptlint.evaluate.path import Path
from scriptlint.evaluate.values import (
    ClassValue,
    Const,
    FunctionValue,
    GeneratedInit,
    Held,
    Instance,
    Items,
    Mapping,
    Symbol,
    TensorValue,
    Unknown,
    Value,
)
from scriptlint.program.classes import Classes, Member
from scriptlint.program.decorators import Kind, decoration
from scriptlint.program.module import Class, Function
from scriptlint.program.project import Place, Project
from scriptlint.syntax import nodes as n
from scriptlint.torchlib.library import Library

if TYPE_CHECKING:
    from scriptlint.evaluate.domain import Domain

_DEPTH = 64
_RECURSION = 24
_ROUNDS = 4096
_NESTED_ROUNDS = 2048  # of the loops inside a loop, all together
_UNDECIDED_ROUNDS = 2


class Evaluator:
    """Evaluates along one path at a time; `steps` is what is left of its budget.

    The domain answers for what is not Python: constructors and functions of packages that are not followed. `namespaces`
    are those of another evaluator, whose domain then answers while files are executed.
    """

    def __init__(
        self,
        project: Project,
        classes: Classes,
        library: Library,
        domain: Domain,
        namespaces: Namespaces | None = None,
    ) -> None:
        self.project = project
        self.classes = classes
        self.library = library
        self.domain = domain
        self.namespaces = namespaces or Namespaces(self)
        self.path = Path()
        self.steps = 0
        self.active: list[Function] = []
        self._lambdas = 0  # how many are being called
        self.lenient = False
        """Whether a function that raises after a guess, and that nothing around it expects to, returns what is not known."""
        self.guarded = 0  # how many blocks are being evaluated whose exceptions are handled
        self.expected = 0  # how many blocks are being evaluated that a test expects to fail
        self.undecorated: dict[Function, Value] = {}
        """What a function gave when what wraps it called it."""
        self.called: set[tuple[Function, Place]] = set()
        """The functions that were called, and where."""

    @contextmanager
    def running(self, path: Path, steps: int) -> Iterator[None]:
        """Evaluate inside of this block along a path, with a budget of its own."""
        before = self.path, self.steps, self.active
        self.path, self.steps, self.active = path, steps, []
        try:
            yield
        finally:
            path.steps += steps - self.steps
            self.path, self.steps, self.active = before

    def spend(self, steps: int = 1) -> None:
        """Take steps from the budget; raise Exhausted where none are left."""
        self.steps -= steps
        if self.steps <= 0:
            raise Exhausted

    # Functions and objects

    def call_function(
        self, value: FunctionValue, given: Arguments, node: n.Node | None = None, frame: Frame | None = None
    ) -> Value:
        """Return what a function of the source returns, its decorators apart."""
        function, bound = value.function, value.bound
        again = self.active.count(function)
        # A call of itself with nothing known repeats what the call around it found out.
        lost = again and given.all() and all(isinstance(self.resolved(one), Unknown) for one in given.all())
        if lost or again > _RECURSION or len(self.active) >= _DEPTH:
            hide(self, Arguments([bound, *given.positional] if bound else given.positional, given.keywords))
            return Unknown(f"`{function.node.name}`, which calls itself")
        if function.node.is_async:
            return Unknown("a coroutine")
        outer = value.scope if isinstance(value.scope, Frame) else None
        owner = function.owner or (outer.owner if outer is not None else None)
        new = Frame(function, outer=outer, owner=owner)
        if function.owner is None and outer is not None:
            new.receiver = outer.receiver
        elif isinstance(bound, (Instance, ClassValue)):
            new.receiver = bound
        new.variables.update(binding.bind(self, value, given, node, frame))
        if new.receiver is None and owner is not None and function.node.name == "__new__":
            first = self.resolved(next(iter(new.variables.values()), Unknown()))
            new.receiver = first if isinstance(first, ClassValue) else None
        if function.is_generator:
            new.yields = []
        self.active.append(function)
        guesses = self.path.guesses
        try:
            self.block(function.node.body, new)
        except Raised as error:
            is_definite = self.path.guesses == guesses or function.node.name == "__init__"
            if not self.lenient or self.guarded or is_definite:
                raise
            hide(self, Arguments([bound, *given.positional] if bound else given.positional, given.keywords))
            return Unknown(f"`{function.node.name}`, where `{error.name}` is raised as far as it is followed")
        finally:
            self.active.pop()
        result: Value = Const(None) if new.returned is None else new.returned
        if new.yields is not None:
            result = Items("iterator", new.yields)
        if value.is_plain:
            self.undecorated[function] = result
        return result

    def construct(
        self,
        value: ClassValue,
        given: Arguments,
        node: n.Node | None = None,
        frame: Frame | None = None,
        is_plain: bool = False,
    ) -> Value:
        """Return the object that a class of the source makes; `is_plain` leaves its metaclass out."""
        cls = value.symbol
        self.namespaces.prepare(cls)
        maker = None if is_plain else classes.metaclass(self, cls)
        called = self.classes.method(maker.symbol, "__call__") if isinstance(maker, ClassValue) else None
        if called is not None:
            return self.call_function(FunctionValue(called, value), given, node, frame)
        special = classes.special(self, value, given, node, frame)
        if special is not None:
            return special
        site = frame.module.span(node) if frame is not None and node is not None else None
        creator = self.classes.member(cls, "__new__")
        instance: Value = Instance(cls, site, is_plain=self.classes.is_module(cls) is False)
        if isinstance(creator, Member) and isinstance(creator.value, Function) and creator.value not in self.active:
            arguments = Arguments([value, *given.positional], given.keywords, given.exact, given.open)
            made = self.call_function(FunctionValue(creator.value, None, value.scope), arguments, node, frame)
            instance = self.resolved(made)
            if not isinstance(instance, Instance) or instance.cls is not cls:
                return instance
            instance.site = instance.site or site
        assert isinstance(instance, Instance)
        for name, rebound in self.namespaces.set_on(cls).items():  # the compiler asks the object, which finds it there
            self.set_attribute(instance, name, attributes.bound(self, self.resolved(rebound), instance), None)
        self.initialise(instance, value, given, node, frame)
        return instance

    def initialise(
        self,
        instance: Instance,
        value: ClassValue,
        given: Arguments,
        node: n.Node | None = None,
        frame: Frame | None = None,
        after: Class | None = None,
    ) -> None:
        """Run the constructor of an object, by the order of bases of its class after `after`."""
        cls = value.symbol
        constructor = classes.initialiser(self, value, after)
        if isinstance(constructor, GeneratedInit):
            classes.initialise_dataclass(self, instance, constructor.cls, given)
        elif constructor is not None:
            calls.call(self, attributes.bound(self, self.resolved(constructor), instance), given, node, frame)
        elif self.classes.lineage(cls).unseen:
            hide(self, Arguments([instance, *given.positional], given.keywords))
        elif (name := classes.external_initialiser(self, cls, after)) is not None:
            self.domain.initialise(self, instance, name, given)

    # Statements: each says how the block ends with it, None where it goes on

    def block(self, body: Sequence[n.Stmt], frame: Frame) -> End | None:
        """Run statements and say how they end."""
        for statement in body:
            end = self.execute(statement, frame)
            if end is not None:
                return end
        return None

    def execute(self, node: n.Stmt, frame: Frame) -> End | None:
        """Run one statement."""
        self.spend()
        run = _STATEMENTS.get(type(node))
        return None if run is None else run(self, node, frame)

    def _expression(self, node: n.ExprStmt, frame: Frame) -> None:
        self.evaluate(node.value, frame)

    def _assign(self, node: n.Assign, frame: Frame) -> None:
        value = self.evaluate(node.value, frame)
        for target in node.targets:
            self.assign(target, value, frame)

    def _annotated(self, node: n.AnnAssign, frame: Frame) -> None:
        if node.value is not None:
            self.assign(node.target, self.evaluate(node.value, frame), frame)

    def _return(self, node: n.Return, frame: Frame) -> End:
        frame.returned = Const(None) if node.value is None else self.evaluate(node.value, frame)
        return End.RETURN

    def _if(self, node: n.If, frame: Frame) -> End | None:
        return self.block(node.body if branching.of_if(self, node, frame) else node.orelse, frame)

    def _raise(self, node: n.Raise, frame: Frame) -> None:
        raise exceptions.raised(self, node, frame)

    def _define(self, node: n.FunctionDef | n.ClassDef, frame: Frame) -> None:
        self.bind_name(node.name, calls.definition(self, node, frame), frame)

    def _import(self, node: n.Import | n.ImportFrom, frame: Frame) -> None:
        self.namespaces.execute_import(node, frame)

    def _assert(self, node: n.Assert, frame: Frame) -> None:
        if not branching.of_check(self, node.test, frame, likely=True):
            raise Raised("builtins.AssertionError", None, node, frame.module)

    def _delete_each(self, node: n.Delete, frame: Frame) -> None:
        for target in node.targets:
            self._delete(target, frame)

    def _gap(self, node: n.Gap, frame: Frame) -> None:
        self.namespaces.execute_gap(node, frame)

    def decide(self, test: n.Expr, frame: Frame, likely: bool | None = None) -> bool:
        """Return the truth of a test; where the code does not tell, that of the path.

        `likely` is the answer that is taken for granted where only the other one would end the path.
        """
        return symbols.decide(self, self.evaluate(test, frame), test, frame, likely)

    def _for(self, node: n.For, frame: Frame) -> End | None:
        iterated = self.evaluate(node.iter, frame)
        self.domain.on_loop(self, node, frame)
        items = containers.iterate(self, iterated, node.iter, frame)
        if not items.exact:
            containers.grows(self, node.body, frame)
        before = frame.rounds
        for index, item in enumerate(items.items):
            if index >= _ROUNDS or frame.rounds - before - index >= _NESTED_ROUNDS:
                containers.forget_loop(self, node, frame)
                break
            self.spend()
            frame.rounds += 1
            self.assign(node.target, item, frame)
            end = self.block(node.body, frame)
            if end is End.RETURN:
                return end
            if end is End.BREAK:
                return None
        return self.block(node.orelse, frame)

    def _while(self, node: n.While, frame: Frame) -> End | None:
        undecided = 0
        is_endless = isinstance(node.test, n.Constant)
        while True:
            self.spend()
            value = self.evaluate(node.test, frame)
            known = symbols.truth(self, value)
            if known is None:
                undecided += 1
                known = undecided <= _UNDECIDED_ROUNDS and symbols.decide(self, value, node.test, frame)
            if not known:
                return self.block(node.orelse, frame)
            guesses = self.path.guesses
            end = self.block(node.body, frame)
            if end is End.RETURN:
                return end
            if end is End.BREAK:
                return None
            if is_endless and self.path.guesses > guesses:
                undecided += 1  # what the body waits for is not known, and comes at last
                if undecided > _UNDECIDED_ROUNDS:
                    return None

    def _with(self, node: n.With, frame: Frame) -> End | None:
        managers = []
        for item in node.items:
            manager = self.evaluate(item.context, frame)
            entered = attributes.enter(self, manager, node, frame)
            managers.append(manager)
            if item.target is not None:
                self.assign(item.target, entered, frame)
        end: End | None = None
        is_expected = any(attributes.expects_failure(item.context) for item in node.items)
        self.expected += is_expected
        try:
            end = self.block(node.body, frame)
        except Raised as error:
            if not is_expected and not any(attributes.swallows(self, one, error) for one in managers):
                raise
        finally:
            self.expected -= is_expected
            for manager in reversed(managers):
                attributes.leave(self, manager, node, frame)
        return end

    # Targets

    def assign(self, target: n.Expr, value: Value, frame: Frame) -> None:
        """Give a target its value."""
        match target:
            case n.Name():
                self.bind_name(target.id, value, frame)
            case n.Attribute():
                owner = self.evaluate(target.value, frame)
                attributes.store(self, owner, target.attr, value, target, frame)
            case n.Starred():
                self.assign(target.value, value, frame)
            case n.Tuple() | n.List():
                for one, item in zip(target.elts, containers.unpack(self, target, value, frame), strict=False):
                    self.assign(one, item, frame)
            case n.Subscript():
                owner = self.evaluate(target.value, frame)
                key = self.evaluate(target.slice, frame)
                containers.store(self, owner, key, value, target, frame)
            case _:
                pass

    def bind_name(self, name: str, value: Value, frame: Frame) -> None:
        """Give a variable its value, where `global` and `nonlocal` say it is."""
        if isinstance(frame.place, Function) and name in frame.place.scope.declared_global:
            at = frame.outer
            while at is not None:
                if name in at.variables and not isinstance(at.place, Class):
                    at.variables[name] = value
                    return
                at = at.outer
            self.domain.on_change(self, None)
            self.namespaces.frame(frame.module).variables[name] = value
            return
        frame.variables[name] = value

    def _augmented(self, node: n.AugAssign, frame: Frame) -> None:
        before = self.resolved(self.evaluate(node.target, frame))
        value = self.evaluate(node.value, frame)
        if node.op == "+" and isinstance(before, Items) and before.kind == "list":
            containers.extend(self, before, containers.iterate(self, value, node.value, frame))
            self.assign(node.target, before, frame)
        elif node.op == "+" and isinstance(before, Instance):
            own = attributes.load(self, before, "__iadd__")
            self.assign(node.target, calls.call(self, own, Arguments([value], {}), node, frame), frame)
        elif node.op == "|" and isinstance(before, Mapping) and isinstance(self.resolved(value), Mapping):
            methods.call(self, before, "update", Arguments([value], {}), node, frame)
            self.assign(node.target, before, frame)
        elif isinstance(before, TensorValue):
            changed = attributes.load(self, before, "add_")
            self.assign(node.target, calls.call(self, changed, Arguments([value], {}), None, frame), frame)
        else:
            self.assign(node.target, operators.binary(self, node.op, before, value, node, frame), frame)

    def _delete(self, target: n.Expr, frame: Frame) -> None:
        match target:
            case n.Name():
                frame.variables.pop(target.id, None)
            case n.Attribute():
                owner = self.resolved(self.evaluate(target.value, frame))
                if isinstance(owner, Instance):
                    self.domain.on_change(self, owner)
                    owner.attributes.pop(target.attr, None)
            case n.Subscript():
                owner = self.resolved(self.evaluate(target.value, frame))
                containers.delete(self, owner, self.evaluate(target.slice, frame), target, frame)
            case n.Tuple() | n.List():
                for one in target.elts:
                    self._delete(one, frame)
            case _:
                pass

    def set_attribute(self, instance: Instance, name: str, value: Value, span: Span | None) -> None:
        """Leave a value on an object."""
        self.domain.on_change(self, instance)
        instance.attributes[name] = [Held(value, None, span)]

    # Expressions

    def evaluate(self, node: n.Expr, frame: Frame) -> Value:
        """Return the value of an expression."""
        self.steps -= 1  # as `spend` does, without a call for each expression
        if self.steps <= 0:
            raise Exhausted
        function = expressions.TABLE.get(type(node))
        return Unknown(f"`{frame.text(node)}`") if function is None else function(self, node, frame)

    def evaluate_body(self, node: n.Expr, frame: Frame) -> Value:
        """Return what a lambda returns; one that calls itself ends as unknown."""
        if self._lambdas >= _DEPTH:
            return Unknown("a lambda that calls itself")
        self._lambdas += 1
        try:
            return self.evaluate(node, frame)
        finally:
            self._lambdas -= 1

    def resolved(self, value: Value) -> Value:
        """Return what a value is taken for on this path."""
        while type(value) is Symbol and value.value is not None:  # as isinstance says, which asks the metaclass first
            value = value.value
        return value

    def attribute(self, owner: Value, name: str) -> Value:
        """Return `owner.name`."""
        return attributes.load(self, owner, name)

    def is_property(self, function: Function) -> bool:
        """Return True if a method is read as an attribute."""
        return decoration(function, self.project).kind in (Kind.PROPERTY, Kind.SETTER)

    def compare(self, operator: str, left: Value, right: Value) -> Value:
        """Return the value of a comparison."""
        return comparisons.compare(self, operator, left, right)


# How statements are run, by their kind; the others do nothing.
_STATEMENTS: dict[type, Callable[[Evaluator, Any, Frame], End | None]] = {
    n.ExprStmt: Evaluator._expression,
    n.Assign: Evaluator._assign,
    n.AnnAssign: Evaluator._annotated,
    n.AugAssign: Evaluator._augmented,
    n.Return: Evaluator._return,
    n.If: Evaluator._if,
    n.For: Evaluator._for,
    n.While: Evaluator._while,
    n.With: Evaluator._with,
    n.Try: exceptions.run_try,
    n.Raise: Evaluator._raise,
    n.Break: lambda *_: End.BREAK,
    n.Continue: lambda *_: End.CONTINUE,
    n.FunctionDef: Evaluator._define,
    n.ClassDef: Evaluator._define,
    n.Import: Evaluator._import,
    n.ImportFrom: Evaluator._import,
    n.Match: matching.run,
    n.Assert: Evaluator._assert,
    n.Delete: Evaluator._delete_each,
    n.Gap: Evaluator._gap,
}
