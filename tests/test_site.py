"""The documentation site: pages are made of everything, links lead somewhere, and citations are there."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType
from urllib.parse import unquote, urlsplit

import pytest

from scriptlint.diag import pages
from scriptlint.engine.registry import all_rules
from scriptlint.engine.settings_help import HELP

ROOT = Path(__file__).parent.parent
SPEC = ROOT / "docs" / "spec"


@pytest.fixture(scope="module")
def builder() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_site", ROOT / "docs" / "build_site.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def made(builder: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("site") / "docs"
    builder.OUT, builder.SITE = folder, folder.parent / "site"
    builder.write_pages()
    return folder


@pytest.fixture(scope="module")
def site(made: Path) -> Path:
    """The site as mkdocs makes it: with --strict, where a page or a link is missing it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "-q", "-f", "mkdocs.yml", "-d", "site"],
        cwd=made.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return made.parent / "site"


def test_every_rule_setting_and_command_has_its_place(made: Path, builder: ModuleType) -> None:
    for code, rule in all_rules().items():
        text = (made / "rules" / f"{code}.md").read_text("utf-8")
        title, facts, page = text.split("\n\n", 2)
        assert title == f"# {code} {rule.name}"
        assert f"**{rule.severity.value}**" in facts
        source = pages.read(code)
        assert source is not None
        assert page.strip() == source.partition("\n")[2].strip()
    settings = (made / "reference" / "settings.md").read_text("utf-8")
    assert re.findall(r"^## (.*)$", settings, re.M) == [one.name for one in HELP]
    assert "## The layers" in (made / "reference" / "design.md").read_text("utf-8")
    commands = (made / "reference" / "commands.md").read_text("utf-8")
    assert re.findall(r"^## scriptlint (.*)$", commands, re.M) == list(builder._COMMANDS)
    assert commands.count("Usage: scriptlint ") == len(builder._COMMANDS)


@pytest.mark.parametrize(
    ("source", "text", "wanted"),
    [
        ("README.md", "[a](docs/guides/ci.md#only-what-is-new)", "[a](guides/ci.md#only-what-is-new)"),
        ("docs/guides/ci.md", "[a](../../README.md) [b](https://x.test/y)", "[a](../index.md) [b](https://x.test/y)"),
        ("docs/rules.md", "[SL101](../rules/syntax/SL101-async-function.md)", "[SL101](SL101.md)"),
        ("README.md", "[`examples`](examples) and `[a](b)`", "[`examples`](examples.md) and `[a](b)`"),
        ("README.md", "```\n[a](nowhere)\n```\n[b](#here)", "```\n[a](nowhere)\n```\n[b](#here)"),
    ],
)
def test_links_lead_to_what_is_made_of_their_target(builder: ModuleType, source: str, text: str, wanted: str) -> None:
    assert builder.relinked(text, source, builder.sources()) == wanted


@pytest.mark.parametrize("link", ["nowhere.md", "docs/guides", "../outside.md", "scriptlint/version.py"])
def test_a_link_that_leads_nowhere_is_an_error(builder: ModuleType, link: str) -> None:
    with pytest.raises(builder.BrokenLink, match=re.escape(link)):
        builder.relinked(f"[a]({link})", "README.md", builder.sources())


class _Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.names: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        for name, value in attributes:
            if name in ("href", "src") and value:
                self.links.append(value)
            if name == "id" and value:
                self.names.add(value)


def test_all_links_of_the_site_lead_somewhere(site: Path) -> None:
    found = {path: _Page(path.read_text("utf-8")) for path in site.rglob("*.html") if path.name != "404.html"}
    assert len(found) > len(all_rules())

    def broken() -> Iterator[str]:
        for path, page in found.items():
            for link in page.links:
                parts = urlsplit(link)
                if parts.scheme or parts.netloc:
                    continue
                target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
                target = target / "index.html" if target.is_dir() else target
                if not target.exists() or (
                    parts.fragment and target in found and unquote(parts.fragment) not in found[target].names
                ):
                    yield f"{path.relative_to(site)}: {link}"

    assert list(broken()) == []


def test_nothing_of_the_site_is_loaded_from_the_network(site: Path) -> None:
    for path in (site / "index.html", site / "rules" / "SL141" / "index.html"):
        loaded = re.findall(r"<(?:script|link|img)[^>]*(?:src|href)=\"?(https?://[^\"\s>]+)", path.read_text("utf-8"))
        assert loaded == []


def test_an_address_in_a_report_is_a_page_of_the_site(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCRIPTLINT_DOCS", "https://docs.test/")
    for code in all_rules():
        address = pages.url(code)
        assert address is not None
        assert (site / address.removeprefix("https://docs.test/") / "index.html").is_file()


def test_what_docstrings_cite_is_in_the_specification() -> None:
    cited = 0
    for path in sorted((ROOT / "scriptlint").rglob("*.py")):
        text = path.read_text("utf-8")
        for name, sections in re.findall(
            r"((?:compile-errors|trace-hazards|torch-export)\.md),? ?(?:sections? )?([\d., and to]*)", text
        ):
            headings = re.findall(r"^#+ (\d+(?:\.\d+)?)[. ]", (SPEC / name).read_text("utf-8"), re.M)
            for number in re.findall(r"\d+(?:\.\d+)?", sections):
                cited += 1
                assert number in headings, f"{path.relative_to(ROOT)}: {name} has no section {number}"
    assert cited > 20
