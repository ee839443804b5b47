"""The parts of a run, each judged by an analysis of its own. The trees are shared, and nothing else.

So a part is judged the same whichever others are, and in whatever order.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

import msgspec

from scriptlint.diag import Diagnostic
from scriptlint.engine.analysis import Analysis
from scriptlint.engine.fixing import with_fixes
from scriptlint.engine.judgement import Annotated, Basis, Judgement, Looked, Part, Place
from scriptlint.engine.moving import spans
from scriptlint.engine.pack_checks import checked
from scriptlint.engine.packs import Loaded
from scriptlint.engine.places import classes_at, functions_at, place
from scriptlint.engine.present import Present
from scriptlint.engine.root_text import gives_to_compiler
from scriptlint.engine.rooted import Rooted
from scriptlint.engine.store import Store
from scriptlint.engine.suppress import may_suppress
from scriptlint.engine.unrooted import Unrooted
from scriptlint.program.module import ModuleInfo
from scriptlint.program.project import Project
from scriptlint.script import decorated
from scriptlint.text import UnreadableSource
from scriptlint.torchlib.library import Library

_TREES = 1 << 20  # bytes of the files whose trees are kept from one part to the next
# Of those that were dropped, before what leads to itself is collected: that costs a tenth of a second.
_GARBAGE = _TREES
_ANSWERS = 64  # of one function; who takes more rests on its code


class Parts:
    """Judges the parts of one run. `roots` are folders to import from, `among` the files in which callers of a helper are."""

    def __init__(
        self,
        store: Store,
        present: Present,
        roots: Sequence[Path],
        library: Library,
        target: str,
        among: Sequence[str],
        packs: Sequence[Loaded] = (),
    ) -> None:
        self._store = store
        self._present = present
        self._roots = roots
        self._library = library
        self._target = target
        self._among = among
        self._packs = packs
        self._garbage = 0
        self._modules: dict[str, ModuleInfo | None] = {}  # the one that was used last at the end

    def judge(self, part: Part) -> Judgement:
        """Return what is found about a part."""
        project = Project(self._load, self._roots, self._library, self._store.bytes)
        made = Judgement(part)
        for known in self._modules.values():
            if known is not None:
                known.forget_reads()
        module = project.module(part.path)
        among = Callers(project, self._among)
        if module is not None and not module.is_stub:
            work: Callable[[Project, ModuleInfo, Judgement], Analysis]
            if part.kind == "roots":
                work = partial(self._judge_roots, among)
            else:
                work = self._judge_classes if part.kind == "classes" else self._judge_marks
            analysis = work(project, module, made)
            made.reached = [*map(place, analysis.reached)]
            made.excluded = [*map(place, analysis.excluded)]
            made.looked_at = [*map(place, analysis.looked_at)]
            made.used = [*map(place, analysis.used)]
            made.annotations = [
                (span, Annotated(place(cls), cls.node.name, cls.qualname)) for span, cls in analysis.annotations.items()
            ]
        if part.kind == "classes":
            made.failures = self._store.failures.get(part.path, [])
        made.findings = [(about, [self._mended(one) for one in found]) for about, found in made.findings]
        made.stated = sorted(project.stated)
        whole = self._read_whole(made)
        if part.kind == "classes" and module is not None and not module.is_stub:
            made.comments = [one for one in module.comments if may_suppress(one)]
            if made.comments != self._present.suppressions(part.path):
                whole.add(part.path)
        outlines = self._outlines(project, whole)
        made.texts = {
            path: self._present.text(path, is_apart=path in outlines)
            for path in {part.path, *(one.path for one in spans(made))} - whole
        }
        made.basis = Basis(
            {path: self._present.state(path, whole=path in whole) for path in project.paths},
            outlines,
            [(str(root), name, found) for (root, name), found in project.lookups.items()],
            [(*key, answer) for key, answer in project.words.items()],
            self._present.among if among.was_asked else "",
        )
        self._forget()
        return made

    def _read_whole(self, made: Judgement) -> set[str]:
        """Return the files of which more than the code matters for a judgement."""
        found = {
            path for path, module in self._modules.items() if module is None or module.is_read_whole or module.gaps
        }
        found |= {one.fix.path for one in made.diagnostics if one.fix is not None}
        found |= {part for part in (made.part.path,) if made.failures}
        for span in spans(made):
            code = self._present.code(span.path)
            if code is None or code.moved(span.start, span.end, code) is None:
                found.add(span.path)
        return found

    def _outlines(self, project: Project, whole: set[str]) -> dict[str, Looked]:
        """Return what was looked at of the files of which not all matters."""
        found = {}
        for path in project.paths:
            module = self._modules[path]
            if path in whole or module is None or module.is_read:
                continue
            outline = self._present.outline(path, module)
            if outline is not None:
                functions = list(module.functions.values())
                apart = [functions[number] for number in outline.functions]
                read = [at for at, one in enumerate(apart) if one.node.is_read or len(one.answers) > _ANSWERS]
                asked = [at for at, number in enumerate(outline.functions) if number in module.asked]
                found[path] = Looked(
                    outline.digest,
                    [(at, outline.bodies[at]) for at in read],
                    [(at, outline.of_attributes(at, module)) for at in asked if at not in read],
                    [*module.searched.items()],
                    [
                        (at, outline.bodies[at], dict(one.answers))
                        for at, one in enumerate(apart)
                        if one.answers and at not in read
                    ],
                )
        return found

    def _load(self, path: str) -> ModuleInfo | None:
        module = self._modules.pop(path) if path in self._modules else self._store.load(path)
        self._modules[path] = module
        return module

    def _forget(self) -> None:
        """Forget the trees that were not used for longest: they are decoded again when somebody asks for them."""
        sizes = {path: self._store.size(path) for path in self._modules}
        left = sum(sizes.values()) - _TREES
        for path, size in sizes.items():
            if left <= 0:
                break
            del self._modules[path]
            left -= size
            self._garbage += size
        if self._garbage > _GARBAGE:
            gc.collect()  # a tree and its definitions lead to each other
            self._garbage = 0

    def _judge_roots(self, among: Callers, project: Project, module: ModuleInfo, made: Judgement) -> Analysis:
        analysis = Rooted(project, self._library, self._target, among)
        with checked(self._packs, analysis):
            analysis.run(module)
        made.findings = [*analysis.found, ("", analysis.report.diagnostics)]
        made.has_roots = bool(analysis.machine.compilations) or gives_to_compiler(
            module.code, self._library.compiler_names
        )
        made.verdicts = analysis.verdicts
        made.told = [*analysis.told.items()]
        made.rooted = [*map(place, analysis.rooted)]
        made.saves = [*analysis.saves.items()]
        made.loads = analysis.loads
        return analysis

    def _judge_classes(self, project: Project, module: ModuleInfo, made: Judgement) -> Analysis:
        part = made.part
        analysis = Unrooted(project, self._library, self._target)
        with checked(self._packs, analysis):
            analysis.run(module, classes_at(_places(part, part.rooted), module), counts=part.counts, only=part.only)
        made.findings = [("", analysis.report.diagnostics)]
        made.verdicts = analysis.verdicts
        made.unreached = analysis.unreached
        return analysis

    def _judge_marks(self, project: Project, module: ModuleInfo, made: Judgement) -> Analysis:
        part = made.part
        analysis = Analysis(project, self._library, self._target)
        reached = functions_at(_places(part, part.reached), module)
        excluded = functions_at(_places(part, part.excluded), module)
        looked_at = classes_at(_places(part, part.looked_at), module)
        checked = partial(decorated.check, module, analysis.classes, reached, excluded, looked_at, analysis.report)
        analysis.guard(module, checked)
        made.findings = [(module.path, analysis.report.diagnostics)]
        return analysis

    def _mended(self, finding: Diagnostic) -> Diagnostic:
        """Return a finding without its fix where that cannot be written: to a file that is half Python, or beside its cells."""
        fix, store = finding.fix, self._store
        if fix is None or (fix.path not in store.failures and fix.path not in store.embedded):
            return finding
        if fix.path not in store.failures:
            with contextlib.suppress(UnreadableSource):
                with_fixes(store.source(fix.path), [fix], store.embedded[fix.path])
                return finding
        return msgspec.structs.replace(finding, fix=None)


class Callers:
    """The files in which callers of a helper may be, of which those are loaded that are asked for."""

    def __init__(self, project: Project, paths: Sequence[str]) -> None:
        self._project = project
        self._paths = paths
        self.was_asked = False

    def mentioning(self, word: str) -> Iterator[ModuleInfo]:
        """Return those in which a word stands."""
        self.was_asked = True
        yield from self._loaded(path for path in self._paths if self._project.mentions(path, word))

    def every(self) -> Iterator[ModuleInfo]:
        """Return all of them."""
        self.was_asked = True
        yield from self._loaded(self._paths)

    def _loaded(self, paths: Iterable[str]) -> Iterator[ModuleInfo]:
        for path in paths:
            module = self._project.module(path)
            if module is not None and not module.is_stub:
                yield module


def _places(part: Part, numbers: Sequence[int]) -> list[Place]:
    return [(part.path, number) for number in numbers]
