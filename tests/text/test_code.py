"""What of a text is code, and where it is in another text of the same code."""

from __future__ import annotations

import pytest

from scriptlint.text.code import code_of

PLAIN = "def f(x):\n    return (x +\n        1)\n\n\ny = '# no comment'\n"
SAME = {
    "comments on lines": "# a\ndef f(x):\n    # b\n    return (x +\n        1)\n# c\n\n\ny = '# no comment'\n",
    "comments behind": "def f(x):  # a\n    return (x +\n        1)  # b\n\n\ny = '# no comment'# c\n",
    "blank lines": "\n\ndef f(x):\n\n    return (x +\n        1)\ny = '# no comment'\n\n",
    "blanks": "def f(x):  \n    return (x +\n        1)\t\n\n    \ny = '# no comment' \n",
    "no line end": PLAIN[:-1],
}
OTHER = {
    "a name": PLAIN.replace("x +", "z +"),
    "an indentation": PLAIN.replace("    return", "  return"),
    "a comment in brackets": PLAIN.replace("x +", "x +  # a"),
    "a line in brackets": PLAIN.replace("x +\n", "x +\n\n"),
    "blanks in a line": PLAIN.replace("y =", "y  ="),
    "a string": PLAIN.replace("# no", "#  no"),
    "a comment about types": PLAIN.replace("f(x):", "f(x):  # type: (int) -> int"),
    "line ends": PLAIN.replace("\n", "\r\n"),
}


@pytest.mark.parametrize("name", SAME)
def test_the_same_code(name: str) -> None:
    before, after = code_of(PLAIN), code_of(SAME[name])
    assert before is not None
    assert after is not None
    assert after.digest == before.digest
    for word in ("def", "f(x)", "return", "(x +\n        1)", "y", "'# no comment'"):
        start, there = PLAIN.index(word), SAME[name].index(word)
        assert before.moved(start, start + len(word), after) == (there, there + len(word))
        assert after.moved(there, there + len(word), before) == (start, start + len(word))


@pytest.mark.parametrize("name", OTHER)
def test_other_code(name: str) -> None:
    before, after = code_of(PLAIN), code_of(OTHER[name])
    assert before is not None
    assert after is not None
    assert after.digest != before.digest


@pytest.mark.parametrize("text", ["x = (1\n", "x = 1)\n", "x = 'a\n", "x = '''a\n", "x = 1 \\ 2\n"])
def test_what_is_not_known(text: str) -> None:
    assert code_of(text) is None


def test_lines_that_go_on() -> None:
    joined = code_of("x = 1 + \\\n    2\n")
    assert joined is not None
    for text in ("x = 1 + \\\n    2  # a\n", "x = 1 + \\\n    2\n# a\n"):
        other = code_of(text)
        assert other is not None
        assert other.digest == joined.digest
    text = 'x = """\n# a\n\n"""\n'
    string = code_of(text)
    assert string is not None
    assert string.gaps == []


def test_comments_on_lines_count_where_the_compiler_reads_comments() -> None:
    typed = "def f(x):\n    # type: (int) -> int\n    return x\n"
    one, other, behind = code_of(typed), code_of(typed + "    # a\n"), code_of(typed.replace("x\n", "x  # a\n"))
    assert one is not None
    assert other is not None
    assert behind is not None
    assert one.digest != other.digest
    assert one.digest == behind.digest


def test_a_place_in_a_gap_is_not_known_elsewhere() -> None:
    text = "x = 1  # a\n# b\ny = 2\n"
    before, after = code_of(text), code_of("x = 1\ny = 2\n")
    assert before is not None
    assert after is not None
    assert before.moved(text.index("# b"), len(text), after) is None
    assert before.moved(5, 5, after) is None
    assert before.moved(0, 0, after) == (0, 0)
    assert after.moved(6, 6, before) is None
