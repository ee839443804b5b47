"""One run of the judges over a set of files: roots, intent, findings and verdicts.

Intent decides who is judged for what. A class that a scripted object holds is judged for script, one that a traced object
holds for trace. A class that no root reaches is only counted, unless the project has no root at all: then the question is
whether it could be compiled, and it is judged for both. `target` overrules this.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from scriptlint.diag import Diagnostic, Report, Span, Step
from scriptlint.engine.annotated import folded
from scriptlint.engine.configurations import Branch, merged
from scriptlint.engine.failures import guard
from scriptlint.engine.fates import has_error
from scriptlint.engine.memory import Judgement, Place, Recall
from scriptlint.engine.outcomes import Outcomes, script_verdict, trace_verdict
from scriptlint.engine.roots import Search, is_told, untold
from scriptlint.evaluate.frames import Frame
from scriptlint.evaluate.sizes import forget_large
from scriptlint.evaluate.values import ClassValue, Compiled, FunctionValue, Held, Instance, LambdaValue, Value
from scriptlint.instances.machine import Configuration, Machine
from scriptlint.instances.roots import Compilation, Observed
from scriptlint.program.classes import Classes
from scriptlint.program.decorators import decoration
from scriptlint.program.mentions import Mentions
from scriptlint.program.module import Class, Function, ModuleInfo
from scriptlint.program.project import Project
from scriptlint.script import archive_names, decorated, given, saving
from scriptlint.script.frontend_expr import LAMBDA_EXPRESSION
from scriptlint.script.infer.compiler import Compiler
from scriptlint.script.infer.history import History
from scriptlint.script.judge import Judge
from scriptlint.script.order import Order, mark
from scriptlint.script.reach import Reach, Unit, entry_instances
from scriptlint.syntax import nodes as n
from scriptlint.torchlib.library import Library
from scriptlint.trace import remains
from scriptlint.trace.entry import Entry, exports
from scriptlint.trace.flow import Flow
from scriptlint.trace.summaries import Summaries


class Analysis:
    """Judges the modules of a project; `linted` are the files that were asked for, `others` may hold roots as well.

    `counts_unreached` says that a class that no root reaches is not judged where there are roots; `has_roots` that there
    are some in the project. `recall` knows what earlier analyses of the same files found, when some
    of them were different.
    """

    def __init__(
        self,
        project: Project,
        library: Library,
        linted: Iterable[ModuleInfo],
        target: str,
        recall: Recall | None = None,
        others: Iterable[ModuleInfo] = (),
        counts_unreached: bool = False,
        has_roots: bool = False,
    ) -> None:
        self.project = project
        self.linted = list(linted)
        self._others = list(others)
        self._counts_unreached = counts_unreached and target == "auto"
        self._has_roots = has_roots
        self.outcomes = Outcomes()
        self.unjudged: list[Span] = []
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
        self._annotations: dict[Span, Class] = {}
        self._used: set[Class] = set()
        self._roots: set[tuple[str, int, str, int]] = set()
        self._counted: set[tuple[str, int]] = set()
        self._recall = recall
        self._mentions = Mentions(project, self.linted)

    @property
    def classes(self) -> Classes:
        return self.machine.classes

    # check

    def run(self) -> list[Diagnostic]:
        """Every finding of the run, unsettled."""
        Search(self.machine, [*self.linted, *self._others], self._guard).run()
        groups: dict[tuple[int, int], list[Compilation]] = {}
        for compilation in self.machine.compilations:
            groups.setdefault((id(compilation.call), compilation.run), []).append(compilation)
        for group in groups.values():
            self._guard(group[0].module, partial(self._roots_of_call, group))
        self.outcomes.untold = sorted(untold([*self.linted, *self._others], self.machine))
        self._counts_unreached = self._counts_unreached and (self._has_roots or bool(groups))
        for module in self.linted:
            for cls in module.classes.values():
                self._guard(module, partial(self._unrooted, cls))
        archives: dict[str, Observed] = {}
        for call in self.machine.observed:
            self._guard(call.module, partial(saving.note_archive, call, archives))
        observed = [one for one in self.machine.observed if one.module.path in self._paths]
        for call in observed:
            checked = partial(saving.check_call, call, archives, self.machine, self._reached, self.report)
            self._guard(call.module, checked)
            self._guard(call.module, partial(remains.check_call, self.machine, call, self.report))
        for read in [one for one in self.machine.reads if one.module.path in self._paths]:
            self._guard(read.module, partial(saving.check_read, self.machine, read, self.report))
            self._guard(read.module, partial(remains.check_read, self.machine, read, self.report))
        for module in self.linted:
            known = (self.classes, self._reached, self._excluded, self._judged)
            self._guard(module, partial(decorated.check, module, *known, self.report))
        for call in observed:
            self._guard(call.module, partial(decorated.check_use, call, self.classes, self._reached, self.report))
        for root in [one for one in self.machine.expected.values() if one.module.path in self._paths]:
            self._guard(root.module, partial(self._expected_to_fail, root))
        return list(folded(self.report.diagnostics, self._annotations, self._used, self.project))

    def _guard(self, module: ModuleInfo, work: Callable[[], object]) -> None:
        guard(self.report, module.path, work)

    def _roots_of_call(self, roots: list[Compilation]) -> None:
        """Judge what a call compiles on each of the paths that lead to it.

        Of a root in a file that was not asked for only that is said which lies in one that was.
        """
        whole, is_asked = Report(), roots[0].module.path in self._paths
        try:
            with self._apart(whole):
                self._judge_roots(roots)
        finally:
            self.report.diagnostics += [one for one in whole.diagnostics if is_asked or one.span.path in self._paths]

    def _expected_to_fail(self, root: Compilation) -> None:
        """Report what is refused of the code that a test has in its own file, and count nothing."""
        counted, self.outcomes = self.outcomes, Outcomes()
        try:
            with self._apart() as whole:
                self._root(root)
        finally:
            self.outcomes = counted
        self.report.diagnostics += [one for one in whole.diagnostics if one.span.path == root.module.path]

    def _judge_roots(self, roots: list[Compilation]) -> None:
        roots = list({(one.how, id(_identity(Held(one.value)))): one for one in reversed(roots)}.values())
        if len(roots) == 1:
            self._root(roots[0])
            return
        branches: dict[tuple[str, ...], list[Diagnostic]] = {}
        for root in roots:
            with self._apart() as report:
                self._root(root)
            for conditions in root.paths or [()]:
                branches.setdefault(conditions, []).extend(report.diagnostics)
        certain = merged([Branch((), branches.pop((), []))])  # a loop, say, compiles all that it is given
        known = {(one.code, one.span, one.message) for one in certain}
        others = merged([Branch(*one) for one in branches.items()]) if branches else []
        self.report.diagnostics += certain
        self.report.diagnostics += [one for one in others if (one.code, one.span, one.message) not in known]

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
            with self._apart() as report:
                unseen = self._script(held, trail) if how == "script" else self._trace(held, trail, root)
            self.report.diagnostics += report.diagnostics
            if is_told(held.value):
                verdict = script_verdict if how == "script" else trace_verdict
                self._count(how, _identity(held), verdict(report.diagnostics, unseen), unseen)

    def _count(self, how: str, judged: object, verdict: str, unseen: Sequence[str] = ()) -> None:
        """Count what was judged, once."""
        if (how, id(judged)) not in self._counted:
            self._counted.add((how, id(judged)))
            counts = self.outcomes.verdicts.setdefault(how, {})
            counts[verdict] = counts.get(verdict, 0) + 1
            for reason in unseen[:1] if verdict == "unknown" else ():
                self.outcomes.unseen[reason] = self.outcomes.unseen.get(reason, 0) + 1

    def _script(self, held: Held, trail: tuple[Step, ...]) -> list[str]:
        """Judge what is scripted, and return what could not be seen of it."""
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
            unseen = [*self._unseen_bases(value), *reach.unseen, *self.judge.unknowns(reach.units)]
        self.scripted |= reach.modules
        return unseen

    def _unseen_bases(self, value: Value) -> list[str]:
        cls = value.cls if isinstance(value, Instance) else None
        return list(self.classes.lineage(cls).unseen) if isinstance(cls, Class) else []

    def _script_function(self, reach: Reach, value: FunctionValue, trail: tuple[Step, ...], when: str | None) -> None:
        decorated.check_direct(value.function, self.project, self.report, trail)
        bound = value.bound if isinstance(value.bound, Instance) else None
        reach.function(Unit(value.function, bound, trail, when))

    def _judge(self, reach: Reach) -> None:
        self.judge.units(reach, self.report)
        self.judge.objects(reach, self.report)
        decorated.check_units(reach.units, self.judge, self.project, self.report)
        archive_names.check(reach, self.report)
        self._reached |= {unit.function for unit in reach.units}
        self._excluded |= reach.excluded
        self._judged |= reach.modules
        self._annotations |= reach.annotations
        self._used |= reach.used

    def _trace(self, held: Held, trail: tuple[Step, ...], root: Compilation) -> list[str]:
        """Judge what is traced, and return what could not be seen of it."""
        flow = Flow(self.machine, self.library, self.summaries)
        flow.root(held, trail, _entry(root))
        for one in flow.report.diagnostics:
            self.report.add(one, when=held.when)
        self.traced |= flow.modules
        if root.by in ("torch.jit.trace", "torch.jit.trace_module"):
            self._script_exports(flow, trail)
        return [*self._unseen_bases(held.value), *flow.unseen]

    def _script_exports(self, flow: Flow, trail: tuple[Step, ...]) -> None:
        """Exported methods of what is traced are compiled."""
        reach = Reach(self.judge.compiler)
        for instance, function in exports(flow):
            step = Step(f"`{function.qualname}` is exported, so it is compiled", function.module.span(function.node))
            reach.function(Unit(function, instance, (*trail, step)))
        self._judge(reach)

    def _unrooted(self, cls: Class) -> None:
        """Judges a class of nn.Module that no root reaches."""
        if not self.classes.is_module(cls) or self.is_interface(cls):
            return
        if self.target == "auto" and (cls in self.scripted or cls in self.traced):
            return
        if self._counts_unreached:
            self.outcomes.unreached += 1
            end = cls.module.source.text.find("\n", cls.node.end)  # comments behind the last statement are of it too
            self.unjudged.append(Span(cls.module.path, cls.node.start, cls.node.end if end < 0 else end))
            return
        known = None if self._recall is None else self._recall(_place(cls))
        if known is None:
            self._judge_unrooted(cls)
            return
        self.report.diagnostics += known.findings
        for how, verdict in known.verdicts.items():
            self._count(how, cls, verdict)
        self._reached |= set(self._functions(known.reached))
        self._excluded |= set(self._functions(known.excluded))
        self._judged |= set(self._classes(known.judged))
        self._annotations |= {span: cls for span, place in known.annotations.items() for cls in self._classes([place])}
        self._used |= set(self._classes(known.used))

    def _classes(self, places: Iterable[Place]) -> Iterator[Class]:
        for path, start in places:
            module = self.project.module(path)
            assert module is not None
            yield module.classes[start]

    def _functions(self, places: Iterable[Place]) -> Iterator[Function]:
        for path, start in places:
            module = self.project.module(path)
            assert module is not None
            yield module.functions[start]

    def _judge_unrooted(self, cls: Class) -> None:
        noted = self._noted()
        reaches: list[Reach] = []
        script: list[Branch] = []
        trace: list[Branch] = []
        unseen, untraced = list(self.classes.lineage(cls).unseen), list(self.classes.lineage(cls).unseen)
        for configuration in self._configurations(cls):
            assert configuration.instance is not None
            if self.target != "trace":
                reach = Reach(self.judge.compiler)
                with self._apart() as report:
                    reach.module(configuration.instance)
                    self._judge(reach)
                reaches.append(reach)
                script.append(Branch(configuration.conditions, report.diagnostics))
                unseen += [*reach.unseen, *self.judge.unknowns(reach.units)]
            if self.target != "script":
                flow = Flow(self.machine, self.library, self.summaries, rooted=False, outputs=False)
                flow.root(Held(configuration.instance), ())
                trace.append(Branch(configuration.conditions, flow.report.diagnostics))
                untraced += flow.unseen
        kept: list[Diagnostic] = []
        verdicts: dict[str, str] = {}
        for how, branches, lost, verdict in (
            ("script", script, unseen, script_verdict),
            ("trace", trace, untraced, trace_verdict),
        ):
            if branches:
                found = merged(branches)
                is_refused = all(has_error(one.findings) for one in branches)
                verdicts[how] = verdict(found, lost, is_refused=is_refused)
                self._count(how, cls, verdicts[how], lost)
                # What a class that nobody scripts would pull in from elsewhere is no finding about the files asked for.
                kept += [one for one in found if one.span.path in self._paths]
        self.report.diagnostics += kept
        if self._recall is not None and self._noted() == noted:
            files = self._recall.digests(self._mentions.files(cls))
            reached = dict.fromkeys(_place(unit.function) for reach in reaches for unit in reach.units)
            excluded = dict.fromkeys(_place(one) for reach in reaches for one in reach.excluded)
            judged = dict.fromkeys(_place(one) for reach in reaches for one in reach.modules)
            annotations = {span: _place(one) for reach in reaches for span, one in reach.annotations.items()}
            used = dict.fromkeys(_place(one) for reach in reaches for one in reach.used)
            places = list(reached), list(excluded), list(judged), annotations, list(used)
            self._recall.keep(_place(cls), Judgement(files, kept, verdicts, *places))

    def _configurations(self, cls: Class) -> list[Configuration]:
        """Return the configurations of a class in which there is an object; one that is hidden where there is none."""
        built = self.machine.configurations(cls).built or [Configuration(self.machine.default_instance(cls), (), ())]
        for configuration in built:
            if configuration.instance is not None:
                forget_large(configuration.instance)
        return built

    @contextmanager
    def _apart(self, report: Report | None = None) -> Iterator[Report]:
        """Collect what is reported inside of this block in a report of its own."""
        before, self.report = self.report, Report() if report is None else report
        try:
            yield self.report
        finally:
            self.report = before

    def _noted(self) -> int:
        """How much the execution of code has left behind that is judged for all files at once."""
        return len(self.machine.compilations) + len(self.machine.observed) + len(self.machine.reads)

    def is_interface(self, cls: Class) -> bool:
        """Return True for a class that only declares what modules have."""
        return decoration(cls, self.project).jit == "interface"


def _entry(root: Compilation) -> Entry:
    """How a trace was asked for; what is traced only because the user wants it so has no example."""
    if root.how != "trace" or not isinstance(root.call, n.Call):
        return Entry()
    return Entry(root.examples, root.keywords, root.evaluated, root.by, root.call, root.module, root.ran)


def _place(one: Class | Function) -> Place:
    return one.module.path, one.node.start


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
