"""What to build: from targets to jobs.

A target is a path, whose module classes and compiled calls are all asked about; `FILE::EXPRESSION`; or
`PACKAGE.MODULE:EXPRESSION`. The arguments of a class come from the expression, else the settings, else the call in the
code that scripts or traces it, else its defaults; and where none of these tells them they may be guessed.

A call that runs while the file is imported is watched in the child: the object it is given is the job's object. One that
runs later, in a function or under `if __name__ == "__main__"`, is read: its argument becomes an expression in the scope of
the file, with local names replaced by what they were assigned.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scriptlint.confirm.options import Options
from scriptlint.diag import Span, Step
from scriptlint.engine.fates import Fate
from scriptlint.engine.paths import shown
from scriptlint.engine.pipeline import Session
from scriptlint.engine.settings import Settings
from scriptlint.evaluate.values import ClassValue, FunctionValue, Held, Instance, Value
from scriptlint.instances.roots import Compilation
from scriptlint.program.decorators import decoration
from scriptlint.program.module import Class, Function, ModuleInfo
from scriptlint.script.reach import entry_instances
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import walk, walk_scope
from scriptlint.text import NOTEBOOK

ASKS = ("script", "trace")
_INSTALLED = re.compile(r"[/\\](?:site-packages|dist-packages|lib[/\\]python3[\w.]*)[/\\]", re.IGNORECASE)
_DEPTH = 4  # how many assignments are followed to replace a local name


@dataclass(eq=False)
class Job:
    """One object to ask about.

    `target` is what names it on a command line, `origin` says where its arguments come from. `fate` is what scriptlint
    says of the same object, None where it cannot see it. `setting` is the key under which settings would describe it.
    """

    target: str
    filename: str
    span: Span | None
    origin: str
    fate: Fate | None
    setting: str
    make: str | None = None
    inputs: str | None = None
    factory: bool = False
    call: dict[str, Any] | None = None
    asks: tuple[str, ...] = ASKS
    import_as: str = ""
    paths: list[str] = field(default_factory=list)
    from_file: bool = True
    module: ModuleInfo | None = None

    def owns(self, path: str) -> bool:
        """Return True if a file is the job's own or at least no installed package's, nor Python's."""
        return path == self.filename or not (_INSTALLED.search(path) or path.startswith("<"))

    def request(self, options: Options, rows: Callable[[Span], tuple[int, int]]) -> dict[str, Any]:
        """Return the job as the child takes it; `rows` gives the first and last row of a span."""
        asks = ["script"] if options.compile_only else list(self.asks)
        watch: dict[str, list[list[int]]] = {}
        for finding in self.fate.trace if self.fate is not None and "trace" in asks else ():
            watch.setdefault(finding.span.path, []).append(list(rows(finding.span)))
        request: dict[str, Any] = {
            "file": self.filename if self.from_file else None,
            "import_as": self.import_as,
            "paths": self.paths,
            "make": self.make,
            "factory": self.factory,
            "call": self.call,
            "inputs": None if options.compile_only else self.inputs,
            "guess": options.guess,
            "asks": asks,
            "alone": options.compile_only,
            "watch": watch,
            "tree": options.tree,
            "values": options.values,
        }
        return {**request, "rounds": 1} if options.first else request


