"""What the worker answers: the same as the command line, about the texts that are open, in the words of the protocol."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from lsprotocol import types

from scriptlint.diag import Diagnostic, pages
from scriptlint.engine import pipeline
from scriptlint.engine.baseline import read as read_baseline
from scriptlint.engine.discover import Discovered, excluded
from scriptlint.engine.fixability import Fixability
from scriptlint.engine.lint import Linted, lint
from scriptlint.engine.memory import Memory
from scriptlint.engine.paths import shown
from scriptlint.engine.revealing import revealed
from scriptlint.engine.rules import FAILURES
from scriptlint.engine.settings import Finder, Settings, SettingsError
from scriptlint.engine.snapshots import BrokenSnapshot
from scriptlint.output.paint import Paint
from scriptlint.output.tally import plural
from scriptlint.output.verdicts import verdicts_table
from scriptlint.server import actions
from scriptlint.server.documents import Findings, Places, Question
from scriptlint.server.translate import diagnostic, trouble
from scriptlint.text import NOTEBOOK
from scriptlint.torchlib.library import SnapshotMissing
from scriptlint.version import __version__

_TROUBLES = (SettingsError, SnapshotMissing, BrokenSnapshot)


class Service:
    """Answers questions. What it keeps from one to the next only makes it faster."""

    def __init__(self) -> None:
        self._memory = Memory()
        self._disk = 0

    def check(self, question: Question) -> Findings:
        """Return the findings in a document."""
        document = question.document
        found: dict[str, list[types.Diagnostic]] = {uri: [] for uri in document.cells or (document.uri,)}
        try:
            settings = _settings(question)
            if excluded(document.path, settings):
                return Findings(found)
            linted = self._lint(question, settings)
        except _TROUBLES as error:
            found[next(iter(found))].append(trouble(str(error)))
            return Findings(found, str(error))
        places = Places(question, linted.sources)
        for one in _findings(linted, settings):
            if one.span.path == document.path:
                place = places.place(one.span)
                found[place.uri].append(diagnostic(one, place, places))
        return Findings(found)

    def actions(
        self, question: Question, uri: str, wanted: types.Range, kinds: tuple[str, ...] | None
    ) -> list[types.CodeAction]:
        """Return what can be done about the findings in a range of a document; `kinds` are those asked for."""
        try:
            settings = _settings(question)
            if excluded(question.path, settings):
                return []
            linted = self._lint(question, settings)
        except _TROUBLES:
            return []
        places = Places(question, linted.sources)
        first, last = (places.offset(question.path, uri, one) for one in (wanted.start, wanted.end))
        here = [
            one
            for one in _findings(linted, settings)
            if one.span.path == question.path and one.span.start <= last and first <= max(one.span.end, one.span.start)
        ]
        made: list[types.CodeAction] = []
        if actions.includes(kinds, types.CodeActionKind.QuickFix):
            fixability = Fixability(lambda _: settings, [question.path])
            for finding in here:
                made += actions.of_finding(finding, question, places, fixability, linted)
        if actions.includes(kinds, actions.FIX_ALL) and not question.path.endswith(NOTEBOOK):
            made += self._fix_all(question, settings, linted, places, eager=kinds is not None or not question.resolves)
        return made

    def fix_all(self, question: Question) -> types.WorkspaceEdit | None:
        """Return the edit that applies every safe fix of a document; None where there is none."""
        try:
            settings = _settings(question)
            linted = self._lint(question, settings)
        except _TROUBLES:
            return None
        made = self._fix_all(question, settings, linted, Places(question, linted.sources), eager=True)
        return made[0].edit if made else None

    def _fix_all(
        self, question: Question, settings: Settings, linted: Linted, places: Places, *, eager: bool
    ) -> list[types.CodeAction]:
        if any(one.code in FAILURES and one.span.path == question.path for one in linted.findings):
            return []  # somebody is still writing
        fixability = Fixability(lambda _: settings, [question.path])
        wanted = actions.on_save(question.path, fixability, linted)
        if not any(map(wanted, linted.findings)):
            return []
        if not eager:
            return [actions.fix_all(question, None)]
        edit = actions.repaired(question, lambda more: self._lint(question, settings, more), fixability, places)
        return [] if edit is None else [actions.fix_all(question, edit)]

    def hover(self, question: Question, uri: str, position: types.Position) -> types.Hover | None:
        """Return the pages of the findings at a position, and what the compiler and a trace make of what stands there."""
        try:
            settings = _settings(question)
            linted = self._lint(question, settings)
        except _TROUBLES:
            return None
        places = Places(question, linted.sources)
        offset = places.offset(question.path, uri, position)
        texts: list[str] = []
        shown_at: types.Range | None = None
        around = [
            one
            for one in revealed(question.path, settings, question.overlay, self._memory)
            if one.start <= offset < one.end
        ]
        if around:
            narrowest = min(around, key=lambda one: one.end - one.start)
            if narrowest.types:
                texts.append("TorchScript: " + " or ".join(f"`{one}`" for one in narrowest.types))
            if narrowest.traced:
                texts.append("Trace: " + " or ".join(narrowest.traced))
            shown_at = places.exact(question.path, narrowest.start, narrowest.end).range
        for one in _at(_findings(linted, settings), question.path, offset):
            place = places.place(one.span)
            shown_at = shown_at or place.range
            texts.append(pages.read(one.code) or f"{one.code} {one.name}: {one.message}")
        if not texts:
            return None
        content = types.MarkupContent(types.MarkupKind.Markdown, "\n\n---\n\n".join(dict.fromkeys(texts)))
        return types.Hover(content, shown_at)

    def lenses(self, question: Question) -> list[types.CodeLens]:
        """Return a lens for each module class, with its verdict, and one that confirms it."""
        lenses: list[types.CodeLens] = []
        for one in self._verdicts(question):
            cell = one.location.cell
            document = question.document
            uri = document.uri if cell is None else document.cells[cell - 1]
            start = types.Position(one.location.row - 1, one.location.column - 1)
            where = types.Range(start, start)
            title = _verdict(one)
            explain = types.Command(title, "scriptlint.verdict", arguments=[uri, one.qualified_name])
            lenses.append(types.CodeLens(where, explain, data=uri))
            if not document.cells:
                confirm = types.Command("ask torch", "scriptlint.confirm", arguments=[uri, one.name])
                lenses.append(types.CodeLens(where, confirm, data=uri))
        return lenses

    def hints(self, question: Question) -> list[types.InlayHint]:
        """Return a hint for each module class, after the line of its name, with its verdict."""
        verdicts = self._verdicts(question)
        if not verdicts:
            return []
        places = Places(question, self._lint(question, _settings(question)).sources)
        hints = []
        for one in verdicts:
            end = places.line_end(question.path, one.location)
            text = "\n".join(verdicts_table([one], Paint(False), reasons=True))
            hints.append(types.InlayHint(end.range.end, _verdict(one), tooltip=text, data=end.uri))
        return hints

    def verdict(self, question: Question, name: str) -> str:
        """Return the verdict of a class with everything that stands behind it."""
        found = [one for one in self._verdicts(question) if one.qualified_name == name]
        return "\n".join(verdicts_table(found, Paint(False), reasons=True))

    def class_at(self, question: Question, uri: str, line: int) -> str | None:
        """Return the name of the module class that a line is in, of the innermost one."""
        document = question.document
        cell = document.cells.index(uri) + 1 if document.cells else None
        around = [
            one
            for one in self._verdicts(question)
            if one.location.cell == cell and one.location.row - 1 <= line <= one.end_location.row - 1
        ]
        return max(around, key=lambda one: one.location.row).name if around else None

    def status(self, question: Question) -> str:
        """Return what was read and judged for a document, and what was not."""
        lines = [f"scriptlint {__version__}: {shown(question.path)}"]
        try:
            settings = _settings(question)
            lines.append(f"settings: {settings.source or 'none'}; root: {settings.root}")
            lines.append(f"packages: {settings.python or 'those of the project, if it has an environment'}")
            if excluded(question.path, settings):
                return "\n".join([*lines, "this file is excluded by the settings, so it is not judged"])
            linted = self._lint(question, settings)
        except _TROUBLES as error:
            return "\n".join([*lines, f"nothing is judged: {error}"])
        outcomes = linted.outcomes
        for target, counts in sorted(outcomes.verdicts.items()):
            lines.append(
                f"judged for {target}: " + ", ".join(f"{many} {word}" for word, many in sorted(counts.items()))
            )
        if not outcomes.verdicts:
            lines.append("nothing in this file is scripted, traced or a module that is judged")
        if outcomes.unreached:
            lines.append(f"{plural(outcomes.unreached, 'module')} that nothing scripts or traces: not judged")
        if outcomes.untold:
            lines.append(f"{plural(len(outcomes.untold), 'call')} of torch.jit whose object is not known")
        lines += [f"not seen: {reason}" for reason in outcomes.unseen]
        lines += [f"not installed: {name}" for name in outcomes.missing]
        return "\n".join(lines)

    def _verdicts(self, question: Question) -> list[pipeline.ModuleVerdict]:
        try:
            settings = _settings(question)
            if excluded(question.path, settings):
                return []
            judged = pipeline.modules(
                [question.path], settings, cache=False, jobs=1, overlay=question.overlay, memory=self._memory
            )
        except _TROUBLES:
            return []
        return judged.verdicts

    def _lint(self, question: Question, settings: Settings, more: dict[str, bytes] | None = None) -> Linted:
        found = Discovered([question.path], {question.path: settings}, [], [question.path])
        self._memory.forget_old()
        if question.disk != self._disk:
            self._disk = question.disk
            self._memory.look_again()
        # What is typed is not kept on disk: there would be an entry for every letter.
        return lint(found, {**question.overlay, **(more or {})}, cache=False, jobs=1, memory=self._memory)


def _verdict(judged: pipeline.ModuleVerdict) -> str:
    """Return a verdict in one line."""
    text = f"script: {judged.script_verdict} · trace: {judged.trace_verdict}"
    return f"{text} · assuming {plural(len(judged.assuming), 'thing')}" if judged.assuming else text


def _settings(question: Question) -> Settings:
    """Return the settings of a document, read anew: somebody may have changed them."""
    os.chdir(question.folder)
    config = question.options.get("config")
    return Finder(config=config if isinstance(config, str) else None).of(os.path.dirname(question.path))


def _findings(linted: Linted, settings: Settings) -> Sequence[Diagnostic]:
    """Return what is said: not what the project has decided to live with."""
    if settings.baseline is None:
        return linted.findings
    return read_baseline(settings.baseline).compared(linted.findings, linted.sources, ()).new


def _at(findings: Sequence[Diagnostic], path: str, offset: int) -> Iterator[Diagnostic]:
    for one in findings:
        if one.span.path == path and one.span.start <= offset <= max(one.span.end, one.span.start + 1):
            yield one
