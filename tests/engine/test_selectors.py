"""Selection: codes, prefixes, names; the more specific selector wins, and the command line adjusts the file."""

import pytest

from scriptlint.engine.registry import all_rules
from scriptlint.engine.rules import FAILURES
from scriptlint.engine.selectors import UnknownSelector, enabled, nearest, rules_of
from scriptlint.engine.settings import Selection

ALL = frozenset(all_rules())


def test_what_selectors_stand_for() -> None:
    assert rules_of("SL903") == {"SL903"}
    assert rules_of("sl903") == {"SL903"}
    assert rules_of("unused-suppression") == {"SL903"}
    assert rules_of("SL9") == {code for code in ALL if code.startswith("SL9")}
    assert rules_of("all") == ALL


@pytest.mark.parametrize("selector", ["", "SL77", "X", "E501", "SL9033", "unused"])
def test_what_names_no_rule_is_refused(selector: str) -> None:
    with pytest.raises(UnknownSelector):
        rules_of(selector)


def test_the_nearest_name_is_offered() -> None:
    assert nearest("unused-supression") == "; did you mean `unused-suppression`?"
    for code in ("SL9033", "sl9033", "S903", "L903", "903", "SL0903", "SL 903", "SL-903"):
        assert nearest(code) == "; did you mean `SL903`?"
    for code in ("SL77", "SL777", "E501", "TS101", "SL"):
        assert nearest(code) == ""
    assert nearest("qqqqqq") == ""


def test_everything_is_on_by_default() -> None:
    assert enabled([Selection(), Selection()]) is None


def test_select_is_the_base_and_failures_stay() -> None:
    assert enabled([Selection(select=("SL903",))]) == {"SL903"} | FAILURES


def test_failures_can_be_ignored_by_name() -> None:
    on = enabled([Selection(ignore=("syntax-error",))])
    assert on == ALL - {"SL901"}


def test_the_more_specific_selector_wins() -> None:
    assert enabled([Selection(select=("SL903",), ignore=("SL9",))]) == {"SL903"}
    assert enabled([Selection(select=("SL9",), ignore=("SL903",))]) == rules_of("SL9") - {"SL903"}
    assert enabled([Selection(select=("SL90",), ignore=("SL9",))]) == rules_of("SL90")
    assert enabled([Selection(extend_select=("unused-suppression",), ignore=("ALL",))]) == {"SL903"}


def test_ignoring_wins_between_equals() -> None:
    assert enabled([Selection(select=("SL903",), ignore=("SL903",))]) == FAILURES
    assert enabled([Selection(select=("SL903",), ignore=("unused-suppression",))]) == FAILURES


def test_extend_ignore_ignores() -> None:
    assert enabled([Selection(extend_ignore=("SL904",))]) == ALL - {"SL904"}


def test_the_command_line_adjusts_the_file() -> None:
    file = Selection(select=("SL903", "SL904"))
    assert enabled([file, Selection(ignore=("SL904",))]) == {"SL903"} | FAILURES
    assert enabled([file, Selection(extend_select=("SL905",))]) == {"SL903", "SL904", "SL905"} | FAILURES
    assert enabled([file, Selection(select=("SL905",))]) == {"SL905"} | FAILURES
    # A prefix on the command line is later, and so beats a code in the file.
    assert enabled([file, Selection(ignore=("SL9",))]) == frozenset()
