"""An editor in a test: a real server in a process of its own, spoken to by pytest-lsp's client."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.protocol import default_converter
from pytest_lsp import LanguageClient, client_capabilities
from pytest_lsp.client import DEFAULT_CLIENT_FEATURES, register_lsp_features

ROOT = Path(__file__).parent.parent.parent


class Editor:
    """A client with open texts. Those without `pulls` are told what is found, as Neovim 0.7 is."""

    def __init__(self, client: LanguageClient) -> None:
        self.client = client
        self.published: list[types.PublishDiagnosticsParams] = []
        self.versions: dict[str, int] = {}
        self.server: types.InitializeResult | None = None

    async def open(self, path: Path, text: str | None = None) -> str:
        """Open a file, perhaps with another text than it has on disk; returns its address."""
        uri = path.as_uri()
        self.versions[uri] = 1
        content = path.read_text(encoding="utf-8") if text is None else text
        item = types.TextDocumentItem(uri, "python", 1, content)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return uri

    def change(self, uri: str, text: str) -> int:
        """Change a text; returns its new version."""
        self.versions[uri] += 1
        whole = types.TextDocumentContentChangeWholeDocument(text)
        document = types.VersionedTextDocumentIdentifier(self.versions[uri], uri)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(document, [whole]))
        return self.versions[uri]

    async def told(self, uri: str, version: int) -> list[types.Diagnostic]:
        """Return what is published for a version of a text, once it is."""
        while True:
            for one in reversed(self.published):
                if one.uri == uri and one.version == version:
                    return list(one.diagnostics)
            await asyncio.sleep(0.02)

    async def pull(self, uri: str, previous: str | None = None) -> Any:
        """Ask for what is found in a text."""
        document = types.TextDocumentIdentifier(uri)
        return await self.client.text_document_diagnostic_async(
            types.DocumentDiagnosticParams(document, previous_result_id=previous)
        )

    async def actions(self, uri: str, where: types.Range, *only: str) -> list[Any]:
        """Return what is offered for a range; lsprotocol takes an action that has a command for that command."""
        context = types.CodeActionContext([], only=list(only) or None)
        document = types.TextDocumentIdentifier(uri)
        found = await self.client.text_document_code_action_async(types.CodeActionParams(document, where, context))
        return list(found or ())

    async def hover(self, uri: str, line: int, character: int) -> str:
        """Return what is shown at a position."""
        document = types.TextDocumentIdentifier(uri)
        found = await self.client.text_document_hover_async(
            types.HoverParams(document, types.Position(line, character))
        )
        return "" if found is None else str(getattr(found.contents, "value", found.contents))

    async def command(self, name: str, *arguments: Any) -> Any:
        """Run a command of the server."""
        return await self.client.workspace_execute_command_async(types.ExecuteCommandParams(name, list(arguments)))


def capabilities(name: str) -> types.ClientCapabilities:
    """What a client can do: a name that pytest-lsp knows, or `pulling`: one that can do all that the server offers."""
    if name != "pulling":
        return client_capabilities(name)
    found = client_capabilities("visual_studio_code")
    assert found.text_document is not None
    assert found.workspace is not None
    found.text_document.diagnostic = types.DiagnosticClientCapabilities()
    found.workspace.diagnostics = types.DiagnosticWorkspaceClientCapabilities(refresh_support=True)
    return found


@asynccontextmanager
async def editor(
    *folders: Path,
    client: str = "neovim@0.7",
    options: dict[str, object] | None = None,
    encodings: list[str] | None = None,
) -> AsyncIterator[Editor]:
    """An editor that has some folders open, and whose server is ended with it."""
    speaking = LanguageClient(converter_factory=default_converter)
    made = Editor(speaking)

    def published(params: types.PublishDiagnosticsParams) -> None:
        made.published.append(params)

    features = {**DEFAULT_CLIENT_FEATURES, types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS: published}
    register_lsp_features(speaking, features)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    await speaking.start_io(sys.executable, "-m", "scriptlint", "server", env=environment, cwd=folders[0])
    able = capabilities(client)
    if encodings is not None:
        able.general = types.GeneralClientCapabilities(
            position_encodings=[types.PositionEncodingKind(one) for one in encodings]
        )
    made.server = await speaking.initialize_session(
        types.InitializeParams(
            capabilities=able,
            workspace_folders=[types.WorkspaceFolder(one.as_uri(), one.name) for one in folders],
            initialization_options=options,
        )
    )
    try:
        yield made
    finally:
        await speaking.shutdown_session()
        await speaking.stop()


def run(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a test; one that waits for what never comes fails."""
    asyncio.run(asyncio.wait_for(work(), 300))
