"""What functions answer as they are now, to the questions that judgements asked of them as they were (program/answers).

A function answers for itself if its code reads nothing of the project, no variable, class or function, and no other file:
then its answer depends on nothing but its file.
"""

from __future__ import annotations

from scriptlint.diag import Report
from scriptlint.engine.analysis import Analysis
from scriptlint.engine.environment import import_roots
from scriptlint.engine.failures import guard
from scriptlint.engine.settings import Settings
from scriptlint.engine.snapshots import library_of
from scriptlint.engine.store import Store
from scriptlint.program.module import Function, ModuleInfo
from scriptlint.program.project import Project
from scriptlint.syntax.depth import allow_depth
from scriptlint.syntax.room import with_room
from scriptlint.trace import questions
from scriptlint.trace.flow import Flow


class Answers:
    """Asks the functions in the files of a run, each question once."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self._roots = import_roots(settings.python, settings.root)
        self._library = library_of(settings)
        self._modules: dict[str, ModuleInfo | None] = {}
        self._known: dict[tuple[str, int, str], str | None] = {}
        allow_depth()

    def of(self, path: str, number: int, question: str) -> str | None:
        """Return what the function with a number answers; None where it does not answer for itself."""
        key = (path, number, question)
        if key not in self._known:
            self._known[key] = with_room(lambda: self._asked(path, number, question))
        return self._known[key]

    def _asked(self, path: str, number: int, question: str) -> str | None:
        module = self._load(path)
        if module is None:
            return None
        module.forget_reads()
        function = list(module.functions.values())[number]
        project = Project(self._load, self._roots, self._library, self._store.bytes)
        failures = Report()
        guard(failures, path, lambda: self._ask(project, function, question))
        return None if failures.diagnostics or not project.is_empty else function.answers.get(question)

    def _ask(self, project: Project, function: Function, question: str) -> None:
        analysis = Analysis(project, self._library, self._settings.target)
        compiler = analysis.judge.compiler
        if question == "compile":
            compiler.compile(function)
        elif question in ("tree", "emitted"):
            getattr(compiler.form_checks, question)(function)
        else:
            questions.ask(Flow(analysis.machine, self._library, rooted=False), function, question)

    def _load(self, path: str) -> ModuleInfo | None:
        if path not in self._modules:
            self._modules[path] = self._store.load(path)
        return self._modules[path]
