"""The machine: makes the objects of classes along every path through their constructors, and finds roots on the way."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from scriptlint.evaluate import copying, symbols, values
from scriptlint.evaluate.arguments import OPEN, Arguments
from scriptlint.evaluate.evaluator import Evaluator
from scriptlint.evaluate.frames import Exhausted, Frame, Raised
from scriptlint.evaluate.path import Answer, Exploration, Leaf, Path, explore
from scriptlint.evaluate.values import (
    ClassValue,
    FunctionValue,
    Instance,
    Items,
    Symbol,
    Unknown,
    Value,
    identity,
)
from scriptlint.instances.construction import Construction
from scriptlint.instances.interning import Interner
from scriptlint.instances.roots import AttributeRead, Compilation, Observed
from scriptlint.program.classes import Classes
from scriptlint.program.decorators import Kind, decoration
from scriptlint.program.module import Class, Function, ModuleInfo
from scriptlint.program.project import Global, Project
from scriptlint.syntax import nodes as n
from scriptlint.torchlib.library import Library

_STEPS = 60_000
_STEPS_OF_PATHS = 20_000
_STEPS_OF_PROGRAM = 400_000
_STEPS_OF_MODEL = 2_000_000
_CONFIGURATIONS = 16
_PROGRAM_PATHS = 6
_OUTSIDE_PATHS = 4
UNEXPLORED = "ways through its constructor that were not followed give no other finding"
_PREPARATIONS = ("setUp", "setup_method")  # what unittest and pytest call before a test


class Configuration(Struct, frozen=True, eq=False):
    """An object that a class makes on one path through its constructor.

    `conditions` hold on the path, `assumed` is what was taken for granted. `error` is what is raised where there is no object.
    """

    instance: Instance | None
    conditions: tuple[str, ...]
    assumed: tuple[str, ...]
    error: Raised | None = None

    @property
    def failure(self) -> str:
        """Why there is no object."""
        return "its constructor returns something else" if self.error is None else _words(self.error)


class Outcome(Struct, frozen=True, eq=False):
    """A value that an expression has on one of its paths, whose conditions hold then; `assumed` is as in Configuration.

    `failure` says what was raised instead of a value where other paths give one.
    """

    value: Value
    conditions: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()
    failure: str | None = None


class Configurations(Struct, frozen=True, eq=False):
    """The objects of a class; `unexplored` paths are known that were not followed."""

    each: tuple[Configuration, ...]
    unexplored: int

    @property
    def built(self) -> list[Configuration]:
        """The configurations in which there is an object."""
        return [one for one in self.each if one.instance is not None]


class Machine:
    """Evaluates constructors, factories and scripts. One machine serves one run of the linter."""

    def __init__(self, project: Project, classes: Classes, library: Library) -> None:
        self.project = project
        self.classes = classes
        self.library = library
        self.domain = Construction()
        self.evaluator = Evaluator(project, classes, library, self.domain)
        self.compilations: list[Compilation] = []
        self.expected: dict[object, Compilation] = {}
        """The roots that tests expect to fail."""
        self._roots: dict[object, Compilation] = {}
        self._indexed: list[Compilation] = []
        self._runs = 0
        self._observed: dict[tuple[int, str], Observed] = {}
        self._reads: dict[tuple[int, str], AttributeRead] = {}
        self._interner = Interner()
        self._configurations: dict[Class, Configurations] = {}
        self._made_of_nothing: set[Instance] = set()
        self._unfinished: set[Class] = set()

    # Programs

    def run_module(self, module: ModuleInfo) -> list[Compilation]:
        """Execute the body of a file, `if __name__ == "__main__"` included, and return the roots on the way."""
        ev = self.evaluator

        def run() -> None:
            frame = ev.namespaces.begin(module)
            for statement in module.tree.body:
                with suppress(Raised):  # what is believed to raise may not, and what comes later is still to be seen
                    ev.execute(statement, frame)

        return self._explore(run)

    def run_function(
        self, function: Function, arguments: Mapping[str, n.Expr | Value] | None = None
    ) -> list[Compilation]:
        """Execute a function of whose arguments only these are known, and return the roots on the way."""
        return self._explore(lambda: self._run(FunctionValue(function), arguments or {}))

    def run_method(
        self, function: Function, cls: Class, arguments: Mapping[str, n.Expr | Value] | None = None
    ) -> list[Compilation]:
        """Execute a method of the objects of a class as `run_function` does; of a test, what prepares it comes first."""
        built = self.configurations(cls).built

        def run() -> None:
            instance = self._one_of(cls, built)
            for name in _PREPARATIONS:
                before = self.classes.method(cls, name)
                if before is not None and before is not function:
                    self._run(FunctionValue(before, instance), {})
            self._run(FunctionValue(function, self._receiver(function, instance)), arguments or {})

        return self._explore(run, len(built))

    def _one_of(self, cls: Class, built: list[Configuration]) -> Instance:
        """Return the object of a class that a path is about, whose conditions the path has from then on."""
        if not built:
            return self.default_instance(cls)
        path = self.evaluator.path
        chosen = built[path.choose((cls, "object"), ("",) * len(built))]
        for text in chosen.conditions:
            path.answers[cls, text] = Answer(0, 1, text)
        assert chosen.instance is not None
        return chosen.instance

    def _receiver(self, function: Function, instance: Instance) -> Value | None:
        """Return what the first parameter of a method of an object is bound to, None for a static method."""
        kind = decoration(function, self.project).kind
        if kind is Kind.CLASS and isinstance(instance.cls, Class):
            return ClassValue(instance.cls)
        return None if kind is Kind.STATIC else instance

    def _run(self, function: FunctionValue, arguments: Mapping[str, n.Expr | Value]) -> None:
        """Execute a function; these arguments are values, or expressions in its file, and nothing is known of the others."""
        ev = self.evaluator
        given = OPEN
        if arguments:
            frame = ev.namespaces.frame(function.function.module)
            values = {
                name: ev.evaluate(one, frame) if isinstance(one, n.Node) else copying.copy(one, deep=True)
                for name, one in arguments.items()
            }
            given = Arguments([], values, open=True)
        ev.call_function(function, given)

    def _explore(self, run: Callable[[], object], objects: int = 1) -> list[Compilation]:
        """Execute a program along its paths, keep the roots of all of them, and return them.

        `objects` says how many paths are only there because it may be run for as many objects.
        """
        self._runs += 1
        found: list[tuple[Path, list[Compilation], list[Observed], list[AttributeRead]]] = []

        def once(path: Path) -> None:
            domain = self.domain
            domain.compilations, domain.observed, domain.reads = [], [], []
            with self.evaluator.running(path, _STEPS_OF_PROGRAM), suppress(Raised, Exhausted):
                run()
            self.evaluator.namespaces.forget_path(path)
            found.append((path, domain.compilations, domain.observed, domain.reads))

        explore(once, _PROGRAM_PATHS + max(objects - 1, 0), _STEPS_OF_PATHS)
        self.domain.compilations, self.domain.observed, self.domain.reads = [], [], []
        paths = [path for path, _, _, _ in found]
        for path, compilations, _, _ in found:
            self._keep(path, compilations, path.unproved(paths))
        _note(self._observed, [(path, observed) for path, _, observed, _ in found])
        _note(self._reads, [(path, reads) for path, _, _, reads in found])
        return [one for _, compilations, _, _ in found for one in compilations if not one.expected]

    def _keep(self, path: Path, compilations: list[Compilation], unproved: tuple[str, ...]) -> None:
        intern = self._interner.intern
        for one in compilations:
            made = Compilation(
                one.how,
                intern(one.value),
                one.call,
                one.module,
                tuple(map(intern, one.examples)),
                {name: intern(value) for name, value in one.keywords.items()},
                one.evaluated,
                one.by,
                one.ran,
                [path.conditions],
                self._runs,
                one.expected,
                unproved,
            )
            if made.expected:
                self.expected.setdefault(_root_key(made), made)
                continue
            known = self._known_root(made)
            if known is None:
                self.compilations.append(made)
            elif known.run == self._runs and path.conditions not in known.paths:
                known.paths.append(path.conditions)

    def _known_root(self, one: Compilation) -> Compilation | None:
        """Return the root with the same object that another path led to; `compilations` is appended to by others as well."""
        for new in self.compilations[len(self._indexed) :]:
            self._indexed.append(new)
            self._roots.setdefault(_root_key(new), new)
        return self._roots.get(_root_key(one))

    @property
    def observed(self) -> list[Observed]:
        """The calls that were met and that a judgement of what is saved needs."""
        return list(self._observed.values())

    @property
    def reads(self) -> list[AttributeRead]:
        """The attributes that were read of what was compiled."""
        return list(self._reads.values())

    # Objects

    def evaluate_text(self, expression: str, module: ModuleInfo) -> Value:
        """Return the value of an expression that stands outside the file, in the scope of the file.

        Unknown where it is not an expression.
        """
        from scriptlint.syntax.parse import SyntaxFailure, parse_expression  # libcst is needed for this alone

        try:
            return self.evaluate_outside(parse_expression(expression), expression, module)
        except SyntaxFailure as failure:
            return Unknown(failure.reason)

    def outcomes(self, node: n.Expr, text: str, module: ModuleInfo) -> list[Outcome]:
        """Return the values that an expression from outside may have."""
        explored = self._explored(node, text, module)
        leaves = explored.leaves
        if any(isinstance(leaf.result, Raised) for leaf in leaves) and all(leaf.path.guesses for leaf in leaves):
            self.evaluator.lenient = True  # what is asked for is made by somebody: it was guessed wrongly
            try:
                explored = self._explored(node, text, module)
            finally:
                self.evaluator.lenient = False
            leaves = explored.leaves
        made = [leaf for leaf in leaves if not isinstance(leaf.result, Raised)]
        if not made:
            return [Outcome(_failed(leaves[0].result))]
        left = (UNEXPLORED,) if explored.left else ()
        values = [Outcome(_failed(leaf.result), leaf.path.conditions, (*leaf.path.assumed, *left)) for leaf in made]
        failed = [leaf.result for leaf in leaves if isinstance(leaf.result, Raised)]
        if failed and all(one.conditions for one in values):
            # Which way the code goes is not known: one that raises here may make another object.
            values.append(Outcome(_failed(failed[0]), failure=_words(failed[0])))
        return values

    def _explored(self, node: n.Expr, text: str, module: ModuleInfo) -> Exploration[Value | Raised]:
        return explore(lambda path: self._outside(node, text, module, path), _OUTSIDE_PATHS)

    def evaluate_outside(self, node: n.Expr, text: str, module: ModuleInfo) -> Value:
        """Return the value of an expression from outside on its first path."""
        return _failed(self._outside(node, text, module, Path()))

    def _outside(self, node: n.Expr, text: str, module: ModuleInfo, path: Path) -> Value | Raised:
        with self.evaluator.running(path, _STEPS_OF_MODEL):
            try:
                self.evaluator.namespaces.frame(module)  # the file is imported before anything in it is used
                value = self.evaluator.evaluate(node, Frame(module, outside=text))
            except Raised as error:
                return error
            except Exhausted:
                return Unknown(f"`{text}`, which takes too many steps to evaluate")
        return self._interner.intern(value)

    def result(self, function: FunctionValue) -> Value:
        """Return what a function gives on its first path, of arguments of which nothing is known."""
        with self.evaluator.running(Path(), _STEPS_OF_MODEL):
            try:
                value = self.evaluator.call_function(function, OPEN)
            except Raised as error:
                return _failed(error)
            except Exhausted:
                return Unknown("a function that takes too many steps to evaluate")
        return self._interner.intern(value)

    def prepared(self, instance: Instance, methods: Callable[[Instance], Function | None]) -> Instance | None:
        """Return an object after `__prepare_scriptable__` of it and of all below it, as `methods` finds them, in torch's
        order; None where one of them gives something else, or could not be followed.
        """
        path = Path()
        with self.evaluator.running(path, _STEPS):
            try:
                own = copying.copy(instance, deep=True)
                pending = [own]
                for one in pending:
                    method = methods(one)
                    if method is not None:
                        value = self.evaluator.call_function(FunctionValue(method, one), Arguments([], {}))
                        if self.evaluator.resolved(value) is not one:
                            return None
                    below = (held.value for _, held in one.submodules() if isinstance(held.value, Instance))
                    pending += [inner for inner in below if inner not in pending]
            except (Raised, Exhausted):
                return None
        result = None if path.answers else self._interner.intern(own)
        if not isinstance(result, Instance):
            return None
        if instance in self._made_of_nothing:
            self._made_of_nothing.add(result)
        return result

    def configurations(self, cls: Class) -> Configurations:
        """Return the objects that a class makes when nothing is known of its arguments, the default one first."""
        if cls not in self._configurations:
            self._configurations[cls] = Configurations((), 0)  # it may be asked for while it is made
            before = self.domain.compilations, self.domain.observed, self.domain.reads
            explored = explore(lambda path: self._configured(cls, path), _CONFIGURATIONS, _STEPS_OF_PATHS)
            self.domain.compilations, self.domain.observed, self.domain.reads = before
            each = tuple(map(_configuration, explored.leaves))
            self._configurations[cls] = Configurations(each, explored.left)
            self._made_of_nothing.update(one.instance for one in each if one.instance is not None)
        return self._configurations[cls]

    def _configured(self, cls: Class, path: Path) -> Instance | Raised | None:
        ev = self.evaluator
        with ev.running(path, _STEPS):
            try:
                made = ev.construct(ClassValue(cls), OPEN)
                if isinstance(made, Instance):
                    self._ask(made)
            except Raised as error:
                return error
            except Exhausted:
                made = Instance(cls)
                made.hide()
                self._unfinished.add(cls)
        made = self._interner.intern(made)
        return made if isinstance(made, Instance) else None

    def _ask(self, instance: Instance) -> None:
        """Ask the path about the arguments that objects keep and that decide how they are compiled."""
        for one in instance.below():
            if isinstance(one.cls, Class):
                for held in list(one.attributes.values()):
                    value = self.evaluator.resolved(held[-1].value)
                    if isinstance(value, Symbol):
                        symbols.ask(self.evaluator, value)

    def unfinished(self, instance: Instance) -> tuple[str, ...]:
        """Return why nothing is known of an object whose constructor was not followed to its end; empty for others."""
        spent = instance.hidden and instance.cls in self._unfinished and self.is_configuration(instance)
        return (f"a constructor of more than {_STEPS:,} steps",) if spent else ()

    def is_configuration(self, instance: Instance) -> bool:
        """Return True if an object stands for those that a class makes of arguments that nobody gives."""
        return instance in self._made_of_nothing

    def default_instance(self, cls: Class) -> Instance:
        """Return the object that a class makes when its arguments are left to their defaults."""
        built = self.configurations(cls).built
        if built:
            assert built[0].instance is not None
            return built[0].instance
        made = Instance(cls)
        made.hide()
        return made

    # Values

    def global_value(self, symbol: Global) -> Value:
        """Return the value of a variable of a file."""
        with self.evaluator.running(Path(), _STEPS):
            try:
                return symbols.finalized(self.evaluator.namespaces.of_symbol(symbol, symbol.name, symbol.module))
            except (Raised, Exhausted):
                return Unknown(f"`{symbol.name}`")

    def raised(self, function: Function, instance: Instance) -> n.Node | None:
        """Return what surely raises something else than AttributeError when a property of an object is read."""
        path = Path()
        with self.evaluator.running(path, _STEPS):
            try:
                self.evaluator.call_function(FunctionValue(function, instance), Arguments([], {}))
            except Exhausted:
                return None
            except Raised as error:
                is_known = isinstance(error.kind, str) and error.kind.startswith("builtins.")
                is_here = error.module is function.module and error.kind != "builtins.AttributeError"
                return error.node if is_known and is_here and not path.answers and not path.assumed else None
        return None

    def attribute(self, owner: Value, name: str) -> Value:
        """Return `owner.name`."""
        with self.evaluator.running(Path(), _STEPS):
            try:
                return symbols.finalized(self.evaluator.attribute(owner, name))
            except (Raised, Exhausted):
                return Unknown(f"`{name}`")


Seen = TypeVar("Seen", Observed, AttributeRead)


def _note(known: dict[tuple[int, str], Seen], paths: list[tuple[Path, list[Seen]]]) -> None:
    """Note what was seen on the paths of a program, each with the condition that tells its paths from the others."""
    first: dict[tuple[int, str], Seen] = {}
    on: dict[tuple[int, str], set[int]] = {}
    for index, (_, seen) in enumerate(paths):
        for one in seen:
            first.setdefault(one.key, one)
            on.setdefault(one.key, set()).add(index)
    conditions = [path.conditions for path, _ in paths]
    for key, one in first.items():
        when = None if len(on[key]) == len(paths) else _told_apart(conditions, on[key])
        if key not in known or (known[key].when is not None and when is None):
            known[key] = replace(one, when=when)


def _told_apart(conditions: list[tuple[str, ...]], chosen: set[int]) -> str:
    """Return what all of the chosen paths have and no other; where there is no such, what tells the first of them apart."""
    others = [set(texts) for index, texts in enumerate(conditions) if index not in chosen]
    first = conditions[min(chosen)]
    shared = set.intersection(*(set(conditions[index]) for index in chosen))
    telling = [text for text in first if text in shared and not any(text in one for one in others)]
    if not telling:
        while others:
            best = max(first, key=lambda text: sum(text not in one for one in others), default="")
            left = [one for one in others if best in one]
            if not best or len(left) == len(others):
                break
            telling.append(best)
            others = left
    return " and ".join(telling) or "this line is reached"


def _configuration(leaf: Leaf[Instance | Raised | None]) -> Configuration:
    made, error = (None, leaf.result) if isinstance(leaf.result, Raised) else (leaf.result, None)
    return Configuration(made, leaf.path.conditions, tuple(leaf.path.assumed), error)


def _failed(value: Value | Raised) -> Value:
    """Return a value; unknown for what cannot be made, with the reason."""
    return Unknown(f"no object is made: {_words(value)}") if isinstance(value, Raised) else value


def _words(error: Raised) -> str:
    """Return what is raised instead of an object being made, and where."""
    where = ""
    if error.node is not None and error.module is not None:
        row = error.module.source.place(error.node.start).row
        where = f" in line {row} of {os.path.basename(error.module.path)}"
    return f"`{error.name}` is raised{where}"


def _root_key(one: Compilation) -> object:
    """Return what two paths to the same root with the same object have in common."""
    return id(one.call), one.how, _describe(one.value)


def _describe(value: Value) -> object:
    return id(value) if isinstance(value, (Instance, Items, values.Mapping)) else identity(value) or id(value)
