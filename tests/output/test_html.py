"""The pages of `check`, `modules` and `confirm`: what is on them, and what axe-core says of them in a browser."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

from scriptlint.cli import run

ROOT = Path(__file__).parent.parent.parent
EVIL = "<script>document.title = 1</script>"
NET = f"""\
import torch
from torch import nn


class First(nn.Module):
    def forward(self, *xs):
        return (lambda y: y)(xs[0])  # {EVIL}


class Head(nn.Module):
    def __init__(self, width=None):
        super().__init__()
        self.last = First() if width is None else nn.Linear(width, width)

    def forward(self, x):
        return self.last(x)


class Good(nn.Module):
    def forward(self, x):
        return x


def build(width):
    return torch.jit.script(Head(width))


def scaled(x, factor=2.0):
    return x * factor


torch.jit.script(scaled)
torch.jit.script(First())
torch.jit.trace(Good(), torch.ones(2))
"""
RUN_AXE = """
<script>%s</script>
<script>
axe.run(document).then((result) => {
  const found = result.violations.map((one) => [one.id, one.nodes.length, one.nodes[0].html]);
  document.documentElement.dataset.axe = JSON.stringify([found, result.passes.length, document.documentElement.scrollWidth,
    matchMedia("(prefers-color-scheme: dark)").matches]);
});
</script>
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SCRIPTLINT_DOCS", raising=False)
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "net.py").write_text(NET)
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    return tmp_path


def report(folder: Path, *command: str) -> str:
    run([*command, "--no-cache", "--output-format", "html", "--output-file", "page.html"])
    return (folder / "page.html").read_text("utf-8")


def test_every_finding_is_on_the_page_of_check(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = report(project, "check", "--unreached")
    run(["check", "--unreached", "--no-cache", "--output-format", "json"])
    found = json.loads(capsys.readouterr().out)
    assert page.count('<article class="finding ') == len(found) > 5
    for one in found:
        place = f"{one['filename']}:{one['location']['row']}:{one['location']['column']}"
        assert f'<p class="place">{html.escape(place)}' in page
    assert EVIL not in page
    assert html.escape(EVIL) in page
    assert "<title>scriptlint check</title>" in page


def test_codes_lead_to_what_the_page_says_of_the_rule(project: Path) -> None:
    for command in ("check", "modules"):
        page = report(project, command)
        linked = set(re.findall(r'href="#(SL\d+)"', page))
        assert linked
        assert linked == set(re.findall(r'<article id="(SL\d+)">', page))
        assert "<summary>What torch says</summary>" in page


def test_published_pages_are_linked(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "https://" not in report(project, "check")
    monkeypatch.setenv("SCRIPTLINT_DOCS", "https://docs.test")
    assert '<a href="https://docs.test/rules/SL120/">' in report(project, "check")


def test_the_page_of_modules_ranks_and_lists_all(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = report(project, "modules", ".")
    run(["modules", ".", "--no-cache", "--output-format", "json"])
    found = json.loads(capsys.readouterr().out)["modules"]
    assert page.count('<article class="finding ') == len(found) > 5
    for title in ("What blocks most modules", "By rule", "By place", "By file", "Assuming"):
        assert title in page
    for verdict in ("ok", "depends", "blocked"):
        count = sum(one["script"]["verdict"] == verdict for one in found)
        assert re.search(rf"<b>{count}</b>script: {verdict}</div>", page)
    first = page[page.index("By rule") : page.index("By place")]
    assert first.index("SL140") < first.index("SL104"), "what blocks most comes first"


def test_a_page_without_findings(project: Path) -> None:
    (project / "fine.py").write_text("x = 1\n")
    page = report(project, "check", "fine.py")
    assert "All checks passed!" in page
    assert "<table" not in page
    assert "No nn.Module classes found." in report(project, "modules", "fine.py")


@pytest.mark.browser
@pytest.mark.parametrize(("width", "dark"), [(420, True), (1280, False)], ids=["narrow-dark", "wide-light"])
@pytest.mark.parametrize("command", ["check", "modules", "confirm", "nothing"])
def test_axe_has_no_complaint(project: Path, command: str, width: int, dark: bool) -> None:
    words = {
        "check": ["check", "--unreached"],
        "modules": ["modules", "."],
        "confirm": ["confirm", "net.py", "--guess", "--python", sys.executable],
        "nothing": ["check", "nothing.py"],
    }[command]
    (project / "nothing.py").touch()
    page = report(project, *words)
    axe = files("axe_core_python").joinpath("axe.min.js").read_text("utf-8")
    opened = page.replace("<details ", "<details open ")  # what is folded is looked at as well
    (project / "page.html").write_text(opened.replace("</html>", f"{RUN_AXE % axe}</html>"), "utf-8")
    whole = _browse(project / "page.html", width, dark)
    told = re.search(r'data-axe="([^"]*)"', whole)
    assert told is not None
    violations, passes, wide, is_dark = json.loads(html.unescape(told[1]))
    assert is_dark is dark
    assert violations == []
    assert passes > 10
    assert wide <= max(width, 500), (
        "nothing but a table or code scrolls sideways"
    )  # 500: no window of chromium is narrower


def _browse(path: Path, width: int, dark: bool) -> str:
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert browser is not None, "install chromium, or leave these tests out with -m 'not browser'"
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={path.parent / 'profile'}"]
    command += [f"--window-size={width},900", f"--blink-settings=preferredColorScheme={0 if dark else 1}"]
    command += ["--virtual-time-budget=20000", "--dump-dom", path.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
