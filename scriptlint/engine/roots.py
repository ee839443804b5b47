"""Where code gives something to torch.jit: what may hold such a root is executed, and the machine notes what it meets.

A function that compiles what it is given is a helper, and the roots are where it is called. So its callers are executed
too, then theirs, until it is known what is compiled.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from scriptlint.diag import Span
from scriptlint.engine.cases import cases, expects_failure, failing, last_name
from scriptlint.engine.root_text import gives_to_compiler, may_hold
from scriptlint.evaluate.values import ClassValue, Compiled, FunctionValue, Instance, LambdaValue, Unknown, Value
from scriptlint.instances.machine import Machine
from scriptlint.instances.roots import Compilation
from scriptlint.program.decorators import decoration
from scriptlint.program.module import Class, Function, ModuleInfo
from scriptlint.program.project import External, Place, Project, Symbol
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import dotted, walk

# The last names of calls that make roots, or that save and load what they make.
_CALLS = frozenset(
    "script trace trace_module compile freeze optimize_for_inference export save load script_if_tracing script_method "
    "to_torchscript".split()
)
_ROUNDS = 3  # helpers of helpers of helpers
_CALLERS = 100  # of all helpers of one round

Guard = Callable[[ModuleInfo, Callable[[], object]], object]


class Among(Protocol):
    """The files of which some may call a helper."""

    def mentioning(self, word: str) -> Iterable[ModuleInfo]:
        """Return those in which a word stands."""

    def every(self) -> Iterable[ModuleInfo]:
        """Return all of them."""


class Search:
    """Executes what may hold roots in a file, and what calls its helpers in others.

    `guard` does a piece of work on a file, and survives a fault of ours.
    """

    def __init__(self, machine: Machine, module: ModuleInfo, among: Among, guard: Guard) -> None:
        self._machine = machine
        self._module = module
        self._among = among
        self._guard = guard
        self._executed: set[Function | ModuleInfo | tuple[Function, Class]] = set()
        self._helpers: list[Function] = []

    def run(self) -> None:
        """Find the roots."""
        self._guard(self._module, lambda: self._execute(self._module))
        for _ in range(_ROUNDS):
            helpers, self._helpers = self._helpers, []
            callers = [one for helper in helpers for one in self._callers(helper)]
            for caller in dict.fromkeys(callers[:_CALLERS]):
                module = caller if isinstance(caller, ModuleInfo) else caller[0].module
                self._guard(module, lambda caller=caller: self._call(caller))  # type: ignore[misc]

    def _execute(self, module: ModuleInfo) -> None:
        run = execute(module, self._machine)
        self._executed.update(one for one, _ in run)
        self._helpers += [one for one, roots in run if isinstance(one, Function) and _is_helper(one, roots)]

    def _call(self, caller: ModuleInfo | tuple[Function, Class | None]) -> None:
        if isinstance(caller, ModuleInfo):
            if caller not in self._executed:
                self._executed.add(caller)
                self._machine.run_module(caller)
            return
        function, cls = caller
        key = function if cls is None or cls is function.owner else (function, cls)
        if key not in self._executed:
            self._executed.add(key)
            if _is_helper(function, _run(self._machine, function, cls)):
                self._helpers.append(function)

    def _callers(self, helper: Function) -> Iterator[ModuleInfo | tuple[Function, Class | None]]:
        """Return what calls a function, or decorates with it; a method of a class that others derive from is run for them."""
        name = helper.owner.node.name if helper.owner and helper.node.name == "__init__" else helper.node.name
        if helper.owner is not None and self._machine.classes.is_module(helper.owner) is not True:
            for module in self._among.every():
                yield from ((helper, one) for one in self._heirs(helper.owner, module))
        for module in self._among.mentioning(name) if name != "forward" else ():
            for start in self._uses(helper, name, module):
                function = _outermost(start, module)
                yield module if function is None else (function, function.owner)

    def _heirs(self, cls: Class, module: ModuleInfo) -> Iterator[Class]:
        classes = self._machine.classes
        for one in module.classes.values():
            if one is not cls and cls in classes.lineage(one).classes and not classes.is_module(one):
                yield one

    def _uses(self, helper: Function, name: str, module: ModuleInfo) -> Iterator[int]:
        for node in walk(module.tree):
            uses = [node.func] if isinstance(node, n.Call) else []
            if isinstance(node, (n.FunctionDef, n.ClassDef)):
                uses = list(node.decorators)
            for use in uses:
                if last_name(use) == name:
                    place = _innermost(node.start, module)
                    if _may_be(
                        self._machine.project.resolve(use, place), helper, is_method=isinstance(use, n.Attribute)
                    ):
                        yield node.start


def execute(module: ModuleInfo, machine: Machine) -> list[tuple[Function | ModuleInfo, list[Compilation]]]:
    """Execute what may hold roots: the body of a file, its functions, and the methods of classes that are no modules.

    Return what was executed, with the roots on its way.
    """
    if not may_hold(module.code, machine.library.compiler_names):
        return []
    project = machine.project
    calls = [*_compiler_calls(module, machine), *_scripted_inside(module, project)]
    run: list[tuple[Function | ModuleInfo, list[Compilation]]] = []
    if calls:
        run.append((module, machine.run_module(module)))
    scripted = []
    for function in module.functions.values():
        if decoration(function, project).jit in ("script", "script_if_tracing") and function.owner is None:
            scripted.append(function)
        elif function.outer is None and any(function.node.start <= one.start < function.node.end for one in calls):
            run.append((function, _run(machine, function, function.owner)))
    compiled = {id(one.call) for one in machine.compilations}
    for function in scripted:
        if function.outer is None or id(function.node) not in compiled:
            machine.compilations.append(Compilation("script", FunctionValue(function), function.node, module))
    for cls in module.classes.values():
        if decoration(cls, project).jit == "script":
            machine.compilations.append(Compilation("script", ClassValue(cls), cls.node, module))
        elif any(decoration(one, project).jit == "script_method" for one in cls.functions.values()):
            machine.compilations.append(Compilation("script", machine.default_instance(cls), cls.node, module))
    return run


def _scripted_inside(module: ModuleInfo, project: Project) -> list[n.FunctionDef]:
    """Return the functions that are decorated inside of others, whose variables they may use."""
    inside = (one for one in module.functions.values() if one.outer is not None and one.owner is None)
    return [one.node for one in inside if decoration(one, project).jit == "script"]


def is_told(value: Value) -> bool:
    """Return True if it is known what a root compiles."""
    if isinstance(value, Compiled):
        return is_told(value.inner)
    return isinstance(value, (Instance, FunctionValue, ClassValue, LambdaValue))


def is_stand_in(value: Value) -> bool:
    """Return True if a value is, or holds, what only stands for an object that a caller gives."""
    if isinstance(value, Compiled):
        return is_stand_in(value.inner)
    return isinstance(value, Instance) and any(one.is_stand_in or _holds_argument(one) for one in value.below())


def _holds_argument(instance: Instance) -> bool:
    """Return True if an object holds an argument of which nothing is known, which may be another object."""
    held = (one[-1].value for one in instance.attributes.values() if one)
    return any(isinstance(one, Unknown) and one.assumed for one in held)


def without_stand_ins(roots: Sequence[Compilation]) -> list[Compilation]:
    """Return the roots without those whose object stands for one that another run meets at the same place."""
    met: dict[int, set[int]] = {}
    for one in roots:
        if not is_stand_in(one.value):
            met.setdefault(id(one.call), set()).add(one.run)
    return [one for one in roots if not met.get(id(one.call), set()) - {one.run} or not is_stand_in(one.value)]


def _is_certain(root: Compilation) -> bool:
    return is_told(root.value) and not is_stand_in(root.value)


def _is_helper(function: Function, roots: Sequence[Compilation]) -> bool:
    """Return True if whoever calls a function may tell what it compiles."""
    given = function.node.args
    if not (given.posonly or given.args or given.kwonly or given.vararg):
        return False
    return not roots or not all(map(_is_certain, roots))


def _run(machine: Machine, function: Function, cls: Class | None) -> list[Compilation]:
    """Execute a function or method, once for each of the arguments that a test lists."""
    if expects_failure(function):
        return []
    roots = []
    for arguments in cases(function, machine):
        if cls is None:
            roots += machine.run_function(function, arguments)
        else:
            roots += machine.run_method(function, cls, arguments)
    return roots


def _may_be(symbol: Symbol | None, helper: Function, *, is_method: bool) -> bool:
    """Return True if a called name may be a helper, or its class where the helper is a constructor."""
    if isinstance(symbol, (Function, Class)):
        return symbol is helper or (symbol is helper.owner and helper.node.name == "__init__")
    return not isinstance(symbol, External) and (is_method or helper.owner is None)


def _innermost(start: int, module: ModuleInfo) -> Place:
    around = [one for one in module.functions.values() if one.node.start < start < one.node.end]
    return around[-1] if around else module


def _outermost(start: int, module: ModuleInfo) -> Function | None:
    around = (one for one in module.functions.values() if one.outer is None and one.node.start < start < one.node.end)
    return next(around, None)


def _compiler_calls(module: ModuleInfo, machine: Machine) -> list[n.Call]:
    """Return the calls in a file of what compiles, saves or loads; what is decorated is found by its decorators."""
    known = _CALLS | machine.library.compiler_names
    names = set(known)
    for bound, bindings in module.scope.bindings.items():
        imports = [one.node for one in bindings if isinstance(one.node, n.ImportFrom)]
        if any(alias.name in known for node in imports for alias in node.names if alias.asname == bound):
            names.add(bound)
    if not re.search(rf"\b(?:{'|'.join(names)})\s*\(", module.code):
        return []
    calls = [one for one in walk(module.tree) if isinstance(one, n.Call) and last_name(one) in names]
    return [one for one in calls if _is_compiler(one.func, module, machine)]


def _is_compiler(callee: n.Expr, module: ModuleInfo, machine: Machine) -> bool:
    symbol = machine.project.resolve(callee, _innermost(callee.start, module))
    if last_name(callee) == "to_torchscript":  # Lightning's method
        return not isinstance(symbol, Function)
    if isinstance(symbol, Function):
        # Of another package: what the project's own functions compile is found by executing them.
        is_ours = symbol.module.import_root == module.import_root
        return not is_ours and gives_to_compiler(symbol.module.code, machine.library.compiler_names)
    # Snippets leave the import of torch out.
    name = symbol.name if isinstance(symbol, External) else (symbol is None and dotted(callee)) or ""
    return (name.startswith("torch.") and name != "torch.compile") or _compiles(name, machine)


def _compiles(name: str, machine: Machine) -> bool:
    """Return True if a dotted name is what packages call it that scripts or traces: `e3nn.util.jit.compile`."""
    *_, owner, last = ("", "", *name.split("."))
    return (
        name in machine.library.compilers
        or last == "to_torchscript"
        or (owner == "jit" and last in ("script", "trace", "trace_module", "compile"))
    )


def told(module: ModuleInfo, machine: Machine) -> dict[Span, bool]:
    """Return the calls that compile something, those that were met and those in a file, and whether it is known what."""
    found: dict[Span, bool] = {}
    for root in machine.compilations:
        place = root.module.span(root.call)
        found[place] = found.get(place, False) or is_told(root.value)
    gives = gives_to_compiler(module.code, machine.library.compiler_names)
    failed = failing(module) if gives else None
    for call in _compiler_calls(module, machine) if failed is not None else ():
        symbol = machine.project.resolve(call.func, _innermost(call.start, module))
        name = symbol.name if isinstance(symbol, External) else dotted(call.func) or last_name(call.func)
        if _compiles(name, machine) and not any(call.start in one for one in failed or ()):
            found.setdefault(module.span(call), False)
    return found
