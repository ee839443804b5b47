"""Options of programs: what they are where none is given, and of which type."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from scriptlint.evaluate.values import Const, Items, Some, Value
from tests.projects import Files

PROGRAM = "import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument({})\n"
DEFAULTS = [
    '"--n", type=int, default=3',
    '"--n", type=int, nargs="?", default=3',
    '"--n", type=float, default="0.5"',
    '"--n", nargs="?"',
    '"--n", nargs="*", default=[]',
    '"--n", type=int, nargs="+", default=[1, 2]',
    '"--n", type=int, nargs=2, default=(1, 2)',
    '"--n", action="store_true"',
    '"--no-n", dest="n", action="store_false"',
    '"n", nargs="?", default="a"',
]
REQUIRED = [("", True), (', nargs="?"', True), (', nargs="+"', False), (", nargs=2", False)]


def _option(declared: str, folder: Path) -> Value:
    files = Files(folder, PROGRAM.format(declared) + "value = parser.parse_args().n\n")
    return files.machine.evaluate_text("value", files.main)


@pytest.mark.parametrize("declared", DEFAULTS)
def test_the_default_is_that_of_argparse(declared: str, tmp_path: Path) -> None:
    namespace: dict[str, object] = {}
    exec(PROGRAM.format(declared), namespace)
    parser = namespace["parser"]
    assert isinstance(parser, argparse.ArgumentParser)
    wanted = parser.parse_args([]).n
    made = _option(declared, tmp_path)
    if isinstance(wanted, (list, tuple)):
        assert isinstance(made, Items)
        assert made.items == [Const(one) for one in wanted]
    else:
        assert made == Const(wanted)


@pytest.mark.parametrize(("nargs", "is_int"), REQUIRED)
def test_an_option_that_must_be_given_is_of_its_type(nargs: str, is_int: bool, tmp_path: Path) -> None:
    assert (_option(f'"n", type=int{nargs}', tmp_path) == Some("int")) is is_int
