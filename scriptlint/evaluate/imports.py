"""Namespaces: what names mean in the files of the project.

A name that is defined once, by a `def`, a `class` or an import, means that without anything being run. For any other the
body of its file is executed, once, when it is first asked for: a dictionary of classes, a registry that decorators fill.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

from scriptlint.evaluate import descriptors, growing, metaclasses
from scriptlint.evaluate.arguments import Arguments, hide
from scriptlint.evaluate.classes import generated
from scriptlint.evaluate.frames import Exhausted, Frame, Raised
from scriptlint.evaluate.path import Path, Question
from scriptlint.evaluate.registries import Registries
from scriptlint.evaluate.values import (
    ClassValue,
    Compiled,
    Const,
    ExternalValue,
    FunctionValue,
    Instance,
    Items,
    Key,
    Mapping,
    ModuleValue,
    Scope,
    Unknown,
    Value,
)
from scriptlint.program.decorators import decoration
from scriptlint.program.module import Class, Function, ModuleInfo
from scriptlint.program.project import External, Global, Place, Symbol
from scriptlint.syntax import nodes as n

if TYPE_CHECKING:
    from scriptlint.evaluate.evaluator import Evaluator

_STEPS = 100_000
_DEFINITIONS = 8  # of one class, which functions make anew
_WORD = re.compile(r"[^\W\d]\w*")


class Namespaces:
    """The variables of files and classes, of one evaluator.

    `class_attributes` are those that code sets on classes, `replaced` the classes for which code makes torch.jit take
    another class, `decorated` what the decorators of functions made of them, `dataclasses` the classes that a call made so,
    `made` those that metaclasses are making, each with what its body holds.
    """

    def __init__(self, ev: Evaluator) -> None:
        self._ev = ev
        self._frames: dict[str, Frame] = {}
        self._running: set[str] = set()
        self._class_variables: dict[tuple[Class, str], Value] = {}
        self._scopes: dict[Class, Scope] = {}
        self._definitions: dict[Class, list[Scope]] = {}
        self._cut: set[str] = set()
        self._prepared: set[Class] = set()
        self.registries = Registries(ev)
        self.class_attributes: dict[tuple[Class, str], Value] = {}
        self.dataclasses: set[Class] = set()
        self.made: list[tuple[Class, dict[Key, Value]]] = []
        self.replaced: set[Class] = set()
        self.decorated: dict[Function, Value] = {}

    # Files

    @property
    def executed(self) -> int:
        """How many files were executed."""
        return len(self._frames)

    @property
    def is_executing(self) -> bool:
        """Whether the body of a file is being executed."""
        return bool(self._running)

    def frame(self, module: ModuleInfo) -> Frame:
        """Return the variables of a file, whose body is executed now if it was not."""
        known = self._frames.get(module.path)
        if known is None:
            known = self._frames[module.path] = self._new(module, module.name)
            self._running.add(module.path)
            with self._ev.running(Path(), _STEPS):
                self._run(module, known)
            self._running.discard(module.path)
            for name in growing.changed_later(module):
                grown = known.variables.get(name)
                if isinstance(grown, (Items, Mapping)):
                    grown.exact = False
                if isinstance(grown, Mapping):
                    self.registries.note(grown, module)
            for name, one in known.variables.items():
                if isinstance(one, Instance):
                    self._note_of_object(one, name, module)
        return known

    def _note_of_object(self, instance: Instance, called: str, module: ModuleInfo) -> None:
        """Note the dictionaries of an object of a file that methods of its class fill."""
        if isinstance(instance.cls, Class) and self._ev.classes.is_module(instance.cls) is False:
            for cls in self._ev.classes.lineage(instance.cls).classes:
                for name in growing.filled_by_methods(cls):
                    held = instance.held(name)
                    if held and isinstance(held[-1].value, Mapping):
                        self.registries.note(held[-1].value, module, called=called)

    def _run(self, module: ModuleInfo, frame: Frame) -> None:
        for statement in module.tree.body:
            if _is_main(statement):
                continue
            before = set(self._ev.path.answers)
            try:
                self._ev.execute(statement, frame)
            except Raised:
                # What we know of the statement may be wrong: an answer that was taken for granted, or all of it.
                self._retry(statement, frame, before)
            except Exhausted:
                self._cut.add(module.path)
                return

    def _retry(self, statement: n.Stmt, frame: Frame, before: set[Question]) -> None:
        """Run a statement again with the other answer to the last question that it asked."""
        path = self._ev.path
        asked = [one for one in path.answers if one not in before]
        if not asked:
            return
        for one in asked:
            del path.answers[one]
        path.told[asked[-1]] = 1
        with suppress(Raised):
            self._ev.execute(statement, frame)

    def begin(self, module: ModuleInfo) -> Frame:
        """Return new variables for a file whose body is about to be executed as a program."""
        made = self._frames[module.path] = self._new(module, "__main__")
        return made

    def _new(self, module: ModuleInfo, name: str) -> Frame:
        return Frame(module, {"__name__": Const(name), "__file__": Const(module.path)})

    def forget(self, module: ModuleInfo) -> None:
        """Forget the variables of a file; they are made again when they are asked for."""
        self._frames.pop(module.path, None)

    def lookup(self, name: str, place: Place, before: int | None = None) -> Value:
        """Return the value of a name that no activation holds."""
        module = place if isinstance(place, ModuleInfo) else place.module
        symbol = self._ev.project.lookup(name, place, before)
        known = self._frames.get(module.path)
        if known is not None and name in known.variables and not _is_inner(symbol, place):
            return known.variables[name]
        if symbol is None:
            # Snippets and cells of notebooks leave the import of torch out.
            return ExternalValue("torch") if name == "torch" else Unknown(f"`{name}`")
        return self.of_symbol(symbol, name, place)

    def of_symbol(self, symbol: Symbol | None, name: str, place: Place) -> Value:
        """Return the value of a name that the program layer resolved."""
        match symbol:
            case Function():
                return self._of_function(symbol)
            case Class():
                for one in self._ev.classes.lineage(symbol).classes:
                    if one.node.decorators and one.outer is None:
                        self.frame(one.module)  # a decorator may set something on the class
                return ClassValue(symbol, self._scopes.get(symbol))
            case ModuleInfo():
                return ModuleValue(symbol)
            case External():
                return self._ev.domain.constant(self._ev, symbol.name)
            case Global():
                return self._of_global(symbol, place)
            case _:
                return Unknown(f"`{name}`")

    def _of_function(self, symbol: Function) -> Value:
        marks = decoration(symbol, self._ev.project)
        value = FunctionValue(symbol)
        if marks.jit == "script":
            return Compiled("script", value, symbol.name_span)
        own = [one for one in marks.others if isinstance(one.symbol, (Function, Class))]
        if own and symbol.owner is None and symbol.outer is None and not marks.transparent:
            known = self.frame(symbol.module).variables.get(symbol.node.name)
            return known if known is not None else value
        return value

    def _of_global(self, symbol: Global, place: Place) -> Value:
        if not any(one in symbol.module.scope.bindings.get(symbol.name, ()) for one in symbol.bindings):
            # It is a variable of a class body.
            owner = place if isinstance(place, Class) else None
            if owner is not None:
                return self.class_variable(owner, symbol.name)
            return (
                Unknown(f"`{symbol.name}`") if symbol.value is None else self._ev.evaluate(symbol.value, Frame(place))
            )
        found = self.frame(symbol.module).variables.get(symbol.name)
        if found is not None:
            return found
        if symbol.module.path in self._running and symbol.value is not None:
            return Unknown(f"`{symbol.name}`, which is not defined yet")
        return Unknown(f"`{symbol.name}`")

    def member(self, module: ModuleInfo, name: str) -> Value:
        """Return what a file has under a name."""
        known = self._frames.get(module.path)
        if known is not None and name in known.variables:
            return known.variables[name]
        return self.of_symbol(self._ev.project.member(module, name), f"{module.name}.{name}", module)

    def as_mapping(self, module: ModuleInfo) -> Value:
        """Return what `globals()` gives in a file: its functions and classes by name."""
        made = Mapping({}, exact=False)
        for name in module.scope.bindings:
            symbol = self._ev.project.global_name(name, module)
            if isinstance(symbol, (Function, Class, External, ModuleInfo)):
                made.items[name] = self.of_symbol(symbol, name, module)
        return made

    def module_named(self, name: str, importer: ModuleInfo) -> Value:
        """Return the module of a dotted name."""
        found = self._ev.project.find(name, importer, is_stated=False)
        if found is not None:
            self.registries.imported(found)
            return ModuleValue(found)
        return ExternalValue(self._ev.library.canonical(name)) if not name.startswith(".") else Unknown(f"`{name}`")

    # Imports

    def execute_import(self, node: n.Import | n.ImportFrom, frame: Frame) -> None:
        """Run an import. A name that nothing else binds is looked up when it is used."""
        scope = frame.place.scope
        for alias in node.names:
            name = alias.asname or alias.name.partition(".")[0]
            if alias.name == "*":
                continue
            if self._ev.domain.is_missing(self._ev, node, alias, frame):
                raise Raised("builtins.ModuleNotFoundError", None, node, frame.module)
            if len(scope.bindings.get(name, ())) > 1 or isinstance(frame.place, Function):
                symbol = self._ev.project.imported(node, name, frame.module)
                self._ev.bind_name(name, self.of_symbol(symbol, name, frame.module), frame)

    # Gaps

    def execute_gap(self, node: n.Gap, frame: Frame) -> None:
        """Pass over text that is not Python: it may bind its names, and change the objects that it mentions."""
        words = set(_WORD.findall(frame.module.source.text, node.start, node.end))
        self._ev.spend(len(words))
        mentioned = [value for name in words if (value := frame.variables.get(name)) is not None]
        hide(self._ev, Arguments(mentioned, {}))
        for value in mentioned:
            if isinstance(value, (Items, Mapping)):
                value.exact = False
        for name in node.names:
            self._ev.bind_name(name, Unknown(f"`{name}`, which is not Python"), frame)

    # Classes

    def scope_of(self, cls: Class) -> Scope | None:
        """Return the variables around a class that a function makes."""
        return self._scopes.get(cls)

    def scopes_of(self, cls: Class) -> list[Scope]:
        """Return the variables around a class each time that its definition was executed; empty where it was too often."""
        known = self._definitions.get(cls, [])
        return known if len(known) <= _DEFINITIONS else []

    def define(self, value: ClassValue) -> None:
        """Note the variables around a class whose definition is executed."""
        if value.scope is not None:
            self._scopes[value.symbol] = value.scope
            known = self._definitions.setdefault(value.symbol, [])
            if len(known) <= _DEFINITIONS:
                known.append(value.scope)

    def prepare(self, cls: Class) -> None:
        """Run what its metaclass and its bases do where a class is defined: their `__init_subclass__`, once for each class."""
        if cls in self._prepared:
            return
        for one in reversed(self._ev.classes.lineage(cls).classes):
            if one in self._prepared:
                continue
            self._prepared.add(one)
            with self._ev.running(Path(), _STEPS), suppress(Raised, Exhausted):
                metaclasses.make(self._ev, one)
            hook = self._ev.classes.method(one, "__init_subclass__", one)
            if hook is None:
                continue
            outside = Frame(one.outer or one.module)
            with self._ev.running(Path(), _STEPS):
                try:
                    keywords = {key.arg: self._ev.evaluate(key.value, outside) for key in one.node.keywords if key.arg}
                    keywords.pop("metaclass", None)
                    self._ev.call_function(FunctionValue(hook, ClassValue(one)), Arguments([], keywords))
                except (Raised, Exhausted):
                    continue

    def set_on_class(self, cls: Class, name: str, value: Value) -> None:
        """Note what code sets on a class: for this path, if no file is being imported."""
        key = (cls, name)
        if not self.is_executing:
            self._ev.path.changed.setdefault(key, self.class_attributes.get(key))
        self.class_attributes[key] = value

    def forget_path(self, path: Path) -> None:
        """Take back what a path has set on classes."""
        for (cls, name), before in path.changed.items():
            if before is None:
                self.class_attributes.pop((cls, name), None)
            else:
                self.class_attributes[cls, name] = before

    def set_on(self, cls: Class) -> dict[str, Value]:
        """Return what code has set on a class, or on one of its bases."""
        if not self.class_attributes:
            return {}
        lineage = self._ev.classes.lineage(cls).classes
        return {
            name: value
            for one in reversed(lineage)
            for (owner, name), value in self.class_attributes.items()
            if owner is one and not (name.startswith("__") and name.endswith("__"))
        }

    def override(self, cls: Class, name: str, after: Class | None = None) -> Value | None:
        """Return what code has set under a name on a class, or on the base that has it; None where nothing was set there."""
        if not self.class_attributes:
            return None
        lineage = self._ev.classes.lineage(cls).classes
        for one in lineage[lineage.index(after) + 1 :] if after in lineage else lineage:
            if (one, name) in self.class_attributes:
                return self.class_attributes[one, name]
            if name in one.functions or name in one.scope.bindings:
                return None
            if name == "__init__" and generated(self._ev, cls, after) is one:
                return None
        return None

    def class_variable(self, cls: Class, name: str) -> Value:
        """Return the value of a variable of a class body."""
        key = (cls, name)
        if key not in self._class_variables:
            self._class_variables[key] = Unknown(f"`{cls.node.name}.{name}`, which is defined by itself")
            self._class_variables[key] = self._in_body(cls, name)
            made = descriptors.named(self._ev, self._class_variables[key], cls, name)
            if isinstance(made, Mapping) and cls.outer is None and metaclasses.tell(self._ev, cls):
                self.registries.note(made, cls.module, cls.node.name)
        return self._class_variables[key]

    def _in_body(self, cls: Class, name: str) -> Value:
        bindings = cls.scope.visible(name)
        if not bindings:
            return Unknown(f"`{cls.node.name}.{name}`")
        outer = self._scopes.get(cls)
        frame = Frame(cls, outer=outer if isinstance(outer, Frame) else None)
        with self._ev.running(Path(), _STEPS):
            try:
                if len(bindings) == 1 and bindings[0].value is not None:
                    return self._ev.evaluate(bindings[0].value, frame)
                self._ev.block(cls.node.body, frame)
            except (Raised, Exhausted):
                return Unknown(f"`{cls.node.name}.{name}`")
        return frame.variables.get(name, Unknown(f"`{cls.node.name}.{name}`"))

    def class_dictionary(self, cls: Class) -> Value:
        """Return what `vars` of a class gives: its methods and variables."""
        made = Mapping({})
        for name, function in cls.functions.items():
            made.items[name] = FunctionValue(function)
        for name in cls.scope.bindings:
            if name not in made.items:
                made.items[name] = self.class_variable(cls, name)
        return made


def _is_inner(symbol: Symbol | None, place: Place) -> bool:
    """Return True if a name is a variable of the function or class that uses it."""
    if isinstance(place, ModuleInfo):
        return False
    return not isinstance(symbol, (Function, Class, ModuleInfo, External, Global, type(None)))


def _is_main(statement: n.Stmt) -> bool:
    """Return True for `if __name__ == "__main__":`, which importing a file does not run."""
    match statement:
        case n.If(test=n.Compare(left=n.Name(id="__name__"), ops=["=="], comparators=[n.Constant(value="__main__")])):
            return True
        case _:
            return False
