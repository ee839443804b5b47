"""The walk through CONTRIBUTING.md shows the code and the page that are really there."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
SOURCE = ROOT / "scriptlint" / "script" / "frontend_expr.py"
PAGE = ROOT / "rules" / "syntax" / "SL126-unary-plus.md"


def test_the_code_is_that_of_the_rule() -> None:
    source = SOURCE.read_text(encoding="utf-8")
    outside_of_the_page = TEXT[: TEXT.index("````")]
    for block in re.findall(r"^```python\n(.*?)^```$", outside_of_the_page, re.M | re.S)[1:]:
        assert block in source


def test_the_page_is_that_of_the_rule() -> None:
    (shown,) = re.findall(r"^````markdown\n(.*?)^````$", TEXT, re.M | re.S)
    blessed = re.sub(r"^```compiler\n.*?^```\n\n", "", PAGE.read_text(encoding="utf-8"), flags=re.M | re.S)
    assert shown == blessed


def test_the_files_it_names_are_there() -> None:
    for name in re.findall(r"`((?:scriptlint|tests|rules|docs|benchmarks)/[\w/.-]+)`", TEXT):
        assert (ROOT / name).exists(), name
    for name in re.findall(r"python (\w+/\w+\.py)|pytest (?:-n \d )?(tests/[\w/.]+)", TEXT):
        assert (ROOT / (name[0] or name[1])).exists(), name
