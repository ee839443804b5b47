"""An analysis that is asked about single classes, functions and objects: what becomes of them under both compilers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from scriptlint.diag import Diagnostic, Report, Span, Step
from scriptlint.engine.analysis import Analysis
from scriptlint.engine.failures import guard
from scriptlint.engine.fates import Fate, failed, joined_fates
from scriptlint.engine.roots import execute
from scriptlint.engine.rules import INTERNAL_ERROR
from scriptlint.evaluate.sizes import forget_large
from scriptlint.evaluate.values import ClassValue, FunctionValue, Held, Instance, Unknown, Value
from scriptlint.instances.machine import UNEXPLORED, Outcome
from scriptlint.instances.roots import Compilation
from scriptlint.program.decorators import decoration
from scriptlint.program.module import Class, Function, ModuleInfo
from scriptlint.program.project import External
from scriptlint.script import decorated
from scriptlint.script.infer.history import History
from scriptlint.script.reach import Reach, Unit
from scriptlint.syntax import nodes as n
from scriptlint.trace.entry import Entry
from scriptlint.trace.flow import Flow


class Questions(Analysis):
    """Tells the fates of what is asked for."""

    def fates(self, module: ModuleInfo) -> Iterator[Fate]:
        """Yield what becomes of every class of a file that is an nn.Module, or may be one."""
        for cls in module.classes.values():
            if guard(self.report, module.path, partial(self._has_fate, cls)):
                yield self.guarded_fate(cls)

    def _has_fate(self, cls: Class) -> bool:
        answer = self.classes.is_module(cls)
        looks_like_one = answer is None and "forward" in cls.functions
        return bool(answer or looks_like_one) and not self.is_interface(cls)

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
        left = (UNEXPLORED,) if known.unexplored else ()
        return replace(joined, assumed=(*assumed, *joined.assumed, *left))

    def evaluate(self, expression: str, module: ModuleInfo) -> Value:
        """Return the value of a text in the scope of a file; unknown where it is not an expression, or breaks us."""
        value = guard(self.report, module.path, lambda: self.machine.evaluate_text(expression, module))
        return value or Unknown("scriptlint failed on it")

    def possible_values(self, node: n.Expr, expression: str, module: ModuleInfo) -> list[Outcome]:
        """Return the values that an expression may have in the scope of a file; unknown where it breaks us."""
        values = guard(self.report, module.path, lambda: self.machine.outcomes(node, expression, module))
        return values or [Outcome(Unknown("scriptlint failed on it"))]

    def failures(self) -> list[Diagnostic]:
        """Return the pieces of work that failed by a fault of ours."""
        return [one for one in self.report.diagnostics if one.code == INTERNAL_ERROR.code]

    def roots(self, module: ModuleInfo) -> list[Compilation]:
        """Return the places in a file where its code scripts or traces something."""
        before = len(self.machine.compilations)
        self.guard(module, partial(execute, module, self.machine))
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
        elif isinstance(value, Instance) and isinstance(value.cls, External):
            return self._layer_fate(value, value.cls, examples, new=new)
        elif isinstance(value, Instance) and isinstance(value.cls, Class):
            of, work = value.cls, partial(self.object_fate, value.cls, value, examples, new=new)
        elif isinstance(value, ClassValue):
            of, work = value.symbol, partial(self._class_fate, value.symbol, trail)
        else:
            return None
        fate = guard(self.report, of.module.path, work)
        return fate or failed(of.node.name, of.dotted, of.module.span(of.node))

    def _layer_fate(
        self, instance: Instance, cls: External, examples: tuple[Value, ...] | None, *, new: bool
    ) -> Fate | None:
        """What becomes of a layer of torch, which may hold modules of the source; None for other objects."""
        if instance.site is None or not self.library.is_module_class(cls.name):
            return None
        work = partial(self.object_fate, cls, instance, examples, new=new)
        fate = guard(self.report, instance.site.path, work)
        return fate or failed(instance.class_name, cls.name, instance.site)

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
        self, cls: Class | External, instance: Instance, examples: tuple[Value, ...] | None = None, *, new: bool = False
    ) -> Fate:
        """What becomes of an object that somebody made, and perhaps called, if it is not `new`."""
        history = History.RUN if instance.ran else History.NEW if new else History.MAY_RUN
        with self.judge.compiler.of(history):
            return self.fate(cls, instance, examples)

    def fate(self, cls: Class | External, instance: Instance, examples: tuple[Value, ...] | None = None) -> Fate:
        """What becomes of an object; `examples` are what the code traces it with, if it does."""
        forget_large(instance)
        script, trace = Report(), Report()
        reach = Reach(self.judge.compiler)
        reach.root(instance)
        self.judge.units(reach, script)
        self.judge.objects(reach, script)
        decorated.check_units(reach.units, self.judge, self.project, script)
        flow = Flow(self.machine, self.library, self.summaries, rooted=examples is not None)
        made_in = instance.site.path if instance.site is not None and isinstance(cls, External) else None
        module = self.project.module(made_in) if made_in is not None else None
        flow.root(Held(instance), (), Entry(examples or (), module=module))
        trace.diagnostics += flow.report.diagnostics
        bases = self.classes.lineage(cls).unseen if isinstance(cls, Class) else ()
        unseen = (*bases, *self.machine.unfinished(instance))
        return Fate(
            *((cls.node.name, cls.dotted) if isinstance(cls, Class) else (instance.class_name, cls.name)),
            cls.module.span(cls.node) if isinstance(cls, Class) else instance.site or Span("", 0, 0),
            script.diagnostics,
            trace.diagnostics,
            unseen=(*unseen, *reach.unseen, *self.judge.unknowns(reach.units)),
            assumed=(
                *self.judge.assumptions(reach.units),
                *(f"{one} is traced faithfully" for one in sorted(flow.assumed)),
            ),
            modules=frozenset(reach.modules | flow.modules),
            untraced=tuple(sorted({*unseen, *flow.unseen})),
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


def _itself(cls: Class) -> Step:
    return Step(f"`{cls.node.name}` is scripted", cls.module.span(cls.node))
