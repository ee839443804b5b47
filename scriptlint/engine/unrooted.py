"""Classes that no root reaches: the question is whether they could be compiled, and they are judged for both targets.

In a project that has roots they are only counted, if its settings do not say otherwise.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from scriptlint.diag import Diagnostic, Span
from scriptlint.engine.analysis import Analysis
from scriptlint.engine.configurations import Branch, merged
from scriptlint.engine.fates import has_error
from scriptlint.engine.judgement import Verdict
from scriptlint.engine.outcomes import script_verdict, trace_verdict
from scriptlint.engine.places import place
from scriptlint.evaluate.sizes import forget_large
from scriptlint.evaluate.values import Held, Instance
from scriptlint.instances.machine import Configuration
from scriptlint.program.module import Class, ModuleInfo
from scriptlint.script.reach import Reach
from scriptlint.trace.flow import Flow


class Unrooted(Analysis):
    """Judges the classes of a file; `unreached` are those that were not judged."""

    verdicts: list[Verdict]
    unreached: list[Span]

    def run(self, module: ModuleInfo, rooted: Collection[Class], *, counts: bool, only: int | None = None) -> None:
        """Judge the classes of nn.Module that are not among those that roots hold; or only note them, if it `counts`.

        `only` is the number of the one class that is asked about, None for all.
        """
        self.verdicts, self.unreached = [], []
        for cls in module.classes.values():
            if cls not in rooted and only in (None, cls.number):
                self.guard(module, partial(self._unrooted, cls, counts=counts))

    def _unrooted(self, cls: Class, *, counts: bool) -> None:
        if not self.classes.is_module(cls) or self.is_interface(cls):
            return
        if counts:
            self.unreached.append(cls.module.span(cls.node))
        else:
            self._judge(cls)

    def _judge(self, cls: Class) -> None:
        script: list[Branch] = []
        trace: list[Branch] = []
        unseen, untraced = list(self.classes.lineage(cls).unseen), list(self.classes.lineage(cls).unseen)
        compiled: dict[Instance, list[Diagnostic]] = {}
        traced: dict[Instance, list[Diagnostic]] = {}
        for configuration in self._configurations(cls):
            made = configuration.instance
            assert made is not None
            if self.target != "trace":
                if made not in compiled:  # equal objects are one
                    compiled[made], lost = self._compiled(made)
                    unseen += lost
                script.append(Branch(configuration.conditions, compiled[made]))
            if self.target != "script":
                if made not in traced:
                    flow = Flow(self.machine, self.library, self.summaries, rooted=False, outputs=False)
                    flow.root(Held(made), ())
                    traced[made] = flow.report.diagnostics
                    untraced += flow.unseen
                trace.append(Branch(configuration.conditions, traced[made]))
        for how, branches, lost, verdict in (
            ("script", script, unseen, script_verdict),
            ("trace", trace, untraced, trace_verdict),
        ):
            if branches:
                found = merged(branches)
                is_refused = all(has_error(one.findings) for one in branches)
                said = verdict(found, lost, is_refused=is_refused)
                reason = lost[0] if said == "unknown" and lost else None
                self.verdicts.append(Verdict(how, said, reason, place(cls)))
                self.report.diagnostics += found

    def _compiled(self, made: Instance) -> tuple[list[Diagnostic], list[str]]:
        """Return what the compiler refuses of an object, and what could not be seen of it."""
        reach = Reach(self.judge.compiler)
        with self.apart() as report:
            reach.root(made)
            self.compiled(reach)
        return report.diagnostics, [*reach.unseen, *self.judge.unknowns(reach.units)]

    def _configurations(self, cls: Class) -> list[Configuration]:
        """Return the configurations of a class in which there is an object; one that is hidden where there is none."""
        built = self.machine.configurations(cls).built or [Configuration(self.machine.default_instance(cls), (), ())]
        for configuration in built:
            if configuration.instance is not None:
                forget_large(configuration.instance)
        return built
