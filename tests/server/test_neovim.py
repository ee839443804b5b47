"""A real editor: Neovim without a screen, which starts the server as its users do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.server.client import ROOT
from tests.server.test_diagnostics import NET

pytestmark = pytest.mark.neovim

# What a user's init.lua has, as docs/editors.md gives it for old versions, and then a session of edits.
SESSION = """\
local answers = {}
local ok, problem = pcall(function()
  vim.cmd('edit net.py')
  local client = vim.lsp.start_client({
    name = 'scriptlint', cmd = { PYTHON, '-m', 'scriptlint', 'server' }, root_dir = vim.fn.getcwd(),
  })
  vim.lsp.buf_attach_client(0, client)
  local function codes()
    local found = {}
    for _, one in ipairs(vim.diagnostic.get(0)) do
      table.insert(found, { one.code, one.lnum, one.col, one.source, one.severity })
    end
    return found
  end
  local function wait(count)
    return vim.wait(60000, function() return #vim.diagnostic.get(0) == count end, 20)
  end
  answers.opened = wait(1) and codes()
  local function request(method, more)
    vim.api.nvim_win_set_cursor(0, { 7, 18 })
    local parameters = vim.tbl_extend('force', vim.lsp.util.make_range_params(), more or {})
    local replies = vim.lsp.buf_request_sync(0, method, parameters, 60000)
    return replies[client].result
  end
  answers.hover = request('textDocument/hover', { position = { line = 6, character = 18 } }).contents.value
  local titles = {}
  local ignore
  for _, one in ipairs(request('textDocument/codeAction', { context = { diagnostics = {} } })) do
    table.insert(titles, one.title)
    if one.title:find('ignore') then ignore = one end
  end
  answers.titles = titles
  vim.lsp.util.apply_workspace_edit(ignore.edit, 'utf-16')
  answers.line = vim.api.nvim_buf_get_lines(0, 6, 7, false)[1]
  answers.ignored = wait(0)
  vim.cmd('undo')
  answers.undone = wait(1)
  vim.api.nvim_buf_set_lines(0, 6, 7, false, { '        return x' })
  answers.edited = wait(0)
  vim.cmd('undo')
  wait(1)
  vim.cmd('silent write')
  vim.wait(500)
  answers.saved = codes()
  vim.lsp.stop_client(client)
  answers.stopped = vim.wait(20000, function() return #vim.lsp.get_active_clients() == 0 end, 20)
end)
if not ok then answers.problem = tostring(problem) end
vim.fn.writefile({ vim.json.encode(answers) }, 'answers.json')
vim.cmd('qall!')
"""


def test_a_session(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(NET)
    script = tmp_path / "session.lua"
    script.write_text(SESSION.replace("PYTHON", json.dumps(sys.executable)))
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(tmp_path / "state")}
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        environment[name] = str(tmp_path / name)
    done = subprocess.run(
        ["nvim", "--headless", "-u", "NONE", "-c", f"luafile {script}"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    answers: dict[str, Any] = json.loads((tmp_path / "answers.json").read_text())
    assert "problem" not in answers, (answers, done.stderr)
    (finding,) = answers["opened"]
    assert finding == ["SL120", 6, 16, "scriptlint", 1]
    assert "# SL120 lambda" in answers["hover"]
    assert "SL120: ignore it on this line" in answers["titles"]
    assert answers["line"].endswith("  # scriptlint: ignore[SL120]")
    assert all(answers[name] is True for name in ("ignored", "undone", "edited", "stopped")), answers
    assert answers["saved"] == [finding], "once, after it was saved too"
    log = list((tmp_path).rglob("lsp.log"))
    assert not any("stderr" in one.read_text() for one in log), [one.read_text() for one in log]
