"""Makes the documentation site: the pages into build/docs, and with mkdocs the site into site/.

    python docs/build_site.py            make the pages, and the site from them
    python docs/build_site.py --pages    make the pages only

The pages are those of the repository, one for each rule, and what the program says of its settings and commands. A link of
the repository leads to the page that is made of its target; one that leads nowhere is an error.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from click.testing import CliRunner

import scriptlint
from scriptlint.cli import _COMMANDS, _commands
from scriptlint.diag import Rule, pages
from scriptlint.engine.registry import all_rules
from scriptlint.engine.settings import Settings
from scriptlint.engine.settings_help import HELP

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "build" / "docs"
SITE = ROOT / "site"
CODE = re.compile(r"^(```|~~~~?).*?^\1[ \t]*$|(?s:(`+)(?!`)[^\n]*?(?<!`)\2(?!`))", re.M | re.S)
LINK = re.compile(r"(?<=\]\()(?!https?:|#|mailto:)([^)#\s]+)(#[^)\s]*)?(?=\))")
FAMILIES = {
    "1": "Syntax", "2": "Names, attributes, decorators", "3": "Types", "4": "Calls", "5": "Control flow",
    "6": "Classes and modules", "7": "Compiles, and differs or cannot be saved", "8": "Tracing", "9": "The tool itself",
}  # fmt: skip
GUIDES = ("first-model", "library", "ci", "configuration", "reports", "fixing", "confirming", "verdicts")


def sources() -> dict[str, str]:
    """Return the page that is made of each file of the repository, both by their paths."""
    made = {
        "README.md": "index.md",
        "README.zh.md": "zh.md",
        "CHANGELOG.md": "changes.md",
        "CONTRIBUTING.md": "contributing.md",
        "SECURITY.md": "security.md",
        "docs/rules.md": "rules/index.md",
        "docs/terminal.svg": "terminal.svg",
        "LICENSE": "license.md",
        "examples": "examples.md",
    }
    for path in sorted((ROOT / "docs").rglob("*.md")):
        name = path.relative_to(ROOT).as_posix()
        made.setdefault(name, name.removeprefix("docs/"))
    for path in sorted((ROOT / "examples").glob("*.py")):
        made[f"examples/{path.name}"] = "examples.md"
    for code, path in pages.pages().items():
        made[path.relative_to(ROOT).as_posix()] = f"rules/{code}.md"
    return made


class BrokenLink(Exception):
    """A link of a page leads to nothing that has a page."""


def relinked(text: str, source: str, made: Mapping[str, str]) -> str:
    """Return the text of a page with links that lead to pages; raises BrokenLink."""

    def target(match: re.Match[str]) -> str:
        path = os.path.normpath(os.path.join(os.path.dirname(source), match[1])).replace(os.sep, "/")
        if path not in made:
            raise BrokenLink(f"{source}: {match[1]}")
        here = PurePosixPath(made[source]).parent
        return os.path.relpath(made[path], here).replace(os.sep, "/") + (match[2] or "")

    parts, at = [], 0
    for code in CODE.finditer(text):
        parts += [LINK.sub(target, text[at : code.start()]), code[0]]
        at = code.end()
    return "".join([*parts, LINK.sub(target, text[at:])])


def rule_page(rule: Rule, text: str) -> str:
    """Return the page of a rule with what is in the code about it."""
    title, _, rest = text.partition("\n")
    fixable = {"never": "not fixable", "sometimes": "sometimes fixable", "always": "fixable"}[rule.fixable.value]
    whose = {"script": "torch.jit.script", "trace": "torch.jit.trace", "tool": "the tool itself"}[rule.target.value]
    facts = f"**{rule.severity.value}** for {whose} · {fixable} with `--fix` · since {rule.since}"
    return f"{title}\n\n{facts}\n{rest}"


def settings_page() -> str:
    """Return all settings with their defaults and an example of each."""
    defaults = Settings()
    lines = [
        "# Settings",
        "",
        "In the `pyproject.toml` closest to a file, under `[tool.scriptlint]`, or in a `scriptlint.toml` or `.scriptlint.toml`"
        " without that heading. [Configuration](../guides/configuration.md) says how they are found and joined.",
        "",
    ]
    for one in HELP:
        value = getattr(defaults, one.name.replace("-", "_"))
        default = "not set" if value is None else f"`{_toml(value)}`"
        lines += [f"## {one.name}", "", one.text, "", f"Default: {default}", ""]
        lines += ["```toml", "[tool.scriptlint]", f"{one.name} = {one.example}", "```", ""]
    return "\n".join(lines)


def _toml(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f'"{value}"'
        case tuple():
            return f"[{', '.join(map(_toml, value))}]"
    return "{}"


def commands_page() -> str:
    """Return what every command says of itself."""
    parts = ["# Commands", "", "What `scriptlint COMMAND --help` prints.", ""]
    for name in _COMMANDS:
        said = CliRunner().invoke(_commands, [name, "--help"], prog_name="scriptlint", terminal_width=100).output
        parts += [f"## scriptlint {name}", "", "```text", said.rstrip(), "```", ""]
    return "\n".join(parts)


def examples_page() -> str:
    """Return the programs of the folder `examples`."""
    parts = ["# Examples", "", "The models of a tutorial, and the ways in which they are exported.", ""]
    for path in sorted((ROOT / "examples").glob("*.py")):
        parts += [f"## {path.name}", "", "```python", path.read_text(encoding="utf-8").rstrip(), "```", ""]
    return "\n".join(parts)


def design_page() -> str:
    """Return the essay that the package begins with."""
    return "# How it is built\n\n" + re.sub(r"^(.+)\n=+$", r"## \1", scriptlint.__doc__ or "", flags=re.M)


def navigation(made: Mapping[str, str]) -> Iterator[str]:
    """Yield the lines of the site's navigation, which are YAML."""
    titles = {page: _title(OUT / page) for page in {*made.values()} if page.endswith(".md")}
    guides = [f"guides/{name}.md" for name in GUIDES if f"guides/{name}.md" in titles]
    more = sorted(page for page in titles if page.startswith("guides/") and page not in guides)
    yield "  - Overview: index.md"
    yield "  - Guides:"
    for page in [
        *guides,
        *more,
        *(one for one in ("editors.md", "api.md", "packs.md") if one in titles),
        "examples.md",
    ]:
        yield f"      - {_quoted(titles[page])}: {page}"
    yield "  - Rules:"
    yield "      - All rules: rules/index.md"
    for digit, family in FAMILIES.items():
        yield f"      - {_quoted(family)}:"
        for rule in (one for one in all_rules().values() if one.code[2] == digit):
            yield f"          - {rule.code} {rule.name}: rules/{rule.code}.md"
    yield "  - Reference:"
    yield "      - Settings: reference/settings.md"
    yield "      - Commands: reference/commands.md"
    for page in ("spec/compile-errors.md", "spec/trace-hazards.md", "spec/torch-export.md"):
        yield f"      - {_quoted(titles[page])}: {page}"
    yield "  - Measurements:"
    for page in ("accuracy.md", "fixes.md", "confirm.md"):
        yield f"      - {_quoted(titles[page])}: {page}"
    yield "  - Project:"
    yield "      - How it is built: reference/design.md"
    for page in ("contributing.md", "security.md", "changes.md", "license.md"):
        yield f"      - {_quoted(titles[page])}: {page}"
    yield "  - 中文: zh.md"


