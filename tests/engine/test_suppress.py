"""Comments that suppress, what they cover, and what is said about those that do nothing."""

import re

import pytest

from scriptlint.diag import Diagnostic, Span
from scriptlint.engine.suppress import Statements, Suppressions
from scriptlint.syntax.trivia import Comment
from scriptlint.text import SourceFile, applied

PATH = "/net.py"


def read(text: str) -> Suppressions:
    comments = [Comment(match.start(), match[0]) for match in re.finditer(r"#[^\r\n]*", text)]
    return Suppressions(SourceFile(PATH, text), comments, PATH)


def finding(text: str, at: str, code: str = "SL901") -> Diagnostic:
    start = text.index(at)
    return Diagnostic(code, "x", "error", "script", "message", "", Span(PATH, start, start + len(at)))


def covered(text: str, at: str, code: str = "SL901") -> bool:
    return read(text).covers(finding(text, at, code))


@pytest.mark.parametrize(
    "comment",
    [
        "# scriptlint: ignore[SL901]",
        "# scriptlint: ignore[syntax-error] -- because",
        "#scriptlint:ignore[ SL902 , syntax-error ]",
        "# scriptlint: ignore[SL9]",
        "# scriptlint: ignore",
        "# scriptlint: ignore -- because",
        "# type: ignore[x]  # scriptlint: ignore[SL901]",
        "# noqa: SL901",
        "# NOQA:E501,SL901",
        "# noqa: SL901 the reason",
        "# noqa",
        "# noqa -- because",
        "# scriptlint: ignore[SL901]  # noqa: E501",
    ],
)
def test_a_trailing_comment_covers_its_line(comment: str) -> None:
    text = f"before\nbad  {comment}\nafter\n"
    assert covered(text, "bad")
    assert not covered(text, "before")
    assert not covered(text, "after")


@pytest.mark.parametrize(
    "comment",
    [
        "# scriptlint: ignore[SL902]",
        "# scriptlint: ignore[]",
        "# scriptlint: ignore[SL901",
        "# noqa: E501",
        "# noqa: syntax-error",
        "# noqa: SLF001",
        "# noqaSL901",
        "# flake8: noqa",
        "# the scriptlint: ignore[SL901] comment",
    ],
)
def test_what_does_not_cover(comment: str) -> None:
    assert not covered(f"bad  {comment}\n", "bad")


def test_a_finding_is_covered_by_the_line_it_starts_on() -> None:
    text = "call(\n  bad,  # scriptlint: ignore[SL901]\n  more)\n"
    assert covered(text, "bad")
    assert not covered(text, "call(\n  bad")


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_comment_on_its_own_line_covers_the_next_statement(newline: str) -> None:
    text = (
        "def f():\n    # scriptlint: ignore[SL901] -- because\n\n    # why\n    call(\n      bad,\n    )\n    after\n"
    )
    text = text.replace("\n", newline)
    assert covered(text, "call")
    assert covered(text, "bad")
    assert not covered(text, "after")
    assert not covered(text, "def")


def test_it_covers_the_header_of_a_compound_statement_with_its_decorators() -> None:
    text = "# scriptlint: ignore[SL901]\n@one\n@two(\n 1)\n# why\ndef f(\n  x,\n):\n    body\n"
    for part in ("@one", "@two", "def f", "x,"):
        assert covered(text, part)
    assert not covered(text, "body")


def test_in_the_middle_of_an_expression_it_covers_the_next_line() -> None:
    text = "call(\n  # scriptlint: ignore[SL901]\n  bad,\n  after)\n"
    assert covered(text, "bad")
    assert not covered(text, "call")


def test_file_ignore_covers_the_file() -> None:
    assert covered("first\n# scriptlint: file-ignore[SL901]\nlast\n", "first")
    assert not covered("first\n# scriptlint: file-ignore[SL902]\n", "first")
    assert covered("first\n# scriptlint: file-ignore -- generated\n", "first", "SL903")


