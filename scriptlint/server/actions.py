"""What can be done about findings: their fixes, a comment that suppresses them, their pages, and all safe fixes at once.

All at once is what people bind to saving, while they are still writing. So it takes safe fixes alone, of files that are
whole, and none that removes lines or comments, which may only be unused so far.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator

from lsprotocol import types

from scriptlint.diag import Diagnostic, pages
from scriptlint.engine import ignoring
from scriptlint.engine.fixability import Fixability
from scriptlint.engine.fixing import repair
from scriptlint.engine.lint import Linted
from scriptlint.server.documents import Places, Question
from scriptlint.server.translate import diagnostic
from scriptlint.text import NOTEBOOK, Safety, SourceFile, UnreadableSource, ended
from scriptlint.text.source import decode

FIX_ALL = "source.fixAll.scriptlint"


def includes(kinds: Iterable[str] | None, kind: str) -> bool:
    """Return whether a client that asks for some kinds of actions, None for all, wants those of a kind."""
    return kinds is None or any(kind == one or kind.startswith(f"{one}.") for one in kinds)


def of_finding(
    finding: Diagnostic, question: Question, places: Places, fixability: Fixability, linted: Linted
) -> Iterator[types.CodeAction]:
    """Yield the actions for one finding."""
    about = [diagnostic(finding, places.place(finding.span), places)]
    safety, fix = fixability.safety(finding), finding.fix
    if fix is not None and safety in (Safety.SAFE, Safety.UNSAFE):
        newline = linted.sources(fix.path).newline
        edits = [(one.start, one.end, ended(one.text, newline)) for one in fix.all_edits]
        yield types.CodeAction(
            title=f"{finding.code}: {fix.title}{' (unsafe)' if safety is Safety.UNSAFE else ''}",
            kind=types.CodeActionKind.QuickFix,
            diagnostics=about,
            is_preferred=safety is Safety.SAFE,
            edit=_edit(question, places, fix.path, edits),
        )
    comments = _comment(finding, linted.sources(finding.span.path))
    if comments:
        yield types.CodeAction(
            title=f"{finding.code}: ignore it on this line",
            kind=types.CodeActionKind.QuickFix,
            diagnostics=about,
            edit=_edit(question, places, finding.span.path, comments),
        )
    if pages.url(finding.code) is not None:
        title = f"{finding.code}: open the page of {finding.name}"
        yield types.CodeAction(
            title=title,
            kind=types.CodeActionKind.QuickFix,
            diagnostics=about,
            command=types.Command(title, "scriptlint.openPage", arguments=[finding.code]),
        )


def fix_all(question: Question, edit: types.WorkspaceEdit | None) -> types.CodeAction:
    """Return the action that applies all safe fixes; without its edit it is completed when it is chosen."""
    data = None if edit is not None else {"uri": question.document.uri}
    return types.CodeAction("Apply all safe fixes of scriptlint", FIX_ALL, edit=edit, data=data)


def on_save(path: str, fixability: Fixability, linted: Linted) -> Callable[[Diagnostic], bool]:
    """Return what tells whether the fix of a finding may be applied to a file that somebody is writing."""

    def wanted(finding: Diagnostic) -> bool:
        fix = finding.fix
        if fix is None or fix.path != path or fixability.safety(finding) is not Safety.SAFE:
            return False
        text = linted.sources(path).text
        removed = [text[one.start : one.end] for one in fix.edits if not one.text.strip()]
        return not any("\n" in one or "#" in one for one in removed)

    return wanted


def repaired(
    question: Question,
    lint: Callable[[dict[str, bytes]], Linted],
    fixability: Fixability,
    places: Places,
) -> types.WorkspaceEdit | None:
    """Return the edit that applies the safe fixes of a document, each of which was judged; None if that is none."""
    document = question.document
    first = lint({})
    wanted = on_save(document.path, fixability, first)
    try:
        made = repair(lambda more: lint(dict(more)), {document.path: document.data}, wanted).contents
        after = decode(made[document.path]) if document.path in made else None
    except UnreadableSource:
        return None
    before = first.sources(document.path).text
    if after is None or after == before:
        return None
    return _edit(question, places, document.path, list(_differences(before, after)))


def _differences(before: str, after: str) -> Iterator[tuple[int, int, str]]:
    """Yield the lines that differ: an editor keeps the cursor and the marks in all others."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    starts = [0]
    for line in old:
        starts.append(starts[-1] + len(line))
    for tag, first, last, new_first, new_last in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            yield starts[first], starts[last], "".join(new[new_first:new_last])


def _comment(finding: Diagnostic, source: SourceFile) -> list[tuple[int, int, str]]:
    if source.path.endswith(NOTEBOOK):
        return []
    try:
        edits = ignoring.comments(source, [finding], "")
    except (SyntaxError, ValueError):  # the file is half written, and where its statements end is unknown
        return []
    return [(one.start, one.end, one.text.replace("\n", source.newline)) for one in edits]


def _edit(question: Question, places: Places, path: str, edits: list[tuple[int, int, str]]) -> types.WorkspaceEdit:
    by_uri: dict[str, list[types.TextEdit]] = {}
    for start, end, text in edits:
        uri, where = places.exact(path, start, end)
        by_uri.setdefault(uri, []).append(types.TextEdit(where, text))
    if not question.versioned:
        return types.WorkspaceEdit(changes={uri: list(made) for uri, made in by_uri.items()})
    return types.WorkspaceEdit(
        document_changes=[
            types.TextDocumentEdit(types.OptionalVersionedTextDocumentIdentifier(uri, places.version(uri)), list(made))
            for uri, made in by_uri.items()
        ]
    )