def _title(page: Path) -> str:
    first = next((line for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("# ")), "# ")
    return first.removeprefix("# ").replace("`", "")


def _quoted(text: str) -> str:
    return '"' + text.replace('"', "'") + '"'


def write_pages() -> None:
    """Write all pages into build/docs."""
    shutil.rmtree(OUT, ignore_errors=True)
    made = sources()
    rules = {f"rules/{code}.md": rule for code, rule in all_rules().items()}
    texts = {
        "reference/design.md": design_page(),
        "reference/settings.md": settings_page(),
        "reference/commands.md": commands_page(),
        "examples.md": examples_page(),
    }
    for source, page in made.items():
        path = ROOT / source
        if page.endswith(".md") and page not in texts and path.is_file():
            text = path.read_text(encoding="utf-8")
            if page == "license.md":
                text = f"# Licence\n\n{text}"
            if page in rules:
                text = rule_page(rules[page], text)
            texts[page] = relinked(text, source, made)
    for page, text in texts.items():
        (OUT / page).parent.mkdir(parents=True, exist_ok=True)
        (OUT / page).write_text(text, encoding="utf-8")
    shutil.copy(ROOT / "docs" / "terminal.svg", OUT / "terminal.svg")
    shutil.copy(ROOT / "docs" / "site.css", OUT / "site.css")
    settings = (ROOT / "docs" / "mkdocs.yml").read_text(encoding="utf-8")
    (OUT.parent / "mkdocs.yml").write_text(settings + "nav:\n" + "\n".join(navigation(made)) + "\n", encoding="utf-8")


def main() -> int:
    """Run the command line."""
    write_pages()
    if "--pages" in sys.argv[1:]:
        return 0
    command = [
        sys.executable,
        "-m",
        "mkdocs",
        "build",
        "--quiet",
        "--strict",
        "--config-file",
        str(OUT.parent / "mkdocs.yml"),
    ]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}  # an advertisement for another program
    return subprocess.run([*command, "--site-dir", str(SITE)], env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
