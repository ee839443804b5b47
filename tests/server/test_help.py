"""What is offered about findings, and what is shown of a place: fixes, comments, pages, types, verdicts."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from scriptlint.text import SourceFile
from tests.server.client import ROOT, Editor, editor, run
from tests.server.test_diagnostics import GOOD, HEAD, NET

FIXABLE = (
    HEAD
    + """\
class Net(nn.Module):
    def forward(self, x: torch.Tensor, n: int):
        names = []  # of ints
        names.append(n)
        return super(Net, self).extra_repr(), +n


torch.jit.script(Net())
"""
)
WHOLE = types.Range(types.Position(0, 0), types.Position(99, 0))


def applied(text: str, edit: types.WorkspaceEdit | None, uri: str) -> str:
    """A text after the edit of an action, which is for its first version."""
    assert edit is not None
    if edit.document_changes:
        (change,) = edit.document_changes
        assert isinstance(change, types.TextDocumentEdit)
        assert change.text_document.uri == uri
        edits: Any = change.edits
    else:
        assert edit.changes is not None
        edits = edit.changes[uri]
    starts = SourceFile("", text).line_starts
    for one in sorted(edits, key=lambda one: (one.range.start.line, one.range.start.character), reverse=True):
        first, last = (starts[at.line] + at.character for at in (one.range.start, one.range.end))
        text = text[:first] + one.new_text + text[last:]
    return text


def test_actions(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(FIXABLE)

    async def work() -> None:
        async with editor(tmp_path) as vim:
            uri = await vim.open(path)
            found = await vim.told(uri, 1)
            plus = next(one for one in found if one.code == "SL126")
            offered = await vim.actions(uri, plus.range)
            titles = [one.title for one in offered]
            assert "SL126: open the page of unary-plus" in titles
            ignored = applied(FIXABLE, next(one for one in offered if "ignore" in one.title).edit, uri)
            assert "+n  # scriptlint: ignore[SL126]\n" in ignored
            version = vim.change(uri, ignored)
            assert "SL126" not in [one.code for one in await vim.told(uri, version)]
            address = await vim.command("scriptlint.openPage", "SL126")
            assert address.endswith("SL126-unary-plus.md")

    run(work)


def test_safe_fixes_alone_on_save(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    text = HEAD + (
        "class Net(nn.Module):\n"
        "    def forward(self, x: torch.Tensor, sizes: list[int]):  # scriptlint: ignore[SL101]\n"
        "        return x.view(*sizes)\n\n\n"
        "torch.jit.script(Net())\n"
    )
    path.write_text(text)

    async def work() -> None:
        async with editor(tmp_path, client="pulling") as code:
            uri = await code.open(path)
            codes = {one.code for one in (await code.pull(uri)).items}
            assert "SL903" in codes
            assert len(codes) > 1
            (action,) = await code.actions(uri, WHOLE, "source.fixAll.scriptlint")
            fixed = applied(text, action.edit, uri)
            assert "x.view(sizes)" in fixed
            assert "# scriptlint: ignore[SL101]" in fixed, "what is unused now may be of use once the line is written"
            (later,) = [one for one in await code.actions(uri, WHOLE) if "all safe fixes" in one.title]
            assert later.edit is None
            resolved = await code.client.code_action_resolve_async(later)
            assert applied(text, resolved.edit, uri) == fixed
            code.change(uri, text + "\n\ndef half(\n")
            assert await code.actions(uri, WHOLE, "source.fixAll") == []

    run(work)


def test_hover(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(
        HEAD
        + (
            "class Net(nn.Module):\n"
            "    def forward(self, x, sizes: list[int]):\n"
            "        count = len(sizes)\n"
            "        return (lambda y: y)(x), count\n\n\n"
            "torch.jit.script(Net())\n"
        )
    )

    async def work() -> None:
        async with editor(tmp_path) as vim:
            uri = await vim.open(path)
            assert await vim.hover(uri, 5, 22) == "TorchScript: `Tensor: no annotation, so assumed`"
            assert await vim.hover(uri, 5, 26) == "TorchScript: `List[int]`"
            assert await vim.hover(uri, 6, 9) == "TorchScript: `int`"
            assert await vim.hover(uri, 0, 2) == ""
            assert "# SL120" in await vim.hover(uri, 7, 18)

    run(work)


def test_hover_over_what_a_trace_freezes(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(
        HEAD
        + (
            "class Net(nn.Module):\n"
            "    def forward(self, x):\n"
            "        count = len(x)\n"
            "        return x.mean().item() * x + torch.zeros(3) * x.dim()\n\n\n"
            "torch.jit.trace(Net().eval(), torch.ones(3))\n"
        )
    )

    async def work() -> None:
        async with editor(tmp_path) as vim:
            uri = await vim.open(path)
            frozen = "Trace: frozen at the example's value: made from"
            assert f"{frozen} the content of a tensor" in await vim.hover(uri, 7, 25)
            assert f"{frozen} the number of dimensions" in await vim.hover(uri, 7, 58)
            assert "Trace: the same tensor for every input" in await vim.hover(uri, 7, 44)
            assert "Trace" not in await vim.hover(uri, 7, 33), "the trace follows it"

    run(work)


async def lenses(vim: Editor, uri: str) -> list[types.Command]:
    parameters = types.CodeLensParams(types.TextDocumentIdentifier(uri))
    found = await vim.client.text_document_code_lens_async(parameters)
    return [one.command for one in found or () if one.command is not None]


async def hints(vim: Editor, uri: str, first: int = 0, last: int = 100) -> list[types.InlayHint]:
    wanted = types.Range(types.Position(first, 0), types.Position(last, 0))
    parameters = types.InlayHintParams(types.TextDocumentIdentifier(uri), wanted)
    return list(await vim.client.text_document_inlay_hint_async(parameters) or ())


def test_verdicts_as_inlay_hints(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    text = NET.replace("class Net(nn.Module):", 'class Net(nn.Module):  # "𝕏" has two units')
    path.write_text(text)
    row = next(number for number, line in enumerate(text.splitlines()) if line.startswith("class Net"))

    async def work() -> None:
        async with editor(tmp_path, options={"inlayHints": True}) as vim:
            uri = await vim.open(path)
            (hint,) = await hints(vim, uri)
            assert hint.label == "script: blocked · trace: faithful"
            line = text.splitlines()[row]
            assert (hint.position.line, hint.position.character) == (row, len(line.encode("utf-16-le")) // 2)
            assert "SL120" in str(hint.tooltip)
            assert await hints(vim, uri, row + 1) == []
            vim.change(uri, GOOD)
            (hint,) = await hints(vim, uri)
            assert hint.label == "script: ok · trace: faithful"
        async with editor(tmp_path) as vim:
            assert vim.server is not None
            assert vim.server.capabilities.inlay_hint_provider is not None, "it does not say that it shows lenses"
        async with editor(tmp_path, options={"inlayHints": False}) as vim:
            assert vim.server is not None
            assert vim.server.capabilities.inlay_hint_provider is None

    run(work)


def test_verdicts_and_confirmation(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(NET)

    async def work() -> None:
        async with editor(tmp_path) as vim:
            uri = await vim.open(path)
            verdict, ask = await lenses(vim, uri)
            assert verdict.title == "script: blocked · trace: faithful"
            told = await vim.command(verdict.command, *(verdict.arguments or ()))
            assert "SL120" in told
            assert "script: blocked" in told
            told = await vim.command(ask.command, *(ask.arguments or ()))
            assert "confirmed" in told, told
            assert "Lambda" in told, "the compiler's words"
            again = await vim.command("scriptlint.confirm", uri, 6)
            assert again.partition("Asked torch")[0] == told.partition("Asked torch")[0], "the class under the cursor"
            status = await vim.command("scriptlint.status", uri)
            assert "judged for script: 1 blocked" in status
            vim.change(uri, GOOD)
            assert "save the file first" in await vim.command("scriptlint.confirm", uri, "Net")
            assert (await lenses(vim, uri))[0].title == "script: ok · trace: faithful"
        async with editor(tmp_path, options={"codeLens": False, "codelens": 1}) as vim:
            assert vim.server is not None
            assert vim.server.capabilities.code_lens_provider is None
            uri = await vim.open(path)
            await vim.told(uri, 1)
            assert "there is no option `codelens`" in vim.client.messages[0].message

    run(work)


def notebook(uri: str, version: int, *texts: str) -> tuple[types.NotebookDocument, list[types.TextDocumentItem]]:
    items = [types.TextDocumentItem(f"{uri}#{number}", "python", 1, text) for number, text in enumerate(texts)]
    cells = [types.NotebookCell(types.NotebookCellKind.Code, one.uri) for one in items]
    return types.NotebookDocument(uri, "jupyter-notebook", version, cells), items


def test_notebooks(tmp_path: Path) -> None:
    uri = (tmp_path / "net.ipynb").as_uri()
    head, tail = NET.split("\n\n\n", 1)

    async def work() -> None:
        async with editor(tmp_path) as vim:
            book, items = notebook(uri, 1, "%matplotlib inline\n" + head, tail)
            vim.client.notebook_document_did_open(types.DidOpenNotebookDocumentParams(book, items))
            while not any(one.uri == f"{uri}#1" for one in vim.published):
                await asyncio.sleep(0.02)
            first, second = vim.published[-2:]
            assert list(first.diagnostics) == []
            (found,) = second.diagnostics
            assert (found.code, found.range.start.line) == ("SL120", 2)
            assert (found.related_information or [])[0].location.uri == f"{uri}#1"
            assert await vim.hover(f"{uri}#1", 1, 22) == "TorchScript: `Tensor: no annotation, so assumed`"
            assert len(await lenses(vim, f"{uri}#1")) == 1
            assert await lenses(vim, f"{uri}#0") == []
        async with editor(tmp_path, options={"inlayHints": True}) as vim:
            vim.client.notebook_document_did_open(types.DidOpenNotebookDocumentParams(book, items))
            assert [one.position.line for one in await hints(vim, f"{uri}#1")] == [0]
            assert await hints(vim, f"{uri}#0") == []

    run(work)


# A class that takes seconds to judge: what is only looked at between two classes cannot be cancelled within it.
LONG = HEAD + "".join(
    f"class Net{number}(nn.Module):\n    def forward(self, x):\n"
    + "        x = x + 1\n" * 100
    + "        return x\n\n\n"
    for number in range(20)
)


def children(pid: int) -> list[int]:
    """The workers of a server."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parent = (process / "stat").read_text().rpartition(")")[2].split()[1]
            if int(parent) == pid and b"spawn_main" in (process / "cmdline").read_bytes():
                found.append(int(process.name))
    return found


