"""How lines look in a terminal: carets must stand under what they mean."""

import pytest

from scriptlint.output.cells import Row, width


def under(line: str, part: str, limit: int = 80) -> str:
    """What stands in the cells that a caret for `part` would underline."""
    start = line.index(part)
    row = Row(line, limit, start)
    left, right = row.cell(start), row.cell(start + len(part))
    at, found = 0, ""
    for char in row.text:
        if left <= at < right:
            found += char
        at += width(char)
    return found


@pytest.mark.parametrize(
    "line",
    [
        "x = bad(1)",
        "\tx = bad(1)",
        "ab\tx\tbad",
        '"日本語" + bad',
        "ｆｕｌｌ bad",
        "e\u0301\u0301 bad",
        "\x1b[31m bad",
        "\u202e bad",
    ],
)
def test_carets_stand_under_their_text(line: str) -> None:
    assert under(line, "bad") == "bad"


def test_tabs_reach_the_next_stop() -> None:
    assert Row("a\tb", 80).text == "a   b"
    assert Row("\t\tb", 80).text == "        b"


def test_what_a_terminal_would_obey_is_escaped() -> None:
    assert Row("a\x1b[2Jb\u202ec\x00", 80).text == "a\\x1b[2Jb\\u202ec\\x00"


def test_wide_characters_count_twice() -> None:
    assert Row("日本 x", 80).cell(2) == 4
    assert width("日本") == 4


def test_a_short_line_is_whole() -> None:
    line = "x" * 40
    assert Row(line, 40).text == line


@pytest.mark.parametrize("before", [0, 10, 60, 1000, 100_000])
@pytest.mark.parametrize("after", [50, 1000, 100_000])
def test_a_long_line_is_cut_around_the_caret(before: int, after: int) -> None:
    line = "a" * before + "bad" + "z" * after
    row = Row(line, 40, before)
    assert width(row.text) <= 40
    assert under(line, "bad", 40) == "bad"
    assert row.text.endswith("...")
    assert row.text.startswith("...") == (before > 30)


def test_the_end_of_a_long_line_is_shown_without_a_mark_behind_it() -> None:
    row = Row("a" * 500 + "bad", 40, 500)
    assert row.text.startswith("...")
    assert row.text.endswith("bad")


def test_wide_characters_do_not_break_the_limit() -> None:
    line = "日" * 300 + "bad" + "本" * 300
    assert width(Row(line, 40, 300).text) <= 40
    assert under(line, "bad", 40) == "bad"


def test_columns_that_are_not_shown_count_as_the_edge() -> None:
    row = Row("a" * 500, 40, 250)
    assert row.cell(0) == 3
    assert row.cell(500) == width(row.text) - 3