class Planner:
    """Makes jobs over a session; `settings` govern all of its files."""

    def __init__(self, session: Session, settings: Settings) -> None:
        self._session = session
        self._analysis = session.analysis
        self._settings = settings
        wanted = settings.target
        self._asks = (wanted,) if wanted in ASKS else ASKS

    def file(self, path: str) -> Iterator[Job]:
        """Yield the jobs of everything in a file that is, or is going to be, compiled or traced."""
        module = self._whole(path)
        if module is None:
            return
        covered: set[Class] = set()
        seen: set[tuple[int, str]] = set()
        for root in self._analysis.roots(module):
            if (root.call.start, root.how) in seen or root.how not in self._asks:
                continue
            seen.add((root.call.start, root.how))
            job = self._root(root, module)
            if job is not None:
                covered |= job.fate.modules if job.fate is not None else frozenset()
                yield job
        for cls in module.classes.values():
            asked = cls.outer is None and self._is_module(cls) and cls not in covered
            if asked and decoration(cls, self._analysis.project).jit != "interface":
                yield self._class(cls, module)

    def _whole(self, path: str) -> ModuleInfo | None:
        """Return the module of a file; None where it cannot be imported: it is a notebook, or not Python as a whole."""
        module = self._session.modules.get(path)
        return None if module is None or module.gaps or path.endswith(NOTEBOOK) else module

    def _is_module(self, cls: Class) -> bool:
        answer = self._analysis.classes.is_module(cls)
        return bool(answer) or (answer is None and "forward" in cls.functions)

    def target(self, target: str, path: str) -> Job:
        """Return the job of a target that names an object, a class, a function or a factory."""
        by_path = "::" in target
        name, _, expression = target.partition("::" if by_path else ":")
        module = self._whole(path)
        if module is None:  # which is a finding of its own; Python may know more
            return Job(target, path, None, "the target", None, target, make=expression, import_as=Path(path).stem)
        recipe = self._recipe(module, expression, target)
        make = recipe.get("make", expression)
        value = self._value(make, module)
        factory = False
        if isinstance(value, FunctionValue) and make.isidentifier():
            given = self._analysis.machine.result(value)  # its arguments may be missing
            factory = isinstance(given, Instance) and self._makes_module(given)
            if factory:
                made = self._value(f"{make}()", module)
                value = made if isinstance(made, Instance) else given
        job = self._job(target, module, value, make, factory=factory)
        job.origin = "the settings" if "make" in recipe else "defaults" if make.isidentifier() else "the expression"
        job.inputs = recipe.get("inputs")
        job.setting = target
        if not by_path:
            job.import_as, job.from_file = name, False
            job.paths = [*job.paths, os.getcwd()]
        return job

    def guessed(self, job: Job, arguments: list[str]) -> None:
        """Take note of the arguments with which the child has built an object: what is said is about that object."""
        job.origin = f"guessed: {', '.join(arguments)}"
        if job.module is not None and job.make is not None:
            value = self._analysis.evaluate(f"{job.make}({', '.join(arguments)})", job.module)
            job.fate = self._analysis.value_fate(value, new=True) or job.fate

    def _makes_module(self, value: Instance) -> bool:
        if isinstance(value.cls, Class):
            return self._analysis.classes.is_module(value.cls) is True
        return self._analysis.judge.compiler.library.is_module_class(value.cls.name)

    def _class(self, cls: Class, module: ModuleInfo) -> Job:
        recipe = self._recipe(module, cls.qualname)
        make = recipe.get("make", cls.qualname)
        job = self._job(f"{shown(module.path)}::{cls.qualname}", module, self._value(make, module), make)
        job.origin = "the settings" if "make" in recipe else "defaults"
        job.inputs = recipe.get("inputs")
        job.span = cls.module.span(cls.node)
        return job

    def _recipe(self, module: ModuleInfo, name: str, target: str = "") -> dict[str, str]:
        """Return what the settings say about building this."""
        relative = os.path.relpath(module.path, self._settings.root or os.getcwd())
        for key in (target, f"{module.name}:{name}", f"{relative.replace(os.sep, '/')}::{name}"):
            found = self._settings.confirm.get(key)
            if isinstance(found, dict):
                return found
        return {}

    def _value(self, expression: str, module: ModuleInfo) -> Value:
        value = self._analysis.evaluate(expression, module)
        if isinstance(value, ClassValue) and self._is_module(value.symbol):
            made = self._analysis.evaluate(f"{expression}()", module)
            return (
                made
                if _complete(value.symbol, self._analysis)
                else self._analysis.machine.default_instance(value.symbol)
            )
        return value

    def _job(self, target: str, module: ModuleInfo, value: Value, make: str | None, factory: bool = False) -> Job:
        fate = self._analysis.value_fate(value, new=True)
        name = make.partition("(")[0] if make is not None else target.rpartition("::")[2]
        return Job(
            target=target,
            filename=module.path,
            span=fate.span if fate is not None else None,
            origin="",
            fate=fate,
            setting=f"{module.name}:{name}",
            make=make,
            factory=factory,
            asks=self._asks,
            import_as=module.name,
            paths=self._paths(module),
            module=module,
        )

    def _paths(self, module: ModuleInfo) -> list[str]:
        root = self._settings.root or os.getcwd()
        paths = [str(module.import_root), root, os.path.join(root, "src")]
        return list(dict.fromkeys(one for one in paths if os.path.isdir(one)))

    # Calls in the code

    def _root(self, root: Compilation, module: ModuleInfo) -> Job | None:
        held = next(iter(entry_instances(Held(root.value))), None)
        value = held.value if held is not None else root.value
        row = module.source.location(root.call.start).row
        name = _name(value)
        job = self._job(f"{shown(module.path)}::{name}", module, value, None)
        job.setting = f"{module.name}:{name}"
        examples = root.examples if root.how == "trace" else None
        trail = (Step(f"`{name}` is {'scripted' if root.how == 'script' else 'traced'} here", module.span(root.call)),)
        job.fate = self._analysis.value_fate(value, examples, trail, new=True)
        job.asks = (root.how,)
        job.span = module.span(root.call)
        place = _Place(module, root.call)
        if isinstance(root.call, (n.FunctionDef, n.ClassDef)):
            if place.function is not None or isinstance(value, Instance):
                job.make, job.origin = name, "defaults"
                return job if place.function is None else None
            if place.function is None and not place.imported:
                return None
            if isinstance(root.call, n.FunctionDef) and self._compiled_later(root.call, module):
                job.make, job.origin = name, "the decorator"
                return job
            decorators = [one.start for one in root.call.decorators]
            row = module.source.location(min([root.call.name_start, *decorators])).row
            job.call = {"rows": [row, module.source.location(root.call.name_start).row]}
            job.origin = f"the decorator in line {row}"
            return job
        recipe = self._recipe(module, name)
        job.origin = f"the call in line {row}"
        job.inputs = recipe.get("inputs")
        if "make" in recipe:
            job.make, job.origin = recipe["make"], "the settings"
        elif place.imported:
            job.call = {"rows": [row, module.source.location(root.call.end).row]}
        else:
            given = [*root.call.args, *(one.value for one in root.call.keywords if one.arg in ("obj", "func"))]
            job.make = place.expression(given[0]) if given else None
            if job.make is None:
                return None  # the class itself is asked about
            if root.how == "trace" and len(given) > 1:
                job.inputs = job.inputs or place.expression(given[1])
        return job

    def _compiled_later(self, node: n.FunctionDef, module: ModuleInfo) -> bool:
        """Return True if the decorator compiles when the function is called first, not when it is defined."""
        function = module.functions.get(node.start)
        return function is not None and decoration(function, self._analysis.project).jit == "script_if_tracing"