def test_an_edit_ends_what_was_begun_before_it(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(LONG)

    async def work() -> None:
        async with editor(tmp_path) as vim:
            uri = await vim.open(tmp_path / "short.py", HEAD)
            await vim.told(uri, 1)
            long = await vim.open(path)
            await asyncio.sleep(0.3)
            started = time.monotonic()
            await vim.hover("file:///nowhere.py", 0, 0)
            answered = time.monotonic() - started
            version = vim.change(uri, NET)
            assert [one.code for one in await vim.told(uri, version)] == ["SL120"]
            assert not [one for one in vim.published if one.uri == long], "the long one comes last"
            assert answered < 60

    run(work)


def test_a_worker_that_dies_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(NET)

    async def work() -> None:
        async with editor(tmp_path) as vim:
            uri = await vim.open(path)
            assert [one.code for one in await vim.told(uri, 1)] == ["SL120"]
            process = vim.client._server
            assert process is not None
            (worker,) = children(process.pid)
            os.kill(worker, signal.SIGKILL)
            version = vim.change(uri, GOOD)
            assert await vim.told(uri, version) == []
            (other,) = children(process.pid)
            assert other != worker
        await asyncio.sleep(0.2)
        assert not Path(f"/proc/{other}").exists(), "and ends with the server"

    run(work)


def test_ends_with_the_editor(tmp_path: Path) -> None:
    async def work() -> None:
        async with editor(tmp_path) as vim:
            process = vim.client._server
            assert process is not None
            await vim.told(await vim.open(tmp_path / "net.py", HEAD), 1)
            workers = children(process.pid)
            assert len(workers) == 1
        assert process.returncode == 0
        assert not any(Path(f"/proc/{one}").exists() for one in workers)

    run(work)


@pytest.mark.parametrize("how", ["end of file", signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_ends_however_the_editor_goes(tmp_path: Path, how: str | signal.Signals) -> None:
    command = [sys.executable, "-m", "scriptlint", "server"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        hello = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"processId": None, "capabilities": {}}}
        data = json.dumps(hello).encode()
        process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(data) + data)
        process.stdin.flush()
        process.stdout.readline()
        workers = children(process.pid)
        assert len(workers) == 1
        if isinstance(how, signal.Signals):
            process.send_signal(how)
        else:
            process.stdin.close()
        process.wait(60)
        assert process.stderr.read() == b"", "which waits for the worker too, since that holds it open"
    wanted = {"end of file": 0, signal.SIGTERM: 143, signal.SIGINT: 130, signal.SIGKILL: -9}
    assert process.returncode == wanted[how]
