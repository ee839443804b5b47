"""The protocol: which requests of an editor are answered, and how. `start` runs the server on standard input and output."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer

from scriptlint.diag import pages
from scriptlint.server.confirming import confirm
from scriptlint.server.desk import Client, Desk, Outdated, encoded, is_ours, notebook, path_of
from scriptlint.server.documents import Document, Findings
from scriptlint.server.link import Failed
from scriptlint.text.source import digest_of
from scriptlint.version import __version__

OPTIONS = ("config", "codeLens", "inlayHints")
_WATCHED = ("**/*.py", "**/pyproject.toml", "**/scriptlint.toml", "**/.scriptlint.toml", "**/.gitignore")
_REFRESHED = {
    "diagnostics": types.WORKSPACE_DIAGNOSTIC_REFRESH,
    "code_lens": types.WORKSPACE_CODE_LENS_REFRESH,
    "inlay_hint": types.WORKSPACE_INLAY_HINT_REFRESH,
}
_SLOW = 1.0  # seconds after which progress is shown


class Server(LanguageServer):
    """The server of one editor; `desk` is there once the editor has said what it can do."""

    def __init__(self) -> None:
        super().__init__(
            "scriptlint",
            __version__,
            text_document_sync_kind=types.TextDocumentSyncKind.Full,
            notebook_document_sync=types.NotebookDocumentSyncOptions(
                [
                    types.NotebookDocumentFilterWithNotebook(
                        notebook="jupyter-notebook", cells=[types.NotebookCellLanguage("python")]
                    )
                ],
                save=True,
            ),
        )
        self.desk: Desk | None = None
        self._progress = 0

    @property
    def opened(self) -> Desk:
        """The desk; the protocol forbids to ask before `initialize`."""
        assert self.desk is not None
        return self.desk

    def open_desk(self, params: types.InitializeParams) -> None:
        """Begin, with what the client can do."""
        options = params.initialization_options
        options = dict(options) if isinstance(options, dict) else {}
        edits = _at(params.capabilities, "workspace", "workspace_edit", "document_changes")
        client = Client(
            str(getattr(self.workspace.position_encoding, "value", self.workspace.position_encoding)),
            bool(edits),
            "edit" in (_at(params.capabilities, "text_document", "code_action", "resolve_support", "properties") or ()),
            self._folders,
            options,
        )
        pulls = _at(params.capabilities, "text_document", "diagnostic") is not None
        if pulls:
            self.feature(
                types.TEXT_DOCUMENT_DIAGNOSTIC,
                types.DiagnosticOptions(inter_file_dependencies=True, workspace_diagnostics=False),
            )(_pulled)
        if options.get("codeLens", True):
            self.feature(types.TEXT_DOCUMENT_CODE_LENS)(_lenses)
        has_lenses = options.get("codeLens", True) and _at(params.capabilities, "text_document", "code_lens")
        if options.get("inlayHints", not has_lenses):  # both say the same
            self.feature(types.TEXT_DOCUMENT_INLAY_HINT)(_hints)
        self.desk = Desk(client, None if pulls else self._publish)

    def _folders(self) -> list[str]:
        folders = [path_of(one.uri) for one in self.workspace.folders.values()]
        root = self.workspace.root_path
        return folders or ([root] if root else [])

    def _publish(self, document: Document, found: Findings) -> None:
        version = None if document.cells else document.version
        for uri, diagnostics in found.diagnostics.items():
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, diagnostics, version))

    async def refresh(self) -> None:
        """Have the client ask again about everything that it shows."""
        for way, method in _REFRESHED.items():
            if _at(self.client_capabilities, "workspace", way, "refresh_support"):
                with contextlib.suppress(JsonRpcException):
                    await self.protocol.send_request_async(method, None)

    @asynccontextmanager
    async def busy(self, title: str, after: float = 0.0) -> AsyncIterator[None]:
        """Show that something goes on, if it does so for a while."""
        if not _at(self.client_capabilities, "window", "work_done_progress"):
            yield
            return
        self._progress += 1
        shown = asyncio.create_task(self._begin(f"scriptlint-{self._progress}", title, after))
        try:
            yield
        finally:
            if not shown.cancel() and shown.exception() is None:
                self.work_done_progress.end(shown.result(), types.WorkDoneProgressEnd())

    async def _begin(self, token: str, title: str, after: float) -> str:
        await asyncio.sleep(after)
        await self.work_done_progress.create_async(token)
        self.work_done_progress.begin(token, types.WorkDoneProgressBegin(title=title))
        return token


def _at(capabilities: object, *names: str) -> Any:
    for name in names:
        capabilities = getattr(capabilities, name, None)
    return capabilities


def _refused(error: Exception) -> JsonRpcException:
    """Return what a client is told that asked about a text which has changed: to ask again."""
    code = types.LSPErrorCodes.ContentModified if isinstance(error, Outdated) else types.LSPErrorCodes.RequestFailed
    return JsonRpcException(str(error) or "the text has changed", int(code))


async def _pulled(ls: Server, params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
    uri = params.text_document.uri
    path = ls.opened.path_of(uri)
    if path is None:
        return types.RelatedFullDocumentDiagnosticReport([])
    try:
        async with ls.busy("reading", _SLOW):
            found = await ls.opened.findings(path)
    except (Outdated, asyncio.CancelledError):
        again = {"retriggerRequest": True}
        raise JsonRpcException("the text has changed", int(types.LSPErrorCodes.ServerCancelled), again) from None
    diagnostics = found.diagnostics.get(uri, [])
    name = digest_of(repr(diagnostics).encode("utf-8", "surrogatepass"))
    if name == params.previous_result_id:
        return types.RelatedUnchangedDocumentDiagnosticReport(name)
    return types.RelatedFullDocumentDiagnosticReport(diagnostics, result_id=name)


async def _lenses(ls: Server, params: types.CodeLensParams) -> list[types.CodeLens]:
    lenses: list[types.CodeLens] = await _judged(ls, "lenses", params.text_document.uri)
    return [types.CodeLens(one.range, one.command) for one in lenses if one.data == params.text_document.uri]


async def _hints(ls: Server, params: types.InlayHintParams) -> list[types.InlayHint]:
    hints: list[types.InlayHint] = await _judged(ls, "hints", params.text_document.uri)
    first, last = params.range.start.line, params.range.end.line
    found = [one for one in hints if one.data == params.text_document.uri and first <= one.position.line <= last]
    return [types.InlayHint(one.position, one.label, tooltip=one.tooltip, padding_left=True) for one in found]


async def _judged(ls: Server, what: str, uri: str) -> list[Any]:
    """Return what is shown of the verdicts in a document."""
    path = ls.opened.path_of(uri)
    if path is None:
        return []
    try:
        await ls.opened.findings(path)  # what is wrong comes first
        async with ls.busy("judging the modules", _SLOW):
            answers: list[Any] = await ls.opened.ask(what, path)
    except (Outdated, Failed) as error:
        raise _refused(error) from None
    return answers


def made() -> Server:
    """Return a server whose features are registered."""
    server = Server()

    @server.feature(types.INITIALIZE)
    def initialize(ls: Server, params: types.InitializeParams) -> None:
        ls.open_desk(params)

    @server.feature(types.INITIALIZED)
    async def initialized(ls: Server, params: types.InitializedParams) -> None:
        options = ls.opened.options
        for name in sorted(set(options) - set(OPTIONS)):
            text = f"scriptlint: there is no option `{name}`; there are {', '.join(OPTIONS)}"
            ls.window_show_message(types.ShowMessageParams(types.MessageType.Warning, text))
        ls.window_log_message(types.LogMessageParams(types.MessageType.Info, f"scriptlint {__version__}"))
        if _at(ls.client_capabilities, "workspace", "did_change_watched_files", "dynamic_registration"):
            watchers = [types.FileSystemWatcher(one) for one in _WATCHED]
            watching = types.DidChangeWatchedFilesRegistrationOptions(watchers)
            registration = types.Registration("watch", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, watching)
            with contextlib.suppress(JsonRpcException):
                await ls.client_register_capability_async(types.RegistrationParams([registration]))

    @server.feature(types.SHUTDOWN)
    def shutdown(ls: Server, *_: Any) -> None:
        ls.opened.close()

    _texts(server)
    _notebooks(server)
    _questions(server)
    _commands(server)
    return server


def _texts(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(ls: Server, params: types.DidOpenTextDocumentParams) -> None:
        text = params.text_document
        if is_ours(text.uri, text.language_id):
            document = Document(text.uri, path_of(text.uri), encoded(text.text), text.version)
            ls.opened.put(document, at_once=True)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(ls: Server, params: types.DidChangeTextDocumentParams) -> None:
        uri, version = params.text_document.uri, params.text_document.version
        path = ls.opened.path_of(uri)
        if path is not None:
            text = ls.workspace.get_text_document(uri).source
            ls.opened.put(Document(uri, path, encoded(text), version))

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(ls: Server, params: types.DidSaveTextDocumentParams) -> None:
        ls.opened.changed(ls.opened.path_of(params.text_document.uri), at_once=True)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(ls: Server, params: types.DidCloseTextDocumentParams) -> None:
        path = ls.opened.path_of(params.text_document.uri)
        if path is not None:
            ls.opened.drop(path)

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    async def watched(ls: Server, params: types.DidChangeWatchedFilesParams) -> None:
        open_ones = {one.uri for one in ls.opened.documents.values()}
        if any(change.uri not in open_ones for change in params.changes):
            ls.opened.changed()
            await ls.refresh()

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    async def configured(ls: Server, params: types.DidChangeConfigurationParams) -> None:
        ls.opened.changed(at_once=True)
        await ls.refresh()


def _notebooks(server: Server) -> None:
    def put(ls: Server, uri: str) -> None:
        book = ls.workspace.get_notebook_document(notebook_uri=uri)
        if book is not None and is_ours(uri):
            texts = {one.document: ls.workspace.get_text_document(one.document).source for one in book.cells}
            ls.opened.put(notebook(uri, book.version, book.cells, texts))

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_OPEN)
    def opened(ls: Server, params: types.DidOpenNotebookDocumentParams) -> None:
        put(ls, params.notebook_document.uri)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_CHANGE)
    def changed(ls: Server, params: types.DidChangeNotebookDocumentParams) -> None:
        put(ls, params.notebook_document.uri)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_CLOSE)
    def closed(ls: Server, params: types.DidCloseNotebookDocumentParams) -> None:
        path = ls.opened.path_of(params.notebook_document.uri)
        if path is not None:
            ls.opened.drop(path)


def _questions(server: Server) -> None:
    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.CodeActionOptions([types.CodeActionKind.QuickFix, "source.fixAll.scriptlint"], resolve_provider=True),
    )
    async def actions(ls: Server, params: types.CodeActionParams) -> list[types.CodeAction]:
        path = ls.opened.path_of(params.text_document.uri)
        if path is None:
            return []
        only = params.context.only
        kinds = None if only is None else tuple(str(getattr(one, "value", one)) for one in only)
        try:
            found: list[types.CodeAction] = await ls.opened.ask(
                "actions", path, params.text_document.uri, params.range, kinds
            )
        except (Outdated, Failed) as error:
            raise _refused(error) from None
        return found

    @server.feature(types.CODE_ACTION_RESOLVE)
    async def resolve(ls: Server, action: types.CodeAction) -> types.CodeAction:
        uri = action.data.get("uri") if isinstance(action.data, dict) else None
        path = None if uri is None else ls.opened.path_of(uri)
        if path is not None:
            try:
                action.edit = await ls.opened.ask("fix_all", path)
            except (Outdated, Failed) as error:
                raise _refused(error) from None
        return action

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hover(ls: Server, params: types.HoverParams) -> types.Hover | None:
        uri = params.text_document.uri
        path = ls.opened.path_of(uri)
        if path is None:
            return None
        try:
            found: types.Hover | None = await ls.opened.ask("hover", path, uri, params.position)
        except (Outdated, Failed) as error:
            raise _refused(error) from None
        return found


def _commands(server: Server) -> None:
    @server.command("scriptlint.openPage")
    async def open_page(ls: Server, code: str) -> str | None:
        address = pages.url(code)
        if address is not None and _at(ls.client_capabilities, "window", "show_document", "support"):
            await ls.window_show_document_async(types.ShowDocumentParams(address, take_focus=True))
        elif (page := pages.read(code)) is not None:
            ls.window_show_message(types.ShowMessageParams(types.MessageType.Info, page))
        return address

    @server.command("scriptlint.verdict")
    async def verdict(ls: Server, uri: str, name: str) -> str:
        return await _said(ls, uri, "verdict", name)

    @server.command("scriptlint.status")
    async def status(ls: Server, uri: str) -> str:
        return await _said(ls, uri, "status")

    @server.command("scriptlint.confirm")
    async def confirm_class(ls: Server, uri: str, where: Any) -> str:
        path = ls.opened.path_of(uri)
        if path is None:
            return ""
        try:
            name = where if isinstance(where, str) else await ls.opened.ask("class_at", path, uri, int(where))
        except (Outdated, Failed) as error:
            raise _refused(error) from None
        if name is None:
            text = "there is no module class at the cursor"
        else:
            async with ls.busy(f"asking torch about {name}"):
                text = await confirm(ls.opened.question(path), name)
        ls.window_show_message(types.ShowMessageParams(types.MessageType.Info, text))
        return text


async def _said(ls: Server, uri: str, name: str, *arguments: Any) -> str:
    """Return and show what the worker says of a text."""
    path = ls.opened.path_of(uri)
    if path is None:
        return ""
    try:
        text: str = await ls.opened.ask(name, path, *arguments)
    except (Outdated, Failed) as error:
        raise _refused(error) from None
    ls.window_show_message(types.ShowMessageParams(types.MessageType.Info, text))
    return text


def start() -> None:
    """Serve until the editor says that it is over."""
    logging.getLogger("pygls").setLevel(logging.CRITICAL)  # it logs each refusal with a traceback
    server = made()
    # What prints something writes to where the editor keeps its log, and not between two messages.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def end(number: int, frame: object) -> None:
        if server.desk is not None:
            server.desk.close()
        os._exit(128 + number)  # a thread waits for the editor's next word, and cannot be woken

    for name in ("SIGTERM", "SIGINT", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), end)
    try:
        server.start_io(os.fdopen(os.dup(sys.stdin.fileno()), "rb"), answers)
    finally:
        if server.desk is not None:
            server.desk.close()