def _complete(cls: Class, analysis: Any) -> bool:
    """Return True if the class can be built without arguments, as far as its constructor is seen."""
    method = analysis.classes.method(cls, "__init__")
    if not isinstance(method, Function):
        return True
    parameters = [*method.node.args.posonly, *method.node.args.args, *method.node.args.kwonly]
    return all(one.default is not None for one in parameters[1:])


def _name(value: Value) -> str:
    match value:
        case Instance():
            return value.cls.qualname if isinstance(value.cls, Class) else value.class_name
        case FunctionValue():
            return value.function.qualname
        case ClassValue():
            return value.symbol.qualname
        case _:
            return "?"


class _Place:
    """Where a call stands: whether importing the file runs it, and what the names around it mean."""

    def __init__(self, module: ModuleInfo, call: n.Node) -> None:
        self._module = module
        inside = [one for one in module.functions.values() if one.node.start <= call.start < one.node.end]
        inside = [one for one in inside if one.node is not call]
        self.function = max(inside, key=lambda one: one.node.start, default=None)
        guarded = [
            one
            for one in module.tree.body
            if isinstance(one, n.If) and one.start <= call.start < one.end and "__name__" in module.text(one.test)
        ]
        self.imported = self.function is None and not guarded
        body = self.function.node.body if self.function is not None else [one for two in guarded for one in two.body]
        self._local: dict[str, list[n.Expr | None]] = {}
        for node in walk_scope(body):
            if isinstance(node, n.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], n.Name):
                self._local.setdefault(node.targets[0].id, []).append(node.value)
            elif isinstance(node, (n.For, n.AugAssign, n.AnnAssign)) and isinstance(node.target, n.Name):
                self._local.setdefault(node.target.id, []).append(None)
        for parameter in self.function.node.args.all() if self.function is not None else ():
            self._local.setdefault(parameter.name, []).append(None)

    def expression(self, node: n.Expr, depth: int = _DEPTH) -> str | None:
        """Return the source of an expression in the scope of the file, None where local names have no single meaning."""
        text = self._module.text(node)
        replaced = []
        for one in walk(node):
            if isinstance(one, n.Name) and one.id in self._local:
                assigned = self._local[one.id]
                value = assigned[0] if len(assigned) == 1 else None
                inner = self.expression(value, depth - 1) if value is not None and depth else None
                if inner is None:
                    return None
                replaced.append((one.start - node.start, one.end - node.start, f"({inner})"))
        for start, end, inner in sorted(replaced, reverse=True):
            text = text[:start] + inner + text[end:]
        try:
            ast.parse(text.strip(), mode="eval")
        except SyntaxError:
            return None
        return text
