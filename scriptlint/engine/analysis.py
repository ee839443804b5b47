"""The judges of one part of a run, and what they leave for the rest: which functions are compiled, which classes were looked at.

What is judged for what is the business of `rooted`, for what the code itself gives to a compiler, and of `unrooted`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from scriptlint.diag import Report, Span
from scriptlint.engine.failures import guard
from scriptlint.evaluate.values import Instance, Value
from scriptlint.instances.machine import Machine
from scriptlint.program.classes import Classes
from scriptlint.program.decorators import decoration
from scriptlint.program.module import Class, Function, ModuleInfo
from scriptlint.program.project import Project
from scriptlint.script import archive_names, decorated
from scriptlint.script.infer.compiler import Compiler
from scriptlint.script.judge import Judge
from scriptlint.script.reach import Reach
from scriptlint.torchlib.library import Library
from scriptlint.trace.summaries import Summaries


class Analysis:
    """Judges definitions of a project for `target`.

    `reached` are the functions that were compiled, `excluded` those that compiled code calls and that are kept out, `looked_at`
    the classes that were judged for script; `annotations` are those that have a class compiled, `used` classes that are
    used in other ways.
    """

    def __init__(self, project: Project, library: Library, target: str) -> None:
        self.project = project
        self.library = library
        self.target = target
        self.machine = Machine(project, Classes(project), library)
        self.summaries = Summaries()
        self.judge = Judge(Compiler(self.machine, library))
        self.report = Report()
        self.reached: dict[Function, None] = {}
        self.excluded: dict[Function, None] = {}
        self.looked_at: dict[Class, None] = {}
        self.annotations: dict[Span, Class] = {}
        self.used: dict[Class, None] = {}

    @property
    def classes(self) -> Classes:
        return self.machine.classes

    def is_interface(self, cls: Class) -> bool:
        """Return True for a class that only declares what modules have."""
        return decoration(cls, self.project).jit == "interface"

    def guard(self, module: ModuleInfo, work: Callable[[], object]) -> None:
        """Do a piece of work that is about a file, and survive a fault of ours."""
        guard(self.report, module.path, work)

    @contextmanager
    def apart(self, report: Report | None = None) -> Iterator[Report]:
        """Collect what is reported inside of this block in a report of its own."""
        before, self.report = self.report, Report() if report is None else report
        try:
            yield self.report
        finally:
            self.report = before

    def compiled(self, reach: Reach) -> None:
        """Judge what is compiled."""
        self.judge.units(reach, self.report)
        self.judge.objects(reach, self.report)
        decorated.check_units(reach.units, self.judge, self.project, self.report)
        archive_names.check(reach, self.report)
        self.reached |= dict.fromkeys(unit.function for unit in reach.units)
        self.excluded |= dict.fromkeys(sorted(reach.excluded, key=_position))
        self.looked_at |= dict.fromkeys(sorted(reach.modules, key=_position))
        self.annotations |= reach.annotations
        self.used |= dict.fromkeys(sorted(reach.used, key=_position))

    def unseen_bases(self, value: Value) -> list[str]:
        """Return the bases of the class of an object that could not be seen."""
        cls = value.cls if isinstance(value, Instance) else None
        return list(self.classes.lineage(cls).unseen) if isinstance(cls, Class) else []


def _position(one: Class | Function) -> tuple[str, int]:
    return one.module.path, one.node.start
