"""One run of the judges over a set of files: roots, intent, findings and verdicts.

Intent decides who is judged for what. A class that a scripted object holds is judged for script, one that a traced object
holds for trace; a class that no root reaches is judged for both. `target` overrules this.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from scriptlint.diag import Diagnostic, Report, Span, Step
from scriptlint.engine.configurations import Branch, merged
from scriptlint.engine.failures import guard
from scriptlint.engine.fates import Fate, failed, joined_fates
from scriptlint.engine.memory import Judgement, Place, Recall
from scriptlint.engine.rules import INTERNAL_ERROR
from scriptlint.evaluate.frames import Frame
from scriptlint.evaluate.sizes import forget_large
from scriptlint.evaluate.values import ClassValue, Compiled, FunctionValue, Held, Instance, LambdaValue, Unknown, Value
from scriptlint.instances.machine import Configuration, Machine
from scriptlint.instances.roots import Compilation, Observed
from scriptlint.program.classes import Classes
from scriptlint.program.decorators import decoration
from scriptlint.program.mentions import Mentions
from scriptlint.program.module import Class, Function, ModuleInfo
from scriptlint.program.project import External, Project
from scriptlint.script import decorated, given, saving
from scriptlint.script.frontend_expr import LAMBDA_EXPRESSION
from scriptlint.script.infer.compiler import Compiler
from scriptlint.script.infer.history import History
from scriptlint.script.judge import Judge
from scriptlint.script.order import Order, mark
from scriptlint.script.reach import Reach, Unit, entry_instances
from scriptlint.syntax import nodes as n
from scriptlint.syntax.walk import dotted, walk
from scriptlint.torchlib.library import Library
from scriptlint.trace import remains
from scriptlint.trace.entry import Entry, exports
from scriptlint.trace.flow import Flow
from scriptlint.trace.summaries import Summaries

# The last names of calls that make roots, or that save and load what they make.
_CALLS = frozenset(
    "script trace trace_module freeze optimize_for_inference export save load script_if_tracing script_method".split()
)


class Analysis:
    """Judges the modules of a project; `linted` are the files that were asked for.

    `recall` knows what earlier analyses of the same files found, when some of them were different.
    """

    def __init__(
        self,
        project: Project,
        library: Library,
        linted: Iterable[ModuleInfo],
        target: str,
        recall: Recall | None = None,
    ) -> None:
        self.project = project
        self.linted = list(linted)
        self.target = target
        self._paths = {module.path for module in self.linted}
        self.machine = Machine(project, Classes(project), library)
        self.library = library
        self.summaries = Summaries()
        self.judge = Judge(Compiler(self.machine, library))
        self.report = Report()
        self.scripted: set[Class] = set()
        self.traced: set[Class] = set()
        self._reached: set[Function] = set()
        self._excluded: set[Function] = set()
        self._judged: set[Class] = set()
        self._roots: set[tuple[str, int, str, int]] = set()
        self._recall = recall
        self._mentions = Mentions(project, self.linted)

    @property
    def classes(self) -> Classes:
        return self.machine.classes

    # check

    def run(self) -> list[Diagnostic]:
        """Every finding of the run, unsettled."""
        for module in self.linted:
            self._guard(module, partial(self._execute, module))
        calls: dict[int, list[Compilation]] = {}
        for compilation in self.machine.compilations:
            calls.setdefault(id(compilation.call), []).append(compilation)
        for group in calls.values():
            self._guard(group[0].module, partial(self._roots_of_call, group))
        for module in self.linted:
            for cls in module.classes.values():
                self._guard(module, partial(self._unrooted, cls))
        archives: dict[str, Observed] = {}
        for call in self.machine.observed:
            self._guard(call.module, partial(saving.note_archive, call, archives))
        for call in self.machine.observed:
            checked = partial(saving.check_call, call, archives, self.machine, self._reached, self.report)
            self._guard(call.module, checked)
            self._guard(call.module, partial(remains.check_call, self.machine, call, self.report))
        for read in self.machine.reads:
            self._guard(read.module, partial(saving.check_read, self.machine, read, self.report))
            self._guard(read.module, partial(remains.check_read, self.machine, read, self.report))
        for module in self.linted:
            known = (self.classes, self._reached, self._excluded, self._judged)
            self._guard(module, partial(decorated.check, module, *known, self.report))
        for call in self.machine.observed:
            self._guard(call.module, partial(decorated.check_use, call, self.classes, self._reached, self.report))
        return self.report.diagnostics

    def _guard(self, module: ModuleInfo, work: Callable[[], object]) -> None:
        guard(self.report, module.path, work)

    def _execute(self, module: ModuleInfo) -> None:
        """Executes what may hold roots: the body of a file, its functions, and the methods of classes that are no modules."""
        if "jit" not in module.source.text and "onnx" not in module.source.text:
            return
        calls = self._compiler_calls(module)
        if calls:
            self.machine.run_module(module)
        for function in module.functions.values():
            marks = decoration(function, self.project)
            if marks.jit in ("script", "script_if_tracing") and function.owner is None:
                value = FunctionValue(function)
                self.machine.compilations.append(Compilation("script", value, function.node, module))
            elif function.outer is None and any(function.node.start <= at < function.node.end for at in calls):
                if function.owner is None:
                    self.machine.run_function(function)
                else:
                    self.machine.run_method(function, self.machine.default_instance(function.owner))
        for cls in module.classes.values():
            if decoration(cls, self.project).jit == "script":
                self.machine.compilations.append(Compilation("script", ClassValue(cls), cls.node, module))
            elif any(decoration(one, self.project).jit == "script_method" for one in cls.functions.values()):
                instance = self.machine.default_instance(cls)
                self.machine.compilations.append(Compilation("script", instance, cls.node, module))

    def _compiler_calls(self, module: ModuleInfo) -> list[int]:
        """Where a file calls what compiles, saves or loads; what is decorated is found by its decorators."""
        names = set(_CALLS)
        for bound, bindings in module.scope.bindings.items():
            imports = [one.node for one in bindings if isinstance(one.node, n.ImportFrom)]
            if any(alias.name in _CALLS for node in imports for alias in node.names if alias.asname == bound):
                names.add(bound)
        if not re.search(rf"\b(?:{'|'.join(names)})\s*\(", module.source.text):
            return []
        found = []
        for one in walk(module.tree):
            if isinstance(one, n.Call):
                last = one.func.attr if isinstance(one.func, n.Attribute) else getattr(one.func, "id", "")
                if last in names:
                    symbol = self.project.resolve(one.func, module)
                    # Snippets leave the import of torch out.
                    name = symbol.name if isinstance(symbol, External) else (symbol is None and dotted(one.func)) or ""
                    if name.startswith("torch."):
                        found.append(one.start)
        return found

    def _roots_of_call(self, roots: list[Compilation]) -> None:
        """Judge what a call compiles on each of the paths that lead to it."""
        roots = list({(one.how, id(_identity(Held(one.value)))): one for one in reversed(roots)}.values())
        if len(roots) == 1:
            self._root(roots[0])
            return
        branches = []
        for root in roots:
            with self._apart() as report:
                self._root(root)
            branches += [Branch(conditions, report.diagnostics) for conditions in root.paths or [()]]
        self.report.diagnostics += merged(branches)

    def _root(self, root: Compilation) -> None:
        span = root.module.span(root.call.func if isinstance(root.call, n.Call) else root.call)
        if isinstance(root.call, (n.FunctionDef, n.ClassDef)):
            start = root.call.name_start
            span = Span(root.module.path, start, start + len(root.call.name))
        how = root.how if self.target in ("auto", "both") else self.target
        if how == "trace" and isinstance(root.value, Compiled):
            return  # what was compiled stays as it is
        given.check(root, self.machine, span, self.report)
        for held in entry_instances(Held(root.value)):
            if isinstance(held.value, Instance):
                forget_large(held.value)
            key = (root.module.path, root.call.start, how, id(_identity(held)))
            if key in self._roots:
                continue
            self._roots.add(key)
            word = "scripted" if how == "script" else "traced"
            trail = (Step(f"`{_name(held)}` is {word} here", span),)
            if how == "script":
                self._script(held, trail)
            if how == "trace":
                self._trace(held, trail, root)

    def _script(self, held: Held, trail: tuple[Step, ...]) -> None:
        begin = len(self.report.diagnostics)
        reach = Reach(self.judge.compiler)
        value = held.value
        if isinstance(value, Instance) and isinstance(value.cls, Class) and self.classes.is_module(value.cls) is False:
            # An object that is no module: its class is compiled.
            decorated.check_direct_class(value.cls, self.classes, self.report, trail)
            reach.script_class(value.cls, trail, held.when)
        elif isinstance(value, Instance):
            reach.module(value, trail, held.when)
        elif isinstance(value, FunctionValue):
            self._script_function(reach, value, trail, held.when)
        elif isinstance(value, LambdaValue):
            span = Frame(value.place).module.span(value.node)
            self.report.report(LAMBDA_EXPRESSION, span, trail=trail, when=held.when)
        elif isinstance(value, ClassValue):
            decorated.check_direct_class(value.symbol, self.classes, self.report, trail)
            reach.script_class(value.symbol, trail, held.when)
        new = isinstance(value, Instance) and not value.ran
        with self.judge.compiler.of(History.NEW if new else History.RUN):
            self._judge(reach)
            order = Order(self.judge, reach)
            if isinstance(value, Instance) and reach.objects:
                mark(self.report.diagnostics, begin, order.module(value))
            elif isinstance(value, FunctionValue):
                mark(self.report.diagnostics, begin, order.function(value.function, None))
        self.scripted |= reach.modules

    def _script_function(self, reach: Reach, value: FunctionValue, trail: tuple[Step, ...], when: str | None) -> None:
        decorated.check_direct(value.function, self.project, self.report, trail)
        bound = value.bound if isinstance(value.bound, Instance) else None
        reach.function(Unit(value.function, bound, trail, when))

    def _judge(self, reach: Reach) -> None:
        self.judge.units(reach, self.report)
        self.judge.objects(reach, self.report)
        decorated.check_units(reach.units, self.judge, self.project, self.report)
        self._reached |= {unit.function for unit in reach.units}
        self._excluded |= reach.excluded
        self._judged |= reach.modules

    def _trace(self, held: Held, trail: tuple[Step, ...], root: Compilation) -> None:
        flow = Flow(self.machine, self.library, self.summaries)
        flow.root(held, trail, _entry(root))
        for one in flow.report.diagnostics:
            self.report.add(one, when=held.when)
        self.traced |= flow.modules
        if root.by in ("torch.jit.trace", "torch.jit.trace_module"):
            self._script_exports(flow, trail)

    def _script_exports(self, flow: Flow, trail: tuple[Step, ...]) -> None:
        """Exported methods of what is traced are compiled."""
        reach = Reach(self.judge.compiler)
        for instance, function in exports(flow):
            step = Step(f"`{function.qualname}` is exported, so it is compiled", function.module.span(function.node))
            reach.function(Unit(function, instance, (*trail, step)))
        self._judge(reach)

    def _unrooted(self, cls: Class) -> None:
        """Judges a class of nn.Module that no root reaches."""
        if not self.classes.is_module(cls) or self._is_interface(cls):
            return
        if self.target == "auto" and (cls in self.scripted or cls in self.traced):
            return
        known = None if self._recall is None else self._recall(_place(cls))
        if known is None:
            self._judge_unrooted(cls)
            return
        self.report.diagnostics += known.findings
        self._reached |= set(self._functions(known.reached))
        self._excluded |= set(self._functions(known.excluded))
        for path, start in known.judged:
            module = self.project.module(path)
            assert module is not None
            self._judged.add(module.classes[start])

    def _functions(self, places: Iterable[Place]) -> Iterator[Function]:
        for path, start in places:
            module = self.project.module(path)
            assert module is not None
            yield module.functions[start]

    def _judge_unrooted(self, cls: Class) -> None:
        noted = self._noted()
        reaches, branches = [], []
        for configuration in self._configurations(cls):
            assert configuration.instance is not None
            reach = Reach(self.judge.compiler)
            with self._apart() as report:
                if self.target != "trace":
                    reach.module(configuration.instance)
                    self._judge(reach)
                if self.target != "script":
                    flow = Flow(self.machine, self.library, self.summaries, rooted=False, outputs=False)
                    flow.root(Held(configuration.instance), ())
                    report.diagnostics += flow.report.diagnostics
            reaches.append(reach)
            branches.append(Branch(configuration.conditions, report.diagnostics))
        # What a class that nobody scripts would pull in from elsewhere is no finding about the files asked for.
        kept = [one for one in merged(branches) if one.span.path in self._paths]
        self.report.diagnostics += kept
        if self._recall is not None and self._noted() == noted:
            files = self._recall.digests(self._mentions.files(cls))
            reached = dict.fromkeys(_place(unit.function) for reach in reaches for unit in reach.units)
            excluded = dict.fromkeys(_place(one) for reach in reaches for one in reach.excluded)
            judged = dict.fromkeys(_place(one) for reach in reaches for one in reach.modules)
            self._recall.keep(_place(cls), Judgement(files, kept, list(reached), list(excluded), list(judged)))

    def _configurations(self, cls: Class) -> list[Configuration]:
        """Return the configurations of a class in which there is an object; one that is hidden where there is none."""
        built = self.machine.configurations(cls).built or [Configuration(self.machine.default_instance(cls), (), ())]
        for configuration in built:
            if configuration.instance is not None:
                forget_large(configuration.instance)
        return built

    @contextmanager
    def _apart(self) -> Iterator[Report]:
        """Collect what is reported inside of this block in a report of its own."""
        before, self.report = self.report, Report()
        try:
            yield self.report
        finally:
            self.report = before

    def _noted(self) -> int:
        """How much the execution of code has left behind that is judged for all files at once."""
        return len(self.machine.compilations) + len(self.machine.observed) + len(self.machine.reads)

    def _is_interface(self, cls: Class) -> bool:
        return decoration(cls, self.project).jit == "interface"

    # modules

    def fates(self, module: ModuleInfo) -> Iterator[Fate]:
        """What becomes of every class of a file that is an nn.Module, or may be one."""
        for cls in module.classes.values():
            if guard(self.report, module.path, partial(self._has_fate, cls)):
                yield self.guarded_fate(cls)

    def _has_fate(self, cls: Class) -> bool:
        answer = self.classes.is_module(cls)
        looks_like_one = answer is None and "forward" in cls.functions
        return bool(answer or looks_like_one) and not self._is_interface(cls)

    def guarded_fate(self, cls: Class) -> Fate:
        """Return what becomes of the objects of a class; one that breaks us is unseen, and reported by `failures`."""
        fate = guard(self.report, cls.module.path, lambda: self.class_fate(cls))
        return fate or failed(cls.node.name, cls.dotted, cls.module.span(cls.node))

    def class_fate(self, cls: Class) -> Fate:
        """Return what becomes of the objects that a class makes, over all its configurations."""
        known = self.machine.configurations(cls)
        failures = [f"`{cls.node.name}` makes no object: {one.failure}" for one in known.each if one.instance is None]
        if not known.built:
            fate = self.fate(cls, self.machine.default_instance(cls))
            return replace(fate, unseen=(*fate.unseen, *failures[:1]), untraced=(*fate.untraced, *failures[:1]))
        fates = [self.fate(cls, one.instance) for one in known.built if one.instance is not None]
        joined = joined_fates(fates, [one.conditions for one in known.built])
        assumed = dict.fromkeys(text for one in known.built for text in one.assumed)
        return replace(joined, assumed=(*assumed, *joined.assumed))

    def evaluate(self, expression: str, module: ModuleInfo) -> Value:
        """Return the value of a text in the scope of a file; unknown where it is not an expression, or breaks us."""
        value = guard(self.report, module.path, lambda: self.machine.evaluate_text(expression, module))
        return value or Unknown("scriptlint failed on it")

    def outcomes(self, node: n.Expr, expression: str, module: ModuleInfo) -> list[tuple[Value, tuple[str, ...]]]:
        """Return the values that an expression may have in the scope of a file; unknown where it breaks us."""
        values = guard(self.report, module.path, lambda: self.machine.outcomes(node, expression, module))
        return values or [(Unknown("scriptlint failed on it"), ())]

    def failures(self) -> list[Diagnostic]:
        """The pieces of work that failed by a fault of ours."""
        return [one for one in self.report.diagnostics if one.code == INTERNAL_ERROR.code]

    def roots(self, module: ModuleInfo) -> list[Compilation]:
        """The places in a file where its code scripts or traces something."""
        before = len(self.machine.compilations)
        self._guard(module, partial(self._execute, module))
        return [one for one in self.machine.compilations[before:] if one.module is module]

    def value_fate(
        self,
        value: Value,
        examples: tuple[Value, ...] | None = None,
        trail: tuple[Step, ...] = (),
        *,
        new: bool = False,
    ) -> Fate | None:
        """What becomes of a value that is compiled or traced, in a trace with these examples; None without its source.

        `trail` says why it is, if the code does. `new` says that nobody calls it before unless the code does.
        """
        of: Class | Function
        work: Callable[[], Fate]
        if isinstance(value, FunctionValue):
            of, work = value.function, partial(self.function_fate, value.function)
        elif isinstance(value, Instance) and isinstance(value.cls, Class):
            of, work = value.cls, partial(self.object_fate, value.cls, value, examples, new=new)
        elif isinstance(value, ClassValue):
            of, work = value.symbol, partial(self._class_fate, value.symbol, trail)
        else:
            return None
        fate = guard(self.report, of.module.path, work)
        return fate or failed(of.node.name, of.dotted, of.module.span(of.node))

    def _class_fate(self, cls: Class, trail: tuple[Step, ...]) -> Fate:
        script = Report()
        reach = Reach(self.judge.compiler)
        decorated.check_direct_class(cls, self.classes, script, trail or (_itself(cls),))
        reach.script_class(cls, (), None)
        self.judge.units(reach, script)
        self.judge.objects(reach, script)
        unseen = (*reach.unseen, *self.judge.unknowns(reach.units))
        return Fate(cls.node.name, cls.dotted, cls.module.span(cls.node), script.diagnostics, [], unseen)

    def object_fate(
        self, cls: Class, instance: Instance, examples: tuple[Value, ...] | None = None, *, new: bool = False
    ) -> Fate:
        """What becomes of an object that somebody made, and perhaps called, if it is not `new`."""
        with self.judge.compiler.of(History.NEW if new and not instance.ran else History.RUN):
            return self.fate(cls, instance, examples)

    def fate(self, cls: Class, instance: Instance, examples: tuple[Value, ...] | None = None) -> Fate:
        """What becomes of an object; `examples` are what the code traces it with, if it does."""
        forget_large(instance)
        script, trace = Report(), Report()
        reach = Reach(self.judge.compiler)
        reach.module(instance)
        self.judge.units(reach, script)
        self.judge.objects(reach, script)
        decorated.check_units(reach.units, self.judge, self.project, script)
        flow = Flow(self.machine, self.library, self.summaries, rooted=examples is not None)
        flow.root(Held(instance), (), Entry(examples or ()))
        trace.diagnostics += flow.report.diagnostics
        return Fate(
            cls.node.name,
            cls.dotted,
            cls.module.span(cls.node),
            script.diagnostics,
            trace.diagnostics,
            unseen=(*self.classes.lineage(cls).unseen, *reach.unseen, *self.judge.unknowns(reach.units)),
            assumed=(
                *self.judge.assumptions(reach.units),
                *(f"{one} is traced faithfully" for one in sorted(flow.assumed)),
            ),
            modules=frozenset(reach.modules | flow.modules),
            untraced=tuple(sorted({*self.classes.lineage(cls).unseen, *flow.unseen})),
        )

    def function_fate(self, function: Function) -> Fate:
        """What becomes of a function that is scripted or traced by itself."""
        script = Report()
        reach = Reach(self.judge.compiler)
        if decoration(function, self.project).jit not in ("unused", "drop"):  # those compile to an exception
            decorated.check_direct(function, self.project, script)
            reach.function(Unit(function, None))
        self.judge.units(reach, script)
        flow = Flow(self.machine, self.library, self.summaries, rooted=False)
        flow.root(Held(FunctionValue(function)), ())
        span = function.module.span(function.node)
        unseen = tuple(self.judge.unknowns(reach.units))
        untraced = tuple(sorted(flow.unseen))
        found = flow.report.diagnostics
        return Fate(function.node.name, function.dotted, span, script.diagnostics, found, unseen, untraced=untraced)


def _entry(root: Compilation) -> Entry:
    """How a trace was asked for; what is traced only because the user wants it so has no example."""
    if root.how != "trace" or not isinstance(root.call, n.Call):
        return Entry()
    return Entry(root.examples, root.keywords, root.evaluated, root.by, root.call, root.module, root.ran)


def _place(one: Class | Function) -> Place:
    return one.module.path, one.node.start


def _itself(cls: Class) -> Step:
    return Step(f"`{cls.node.name}` is scripted", cls.module.span(cls.node))


def _identity(held: Held) -> object:
    value = held.value
    if isinstance(value, FunctionValue):
        return value.function
    return value.symbol if isinstance(value, ClassValue) else value


def _name(held: Held) -> str:
    value = held.value
    if isinstance(value, Instance):
        return value.class_name
    if isinstance(value, FunctionValue):
        return value.function.node.name
    return value.symbol.node.name if isinstance(value, ClassValue) else "this"
