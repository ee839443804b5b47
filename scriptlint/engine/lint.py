"""Findings that are ready to print: every group of files judged under its settings, then settled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scriptlint.diag import Diagnostic, Span
from scriptlint.engine.discover import Discovered
from scriptlint.engine.interruption import CutShort
from scriptlint.engine.memory import Memory
from scriptlint.engine.outcomes import Outcomes
from scriptlint.engine.settle import settle
from scriptlint.syntax.trivia import Comment
from scriptlint.text import SourceFile

if TYPE_CHECKING:
    from scriptlint.engine.pipeline import Checked, Progress


@dataclass(frozen=True)
class Linted:
    """`findings` are settled, `raw` is everything that was found; `sources` and `comments` are those of the files.

    `outcomes` says what was judged and what was not.
    """

    findings: Sequence[Diagnostic]
    raw: Sequence[Diagnostic]
    outcomes: Outcomes
    sources: Callable[[str], SourceFile]
    comments: Callable[[str], Sequence[Comment]]


def lint(
    found: Discovered,
    overlay: Mapping[str, bytes],
    *,
    cache: bool,
    jobs: int,
    progress: Progress | None = None,
    memory: Memory | None = None,
) -> Linted:
    """Lint files; `overlay` has the content of those that are not as they are on disk. Raises SettingsError,
    and CutShort with what is known where Ctrl-C ends the run.

    `memory` is kept from one call to the next by those who lint again and again.
    """
    from scriptlint.engine import pipeline

    raw: list[Diagnostic] = []
    by_path: dict[str, Checked] = {}
    checked = None
    outcomes = Outcomes()
    unjudged: list[Span] = []
    is_cut = False
    for settings, files in found.groups():
        try:
            checked = pipeline.check(
                files,
                settings,
                overlay=overlay,
                cache=cache,
                jobs=jobs,
                progress=progress,
                memory=memory,
                tops=found.tops,
            )
        except CutShort as cut:
            checked, is_cut = cut.result, True
        raw += checked.diagnostics
        outcomes.add(checked.outcomes)
        unjudged += checked.unjudged
        by_path.update(dict.fromkeys([*(one.span.path for one in checked.diagnostics), *files], checked))
        if is_cut:
            break
    if checked is None:
        return Linted([], [], outcomes, lambda path: SourceFile(path, ""), lambda path: [])
    last = checked

    def holder(path: str) -> Checked:
        return by_path.get(path, last)

    default = next(iter(found.settings.values()))
    findings = settle(
        raw,
        settings_of=lambda path: found.settings.get(path, default),
        sources=lambda path: holder(path).sources(path),
        comments=lambda path: holder(path).comments(path),
        linted=() if is_cut else found.settings.keys(),  # nobody knows yet which comments suppress nothing
        unjudged=unjudged,
    )
    linted = Linted(
        findings, raw, outcomes, lambda path: holder(path).sources(path), lambda path: holder(path).comments(path)
    )
    if is_cut:
        raise CutShort(linted)
    return linted
