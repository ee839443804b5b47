"""Real editors with the recipes of docs/editors.md: Neovim, Vim and Emacs without a screen."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.server.client import ROOT
from tests.server.recipes import environment, recipe
from tests.server.test_diagnostics import NET

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FIXABLE = NET.replace("(self, x)", "(self, x, sizes: list[int])").replace("(x)\n", "(x.view(*sizes))\n")

# A session of edits, after the user's recipe was read.
SESSION = """\
local answers = {}
local ok, problem = pcall(function()
  vim.cmd('filetype on')
  dofile('recipe.lua')
  vim.cmd('edit net.py')
  local function codes()
    local found = {}
    for _, one in ipairs(vim.diagnostic.get(0)) do
      table.insert(found, { one.code, one.lnum, one.col, one.source, one.severity })
    end
    table.sort(found, function(a, b) return a[3] < b[3] end)
    return found
  end
  local function wait(count)
    return vim.wait(60000, function() return #vim.diagnostic.get(0) == count end, 20)
  end
  answers.opened = wait(2) and codes()
  local function request(method, more)
    vim.api.nvim_win_set_cursor(0, { 7, 18 })
    local parameters = vim.tbl_extend('force', vim.lsp.util.make_range_params(0, 'utf-16'), more or {})
    for _, reply in pairs(vim.lsp.buf_request_sync(0, method, parameters, 60000)) do return reply.result end
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
  answers.ignored = wait(1)
  vim.cmd('undo')
  answers.undone = wait(2)
  vim.api.nvim_buf_set_lines(0, 6, 7, false, { '        return x' })
  answers.edited = wait(0)
  vim.cmd('undo')
  wait(2)
  dofile('save.lua')
  vim.cmd('silent write')
  answers.saved = wait(1) and codes()
  answers.written = vim.fn.readfile('net.py')[7]
  for _, client in ipairs((vim.lsp.get_clients or vim.lsp.get_active_clients)()) do vim.lsp.stop_client(client.id) end
  answers.stopped = vim.wait(
    20000, function() return #(vim.lsp.get_clients or vim.lsp.get_active_clients)() == 0 end, 20)
end)
if not ok then answers.problem = tostring(problem) end
vim.fn.writefile({ vim.json.encode(answers) }, 'answers.json')
vim.cmd('qall!')
"""


def run(folder: Path, *command: str) -> str:
    done = subprocess.run(
        command, cwd=folder, env=environment(folder), capture_output=True, text=True, timeout=150, check=False
    )
    return done.stdout + done.stderr


@pytest.mark.editors
def test_neovim(tmp_path: Path) -> None:
    version = subprocess.run(["nvim", "--version"], capture_output=True, text=True, check=True).stdout
    minor = re.search(r"v0\.(\d+)", version)
    assert minor is not None
    (tmp_path / "net.py").write_text(FIXABLE)
    (tmp_path / "recipe.lua").write_text(recipe("lua neovim-0.11" if int(minor[1]) >= 11 else "lua neovim-0.7"))
    (tmp_path / "save.lua").write_text(recipe("lua neovim-save"))
    (tmp_path / "session.lua").write_text(SESSION)
    told = run(tmp_path, "nvim", "--headless", "-u", "NONE", "-c", "luafile session.lua")
    answers: dict[str, Any] = json.loads((tmp_path / "answers.json").read_text())
    assert "problem" not in answers, (answers, told)
    first, second = answers["opened"]
    assert first == ["SL120", 6, 16, "scriptlint", 1]
    assert second[0] == "SL410"
    assert "# SL120 lambda" in answers["hover"]
    assert "SL120: ignore it on this line" in answers["titles"]
    assert "scriptlint: ignore[SL120]" in answers["line"]
    assert all(answers[name] is True for name in ("ignored", "undone", "edited", "stopped")), answers
    assert answers["saved"] == [first], "once, after it was saved too"
    assert "x.view(sizes)" in answers["written"]
    log = list(tmp_path.rglob("lsp.log"))
    assert not any("stderr" in one.read_text() for one in log), [one.read_text() for one in log]


@pytest.mark.editors
def test_vim(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(NET)
    (tmp_path / "vimrc").write_text(f"set nocompatible\nfiletype on\n{recipe('vim')}")
    report = "call writefile([json_encode(map(getqflist(), '[v:val.lnum, v:val.col, v:val.text]'))], 'answers.json')"
    told = run(tmp_path, "vim", "-N", "-u", "vimrc", "-es", "net.py", "-c", "silent make", "-c", report, "-c", "qall!")
    ((row, column, text),) = json.loads((tmp_path / "answers.json").read_text())
    assert (row, column) == (7, 17), told
    assert "SL120" in text


EMACS = """\
(setq make-backup-files nil)
(package-initialize)
{recipe}
(find-file "net.py")
{start}
(let ((deadline (+ (float-time) 60)))
  (while (and (null (flymake-diagnostics)) (< (float-time) deadline))
    (accept-process-output nil 0.05)))
(dolist (one (flymake-diagnostics))
  (message "found %d %d %s" (line-number-at-pos (flymake-diagnostic-beg one))
           (- (flymake-diagnostic-beg one) (save-excursion (goto-char (flymake-diagnostic-beg one)) (line-beginning-position)))
           (flymake-diagnostic-text one)))
{end}
"""


@pytest.mark.editors
@pytest.mark.parametrize("kind", ["eglot", "flymake"])
def test_emacs(tmp_path: Path, kind: str) -> None:
    (tmp_path / "net.py").write_text(NET)
    # In batch no command is read, after which eglot and flymake would start by themselves.
    start = "(flymake-start)" if kind == "flymake" else "(apply #'eglot (eglot--guess-contact))"
    end = "" if kind == "flymake" else "(eglot-shutdown-all)"
    program = EMACS.format(recipe=recipe(f"elisp {kind}"), start=start, end=end)
    (tmp_path / "session.el").write_text(program)
    told = run(tmp_path, "emacs", "--batch", "-l", "session.el")
    assert re.search(r"^found 7 16 .*(SL120|`lambda`)", told, re.M), told


@pytest.mark.editors
def test_emacs_compile(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(NET)
    (command,) = re.findall(r"^    (scriptlint --quiet .* \.)$", (ROOT / "docs" / "editors.md").read_text(), re.M)
    (tmp_path / "session.el").write_text(
        "(require 'compile)\n(setq compilation-wait t)\n"
        f'(let ((buffer (compilation-start "{command}")))\n'
        "  (while (process-live-p (get-buffer-process buffer)) (accept-process-output nil 0.05))\n"
        "  (with-current-buffer buffer (compilation-next-error-function 1 t)))\n"
        '(with-current-buffer "net.py" (message "found %d %d" (line-number-at-pos) (current-column)))\n'
    )
    told = run(tmp_path, "emacs", "--batch", "--quick", "-l", "session.el")
    assert "found 7 16" in told, told


def test_helix() -> None:
    settings = tomllib.loads(recipe("toml"))
    assert [
        settings["language-server"]["scriptlint"]["command"],
        *settings["language-server"]["scriptlint"]["args"],
    ] == [
        "scriptlint",
        "server",
    ]


def test_vs_code(tmp_path: Path) -> None:
    settings = json.loads(recipe("json"))
    assert [settings["glspc.server.command"], *settings["glspc.server.commandArguments"]] == ["scriptlint", "server"]
    (task,) = json.loads(recipe("json tasks"))["tasks"]
    (tmp_path / "net.py").write_text(NET)
    told = run(tmp_path, task["command"], *task["args"])
    pattern = task["problemMatcher"]["pattern"]
    match = re.fullmatch(pattern["regexp"].replace("$", r"\n?$"), told)
    assert match is not None, told
    assert [match[pattern[name]] for name in ("file", "line", "column", "code")] == ["net.py", "7", "17", "SL120"]


def test_pycharm(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "editors.md").read_text(encoding="utf-8")
    arguments = re.search(r"^- arguments: `(.*) \$FilePath\$`$", page, re.M)
    wanted = re.search(r"^- output filters: `(.*)`$", page, re.M)
    assert arguments is not None
    assert wanted is not None
    (tmp_path / "net.py").write_text(NET)
    told = run(tmp_path, "scriptlint", *arguments[1].split(), str(tmp_path / "net.py"))
    pattern = re.escape(wanted[1])
    for name, regexp in (("FILE_PATH", ".+?"), ("LINE", r"\d+"), ("COLUMN", r"\d+"), ("MESSAGE", ".*")):
        pattern = pattern.replace(re.escape(f"${name}$"), f"(?P<{name}>{regexp})")
    match = re.fullmatch(pattern + r"\n?", told)
    assert match is not None, told
    assert (match["LINE"], match["COLUMN"]) == ("7", "17")
