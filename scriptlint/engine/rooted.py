"""What the code itself gives to a compiler: a class that a scripted object holds is judged for script, one that a traced object
holds for trace. `target` overrules this.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from scriptlint.diag import Diagnostic, Span, Step
from scriptlint.engine.analysis import Analysis
from scriptlint.engine.configurations import Branch, conditional, merged
from scriptlint.engine.judgement import Verdict
from scriptlint.engine.outcomes import script_verdict, trace_verdict
from scriptlint.engine.places import place
from scriptlint.engine.roots import Among, Search, is_told, told, without_stand_ins
from scriptlint.evaluate.frames import Frame
from scriptlint.evaluate.sizes import forget_large
from scriptlint.evaluate.values import ClassValue, Compiled, FunctionValue, Held, Instance, LambdaValue
from scriptlint.instances.roots import Compilation
from scriptlint.program.decorators import Effect, decoration
from scriptlint.program.module import Class, Function, ModuleInfo
from scriptlint.program.project import Project
from scriptlint.script import decorated, given, saving
from scriptlint.script.frontend_expr import LAMBDA_EXPRESSION
from scriptlint.script.infer.history import History
from scriptlint.script.order import Order, mark
from scriptlint.script.reach import Reach, Unit, entry_instances, replaced_by
from scriptlint.syntax import nodes as n
from scriptlint.torchlib.library import Library
from scriptlint.trace import remains
from scriptlint.trace.entry import Entry, exports
from scriptlint.trace.flow import Flow

_MOST_UNPROVED = 2
"""How many conditions that only a file tells a finding may have."""


class Rooted(Analysis):
    """Judges the roots of one file, which may be met in others that use it; `among` finds those.

    `found` are the findings by the file in which their root lies, `rooted` the classes of the objects that roots hold;
    `told` says of each call that compiles something whether it is known what.
    """

    def __init__(self, project: Project, library: Library, target: str, among: Among) -> None:
        super().__init__(project, library, target)
        self._among = among
        self.found: list[tuple[str, list[Diagnostic]]] = []
        self.verdicts: list[Verdict] = []
        self.rooted: dict[Class, None] = {}
        self.told: dict[Span, bool] = {}
        self.saves: dict[str, Span] = {}
        self.loads: list[tuple[str, Span]] = []
        self._roots: set[tuple[str, int, str, int]] = set()
        self._counted: set[tuple[str, int]] = set()

    def run(self, module: ModuleInfo) -> None:
        """Find and judge the roots of a file."""
        Search(self.machine, module, self._among, self.guard).run()
        groups: dict[tuple[int, int], list[Compilation]] = {}
        for compilation in without_stand_ins(self.machine.compilations):
            groups.setdefault((id(compilation.call), compilation.run), []).append(compilation)
        for group in groups.values():
            with self._about(group[0].module):
                self.guard(group[0].module, partial(self._judge_roots, group))
        self.guard(module, lambda: self.told.update(told(module, self.machine)))
        for call in self.machine.observed:
            self.guard(call.module, partial(saving.note_archive, call, self.saves))
        for call in self.machine.observed:
            with self._about(call.module, call.when):
                checked = partial(saving.check_call, call, self.machine, self.reached, self.loads, self.report)
                self.guard(call.module, checked)
                self.guard(call.module, partial(remains.check_call, self.machine, call, self.report))
        for read in self.machine.reads:
            with self._about(read.module, read.when):
                self.guard(read.module, partial(saving.check_read, self.machine, read, self.report))
                self.guard(read.module, partial(remains.check_read, self.machine, read, self.report))
        for call in self.machine.observed:
            with self._about(call.module, call.when):
                self.guard(call.module, partial(decorated.check_use, call, self.classes, self.reached, self.report))
        for root in self.machine.expected.values():
            with self._about(root.module):
                self.guard(root.module, partial(self._expected_to_fail, root))

    @contextmanager
    def _about(self, module: ModuleInfo, when: str | None = None) -> Iterator[None]:
        """Keep what is reported inside of this block under the name of a file, and under a condition if there is one."""
        with self.apart() as report:
            yield
        found = report.diagnostics if when is None else [conditional(one, when) for one in report.diagnostics]
        if found:
            self.found.append((module.path, found))

    def _expected_to_fail(self, root: Compilation) -> None:
        """Report what is refused of the code that a test has in its own file, and count nothing."""
        counted = len(self.verdicts)
        kept = dict(self.rooted), dict(self.reached), dict(self.excluded), dict(self.looked_at)
        try:
            with self.apart() as whole:
                self._root(root)
        finally:
            del self.verdicts[counted:]
            self.rooted, self.reached, self.excluded, self.looked_at = kept
        self.report.diagnostics += [one for one in whole.diagnostics if one.span.path == root.module.path]

    def _judge_roots(self, roots: list[Compilation]) -> None:
        roots = list({(one.how, id(_identity(Held(one.value)))): one for one in reversed(roots)}.values())
        if len(roots) == 1:
            self._root(roots[0])
            return
        branches: dict[tuple[str, ...], list[Diagnostic]] = {}
        for root in roots:
            with self.apart() as report:
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
            with self.apart() as report:
                unseen = self._script(held, trail) if how == "script" else self._trace(held, trail, root)
            found = report.diagnostics
            if len(root.unproved) > _MOST_UNPROVED:
                found, unseen = [], [f"whether `{root.unproved[0]}`", *unseen]
            elif root.unproved:
                found = [conditional(one, " and ".join(root.unproved)) for one in found]
            self.report.diagnostics += found
            if is_told(held.value):
                verdict = script_verdict if how == "script" else trace_verdict
                self._count(how, root, held, verdict(found, unseen), unseen)

    def _count(self, how: str, root: Compilation, held: Held, verdict: str, unseen: Sequence[str]) -> None:
        """Count what was judged, once."""
        judged = _identity(held)
        if (how, id(judged)) not in self._counted:
            self._counted.add((how, id(judged)))
            reason = unseen[0] if verdict == "unknown" and unseen else None
            of = place(judged) if isinstance(judged, (Class, Function)) else None
            self.verdicts.append(Verdict(how, verdict, reason, of, root.module.span(root.call)))

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
            value = reach.root(value, trail, held.when)
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
            self.compiled(reach)
            order = Order(self.judge, reach)
            if isinstance(value, Instance) and reach.objects:
                mark(self.report.diagnostics, begin, order.module(value))
            elif isinstance(value, FunctionValue):
                mark(self.report.diagnostics, begin, order.function(value.function, None))
            unseen = [*self.unseen_bases(value), *reach.unseen, *self.judge.unknowns(reach.units)]
        self.rooted |= dict.fromkeys(sorted(reach.modules, key=place))
        return unseen

    def _script_function(self, reach: Reach, value: FunctionValue, trail: tuple[Step, ...], when: str | None) -> None:
        if given.check_decorated(value.function, self.project, trail, self.report):
            return
        made = value.decorated
        if isinstance(made, Instance) and isinstance(made.cls, Class) and self.classes.is_module(made.cls) is False:
            reach.script_class(made.cls, trail, when)  # a decorator that is a class
            return
        if isinstance(made, FunctionValue) and any(
            one.effect is Effect.REPLACES for one in decoration(value.function, self.project).others
        ):
            # What a decorator without functools.wraps returns has a source of its own.
            trail = (*trail, replaced_by(value.function, made.function))
            value = made
        if value.scope is not None:
            self.judge.compiler.scopes[value.function] = value.scope
        decorated.check_direct(value.function, self.project, self.report, trail)
        is_method = value.function.owner is not None
        if is_method and given.check_method(value.function, self.judge.compiler, trail, self.report):
            return
        reach.function(Unit(value.function, None, trail, when))

    def _trace(self, held: Held, trail: tuple[Step, ...], root: Compilation) -> list[str]:
        """Judge what is traced, and return what could not be seen of it."""
        flow = Flow(self.machine, self.library, self.summaries)
        flow.root(held, trail, _entry(root))
        for one in flow.report.diagnostics:
            self.report.add(one, when=held.when)
        self.rooted |= dict.fromkeys(sorted(flow.modules, key=place))
        if root.by in ("torch.jit.trace", "torch.jit.trace_module"):
            self._script_exports(flow, trail)
        return [*self.unseen_bases(held.value), *flow.unseen]

    def _script_exports(self, flow: Flow, trail: tuple[Step, ...]) -> None:
        """Exported methods of what is traced are compiled."""
        reach = Reach(self.judge.compiler)
        for instance, function in exports(flow):
            step = Step(f"`{function.qualname}` is exported, so it is compiled", function.module.span(function.node))
            reach.function(Unit(function, instance, (*trail, step)))
        self.compiled(reach)


def _entry(root: Compilation) -> Entry:
    """Return how a trace was asked for; what is traced only because the user wants it so has no example."""
    if root.how != "trace" or not isinstance(root.call, n.Call):
        return Entry()
    return Entry(root.examples, root.keywords, root.evaluated, root.by, root.call, root.module, root.ran)


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
