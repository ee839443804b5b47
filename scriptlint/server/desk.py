"""The open texts and what is known of them: who asks, waits, is told that the text has changed, and is told again.

Every change of anything makes a new state (`_state` counts them). What was found in an older one is never given out.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import tokenize
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import msgspec
from lsprotocol import types
from pygls.uris import to_fs_path

from scriptlint.server.documents import Document, Findings, Question
from scriptlint.server.link import Failed, Link
from scriptlint.server.translate import trouble
from scriptlint.text import NOTEBOOK

# How long a text rests before it is judged, in seconds.
REST = 0.15
_SUFFIXES = (".py", ".pyi", ".pyw", NOTEBOOK)


class Outdated(Exception):
    """The text has changed since the question was asked."""


@dataclass(frozen=True)
class Client:
    """What the client can do, and where it looks for files: `folders` are those of its workspace."""

    encoding: str
    versioned: bool
    resolves: bool
    folders: Callable[[], list[str]]
    options: Mapping[str, object]


class Desk:
    """Holds the open texts and asks about them; `publish` is given what is found where the client does not ask."""

    def __init__(
        self, client: Client, publish: Callable[[Document, Findings], None] | None, rest: float = REST
    ) -> None:
        self.documents: dict[str, Document] = {}
        self.link = Link()
        self._client = client
        self._publish = publish
        self._rest = rest
        self._state = 0
        self._disk = 0
        self._changed_at = 0.0
        self._known: dict[str, tuple[int, Findings]] = {}
        self._running: dict[str, tuple[int, asyncio.Task[Findings]]] = {}
        self._others: dict[str, set[asyncio.Task[Any]]] = {}
        self._publishing: asyncio.Task[None] | None = None

    @property
    def options(self) -> Mapping[str, object]:
        """What the client was configured with."""
        return self._client.options

    # The texts

    def put(self, document: Document, *, at_once: bool = False) -> None:
        """Take an open text, or a new version of one."""
        self.documents.pop(document.path, None)
        self.documents[document.path] = document  # the last one is asked about first
        self.changed(document.path, at_once=at_once)

    def drop(self, path: str) -> None:
        """Forget a text that is closed."""
        document = self.documents.pop(path, None)
        self._known.pop(path, None)
        self.changed(path, at_once=True)
        if document is not None and self._publish is not None:
            self._publish(document, Findings({uri: [] for uri in document.cells or (document.uri,)}))

    def changed(self, path: str | None = None, *, at_once: bool = False) -> None:
        """Make a new state: a text is another one than before, or a file on the disk may be (`at_once`, or no path)."""
        self._state += 1
        self._disk += at_once or path is None
        self._changed_at = 0.0 if at_once else asyncio.get_running_loop().time()
        for _, task in self._running.values():
            task.cancel()
        for task in self._others.get(path or "", ()):
            task.cancel()
        if self._publish is not None:
            if self._publishing is not None:
                self._publishing.cancel()
            self._publishing = asyncio.create_task(self._published())

    def close(self) -> None:
        """End everything."""
        for task in filter(None, [self._publishing, *(task for _, task in self._running.values())]):
            task.cancel()
        self.link.close()

    def path_of(self, uri: str) -> str | None:
        """Return the path of the open text, or of the notebook, that has an address; None for others."""
        for path, document in self.documents.items():
            if uri == document.uri or uri in document.cells:
                return path
        return None

    # Questions

    async def findings(self, path: str) -> Findings:
        """Return what is found in a text as it is now; raises Outdated where it changes meanwhile."""
        state = self._state
        known = self._known.get(path)
        if known is not None and known[0] == state:
            return known[1]
        running = self._running.get(path)
        if running is None or running[0] != state or running[1].done():
            running = self._running[path] = state, asyncio.create_task(self._found(path, state))
        try:
            return await asyncio.shield(running[1])
        except asyncio.CancelledError:
            if running[1].cancelled() and state != self._state:
                raise Outdated from None
            raise

    async def ask(self, name: str, path: str, *arguments: Any) -> Any:
        """Return what a method of Service returns about a text; raises Outdated where that changes, and Failed."""
        task = asyncio.create_task(self.link.ask(name, self.question(path), *arguments))
        tasks = self._others.setdefault(path, set())
        tasks.add(task)
        try:
            return await task
        except asyncio.CancelledError:
            current = asyncio.current_task()
            if task.cancelled() and not (current is not None and _is_cancelling(current)):
                raise Outdated from None
            raise
        finally:
            tasks.discard(task)

    def question(self, path: str) -> Question:
        """Return the question about a text as it is now."""
        client = self._client
        above = [one for one in client.folders() if path.startswith(os.path.join(one, ""))]
        folder = max(above, key=len, default=os.path.dirname(path))
        folder = folder if os.path.isdir(folder) else os.getcwd()
        texts = tuple(self.documents.values())
        able = client.encoding, client.versioned, client.resolves
        return Question(path, texts, folder, *able, self._disk, client.options)

    async def _found(self, path: str, state: int) -> Findings:
        rest = self._changed_at + self._rest - asyncio.get_running_loop().time()
        if rest > 0:
            await asyncio.sleep(rest)
        try:
            found = await self.link.ask("check", self.question(path))
        except Failed as error:
            document = self.documents[path]
            uri = document.cells[0] if document.cells else document.uri
            found = Findings({uri: [trouble(f"scriptlint failed: {error}")]}, str(error))
        assert isinstance(found, Findings)
        self._known[path] = state, found
        return found

    async def _published(self) -> None:
        """Publish what is found in all open texts, those that changed last first."""
        assert self._publish is not None
        for path in list(reversed(self.documents)):
            document = self.documents[path]
            try:
                self._publish(document, await self.findings(path))
            except Outdated:
                return  # the next one has begun


def _is_cancelling(task: asyncio.Task[Any]) -> bool:
    """Return whether somebody has cancelled a task itself; Python 3.10 cannot tell."""
    cancelling: Callable[[], int] | None = getattr(task, "cancelling", None)
    return cancelling is not None and cancelling() > 0


def is_ours(uri: str, language: str = "") -> bool:
    """Return whether a text of the client is one to judge: a file of Python, or a notebook."""
    path = to_fs_path(uri) if uri.startswith("file:") else None
    return path is not None and (language == "python" or path.endswith(_SUFFIXES))


def path_of(uri: str) -> str:
    """Return the path of a file's address."""
    return os.path.abspath(to_fs_path(uri) or "")


def encoded(text: str) -> bytes:
    """Return a text as the file would hold it, in the encoding that its first lines declare."""
    data = text.encode("utf-8", "surrogatepass")
    with contextlib.suppress(SyntaxError, LookupError, UnicodeError):
        encoding, _ = tokenize.detect_encoding(BytesIO(data).readline)
        return text.encode(encoding)
    return data


def notebook(uri: str, version: int, cells: Iterable[types.NotebookCell], texts: Mapping[str, str]) -> Document:
    """Return an open notebook as the document that its file would hold."""
    cells = list(cells)
    content = {
        "cells": [
            {
                "cell_type": "code" if one.kind == types.NotebookCellKind.Code else "markdown",
                "source": texts.get(one.document, ""),
            }
            for one in cells
        ]
    }
    data = msgspec.json.encode(content)
    return Document(uri, path_of(uri), data, version, tuple(one.document for one in cells))