def about(text: str, *found: Diagnostic, judged: frozenset[str] | None = None) -> list[tuple[str, str, str]]:
    suppressions = read(text)
    for one in found:
        suppressions.covers(one)
    return [(one.code, one.message, text[one.span.start : one.span.end]) for one in suppressions.findings(judged)]


def test_what_is_unused_is_said_name_by_name() -> None:
    text = "bad  # scriptlint: ignore[SL901, internal-error, SL900] -- because\n"
    comment = text[text.index("#") :].rstrip()
    assert about(text, finding(text, "bad")) == [
        ("SL903", "this comment suppresses nothing: `internal-error`, `SL900`", comment)
    ]


def test_a_used_comment_is_not_unused() -> None:
    text = "bad  # scriptlint: ignore[SL901]\n# scriptlint: file-ignore[SL902]\n"
    assert about(text, finding(text, "bad"), finding(text, "bad", "SL902")) == []


def test_every_comment_that_covers_a_finding_is_used() -> None:
    text = "# scriptlint: ignore[SL901]\nbad  # scriptlint: ignore[SL901]\n"
    assert about(text, finding(text, "bad")) == []


def test_bare_comments_of_ours_are_said_and_noqa_of_others_is_not() -> None:
    assert [code for code, _, _ in about("x  # scriptlint: ignore\n# scriptlint: file-ignore\n")] == []
    assert [code for code, _, _ in about("x  # scriptlint: ignore\n")] == ["SL903"]
    assert about("x  # noqa\ny  # noqa: E501\n") == []


def test_a_noqa_that_names_a_rule_of_ours_is_judged_for_that_rule_alone() -> None:
    assert about("x  # noqa: E501, SL901\n") == [
        ("SL903", "this comment suppresses nothing: `SL901`", "# noqa: E501, SL901")
    ]


def test_rules_that_were_not_judged_are_not_called_unused() -> None:
    text = "x  # scriptlint: ignore[SL901, SL902]\ny  # scriptlint: ignore\n"
    assert [message for _, message, _ in about(text, judged=frozenset({"SL902"}))] == [
        "this comment suppresses nothing: `SL902`"
    ]


def test_unknown_and_malformed_comments() -> None:
    text = "x  # scriptlint: ignore[SL901, unused-supression]\ny  # noqa: SL77\nz  # scriptlint: ingore[SL901]\n"
    assert about(text, finding(text, "x")) == [
        (
            "SL904",
            "a suppression comment names `unused-supression`, which is not a rule; did you mean `unused-suppression`?",
            "# scriptlint: ignore[SL901, unused-supression]",
        ),
        ("SL904", "a suppression comment names `SL77`, which is not a rule", "# noqa: SL77"),
        (
            "SL905",
            "a comment that speaks to scriptlint is not understood: `# scriptlint: ingore[SL901]`",
            "# scriptlint: ingore[SL901]",
        ),
    ]


def test_findings_about_comments_can_be_suppressed_by_name() -> None:
    assert about("x  # scriptlint: ignore[SL901]  # scriptlint: ignore[SL903]\n") == []
    assert about("# scriptlint: file-ignore[unused-suppression]\nx  # scriptlint: ignore[SL901]\n") == []


@pytest.mark.parametrize("text", ["", "\n\n", "# only comments\n", "'''\nunfinished", ")\n", "\tx = (\n"])
def test_the_next_statement_of_anything_is_found_without_complaint(text: str) -> None:
    first, last = Statements(SourceFile(PATH, text)).at(1)
    assert 1 <= first <= last


BLOCK = """\
a
b  # scriptlint: off[SL901, internal-error] -- because
c
# scriptlint: on[SL901]
d
# scriptlint: off
e
# scriptlint: on
f
"""


@pytest.mark.parametrize(
    ("code", "lines"),
    [("SL901", "bce"), ("SL902", "bcde"), ("SL900", "e"), ("SL101", "e")],
)
def test_off_covers_to_on(code: str, lines: str) -> None:
    found = read(BLOCK)
    rows = {
        one: Diagnostic(code, "x", "error", "script", "m", "", Span(PATH, at, at))
        for one in "abcdef"
        if (at := f"\n{BLOCK}".index(f"\n{one}")) >= 0
    }
    assert "".join(one for one, at in rows.items() if found.covers(at)) == lines


