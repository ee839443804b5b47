"""The README and the guides say what is so: commands are run, Python is given to torch, settings are the code's."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from scriptlint.cli import _commands
from scriptlint.engine.settings import FIELDS, Settings
from tests.judge import Judge

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parent.parent
GUIDES = ROOT / "docs" / "guides"
PAGES = {
    page: page.read_text(encoding="utf-8")
    for page in (ROOT / "README.md", ROOT / "README.zh.md", *sorted(GUIDES.glob("*.md")))
}
DOCTEST = """
import doctest, sys

examples = doctest.DocTestParser().get_doctest({text!r}, {{}}, "README.md", None, 0)
runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
runner.run(examples)
if runner.failures:
    raise AssertionError("the README says otherwise")
"""


def blocks(kind: str) -> list[str]:
    """The fenced blocks of one kind, each once."""
    found = [block for page in PAGES.values() for block in re.findall(rf"^```{kind}\n(.*?)^```$", page, re.M | re.S)]
    return list(dict.fromkeys(found))


def files() -> dict[str, str]:
    """The files that the pages show."""
    return {block.split()[1]: block for block in blocks("python")}


def test_what_is_printed_is_what_the_readme_shows() -> None:
    # The console blocks and the table of rules.
    done = subprocess.run(
        [sys.executable, "docs/readme.py", "--check"],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("text", blocks("pycon"))
def test_torch_does_what_the_readme_says(judge: Judge, text: str) -> None:
    verdict = judge.run(DOCTEST.format(text=text), others=files(), name="session.py")
    assert verdict.verdict == "ok", verdict.output


def test_torch_takes_every_file(judge: Judge) -> None:
    for name, text in files().items():
        assert judge.run(text, name=name).verdict == "ok"


@pytest.mark.parametrize("line", [line for block in blocks("sh") for line in block.splitlines()])
def test_commands_exist(line: str) -> None:
    words = line.partition("#")[0].split()
    if words[:2] == ["pip", "install"] or not words:
        return  # `make demo` and the test of the hook install it
    assert words[0] == "scriptlint"
    # The paths are the reader's, so a command that needs them is parsed only.
    arguments = [*words[1:], "--help"]
    assert CliRunner().invoke(_commands, arguments).exit_code == 0


def test_all_settings_and_their_defaults() -> None:
    block, confirm = blocks("toml")
    FIELDS["confirm"](tomllib.loads(confirm)["tool"]["scriptlint"]["confirm"])
    told = tomllib.loads(block)["tool"]["scriptlint"]
    unset = tomllib.loads("\n".join(re.findall(r"^# ([a-z-]+ = .*)$", block, re.M)))
    assert sorted([*told, *unset]) == sorted(name.replace("_", "-") for name in FIELDS)
    defaults = Settings()
    for key, value in told.items():
        name = key.replace("-", "_")
        assert FIELDS[name](value) == getattr(defaults, name), key
    for key, value in unset.items():
        name = key.replace("-", "_")
        FIELDS[name](value)
        assert getattr(defaults, name) is None, key


def test_the_hooks_are_ours() -> None:
    hooks = [block for block in blocks("yaml") if ".pre-commit-config.yaml" in block]
    (block,) = hooks  # the same wherever it is shown
    used = re.findall(r"- id: (\S+)", block)
    assert used == re.findall(r"^- id: (\S+)", (ROOT / ".pre-commit-hooks.yaml").read_text(), re.M)


def test_exit_codes_are_those_of_the_help() -> None:
    told = CliRunner().invoke(_commands, ["check", "--help"]).output.partition("Exit codes:")[2]
    meanings = dict(re.findall(r"^\s+(\d)\s+(.+?)(?=^\s+\d\s|\Z)", told, re.M | re.S))
    rows = dict(re.findall(r"^\| (\d) \| (.+) \|$", PAGES[GUIDES / "ci.md"], re.M))
    assert rows.keys() == meanings.keys()
    for code, meaning in meanings.items():
        assert " ".join(meaning.split()) in rows[code]


def test_the_picture_is_of_the_text_below_it() -> None:
    picture = ElementTree.parse(ROOT / "docs" / "terminal.svg")
    drawn = "".join(
        text.text or ""
        for text in picture.iter("{http://www.w3.org/2000/svg}text")
        if "title" not in text.attrib.get("class", "")
    )
    shown = next(block for block in blocks("console") if block.startswith("$ scriptlint net.py\n"))
    assert _squeezed(drawn) == _squeezed(shown), "run `python docs/terminal.py`"
    root = picture.getroot()
    (title,) = root.findall("{http://www.w3.org/2000/svg}title")
    assert (root.attrib["role"], root.attrib["aria-labelledby"]) == ("img", title.attrib["id"])
    assert title.text


@pytest.mark.parametrize(
    "page", sorted(ROOT.glob("*.md")) + sorted((ROOT / "docs").rglob("*.md")), ids=lambda one: one.name
)
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```$|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    for link, anchor in re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)", text):
        target = page.parent / link if link else page
        assert target.exists(), link
        if anchor:
            titles = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.M)
            assert anchor in [re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in titles], anchor


def test_the_readme_is_short() -> None:
    for name in ("README.md", "README.zh.md"):
        assert len((ROOT / name).read_text(encoding="utf-8").splitlines()) <= 170


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)
