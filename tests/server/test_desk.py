"""What is given out, in which order of edits and answers: with a worker that answers when the test says so."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from lsprotocol import types

from scriptlint.server.desk import Client, Desk, Outdated
from scriptlint.server.documents import Document, Findings, Question
from tests.server.client import ROOT


class Worker:
    """Stands for Link: keeps what is asked until it is answered."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Question, asyncio.Future[Any]]] = []
        self.cancelled = 0

    async def ask(self, name: str, question: Question, *arguments: object) -> object:
        future = asyncio.get_running_loop().create_future()
        self.asked.append((name, question, future))
        try:
            return await future
        except asyncio.CancelledError:
            self.cancelled += 1
            raise

    async def next(self) -> tuple[str, Question, asyncio.Future[Any]]:
        while not self.asked:
            await asyncio.sleep(0)
        return self.asked.pop(0)


def document(path: str, version: int) -> Document:
    return Document(f"file://{path}", path, f"# {version}".encode(), version)


def found(question: Question) -> Findings:
    """Findings that name the version of every text that they are of."""
    text = " ".join(sorted(f"{one.path}@{one.version}" for one in question.documents))
    place = types.Range(types.Position(0, 0), types.Position(0, 1))
    return Findings({question.document.uri: [types.Diagnostic(place, text)]})


def desk_with(worker: Worker, monkeypatch: pytest.MonkeyPatch, *, pushes: bool) -> tuple[Desk, list[tuple[str, int]]]:
    monkeypatch.setattr("scriptlint.server.desk.Link", lambda: worker)
    published: list[tuple[str, int]] = []

    def publish(about: Document, what: Findings) -> None:
        published.append((about.path, about.version))

    client = Client("utf-16", True, True, lambda: [], {})
    return Desk(client, publish if pushes else None, rest=0.0), published


def run(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(asyncio.wait_for(work(), 60))


def test_one_who_waits_is_told_that_the_text_has_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    async def work() -> None:
        worker = Worker()
        desk, _ = desk_with(worker, monkeypatch, pushes=False)
        desk.put(document("/a.py", 1))
        waiting = [asyncio.create_task(desk.findings("/a.py")) for _ in range(2)]
        await worker.next()
        await asyncio.sleep(0.01)
        assert not worker.asked, "asked once for two who wait"
        desk.put(document("/a.py", 2))
        for one in waiting:
            with pytest.raises(Outdated):
                await one
        assert worker.cancelled == 1
        again = asyncio.create_task(desk.findings("/a.py"))
        _, question, answer = await worker.next()
        answer.set_result(found(question))
        first = await again
        assert await desk.findings("/a.py") is first, "known, as long as nothing changes"
        desk.changed()
        task = asyncio.create_task(desk.findings("/a.py"))
        await worker.next()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(work)


def test_other_questions_are_cancelled_by_an_edit(monkeypatch: pytest.MonkeyPatch) -> None:
    async def work() -> None:
        worker = Worker()
        desk, _ = desk_with(worker, monkeypatch, pushes=False)
        desk.put(document("/a.py", 1))
        desk.put(document("/b.py", 1))
        about, other = (asyncio.create_task(desk.ask("lenses", path)) for path in ("/a.py", "/b.py"))
        await worker.next()
        _, _, answer = await worker.next()
        desk.put(document("/a.py", 2))
        with pytest.raises(Outdated):
            await about
        answer.set_result([])
        assert await other == [], "that is of a text that has not changed"

    run(work)


def test_the_text_that_changed_last_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    async def work() -> None:
        worker = Worker()
        desk, published = desk_with(worker, monkeypatch, pushes=True)
        for path in ("/a.py", "/b.py", "/c.py"):
            desk.put(document(path, 1))
        desk.put(document("/a.py", 2))
        order = []
        for _ in range(3):
            _, question, answer = await worker.next()
            order.append(question.path)
            if len(order) == 2:  # while the second is judged, the third changes
                desk.put(document("/b.py", 2))
                break
            answer.set_result(found(question))
        assert order == ["/a.py", "/c.py"]
        for _ in range(3):
            _, question, answer = await worker.next()
            order.append(question.path)
            answer.set_result(found(question))
        assert order[2:] == ["/b.py", "/a.py", "/c.py"]
        while len(published) < 4:
            await asyncio.sleep(0)
        assert published == [("/a.py", 2), ("/b.py", 2), ("/a.py", 2), ("/c.py", 1)]
        desk.drop("/b.py")
        assert published[-1] == ("/b.py", 2), "what is closed has no findings"

    run(work)


def test_the_process_that_answers_judges_nothing() -> None:
    program = "import sys, scriptlint.server.app; print(*(one for one in sys.modules if one.startswith('scriptlint.')))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {one.split(".")[1] for one in done.stdout.split()}
    assert not loaded & {"program", "types", "torchlib", "evaluate", "instances", "fixes", "script", "trace", "confirm"}