@pytest.mark.parametrize(
    ("begin", "end", "is_covered"),
    [
        ("off[SL901]", "on[syntax-error]", False),
        ("off[SL901]", "on[SL901] -- enough", False),
        ("off[SL901]", "on", False),
        ("off[SL901]", "on[]", True),
        ("off[SL901]", "on[SL902]", True),
        ("off[SL9]", "on[SL901]", True),
        ("off", "on[SL901]", True),
        ("off", "on", False),
        ("off -- for good", "", True),
        ("off[]", "", False),
        ("Off", "", False),
        ("off-ignore", "", False),
        ("off(SL901)", "", False),
    ],
)
def test_a_block_ends_where_its_rules_are_named(begin: str, end: str, is_covered: bool) -> None:
    text = f"# scriptlint: {begin}\nfirst\n" + (f"# scriptlint: {end}\n" if end else "") + "bad\n"
    assert covered(text, "bad") is is_covered


def test_blocks_that_do_nothing_are_said() -> None:
    text = (
        "# scriptlint: off[SL901, SL902]\nbad\n# scriptlint: off[SL901]\n# scriptlint: on\nx\n# scriptlint: on[SL901]\n"
    )
    assert about(text, finding(text, "bad")) == [
        ("SL905", "a comment that speaks to scriptlint is not understood: `# scriptlint: on[SL901]`", "# scriptlint: on[SL901]"),
        ("SL903", "this comment suppresses nothing: `SL902`", "# scriptlint: off[SL901, SL902]"),
        ("SL903", "this comment suppresses nothing: `SL901`", "# scriptlint: off[SL901]"),
    ]  # fmt: skip
    assert about("# scriptlint: off\nx\n", finding("# scriptlint: off\nx\n", "x")) == []
    assert [code for code, _, _ in about("# scriptlint: off\nx\n")] == ["SL903"]


def test_many_blocks_cost_no_more_than_their_number() -> None:
    text = "".join(f"# scriptlint: off[SL901]\nx{n}\n# scriptlint: on[SL901]\n" for n in range(5_000))
    found = read(text)
    assert found.covers(finding(text, "x4999\n"))
    assert not found.covers(finding(text, "x4999\n", "SL902"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x  # scriptlint: ignore[SL901]\ny\n", "x\ny\n"),
        ("x\ny  # scriptlint: ignore -- because", "x\ny"),
        ("x  # scriptlint: ignore[SL901, SL902] -- because\n", "x  # scriptlint: ignore[SL902] -- because\n"),
        ("x  # scriptlint: ignore[SL902,SL901]\n", "x  # scriptlint: ignore[SL902]\n"),
        ("x  # scriptlint: ignore[syntax-error]  # noqa: E501\n", "x  # noqa: E501\n"),
        ("x  # type: ignore  # scriptlint: ignore[SL901]\n", "x  # type: ignore\n"),
        ("x  # noqa: SL901\n", "x\n"),
        ("x  # noqa: E501, SL901\n", "x  # noqa: E501\n"),
        ("x  # noqa: SL901, E501\n", "x  # noqa: E501\n"),
        ("x  # noqa: SL901 the reason\n", "x  # the reason\n"),
        ("def f():\n    # scriptlint: ignore[SL901]\r\n    x\n", "def f():\n    x\n"),
        ("# scriptlint: file-ignore[SL901]\nx\n", "x\n"),
        ("# scriptlint: off[SL901]\nx\n", None),
    ],
)
def test_what_is_unused_is_removed(before: str, after: str | None) -> None:
    suppressions = read(before)
    suppressions.covers(finding(before, "x", "SL902"))
    fixes = [one.fix for one in suppressions.findings(None) if one.code == "SL903"]
    assert ([applied(before, [one]) for one in fixes if one] or [None]) == [after]
