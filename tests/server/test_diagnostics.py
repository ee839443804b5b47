"""Never stale, never empty, never twice, and the same as on the command line."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tests.server.client import ROOT, editor, run

HEAD = "import torch\nfrom torch import nn\n\n\n"
NET = (
    HEAD
    + """\
class Net(nn.Module):
    def forward(self, x):
        return (lambda y: y)(x)


torch.jit.script(Net())
"""
)
GOOD = NET.replace("(lambda y: y)(x)", "x")


def located(found: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """The findings of the command line as the protocol counts."""
    return sorted((one["code"], one["location"]["row"] - 1, one["location"]["column"] - 1) for one in found)


def places(diagnostics: Any) -> list[tuple[Any, ...]]:
    return sorted((one.code, one.range.start.line, one.range.start.character) for one in diagnostics)


def test_pushed_with_the_version_that_was_typed(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(HEAD)

    async def work() -> None:
        async with editor(tmp_path) as vim:
            uri = await vim.open(path)
            assert await vim.told(uri, 1) == []
            version = vim.change(uri, NET)  # and not on disk
            (found,) = await vim.told(uri, version)
            assert (found.code, found.source, found.severity) == ("SL120", "scriptlint", types.DiagnosticSeverity.Error)
            assert found.code_description is not None
            assert found.code_description.href.startswith("file://")
            related = found.related_information or []
            assert [one.location.range.start.line for one in related] == [9]
            assert "`Net` is scripted here" in related[0].message
            assert await vim.told(uri, vim.change(uri, GOOD)) == []
            vim.client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri)))
            await asyncio.sleep(0.5)
            assert not [one for one in vim.published if one.version not in (1, 2, 3)]

    run(work)


def test_only_the_last_of_many_edits_is_judged(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(HEAD)

    async def work() -> None:
        async with editor(tmp_path) as vim:
            uri = await vim.open(path)
            await vim.told(uri, 1)
            for number in range(20):
                version = vim.change(uri, NET if number % 2 else GOOD)
                await asyncio.sleep(0.02)
            assert [one.code for one in await vim.told(uri, version)] == ["SL120"]
            versions = [one.version or 0 for one in vim.published]
            assert versions == sorted(set(versions)), "each version once at most, and none after a newer one"
            for one in vim.published[1:]:
                assert bool(one.diagnostics) == (one.version is not None and one.version % 2 == 1)

    run(work)


def test_pulled_and_never_pushed(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(NET)

    async def work() -> None:
        async with editor(tmp_path, client="pulling") as code:
            uri = await code.open(path)
            first = await code.pull(uri)
            assert [one.code for one in first.items] == ["SL120"]
            again = await code.pull(uri, first.result_id)
            assert (again.kind, again.result_id) == ("unchanged", first.result_id)
            code.change(uri, NET + "# more\n")
            asked = asyncio.create_task(code.pull(uri, first.result_id))
            await asyncio.sleep(0.02)
            code.change(uri, GOOD)
            (answer,) = await asyncio.gather(asked, return_exceptions=True)
            if isinstance(answer, JsonRpcException):
                assert (answer.code, answer.data) == (-32802, {"retriggerRequest": True})
            else:  # the server saw both before it began
                assert list(answer.items) == []
            assert list((await code.pull(uri, first.result_id)).items) == []
            assert code.published == []

    run(work)


def test_neovim_of_today_pulls(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(NET)

    async def work() -> None:
        async with editor(tmp_path, client="neovim@0.11") as vim:
            uri = await vim.open(path)
            assert [one.code for one in (await vim.pull(uri)).items] == ["SL120"]
            assert vim.published == []

    run(work)


def test_the_same_as_on_the_command_line() -> None:
    paths = sorted((ROOT / "examples").glob("*.py"))[::3]
    done = subprocess.run(
        [sys.executable, "-m", "scriptlint", "--output-format", "json", "--no-cache", *map(str, paths)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    found = json.loads(done.stdout)

    async def work() -> None:
        async with editor(ROOT) as vim:
            for path in paths:
                here = [one for one in found if ROOT / one["filename"] == path]
                assert places(await vim.told(await vim.open(path), 1)) == located(here)

    run(work)


def test_other_texts_follow(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("")
    helper, net = tmp_path / "helper.py", tmp_path / "net.py"
    helper.write_text("def help(x):\n    return x\n")
    net.write_text(
        GOOD.replace("return x", "return help(x)").replace("from torch", "from helper import help\nfrom torch")
    )

    async def work() -> None:
        async with editor(tmp_path) as vim:
            about = await vim.open(helper)
            user = await vim.open(net)
            assert await vim.told(user, 1) == []
            assert await vim.told(about, 1) == []
            version = vim.change(about, "def help(x):\n    return (lambda y: y)(x)\n")
            assert [one.code for one in await vim.told(about, version)] == ["SL120"], "what the other file compiles"
            vim.change(user, net.read_text().replace("torch.jit", "# torch.jit"))
            while len([one for one in vim.published if one.uri == about and not one.diagnostics]) < 2:
                await asyncio.sleep(0.05)

    run(work)


def test_half_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(NET)

    async def work() -> None:
        async with editor(tmp_path) as vim:
            uri = await vim.open(path)
            await vim.told(uri, 1)
            version = vim.change(uri, NET + "\n\ndef other(\n")
            codes = {one.code for one in await vim.told(uri, version)}
            assert codes == {"SL120", "SL901"}, "the rest is judged"

    run(work)


@pytest.mark.parametrize(("encodings", "column"), [(["utf-8"], 21), (["utf-32"], 18), (None, 19)])
def test_columns_are_those_of_the_client(tmp_path: Path, encodings: list[str] | None, column: int) -> None:
    path = tmp_path / "net.py"
    path.write_text(
        NET.replace("return (lambda y: y)(x)", "a = '\N{GRINNING FACE}'; (lambda y: y)(x)"), encoding="utf-8"
    )

    async def work() -> None:
        async with editor(tmp_path, encodings=encodings) as vim:
            uri = await vim.open(path)
            found = [one for one in await vim.told(uri, 1) if one.code == "SL120"]
            assert found[0].range.start.character == column

    run(work)


def test_settings_are_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(NET)
    settings = tmp_path / "pyproject.toml"
    settings.write_text("[tool.scriptlint]\nignore = ['SL120']\n")

    async def work() -> None:
        async with editor(tmp_path, client="pulling") as code:
            uri = await code.open(path)
            assert list((await code.pull(uri)).items) == []
            settings.write_text("[tool.scriptlint]\nignore = []\n")
            change = types.FileEvent(settings.as_uri(), types.FileChangeType.Changed)
            code.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([change]))
            assert [one.code for one in (await code.pull(uri)).items] == ["SL120"]
            assert code.client.diagnostic_refresh_count == 1
            settings.write_text("[tool.scriptlint]\nignroe = []\n")
            code.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([change]))
            (problem,) = (await code.pull(uri)).items
            assert "unknown setting `ignroe`; did you mean `ignore`?" in problem.message
            assert "pyproject.toml:2" in problem.message
            settings.write_text("[tool.scriptlint]\nrequired-version = '>=99'\n")
            code.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([change]))
            (problem,) = (await code.pull(uri)).items
            assert "this project requires scriptlint >=99" in problem.message

    run(work)


def test_several_folders(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    for folder, ignored in ((one, "SL120"), (two, "SL101")):
        folder.mkdir()
        (folder / "net.py").write_text(NET)
        (folder / "scriptlint.toml").write_text(f"ignore = ['{ignored}']\n")

    async def work() -> None:
        async with editor(one, two) as vim:
            first, second = await vim.open(one / "net.py"), await vim.open(two / "net.py")
            assert await vim.told(first, 1) == []
            assert [one.code for one in await vim.told(second, 1)] == ["SL120"]

    run(work)


def test_what_is_excluded_is_explained(tmp_path: Path) -> None:
    path = tmp_path / "build" / "net.py"
    path.parent.mkdir()
    path.write_text(NET)

    async def work() -> None:
        async with editor(tmp_path) as vim:
            uri = await vim.open(path)
            assert await vim.told(uri, 1) == []
            assert "excluded by the settings" in await vim.command("scriptlint.status", uri)

    run(work)
