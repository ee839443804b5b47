"""Edits: what can be applied together, and what that gives."""

from hypothesis import given
from hypothesis import strategies as st

from scriptlint.text import Edit, Fix, Import, applied, compatible
from scriptlint.text.source import decode, encode


def fix(*edits: Edit, imports: tuple[Import, ...] = ()) -> Fix:
    return Fix("a.py", "title", "safe", edits, imports)


def test_a_fix_is_applied_whole_or_not_at_all() -> None:
    first = fix(Edit(0, 2, "x"))
    both = fix(Edit(1, 3, "y"), Edit(6, 7, "z"))
    assert compatible([first, both]) == [first]
    assert applied("abcdefgh", compatible([first, both])) == "xcdefgh"


def test_two_insertions_at_one_place_clash_unless_they_are_the_same() -> None:
    one, same, other = fix(Edit(2, 2, ": int")), fix(Edit(2, 2, ": int")), fix(Edit(2, 2, ": float"))
    assert compatible([one, same, other]) == [one, same]
    assert applied("f(k)", [one, same]) == "f(: intk)"


def test_two_definitions_of_one_name_do_not_go_together() -> None:
    one, other = fix(Edit(0, 0, "def g(y):\n    return y\n")), fix(Edit(5, 5, "    def g(self):\n        return 1\n"))
    third = fix(Edit(7, 7, "def h(y):\n    return y\n"))
    assert compatible([one, other, third]) == [one, third]


def test_lines_at_one_place_stand_together() -> None:
    texts = ["\n    b: int\n", "\n    a: int\n"]
    fixes = [Fix("f.py", "declare", "safe", (Edit(9, 9, text, True),)) for text in texts]
    assert compatible(fixes) == fixes
    assert applied("class A:\n    pass\n", fixes) == "class A:\n\n    a: int\n    b: int\n    pass\n"


def test_an_insertion_at_the_edge_of_a_replacement_is_no_clash() -> None:
    assert applied("abc", compatible([fix(Edit(0, 1, "x")), fix(Edit(1, 1, "!"))])) == "x!bc"
    assert applied("abc", compatible([fix(Edit(1, 2, "x")), fix(Edit(1, 1, "!"))])) == "a!xc"


def test_lines_that_are_copied_end_once() -> None:
    moved = fix(Edit(0, 0, "def f():\r\n    pass\n"))
    assert applied("x\r\n", [moved], "\r\n") == "def f():\r\n    pass\r\nx\r\n"
    assert applied("x\n", [moved]) == "def f():\n    pass\nx\n"


def test_imports_are_merged() -> None:
    wanted = [Import(0, "typing", "Optional"), Import(0, "typing", "List"), Import(0, "torch", "")]
    fixes = [fix(Edit(4 - place, 4 - place, "!"), imports=(one, wanted[0])) for place, one in enumerate(wanted)]
    assert applied("pass", fixes, "\r\n") == "from typing import List, Optional\r\nimport torch\r\npa!s!s!"
    extending = [fix(Edit(0, 0, "#"), imports=(Import(6, "typing", name, ", "),)) for name in ("Dict", "Any")]
    assert applied("import", extending) == "#import, Any, Dict"
    between = [
        fix(Edit(0, 0, "#"), imports=(Import(7, "typing", name, ",\n", ahead=True),)) for name in ("Dict", "Any")
    ]
    assert applied("import Z", between, "\r\n") == "#import Any,\r\nDict,\r\nZ"
    first = fix(Edit(0, 0, "#"), imports=(Import(1, "typing", "Any", ahead=True), Import(1, "math", "", ahead=True)))
    assert applied(" import torch", [first]) == "# import math\nfrom typing import Any\n\nimport torch"


def test_all_edits_of_a_fix_hold_its_imports() -> None:
    one = fix(Edit(9, 9, ": List[int]"), imports=(Import(0, "typing", "List"),))
    assert one.all_edits == [Edit(0, 0, "from typing import List\n"), Edit(9, 9, ": List[int]")]


edits = st.tuples(st.integers(0, 20), st.integers(0, 4), st.text("xyz", max_size=2)).map(
    lambda one: Edit(one[0], min(20, one[0] + one[1]), one[2])
)


@given(st.lists(st.lists(edits, min_size=1, max_size=1).map(lambda one: fix(*one)), max_size=8))
def test_what_lies_outside_of_the_edits_stays(fixes: list[Fix]) -> None:
    text = "abcdefghijklmnopqrst"
    chosen = compatible(fixes)
    touched = {at for one in chosen for edit in one.edits for at in range(edit.start, edit.end)}
    kept = "".join(char for at, char in enumerate(text) if at not in touched)
    made = applied(text, chosen)
    assert "".join(char for char in made if char not in "xyz") == kept
    inserted = {edit for one in chosen for edit in one.edits}
    assert len(made) == len(kept) + sum(len(edit.text) for edit in inserted)


def test_bytes_keep_their_encoding_and_mark() -> None:
    for data in (b"\xef\xbb\xbfx = 1\r\n", "# coding: latin-1\nx = 'ä'\n".encode("latin-1"), "ü = 1".encode()):
        assert encode(decode(data), data) == data
